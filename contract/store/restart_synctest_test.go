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

var errTask = errors.New("the task has failed")

// restart ends the process as the test says, and begins another one on what the store has.
func (p *process) restart(store *gocron.MemoryStore, kill bool) (*process, *gocron.MemoryStore) {
	if kill {
		store = p.kill(store)
	} else {
		require.NoError(p.t, p.s.Shutdown())
	}
	return newProcess(p.t, p.began, gocron.WithStore(store)), store
}

// eachEnd runs the test with both ends of a process.
func eachEnd(t *testing.T, f func(t *testing.T, kill bool)) {
	for name, kill := range map[string]bool{"killed": true, "shut down": false} {
		t.Run(name, func(t *testing.T) { synctest.Test(t, func(t *testing.T) { f(t, kill) }) })
	}
}

func TestSynctestARetryGoesOnAfterARestart(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 4, Backoff: func(int) time.Duration { return 10 * time.Minute }})
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Hour), func() error { return errTask }, gocron.WithName("a"), retry)
		p.s.Start()
		time.Sleep(75 * time.Minute) // the second attempt has failed at 70
		p, _ = p.restart(store, kill)
		p.told()
		p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("a"), retry)
		p.s.Start()
		require.Empty(t, p.told())
		time.Sleep(6 * time.Minute)
		require.Equal(t, []string{"succeeded retry 1h0m0s attempt 3"}, p.told())
		rows, err := store.History(context.Background(), "a", time.Time{}, time.Time{}, 0)
		if !kill {
			require.NoError(t, err)
			require.Len(t, rows, 3)
			for _, row := range rows {
				require.True(t, row.RetryAt.IsZero(), "%+v", row)
			}
		}
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestLimitedRunsCountOverRestarts(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		var ran atomic.Int32
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func() {
			p.job(gocron.DurationJob(time.Minute), func() { ran.Add(1) }, gocron.WithName("a"), gocron.WithLimitedRuns(3))
			p.s.Start()
		}
		add()
		time.Sleep(150 * time.Second)
		p, store = p.restart(store, kill)
		add()
		time.Sleep(10 * time.Minute)
		require.EqualValues(t, 3, ran.Load())
		require.Empty(t, p.s.Jobs())
		p, _ = p.restart(store, kill)
		add()
		synctest.Wait()
		require.Empty(t, p.s.Jobs(), "all of them have begun")
		time.Sleep(10 * time.Minute)
		require.EqualValues(t, 3, ran.Load())
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestAPauseStays(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		var j gocron.Job
		add := func() {
			j = p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
			p.s.Start()
			synctest.Wait()
		}
		add()
		require.NoError(t, p.c.Pause(j.ID()))
		time.Sleep(90 * time.Second)
		require.Equal(t, []string{"paused schedule 1m0s"}, p.told())
		p, store = p.restart(store, kill)
		time.Sleep(2 * time.Minute)
		add()
		paused, err := p.c.Paused(j.ID())
		require.NoError(t, err)
		require.True(t, paused)
		require.Equal(t, []string{"paused 2 2m0s..3m0s"}, p.told())
		require.NoError(t, p.c.Resume(j.ID()))
		synctest.Wait() // it is written behind the call
		p, _ = p.restart(store, kill)
		time.Sleep(time.Minute)
		add()
		require.Equal(t, []string{"succeeded catch-up 4m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestInstantsRunOnceOverRestarts(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		at := gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(began.Add(time.Minute), began.Add(2*time.Minute), began.Add(3*time.Minute)))
		add := func() {
			p.job(at, nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0), gocron.WithRemoveWhenFinished())
			p.s.Start()
		}
		add()
		time.Sleep(90 * time.Second)
		require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
		p, store = p.restart(store, kill)
		time.Sleep(time.Minute)
		add()
		require.Equal(t, []string{"succeeded catch-up 2m0s"}, p.told())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded schedule 3m0s"}, p.told())
		p, _ = p.restart(store, kill)
		time.Sleep(time.Minute)
		add()
		require.Empty(t, p.told(), "all have run")
		require.Empty(t, p.s.Jobs())
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestAChangedScheduleCountsFromNow(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		missed := gocron.WithMissed(gocron.MissedRunAll, 0)
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), missed)
		p.s.Start()
		time.Sleep(90 * time.Second)
		p, store = p.restart(store, kill)
		p.told()
		time.Sleep(time.Hour)
		p.job(gocron.DurationJob(7*time.Minute), nothing, gocron.WithName("a"), missed)
		p.s.Start()
		require.Empty(t, p.told())
		time.Sleep(8 * time.Minute)
		require.Equal(t, []string{"succeeded schedule 1h8m30s"}, p.told())
		p, _ = p.restart(store, kill)
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), missed)
		p.s.Start()
		require.Equal(t, []string{"succeeded catch-up 1h9m0s"}, p.told(), "one that returns counts from the newest mark")
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestUpdateKeepsThePhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()))
		j := p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(50 * time.Minute)
		_, err := p.s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(nothing), gocron.WithName("a"), gocron.WithTags("new"))
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		require.Equal(t, []string{"succeeded schedule 1h0m0s"}, p.told())
		_, err = p.s.Update(j.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(nothing), gocron.WithName("a"))
		require.NoError(t, err)
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded schedule 1h1m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A faultyStore fails while down is set.
type faultyStore struct {
	*gocron.MemoryStore
	down atomic.Bool
}

