//go:build go1.25

package gocron

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSynctestControllerStatsAtEveryStage(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		requireStats := func(want Stats) {
			t.Helper()
			synctest.Wait()
			require.Equal(t, want, soundStats(t, c))
		}
		none := map[Outcome]uint64{}
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		turns := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait))
		pooled := mustJob(t, s, ages(), h.task, InPool("pool"))
		fails := mustJob(t, s, ages(), func() error { return errContract }, InPool("pool"),
			WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Hour)}))
		requireStats(Stats{Outcomes: none})
		s.Start()
		requireStats(Stats{Outcomes: none})
		require.NoError(t, j.RunNow())
		require.NoError(t, turns.RunNow())
		requireStats(Stats{Made: 2, Running: 2, Outcomes: none})
		require.NoError(t, j.RunNow())
		require.NoError(t, turns.RunNow())
		requireStats(Stats{Made: 4, Running: 2, Waiting: 2, Outcomes: none})
		require.NoError(t, fails.RunNow())
		requireStats(Stats{Made: 5, Running: 2, Waiting: 2, Retrying: 1, Outcomes: none})
		require.NoError(t, pooled.RunNow())
		require.NoError(t, pooled.RunNow())
		requireStats(Stats{Made: 7, Running: 3, Waiting: 3, Retrying: 1, Outcomes: none})
		rest(time.Hour)
		requireStats(Stats{Made: 7, Running: 3, Waiting: 4, OldestWaiting: time.Hour, Outcomes: none})
		h.open()
		requireStats(Stats{Made: 7, Outcomes: map[Outcome]uint64{OutcomeSucceeded: 6, OutcomeFailed: 1}})
		require.NoError(t, s.RemoveJob(j.ID()))
		require.NoError(t, s.StopJobs())
		requireStats(Stats{Made: 7, Outcomes: map[Outcome]uint64{OutcomeSucceeded: 6, OutcomeFailed: 1}})
	}, WithLimitConcurrentJobs(2, LimitModeWait), WithPool("pool", 1, LimitModeWait))
}

// What Stats returns is the caller's.
func TestSynctestControllerStatsAreACopy(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		j := mustJob(t, s, ages(), noop)
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		soundOutcomes(t, c)[OutcomeSucceeded] = 100
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 1}, soundOutcomes(t, c))
	})
}

// With and without records of the runs.
func TestSynctestControllerOldestWaiting(t *testing.T) {
	for name, options := range map[string][]SchedulerOption{"plain": nil, "recorded": {WithHistory(10)}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				h := newHoldup(t)
				j := mustJob(t, s, DurationJob(10*time.Second), h.task)
				turns := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait), InPool("pool"))
				s.Start()
				oldest := func() time.Duration { synctest.Wait(); return soundStats(t, c).OldestWaiting }
				rest(10 * time.Second)
				require.Zero(t, oldest())
				rest(15 * time.Second)
				require.Equal(t, 5*time.Second, oldest(), "since 20")
				rest(10 * time.Second)
				require.Equal(t, 15*time.Second, oldest())
				h.letGo()
				require.Equal(t, 5*time.Second, oldest(), "since 30")
				require.NoError(t, c.Pause(j.ID()))
				require.Zero(t, oldest())
				require.NoError(t, turns.RunNow())
				require.NoError(t, turns.RunNow())
				rest(7 * time.Second)
				require.Equal(t, 7*time.Second, oldest(), "for its turn, in another pool")
				h.open()
				require.Zero(t, oldest())
			}, append(options, WithLimitConcurrentJobs(1, LimitModeWait), WithPool("pool", 5, LimitModeWait))...)
		})
	}
}

// A run that comes back for another attempt goes first, but has not waited for
// longest.
func TestSynctestControllerOldestWaitingBesideRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		fails := mustJob(t, s, ages(), func() error { return errContract },
			WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Hour)}))
		j := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, fails.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		rest(time.Hour + time.Second)
		stats := soundStats(t, c)
		require.Equal(t, 2, stats.Waiting)
		require.Equal(t, time.Hour+time.Second, stats.OldestWaiting)
	}, WithLimitConcurrentJobs(1, LimitModeWait))
}

