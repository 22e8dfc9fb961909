//go:build go1.25

package admission_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func runIDs(runs []gocron.RunInfo) (numbers []uint64) {
	for _, info := range runs {
		numbers = append(numbers, info.ID)
	}
	return numbers
}

// cutOff is a scheduler with runs that a drain cannot let finish: 1 is in progress,
// 2 and 3 wait for its slot, 4 is in progress in a pool and 5 waits for it at its
// gate, and 6 waits to be tried again.
func cutOff(t *testing.T, l *ledger, h *rig.Holdup, options ...gocron.SchedulerOption) gocron.Scheduler {
	s := rig.NewScheduler(t, append(options, gocron.WithDrain(), l.option(), gocron.WithLocation(time.UTC),
		gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithPool("p", 5, gocron.LimitModeWait))...)
	t.Cleanup(h.Open)
	s.Start()
	slot := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithName("slot"), gocron.WithTags("tag"))
	gate := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithName("gate"), gocron.WithSingletonMode(gocron.LimitModeWait), gocron.InPool("p"))
	retries := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest }, gocron.WithName("retries"), gocron.InPool("p"),
		gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}))
	for _, j := range []gocron.Job{slot, slot, slot, gate, gate, retries} {
		require.NoError(t, j.RunNow())
	}
	synctest.Wait()
	return s
}

func TestSynctestContractADrainThatTakesTooLongSaysWhatItCutOff(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		l, h := &ledger{}, rig.NewHoldup(t)
		s := cutOff(t, l, h, gocron.WithStopTimeout(3*time.Second))
		began := time.Now()
		err := stop(s)
		require.Equal(t, 3*time.Second, time.Since(began))
		require.ErrorIs(t, err, gocron.ErrStopJobsTimedOut)
		require.EqualError(t, err, "gocron: timed out waiting for jobs to finish: 2 in progress, 4 dropped")
		var cut *gocron.StopError
		require.ErrorAs(t, err, &cut)
		require.True(t, cut.Err == gocron.ErrStopJobsTimedOut)
		require.ElementsMatch(t, []uint64{1, 4}, runIDs(cut.Unfinished))
		for _, info := range cut.Unfinished {
			require.Equal(t, gocron.OutcomePending, info.Outcome)
			require.True(t, info.StartedAt.Equal(began) && info.FinishedAt.IsZero())
		}
		require.ElementsMatch(t, []uint64{2, 3, 5, 6}, runIDs(cut.Dropped))
		synctest.Wait()
		for _, info := range cut.Dropped {
			require.Contains(t, append(append(l.of("slot"), l.of("gate")...), l.of("retries")...), info, "as hooks were told it")
			require.True(t, info.FinishedAt.Equal(time.Now()))
			want := gocron.OutcomeCancelled
			if info.JobName == "retries" {
				want = gocron.OutcomeFailed
			}
			require.Equal(t, want, info.Outcome)
		}
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 2, h.Ended.Load())
		require.NoError(t, stop(s))
		balance(t, s)
	})
}

func TestSynctestContractADrainEndsWithTheContextOfItsCaller(t *testing.T) {
	for name, stop := range map[string]func(gocron.Scheduler, context.Context) error{
		"StopJobs": gocron.Scheduler.StopJobsWithContext, "Shutdown": gocron.Scheduler.ShutdownWithContext,
	} {
		for _, patience := range []time.Duration{0, 2 * time.Second} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l, h := &ledger{}, rig.NewHoldup(t)
					s := cutOff(t, l, h)
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					began := time.Now()
					err := stop(s, ctx)
					require.Equal(t, patience, time.Since(began))
					require.ErrorIs(t, err, context.DeadlineExceeded)
					require.NotErrorIs(t, err, gocron.ErrStopJobsTimedOut)
					var cut *gocron.StopError
					require.ErrorAs(t, err, &cut)
					require.Len(t, cut.Unfinished, 2)
					require.Len(t, cut.Dropped, 4)
				})
			})
		}
	}
}

