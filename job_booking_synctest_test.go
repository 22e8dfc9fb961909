//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Monotonic clocks of different machines have nothing in common, so no start keeps its
// reading. Times in a bubble have none, so this is on the real clock.
func TestSynctestClaimsAreDueByTheWallClock(t *testing.T) {
	taken := ClaimerFrom(func(context.Context, string, time.Time) (Lock, error) { return nil, errors.New("taken") })
	s := newScheduler(t, WithDistributedLocker(taken))
	s.Start()
	start := WithStartAt(WithStartDateTimePast(time.Now().Add(-90 * time.Second)))
	for _, j := range []Job{mustJob(t, s, DurationJob(time.Minute), func() {}, WithName("j")), mustJob(t, s, DurationJob(time.Minute), func() {}, WithName("k"), start)} {
		j := j.(*internalJob)
		j.s.mu.Lock()
		byWall, next := j.dueByWall, j.next
		j.s.mu.Unlock()
		require.True(t, byWall)
		require.False(t, hasMonotonic(next))
	}
}
