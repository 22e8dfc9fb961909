//go:build go1.25

package store_test

import (
	"context"
	"fmt"
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

// A run waits for the store to make its second attempt. What is known of the first stays.
func TestSynctestAnAttemptThatWaitsForTheStore(t *testing.T) {
	for name, c := range map[string]struct {
		down     time.Duration
		policy   gocron.StoreDownPolicy
		told     string
		outcomes []string
	}{
		"back in time": {30 * time.Second, gocron.StoreDownSkip, "succeeded retry 1h0m0s attempt 2", []string{"1 failed", "2 succeeded"}},
		"skip":         {5 * time.Minute, gocron.StoreDownSkip, "failed schedule 1h0m0s", []string{"1 failed", "2 cancelled"}},
		"run":          {5 * time.Minute, gocron.StoreDownRun, "succeeded retry 1h0m0s attempt 2", []string{"1 failed", "2 succeeded"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &faultyStore{MemoryStore: gocron.NewMemoryStore()}
				p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithStoreDown(c.policy, time.Minute))
				attempts := 0
				task := func() error {
					if attempts++; attempts == 1 {
						return errTask
					}
					return nil
				}
				p.job(gocron.DurationJob(time.Hour), task, gocron.WithName("a"),
					gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration { return 20 * time.Second }}))
				p.s.Start()
				time.Sleep(time.Hour + time.Second)
				store.down.Store(true)
				time.Sleep(20*time.Second + c.down)
				store.down.Store(false)
				time.Sleep(30 * time.Second)
				require.Equal(t, []string{c.told}, p.told())
				require.NoError(t, p.s.Shutdown())
				var outcomes []string
				for _, row := range historyOf(t, store.MemoryStore, "a") {
					outcomes = append([]string{fmt.Sprint(row.Attempt, " ", row.Outcome)}, outcomes...)
					require.True(t, row.RetryAt.IsZero())
					if row.Attempt == 1 {
						require.Equal(t, errTask.Error(), row.Error)
						require.Equal(t, row.BegunAt, row.EndedAt, "the task takes no time")
					}
				}
				require.Equal(t, c.outcomes, outcomes)
			})
		})
	}
}
