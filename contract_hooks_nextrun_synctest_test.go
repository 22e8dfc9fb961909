//go:build go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A later attempt is one for the time at which its run was due.
func TestSynctestHooksNextRunInABeforeListenerOfALaterAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		start := time.Now()
		var j Job
		var got [][]time.Time
		j = mustJob(t, s, DurationJob(time.Hour), answering(errContract, errContract, nil).task, retries(3, time.Minute),
			WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) { got = append(got, nextsOf(t, j, 2)) })))
		s.Start()
		time.Sleep(90 * time.Minute)
		synctest.Wait()
		require.Len(t, got, 3)
		for _, times := range got {
			require.Len(t, times, 2)
			require.True(t, times[0].Equal(start.Add(time.Hour)))
			require.True(t, times[1].Equal(start.Add(2*time.Hour)))
		}
	})
}
