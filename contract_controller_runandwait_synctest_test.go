//go:build go1.25

package gocron

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// rest lets time pass, and then everything that happens at its end.
func rest(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

// A waited is what a call that waits has returned.
type waited struct {
	info RunInfo
	err  error
	at   time.Time
}

// awaited calls RunAndWait in a goroutine of its own.
func awaited(ctx context.Context, c *Controller, j Job) <-chan waited {
	return later(func() (RunInfo, error) { return c.RunAndWait(ctx, j.ID()) })
}

// idleness calls Wait in a goroutine of its own.
func idleness(ctx context.Context, c *Controller, j Job) <-chan waited {
	return later(func() (RunInfo, error) { return RunInfo{}, c.Wait(ctx, j.ID()) })
}

func later(call func() (RunInfo, error)) <-chan waited {
	done := make(chan waited, 1)
	go func() {
		info, err := call()
		done <- waited{info, err, time.Now()}
	}()
	synctest.Wait()
	return done
}

// requireWaiting says that the call has not returned.
func requireWaiting(t testing.TB, done <-chan waited, msg ...any) {
	t.Helper()
	synctest.Wait()
	require.Empty(t, done, msg...)
}

// requireReturned says that the call has returned, without a need for more time.
func requireReturned(t testing.TB, done <-chan waited, msg ...any) waited {
	t.Helper()
	synctest.Wait()
	require.Len(t, done, 1, msg...)
	return <-done
}

// A wayToEnd is a way for the run of a RunAndWait to end, which all take a second or
// nothing.
type wayToEnd struct {
	scheduler []SchedulerOption
	job       []JobOption
	task      any
	occupied  bool // by a run of the job
	paused    bool
	then      func(t *testing.T, s Scheduler, c *Controller, j Job) // after half a second
	outcome   Outcome
	err       error
}

func waysToEnd() map[string]wayToEnd {
	slow := func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
			return nil
		}
	}
	refuse := BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errContract })
	elector := electorFunc(func(context.Context) error { return errContract })
	locker := lockFunc(func(context.Context, string) (Lock, error) { return nil, errContract })
	one := []SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}
	stop := func(t *testing.T, s Scheduler, _ *Controller, _ Job) { require.NoError(t, s.StopJobs()) }
	shutdown := func(t *testing.T, s Scheduler, _ *Controller, _ Job) { require.NoError(t, s.Shutdown()) }
	remove := func(t *testing.T, s Scheduler, _ *Controller, j Job) { require.NoError(t, s.RemoveJob(j.ID())) }
	update := func(t *testing.T, s Scheduler, _ *Controller, j Job) {
		_, err := s.Update(j.ID(), ages(), NewTask(noop))
		require.NoError(t, err)
	}
	pause := func(t *testing.T, _ Scheduler, c *Controller, j Job) { require.NoError(t, c.Pause(j.ID())) }
	cancelled := context.Canceled
	return map[string]wayToEnd{
		"succeeded":         {task: slow, outcome: OutcomeSucceeded},
		"paused meanwhile":  {task: slow, then: pause, outcome: OutcomeSucceeded},
		"paused before":     {task: slow, paused: true, outcome: OutcomeSucceeded},
		"waited":            {scheduler: one, task: slow, occupied: true, outcome: OutcomeSucceeded},
		"paused waiting":    {scheduler: one, task: slow, occupied: true, then: pause, outcome: OutcomeSucceeded},
		"failed":            {task: func() error { return errContract }, outcome: OutcomeFailed, err: errContract},
		"left":              {task: func() { runtime.Goexit() }, outcome: OutcomeFailed, err: ErrTaskGoexit},
		"panicked":          {task: panicOuch, job: []JobOption{WithRecover()}, outcome: OutcomePanicked, err: ErrPanicRecovered},
		"timed out":         {task: slow, job: []JobOption{WithTimeout(time.Millisecond)}, outcome: OutcomeTimedOut, err: ErrRunTimeout},
		"not leader":        {scheduler: []SchedulerOption{WithDistributedElector(elector)}, task: noop, outcome: OutcomeNotLeader, err: errContract},
		"locked":            {job: []JobOption{WithDistributedJobLocker(locker)}, task: noop, outcome: OutcomeLockedElsewhere, err: errContract},
		"refused":           {job: []JobOption{WithEventListeners(refuse)}, task: noop, outcome: OutcomeRefused, err: errContract},
		"singleton":         {job: []JobOption{WithSingletonMode(LimitModeReschedule)}, task: slow, occupied: true, outcome: OutcomeSkippedSingleton},
		"no slot":           {scheduler: []SchedulerOption{WithLimitConcurrentJobs(1, LimitModeReschedule)}, task: slow, occupied: true, outcome: OutcomeSkippedLimit},
		"replaces":          {job: []JobOption{WithSingletonMode(LimitModeReplace)}, task: slow, occupied: true, outcome: OutcomeSucceeded},
		"stopped":           {task: slow, then: stop, outcome: OutcomeCancelled, err: cancelled},
		"stopped waiting":   {scheduler: one, task: slow, occupied: true, then: stop, outcome: OutcomeCancelled},
		"shut down":         {task: slow, then: shutdown, outcome: OutcomeCancelled, err: cancelled},
		"shut down waiting": {scheduler: one, task: slow, occupied: true, then: shutdown, outcome: OutcomeCancelled},
		"removed":           {task: slow, then: remove, outcome: OutcomeCancelled, err: cancelled},
		"removed waiting":   {scheduler: one, task: slow, occupied: true, then: remove, outcome: OutcomeCancelled},
		"updated":           {task: slow, then: update, outcome: OutcomeCancelled, err: cancelled},
		"updated waiting":   {scheduler: one, task: slow, occupied: true, then: update, outcome: OutcomeCancelled},
		"removed, goes on":  {task: func() { time.Sleep(time.Second) }, then: remove, outcome: OutcomeSucceeded},
		"drained":           {scheduler: append(one, WithDrain()), task: slow, occupied: true, then: stop, outcome: OutcomeSucceeded},
	}
}

