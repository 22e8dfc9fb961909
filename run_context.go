package gocron

import "context"

// A jobContext is a context that runs of a job share in one session: those of one
// definition that have begun, or those that have not, for their elector and locker. The
// job's others are linked behind it.
type jobContext struct {
	context.Context
	cancel context.CancelCauseFunc
	of     *internalJob // the definition
	begun  bool
	next   *jobContext
}

// end ends all contexts from c on for no reason but that the job is not wanted.
func (c *jobContext) end() { c.endFor(nil) }

// endFor ends all contexts from c on with a cause. It is called with nothing locked.
func (c *jobContext) endFor(cause error) {
	for ; c != nil; c = c.next {
		c.cancel(cause)
	}
}

// find is the context of the given runs, nil if there is none.
func (c *jobContext) find(of *internalJob, begun bool) *jobContext {
	for ; c != nil; c = c.next {
		if c.of == of && c.begun == begun {
			return c
		}
	}
	return nil
}

// split parts the contexts of runs that have begun from the others.
func (c *jobContext) split() (begun, others *jobContext) {
	for c != nil {
		next := c.next
		if c.begun {
			c.next, begun = begun, c
		} else {
			c.next, others = others, c
		}
		c = next
	}
	return begun, others
}

// context is the context of the attempt: the job's, which is made when the first
// run needs it, and what is known of the run.
func (a *attempt) context() context.Context {
	if a.record == nil {
		a.record = &runRecord{run: a.run, startedAt: a.startedAt}
		if a.run.waited {
			a.record.queuedAt = a.run.waitsSince()
		}
	}
	if a.record.Context == nil {
		a.record.Context = a.jobContext()
	}
	return a.record
}

// jobContext is the context that the run shares with others of its job: in its task with
// those that have begun, before that with those that have not.
func (a *attempt) jobContext() context.Context {
	if a.ctx != nil && a.ctx.begun == a.run.hasBegun() {
		return a.ctx.Context
	}
	parent := a.job.settings().ctx
	if parent == nil {
		parent = context.Background()
	}
	ctx, cancel := context.WithCancelCause(parent)
	a.ctx = a.s.shareContext(a, &jobContext{Context: ctx, cancel: cancel, of: a.job, begun: a.run.hasBegun()})
	return a.ctx.Context
}

// shareContext makes ctx the context of the runs that it is for, unless they have one by
// now. That of a job that has left or was stopped, of a run that was cancelled, and of one
// whose job was replaced after it has begun, has ended.
func (s *scheduler) shareContext(a *attempt, ctx *jobContext) *jobContext {
	s.lock()
	home := a.home
	if !ctx.begun {
		home = a.job.current()
	}
	x, cause := home.rareState(), error(nil)
	shared := x.ctx.find(a.job, ctx.begun)
	switch {
	case a.run.cancels != x.cancels:
		shared, cause = ctx, x.cancelCause
	case !home.listed || a.run.session.stopped:
		shared, cause = ctx, context.Canceled
	case shared != nil:
		cause = context.Canceled
	default:
		shared, ctx.next = ctx, x.ctx
		home.makeRareState().ctx = ctx
	}
	s.unlock()
	if cause != nil {
		ctx.cancel(cause)
	}
	return shared
}
