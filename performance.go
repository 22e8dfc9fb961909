package gocron

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A performance is the part of a run that happens with nothing locked, on a
// worker: every call of user code for the run is made from here, in order.
type performance struct {
	s       *scheduler
	run     *run
	job     *internalJob
	home    *internalJob    // the record that had the job's id when the attempt began
	record  *runRecord      // the attempt's; nil until needed
	ctx     *jobContext     // that of the runs that have begun, once it has; nil until needed
	hold    *hold           // nil for none
	term    <-chan struct{} // closed when the leader's term ends; nil if that is not known
	cover   context.Context // ends with lock and term; nil if they do not end
	outcome Outcome
	err     error         // the reason for the outcome
	retryIn time.Duration // after completedAt; noRetry for none

	startedAt   time.Time // of the task
	completedAt time.Time // when it returned

	inTask    bool // the task was called and has not returned
	panicked  bool // it did, unless it called runtime.Goexit
	recovered any
	timedOut  bool // the task took too long
}

// steps takes the run through everything that belongs to it. Outcome and error stay
// as they are when something calls runtime.Goexit.
func (p *performance) steps() {
	defer p.unlock()
	if p.job.hooked && !p.prepare() {
		return
	}
	m, hook := p.s.monitors.scheduler, p.s.hooks.RunStarted
	if m != nil {
		m.JobRunning(p.job)
	}
	if hook != nil {
		hook(p.info())
	}
	if m != nil || hook != nil {
		p.beginAgain() // their time is not the task's
	}
	p.inTask = true
	defer func() {
		if p.inTask {
			p.after(ErrTaskGoexit)
		}
	}()
	err := p.callTask()
	p.inTask = false
	if p.panicked && !p.job.takesPanics() {
		panic(p.recovered) // panic(nil), which callTask cannot tell from Goexit
	}
	p.after(err)
}

// prepare does what comes before the task. It reports whether that is to be called; if
// not, it has set the outcome.
func (p *performance) prepare() bool {
	if !p.check() || !p.claim() {
		return false
	}
	if err := p.before(); err != nil {
		p.outcome, p.err = OutcomeRefused, err
	} else if p.beginIfWanted() {
		return true
	} else if p.err == nil {
		p.err = notCalledError(p.outcome)
	}
	if m := p.s.monitors.scheduler; m != nil {
		m.JobFailed(p.job, p.err)
	}
	return false
}

// check reports whether the run may still start. If not, it has set the outcome.
func (p *performance) check() bool {
	ended := p.givenContextEnded()
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.passes(ended, p.s.now())
}

// beginIfWanted is check, and in the same step under the lock the run begins.
func (p *performance) beginIfWanted() bool {
	ended := p.givenContextEnded()
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	now := p.s.now()
	if !p.passes(ended, now) {
		return false
	}
	p.begin(now)
	return true
}

// passes is check's part under the lock. The caller holds mu.
func (p *performance) passes(givenContextEnded bool, now time.Time) bool {
	o, cause, may := p.s.mayStart(p.run, now)
	if may && givenContextEnded {
		o, may = OutcomeCancelled, false
	}
	if !may {
		p.outcome, p.err = o, cause
	}
	return may
}

// givenContextEnded reports whether the context given by WithContext has ended.
func (p *performance) givenContextEnded() bool {
	ctx := p.job.ext().ctx
	return ctx != nil && ctx.Err() != nil
}

// begin records that the task starts. The caller holds mu.
func (p *performance) begin(now time.Time) {
	r, cur := p.run, p.job.current()
	if p.record != nil && p.record.Context != nil && !r.started {
		own := *p.record // the context that elector and locker have got ends otherwise than the task's
		own.Context = nil
		p.record, r.record = &own, &own
	}
	p.home, p.ctx = cur, cur.state().ctx.find(p.job, true)
	cur.running++
	cur.lastSoFar().startedAt = now
	r.started, r.performing, r.running = true, true, true
	p.outcome = OutcomeFailed
	p.startedAt = now
	if p.record != nil {
		p.record.startedAt = now
		p.record.attempt++
	}
}

// beginAgain sets the start of the task to now.
func (p *performance) beginAgain() {
	now := p.s.now()
	p.startedAt = now
	if p.record != nil {
		p.s.mu.Lock()
		p.record.startedAt = now
		p.s.mu.Unlock()
	}
}

// before tells the listeners and the monitor that the run begins. An error is
// that of a listener which refuses the run.
func (p *performance) before() error {
	j, l := p.job, &p.job.ext().listeners
	over := p.beginning()
	defer over()
	l.runBefore(j)
	if l.refuse == nil {
		over()
	}
	if m := p.s.monitors.scheduler; m != nil {
		m.JobStarted(j)
		if p.run.trigger != TriggerRunNow {
			now := p.s.now()
			m.JobSchedulingDelay(j, j.shown(p.run.scheduledAt, now), now.In(p.s.location))
		}
	}
	return l.refusal(j)
}

// beginning has NextRun name this run's time until the function that it returns is called,
// if the job has listeners for that and the run is not one of RunNow.
func (p *performance) beginning() (over func()) {
	j, r := p.job, p.run
	if r.trigger == TriggerRunNow || !j.ext().listeners.hooks() {
		return func() {}
	}
	j.s.mu.Lock()
	defer j.s.mu.Unlock()
	x := j.setState()
	x.beginning = append(x.beginning, r)
	return func() {
		j.s.mu.Lock()
		defer j.s.mu.Unlock()
		if i := slices.Index(x.beginning, r); i >= 0 {
			x.beginning = slices.Delete(x.beginning, i, i+1)
		}
	}
}