// The contexts of jobs are alive while there is hope, and end at the cut.
func TestSynctestContractContextsLiveUntilADrainIsCut(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		s.Start()
		var told time.Time
		first := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
			time.Sleep(time.Second)
			require.NoError(t, ctx.Err())
		})
		second := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
			<-ctx.Done()
			require.True(t, context.Cause(ctx) == context.Canceled)
			told = time.Now()
		})
		began := time.Now()
		require.NoError(t, first.RunNow())
		require.NoError(t, second.RunNow())
		require.ErrorIs(t, stop(s), gocron.ErrStopJobsTimedOut)
		synctest.Wait()
		require.Equal(t, 10*time.Second, told.Sub(began))
	})
}

// Each stop waits as long as it may; the first that may no longer makes the cut
// for all.
func TestSynctestContractConcurrentDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := &rig.Monitor{}, &ledger{}
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithStopTimeout(time.Minute), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
			gocron.WithSchedulerMonitor(m), l.option())
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), sleepTask(5*time.Second), gocron.WithName("it"))
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		began := time.Now()
		short, cancel := context.WithTimeout(context.Background(), 7*time.Second)
		defer cancel()
		patient, impatient := rig.InBackground(s.StopJobs), rig.InBackground(func() error { return s.StopJobsWithContext(short) })
		last := rig.InBackground(s.Shutdown)
		var cut *gocron.StopError
		require.ErrorAs(t, <-impatient, &cut)
		require.Equal(t, []uint64{2}, runIDs(cut.Unfinished))
		require.Equal(t, []uint64{3}, runIDs(cut.Dropped))
		require.Equal(t, 7*time.Second, time.Since(began))
		require.NoError(t, <-patient)
		require.NoError(t, <-last)
		require.Equal(t, 10*time.Second, time.Since(began), "when the last run has finished")
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeSucceeded, gocron.OutcomeCancelled}, l.outcomes("it"))
		require.Equal(t, 1, m.Count("scheduler-stopped"))
		require.Equal(t, 1, m.Count("scheduler-shutdown"))
	})
}

func TestSynctestContractConcurrentDrainsThatSucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithSchedulerMonitor(m))
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), sleepTask(3*time.Second), gocron.WithName("it"))
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		began := time.Now()
		var all []chan error
		for _, stop := range stops {
			all = append(all, rig.InBackground(func() error { return stop(s) }))
		}
		for _, stopped := range all {
			require.NoError(t, <-stopped)
			require.Equal(t, 6*time.Second, time.Since(began))
		}
		synctest.Wait()
		events := m.Events()
		require.ElementsMatch(t, []string{"scheduler-stopped", "scheduler-shutdown"}, events[len(events)-2:], "after the runs")
		require.Equal(t, 2, m.Count("completed it"))
	})
}

// A task that stops its own scheduler waits for itself, until the stop timeout.
func TestSynctestContractADrainThatATaskAsksFor(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		s.Start()
		began := time.Now()
		bothAsked := make(chan struct{})
		var err, before, after error
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
			<-bothAsked
			go func() { time.Sleep(9 * time.Second); before = ctx.Err() }()
			err = stop(s)
			after = ctx.Err()
		})
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		close(bothAsked)
		time.Sleep(time.Minute)
		synctest.Wait()
		var cut *gocron.StopError
		require.ErrorAs(t, err, &cut)
		require.ErrorIs(t, err, gocron.ErrStopJobsTimedOut)
		require.Equal(t, []uint64{1}, runIDs(cut.Unfinished), "its own")
		require.Equal(t, []uint64{2}, runIDs(cut.Dropped))
		require.True(t, cut.Dropped[0].FinishedAt.Equal(began.Add(10*time.Second)))
		require.NoError(t, before)
		require.ErrorIs(t, after, context.Canceled)
	})
}

