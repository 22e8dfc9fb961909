//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestControllerWaitReturnsAtOnceWhenNothingRunsOrWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		j := mustJob(t, s, DurationJob(time.Hour), noop)
		busy := mustJob(t, s, ages(), newHoldup(t).task)
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		start := time.Now()
		idle := func() {
			t.Helper()
			require.NoError(t, c.Wait(context.Background(), j.ID()))
			require.NoError(t, c.Wait(ended, j.ID()), "also with a context that has ended")
		}
		idle()
		s.Start()
		idle()
		require.NoError(t, busy.RunNow())
		idle()
		require.Equal(t, start, time.Now(), "it does not wait for what is not due")
		rest(time.Hour)
		idle()
		require.NoError(t, s.RemoveJob(busy.ID()))
	})
}

func TestSynctestControllerWaitsForRunsInProgress(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		s.Start()
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
		}
		done := idleness(context.Background(), c, j)
		for i := 0; i < 3; i++ {
			requireWaiting(t, done)
			h.letGo()
		}
		require.NoError(t, requireReturned(t, done).err)
	})
}

// A run is in progress from the moment it is let start to the end of its listeners.
func TestSynctestControllerWaitsForListeners(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		before, after := newHoldup(t), newHoldup(t)
		j := mustJob(t, s, ages(), noop, WithEventListeners(
			BeforeJobRuns(func(uuid.UUID, string) { before.task() }), AfterJobRuns(func(uuid.UUID, string) { after.task() })))
		s.Start()
		require.NoError(t, j.RunNow())
		done := idleness(context.Background(), c, j)
		requireWaiting(t, done)
		before.open()
		requireWaiting(t, done)
		require.Equal(t, 1, after.running())
		after.open()
		require.NoError(t, requireReturned(t, done).err)
	})
}

// However runs of the job wait, Wait waits for them.
func TestSynctestControllerWaitsForRunsThatWait(t *testing.T) {
	for name, options := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
	}{
		"for a slot":       {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}, nil},
		"for their turn":   {nil, []JobOption{WithSingletonMode(LimitModeWait)}},
		"in pool and turn": {[]SchedulerOption{WithPool("p", 1, LimitModeWait)}, []JobOption{InPool("p"), WithSingletonMode(LimitModeWait)}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				h := newHoldup(t)
				j := mustJob(t, s, DurationJob(10*time.Second), h.task, options.job...)
				s.Start()
				rest(35 * time.Second)
				done := idleness(context.Background(), c, j)
				for i := 0; i < 3; i++ {
					requireWaiting(t, done)
					h.letGo()
				}
				require.NoError(t, requireReturned(t, done).err)
			}, options.scheduler...)
		})
	}
}

func TestSynctestControllerWaitsForRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		j := mustJob(t, s, ages(), func() error { return errContract },
			WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Minute)}))
		s.Start()
		start := time.Now()
		require.NoError(t, j.RunNow())
		done := idleness(context.Background(), c, j)
		requireWaiting(t, done)
		rest(time.Hour)
		require.Equal(t, 2*time.Minute, requireReturned(t, done).at.Sub(start))
	})
}

// What ends the runs that wait lets Wait return, when none is in progress.
func TestSynctestControllerWaitEndsWithTheRunsThatWait(t *testing.T) {
	ends := map[string]func(s Scheduler, c *Controller, j Job) error{
		"stop":     func(s Scheduler, _ *Controller, _ Job) error { return s.StopJobsWithContext(endedContext()) },
		"shutdown": func(s Scheduler, _ *Controller, _ Job) error { return s.ShutdownWithContext(endedContext()) },
		"remove":   func(s Scheduler, _ *Controller, j Job) error { return s.RemoveJob(j.ID()) },
		"tags":     func(s Scheduler, _ *Controller, _ Job) error { s.RemoveByTags("tag"); return nil },
		"pause":    func(_ Scheduler, c *Controller, j Job) error { return c.Pause(j.ID()) },
		"update": func(s Scheduler, _ *Controller, j Job) error {
			_, err := s.Update(j.ID(), ages(), NewTask(noop))
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				h := newHoldup(t)
				j := mustJob(t, s, DurationJob(time.Second), noop, WithTags("tag"))
				holder := mustJob(t, s, ages(), h.task)
				s.Start()
				require.NoError(t, holder.RunNow())
				rest(3 * time.Second)
				done := idleness(context.Background(), c, j)
				requireWaiting(t, done)
				if err := end(s, c, j); err != nil {
					require.ErrorIs(t, err, context.Canceled)
				}
				require.NoError(t, requireReturned(t, done).err)
				h.open()
			}, WithLimitConcurrentJobs(1, LimitModeWait))
		})
	}
}

