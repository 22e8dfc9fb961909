//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

type hangingStore struct {
	*gocron.MemoryStore
	begin time.Duration
	hang  bool
}

func (s *hangingStore) Begin(ctx context.Context, run gocron.StoredRun) (bool, error) {
	time.Sleep(s.begin)
	if s.hang {
		<-ctx.Done()
		return false, ctx.Err()
	}
	return s.MemoryStore.Begin(ctx, run)
}

func TestSynctestXSlowStore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &hangingStore{gocron.NewMemoryStore(), 10 * time.Second, false}
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		n := time.Duration(0)
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.job(gocron.DurationJob(time.Minute), func() { n = time.Since(p.began) }, gocron.WithoutStore())
		p.s.Start()
		time.Sleep(65 * time.Second)
		require.Equal(t, time.Minute, n)
		time.Sleep(10 * time.Second)
		t.Log(p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestXHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &hangingStore{gocron.NewMemoryStore(), 0, true}
		p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithStopTimeout(5*time.Second))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("b"), gocron.WithMissed(gocron.MissedRunAll, 0))
		p.s.Start()
		time.Sleep(65 * time.Second)
		at := time.Now()
		err := p.s.Shutdown()
		t.Log(err, time.Since(at), p.told())
		time.Sleep(5 * time.Minute)
		t.Log(p.told())
		for _, n := range []string{"a", "b"} {
			for _, row := range historyOf(t, store.MemoryStore, n) {
				t.Log(n, row.Run, row.Attempt, p.since(row.ScheduledAt), row.Outcome, row.Error)
			}
		}
	})
}

func TestSynctestXRunNowDuringCatchUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		var j gocron.Job
		add := func() {
			j = p.job(gocron.DurationJob(time.Minute), func(ctx context.Context) error {
				select {
				case <-time.After(10 * time.Second):
				case <-ctx.Done():
				}
				return ctx.Err()
			}, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0), gocron.WithSingletonMode(gocron.LimitModeReplace))
			p.s.Start()
		}
		add()
		time.Sleep(30 * time.Second)
		p, store = p.restart(store, true)
		time.Sleep(4 * time.Minute)
		add()
		time.Sleep(time.Second)
		require.NoError(t, j.RunNow())
		time.Sleep(3 * time.Second)
		t.Log(p.told())
		require.NoError(t, p.c.Pause(j.ID()))
		time.Sleep(2 * time.Minute)
		t.Log("paused", p.told())
		require.NoError(t, p.c.Resume(j.ID()))
		time.Sleep(45 * time.Second)
		t.Log(p.told())
		require.NoError(t, p.s.RemoveJob(j.ID()))
		add()
		time.Sleep(2 * time.Minute)
		t.Log(p.told())
		_ = p.s.Shutdown()
		time.Sleep(time.Minute)
		for _, row := range historyOf(t, store, "a") {
			t.Log(row.Run, row.Attempt, row.Trigger, p.since(row.ScheduledAt), p.since(row.BegunAt), row.Outcome, row.Count)
		}
	})
}

func TestSynctestXDST(t *testing.T) {
	zone, _ := time.LoadLocation("America/New_York")
	for name, day := range map[string]time.Time{"spring": time.Date(2000, 4, 2, 0, 0, 0, 0, zone), "autumn": time.Date(2000, 10, 29, 0, 0, 0, 0, zone)} {
		for def, d := range map[string]gocron.JobDefinition{"cron": gocron.CronJob("*/20 1-2 * * *", false), "daily": gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(1, 30, 0), gocron.NewAtTime(2, 30, 0)))} {
			t.Run(name+def, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(day))
					var lists [2][]string
					for i := range 2 {
						_ = i
					}
					store := gocron.NewMemoryStore()
					p := newProcess(t, day, gocron.WithStore(store), gocron.WithLocation(zone))
					q := newProcess(t, day, gocron.WithLocation(zone))
					q.job(d, nothing)
					q.s.Start()
					add := func() {
						p.job(d, nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
						p.s.Start()
					}
					add()
					for range 9 {
						time.Sleep(25 * time.Minute)
						synctest.Wait()
						lists[0] = append(lists[0], p.told()...)
						store = p.kill(store)
						p = newProcess(t, day, gocron.WithStore(store), gocron.WithLocation(zone))
						time.Sleep(11 * time.Minute)
						add()
					}
					lists[0] = append(lists[0], p.told()...)
					lists[1] = q.told()
					t.Log(lists[0])
					t.Log(lists[1])
					require.Len(t, lists[0], len(lists[1]))
					_ = p.s.Shutdown()
					_ = q.s.Shutdown()
				})
			})
		}
	}
}

