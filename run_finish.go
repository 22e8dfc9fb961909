package gocron

import "time"

// finishLocked gives r its outcome and frees what it held, and is the only place that
// counts a run as done. A run that was to be tried again, and is not, has the
// outcome of its latest attempt. For a run that was performed, now is when its task
// returned. What follows for others is settled later, by settleLocked.
//
// For an attempt that was made the worker calls, in this order: endTaskLocked when the task has
// returned, finishAttemptLocked when its end was told, and finishLocked if there is no further
// attempt.
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
	if r.replacesOutcome() {
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
		r.releaseReservation()
		r.keepForNextStart()
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

// releaseReservation gives back the limited run that was reserved for r, whose task was not called.
func (r *run) releaseReservation() {
	if r.job.limitedRuns > 0 {
		r.job.reserved--
	}
}

// keepForNextStart keeps the time of r, if a stop has dropped it and its job is a one-time job.
func (r *run) keepForNextStart() {
	if r.job.listed && r.isKept() {
		x := r.job.makeRareState()
		x.undelivered = append(x.undelivered, undeliveredTime{at: r.scheduledAt, trigger: r.trigger})
	}
}

// recordLocked records the outcome of r. A run that goes on after the next Start has none yet.
func (s *scheduler) recordLocked(r *run, now time.Time) {
	if r.isOccurrence() {
		s.endOccurrenceLocked(r)
	}
	if j := r.job; j.limitedRuns > 1 && j.oneTime() && r.trigger != TriggerRunNow {
		if x := j.makeRareState(); r.id >= x.latest { // else a later one was faster
			x.latest, x.ranLast = r.id, r.hasBegun()
		}
	}
	goesOn := s.store != nil && s.storeEndLocked(r, now)
	r.session.live--
	r.session.closeIfDrained()
	if !goesOn {
		s.recordForWatchersLocked(r)
	}
	if rec := r.record; rec != nil {
		rec.finishedAt = now
		if lock := rec.lease.take(); lock != nil {
			s.callsBeforeLocked(r).addThen(func() { r.job.release(lock, rec.lease.ctx) })
		}
		if rec.awaited != nil {
			close(rec.awaited.done)
		}
	}
	if !goesOn {
		s.publishOutcomeLocked(r)
	}
}

// publishOutcomeLocked counts the outcome of r, and has everybody told who wants to know.
func (s *scheduler) publishOutcomeLocked(r *run) {
	s.outcomes[r.outcome]++
	if s.historySize > 0 {
		info := r.record.info()
		r.job.current().makeRareState().keepInHistory(&info, s.historySize)
	}
	if s.keepsJobStats {
		r.job.current().makeRareState().countRun(r)
	}
	s.tellLocked(r, noticeFinished)
}

// wakeWaits has every Wait for j return: nothing of it runs or waits.
func (j *internalJob) wakeWaits() {
	x := j.rareState()
	if len(x.idle) == 0 {
		return
	}
	for _, idle := range x.idle {
		close(idle)
	}
	x.idle = nil
}

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
	notMade := !r.replacesOutcome()
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
	if s.retryLeftLocked(now) > 0 {
		return nil
	}
	r := s.retries.first().item
	s.leaveRetriesLocked(r)
	return r
}

// retryLeftLocked is how long it is until the next attempt of any run.
func (s *scheduler) retryLeftLocked(now time.Time) time.Duration {
	return s.retries.left(s.timetable.elapsedKey(now))
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
