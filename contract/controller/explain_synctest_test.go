//go:build go1.25

package controller_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// utc makes times print the same everywhere. In a bubble it is midnight of the first
// of January 2000.
func utc() gocron.SchedulerOption { return gocron.WithLocation(time.UTC) }

// requireExplained asserts an Explanation, of which it fills in the job's id and
// name, and what it reads as.
func requireExplained(t testing.TB, c *gocron.Controller, j gocron.Job, text string, want gocron.Explanation) {
	t.Helper()
	synctest.Wait()
	got, err := c.Explain(j.ID())
	require.NoError(t, err)
	want.JobID, want.JobName = j.ID(), j.Name()
	next, err := j.NextRun()
	require.NoError(t, err)
	require.True(t, next.Equal(got.NextRun), "NextRun is that of the job")
	require.Equal(t, text, got.String())
	require.NotEmpty(t, got.Schedule)
	want.Schedule = got.Schedule
	require.Equal(t, got.Paused, !got.PausedSince.IsZero())
	got.NextRun, got.NextAttempt, got.PausedSince = time.Time{}, time.Time{}, time.Time{} // the text tells them
	if want.RunsLeft == 0 {
		want.RunsLeft = -1
	}
	require.Equal(t, want, got)
}

func TestSynctestExplainScheduledRunningAndStopped(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithName("job"))
		requireExplained(t, c, j, "job: the scheduler is not running", gocron.Explanation{State: gocron.StateStopped})
		s.Start()
		requireExplained(t, c, j, "job: not due yet; due next at 2000-01-01T01:00:00Z", gocron.Explanation{State: gocron.StateScheduled})
		rest(time.Hour)
		requireExplained(t, c, j, "job: running; due next at 2000-01-01T02:00:00Z",
			gocron.Explanation{State: gocron.StateRunning, Running: 1, Taken: 1})
		rest(time.Hour)
		requireExplained(t, c, j, "job: running (2 runs in progress); due next at 2000-01-01T03:00:00Z",
			gocron.Explanation{State: gocron.StateRunning, Running: 2, Taken: 2})
		require.ErrorIs(t, s.StopJobsWithContext(rig.EndedContext()), context.Canceled)
		requireExplained(t, c, j, "job: running (2 runs in progress)", gocron.Explanation{State: gocron.StateRunning, Running: 2, Taken: 2})
		h.Open()
		requireExplained(t, c, j, "job: the scheduler is not running", gocron.Explanation{State: gocron.StateStopped})
	}, utc())
}

func TestSynctestExplainWaitingForASlot(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName("job"))
		pooled := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName("report"), gocron.InPool("probes"))
		holder := rig.MustJob(t, s, rig.Ages(), h.Task)
		prober := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool("probes"))
		s.Start()
		require.NoError(t, holder.RunNow())
		require.NoError(t, prober.RunNow())
		require.NoError(t, prober.RunNow())
		rest(time.Hour)
		requireExplained(t, c, j, "job: waiting for a slot (1 of 1 taken, 1 run waits); due next at 2000-01-01T02:00:00Z",
			gocron.Explanation{State: gocron.StateWaitingForSlot, Waiting: 1, Limit: 1, Taken: 1})
		requireExplained(t, c, pooled, `report: waiting for a slot (2 of 2 taken in pool "probes", 1 run waits); due next at 2000-01-01T02:00:00Z`,
			gocron.Explanation{State: gocron.StateWaitingForSlot, Waiting: 1, Pool: "probes", Limit: 2, Taken: 2})
		require.NoError(t, c.SetLimit(1, "probes"))
		rest(time.Hour)
		requireExplained(t, c, pooled, `report: waiting for a slot (2 of 1 taken in pool "probes", 2 runs wait); due next at 2000-01-01T03:00:00Z`,
			gocron.Explanation{State: gocron.StateWaitingForSlot, Waiting: 2, Pool: "probes", Limit: 1, Taken: 2})
		h.Open()
		requireExplained(t, c, pooled, "report: not due yet; due next at 2000-01-01T03:00:00Z",
			gocron.Explanation{State: gocron.StateScheduled, Pool: "probes", Limit: 1})
	}, utc(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithPool("probes", 2, gocron.LimitModeWait))
}

