package gocron

import (
	"fmt"
	"math"
	"time"
)

// handOver makes a run of j that is due and books the job's next time. Nothing
// happens when no limited run is left. The caller holds mu.
func (s *scheduler) handOver(j *internalJob, due time.Time, by Trigger, now time.Time) {
	if j.ended || j.allReserved() {
		return
	}
	if j.countsFromLast() && by == TriggerSchedule {
		j.anchor = due
	}
	if j.state().paused && j.keepsOccurrences() {
		j.keep(due, by)
		s.book(j, due, now, now)
		return
	}
	if by == TriggerStartImmediately {
		due = due.In(j.location())
	}
	r := s.newRun(j, due, by)
	switch {
	case j.ext().fromCompletion:
		j.completing++
	case by == TriggerStartImmediately:
		s.book(j, time.Time{}, due, now)
	default:
		s.book(j, due, now, now)
	}
	s.admit(r, now)
}

// newRun fixes the identity of a run, and reserves one of WithLimitedRuns for it.
func (s *scheduler) newRun(j *internalJob, due time.Time, by Trigger) *run {
	s.runSeq++
	if j.limitedRuns > 0 {
		j.reserved++
	}
	s.session.live++
	r := &run{job: j, session: s.session, seq: s.runSeq, scheduledAt: due, trigger: by}
	if s.recordsRuns || j.ext().recorded {
		r.record = &runRecord{run: r}
	}
	return r
}

// admit has a new run started, queued or skipped. The caller holds mu.
func (s *scheduler) admit(r *run, now time.Time) verdict {
	s.tell(r, noticeDue)
	j := r.job
	if j.stopPassed(now) || r.trigger == TriggerStartImmediately && j.overAt(r.scheduledAt) {
		s.finish(r, OutcomeCancelled, now)
		return verdictTooLate
	}
	if j.state().paused && r.pausable() {
		s.act(r, verdictPaused, now)
		return verdictPaused
	}
	older := j.gate.waiting.head
	v := j.limiter().admit(r)
	s.act(r, v, now)
	if j.gate.mode == uint8(LimitModeReplace) && r.stage != stageFinished {
		s.replaceRuns(r, older, now)
	}
	return v
}

// runNow is RunNow of a handle. The run has the given record, unless that is nil.
func (s *scheduler) runNow(handle *internalJob, rec *runRecord) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, ended, err := s.consult(handle)
	if s.closed {
		s.logRunNowFailed(handle, "the scheduler has been shut down")
		return ErrJobRunNowFailed
	}
	if err != nil {
		return err
	}
	now := s.lookAtClock()
	reason := s.runNowFails(j, ended, now)
	switch {
	case reason != "":
		s.logRunNowFailed(j, reason)
		return ErrJobRunNowFailed
	case !j.announced && rec != nil: // who waits for the run might hold up the announcement
		s.logRunNowFailed(j, "the job is being announced")
		return ErrJobRunNowFailed
	case !j.announced:
		x := j.setState()
		if x.askedIn != s.session {
			x.runNows, x.askedIn = 0, s.session
		}
		x.runNows++
		return nil
	default:
		return s.handOverNow(j, rec, now)
	}
}

// runNowFails is why RunNow of j fails now, "" if it does not. The user's context is
// known to have ended if ended is set. The caller holds mu.
func (s *scheduler) runNowFails(j *internalJob, ended bool, now time.Time) string {
	switch {
	case s.draining != nil:
		return "the scheduler is being stopped"
	case s.session == nil:
		return "the scheduler is not running"
	case ended, j.ended:
		return "the context given by WithContext has ended"
	case j.overAt(now):
		return "the job's stop time has passed: " + timeText(j.ext().stopAt)
	}
	return ""
}

// logRunNowFailed has the logger say why RunNow has failed: its error is compared with
// ==. The caller holds mu, which is let go of meanwhile.
func (s *scheduler) logRunNowFailed(j *internalJob, reason string) {
	if s.quiet {
		return
	}
	s.unlocked(func() {
		s.logger.Debug("gocron: RunNow failed", "job", j.Name(), "id", j.id, "reason", reason)
	})
}

