package gocron

import "time"

// noRetry is the wait for an attempt that is not made.
const noRetry time.Duration = -1

// mayRetryLocked reports whether there may be another attempt. There is none of a definition that was
// replaced: a stop does not look for runs that wait there.
func (s *scheduler) mayRetryLocked(a *attempt) bool {
	at := a.completedAt.Add(a.retryIn)
	return a.job.listed && !s.isStaleLocked(a.run, at) && !a.job.window().isOver(at)
}

// scheduleRetryLocked makes a run wait for its next attempt, holding nothing.
func (s *scheduler) scheduleRetryLocked(a *attempt) {
	r, now, o := a.run, a.completedAt, a.outcome
	notMade := r.hasBegun() && !r.stage.isInAttempt()
	if notMade { // the attempt before counts
		o = r.outcome
	}
	s.freeSlotLocked(r)
	s.endTaskLocked(r, now)
	s.lookAtClockLocked() // a sleep that nobody has noticed so far was before the delay
	at := s.watch.sinceSleep(now).Add(a.retryIn)
	s.awaitRetryLocked(r, o, at, now)
	s.storeRetryLocked(r, at, notMade)
	s.freed = append(s.freed, r)
}

// awaitRetryLocked makes a run that holds nothing wait for its next attempt, which is due at the
// given time. The latest one had the outcome o.
func (s *scheduler) awaitRetryLocked(r *run, o Outcome, at, now time.Time) {
	j := r.job
	r.stage, r.outcome, r.waited, r.turn = stageRetrying, o, false, r.id
	next := *r.record // the attempt's context keeps the record of that attempt
	next.Context, next.queuedAt = nil, now
	r.record = &next
	j.makeRareState().retrying.append(r)
	j.limiter().retrying++
	key := s.timetable.elapsedKey(at)
	s.retries.push(r, key, r.id)
	j.rare.attempts.push(r.record, key, r.id)
	switch {
	case !s.onRealClock:
		next.waiter = s.newWaiterLocked(at, now, r.session)
	case s.retries.first().item == r:
		r.session.nudge()
	}
	s.tellLocked(r, noticeQueued)
}

// retryTimeLocked is when the next attempt of r is due.
func (s *scheduler) retryTimeLocked(r *run) time.Time {
	at := s.retries.entries[r.place-1].at
	return s.timetable.elapsedBase.Add(time.Duration(at))
}

// requeueRetriesLocked has a batch of runs whose next attempt is due wait for their turn.
func (s *scheduler) requeueRetriesLocked(now time.Time) {
	for range dispatchBatch {
		r := s.popRetryLocked(now)
		switch {
		case r == nil:
			return
		case s.isStaleLocked(r, now):
			s.finishLocked(r, OutcomeCancelled, now)
		default:
			s.actLocked(r, r.job.limiter().readmit(r), now)
		}
	}
}

// popRetryLocked takes out a run whose next attempt is due, nil when there is none.
func (s *scheduler) popRetryLocked(now time.Time) *run {
	if s.retries.len() == 0 || s.retryLeftLocked(now) > 0 {
		return nil
	}
	r := s.retries.first().item
	s.leaveRetriesLocked(r)
	return r
}

// retryLeftLocked is how long it is until the next attempt of any run.
func (s *scheduler) retryLeftLocked(now time.Time) time.Duration {
	if s.retries.len() == 0 {
		return never
	}
	return saturatingSub(s.retries.first().at, s.timetable.elapsedKey(now))
}

// leaveRetriesLocked takes r out of those that wait for their next attempt.
func (s *scheduler) leaveRetriesLocked(r *run) {
	s.retries.remove(r)
	r.job.limiter().retrying--
	r.job.rare.retrying.remove(r)
	r.job.rare.attempts.remove(r.record)
	if w := r.record.waiter; w != nil {
		s.endWaiterLocked(w)
		r.record.waiter = nil
	}
	r.stage = stageNew
}

// replaceRunsLocked is called when r, the newest run of a job with LimitModeReplace, was
// admitted. It has taken the place of older, the run that waited, if there was one.
// Runs that wait for another attempt are dropped as well, and the context of the one
// in progress is ended by the worker that makes r's calls.
func (s *scheduler) replaceRunsLocked(r, older *run, now time.Time) {
	j := r.job
	if older != nil {
		older.setErrorLocked(ErrRunReplaced)
		s.finishLocked(older, OutcomeCancelled, now)
	}
	j.rareState().retrying.each(func(dropped *run) { // r may want their lock at once
		lease := dropped.record.lease
		if lock := lease.take(); lock != nil {
			s.callsBeforeLocked(r).addThen(func() { j.release(lock, lease.ctx) })
		}
	})
	s.dropRetryingLocked(j)
	if older != nil || r.stage != stageAtGate {
		return // what is in progress was cancelled in favour of older, if anything is
	}
	if ctx := j.cancelRuns(ErrRunReplaced); ctx != nil {
		s.callsBeforeLocked(r).addFirst(func() { ctx.endFor(ErrRunReplaced) })
	}
}

// cancelRuns cancels j's runs in progress. One that has not begun will not, one that has is not
// tried again. The context that ends, with the given cause, is returned, to be ended with nothing
// locked; it is nil if nobody has asked for it, and then has ended for those who do.
func (j *internalJob) cancelRuns(cause error) *jobContext {
	x := j.makeRareState()
	ctx := x.ctx
	x.ctx, x.cancelCause = nil, cause
	x.cancels++
	return ctx
}
