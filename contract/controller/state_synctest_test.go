//go:build go1.25

package controller_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestSynctestControllerStatsAtEveryStage(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		requireStats := func(want gocron.Stats) {
			t.Helper()
			synctest.Wait()
			require.Equal(t, want, rig.StatsOf(t, c))
		}
		none := map[gocron.Outcome]uint64{}
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		turns := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
		pooled := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool("pool"))
		fails := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest }, gocron.InPool("pool"),
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}))
		requireStats(gocron.Stats{Outcomes: none})
		s.Start()
		requireStats(gocron.Stats{Outcomes: none})
		require.NoError(t, j.RunNow())
		require.NoError(t, turns.RunNow())
		requireStats(gocron.Stats{Made: 2, Running: 2, Outcomes: none})
		require.NoError(t, j.RunNow())
		require.NoError(t, turns.RunNow())
		requireStats(gocron.Stats{Made: 4, Running: 2, Waiting: 2, Outcomes: none})
		require.NoError(t, fails.RunNow())
		requireStats(gocron.Stats{Made: 5, Running: 2, Waiting: 2, Retrying: 1, Outcomes: none})
		require.NoError(t, pooled.RunNow())
		require.NoError(t, pooled.RunNow())
		requireStats(gocron.Stats{Made: 7, Running: 3, Waiting: 3, Retrying: 1, Outcomes: none})
		rest(time.Hour)
		requireStats(gocron.Stats{Made: 7, Running: 3, Waiting: 4, OldestWaiting: time.Hour, Outcomes: none})
		h.Open()
		requireStats(gocron.Stats{Made: 7, Outcomes: map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 6, gocron.OutcomeFailed: 1}})
		require.NoError(t, s.RemoveJob(j.ID()))
		require.NoError(t, s.StopJobs())
		requireStats(gocron.Stats{Made: 7, Outcomes: map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 6, gocron.OutcomeFailed: 1}})
	}, gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait), gocron.WithPool("pool", 1, gocron.LimitModeWait))
}

// What Stats returns is the caller's.
func TestSynctestControllerStatsAreACopy(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		rig.OutcomesOf(t, c)[gocron.OutcomeSucceeded] = 100
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 1}, rig.OutcomesOf(t, c))
	})
}

// With and without records of the runs.
func TestSynctestControllerOldestWaiting(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{"plain": nil, "recorded": {gocron.WithHistory(10)}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), h.Task)
				turns := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.InPool("pool"))
				s.Start()
				oldest := func() time.Duration { synctest.Wait(); return rig.StatsOf(t, c).OldestWaiting }
				rest(10 * time.Second)
				require.Zero(t, oldest())
				rest(15 * time.Second)
				require.Equal(t, 5*time.Second, oldest(), "since 20")
				rest(10 * time.Second)
				require.Equal(t, 15*time.Second, oldest())
				h.LetGo()
				require.Equal(t, 5*time.Second, oldest(), "since 30")
				require.NoError(t, c.Pause(j.ID()))
				require.Zero(t, oldest())
				require.NoError(t, turns.RunNow())
				require.NoError(t, turns.RunNow())
				rest(7 * time.Second)
				require.Equal(t, 7*time.Second, oldest(), "for its turn, in another pool")
				h.Open()
				require.Zero(t, oldest())
			}, append(options, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithPool("pool", 5, gocron.LimitModeWait))...)
		})
	}
}

// A run that comes back for another attempt goes first, but has not waited for
// longest.
func TestSynctestControllerOldestWaitingBesideRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		fails := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest },
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}))
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, fails.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		rest(time.Hour + time.Second)
		stats := rig.StatsOf(t, c)
		require.Equal(t, 2, stats.Waiting)
		require.Equal(t, time.Hour+time.Second, stats.OldestWaiting)
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

