//go:build go1.25

package admission_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// runNowTimes asks for runs and returns how many found the queue full.
func runNowTimes(t testing.TB, j gocron.Job, n int) (full int) {
	t.Helper()
	for i := 0; i < n; i++ {
		if err := j.RunNow(); err != nil {
			require.True(t, err == gocron.ErrQueueFull, "%v", err)
			full++
		}
	}
	return full
}

func TestSynctestContractAFullQueueDropsRuns(t *testing.T) {
	for name, c := range map[string]struct {
		options []gocron.SchedulerOption
		job     []gocron.JobOption
	}{
		"slots": {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(3)}, nil},
		"slots of a pool": {[]gocron.SchedulerOption{gocron.WithPool("p", 1, gocron.LimitModeWait), gocron.WithQueueLimit(3, "p")},
			[]gocron.JobOption{gocron.InPool("p")}},
		"gate without a limit": {[]gocron.SchedulerOption{gocron.WithQueueLimit(3)}, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}},
		"gate beside a limit": {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(9, gocron.LimitModeReschedule), gocron.WithQueueLimit(3)},
			[]gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}},
		"gate in a pool": {[]gocron.SchedulerOption{gocron.WithPool("p", 9, gocron.LimitModeWait), gocron.WithQueueLimit(3, "p")},
			[]gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait), gocron.InPool("p")}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, l := &rig.Monitor{}, &ledger{}
				s := rig.NewScheduler(t, append(c.options, gocron.WithMonitor(m), gocron.WithSchedulerMonitor(m), l.option())...)
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, rig.Ages(), h.Task, append(c.job, gocron.WithName("it"))...)
				s.Start()
				require.Equal(t, 6, runNowTimes(t, j, 10), "one runs and three wait")
				synctest.Wait()
				require.Equal(t, 1, h.Running())
				require.Equal(t, 3, balance(t, s).Waiting)
				require.Len(t, l.of("it"), 6, "they are dropped at once")
				h.LetGo()
				synctest.Wait()
				require.Equal(t, 2, runNowTimes(t, j, 3), "there is room for one more")
				h.Open()
				synctest.Wait()
				require.EqualValues(t, 5, h.Ended.Load())
				var want []gocron.Outcome
				for i := 0; i < 13; i++ {
					want = append(want, gocron.OutcomeSucceeded)
					if i >= 4 && i != 10 {
						want[i] = gocron.OutcomeDroppedQueueFull
					}
				}
				require.Equal(t, want, l.outcomes("it"))
				dropped := l.of("it")[4]
				require.True(t, dropped.Err == gocron.ErrQueueFull)
				require.True(t, dropped.QueuedAt.IsZero() && dropped.StartedAt.IsZero())
				require.Equal(t, 12, m.Count("limit-reached it")+m.Count("singleton-reached it"), "of all but the first")
				require.GreaterOrEqual(t, m.Count("limit-reached it"), 8)
				require.Zero(t, m.Count("singleton_rescheduled it"))
			})
		})
	}
}

// Each queue is its own, but what waits for a slot and at a gate stands in one.
func TestSynctestContractQueueLimitsArePerPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(5),
			gocron.WithPool("small", 1, gocron.LimitModeWait), gocron.WithPool("also", 1, gocron.LimitModeWait), gocron.WithQueueLimit(2, "small", "also"),
			gocron.WithPool("any", 1, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		s.Start()
		for pool, waiting := range map[string]int{"": 5, "small": 2, "also": 2, "any": 18} {
			a := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool(pool), gocron.WithSingletonMode(gocron.LimitModeWait))
			b := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool(pool))
			full := runNowTimes(t, a, 2) // one waits at its gate
			require.Equal(t, 18-waiting, full+runNowTimes(t, b, 17), pool)
		}
		require.Equal(t, 5+2+2+18, s.JobsWaitingInQueue())
	})
}

