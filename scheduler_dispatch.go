package gocron

import (
	"runtime"
	"time"
)

// dispatchBatch bounds how many due jobs are dispatched before others get a
// chance at the lock.
const dispatchBatch = 128

// now is the time on the scheduler's clock, with its monotonic reading if it
// has one.
func (s *scheduler) now() time.Time { return s.clock.Now() }

// dispatch is the scheduler goroutine of one session: it dispatches the jobs
// that are due and sleeps until the next one is.
func (s *scheduler) dispatch(sess *session) {
	var sleeper sleeper
	defer sleeper.stop()
	for {
		left, ended := s.dispatchDue(sess)
		if ended {
			return
		}
		if left > 0 {
			sleeper.sleep(left, sess.nudges, sess.stopping)
		} else {
			runtime.Gosched() // others get a chance at the lock
		}
	}
}

// dispatchDue dispatches a batch of due jobs and retries. It returns how long the scheduler
// goroutine may sleep, and whether its session has ended.
func (s *scheduler) dispatchDue(sess *session) (time.Duration, bool) {
	s.lock()
	defer s.unlock()
	if sess.stopped {
		s.lessBusyLocked(sess)
		return 0, true
	}
	sess.looking = true
	defer func() { sess.looking = false }()
	now := s.lookAtClockLocked()
	for range dispatchBatch {
		j := s.timetable.popDue(now)
		if j == nil || !s.dispatchLocked(j, now) {
			break
		}
		s.settleLocked()
	}
	s.requeueRetriesLocked(now)
	s.settleLocked()
	wall, elapsed := s.timetable.left(now)
	left := min(wall, elapsed, s.retryLeftLocked(now))
	if !s.onRealClock && left > 0 {
		s.renewWaitersLocked(now)
		return never, false
	}
	return nap(left), false
}

// dispatchLocked sees to a job whose time in the timetable has come. It reports whether it is
// done with it.
func (s *scheduler) dispatchLocked(j *internalJob, now time.Time) bool {
	due := j.next
	if due.IsZero() { // it was entered for the end of its waiting runs
		s.stopWaiterLocked(j)
		if !s.dropSomeLocked(j) {
			s.setNextLocked(j, time.Time{}, now) // for the rest of them, when others had a chance at the lock
			return false
		}
		s.cancelUndeliveredLocked(j)
		s.changedLocked(j, s.session)
		return true
	}
	s.setNextLocked(j, time.Time{}, now)
	due = j.plainTime(due, now)
	s.reachStartLocked(j, due, now)
	if j.userCron() {
		j.makeRareState().cronLast = due
	}
	if s.leaveToCatchUpLocked(j, due, now) {
		s.changedLocked(j, s.session)
		return true
	}
	passed := j.firstPassedOver(due, now)
	s.fireLocked(j, due, TriggerSchedule, now)
	if !j.allReserved() { // else this run is the last, and nothing was due after it
		s.passOverLocked(j, due, now, passed)
	}
	s.changedLocked(j, s.session)
	return true
}
