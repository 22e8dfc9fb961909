//go:build go1.25

package controller_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestControllerWaitReturnsAtOnceWhenNothingRunsOrWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		busy := rig.MustJob(t, s, rig.Ages(), rig.NewHoldup(t).Task)
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
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		for i := 0; i < 3; i++ {
			require.NoError(t, j.RunNow())
		}
		done := idleness(context.Background(), c, j)
		for i := 0; i < 3; i++ {
			requireWaiting(t, done)
			h.LetGo()
		}
		require.NoError(t, requireReturned(t, done).err)
	})
}

// A run is in progress from the moment it is let start to the end of its listeners.
func TestSynctestControllerWaitsForListeners(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		before, after := rig.NewHoldup(t), rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithEventListeners(
			gocron.BeforeJobRuns(func(uuid.UUID, string) { before.Task() }), gocron.AfterJobRuns(func(uuid.UUID, string) { after.Task() })))
		s.Start()
		require.NoError(t, j.RunNow())
		done := idleness(context.Background(), c, j)
		requireWaiting(t, done)
		before.Open()
		requireWaiting(t, done)
		require.Equal(t, 1, after.Running())
		after.Open()
		require.NoError(t, requireReturned(t, done).err)
	})
}

// However runs of the job wait, Wait waits for them.
func TestSynctestControllerWaitsForRunsThatWait(t *testing.T) {
	for name, options := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
	}{
		"for a slot":       {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, nil},
		"for their turn":   {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}},
		"in pool and turn": {[]gocron.SchedulerOption{gocron.WithPool("p", 1, gocron.LimitModeWait)}, []gocron.JobOption{gocron.InPool("p"), gocron.WithSingletonMode(gocron.LimitModeWait)}},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), h.Task, options.job...)
				s.Start()
				rest(35 * time.Second)
				done := idleness(context.Background(), c, j)
				for i := 0; i < 3; i++ {
					requireWaiting(t, done)
					h.LetGo()
				}
				require.NoError(t, requireReturned(t, done).err)
			}, options.scheduler...)
		})
	}
}

func TestSynctestControllerWaitsForRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest },
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Minute)}))
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
	ends := map[string]func(s gocron.Scheduler, c *gocron.Controller, j gocron.Job) error{
		"stop": func(s gocron.Scheduler, _ *gocron.Controller, _ gocron.Job) error {
			return s.StopJobsWithContext(rig.EndedContext())
		},
		"shutdown": func(s gocron.Scheduler, _ *gocron.Controller, _ gocron.Job) error {
			return s.ShutdownWithContext(rig.EndedContext())
		},
		"remove": func(s gocron.Scheduler, _ *gocron.Controller, j gocron.Job) error { return s.RemoveJob(j.ID()) },
		"tags":   func(s gocron.Scheduler, _ *gocron.Controller, _ gocron.Job) error { s.RemoveByTags("tag"); return nil },
		"pause":  func(_ gocron.Scheduler, c *gocron.Controller, j gocron.Job) error { return c.Pause(j.ID()) },
		"update": func(s gocron.Scheduler, _ *gocron.Controller, j gocron.Job) error {
			_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop))
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(time.Second), rig.Noop, gocron.WithTags("tag"))
				holder := rig.MustJob(t, s, rig.Ages(), h.Task)
				s.Start()
				require.NoError(t, holder.RunNow())
				rest(3 * time.Second)
				done := idleness(context.Background(), c, j)
				requireWaiting(t, done)
				if err := end(s, c, j); err != nil {
					require.ErrorIs(t, err, context.Canceled)
				}
				require.NoError(t, requireReturned(t, done).err)
				h.Open()
			}, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		})
	}
}

// A run in progress is waited for whatever happens to its job.
func TestSynctestControllerWaitOutlivesTheJob(t *testing.T) {
	ends := map[string]func(s gocron.Scheduler, j gocron.Job) error{
		"stop":     func(s gocron.Scheduler, _ gocron.Job) error { return s.StopJobsWithContext(rig.EndedContext()) },
		"shutdown": func(s gocron.Scheduler, _ gocron.Job) error { return s.ShutdownWithContext(rig.EndedContext()) },
		"remove":   func(s gocron.Scheduler, j gocron.Job) error { return s.RemoveJob(j.ID()) },
		"updates": func(s gocron.Scheduler, j gocron.Job) error {
			for range 3 {
				if _, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop)); err != nil {
					return err
				}
			}
			return nil
		},
		"another of its id": func(s gocron.Scheduler, j gocron.Job) error {
			if err := s.RemoveJob(j.ID()); err != nil {
				return err
			}
			_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithIdentifier(j.ID()))
			return err
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, rig.Ages(), h.Task)
				s.Start()
				require.NoError(t, j.RunNow())
				done := idleness(context.Background(), c, j)
				if err := end(s, j); err != nil {
					require.ErrorIs(t, err, context.Canceled)
				}
				requireWaiting(t, done)
				h.Open()
				require.NoError(t, requireReturned(t, done).err)
			})
		})
	}
}

