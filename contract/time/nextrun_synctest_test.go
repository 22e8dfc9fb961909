//go:build go1.25

package time_test

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestTimeSynctestNextRunPolledWhileRunsFireIsNeverPast(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{
		"unlimited": nil,
		"queue":     {gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait)},
		"skip":      {gocron.WithLimitConcurrentJobs(2, gocron.LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := gocron.NewScheduler(options...)
				require.NoError(t, err)
				var runs atomic.Int64
				task := func() { runs.Add(1); time.Sleep(3 * time.Millisecond) }
				jobs := []gocron.Job{
					rig.MustJob(t, s, gocron.DurationJob(5*time.Millisecond), task),
					rig.MustJob(t, s, gocron.DurationRandomJob(time.Millisecond, 9*time.Millisecond), task),
					rig.MustJob(t, s, gocron.DurationJob(5*time.Millisecond), task, gocron.WithSingletonMode(gocron.LimitModeReschedule)),
					rig.MustJob(t, s, gocron.DurationJob(5*time.Millisecond), task, gocron.WithIntervalFromCompletion()),
					rig.MustJob(t, s, gocron.CronJob("* * * * * *", true), task),
				}
				s.Start()
				for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
					for i, j := range jobs {
						// At this very instant the scheduler may or may not
						// have looked: both have to be right.
						now := time.Now()
						for _, next := range append(rig.NextsOf(t, j, 1), rig.NextOf(t, j)) {
							require.True(t, next.IsZero() || !next.Before(now), "job %d: %v at %v", i, next, now)
						}
					}
				}
				require.Greater(t, runs.Load(), int64(500))
				require.NoError(t, s.Shutdown())
			})
		})
	}
}