// A run in progress is waited for whatever happens to its job.
func TestSynctestControllerWaitOutlivesTheJob(t *testing.T) {
	ends := map[string]func(s Scheduler, j Job) error{
		"stop":     func(s Scheduler, _ Job) error { return s.StopJobsWithContext(endedContext()) },
		"shutdown": func(s Scheduler, _ Job) error { return s.ShutdownWithContext(endedContext()) },
		"remove":   func(s Scheduler, j Job) error { return s.RemoveJob(j.ID()) },
		"updates": func(s Scheduler, j Job) error {
			return repeat(3, func() error {
				_, err := s.Update(j.ID(), ages(), NewTask(noop))
				return err
			})
		},
		"another of its id": func(s Scheduler, j Job) error {
			if err := s.RemoveJob(j.ID()); err != nil {
				return err
			}
			_, err := s.NewJob(ages(), NewTask(noop), WithIdentifier(j.ID()))
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				h := newHoldup(t)
				j := mustJob(t, s, ages(), h.task)
				s.Start()
				require.NoError(t, j.RunNow())
				done := idleness(context.Background(), c, j)
				if err := end(s, j); err != nil {
					require.ErrorIs(t, err, context.Canceled)
				}
				requireWaiting(t, done)
				h.open()
				require.NoError(t, requireReturned(t, done).err)
			})
		})
	}
}

// The runs of the new definition are runs of the job, too.
func TestSynctestControllerWaitsForRunsOfTheReplacement(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s, c := steered(t)
		older, newer := newHoldup(t), newHoldup(t)
		j := mustJob(t, s, ages(), older.task)
		s.Start()
		require.NoError(t, j.RunNow())
		first := idleness(context.Background(), c, j)
		replace(s, j, ages(), newer.task)
		require.NoError(t, j.RunNow())
		second := idleness(context.Background(), c, j)
		newer.open()
		requireWaiting(t, first)
		requireWaiting(t, second)
		older.open()
		require.NoError(t, requireReturned(t, first).err)
		require.NoError(t, requireReturned(t, second).err)
	})
}

func TestSynctestControllerWaitOfMany(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j, other := mustJob(t, s, ages(), h.task), mustJob(t, s, ages(), noop)
		s.Start()
		require.NoError(t, j.RunNow())
		var all []<-chan waited
		for i := 0; i < 100; i++ {
			all = append(all, idleness(context.Background(), c, j))
		}
		require.NoError(t, other.RunNow())
		for _, done := range all {
			requireWaiting(t, done, "for this job, not for any other")
		}
		h.open()
		for _, done := range all {
			require.NoError(t, requireReturned(t, done).err)
		}
	})
}

// Who has given up leaves nothing behind, also when the job is never idle.
func TestSynctestControllerWaitNoLongerThanItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, j.RunNow())
		patient := idleness(context.Background(), c, j)
		for i := 0; i < 10; i++ {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			require.ErrorIs(t, c.Wait(ctx, j.ID()), context.DeadlineExceeded)
			cancel()
		}
		require.ErrorIs(t, c.Wait(endedContext(), j.ID()), context.Canceled)
		require.Len(t, j.(*internalJob).rare.idle, 1)
		requireWaiting(t, patient)
		h.open()
		require.NoError(t, requireReturned(t, patient).err)
	})
}

