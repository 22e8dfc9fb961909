//go:build go1.25

package gocron

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

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
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		told := make(chan context.Context, 10)
		j := mustJob(t, s, DurationJob(10*time.Second), untilEnded(told))
		other := mustJob(t, s, ages(), untilEnded(told))
		s.Start()
		require.NoError(t, other.RunNow())
		rest(25 * time.Second)
		require.NoError(t, c.Cancel(j.ID()))
		synctest.Wait()
		require.Len(t, told, 2, "both that were in progress, and none of another job")
		for i := 0; i < 2; i++ {
			ctx := <-told
			require.ErrorIs(t, ctx.Err(), context.Canceled)
			require.Equal(t, ErrRunCancelled, context.Cause(ctx))
		}
		require.Equal(t, times(2, OutcomeCancelled), endedAs(t, c, j))
		next, err := j.NextRun()
		require.NoError(t, err)
		require.Equal(t, 5*time.Second, time.Until(next), "the schedule goes on")

		rest(10 * time.Second) // a run began at 30
		require.Empty(t, told, "it has a fresh context")
		require.NoError(t, c.Cancel(j.ID()), "which ends by the next Cancel")
		synctest.Wait()
		require.Equal(t, ErrRunCancelled, context.Cause(<-told))
		require.NoError(t, c.Cancel(j.ID()), "nothing happens when none is in progress")
		require.NoError(t, c.Cancel(j.ID()))
		require.NoError(t, c.Pause(j.ID()))
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, OutcomeSucceeded, info.Outcome)
	}, WithHistory(10))
}

// What the task makes of it is the run's outcome.
func TestSynctestControllerCancelledRunsEndAsTheirTasksSay(t *testing.T) {
	for name, e := range map[string]struct {
		answer  func(ctx context.Context) error
		outcome Outcome
		job     []JobOption
	}{
		"error":     {func(ctx context.Context) error { return ctx.Err() }, OutcomeCancelled, nil},
		"cause":     {context.Cause, OutcomeCancelled, nil},
		"wrapped":   {func(ctx context.Context) error { return fmt.Errorf("so: %w", ctx.Err()) }, OutcomeCancelled, nil},
		"done":      {func(context.Context) error { return nil }, OutcomeSucceeded, nil},
		"own error": {func(context.Context) error { return errContract }, OutcomeFailed, nil},
		"panic":     {func(context.Context) error { panic("ouch") }, OutcomePanicked, []JobOption{WithRecover()}},
		"in time":   {func(ctx context.Context) error { return ctx.Err() }, OutcomeCancelled, []JobOption{WithTimeout(time.Hour)}},
		"no retry": {func(context.Context) error { return errContract }, OutcomeFailed,
			[]JobOption{WithRetry(RetryPolicy{Attempts: 5})}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				calls := 0
				j := mustJob(t, s, ages(), func(ctx context.Context) error {
					calls++
					<-ctx.Done()
					require.Equal(t, ErrRunCancelled, context.Cause(ctx))
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
	for _, answer := range []error{nil, errContract} {
		inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
			h := newHoldup(t)
			j := mustJob(t, s, ages(), func() error { h.task(); return answer },
				WithRetry(RetryPolicy{Attempts: 5}))
			s.Start()
			done := awaited(context.Background(), c, j)
			require.NoError(t, c.Cancel(j.ID()))
			requireWaiting(t, done)
			h.open()
			got := requireReturned(t, done)
			require.Equal(t, answer, got.info.Err)
			require.EqualValues(t, 1, h.started.Load())
			require.NoError(t, j.RunNow())
			synctest.Wait()
			require.Greater(t, h.started.Load(), int64(1), "later runs are not concerned")
		})
	}
}

// The context that a task asks for late, of a run that was cancelled, has ended.
func TestSynctestControllerCancelBeforeTheContextIsMade(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		before := newHoldup(t)
		var causes []error
		j := mustJob(t, s, ages(), func(ctx context.Context) { causes = append(causes, context.Cause(ctx)) },
			WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) { before.task() })))
		s.Start()
		done := awaited(context.Background(), c, j)
		require.NoError(t, c.Cancel(j.ID()))
		requireWaiting(t, done)
		before.open()
		requireReturned(t, done)
		for _, cause := range causes {
			require.Equal(t, ErrRunCancelled, cause)
		}
		causes = nil
		_, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, []error{nil}, causes, "that of the next run is alive")
	})
}

