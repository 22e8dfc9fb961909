//go:build go1.25

package policy_test

import (
	"context"
	"errors"
	"fmt"
	"math"
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

func TestSynctestPolicyRetryUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p := rig.Answering(rig.ErrTest, rig.ErrTest, nil)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(5, 10*time.Second))
		require.NoError(t, j.RunNow())
		require.Equal(t, []time.Duration{0}, p.Calls())
		require.Empty(t, b.Runs(), "it has no outcome yet")
		time.Sleep(time.Hour)
		require.Equal(t, []time.Duration{0, 10 * time.Second, 20 * time.Second}, p.Calls())
		require.Equal(t, []string{"succeeded 3"}, b.Outcomes())
		require.NoError(t, b.Runs()[0].Err)
		require.EqualValues(t, 1, rig.StatsAtRest(t, s).Made)
	})
}

func TestSynctestPolicyRetryGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		last := errors.New("the last")
		p := rig.Answering(rig.ErrTest, rig.ErrTest, last)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(3, time.Second))
		info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeFailed, info.Outcome)
		require.True(t, info.Err == last)
		require.Equal(t, 3, info.Attempt)
		require.Equal(t, gocron.TriggerRetry, info.Trigger)
		require.Equal(t, 2*time.Second, info.FinishedAt.Sub(info.ScheduledAt))
		time.Sleep(time.Hour)
		require.Len(t, p.Calls(), 3)
		require.Equal(t, []string{"failed 3"}, b.Outcomes())
	})
}

func TestSynctestPolicyRetryOfASuccessIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p, asked := rig.Answering(nil), 0
		j := rig.MustJob(t, s, rig.Ages(), p.Task, gocron.WithRetry(gocron.RetryPolicy{Attempts: 9, If: func(error) bool { asked++; return true }}))
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
		require.Zero(t, asked)
	})
}

func TestSynctestPolicyRetryWhenThePolicySaysSo(t *testing.T) {
	other := errors.New("other")
	wrapped := fmt.Errorf("wrapped: %w", rig.ErrTest)
	yes, no := func(error) bool { return true }, func(error) bool { return false }
	isIt := func(err error) bool { return err == rig.ErrTest }
	for name, c := range map[string]struct {
		policy  gocron.RetryPolicy
		answer  error
		retried bool
	}{
		"any error":                {gocron.RetryPolicy{}, other, true},
		"empty On":                 {gocron.RetryPolicy{On: []error{}}, other, true},
		"If yes":                   {gocron.RetryPolicy{If: yes}, other, true},
		"If no":                    {gocron.RetryPolicy{If: no}, other, false},
		"If gets the very error":   {gocron.RetryPolicy{If: isIt}, rig.ErrTest, true},
		"If of another":            {gocron.RetryPolicy{If: isIt}, wrapped, false},
		"On":                       {gocron.RetryPolicy{On: []error{other, rig.ErrTest}}, rig.ErrTest, true},
		"On, wrapped":              {gocron.RetryPolicy{On: []error{rig.ErrTest}}, wrapped, true},
		"On, not the wrapper":      {gocron.RetryPolicy{On: []error{wrapped}}, rig.ErrTest, false},
		"On another":               {gocron.RetryPolicy{On: []error{rig.ErrTest}}, other, false},
		"On and If":                {gocron.RetryPolicy{On: []error{rig.ErrTest}, If: yes}, rig.ErrTest, true},
		"On but not If":            {gocron.RetryPolicy{On: []error{rig.ErrTest}, If: no}, rig.ErrTest, false},
		"If but not On":            {gocron.RetryPolicy{On: []error{rig.ErrTest}, If: yes}, other, false},
		"permanent":                {gocron.RetryPolicy{}, gocron.Permanent(other), false},
		"permanent inside":         {gocron.RetryPolicy{}, fmt.Errorf("again: %w", gocron.Permanent(other)), false},
		"permanent among others":   {gocron.RetryPolicy{}, errors.Join(other, gocron.Permanent(rig.ErrTest)), false},
		"permanent, whatever If":   {gocron.RetryPolicy{If: yes, On: []error{rig.ErrTest}}, gocron.Permanent(rig.ErrTest), false},
		"permanent in a panic":     {gocron.RetryPolicy{}, &gocron.PanicError{Value: gocron.Permanent(other)}, false},
		"On a kind gocron made":    {gocron.RetryPolicy{On: []error{gocron.ErrPanicRecovered}}, &gocron.PanicError{Value: 1}, true},
		"not On a kind it made":    {gocron.RetryPolicy{On: []error{gocron.ErrRunTimeout}}, gocron.ErrTaskGoexit, false},
		"an error that is no type": {gocron.RetryPolicy{On: []error{policyUncomparable{}}}, policyUncomparable{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				p := rig.Answering(c.answer)
				c.policy.Attempts = 2
				j := rig.MustJob(t, s, rig.Ages(), p.Task, gocron.WithRetry(c.policy))
				require.NoError(t, j.RunNow())
				require.Equal(t, c.retried, len(p.Calls()) == 2)
				require.Len(t, b.Runs(), 1)
				require.Equal(t, c.answer, b.Runs()[0].Err)
			})
		})
	}
}

