package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// load is one pass: a scheduler, and what its jobs have done so far.
type load struct {
	cfg       config
	scheduler gocron.Scheduler
	created   atomic.Int64   // one-time jobs
	runs      []atomic.Int32 // by one-time job
	ran       atomic.Int64   // one-time jobs that ran at least once
	allRan    chan struct{}  // closed when every one of them has
	periodic  atomic.Int64   // runs of the periodic jobs
}

// run creates the jobs, waits until all have run, and counts. A progress line
// goes to progress unless it is nil.
func run(ctx context.Context, cfg config, progress io.Writer) (result, error) {
	scheduler, err := gocron.NewScheduler(
		gocron.WithLimitConcurrentJobs(cfg.limit, gocron.LimitModeWait),
	)
	if err != nil {
		return result{}, err
	}
	l := &load{
		cfg:       cfg,
		scheduler: scheduler,
		runs:      make([]atomic.Int32, cfg.jobs),
		allRan:    make(chan struct{}),
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.timeout)
	defer cancel()
	start := time.Now()
	scheduler.Start()
	created := make(chan error, 1)
	go func() {
		err := l.createAll(ctx)
		if err != nil {
			cancel() // what was not created need not be waited for
		}
		created <- err
	}()
	l.wait(ctx, progress)
	cancel()
	if err := <-created; err != nil {
		return result{}, errors.Join(err, scheduler.Shutdown())
	}
	return l.finish(start)
}

// createAll adds the periodic jobs, then the one-time jobs from several
// goroutines at once, until ctx ends. NewJob does not wait for a slot: under
// LimitModeWait the run does, in the scheduler's queue.
func (l *load) createAll(ctx context.Context) error {
	for i := 0; i < l.cfg.periodic; i++ {
		if err := l.createPeriodic(i); err != nil {
			return err
		}
	}
	var callers sync.WaitGroup
	errs := make([]error, l.cfg.callers)
	for c := 0; c < l.cfg.callers; c++ {
		c := c
		callers.Add(1)
		go func() {
			defer callers.Done()
			errs[c] = l.createShare(ctx, c)
		}()
	}
	callers.Wait()
	return errors.Join(errs...)
}

// createShare adds one caller's share of the one-time jobs.
func (l *load) createShare(ctx context.Context, caller int) error {
	for i := caller; i < l.cfg.jobs; i += l.cfg.callers {
		if err := l.createOneTime(i); err != nil {
			return err
		}
		l.created.Add(1)
		select {
		case <-time.After(l.cfg.pace):
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

func (l *load) createPeriodic(i int) error {
	_, err := l.scheduler.NewJob(
		gocron.DurationJob(l.cfg.every),
		gocron.NewTask(func() {
			time.Sleep(l.cfg.work)
			l.periodic.Add(1)
		}),
		gocron.WithName(fmt.Sprintf("periodic %d", i)),
		gocron.WithTags("periodic"),
		// A run that finds the last one still waiting is left out, so that
		// these never crowd the queue.
		gocron.WithSingletonMode(gocron.LimitModeReschedule),
	)
	return err
}

func (l *load) createOneTime(i int) error {
	options := []gocron.JobOption{gocron.WithName(fmt.Sprintf("one-time %d", i))}
	if i%2 == 0 {
		options = append(options, gocron.WithLimitedRuns(1))
	}
	_, err := l.scheduler.NewJob(
		gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()),
		gocron.NewTask(l.oneTime, i),
		options...,
	)
	return err
}

// oneTime is the task of a one-time job.
func (l *load) oneTime(i int) {
	time.Sleep(l.cfg.work)
	if l.runs[i].Add(1) == 1 && l.ran.Add(1) == int64(l.cfg.jobs) {
		close(l.allRan)
	}
}

// wait returns when every one-time job has run, or ctx ends.
func (l *load) wait(ctx context.Context, progress io.Writer) {
	redraw := time.NewTicker(50 * time.Millisecond)
	defer redraw.Stop()
	for {
		select {
		case <-l.allRan:
			l.draw(progress)
			return
		case <-ctx.Done():
			return
		case <-redraw.C:
			l.draw(progress)
		}
	}
}

func (l *load) draw(w io.Writer) {
	if w == nil {
		return
	}
	fmt.Fprintf(w, "\r%d of %d ran, %d waiting\x1b[K", l.ran.Load(), l.cfg.jobs, l.scheduler.JobsWaitingInQueue())
	if l.ran.Load() == int64(l.cfg.jobs) {
		fmt.Fprintln(w)
	}
}

// finish takes the counts. The periodic jobs go first, and their waiting runs
// with them, so that what is then in the queue is one-time runs. The runs are
// counted only after Shutdown, when none can be added.
func (l *load) finish(start time.Time) (result, error) {
	wall := time.Since(start)
	l.scheduler.RemoveByTags("periodic")
	queued := l.scheduler.JobsWaitingInQueue()
	if err := l.scheduler.Shutdown(); err != nil {
		return result{}, err
	}
	res := result{
		asked:    l.cfg.jobs,
		created:  int(l.created.Load()),
		queued:   queued,
		periodic: l.periodic.Load(),
		wall:     wall,
	}
	for i := range l.runs {
		switch n := l.runs[i].Load(); {
		case n > 1:
			res.twice++
			res.ran++
		case n == 1:
			res.ran++
		}
	}
	// A run that was in the queue was dropped by Shutdown: late, not lost.
	res.lost = res.created - res.ran - res.queued
	if res.lost < 0 {
		res.lost = 0
	}
	return res, nil
}
