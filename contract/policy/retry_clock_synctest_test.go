//go:build go1.25

package policy_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// foreignClock is a clock of a kind that the scheduler does not know.
type foreignClock struct{ clockwork.Clock }

func TestSynctestPolicyRetryAsksBackoffHowLong(t *testing.T) {
	for name, c := range map[string]struct {
		backoff gocron.Backoff
		want    []time.Duration
	}{
		"growing":  {func(failed int) time.Duration { return time.Duration(failed) * time.Second }, []time.Duration{0, time.Second, 3 * time.Second, 6 * time.Second}},
		"none":     {nil, []time.Duration{0, 0, 0, 0}},
		"zero":     {gocron.ConstantBackoff(0), []time.Duration{0, 0, 0, 0}},
		"negative": {gocron.ConstantBackoff(-time.Hour), []time.Duration{0, 0, 0, 0}},
		"constant": {gocron.ConstantBackoff(1), []time.Duration{0, 1, 2, 3}},
	} {
		for _, clock := range []gocron.SchedulerOption{gocron.WithLocation(time.UTC), gocron.WithClock(foreignClock{clockwork.NewRealClock()})} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := rig.NewStarted(t, clock)
					p := rig.Answering(rig.ErrTest)
					j := rig.MustJob(t, s, rig.Ages(), p.Task, gocron.WithRetry(gocron.RetryPolicy{Attempts: 4, Backoff: c.backoff}))
					require.NoError(t, j.RunNow())
					time.Sleep(time.Minute)
					require.Equal(t, c.want, p.Calls())
					require.Equal(t, []string{"failed 4"}, b.Outcomes())
				})
			})
		}
	}
}

// A wait of centuries is one that goes on: nothing overflows.
func TestSynctestPolicyRetryMayWaitForCenturies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p := rig.Answering(rig.ErrTest)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(2, rig.MaxDuration))
		other := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		require.NoError(t, j.RunNow())
		time.Sleep(24 * time.Hour)
		require.Len(t, p.Calls(), 1)
		rig.RequireRetrying(t, s, 1)
		require.Len(t, b.Runs(), 24, "other jobs are due as ever")
		require.NoError(t, s.RemoveJob(other.ID()))
		require.NoError(t, s.RemoveJob(j.ID()))
		rig.RequireRetrying(t, s, 0)
	})
}

// The wait counts from when the task returned, as all else that does.
func TestSynctestPolicyRetryWaitsFromTheEndOfTheTask(t *testing.T) {
	for _, clock := range []gocron.SchedulerOption{gocron.WithLocation(time.UTC), gocron.WithClock(foreignClock{clockwork.NewRealClock()})} {
		synctest.Test(t, func(t *testing.T) {
			s, b := rig.NewStarted(t, clock)
			p := rig.Answering(rig.ErrTest)
			slow := gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { time.Sleep(10 * time.Second) })
			task := func() error { defer time.Sleep(time.Second); return p.Task() }
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), task, rig.Retries(2, 15*time.Second), gocron.WithEventListeners(slow)).RunNow())
			time.Sleep(time.Minute)
			require.Equal(t, []time.Duration{0, 16 * time.Second}, p.Calls())
			p = rig.Answering(rig.ErrTest)
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), task, rig.Retries(2, 5*time.Second), gocron.WithEventListeners(slow)).RunNow())
			time.Sleep(time.Minute)
			require.Equal(t, []time.Duration{0, 11 * time.Second}, p.Calls(), "but it ends before the next attempt begins")
			require.Equal(t, []string{"failed 2", "failed 2"}, b.Outcomes())
		})
	}
}

// On an injected clock the wait is a waiter of it, and counts by it alone.
func TestSynctestPolicyRetryOnAFakeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rig.Now)
		s, b := rig.NewStarted(t, gocron.WithClock(clock))
		waiters := func(n int) {
			t.Helper()
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(rig.EndedContext(), n), "fewer waiters than %d", n)
			require.Error(t, clock.BlockUntilContext(rig.EndedContext(), n+1), "more waiters than %d", n)
		}
		p := rig.AnsweringBy(clock.Now, rig.ErrTest)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(3, 10*time.Minute))
		waiters(1)
		require.NoError(t, j.RunNow())
		waiters(2)
		time.Sleep(time.Hour) // of no account
		clock.Advance(10*time.Minute - 1)
		waiters(2)
		require.Len(t, p.Calls(), 1)
		clock.Advance(1)
		waiters(2)
		require.NoError(t, j.RunNow())
		waiters(3)
		clock.Advance(24 * time.Hour)
		synctest.Wait()
		clock.Advance(time.Hour)
		waiters(1)
		day := 24*time.Hour + 10*time.Minute
		require.Equal(t, []time.Duration{0, 10 * time.Minute, 10 * time.Minute, day, day, day + time.Hour}, p.Calls())
		require.Equal(t, []string{"failed 3", "failed 3"}, b.Outcomes())
		b.RequireAtRest(t)
	})
}

func TestSynctestPolicyRetryLeavesNoWaiterOfAClock(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClockAt(rig.Now)
				s, _ := rig.NewStarted(t, gocron.WithClock(clock))
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.Answering(rig.ErrTest).Task, rig.Retries(3, time.Minute),
					gocron.WithContext(user), gocron.WithTags("tag"))
				synctest.Wait()
				require.NoError(t, clock.BlockUntilContext(rig.EndedContext(), 1))
				end(s, j, cancel)
				synctest.Wait()
				require.Error(t, clock.BlockUntilContext(rig.EndedContext(), 1))
			})
		})
	}
}

// A clock that is set keeps its timers: one that rings too early is set anew.
func TestSynctestPolicyRetryOnAClockThatIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &rig.SteppedClock{FakeClock: clockwork.NewFakeClockAt(rig.Now)}
		s, b := rig.NewStarted(t, gocron.WithClock(clock))
		p := rig.AnsweringBy(clock.Now, rig.ErrTest)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(2, 10*time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		clock.Offset.Store(int64(-time.Hour))
		for i := 0; i < 6; i++ {
			clock.Advance(10 * time.Minute)
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(rig.EndedContext(), 2), "it has a waiter again")
			rig.RequireRetrying(t, s, 1)
		}
		clock.Advance(10 * time.Minute)
		require.Equal(t, []time.Duration{0, 10 * time.Minute}, p.Calls())
		require.Equal(t, []string{"failed 2"}, b.Outcomes())
	})
}

func TestSynctestPolicyRetryOnAClockThatIsSetForward(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &rig.SteppedClock{FakeClock: clockwork.NewFakeClockAt(rig.Now)}
		s, b := rig.NewStarted(t, gocron.WithClock(clock))
		p := rig.AnsweringBy(clock.Now, rig.ErrTest)
		j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(2, 10*time.Minute))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		clock.Offset.Store(int64(time.Hour))
		clock.Advance(10 * time.Minute)
		require.Equal(t, []time.Duration{0, 70 * time.Minute}, p.Calls())
		require.Equal(t, []string{"failed 2"}, b.Outcomes())
	})
}