// A one-time run that a stop has dropped waits again from Start on.
func TestSynctestControllerOldestWaitingAfterAStop(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{"plain": nil, "recorded": {gocron.WithHistory(10)}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				h := rig.NewHoldup(t)
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task)
				s.Start()
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task)
				require.Equal(t, 1, rig.StatsOf(t, c).Waiting)
				require.ErrorIs(t, s.StopJobsWithContext(rig.EndedContext()), context.Canceled)
				rest(time.Hour)
				s.Start()
				rest(time.Second)
				stats := rig.StatsOf(t, c)
				require.Equal(t, 1, stats.Waiting)
				require.Equal(t, time.Second, stats.OldestWaiting)
			}, append(options, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))...)
		})
	}
}

func TestSynctestControllerSetLimitStartsWaitingRuns(t *testing.T) {
	for name, e := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
		pool      []string
	}{
		"scheduler": {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithPool("other", 1, gocron.LimitModeWait)}, nil, nil},
		"pool":      {[]gocron.SchedulerOption{gocron.WithPool("p", 1, gocron.LimitModeWait), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, []gocron.JobOption{gocron.InPool("p")}, []string{"p"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				r := rig.NewRoll(t)
				var want []string
				s.Start()
				for i := 0; i < 10; i++ {
					want = append(want, fmt.Sprint(i))
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), r.TaskOf(want[i]), e.job...).RunNow())
				}
				requireRunning := func(running, started int) {
					t.Helper()
					synctest.Wait()
					require.Equal(t, running, r.Running())
					require.ElementsMatch(t, want[:started], r.Signed(), "in the order in which they were due")
					require.Equal(t, 10-started, s.JobsWaitingInQueue())
					e, err := c.Explain(s.Jobs()[0].ID())
					require.NoError(t, err)
					require.EqualValues(t, running, e.Taken)
				}
				requireRunning(1, 1)
				require.NoError(t, c.SetLimit(3, e.pool...))
				requireRunning(3, 3)
				require.NoError(t, c.SetLimit(5, e.pool...))
				requireRunning(5, 5)
				require.NoError(t, c.SetLimit(2, e.pool...))
				requireRunning(5, 5)
				for running := 4; running >= 2; running-- {
					r.LetGo()
					requireRunning(running, 5)
				}
				r.LetGo()
				requireRunning(2, 6)
				require.NoError(t, c.SetLimit(1000, e.pool...))
				requireRunning(6, 10)
			}, e.scheduler...)
		})
	}
}

// One by one, so that the order in which they start is that of the queue.
func TestSynctestControllerSetLimitKeepsTheOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		r := rig.NewRoll(t)
		s.Start()
		var want []string
		for i := 0; i < 20; i++ {
			want = append(want, fmt.Sprint(i))
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), r.TaskOf(want[i])).RunNow())
		}
		for limit := uint(1); limit <= 20; limit++ {
			require.NoError(t, c.SetLimit(limit))
			synctest.Wait()
			require.Equal(t, want[:limit], r.Signed())
		}
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

func TestSynctestControllerSetLimitWhereRunsAreSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		require.NoError(t, c.SetLimit(2), "also before Start")
		s.Start()
		runs := func(n int) {
			for ; n > 0; n-- {
				require.NoError(t, j.RunNow())
			}
			synctest.Wait()
		}
		runs(3)
		require.Equal(t, 2, h.Running())
		require.NoError(t, c.SetLimit(3))
		synctest.Wait()
		require.Equal(t, 2, h.Running(), "what was skipped does not come back")
		runs(3)
		require.Equal(t, 3, h.Running())
		require.NoError(t, c.SetLimit(1))
		h.LetGo()
		h.LetGo()
		runs(1)
		require.Equal(t, 1, h.Running())
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSkippedLimit: 4, gocron.OutcomeSucceeded: 2}, rig.OutcomesOf(t, c))
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
}

func TestSynctestControllerSetLimitOutlivesStopAndStart(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		require.NoError(t, c.SetLimit(2))
		require.NoError(t, s.StopJobs())
		s.Start()
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.Equal(t, 2, h.Running())
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}
