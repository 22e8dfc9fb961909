//go:build go1.25

package controller_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// untilEnded is a task that takes a minute, or until its context ends, of which it
// then tells.
func untilEnded(told chan<- context.Context) func(context.Context) error {
	return func(ctx context.Context) error {
		select {
		case <-time.After(time.Minute):
			return nil
		case <-ctx.Done():
			told <- ctx
			return ctx.Err()
		}
	}
}

func TestSynctestControllerCancelEndsTheRunsInProgress(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		told := make(chan context.Context, 10)
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), untilEnded(told))
		other := rig.MustJob(t, s, rig.Ages(), untilEnded(told))
		s.Start()
		require.NoError(t, other.RunNow())
		rest(25 * time.Second)
		require.NoError(t, c.Cancel(j.ID()))
		synctest.Wait()
		require.Len(t, told, 2, "both that were in progress, and none of another job")
		for i := 0; i < 2; i++ {
			ctx := <-told
			require.ErrorIs(t, ctx.Err(), context.Canceled)
			require.Equal(t, gocron.ErrRunCancelled, context.Cause(ctx))
		}
		require.Equal(t, times(2, gocron.OutcomeCancelled), endedAs(t, c, j))
		next, err := j.NextRun()
		require.NoError(t, err)
		require.Equal(t, 5*time.Second, time.Until(next), "the schedule goes on")

		rest(10 * time.Second) // a run began at 30
		require.Empty(t, told, "it has a fresh context")
		require.NoError(t, c.Cancel(j.ID()), "which ends by the next Cancel")
		synctest.Wait()
		require.Equal(t, gocron.ErrRunCancelled, context.Cause(<-told))
		require.NoError(t, c.Cancel(j.ID()), "nothing happens when none is in progress")
		require.NoError(t, c.Cancel(j.ID()))
		require.NoError(t, c.Pause(j.ID()))
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
	}, gocron.WithHistory(10))
}

// What the task makes of it is the run's outcome.
func TestSynctestControllerCancelledRunsEndAsTheirTasksSay(t *testing.T) {
	for name, e := range map[string]struct {
		answer  func(ctx context.Context) error
		outcome gocron.Outcome
		job     []gocron.JobOption
	}{
		"error":     {func(ctx context.Context) error { return ctx.Err() }, gocron.OutcomeCancelled, nil},
		"cause":     {context.Cause, gocron.OutcomeCancelled, nil},
		"wrapped":   {func(ctx context.Context) error { return fmt.Errorf("so: %w", ctx.Err()) }, gocron.OutcomeCancelled, nil},
		"done":      {func(context.Context) error { return nil }, gocron.OutcomeSucceeded, nil},
		"own error": {func(context.Context) error { return rig.ErrTest }, gocron.OutcomeFailed, nil},
		"panic":     {func(context.Context) error { panic("ouch") }, gocron.OutcomePanicked, []gocron.JobOption{gocron.WithRecover()}},
		"in time":   {func(ctx context.Context) error { return ctx.Err() }, gocron.OutcomeCancelled, []gocron.JobOption{gocron.WithTimeout(time.Hour)}},
		"no retry": {func(context.Context) error { return rig.ErrTest }, gocron.OutcomeFailed,
			[]gocron.JobOption{gocron.WithRetry(gocron.RetryPolicy{Attempts: 5})}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				calls := 0
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
					calls++
					<-ctx.Done()
					require.Equal(t, gocron.ErrRunCancelled, context.Cause(ctx))
					return e.answer(ctx)
				}, e.job...)
				s.Start()
				done := awaited(context.Background(), c, j)
				requireWaiting(t, done)
				require.NoError(t, c.Cancel(j.ID()))
				got := requireReturned(t, done)
				require.NoError(t, got.err)
				require.Equal(t, e.outcome, got.info.Outcome)
				require.Equal(t, 1, calls)
			})
		})
	}
}

// A task that asked for no context goes on, and is not tried again.
func TestSynctestControllerCancelOfATaskWithoutContext(t *testing.T) {
	for _, answer := range []error{nil, rig.ErrTest} {
		inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
			h := rig.NewHoldup(t)
			j := rig.MustJob(t, s, rig.Ages(), func() error { h.Task(); return answer },
				gocron.WithRetry(gocron.RetryPolicy{Attempts: 5}))
			s.Start()
			done := awaited(context.Background(), c, j)
			require.NoError(t, c.Cancel(j.ID()))
			requireWaiting(t, done)
			h.Open()
			got := requireReturned(t, done)
			require.Equal(t, answer, got.info.Err)
			require.EqualValues(t, 1, h.Started.Load())
			require.NoError(t, j.RunNow())
			synctest.Wait()
			require.Greater(t, h.Started.Load(), int64(1), "later runs are not concerned")
		})
	}
}

