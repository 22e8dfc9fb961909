//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

func TestSynctestAZeroMemoryStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(new(gocron.MemoryStore)))
		p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(61 * time.Minute)
		require.Equal(t, []string{"succeeded schedule 1h0m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}
