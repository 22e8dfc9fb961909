package gocron

import (
	"runtime"
	"time"
)

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
	j.limiter().longest.remove(r)
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

// ceased notes that no attempt of r is being performed any more. The caller holds mu.
func (s *scheduler) ceased(r *run, now time.Time) {
	r.performing = false
	s.taskEnded(r, now)
}

// taskEnded notes that r's task has ended, if that was not noted yet. The caller holds mu.
func (s *scheduler) taskEnded(r *run, now time.Time) {
	if !r.running {
		return
	}
	cur := r.job.current()
	r.running = false
	cur.running--
	last := cur.lastSoFar()
	if now.After(last.completedAt) || last.completedAt.After(s.now()) { // unless the clock was set back
		last.completedAt = now
	}
}

// cancelCause is what r was cancelled for after it was granted, nil if it was not. The
// caller holds mu.
func (r *run) cancelCause() error {
	if x := r.job.current().state(); r.cancels != x.cancels && r.cancels != notWanted {
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
		x.owed = append(x.owed, owedTime{at: r.scheduledAt, trigger: r.trigger})
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
		now = s.watch.sinceSleep(now, s.now())
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
	case awaited, refunded && scheduled && j.ext().fromCompletion:
		s.bookFrom(j, now, now)
	case refunded && j.ext().fromCompletion && j.afterCompletion().After(now):
		s.setNext(j, j.afterCompletion(), now)
	case refunded:
		if j.oneTime() && wallBefore(j.anchor, now) {
			j.anchor = now // what came while all runs were taken is over
		}
		s.book(j, time.Time{}, now, now)
	}
}

// startWaiting starts the runs that a finished one has made room for: at the gate
// of its job, which is cur now, and among those that wait for one of l's slots. The
// caller holds mu.
func (s *scheduler) startWaiting(l *limiter, cur *internalJob) {
	if own := cur.limiter(); cur.listed { // else those at its gate are being dropped
		for r := own.nextAtGate(&cur.gate); r != nil; r = own.nextAtGate(&cur.gate) {
			s.act(r, own.admitWaiting(r), s.now())
		}
	}
	s.fillSlots(l)
}

// fillSlots starts runs that wait, while l has slots for them. The caller holds mu.
func (s *scheduler) fillSlots(l *limiter) {
	for r := l.next(); r != nil; r = l.next() {
		s.granted(r)
	}
}

// runsBatch bounds how many waiting runs are ended before others get a chance at mu: a job
// may have a million.
const runsBatch = 256

// letOthers gives others a chance at mu. The caller holds mu.
func (s *scheduler) letOthers() {
	s.workerIsBack = false
	s.mu.Unlock()
	runtime.Gosched()
	s.mu.Lock()
}

// dropSome drops a batch of j's runs that wait, for their turn or for another attempt. It
// reports whether none is left. The caller holds mu.
func (s *scheduler) dropSome(j *internalJob) bool {
	now := s.now()
	for n := 0; n < runsBatch; n++ {
		switch {
		case !j.gate.waiting.empty():
			s.finish(j.gate.waiting.tail(), OutcomeCancelled, now)
		case !j.state().retrying.empty():
			s.finish(j.rare.retrying.tail(), OutcomeCancelled, now)
		default:
			return true
		}
	}
	return false
}

// dropWaiting drops all runs of j that wait. It does not let go of mu. The caller holds mu.
func (s *scheduler) dropWaiting(j *internalJob) {
	for !s.dropSome(j) {
	}
}

// dropInBatches is dropWaiting for a job of which none of them may start any more. It lets
// go of mu in between. The caller holds mu.
func (s *scheduler) dropInBatches(j *internalJob) {
	for !s.dropSome(j) {
		s.letOthers()
	}
}

// dropRetrying drops all runs of j that wait for another attempt. The caller holds mu.
func (s *scheduler) dropRetrying(j *internalJob) {
	for !j.state().retrying.empty() {
		s.finish(j.rare.retrying.tail(), OutcomeCancelled, s.now())
	}
}

// endWaiting ends those of j's runs that wait, for their turn or for another attempt,
// and that are meant. It lets go of mu in between: those that get their slot then must not
// pass the check. The caller holds mu.
func (s *scheduler) endWaiting(j *internalJob, o Outcome, meant func(*run) bool) {
	s.endListed(&j.gate.waiting, runStage.waiting, o, meant)
	s.endListed(&j.setState().retrying, runStage.retrying, o, meant)
}

// endListed is endWaiting for one list of runs, whose stage is in it. The last come first, so
// that none gets through its gate. The caller holds mu.
func (s *scheduler) endListed(list *runList, in func(runStage) bool, o Outcome, meant func(*run) bool) {
	looked := 0
	for r := list.last(); r != nil; {
		next := r.prev
		if r == list.head {
			next = nil
		}
		if meant(r) {
			s.finish(r, o, s.now())
		}
		if looked++; looked%runsBatch == 0 {
			s.letOthers()
		}
		if next != nil && !in(next.stage) { // it has got its turn meanwhile
			next = list.last()
		}
		r = next
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
	return !j.gate.isClosed() && j.state().retrying.empty()
}
