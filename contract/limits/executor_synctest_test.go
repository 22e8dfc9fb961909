//go:build go1.25

package limits_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A stop waits for the run and not longer, and costs no time of its own.
func TestSynctestExecutorStopTakesAsLongAsTheRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler(gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
		require.NoError(t, err)
		for i := 1; i <= 4; i++ {
			nap := time.Duration(i) * time.Second
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(nap) })
		}
		s.Start()
		synctest.Wait()
		before := time.Now()
		require.NoError(t, s.StopJobs())
		require.Equal(t, 2*time.Second, time.Since(before), "the two that were running took one second and two")
		s.Start()
		synctest.Wait()
		require.NoError(t, s.Shutdown())
		require.Equal(t, 6*time.Second, time.Since(before), "then the two that had been queued")
	})
}

// Runs of one job that its gate holds up do not keep those of others from a
// slot that is free.
func TestSynctestExecutorGateHoldsUpOnlyItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler(gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
		require.NoError(t, err)
		began := time.Now()
		var single, other []time.Duration
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() {
			single = append(single, time.Since(began))
			time.Sleep(time.Minute)
		}, gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		for i := 0; i < 3; i++ {
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() {
				other = append(other, time.Since(began))
				time.Sleep(time.Second)
			})
		}
		synctest.Wait()
		require.Equal(t, 4, s.JobsWaitingInQueue(), "two at the gate, two for a slot")
		time.Sleep(4 * time.Minute)
		synctest.Wait()
		require.Equal(t, []time.Duration{0, time.Minute, 2 * time.Minute}, single)
		require.Equal(t, []time.Duration{0, time.Second, 2 * time.Second}, other)
		require.NoError(t, s.Shutdown())
	})
}
