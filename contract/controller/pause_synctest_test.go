//go:build go1.25

package controller_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// inBubble runs a test in a bubble, with a scheduler that was not started and its
// Controller.
func inBubble(t *testing.T, f func(t *testing.T, s gocron.Scheduler, c *gocron.Controller), options ...gocron.SchedulerOption) {
	synctest.Test(t, func(t *testing.T) {
		s, c := steered(t, options...)
		f(t, s, c)
	})
}

func TestSynctestControllerPausedJobKeepsItsTimes(t *testing.T) {
	definitions := map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(time.Hour),
		"cron":     gocron.CronJob("0 * * * *", false),
		"random":   gocron.DurationRandomJob(time.Minute, time.Hour),
		"daily":    gocron.DailyJob(1, rig.AtClock(1, 0)),
	}
	for name, definition := range definitions {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				ran := 0
				j := rig.MustJob(t, s, definition, func() { ran++ })
				s.Start()
				require.NoError(t, c.Pause(j.ID()))
				for i := 0; i < 5; i++ {
					next, err := j.NextRun()
					require.NoError(t, err)
					require.True(t, next.After(time.Now()))
					rest(time.Until(next))
				}
				require.Zero(t, ran)
				require.NoError(t, c.Resume(j.ID()))
				synctest.Wait()
				require.Zero(t, ran, "there is nothing to catch up with")
				next, err := j.NextRun()
				require.NoError(t, err)
				rest(time.Until(next))
				require.Equal(t, 1, ran)
				require.Equal(t, append(times(5, gocron.OutcomePaused), gocron.OutcomeSucceeded), endedAs(t, c, j))
			}, gocron.WithHistory(10))
		})
	}
}

// The same without hooks or history, which nobody has to have.
func TestSynctestControllerPauseAndResume(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		p := newPulse(0)
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), p.task)
		other := newPulse(0)
		rig.MustJob(t, s, gocron.DurationJob(20*time.Second), other.task)
		s.Start()
		rest(15 * time.Second)
		require.NoError(t, c.Pause(j.ID()))
		require.NoError(t, c.Pause(j.ID()), "again")
		rest(30 * time.Second)
		require.NoError(t, c.Resume(j.ID()), "once is enough")
		rest(10 * time.Second)
		require.NoError(t, c.Resume(j.ID()), "nothing happens to a job that is not paused")
		rest(10 * time.Second)
		require.Equal(t, []int{10, 50, 60}, p.at)
		require.Equal(t, []int{20, 40, 60}, other.at)
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomePaused: 3, gocron.OutcomeSucceeded: 6}, rig.OutcomesOf(t, c))
	})
}

func TestSynctestControllerPauseEndsScheduledRunsThatWait(t *testing.T) {
	waits := map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
	}{
		"for a slot":           {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, nil},
		"for a slot of a pool": {[]gocron.SchedulerOption{gocron.WithPool("p", 1, gocron.LimitModeWait)}, []gocron.JobOption{gocron.InPool("p")}},
		"for their turn":       {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}},
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), h.Task, wait.job...)
				s.Start()
				rest(35 * time.Second) // one run is in progress, two wait
				require.NoError(t, j.RunNow())
				require.Equal(t, 3, rig.StatsOf(t, c).Waiting)
				require.NoError(t, c.Pause(j.ID()))
				require.Equal(t, 1, rig.StatsOf(t, c).Waiting, "that of RunNow waits on")
				require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomePaused: 2}, rig.OutcomesOf(t, c))
				require.Equal(t, 1, h.Running(), "what is in progress goes on")
				h.Open()
				rest(10 * time.Second)
				require.EqualValues(t, 2, h.Ended.Load())
				require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomePaused: 3, gocron.OutcomeSucceeded: 2}, rig.OutcomesOf(t, c))
			}, wait.scheduler...)
		})
	}
}

// A run that waits for a slot has passed its gate. When it is paused, those behind it
// may pass.
func TestSynctestControllerPauseLetsRunNowPassTheGate(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		ran := 0
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), func() { ran++ }, gocron.WithSingletonMode(gocron.LimitModeWait))
		holder := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, holder.RunNow())
		rest(15 * time.Second)
		require.NoError(t, j.RunNow())
		require.Equal(t, 2, rig.StatsOf(t, c).Waiting)
		require.NoError(t, c.Pause(j.ID()))
		require.Equal(t, 1, rig.StatsOf(t, c).Waiting)
		h.Open()
		synctest.Wait()
		require.Equal(t, 1, ran, "the run of RunNow")
		require.Zero(t, rig.StatsOf(t, c).Waiting)
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

// A run that is let start has not begun before its task is called.
func TestSynctestControllerPauseOfARunThatIsAboutToBegin(t *testing.T) {
	for _, resumed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var c *gocron.Controller
			ran := 0
			s := rig.NewScheduler(t, gocron.WithHooks(gocron.Hooks{RunDue: func(r gocron.RunInfo) {
				require.NoError(t, c.Pause(r.JobID))
				if resumed {
					require.NoError(t, c.Resume(r.JobID))
				}
			}}))
			c = gocron.NewController(s)
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { ran++ })
			s.Start()
			synctest.Wait()
			if resumed {
				require.Equal(t, 1, ran)
				require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 1}, rig.OutcomesOf(t, c))
			} else {
				require.Zero(t, ran)
				require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomePaused: 1}, rig.OutcomesOf(t, c))
			}
		})
	}
}

func TestSynctestControllerRunNowRunsWhilePaused(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		ran := 0
		j := rig.MustJob(t, s, rig.Ages(), func() { ran++ })
		require.NoError(t, c.Pause(j.ID()))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, ran)
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
		require.Equal(t, 2, ran)
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		require.True(t, e.Paused, "and the job stays paused")
	})
}

