package gocron

import "time"

// finish gives r its outcome and frees what it held, and is the only place that
// counts a run as done. A run that was to be tried again, and is not, has the
// outcome of its latest attempt. For a run that was performed, now is when its task
// returned. The caller holds mu.
func (s *scheduler) finish(r *run, o Outcome, now time.Time) {
	j, cur := r.job, r.job.current()
	makesRoom := r.stage == stageGranted || r.stage == stageForSlot // for others of the job at least
	switch {
	case r.stage == stageGranted:
		s.release(r)
	case r.stage.waiting():
		j.limiter().leave(r)
	case r.stage == stageRetrying:
		s.leaveRetries(r)
	}
	r.stage = stageFinished
	switch {
	case r.performing:
		r.outcome = o
		s.ceased(r, now)
		j.done++
	case r.started:
		j.done++
	default:
		r.outcome = o
		s.giveBack(r, o)
	}
	s.account(r, now)
	if makesRoom {
		s.startWaiting(j.limiter(), cur)
	}
	s.rebook(r, now)
	s.announceIdle(cur)
	s.retireIfSpent(cur, r.session)
}

// release frees what a granted run held. The caller holds mu.
func (s *scheduler) release(r *run) {
	r.job.limiter().release(r)
	if s.drain {
		r.session.inProgress.remove(r)
	}
}

// account enters r, which has its outcome, in the books. The caller holds mu.
func (s *scheduler) account(r *run, now time.Time) {
	s.outcomes[r.outcome]++
	r.session.live--
	r.session.closeIfDrained()
	if r.record != nil {
		s.accountRecord(r, r.record, now)
	}
	s.tell(r, noticeFinished)
}

// accountRecord does what follows when a run with a record has its outcome. The caller
// holds mu.
func (s *scheduler) accountRecord(r *run, rec *runRecord, now time.Time) {
	rec.finishedAt = now
	if rec.hold.has() {
		s.send(r).takeOver(rec.hold)
	}
	if rec.done != nil {
		close(rec.done)
	}
	if s.historySize > 0 {
		x := r.job.current().setState()
		if x.history == nil {
			x.history = &history{}
		}
		x.history.add(rec.info(), s.historySize)
	}
}

// ceased notes that no task of r is being performed any more. The caller holds mu.
func (s *scheduler) ceased(r *run, now time.Time) {
	cur := r.job.current()
	r.performing = false
	cur.running--
	if last := cur.lastSoFar(); now.After(last.completedAt) {
		last.completedAt = now
	}
}

// cancelCause is what r was cancelled for after it was granted, nil if it was not. The
// caller holds mu.
func (r *run) cancelCause() error {
	if x := r.job.state(); r.cancels != x.cancels {
		return x.cancelCause
	}
	return nil
}

// pausable reports whether r does not start while its job is paused: it was not
// asked for by RunNow, and is not under way. The caller holds mu.
func (r *run) pausable() bool { return r.trigger != TriggerRunNow && !r.started }

// blame notes why r will not be performed. The caller holds mu.
func (r *run) blame(err error) {
	if r.record == nil && r.job.s.saysRuns && err != nil {
		r.record = &runRecord{run: r}
	}
	if r.record != nil && !r.started {
		r.record.err = err
	}
}

// giveBack undoes the reservation of a run that was not performed. What a stop
// kept a one-time job from, it is owed at the next Start. The caller holds mu.
func (s *scheduler) giveBack(r *run, o Outcome) {
	j := r.job
	if j.limitedRuns > 0 {
		j.reserved--
	}
	if o == OutcomeCancelled && r.session.stopped && j.listed && !j.ended &&
		r.trigger != TriggerRunNow && j.oneTime() {
		x := j.setState()
		x.owed = append(x.owed, r.scheduledAt)
	}
}

// rebook books the next time of a job that waited for r to end, or has one more
// limited run because r was not performed. The caller holds mu.
func (s *scheduler) rebook(r *run, now time.Time) {
	j := r.job
	scheduled := r.trigger != TriggerRunNow
	awaited := j.ext().fromCompletion && scheduled
	if awaited {
		j.completing--
		if r.started {
			j.anchor = now
		}
	}
	if s.session == nil || !j.listed || !j.entered {
		return
	}
	if len(j.state().owed) > 0 {
		s.handOverOwed(s.now(), j) // of a stop that has been followed by a Start
	}
	if !j.next.IsZero() || awaited && j.completing > 0 {
		return
	}
	refunded := !r.started && j.limitedRuns > 0 && j.completing == 0
	switch {
	case awaited, refunded && j.ext().fromCompletion:
		s.bookFrom(j, now, now)
	case refunded:
		s.book(j, time.Time{}, now)
	}
}

// startWaiting starts the runs that a finished one has made room for: at the gate
// of its job, which is cur now, and among those that wait for one of l's slots. The
// caller holds mu.
func (s *scheduler) startWaiting(l *limiter, cur *internalJob) {
	own := cur.limiter()
	for r := own.nextAtGate(&cur.gate); r != nil; r = own.nextAtGate(&cur.gate) {
		s.act(r, own.admitWaiting(r), s.now())
	}
	s.fillSlots(l)
}

// fillSlots starts runs that wait, while l has slots for them. The caller holds mu.
func (s *scheduler) fillSlots(l *limiter) {
	for r := l.next(); r != nil; r = l.next() {
		s.granted(r)
	}
}

// dropWaiting drops all runs of j that wait, for their turn or for another
// attempt. The caller holds mu.
func (s *scheduler) dropWaiting(j *internalJob) {
	for !j.gate.waiting.empty() {
		s.finish(j.gate.waiting.tail(), OutcomeCancelled, s.now())
	}
	s.dropRetrying(j)
}

// dropRetrying drops all runs of j that wait for another attempt. The caller holds mu.
func (s *scheduler) dropRetrying(j *internalJob) {
	for !j.state().retrying.empty() {
		s.finish(j.rare.retrying.tail(), OutcomeCancelled, s.now())
	}
}

// endWaiting ends those of j's runs that wait, for their turn or for another attempt,
// and that are meant. The caller holds mu.
func (s *scheduler) endWaiting(j *internalJob, o Outcome, meant func(*run) bool) {
	now, waiting := s.now(), j.waitingRuns()
	for i := len(waiting) - 1; i >= 0; i-- { // those at the gate first, so that none gets through
		if meant(waiting[i]) {
			s.finish(waiting[i], o, now)
		}
	}
}

// announceIdle wakes those who wait until nothing of j runs or waits, if that is
// so. The caller holds mu.
func (s *scheduler) announceIdle(j *internalJob) {
	x := j.state()
	if len(x.idle) == 0 || !j.isIdle() {
		return
	}
	for _, idle := range x.idle {
		close(idle)
	}
	x.idle = nil
}

// isIdle reports whether no run of j is in progress or waits. The caller holds mu.
func (j *internalJob) isIdle() bool {
	return !j.gate.isClosed() && j.state().retrying.empty() && len(j.state().runNows) == 0
}
