//go:build go1.25

package gocron

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// stops are the ways to stop a scheduler.
var stops = map[string]func(Scheduler) error{
	"StopJobs": Scheduler.StopJobs,
	"Shutdown": Scheduler.Shutdown,
	"StopJobsWithContext": func(s Scheduler) error {
		return s.StopJobsWithContext(context.Background())
	},
	"ShutdownWithContext": func(s Scheduler) error {
		return s.ShutdownWithContext(context.Background())
	},
}

func eachStop(t *testing.T, test func(t *testing.T, stop func(Scheduler) error)) {
	for name, stop := range stops {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { test(t, stop) })
		})
	}
}

// background calls stop and returns where its error will come.
func background(stop func() error) chan error {
	c := make(chan error, 1)
	go func() { c <- stop() }()
	synctest.Wait()
	return c
}

func sleepTask(d time.Duration) func() { return func() { time.Sleep(d) } }

func TestSynctestContractADrainLetsWaitingRunsFinish(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(Scheduler) error) {
		l := &ledger{}
		s := newScheduler(t, WithDrain(), WithLimitConcurrentJobs(1, LimitModeWait), WithPool("p", 2, LimitModeWait), l.option())
		s.Start()
		slots := mustJob(t, s, ages(), sleepTask(time.Second), WithName("slots"))
		gate := mustJob(t, s, ages(), sleepTask(time.Second), WithName("gate"), WithSingletonMode(LimitModeWait), InPool("p"))
		pool := mustJob(t, s, ages(), sleepTask(time.Second), WithName("pool"), InPool("p"))
		for i := 0; i < 4; i++ {
			for _, j := range []Job{slots, gate, pool} {
				require.NoError(t, j.RunNow())
			}
		}
		began := time.Now()
		require.NoError(t, stop(s))
		require.Equal(t, 4*time.Second, time.Since(began))
		synctest.Wait()
		for _, name := range []string{"slots", "gate", "pool"} {
			require.Equal(t, []Outcome{OutcomeSucceeded, OutcomeSucceeded, OutcomeSucceeded, OutcomeSucceeded}, l.outcomes(name))
		}
		began = time.Now()
		require.NoError(t, stop(s), "there is nothing left to wait for")
		require.Zero(t, time.Since(began))
	})
}

func TestSynctestContractADrainWithNothingToDoTakesNoTime(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(Scheduler) error) {
		s := newScheduler(t, WithDrain())
		mustJob(t, s, DurationJob(time.Minute), noop)
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
		s := newScheduler(t, WithDrain())
		var ran atomic.Int64
		count := func() { ran.Add(1) }
		every := mustJob(t, s, DurationJob(time.Second), count)
		once := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(7*time.Second))), count)
		mustJob(t, s, CronJob("* * * * * *", true), count)
		slow := mustJob(t, s, ages(), sleepTask(5*time.Second))
		s.Start()
		require.NoError(t, slow.RunNow())
		time.Sleep(time.Second / 2)
		stopped := background(s.StopJobs)
		for _, j := range []Job{every, once} {
			require.True(t, nextOf(t, j).IsZero())
		}
		require.NoError(t, <-stopped)
		require.Zero(t, ran.Load())
		s.Start()
		require.False(t, nextOf(t, once).IsZero())
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.EqualValues(t, 4+4+1, ran.Load(), "after Start all goes on, with what is due at that moment")
	})
}

// Neither Start nor RunNow has any effect until the stop has come to its end.
func TestSynctestContractStartAndRunNowDuringADrain(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(Scheduler) error) {
		m := &contractMonitor{}
		s := newScheduler(t, WithDrain(), WithSchedulerMonitor(m))
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		stopped := background(func() error { return stop(s) })
		s.Start()
		require.True(t, j.RunNow() == ErrJobRunNowFailed)
		_, err := NewController(s).RunAndWait(context.Background(), j.ID())
		require.Error(t, err)
		require.Equal(t, 1, m.count("scheduler-started"))
		h.open()
		require.NoError(t, <-stopped)
		require.Error(t, j.RunNow(), "that Start was in vain")
		synctest.Wait()
		require.EqualValues(t, 1, h.started.Load())
	})
}

