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
// WithCronImplementation. Calls of one value never overlap, whatever jobs and
// schedulers share it.
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
}

func newUserCron(crontab string, cfg scheduleConfig) (schedule, error) {
	u := &userCron{crontab: crontab, cron: cfg.cron}
	defer cronCalls.enter(u.key())()
	if err := u.cron.IsValid(crontab, cfg.location, cfg.now); err != nil {
		return nil, err
	}
	return u, nil
}

func (u *userCron) next(anchor, t time.Time) time.Time {
	t = t.In(anchor.Location())
	defer cronCalls.enter(u.key())()
	next := u.cron.Next(t)
	if !next.After(t) {
		return time.Time{}
	}
	return withinYears(next)
}

func (u *userCron) public() JobSchedule {
	return CronJobSchedule{Crontab: u.crontab}
}

// key is what calls are serialised by: the Cron, or the schedule alone if its
// Cron cannot be told from others.
func (u *userCron) key() any {
	if reflect.ValueOf(u.cron).Comparable() && u.cron == u.cron {
		return u.cron
	}
	return u
}

// callSerializer lets one goroutine at a time make calls under a key; that one
// may nest them.
type callSerializer struct {
	mu   sync.Mutex
	free sync.Cond
	busy map[any]*callOwner // only keys with a call going on
}

type callOwner struct {
	goroutine uint64
	depth     int
}

// cronCalls spans all schedulers, as a Cron may be used in several.
var cronCalls = newCallSerializer()

func newCallSerializer() *callSerializer {
	c := &callSerializer{busy: map[any]*callOwner{}}
	c.free.L = &c.mu
	return c
}

// enter waits until the calling goroutine may make a call, and returns what it
// must call afterwards.
func (c *callSerializer) enter(key any) (leave func()) {
	self := goroutineID()
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.busy[key] != nil && c.busy[key].goroutine != self {
		c.free.Wait()
	}
	owner := c.busy[key]
	if owner == nil {
		owner = &callOwner{goroutine: self}
		c.busy[key] = owner
	}
	owner.depth++
	return func() { c.leave(key, owner) }
}

func (c *callSerializer) leave(key any, owner *callOwner) {
	c.mu.Lock()
	defer c.mu.Unlock()
	owner.depth--
	if owner.depth == 0 {
		delete(c.busy, key)
		c.free.Broadcast()
	}
}

// goroutineID reads the number out of "goroutine 7 [running]:".
func goroutineID() uint64 {
	var buf [64]byte
	fields := bytes.Fields(buf[:runtime.Stack(buf[:], false)])
	id, _ := strconv.ParseUint(string(fields[1]), 10, 64)
	return id
}
