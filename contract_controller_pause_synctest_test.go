//go:build go1.25

package gocron

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// inBubble runs a test in a bubble, with a scheduler that was not started and its
// Controller.
func inBubble(t *testing.T, f func(t *testing.T, s Scheduler, c *Controller), options ...SchedulerOption) {
	synctest.Test(t, func(t *testing.T) {
		s, c := steered(t, options...)
		f(t, s, c)
	})
}

func TestSynctestControllerPausedJobKeepsItsTimes(t *testing.T) {
	definitions := map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"cron":     CronJob("0 * * * *", false),
		"random":   DurationRandomJob(time.Minute, time.Hour),
		"daily":    DailyJob(1, atClock(1, 0)),
	}
	for name, definition := range definitions {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				ran := 0
				j := mustJob(t, s, definition, func() { ran++ })
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
				require.Equal(t, append(times(5, OutcomePaused), OutcomeSucceeded), endedAs(t, c, j))
			}, WithHistory(10))
		})
	}
}

// The same without hooks or history, which nobody has to have.
func TestSynctestControllerPauseAndResume(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		p := newPulse(0)
		j := mustJob(t, s, DurationJob(10*time.Second), p.task)
		other := newPulse(0)
		mustJob(t, s, DurationJob(20*time.Second), other.task)
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
		require.Equal(t, map[Outcome]uint64{OutcomePaused: 3, OutcomeSucceeded: 6}, soundOutcomes(t, c))
	})
}

func TestSynctestControllerPauseEndsScheduledRunsThatWait(t *testing.T) {
	waits := map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
	}{
		"for a slot":           {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}, nil},
		"for a slot of a pool": {[]SchedulerOption{WithPool("p", 1, LimitModeWait)}, []JobOption{InPool("p")}},
		"for their turn":       {nil, []JobOption{WithSingletonMode(LimitModeWait)}},
	}
	for name, wait := range waits {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				h := newHoldup(t)
				j := mustJob(t, s, DurationJob(10*time.Second), h.task, wait.job...)
				s.Start()
				rest(35 * time.Second) // one run is in progress, two wait
				require.NoError(t, j.RunNow())
				require.Equal(t, 3, soundStats(t, c).Waiting)
				require.NoError(t, c.Pause(j.ID()))
				require.Equal(t, 1, soundStats(t, c).Waiting, "that of RunNow waits on")
				require.Equal(t, map[Outcome]uint64{OutcomePaused: 2}, soundOutcomes(t, c))
				require.Equal(t, 1, h.running(), "what is in progress goes on")
				h.open()
				rest(10 * time.Second)
				require.EqualValues(t, 2, h.ended.Load())
				require.Equal(t, map[Outcome]uint64{OutcomePaused: 3, OutcomeSucceeded: 2}, soundOutcomes(t, c))
			}, wait.scheduler...)
		})
	}
}

// A run that waits for a slot has passed its gate. When it is paused, those behind it
// may pass.
func TestSynctestControllerPauseLetsRunNowPassTheGate(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		ran := 0
		j := mustJob(t, s, DurationJob(10*time.Second), func() { ran++ }, WithSingletonMode(LimitModeWait))
		holder := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, holder.RunNow())
		rest(15 * time.Second)
		require.NoError(t, j.RunNow())
		require.Equal(t, 2, soundStats(t, c).Waiting)
		require.NoError(t, c.Pause(j.ID()))
		require.Equal(t, 1, soundStats(t, c).Waiting)
		h.open()
		synctest.Wait()
		require.Equal(t, 1, ran, "the run of RunNow")
		require.Zero(t, soundStats(t, c).Waiting)
	}, WithLimitConcurrentJobs(1, LimitModeWait))
}

// A run that is let start has not begun before its task is called.
func TestSynctestControllerPauseOfARunThatIsAboutToBegin(t *testing.T) {
	for _, resumed := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			var c *Controller
			ran := 0
			s := newScheduler(t, WithHooks(Hooks{RunDue: func(r RunInfo) {
				require.NoError(t, c.Pause(r.JobID))
				if resumed {
					require.NoError(t, c.Resume(r.JobID))
				}
			}}))
			c = NewController(s)
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { ran++ })
			s.Start()
			synctest.Wait()
			if resumed {
				require.Equal(t, 1, ran)
				require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 1}, soundOutcomes(t, c))
			} else {
				require.Zero(t, ran)
				require.Equal(t, map[Outcome]uint64{OutcomePaused: 1}, soundOutcomes(t, c))
			}
		})
	}
}

func TestSynctestControllerRunNowRunsWhilePaused(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		ran := 0
		j := mustJob(t, s, ages(), func() { ran++ })
		require.NoError(t, c.Pause(j.ID()))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, ran)
		info, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, OutcomeSucceeded, info.Outcome)
		require.Equal(t, 2, ran)
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		require.True(t, e.Paused, "and the job stays paused")
	})
}

