//go:build go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTimeSynctestOneTimeInstantsANanosecondApartAllRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewScheduler()
		require.NoError(t, err)
		defer s.Shutdown()
		var times []time.Time
		for i := 0; i < 100; i++ {
			times = append(times, time.Now().Add(time.Second+time.Duration(i)))
		}
		var log rigLog
		j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(times...)), func() { log.add(time.Now()) })
		s.Start()
		require.Len(t, nextsOf(t, j, 1000), 100)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, 100, log.len())
		require.Equal(t, time.Time{}, nextOf(t, j))
	})
}

// The dispatch of one instant takes longer than it is to the next ones.
func TestTimeSynctestOneTimeInstantsCloserThanTheRunsAllRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewScheduler(WithLimitConcurrentJobs(1, LimitModeWait))
		require.NoError(t, err)
		defer s.Shutdown()
		now := time.Now()
		var log rigLog
		mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(now.Add(1), now.Add(2), now.Add(3))), func() {
			time.Sleep(time.Second)
			log.add(time.Now())
		}, WithLimitedRuns(3))
		s.Start()
		time.Sleep(10 * time.Second)
		require.Equal(t, 3, log.len())
		require.Empty(t, s.Jobs())
	})
}
