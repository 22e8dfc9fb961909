package gocron

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/google/uuid"
)

// A Controller steers and observes the jobs and runs of a Scheduler. It has the methods that the
// Scheduler interface does not have. You may call them from any goroutine, also from inside a task
// or hook, and use any number of Controllers for one Scheduler.
//
// Methods that take the id of a job return ErrJobNotFound if the scheduler does not have that job.
// If the Scheduler was not made by NewScheduler, as a mock is not, every method returns an error
// that Is errors.ErrUnsupported. A wrapper around a Scheduler works if it has this method:
//
//	Unwrap() Scheduler
type Controller struct {
	s *scheduler
}

// NewController returns a Controller of s. It allocates nothing else, and starts nothing.
func NewController(s Scheduler) *Controller {
	for depth := 0; s != nil && depth < deepestWrapper; depth++ {
		if own, is := s.(*scheduler); is {
			return &Controller{own}
		}
		wrapper, is := s.(interface{ Unwrap() Scheduler })
		if !is {
			break
		}
		s = wrapper.Unwrap()
	}
	return &Controller{}
}

// deepestWrapper bounds how many wrappers are looked into: one may return itself, or
// another around it.
const deepestWrapper = 1000

// check refuses a Controller that has no scheduler.
func (c *Controller) check() error {
	if c == nil || c.s == nil {
		return fmt.Errorf("gocron: Controller: not a scheduler of NewScheduler: %w", errors.ErrUnsupported)
	}
	return nil
}

// lock locks the scheduler. The caller lets go of it unless there is an error.
func (c *Controller) lock() error {
	if err := c.check(); err != nil {
		return err
	}
	c.s.lock()
	return nil
}

// lockJob locks the scheduler and finds the job. The caller lets go of it unless
// there is an error.
func (c *Controller) lockJob(id uuid.UUID) (*internalJob, error) {
	if err := c.lock(); err != nil {
		return nil, err
	}
	j, err := c.s.jobByIDLocked(id)
	if err != nil {
		c.s.unlock()
	}
	return j, err
}

// eachJob calls do for all jobs, with the scheduler locked and let go of now and then. After Shutdown
// there are none.
func (c *Controller) eachJob(do func(*internalJob)) error {
	if err := c.check(); err != nil {
		return err
	}
	return c.s.eachOf(context.Background(), c.s.jobList(), func(j *internalJob) {
		if j.listed && !c.s.closed {
			do(j)
		}
	})
}

// eachTagged is eachJob for the jobs that have at least one of the tags.
func (c *Controller) eachTagged(tags []string, do func(*internalJob)) error {
	return c.eachJob(func(j *internalJob) {
		if j.hasAnyTag(tags) {
			do(j)
		}
	})
}

// jobList is the list of jobs. The lock is held for no more than a copy of it.
func (s *scheduler) jobList() []*internalJob {
	s.lock()
	n := len(s.list)
	s.unlock()
	list := make([]*internalJob, 0, n+lookBatch) // its memory is not waited for under the lock
	s.lock()
	defer s.unlock()
	return append(list, s.list...)
}

// eachOf calls do for the jobs of a list, as they are now, with the scheduler locked and let go of now
// and then. It returns the error of ctx if that ends first.
func (s *scheduler) eachOf(ctx context.Context, list []*internalJob, do func(*internalJob)) error {
	return inBatches(ctx, list, lookBatch, func(batch []*internalJob) {
		s.lock()
		defer s.unlock()
		for _, j := range batch {
			do(j.current())
		}
	})
}

// inBatches calls do for a list, so many of it at a time. It returns the error of ctx if that ends
// first.
func inBatches[T any](ctx context.Context, list []T, most int, do func(batch []T)) error {
	for len(list) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(most, len(list))
		do(list[:n])
		list = list[n:]
	}
	return nil
}

// Job returns a handle of the job with the id, as Scheduler.Jobs does.
func (c *Controller) Job(id uuid.UUID) (Job, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return nil, err
	}
	defer c.s.unlock()
	return j, nil
}

// JobByKey returns a handle of the job with the key of WithKey, or ErrJobNotFound when the
// scheduler does not have it. No job has the empty key.
func (c *Controller) JobByKey(key string) (Job, error) { return c.Job(keyID(key)) }

// JobsByName returns handles of all jobs with the name, sorted by id. Several jobs may have one
// name. A job without WithName has the name of its task's function. If no job has the name,
// JobsByName returns nil and no error.
func (c *Controller) JobsByName(name string) ([]Job, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	named := slices.DeleteFunc(c.s.jobList(), func(j *internalJob) bool { return j.Name() != name })
	if len(named) == 0 {
		return nil, nil
	}
	return sortedByID(named), nil
}

