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

// slowAtFirst takes its time for the first begin, and then cannot write it.
type slowAtFirst struct {
	*gocron.MemoryStore
	asked atomic.Bool
}

func (f *slowAtFirst) Begin(ctx context.Context, run gocron.StoredRun) (bool, error) {
	if f.asked.Swap(true) {
		return f.MemoryStore.Begin(ctx, run)
	}
	time.Sleep(20 * time.Second)
	return false, errors.New("down")
}

// The begin of a run fails while its job, which was removed, is to be forgotten. A job that gets the name then
// is another one: the run gives nothing back to its limit.
func TestSynctestARunOfAForgottenJobIsNoneOfTheNextOnesLimit(t *testing.T) {
	for name, updates := range map[string]bool{"removed": false, "updated and removed": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &slowAtFirst{MemoryStore: gocron.NewMemoryStore()}
				p := newProcess(t, time.Now(), gocron.WithStore(store))
				limited := []gocron.JobOption{gocron.WithName("a"), gocron.WithLimitedRuns(2)}
				j := p.job(gocron.DurationJob(time.Minute), nothing, limited...)
				p.s.Start()
				time.Sleep(65 * time.Second) // the store is asked about 1m
				if updates {
					_, err := p.s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(nothing), limited...)
					require.NoError(t, err)
				}
				require.NoError(t, p.s.RemoveJob(j.ID()))
				require.NoError(t, p.c.Forget(context.Background(), "a"))
				p.job(gocron.DurationJob(time.Minute), nothing, limited...)
				time.Sleep(5 * time.Minute)
				require.Equal(t, []string{"store-down schedule 1m0s", "succeeded schedule 2m20s", "succeeded schedule 3m20s"}, p.told())
				require.Empty(t, p.s.Jobs())
				require.NoError(t, p.s.Shutdown())
				require.Equal(t, []string{"2m20s succeeded", "3m20s succeeded"}, p.outcomesOf(store.MemoryStore, "a"))
			})
		})
	}
}

// slowToForget takes its time to forget a job.
type slowToForget struct{ *gocron.MemoryStore }

func (f slowToForget) Forget(ctx context.Context, job string) error {
	time.Sleep(time.Second)
	return f.MemoryStore.Forget(ctx, job)
}

// A name that is just being forgotten is taken: what a new job writes would be forgotten as well.
func TestSynctestANameThatIsBeingForgottenIsTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, named := gocron.NewMemoryStore(), gocron.WithName("a")
		p := newProcess(t, time.Now(), gocron.WithStore(slowToForget{store}))
		j := p.job(gocron.DurationJob(time.Minute), nothing, named)
		p.s.Start()
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		forgotten := make(chan error)
		go func() { forgotten <- p.c.Forget(context.Background(), "a") }()
		time.Sleep(500 * time.Millisecond)
		_, err := p.s.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(nothing), named)
		require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
		require.NoError(t, <-forgotten)
		p.job(gocron.DurationJob(time.Minute), nothing, named)
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, []string{"2m31s succeeded"}, p.outcomesOf(store, "a"))
	})
}