// A run that has its slot, but whose hook is still being told of it, is cut off as
// any other.
func TestSynctestContractARunThatHasNotBegunIsCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := make(chan struct{})
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithHooks(gocron.Hooks{RunDue: func(gocron.RunInfo) { <-held }}))
		s.Start()
		var ran atomic.Int64
		j := rig.MustJob(t, s, rig.Ages(), func() { ran.Add(1) })
		require.NoError(t, j.RunNow())
		synctest.Wait()
		var cut *gocron.StopError
		require.ErrorAs(t, s.StopJobs(), &cut)
		require.Equal(t, []uint64{1}, append(runIDs(cut.Unfinished), runIDs(cut.Dropped)...))
		close(held)
		synctest.Wait()
		require.Zero(t, ran.Load())
		require.NoError(t, s.StopJobs())
		require.EqualValues(t, 1, balance(t, s).Outcomes[gocron.OutcomeCancelled])
	})
}

// Wherever runs are when a cut comes, each is told of once.
func TestSynctestContractACutTellsOfEachRunOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(7, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		for i := 1; i <= 50; i++ {
			s.Start()
			require.Zero(t, runNowTimes(t, j, 20))
			var cut *gocron.StopError
			require.ErrorAs(t, s.StopJobsWithContext(ended), &cut)
			told := map[uint64]bool{}
			for _, info := range append(cut.Unfinished, cut.Dropped...) {
				told[info.ID] = true
			}
			synctest.Wait()
			require.Len(t, told, 20)
			require.Equal(t, len(cut.Unfinished), h.Running(), "the others have not begun")
			for h.Running() > 0 {
				h.LetGo()
				synctest.Wait()
			}
			require.NoError(t, s.StopJobs())
		}
	})
}

// A task that has outlived one stop is waited for by the next, which says so.
func TestSynctestContractADrainAfterAStopThatTimedOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait), gocron.WithStopTimeout(time.Second))
		h, other := rig.NewHoldup(t), rig.NewHoldup(t)
		j, k := rig.MustJob(t, s, rig.Ages(), h.Task), rig.MustJob(t, s, rig.Ages(), other.Task)
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.ErrorIs(t, s.StopJobs(), gocron.ErrStopJobsTimedOut)
		s.Start()
		require.NoError(t, k.RunNow())
		require.NoError(t, k.RunNow())
		synctest.Wait()
		other.Open()
		synctest.Wait()
		require.EqualValues(t, 2, other.Ended.Load(), "one slot is left")
		var cut *gocron.StopError
		require.ErrorAs(t, s.StopJobs(), &cut)
		require.Equal(t, []uint64{1}, runIDs(cut.Unfinished))
		require.Empty(t, cut.Dropped)
		h.Open()
		require.NoError(t, s.StopJobs())
	})
}

// The stop timeout is on both clocks, attempts are on the scheduler's.
func TestSynctestContractADrainOnAFakeClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClock()
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithClock(clock), gocron.WithStopTimeout(2*time.Hour))
		s.Start()
		calls := 0
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() error {
			if calls++; calls == 1 {
				return rig.ErrTest
			}
			return nil
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		stopped := rig.InBackground(s.StopJobs)
		clock.Advance(time.Hour)
		synctest.Wait()
		require.NoError(t, <-stopped)
		require.Equal(t, 2, calls)
		require.NoError(t, clock.BlockUntilContext(context.Background(), 0), "no waiter is left")
	})
}

// A drain that comes before Start has returned needs its retries made as well.
func TestSynctestContractADrainDuringStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &startMonitor{held: make(chan struct{})}
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithSchedulerMonitor(m))
		calls := 0
		j := rig.MustJob(t, s, rig.Ages(), func() error {
			if calls++; calls == 1 {
				return rig.ErrTest
			}
			return nil
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Second)}))
		go s.Start()
		synctest.Wait()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		stopped := rig.InBackground(s.StopJobs)
		close(m.held)
		require.NoError(t, <-stopped)
		require.Equal(t, 2, calls)
	})
}

// startMonitor holds up SchedulerStarted.
type startMonitor struct {
	rig.Monitor
	held chan struct{}
}

func (m *startMonitor) SchedulerStarted() { <-m.held }