// Nothing but RunNow can tell its caller, and nothing blocks.
func TestSynctestContractScheduledRunsAreDroppedAndTheScheduleGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1), l.option())
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, rig.MustJob(t, s, rig.Ages(), blocker.Task), 2))
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithName("it"))
		now := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithStartAt(gocron.WithStartImmediately()), gocron.WithName("at once"))
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		require.Len(t, l.of("it"), 5)
		require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Minute)))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeDroppedQueueFull}, l.outcomes("at once"))
		require.True(t, rig.NextOf(t, now).Equal(time.Now().Add(55*time.Minute)))
		blocker.Open()
		h.Open()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 1, h.Ended.Load())
		require.Equal(t, gocron.OutcomeSucceeded, l.outcomes("it")[5])
	})
}

// An interval that counts from the end of a run counts from when it was dropped.
func TestSynctestContractADroppedRunDoesNotEndAnIntervalFromCompletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1), l.option())
		blocker := rig.NewHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, rig.MustJob(t, s, rig.Ages(), blocker.Task), 2))
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop, gocron.WithIntervalFromCompletion(), gocron.WithName("it"))
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		require.Len(t, l.of("it"), 3)
		require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(59*time.Second)))
		blocker.Open()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, gocron.OutcomeSucceeded, l.outcomes("it")[3])
	})
}

// What a queue has dropped does not come back, and one-time jobs have no other
// time.
func TestSynctestContractADroppedOneTimeRunIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1), l.option())
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, rig.MustJob(t, s, rig.Ages(), blocker.Task), 2))
		times := gocron.OneTimeJobStartDateTimes(time.Now().Add(time.Second), time.Now().Add(time.Hour))
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task, gocron.WithName("at once"))
		stays := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), h.Task, gocron.WithName("stays"))
		leaves := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), h.Task, gocron.WithRemoveWhenFinished())
		twice := rig.MustJob(t, s, gocron.OneTimeJob(times), h.Task, gocron.WithName("twice"), gocron.WithRemoveWhenFinished())
		time.Sleep(time.Second)
		synctest.Wait()
		for _, name := range []string{"at once", "stays", "twice"} {
			require.Equal(t, []gocron.Outcome{gocron.OutcomeDroppedQueueFull}, l.outcomes(name), name)
		}
		require.Contains(t, rig.IDs(s), stays.ID())
		require.Contains(t, rig.IDs(s), twice.ID())
		require.NotContains(t, rig.IDs(s), leaves.ID(), "none of its times is left")
		blocker.Open()
		require.NoError(t, s.StopJobs())
		s.Start()
		synctest.Wait()
		require.Zero(t, h.Started.Load())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, h.Running(), "the second time of one")
	})
}

func TestSynctestContractADroppedRunUsesUpNoLimitedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1))
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, rig.MustJob(t, s, rig.Ages(), blocker.Task), 2))
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithLimitedRuns(2))
		require.Equal(t, 9, runNowTimes(t, j, 9))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		blocker.Open()
		h.Open()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 1, h.Ended.Load())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 2, h.Ended.Load())
		require.NotContains(t, rig.IDs(s), j.ID())
	})
}

// A limit that skips does so before a queue is asked, which only gates fill.
func TestSynctestContractASkipIsNoDrop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule), gocron.WithQueueLimit(1))
		h := rig.NewHoldup(t)
		s.Start()
		single := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
		require.Equal(t, 1, runNowTimes(t, single, 3))
		require.Zero(t, runNowTimes(t, rig.MustJob(t, s, rig.Ages(), h.Task), 2))
		require.Zero(t, runNowTimes(t, rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeReschedule)), 2))
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeDroppedQueueFull: 1, gocron.OutcomeSkippedLimit: 4}, balance(t, s).Outcomes)
	})
}