// Of several runs that wait one has passed the job's gate: a slot is what it waits for,
// and the job with it.
func TestSynctestExplainOfASingletonThatWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithName("job"), gocron.WithSingletonMode(gocron.LimitModeWait))
		holder := rig.MustJob(t, s, rig.Ages(), h.Task)
		s.Start()
		rest(time.Hour)
		require.NoError(t, holder.RunNow())
		rest(2 * time.Hour)
		requireExplained(t, c, j, "job: running (2 runs wait); due next at 2000-01-01T04:00:00Z",
			gocron.Explanation{State: gocron.StateRunning, Running: 1, Waiting: 2, Taken: 1, Limit: 1})
		h.LetGo()
		requireExplained(t, c, j, "job: waiting for a slot (1 of 1 taken, 2 runs wait); due next at 2000-01-01T04:00:00Z",
			gocron.Explanation{State: gocron.StateWaitingForSlot, Waiting: 2, Taken: 1, Limit: 1})
		h.LetGo()
		requireExplained(t, c, j, "job: running (1 run waits); due next at 2000-01-01T04:00:00Z",
			gocron.Explanation{State: gocron.StateRunning, Running: 1, Waiting: 1, Taken: 1, Limit: 1})
	}, utc(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

// What the replaced definition has in progress is a run of the job.
func TestSynctestExplainAfterReplacement(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s, c := steered(t, utc())
		h := rig.NewHoldup(t)
		old := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
		s.Start()
		require.NoError(t, old.RunNow())
		synctest.Wait()
		j := replace(s, old, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName("job"), gocron.WithSingletonMode(gocron.LimitModeWait))
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: running (1 run waits); due next at 2000-01-01T01:00:00Z",
			gocron.Explanation{State: gocron.StateRunning, Running: 1, Waiting: 1, Taken: 1})
	})
}

func TestSynctestExplainPaused(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithName("job"))
		never := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.Noop, gocron.WithName("once"))
		require.NoError(t, c.Pause(j.ID()))
		requireExplained(t, c, j, "job: the scheduler is not running (paused)", gocron.Explanation{State: gocron.StateStopped, Paused: true})
		s.Start()
		synctest.Wait()
		require.NoError(t, c.Pause(never.ID()))
		requireExplained(t, c, never, "once: paused", gocron.Explanation{State: gocron.StatePaused, Paused: true})
		requireExplained(t, c, j, "job: paused; would be due next at 2000-01-01T01:00:00Z", gocron.Explanation{State: gocron.StatePaused, Paused: true})
		rest(time.Hour)
		requireExplained(t, c, j, "job: paused; would be due next at 2000-01-01T02:00:00Z", gocron.Explanation{State: gocron.StatePaused, Paused: true})
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: running (paused); would be due next at 2000-01-01T02:00:00Z",
			gocron.Explanation{State: gocron.StateRunning, Running: 1, Taken: 1, Paused: true})
		h.Open()
		require.NoError(t, c.Resume(j.ID()))
		requireExplained(t, c, j, "job: not due yet; due next at 2000-01-01T02:00:00Z", gocron.Explanation{State: gocron.StateScheduled})
	}, utc())
}

