//go:build go1.25

package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// Once all is done, the store given back included, a Shutdown returns nil, whatever its context.
func TestSynctestAShutdownAfterAllIsDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(90 * time.Second)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		require.Equal(t, context.Canceled, p.s.ShutdownWithContext(ended))
		synctest.Wait()
		require.NoError(t, p.s.ShutdownWithContext(ended))
		require.NoError(t, p.s.Shutdown())
		require.NoError(t, p.s.ShutdownWithContext(ended))
	})
}