// The runs of the new definition are runs of the job, too.
func TestSynctestControllerWaitsForRunsOfTheReplacement(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s, c := steered(t)
		older, newer := rig.NewHoldup(t), rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), older.Task)
		s.Start()
		require.NoError(t, j.RunNow())
		first := idleness(context.Background(), c, j)
		replace(s, j, rig.Ages(), newer.Task)
		require.NoError(t, j.RunNow())
		second := idleness(context.Background(), c, j)
		newer.Open()
		requireWaiting(t, first)
		requireWaiting(t, second)
		older.Open()
		require.NoError(t, requireReturned(t, first).err)
		require.NoError(t, requireReturned(t, second).err)
	})
}

// A replacement drops the runs that wait, so for a moment there is none, with a monitor and without,
// also when the new definition runs at once.
func TestSynctestControllerWaitEndsWithTheRunsThatAReplacementDrops(t *testing.T) {
	for name, monitor := range map[string][]gocron.SchedulerOption{
		"plain": nil, "monitored": {gocron.WithSchedulerMonitor(rig.NoMonitor{})},
	} {
		t.Run(name, func(t *testing.T) {
			rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
				s, c := steered(t, append(monitor, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))...)
				h := rig.NewHoldup(t)
				busy := rig.MustJob(t, s, rig.Ages(), h.Task)
				j := rig.MustJob(t, s, rig.Ages(), rig.Noop)
				s.Start()
				require.NoError(t, busy.RunNow())
				require.NoError(t, j.RunNow())
				done := idleness(context.Background(), c, j)
				requireWaiting(t, done)
				replace(s, j, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithStartAt(gocron.WithStartImmediately()))
				require.NoError(t, requireReturned(t, done).err)
				requireWaiting(t, idleness(context.Background(), c, j), "for the run that waits now")
				h.Open()
			})
		})
	}
}

func TestSynctestControllerWaitOfMany(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j, other := rig.MustJob(t, s, rig.Ages(), h.Task), rig.MustJob(t, s, rig.Ages(), rig.Noop)
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
		h.Open()
		for _, done := range all {
			require.NoError(t, requireReturned(t, done).err)
		}
	})
}

// Who gives up does so at once, and others go on waiting.
func TestSynctestControllerWaitNoLongerThanItsContext(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, j.RunNow())
		patient := idleness(context.Background(), c, j)
		for i := 0; i < 10; i++ {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			require.ErrorIs(t, c.Wait(ctx, j.ID()), context.DeadlineExceeded)
			cancel()
		}
		require.ErrorIs(t, c.Wait(rig.EndedContext(), j.ID()), context.Canceled)
		requireWaiting(t, patient)
		h.Open()
		require.NoError(t, requireReturned(t, patient).err)
	})
}

func TestSynctestControllerWaitGivenUpAfterAReplacement(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s, c := steered(t)
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		require.NoError(t, j.RunNow())
		ctx, cancel := context.WithCancel(context.Background())
		impatient, patient := idleness(ctx, c, j), idleness(context.Background(), c, j)
		replace(s, j, rig.Ages(), rig.Noop)
		cancel()
		require.ErrorIs(t, requireReturned(t, impatient).err, context.Canceled)
		h.Open()
		require.NoError(t, requireReturned(t, patient).err)
	})
}

// atRegistration makes a job, and has f called while the monitor is told of it: it is
// listed, but cannot run before f has returned.
func atRegistration(t *testing.T, f func(s gocron.Scheduler, c *gocron.Controller, j gocron.Job), options ...gocron.JobOption) (gocron.Scheduler, *gocron.Controller, gocron.Job) {
	var s gocron.Scheduler
	s = rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1),
		gocron.WithSchedulerMonitor(rig.MonitorFuncs{Registered: func(j gocron.Job) { f(s, gocron.NewController(s), j) }}))
	s.Start()
	return s, gocron.NewController(s), rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Second) }, options...)
}

