//go:build go1.25

package gocron

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// runNowTimes asks for runs and returns how many found the queue full.
func runNowTimes(t testing.TB, j Job, n int) (full int) {
	t.Helper()
	for i := 0; i < n; i++ {
		if err := j.RunNow(); err != nil {
			require.True(t, err == ErrQueueFull, "%v", err)
			full++
		}
	}
	return full
}

func TestSynctestContractAFullQueueDropsRuns(t *testing.T) {
	for name, c := range map[string]struct {
		options []SchedulerOption
		job     []JobOption
	}{
		"slots": {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(3)}, nil},
		"slots of a pool": {[]SchedulerOption{WithPool("p", 1, LimitModeWait), WithQueueLimit(3, "p")},
			[]JobOption{InPool("p")}},
		"gate without a limit": {[]SchedulerOption{WithQueueLimit(3)}, []JobOption{WithSingletonMode(LimitModeWait)}},
		"gate beside a limit": {[]SchedulerOption{WithLimitConcurrentJobs(9, LimitModeReschedule), WithQueueLimit(3)},
			[]JobOption{WithSingletonMode(LimitModeWait)}},
		"gate in a pool": {[]SchedulerOption{WithPool("p", 9, LimitModeWait), WithQueueLimit(3, "p")},
			[]JobOption{WithSingletonMode(LimitModeWait), InPool("p")}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, l := &contractMonitor{}, &ledger{}
				s := newScheduler(t, append(c.options, WithMonitor(m), WithSchedulerMonitor(m), l.option())...)
				h := newHoldup(t)
				j := mustJob(t, s, ages(), h.task, append(c.job, WithName("it"))...)
				s.Start()
				require.Equal(t, 6, runNowTimes(t, j, 10), "one runs and three wait")
				synctest.Wait()
				require.Equal(t, 1, h.running())
				require.Equal(t, 3, balance(t, s).Waiting)
				require.Len(t, l.of("it"), 6, "they are dropped at once")
				h.letGo()
				synctest.Wait()
				require.Equal(t, 2, runNowTimes(t, j, 3), "there is room for one more")
				h.open()
				synctest.Wait()
				require.EqualValues(t, 5, h.ended.Load())
				var want []Outcome
				for i := 0; i < 13; i++ {
					want = append(want, OutcomeSucceeded)
					if i >= 4 && i != 10 {
						want[i] = OutcomeDroppedQueueFull
					}
				}
				require.Equal(t, want, l.outcomes("it"))
				dropped := l.of("it")[4]
				require.True(t, dropped.Err == ErrQueueFull)
				require.True(t, dropped.QueuedAt.IsZero() && dropped.StartedAt.IsZero())
				require.Equal(t, 12, m.count("limit-reached it")+m.count("singleton-reached it"), "of all but the first")
				require.GreaterOrEqual(t, m.count("limit-reached it"), 8)
				require.Zero(t, m.count("singleton_rescheduled it"))
			})
		})
	}
}

// Each queue is its own, but what waits for a slot and at a gate stands in one.
func TestSynctestContractQueueLimitsArePerPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(5),
			WithPool("small", 1, LimitModeWait), WithPool("also", 1, LimitModeWait), WithQueueLimit(2, "small", "also"),
			WithPool("any", 1, LimitModeWait))
		h := newHoldup(t)
		s.Start()
		for pool, waiting := range map[string]int{"": 5, "small": 2, "also": 2, "any": 18} {
			a := mustJob(t, s, ages(), h.task, InPool(pool), WithSingletonMode(LimitModeWait))
			b := mustJob(t, s, ages(), h.task, InPool(pool))
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
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1), l.option())
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, mustJob(t, s, ages(), blocker.task), 2))
		j := mustJob(t, s, DurationJob(time.Minute), h.task, WithName("it"))
		now := mustJob(t, s, DurationJob(time.Hour), h.task, WithStartAt(WithStartImmediately()), WithName("at once"))
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		require.Len(t, l.of("it"), 5)
		require.True(t, nextOf(t, j).Equal(time.Now().Add(time.Minute)))
		require.Equal(t, []Outcome{OutcomeDroppedQueueFull}, l.outcomes("at once"))
		require.True(t, nextOf(t, now).Equal(time.Now().Add(55*time.Minute)))
		blocker.open()
		h.open()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 1, h.ended.Load())
		require.Equal(t, OutcomeSucceeded, l.outcomes("it")[5])
	})
}

