//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// Whoever ends the goroutine when asked whether to try again has said no.
func TestSynctestPolicyRetryIsNoneWhenThePolicyEndsTheGoroutine(t *testing.T) {
	for name, policy := range map[string]RetryPolicy{
		"If":      {Attempts: 3, If: func(error) bool { runtime.Goexit(); return true }},
		"Backoff": {Attempts: 3, Backoff: func(int) time.Duration { runtime.Goexit(); return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
				j := mustJob(t, s, ages(), answering(errContract).task, WithRetry(policy))
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"failed 1", "failed 1"}, b.outcomes())
				requireRetrying(t, s, 0)
			})
		})
	}
}

// The functions of a policy are called with nothing locked, and may end the job.
func TestSynctestPolicyRetryMayBeEndedByItsPolicy(t *testing.T) {
	for name, makePolicy := range map[string]func(call func()) RetryPolicy{
		"If": func(call func()) RetryPolicy { return RetryPolicy{If: func(error) bool { call(); return true }} },
		"Backoff": func(call func()) RetryPolicy {
			return RetryPolicy{Backoff: func(int) time.Duration { call(); return 0 }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				p := answering(errContract)
				var j Job
				policy := makePolicy(func() { _ = s.RemoveJob(j.ID()) })
				policy.Attempts = 3
				j = mustJob(t, s, ages(), p.task, WithRetry(policy))
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"failed 1"}, b.outcomes())
				require.Len(t, p.calls(), 1)
			})
		})
	}
}

// All that is asked and told for one attempt is so for each.
func TestSynctestPolicyRetryAsksAndTellsForEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hookRecorder{t: t}
		s := newScheduler(t, WithMonitor(h), WithMonitorStatus(hookStatus{h}), WithSchedulerMonitor(h), WithDistributedLocker(h),
			WithClock(clockwork.NewFakeClockAt(rigNow)))
		j := mustJob(t, s, ages(), answering(errHook, nil).task, WithName("j"), h.listeners(), retries(2, 0))
		s.Start()
		h.take()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		h.expect(`Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j,
			Timing j, AfterError j hook, Increment j fail, TimingStatus j fail hook, JobFailed j hook, ExecutionTime j 0s, Unlock <nil>,
			Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j,
			Timing j, After j, Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Unlock <nil>`)
	})
}

// The delay of a later attempt is how late it is for the occurrence.
func TestSynctestPolicyRetryIsDelayedMoreEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &clockMonitor{}
		s, _ := newPolicyScheduler(t, WithSchedulerMonitor(m))
		j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Minute))), answering(errContract).task, retries(3, 10*time.Second))
		for i := 0; i < 3; i++ {
			time.Sleep(time.Minute / 2)
			synctest.Wait()
		}
		require.Equal(t, 20*time.Second, m.began.Sub(m.due))
		last, err := j.LastRunStartedAt()
		require.NoError(t, err)
		require.True(t, last.Equal(m.began), "the last attempt is the last start")
	})
}

func TestSynctestPolicyRetryMayBeRefused(t *testing.T) {
	second := func(refuse error) func() error {
		asked := 0
		return func() error {
			if asked++; asked < 2 {
				return nil
			}
			return refuse
		}
	}
	refusal := errors.New("not now")
	elector, locker, listener := second(refusal), second(refusal), second(refusal)
	for name, c := range map[string]struct {
		scheduler SchedulerOption
		job       JobOption
	}{
		"elector": {WithDistributedElector(electorFunc(func(context.Context) error { return elector() })), WithTags()},
		"locker": {WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
			return unlockFunc(func(context.Context) error { return nil }), locker()
		})), WithTags()},
		"listener": {WithLocation(time.UTC), WithEventListeners(
			BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return listener() }))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, c.scheduler, WithLimitConcurrentJobs(1, LimitModeWait))
				p := answering(errContract)
				j := mustJob(t, s, ages(), p.task, retries(5, time.Second), c.job, WithLimitedRuns(1))
				require.NoError(t, j.RunNow())
				time.Sleep(time.Minute)
				require.Equal(t, []time.Duration{0}, p.calls())
				require.Equal(t, []string{"failed"}, b.results(), "what the first attempt came to")
				require.True(t, b.runs()[0].Err == errContract)
				require.Empty(t, s.Jobs(), "its limited run is used up")
				requireRetrying(t, s, 0)
			})
		})
	}
}

// What refuses a first attempt is no failure of the task.
func TestSynctestPolicyRetryOfARefusalIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s, b := newPolicyScheduler(t, WithDistributedElector(electorFunc(func(context.Context) error { asked++; return errContract })))
		p := answering(nil)
		j := mustJob(t, s, ages(), p.task, retries(5, 0))
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"not-leader 0"}, b.outcomes())
		require.Empty(t, p.calls())
		require.Equal(t, 1, asked)
	})
}

// A lock is held for an attempt, not for the time between two.
func TestSynctestPolicyRetryHoldsNoLockWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var held, obtained atomic.Int64
		s, _ := newPolicyScheduler(t, WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
			held.Add(1)
			obtained.Add(1)
			return unlockFunc(func(context.Context) error { held.Add(-1); return nil }), nil
		})))
		j := mustJob(t, s, ages(), answering(errContract).task, retries(3, time.Second))
		require.NoError(t, j.RunNow())
		for i := int64(1); i <= 3; i++ {
			synctest.Wait()
			require.Equal(t, []int64{i, 0}, []int64{obtained.Load(), held.Load()})
			time.Sleep(time.Second)
		}
		synctest.Wait()
		require.Equal(t, []int64{3, 0}, []int64{obtained.Load(), held.Load()})
	})
}

// The context of a later attempt is that of the job as much as the first's.
func TestSynctestPolicyRetryHasALivingContextEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newPolicyScheduler(t)
		user := context.WithValue(context.Background(), contextKey{}, "v")
		var contexts []context.Context
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			require.Equal(t, "v", ctx.Value(contextKey{}))
			info, ok := RunFromContext(ctx)
			require.True(t, ok)
			contexts = append(contexts, ctx)
			require.Equal(t, len(contexts), info.Attempt)
			return errContract
		}, WithContext(user), retries(3, time.Second))
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, contexts, 3)
		for _, ctx := range contexts {
			require.NoError(t, ctx.Err(), "the job is still wanted")
		}
		require.NoError(t, s.RemoveJob(j.ID()))
		for _, ctx := range contexts {
			require.ErrorIs(t, ctx.Err(), context.Canceled)
		}
	})
}
