//go:build go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// The instants that have come, and that the scheduler has not got to, take the limited runs.
func TestSynctestTimeNextRunOfALimitedOneTimeJobBeforeTheSchedulerGotToIt(t *testing.T) {
	for _, tt := range []struct {
		limit  uint
		passed time.Duration
		want   int // which instant is next, from 1; 0 for none
	}{
		{1, time.Hour + 1, 0},
		{2, time.Hour + 1, 2},
		{2, 2*time.Hour + 1, 0},
		{3, 2*time.Hour + 1, 3},
	} {
		for _, paused := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClock()
				s := newScheduler(t, WithClock(clock)).(*scheduler)
				now := clock.Now()
				instants := []time.Time{now.Add(time.Hour), now.Add(2 * time.Hour), now.Add(3 * time.Hour)}
				j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(instants...)), noop, WithLimitedRuns(tt.limit))
				s.Start()
				if paused {
					require.NoError(t, NewController(s).Pause(j.ID()))
				}
				synctest.Wait()
				s.mu.Lock()
				clock.Advance(tt.passed)
				seen := s.jobs[j.ID()].nextSeen(clock.Now())
				s.mu.Unlock()
				synctest.Wait()
				next := time.Time{}
				if s.jobs[j.ID()] != nil {
					var err error
					next, err = j.NextRun()
					require.NoError(t, err)
				}
				require.Equal(t, next, seen, "limit %d, paused %v", tt.limit, paused)
				if !paused {
					require.Equal(t, append([]time.Time{{}}, instants...)[tt.want], seen)
				}
			})
		}
	}
}
