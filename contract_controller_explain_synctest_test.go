//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// utc makes times print the same everywhere. In a bubble it is midnight of the first
// of January 2000.
func utc() SchedulerOption { return WithLocation(time.UTC) }

// requireExplained asserts an Explanation, of which it fills in the job's id and
// name, and what it reads as.
func requireExplained(t testing.TB, c *Controller, j Job, text string, want Explanation) {
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
	got.NextRun, got.NextAttempt = time.Time{}, time.Time{} // the text tells them
	if want.RunsLeft == 0 {
		want.RunsLeft = -1
	}
	require.Equal(t, want, got)
}

func TestSynctestExplainScheduledRunningAndStopped(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, DurationJob(time.Hour), h.task, WithName("job"))
		requireExplained(t, c, j, "job: the scheduler is not running", Explanation{State: StateStopped})
		s.Start()
		requireExplained(t, c, j, "job: not due yet; due next at 2000-01-01T01:00:00Z", Explanation{State: StateScheduled})
		rest(time.Hour)
		requireExplained(t, c, j, "job: running; due next at 2000-01-01T02:00:00Z",
			Explanation{State: StateRunning, Running: 1, Taken: 1})
		rest(time.Hour)
		requireExplained(t, c, j, "job: running (2 runs in progress); due next at 2000-01-01T03:00:00Z",
			Explanation{State: StateRunning, Running: 2, Taken: 2})
		require.ErrorIs(t, s.StopJobsWithContext(endedContext()), context.Canceled)
		requireExplained(t, c, j, "job: running (2 runs in progress)", Explanation{State: StateRunning, Running: 2, Taken: 2})
		h.open()
		requireExplained(t, c, j, "job: the scheduler is not running", Explanation{State: StateStopped})
	}, utc())
}

func TestSynctestExplainWaitingForASlot(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, DurationJob(time.Hour), noop, WithName("job"))
		pooled := mustJob(t, s, DurationJob(time.Hour), noop, WithName("report"), InPool("probes"))
		holder := mustJob(t, s, ages(), h.task)
		prober := mustJob(t, s, ages(), h.task, InPool("probes"))
		s.Start()
		require.NoError(t, holder.RunNow())
		require.NoError(t, prober.RunNow())
		require.NoError(t, prober.RunNow())
		rest(time.Hour)
		requireExplained(t, c, j, "job: waiting for a slot (1 of 1 taken, 1 run waits); due next at 2000-01-01T02:00:00Z",
			Explanation{State: StateWaitingForSlot, Waiting: 1, Limit: 1, Taken: 1})
		requireExplained(t, c, pooled, `report: waiting for a slot (2 of 2 taken in pool "probes", 1 run waits); due next at 2000-01-01T02:00:00Z`,
			Explanation{State: StateWaitingForSlot, Waiting: 1, Pool: "probes", Limit: 2, Taken: 2})
		require.NoError(t, c.SetLimit(1, "probes"))
		rest(time.Hour)
		requireExplained(t, c, pooled, `report: waiting for a slot (2 of 1 taken in pool "probes", 2 runs wait); due next at 2000-01-01T03:00:00Z`,
			Explanation{State: StateWaitingForSlot, Waiting: 2, Pool: "probes", Limit: 1, Taken: 2})
		h.open()
		requireExplained(t, c, pooled, "report: not due yet; due next at 2000-01-01T03:00:00Z",
			Explanation{State: StateScheduled, Pool: "probes", Limit: 1})
	}, utc(), WithLimitConcurrentJobs(1, LimitModeWait), WithPool("probes", 2, LimitModeWait))
}

