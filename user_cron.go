package gocron

import (
	"bytes"
	"reflect"
	"runtime"
	"strconv"
	"sync"
	"time"
)

// Cron reads crontabs for cron jobs in place of the default one, see
// WithCronImplementation. Calls of one value never overlap, whatever jobs share
// it, unless they are made from inside one another.
//
// Next is called on the goroutine of NewJob, Update or Start, and, when the job
// has fallen due, on one of its own. Nothing is locked: it may call any method of
// the scheduler. A panic there ends the program.
type Cron interface {
	// IsValid is called once for each job, before Next, with CronJob's
	// crontab, the job's location and the present time. An error refuses the
	// job and is returned by NewJob as it is.
	IsValid(crontab string, location *time.Location, now time.Time) error
	// Next returns the first time after lastRun, which is the time the job
	// was last due or the present one. A time that is not after lastRun means
	// that there is no further run.
	Next(lastRun time.Time) time.Time
}

// userCron is the schedule of a job with a Cron of the user's. Its next calls
// that, so it must not be asked with a lock held.
type userCron struct {
	crontab string
	cron    Cron
	key     any // calls under one key never overlap
}

func newUserCron(crontab string, cfg scheduleConfig) (schedule, error) {
	u := &userCron{crontab: crontab, cron: cfg.cron}
	u.key = u.callKey(cfg.job)
	defer cronCalls.enter(u.key)()
	if err := u.cron.IsValid(crontab, cfg.location, cfg.now); err != nil {
		return nil, err
	}
	return u, nil
}

func (u *userCron) next(anchor, t time.Time) time.Time {
	t = t.In(anchor.Location())
	defer cronCalls.enter(u.key)()
	next := u.cron.Next(t)
	if !next.After(t) {
		return time.Time{}
	}
	return withinYears(next)
}

func (u *userCron) public() JobSchedule {
	return CronJobSchedule{Crontab: u.crontab}
}

// callKey is the Cron itself if it is a pointer to something. Other values may be
// equal by chance, and all pointers to nothing are: they are told apart by
// scheduler, and, if they can't be compared, by job.
func (u *userCron) callKey(j *internalJob) any {
	var owner *scheduler
	if j != nil {
		owner = j.s
	}
	v := reflect.ValueOf(u.cron)
	switch {
	case v.Kind() == reflect.Pointer && !v.IsNil() && v.Type().Elem().Size() > 0:
		return u.cron
	case v.Comparable() && u.cron == u.cron:
		return struct {
			owner *scheduler
			cron  Cron
		}{owner, u.cron}
	default:
		return u
	}
}

// callSerializer lets one goroutine at a time make calls under a key. It never
// makes one wait for itself: not for a call that it is inside of, nor for one
// that waits for such a call.
type callSerializer struct {
	mu      sync.Mutex
	owners  map[any]*callOwner // only keys with a call going on
	waiting map[uint64]any     // which key a goroutine waits for
}

type callOwner struct {
	goroutine uint64
	depth     int
	free      sync.Cond // of the owner's key alone
}

// cronCalls spans all schedulers, as a Cron may be used in several.
var cronCalls = newCallSerializer()

func newCallSerializer() *callSerializer {
	return &callSerializer{owners: map[any]*callOwner{}, waiting: map[uint64]any{}}
}

// enter waits until the calling goroutine may make a call, and returns what it
// must call afterwards.
func (c *callSerializer) enter(key any) (leave func()) {
	self := goroutineID()
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		owner := c.owners[key]
		switch {
		case owner == nil:
			owner = &callOwner{goroutine: self, depth: 1}
			owner.free.L = &c.mu
			c.owners[key] = owner
			return func() { c.leave(key, owner) }
		case owner.goroutine == self:
			owner.depth++
			return func() { c.leave(key, owner) }
		case c.waitsForSelf(self, owner):
			return func() {}
		}
		c.waiting[self] = key
		owner.free.Wait()
		delete(c.waiting, self)
	}
}

// waitsForSelf reports whether owner waits, through whatever chain, for a call
// that self is inside of.
func (c *callSerializer) waitsForSelf(self uint64, owner *callOwner) bool {
	for owner != nil && owner.goroutine != self {
		key, waits := c.waiting[owner.goroutine]
		if !waits {
			return false
		}
		owner = c.owners[key]
	}
	return owner != nil
}

func (c *callSerializer) leave(key any, owner *callOwner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	owner.depth--
	if owner.depth == 0 {
		delete(c.owners, key)
		owner.free.Broadcast()
	}
}

// goroutineID reads the number out of "goroutine 7 [running]:".
func goroutineID() uint64 {
	var buf [64]byte
	fields := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	id, _ := strconv.ParseUint(string(fields[1]), 10, 64)
	return id
}
