//go:build go1.25

package runs_test

import (
	"context"
	"math"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// runsInHistory are the ids of the runs in a job's history.
func runsInHistory(t *testing.T, s gocron.Scheduler, id uuid.UUID) []uint64 {
	t.Helper()
	infos, err := gocron.NewController(s).History(id)
	require.NoError(t, err)
	all := []uint64{}
	for _, info := range infos {
		require.Equal(t, id, info.JobID)
		require.NotEqual(t, gocron.OutcomePending, info.Outcome)
		require.False(t, info.FinishedAt.IsZero())
		all = append(all, info.ID)
	}
	return all
}

func TestSynctestContractHistoryKeepsTheLatestRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithHistory(3))
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		other := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		s.Start()
		require.NoError(t, other.RunNow())
		want := []uint64{}
		for id := uint64(2); id < 12; id++ {
			require.Equal(t, want, runsInHistory(t, s, j.ID()))
			require.NoError(t, j.RunNow())
			synctest.Wait()
			if want = append(want, id); len(want) > 3 {
				want = want[1:]
			}
		}
		require.Equal(t, []uint64{9, 10, 11}, runsInHistory(t, s, j.ID()))
		require.Equal(t, []uint64{1}, runsInHistory(t, s, other.ID()), "each job has its own")
	})
}

// Runs are in the order in which they finished, and are what RunFinished is told.
func TestSynctestContractHistoryIsInOrderOfFinishing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book rig.RunBook
		s := rig.NewScheduler(t, gocron.WithHistory(5), gocron.WithHooks(book.Hooks()), gocron.WithLimitConcurrentJobs(3, gocron.LimitModeWait), gocron.WithQueueLimit(1))
		takes := []time.Duration{3 * time.Hour, time.Hour, 2 * time.Hour, time.Minute}
		calls := 0
		j := rig.MustJob(t, s, rig.Ages(), func() error {
			calls++
			time.Sleep(takes[calls-1])
			return rig.ErrTest
		})
		s.Start()
		for i := 0; i < 4; i++ {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		require.ErrorIs(t, j.RunNow(), gocron.ErrQueueFull)
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		require.Equal(t, []uint64{5, 2, 4, 3, 1}, runsInHistory(t, s, j.ID()))
		infos, err := gocron.NewController(s).History(j.ID())
		require.NoError(t, err)
		for _, info := range infos {
			require.Equal(t, book.ToldOf(info.ID, "finished"), info)
		}
	})
}

func TestSynctestContractHistoryIsACopy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithHistory(2))
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithTags("a", "b"))
		c := gocron.NewController(s)
		s.Start()
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		first, err := c.History(j.ID())
		require.NoError(t, err)
		want := []gocron.RunInfo{first[0], first[1]}
		want[0].Tags, want[1].Tags = []string{"a", "b"}, []string{"a", "b"}
		first[0].Tags[0], first[1].Tags[1] = "spoilt", "spoilt"
		first[0].ID, first[1] = 7, gocron.RunInfo{}
		again, err := c.History(j.ID())
		require.NoError(t, err)
		require.Equal(t, want, again)
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, want, again, "a list that was given out does not move")
	})
}

func TestSynctestContractHistoryIsOffByDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithHooks(new(rig.RunBook).Hooks()))
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		infos, err := gocron.NewController(s).History(j.ID())
		require.True(t, err == gocron.ErrNoHistory)
		require.Nil(t, infos)
		_, err = gocron.NewController(s).History(uuid.New())
		require.True(t, err == gocron.ErrJobNotFound)
	})
}

