//go:build go1.25

package gocron

import (
	"context"
	"sync"
	"sync/atomic"
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
			for range 3 {
				if _, err := s.Update(j.ID(), ages(), NewTask(noop)); err != nil {
					return err
				}
			}
			return nil
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

// Who gives up does so at once, and others go on waiting.
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
		replace(s, j, ages(), noop)
		cancel()
		require.ErrorIs(t, requireReturned(t, impatient).err, context.Canceled)
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

// Who would wait for a run in the announcement would hold it up.
func TestSynctestControllerOfAJobThatIsBeingAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outside <-chan waited
		_, c, _ := atRegistration(t, func(s Scheduler, c *Controller, j Job) {
			require.NoError(t, j.RunNow())
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.True(t, err == ErrJobRunNowFailed)
			require.Zero(t, info)
			outside = awaited(context.Background(), c, j)
			require.True(t, requireReturned(t, outside).err == ErrJobRunNowFailed)
			require.NoError(t, c.Wait(context.Background(), j.ID()))
			require.Zero(t, soundStats(t, c).Made)
		})
		rest(2 * time.Second)
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 1}, soundOutcomes(t, c), "that of RunNow")
	})
}

// A RunNow made then is kept, also if the job is replaced before its announcement has
// returned: it is one of the definition that is there then.
func TestSynctestRunNowOfAJobThatIsBeingAnnounced(t *testing.T) {
	for name, e := range map[string]struct {
		then func(s Scheduler, j Job, newTask Task) error
		job  []JobOption
		ran  []string
	}{
		"nothing": {func(Scheduler, Job, Task) error { return nil }, nil, []string{"old", "old"}},
		"limited": {func(Scheduler, Job, Task) error { return nil }, []JobOption{WithLimitedRuns(1)}, []string{"old"}},
		"update": {func(s Scheduler, j Job, task Task) error { _, err := s.Update(j.ID(), ages(), task); return err },
			nil, []string{"new", "new"}},
		"replacement": {func(s Scheduler, j Job, task Task) error {
			_, err := s.NewJob(ages(), task, WithIdentifier(j.ID()))
			return err
		}, nil, []string{"new", "new"}},
		"two updates": {func(s Scheduler, j Job, task Task) error {
			for i := 0; i < 2; i++ {
				if _, err := s.Update(j.ID(), ages(), task); err != nil {
					return err
				}
			}
			return nil
		}, nil, []string{"new", "new"}},
		"removal": {func(s Scheduler, j Job, _ Task) error { return s.RemoveJob(j.ID()) }, nil, nil},
		"stop":    {func(s Scheduler, _ Job, _ Task) error { return s.StopJobs() }, nil, nil},
		"restart": {func(s Scheduler, _ Job, _ Task) error { err := s.StopJobs(); s.Start(); return err }, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s Scheduler
				var ran []string
				times := 0
				s = newScheduler(t, WithSchedulerMonitor(monitorFuncs{registered: func(j Job) {
					if times++; times > 1 {
						return
					}
					require.NoError(t, j.RunNow())
					require.NoError(t, j.RunNow())
					require.NoError(t, e.then(s, j, NewTask(func() { ran = append(ran, "new") })))
					synctest.Wait()
					require.Empty(t, ran, "the announcement has not returned")
				}}), WithLimitConcurrentJobs(1, LimitModeWait))
				s.Start()
				_, err := s.NewJob(ages(), NewTask(func() { ran = append(ran, "old") }), e.job...)
				require.NoError(t, err)
				synctest.Wait()
				require.Equal(t, e.ran, ran)
			})
		})
	}
}

// A RunNow between NewJob's return and its announcement, which another goroutine makes.
func TestSynctestRunNowOfAJobWhoseAnnouncementIsAnothersTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Scheduler
		var mu sync.Mutex
		var told []string
		tell := func(what string) { mu.Lock(); defer mu.Unlock(); told = append(told, what) }
		heard := func() []string { mu.Lock(); defer mu.Unlock(); return told }
		var ran atomic.Int64
		s = newScheduler(t, WithSchedulerMonitor(monitorFuncs{
			registered:   func(j Job) { time.Sleep(time.Second); tell("+" + j.Name()) },
			unregistered: func(j Job) { tell("-" + j.Name()) },
		}))
		s.Start()
		id := uuid.New()
		go func() { _, _ = s.Update(id, ages(), NewTask(noop), WithName("a")) }()
		synctest.Wait()
		_, err := s.Update(id, ages(), NewTask(noop), WithName("b"))
		require.NoError(t, err)
		j, err := s.Update(id, ages(), NewTask(func() { ran.Add(1) }), WithName("c"))
		require.NoError(t, err)
		require.Empty(t, heard(), "a's announcement is under way")
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Zero(t, ran.Load())
		time.Sleep(3 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"+a", "-a", "+c"}, heard(), "b has left before")
		require.EqualValues(t, 1, ran.Load())
		require.NoError(t, s.RemoveJob(id))
		require.Equal(t, "-c", heard()[3])
	})
}
