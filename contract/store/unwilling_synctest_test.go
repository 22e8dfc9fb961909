//go:build go1.25

package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A hangingStore hangs, while hangs is set, until the context of a call ends.
type hangingStore struct {
	*gocron.MemoryStore
	hangs atomic.Bool
}

func (h *hangingStore) hang(ctx context.Context) error {
	if h.hangs.Load() {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (h *hangingStore) Write(ctx context.Context, runs []gocron.StoredRun, jobs []gocron.StoredJob) ([]string, error) {
	if err := h.hang(ctx); err != nil {
		return nil, err
	}
	return h.MemoryStore.Write(ctx, runs, jobs)
}

func (h *hangingStore) Release(ctx context.Context) error {
	if err := h.hang(ctx); err != nil {
		return err
	}
	return h.MemoryStore.Release(ctx)
}

// Shutdown waits for a store up to the stop timeout, and no longer.
func TestSynctestShutdownDoesNotWaitForAStoreThatHangs(t *testing.T) {
	for name, written := range map[string]bool{"in Release": true, "in Write": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &hangingStore{MemoryStore: gocron.NewMemoryStore()}
				p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithStopTimeout(5*time.Second))
				j := p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("a"))
				p.s.Start()
				synctest.Wait()
				store.hangs.Store(true)
				if !written {
					require.NoError(t, p.c.Pause(j.ID()))
				}
				synctest.Wait()
				began := time.Now()
				require.ErrorIs(t, p.s.Shutdown(), gocron.ErrStopJobsTimedOut)
				require.Equal(t, 5*time.Second, time.Since(began))
				ctx, cancel := context.WithTimeout(context.Background(), time.Second)
				defer cancel()
				require.ErrorIs(t, p.s.ShutdownWithContext(ctx), context.DeadlineExceeded)
				require.Equal(t, 6*time.Second, time.Since(began), "it has not been given back")
				store.hangs.Store(false)
				time.Sleep(2 * time.Minute)
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}
