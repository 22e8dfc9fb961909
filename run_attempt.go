package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// An attempt is the part of a run that happens with nothing locked, on a
// worker: every call of user code for the run is made from here, in order.
type attempt struct {
	s       *scheduler
	run     *run
	job     *internalJob
	home    *internalJob    // the record that had the job's id when the attempt began
	record  *runRecord      // the attempt's; nil until needed
	ctx     *jobContext     // that of the runs that have begun, once it has; nil until needed
	lease   *runLease       // nil for none
	term    <-chan struct{} // closed when the leader's term ends; nil if that is not known
	leased  context.Context // ends with lease and term; nil if they do not end
	outcome Outcome
	err     error         // the reason for the outcome
	retryIn time.Duration // after completedAt; noRetry for none

	startedAt   time.Time // of the task
	completedAt time.Time // when it returned

	inTask    bool // the task was called and has not returned
	panicked  bool // the task did
	recovered any
	timedOut  bool // the task took too long

	storedError string // what the store keeps of err
}

// attemptLocked makes one attempt of a granted run.
func (s *scheduler) attemptLocked(r *run) {
	now := s.now()
	if o, cause, may := s.mayStartLocked(r, now); !may {
		r.setError(cause)
		s.finishLocked(r, o, now)
		return
	}
	a := attempt{s: s, run: r, job: r.job, home: r.job.current(), record: r.record, outcome: OutcomeCancelled,
		err: ErrTaskGoexit, retryIn: noRetry}
	if r.hasBegun() || r.record != nil && r.record.lease.has() {
		a.lease = r.record.lease // of the attempts before
	}
	if !a.job.hasPreSteps {
		a.beginLocked(now)
	}
	defer func() {
		if a.completedAt.IsZero() {
			a.completedAt = s.now()
		}
		s.finishAttemptLocked(&a)
	}()
	s.unlocked(a.steps)
}

// steps makes all calls of the attempt, in order. If one of them ends the goroutine, by
// runtime.Goexit, outcome and error are what they were then.
func (a *attempt) steps() {
	if a.job.settings().stored {
		defer a.textForStore()
	}
	defer a.releaseLock()
	if a.job.hasPreSteps && !a.prepare() {
		return
	}
	m, hook, watched := a.s.monitors.scheduler, a.s.hooks.RunStarted, a.s.watchers.any()
	if m != nil {
		m.JobRunning(a.job)
	}
	if hook != nil || watched {
		info := a.info()
		if hook != nil {
			hook(info)
		}
		a.s.watchers.tell(watchStarted, info)
	}
	if m != nil || hook != nil || watched {
		a.beginAgain() // their time is not the task's
	}
	a.inTask = true
	defer func() {
		if a.inTask { // it called runtime.Goexit, which callTask cannot tell from panic(nil)
			a.panicked = false
			a.after(ErrTaskGoexit)
		}
	}()
	err := a.callTask()
	a.inTask = false
	if a.panicked && !a.job.takesPanics() {
		panic(a.recovered) // it is nil: recovering takes a panic(nil) for runtime.Goexit
	}
	a.after(err)
}

// prepare does what comes before the task. It reports whether that is to be called; if
// not, it has set the outcome.
func (a *attempt) prepare() bool {
	if !a.check() || !a.askToRun() || !a.recordBegin() {
		return false
	}
	if err := a.before(); err != nil {
		a.outcome, a.err = OutcomeRefused, err
	} else if a.beginIfWanted() {
		return true
	} else if a.err == nil {
		a.err = notCalledError(a.outcome)
	}
	if m := a.s.monitors.scheduler; m != nil {
		m.JobFailed(a.job, a.err)
	}
	return false
}

// check reports whether the run may still start. If not, it has set the outcome.
func (a *attempt) check() bool {
	ended := a.givenContextEnded()
	a.s.lock()
	defer a.s.unlock()
	return a.passesLocked(ended, a.s.now())
}

// beginIfWanted is check, and in the same step under the lock the run begins.
func (a *attempt) beginIfWanted() bool {
	ended := a.givenContextEnded()
	a.s.lock()
	defer a.s.unlock()
	now := a.s.now()
	if !a.passesLocked(ended, now) {
		return false
	}
	a.beginLocked(now)
	return true
}