// handOverNow makes a run that RunNow has asked for. The caller holds mu.
func (s *scheduler) handOverNow(j *internalJob, rec *runRecord, now time.Time) error {
	if j.ended || j.allReserved() {
		if rec != nil {
			return fmt.Errorf("%w: no run is left of WithLimitedRuns", ErrJobRunNowFailed)
		}
		return nil
	}
	r := s.newRun(j, now, TriggerRunNow)
	if rec != nil {
		rec.run, r.record = r, rec
	}
	if j.allReserved() {
		s.setNext(j, time.Time{}, now)
	}
	if s.admit(r, now) == verdictQueueFull {
		return ErrQueueFull
	}
	return nil
}

// act carries out what admission said of a run. The caller holds mu.
func (s *scheduler) act(r *run, v verdict, now time.Time) {
	switch v {
	case verdictStart:
		s.granted(r)
	case verdictWaitAtGate:
		s.tell(r, noticeSingletonWait)
		s.waits(r, now)
	case verdictWaitForSlot:
		s.tell(r, noticeLimit)
		s.waits(r, now)
	case verdictSkipSingleton:
		s.tell(r, noticeSingletonSkip)
		s.finish(r, OutcomeSkippedSingleton, now)
	case verdictSkipLimit:
		s.tell(r, noticeLimit)
		s.finish(r, OutcomeSkippedLimit, now)
	case verdictQueueFull:
		r.blame(ErrQueueFull)
		s.tell(r, noticeLimit)
		s.finish(r, OutcomeDroppedQueueFull, now)
	case verdictPaused:
		s.finish(r, OutcomePaused, now)
	}
}

// errands are what a worker has to do for a run with nothing locked, before anything
// else happens to it.
type errands struct {
	replaces *jobContext // of a run that this one replaces, to be ended
	releases []hold      // locks of runs that will have no further attempt
}

// takeOver has the lock that h has released.
func (e *errands) takeOver(h *hold) {
	if lock := h.take(); lock != nil {
		e.releases = append(e.releases, hold{lock: lock, ctx: h.ctx})
	}
}

// send gives the run's errands to a worker. The caller holds mu.
func (s *scheduler) send(r *run) *errands {
	if r.record.errands == nil {
		r.record.errands = &errands{}
	}
	r.notices |= noticeErrands
	s.attendTo(r)
	return r.record.errands
}

// runErrands does what r's record says.
func (s *scheduler) runErrands(r *run) {
	s.mu.Lock()
	do := r.record.errands
	r.record.errands = nil
	s.mu.Unlock()
	do.replaces.endFor(ErrRunReplaced)
	for _, h := range do.releases {
		r.job.release(h.lock, h.ctx)
	}
}

// waits notes that r does not start at once. The caller holds mu.
func (s *scheduler) waits(r *run, now time.Time) {
	if r.record == nil && now.Sub(r.scheduledAt) >= time.Second { // else that says since when it waits
		r.record = &runRecord{run: r}
	}
	if rec := r.record; rec != nil && !r.waited { // else it waited at its gate just now
		rec.queuedAt = now
		s.tell(r, noticeQueued)
	}
	if !r.waited {
		r.job.limiter().longest.append(r)
	}
	r.waited = true
	if j := r.job; j.next.IsZero() && !j.ext().stopAt.IsZero() {
		s.setNext(j, time.Time{}, now) // for when the wait has to end
	}
}

// tell has a worker tell hooks and monitors of r, before anything else happens to
// it. The caller holds mu.
func (s *scheduler) tell(r *run, n notice) {
	if s.hooks.of(n) != nil || s.monitors.hear(n) || s.logs(r, n) {
		r.notices |= n
		s.attendTo(r)
	}
}

// notWanted is the cancels of a run that waited when its job left, and has got its slot
// before it was dropped.
const notWanted = math.MaxUint32

// logs reports whether the logger gets a line about r with the notice n. The caller
// holds mu.
func (s *scheduler) logs(r *run, n notice) bool {
	return s.saysRuns && n == noticeFinished && r.outcome != OutcomeSucceeded
}

// granted has a worker perform a run that got slot and gate. The caller holds mu.
func (s *scheduler) granted(r *run) {
	r.job.limiter().longest.remove(r)
	switch {
	case !r.job.listed: // it waited, and will be dropped
		r.cancels = notWanted
	case !r.started: // else Cancel ends it also between two attempts
		r.cancels = r.job.state().cancels
	}
	if s.drain {
		r.session.inProgress.append(r)
	}
	s.attendTo(r)
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
	for n := 1; s.ready.head != nil; n++ {
		r := s.ready.pop()
		s.workerIsBack = false
		s.startWorker()
		s.attend(r)
		if n%runsBatch == 0 { // of a great many, none of which may start, none lets go of mu
			s.letOthers()
		}
	}
}