// RemoveByKey removes the job with the key of WithKey, as Scheduler.RemoveJob does, or returns
// ErrJobNotFound when the scheduler does not have it.
func (c *Controller) RemoveByKey(key string) error {
	if err := c.check(); err != nil {
		return err
	}
	return c.s.RemoveJob(keyID(key))
}

// RunAndWait makes one run of the job at once, as Job.RunNow does, waits for its outcome, and
// returns it. RunInfo.Outcome and RunInfo.Err say whether the run has succeeded.
//
// The error is nil when the run has its outcome. It is the error of RunNow when no run was made,
// ErrQueueFull when the run was dropped, and an error that Is ErrJobRunNowFailed when
// WithLimitedRuns has no run left, or while JobRegistered is told of the job. If ctx ends first,
// RunAndWait returns the error of ctx and what is known of the run so far; the run goes on. If ctx
// has ended before, no run is made.
//
// The task's context has the values of ctx that it does not have itself, such as a trace's span. It
// does not end with ctx.
//
// Do not call it from a task of the same job under WithSingletonMode: the run would wait for
// itself.
func (c *Controller) RunAndWait(ctx context.Context, id uuid.UUID) (RunInfo, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return RunInfo{}, err
	}
	c.s.unlock()
	ctx = orBackground(ctx)
	if err := ctx.Err(); err != nil {
		return RunInfo{}, err
	}
	rec := &runRecord{awaited: &awaited{done: make(chan struct{}), caller: ctx}}
	err = c.s.runNow(j, rec)
	if err == nil {
		select {
		case <-rec.awaited.done:
		case <-ctx.Done():
			err = ctx.Err()
		}
	}
	c.s.lock()
	defer c.s.unlock()
	if rec.run == nil { // it was not made
		return RunInfo{}, err
	}
	info := rec.run.info()
	if info.Outcome == OutcomeDroppedQueueFull {
		err = ErrQueueFull
	}
	return info, err
}

// Wait returns when no run of the job is in progress or waits. It does not wait for runs that are
// not due yet, so it may return at once. If ctx ends first, Wait returns the error of ctx. If the
// job is removed meanwhile, Wait returns when its runs in progress have ended. Do not call it from
// a task of the same job: the run would wait for itself.
func (c *Controller) Wait(ctx context.Context, id uuid.UUID) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	if j.isIdle() {
		c.s.unlock()
		return nil
	}
	idle := make(chan struct{})
	x := j.makeRareState()
	x.idle = append(x.idle, idle)
	c.s.unlock()
	ctx = orBackground(ctx)
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		c.s.forgetIdle(j, idle)
		return ctx.Err()
	}
}

// forgetIdle is called for one who does not wait any more until j is idle.
func (s *scheduler) forgetIdle(j *internalJob, idle chan struct{}) {
	s.lock()
	defer s.unlock()
	x := j.current().rareState()
	if i := slices.Index(x.idle, idle); i >= 0 {
		x.idle = slices.Delete(x.idle, i, i+1)
	}
}

// Cancel ends the contexts of the job's runs in progress, with the cause ErrRunCancelled. Such a
// run ends when its task returns, and is not tried again. Its outcome is OutcomeCancelled if the
// task returns the context's error. A run that has failed and waits to be tried again ends at once.
// Cancel does not touch other runs that wait, nor the schedule.
func (c *Controller) Cancel(id uuid.UUID) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	defer c.s.unlock()
	c.s.cancelKeptLocked(j)
	c.s.changedLocked(j, c.s.session)
	ctx := j.cancelRuns(ErrRunCancelled)
	c.s.unlocked(func() { ctx.endFor(ErrRunCancelled) })
	c.s.endWaitingLocked(j, OutcomeCancelled, func(r *run) bool { return r.hasBegun() && r.cancels != j.rare.cancels })
	return nil
}

// SetLimit changes the limit of WithLimitConcurrentJobs or, with the name of a pool, the limit of
// that pool. Runs in progress go on, even if they are more than a lower limit allows. SetLimit
// returns ErrNoLimit for a scheduler without WithLimitConcurrentJobs,
// ErrWithLimitConcurrentJobsZero for a limit of 0, and an error for an unknown pool or more than
// one pool. The pool "" is the scheduler's own limit.
func (c *Controller) SetLimit(limit uint, pool ...string) error {
	if err := c.lock(); err != nil {
		return err
	}
	defer c.s.unlock()
	l := &c.s.limiter
	if len(pool) > 0 && pool[0] != "" {
		l = c.s.pools[pool[0]]
	}
	switch {
	case limit == 0:
		return ErrWithLimitConcurrentJobsZero
	case l == nil || len(pool) > 1:
		return c.s.noSuchPool(fmt.Sprintf("SetLimit(%d, %q)", limit, pool))
	case l.mode == 0:
		return ErrNoLimit
	}
	l.slots = limit
	for c.s.fillSlotsLocked(l) {
		c.s.yieldLocked()
	}
	return nil
}