// passesLocked is check's part under the lock.
func (a *attempt) passesLocked(givenContextEnded bool, now time.Time) bool {
	o, cause, may := a.s.mayStartLocked(a.run, now)
	if may && givenContextEnded {
		o, may = OutcomeCancelled, false
	}
	if !may {
		a.outcome, a.err = o, cause
	}
	return may
}

// mayStartLocked is the check that a run has to pass before its elector, its locker and its
// listeners are asked, and again in the step in which it begins. If it may not start any
// more, it says with which outcome the run ends, and for what it was cancelled.
func (s *scheduler) mayStartLocked(r *run, now time.Time) (o Outcome, cause error, may bool) {
	switch {
	case s.isStaleLocked(r, now):
		return OutcomeCancelled, r.cancelCause(), false
	case r.job.current().rareState().paused && r.pausable():
		return OutcomePaused, nil, false
	}
	return OutcomePending, nil, true
}

// isStaleLocked reports whether a run is not wanted any more. One that has its slot outlives the
// definition that it was made from, unless it has begun.
func (s *scheduler) isStaleLocked(r *run, now time.Time) bool {
	cur := r.job.current()
	return r.session.stopped || !cur.listed || r.hasBegun() && cur != r.job ||
		r.job.ended || r.cancels != cur.rareState().cancels || r.isTooLate(now)
}

// givenContextEnded reports whether the context given by WithContext has ended.
func (a *attempt) givenContextEnded() bool {
	ctx := a.job.settings().ctx
	return ctx != nil && ctx.Err() != nil
}

// beginLocked records that the task starts.
func (a *attempt) beginLocked(now time.Time) {
	r, cur := a.run, a.job.current()
	if a.record != nil && a.record.Context != nil && !r.hasBegun() {
		own := *a.record // the context that elector and locker have got ends otherwise than the task's
		own.Context = nil
		a.record, r.record = &own, &own
	}
	a.home, a.ctx = cur, cur.rareState().ctx.find(a.job, true)
	cur.gate.running++
	cur.lastSoFar().startedAt = now
	r.stage = stageRunning
	if l := a.job.ledger(); l != nil && r.isOccurrence() && !r.hasBegun() {
		l.settle(r.scheduledAt)
	}
	r.attempts++
	a.outcome = OutcomeFailed
	a.startedAt = now
	if a.record != nil {
		a.record.startedAt = now
	}
}

// before tells the listeners and the monitor that the run begins. It returns the error of a listener
// that refuses the run.
func (a *attempt) before() error {
	j, l := a.job, &a.job.settings().listeners
	over := a.beginning()
	defer over()
	l.runBefore(j)
	if l.refuse == nil { // the last listener has been called
		over()
	}
	if m := a.s.monitors.scheduler; m != nil {
		m.JobStarted(j)
		if a.run.trigger != TriggerRunNow {
			now := a.s.now()
			m.JobSchedulingDelay(j, j.displayTime(a.dueTime(), now), now.In(a.s.location))
		}
	}
	return l.refusal(j)
}

// dueTime is when the run was due.
func (a *attempt) dueTime() time.Time {
	if a.job.settings().jitter == 0 {
		return a.run.scheduledAt
	}
	a.s.lock()
	defer a.s.unlock()
	return a.run.dueTime()
}

// beginAgain sets the start of the task, for RunInfo and monitors, to now. LastRun and IsRunning
// go by the moment in which the run passed its last check.
func (a *attempt) beginAgain() {
	now := a.s.now()
	a.startedAt = now
	if a.record != nil {
		a.s.lock()
		a.record.startedAt = now
		a.s.unlock()
	}
}

// info is what is known of the run now.
func (a *attempt) info() RunInfo {
	a.s.lock()
	defer a.s.unlock()
	info := a.run.info()
	if info.StartedAt.IsZero() { // watched since just now
		info.StartedAt = a.s.inZone(a.startedAt)
	}
	return info
}

