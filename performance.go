package gocron

import (
	"context"
	"fmt"
	"time"
)

// A performance is the part of a run that happens with nothing locked, on a
// worker: every call of user code for the run is made from here, in order.
type performance struct {
	s       *scheduler
	run     *run
	job     *internalJob
	ctx     *jobContext // the job's; nil until needed
	lock    Lock        // from a Locker
	outcome outcome

	completedAt time.Time // when the task returned

	panicked  bool // the task did, and a listener takes it
	recovered any
}

// steps takes the run through everything that belongs to it. The outcome stays
// outcomeFailed when the task ends by runtime.Goexit.
func (p *performance) steps() {
	defer p.unlock()
	if p.job.hooked && !p.prepare() {
		return
	}
	if m := p.s.monitors.scheduler; m != nil {
		m.JobRunning(p.job)
	}
	started := p.s.now()
	err := p.callTask(started)
	p.after(started, err)
}

// prepare does what comes before the task. It reports whether the task may
// start; if not, it has set the outcome.
func (p *performance) prepare() bool {
	if ctx := p.job.ext().ctx; ctx != nil && ctx.Err() != nil {
		p.outcome = outcomeCancelled
		return false
	}
	if o, claimed := p.claim(); !claimed {
		p.outcome = o
		return false
	}
	if p.overtaken() {
		p.outcome = outcomeCancelled
		return false
	}
	if err := p.before(); err != nil {
		p.outcome = outcomeRefused
		return false
	}
	p.s.mu.Lock()
	p.s.markStarted(p.run, p.s.now())
	p.s.mu.Unlock()
	return true
}

// overtaken reports whether the run became stale while it was claimed, which
// may take long.
func (p *performance) overtaken() bool {
	p.s.mu.Lock()
	defer p.s.mu.Unlock()
	return p.s.stale(p.run, p.s.now())
}

// before tells the listeners and the monitor that the run begins. An error is
// that of a listener which refuses the run.
func (p *performance) before() error {
	j, l := p.job, &p.job.ext().listeners
	l.runBefore(j)
	m := p.s.monitors.scheduler
	if m != nil {
		m.JobStarted(j)
		if p.run.trigger != triggerRunNow {
			now := p.s.now()
			m.JobSchedulingDelay(j, j.shown(p.run.scheduledAt, now), now.In(p.s.location))
		}
	}
	err := l.refusal(j)
	if err != nil && m != nil {
		m.JobFailed(j, err)
	}
	return err
}

// callTask calls the task. A panic is recovered only for a listener that takes
// it; runtime.Goexit cannot be kept from ending the worker, so what comes after
// the task is done here then.
func (p *performance) callTask(started time.Time) (err error) {
	var ctx context.Context
	if p.job.call.wantsContext() {
		ctx = p.context()
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		switch v := recover(); {
		case v == nil:
			p.after(started, ErrTaskGoexit)
		case !p.job.ext().listeners.takePanics():
			panic(v)
		default:
			p.panicked, p.recovered = true, v
			err = fmt.Errorf("%w from %v", ErrPanicRecovered, v)
		}
	}()
	err = p.job.call.run(ctx)
	returned = true
	return err
}

// after records the end of the task and tells everybody who wants to know.
func (p *performance) after(started time.Time, err error) {
	ended := p.s.now()
	p.completedAt = ended
	if err == nil {
		p.outcome = outcomeSucceeded
	}
	if !p.job.followed {
		return
	}
	l := &p.job.ext().listeners
	if p.panicked {
		l.runAfterPanic(p.job, p.recovered)
	}
	l.runAfter(p.job, err)
	p.s.monitors.tellEnd(p.job, started, ended, err)
}

// context is the job's context, made when the first run needs it.
func (p *performance) context() context.Context {
	if p.ctx != nil {
		return p.ctx.Context
	}
	parent := p.job.ext().ctx
	if parent == nil {
		parent = context.Background()
	}
	ctx, cancel := context.WithCancel(parent)
	p.ctx = p.s.shareContext(p.run, &jobContext{ctx, cancel})
	return p.ctx.Context
}

// shareContext makes ctx the context of all runs of r's job, unless it has one
// by now. The context of a job that has left or was stopped has ended.
func (s *scheduler) shareContext(r *run, ctx *jobContext) *jobContext {
	s.mu.Lock()
	j := r.job
	current := j.listed && r.session == s.session
	if current && j.state().ctx == nil {
		j.setState().ctx = ctx
	}
	shared := j.state().ctx
	s.mu.Unlock()
	if shared != ctx {
		ctx.cancel()
	}
	if !current {
		return ctx
	}
	return shared
}
