//go:build go1.25

package gocron

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

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestPolicyRetryUntilItSucceeds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract, errContract, nil)
		j := mustJob(t, s, ages(), p.task, retries(5, 10*time.Second))
		require.NoError(t, j.RunNow())
		require.Equal(t, []time.Duration{0}, p.calls())
		require.Empty(t, b.runs(), "it has no outcome yet")
		time.Sleep(time.Hour)
		require.Equal(t, []time.Duration{0, 10 * time.Second, 20 * time.Second}, p.calls())
		require.Equal(t, []string{"succeeded 3"}, b.outcomes())
		require.NoError(t, b.runs()[0].Err)
		require.EqualValues(t, 1, policyStats(t, s).Made)
	})
}

func TestSynctestPolicyRetryGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		last := errors.New("the last")
		p := answering(errContract, errContract, last)
		j := mustJob(t, s, ages(), p.task, retries(3, time.Second))
		info, err := NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, OutcomeFailed, info.Outcome)
		require.True(t, info.Err == last)
		require.Equal(t, 3, info.Attempt)
		require.Equal(t, TriggerRetry, info.Trigger)
		require.Equal(t, 2*time.Second, info.FinishedAt.Sub(info.ScheduledAt))
		time.Sleep(time.Hour)
		require.Len(t, p.calls(), 3)
		require.Equal(t, []string{"failed 3"}, b.outcomes())
	})
}

func TestSynctestPolicyRetryOfASuccessIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p, asked := answering(nil), 0
		j := mustJob(t, s, ages(), p.task, WithRetry(RetryPolicy{Attempts: 9, If: func(error) bool { asked++; return true }}))
		require.NoError(t, j.RunNow())
		require.Equal(t, []string{"succeeded 1"}, b.outcomes())
		require.Zero(t, asked)
	})
}

func TestSynctestPolicyRetryWhenThePolicySaysSo(t *testing.T) {
	other := errors.New("other")
	wrapped := fmt.Errorf("wrapped: %w", errContract)
	yes, no := func(error) bool { return true }, func(error) bool { return false }
	isIt := func(err error) bool { return err == errContract }
	for name, c := range map[string]struct {
		policy  RetryPolicy
		answer  error
		retried bool
	}{
		"any error":                {RetryPolicy{}, other, true},
		"empty On":                 {RetryPolicy{On: []error{}}, other, true},
		"If yes":                   {RetryPolicy{If: yes}, other, true},
		"If no":                    {RetryPolicy{If: no}, other, false},
		"If gets the very error":   {RetryPolicy{If: isIt}, errContract, true},
		"If of another":            {RetryPolicy{If: isIt}, wrapped, false},
		"On":                       {RetryPolicy{On: []error{other, errContract}}, errContract, true},
		"On, wrapped":              {RetryPolicy{On: []error{errContract}}, wrapped, true},
		"On, not the wrapper":      {RetryPolicy{On: []error{wrapped}}, errContract, false},
		"On another":               {RetryPolicy{On: []error{errContract}}, other, false},
		"On and If":                {RetryPolicy{On: []error{errContract}, If: yes}, errContract, true},
		"On but not If":            {RetryPolicy{On: []error{errContract}, If: no}, errContract, false},
		"If but not On":            {RetryPolicy{On: []error{errContract}, If: yes}, other, false},
		"permanent":                {RetryPolicy{}, Permanent(other), false},
		"permanent inside":         {RetryPolicy{}, fmt.Errorf("again: %w", Permanent(other)), false},
		"permanent among others":   {RetryPolicy{}, errors.Join(other, Permanent(errContract)), false},
		"permanent, whatever If":   {RetryPolicy{If: yes, On: []error{errContract}}, Permanent(errContract), false},
		"On a kind gocron made":    {RetryPolicy{On: []error{ErrPanicRecovered}}, &PanicError{Value: 1}, true},
		"not On a kind it made":    {RetryPolicy{On: []error{ErrRunTimeout}}, ErrTaskGoexit, false},
		"an error that is no type": {RetryPolicy{On: []error{policyUncomparable{}}}, policyUncomparable{}, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				p := answering(c.answer)
				c.policy.Attempts = 2
				j := mustJob(t, s, ages(), p.task, WithRetry(c.policy))
				require.NoError(t, j.RunNow())
				require.Equal(t, c.retried, len(p.calls()) == 2)
				require.Len(t, b.runs(), 1)
				require.Equal(t, c.answer, b.runs()[0].Err)
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
		s, _ := newPolicyScheduler(t)
		answers := []error{errors.New("1"), errors.New("2"), errors.New("3")}
		var asked []error
		on := []error{answers[0], answers[1]}
		p := answering(answers...)
		j := mustJob(t, s, ages(), p.task, WithRetry(RetryPolicy{
			Attempts: 3, On: on, If: func(err error) bool { asked = append(asked, err); return true },
		}))
		on[1] = answers[2] // was copied
		require.NoError(t, j.RunNow())
		require.Len(t, p.calls(), 3)
		require.Equal(t, answers[:2], asked)
	})
}