func TestSynctestXFingerprints(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := gocron.NewAtTimes(gocron.NewAtTime(1, 30, 0), gocron.NewAtTime(2, 30, 0))
		defs := func() []gocron.JobDefinition {
			return []gocron.JobDefinition{
				gocron.DailyJob(1, at), gocron.WeeklyJob(2, gocron.NewWeekdays(time.Monday, time.Friday), at), gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1, -1), at),
				gocron.AnyOf(gocron.DailyJob(1, at), gocron.DurationJob(time.Hour)), gocron.CronJob("TZ=America/New_York 0 3 * * *", false), gocron.ManualJob(),
				gocron.DurationRandomJob(time.Hour, 2*time.Hour),
				gocron.CronJob("H 3 * * *", false),
			}
		}
		store := gocron.NewMemoryStore()
		for range 3 {
			p := newProcess(t, time.Now(), gocron.WithStore(store))
			for i, d := range defs() {
				j := p.job(d, nothing, gocron.WithName(string(rune('a'+i))))
				j.RunNow()
			}
			p.s.Start()
			synctest.Wait()
			require.NoError(t, p.s.Shutdown())
			time.Sleep(time.Hour)
		}
		n := map[string]int{}
		_, _ = store.Open(context.Background(), "x")
		_ = store.Load(context.Background(), func(j gocron.StoredJob) error { n[j.Job]++; t.Log(j.Job, j.Fingerprint, j.Schedule, string(j.State)); return nil }, func(gocron.StoredRun) error { return nil })
		for k, v := range n {
			require.Equal(t, 1, v, k)
		}
	})
}

type claims struct {
	mu   sync.Mutex
	seen map[string]bool
	down bool
}

func (c *claims) Claim(_ context.Context, key string, at time.Time) (noLock, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.down {
		return noLock{}, gocron.ErrEngineDown
	}
	k := key + at.UTC().String()
	if c.seen[k] {
		return noLock{}, errors.New("another has it")
	}
	c.seen[k] = true
	return noLock{}, nil
}
func TestSynctestXErrText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithStoredErrors(func(error) string { panic("text") }))
		p.job(gocron.DurationJob(time.Minute), func() error { return errTask }, gocron.WithName("a"), gocron.WithRecover())
		p.s.Start()
		time.Sleep(90 * time.Second)
		t.Log(p.told())
		_ = p.s.Shutdown()
	})
}

func TestSynctestXLimitsRetries(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		n := map[time.Time]bool{}
		var mu sync.Mutex
		add := func() {
			p.job(gocron.DurationJob(time.Minute), func(ctx context.Context) error {
				run, _ := gocron.RunFromContext(ctx)
				mu.Lock()
				n[run.ScheduledAt.UTC().Round(0)] = true
				mu.Unlock()
				time.Sleep(5 * time.Second)
				return errTask
			}, gocron.WithName("a"), gocron.WithLimitedRuns(6), gocron.WithRerunInterrupted(2), gocron.WithMissed(gocron.MissedRunAll, 0),
				gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: func(int) time.Duration { return 30 * time.Second }}))
			p.s.Start()
		}
		add()
		for range 12 {
			time.Sleep(63 * time.Second)
			if kill {
				p, store = p.restart(store, true)
			} else {
				_ = p.s.Shutdown()
				time.Sleep(10 * time.Second)
				p = newProcess(t, p.began, gocron.WithStore(store))
			}
			time.Sleep(17 * time.Second)
			add()
		}
		time.Sleep(time.Hour)
		require.Len(t, n, 6)
		require.Empty(t, p.s.Jobs())
		_ = p.s.Shutdown()
		for _, row := range historyOf(t, store, "a") {
			t.Log(row.Run, row.Attempt, row.Trigger, p.since(row.ScheduledAt), p.since(row.BegunAt), row.Outcome, row.RetryAt)
			require.True(t, row.RetryAt.IsZero())
		}
	})
}