func TestSynctestControllerWaitGivenUpAfterAReplacement(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s, c := steered(t)
		h := newHoldup(t)
		j := mustJob(t, s, ages(), h.task)
		s.Start()
		require.NoError(t, j.RunNow())
		ctx, cancel := context.WithCancel(context.Background())
		impatient, patient := idleness(ctx, c, j), idleness(context.Background(), c, j)
		newer := replace(s, j, ages(), noop)
		cancel()
		require.ErrorIs(t, requireReturned(t, impatient).err, context.Canceled)
		require.Len(t, newer.(*internalJob).rare.idle, 1)
		h.open()
		require.NoError(t, requireReturned(t, patient).err)
	})
}

// atRegistration makes a job, and has f called while the monitor is told of it: it is
// listed, but cannot run before f has returned.
func atRegistration(t *testing.T, f func(s Scheduler, c *Controller, j Job), options ...JobOption) (Scheduler, *Controller, Job) {
	var s Scheduler
	s = newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1),
		WithSchedulerMonitor(monitorFuncs{registered: func(j Job) { f(s, NewController(s), j) }}))
	s.Start()
	return s, NewController(s), mustJob(t, s, ages(), func() { time.Sleep(time.Second) }, options...)
}

func TestSynctestControllerRunAndWaitForAJobThatIsBeingAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var inside, outside <-chan waited
		_, c, _ := atRegistration(t, func(s Scheduler, c *Controller, j Job) {
			outside = awaited(context.Background(), c, j)
			inside = idleness(context.Background(), c, j)
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			info, err := c.RunAndWait(ctx, j.ID())
			require.ErrorIs(t, err, context.DeadlineExceeded, "who is asked in the announcement holds it up")
			require.Zero(t, info)
			requireWaiting(t, outside)
			requireWaiting(t, inside)
			require.Zero(t, soundStats(t, c).Made)
		})
		requireWaiting(t, outside)
		rest(2 * time.Second)
		got := requireReturned(t, outside)
		require.NoError(t, got.err)
		require.Equal(t, OutcomeSucceeded, got.info.Outcome)
		require.NoError(t, requireReturned(t, inside).err)
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 2}, soundOutcomes(t, c))
	})
}

// What may happen to a job between RunAndWait and the run that is made when the
// announcement is over.
func TestSynctestControllerRunAndWaitForAJobThatDoesNotGetToRun(t *testing.T) {
	for name, e := range map[string]struct {
		then    func(s Scheduler, j Job) error
		job     []JobOption
		others  int // calls of RunNow before
		outcome Outcome
		err     error
	}{
		"removed":     {then: func(s Scheduler, j Job) error { return s.RemoveJob(j.ID()) }, err: ErrJobNotFound},
		"shut down":   {then: func(s Scheduler, _ Job) error { return s.Shutdown() }, err: ErrJobNotFound},
		"stopped":     {then: func(s Scheduler, _ Job) error { return s.StopJobs() }, err: ErrJobRunNowFailed},
		"no run left": {others: 1, job: []JobOption{WithLimitedRuns(1)}, err: ErrJobRunNowFailed},
		"full queue":  {others: 2, outcome: OutcomeDroppedQueueFull, err: ErrQueueFull},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var done <-chan waited
				ctx, cancel := context.WithCancel(context.Background())
				t.Cleanup(cancel)
				atRegistration(t, func(s Scheduler, c *Controller, j Job) {
					for i := 0; i < e.others; i++ {
						require.NoError(t, j.RunNow())
					}
					done = awaited(ctx, c, j)
					if e.then != nil {
						require.NoError(t, e.then(s, j))
					}
				}, e.job...)
				got := requireReturned(t, done)
				require.ErrorIs(t, got.err, e.err)
				require.Equal(t, e.outcome, got.info.Outcome)
			})
		})
	}
}
