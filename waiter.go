package gocron

import (
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// On an injected clock every scheduled job has one waiter, and so has every run
// that waits for another attempt: programs that drive a fake clock count them. A waiter only nudges the scheduler goroutine; the
// timetable stays the only truth.
type waiter struct {
	at    time.Time
	timer clockwork.Timer
	rang  atomic.Bool
}

// setWaiter puts j's waiter on the clock. The caller holds mu.
func (s *scheduler) setWaiter(j *internalJob, at, now time.Time) {
	s.stopWaiter(j)
	j.setState().waiter = s.newWaiter(at, now, s.session)
}

// newWaiter puts a waiter on the clock. The caller holds mu.
func (s *scheduler) newWaiter(at, now time.Time, sess *session) *waiter {
	w := &waiter{at: at}
	ring := func() {
		if !w.rang.Swap(true) {
			s.rung.Add(1)
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

// stopWaiter ends j's waiter. The caller holds mu.
func (s *scheduler) stopWaiter(j *internalJob) {
	if x := j.state(); x.waiter != nil {
		s.endWaiter(x.waiter)
		x.waiter = nil
	}
}

func (s *scheduler) endWaiter(w *waiter) {
	w.timer.Stop()
	if w.rang.Load() {
		s.rung.Add(-1)
	}
}

// retimeRetries gives the runs that wait for their next attempt new waiters: how long they still wait
// is the same, but the clock was set. The caller holds mu.
func (s *scheduler) retimeRetries(now time.Time) {
	for _, e := range s.retries.entries {
		if w := e.item.record.waiter; w != nil {
			s.endWaiter(w)
			e.item.record.waiter = s.newWaiter(s.retryTime(e.item), now, e.item.session)
		}
	}
}

// renewWaiters is called when nothing is due on an injected clock. Where a job's
// waiter rang all the same, the clock was set back: it gets a new one. The
// caller holds mu.
func (s *scheduler) renewWaiters(now time.Time) {
	if s.rung.Load() <= 0 {
		return
	}
	renewed := int32(0)
	s.rung.Store(0) // a waiter that rang after it was stopped is in it for nothing
	for _, h := range []*heap[*internalJob]{&s.timetable.wall, &s.timetable.elapsed} {
		for _, e := range h.entries {
			if w := e.item.state().waiter; w != nil && w.rang.Load() {
				s.setWaiter(e.item, w.at, now)
				renewed++
			}
		}
	}
	for _, e := range s.retries.entries {
		if w := e.item.record.waiter; w != nil && w.rang.Load() {
			s.endWaiter(w)
			e.item.record.waiter = s.newWaiter(w.at, now, e.item.session)
			renewed++
		}
	}
	s.rung.Add(renewed) // endWaiter has taken them off
}
