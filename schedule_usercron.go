package gocron

import (
	"reflect"
	"sync"
	"time"
)

// Cron reads crontabs for cron jobs in place of the default one, see WithCronImplementation. A
// scheduler makes one call of a value at a time, whatever jobs share it. Schedulers that share a
// value need one that may be called concurrently.
//
// The methods are called with nothing locked, and may call any method of the scheduler, with one
// exception: Next must not make, update, start or resume a job with this Cron, nor ask such a job
// for NextRuns, since that waits for Next. A slow Cron holds up its own jobs only. A panic in it
// ends the program.
type Cron interface {
	// IsValid is called once for each job, before Next, with CronJob's
	// crontab, the job's location and the present time. An error refuses the
	// job and is returned by NewJob as it is.
	IsValid(crontab string, location *time.Location, now time.Time) error
	// Next returns the first time after lastRun. A running scheduler asks for the time after the
	// present one when the job is added, and later for the one after the time when the job was due
	// last; if that is not in the future, it asks for the one after the present time. At a later
	// Start a time equal to the present one is due at once. A time that is not after lastRun means
	// that there is no further run.
	Next(lastRun time.Time) time.Time
}

// userCron is the schedule of a job with a Cron of the user's. Its next calls
// that, so it must not be asked with a lock held.
type userCron struct {
	crontab string
	cron    Cron
	key     any        // calls under one key never overlap
	turns   *cronTurns // the scheduler's
}

func newUserCron(crontab string, cfg scheduleConfig) (schedule, error) {
	u := &userCron{crontab: crontab, cron: cfg.cron, turns: &cronTurns{}}
	if cfg.job != nil {
		u.turns = &cfg.job.s.cronTurns
	}
	u.key = u.callKey()
	defer u.turns.take(u.key)()
	if err := u.cron.IsValid(crontab, cfg.location, cfg.now); err != nil {
		return nil, err
	}
	return u, nil
}

func (u *userCron) next(anchor, t time.Time) time.Time {
	t = t.In(anchor.Location())
	defer u.turns.take(u.key)()
	next := u.cron.Next(t)
	if !next.After(t) {
		return time.Time{}
	}
	return withinYears(next)
}

// nextFrom is the time after last, so that the Cron keeps its phase, or, if that has passed at from
// or there was no last, the one after from. From itself has passed, unless it is the moment of
// Start.
func (u *userCron) nextFrom(anchor, last, from time.Time, atStart bool) time.Time {
	if !last.IsZero() {
		if next := u.next(anchor, last); next.IsZero() || next.After(from) || atStart && next.Equal(from) {
			return next
		}
	}
	return u.next(anchor, from)
}

func (u *userCron) public() JobSchedule {
	return CronJobSchedule{Crontab: u.crontab}
}

// callKey is the Cron itself if that can be told from others: a pointer to something, or another
// value that can be compared. Else every job has its own.
func (u *userCron) callKey() any {
	v := reflect.ValueOf(u.cron)
	emptyPointer := v.Kind() == reflect.Pointer && (v.IsNil() || v.Type().Elem().Size() == 0)
	if !emptyPointer && v.Comparable() && u.cron == u.cron {
		return u.cron
	}
	return u
}

// cronTurns lets one goroutine at a time call a Cron. It is a scheduler's own: who waits for a turn
// waits on a channel that was made in the scheduler's synctest bubble, if there is one.
type cronTurns struct {
	mu    sync.Mutex
	turns map[any]*cronTurn // of those that are being called
}

type cronTurn struct {
	taken chan struct{} // capacity 1: full while the Cron is called
	users int           // that call it or wait; cronTurns' mu guards it
}

// take waits for a turn, and returns what ends it.
func (c *cronTurns) take(key any) (end func()) {
	c.mu.Lock()
	turn := c.turns[key]
	if turn == nil {
		if c.turns == nil {
			c.turns = make(map[any]*cronTurn)
		}
		turn = &cronTurn{taken: make(chan struct{}, 1)}
		c.turns[key] = turn
	}
	turn.users++
	c.mu.Unlock()
	turn.taken <- struct{}{}
	return func() {
		<-turn.taken
		c.mu.Lock()
		defer c.mu.Unlock()
		if turn.users--; turn.users == 0 {
			delete(c.turns, key)
		}
	}
}