func TestSynctestControllerRunAndWaitTellsHowTheRunEnded(t *testing.T) {
	for name, e := range waysToEnd() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				j := mustJob(t, s, ages(), e.task, append(e.job, WithName("name"), WithTags("tag"))...)
				s.Start()
				asked := time.Now()
				if e.occupied {
					require.NoError(t, j.RunNow())
					rest(time.Millisecond)
				}
				if e.paused {
					require.NoError(t, c.Pause(j.ID()))
				}
				done := awaited(context.Background(), c, j)
				if e.then != nil {
					rest(500 * time.Millisecond)
					requireWaiting(t, done)
					e.then(t, s, c, j)
				}
				rest(3 * time.Second)
				got := requireReturned(t, done)
				require.NoError(t, got.err)
				require.Equal(t, e.outcome, got.info.Outcome)
				require.ErrorIs(t, got.info.Err, e.err)
				require.Equal(t, e.err == nil, got.info.Err == nil)
				require.Equal(t, j.ID(), got.info.JobID)
				require.Equal(t, "name", got.info.JobName)
				require.Equal(t, []string{"tag"}, got.info.Tags)
				require.Equal(t, TriggerRunNow, got.info.Trigger)
				require.Equal(t, got.info.StartedAt.IsZero(), got.info.Attempt == 0)
				require.LessOrEqual(t, got.info.Attempt, 1)
				require.False(t, got.info.ScheduledAt.Before(asked))
				require.False(t, got.info.FinishedAt.Before(got.info.ScheduledAt))
				require.True(t, got.info.FinishedAt.Equal(got.at), "it returned at once")
			}, e.scheduler...)
		})
	}
}

// There is no run when RunNow would not make one.
func TestSynctestControllerRunAndWaitOfNoRun(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		requireNone := func(want error, j Job) {
			t.Helper()
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.ErrorIs(t, err, want)
			require.Zero(t, info)
		}
		ctx, cancel := context.WithCancel(context.Background())
		h := newHoldup(t)
		plain := mustJob(t, s, ages(), noop)
		limited := mustJob(t, s, ages(), h.task, WithLimitedRuns(2))
		ended := mustJob(t, s, ages(), noop, WithContext(ctx))
		requireNone(ErrJobRunNowFailed, plain) // not started
		s.Start()
		require.NoError(t, limited.RunNow())
		require.NoError(t, limited.RunNow())
		requireNone(ErrJobRunNowFailed, limited)
		cancel()
		requireNone(ErrJobRunNowFailed, ended)
		h.open()
		require.NoError(t, s.StopJobs())
		requireNone(ErrJobRunNowFailed, plain)
		require.EqualValues(t, 2, soundStats(t, c).Made)
	})
}

func TestSynctestControllerRunAndWaitOfTheLastLimitedRun(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		j := mustJob(t, s, ages(), noop, WithLimitedRuns(1))
		s.Start()
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, OutcomeSucceeded, info.Outcome)
		require.Empty(t, s.Jobs(), "it has left when RunAndWait returns")
	})
}

func TestSynctestControllerRunAndWaitWhenTheQueueIsFull(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.ErrorIs(t, err, ErrQueueFull)
		require.Equal(t, OutcomeDroppedQueueFull, info.Outcome)
		require.ErrorIs(t, info.Err, ErrQueueFull)
	}, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1))
}