// policyUncomparable is an error that == panics on.
type policyUncomparable []int

func (policyUncomparable) Error() string { return "uncomparable" }

// The function is asked after each attempt but the last, whose error it could
// change nothing about.
func TestSynctestPolicyRetryAsksIfOfEachErrorButTheLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := rig.NewStarted(t)
		answers := []error{errors.New("1"), errors.New("2"), errors.New("3")}
		var asked []error
		on := []error{answers[0], answers[1]}
		p := rig.Answering(answers...)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, gocron.WithRetry(gocron.RetryPolicy{
			Attempts: 3, On: on, If: func(err error) bool { asked = append(asked, err); return true },
		}))
		on[1] = answers[2] // was copied
		require.NoError(t, j.RunNow())
		require.Len(t, p.Calls(), 3)
		require.Equal(t, answers[:2], asked)
	})
}

func TestSynctestPolicyRetryAfterWhateverEndsAnAttempt(t *testing.T) {
	listener := gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	for name, c := range map[string]struct {
		fail   func(context.Context) error
		option gocron.JobOption
		want   string
	}{
		"error":                {func(context.Context) error { return rig.ErrTest }, gocron.WithTags(), "failed 3"},
		"panic":                {func(context.Context) error { panic("ouch") }, gocron.WithRecover(), "panicked 3"},
		"panic, listener":      {func(context.Context) error { panic("ouch") }, listener, "panicked 3"},
		"Goexit":               {func(context.Context) error { runtime.Goexit(); return nil }, gocron.WithTags(), "failed 3"},
		"Goexit, recover":      {func(context.Context) error { runtime.Goexit(); return nil }, gocron.WithRecover(), "failed 3"},
		"timeout":              {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, gocron.WithTimeout(time.Second), "timed-out 3"},
		"timeout without much": {func(ctx context.Context) error { <-ctx.Done(); return nil }, gocron.WithTimeout(time.Second), "timed-out 3"},
	} {
		for _, wait := range []time.Duration{0, time.Second} {
			for _, limit := range []gocron.SchedulerOption{gocron.WithLocation(time.UTC), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)} {
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s, b := rig.NewStarted(t, limit)
						calls := 0
						task := func(ctx context.Context) error { calls++; return c.fail(ctx) }
						j := rig.MustJob(t, s, rig.Ages(), task, rig.Retries(3, wait), c.option)
						for i := 1; i <= 3; i++ {
							require.NoError(t, j.RunNow())
							time.Sleep(time.Minute)
							synctest.Wait()
							require.Equal(t, 3*i, calls)
						}
						require.Equal(t, []string{c.want, c.want, c.want}, b.Outcomes())
						rig.RequireRetrying(t, s, 0)
						b.RequireAtRest(t)
					})
				})
			}
		}
	}
}

