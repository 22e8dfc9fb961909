//go:build go1.25

package gocron

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimeSynctestNextRunPolledWhileRunsFireIsNeverPast(t *testing.T) {
	for name, options := range map[string][]SchedulerOption{
		"unlimited": nil,
		"queue":     {WithLimitConcurrentJobs(2, LimitModeWait)},
		"skip":      {WithLimitConcurrentJobs(2, LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, err := NewScheduler(options...)
				require.NoError(t, err)
				var runs atomic.Int64
				task := func() { runs.Add(1); time.Sleep(3 * time.Millisecond) }
				jobs := []Job{
					mustJob(t, s, DurationJob(5*time.Millisecond), task),
					mustJob(t, s, DurationRandomJob(time.Millisecond, 9*time.Millisecond), task),
					mustJob(t, s, DurationJob(5*time.Millisecond), task, WithSingletonMode(LimitModeReschedule)),
					mustJob(t, s, DurationJob(5*time.Millisecond), task, WithIntervalFromCompletion()),
					mustJob(t, s, CronJob("* * * * * *", true), task),
				}
				s.Start()
				for end := time.Now().Add(3 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
					for i, j := range jobs {
						// At this very instant the scheduler may or may not
						// have looked: both have to be right.
						now := time.Now()
						for _, next := range append(nextsOf(t, j, 1), nextOf(t, j)) {
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
