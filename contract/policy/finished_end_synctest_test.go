//go:build go1.25

package policy_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// Times that pass while the scheduler does not run are over.
func TestSynctestPolicyFinishedAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
		gone := rig.MustJob(t, s, oneTimeAt(1, 2), rig.Noop, gocron.WithRemoveWhenFinished(), gocron.WithName("gone"))
		left := rig.MustJob(t, s, oneTimeAt(1, 20), rig.Noop, gocron.WithRemoveWhenFinished(), gocron.WithName("left"))
		rig.MustJob(t, s, oneTimeAt(1, 2), rig.Noop, gocron.WithName("plain"))
		time.Sleep(10 * time.Minute)
		require.Len(t, s.Jobs(), 3, "none leaves before Start")
		_, err := gone.NextRun()
		require.NoError(t, err)
		s.Start()
		require.Equal(t, []gocron.Job{left}, s.Jobs(), "Start finds the others exhausted")
		require.Equal(t, []string{"registered gone", "registered left", "registered plain", "scheduler-started",
			"unregistered gone", "unregistered plain"}, m.Events(), "when Start has returned")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestPolicyFinishedWhileStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2), rig.Noop)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, f.s.StopJobs())
		time.Sleep(time.Hour)
		f.stays()
		f.s.Start()
		f.left("succeeded", "missed")
	})
}

// A run that outlives the stop is the last one still.
func TestSynctestPolicyFinishedWhenItsRunHasOutlivedAStop(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFinishing(t, oneTimeAt(1), func() { time.Sleep(time.Hour) })
			time.Sleep(2 * time.Minute)
			require.Equal(t, gocron.ErrStopJobsTimedOut, f.s.StopJobs())
			if restarted {
				f.s.Start()
				f.stays()
			}
			time.Sleep(time.Hour)
			if !restarted {
				f.stays()
				f.s.Start()
			}
			f.left("succeeded")
		})
	}
}

// What a stop has dropped from the queue is owed, so the job is not finished.
func TestSynctestPolicyFinishedNotWhileARunIsOwed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1), rig.Noop)
		h := rig.NewHoldup(t)
		blocker := rig.MustJob(t, f.s, rig.Ages(), h.Task)
		require.NoError(t, blocker.RunNow())
		require.NoError(t, blocker.RunNow())
		time.Sleep(2 * time.Minute)
		require.Equal(t, 1, rig.StatsAtRest(t, f.s).Waiting)
		require.Equal(t, context.Canceled, f.s.StopJobsWithContext(rig.EndedContext()))
		require.Equal(t, []string{"cancelled"}, f.b.Results())
		f.s.Start()
		require.Len(t, f.s.Jobs(), 2)
		h.Open()
		synctest.Wait()
		require.Equal(t, []gocron.Job{blocker}, f.s.Jobs())
		require.Equal(t, []string{"succeeded", "succeeded", "cancelled", "succeeded"}, f.b.Results())
	})
}

// The option is the definition's: a job that is replaced has that of the new one.
func TestSynctestPolicyFinishedIsThatOfTheDefinition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1), func() { time.Sleep(5 * time.Minute) })
		time.Sleep(time.Minute)
		f.stays()
		plain, err := f.s.Update(f.j.ID(), oneTimeAt(1), gocron.NewTask(rig.Noop))
		require.NoError(t, err)
		time.Sleep(10 * time.Minute)
		require.Equal(t, []string{"succeeded", "succeeded"}, f.b.Results())
		require.Equal(t, []gocron.Job{plain}, f.s.Jobs())
		again, err := f.s.Update(f.j.ID(), oneTimeAt(1), gocron.NewTask(rig.Noop), gocron.WithRemoveWhenFinished())
		require.NoError(t, err)
		require.Equal(t, []gocron.Job{again}, f.s.Jobs())
		time.Sleep(time.Minute)
		require.Len(t, f.b.Runs(), 3)
		require.Empty(t, f.s.Jobs())
	})
}

// The one that is replaced may still run when the new one's times are over.
func TestSynctestPolicyFinishedAfterTheRunsOfAReplacedDefinition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1), func() { time.Sleep(5 * time.Minute) })
		time.Sleep(time.Minute)
		f.stays()
		next, err := f.s.Update(f.j.ID(), oneTimeAt(1), gocron.NewTask(rig.Noop), gocron.WithRemoveWhenFinished(), gocron.WithName("next"))
		require.NoError(t, err)
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"succeeded"}, f.b.Results())
		require.Equal(t, []gocron.Job{next}, f.s.Jobs(), "its id has a run in progress")
		time.Sleep(10 * time.Minute)
		require.Equal(t, []string{"succeeded", "succeeded"}, f.b.Results())
		require.Empty(t, f.s.Jobs())
		require.Equal(t, 1, f.m.Count("unregistered next"))
	})
}

// A context that ends while the last run is in progress changes nothing about that
// being the last.
func TestSynctestPolicyFinishedAfterItsContextHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user, cancel := context.WithCancel(context.Background())
		defer cancel()
		f := newFinishing(t, oneTimeAt(1), func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, gocron.WithContext(user))
		time.Sleep(time.Minute)
		f.stays()
		cancel()
		f.left("cancelled")
	})
}

// None of its times is left to a job whose context has ended.
func TestSynctestPolicyFinishedByTheEndOfItsContext(t *testing.T) {
	for _, when := range []string{"before NewJob", "before Start", "while idle", "while a run waits", "between attempts"} {
		t.Run(when, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &rig.Monitor{}
				s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				user, cancel := context.WithCancel(context.Background())
				if when == "before NewJob" {
					cancel()
				}
				if when != "before Start" {
					s.Start()
				}
				h := rig.NewHoldup(t)
				if when == "while a run waits" {
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), h.Task).RunNow())
				}
				rig.MustJob(t, s, oneTimeAt(1, 5), rig.Answering(rig.ErrTest).Task, gocron.WithContext(user), gocron.WithRemoveWhenFinished(),
					rig.Retries(2, time.Hour), gocron.WithName("it"))
				if when == "while a run waits" || when == "between attempts" {
					time.Sleep(10 * time.Minute)
				}
				cancel()
				s.Start()
				synctest.Wait()
				require.Equal(t, 1, m.Count("unregistered it"))
				require.Equal(t, when == "while a run waits", len(s.Jobs()) == 1)
			})
		})
	}
}

// The last time may take the place of a run that waits, and of the only thing that
// keeps the job.
func TestSynctestPolicyFinishedByARunThatReplacesAnother(t *testing.T) {
	for name, c := range map[string]struct {
		definition func() gocron.JobDefinition
		option     func() gocron.JobOption
	}{
		"one-time": {func() gocron.JobDefinition { return oneTimeAt(1, 2) }, gocron.WithRemoveWhenFinished},
		"stop time": {func() gocron.JobDefinition { return gocron.DurationJob(time.Minute) }, func() gocron.JobOption {
			return gocron.WithStopAt(gocron.WithStopDateTime(inMinutes(2)[0].Add(59 * time.Second)))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				blocker := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(150 * time.Second) })
				require.NoError(t, blocker.RunNow())
				rig.MustJob(t, s, c.definition(), rig.Noop, gocron.WithSingletonMode(gocron.LimitModeReplace), c.option())
				time.Sleep(time.Hour)
				require.Equal(t, []string{"succeeded", "cancelled", "succeeded"}, b.Results())
				require.Equal(t, []gocron.Job{blocker}, s.Jobs())
			})
		})
	}
}
