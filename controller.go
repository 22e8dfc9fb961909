package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// A Controller steers and observes the runs of a Scheduler, with what its interface
// does not have. Its methods may be called from any goroutine, also from inside a
// task or hook. Any number of Controllers of one Scheduler may be in use.
//
// For a Scheduler that was not made by NewScheduler, such as a mock, each method
// returns an error that Is errors.ErrUnsupported, unless that has a method
//
//	Unwrap() Scheduler
//
// which returns one that was. Methods that take the id of a job return
// ErrJobNotFound for one that the scheduler does not have.
type Controller struct {
	s *scheduler
}

// deepestWrapper bounds how many wrappers are looked into: one may return itself, or
// another around it.
const deepestWrapper = 1000

// NewController makes a Controller of s. It costs nothing.
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

// Pause lets no run of the job start until Resume: one that falls due has the outcome
// OutcomePaused, and so have those that wait now. RunNow still works, and runs in progress go on,
// further attempts included. The job keeps its schedule, so NextRun goes on, and there is nothing
// to catch up with on Resume, except for a one-time job: its times that come while the scheduler
// runs are kept, and run on Resume, unless a Claimer gives its occurrences out. A job stays paused
// when it is replaced by Update and when the scheduler stops and starts.
func (c *Controller) Pause(id uuid.UUID) error {
	j, err := c.lockJob(id)
	if err != nil {
		return err
	}
	defer c.s.unlock()
	c.s.pauseLocked(j)
	return nil
}

// PauseByTags is Pause for all jobs that have at least one of the tags now.
func (c *Controller) PauseByTags(tags ...string) error {
	return c.eachJob(func(j *internalJob) {
		if j.hasAnyTag(tags) {
			c.s.pauseLocked(j)
		}
	})
}

// PauseAll is Pause for all jobs that the scheduler has now, and returns how many of them were not
// paused before. A job that is added later is not paused.
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

// ResumeByTags is Resume for all jobs that have at least one of the tags now.
func (c *Controller) ResumeByTags(tags ...string) error {
	return c.eachJob(func(j *internalJob) {
		if j.hasAnyTag(tags) {
			c.s.resumeLocked(j)
		}
	})
}

// ResumeAll is Resume for all jobs that the scheduler has now, and returns how many of them were
// paused, by whatever method.
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
		if cur := j.current(); cur.listed {
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
	}
	s.endWaitingLocked(j, OutcomePaused, func(r *run) bool { return r.pausable() && j.rareState().paused })
}

// resumeLocked ends pause, and dispatches what was kept meanwhile.
func (s *scheduler) resumeLocked(j *internalJob) {
	if !j.rareState().paused {
		return
	}
	j.rare.paused = false
	if s.session != nil && j.entered {
		s.fireUndeliveredLocked(s.lookAtClockLocked(), j)
	}
}

// RunAndWait makes one run of the job at once, as Job.RunNow does, waits until that
// has its outcome, and returns what became of it. Whether it has succeeded is in
// RunInfo.Outcome and RunInfo.Err.
//
// The error is that of RunNow when no run was made; it is one that Is ErrJobRunNowFailed
// also when none is left of WithLimitedRuns, and while the job is not announced yet, as it
// is inside JobRegistered; and ErrQueueFull when the run was dropped. When ctx
// ends first the error is that of ctx, the run goes on, and the RunInfo tells how far
// it has come; when ctx has ended before, no run is made.
//
// The task's context has the values of ctx that it does not have itself, such as a trace's span; it
// does not end with ctx. A task that waits so for a run of its own job under WithSingletonMode waits
// for itself.
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

// Wait returns when no run of the job is in progress or waits, which may be so at
// once; it does not wait for runs that are not due yet. It returns the error of ctx
// when that ends first. If the job is removed meanwhile it waits for the runs in
// progress. A task that waits for its own job waits for itself.
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

// Cancel ends the context of the job's runs in progress, with the cause
// ErrRunCancelled. They end when their tasks return, with the outcome
// OutcomeCancelled if they then return the context's error, and are not tried again.
// A run that waits for another attempt, or that has one behind it and waits for its
// turn, ends now. Other runs that wait, and the schedule, are left alone.
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

// SetLimit changes the limit of WithLimitConcurrentJobs, or with the name of a pool,
// other than "", that of WithPool. Runs in progress go on, also more of them than a
// lower limit allows. A scheduler without WithLimitConcurrentJobs returns ErrNoLimit.
// A limit of 0 is ErrWithLimitConcurrentJobsZero, and an unknown pool, or more than
// one, is refused.
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

// Stats is the state of all runs of a scheduler at one moment. Made is always the sum
// of all in Outcomes, and of Running, Waiting and Retrying.
type Stats struct {
	// Made counts the runs that were ever made: occurrences that fell due, and runs
	// that were asked for.
	Made uint64
	// Outcomes counts the finished ones. An outcome that none has is not in it.
	Outcomes map[Outcome]uint64
	// Running is how many hold a slot, from the moment they were let start. Waiting is
	// how many wait for a slot or for another run of their job, and Retrying how many
	// wait for the time of their next attempt.
	Running, Waiting, Retrying int
	// OldestWaiting is for how long the run that has waited for longest has done so, by
	// the scheduler's clock, over all limits and gates. It is zero when none waits.
	OldestWaiting time.Duration
}

// Stats returns the state of all runs. What it takes grows with the number of jobs while runs wait.
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
