//go:build go1.25

package store_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A job that is removed and made again under its name goes on where the store is.
func TestSynctestAJobMadeAgainUnderItsName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()))
		all := gocron.WithMissed(gocron.MissedRunAll, 0)
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), all)
		p.s.Start()
		time.Sleep(150 * time.Second)
		require.Equal(t, []string{"succeeded schedule 1m0s", "succeeded schedule 2m0s"}, p.told())
		require.NoError(t, p.s.RemoveJob(j.ID()))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), all)
		require.Empty(t, p.told())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded schedule 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// The same while a run waits for a slot, and a later one was skipped.
func TestSynctestAJobMadeAgainWhileItsRunIsInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		j := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(70 * time.Second) }, gocron.WithName("a"), gocron.WithMissed(gocron.MissedSkip, 0), gocron.WithSingletonMode(gocron.LimitModeReschedule))
		p.s.Start()
		time.Sleep(125 * time.Second) // 1m is in progress, 2m was skipped
		require.NoError(t, p.s.RemoveJob(j.ID()))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedSkip, 0))
		time.Sleep(65 * time.Second)
		require.Equal(t, []string{"skipped-singleton schedule 2m0s", "succeeded schedule 1m0s", "succeeded schedule 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, []string{"1m0s succeeded", "2m0s skipped-singleton", "3m0s succeeded"}, p.outcomesOf(store, "a"))
	})
}

func historyOf(t *testing.T, store *gocron.MemoryStore, name string) []gocron.StoredRun {
	rows, err := store.History(context.Background(), name, time.Time{}, time.Time{}, 0)
	require.NoError(t, err)
	return rows
}

// There is at most one catch-up run of a job, also if one of the process before is run again.
func TestSynctestOneCatchUpWithOneThatIsRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, began := gocron.NewMemoryStore(), time.Now()
		var now, most atomic.Int32
		task := func() {
			most.Store(max(most.Load(), now.Add(1)))
			time.Sleep(10 * time.Second)
			now.Add(-1)
		}
		p := newProcess(t, began, gocron.WithStore(store))
		options := []gocron.JobOption{gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0), gocron.WithRerunInterrupted(3)}
		p.job(gocron.DurationJob(time.Minute), task, options...)
		p.s.Start()
		time.Sleep(30 * time.Second)
		p, store = p.restart(store, true)
		time.Sleep(4 * time.Minute)
		p.job(gocron.DurationJob(time.Minute), task, options...)
		p.s.Start()
		time.Sleep(5 * time.Second) // the first is in progress
		p, _ = p.restart(store, true)
		time.Sleep(20 * time.Second)
		now.Store(0)
		most.Store(0)
		p.told()
		p.job(gocron.DurationJob(time.Minute), task, options...)
		p.s.Start()
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"succeeded retry 1m0s attempt 2", "succeeded catch-up 2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s",
			"succeeded catch-up 5m0s"}, p.told()[:5]) // the one of 6m0s comes as the last of them ends
		require.EqualValues(t, 1, most.Load())
		_ = p.s.Shutdown()
		time.Sleep(time.Minute)
	})
}

// A schedule of before, whose mark is far ahead of the clock, does not hide what the present one missed.
func TestSynctestAnOldScheduleThatIsAhead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		ctx := context.Background()
		_, err := store.Open(ctx, "x")
		require.NoError(t, err)
		_, err = store.Write(ctx, nil, []gocron.StoredJob{{Job: "a", Fingerprint: "old", Mark: time.Now().AddDate(10, 0, 0), FirstSeen: time.Now(), Version: 1}})
		require.NoError(t, err)
		require.NoError(t, store.Release(ctx))
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func() {
			p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunOnce, 0))
			p.s.Start()
		}
		add()
		time.Sleep(90 * time.Second)
		p, _ = p.restart(store, false)
		p.told()
		time.Sleep(time.Minute)
		add()
		require.Equal(t, []string{"succeeded catch-up 2m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A run keeps the fingerprint that it began with.
func TestSynctestARunKeepsItsFingerprint(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 4, Backoff: func(int) time.Duration { return 10 * time.Minute }})
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Hour), func() error { return errTask }, gocron.WithName("a"), retry)
		p.s.Start()
		time.Sleep(75 * time.Minute)
		p, store = p.restart(store, kill)
		p.job(gocron.DurationJob(2*time.Hour), nothing, gocron.WithName("a"), retry)
		p.s.Start()
		time.Sleep(10 * time.Minute)
		require.NoError(t, p.s.Shutdown())
		rows := historyOf(t, store, "a")
		for _, row := range rows {
			require.Equal(t, rows[len(rows)-1].Fingerprint, row.Fingerprint, "attempt %d", row.Attempt)
		}
	})
}