// Of several runs that wait one has passed the job's gate: a slot is what it waits for,
// and the job with it.
func TestSynctestExplainOfASingletonThatWaits(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, DurationJob(time.Hour), h.task, WithName("job"), WithSingletonMode(LimitModeWait))
		holder := mustJob(t, s, ages(), h.task)
		s.Start()
		rest(time.Hour)
		require.NoError(t, holder.RunNow())
		rest(2 * time.Hour)
		requireExplained(t, c, j, "job: running (2 runs wait); due next at 2000-01-01T04:00:00Z",
			Explanation{State: StateRunning, Running: 1, Waiting: 2, Taken: 1, Limit: 1})
		h.letGo()
		requireExplained(t, c, j, "job: waiting for a slot (1 of 1 taken, 2 runs wait); due next at 2000-01-01T04:00:00Z",
			Explanation{State: StateWaitingForSlot, Waiting: 2, Taken: 1, Limit: 1})
		h.letGo()
		requireExplained(t, c, j, "job: running (1 run waits); due next at 2000-01-01T04:00:00Z",
			Explanation{State: StateRunning, Running: 1, Waiting: 1, Taken: 1, Limit: 1})
	}, utc(), WithLimitConcurrentJobs(1, LimitModeWait))
}

// What the replaced definition has in progress is a run of the job.
func TestSynctestExplainAfterReplacement(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s, c := steered(t, utc())
		h := newHoldup(t)
		old := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait))
		s.Start()
		require.NoError(t, old.RunNow())
		synctest.Wait()
		j := replace(s, old, DurationJob(time.Hour), noop, WithName("job"), WithSingletonMode(LimitModeWait))
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: running (1 run waits); due next at 2000-01-01T01:00:00Z",
			Explanation{State: StateRunning, Running: 1, Waiting: 1, Taken: 1})
	})
}

func TestSynctestExplainPaused(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		j := mustJob(t, s, DurationJob(time.Hour), h.task, WithName("job"))
		never := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), noop, WithName("once"))
		require.NoError(t, c.Pause(j.ID()))
		requireExplained(t, c, j, "job: the scheduler is not running (paused)", Explanation{State: StateStopped, Paused: true})
		s.Start()
		synctest.Wait()
		require.NoError(t, c.Pause(never.ID()))
		requireExplained(t, c, never, "once: paused", Explanation{State: StatePaused, Paused: true})
		requireExplained(t, c, j, "job: paused; would be due next at 2000-01-01T01:00:00Z", Explanation{State: StatePaused, Paused: true})
		rest(time.Hour)
		requireExplained(t, c, j, "job: paused; would be due next at 2000-01-01T02:00:00Z", Explanation{State: StatePaused, Paused: true})
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: running (paused); would be due next at 2000-01-01T02:00:00Z",
			Explanation{State: StateRunning, Running: 1, Taken: 1, Paused: true})
		h.open()
		require.NoError(t, c.Resume(j.ID()))
		requireExplained(t, c, j, "job: not due yet; due next at 2000-01-01T02:00:00Z", Explanation{State: StateScheduled})
	}, utc())
}

func TestSynctestExplainRetrying(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		waits := []time.Duration{30 * time.Minute, 10 * time.Minute}
		j := mustJob(t, s, DurationJob(time.Hour), func() error { return errContract }, WithName("job"),
			WithRetry(RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration {
				wait := waits[0]
				waits = waits[1:]
				return wait
			}}))
		s.Start()
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: waiting to try again (next attempt at 2000-01-01T00:30:00Z); due next at 2000-01-01T01:00:00Z",
			Explanation{State: StateRetrying, Retrying: 1, Limit: 1})
		require.NoError(t, j.RunNow())
		requireExplained(t, c, j, "job: waiting to try again (next attempt at 2000-01-01T00:10:00Z); due next at 2000-01-01T01:00:00Z",
			Explanation{State: StateRetrying, Retrying: 2, Limit: 1})
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		require.Equal(t, 10*time.Minute, time.Until(e.NextAttempt), "the earliest")
		require.NoError(t, c.Pause(j.ID()))
		requireExplained(t, c, j, "job: waiting to try again (next attempt at 2000-01-01T00:10:00Z, paused); would be due next at 2000-01-01T01:00:00Z",
			Explanation{State: StateRetrying, Retrying: 2, Limit: 1, Paused: true})
		require.NoError(t, mustJob(t, s, ages(), h.task).RunNow())
		rest(10 * time.Minute)
		requireExplained(t, c, j, "job: waiting for a slot (1 of 1 taken, 1 run waits, next attempt at 2000-01-01T00:30:00Z, paused); would be due next at 2000-01-01T01:00:00Z",
			Explanation{State: StateWaitingForSlot, Waiting: 1, Retrying: 1, Limit: 1, Taken: 1, Paused: true})
	}, utc(), WithLimitConcurrentJobs(1, LimitModeWait))
}

