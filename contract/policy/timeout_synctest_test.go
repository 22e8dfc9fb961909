//go:build go1.25

package policy_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestPolicyTimeoutEndsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		var cause error
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			require.Equal(t, time.Minute, time.Until(deadline))
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		}, gocron.WithTimeout(time.Minute))
		info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, time.Minute, info.FinishedAt.Sub(info.StartedAt))
		require.True(t, cause == gocron.ErrRunTimeout)
		require.Equal(t, gocron.OutcomeTimedOut, info.Outcome)
		require.ErrorIs(t, info.Err, gocron.ErrRunTimeout)
		require.ErrorIs(t, info.Err, context.DeadlineExceeded, "what the task returned")
		require.EqualError(t, info.Err, "gocron: run exceeded its timeout of 1m0s: context deadline exceeded")
		require.Equal(t, []string{"timed-out 1"}, b.Outcomes())
	})
}

func TestSynctestPolicyTimeoutWhateverTheTaskReturns(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		text   string
	}{
		"nothing":   {nil, "gocron: run exceeded its timeout of 1s"},
		"its own":   {rig.ErrTest, "gocron: run exceeded its timeout of 1s: the test's own error"},
		"the cause": {gocron.ErrRunTimeout, "gocron: run exceeded its timeout of 1s: gocron: run exceeded its timeout"},
	} {
		given := func(ctx context.Context) error { time.Sleep(2 * time.Second); return c.answer }
		for kind, task := range map[string]gocron.Task{
			"context":       gocron.NewTask(given),
			"none":          gocron.NewTask(func() error { time.Sleep(2 * time.Second); return c.answer }),
			"context given": gocron.NewTask(given, context.Background()),
			"parameters":    gocron.NewTask(func(_ context.Context, d time.Duration) error { time.Sleep(d); return c.answer }, 2*time.Second),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := rig.NewStarted(t)
					j, err := s.NewJob(rig.Ages(), task, gocron.WithTimeout(time.Second))
					require.NoError(t, err)
					require.NoError(t, j.RunNow())
					time.Sleep(time.Second)
					synctest.Wait()
					running, err := j.IsRunning()
					require.NoError(t, err)
					require.True(t, running, "it is, until the task returns")
					time.Sleep(time.Second)
					require.Equal(t, []string{"timed-out 1"}, b.Outcomes())
					run := b.Runs()[0]
					require.Equal(t, 2*time.Second, run.FinishedAt.Sub(run.StartedAt))
					require.EqualError(t, run.Err, c.text)
					require.ErrorIs(t, run.Err, gocron.ErrRunTimeout)
					if c.answer != nil {
						require.ErrorIs(t, run.Err, c.answer)
					}
				})
			})
		}
	}
}

func TestSynctestPolicyTimeoutNotExceeded(t *testing.T) {
	deadline := fmt.Errorf("a deadline of its own: %w", context.DeadlineExceeded)
	for name, c := range map[string]struct {
		answer error
		want   string
	}{
		"success":        {nil, "succeeded 1"},
		"failure":        {rig.ErrTest, "failed 1"},
		"other deadline": {deadline, "failed 1"},
		"other timeout":  {gocron.ErrRunTimeout, "failed 1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				var ctx context.Context
				j := rig.MustJob(t, s, rig.Ages(), func(c2 context.Context) error { ctx = c2; time.Sleep(time.Second - 1); return c.answer }, gocron.WithTimeout(time.Second))
				for i := 0; i < 3; i++ {
					require.NoError(t, j.RunNow())
					time.Sleep(time.Second - 1)
					synctest.Wait()
					require.True(t, context.Cause(ctx) == context.Canceled, "no timer is left behind")
				}
				require.Equal(t, []string{c.want, c.want, c.want}, b.Outcomes())
				require.True(t, b.Runs()[0].Err == c.answer, "it is left as it is")
				b.RequireAtRest(t)
			})
		})
	}
}

