//go:build go1.25

package jobs_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// inManualBubble runs f in a bubble, with a scheduler that was not started and its Controller.
func inManualBubble(t *testing.T, f func(t *testing.T, s gocron.Scheduler, c *gocron.Controller), options ...gocron.SchedulerOption) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler(options...)
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Shutdown()) }()
		f(t, s, gocron.NewController(s))
	})
}

func addManual(t *testing.T, s gocron.Scheduler, task any, options ...gocron.JobOption) gocron.Job {
	t.Helper()
	j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(task), options...)
	require.NoError(t, err)
	return j
}

func requireNeverDue(t *testing.T, j gocron.Job) {
	t.Helper()
	next, err := j.NextRun()
	require.NoError(t, err)
	require.Equal(t, time.Time{}, next)
	all, err := j.NextRuns(5)
	require.NoError(t, err)
	require.Nil(t, all)
}

func manualState(t *testing.T, c *gocron.Controller, id uuid.UUID) gocron.State {
	t.Helper()
	explained, err := c.Explain(id)
	require.NoError(t, err)
	return explained.State
}

func TestSynctestContractAManualJobRunsWhenAskedToAndNeverByItself(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		runs := 0
		j := addManual(t, s, func() { runs++ })
		require.Equal(t, gocron.ManualJobSchedule{}, j.Schedule())
		require.Equal(t, gocron.ManualJobType, j.Schedule().JobType())
		require.Equal(t, gocron.ErrJobRunNowFailed, j.RunNow())
		require.Equal(t, gocron.StateStopped, manualState(t, c, j.ID()))
		for range 3 {
			s.Start()
			requireNeverDue(t, j)
			require.Equal(t, gocron.StateManual, manualState(t, c, j.ID()))
			time.Sleep(1000 * time.Hour)
			synctest.Wait()
			require.Len(t, s.Jobs(), 1)
			require.Zero(t, runs)
			require.NoError(t, j.RunNow())
			synctest.Wait()
			run, err := c.RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
			require.Equal(t, gocron.OutcomeSucceeded, run.Outcome)
			require.Equal(t, gocron.TriggerRunNow, run.Trigger)
			require.Equal(t, 2, runs)
			requireNeverDue(t, j)
			require.NoError(t, s.StopJobs())
			runs = 0
		}
	})
}

func TestSynctestContractAManualJobIsAddedToARunningScheduler(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		s.Start()
		runs := 0
		j := addManual(t, s, func() { runs++ })
		require.NoError(t, j.RunNow())
		synctest.Wait()
		_, err := s.Update(j.ID(), gocron.ManualJob(), gocron.NewTask(func() { runs += 10 }))
		require.NoError(t, err)
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 11, runs)
		_, err = s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(func() {}))
		require.NoError(t, err)
		require.Equal(t, gocron.StateScheduled, manualState(t, c, j.ID()))
		_, err = s.Update(j.ID(), gocron.ManualJob(), gocron.NewTask(func() {}))
		require.NoError(t, err)
		requireNeverDue(t, j)
	})
}

func TestSynctestContractAManualJobLeavesAfterItsLastLimitedRun(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := addManual(t, s, func() {}, gocron.WithLimitedRuns(2))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		s.Start()
		require.Len(t, s.Jobs(), 1, "one run is left")
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestContractAManualJobLeavesAtItsStopTime(t *testing.T) {
	for _, startFirst := range []bool{true, false} {
		inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
			if startFirst {
				s.Start()
			}
			runs := 0
			j := addManual(t, s, func() { runs++; time.Sleep(time.Minute) },
				gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Hour))))
			s.Start()
			require.NoError(t, j.RunNow())
			time.Sleep(time.Hour)
			synctest.Wait()
			require.Equal(t, gocron.StateManual, manualState(t, c, j.ID()))
			require.NoError(t, j.RunNow(), "the stop time itself is not too late")
			time.Sleep(time.Second / 2)
			synctest.Wait()
			require.Equal(t, gocron.ErrJobRunNowFailed, j.RunNow())
			time.Sleep(50 * time.Second)
			synctest.Wait()
			require.Len(t, s.Jobs(), 1, "a run is in progress")
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Empty(t, s.Jobs())
			require.Equal(t, 2, runs)
		})
	}
}

func TestSynctestContractAnIdleManualJobLeavesAtItsStopTime(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		stop := gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Hour)))
		addManual(t, s, func() {}, stop)
		s.Start()
		time.Sleep(time.Hour + 2*time.Second)
		synctest.Wait()
		require.Empty(t, s.Jobs())

		stop = gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(time.Hour)))
		addManual(t, s, func() {}, stop)
		require.NoError(t, s.StopJobs())
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Len(t, s.Jobs(), 1)
		s.Start()
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestContractAManualJobMayHaveAStart(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		start := time.Now().Add(time.Hour)
		var runs []time.Time
		note := func() { runs = append(runs, time.Now()) }
		j := addManual(t, s, note, gocron.WithStartAt(gocron.WithStartDateTime(start)))
		s.Start()
		next, err := j.NextRun()
		require.NoError(t, err)
		require.Equal(t, start, next)
		require.Equal(t, gocron.StateScheduled, manualState(t, c, j.ID()))
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		require.Len(t, runs, 1)
		require.True(t, start.Equal(runs[0]))
		require.NoError(t, s.RemoveJob(j.ID()))

		runs = nil
		j = addManual(t, s, note, gocron.WithStartAt(gocron.WithStartImmediately()))
		synctest.Wait()
		require.Len(t, runs, 1)
		requireNeverDue(t, j)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, runs, 1)
	})
}