// The history is that of an id: it takes in what runs of a replaced definition
// come to, and outlives a stop.
func TestSynctestContractHistoryOutlivesReplacementAndStop(t *testing.T) {
	for _, by := range rig.Entrances() {
		t.Run(by.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithHistory(10), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				id := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("old")).ID()
				run := func() {
					for _, j := range s.Jobs() {
						require.NoError(t, j.RunNow())
					}
					synctest.Wait()
				}
				replace := func(task any, name string) {
					_, err := by.Add(s, id, rig.Ages(), gocron.NewTask(task), gocron.WithName(name))
					require.NoError(t, err)
				}
				s.Start()
				run()
				replace(func() { time.Sleep(time.Minute) }, "middle")
				require.Equal(t, []uint64{1}, runsInHistory(t, s, id))
				run()
				run() // waits until it is dropped
				replace(rig.Noop, "new")
				replace(rig.Noop, "newest")
				require.Equal(t, []uint64{1, 3}, runsInHistory(t, s, id))
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Equal(t, []uint64{1, 3, 2}, runsInHistory(t, s, id))
				require.NoError(t, s.StopJobs())
				require.Equal(t, []uint64{1, 3, 2}, runsInHistory(t, s, id))
				s.Start()
				run()
				infos, err := gocron.NewController(s).History(id)
				require.NoError(t, err)
				var names []string
				for _, info := range infos {
					names = append(names, info.JobName)
				}
				require.Equal(t, []string{"old", "middle", "middle", "newest"}, names)
			})
		})
	}
}

// The first of the runs may be in progress when its job is replaced.
func TestSynctestContractHistoryBeginsWithAReplacedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithHistory(1))
		j := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Minute) })
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		for i := 0; i < 2; i++ {
			_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			require.NoError(t, err)
		}
		require.Empty(t, runsInHistory(t, s, j.ID()))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []uint64{1}, runsInHistory(t, s, j.ID()))
	})
}

func TestSynctestContractHistoryLeavesWithItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithHistory(10))
		c := gocron.NewController(s)
		gone := func(id uuid.UUID) {
			t.Helper()
			_, err := c.History(id)
			require.True(t, err == gocron.ErrJobNotFound)
		}
		id := uuid.New()
		add := func(task any, options ...gocron.JobOption) {
			rig.MustJob(t, s, rig.Ages(), task, append(options, gocron.WithIdentifier(id))...)
			synctest.Wait()
		}
		atOnce := gocron.WithStartAt(gocron.WithStartImmediately())
		s.Start()
		add(func() { time.Sleep(time.Minute) }, atOnce)
		require.Empty(t, runsInHistory(t, s, id))
		require.NoError(t, s.RemoveJob(id))
		gone(id)
		add(rig.Noop, atOnce)
		require.Equal(t, []uint64{2}, runsInHistory(t, s, id))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []uint64{2}, runsInHistory(t, s, id), "what was removed is another job's")

		add(rig.Noop, atOnce, gocron.WithLimitedRuns(1))
		gone(id)
		add(rig.Noop, atOnce)
		require.Equal(t, []uint64{4}, runsInHistory(t, s, id))
		require.NoError(t, s.Shutdown())
		gone(id)
	})
}

func TestSynctestContractBadHistorySizes(t *testing.T) {
	for _, n := range []int{0, -1, math.MinInt} {
		s, err := gocron.NewScheduler(gocron.WithHistory(n))
		require.Nil(t, s)
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.ErrorContains(t, err, "WithHistory(")
	}
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithHistory(math.MaxInt), gocron.WithHooks(gocron.Hooks{}))
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, []uint64{1}, runsInHistory(t, s, j.ID()), "a size takes no room")
	})
}

// Programs that use nothing of this are as before: runs of a job share the end of
// one context, which lives on when they have returned.
func TestSynctestContractRunsOfAJobShareOneEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		type key struct{}
		var contexts []context.Context
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) { contexts = append(contexts, ctx) },
			gocron.WithContext(context.WithValue(context.Background(), key{}, "the user's")))
		for session := 0; session < 2; session++ {
			contexts = nil
			s.Start()
			for i := 0; i < 2; i++ {
				require.NoError(t, j.RunNow())
				synctest.Wait()
			}
			time.Sleep(time.Hour)
			var ended atomic.Int64
			for _, ctx := range contexts {
				require.NoError(t, ctx.Err())
				require.Equal(t, "the user's", ctx.Value(key{}))
				_, bounded := ctx.Deadline()
				require.False(t, bounded)
				context.AfterFunc(ctx, func() { ended.Add(1) })
			}
			require.Equal(t, contexts[0].Done(), contexts[1].Done())
			require.NoError(t, s.StopJobs())
			synctest.Wait()
			require.EqualValues(t, 2, ended.Load())
			for _, ctx := range contexts {
				require.Equal(t, context.Canceled, ctx.Err())
				require.Equal(t, context.Canceled, context.Cause(ctx))
			}
		}
	})
}
