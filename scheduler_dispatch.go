package gocron

import (
	"fmt"
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

// fireLocked makes a run of j that is due and books the job's next time. Nothing
// happens when no limited run is left.
func (s *scheduler) fireLocked(j *internalJob, due time.Time, by Trigger, now time.Time) {
	if j.ended || j.allReserved() {
		return
	}
	if j.countsFromLast() && by == TriggerSchedule {
		j.anchor = due
	}
	if j.rareState().paused && j.keepsOccurrences() {
		j.keep(due, by)
		s.bookLocked(j, due, now, now)
		return
	}
	if by == TriggerStartImmediately {
		due = due.In(j.location())
	}
	r := s.newRunLocked(j, due, by)
	switch {
	case j.settings().fromCompletion:
		j.completing++
	case by == TriggerStartImmediately:
		s.bookLocked(j, time.Time{}, due, now)
	default:
		s.bookLocked(j, due, now, now)
	}
	s.admitLocked(r, now)
}

// newRunLocked fixes the identity of a run, and reserves one of WithLimitedRuns for it.
func (s *scheduler) newRunLocked(j *internalJob, due time.Time, by Trigger) *run {
	return s.newRunInLocked(s.session, j, due, by)
}

// newRunInLocked is newRunLocked for a session.
func (s *scheduler) newRunInLocked(sess *session, j *internalJob, due time.Time, by Trigger) *run {
	s.runSeq++
	if j.limitedRuns > 0 {
		j.reserved++
	}
	sess.live++
	r := &run{job: j, session: sess, id: s.runSeq, turn: s.runSeq, scheduledAt: due, trigger: by}
	x := j.settings()
	if s.recordsRuns || x.recorded || s.watchers.any() {
		r.record = &runRecord{run: r}
	}
	if x.jitter > 0 && by == TriggerSchedule {
		if nominal := j.nominalTime(due); nominal.Before(due) {
			if r.record == nil {
				r.record = &runRecord{run: r}
			}
			r.scheduledAt, r.record.delay = nominal, due.Sub(nominal)
		}
	}
	if l := j.ledger(); l != nil && r.isOccurrence() {
		l.dispatched(r.scheduledAt)
	}
	return r
}

// runNow is RunNow of a handle. The run has the given record, unless that is nil.
func (s *scheduler) runNow(handle *internalJob, rec *runRecord) error {
	s.lock()
	defer s.unlock()
	j, ended, err := s.jobAndContextLocked(handle)
	if s.closed {
		s.logRunNowFailedLocked(handle, "the scheduler has been shut down")
		return ErrJobRunNowFailed
	}
	if err != nil {
		return err
	}
	now := s.lookAtClockLocked()
	reason := s.runNowFailsLocked(j, ended, now)
	switch {
	case reason != "":
		s.logRunNowFailedLocked(j, reason)
		return ErrJobRunNowFailed
	case !j.announced && rec != nil: // who waits for the run might hold up the announcement
		s.logRunNowFailedLocked(j, "the job is being announced")
		return ErrJobRunNowFailed
	case !j.announced:
		x := j.makeRareState()
		if x.askedIn != s.session {
			x.runNows, x.askedIn = 0, s.session
		}
		x.runNows++
		return nil
	default:
		return s.fireNowLocked(j, rec, now)
	}
}

// runNowFailsLocked is why RunNow of j fails now, "" if it does not. The user's context is known to
// have ended if ended is set.
func (s *scheduler) runNowFailsLocked(j *internalJob, ended bool, now time.Time) string {
	switch {
	case s.draining != nil:
		return "the scheduler is being stopped"
	case s.session == nil:
		return "the scheduler is not running"
	case ended, j.ended:
		return "the context given by WithContext has ended"
	case j.window().isOver(now):
		return "the job's stop time has passed: " + timeText(j.window().stop)
	}
	return ""
}

// logRunNowFailedLocked has the logger say why RunNow has failed: its error is compared with ==.
func (s *scheduler) logRunNowFailedLocked(j *internalJob, reason string) {
	if s.quiet {
		return
	}
	s.unlocked(func() {
		s.logger.Debug("gocron: RunNow failed", "job", j.Name(), "id", j.id, "reason", reason)
	})
}

// fireNowLocked makes a run that RunNow has asked for.
func (s *scheduler) fireNowLocked(j *internalJob, rec *runRecord, now time.Time) error {
	if j.ended || j.allReserved() {
		if rec != nil {
			return fmt.Errorf("%w: no run is left of WithLimitedRuns", ErrJobRunNowFailed)
		}
		return nil
	}
	r := s.newRunLocked(j, now, TriggerRunNow)
	if rec != nil {
		rec.run, r.record = r, rec
	}
	if j.allReserved() {
		s.setNextLocked(j, time.Time{}, now)
	}
	if s.admitLocked(r, now) == verdictQueueFull {
		return ErrQueueFull
	}
	return nil
}
