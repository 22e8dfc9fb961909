//go:build walltime && go1.25

package time_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestClockOverlaySynctestMovesTheWallClockAlone(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		began := time.Now()
		require.Equal(t, rig.WallStart, began.UTC().Round(0))
		r.Pass(time.Minute)
		r.Step(8 * time.Hour)
		require.Equal(t, time.Minute, time.Since(began))
		require.Equal(t, rig.WallStart.Add(8*time.Hour+time.Minute), r.Now())
		r.Step(-20 * time.Hour)
		r.Pass(time.Minute)
		require.Equal(t, 2*time.Minute, time.Since(began))
		require.Equal(t, rig.WallStart.Add(-12*time.Hour+2*time.Minute), r.Now())
	})
}