// barriers hold up a run that was let start until they are opened, before its task is
// called. Those that get a context may end with it.
func barriers(h *holdup) map[string]struct {
	scheduler []SchedulerOption
	job       []JobOption
} {
	heldUntilEnd := func(ctx context.Context) error {
		h.started.Add(1)
		select {
		case <-h.gate:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	unlock := unlockFunc(func(context.Context) error { return nil })
	return map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
	}{
		"hook": {scheduler: []SchedulerOption{WithHooks(Hooks{RunDue: func(RunInfo) { h.task() }})}},
		"locker": {job: []JobOption{WithDistributedJobLocker(lockFunc(func(context.Context, string) (Lock, error) {
			h.task()
			return unlock, nil
		}))}},
		"locker with context": {job: []JobOption{WithDistributedJobLocker(lockFunc(func(ctx context.Context, _ string) (Lock, error) {
			return unlock, heldUntilEnd(ctx)
		}))}},
		"elector": {scheduler: []SchedulerOption{WithDistributedElector(electorFunc(func(context.Context) error {
			h.task()
			return nil
		}))}},
		"elector with context": {scheduler: []SchedulerOption{WithDistributedElector(electorFunc(heldUntilEnd))}},
	}
}

// A run that was let start and has not begun will not.
func TestSynctestControllerCancelOfARunThatIsAboutToBegin(t *testing.T) {
	for name := range barriers(newHoldup(t)) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHoldup(t)
				barrier := barriers(h)[name]
				s, c := steered(t, append(barrier.scheduler, WithHistory(10))...)
				ran := 0
				j := mustJob(t, s, DurationJob(10*time.Second), func() { ran++ }, append(barrier.job, WithLimitedRuns(1))...)
				s.Start()
				rest(15 * time.Second)
				require.EqualValues(t, 1, h.started.Load())
				require.NoError(t, c.Cancel(j.ID()))
				h.open()
				synctest.Wait()
				require.Zero(t, ran)
				runs, err := c.History(j.ID())
				require.NoError(t, err)
				require.Len(t, runs, 1)
				require.Equal(t, OutcomeCancelled, runs[0].Outcome)
				require.ErrorIs(t, runs[0].Err, ErrRunCancelled)
				require.Zero(t, runs[0].StartedAt)
				rest(10 * time.Second)
				require.Equal(t, 1, ran, "its limited run was given back")
			})
		})
	}
}

func TestSynctestControllerCancelEndsRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		var attempts atomic.Int32 // of several runs at once
		j := mustJob(t, s, DurationJob(time.Minute), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			attempts.Add(1)
			return errContract
		}, WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Hour)}))
		s.Start()
		rest(3*time.Minute + time.Second)
		require.Equal(t, 3, soundStats(t, c).Retrying)
		require.NoError(t, c.Cancel(j.ID()))
		require.Zero(t, soundStats(t, c).Retrying)
		require.Equal(t, times(3, OutcomeFailed), endedAs(t, c, j), "by their first attempt")
		rest(time.Minute)
		require.EqualValues(t, 4, attempts.Load())
		require.Equal(t, 1, soundStats(t, c).Retrying, "later runs are tried again")
		rest(time.Hour)
		require.Greater(t, attempts.Load(), int32(60))
	}, WithHistory(10))
}