func TestSynctestContractAManualJobKeepsToItsLimits(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		s.Start()
		runs := 0
		j := addManual(t, s, func() { runs++; time.Sleep(time.Minute) }, gocron.WithSingletonMode(gocron.LimitModeQueueOne))
		for range 100 {
			require.NoError(t, j.RunNow())
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, runs, "the one in progress, and one for all that came during it")
	})
}

func TestSynctestContractAPausedManualJobStillRunsWhenAskedTo(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		s.Start()
		var runs atomic.Int32
		j := addManual(t, s, func() { runs.Add(1) })
		require.NoError(t, c.Pause(j.ID()))
		require.Equal(t, gocron.StatePaused, manualState(t, c, j.ID()))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, int32(1), runs.Load())
	})
}

func TestSynctestContractAManualJobIsTriedAgain(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		s.Start()
		attempts := 0
		j := addManual(t, s, func() error {
			if attempts++; attempts < 3 {
				return errors.New("not yet")
			}
			return nil
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 5, Backoff: gocron.ConstantBackoff(time.Minute)}), gocron.WithLimitedRuns(1))
		run, err := c.RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.OutcomeSucceeded, run.Outcome)
		require.Equal(t, 3, attempts)
		synctest.Wait()
		require.Empty(t, s.Jobs())
	})
}

// What RunNow asks for is no occurrence, so a Claimer is not asked, and any node may run it.
func TestSynctestContractAManualJobUnderAClaimer(t *testing.T) {
	claims := 0
	locker := gocron.ClaimerFrom(func(context.Context, string, time.Time) (gocron.Lock, error) {
		claims++
		return nil, errors.New("taken")
	})
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		s.Start()
		_, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}))
		require.ErrorIs(t, err, gocron.ErrClaimNoName)
		runs := 0
		j := addManual(t, s, func() { runs++ }, gocron.WithName("report"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, runs)
		require.Zero(t, claims)
	}, gocron.WithDistributedLocker(locker))
}

func TestSynctestContractAManualJobAndOptionsForTimes(t *testing.T) {
	var log bytes.Buffer
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		s.Start()
		runs := 0
		j := addManual(t, s, func() { runs++ }, gocron.WithName("export"), gocron.WithJitter(time.Hour), gocron.WithJobLocation(time.UTC),
			gocron.WithCalendar(func(time.Time) bool { return false }), gocron.WithIntervalFromCompletion(), gocron.WithRemoveWhenFinished(),
			gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip))
		for _, option := range []string{"WithJitter", "WithJobLocation", "WithCalendar", "WithIntervalFromCompletion",
			"WithRemoveWhenFinished", "WithDaylightSavingsTimePolicy"} {
			require.Contains(t, log.String(), option+": this kind of job ignores it")
		}
		requireNeverDue(t, j)
		require.Equal(t, gocron.StateManual, manualState(t, c, j.ID()))
		require.Equal(t, gocron.ManualJobSchedule{}, j.Schedule())
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, runs)
		require.Len(t, s.Jobs(), 1)
	}, gocron.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
}

// A start time that a calendar excludes is no run, as for any job.
func TestSynctestContractTheStartOfAManualJobAndACalendar(t *testing.T) {
	inManualBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		s.Start()
		for _, included := range []bool{true, false} {
			runs := 0
			addManual(t, s, func() { runs++ }, gocron.WithStartAt(gocron.WithStartDateTime(time.Now().Add(time.Hour))),
				gocron.WithCalendar(func(time.Time) bool { return included }))
			time.Sleep(2 * time.Hour)
			synctest.Wait()
			require.Equal(t, included, runs == 1)
		}
	})
}

func TestContractAManualJobHasNoPreviewAndIsNoPartOfAnyOf(t *testing.T) {
	times, err := gocron.Preview(gocron.ManualJob(), time.Now(), 5)
	require.NoError(t, err)
	require.Nil(t, times)
	require.NoError(t, gocron.Validate(gocron.ManualJob()))
	err = gocron.Validate(gocron.AnyOf(gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(0, 0, 0))), gocron.ManualJob()))
	require.ErrorIs(t, err, gocron.ErrOptionValue)
	require.Contains(t, err.Error(), "AnyOf(ManualJob), allowed:")
	require.Contains(t, err.Error(), "definition 2")
}
