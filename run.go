package gocron

import (
	"context"
	"time"
)

// A run is one occurrence of one job, from the moment it fell due, or was asked
// for, to its outcome. The first five fields never change. The scheduler's mu guards the others.
type run struct {
	job         *internalJob // the definition it was made from
	session     *session     // the Start it belongs to
	id          uint64
	scheduledAt time.Time
	trigger     Trigger

	stage    runStage
	notices  notice  // to be told by a worker before anything else happens
	outcome  Outcome // of the latest attempt; the run's own once it has finished
	enqueued bool    // in the ready queue, or with a worker
	waited   bool    // it did not start at once
	attempts uint32  // how often the task was started
	cancels  uint32  // of its job, when it was granted: it is cancelled if there are more by now
	place    int32   // in the waitQueue's heap, or among the retries
	turn     uint64  // its place in the order of waiting: its id, or that of the run whose place it took
	record   *runRecord

	prev, next    *run // in a runList
	ahead, behind *run // in a runChain
	nextReady     *run // in the readyQueue
}

func (r *run) heapPlace() int         { return int(r.place) }
func (r *run) setHeapPlace(place int) { r.place = int32(place) }

// hasBegun reports whether the task was started, in some attempt.
func (r *run) hasBegun() bool { return r.attempts > 0 }

// isOccurrence reports whether r is of its job's schedule.
func (r *run) isOccurrence() bool {
	return r.trigger == TriggerSchedule || r.trigger == TriggerCatchUp
}

// replacesOutcome reports whether what happens to r now is its outcome. It is not if an earlier attempt
// called the task, and this one has not: then the outcome of that attempt stays.
func (r *run) replacesOutcome() bool { return r.stage.isInAttempt() || !r.hasBegun() }

// waitsSince is when r, which waits for its turn, began to.
func (r *run) waitsSince() time.Time {
	if r.record != nil {
		return r.record.queuedAt
	}
	return r.scheduledAt // it was dispatched at once
}

// dueTime is when r was due: later than its nominal time with WithJitter.
func (r *run) dueTime() time.Time {
	if r.record == nil {
		return r.scheduledAt
	}
	return r.scheduledAt.Add(r.record.delay)
}

// isTooLate reports whether r may not start at now any more because of its job's stop time.
func (r *run) isTooLate(now time.Time) bool {
	w := r.job.window()
	if !w.isTooLate(now) {
		return false
	}
	return w.isTooLate(now.Add(-r.dueTime().Sub(r.scheduledAt)))
}

// pausable reports whether r does not start while its job is paused: it was not asked for by
// RunNow, and is not under way.
func (r *run) pausable() bool { return r.trigger != TriggerRunNow && !r.hasBegun() }

// isLost reports whether the occurrence of r, which has ended, is still to be run: a stop has
// dropped it, the engine could not be asked, or it was missed before the pause that has ended r.
func (r *run) isLost() bool {
	j := r.job.current()
	if !r.isOccurrence() || !j.catchesUp() || j.ledger() != r.job.ledger() { // of a schedule that is not the job's any more
		return false
	}
	atOnce := j.startImmediately && !j.oneTime() // then the run of the next Start stands for it
	return r.outcome == OutcomeEngineDown || r.wasStopped() && !atOnce || r.outcome == OutcomePaused && r.trigger == TriggerCatchUp
}

// isKept reports whether r is of a one-time job and will run when the scheduler is started again. An
// occurrence of a job that catches up is lost instead.
func (r *run) isKept() bool {
	lost := r.isOccurrence() && r.job.catchesUp()
	return r.job.oneTime() && r.trigger != TriggerRunNow && !lost && r.wasStopped()
}

// wasStopped reports whether r was cancelled by a stop.
func (r *run) wasStopped() bool { return r.outcome == OutcomeCancelled && r.isCutOff() }

// isCutOff reports whether a stop has ended r, and nothing else keeps it from going on after the next
// Start.
func (r *run) isCutOff() bool {
	j := r.job.current()
	return r.session.stopped && (j.listed || j.s.closed) && !j.ended
}

// cancelCause is what r was cancelled for after it was granted, nil if it was not.
func (r *run) cancelCause() error {
	if x := r.job.current().rareState(); r.cancels != x.cancels && r.cancels != jobHasLeft {
		return x.cancelCause
	}
	return nil
}

// setError notes why r will not be performed.
func (r *run) setError(err error) {
	if r.record == nil && r.job.s.logsRuns && err != nil {
		r.record = &runRecord{run: r}
	}
	if r.record != nil && !r.hasBegun() {
		r.record.err = err
		if r.job.settings().stored && err != nil {
			r.makeStored().error = err.Error()
		}
	}
}

// runStage is how far a run has come. docs/DESIGN.md shows which stage follows which.
type runStage uint8

const (
	stageNew      runStage = iota
	stageAtGate            // waits for its job's gate
	stageForSlot           // waits for a slot
	stageGranted           // holds slot and gate; the task of this attempt has not started
	stageRunning           // the task runs, then its listeners and monitors
	stageEnding            // its end is told to the scheduler's monitor, and its lock released
	stageRetrying          // waits for the time of its next attempt
	stageFinished          // has its outcome
)

func (s runStage) isWaiting() bool  { return s == stageAtGate || s == stageForSlot }
func (s runStage) isRetrying() bool { return s == stageRetrying }

// hasSlot reports whether the run holds slot and gate.
func (s runStage) hasSlot() bool { return s >= stageGranted && s <= stageEnding }

// isInAttempt reports whether the task of this attempt was started.
func (s runStage) isInAttempt() bool { return s == stageRunning || s == stageEnding }

// A notice is what hooks and monitors are to be told of a run by a worker. They
// are a set: those that a run has are told in this order.
type notice uint8

const (
	noticeCalls notice = 1 << iota // its record has calls to make
	noticeDue
	noticeSingletonWait
	noticeSingletonSkip
	noticeLimit // it waits for a slot, or is skipped because there is none
	noticeQueued
	noticeFinished
)

// first is the one of the notices to tell first. There must be one.
func (n notice) first() notice { return n & -n }

// A jobContext is a context that runs of a job share in one session. The runs of one definition
// that have begun share one; the runs that have not begun share another, for their elector and
// locker. The other contexts of the job are linked behind it.
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

// cancelRuns cancels j's runs in progress. One that has not begun will not, one that has is not
// tried again. The context that ends, with the given cause, is returned, to be ended with nothing
// locked; it is nil if nobody has asked for it, and then has ended for those who do.
func (j *internalJob) cancelRuns(cause error) *jobContext {
	x := j.makeRareState()
	ctx := x.ctx
	x.ctx, x.cancelCause = nil, cause
	x.cancels++
	return ctx
}
