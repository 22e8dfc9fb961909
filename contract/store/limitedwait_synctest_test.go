//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// beginsFail is a store that can write all but the begins of runs.
type beginsFail struct {
	*gocron.MemoryStore
	fails atomic.Bool
}

func (b *beginsFail) Begin(ctx context.Context, run gocron.StoredRun) (bool, error) {
	if b.fails.Load() {
		return false, errors.New("disk full")
	}
	return b.MemoryStore.Begin(ctx, run)
}

// Limited runs wait for the store when the process is killed. They have not begun, so they are left.
func TestSynctestLimitedRunsThatWaitForTheStoreAreLeftAfterAKill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &beginsFail{MemoryStore: gocron.NewMemoryStore()}
		p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithStoreDown(gocron.StoreDownSkip, time.Hour))
		add := func(p *process) {
			p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithLimitedRuns(3))
		}
		add(p)
		other := p.job(gocron.DurationJob(10*time.Second), nothing, gocron.WithName("b")) // so that rows are written
		require.NoError(t, p.c.Pause(other.ID()))
		p.s.Start()
		time.Sleep(65 * time.Second)
		require.Contains(t, p.told(), "succeeded schedule 1m0s")
		store.fails.Store(true)
		time.Sleep(2 * time.Minute)
		next := newProcess(t, p.began, gocron.WithStore(p.kill(store.MemoryStore)))
		p.told()
		add(next)
		next.s.Start()
		time.Sleep(time.Hour)
		require.Equal(t, []string{"missed 2 2m0s..3m0s", "succeeded schedule 4m0s", "succeeded schedule 5m0s"}, next.told())
		require.NoError(t, next.s.Shutdown())
	})
}
