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

	startedAt   time.Time // of the task
	completedAt time.Time // when it returned

	inTask    bool // the task was called and has not returned
	panicked  bool // it did, unless it called runtime.Goexit
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
		p.startedAt = p.s.now() // the monitor's time is not the task's
	}
	p.inTask = true
	defer func() {
		if p.inTask {
			p.after(ErrTaskGoexit)
		}
	}()
	err := p.callTask()
	p.inTask = false
	if p.panicked && !p.job.ext().listeners.takePanics() {
		panic(p.recovered) // panic(nil), which callTask cannot tell from Goexit
	}
	p.after(err)
}

// prepare does what comes before the task. It reports whether the task may
// start; if not, it has set the outcome.
func (p *performance) prepare() bool {
	if ctx := p.job.ext().ctx; ctx != nil && ctx.Err() != nil {
		p.outcome = outcomeCancelled
		return false
	}
	if !p.claim() {
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
	defer p.s.mu.Unlock()
	p.begin(p.s.now())
	return true
}

// begin records that the task starts. The caller holds mu.
func (p *performance) begin(now time.Time) {
	cur := p.job.current()
	cur.running++
	cur.lastSoFar().startedAt = now
	p.run.started = true
	p.startedAt = now
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

// callTask calls the task. A panic is recovered for a listener that takes it, and
// goes on without one. After runtime.Goexit callTask does not return.
func (p *performance) callTask() (err error) {
	var ctx context.Context
	if p.job.call.wantsContext() {
		ctx = p.context()
	}
	returned := false
	defer func() {
		if returned {
			return
		}
		v := recover()
		if v != nil && !p.job.ext().listeners.takePanics() {
			p.inTask = false
			panic(v)
		}
		p.panicked, p.recovered = true, v
		err = fmt.Errorf("%w from %v", ErrPanicRecovered, v)
	}()
	err = p.job.call.run(ctx)
	returned = true
	return err
}

// after records the end of the task and tells everybody who wants to know.
func (p *performance) after(err error) {
	ended := p.s.now()
	p.completedAt = ended
	if err == nil {
		p.outcome = outcomeSucceeded
	}
	if !p.job.followed {
		return
	}
	l := &p.job.ext().listeners
	if p.panicked && !p.inTask {
		l.runAfterPanic(p.job, p.recovered)
	}
	l.runAfter(p.job, err)
	p.s.monitors.tellEnd(p.job, p.startedAt, ended, err)
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
