package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"

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

// deepestWrapper bounds how many wrappers are looked into: one may return itself, or
// another around it.
const deepestWrapper = 1000

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

// lock locks the scheduler. The caller lets go of it unless there is an error.
func (c *Controller) lock() error {
	if c == nil || c.s == nil {
		return fmt.Errorf("gocron: Controller: not a scheduler of NewScheduler: %w", errors.ErrUnsupported)
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

// Pause keeps runs of the job from starting, until Resume. A run that is due meanwhile, or waits
// now, gets the outcome OutcomePaused. Runs in progress go on, also with further attempts, and
// RunNow works. The schedule goes on as well: NextRun moves on, and on Resume there is nothing to
// catch up on.
//
// A one-time job is different: its times that come while it is paused are kept, and run on Resume,
// unless a Claimer gives its occurrences out.
//
// A job stays paused when Update replaces it, and when the scheduler stops and starts again.
func (c *Controller) Pause(id uuid.UUID) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	defer c.s.unlock()
	c.s.pauseLocked(j)
	return nil
}

// PauseByTags pauses all jobs that have at least one of the tags now.
func (c *Controller) PauseByTags(tags ...string) error {
	return c.eachJob(func(j *internalJob) {
		if j.hasAnyTag(tags) {
			c.s.pauseLocked(j)
		}
	})
}

// PauseAll pauses all jobs that the scheduler has now, and returns how many of them were not paused
// before. Jobs that you add later are not paused.
func (c *Controller) PauseAll() (int, error) {
	paused := 0
	err := c.eachJob(func(j *internalJob) {
		if !j.rareState().paused {
			paused++
		}
		c.s.pauseLocked(j)
	})
	return paused, err
}

// Resume ends Pause: the job runs from its next time on. A job that is not paused is
// left alone.
func (c *Controller) Resume(id uuid.UUID) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	defer c.s.unlock()
	c.s.resumeLocked(j)
	return nil
}

// ResumeByTags resumes all jobs that have at least one of the tags now.
func (c *Controller) ResumeByTags(tags ...string) error {
	return c.eachJob(func(j *internalJob) {
		if j.hasAnyTag(tags) {
			c.s.resumeLocked(j)
		}
	})
}

// ResumeAll resumes all jobs that the scheduler has now, and returns how many of them were paused.
func (c *Controller) ResumeAll() (int, error) {
	resumed := 0
	err := c.eachJob(func(j *internalJob) {
		if j.rareState().paused {
			resumed++
		}
		c.s.resumeLocked(j)
	})
	return resumed, err
}

// Paused reports whether the job is paused.
func (c *Controller) Paused(id uuid.UUID) (bool, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return false, err
	}
	defer c.s.unlock()
	return j.rareState().paused, nil
}

// eachJob calls do, with the scheduler locked, for all jobs. It may let go of the lock for a while.
func (c *Controller) eachJob(do func(*internalJob)) error {
	list, err := c.jobList()
	if err != nil {
		return err
	}
	c.s.inBatches(list, func(j *internalJob) {
		if cur := j.current(); cur.listed && !c.s.closed {
			do(cur)
		}
	})
	return nil
}

// inBatches calls do for the jobs, with the scheduler locked and let go of now and then.
func (s *scheduler) inBatches(list []*internalJob, do func(*internalJob)) {
	for len(list) > 0 {
		n := min(lookBatch, len(list))
		s.lock()
		for _, j := range list[:n] {
			do(j)
		}
		s.unlock()
		list = list[n:]
	}
}

// pauseLocked pauses j, and ends the runs of it that wait, for which it may let go of the lock.
func (s *scheduler) pauseLocked(j *internalJob) {
	if x := j.makeRareState(); !x.paused {
		x.paused, x.pause = true, pause{since: s.now()}
		s.storeJobLocked(j)
	}
	s.endWaitingLocked(j, OutcomePaused, func(r *run) bool { return r.pausable() && j.rareState().paused })
}

// resumeLocked ends pause, and dispatches what was kept meanwhile.
func (s *scheduler) resumeLocked(j *internalJob) {
	if !j.rareState().paused {
		return
	}
	j.rare.paused, j.rare.pause = false, pause{}
	s.storeJobLocked(j)
	if l := j.ledger(); l != nil && l.waits {
		l.waits = false
		s.decideLocked(j)
	}
	if s.session != nil && j.entered {
		s.fireUndeliveredLocked(s.lookAtClockLocked(), j)
	}
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
	if ctx == nil {
		ctx = context.Background()
	}
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
	if ctx == nil {
		ctx = context.Background()
	}
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
	x := j.current().makeRareState()
	for i, other := range x.idle {
		if other == idle {
			x.idle = append(x.idle[:i], x.idle[i+1:]...)
			return
		}
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
	c.s.cancelKeptLocked(j)
	c.s.changedLocked(j, c.s.session)
	ctx := j.cancelRuns(ErrRunCancelled)
	c.s.unlocked(func() { ctx.endFor(ErrRunCancelled) })
	c.s.endWaitingLocked(j, OutcomeCancelled, func(r *run) bool { return r.hasBegun() && r.cancels != j.rare.cancels })
	c.s.unlock()
	return nil
}

// History returns the job's latest finished runs, the oldest first, as many as
// WithHistory keeps, or ErrNoHistory without that option.
func (c *Controller) History(id uuid.UUID) ([]RunInfo, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return nil, err
	}
	defer c.s.unlock()
	if c.s.historySize == 0 {
		return nil, ErrNoHistory
	}
	return j.rareState().history.list(), nil
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

// Stats counts the runs of a scheduler at one moment. Made is always the sum of all Outcomes,
// Running, Waiting and Retrying.
type Stats struct {
	// Made counts the runs that were ever made: occurrences that fell due, and runs
	// that were asked for.
	Made uint64
	// Outcomes counts the finished runs by outcome. It has no entry for an outcome that no run had.
	Outcomes map[Outcome]uint64
	// Running is how many runs hold a slot. Waiting is how many wait for a slot or for another run
	// of their job. Retrying is how many wait for the time of their next attempt,
	// with WithStore also those that go on after the next Start.
	Running, Waiting, Retrying int
	// OldestWaiting is how long the oldest waiting run has waited, by the scheduler's clock, over
	// all limits and pools. It is zero when no run waits.
	OldestWaiting time.Duration
}

// Stats returns counts of all runs of the scheduler. While runs wait, the time that it takes grows
// with the number of jobs.
func (c *Controller) Stats() (Stats, error) {
	if err := c.lock(); err != nil {
		return Stats{}, err
	}
	stats, now := c.s.statsLocked(), c.s.now()
	var jobs []*internalJob
	if stats.Waiting > 0 {
		jobs = append(jobs, c.s.list...)
	}
	c.s.unlock()
	c.s.inBatches(jobs, func(j *internalJob) {
		if r := j.gate.oldest(); r != nil {
			stats.OldestWaiting = max(stats.OldestWaiting, now.Sub(r.waitsSince()))
		}
	})
	return stats, nil
}

func (s *scheduler) statsLocked() Stats {
	stats := Stats{Made: s.runSeq, Outcomes: outcomeCounts(&s.outcomes), Retrying: s.retries.len()}
	if s.store != nil {
		stats.Retrying += len(s.store.suspended)
	}
	s.eachLimiterLocked(func(l *limiter) {
		stats.Running += int(l.taken)
		stats.Waiting += l.waiting
	})
	return stats
}

func (s *scheduler) eachLimiterLocked(do func(*limiter)) {
	do(&s.limiter)
	for _, pool := range s.pools {
		do(pool)
	}
}
