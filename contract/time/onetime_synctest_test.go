//go:build go1.25

package time_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestTimeSynctestOneTimeInstantsANanosecondApartAllRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler()
		require.NoError(t, err)
		defer s.Shutdown()
		var times []time.Time
		for i := 0; i < 100; i++ {
			times = append(times, time.Now().Add(time.Second+time.Duration(i)))
		}
		var log rig.Log
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...)), func() { log.Add(time.Now()) })
		s.Start()
		require.Len(t, rig.NextsOf(t, j, 1000), 100)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, 100, log.Len())
		require.Equal(t, time.Time{}, rig.NextOf(t, j))
	})
}

// The dispatch of one instant takes longer than it is to the next ones.
func TestTimeSynctestOneTimeInstantsCloserThanTheRunsAllRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		require.NoError(t, err)
		defer s.Shutdown()
		now := time.Now()
		var log rig.Log
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(now.Add(1), now.Add(2), now.Add(3))), func() {
			time.Sleep(time.Second)
			log.Add(time.Now())
		}, gocron.WithLimitedRuns(3))
		s.Start()
		time.Sleep(10 * time.Second)
		require.Equal(t, 3, log.Len())
		require.Empty(t, s.Jobs())
	})
}