// The context that a task asks for late, of a run that was cancelled, has ended.
func TestSynctestControllerCancelBeforeTheContextIsMade(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		before := rig.NewHoldup(t)
		var causes []error
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) { causes = append(causes, context.Cause(ctx)) },
			gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { before.Task() })))
		s.Start()
		done := awaited(context.Background(), c, j)
		require.NoError(t, c.Cancel(j.ID()))
		requireWaiting(t, done)
		before.Open()
		requireReturned(t, done)
		for _, cause := range causes {
			require.Equal(t, gocron.ErrRunCancelled, cause)
		}
		causes = nil
		_, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, []error{nil}, causes, "that of the next run is alive")
	})
}

// barriers hold up a run that was let start until they are opened, before its task is
// called. Those that get a context may end with it.
func barriers(h *rig.Holdup) map[string]struct {
	scheduler []gocron.SchedulerOption
	job       []gocron.JobOption
} {
	heldUntilEnd := func(ctx context.Context) error {
		h.Started.Add(1)
		select {
		case <-h.Gate:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	unlock := rig.UnlockFunc(func(context.Context) error { return nil })
	return map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
	}{
		"hook": {scheduler: []gocron.SchedulerOption{gocron.WithHooks(gocron.Hooks{RunDue: func(gocron.RunInfo) { h.Task() }})}},
		"locker": {job: []gocron.JobOption{gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			h.Task()
			return unlock, nil
		}))}},
		"locker with context": {job: []gocron.JobOption{gocron.WithDistributedJobLocker(rig.LockFunc(func(ctx context.Context, _ string) (gocron.Lock, error) {
			return unlock, heldUntilEnd(ctx)
		}))}},
		"elector": {scheduler: []gocron.SchedulerOption{gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error {
			h.Task()
			return nil
		}))}},
		"elector with context": {scheduler: []gocron.SchedulerOption{gocron.WithDistributedElector(rig.ElectorFunc(heldUntilEnd))}},
	}
}

// A run that was let start and has not begun will not.
func TestSynctestControllerCancelOfARunThatIsAboutToBegin(t *testing.T) {
	for name := range barriers(rig.NewHoldup(t)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := rig.NewHoldup(t)
				barrier := barriers(h)[name]
				s, c := steered(t, append(barrier.scheduler, gocron.WithHistory(10))...)
				ran := 0
				j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), func() { ran++ }, append(barrier.job, gocron.WithLimitedRuns(1))...)
				s.Start()
				rest(15 * time.Second)
				require.EqualValues(t, 1, h.Started.Load())
				require.NoError(t, c.Cancel(j.ID()))
				h.Open()
				synctest.Wait()
				require.Zero(t, ran)
				runs, err := c.History(j.ID())
				require.NoError(t, err)
				require.Len(t, runs, 1)
				require.Equal(t, gocron.OutcomeCancelled, runs[0].Outcome)
				require.ErrorIs(t, runs[0].Err, gocron.ErrRunCancelled)
				require.Zero(t, runs[0].StartedAt)
				rest(10 * time.Second)
				require.Equal(t, 1, ran, "its limited run was given back")
			})
		})
	}
}

func TestSynctestControllerCancelEndsRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		var attempts atomic.Int32 // of several runs at once
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			attempts.Add(1)
			return rig.ErrTest
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Hour)}))
		s.Start()
		rest(3*time.Minute + time.Second)
		require.Equal(t, 3, rig.StatsOf(t, c).Retrying)
		require.NoError(t, c.Cancel(j.ID()))
		require.Zero(t, rig.StatsOf(t, c).Retrying)
		require.Equal(t, times(3, gocron.OutcomeFailed), endedAs(t, c, j), "by their first attempt")
		rest(time.Minute)
		require.EqualValues(t, 4, attempts.Load())
		require.Equal(t, 1, rig.StatsOf(t, c).Retrying, "later runs are tried again")
		rest(time.Hour)
		require.Greater(t, attempts.Load(), int32(60))
	}, gocron.WithHistory(10))
}