// A run that was let into the queue stays in it: it may leave its gate to wait
// for a slot while others have filled the queue beyond its limit.
func TestSynctestContractARunThatHasPassedItsGateIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1), l.option())
		h, failing := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		failed := false
		again := rig.MustJob(t, s, rig.Ages(), func() error {
			if !failed {
				failed = true
				return rig.ErrTest
			}
			failing.Task()
			return nil
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Minute)}), gocron.WithName("again"))
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithName("it"))
		require.Zero(t, runNowTimes(t, again, 1))
		synctest.Wait()
		require.Equal(t, 1, balance(t, s).Retrying)
		require.Zero(t, runNowTimes(t, j, 2), "a run that waits for its next attempt is not in the queue")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, balance(t, s).Waiting, "and is never dropped")
		require.Equal(t, 1, runNowTimes(t, j, 1))
		h.LetGo()
		synctest.Wait()
		require.Equal(t, 1, failing.Running(), "it was handed over first")
		require.Equal(t, 1, balance(t, s).Waiting)
		failing.Open()
		h.Open()
		synctest.Wait()
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeSucceeded, gocron.OutcomeDroppedQueueFull}, l.outcomes("it"))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded}, l.outcomes("again"))
	})
}

func TestSynctestContractQueueOneInAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithQueueLimit(2), l.option())
		h := rig.NewHoldup(t)
		s.Start()
		for i, full := range []int{0, 0, 2} {
			j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeQueueOne), gocron.WithName(fmt.Sprint(i)))
			require.Equal(t, full, runNowTimes(t, j, 3))
		}
		h.Open()
		synctest.Wait()
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeSucceeded, gocron.OutcomeSkippedSingleton}, l.outcomes("1"))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeDroppedQueueFull, gocron.OutcomeDroppedQueueFull}, l.outcomes("2"))
	})
}

// The run that a newer one replaces makes room for it.
func TestSynctestContractANewerRunTakesThePlaceInAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithQueueLimit(1), l.option())
		h := rig.NewHoldup(t)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
		require.Zero(t, runNowTimes(t, j, 1))
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 4))
		h.Open()
		synctest.Wait()
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeCancelled, gocron.OutcomeCancelled, gocron.OutcomeCancelled, gocron.OutcomeSucceeded},
			l.outcomes("it"))
	})
}

// A run that is dropped has replaced none: else nothing would be left to run.
func TestSynctestContractADroppedRunReplacesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithQueueLimit(1), l.option())
		h := rig.NewHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait)), 2), "the queue is full")
		done := make(chan struct{})
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-done:
				return nil
			}
		}, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
		require.Zero(t, runNowTimes(t, j, 1))
		synctest.Wait()
		require.Equal(t, 1, runNowTimes(t, j, 1))
		synctest.Wait()
		close(done)
		synctest.Wait()
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeDroppedQueueFull}, l.outcomes("it"))
	})
}

func TestSynctestContractRunAndWaitInAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1))
		h := rig.NewHoldup(t)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		require.Zero(t, runNowTimes(t, j, 2))
		info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.ErrorIs(t, err, gocron.ErrQueueFull)
		require.Equal(t, gocron.OutcomeDroppedQueueFull, info.Outcome)
		require.ErrorIs(t, info.Err, gocron.ErrQueueFull)
	})
}

// However many jobs and callers there are, the queue is never longer.
func TestSynctestContractAQueueLimitHoldsInACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait), gocron.WithQueueLimit(7))
		h := rig.NewHoldup(t)
		var all []uuid.UUID
		for i := 0; i < 20; i++ {
			mode := gocron.WithSingletonMode(gocron.LimitMode(1 + i%4))
			all = append(all, rig.MustJob(t, s, gocron.DurationJob(time.Second), h.Task, mode).ID())
		}
		s.Start()
		for i := 0; i < 50; i++ {
			time.Sleep(time.Second)
			synctest.Wait()
			require.LessOrEqual(t, balance(t, s).Waiting, 7)
			if i%3 == 0 {
				h.LetGo()
			}
			if i%7 == 0 {
				require.NoError(t, s.RemoveJob(all[i/7]))
			}
		}
		require.Equal(t, 2, h.Running())
		require.Positive(t, s.JobsWaitingInQueue())
	})
}
