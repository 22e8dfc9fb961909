//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// Who gives a Wait up leaves nothing behind, also when the job is never idle, and when it was
// replaced in the meantime.
func TestSynctestWaitsThatAreGivenUpAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		c := NewController(s)
		end := make(chan struct{})
		j := mustJob(t, s, DurationJob(1000*time.Hour), func() { <-end })
		s.Start()
		require.NoError(t, j.RunNow())
		patient := make(chan error, 1)
		go func() { patient <- c.Wait(context.Background(), j.ID()) }()
		synctest.Wait()
		for range 10 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			require.ErrorIs(t, c.Wait(ctx, j.ID()), context.DeadlineExceeded)
			cancel()
		}
		require.Len(t, j.(*internalJob).rare.idle, 1)

		ctx, cancel := context.WithCancel(context.Background())
		impatient := make(chan error, 1)
		go func() { impatient <- c.Wait(ctx, j.ID()) }()
		synctest.Wait()
		newer, err := s.Update(j.ID(), DurationJob(1000*time.Hour), NewTask(func() {}))
		require.NoError(t, err)
		cancel()
		require.ErrorIs(t, <-impatient, context.Canceled)
		require.Len(t, newer.(*internalJob).rare.idle, 1)
		close(end)
		require.NoError(t, <-patient)
	})
}
