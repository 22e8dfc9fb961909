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

// After Shutdown the store may be another scheduler's: nothing is changed there, and no job is an orphan
// because the scheduler has none any more.
func TestSynctestTheStoreIsLeftAloneAfterShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := inTheMiddle(t, store)
		require.NoError(t, p.s.Shutdown())
		_, err := p.s.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(nothing), gocron.WithName("b"), gocron.WithFormerName("a"))
		require.ErrorIs(t, err, gocron.ErrSchedulerShutdown)
		require.ErrorIs(t, p.c.Forget(context.Background(), "a"), gocron.ErrSchedulerShutdown)
		orphans, err := p.c.OrphanedJobs()
		require.ErrorIs(t, err, gocron.ErrSchedulerShutdown)
		require.Empty(t, orphans)
		require.Equal(t, []string{"1m0s succeeded"}, p.outcomesOf(store, "a"))
	})
}

// A job that is refused leaves the store as it was.
func TestSynctestARefusedJobIsNotRenamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := inTheMiddle(t, store)
		_, err := p.s.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(nothing), gocron.WithName("b"), gocron.WithFormerName("a"),
			gocron.WithMiddleware(func(gocron.RunFunc) gocron.RunFunc { return nil }))
		require.Error(t, err)
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, []string{"1m0s succeeded"}, p.outcomesOf(store, "a"))
	})
}
