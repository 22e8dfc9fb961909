//go:build go1.25

package time_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// In a bubble real time is the bubble's, and the injected clock stands still.
func TestTimeSynctestStopTimeoutIsOnRealTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rig.Now)
		s, err := gocron.NewScheduler(gocron.WithClock(clock), gocron.WithStopTimeout(3*time.Second))
		require.NoError(t, err)
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(time.Minute) })
		s.Start()
		synctest.Wait()
		began := time.Now()
		require.Equal(t, gocron.ErrStopJobsTimedOut, s.StopJobs())
		require.Equal(t, 3*time.Second, time.Since(began))
		require.Equal(t, gocron.ErrStopJobsTimedOut, s.Shutdown())
		require.Equal(t, 6*time.Second, time.Since(began))
		time.Sleep(time.Minute)
		require.NoError(t, s.Shutdown(), "all is done")
	})
}

// A stop that waits has one waiter on the clock, and jobs have none meanwhile.
func TestTimeSynctestStopHasAWaiterOfTheClockWhileItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(rig.Now)
		locker := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			return rig.UnlockFunc(func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }), nil
		})
		s, err := gocron.NewScheduler(gocron.WithClock(clock), gocron.WithDistributedLocker(locker), gocron.WithStopTimeout(time.Hour))
		require.NoError(t, err)
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(time.Minute) })
		s.Start()
		synctest.Wait()
		stopped := make(chan error)
		go func() { stopped <- s.StopJobs() }()
		for i := 0; i < 2; i++ { // during the task, and during the unlock
			synctest.Wait()
			require.NoError(t, clock.BlockUntilContext(context.Background(), 1))
			require.Error(t, clock.BlockUntilContext(rig.EndedContext(), 2))
			time.Sleep(time.Minute + time.Second)
		}
		require.NoError(t, <-stopped, "the unlock has a deadline on real time")
		require.NoError(t, clock.BlockUntilContext(context.Background(), 0))
		require.NoError(t, s.Shutdown())
	})
}

// The stop timeout is on the scheduler's clock as well as on real time.
func TestTimeSynctestAFakeClockEndsAStop(t *testing.T) {
	for name, stop := range map[string]func(gocron.Scheduler) error{"stop": gocron.Scheduler.StopJobs, "shutdown": gocron.Scheduler.Shutdown} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClockAt(rig.Now)
				s := rig.NewScheduler(t, gocron.WithClock(clock), gocron.WithStopTimeout(time.Hour))
				h := rig.NewHoldup(t)
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task)
				s.Start()
				synctest.Wait()
				stopped := rig.InBackground(func() error { return stop(s) })
				synctest.Wait()
				clock.Advance(time.Hour)
				require.True(t, <-stopped == gocron.ErrStopJobsTimedOut)
				require.NoError(t, clock.BlockUntilContext(context.Background(), 0))
				h.Open()
				require.NoError(t, stop(s))
			})
		})
	}
}

func TestTimeSynctestDelaysOnTheRealClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		monitor := &rig.TimesMonitor{}
		s, err := gocron.NewScheduler(gocron.WithSchedulerMonitor(monitor), gocron.WithMonitorStatus(monitor), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		require.NoError(t, err)
		began := time.Now()
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(3 * time.Second) })
		late := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(began.Add(time.Second))), func() { time.Sleep(5 * time.Second) })
		s.Start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2*time.Second, monitor.Began.Sub(monitor.Due), "it waited")
		require.Equal(t, 5*time.Second, monitor.Took)
		last, err := late.LastRunStartedAt()
		require.NoError(t, err)
		require.Equal(t, 3*time.Second, last.Sub(began))
		require.NoError(t, s.Shutdown())
	})
}

// Runs on the real clock happen when they are due, to the nanosecond.
func TestTimeSynctestRunsOnTheRealClockAgreeWithNextRuns(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				if name == "one-time" {
					definition = gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Hour)))
				}
				s, err := gocron.NewScheduler()
				require.NoError(t, err)
				var log rig.Log
				j := rig.MustJob(t, s, definition, func() { log.Add(time.Now()) })
				s.Start()
				announced := rig.NextsOf(t, j, 3)
				time.Sleep(time.Until(announced[len(announced)-1]))
				synctest.Wait()
				rig.RequireInstants(t, announced, log.All())
				require.NoError(t, s.Shutdown())
			})
		})
	}
}
