//go:build go1.25

package policy_test

import (
	"context"
	"errors"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// Whoever ends the goroutine when asked whether to try again has said no.
func TestSynctestPolicyRetryIsNoneWhenThePolicyEndsTheGoroutine(t *testing.T) {
	for name, policy := range map[string]gocron.RetryPolicy{
		"If":      {Attempts: 3, If: func(error) bool { runtime.Goexit(); return true }},
		"Backoff": {Attempts: 3, Backoff: func(int) time.Duration { runtime.Goexit(); return 0 }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				j := rig.MustJob(t, s, rig.Ages(), rig.Answering(rig.ErrTest).Task, gocron.WithRetry(policy))
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"failed 1", "failed 1"}, b.Outcomes())
				rig.RequireRetrying(t, s, 0)
			})
		})
	}
}

// The functions of a policy are called with nothing locked, and may end the job.
func TestSynctestPolicyRetryMayBeEndedByItsPolicy(t *testing.T) {
	for name, makePolicy := range map[string]func(call func()) gocron.RetryPolicy{
		"If": func(call func()) gocron.RetryPolicy {
			return gocron.RetryPolicy{If: func(error) bool { call(); return true }}
		},
		"Backoff": func(call func()) gocron.RetryPolicy {
			return gocron.RetryPolicy{Backoff: func(int) time.Duration { call(); return 0 }}
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				p := rig.Answering(rig.ErrTest)
				var j gocron.Job
				policy := makePolicy(func() { _ = s.RemoveJob(j.ID()) })
				policy.Attempts = 3
				j = rig.MustJob(t, s, rig.Ages(), p.Task, gocron.WithRetry(policy))
				require.NoError(t, j.RunNow())
				require.Equal(t, []string{"failed 1"}, b.Outcomes())
				require.Len(t, p.Calls(), 1)
			})
		})
	}
}

// All that is asked and told for one attempt is so for each.
func TestSynctestPolicyRetryAsksAndTellsForEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &rig.Recorder{T: t}
		s := rig.NewScheduler(t, gocron.WithMonitor(h), gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: h}), gocron.WithSchedulerMonitor(h), gocron.WithDistributedLocker(h),
			gocron.WithClock(clockwork.NewFakeClockAt(rig.Now)))
		j := rig.MustJob(t, s, rig.Ages(), rig.Answering(rig.ErrHook, nil).Task, gocron.WithName("j"), h.Listeners(), rig.Retries(2, 0))
		s.Start()
		h.Take()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		h.Expect(`Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j,
			Timing j, AfterError j hook, Increment j fail, TimingStatus j fail hook, JobFailed j hook, ExecutionTime j 0s, Unlock <nil>,
			Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j,
			Timing j, After j, Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Unlock <nil>`)
	})
}

// The delay of a later attempt is how late it is for the occurrence.
func TestSynctestPolicyRetryIsDelayedMoreEachTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.TimesMonitor{}
		s, _ := rig.NewStarted(t, gocron.WithSchedulerMonitor(m))
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Minute))), rig.Answering(rig.ErrTest).Task, rig.Retries(3, 10*time.Second))
		for i := 0; i < 3; i++ {
			time.Sleep(time.Minute / 2)
			synctest.Wait()
		}
		require.Equal(t, 20*time.Second, m.Began.Sub(m.Due))
		last, err := j.LastRunStartedAt()
		require.NoError(t, err)
		require.True(t, last.Equal(m.Began), "the last attempt is the last start")
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
		scheduler gocron.SchedulerOption
		job       gocron.JobOption
	}{
		"elector": {gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return elector() })), gocron.WithTags()},
		"locker": {gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			return rig.UnlockFunc(func(context.Context) error { return nil }), locker()
		})), gocron.WithTags()},
		"listener": {gocron.WithLocation(time.UTC), gocron.WithEventListeners(
			gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return listener() }))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, c.scheduler, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				p := rig.Answering(rig.ErrTest)
				j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(5, time.Second), c.job, gocron.WithLimitedRuns(1))
				require.NoError(t, j.RunNow())
				time.Sleep(time.Minute)
				require.Equal(t, []time.Duration{0}, p.Calls())
				require.Equal(t, []string{"failed"}, b.Results(), "what the first attempt came to")
				require.True(t, b.Runs()[0].Err == rig.ErrTest)
				require.Empty(t, s.Jobs(), "its limited run is used up")
				rig.RequireRetrying(t, s, 0)
			})
		})
	}
}

// What refuses a first attempt is no failure of the task.
func TestSynctestPolicyRetryOfARefusalIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { asked++; return rig.ErrTest })))
		p := rig.Answering(nil)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(5, 0))
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"not-leader 0"}, b.Outcomes())
		require.Empty(t, p.Calls())
		require.Equal(t, 1, asked)
	})
}

// A lock is held for an attempt, not for the time between two.
func TestSynctestPolicyRetryHoldsNoLockWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var held, obtained atomic.Int64
		s, _ := rig.NewStarted(t, gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			held.Add(1)
			obtained.Add(1)
			return rig.UnlockFunc(func(context.Context) error { held.Add(-1); return nil }), nil
		})))
		j := rig.MustJob(t, s, rig.Ages(), rig.Answering(rig.ErrTest).Task, rig.Retries(3, time.Second))
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
		s, _ := rig.NewStarted(t)
		user := context.WithValue(context.Background(), rig.ContextKey{}, "v")
		var contexts []context.Context
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			require.NoError(t, ctx.Err())
			require.Equal(t, "v", ctx.Value(rig.ContextKey{}))
			info, ok := gocron.RunFromContext(ctx)
			require.True(t, ok)
			contexts = append(contexts, ctx)
			require.Equal(t, len(contexts), info.Attempt)
			return rig.ErrTest
		}, gocron.WithContext(user), rig.Retries(3, time.Second))
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