// An interval that counts from the end of a run counts from when it was dropped.
func TestSynctestContractADroppedRunDoesNotEndAnIntervalFromCompletion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1), l.option())
		blocker := newHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, mustJob(t, s, ages(), blocker.task), 2))
		j := mustJob(t, s, DurationJob(time.Minute), noop, WithIntervalFromCompletion(), WithName("it"))
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		require.Len(t, l.of("it"), 3)
		require.True(t, nextOf(t, j).Equal(time.Now().Add(59*time.Second)))
		blocker.open()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, OutcomeSucceeded, l.outcomes("it")[3])
	})
}

// What a queue has dropped does not come back, and one-time jobs have no other
// time.
func TestSynctestContractADroppedOneTimeRunIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1), l.option())
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, mustJob(t, s, ages(), blocker.task), 2))
		times := OneTimeJobStartDateTimes(time.Now().Add(time.Second), time.Now().Add(time.Hour))
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.task, WithName("at once"))
		stays := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))), h.task, WithName("stays"))
		leaves := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))), h.task, WithRemoveWhenFinished())
		twice := mustJob(t, s, OneTimeJob(times), h.task, WithName("twice"), WithRemoveWhenFinished())
		time.Sleep(time.Second)
		synctest.Wait()
		for _, name := range []string{"at once", "stays", "twice"} {
			require.Equal(t, []Outcome{OutcomeDroppedQueueFull}, l.outcomes(name), name)
		}
		require.Contains(t, ids(s), stays.ID())
		require.Contains(t, ids(s), twice.ID())
		require.NotContains(t, ids(s), leaves.ID(), "none of its times is left")
		blocker.open()
		require.NoError(t, s.StopJobs())
		s.Start()
		synctest.Wait()
		require.Zero(t, h.started.Load())
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 1, h.running(), "the second time of one")
	})
}

func TestSynctestContractADroppedRunUsesUpNoLimitedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1))
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, mustJob(t, s, ages(), blocker.task), 2))
		j := mustJob(t, s, DurationJob(time.Minute), h.task, WithLimitedRuns(2))
		require.Equal(t, 9, runNowTimes(t, j, 9))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		blocker.open()
		h.open()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 1, h.ended.Load())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 2, h.ended.Load())
		require.NotContains(t, ids(s), j.ID())
	})
}

// A limit that skips does so before a queue is asked, which only gates fill.
func TestSynctestContractASkipIsNoDrop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule), WithQueueLimit(1))
		h := newHoldup(t)
		s.Start()
		single := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait))
		require.Equal(t, 1, runNowTimes(t, single, 3))
		require.Zero(t, runNowTimes(t, mustJob(t, s, ages(), h.task), 2))
		require.Zero(t, runNowTimes(t, mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeReschedule)), 2))
		require.Equal(t, map[Outcome]uint64{OutcomeDroppedQueueFull: 1, OutcomeSkippedLimit: 4}, balance(t, s).Outcomes)
	})
}