func TestSynctestContractJobsComeAndGoDuringADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, l := &contractMonitor{}, &ledger{}
		s := newScheduler(t, WithDrain(), WithLimitConcurrentJobs(1, LimitModeWait), WithSchedulerMonitor(m), l.option())
		h, replacement := newHoldup(t), newHoldup(t)
		var ctx context.Context
		s.Start()
		running := mustJob(t, s, ages(), func(c context.Context) { ctx = c; h.task() }, WithName("running"))
		removed := mustJob(t, s, ages(), h.task, WithName("removed"))
		updated := mustJob(t, s, ages(), h.task, WithName("updated"))
		waits := mustJob(t, s, ages(), h.task, WithName("waits"))
		for _, j := range []Job{running, removed, updated, waits} {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		stopped := background(s.StopJobs)
		require.Len(t, s.Jobs(), 4)
		require.NoError(t, s.RemoveJob(removed.ID()))
		_, err := s.Update(updated.ID(), DurationJob(time.Second), NewTask(replacement.task))
		require.NoError(t, err)
		added := mustJob(t, s, DurationJob(time.Second), replacement.task, WithStartAt(WithStartImmediately()), WithName("added"))
		require.NoError(t, ctx.Err())
		require.NoError(t, s.RemoveJob(running.ID()))
		require.Error(t, ctx.Err(), "of a removed job")
		require.Len(t, s.Jobs(), 3)
		require.True(t, nextOf(t, added).IsZero())
		time.Sleep(5 * time.Second)
		require.Empty(t, stopped)
		h.open()
		require.NoError(t, <-stopped)
		synctest.Wait()
		require.Equal(t, []Outcome{OutcomeCancelled}, l.outcomes("removed"))
		require.Equal(t, []Outcome{OutcomeCancelled}, l.outcomes("updated"))
		require.Equal(t, []Outcome{OutcomeSucceeded}, l.outcomes("running"))
		require.Equal(t, []Outcome{OutcomeSucceeded}, l.outcomes("waits"))
		require.Zero(t, replacement.started.Load())
		require.Equal(t, 1, m.count("registered added"))
		require.Equal(t, 1, m.count("unregistered removed"))
		s.Start()
		synctest.Wait()
		require.Equal(t, 1, replacement.running(), "the new job runs after Start")
	})
}

// After Shutdown jobs are forgotten for all who ask, though some still run.
func TestSynctestContractJobsDuringAFinalDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithDrain(), WithLimitConcurrentJobs(1, LimitModeWait))
		h := newHoldup(t)
		s.Start()
		j := mustJob(t, s, ages(), h.task)
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
		}
		stopped := background(s.Shutdown)
		require.Nil(t, s.Jobs())
		_, err := s.NewJob(ages(), NewTask(noop))
		require.True(t, err == ErrSchedulerShutdown)
		_, err = s.Update(j.ID(), ages(), NewTask(noop))
		require.True(t, err == ErrSchedulerShutdown)
		require.True(t, s.RemoveJob(j.ID()) == ErrJobNotFound)
		h.open()
		require.NoError(t, <-stopped)
		require.EqualValues(t, 3, h.ended.Load())
	})
}