// The last of limited runs is run again, if it was interrupted.
func TestSynctestTheLastLimitedRunIsRunAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		options := []gocron.JobOption{gocron.WithName("a"), gocron.WithLimitedRuns(1), gocron.WithRerunInterrupted(1)}
		p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(10 * time.Second) }, options...)
		p.s.Start()
		time.Sleep(65 * time.Second)
		p, _ = p.restart(store, true)
		time.Sleep(10 * time.Second)
		p.told()
		p.job(gocron.DurationJob(time.Minute), nothing, options...)
		p.s.Start()
		time.Sleep(5 * time.Minute)
		require.Equal(t, []string{"succeeded retry 1m0s attempt 2"}, p.told())
		require.Empty(t, p.s.Jobs())
		require.NoError(t, p.s.Shutdown())
	})
}

// Goexit and panics under a store.
func TestSynctestGoexitUnderAStore(t *testing.T) {
	for name, c := range map[string]struct {
		task    func()
		outcome gocron.Outcome
		err     error
	}{
		"goexit": {runtime.Goexit, gocron.OutcomeFailed, gocron.ErrTaskGoexit},
		"panic":  {func() { panic("x") }, gocron.OutcomePanicked, gocron.ErrPanicRecovered},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store, began := gocron.NewMemoryStore(), time.Now()
				p := newProcess(t, began, gocron.WithStore(store))
				p.job(gocron.DurationJob(time.Minute), c.task, gocron.WithName("a"), gocron.WithRecover(), gocron.WithMissed(gocron.MissedRunAll, 0))
				p.s.Start()
				time.Sleep(90 * time.Second)
				require.Equal(t, []string{c.outcome.String() + " schedule 1m0s"}, p.told())
				rows := historyOf(t, store, "a")
				require.Len(t, rows, 1)
				require.Equal(t, c.outcome.String(), rows[0].Outcome)
				require.Contains(t, rows[0].Error, c.err.Error())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

// A job that has a stop time, and what falls due while the process is down.
func TestSynctestAStopTimeThatPassesWhileDown(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		add := func() {
			p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0),
				gocron.WithStopAt(gocron.WithStopDateTime(began.Add(210*time.Second))))
			p.s.Start()
		}
		add()
		time.Sleep(90 * time.Second)
		p, store = p.restart(store, kill)
		p.told()
		time.Sleep(10 * time.Minute)
		add()
		require.Equal(t, []string{"cancelled catch-up 2m0s", "cancelled catch-up 3m0s"}, p.told())
		require.Empty(t, p.s.Jobs())
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, []string{"1m0s succeeded", "2m0s cancelled", "3m0s cancelled"}, p.outcomesOf(store, "a"))
	})
}

// A start time that passes while the process is down.
func TestSynctestAStartTimeThatPassesWhileDown(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		add := func() {
			p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0),
				gocron.WithStartAt(gocron.WithStartDateTimePast(began.Add(100*time.Second))))
			p.s.Start()
			synctest.Wait()
		}
		add()
		time.Sleep(30 * time.Second)
		p, _ = p.restart(store, kill)
		p.told()
		time.Sleep(200 * time.Second)
		add()
		require.Equal(t, []string{"succeeded catch-up 1m40s", "succeeded catch-up 2m40s", "succeeded catch-up 3m40s"}, p.told())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded schedule 4m40s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// Instants "or now" run once over restarts.
