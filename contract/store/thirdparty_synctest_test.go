//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"math/rand"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// bareStore has the methods of Store, and no more.
type bareStore struct{ gocron.Store }

// An oddStore hands out rows in an odd order, each twice, with times of another zone and with
// monotonic readings.
type oddStore struct{ *gocron.MemoryStore }

func odd(t time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	now := time.Now()
	return now.Add(t.Sub(now)).In(time.FixedZone("odd", 20745))
}

func (o oddStore) Load(ctx context.Context, job func(gocron.StoredJob) error, run func(gocron.StoredRun) error) error {
	var jobs []gocron.StoredJob
	var runs []gocron.StoredRun
	_ = o.MemoryStore.Load(ctx, func(row gocron.StoredJob) error {
		row.FirstSeen, row.Mark = odd(row.FirstSeen), odd(row.Mark)
		jobs = append(jobs, row, row)
		return nil
	}, func(row gocron.StoredRun) error {
		row.ScheduledAt, row.BegunAt, row.EndedAt, row.RetryAt, row.Until = odd(row.ScheduledAt), odd(row.BegunAt), odd(row.EndedAt), odd(row.RetryAt), odd(row.Until)
		runs = append(runs, row, row)
		return nil
	})
	rand.Shuffle(len(jobs), func(a, b int) { jobs[a], jobs[b] = jobs[b], jobs[a] })
	rand.Shuffle(len(runs), func(a, b int) { runs[a], runs[b] = runs[b], runs[a] })
	for _, row := range runs {
		if err := run(row); err != nil {
			return err
		}
	}
	for _, row := range jobs {
		if err := job(row); err != nil {
			return err
		}
	}
	return nil
}

// Such a store is as good as any.
func TestSynctestAStoreOfOddHabits(t *testing.T) {
	for name, wrap := range map[string]func(*gocron.MemoryStore) gocron.Store{
		"plain": func(m *gocron.MemoryStore) gocron.Store { return m },
		"odd":   func(m *gocron.MemoryStore) gocron.Store { return oddStore{m} },
		"bare":  func(m *gocron.MemoryStore) gocron.Store { return bareStore{m} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, began := gocron.NewMemoryStore(), time.Now()
				var p *process
				start := func(task any) {
					p = newProcess(t, began, gocron.WithStore(wrap(store)), gocron.WithHistory(10))
					p.job(gocron.DurationJob(time.Minute), task, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0), gocron.WithRerunInterrupted(2))
					p.job(gocron.CronJob("*/2 * * * *", false), task, gocron.WithName("b"))
					p.s.Start()
					synctest.Wait()
				}
				start(func() { time.Sleep(70 * time.Second) })
				time.Sleep(125 * time.Second) // two of a are in progress, one of b
				store = p.kill(store)
				time.Sleep(2 * time.Minute)
				start(nothing)
				require.ElementsMatch(t, []string{"succeeded retry 1m0s attempt 2", "succeeded retry 2m0s attempt 2", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s",
					"interrupted schedule 2m0s", "missed 1 4m0s..4m0s"}, p.told())
				time.Sleep(time.Minute)
				require.ElementsMatch(t, []string{"succeeded schedule 5m0s"}, p.told())
				require.NoError(t, p.s.Shutdown())
				require.Equal(t, []string{"1m0s interrupted", "1m0s succeeded", "2m0s interrupted", "2m0s succeeded", "3m0s succeeded", "4m0s succeeded", "5m0s succeeded"}, p.timesOf(store, "a"))
				require.Equal(t, []string{"2m0s interrupted", "4m0s missed"}, p.timesOf(store, "b"))
				time.Sleep(time.Hour)
			})
		})
	}
}

