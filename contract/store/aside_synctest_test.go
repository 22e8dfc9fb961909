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

// An asideStore renames and forgets as it is told to.
type asideStore struct {
	*gocron.MemoryStore
	rename, forget func(do func() error) error
}

func (a asideStore) Rename(ctx context.Context, from, to string) error {
	return a.rename(func() error { return a.MemoryStore.Rename(ctx, from, to) })
}

func (a asideStore) Forget(ctx context.Context, job string) error {
	return a.forget(func() error { return a.MemoryStore.Forget(ctx, job) })
}

// slowly does something at once, and says so after some seconds.
func slowly(do func() error) error {
	err := do()
	time.Sleep(5 * time.Second)
	return err
}

// slowlyInVain does nothing, and says so after some seconds.
func slowlyInVain(func() error) error {
	time.Sleep(5 * time.Second)
	return errors.New("down")
}

// inTheMiddle is a process whose job a was removed while its run of 1m is in progress, which ends at
// 1m10s. It is 1m7s now.
func inTheMiddle(t *testing.T, store gocron.Store) *process {
	p := newProcess(t, time.Now(), gocron.WithStore(store))
	j := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(10 * time.Second) }, gocron.WithName("a"))
	p.s.Start()
	time.Sleep(67 * time.Second)
	require.NoError(t, p.s.RemoveJob(j.ID()))
	return p
}

// A run ends while its job is being forgotten, which fails in the end: its outcome is stored.
func TestSynctestAForgetThatFailsLosesNoOutcome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := inTheMiddle(t, asideStore{MemoryStore: store, forget: slowlyInVain})
		require.Error(t, p.c.Forget(context.Background(), "a"))
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, []string{"1m0s succeeded"}, p.outcomesOf(store, "a"))
	})
}

// A run ends while its job is being forgotten: nothing of it is in the store afterwards.
func TestSynctestARunThatEndsWhileItsJobIsBeingForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := inTheMiddle(t, asideStore{MemoryStore: store, forget: slowly})
		require.NoError(t, p.c.Forget(context.Background(), "a"))
		require.NoError(t, p.s.StopJobs())
		require.Empty(t, historyOf(t, store, "a"))
		require.NoError(t, p.s.Shutdown())
		require.Empty(t, historyOf(t, store, "a"))
	})
}

// A run ends while its job is being renamed: the store has it under one of the names, and has nothing
// under the other one. While it is renamed no job gets the former name.
func TestSynctestARunThatEndsWhileItsJobIsBeingRenamed(t *testing.T) {
	for name, c := range map[string]struct {
		rename    func(do func() error) error
		has, none string
	}{
		"renamed":     {slowly, "b", "a"},
		"not renamed": {slowlyInVain, "a", "b"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := gocron.NewMemoryStore()
				p := inTheMiddle(t, asideStore{MemoryStore: store, rename: c.rename})
				add := func(p *process) error {
					_, err := p.s.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(nothing), gocron.WithName("b"), gocron.WithFormerName("a"))
					return err
				}
				added := make(chan error)
				go func() { added <- add(p) }()
				time.Sleep(4 * time.Second)
				for _, taken := range []string{"a", "b"} {
					_, err := p.s.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(nothing), gocron.WithName(taken))
					require.ErrorIs(t, err, gocron.ErrClaimNameTaken)
				}
				require.Equal(t, c.has == "a", <-added != nil)
				require.NoError(t, p.s.Shutdown())
				require.Equal(t, []string{"1m0s succeeded"}, p.outcomesOf(store, c.has))
				require.Empty(t, historyOf(t, store, c.none))
				p, _ = p.restart(store, true)
				require.NoError(t, add(p))
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

// Two forget a name at once, and a job gets it when one of them has: what that writes is not forgotten.
func TestSynctestTwoForgetsOfOneName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := inTheMiddle(t, asideStore{MemoryStore: store, forget: func(do func() error) error {
			time.Sleep(5 * time.Second)
			return do()
		}})
		forgotten := make(chan error, 2)
		for range 2 {
			go func() { forgotten <- p.c.Forget(context.Background(), "a") }()
			time.Sleep(3 * time.Second)
		}
		require.NoError(t, <-forgotten)
		p.job(gocron.DurationJob(time.Second), nothing, gocron.WithName("a"))
		require.NoError(t, <-forgotten)
		time.Sleep(90 * time.Second)
		orphans, err := p.c.OrphanedJobs()
		require.NoError(t, err)
		require.Empty(t, orphans)
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, "1m14s succeeded", p.outcomesOf(store, "a")[0])
	})
}
