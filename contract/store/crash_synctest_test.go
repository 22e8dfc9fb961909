//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

func TestSynctestNothingIsMissedOnceLimitedRunsAreUsedUp(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func() {
			p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithLimitedRuns(2))
			p.s.Start()
		}
		add()
		time.Sleep(150 * time.Second)
		for range 2 {
			p, store = p.restart(store, kill)
			time.Sleep(10 * time.Minute)
			add()
			require.NotContains(t, p.told(), "missed")
		}
		require.NoError(t, p.s.Shutdown())
		rows, err := store.History(context.Background(), "a", time.Time{}, time.Time{}, 0)
		require.NoError(t, err)
		require.Len(t, rows, 2)
	})
}

// A slowStore begins runs, and writes nothing of what is written behind them.
type slowStore struct{ *gocron.MemoryStore }

func (slowStore) Write(context.Context, []gocron.StoredRun, []gocron.StoredJob) ([]string, error) {
	return nil, errors.New("the disk is slow")
}

// A process is killed before it has written that the attempt was interrupted which it makes again.
// So several attempts of a run have no end, and when the last one has, the others must not be found
// again.
func TestSynctestOnlyTheLastOfInterruptedAttemptsIsMadeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, began := gocron.NewMemoryStore(), time.Now()
		var p *process
		start := func(store gocron.Store, task any) {
			p = newProcess(t, began, gocron.WithStore(store))
			p.job(gocron.DurationJob(time.Minute), task, gocron.WithName("a"), gocron.WithRerunInterrupted(5))
			p.s.Start()
		}
		long := func() { time.Sleep(30 * time.Second) }
		start(store, long)
		time.Sleep(61 * time.Second)
		store = p.kill(store)
		start(slowStore{store}, long) // the second attempt
		time.Sleep(time.Second)
		store = p.kill(store)
		start(store, nothing)
		require.Equal(t, []string{"succeeded retry 1m0s attempt 3"}, p.told())
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"succeeded schedule 2m0s", "succeeded schedule 3m0s"}, p.told())
		store = p.kill(store)
		start(store, nothing)
		require.Empty(t, p.told())
		rows, err := store.History(context.Background(), "a", began, began.Add(time.Minute), 0)
		require.NoError(t, err)
		require.Len(t, rows, 3)
		for _, row := range rows {
			require.False(t, row.EndedAt.IsZero(), "%+v", row)
		}
		require.NoError(t, p.s.Shutdown())
		time.Sleep(time.Minute)
	})
}
