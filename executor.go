package gocron

import (
	"sort"
	"time"
)

// handOver makes a run of j and books the job's next time. Nothing happens when
// no limited run is left. The caller holds mu.
func (s *scheduler) handOver(j *internalJob, due time.Time, by trigger, now time.Time) {
	if j.ended || j.allReserved() {
		return
	}
	r := s.newRun(j, due, by)
	switch {
	case by == triggerRunNow:
		if j.allReserved() {
			s.setNext(j, time.Time{}, now)
		}
	case j.ext().fromCompletion:
		j.completing++
	case by == triggerImmediately:
		s.book(j, time.Time{}, now)
	default:
		s.book(j, due, now)
	}
	s.act(r, s.limiter.admit(r), now)
}

// newRun fixes the identity of a run, and reserves one of WithLimitedRuns for it.
func (s *scheduler) newRun(j *internalJob, due time.Time, by trigger) *run {
	s.runSeq++
	if j.limitedRuns > 0 {
		j.reserved++
	}
	return &run{job: j, session: s.session, seq: s.runSeq, scheduledAt: due, trigger: by}
}

// handOverOwed hands over what the last stop dropped from the queue of one-time
// jobs, in order of due time. The caller holds mu.
func (s *scheduler) handOverOwed(now time.Time, jobs ...*internalJob) {
	type debt struct {
		job *internalJob
		due time.Time
	}
	var debts []debt
	for _, j := range jobs {
		if len(j.state().owed) == 0 || j.ended {
			continue
		}
		for _, due := range j.rare.owed {
			debts = append(debts, debt{j, due})
		}
		j.rare.owed = nil
	}
	if len(debts) == 0 {
		return
	}
	sort.Slice(debts, func(a, b int) bool {
		x, y := debts[a], debts[b]
		return x.due.Before(y.due) || x.due.Equal(y.due) && x.job.seq < y.job.seq
	})
	for _, d := range debts {
		if !d.job.allReserved() {
			r := s.newRun(d.job, d.due, triggerSchedule)
			s.act(r, s.limiter.admit(r), now)
		}
	}
}

// runNow is RunNow of a handle.
func (s *scheduler) runNow(handle *internalJob) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, ended, err := s.consult(handle)
	if s.closed {
		return ErrJobRunNowFailed
	}
	if err != nil {
		return err
	}
	now, stopAt := s.now(), j.ext().stopAt
	switch {
	case ended, j.ended, s.session == nil, !stopAt.IsZero() && now.After(stopAt):
		return ErrJobRunNowFailed
	case !j.announced:
		j.setState().runNows++
	default:
		s.handOver(j, now, triggerRunNow, now)
	}
	return nil
}

// act carries out what admission said of a run. The caller holds mu.
func (s *scheduler) act(r *run, v verdict, now time.Time) {
	switch v {
	case verdictStart:
		s.attendTo(r)
	case verdictWaitAtGate:
		s.tell(r, noticeSingletonWait)
		s.waits(r, now)
	case verdictWaitForSlot:
		s.tell(r, noticeLimit)
		s.waits(r, now)
	case verdictSkipSingleton:
		s.tell(r, noticeSingletonSkip)
		s.finish(r, outcomeSkippedSingleton, now)
	case verdictSkipLimit:
		s.tell(r, noticeLimit)
		s.finish(r, outcomeSkippedLimit, now)
	}
}

// waits notes that r does not start at once. The caller holds mu.
func (s *scheduler) waits(r *run, now time.Time) {
	r.waited = true
	if j := r.job; j.next.IsZero() && !j.ext().stopAt.IsZero() {
		s.setNext(j, time.Time{}, now) // for when the wait has to end
	}
}

// tell has a worker tell the monitors of r, before anything else happens to it.
// The caller holds mu.
func (s *scheduler) tell(r *run, n notice) {
	if s.monitors.hear(n) {
		r.notice = n
		s.attendTo(r)
	}
}

// attendTo puts r before a worker. The caller holds mu.
func (s *scheduler) attendTo(r *run) {
	if r.attended {
		return // the worker that has it will see how it stands
	}
	r.attended = true
	r.session.busy++
	s.ready.push(r)
	s.startWorker()
}

// startWorker starts a worker if there is something for it to do, unless one is
// about to look anyway: each worker that takes a run starts the next, so there is
// at most one more of them than runs being performed. The caller holds mu.
func (s *scheduler) startWorker() {
	if s.workerComes || s.workerIsBack || s.ready.head == nil {
		return
	}
	s.workerComes = true
	go s.workFunc()
}

