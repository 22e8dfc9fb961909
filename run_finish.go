package gocron

import "time"

// finishLocked gives r its outcome and frees what it held, and is the only place that
// counts a run as done. A run that was to be tried again, and is not, has the
// outcome of its latest attempt. For a run that was performed, now is when its task
// returned. What follows for others is settled later, by settleLocked.
//
// Of an attempt that was made the worker calls, in this order: endTaskLocked when the task has
// returned, finishAttemptLocked when its end was told, and finishLocked if that was the last
// attempt, which has the store (storeEndLocked) and the ledger (endOccurrenceLocked) note it.
func (s *scheduler) finishLocked(r *run, o Outcome, now time.Time) {
	j := r.job
	switch {
	case r.stage.hasSlot():
		s.freeSlotLocked(r)
	case r.stage.isWaiting():
		j.limiter().leave(r)
	case r.stage.isRetrying():
		s.leaveRetriesLocked(r)
	}
	if r.stage.isInAttempt() || !r.hasBegun() {
		r.outcome = o
	}
	s.endTaskLocked(r, now)
	r.stage = stageFinished
	if j.countsFromEnd(r) {
		j.completing--
		if r.hasBegun() {
			j.anchor = s.watch.sinceStep(now)
		}
	}
	if !r.hasBegun() {
		s.releaseReservationLocked(r)
	}
	s.recordLocked(r, now)
	s.freed = append(s.freed, r)
}

// freeSlotLocked frees what a granted run held.
func (s *scheduler) freeSlotLocked(r *run) {
	r.job.limiter().release(r)
	if r.next != nil { // it is listed
		r.session.inProgress.remove(r)
	}
}

// endTaskLocked notes that r's task has ended, if it was being performed.
func (s *scheduler) endTaskLocked(r *run, now time.Time) {
	if r.stage != stageRunning {
		return
	}
	r.stage = stageEnding
	cur := r.job.current()
	cur.gate.running--
	last := cur.lastSoFar()
	if now.After(last.completedAt) || last.completedAt.After(s.now()) { // unless the clock was set back
		last.completedAt = now
	}
}

// releaseReservationLocked undoes the reservation of a run whose task was not called. A time of a
// one-time job whose run a stop has dropped is kept in undelivered for the next Start.
func (s *scheduler) releaseReservationLocked(r *run) {
	j := r.job
	if j.limitedRuns > 0 {
		j.reserved--
	}
	if r.outcome == OutcomeCancelled && r.session.stopped && j.listed && !j.ended &&
		r.trigger != TriggerRunNow && j.oneTime() && !j.catchesUp() {
		x := j.makeRareState()
		x.undelivered = append(x.undelivered, undeliveredTime{at: r.scheduledAt, trigger: r.trigger})
	}
}

// recordLocked records the outcome of r. A run that goes on after the next Start has none yet.
func (s *scheduler) recordLocked(r *run, now time.Time) {
	if r.isOccurrence() {
		s.endOccurrenceLocked(r)
	}
	if j := r.job; j.limitedRuns > 1 && j.oneTime() && r.trigger != TriggerRunNow {
		j.makeRareState().ranLast = r.hasBegun()
	}
	goesOn := s.store != nil && s.storeEndLocked(r, now)
	r.session.live--
	r.session.closeIfDrained()
	if !goesOn {
		s.outcomes[r.outcome]++
		s.recordForWatchers(r)
	}
	if rec := r.record; rec != nil {
		rec.finishedAt = now
		if lock := rec.lease.take(); lock != nil {
			s.callsBeforeLocked(r).addThen(func() { r.job.release(lock, rec.lease.ctx) })
		}
		if rec.awaited != nil {
			close(rec.awaited.done)
		}
		if s.historySize > 0 && !goesOn {
			info := rec.info()
			r.job.current().makeRareState().keepInHistory(&info, s.historySize)
		}
		if s.keepsJobStats && !goesOn {
			r.job.current().makeRareState().countRun(r)
		}
	}
	if !goesOn {
		s.tellLocked(r, noticeFinished)
	}
}

// cancelCause is what r was cancelled for after it was granted, nil if it was not.
func (r *run) cancelCause() error {
	if x := r.job.current().rareState(); r.cancels != x.cancels && r.cancels != jobHasLeft {
		return x.cancelCause
	}
	return nil
}

// pausable reports whether r does not start while its job is paused: it was not asked for by
// RunNow, and is not under way.
func (r *run) pausable() bool { return r.trigger != TriggerRunNow && !r.hasBegun() }

// setErrorLocked notes why r will not be performed.
func (r *run) setErrorLocked(err error) {
	if r.record == nil && r.job.s.logsRuns && err != nil {
		r.record = &runRecord{run: r}
	}
	if r.record != nil && !r.hasBegun() {
		r.record.err = err
		if r.job.settings().stored && err != nil {
			r.makeStored().error = err.Error()
		}
	}
}

// countsFromEnd reports whether j's next time counts from the end of r.
func (j *internalJob) countsFromEnd(r *run) bool {
	return j.settings().fromCompletion && r.trigger != TriggerRunNow
}

