//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestPolicyTimeoutEndsTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		var cause error
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			deadline, ok := ctx.Deadline()
			require.True(t, ok)
			require.Equal(t, time.Minute, time.Until(deadline))
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		}, WithTimeout(time.Minute))
		info, err := NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, time.Minute, info.FinishedAt.Sub(info.StartedAt))
		require.True(t, cause == ErrRunTimeout)
		require.Equal(t, OutcomeTimedOut, info.Outcome)
		require.ErrorIs(t, info.Err, ErrRunTimeout)
		require.ErrorIs(t, info.Err, context.DeadlineExceeded, "what the task returned")
		require.EqualError(t, info.Err, "gocron: run exceeded its timeout of 1m0s: context deadline exceeded")
		require.Equal(t, []string{"timed-out 1"}, b.outcomes())
	})
}

func TestSynctestPolicyTimeoutWhateverTheTaskReturns(t *testing.T) {
	for name, c := range map[string]struct {
		answer error
		text   string
	}{
		"nothing":   {nil, "gocron: run exceeded its timeout of 1s"},
		"its own":   {errContract, "gocron: run exceeded its timeout of 1s: the test's own error"},
		"the cause": {ErrRunTimeout, "gocron: run exceeded its timeout of 1s: gocron: run exceeded its timeout"},
	} {
		given := func(ctx context.Context) error { time.Sleep(2 * time.Second); return c.answer }
		for kind, task := range map[string]Task{
			"context":       NewTask(given),
			"none":          NewTask(func() error { time.Sleep(2 * time.Second); return c.answer }),
			"context given": NewTask(given, context.Background()),
			"parameters":    NewTask(func(_ context.Context, d time.Duration) error { time.Sleep(d); return c.answer }, 2*time.Second),
		} {
			t.Run(name+", "+kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := newPolicyScheduler(t)
					j, err := s.NewJob(ages(), task, WithTimeout(time.Second))
					require.NoError(t, err)
					require.NoError(t, j.RunNow())
					time.Sleep(time.Second)
					synctest.Wait()
					running, err := j.IsRunning()
					require.NoError(t, err)
					require.True(t, running, "it is, until the task returns")
					time.Sleep(time.Second)
					require.Equal(t, []string{"timed-out 1"}, b.outcomes())
					run := b.runs()[0]
					require.Equal(t, 2*time.Second, run.FinishedAt.Sub(run.StartedAt))
					require.EqualError(t, run.Err, c.text)
					require.ErrorIs(t, run.Err, ErrRunTimeout)
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
		"failure":        {errContract, "failed 1"},
		"other deadline": {deadline, "failed 1"},
		"other timeout":  {ErrRunTimeout, "failed 1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				var ctx context.Context
				j := mustJob(t, s, ages(), func(c2 context.Context) error { ctx = c2; time.Sleep(time.Second - 1); return c.answer }, WithTimeout(time.Second))
				for i := 0; i < 3; i++ {
					require.NoError(t, j.RunNow())
					time.Sleep(time.Second - 1)
					synctest.Wait()
					require.True(t, context.Cause(ctx) == context.Canceled, "no timer is left behind")
				}
				require.Equal(t, []string{c.want, c.want, c.want}, b.outcomes())
				require.True(t, b.runs()[0].Err == c.answer, "it is left as it is")
				b.requireAtRest(t)
			})
		})
	}
}

// A run that takes too long still holds what it has: nothing is abandoned.
func TestSynctestPolicyTimeoutOfATaskThatIgnoresIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithStopTimeout(time.Minute))
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task, WithTimeout(time.Second), WithSingletonMode(LimitModeWait))
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		stats := policyStats(t, s)
		require.Equal(t, []int{1, 1}, []int{stats.Running, stats.Waiting})
		require.Equal(t, 1, h.running())
		require.Empty(t, b.runs())
		began := time.Now()
		require.Equal(t, ErrStopJobsTimedOut, s.StopJobs())
		require.Equal(t, time.Minute, time.Since(began))
		h.open()
		require.Equal(t, []string{"timed-out 1", "cancelled 0"}, b.outcomes())
	})
}

