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
	"github.com/stretchr/testify/require"
)

// stops are the ways to stop a scheduler.
var stops = map[string]func(gocron.Scheduler) error{
	"StopJobs": gocron.Scheduler.StopJobs,
	"Shutdown": gocron.Scheduler.Shutdown,
	"StopJobsWithContext": func(s gocron.Scheduler) error {
		return s.StopJobsWithContext(context.Background())
	},
	"ShutdownWithContext": func(s gocron.Scheduler) error {
		return s.ShutdownWithContext(context.Background())
	},
}

func eachStop(t *testing.T, test func(t *testing.T, stop func(gocron.Scheduler) error)) {
	for name, stop := range stops {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, stop) })
		})
	}
}

func sleepTask(d time.Duration) func() { return func() { time.Sleep(d) } }

func TestSynctestContractADrainLetsWaitingRunsFinish(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithPool("p", 2, gocron.LimitModeWait), l.option())
		s.Start()
		slots := rig.MustJob(t, s, rig.Ages(), sleepTask(time.Second), gocron.WithName("slots"))
		gate := rig.MustJob(t, s, rig.Ages(), sleepTask(time.Second), gocron.WithName("gate"), gocron.WithSingletonMode(gocron.LimitModeWait), gocron.InPool("p"))
		pool := rig.MustJob(t, s, rig.Ages(), sleepTask(time.Second), gocron.WithName("pool"), gocron.InPool("p"))
		for i := 0; i < 4; i++ {
			for _, j := range []gocron.Job{slots, gate, pool} {
				require.NoError(t, j.RunNow())
			}
		}
		began := time.Now()
		require.NoError(t, stop(s))
		require.Equal(t, 4*time.Second, time.Since(began))
		synctest.Wait()
		for _, name := range []string{"slots", "gate", "pool"} {
			require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded, gocron.OutcomeSucceeded, gocron.OutcomeSucceeded, gocron.OutcomeSucceeded}, l.outcomes(name))
		}
		began = time.Now()
		require.NoError(t, stop(s), "there is nothing left to wait for")
		require.Zero(t, time.Since(began))
	})
}

func TestSynctestContractADrainWithNothingToDoTakesNoTime(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		s := rig.NewScheduler(t, gocron.WithDrain())
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop)
		began := time.Now()
		require.NoError(t, s.StopJobs(), "it was never started")
		for i := 0; i < 3; i++ {
			s.Start()
			require.NoError(t, s.StopJobs())
		}
		s.Start()
		require.NoError(t, stop(s))
		require.Zero(t, time.Since(began))
	})
}

func TestSynctestContractNothingBecomesDueDuringADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDrain())
		var ran atomic.Int64
		count := func() { ran.Add(1) }
		every := rig.MustJob(t, s, gocron.DurationJob(time.Second), count)
		once := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(7*time.Second))), count)
		rig.MustJob(t, s, gocron.CronJob("* * * * * *", true), count)
		slow := rig.MustJob(t, s, rig.Ages(), sleepTask(5*time.Second))
		s.Start()
		require.NoError(t, slow.RunNow())
		time.Sleep(time.Second / 2)
		stopped := rig.InBackground(s.StopJobs)
		for _, j := range []gocron.Job{every, once} {
			require.True(t, rig.NextOf(t, j).IsZero())
		}
		require.NoError(t, <-stopped)
		require.Zero(t, ran.Load())
		s.Start()
		require.False(t, rig.NextOf(t, once).IsZero())
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.EqualValues(t, 4+4+1, ran.Load(), "after Start all goes on, with what is due at that moment")
	})
}

// Neither Start nor RunNow has any effect until the stop has come to its end.
func TestSynctestContractStartAndRunNowDuringADrain(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithSchedulerMonitor(m))
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		stopped := rig.InBackground(func() error { return stop(s) })
		s.Start()
		require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
		_, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.Error(t, err)
		require.Equal(t, 1, m.Count("scheduler-started"))
		h.Open()
		require.NoError(t, <-stopped)
		require.Error(t, j.RunNow(), "that Start was in vain")
		synctest.Wait()
		require.EqualValues(t, 1, h.Started.Load())
	})
}

func TestSynctestContractJobsComeAndGoDuringADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := &rig.Monitor{}, &ledger{}
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithSchedulerMonitor(m), l.option())
		h, replacement := rig.NewHoldup(t), rig.NewHoldup(t)
		var ctx context.Context
		s.Start()
		running := rig.MustJob(t, s, rig.Ages(), func(c context.Context) { ctx = c; h.Task() }, gocron.WithName("running"))
		removed := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithName("removed"))
		updated := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithName("updated"))
		waits := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithName("waits"))
		for _, j := range []gocron.Job{running, removed, updated, waits} {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		stopped := rig.InBackground(s.StopJobs)
		require.Len(t, s.Jobs(), 4)
		require.NoError(t, s.RemoveJob(removed.ID()))
		_, err := s.Update(updated.ID(), gocron.DurationJob(time.Second), gocron.NewTask(replacement.Task))
		require.NoError(t, err)
		added := rig.MustJob(t, s, gocron.DurationJob(time.Second), replacement.Task, gocron.WithStartAt(gocron.WithStartImmediately()), gocron.WithName("added"))
		require.NoError(t, ctx.Err())
		require.NoError(t, s.RemoveJob(running.ID()))
		require.Error(t, ctx.Err(), "of a removed job")
		require.Len(t, s.Jobs(), 3)
		require.True(t, rig.NextOf(t, added).IsZero())
		time.Sleep(5 * time.Second)
		require.Empty(t, stopped)
		h.Open()
		require.NoError(t, <-stopped)
		synctest.Wait()
		require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled}, l.outcomes("removed"))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled}, l.outcomes("updated"))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded}, l.outcomes("running"))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded}, l.outcomes("waits"))
		require.Zero(t, replacement.Started.Load())
		require.Equal(t, 1, m.Count("registered added"))
		require.Equal(t, 1, m.Count("unregistered removed"))
		s.Start()
		synctest.Wait()
		require.Equal(t, 1, replacement.Running(), "the new job runs after Start")
	})
}