// One that is tried again for ever, without a wait, leaves time for all others and
// for a stop.
func TestSynctestPolicyRetryForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		var calls atomic.Int64
		j := rig.MustJob(t, s, rig.Ages(), func() error { calls.Add(1); return rig.ErrTest }, gocron.WithRetry(gocron.RetryPolicy{Attempts: math.MaxInt}))
		require.NoError(t, j.RunNow())
		for calls.Load() < 1000 {
			runtime.Gosched()
		}
		other := make(chan bool, 1)
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() { other <- true }).RunNow())
		require.True(t, <-other)
		require.NoError(t, s.StopJobs())
		require.Equal(t, []string{"failed", "succeeded"}, b.Results())
	})
}

func TestSynctestPolicyRetryHoldsNothingWhileItWaits(t *testing.T) {
	for name, clock := range map[string]gocron.SchedulerOption{
		"real": gocron.WithLocation(time.UTC), "foreign": gocron.WithClock(foreignClock{clockwork.NewRealClock()}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule), clock)
				p := rig.Answering(rig.ErrTest, nil)
				j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(2, time.Minute), gocron.WithSingletonMode(gocron.LimitModeReschedule))
				other := rig.Answering(nil)
				require.NoError(t, j.RunNow())
				rig.RequireRetrying(t, s, 1)
				b.RequireAtRest(t)
				running, err := j.IsRunning()
				require.NoError(t, err)
				require.False(t, running)

				require.NoError(t, rig.MustJob(t, s, rig.Ages(), other.Task).RunNow())
				require.Len(t, other.Calls(), 1, "it holds no slot")
				require.NoError(t, j.RunNow())
				require.Len(t, p.Calls(), 2, "it keeps no other run of its job away")
				require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.Outcomes())
				time.Sleep(time.Minute)
				require.Equal(t, []string{"succeeded 2", "succeeded 1", "succeeded 1"}, b.Outcomes())
				rig.RequireRetrying(t, s, 0)
			})
		})
	}
}

func TestSynctestPolicyRetryOfAThousandRunsAtOnce(t *testing.T) {
	const n = 1000
	for name, wait := range map[string]gocron.Backoff{
		"at once":    nil,
		"constant":   gocron.ConstantBackoff(time.Minute),
		"one by one": gocron.ExponentialBackoff(time.Minute, 0),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(3, gocron.LimitModeWait))
				var calls atomic.Int64
				task := func() error { calls.Add(1); return rig.ErrTest }
				one := rig.MustJob(t, s, rig.Ages(), task, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: wait}))
				for i := 0; i < n/2; i++ {
					require.NoError(t, one.RunNow())
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), task, gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: wait})).RunNow())
				}
				if wait != nil {
					rig.RequireRetrying(t, s, n)
					require.EqualValues(t, n, calls.Load())
					b.RequireAtRest(t)
				}
				time.Sleep(time.Hour)
				rig.RequireRetrying(t, s, 0)
				require.EqualValues(t, 3*n, calls.Load())
				require.EqualValues(t, n, rig.StatsAtRest(t, s).Outcomes[gocron.OutcomeFailed])
				b.RequireAtRest(t)
			})
		})
	}
}

func TestSynctestPolicyRetryOfAllJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithGlobalJobOptions(rig.Retries(2, 0)))
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), rig.Answering(rig.ErrTest).Task).RunNow())
		require.Equal(t, []string{"failed 2"}, b.Outcomes())
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), rig.Answering(rig.ErrTest).Task, rig.Retries(3, 0)).RunNow())
		require.Equal(t, []string{"failed 2", "failed 3"}, b.Outcomes(), "the job's own wins")
	})
}

func TestSynctestPolicyRetryOfTooFewAttemptsIsRefused(t *testing.T) {
	s := rig.NewScheduler(t)
	for _, attempts := range []int{1, 0, -1, math.MinInt} {
		for _, e := range rig.Entrances() {
			_, err := e.Add(s, uuid.New(), rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithRetry(gocron.RetryPolicy{Attempts: attempts, Backoff: gocron.ConstantBackoff(1)}))
			require.ErrorIs(t, err, gocron.ErrOptionValue)
			require.ErrorContains(t, err, fmt.Sprintf("gocron: option value out of range: WithRetry Attempts(%d), allowed: 2 or more", attempts))
		}
	}
	require.Empty(t, s.Jobs())
}
