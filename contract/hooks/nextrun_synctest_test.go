//go:build go1.25

package hooks_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A later attempt is one for the time at which its run was due.
func TestSynctestHooksNextRunInABeforeListenerOfALaterAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		start := time.Now()
		var j gocron.Job
		var got [][]time.Time
		j = rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Answering(rig.ErrTest, rig.ErrTest, nil).Task, rig.Retries(3, time.Minute),
			gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { got = append(got, rig.NextsOf(t, j, 2)) })))
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
