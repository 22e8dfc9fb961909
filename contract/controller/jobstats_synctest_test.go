//go:build go1.25

package controller_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// inStatsBubble runs f in a bubble, with a started scheduler that has the options, and its
// Controller.
func inStatsBubble(t *testing.T, f func(t *testing.T, s gocron.Scheduler, c *gocron.Controller), options ...gocron.SchedulerOption) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler(options...)
		require.NoError(t, err)
		defer func() { require.NoError(t, s.Shutdown()) }()
		s.Start()
		f(t, s, gocron.NewController(s))
	})
}

func jobStats(t *testing.T, c *gocron.Controller, j gocron.Job) gocron.JobStats {
	t.Helper()
	synctest.Wait()
	stats, err := c.JobStats(j.ID())
	require.NoError(t, err)
	return stats
}

type counts = map[gocron.Outcome]uint64

var errDisk = errors.New("disk is full")

func TestSynctestControllerJobStatsHasTheCountsOfOneJob(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		fails := false
		task := func() error {
			time.Sleep(time.Minute)
			if fails {
				return errDisk
			}
			return nil
		}
		j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(task), gocron.WithTags("a", "b"),
			gocron.WithSingletonMode(gocron.LimitModeReschedule))
		require.NoError(t, err)
		other, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}))
		require.NoError(t, err)
		require.Equal(t, gocron.JobStats{Outcomes: counts{}}, jobStats(t, c, j))

		run := func() gocron.RunInfo {
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
			return info
		}
		first := run()
		require.Equal(t, gocron.JobStats{
			Outcomes: counts{gocron.OutcomeSucceeded: 1}, LastRun: first, LastSuccess: first,
		}, jobStats(t, c, j))

		fails = true
		second := run()
		require.Equal(t, errDisk, second.Err)
		require.Equal(t, gocron.JobStats{
			Outcomes: counts{gocron.OutcomeSucceeded: 1, gocron.OutcomeFailed: 1}, LastRun: second, LastSuccess: first, LastFailure: second,
		}, jobStats(t, c, j))

		fails = false
		require.NoError(t, j.RunNow())
		synctest.Wait()
		skipped := run()
		require.Equal(t, gocron.OutcomeSkippedSingleton, skipped.Outcome)
		require.Equal(t, second, jobStats(t, c, j).LastRun, "a run that was skipped is no last run")
		time.Sleep(time.Hour)
		synctest.Wait()
		stats := jobStats(t, c, j)
		require.Equal(t, counts{gocron.OutcomeSucceeded: 2, gocron.OutcomeFailed: 1, gocron.OutcomeSkippedSingleton: 1}, stats.Outcomes)
		require.Equal(t, stats.LastSuccess, stats.LastRun)
		require.Equal(t, first.FinishedAt.Add(2*time.Minute), stats.LastRun.FinishedAt)
		require.Equal(t, second, stats.LastFailure)
		require.Equal(t, gocron.JobStats{Outcomes: counts{}}, jobStats(t, c, other))
	}, gocron.WithJobStats())
}

func TestSynctestControllerJobStatsKnowsEveryKindOfFailure(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		for outcome, task := range map[gocron.Outcome]func(context.Context) error{
			gocron.OutcomeFailed:    func(context.Context) error { return errDisk },
			gocron.OutcomePanicked:  func(context.Context) error { panic("disk") },
			gocron.OutcomeTimedOut:  func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			gocron.OutcomeCancelled: func(ctx context.Context) error { _ = c.Cancel(onlyJob(s)); return ctx.Err() },
		} {
			j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(task), gocron.WithRecover(), gocron.WithTimeout(time.Second))
			require.NoError(t, err)
			info, err := c.RunAndWait(context.Background(), j.ID())
			require.NoError(t, err)
			require.Equal(t, outcome, info.Outcome)
			stats := jobStats(t, c, j)
			require.Equal(t, counts{outcome: 1}, stats.Outcomes)
			require.Equal(t, info, stats.LastRun)
			require.Zero(t, stats.LastSuccess.ID)
			if outcome == gocron.OutcomeCancelled {
				require.Zero(t, stats.LastFailure.ID, "somebody wanted it to end")
			} else {
				require.Equal(t, info, stats.LastFailure)
			}
			require.NoError(t, s.RemoveJob(j.ID()))
		}
	}, gocron.WithJobStats())
}

