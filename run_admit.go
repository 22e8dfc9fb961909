package gocron

import (
	"fmt"
	"math"
	"time"
)

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

// admitLocked has a new run started, queued, skipped, paused or cancelled.
func (s *scheduler) admitLocked(r *run, now time.Time) verdict {
	s.tellLocked(r, noticeDue)
	j := r.job
	if r.isTooLate(now) || r.trigger == TriggerStartImmediately && j.window().isOver(r.scheduledAt) {
		s.actLocked(r, verdictTooLate, now)
		return verdictTooLate
	}
	if j.rareState().paused && r.pausable() {
		s.actLocked(r, verdictPaused, now)
		return verdictPaused
	}
	older := j.gate.waiting.head
	v := j.limiter().admit(r)
	s.actLocked(r, v, now)
	if j.gate.mode == uint8(LimitModeReplace) && r.stage != stageFinished {
		s.replaceRunsLocked(r, older, now)
	}
	return v
}

// actLocked carries out what admission says of a run.
func (s *scheduler) actLocked(r *run, v verdict, now time.Time) {
	switch v {
	case verdictStart:
		s.markReadyLocked(r)
	case verdictWaitAtGate:
		s.tellLocked(r, noticeSingletonWait)
		s.markQueuedLocked(r, now)
	case verdictWaitForSlot:
		s.tellLocked(r, noticeLimit)
		s.markQueuedLocked(r, now)
	case verdictSkipSingleton:
		s.tellLocked(r, noticeSingletonSkip)
		s.finishLocked(r, OutcomeSkippedSingleton, now)
	case verdictSkipLimit:
		s.tellLocked(r, noticeLimit)
		s.finishLocked(r, OutcomeSkippedLimit, now)
	case verdictQueueFull:
		r.setErrorLocked(ErrQueueFull)
		s.tellLocked(r, noticeLimit)
		s.finishLocked(r, OutcomeDroppedQueueFull, now)
	case verdictPaused:
		s.finishLocked(r, OutcomePaused, now)
	case verdictTooLate:
		s.finishLocked(r, OutcomeCancelled, now)
	}
}

// markQueuedLocked notes that r does not start at once.
func (s *scheduler) markQueuedLocked(r *run, now time.Time) {
	if r.waited { // at its gate, until just now
		return
	}
	if r.record == nil && now.Sub(r.scheduledAt) >= time.Second { // else that says since when it waits
		r.record = &runRecord{run: r}
	}
	if r.record != nil {
		r.keepUntoldWait()
		r.record.queuedAt = now
		s.tellLocked(r, noticeQueued)
	}
	r.waited = true
	if j := r.job; j.next.IsZero() && j.window().hasStop() {
		s.setNextLocked(j, time.Time{}, now) // for when the wait has to end
	}
}

// jobHasLeft in run.cancels marks a run that got its slot after its job had left: it will be dropped.
const jobHasLeft = math.MaxUint32

// markReadyLocked has a worker perform a run that got slot and gate.
func (s *scheduler) markReadyLocked(r *run) {
	switch {
	case !r.job.listed: // it waited, and will be dropped
		r.cancels = jobHasLeft
	case !r.hasBegun(): // else Cancel ends it also between two attempts
		r.cancels = r.job.rareState().cancels
	}
	if s.drain || s.watchers.any() {
		r.session.inProgress.append(r)
	}
	s.enqueueLocked(r)
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