func TestSynctestExplainWhyThereIsNoNextTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		ctx, cancel := context.WithCancel(context.Background())
		once := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), noop, WithName("once"))
		ended := mustJob(t, s, DurationJob(time.Hour), noop, WithName("ended"), WithContext(ctx))
		last := mustJob(t, s, DurationJob(time.Hour), h.task, WithName("last"),
			WithStopAt(WithStopDateTime(time.Now().Add(time.Hour))))
		completing := mustJob(t, s, DurationJob(time.Hour), h.task, WithName("completing"), WithIntervalFromCompletion())
		limited := mustJob(t, s, DurationJob(time.Hour), h.task, WithName("limited"), WithLimitedRuns(2))
		s.Start()
		requireExplained(t, c, once, "once: it has no next time", Explanation{State: StateNoNextTime})
		cancel()
		requireExplained(t, c, ended, "ended: its context has ended", Explanation{State: StateContextEnded})
		requireExplained(t, c, limited, "limited: not due yet (2 left of its limited runs); due next at 2000-01-01T01:00:00Z",
			Explanation{State: StateScheduled, RunsLeft: 2})
		rest(time.Hour)
		requireExplained(t, c, last, "last: running", Explanation{State: StateRunning, Running: 1, Taken: 3})
		requireExplained(t, c, completing, "completing: running", Explanation{State: StateRunning, Running: 1, Taken: 3})
		requireExplained(t, c, limited, "limited: running (1 left of its limited runs); due next at 2000-01-01T02:00:00Z",
			Explanation{State: StateRunning, Running: 1, Taken: 3, RunsLeft: 1})
		rest(time.Hour)
		e, err := c.Explain(limited.ID())
		require.NoError(t, err)
		require.Equal(t, "limited: running (2 runs in progress)", e.String())
		require.Zero(t, e.RunsLeft)
	}, utc())
}

// While a user's Cron is asked, its answer is what the job waits for.
func TestSynctestExplainWhileACronIsAsked(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		h := newHoldup(t)
		asked := 0
		cron := &contractCron{next: func(now time.Time) time.Time {
			if asked++; asked > 1 {
				h.task()
			}
			return now.Add(time.Hour)
		}}
		j := mustJob(t, s, CronJob("any", false), noop, WithName("job"), WithCronImplementation(cron))
		s.Start()
		rest(time.Hour)
		require.Equal(t, 1, h.running())
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		require.NotEqual(t, StateNoNextTime, e.State, "it will have one")
		h.open()
		requireExplained(t, c, j, "job: not due yet; due next at 2000-01-01T02:00:00Z", Explanation{State: StateScheduled})
	}, utc())
}

// Each text is one of its own.
func TestSynctestExplainTheStatesAreDistinct(t *testing.T) {
	seen := map[State]bool{}
	for _, state := range []State{StateRunning, StateWaitingForSlot, StateStopped, StatePaused,
		StateRetrying, StateScheduled, StateContextEnded, StateNoNextTime} {
		require.False(t, seen[state])
		seen[state] = true
		require.Contains(t, Explanation{JobName: "job", State: state}.String(), "job: "+string(state))
	}
}