// work sees to ready runs, in order, until there are none.
func (s *scheduler) work() {
	s.mu.Lock()
	defer func() {
		s.workerIsBack = false
		s.startWorker() // runtime.Goexit ends a worker early
		s.mu.Unlock()
	}()
	s.workerComes = false
	for r := s.ready.pop(); r != nil; r = s.ready.pop() {
		s.workerIsBack = false
		s.startWorker()
		s.attend(r)
	}
}

// unlocked calls f with mu let go. It holds mu again however f ends.
func (s *scheduler) unlocked(f func()) {
	s.mu.Unlock()
	defer s.mu.Lock()
	f()
}

// attend sees to one run: what the monitors are to be told of it, then, if it
// may start, the run itself. The caller holds mu.
func (s *scheduler) attend(r *run) {
	defer s.attended(r)
	for r.notice != noticeNone {
		n := r.notice
		r.notice = noticeNone
		s.unlocked(func() { s.tellNotice(r.job, n) })
	}
	if r.stage == stageGranted {
		s.perform(r)
	}
}

// attended is called when a worker is done with r. The caller holds mu.
func (s *scheduler) attended(r *run) {
	r.attended = false
	if r.stage == stageGranted { // a monitor ended the worker
		s.attendTo(r)
	}
	s.lessBusy(r.session)
}

// perform takes a granted run to its end. The caller holds mu.
func (s *scheduler) perform(r *run) {
	now := s.now()
	if s.stale(r, now) {
		s.finish(r, outcomeCancelled, now)
		return
	}
	p := performance{s: s, run: r, job: r.job, ctx: r.job.state().ctx, outcome: outcomeFailed}
	if !p.job.hooked {
		p.begin(now)
	}
	defer func() {
		s.workerIsBack = true
		if p.completedAt.IsZero() {
			p.completedAt = s.now()
		}
		s.finish(r, p.outcome, p.completedAt)
	}()
	s.unlocked(p.steps)
}

// stale reports whether a granted run may not start any more. The caller holds
// mu.
func (s *scheduler) stale(r *run, now time.Time) bool {
	stopAt := r.job.ext().stopAt
	return r.session != s.session || !r.job.listed || r.job.ended ||
		r.waited && !stopAt.IsZero() && now.After(stopAt)
}

// finish gives r its outcome and frees what it held, and is the only place that
// counts a run as done. For a run that was performed, now is when its task
// returned. The caller holds mu.
func (s *scheduler) finish(r *run, o outcome, now time.Time) {
	j, cur := r.job, r.job.current()
	granted := r.stage == stageGranted
	switch {
	case granted:
		s.limiter.release(r)
	case r.stage.waiting():
		s.limiter.leave(r)
	}
	r.stage = stageFinished
	if r.started {
		cur.running--
		if last := cur.lastSoFar(); now.After(last.completedAt) {
			last.completedAt = now
		}
		j.done++
	} else {
		s.giveBack(r, o)
	}
	s.rebook(r, now)
	if granted {
		s.startWaiting(cur, now)
	}
	s.retireIfSpent(cur, r.session)
}

// giveBack undoes the reservation of a run that was not performed. What a stop
// kept a one-time job from, it is owed at the next Start. The caller holds mu.
func (s *scheduler) giveBack(r *run, o outcome) {
	j := r.job
	if j.limitedRuns > 0 {
		j.reserved--
	}
	if o == outcomeCancelled && r.session.stopped && j.listed && !j.ended &&
		r.trigger != triggerRunNow && j.oneTime() {
		x := j.setState()
		x.owed = append(x.owed, r.scheduledAt)
	}
}

// rebook books the next time of a job that waited for r to end, or has one more
// limited run because r was not performed. The caller holds mu.
func (s *scheduler) rebook(r *run, now time.Time) {
	j := r.job
	scheduled := r.trigger != triggerRunNow
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
	s.handOverOwed(now, j) // of a stop that has been followed by a Start
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

// startWaiting starts the runs that a finished one has made room for: at the
// gate of its job, and in the queue. The caller holds mu.
func (s *scheduler) startWaiting(cur *internalJob, now time.Time) {
	for r := s.limiter.nextAtGate(&cur.gate); r != nil; r = s.limiter.nextAtGate(&cur.gate) {
		s.act(r, s.limiter.admitPassed(r), now)
	}
	for r := s.limiter.next(); r != nil; r = s.limiter.next() {
		s.attendTo(r)
	}
}

// dropWaiting drops all runs of j that wait. The caller holds mu.
func (s *scheduler) dropWaiting(j *internalJob) {
	for !j.gate.waiting.empty() {
		s.finish(j.gate.waiting.tail(), outcomeCancelled, s.now())
	}
}
