//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestPolicyRetryAsksBackoffHowLong(t *testing.T) {
	for name, c := range map[string]struct {
		backoff Backoff
		want    []time.Duration
	}{
		"growing":  {func(failed int) time.Duration { return time.Duration(failed) * time.Second }, []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second}},
		"none":     {nil, []time.Duration{0, 0, 0, 0}},
		"zero":     {ConstantBackoff(0), []time.Duration{0, 0, 0, 0}},
		"negative": {ConstantBackoff(-time.Hour), []time.Duration{0, 0, 0, 0}},
		"constant": {ConstantBackoff(1), []time.Duration{0, 1, 2, 3}},
	} {
		for _, clock := range []SchedulerOption{WithLocation(time.UTC), WithClock(foreignClock{clockwork.NewRealClock()})} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := newPolicyScheduler(t, clock)
					p := answering(errContract)
					j := mustJob(t, s, ages(), p.task, WithRetry(RetryPolicy{Attempts: 4, Backoff: c.backoff}))
					require.NoError(t, j.RunNow())
					time.Sleep(time.Minute)
					require.Equal(t, c.want, p.calls())
					require.Equal(t, []string{"failed 4"}, b.outcomes())
				})
			})
		}
	}
}

// A wait of centuries is one that goes on: nothing overflows.
func TestSynctestPolicyRetryMayWaitForCenturies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract)
		j := mustJob(t, s, ages(), p.task, retries(2, maxDuration))
		other := mustJob(t, s, DurationJob(time.Hour), noop)
		require.NoError(t, j.RunNow())
		time.Sleep(24 * time.Hour)
		require.Len(t, p.calls(), 1)
		requireRetrying(t, s, 1)
		require.Len(t, b.runs(), 24, "other jobs are due as ever")
		require.NoError(t, s.RemoveJob(other.ID()))
		require.NoError(t, s.RemoveJob(j.ID()))
		requireRetrying(t, s, 0)
	})
}

// The wait counts from when the task returned, as all else that does.
func TestSynctestPolicyRetryWaitsFromTheEndOfTheTask(t *testing.T) {
	for _, clock := range []SchedulerOption{WithLocation(time.UTC), WithClock(foreignClock{clockwork.NewRealClock()})} {
		synctest.Test(t, func(t *testing.T) {
			s, b := newPolicyScheduler(t, clock)
			p := answering(errContract)
			slow := AfterJobRunsWithError(func(uuid.UUID, string, error) { time.Sleep(10 * time.Second) })
			task := func() error { defer time.Sleep(time.Second); return p.task() }
			require.NoError(t, mustJob(t, s, ages(), task, retries(2, 15*time.Second), WithEventListeners(slow)).RunNow())
			time.Sleep(time.Minute)
			require.Equal(t, []time.Duration{0, 16 * time.Second}, p.calls())
			p = answering(errContract)
			require.NoError(t, mustJob(t, s, ages(), task, retries(2, 5*time.Second), WithEventListeners(slow)).RunNow())
			time.Sleep(time.Minute)
			require.Equal(t, []time.Duration{0, 11 * time.Second}, p.calls(), "but it ends before the next attempt begins")
			require.Equal(t, []string{"failed 2", "failed 2"}, b.outcomes())
		})
	}
}

// On an injected clock the wait is a waiter of it, and counts by it alone.
func TestSynctestPolicyRetryOnAFakeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rigNow)
		s, b := newPolicyScheduler(t, WithClock(clock))
		waiters := func(n int) {
			t.Helper()
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(endedContext(), n), "fewer waiters than %d", n)
			require.Error(t, clock.BlockUntilContext(endedContext(), n+1), "more waiters than %d", n)
		}
		p := answeringBy(clock.Now, errContract)
		j := mustJob(t, s, ages(), p.task, retries(3, 10*time.Minute))
		waiters(1)
		require.NoError(t, j.RunNow())
		waiters(2)
		time.Sleep(time.Hour) // of no account
		clock.Advance(10*time.Minute - 1)
		waiters(2)
		require.Len(t, p.calls(), 1)
		clock.Advance(1)
		waiters(2)
		require.NoError(t, j.RunNow())
		waiters(3)
		clock.Advance(24 * time.Hour)
		synctest.Wait()
		clock.Advance(time.Hour)
		waiters(1)
		day := 24*time.Hour + 10*time.Minute
		require.Equal(t, []time.Duration{0, 10 * time.Minute, 10 * time.Minute, day, day, day + time.Hour}, p.calls())
		require.Equal(t, []string{"failed 3", "failed 3"}, b.outcomes())
		b.requireAtRest(t)
	})
}

func TestSynctestPolicyRetryLeavesNoWaiterOfAClock(t *testing.T) {
	for name, end := range policyEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClockAt(rigNow)
				s, _ := newPolicyScheduler(t, WithClock(clock))
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), answering(errContract).task, retries(3, time.Minute),
					WithContext(user), WithTags("tag"))
				synctest.Wait()
				require.NoError(t, clock.BlockUntilContext(endedContext(), 1))
				end(s, j, cancel)
				synctest.Wait()
				require.Error(t, clock.BlockUntilContext(endedContext(), 1))
			})
		})
	}
}

// A clock that is set keeps its timers: one that rings too early is set anew.
func TestSynctestPolicyRetryOnAClockThatIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &steppedClock{FakeClock: clockwork.NewFakeClockAt(rigNow)}
		s, b := newPolicyScheduler(t, WithClock(clock))
		p := answeringBy(clock.Now, errContract)
		j := mustJob(t, s, ages(), p.task, retries(2, 10*time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		clock.offset.Store(int64(-time.Hour))
		for i := 0; i < 6; i++ {
			clock.Advance(10 * time.Minute)
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(endedContext(), 2), "it has a waiter again")
			requireRetrying(t, s, 1)
		}
		clock.Advance(10 * time.Minute)
		require.Equal(t, []time.Duration{0, 10 * time.Minute}, p.calls())
		require.Equal(t, []string{"failed 2"}, b.outcomes())
	})
}

func TestSynctestPolicyRetryOnAClockThatIsSetForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &steppedClock{FakeClock: clockwork.NewFakeClockAt(rigNow)}
		s, b := newPolicyScheduler(t, WithClock(clock))
		p := answeringBy(clock.Now, errContract)
		j := mustJob(t, s, ages(), p.task, retries(2, 10*time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		clock.offset.Store(int64(time.Hour))
		clock.Advance(10 * time.Minute)
		require.Equal(t, []time.Duration{0, 70 * time.Minute}, p.calls())
		require.Equal(t, []string{"failed 2"}, b.outcomes())
	})
}