func TestSynctestExplainRetrying(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		waits := []time.Duration{30 * time.Minute, 10 * time.Minute}
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() error { return rig.ErrTest }, gocron.WithName("job"),
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration {
				wait := waits[0]
				waits = waits[1:]
				return wait
			}}))
		s.Start()
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: waiting to try again (next attempt at 2000-01-01T00:30:00Z); due next at 2000-01-01T01:00:00Z",
			gocron.Explanation{State: gocron.StateRetrying, Retrying: 1, Limit: 1})
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: waiting to try again (next attempt at 2000-01-01T00:10:00Z); due next at 2000-01-01T01:00:00Z",
			gocron.Explanation{State: gocron.StateRetrying, Retrying: 2, Limit: 1})
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		require.Equal(t, 10*time.Minute, time.Until(e.NextAttempt), "the earliest")
		require.NoError(t, c.Pause(j.ID()))
		requireExplained(t, c, j, "job: waiting to try again (next attempt at 2000-01-01T00:10:00Z, paused); would be due next at 2000-01-01T01:00:00Z",
			gocron.Explanation{State: gocron.StateRetrying, Retrying: 2, Limit: 1, Paused: true})
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), h.Task).RunNow())
		rest(10 * time.Minute)
		requireExplained(t, c, j, "job: waiting for a slot (1 of 1 taken, 1 run waits, next attempt at 2000-01-01T00:30:00Z, paused); would be due next at 2000-01-01T01:00:00Z",
			gocron.Explanation{State: gocron.StateWaitingForSlot, Waiting: 1, Retrying: 1, Limit: 1, Taken: 1, Paused: true})
	}, utc(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
}

func TestSynctestExplainWhyThereIsNoNextTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		ctx, cancel := context.WithCancel(context.Background())
		once := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.Noop, gocron.WithName("once"))
		ended := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithName("ended"), gocron.WithContext(ctx))
		last := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithName("last"),
			gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Hour))))
		completing := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithName("completing"), gocron.WithIntervalFromCompletion())
		limited := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithName("limited"), gocron.WithLimitedRuns(2))
		s.Start()
		requireExplained(t, c, once, "once: it has no next time", gocron.Explanation{State: gocron.StateNoNextTime})
		cancel()
		requireExplained(t, c, ended, "ended: its context has ended", gocron.Explanation{State: gocron.StateContextEnded})
		requireExplained(t, c, limited, "limited: not due yet (2 left of its limited runs); due next at 2000-01-01T01:00:00Z",
			gocron.Explanation{State: gocron.StateScheduled, RunsLeft: 2})
		rest(time.Hour)
		requireExplained(t, c, last, "last: running", gocron.Explanation{State: gocron.StateRunning, Running: 1, Taken: 3})
		requireExplained(t, c, completing, "completing: running", gocron.Explanation{State: gocron.StateRunning, Running: 1, Taken: 3})
		requireExplained(t, c, limited, "limited: running (1 left of its limited runs); due next at 2000-01-01T02:00:00Z",
			gocron.Explanation{State: gocron.StateRunning, Running: 1, Taken: 3, RunsLeft: 1})
		rest(time.Hour)
		e, err := c.Explain(limited.ID())
		require.NoError(t, err)
		require.Equal(t, "limited: running (2 runs in progress)", e.String())
		require.Zero(t, e.RunsLeft)
	}, utc())
}

// While a user's Cron is asked, its answer is what the job waits for.
func TestSynctestExplainWhileACronIsAsked(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		h := rig.NewHoldup(t)
		asked := 0
		cron := &rig.Cron{After: func(now time.Time) time.Time {
			if asked++; asked > 1 {
				h.Task()
			}
			return now.Add(time.Hour)
		}}
		j := rig.MustJob(t, s, gocron.CronJob("any", false), rig.Noop, gocron.WithName("job"), gocron.WithCronImplementation(cron))
		s.Start()
		rest(time.Hour)
		require.Equal(t, 1, h.Running())
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		require.NotEqual(t, gocron.StateNoNextTime, e.State, "it will have one")
		h.Open()
		requireExplained(t, c, j, "job: not due yet; due next at 2000-01-01T02:00:00Z", gocron.Explanation{State: gocron.StateScheduled})
	}, utc())
}

// Each text is one of its own.
func TestSynctestExplainTheStatesAreDistinct(t *testing.T) {
	seen := map[gocron.State]bool{}
	for _, state := range []gocron.State{gocron.StateRunning, gocron.StateWaitingForSlot, gocron.StateStopped, gocron.StatePaused,
		gocron.StateRetrying, gocron.StateScheduled, gocron.StateContextEnded, gocron.StateNoNextTime} {
		require.False(t, seen[state])
		seen[state] = true
		require.Contains(t, gocron.Explanation{JobName: "job", State: state}.String(), "job: "+string(state))
	}
}