func TestSynctestControllerRunAndWaitWithRetries(t *testing.T) {
	for succeedsAt, outcome := range map[int]Outcome{2: OutcomeSucceeded, 3: OutcomeSucceeded, 4: OutcomeFailed} {
		inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
			attempts := 0
			j := mustJob(t, s, ages(), func() error {
				if attempts++; attempts == succeedsAt {
					return nil
				}
				return errContract
			}, WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Minute)}))
			s.Start()
			start := time.Now()
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
			require.Equal(t, outcome, info.Outcome)
			require.Equal(t, min(succeedsAt, 3), info.Attempt)
			require.Equal(t, info.Attempt, attempts)
			require.Equal(t, outcome == OutcomeFailed, info.Err != nil)
			require.Equal(t, time.Duration(attempts-1)*time.Minute, time.Since(start))
		})
	}
}

// When there is no further attempt the latest one counts.
func TestSynctestControllerRunAndWaitWhenTheRetryIsCutOff(t *testing.T) {
	cuts := map[string]func(s Scheduler, c *Controller, j Job) error{
		"stop":   func(s Scheduler, _ *Controller, _ Job) error { return s.StopJobs() },
		"remove": func(s Scheduler, _ *Controller, j Job) error { return s.RemoveJob(j.ID()) },
		"cancel": func(_ Scheduler, c *Controller, j Job) error { return c.Cancel(j.ID()) },
		"update": func(s Scheduler, _ *Controller, j Job) error {
			_, err := s.Update(j.ID(), ages(), NewTask(noop))
			return err
		},
	}
	for name, cut := range cuts {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				j := mustJob(t, s, ages(), func() error { return errContract },
					WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Minute)}))
				s.Start()
				start := time.Now()
				done := awaited(context.Background(), c, j)
				rest(time.Second)
				requireWaiting(t, done)
				require.NoError(t, cut(s, c, j))
				got := requireReturned(t, done)
				require.NoError(t, got.err)
				require.Equal(t, OutcomeFailed, got.info.Outcome)
				require.ErrorIs(t, got.info.Err, errContract)
				require.Equal(t, 1, got.info.Attempt, "the latest that was made")
				require.True(t, got.info.StartedAt.Equal(start))
			})
		})
	}
}

func TestSynctestControllerRunAndWaitNoLongerThanItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		s.Start()
		for _, queued := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			info, err := c.RunAndWait(ctx, j.ID())
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, OutcomePending, info.Outcome)
			require.Equal(t, queued, info.StartedAt.IsZero(), "it tells how far the run has come")
			require.Equal(t, queued, !info.QueuedAt.IsZero())
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		info, err := c.RunAndWait(ctx, j.ID())
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, info, "no run is made when it has ended before")
		h.open()
		synctest.Wait()
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 2}, soundOutcomes(t, c), "the others go on")
	}, WithLimitConcurrentJobs(1, LimitModeWait))
}

// A nil context never ends, as that of StopJobsWithContext.
func TestSynctestControllerNilContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		j := mustJob(t, s, ages(), func() { time.Sleep(time.Second) })
		s.Start()
		var none context.Context
		require.NotPanics(t, func() {
			info, err := c.RunAndWait(none, j.ID())
			require.NoError(t, err)
			require.Equal(t, OutcomeSucceeded, info.Outcome)
		})
		require.NoError(t, j.RunNow())
		require.NotPanics(t, func() { require.NoError(t, c.Wait(none, j.ID())) })
	})
}

// A task may wait for a run of another job, or, where runs may overlap, of its own.
func TestSynctestControllerRunAndWaitInATask(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		var infos []RunInfo
		note := func(id uuid.UUID) {
			info, err := c.RunAndWait(context.Background(), id)
			require.NoError(t, err)
			infos = append(infos, info)
		}
		inner := mustJob(t, s, ages(), func() { time.Sleep(time.Second) })
		nested := false
		outer := mustJob(t, s, ages(), func(ctx context.Context) {
			if !nested {
				nested = true
				note(inner.ID())
				note(uuidOf(ctx))
			}
		})
		s.Start()
		note(outer.ID())
		require.Len(t, infos, 3)
		for _, info := range infos {
			require.Equal(t, OutcomeSucceeded, info.Outcome)
		}
	})
}

// A task that waits for a run of its own job, which waits for it, has to give up.
func TestSynctestControllerRunAndWaitForItself(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		var errs []error
		var later RunInfo
		j := mustJob(t, s, ages(), func(ctx context.Context) {
			if len(errs) > 0 {
				return
			}
			minute, cancel := context.WithTimeout(ctx, time.Minute)
			defer cancel()
			errs = append(errs, c.Wait(minute, uuidOf(ctx)))
			hour, cancel := context.WithTimeout(ctx, time.Hour)
			defer cancel()
			var err error
			later, err = c.RunAndWait(hour, uuidOf(ctx))
			errs = append(errs, err)
		}, WithSingletonMode(LimitModeWait))
		s.Start()
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, OutcomeSucceeded, info.Outcome)
		require.Equal(t, []error{context.DeadlineExceeded, context.DeadlineExceeded}, errs)
		require.Equal(t, OutcomePending, later.Outcome)
		synctest.Wait()
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 2}, soundOutcomes(t, c))
	})
}