func onlyJob(s gocron.Scheduler) uuid.UUID { return s.Jobs()[0].ID() }

func TestSynctestControllerJobStatsOutliveAStopAndAReplacement(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}))
		require.NoError(t, err)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		time.Sleep(5*time.Hour + time.Minute)
		synctest.Wait()
		s.Start()
		require.Equal(t, counts{gocron.OutcomeSucceeded: 1, gocron.OutcomeMissed: 1}, jobStats(t, c, j).Outcomes)
		_, err = s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(func() {}))
		require.NoError(t, err)
		stats := jobStats(t, c, j)
		require.Equal(t, counts{gocron.OutcomeSucceeded: 1, gocron.OutcomeMissed: 1}, stats.Outcomes)
		require.NotZero(t, stats.LastSuccess.ID)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, uint64(2), jobStats(t, c, j).Outcomes[gocron.OutcomeSucceeded])

		id := j.ID()
		require.NoError(t, s.RemoveJob(id))
		_, err = c.JobStats(id)
		require.Equal(t, gocron.ErrJobNotFound, err)
		_, err = s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithIdentifier(id))
		require.NoError(t, err)
		require.Empty(t, jobStats(t, c, j).Outcomes, "they leave with the job")
	}, gocron.WithJobStats())
}

// A run that is replaced while it is in progress counts for the job that has its id then.
func TestSynctestControllerJobStatsCountRunsOfAReplacedDefinition(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() { time.Sleep(time.Minute) }))
		require.NoError(t, err)
		require.NoError(t, j.RunNow())
		synctest.Wait()
		_, err = s.Update(j.ID(), gocron.ManualJob(), gocron.NewTask(func() {}))
		require.NoError(t, err)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, counts{gocron.OutcomeSucceeded: 1}, jobStats(t, c, j).Outcomes)
	}, gocron.WithJobStats())
}

func TestSynctestControllerJobStatsAreCopies(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}), gocron.WithTags("a"))
		require.NoError(t, err)
		require.NoError(t, j.RunNow())
		stats := jobStats(t, c, j)
		stats.Outcomes[gocron.OutcomeSucceeded] = 7
		stats.LastRun.Tags[0] = "b"
		again := jobStats(t, c, j)
		require.Equal(t, counts{gocron.OutcomeSucceeded: 1}, again.Outcomes)
		require.Equal(t, []string{"a"}, again.LastRun.Tags)
		require.Equal(t, []string{"a"}, again.LastSuccess.Tags)
	}, gocron.WithJobStats())
}

func TestSynctestControllerJobStatsWithoutTheOption(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j, err := s.NewJob(gocron.ManualJob(), gocron.NewTask(func() {}))
		require.NoError(t, err)
		_, err = c.JobStats(j.ID())
		require.Equal(t, gocron.ErrNoJobStats, err)
		_, err = c.JobStats(uuid.New())
		require.Equal(t, gocron.ErrJobNotFound, err)
		_, err = gocron.NewController(nil).JobStats(j.ID())
		require.ErrorIs(t, err, errors.ErrUnsupported)
	}, gocron.WithHistory(1))
}

func TestControllerJobStatsInJSON(t *testing.T) {
	text, err := json.Marshal(gocron.JobStats{Outcomes: counts{gocron.OutcomeFailed: 2}, LastFailure: gocron.RunInfo{ID: 7, Err: errDisk}})
	require.NoError(t, err)
	var back struct {
		Outcomes    map[string]uint64
		LastFailure struct {
			ID  uint64
			Err string
		}
	}
	require.NoError(t, json.Unmarshal(text, &back))
	require.Equal(t, map[string]uint64{"failed": 2}, back.Outcomes)
	require.Equal(t, uint64(7), back.LastFailure.ID)
	require.Equal(t, "disk is full", back.LastFailure.Err)
}