// After Shutdown jobs are forgotten for all who ask, though some still run.
func TestSynctestContractJobsDuringAFinalDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
		}
		stopped := rig.InBackground(s.Shutdown)
		require.Nil(t, s.Jobs())
		_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop))
		require.True(t, err == gocron.ErrSchedulerShutdown)
		_, err = s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
		require.True(t, err == gocron.ErrSchedulerShutdown)
		require.True(t, s.RemoveJob(j.ID()) == gocron.ErrJobNotFound)
		paused, err := gocron.NewController(s).PauseAll()
		require.NoError(t, err)
		require.Zero(t, paused)
		h.Open()
		require.NoError(t, <-stopped)
		require.EqualValues(t, 3, h.Ended.Load())
	})
}

// A run that waits to be tried again is waited for, and so is one that fails during
// the drain.
func TestSynctestContractADrainLetsRunsBeTriedAgain(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithDrain(), l.option())
		s.Start()
		retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 4, Backoff: gocron.ConstantBackoff(2 * time.Second)})
		for name, takes := range map[string]time.Duration{"waiting": 0, "running": time.Second} {
			calls := 0
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() error {
				time.Sleep(takes)
				if calls++; calls < 3 {
					return rig.ErrTest
				}
				return nil
			}, retry, gocron.WithName(name), gocron.WithSingletonMode(gocron.LimitModeWait)).RunNow())
		}
		synctest.Wait()
		began := time.Now()
		require.NoError(t, stop(s))
		require.Equal(t, 7*time.Second, time.Since(began))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded}, l.outcomes("waiting"))
		require.Equal(t, []gocron.Outcome{gocron.OutcomeSucceeded}, l.outcomes("running"))
		require.Equal(t, 3, l.of("running")[0].Attempt)
	})
}

// With nothing cut off a stop is a stop: the next Start finds all as ever.
func TestSynctestContractStartAfterADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		var ran atomic.Int64
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { time.Sleep(time.Second); ran.Add(1) }, gocron.WithIntervalFromCompletion())
		s.Start()
		time.Sleep(time.Minute)
		for i := int64(1); i <= 5; i++ {
			synctest.Wait()
			require.NoError(t, s.StopJobs())
			require.Equal(t, i, ran.Load(), "the run that was in progress")
			time.Sleep(7 * time.Second)
			s.Start()
			require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(53*time.Second)), "counted from its end")
			time.Sleep(53 * time.Second)
		}
	})
}

// What the cut kept a one-time job from comes after the next Start, as after any
// stop; a run that was only to be tried again has been.
func TestSynctestContractOneTimeRunsThatADrainDroppedComeAfterStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithStopTimeout(time.Second))
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		tries := 0
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() error { tries++; return rig.ErrTest },
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}))
		synctest.Wait()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task)
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), h.Task)
		time.Sleep(time.Second)
		synctest.Wait()
		require.ErrorIs(t, s.StopJobs(), gocron.ErrStopJobsTimedOut)
		s.Start()
		synctest.Wait()
		require.Equal(t, 2, s.JobsWaitingInQueue(), "the blocker has its slot still")
		blocker.Open()
		synctest.Wait()
		require.Equal(t, 1, h.Running())
		require.Equal(t, 1, s.JobsWaitingInQueue())
		h.Open()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.EqualValues(t, 2, h.Ended.Load())
		require.Equal(t, 1, tries)
	})
}

func TestSynctestContractALimitedJobLeavesDuringADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithSchedulerMonitor(m))
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), sleepTask(time.Second), gocron.WithLimitedRuns(2), gocron.WithName("it"))
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		require.Empty(t, s.Jobs())
		events := m.Events()
		require.Equal(t, []string{"unregistered it", "scheduler-stopped"}, events[len(events)-2:])
	})
}

func TestSynctestContractWithoutDrainWaitingRunsAreDropped(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(gocron.Scheduler) error) {
		l := &ledger{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), l.option())
		h := rig.NewHoldup(t)
		s.Start()
		var ctx context.Context
		j := rig.MustJob(t, s, rig.Ages(), func(c context.Context) { ctx = c; h.Task() }, gocron.WithName("it"))
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		stopped := rig.InBackground(func() error { return stop(s) })
		require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled}, l.outcomes("it"))
		require.ErrorIs(t, ctx.Err(), context.Canceled)
		require.True(t, <-stopped == gocron.ErrStopJobsTimedOut)
	})
}
