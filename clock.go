package gocron

import (
	"context"
	"math"
	"reflect"
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// isRealClock tells clockwork's real clock from any other.
func isRealClock(c clockwork.Clock) bool {
	return reflect.TypeOf(c) == reflect.TypeOf(clockwork.NewRealClock())
}

// realNow is the time for those who have no scheduler with a clock.
func realNow() time.Time { return time.Now() }

// newRealTimer is a timer in real time, whatever the scheduler's clock.
func newRealTimer(d time.Duration) *time.Timer { return time.NewTimer(d) }

// afterReal calls f, on a goroutine of its own, after d of real time.
func afterReal(d time.Duration, f func()) { time.AfterFunc(d, f) }

// withTimeout bounds a task, in real time as well.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, ErrRunTimeout)
}

// longestNap bounds how long the scheduler sleeps while anything is booked: Go's
// timers stand still while the machine does, and know nothing of clock steps, so
// the wall clock has to be looked at.
const longestNap = time.Minute

// never is the time left until the first job of an empty timetable is due.
const never time.Duration = math.MaxInt64

// nap is how long the scheduler goroutine may sleep on the real clock when the
// first time booked is that far ahead.
func nap(left time.Duration) time.Duration {
	if left == never {
		return never
	}
	return min(left, longestNap)
}

// A sleeper is the real-time timer of one scheduler goroutine. A tick that is
// left over from an earlier sleep makes it look at the timetable once too
// often, which does no harm, so it never needs draining.
type sleeper struct {
	timer *time.Timer
}

// sleep returns after d, or when something arrives on nudges or stopping.
func (s *sleeper) sleep(d time.Duration, nudges, stopping <-chan struct{}) {
	var tick <-chan time.Time
	if d != never {
		if s.timer == nil {
			s.timer = time.NewTimer(d)
		} else {
			s.timer.Reset(d)
		}
		tick = s.timer.C
	}
	select {
	case <-tick:
	case <-nudges:
	case <-stopping:
	}
}

func (s *sleeper) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}

// A waiter is a timer on an injected clock. There every scheduled job has one, and so has every
// run that waits for another attempt: programs that drive a fake clock count them. A waiter only
// nudges the scheduler goroutine; the timetable stays the only truth.
type waiter struct {
	at    time.Time
	timer clockwork.Timer
	rang  atomic.Bool
}

// setWaiterLocked puts j's waiter on the clock.
func (s *scheduler) setWaiterLocked(j *internalJob, at, now time.Time) {
	s.stopWaiterLocked(j)
	j.makeRareState().waiter = s.newWaiterLocked(at, now, s.session)
}

// newWaiterLocked puts a waiter on the clock.
func (s *scheduler) newWaiterLocked(at, now time.Time, sess *session) *waiter {
	w := &waiter{at: at}
	ring := func() {
		if !w.rang.Swap(true) {
			s.wakeups.Add(1)
		}
		sess.nudge()
	}
	// The clock may be advanced before it has the waiter, which would then ring
	// late. One that moves all the time, as the real one does, is off by no more
	// than it moves between two readings, at whichever try.
	for try := 1; ; try++ {
		w.timer = s.clock.AfterFunc(at.Sub(now), ring)
		moved := s.clock.Now()
		if moved.Equal(now) || try == 3 {
			break
		}
		w.timer.Stop()
		now = moved
	}
	return w
}

// stopWaiterLocked ends j's waiter.
func (s *scheduler) stopWaiterLocked(j *internalJob) {
	if x := j.rareState(); x.waiter != nil {
		s.endWaiterLocked(x.waiter)
		x.waiter = nil
	}
}

func (s *scheduler) endWaiterLocked(w *waiter) {
	w.timer.Stop()
	if w.rang.Load() {
		s.wakeups.Add(-1)
	}
}

// retimeRetriesLocked gives the runs that wait for their next attempt new waiters: how long they
// still wait is the same, but the clock was set.
func (s *scheduler) retimeRetriesLocked(now time.Time) {
	for _, e := range s.retries.entries {
		if w := e.item.record.waiter; w != nil {
			s.endWaiterLocked(w)
			e.item.record.waiter = s.newWaiterLocked(s.retryTimeLocked(e.item), now, e.item.session)
		}
	}
}

// renewWaitersLocked is called when nothing is due on an injected clock. Where a job's waiter rang
// all the same, the clock was set back: it gets a new one.
func (s *scheduler) renewWaitersLocked(now time.Time) {
	if s.wakeups.Load() <= 0 {
		return
	}
	renewed := int32(0)
	s.wakeups.Store(0) // a waiter that rang after it was stopped is in it for nothing
	for _, h := range []*heap[*internalJob]{&s.timetable.wall, &s.timetable.elapsed} {
		for _, e := range h.entries {
			if w := e.item.rareState().waiter; w != nil && w.rang.Load() {
				s.setWaiterLocked(e.item, w.at, now)
				renewed++
			}
		}
	}
	for _, e := range s.retries.entries {
		if w := e.item.record.waiter; w != nil && w.rang.Load() {
			s.endWaiterLocked(w)
			e.item.record.waiter = s.newWaiterLocked(w.at, now, e.item.session)
			renewed++
		}
	}
	s.wakeups.Add(renewed) // endWaiterLocked has taken them off
}