// Who would wait for a run in the announcement would hold it up.
func TestSynctestControllerOfAJobThatIsBeingAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var outside <-chan waited
		_, c, _ := atRegistration(t, func(s gocron.Scheduler, c *gocron.Controller, j gocron.Job) {
			require.NoError(t, j.RunNow())
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.True(t, err == gocron.ErrJobRunNowFailed)
			require.Zero(t, info)
			outside = awaited(context.Background(), c, j)
			require.True(t, requireReturned(t, outside).err == gocron.ErrJobRunNowFailed)
			require.NoError(t, c.Wait(context.Background(), j.ID()))
			require.Zero(t, rig.StatsOf(t, c).Made)
		})
		rest(2 * time.Second)
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 1}, rig.OutcomesOf(t, c), "that of RunNow")
	})
}

// A RunNow made then is kept, also if the job is replaced before its announcement has
// returned: it is one of the definition that is there then.
func TestSynctestRunNowOfAJobThatIsBeingAnnounced(t *testing.T) {
	for name, e := range map[string]struct {
		then func(s gocron.Scheduler, j gocron.Job, newTask gocron.Task) error
		job  []gocron.JobOption
		ran  []string
	}{
		"nothing": {func(gocron.Scheduler, gocron.Job, gocron.Task) error { return nil }, nil, []string{"old", "old"}},
		"limited": {func(gocron.Scheduler, gocron.Job, gocron.Task) error { return nil }, []gocron.JobOption{gocron.WithLimitedRuns(1)}, []string{"old"}},
		"update": {func(s gocron.Scheduler, j gocron.Job, task gocron.Task) error {
			_, err := s.Update(j.ID(), rig.Ages(), task)
			return err
		},
			nil, []string{"new", "new"}},
		"replacement": {func(s gocron.Scheduler, j gocron.Job, task gocron.Task) error {
			_, err := s.NewJob(rig.Ages(), task, gocron.WithIdentifier(j.ID()))
			return err
		}, nil, []string{"new", "new"}},
		"two updates": {func(s gocron.Scheduler, j gocron.Job, task gocron.Task) error {
			for i := 0; i < 2; i++ {
				if _, err := s.Update(j.ID(), rig.Ages(), task); err != nil {
					return err
				}
			}
			return nil
		}, nil, []string{"new", "new"}},
		"removal": {func(s gocron.Scheduler, j gocron.Job, _ gocron.Task) error { return s.RemoveJob(j.ID()) }, nil, nil},
		"stop":    {func(s gocron.Scheduler, _ gocron.Job, _ gocron.Task) error { return s.StopJobs() }, nil, nil},
		"restart": {func(s gocron.Scheduler, _ gocron.Job, _ gocron.Task) error {
			err := s.StopJobs()
			s.Start()
			return err
		}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s gocron.Scheduler
				var ran []string
				times := 0
				s = rig.NewScheduler(t, gocron.WithSchedulerMonitor(rig.MonitorFuncs{Registered: func(j gocron.Job) {
					if times++; times > 1 {
						return
					}
					require.NoError(t, j.RunNow())
					require.NoError(t, j.RunNow())
					require.NoError(t, e.then(s, j, gocron.NewTask(func() { ran = append(ran, "new") })))
					synctest.Wait()
					require.Empty(t, ran, "the announcement has not returned")
				}}), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				s.Start()
				_, err := s.NewJob(rig.Ages(), gocron.NewTask(func() { ran = append(ran, "old") }), e.job...)
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
		var s gocron.Scheduler
		var mu sync.Mutex
		var told []string
		tell := func(what string) { mu.Lock(); defer mu.Unlock(); told = append(told, what) }
		heard := func() []string { mu.Lock(); defer mu.Unlock(); return told }
		var ran atomic.Int64
		s = rig.NewScheduler(t, gocron.WithSchedulerMonitor(rig.MonitorFuncs{
			Registered:   func(j gocron.Job) { time.Sleep(time.Second); tell("+" + j.Name()) },
			Unregistered: func(j gocron.Job) { tell("-" + j.Name()) },
		}))
		s.Start()
		id := uuid.New()
		go func() { _, _ = s.Update(id, rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("a")) }()
		synctest.Wait()
		_, err := s.Update(id, rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithName("b"))
		require.NoError(t, err)
		j, err := s.Update(id, rig.Ages(), gocron.NewTask(func() { ran.Add(1) }), gocron.WithName("c"))
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
