//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// These are what random programs have found.

// A stop keeps a run that makes up for a missed time from beginning. What came after that time and
// has an outcome does not get another one after the next Start.
func TestSynctestACatchUpThatAStopDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
		other := p.job(gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Minute) }, gocron.WithName("b"))
		p.s.Start()
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.StopJobs())
		time.Sleep(time.Minute)
		require.NoError(t, p.c.Pause(j.ID()))
		p.s.Start()
		require.NoError(t, other.RunNow())
		time.Sleep(2 * time.Minute)
		require.NoError(t, other.RunNow())
		require.NoError(t, p.c.Resume(j.ID())) // 2m0s waits for the slot
		require.Equal(t, []string{"succeeded schedule 1m0s", "paused schedule 3m0s", "succeeded run-now 2m30s", "paused schedule 4m0s"}, p.told())
		_ = p.s.StopJobs() // the other job does not end
		time.Sleep(time.Minute)
		p.told()
		p.s.Start()
		require.Equal(t, []string{"succeeded catch-up 2m0s", "succeeded catch-up 5m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}