// Further attempts are part of a run in progress.
func TestSynctestControllerPauseLetsARunInProgressGoOn(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		attempts := 0
		retry := RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Minute)}
		j := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func(ctx context.Context) error {
			attempts++
			if attempts == 1 {
				require.NoError(t, c.Pause(uuidOf(ctx)), "from inside")
			}
			require.NoError(t, ctx.Err())
			return errContract
		}, WithRetry(retry))
		s.Start()
		synctest.Wait()
		require.Equal(t, 1, soundStats(t, c).Retrying)
		require.NoError(t, c.Pause(j.ID()), "also while it waits for the next one")
		rest(time.Hour)
		require.Equal(t, 3, attempts)
		require.Equal(t, map[Outcome]uint64{OutcomeFailed: 1}, soundOutcomes(t, c))
	})
}

func uuidOf(ctx context.Context) uuid.UUID {
	j, _ := JobFromContext(ctx)
	return j.ID()
}

func TestSynctestControllerPauseGivesLimitedRunsBack(t *testing.T) {
	for _, limit := range []uint{1, 2, 3} {
		inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
			p := newPulse(0)
			j := mustJob(t, s, DurationJob(10*time.Second), p.task, WithLimitedRuns(limit))
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
			require.Equal(t, map[Outcome]uint64{OutcomePaused: 10, OutcomeSucceeded: uint64(limit)}, soundOutcomes(t, c))
		})
	}
}

func TestSynctestControllerPauseOutlivesStopAndStart(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		ran := 0
		j := mustJob(t, s, DurationJob(10*time.Second), func() { ran++ })
		holder := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, holder.RunNow())
		synctest.Wait()
		owed := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() { ran++ })
		require.Equal(t, 1, soundStats(t, c).Waiting)
		require.NoError(t, c.Pause(j.ID()))
		go func() { time.Sleep(time.Second); h.open() }()
		require.NoError(t, s.StopJobs())
		require.NoError(t, c.Pause(owed.ID()))
		s.Start()
		rest(25 * time.Second)
		require.Zero(t, ran)
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 1, OutcomeCancelled: 1, OutcomePaused: 2}, soundOutcomes(t, c),
			"what the stop had dropped is kept for Resume")
		require.NoError(t, c.Resume(j.ID()))
		rest(10 * time.Second)
		require.Equal(t, 1, ran)
		require.NoError(t, c.Resume(owed.ID()))
		synctest.Wait()
		require.Equal(t, 2, ran)
	}, WithLimitConcurrentJobs(1, LimitModeWait))
}

func TestSynctestControllerPauseOutlivesReplacement(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s, c := steered(t)
		p := newPulse(0)
		j := mustJob(t, s, DurationJob(time.Minute), noop)
		s.Start()
		require.NoError(t, c.Pause(j.ID()))
		for i := 0; i < 3; i++ {
			replace(s, j, DurationJob(10*time.Second), p.task, WithStartAt(WithStartImmediately()))
			rest(5 * time.Second)
		}
		require.Equal(t, map[Outcome]uint64{OutcomePaused: 3}, soundOutcomes(t, c))
		require.NoError(t, c.Resume(j.ID()))
		replace(s, j, DurationJob(10*time.Second), p.task)
		rest(10 * time.Second)
		require.Equal(t, []int{25}, p.at, "so does Resume")

		require.NoError(t, c.Pause(j.ID()))
		require.NoError(t, s.RemoveJob(j.ID()))
		mustJob(t, s, DurationJob(10*time.Second), p.task, WithIdentifier(j.ID()))
		rest(10 * time.Second)
		require.Equal(t, []int{25, 35}, p.at, "another job of the same id is not paused")
	})
}

// A paused run is in nobody's way.
func TestSynctestControllerPausedRunsTakeNothing(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		ended := 0
		j := mustJob(t, s, DurationJob(10*time.Second), func(ctx context.Context) {
			select {
			case <-ctx.Done():
				ended++
			case <-time.After(time.Minute):
			}
		}, WithSingletonMode(LimitModeReplace))
		s.Start()
		require.NoError(t, j.RunNow())
		require.NoError(t, c.Pause(j.ID()))
		rest(time.Minute + time.Second)
		require.Zero(t, ended, "it replaces none")
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 1, OutcomePaused: 6}, soundOutcomes(t, c))
	}, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1))
}

func TestSynctestControllerHooksOfPausedRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		var told []string
		tell := func(point string) func(RunInfo) {
			return func(r RunInfo) { told = append(told, point+" "+r.Outcome.String()) }
		}
		s, c := steered(t, WithMonitor(m), WithSchedulerMonitor(m), WithHooks(Hooks{
			RunDue: tell("due"), RunQueued: tell("queued"), RunStarted: tell("started"), RunFinished: tell("finished"),
		}))
		var listened atomic.Int64
		listen := func(uuid.UUID, string) { listened.Add(1) }
		j := mustJob(t, s, DurationJob(10*time.Second), noop, WithEventListeners(BeforeJobRuns(listen), AfterJobRuns(listen)))
		s.Start()
		require.NoError(t, c.Pause(j.ID()))
		m.forget()
		rest(15 * time.Second)
		require.Len(t, told, 2)
		require.Equal(t, "finished paused", told[1])
		require.Empty(t, m.events())
		require.Zero(t, listened.Load())
		last, err := j.LastRunStartedAt()
		require.NoError(t, err)
		require.Zero(t, last)
	})
}