func (f *faultyStore) Begin(ctx context.Context, run gocron.StoredRun) (bool, error) {
	if f.down.Load() {
		return false, errors.New("disk full")
	}
	return f.MemoryStore.Begin(ctx, run)
}

func (f *faultyStore) Write(ctx context.Context, runs []gocron.StoredRun, jobs []gocron.StoredJob) ([]string, error) {
	if f.down.Load() {
		return nil, errors.New("disk full")
	}
	return f.MemoryStore.Write(ctx, runs, jobs)
}

func TestSynctestARunWaitsForTheStore(t *testing.T) {
	for name, c := range map[string]struct {
		policy gocron.StoreDownPolicy
		back   time.Duration
		want   []string
	}{
		"back in time": {gocron.StoreDownSkip, 50 * time.Second, []string{"succeeded schedule 1h0m0s"}},
		"skip":         {gocron.StoreDownSkip, 80 * time.Second, []string{"store-down schedule 1h0m0s"}},
		"run":          {gocron.StoreDownRun, 80 * time.Second, []string{"succeeded schedule 1h0m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &faultyStore{MemoryStore: gocron.NewMemoryStore()}
				p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithStoreDown(c.policy, time.Minute))
				p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("a"))
				p.s.Start()
				time.Sleep(time.Hour - time.Second)
				store.down.Store(true)
				time.Sleep(2 * time.Second)
				require.Empty(t, p.told(), "it waits")
				time.Sleep(c.back)
				store.down.Store(false)
				time.Sleep(20 * time.Second)
				require.Equal(t, c.want, p.told())
				require.NoError(t, p.s.Shutdown())
				rows, err := store.History(context.Background(), "a", time.Time{}, time.Time{}, 0)
				require.NoError(t, err)
				require.Len(t, rows, 1)
				require.Contains(t, c.want[0], rows[0].Outcome)
			})
		})
	}
}

func TestSynctestTheHistoryGoesBackToProcessesBefore(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Minute), func() error { return errTask }, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(150 * time.Second)
		if kill {
			store = p.kill(store)
		} else {
			require.NoError(t, p.s.Shutdown())
		}
		time.Sleep(time.Minute)
		p = newProcess(t, p.began, gocron.WithStore(store), gocron.WithHistory(4))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithTags("new"))
		p.s.Start()
		time.Sleep(time.Minute)
		history, err := p.c.History(j.ID())
		require.NoError(t, err)
		var lines []string
		for _, run := range history {
			lines = append(lines, run.Outcome.String()+" "+p.since(run.ScheduledAt))
			require.Equal(t, []string{"new"}, run.Tags)
		}
		require.Equal(t, []string{"failed 1m0s", "failed 2m0s", "missed 3m0s", "succeeded 4m0s"}, lines)
		require.EqualError(t, history[0].Err, errTask.Error())
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestAChangedScheduleKeepsTheLimit(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithLimitedRuns(2))
		p.s.Start()
		time.Sleep(90 * time.Second)
		p, _ = p.restart(store, kill)
		p.told()
		p.job(gocron.DurationJob(2*time.Minute), nothing, gocron.WithName("a"), gocron.WithLimitedRuns(2))
		p.s.Start()
		time.Sleep(time.Hour)
		require.Equal(t, []string{"succeeded schedule 3m30s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// slowRows is a store that takes its time to write rows of jobs.
type slowRows struct{ *gocron.MemoryStore }

func (s slowRows) Write(ctx context.Context, runs []gocron.StoredRun, jobs []gocron.StoredJob) ([]string, error) {
	time.Sleep(time.Second)
	return s.MemoryStore.Write(ctx, runs, jobs)
}

func TestSynctestARunBeginsWhenItsJobIsStored(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(slowRows{store}))
		p.job(gocron.DurationJob(100*time.Millisecond), func() { time.Sleep(time.Hour) }, gocron.WithName("a"), gocron.WithLimitedRuns(1))
		p.s.Start()
		time.Sleep(500 * time.Millisecond)
		rows, err := store.History(context.Background(), "a", time.Time{}, time.Time{}, 0)
		require.NoError(t, err)
		require.Empty(t, rows, "a process that ends now leaves nothing behind")
		time.Sleep(time.Second)
		rows, err = store.History(context.Background(), "a", time.Time{}, time.Time{}, 0)
		require.NoError(t, err)
		require.Len(t, rows, 1)
		_ = p.s.Shutdown()
		time.Sleep(2 * time.Hour)
	})
}