// unlocked calls f with mu let go. It holds mu again however f ends. A worker that lets go
// of mu is not back for as long as f takes: what is ready goes to another one.
func (s *scheduler) unlocked(f func()) {
	s.workerIsBack = false
	s.startWorker()
	s.mu.Unlock()
	defer s.mu.Lock()
	f()
}

// attend sees to one run: what hooks and monitors are to be told of it, then, if
// it may start, the run itself. The caller holds mu.
func (s *scheduler) attend(r *run) {
	defer s.attended(r)
	s.tellNotices(r)
	if r.stage == stageGranted {
		s.perform(r)
		s.tellNotices(r)
	}
}

// tellNotices tells what there is to tell of r. The caller holds mu.
func (s *scheduler) tellNotices(r *run) {
	for r.notices != 0 {
		n := r.notices.first()
		r.notices &^= n
		var info RunInfo
		reason, logs := "", s.logs(r, n)
		if s.hooks.of(n) != nil || logs {
			info = r.info()
		}
		if logs {
			reason = r.reason(info)
		}
		s.unlocked(func() {
			defer s.tellNotice(r, n, info) // however the logger's call ends
			if logs {
				s.logEnd(info, reason)
			}
		})
	}
}

// attended is called when a worker is done with r. The caller holds mu.
func (s *scheduler) attended(r *run) {
	r.attended = false
	if r.stage == stageGranted || r.notices != 0 { // user code ended the worker, or r is to be tried again already
		s.attendTo(r)
	}
	s.lessBusy(r.session)
}

// perform makes one attempt of a granted run. The caller holds mu.
func (s *scheduler) perform(r *run) {
	now := s.now()
	if o, cause, may := s.mayStart(r, now); !may {
		s.workerIsBack = true
		r.blame(cause)
		s.finish(r, o, now)
		return
	}
	p := performance{s: s, run: r, job: r.job, home: r.job.current(), record: r.record, outcome: OutcomeCancelled,
		err: ErrTaskGoexit, retryIn: noRetry}
	if r.started {
		p.hold = r.record.hold // of the attempts before
	}
	if !p.job.hooked {
		p.begin(now)
	}
	defer func() {
		s.workerIsBack = true
		if p.completedAt.IsZero() {
			p.completedAt = s.now()
		}
		s.conclude(&p)
	}()
	s.unlocked(p.steps)
}

// conclude ends an attempt: the run has its outcome, or waits for another attempt.
// The caller holds mu.
func (s *scheduler) conclude(p *performance) {
	r := p.run
	if p.record == nil && p.err != nil && s.saysRuns && (r.performing || !r.started) {
		p.record = &runRecord{run: r}
		if r.performing {
			p.record.attempt, p.record.startedAt = 1, p.startedAt
		}
	}
	if p.record != nil && (r.performing || !r.started) { // else the attempt before counts
		r.record = p.record
		r.record.err = p.err
	}
	if p.retryIn != noRetry && s.mayRetry(p) {
		s.suspend(p)
		return
	}
	lock := p.hold.take()
	if lock == nil {
		s.finish(r, p.outcome, p.completedAt)
		return
	}
	defer s.finish(r, p.outcome, p.completedAt) // whatever user code does
	s.unlocked(func() { p.job.release(lock, p.hold.ctx) })
}

// mayStart is the check that a run has to pass before its elector, its locker and its
// listeners are asked, and again in the step in which it begins. If it may not start any
// more, mayStart says what becomes of it, and for what it was cancelled. The caller holds mu.
func (s *scheduler) mayStart(r *run, now time.Time) (o Outcome, cause error, may bool) {
	switch {
	case s.stale(r, now):
		return OutcomeCancelled, r.cancelCause(), false
	case r.job.current().state().paused && r.pausable():
		return OutcomePaused, nil, false
	}
	return OutcomePending, nil, true
}

// stale reports whether a run is not wanted any more. One that has its slot outlives the
// definition that it was made from, unless it has begun. The caller holds mu.
func (s *scheduler) stale(r *run, now time.Time) bool {
	cur := r.job.current()
	return r.session.stopped || !cur.listed || r.started && cur != r.job ||
		r.job.ended || r.cancels != cur.state().cancels || r.job.stopPassed(now)
}
