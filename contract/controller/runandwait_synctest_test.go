//go:build go1.25

package controller_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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
	info gocron.RunInfo
	err  error
	at   time.Time
}

// awaited calls RunAndWait in a goroutine of its own.
func awaited(ctx context.Context, c *gocron.Controller, j gocron.Job) <-chan waited {
	return later(func() (gocron.RunInfo, error) { return c.RunAndWait(ctx, j.ID()) })
}

// idleness calls Wait in a goroutine of its own.
func idleness(ctx context.Context, c *gocron.Controller, j gocron.Job) <-chan waited {
	return later(func() (gocron.RunInfo, error) { return gocron.RunInfo{}, c.Wait(ctx, j.ID()) })
}

func later(call func() (gocron.RunInfo, error)) <-chan waited {
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
	scheduler []gocron.SchedulerOption
	job       []gocron.JobOption
	task      any
	occupied  bool // by a run of the job
	paused    bool
	then      func(t *testing.T, s gocron.Scheduler, c *gocron.Controller, j gocron.Job) // after half a second
	outcome   gocron.Outcome
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
	refuse := gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrTest })
	elector := rig.ElectorFunc(func(context.Context) error { return rig.ErrTest })
	locker := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, rig.ErrTest })
	one := []gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}
	stop := func(t *testing.T, s gocron.Scheduler, _ *gocron.Controller, _ gocron.Job) {
		require.NoError(t, s.StopJobs())
	}
	shutdown := func(t *testing.T, s gocron.Scheduler, _ *gocron.Controller, _ gocron.Job) {
		require.NoError(t, s.Shutdown())
	}
	remove := func(t *testing.T, s gocron.Scheduler, _ *gocron.Controller, j gocron.Job) {
		require.NoError(t, s.RemoveJob(j.ID()))
	}
	update := func(t *testing.T, s gocron.Scheduler, _ *gocron.Controller, j gocron.Job) {
		_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
		require.NoError(t, err)
	}
	pause := func(t *testing.T, _ gocron.Scheduler, c *gocron.Controller, j gocron.Job) {
		require.NoError(t, c.Pause(j.ID()))
	}
	cancelled := context.Canceled
	return map[string]wayToEnd{
		"succeeded":         {task: slow, outcome: gocron.OutcomeSucceeded},
		"paused meanwhile":  {task: slow, then: pause, outcome: gocron.OutcomeSucceeded},
		"paused before":     {task: slow, paused: true, outcome: gocron.OutcomeSucceeded},
		"waited":            {scheduler: one, task: slow, occupied: true, outcome: gocron.OutcomeSucceeded},
		"paused waiting":    {scheduler: one, task: slow, occupied: true, then: pause, outcome: gocron.OutcomeSucceeded},
		"failed":            {task: func() error { return rig.ErrTest }, outcome: gocron.OutcomeFailed, err: rig.ErrTest},
		"left":              {task: func() { runtime.Goexit() }, outcome: gocron.OutcomeFailed, err: gocron.ErrTaskGoexit},
		"panicked":          {task: panicOuch, job: []gocron.JobOption{gocron.WithRecover()}, outcome: gocron.OutcomePanicked, err: gocron.ErrPanicRecovered},
		"timed out":         {task: slow, job: []gocron.JobOption{gocron.WithTimeout(time.Millisecond)}, outcome: gocron.OutcomeTimedOut, err: gocron.ErrRunTimeout},
		"not leader":        {scheduler: []gocron.SchedulerOption{gocron.WithDistributedElector(elector)}, task: rig.Noop, outcome: gocron.OutcomeNotLeader, err: rig.ErrTest},
		"locked":            {job: []gocron.JobOption{gocron.WithDistributedJobLocker(locker)}, task: rig.Noop, outcome: gocron.OutcomeLockedElsewhere, err: rig.ErrTest},
		"refused":           {job: []gocron.JobOption{gocron.WithEventListeners(refuse)}, task: rig.Noop, outcome: gocron.OutcomeRefused, err: rig.ErrTest},
		"singleton":         {job: []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReschedule)}, task: slow, occupied: true, outcome: gocron.OutcomeSkippedSingleton},
		"no slot":           {scheduler: []gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)}, task: slow, occupied: true, outcome: gocron.OutcomeSkippedLimit},
		"replaces":          {job: []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReplace)}, task: slow, occupied: true, outcome: gocron.OutcomeSucceeded},
		"stopped":           {task: slow, then: stop, outcome: gocron.OutcomeCancelled, err: cancelled},
		"stopped waiting":   {scheduler: one, task: slow, occupied: true, then: stop, outcome: gocron.OutcomeCancelled},
		"shut down":         {task: slow, then: shutdown, outcome: gocron.OutcomeCancelled, err: cancelled},
		"shut down waiting": {scheduler: one, task: slow, occupied: true, then: shutdown, outcome: gocron.OutcomeCancelled},
		"removed":           {task: slow, then: remove, outcome: gocron.OutcomeCancelled, err: cancelled},
		"removed waiting":   {scheduler: one, task: slow, occupied: true, then: remove, outcome: gocron.OutcomeCancelled},
		"updated":           {task: slow, then: update, outcome: gocron.OutcomeCancelled, err: cancelled},
		"updated waiting":   {scheduler: one, task: slow, occupied: true, then: update, outcome: gocron.OutcomeCancelled},
		"removed, goes on":  {task: func() { time.Sleep(time.Second) }, then: remove, outcome: gocron.OutcomeSucceeded},
		"drained":           {scheduler: append(one, gocron.WithDrain()), task: slow, occupied: true, then: stop, outcome: gocron.OutcomeSucceeded},
	}
}

