//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A catch-up run waits for a slot when its job is paused. Its occurrence was missed before the pause,
// so it waits for Resume, as those do of which no run was made yet.
func TestSynctestACatchUpRunThatWaitsAtAPause(t *testing.T) {
	for name, stored := range map[string]bool{"with a store": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := gocron.NewMemoryStore()
				options := []gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}
				if stored {
					options = append(options, gocron.WithStore(store))
				}
				p := newProcess(t, time.Now(), options...)
				j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
				long := p.job(gocron.ManualJob(), func() { time.Sleep(30 * time.Second) }, gocron.WithName("long"))
				p.s.Start()
				require.NoError(t, p.s.StopJobs())
				time.Sleep(125 * time.Second)
				p.s.Start()
				require.NoError(t, long.RunNow())
				synctest.Wait()
				require.NoError(t, p.c.Pause(j.ID()))
				require.Equal(t, []string{"paused catch-up 1m0s"}, p.told())
				time.Sleep(time.Minute) // 3m falls due
				require.Equal(t, []string{"succeeded run-now 2m5s", "paused schedule 3m0s"}, p.told())
				require.NoError(t, p.c.Resume(j.ID()))
				require.ElementsMatch(t, []string{"succeeded catch-up 1m0s", "succeeded catch-up 2m0s"}, p.told())
				time.Sleep(time.Minute)
				require.Equal(t, []string{"succeeded schedule 4m0s"}, p.told())
				require.NoError(t, p.s.Shutdown())
				if stored {
					require.Equal(t, []string{"1m0s succeeded", "2m0s succeeded", "3m0s paused", "4m0s succeeded"}, p.timesOf(store, "a"))
				}
			})
		})
	}
}