func TestSynctestOrNowOverRestarts(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		add := func() {
			p.job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimesOrNow(began.Add(-time.Minute), began.Add(time.Minute))), nothing, gocron.WithName("a"))
			p.s.Start()
		}
		add()
		synctest.Wait()
		require.Equal(t, []string{"succeeded schedule -1m0s"}, p.told())
		p, store = p.restart(store, kill)
		time.Sleep(10 * time.Second)
		add()
		require.Empty(t, p.told())
		p, store = p.restart(store, kill)
		time.Sleep(time.Minute)
		add()
		require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
		p, _ = p.restart(store, kill)
		add()
		require.Empty(t, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// What is forgotten is not written once more.
func TestSynctestForgetAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		j := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(10 * time.Second) }, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(65 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		require.NoError(t, p.c.Forget(context.Background(), "a"))
		time.Sleep(10 * time.Second)
		require.Empty(t, historyOf(t, store, "a"))
		require.NoError(t, p.s.Shutdown())
	})
}

// The completion that an interval counts from outlives the process.
func TestSynctestFromCompletionAndRandomOverRestarts(t *testing.T) {
	for name, d := range map[string]gocron.JobDefinition{"completion": gocron.DurationJob(time.Hour), "random": gocron.DurationRandomJob(time.Hour, 2*time.Hour)} {
		t.Run(name, func(t *testing.T) {
			eachEnd(t, func(t *testing.T, kill bool) {
				store, began := gocron.NewMemoryStore(), time.Now()
				p := newProcess(t, began, gocron.WithStore(store))
				var j gocron.Job
				add := func() {
					o := []gocron.JobOption{gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunOnce, 0)}
					if name == "completion" {
						o = append(o, gocron.WithIntervalFromCompletion())
					}
					j = p.job(d, nothing, o...)
					p.s.Start()
					synctest.Wait()
				}
				add()
				next, err := j.NextRun()
				require.NoError(t, err)
				var ran []string
				most := 2 * time.Hour
				if name == "completion" {
					most = time.Hour + 1
				}
				for range 5 {
					time.Sleep(25 * time.Minute)
					p, store = p.restart(store, kill)
					require.Empty(t, p.told())
					add()
					n, err := j.NextRun()
					require.NoError(t, err)
					if next.After(time.Now()) {
						require.True(t, n.Equal(next))
					} else {
						ran = append(ran, p.since(next)+" succeeded")
						require.GreaterOrEqual(t, n.Sub(next), time.Hour)
						require.Less(t, n.Sub(next), most)
					}
					next = n
				}
				require.NoError(t, p.s.Shutdown())
				require.NotEmpty(t, ran)
				require.Equal(t, ran, p.outcomesOf(store, "a"))
			})
		})
	}
}

// A job whose only run is skipped while NewJob or Update makes it leaves once, and takes no other job with it.
func TestSynctestAJobThatLeavesWhileItIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
		p.s.Start()
		p.job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(time.Hour) }, gocron.WithName("busy"))
		var others []gocron.Job
		for _, name := range []string{"a", "b", "c"} {
			others = append(others, p.job(gocron.DurationJob(10*time.Hour), nothing, gocron.WithName(name)))
		}
		once := gocron.OneTimeJob(gocron.OneTimeJobStartImmediately())
		j := p.job(once, nothing, gocron.WithName("once"), gocron.WithRemoveWhenFinished())
		_, err := p.s.Update(j.ID(), once, gocron.NewTask(nothing), gocron.WithName("once"), gocron.WithLimitedRuns(1))
		require.NoError(t, err)
		require.Len(t, p.s.Jobs(), 4)
		for _, other := range others {
			next, err := other.NextRun()
			require.NoError(t, err)
			require.Equal(t, 10*time.Hour, time.Until(next))
		}
		time.Sleep(time.Hour)
		require.Equal(t, []string{"skipped-limit start-immediately 0s", "skipped-limit start-immediately 0s", "succeeded start-immediately 0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A job whose context has ended stays, with a store and without, added before Start and after it.
func TestSynctestAJobWhoseContextHasEndedStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()))
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		ended := gocron.WithContext(ctx)
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("before"), ended)
		p.s.Start()
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("after"), ended)
		p.job(gocron.DurationJob(time.Minute), nothing, ended, gocron.WithoutStore())
		time.Sleep(time.Hour)
		require.Len(t, p.s.Jobs(), 3)
		for _, j := range p.s.Jobs() {
			next, err := j.NextRun()
			require.NoError(t, err)
			require.Zero(t, next)
			require.Equal(t, gocron.ErrJobRunNowFailed, j.RunNow())
		}
		require.Empty(t, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}