// A one-time run that a stop has dropped waits again from Start on.
func TestSynctestControllerOldestWaitingAfterAStop(t *testing.T) {
	for name, options := range map[string][]SchedulerOption{"plain": nil, "recorded": {WithHistory(10)}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				h := newHoldup(t)
				mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.task)
				s.Start()
				mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), h.task)
				require.Equal(t, 1, soundStats(t, c).Waiting)
				require.ErrorIs(t, s.StopJobsWithContext(endedContext()), context.Canceled)
				rest(time.Hour)
				s.Start()
				rest(time.Second)
				stats := soundStats(t, c)
				require.Equal(t, 1, stats.Waiting)
				require.Equal(t, time.Second, stats.OldestWaiting)
			}, append(options, WithLimitConcurrentJobs(1, LimitModeWait))...)
		})
	}
}

func TestSynctestControllerSetLimitStartsWaitingRuns(t *testing.T) {
	for name, e := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
		pool      []string
	}{
		"scheduler": {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait), WithPool("other", 1, LimitModeWait)}, nil, nil},
		"pool":      {[]SchedulerOption{WithPool("p", 1, LimitModeWait), WithLimitConcurrentJobs(1, LimitModeWait)}, []JobOption{InPool("p")}, []string{"p"}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				r := newRoll(t)
				var want []string
				s.Start()
				for i := 0; i < 10; i++ {
					want = append(want, fmt.Sprint(i))
					require.NoError(t, mustJob(t, s, ages(), r.taskOf(want[i]), e.job...).RunNow())
				}
				requireRunning := func(running, started int) {
					t.Helper()
					synctest.Wait()
					require.Equal(t, running, r.running())
					require.ElementsMatch(t, want[:started], r.signed(), "in the order in which they were due")
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
					r.letGo()
					requireRunning(running, 5)
				}
				r.letGo()
				requireRunning(2, 6)
				require.NoError(t, c.SetLimit(1000, e.pool...))
				requireRunning(6, 10)
			}, e.scheduler...)
		})
	}
}

// One by one, so that the order in which they start is that of the queue.
func TestSynctestControllerSetLimitKeepsTheOrder(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		r := newRoll(t)
		s.Start()
		var want []string
		for i := 0; i < 20; i++ {
			want = append(want, fmt.Sprint(i))
			require.NoError(t, mustJob(t, s, ages(), r.taskOf(want[i])).RunNow())
		}
		for limit := uint(1); limit <= 20; limit++ {
			require.NoError(t, c.SetLimit(limit))
			synctest.Wait()
			require.Equal(t, want[:limit], r.signed())
		}
	}, WithLimitConcurrentJobs(1, LimitModeWait))
}

func TestSynctestControllerSetLimitWhereRunsAreSkipped(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		require.NoError(t, c.SetLimit(2), "also before Start")
		s.Start()
		runs := func(n int) {
			for ; n > 0; n-- {
				require.NoError(t, j.RunNow())
			}
			synctest.Wait()
		}
		runs(3)
		require.Equal(t, 2, h.running())
		require.NoError(t, c.SetLimit(3))
		synctest.Wait()
		require.Equal(t, 2, h.running(), "what was skipped does not come back")
		runs(3)
		require.Equal(t, 3, h.running())
		require.NoError(t, c.SetLimit(1))
		h.letGo()
		h.letGo()
		runs(1)
		require.Equal(t, 1, h.running())
		require.Equal(t, map[Outcome]uint64{OutcomeSkippedLimit: 4, OutcomeSucceeded: 2}, soundOutcomes(t, c))
	}, WithLimitConcurrentJobs(1, LimitModeReschedule))
}

func TestSynctestControllerSetLimitOutlivesStopAndStart(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		s.Start()
		j := mustJob(t, s, ages(), h.task)
		require.NoError(t, c.SetLimit(2))
		require.NoError(t, s.StopJobs())
		s.Start()
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.Equal(t, 2, h.running())
	}, WithLimitConcurrentJobs(1, LimitModeWait))
}