// Further attempts are part of a run in progress.
func TestSynctestControllerPauseLetsARunInProgressGoOn(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		attempts := 0
		retry := gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Minute)}
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func(ctx context.Context) error {
			attempts++
			if attempts == 1 {
				require.NoError(t, c.Pause(uuidOf(ctx)), "from inside")
			}
			require.NoError(t, ctx.Err())
			return rig.ErrTest
		}, gocron.WithRetry(retry))
		s.Start()
		synctest.Wait()
		require.Equal(t, 1, rig.StatsOf(t, c).Retrying)
		require.NoError(t, c.Pause(j.ID()), "also while it waits for the next one")
		rest(time.Hour)
		require.Equal(t, 3, attempts)
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeFailed: 1}, rig.OutcomesOf(t, c))
	})
}

func uuidOf(ctx context.Context) uuid.UUID {
	j, _ := gocron.JobFromContext(ctx)
	return j.ID()
}

func TestSynctestControllerPauseGivesLimitedRunsBack(t *testing.T) {
	for _, limit := range []uint{1, 2, 3} {
		inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
			p := newPulse(0)
			j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), p.task, gocron.WithLimitedRuns(limit))
			s.Start()
			require.NoError(t, c.Pause(j.ID()))
			rest(105 * time.Second)
			require.NoError(t, c.Resume(j.ID()))
			e, err := c.Explain(j.ID())
			require.NoError(t, err)
			require.EqualValues(t, limit, e.RunsLeft)
			rest(100 * time.Second)
			require.Equal(t, []int{110, 120, 130}[:limit], p.at)
			require.Empty(t, s.Jobs(), "it leaves after its last run")
			require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomePaused: 10, gocron.OutcomeSucceeded: uint64(limit)}, rig.OutcomesOf(t, c))
		})
	}
}

func TestSynctestControllerPauseOutlivesStopAndStart(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		ran := 0
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), func() { ran++ })
		holder := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, holder.RunNow())
		synctest.Wait()
		owed := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { ran++ })
		require.Equal(t, 1, rig.StatsOf(t, c).Waiting)
		require.NoError(t, c.Pause(j.ID()))
		go func() { time.Sleep(time.Second); h.Open() }()
		require.NoError(t, s.StopJobs())
		require.NoError(t, c.Pause(owed.ID()))
		s.Start()
		rest(25 * time.Second)
		require.Zero(t, ran)
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 1, gocron.OutcomeCancelled: 1, gocron.OutcomePaused: 2}, rig.OutcomesOf(t, c),
			"what the stop had dropped is kept for Resume")
		require.NoError(t, c.Resume(j.ID()))
		rest(10 * time.Second)
		require.Equal(t, 1, ran)
		require.NoError(t, c.Resume(owed.ID()))
		synctest.Wait()
		require.Equal(t, 2, ran)
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

func TestSynctestControllerPauseOutlivesReplacement(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s, c := steered(t)
		p := newPulse(0)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop)
		s.Start()
		require.NoError(t, c.Pause(j.ID()))
		for i := 0; i < 3; i++ {
			replace(s, j, gocron.DurationJob(10*time.Second), p.task, gocron.WithStartAt(gocron.WithStartImmediately()))
			rest(5 * time.Second)
		}
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomePaused: 3}, rig.OutcomesOf(t, c))
		require.NoError(t, c.Resume(j.ID()))
		replace(s, j, gocron.DurationJob(10*time.Second), p.task)
		rest(10 * time.Second)
		require.Equal(t, []int{25}, p.at, "so does Resume")

		require.NoError(t, c.Pause(j.ID()))
		require.NoError(t, s.RemoveJob(j.ID()))
		rig.MustJob(t, s, gocron.DurationJob(10*time.Second), p.task, gocron.WithIdentifier(j.ID()))
		rest(10 * time.Second)
		require.Equal(t, []int{25, 35}, p.at, "another job of the same id is not paused")
	})
}

// A paused run is in nobody's way.
func TestSynctestControllerPausedRunsTakeNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		ended := 0
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), func(ctx context.Context) {
			select {
			case <-ctx.Done():
				ended++
			case <-time.After(time.Minute):
			}
		}, gocron.WithSingletonMode(gocron.LimitModeReplace))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, c.Pause(j.ID()))
		rest(time.Minute + time.Second)
		require.Zero(t, ended, "it replaces none")
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 1, gocron.OutcomePaused: 6}, rig.OutcomesOf(t, c))
	}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1))
}

func TestSynctestControllerHooksOfPausedRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		var told []string
		tell := func(point string) func(gocron.RunInfo) {
			return func(r gocron.RunInfo) { told = append(told, point+" "+r.Outcome.String()) }
		}
		s, c := steered(t, gocron.WithMonitor(m), gocron.WithSchedulerMonitor(m), gocron.WithHooks(gocron.Hooks{
			RunDue: tell("due"), RunQueued: tell("queued"), RunStarted: tell("started"), RunFinished: tell("finished"),
		}))
		var listened atomic.Int64
		listen := func(uuid.UUID, string) { listened.Add(1) }
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), rig.Noop, gocron.WithEventListeners(gocron.BeforeJobRuns(listen), gocron.AfterJobRuns(listen)))
		s.Start()
		require.NoError(t, c.Pause(j.ID()))
		m.Forget()
		rest(15 * time.Second)
		require.Len(t, told, 2)
		require.Equal(t, "finished paused", told[1])
		require.Empty(t, m.Events())
		require.Zero(t, listened.Load())
		last, err := j.LastRunStartedAt()
		require.NoError(t, err)
		require.Zero(t, last)
	})
}