// The attempt is cancelled, and with it the run.
func TestSynctestControllerCancelOfALaterAttempt(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		attempts := 0
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			if attempts++; attempts == 1 {
				return rig.ErrTest
			}
			<-ctx.Done()
			return ctx.Err()
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 5, Backoff: gocron.ConstantBackoff(time.Hour)}))
		s.Start()
		done := awaited(context.Background(), c, j)
		rest(time.Hour)
		require.NoError(t, c.Cancel(j.ID()))
		got := requireReturned(t, done)
		require.Equal(t, gocron.OutcomeCancelled, got.info.Outcome)
		require.ErrorIs(t, got.info.Err, context.Canceled)
		require.Equal(t, 2, got.info.Attempt)
		require.Equal(t, 2, attempts)
	})
}

func TestSynctestControllerCancelLeavesWaitingRunsAlone(t *testing.T) {
	for name, options := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
	}{
		"for a slot":     {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, nil},
		"for their turn": {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				told := make(chan context.Context, 10)
				j := rig.MustJob(t, s, rig.Ages(), untilEnded(told), options.job...)
				s.Start()
				require.NoError(t, j.RunNow())
				second, third := awaited(context.Background(), c, j), awaited(context.Background(), c, j)
				require.Equal(t, 2, rig.StatsOf(t, c).Waiting)
				require.NoError(t, c.Cancel(j.ID()))
				synctest.Wait()
				require.Len(t, told, 1)
				require.Equal(t, 1, rig.StatsOf(t, c).Running, "the next has begun")
				require.NoError(t, c.Cancel(j.ID()))
				require.Equal(t, gocron.OutcomeCancelled, requireReturned(t, second).info.Outcome)
				rest(time.Minute)
				require.Equal(t, gocron.OutcomeSucceeded, requireReturned(t, third).info.Outcome)
			}, options.scheduler...)
		})
	}
}

// Only the runs' own context ends.
func TestSynctestControllerCancelLeavesTheGivenContextAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		given, cancel := context.WithCancel(context.Background())
		defer cancel()
		told := make(chan context.Context, 10)
		j := rig.MustJob(t, s, rig.Ages(), untilEnded(told), gocron.WithContext(given))
		s.Start()
		for i := 0; i < 2; i++ {
			done := awaited(context.Background(), c, j)
			require.NoError(t, c.Cancel(j.ID()))
			require.Equal(t, gocron.OutcomeCancelled, requireReturned(t, done).info.Outcome)
			require.NoError(t, given.Err())
		}
	})
}

func TestSynctestControllerCancelInsideTheTask(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			require.NoError(t, c.Cancel(uuidOf(ctx)))
			require.Equal(t, gocron.ErrRunCancelled, context.Cause(ctx))
			info, is := gocron.RunFromContext(ctx)
			require.True(t, is, "it is the run's context all the same")
			require.Equal(t, gocron.OutcomePending, info.Outcome)
			return ctx.Err()
		})
		s.Start()
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeCancelled, info.Outcome)
	})
}

// The run in progress of a job that was replaced has ended its context already, and
// the new job's runs are its own.
func TestSynctestControllerCancelAfterReplacement(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s, c := steered(t)
		told := make(chan context.Context, 10)
		j := rig.MustJob(t, s, rig.Ages(), untilEnded(told))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		replace(s, j, rig.Ages(), untilEnded(told))
		done := awaited(context.Background(), c, j)
		require.NoError(t, c.Cancel(j.ID()))
		require.Equal(t, gocron.OutcomeCancelled, requireReturned(t, done).info.Outcome)
		require.Equal(t, context.Canceled, context.Cause(<-told))
		require.Equal(t, gocron.ErrRunCancelled, context.Cause(<-told))
	})
}

// The interval counts from the end of the run that was cancelled.
func TestSynctestControllerCancelWithIntervalFromCompletion(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		p, told := newPulse(0), make(chan context.Context, 10)
		task := untilEnded(told)
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), func(ctx context.Context) error {
			p.task()
			return task(ctx)
		}, gocron.WithIntervalFromCompletion())
		s.Start()
		for i := 0; i < 2; i++ {
			rest(15 * time.Second)
			require.NoError(t, c.Cancel(j.ID()))
		}
		rest(15 * time.Second)
		require.Equal(t, []int{10, 25, 40}, p.at)
	})
}