// What nobody can read in a row does no harm.
func TestSynctestRowsThatMakeNoSense(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, store := context.Background(), gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.Shutdown())
		_, err := store.Open(ctx, "x")
		require.NoError(t, err)
		good := historyOf(t, store, "a")[0]
		at := func(d time.Duration) time.Time { return p.began.Add(d) }
		row := func(change func(*gocron.StoredRun)) gocron.StoredRun {
			bad := good
			change(&bad)
			return bad
		}
		_, err = store.Write(ctx, []gocron.StoredRun{
			row(func(r *gocron.StoredRun) {
				r.Run, r.ScheduledAt, r.Outcome, r.Trigger = "x1", at(2*time.Minute), "what", "why"
			}),
			row(func(r *gocron.StoredRun) {
				r.Run, r.ScheduledAt, r.Outcome, r.RetryAt = "x2", at(3*time.Minute), "what", at(200*time.Second)
			}),
			row(func(r *gocron.StoredRun) { r.Run, r.ScheduledAt, r.Count = "x3", at(4*time.Minute), -5 }),
			row(func(r *gocron.StoredRun) {
				r.Run, r.ScheduledAt, r.Count, r.Until = "x4", at(5*time.Minute), 7, time.Time{}
			}),
			row(func(r *gocron.StoredRun) {
				r.Run, r.ScheduledAt, r.Attempt, r.EndedAt, r.Outcome = "x5", at(6*time.Minute), -1, time.Time{}, ""
			}),
			row(func(r *gocron.StoredRun) {
				r.Run, r.ScheduledAt, r.Extra, r.EndedAt, r.Outcome = "", time.Time{}, []byte("{{"), time.Time{}, ""
			}),
			row(func(r *gocron.StoredRun) {
				r.Run, r.ScheduledAt, r.Outcome, r.RetryAt = "x6", at(7*time.Minute), "failed", at(1e6*time.Hour)
			}),
		}, nil)
		require.NoError(t, err)
		require.NoError(t, store.Release(ctx))
		time.Sleep(10 * time.Minute)
		p = newProcess(t, p.began, gocron.WithStore(store), gocron.WithHistory(50))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0), gocron.WithRerunInterrupted(2))
		p.s.Start()
		time.Sleep(time.Minute)
		require.ElementsMatch(t, []string{"failed schedule 3m0s", "failed schedule 7m0s", "locked-elsewhere catch-up 5m0s",
			"locked-elsewhere catch-up 6m0s", "succeeded catch-up 8m0s", "succeeded catch-up 9m0s", "succeeded catch-up 10m0s",
			"succeeded catch-up 11m0s", "succeeded schedule 12m0s"}, p.told())
		why, err := p.c.Why(ctx, j.ID(), at(2*time.Minute))
		require.NoError(t, err)
		require.Equal(t, "what at 00:01:00, after 0s", why.Why)
		_, err = p.c.History(j.ID())
		require.NoError(t, err)
		require.NoError(t, p.s.Shutdown())
		p = newProcess(t, p.began, gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithRerunInterrupted(2))
		p.s.Start()
		require.Empty(t, p.told(), "they are not found again")
		require.NoError(t, p.s.Shutdown())
	})
}

var errLoad = errors.New("the disk is gone")

// A brokenStore returns an error after some rows.
type brokenStore struct {
	*gocron.MemoryStore
	released *bool
}

func (b brokenStore) Load(ctx context.Context, job func(gocron.StoredJob) error, _ func(gocron.StoredRun) error) error {
	if err := job(gocron.StoredJob{Job: "a", Fingerprint: "x", Version: 1}); err != nil {
		return err
	}
	return errLoad
}

func (b brokenStore) Release(ctx context.Context) error {
	*b.released = true
	return b.MemoryStore.Release(ctx)
}

func TestAStoreThatCannotBeRead(t *testing.T) {
	released := false
	store := gocron.NewMemoryStore()
	_, err := gocron.NewScheduler(gocron.WithStore(brokenStore{store, &released}))
	require.ErrorIs(t, err, errLoad)
	require.NotContains(t, err.Error(), "\n")
	require.Contains(t, err.Error(), "WithStore")
	require.True(t, released)
	s, err := gocron.NewScheduler(gocron.WithStore(store))
	require.NoError(t, err)
	_, err = gocron.NewScheduler(gocron.WithStore(store))
	require.ErrorContains(t, err, "in use")
	require.NotContains(t, err.Error(), "\n")
	require.NoError(t, s.Shutdown())
	s, err = gocron.NewScheduler(gocron.WithStore(store))
	require.NoError(t, err)
	require.NoError(t, s.Shutdown())
}

// Optional methods with another signature.
type (
	otherHistory struct{ gocron.Store }
	otherTwo     struct{ gocron.Store }
)

func (otherHistory) History(job string) []gocron.StoredRun { return nil }
func (otherTwo) Forget(job string) error                   { return nil }
func (otherTwo) Shared() int                               { return 1 }

func TestStoresThatAreRefused(t *testing.T) {
	var none *gocron.MemoryStore
	var bare *bareStore
	for _, store := range []gocron.Store{nil, none, bare, otherHistory{gocron.NewMemoryStore()}, &otherHistory{gocron.NewMemoryStore()}, otherTwo{gocron.NewMemoryStore()}} {
		_, err := gocron.NewScheduler(gocron.WithStore(store))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.Contains(t, err.Error(), "WithStore")
		require.NotContains(t, err.Error(), "\n")
		for range 20 {
			_, again := gocron.NewScheduler(gocron.WithStore(store))
			require.EqualError(t, again, err.Error(), "always the same")
		}
	}
}