func TestSynctestPolicyRetryAfterWhateverEndsAnAttempt(t *testing.T) {
	listener := WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	for name, c := range map[string]struct {
		fail   func(context.Context) error
		option JobOption
		want   string
	}{
		"error":                {func(context.Context) error { return errContract }, WithTags(), "failed 3"},
		"panic":                {func(context.Context) error { panic("ouch") }, WithRecover(), "panicked 3"},
		"panic, listener":      {func(context.Context) error { panic("ouch") }, listener, "panicked 3"},
		"Goexit":               {func(context.Context) error { runtime.Goexit(); return nil }, WithTags(), "failed 3"},
		"Goexit, recover":      {func(context.Context) error { runtime.Goexit(); return nil }, WithRecover(), "failed 3"},
		"timeout":              {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, WithTimeout(time.Second), "timed-out 3"},
		"timeout without much": {func(ctx context.Context) error { <-ctx.Done(); return nil }, WithTimeout(time.Second), "timed-out 3"},
	} {
		for _, wait := range []time.Duration{0, time.Second} {
			for _, limit := range []SchedulerOption{WithLocation(time.UTC), WithLimitConcurrentJobs(1, LimitModeWait)} {
				t.Run(name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s, b := newPolicyScheduler(t, limit)
						calls := 0
						task := func(ctx context.Context) error { calls++; return c.fail(ctx) }
						j := mustJob(t, s, ages(), task, retries(3, wait), c.option)
						for i := 1; i <= 3; i++ {
							require.NoError(t, j.RunNow())
							time.Sleep(time.Minute)
							synctest.Wait()
							require.Equal(t, 3*i, calls)
						}
						require.Equal(t, []string{c.want, c.want, c.want}, b.outcomes())
						requireRetrying(t, s, 0)
						b.requireAtRest(t)
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
		s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		var calls atomic.Int64
		j := mustJob(t, s, ages(), func() error { calls.Add(1); return errContract }, WithRetry(RetryPolicy{Attempts: math.MaxInt}))
		require.NoError(t, j.RunNow())
		for calls.Load() < 1000 {
			runtime.Gosched()
		}
		other := make(chan bool, 1)
		require.NoError(t, mustJob(t, s, ages(), func() { other <- true }).RunNow())
		require.True(t, <-other)
		require.NoError(t, s.StopJobs())
		require.Equal(t, []string{"failed", "succeeded"}, b.results())
	})
}

func TestSynctestPolicyRetryHoldsNothingWhileItWaits(t *testing.T) {
	for name, clock := range map[string]SchedulerOption{
		"real": WithLocation(time.UTC), "foreign": WithClock(foreignClock{clockwork.NewRealClock()}),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule), clock)
				p := answering(errContract, nil)
				j := mustJob(t, s, ages(), p.task, retries(2, time.Minute), WithSingletonMode(LimitModeReschedule))
				other := answering(nil)
				require.NoError(t, j.RunNow())
				requireRetrying(t, s, 1)
				b.requireAtRest(t)
				running, err := j.IsRunning()
				require.NoError(t, err)
				require.False(t, running)

				require.NoError(t, mustJob(t, s, ages(), other.task).RunNow())
				require.Len(t, other.calls(), 1, "it holds no slot")
				require.NoError(t, j.RunNow())
				require.Len(t, p.calls(), 2, "it keeps no other run of its job away")
				require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.outcomes())
				time.Sleep(time.Minute)
				require.Equal(t, []string{"succeeded 2", "succeeded 1", "succeeded 1"}, b.outcomes())
				requireRetrying(t, s, 0)
			})
		})
	}
}

func TestSynctestPolicyRetryOfAThousandRunsAtOnce(t *testing.T) {
	const n = 1000
	for name, wait := range map[string]Backoff{
		"at once":    nil,
		"constant":   ConstantBackoff(time.Minute),
		"one by one": ExponentialBackoff(time.Minute, 0),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(3, LimitModeWait))
				var calls atomic.Int64
				task := func() error { calls.Add(1); return errContract }
				one := mustJob(t, s, ages(), task, WithRetry(RetryPolicy{Attempts: 3, Backoff: wait}))
				for i := 0; i < n/2; i++ {
					require.NoError(t, one.RunNow())
					require.NoError(t, mustJob(t, s, ages(), task, WithRetry(RetryPolicy{Attempts: 3, Backoff: wait})).RunNow())
				}
				if wait != nil {
					requireRetrying(t, s, n)
					require.EqualValues(t, n, calls.Load())
					b.requireAtRest(t)
				}
				time.Sleep(time.Hour)
				requireRetrying(t, s, 0)
				require.EqualValues(t, 3*n, calls.Load())
				require.EqualValues(t, n, policyStats(t, s).Outcomes[OutcomeFailed])
				b.requireAtRest(t)
			})
		})
	}
}

func TestSynctestPolicyRetryOfAllJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithGlobalJobOptions(retries(2, 0)))
		require.NoError(t, mustJob(t, s, ages(), answering(errContract).task).RunNow())
		require.Equal(t, []string{"failed 2"}, b.outcomes())
		require.NoError(t, mustJob(t, s, ages(), answering(errContract).task, retries(3, 0)).RunNow())
		require.Equal(t, []string{"failed 2", "failed 3"}, b.outcomes(), "the job's own wins")
	})
}

func TestSynctestPolicyRetryOfTooFewAttemptsIsRefused(t *testing.T) {
	s := newScheduler(t)
	for _, attempts := range []int{1, 0, -1, math.MinInt} {
		for _, e := range entrances() {
			_, err := e.add(s, uuid.New(), ages(), NewTask(noop), WithRetry(RetryPolicy{Attempts: attempts, Backoff: ConstantBackoff(1)}))
			require.ErrorIs(t, err, ErrOptionValue)
			require.ErrorContains(t, err, fmt.Sprintf("gocron: option value out of range: WithRetry Attempts(%d), allowed: 2 or more", attempts))
		}
	}
	require.Empty(t, s.Jobs())
}