// callTask calls the task with its context. A panic is recovered for those who take it, and goes on
// without one. After runtime.Goexit callTask does not return.
func (a *attempt) callTask() error {
	var ctx context.Context
	timeout := a.job.settings().timeout
	if timeout > 0 || a.job.call.wantsContext() {
		ctx = a.context()
	}
	if a.lease != nil || a.term != nil {
		var over func()
		ctx, over = a.withLease(a.context())
		defer over()
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = withTimeout(ctx, timeout)
		defer cancel()
	}
	err := a.recovering(ctx)
	if a.panicked {
		return err
	}
	if timeout > 0 && context.Cause(ctx) == ErrRunTimeout && context.Cause(a.ctx) != ErrRunTimeout {
		a.timedOut, err = true, timeoutError(timeout, err)
	}
	if cause := a.leaseCause(); cause != nil && isOfEnd(err, a.leased) && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// recovering calls the task and makes an error of its panic.
func (a *attempt) recovering(ctx context.Context) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v != nil && !a.job.takesPanics() {
			a.inTask = false
			panic(v)
		}
		a.panicked, a.recovered = true, v
		err = newPanicError(v)
	}()
	err = a.job.call.run(ctx)
	returned = true
	return err
}

// takesPanics reports whether somebody wants to know of a panic in the task.
func (j *internalJob) takesPanics() bool {
	return j.settings().recoverPanics || j.settings().listeners.takePanics()
}

// after records the end of the task, tells everybody who wants to know, and decides
// whether to try again.
func (a *attempt) after(err error) {
	ended := a.s.now()
	a.completedAt, a.err = ended, err
	a.outcome = a.judge(err)
	if a.job.hasPostSteps {
		a.s.monitors.tellTiming(a.job, a.startedAt, ended)
		l := &a.job.settings().listeners
		if a.panicked {
			l.runAfterPanic(a.job, a.recovered)
		}
		l.runAfter(a.job, err)
		a.s.monitors.tellStatus(a.job, a.startedAt, ended, err)
	}
	if a.s.monitors.scheduler != nil || a.lease.has() { // those who are called next may ask
		a.s.lock()
		a.s.endTaskLocked(a.run, ended)
		a.s.unlock()
	}
	a.s.monitors.tellEnd(a.job, ended.Sub(a.startedAt), err)
	if policy := a.job.settings().retry; policy != nil {
		attempts := int(a.run.attempts) // nobody else begins one
		if policy.again(err, attempts) {
			a.retryIn = policy.wait(attempts, err)
		}
	}
}

// judge is the outcome of an attempt whose task was called.
func (a *attempt) judge(err error) Outcome {
	switch {
	case err == nil:
		return OutcomeSucceeded
	case a.panicked:
		return OutcomePanicked
	case a.timedOut:
		return OutcomeTimedOut
	case a.ctx != nil && isOfEnd(err, a.ctx), a.leaseCause() != nil && isOfEnd(err, a.leased):
		return OutcomeCancelled
	default:
		return OutcomeFailed
	}
}

// isOfEnd reports whether err says that the context has ended, and it has.
func isOfEnd(err error, ctx context.Context) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// textForStore notes what the store keeps of the attempt's error.
func (a *attempt) textForStore() {
	a.storedError = a.s.store.storedText(a.err)
}

// finishAttemptLocked ends an attempt: the run has its outcome, or waits for another attempt.
func (s *scheduler) finishAttemptLocked(a *attempt) {
	r := a.run
	if r.replacesOutcome() {
		if a.record == nil && (a.err != nil && s.logsRuns || s.watchers.any()) {
			a.record = &runRecord{run: r, startedAt: a.startedAt}
		}
		if a.record != nil {
			r.record = a.record
			r.record.err = a.err
		}
		if a.job.settings().stored {
			r.makeStored().error = a.storedError
		}
	}
	if a.retryIn != noRetry && s.mayRetryLocked(a) {
		s.scheduleRetryLocked(a)
		return
	}
	lock := a.lease.take()
	if lock == nil {
		s.finishLocked(r, a.outcome, a.completedAt)
		return
	}
	defer s.finishLocked(r, a.outcome, a.completedAt)       // whatever user code does
	s.unlocked(func() { a.job.release(lock, a.lease.ctx) }) // a claim that was kept for an attempt that is not made
}