// A run that was let into the queue stays in it: it may leave its gate to wait
// for a slot while others have filled the queue beyond its limit.
func TestSynctestContractARunThatHasPassedItsGateIsNotDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1), l.option())
		h, failing := newHoldup(t), newHoldup(t)
		s.Start()
		failed := false
		again := mustJob(t, s, ages(), func() error {
			if !failed {
				failed = true
				return errContract
			}
			failing.task()
			return nil
		}, WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Minute)}), WithName("again"))
		j := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait), WithName("it"))
		require.Zero(t, runNowTimes(t, again, 1))
		synctest.Wait()
		require.Equal(t, 1, balance(t, s).Retrying)
		require.Zero(t, runNowTimes(t, j, 2), "a run that waits for its next attempt is not in the queue")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, balance(t, s).Waiting, "and is never dropped")
		require.Equal(t, 1, runNowTimes(t, j, 1))
		h.letGo()
		synctest.Wait()
		require.Equal(t, 1, failing.running(), "it was handed over first")
		require.Equal(t, 1, balance(t, s).Waiting)
		failing.open()
		h.open()
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeSucceeded, OutcomeDroppedQueueFull}, l.outcomes("it"))
		require.Equal(t, []Outcome{OutcomeSucceeded}, l.outcomes("again"))
	})
}

func TestSynctestContractQueueOneInAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, WithQueueLimit(2), l.option())
		h := newHoldup(t)
		s.Start()
		for i, full := range []int{0, 0, 2} {
			j := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeQueueOne), WithName(fmt.Sprint(i)))
			require.Equal(t, full, runNowTimes(t, j, 3))
		}
		h.open()
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeSucceeded, OutcomeSkippedSingleton}, l.outcomes("1"))
		require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeDroppedQueueFull, OutcomeDroppedQueueFull}, l.outcomes("2"))
	})
}

// The run that a newer one replaces makes room for it.
func TestSynctestContractANewerRunTakesThePlaceInAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, WithQueueLimit(1), l.option())
		h := newHoldup(t)
		s.Start()
		j := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeReplace), WithName("it"))
		require.Zero(t, runNowTimes(t, j, 1))
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 4))
		h.open()
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeCancelled, OutcomeCancelled, OutcomeCancelled, OutcomeSucceeded},
			l.outcomes("it"))
	})
}

// A run that is dropped has replaced none: else nothing would be left to run.
func TestSynctestContractADroppedRunReplacesNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, WithQueueLimit(1), l.option())
		h := newHoldup(t)
		s.Start()
		require.Zero(t, runNowTimes(t, mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait)), 2), "the queue is full")
		done := make(chan struct{})
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-done:
				return nil
			}
		}, WithSingletonMode(LimitModeReplace), WithName("it"))
		require.Zero(t, runNowTimes(t, j, 1))
		synctest.Wait()
		require.Equal(t, 1, runNowTimes(t, j, 1))
		synctest.Wait()
		close(done)
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeDroppedQueueFull}, l.outcomes("it"))
	})
}

func TestSynctestContractRunAndWaitInAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1))
		h := newHoldup(t)
		s.Start()
		j := mustJob(t, s, ages(), h.task)
		require.Zero(t, runNowTimes(t, j, 2))
		info, err := NewController(s).RunAndWait(context.Background(), j.ID())
		require.ErrorIs(t, err, ErrQueueFull)
		require.Equal(t, OutcomeDroppedQueueFull, info.Outcome)
		require.ErrorIs(t, info.Err, ErrQueueFull)
	})
}

// However many jobs and callers there are, the queue is never longer.
func TestSynctestContractAQueueLimitHoldsInACrowd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(2, LimitModeWait), WithQueueLimit(7))
		h := newHoldup(t)
		var all []uuid.UUID
		for i := 0; i < 20; i++ {
			mode := WithSingletonMode(LimitMode(1 + i%4))
			all = append(all, mustJob(t, s, DurationJob(time.Second), h.task, mode).ID())
		}
		s.Start()
		for i := 0; i < 50; i++ {
			time.Sleep(time.Second)
			synctest.Wait()
			require.LessOrEqual(t, balance(t, s).Waiting, 7)
			if i%3 == 0 {
				h.letGo()
			}
			if i%7 == 0 {
				require.NoError(t, s.RemoveJob(all[i/7]))
			}
		}
		require.Equal(t, 2, h.running())
		require.Positive(t, s.JobsWaitingInQueue())
	})
}