// callTask calls the task. A panic is recovered for those who take it, and goes on
// without one. After runtime.Goexit callTask does not return.
func (p *performance) callTask() (err error) {
	var ctx context.Context
	timeout := p.job.ext().timeout
	if timeout > 0 || p.job.call.wantsContext() {
		ctx = p.context()
	}
	if p.hold != nil || p.term != nil {
		var uncover func()
		ctx, uncover = p.covered(p.context())
		defer uncover()
	}
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = withTimeout(ctx, timeout)
		defer cancel()
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v != nil && !p.job.takesPanics() {
			p.inTask = false
			panic(v)
		}
		p.panicked, p.recovered = true, v
		err = newPanicError(v)
	}()
	err = p.job.call.run(ctx)
	returned = true
	if timeout > 0 && context.Cause(ctx) == ErrRunTimeout && context.Cause(p.ctx) != ErrRunTimeout {
		p.timedOut, err = true, timeoutError(timeout, err)
	}
	if cause := p.uncovered(); cause != nil && isOfEnd(err, p.cover) && !errors.Is(err, cause) {
		err = fmt.Errorf("%w: %w", cause, err)
	}
	return err
}

// takesPanics reports whether somebody wants to know of a panic in the task.
func (j *internalJob) takesPanics() bool {
	return j.ext().recovers || j.ext().listeners.takePanics()
}

// after records the end of the task, tells everybody who wants to know, and decides
// whether to try again.
func (p *performance) after(err error) {
	ended := p.s.now()
	p.completedAt, p.err = ended, err
	p.outcome = p.judge(err)
	if p.job.followed {
		p.s.monitors.tellTiming(p.job, p.startedAt, ended)
		l := &p.job.ext().listeners
		if p.panicked && !p.inTask {
			l.runAfterPanic(p.job, p.recovered)
		}
		l.runAfter(p.job, err)
		p.s.monitors.tellStatus(p.job, p.startedAt, ended, err)
	}
	if p.s.monitors.scheduler != nil || p.hold.has() { // those who are called next may ask
		p.s.mu.Lock()
		p.s.taskEnded(p.run, ended)
		p.s.mu.Unlock()
	}
	p.s.monitors.tellEnd(p.job, ended.Sub(p.startedAt), err)
	if policy := p.job.ext().retry; policy != nil {
		if policy.again(err, p.record.attempt) {
			p.retryIn = policy.wait(p.record.attempt)
		}
	}
}

// judge is the outcome of an attempt whose task was called.
func (p *performance) judge(err error) Outcome {
	switch {
	case err == nil:
		return OutcomeSucceeded
	case p.panicked && !p.inTask:
		return OutcomePanicked
	case p.timedOut:
		return OutcomeTimedOut
	case p.ctx != nil && isOfEnd(err, p.ctx), p.uncovered() != nil && isOfEnd(err, p.cover):
		return OutcomeCancelled
	default:
		return OutcomeFailed
	}
}

// isOfEnd reports whether err says that the context has ended, and it has.
func isOfEnd(err error, ctx context.Context) bool {
	return ctx.Err() != nil && (errors.Is(err, ctx.Err()) || errors.Is(err, context.Cause(ctx)))
}

// info is what is known of the run now.
func (p *performance) info() RunInfo {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.run.info()
}

// context is the context of the attempt: the job's, which is made when the first
// run needs it, and what is known of the run.
func (p *performance) context() context.Context {
	if p.record == nil {
		p.record = &runRecord{run: p.run, startedAt: p.startedAt}
		if !p.startedAt.IsZero() {
			p.record.attempt = 1
		}
		if p.run.waited {
			p.record.queuedAt = p.run.waitsSince()
		}
	}
	if p.record.Context == nil {
		p.record.Context = p.jobContext()
	}
	return p.record
}

// jobContext is the context that the run shares with others of its job: in its task with
// those that have begun, before that with those that have not.
func (p *performance) jobContext() context.Context {
	if p.ctx != nil && p.ctx.begun == p.run.started {
		return p.ctx.Context
	}
	parent := p.job.ext().ctx
	if parent == nil {
		parent = context.Background()
	}
	ctx, cancel := context.WithCancelCause(parent)
	p.ctx = p.s.shareContext(p, &jobContext{Context: ctx, cancel: cancel, of: p.job, begun: p.run.started})
	return p.ctx.Context
}

// shareContext makes ctx the context of the runs that it is for, unless they have one by
// now. That of a job that has left or was stopped, of a run that was cancelled, and of one
// whose job was replaced after it has begun, has ended.
func (s *scheduler) shareContext(p *performance, ctx *jobContext) *jobContext {
	s.mu.Lock()
	home := p.home
	if !ctx.begun {
		home = p.job.current()
	}
	x, cause := home.state(), error(nil)
	shared := x.ctx.find(p.job, ctx.begun)
	switch {
	case p.run.cancels != x.cancels:
		shared, cause = ctx, x.cancelCause
	case !home.listed || p.run.session.stopped:
		shared, cause = ctx, context.Canceled
	case shared != nil:
		cause = context.Canceled
	default:
		shared, ctx.next = ctx, x.ctx
		home.setState().ctx = ctx
	}
	s.mu.Unlock()
	if cause != nil {
		ctx.cancel(cause)
	}
	return shared
}
