package rig

import (
	"testing"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// StatsOf are the Stats, which must add up.
func StatsOf(t testing.TB, c *gocron.Controller) gocron.Stats {
	t.Helper()
	stats, err := c.Stats()
	require.NoError(t, err)
	sum := uint64(stats.Running + stats.Waiting + stats.Retrying)
	for o, n := range stats.Outcomes {
		require.NotZero(t, n, "an outcome that none has: %v", o)
		sum += n
	}
	require.Equal(t, stats.Made, sum)
	return stats
}

// OutcomesOf are the outcomes of all finished runs.
func OutcomesOf(t testing.TB, c *gocron.Controller) map[gocron.Outcome]uint64 {
	t.Helper()
	return StatsOf(t, c).Outcomes
}