// The attempt is cancelled, and with it the run.
func TestSynctestControllerCancelOfALaterAttempt(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		attempts := 0
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			if attempts++; attempts == 1 {
				return errContract
			}
			<-ctx.Done()
			return ctx.Err()
		}, WithRetry(RetryPolicy{Attempts: 5, Backoff: ConstantBackoff(time.Hour)}))
		s.Start()
		done := awaited(context.Background(), c, j)
		rest(time.Hour)
		require.NoError(t, c.Cancel(j.ID()))
		got := requireReturned(t, done)
		require.Equal(t, OutcomeCancelled, got.info.Outcome)
		require.ErrorIs(t, got.info.Err, context.Canceled)
		require.Equal(t, 2, got.info.Attempt)
		require.Equal(t, 2, attempts)
	})
}

func TestSynctestControllerCancelLeavesWaitingRunsAlone(t *testing.T) {
	for name, options := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
	}{
		"for a slot":     {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}, nil},
		"for their turn": {nil, []JobOption{WithSingletonMode(LimitModeWait)}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				told := make(chan context.Context, 10)
				j := mustJob(t, s, ages(), untilEnded(told), options.job...)
				s.Start()
				require.NoError(t, j.RunNow())
				second, third := awaited(context.Background(), c, j), awaited(context.Background(), c, j)
				require.Equal(t, 2, soundStats(t, c).Waiting)
				require.NoError(t, c.Cancel(j.ID()))
				synctest.Wait()
				require.Len(t, told, 1)
				require.Equal(t, 1, soundStats(t, c).Running, "the next has begun")
				require.NoError(t, c.Cancel(j.ID()))
				require.Equal(t, OutcomeCancelled, requireReturned(t, second).info.Outcome)
				rest(time.Minute)
				require.Equal(t, OutcomeSucceeded, requireReturned(t, third).info.Outcome)
			}, options.scheduler...)
		})
	}
}

// Only the runs' own context ends.
func TestSynctestControllerCancelLeavesTheGivenContextAlone(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		given, cancel := context.WithCancel(context.Background())
		defer cancel()
		told := make(chan context.Context, 10)
		j := mustJob(t, s, ages(), untilEnded(told), WithContext(given))
		s.Start()
		for i := 0; i < 2; i++ {
			done := awaited(context.Background(), c, j)
			require.NoError(t, c.Cancel(j.ID()))
			require.Equal(t, OutcomeCancelled, requireReturned(t, done).info.Outcome)
			require.NoError(t, given.Err())
		}
	})
}

func TestSynctestControllerCancelInsideTheTask(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			require.NoError(t, c.Cancel(uuidOf(ctx)))
			require.Equal(t, ErrRunCancelled, context.Cause(ctx))
			info, is := RunFromContext(ctx)
			require.True(t, is, "it is the run's context all the same")
			require.Equal(t, OutcomePending, info.Outcome)
			return ctx.Err()
		})
		s.Start()
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, OutcomeCancelled, info.Outcome)
	})
}

// The run in progress of a job that was replaced has ended its context already, and
// the new job's runs are its own.
func TestSynctestControllerCancelAfterReplacement(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s, c := steered(t)
		told := make(chan context.Context, 10)
		j := mustJob(t, s, ages(), untilEnded(told))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		replace(s, j, ages(), untilEnded(told))
		done := awaited(context.Background(), c, j)
		require.NoError(t, c.Cancel(j.ID()))
		require.Equal(t, OutcomeCancelled, requireReturned(t, done).info.Outcome)
		require.Equal(t, context.Canceled, context.Cause(<-told))
		require.Equal(t, ErrRunCancelled, context.Cause(<-told))
	})
}

// The interval counts from the end of the run that was cancelled.
func TestSynctestControllerCancelWithIntervalFromCompletion(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		p, told := newPulse(0), make(chan context.Context, 10)
		task := untilEnded(told)
		j := mustJob(t, s, DurationJob(10*time.Second), func(ctx context.Context) error {
			p.task()
			return task(ctx)
		}, WithIntervalFromCompletion())
		s.Start()
		for i := 0; i < 2; i++ {
			rest(15 * time.Second)
			require.NoError(t, c.Cancel(j.ID()))
		}
		rest(15 * time.Second)
		require.Equal(t, []int{10, 25, 40}, p.at)
	})
}