// A run that waits to be tried again is waited for, and so is one that fails during
// the drain.
func TestSynctestContractADrainLetsRunsBeTriedAgain(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(Scheduler) error) {
		l := &ledger{}
		s := newScheduler(t, WithDrain(), l.option())
		s.Start()
		retry := WithRetry(RetryPolicy{Attempts: 4, Backoff: ConstantBackoff(2 * time.Second)})
		for name, takes := range map[string]time.Duration{"waiting": 0, "running": time.Second} {
			calls := 0
			require.NoError(t, mustJob(t, s, ages(), func() error {
				time.Sleep(takes)
				if calls++; calls < 3 {
					return errContract
				}
				return nil
			}, retry, WithName(name), WithSingletonMode(LimitModeWait)).RunNow())
		}
		synctest.Wait()
		began := time.Now()
		require.NoError(t, stop(s))
		require.Equal(t, 7*time.Second, time.Since(began))
		require.Equal(t, []Outcome{OutcomeSucceeded}, l.outcomes("waiting"))
		require.Equal(t, []Outcome{OutcomeSucceeded}, l.outcomes("running"))
		require.Equal(t, 3, l.of("running")[0].Attempt)
	})
}

// With nothing cut off a stop is a stop: the next Start finds all as ever.
func TestSynctestContractStartAfterADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithDrain(), WithLimitConcurrentJobs(1, LimitModeWait))
		var ran atomic.Int64
		j := mustJob(t, s, DurationJob(time.Minute), func() { time.Sleep(time.Second); ran.Add(1) }, WithIntervalFromCompletion())
		s.Start()
		time.Sleep(time.Minute)
		for i := int64(1); i <= 5; i++ {
			synctest.Wait()
			require.NoError(t, s.StopJobs())
			require.Equal(t, i, ran.Load(), "the run that was in progress")
			time.Sleep(7 * time.Second)
			s.Start()
			require.True(t, nextOf(t, j).Equal(time.Now().Add(53*time.Second)), "counted from its end")
			time.Sleep(53 * time.Second)
		}
	})
}

// What the cut kept a one-time job from comes after the next Start, as after any
// stop; a run that was only to be tried again has been.
func TestSynctestContractOneTimeRunsThatADrainDroppedComeAfterStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithDrain(), WithLimitConcurrentJobs(1, LimitModeWait), WithStopTimeout(time.Second))
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		tries := 0
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() error { tries++; return errContract },
			WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Hour)}))
		synctest.Wait()
		require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.task)
		mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))), h.task)
		time.Sleep(time.Second)
		synctest.Wait()
		require.ErrorIs(t, s.StopJobs(), ErrStopJobsTimedOut)
		s.Start()
		synctest.Wait()
		require.Equal(t, 2, s.JobsWaitingInQueue(), "the blocker has its slot still")
		blocker.open()
		synctest.Wait()
		require.Equal(t, 1, h.running())
		require.Equal(t, 1, s.JobsWaitingInQueue())
		h.open()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.EqualValues(t, 2, h.ended.Load())
		require.Equal(t, 1, tries)
	})
}

func TestSynctestContractALimitedJobLeavesDuringADrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithDrain(), WithLimitConcurrentJobs(1, LimitModeWait), WithSchedulerMonitor(m))
		s.Start()
		j := mustJob(t, s, ages(), sleepTask(time.Second), WithLimitedRuns(2), WithName("it"))
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		require.Empty(t, s.Jobs())
		events := m.events()
		require.Equal(t, []string{"unregistered it", "scheduler-stopped"}, events[len(events)-2:])
	})
}

func TestSynctestContractWithoutDrainWaitingRunsAreDropped(t *testing.T) {
	eachStop(t, func(t *testing.T, stop func(Scheduler) error) {
		l := &ledger{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), l.option())
		h := newHoldup(t)
		s.Start()
		var ctx context.Context
		j := mustJob(t, s, ages(), func(c context.Context) { ctx = c; h.task() }, WithName("it"))
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		stopped := background(func() error { return stop(s) })
		require.Equal(t, []Outcome{OutcomeCancelled}, l.outcomes("it"))
		require.ErrorIs(t, ctx.Err(), context.Canceled)
		require.True(t, <-stopped == ErrStopJobsTimedOut)
	})
}
