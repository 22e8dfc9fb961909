package gocron

import "time"

// noRetry is the wait for an attempt that is not made.
const noRetry time.Duration = -1

// mayRetry reports whether there may be another attempt. The caller holds mu.
func (s *scheduler) mayRetry(p *performance) bool {
	at := p.completedAt.Add(p.retryIn)
	return !s.stale(p.run, at) && !p.job.overAt(at)
}

// suspend makes a run wait for its next attempt, holding nothing. The caller holds
// mu.
func (s *scheduler) suspend(p *performance) {
	r, j, now := p.run, p.job, p.completedAt
	s.release(r)
	s.ceased(r, now)
	r.stage, r.outcome, r.waited = stageRetrying, p.outcome, false
	next := *r.record // the attempt's context keeps the record of that attempt
	next.Context, next.queuedAt = nil, now
	r.record, r.seq = &next, next.runID()
	j.setState().retrying.append(r)

	at := s.watch.sinceSleep(now, s.now()).Add(p.retryIn)
	key := s.timetable.elapsedKey(at)
	s.retries.push(r, key, r.seq)
	j.rare.attempts.push(r.record, key, r.seq)
	switch {
	case !s.onRealClock:
		next.waiter = s.newWaiter(at, now, r.session)
	case s.retries.first().item == r:
		r.session.nudge()
	}
	s.tell(r, noticeQueued)
	s.startWaiting(j.limiter(), j.current())
}

// retryTime is when the next attempt of r is due. The caller holds mu.
func (s *scheduler) retryTime(r *run) time.Time {
	at := s.retries.entries[r.place-1].at
	return s.timetable.elapsedBase.Add(time.Duration(at))
}

// tryAgain hands over a batch of runs whose next attempt is due. The caller holds mu.
func (s *scheduler) tryAgain(now time.Time) {
	for i := 0; i < dispatchBatch; i++ {
		r := s.popRetry(now)
		switch {
		case r == nil:
			return
		case s.stale(r, now):
			s.finish(r, OutcomeCancelled, now)
		default:
			s.act(r, r.job.limiter().readmit(r), now)
		}
	}
}

// popRetry takes out a run whose next attempt is due, nil when there is none. The
// caller holds mu.
func (s *scheduler) popRetry(now time.Time) *run {
	if s.retries.len() == 0 || s.retryLeft(now) > 0 {
		return nil
	}
	r := s.retries.first().item
	s.leaveRetries(r)
	return r
}

// retryLeft is how long it is until the next attempt of any run. The caller holds
// mu.
func (s *scheduler) retryLeft(now time.Time) time.Duration {
	if s.retries.len() == 0 {
		return never
	}
	return saturatingSub(s.retries.first().at, s.timetable.elapsedKey(now))
}

// leaveRetries takes r out of those that wait for their next attempt. The caller
// holds mu.
func (s *scheduler) leaveRetries(r *run) {
	s.retries.remove(r)
	r.job.rare.retrying.remove(r)
	r.job.rare.attempts.remove(r.record)
	if w := r.record.waiter; w != nil {
		s.endWaiter(w)
		r.record.waiter = nil
	}
	r.stage = stageNew
}

// replaceRuns is called when r, the newest run of a job with LimitModeReplace, was
// admitted. It has taken the place of older, the run that waited, if there was one.
// Runs that wait for another attempt are dropped as well, and the context of the one
// in progress is ended by the worker that is told so of r. The caller holds mu.
func (s *scheduler) replaceRuns(r, older *run, now time.Time) {
	j := r.job
	if older != nil {
		older.blame(ErrRunReplaced)
		s.finish(older, OutcomeCancelled, now)
	}
	j.state().retrying.each(func(dropped *run) { // r may want their lock at once
		if h := dropped.record.hold; h.has() {
			s.send(r).takeOver(h)
		}
	})
	s.dropRetrying(j)
	if older != nil || r.stage != stageAtGate {
		return // what is in progress was cancelled in favour of older, if anything is
	}
	if ctx := j.cancelRuns(ErrRunReplaced); ctx != nil {
		s.send(r).replaces = ctx
	}
}

// cancelRuns cancels j's runs in progress. One that has not begun will not, one
// that has is not tried again. The context that ends, with the given cause, is
// returned, to be ended with nothing locked; it is nil if nobody has asked for it,
// and then has ended for those who do. The caller holds mu.
func (j *internalJob) cancelRuns(cause error) *jobContext {
	x := j.setState()
	ctx := x.ctx
	x.ctx, x.cancelCause = nil, cause
	x.cancels++
	return ctx
}