// A run that takes too long still holds what it has: nothing is abandoned.
func TestSynctestPolicyTimeoutOfATaskThatIgnoresIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithStopTimeout(time.Minute))
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithTimeout(time.Second), gocron.WithSingletonMode(gocron.LimitModeWait))
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		stats := rig.StatsAtRest(t, s)
		require.Equal(t, []int{1, 1}, []int{stats.Running, stats.Waiting})
		require.Equal(t, 1, h.Running())
		require.Empty(t, b.Runs())
		began := time.Now()
		require.Equal(t, gocron.ErrStopJobsTimedOut, s.StopJobs())
		require.Equal(t, time.Minute, time.Since(began))
		h.Open()
		require.Equal(t, []string{"timed-out 1", "cancelled 0"}, b.Outcomes())
	})
}

// The timer counts for the task, not for what comes before it.
func TestSynctestPolicyTimeoutIsThatOfTheTask(t *testing.T) {
	slow := func() { time.Sleep(time.Minute) }
	for name, option := range map[string]gocron.SchedulerOption{
		"locker": gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			slow()
			return rig.UnlockFunc(func(context.Context) error { slow(); return nil }), nil
		})),
		"listeners": gocron.WithGlobalJobOptions(gocron.WithEventListeners(
			gocron.BeforeJobRuns(func(uuid.UUID, string) { slow() }), gocron.AfterJobRuns(func(uuid.UUID, string) { slow() }))),
		"hooks":   gocron.WithHooks(gocron.Hooks{RunStarted: func(gocron.RunInfo) { slow() }}),
		"waiting": gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, option)
				s.Start()
				if name == "waiting" {
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), slow).RunNow())
				}
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error { time.Sleep(time.Second - 1); return ctx.Err() }, gocron.WithTimeout(time.Second))
				info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
				require.NoError(t, err)
				require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
			})
		})
	}
}

// Timeouts are on real time, and none of a clock's waiters.
func TestSynctestPolicyTimeoutWithAFakeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rig.Now)
		s, b := rig.NewStarted(t, gocron.WithClock(clock))
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))), func(ctx context.Context) error { <-ctx.Done(); return nil },
			gocron.WithTimeout(time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Error(t, clock.BlockUntilContext(rig.EndedContext(), 2), "one waiter for the job")
		clock.Advance(time.Hour - 1)
		require.Empty(t, b.Runs())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"timed-out 1"}, b.Outcomes())
		require.Equal(t, time.Hour-1, b.Runs()[0].FinishedAt.Sub(b.Runs()[0].StartedAt), "by the injected clock")
	})
}

// Whatever ends the context first is its cause, and what the run is said to have
// come to.
func TestSynctestPolicyTimeoutAfterTheContextHasEnded(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				var cause error
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
					<-ctx.Done()
					time.Sleep(time.Hour)
					cause = context.Cause(ctx)
					return ctx.Err()
				}, gocron.WithTimeout(time.Minute), gocron.WithContext(user), gocron.WithTags("tag"), rig.Retries(3, 0))
				require.NoError(t, j.RunNow())
				time.Sleep(time.Second)
				end(s, j, cancel)
				time.Sleep(2 * time.Hour)
				require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
				require.True(t, b.Runs()[0].Err == context.Canceled)
				require.Equal(t, name == "cancel", cause == gocron.ErrRunCancelled)
				require.NotEqual(t, gocron.ErrRunTimeout, cause)
			})
		})
	}
}

func TestSynctestPolicyTimeoutBeforeTheContextHasEnded(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error { time.Sleep(2 * time.Minute); return ctx.Err() },
					gocron.WithTimeout(time.Minute), gocron.WithContext(user), gocron.WithTags("tag"), rig.Retries(3, 0))
				require.NoError(t, j.RunNow())
				time.Sleep(90 * time.Second)
				end(s, j, cancel)
				time.Sleep(time.Hour)
				require.Equal(t, []string{"timed-out 1"}, b.Outcomes(), "and is not tried again")
			})
		})
	}
}

// A deadline of the user's own context is not the run's timeout.
func TestSynctestPolicyTimeoutLongerThanTheUsersDeadline(t *testing.T) {
	for name, cause := range map[string]error{"plain": nil, "cause": rig.ErrTest, "timeout of an outer run": gocron.ErrRunTimeout} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				user, cancel := context.WithTimeoutCause(context.Background(), time.Second, cause)
				defer cancel()
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
					gocron.WithTimeout(time.Minute), gocron.WithContext(user))
				require.NoError(t, j.RunNow())
				time.Sleep(time.Hour)
				require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
				run := b.Runs()[0]
				require.True(t, run.Err == context.DeadlineExceeded)
				require.Equal(t, time.Second, run.FinishedAt.Sub(run.StartedAt))
			})
		})
	}
}

func TestSynctestPolicyTimeoutBoundsEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p := rig.Answering(rig.ErrTest)
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			if err := p.Task(); len(p.Called) == 2 {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}, gocron.WithTimeout(time.Minute), rig.Retries(3, time.Second))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		require.Equal(t, []time.Duration{0, 61 * time.Second, 62 * time.Second}, p.Calls())
		require.Equal(t, []string{"timed-out 3"}, b.Outcomes())
	})
}

// The task may end in other ways, which then are its outcome.
func TestSynctestPolicyTimeoutOfATaskThatDoesNotReturn(t *testing.T) {
	for name, c := range map[string]struct {
		end  func()
		want string
		err  error
	}{
		"panic":  {func() { panic("ouch") }, "panicked 1", gocron.ErrPanicRecovered},
		"Goexit": {runtime.Goexit, "failed 1", gocron.ErrTaskGoexit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				var ctx context.Context
				j := rig.MustJob(t, s, rig.Ages(), func(c2 context.Context) { ctx = c2; c.end() }, gocron.WithTimeout(time.Minute), gocron.WithRecover())
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{c.want}, b.Outcomes())
				require.ErrorIs(t, b.Runs()[0].Err, c.err)
				require.True(t, context.Cause(ctx) == context.Canceled, "no timer is left behind")
				j = rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Hour); c.end() }, gocron.WithTimeout(time.Minute), gocron.WithRecover())
				require.NoError(t, j.RunNow())
				time.Sleep(time.Hour)
				require.Len(t, b.Runs(), 2)
				require.ErrorIs(t, b.Runs()[1].Err, c.err)
			})
		})
	}
}

// Listeners and monitors get the error of the run.
func TestSynctestPolicyTimeoutIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s, _ := rig.NewStarted(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m), gocron.WithSchedulerMonitor(m))
		var told []error
		j := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Minute) }, gocron.WithName("it"), gocron.WithTimeout(time.Second), gocron.WithEventListeners(
			gocron.AfterJobRuns(func(uuid.UUID, string) { told = append(told, nil) }),
			gocron.AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { told = append(told, err) })))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, told, 1)
		require.ErrorIs(t, told[0], gocron.ErrRunTimeout)
		require.Equal(t, 1, m.Count("fail it"))
		require.Equal(t, 1, m.Count("failed it"))
		require.Zero(t, m.Count("completed it"))
		for _, err := range m.Failed() {
			require.True(t, err == told[0])
		}
	})
}

func TestSynctestPolicyTimeoutOfAllJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithGlobalJobOptions(gocron.WithTimeout(time.Second)))
		task := func() { time.Sleep(time.Minute) }
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), task).RunNow())
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), task, gocron.WithTimeout(time.Hour)).RunNow())
		time.Sleep(time.Hour)
		require.ElementsMatch(t, []string{"timed-out 1", "succeeded 1"}, b.Outcomes(), "the job's own wins")
	})
}

func TestSynctestPolicyTimeoutOfNothingIsRefused(t *testing.T) {
	s := rig.NewScheduler(t)
	for _, timeout := range []time.Duration{0, -1, -rig.MaxDuration} {
		for _, e := range rig.Entrances() {
			_, err := e.Add(s, uuid.New(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithTimeout(timeout))
			require.ErrorIs(t, err, gocron.ErrOptionValue)
			require.ErrorContains(t, err, fmt.Sprintf("gocron: option value out of range: WithTimeout(%v), allowed: more than 0", timeout))
		}
	}
	require.Empty(t, s.Jobs())
}

// The longest there is costs nothing but its timer.
func TestSynctestPolicyTimeoutMayBeForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			return errors.Join(ctx.Err(), context.Cause(ctx))
		}, gocron.WithTimeout(rig.MaxDuration)).RunNow())
		require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
	})
}