// The timer counts for the task, not for what comes before it.
func TestSynctestPolicyTimeoutIsThatOfTheTask(t *testing.T) {
	slow := func() { time.Sleep(time.Minute) }
	for name, option := range map[string]SchedulerOption{
		"locker": WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
			slow()
			return unlockFunc(func(context.Context) error { slow(); return nil }), nil
		})),
		"listeners": WithGlobalJobOptions(WithEventListeners(
			BeforeJobRuns(func(uuid.UUID, string) { slow() }), AfterJobRuns(func(uuid.UUID, string) { slow() }))),
		"hooks":   WithHooks(Hooks{RunStarted: func(RunInfo) { slow() }}),
		"waiting": WithLimitConcurrentJobs(1, LimitModeWait),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, option)
				s.Start()
				if name == "waiting" {
					require.NoError(t, mustJob(t, s, ages(), slow).RunNow())
				}
				j := mustJob(t, s, ages(), func(ctx context.Context) error { time.Sleep(time.Second - 1); return ctx.Err() }, WithTimeout(time.Second))
				info, err := NewController(s).RunAndWait(context.Background(), j.ID())
				require.NoError(t, err)
				require.Equal(t, OutcomeSucceeded, info.Outcome)
			})
		})
	}
}

// Timeouts are on real time, and none of a clock's waiters.
func TestSynctestPolicyTimeoutWithAFakeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rigNow)
		s, b := newPolicyScheduler(t, WithClock(clock))
		j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))), func(ctx context.Context) error { <-ctx.Done(); return nil },
			WithTimeout(time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Error(t, clock.BlockUntilContext(endedContext(), 2), "one waiter for the job")
		clock.Advance(time.Hour - 1)
		require.Empty(t, b.runs())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"timed-out 1"}, b.outcomes())
		require.Equal(t, time.Hour-1, b.runs()[0].FinishedAt.Sub(b.runs()[0].StartedAt), "by the injected clock")
	})
}

// Whatever ends the context first is its cause, and what the run is said to have
// come to.
func TestSynctestPolicyTimeoutAfterTheContextHasEnded(t *testing.T) {
	for name, end := range policyEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				var cause error
				j := mustJob(t, s, ages(), func(ctx context.Context) error {
					<-ctx.Done()
					time.Sleep(time.Hour)
					cause = context.Cause(ctx)
					return ctx.Err()
				}, WithTimeout(time.Minute), WithContext(user), WithTags("tag"), retries(3, 0))
				require.NoError(t, j.RunNow())
				time.Sleep(time.Second)
				end(s, j, cancel)
				time.Sleep(2 * time.Hour)
				require.Equal(t, []string{"cancelled 1"}, b.outcomes())
				require.True(t, b.runs()[0].Err == context.Canceled)
				require.Equal(t, name == "cancel", cause == ErrRunCancelled)
				require.NotEqual(t, ErrRunTimeout, cause)
			})
		})
	}
}

func TestSynctestPolicyTimeoutBeforeTheContextHasEnded(t *testing.T) {
	for name, end := range policyEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := mustJob(t, s, ages(), func(ctx context.Context) error { time.Sleep(2 * time.Minute); return ctx.Err() },
					WithTimeout(time.Minute), WithContext(user), WithTags("tag"), retries(3, 0))
				require.NoError(t, j.RunNow())
				time.Sleep(90 * time.Second)
				end(s, j, cancel)
				time.Sleep(time.Hour)
				require.Equal(t, []string{"timed-out 1"}, b.outcomes(), "and is not tried again")
			})
		})
	}
}

// A deadline of the user's own context is not the run's timeout.
func TestSynctestPolicyTimeoutLongerThanTheUsersDeadline(t *testing.T) {
	for name, cause := range map[string]error{"plain": nil, "cause": errContract, "timeout of an outer run": ErrRunTimeout} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				user, cancel := context.WithTimeoutCause(context.Background(), time.Second, cause)
				defer cancel()
				j := mustJob(t, s, ages(), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
					WithTimeout(time.Minute), WithContext(user))
				require.NoError(t, j.RunNow())
				time.Sleep(time.Hour)
				require.Equal(t, []string{"cancelled 1"}, b.outcomes())
				run := b.runs()[0]
				require.True(t, run.Err == context.DeadlineExceeded)
				require.Equal(t, time.Second, run.FinishedAt.Sub(run.StartedAt))
			})
		})
	}
}

func TestSynctestPolicyTimeoutBoundsEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract)
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			if err := p.task(); len(p.called) == 2 {
				return err
			}
			<-ctx.Done()
			return ctx.Err()
		}, WithTimeout(time.Minute), retries(3, time.Second))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		require.Equal(t, []time.Duration{0, 61 * time.Second, 62 * time.Second}, p.calls())
		require.Equal(t, []string{"timed-out 3"}, b.outcomes())
	})
}

// The task may end in other ways, which then are its outcome.
func TestSynctestPolicyTimeoutOfATaskThatDoesNotReturn(t *testing.T) {
	for name, c := range map[string]struct {
		end  func()
		want string
		err  error
	}{
		"panic":  {func() { panic("ouch") }, "panicked 1", ErrPanicRecovered},
		"Goexit": {runtime.Goexit, "failed 1", ErrTaskGoexit},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				var ctx context.Context
				j := mustJob(t, s, ages(), func(c2 context.Context) { ctx = c2; c.end() }, WithTimeout(time.Minute), WithRecover())
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{c.want}, b.outcomes())
				require.ErrorIs(t, b.runs()[0].Err, c.err)
				require.True(t, context.Cause(ctx) == context.Canceled, "no timer is left behind")
				j = mustJob(t, s, ages(), func() { time.Sleep(time.Hour); c.end() }, WithTimeout(time.Minute), WithRecover())
				require.NoError(t, j.RunNow())
				time.Sleep(time.Hour)
				require.Len(t, b.runs(), 2)
				require.ErrorIs(t, b.runs()[1].Err, c.err)
			})
		})
	}
}

// Listeners and monitors get the error of the run.
func TestSynctestPolicyTimeoutIsAFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s, _ := newPolicyScheduler(t, WithMonitor(m), WithMonitorStatus(m), WithSchedulerMonitor(m))
		var told []error
		j := mustJob(t, s, ages(), func() { time.Sleep(time.Minute) }, WithName("it"), WithTimeout(time.Second), WithEventListeners(
			AfterJobRuns(func(uuid.UUID, string) { told = append(told, nil) }),
			AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { told = append(told, err) })))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, told, 1)
		require.ErrorIs(t, told[0], ErrRunTimeout)
		require.Equal(t, 1, m.count("fail it"))
		require.Equal(t, 1, m.count("failed it"))
		require.Zero(t, m.count("completed it"))
		for _, err := range m.failed() {
			require.True(t, err == told[0])
		}
	})
}

func TestSynctestPolicyTimeoutOfAllJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithGlobalJobOptions(WithTimeout(time.Second)))
		task := func() { time.Sleep(time.Minute) }
		require.NoError(t, mustJob(t, s, ages(), task).RunNow())
		require.NoError(t, mustJob(t, s, ages(), task, WithTimeout(time.Hour)).RunNow())
		time.Sleep(time.Hour)
		require.ElementsMatch(t, []string{"timed-out 1", "succeeded 1"}, b.outcomes(), "the job's own wins")
	})
}

func TestSynctestPolicyTimeoutOfNothingIsRefused(t *testing.T) {
	s := newScheduler(t)
	for _, timeout := range []time.Duration{0, -1, -maxDuration} {
		for _, e := range entrances() {
			_, err := e.add(s, uuid.New(), ages(), NewTask(noop), WithTimeout(timeout))
			require.ErrorIs(t, err, ErrOptionValue)
			require.ErrorContains(t, err, fmt.Sprintf("gocron: option value out of range: WithTimeout(%v), allowed: more than 0", timeout))
		}
	}
	require.Empty(t, s.Jobs())
}

// The longest there is costs nothing but its timer.
func TestSynctestPolicyTimeoutMayBeForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		require.NoError(t, mustJob(t, s, ages(), func(ctx context.Context) error {
			return errors.Join(ctx.Err(), context.Cause(ctx))
		}, WithTimeout(maxDuration)).RunNow())
		require.Equal(t, []string{"succeeded 1"}, b.outcomes())
	})
}