func TestSynctestControllerRunAndWaitTellsHowTheRunEnded(t *testing.T) {
	for name, e := range waysToEnd() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				j := rig.MustJob(t, s, rig.Ages(), e.task, append(e.job, gocron.WithName("name"), gocron.WithTags("tag"))...)
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
				require.Equal(t, gocron.TriggerRunNow, got.info.Trigger)
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
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		requireNone := func(want error, j gocron.Job) {
			t.Helper()
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.ErrorIs(t, err, want)
			require.Zero(t, info)
		}
		ctx, cancel := context.WithCancel(context.Background())
		h := rig.NewHoldup(t)
		plain := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		limited := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithLimitedRuns(2))
		ended := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithContext(ctx))
		requireNone(gocron.ErrJobRunNowFailed, plain) // not started
		s.Start()
		require.NoError(t, limited.RunNow())
		require.NoError(t, limited.RunNow())
		requireNone(gocron.ErrJobRunNowFailed, limited)
		cancel()
		requireNone(gocron.ErrJobRunNowFailed, ended)
		h.Open()
		require.NoError(t, s.StopJobs())
		requireNone(gocron.ErrJobRunNowFailed, plain)
		require.EqualValues(t, 2, rig.StatsOf(t, c).Made)
	})
}

func TestSynctestControllerRunAndWaitOfTheLastLimitedRun(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithLimitedRuns(1))
		s.Start()
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
		require.Empty(t, s.Jobs(), "it has left when RunAndWait returns")
	})
}

func TestSynctestControllerRunAndWaitWhenTheQueueIsFull(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.ErrorIs(t, err, gocron.ErrQueueFull)
		require.Equal(t, gocron.OutcomeDroppedQueueFull, info.Outcome)
		require.ErrorIs(t, info.Err, gocron.ErrQueueFull)
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1))
}

func TestSynctestControllerRunAndWaitWithRetries(t *testing.T) {
	for succeedsAt, outcome := range map[int]gocron.Outcome{2: gocron.OutcomeSucceeded, 3: gocron.OutcomeSucceeded, 4: gocron.OutcomeFailed} {
		inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
			attempts := 0
			j := rig.MustJob(t, s, rig.Ages(), func() error {
				if attempts++; attempts == succeedsAt {
					return nil
				}
				return rig.ErrTest
			}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Minute)}))
			s.Start()
			start := time.Now()
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
			require.Equal(t, outcome, info.Outcome)
			require.Equal(t, min(succeedsAt, 3), info.Attempt)
			require.Equal(t, info.Attempt, attempts)
			require.Equal(t, outcome == gocron.OutcomeFailed, info.Err != nil)
			require.Equal(t, time.Duration(attempts-1)*time.Minute, time.Since(start))
		})
	}
}

