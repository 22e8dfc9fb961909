//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// In a bubble real time is the bubble's, and the injected clock stands still.
func TestTimeSynctestStopTimeoutIsOnRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rigNow)
		s, err := NewScheduler(WithClock(clock), WithStopTimeout(3*time.Second))
		require.NoError(t, err)
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { time.Sleep(time.Minute) })
		s.Start()
		synctest.Wait()
		began := time.Now()
		require.Equal(t, ErrStopJobsTimedOut, s.StopJobs())
		require.Equal(t, 3*time.Second, time.Since(began))
		require.Equal(t, ErrStopJobsTimedOut, s.Shutdown())
		require.Equal(t, 6*time.Second, time.Since(began))
		time.Sleep(time.Minute)
		require.NoError(t, s.Shutdown(), "all is done")
	})
}

// A stop that waits has one waiter on the clock, and jobs have none meanwhile.
func TestTimeSynctestStopHasAWaiterOfTheClockWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rigNow)
		locker := lockFunc(func(context.Context, string) (Lock, error) {
			return unlockFunc(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), nil
		})
		s, err := NewScheduler(WithClock(clock), WithDistributedLocker(locker), WithStopTimeout(time.Hour))
		require.NoError(t, err)
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { time.Sleep(time.Minute) })
		s.Start()
		synctest.Wait()
		stopped := make(chan error)
		go func() { stopped <- s.StopJobs() }()
		for i := 0; i < 2; i++ { // during the task, and during the unlock
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(context.Background(), 1))
			require.Error(t, clock.BlockUntilContext(endedContext(), 2))
			time.Sleep(time.Minute + time.Second)
		}
		require.NoError(t, <-stopped, "the unlock has a deadline on real time")
		require.NoError(t, clock.BlockUntilContext(context.Background(), 0))
		require.NoError(t, s.Shutdown())
	})
}

// The stop timeout is on the scheduler's clock as well as on real time.
func TestTimeSynctestAFakeClockEndsAStop(t *testing.T) {
	for name, stop := range map[string]func(Scheduler) error{"stop": Scheduler.StopJobs, "shutdown": Scheduler.Shutdown} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClockAt(rigNow)
				s := newScheduler(t, WithClock(clock), WithStopTimeout(time.Hour))
				h := newHoldup(t)
				mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.task)
				s.Start()
				synctest.Wait()
				stopped := background(func() error { return stop(s) })
				synctest.Wait()
				clock.Advance(time.Hour)
				require.True(t, <-stopped == ErrStopJobsTimedOut)
				require.NoError(t, clock.BlockUntilContext(context.Background(), 0))
				h.open()
				require.NoError(t, stop(s))
			})
		})
	}
}

func TestTimeSynctestDelaysOnTheRealClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor := &clockMonitor{}
		s, err := NewScheduler(WithSchedulerMonitor(monitor), WithMonitorStatus(monitor), WithLimitConcurrentJobs(1, LimitModeWait))
		require.NoError(t, err)
		began := time.Now()
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { time.Sleep(3 * time.Second) })
		late := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(began.Add(time.Second))), func() { time.Sleep(5 * time.Second) })
		s.Start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2*time.Second, monitor.began.Sub(monitor.due), "it waited")
		require.Equal(t, 5*time.Second, monitor.took)
		last, err := late.LastRunStartedAt()
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, last.Sub(began))
		require.NoError(t, s.Shutdown())
	})
}

// Runs on the real clock happen when they are due, to the nanosecond.
func TestTimeSynctestRunsOnTheRealClockAgreeWithNextRuns(t *testing.T) {
	for name, definition := range everyKind() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if name == "one-time" {
					definition = OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Hour)))
				}
				s, err := NewScheduler()
				require.NoError(t, err)
				var log rigLog
				j := mustJob(t, s, definition, func() { log.add(time.Now()) })
				s.Start()
				announced := nextsOf(t, j, 3)
				time.Sleep(time.Until(announced[len(announced)-1]))
				synctest.Wait()
				requireInstants(t, announced, log.all())
				require.NoError(t, s.Shutdown())
			})
		})
	}
}
