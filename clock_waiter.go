package gocron

import (
	"sync/atomic"
	"time"

	"github.com/jonboulle/clockwork"
)

// On an injected clock every scheduled job has one waiter, and so has every run that waits for
// another attempt: programs that drive a fake clock count them. A waiter only nudges the scheduler
// goroutine; the timetable stays the only truth.
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