// rebookLocked books the next time of a job that has waited for r to end, or has one more
// limited run because r was not performed.
func (s *scheduler) rebookLocked(r *run) {
	j := r.job
	if s.session == nil || !j.listed || !j.entered {
		return
	}
	if len(j.rareState().undelivered) > 0 {
		s.fireUndeliveredLocked(s.now(), j) // of a stop that has been followed by a Start
	}
	if !j.next.IsZero() || j.completing > 0 {
		return
	}
	fromEnd, refunded := j.settings().fromCompletion, !r.hasBegun() && j.limitedRuns > 0
	switch {
	case j.countsFromEnd(r):
		now := s.now()
		if !r.hasBegun() {
			j.anchor = now
		}
		s.setNextLocked(j, j.afterCompletion(), now)
	case refunded && fromEnd && !j.awaitsStart() && j.afterCompletion().After(s.now()):
		s.setNextLocked(j, j.afterCompletion(), s.now())
	case refunded:
		now := s.now()
		if j.oneTime() && wallBefore(j.anchor, now) {
			j.anchor = now // what came while all runs were taken is over
		}
		s.bookLocked(j, time.Time{}, now, now)
	}
}

// startWaitingLocked starts the runs that a finished one has made room for: at the gate
// of its job, which is cur now, and among those that wait for one of l's slots.
func (s *scheduler) startWaitingLocked(l *limiter, cur *internalJob) {
	if own := cur.limiter(); cur.listed { // else those at its gate are being dropped
		for r := own.nextAtGate(&cur.gate); r != nil; r = own.nextAtGate(&cur.gate) {
			s.actLocked(r, own.admitWaiting(r), s.now())
		}
	}
	s.fillSlotsLocked(l)
}

// fillSlotsLocked starts a batch of the runs that wait, while l has slots for them. It reports
// whether there may be more.
func (s *scheduler) fillSlotsLocked(l *limiter) bool {
	for range runsBatch {
		r := l.next()
		if r == nil {
			return false
		}
		s.markReadyLocked(r)
	}
	return true
}

// announceIdleLocked wakes those who wait until nothing of j runs or waits, which is so.
func (j *internalJob) announceIdleLocked() {
	x := j.rareState()
	if len(x.idle) == 0 {
		return
	}
	for _, idle := range x.idle {
		close(idle)
	}
	x.idle = nil
}

// isIdle reports whether no run of j is in progress or waits.
func (j *internalJob) isIdle() bool {
	return !j.gate.isClosed() && j.rareState().retrying.empty()
}

// runsBatch bounds how many waiting runs are ended before others get a chance at the lock: a job
// may have a million.
const runsBatch = 256

// dropSomeLocked drops a batch of j's runs that wait, for their turn or for another attempt. It
// reports whether none is left.
func (s *scheduler) dropSomeLocked(j *internalJob) bool {
	if !j.hasWaiting() {
		return true
	}
	now := s.now()
	for range runsBatch {
		switch {
		case !j.gate.waiting.empty():
			s.finishLocked(j.gate.waiting.tail(), OutcomeCancelled, now)
		case !j.rareState().retrying.empty():
			s.finishLocked(j.rare.retrying.tail(), OutcomeCancelled, now)
		default:
			return true
		}
	}
	return !j.hasWaiting()
}

// dropAllLocked drops all runs of j that wait, of which none may start any more. It lets go of the
// lock in between.
func (s *scheduler) dropAllLocked(j *internalJob) {
	for !s.dropSomeLocked(j) {
		s.yieldLocked()
	}
}

// dropRetryingLocked drops all runs of j that wait for another attempt.
func (s *scheduler) dropRetryingLocked(j *internalJob) {
	for !j.rareState().retrying.empty() {
		s.finishLocked(j.rare.retrying.tail(), OutcomeCancelled, s.now())
	}
}

// hasWaiting reports whether runs of j wait, for their turn or for another attempt.
func (j *internalJob) hasWaiting() bool {
	return !j.gate.waiting.empty() || !j.rareState().retrying.empty()
}

// waitingSession is the session of j's runs that wait, of which there must be one: Start waits
// until a stop has dropped the runs of the session before.
func (j *internalJob) waitingSession() *session {
	if r := j.gate.waiting.head; r != nil {
		return r.session
	}
	return j.rareState().retrying.head.session
}

// endWaitingLocked ends the runs of j that wait, for their turn or for another attempt, and for
// which meant is true. It lets go of the lock in between: before the call mayStartLocked must have a
// reason to refuse a run that gets its slot then.
func (s *scheduler) endWaitingLocked(j *internalJob, o Outcome, meant func(*run) bool) {
	s.endListedLocked(&j.gate.waiting, runStage.isWaiting, o, meant)
	s.endListedLocked(&j.makeRareState().retrying, runStage.isRetrying, o, meant)
}

// endListedLocked is endWaitingLocked for one list of runs; in reports whether a stage belongs to
// it. The last come first, so that none gets through its gate.
func (s *scheduler) endListedLocked(list *runList, in func(runStage) bool, o Outcome, meant func(*run) bool) {
	looked := 0
	for r := list.last(); r != nil; {
		next := r.prev
		if r == list.head {
			next = nil
		}
		if meant(r) {
			s.finishLocked(r, o, s.now())
		}
		if looked++; looked%runsBatch == 0 {
			s.yieldLocked()
		}
		if next != nil && !in(next.stage) { // it has got its turn meanwhile
			next = list.last()
		}
		r = next
	}
}
