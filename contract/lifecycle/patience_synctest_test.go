//go:build go1.25

package lifecycle_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// The last run has its outcome just when the stop timeout ends, and a hook goes on after it.
func TestSynctestContractLifecycleStopThatDrainsNeverWaitsLongerThanItsTimeout(t *testing.T) {
	for i := 0; i < 50; i++ {
		synctest.Test(t, func(t *testing.T) {
			s := rig.NewScheduler(t, gocron.WithDrain(), gocron.WithStopTimeout(time.Second), gocron.WithHooks(gocron.Hooks{RunFinished: func(gocron.RunInfo) { time.Sleep(time.Hour) }}))
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(time.Second) })
			s.Start()
			began := time.Now()
			require.ErrorIs(t, s.StopJobs(), gocron.ErrStopJobsTimedOut)
			require.Equal(t, time.Second, time.Since(began))
			time.Sleep(time.Hour)
		})
	}
}

// Runs of two sessions end: those of the first just when the stop timeout does.
func TestSynctestContractLifecycleStopOfTwoSessionsNeverWaitsLongerThanItsTimeout(t *testing.T) {
	for i := 0; i < 50; i++ {
		synctest.Test(t, func(t *testing.T) {
			s, err := gocron.NewScheduler(gocron.WithStopTimeout(time.Second))
			require.NoError(t, err)
			began := time.Now()
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(2 * time.Second) })
			s.Start()
			synctest.Wait()
			require.ErrorIs(t, s.StopJobs(), gocron.ErrStopJobsTimedOut)
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(time.Hour) })
			s.Start()
			synctest.Wait()
			require.ErrorIs(t, s.StopJobs(), gocron.ErrStopJobsTimedOut)
			require.Equal(t, 2*time.Second, time.Since(began))
			time.Sleep(time.Hour)
			require.NoError(t, s.Shutdown())
		})
	}
}