// When there is no further attempt the latest one counts.
func TestSynctestControllerRunAndWaitWhenTheRetryIsCutOff(t *testing.T) {
	cuts := map[string]func(s gocron.Scheduler, c *gocron.Controller, j gocron.Job) error{
		"stop":   func(s gocron.Scheduler, _ *gocron.Controller, _ gocron.Job) error { return s.StopJobs() },
		"remove": func(s gocron.Scheduler, _ *gocron.Controller, j gocron.Job) error { return s.RemoveJob(j.ID()) },
		"cancel": func(_ gocron.Scheduler, c *gocron.Controller, j gocron.Job) error { return c.Cancel(j.ID()) },
		"update": func(s gocron.Scheduler, _ *gocron.Controller, j gocron.Job) error {
			_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			return err
		},
	}
	for name, cut := range cuts {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				j := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest },
					gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Minute)}))
				s.Start()
				start := time.Now()
				done := awaited(context.Background(), c, j)
				rest(time.Second)
				requireWaiting(t, done)
				require.NoError(t, cut(s, c, j))
				got := requireReturned(t, done)
				require.NoError(t, got.err)
				require.Equal(t, gocron.OutcomeFailed, got.info.Outcome)
				require.ErrorIs(t, got.info.Err, rig.ErrTest)
				require.Equal(t, 1, got.info.Attempt, "the latest that was made")
				require.True(t, got.info.StartedAt.Equal(start))
			})
		})
	}
}

func TestSynctestControllerRunAndWaitNoLongerThanItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		for _, queued := range []bool{false, true} {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			info, err := c.RunAndWait(ctx, j.ID())
			cancel()
			require.ErrorIs(t, err, context.DeadlineExceeded)
			require.Equal(t, gocron.OutcomePending, info.Outcome)
			require.Equal(t, queued, info.StartedAt.IsZero(), "it tells how far the run has come")
			require.Equal(t, queued, !info.QueuedAt.IsZero())
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		info, err := c.RunAndWait(ctx, j.ID())
		require.ErrorIs(t, err, context.Canceled)
		require.Zero(t, info, "no run is made when it has ended before")
		h.Open()
		synctest.Wait()
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 2}, rig.OutcomesOf(t, c), "the others go on")
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

// A nil context never ends, as that of StopJobsWithContext.
func TestSynctestControllerNilContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Second) })
		s.Start()
		var none context.Context
		require.NotPanics(t, func() {
			info, err := c.RunAndWait(none, j.ID())
			require.NoError(t, err)
			require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
		})
		require.NoError(t, j.RunNow())
		require.NotPanics(t, func() { require.NoError(t, c.Wait(none, j.ID())) })
	})
}

// A task may wait for a run of another job, or, where runs may overlap, of its own.
func TestSynctestControllerRunAndWaitInATask(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		var infos []gocron.RunInfo
		note := func(id uuid.UUID) {
			info, err := c.RunAndWait(context.Background(), id)
			require.NoError(t, err)
			infos = append(infos, info)
		}
		inner := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Second) })
		nested := false
		outer := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
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
			require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
		}
	})
}

// A task that waits for a run of its own job, which waits for it, has to give up.
func TestSynctestControllerRunAndWaitForItself(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		var errs []error
		var later gocron.RunInfo
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
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
		}, gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
		require.Equal(t, []error{context.DeadlineExceeded, context.DeadlineExceeded}, errs)
		require.Equal(t, gocron.OutcomePending, later.Outcome)
		synctest.Wait()
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 2}, rig.OutcomesOf(t, c))
	})
}

// The task has the values of the caller's context, such as a trace's span, and its own first.
func TestSynctestRunAndWaitHandsOnTheCallersValues(t *testing.T) {
	type key string
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		var got []any
		task := func(ctx context.Context) error {
			got = append(got, ctx.Value(key("a")), ctx.Value(key("b")), ctx.Err())
			run, ok := gocron.RunFromContext(ctx)
			require.True(t, ok)
			require.Equal(t, uint64(len(got)/3), run.ID, "the run is its own")
			return nil
		}
		own := context.WithValue(context.Background(), key("a"), "the job's")
		j := rig.MustJob(t, s, rig.Ages(), task, gocron.WithContext(own), gocron.WithTimeout(time.Hour))
		s.Start()
		ctx, cancel := context.WithCancel(context.WithValue(context.Background(), key("a"), "the caller's"))
		_, err := c.RunAndWait(context.WithValue(ctx, key("b"), "the caller's"), j.ID())
		require.NoError(t, err)
		cancel()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, []any{"the job's", "the caller's", nil, "the job's", nil, nil}, got)
	})
}
