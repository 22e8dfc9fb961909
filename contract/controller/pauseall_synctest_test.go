//go:build go1.25

package controller_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A fleetOfJobs is more jobs than are looked at with the lock held, due every hour.
func fleetOfJobs(t *testing.T, s gocron.Scheduler, n int, task any) []gocron.Job {
	t.Helper()
	var jobs []gocron.Job
	for range n {
		j, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(task))
		require.NoError(t, err)
		jobs = append(jobs, j)
	}
	return jobs
}

func requirePaused(t *testing.T, c *gocron.Controller, expected bool, jobs ...gocron.Job) {
	t.Helper()
	for _, j := range jobs {
		paused, err := c.Paused(j.ID())
		require.NoError(t, err)
		require.Equal(t, expected, paused)
	}
}

func TestSynctestControllerPausesAndResumesAllJobs(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		const n = 700
		runs := make(chan struct{}, 10*n)
		jobs := fleetOfJobs(t, s, n, func() { runs <- struct{}{} })
		require.NoError(t, c.Pause(jobs[0].ID()))
		requirePaused(t, c, true, jobs[0])
		requirePaused(t, c, false, jobs[1:]...)

		paused, err := c.PauseAll()
		require.NoError(t, err)
		require.Equal(t, n-1, paused, "one was paused before")
		requirePaused(t, c, true, jobs...)
		later := fleetOfJobs(t, s, 1, func() { runs <- struct{}{} })
		requirePaused(t, c, false, later...)
		time.Sleep(90 * time.Minute)
		synctest.Wait()
		require.Len(t, runs, 1, "the job that was added later")

		require.NoError(t, c.Resume(jobs[0].ID()))
		resumed, err := c.ResumeAll()
		require.NoError(t, err)
		require.Equal(t, n-1, resumed)
		requirePaused(t, c, false, jobs...)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, runs, 1+n+1)
	})
}

func TestSynctestControllerPauseAllEndsWhatWaits(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() { time.Sleep(150 * time.Minute) }),
			gocron.WithSingletonMode(gocron.LimitModeWait))
		require.NoError(t, err)
		time.Sleep(2*time.Hour + time.Minute) // one runs, one waits
		synctest.Wait()
		paused, err := c.PauseAll()
		require.NoError(t, err)
		require.Equal(t, 1, paused)
		require.Equal(t, counts{gocron.OutcomePaused: 1}, jobStats(t, c, j).Outcomes)
		time.Sleep(90 * time.Minute) // the one in progress ends, another falls due
		synctest.Wait()
		require.Equal(t, counts{gocron.OutcomePaused: 2, gocron.OutcomeSucceeded: 1}, jobStats(t, c, j).Outcomes)
	}, gocron.WithJobStats())
}

// What a one-time job was kept from runs on ResumeAll, as on Resume.
func TestSynctestControllerResumeAllDeliversOneTimeJobs(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		runs := 0
		_, err := s.NewJob(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Hour))), gocron.NewTask(func() { runs++ }))
		require.NoError(t, err)
		_, err = c.PauseAll()
		require.NoError(t, err)
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.Zero(t, runs)
		_, err = c.ResumeAll()
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 1, runs)
	})
}

func TestSynctestControllerPausedStaysOverAStopAndAReplacement(t *testing.T) {
	inStatsBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := fleetOfJobs(t, s, 1, func() {})[0]
		_, err := c.PauseAll()
		require.NoError(t, err)
		require.NoError(t, s.StopJobs())
		s.Start()
		_, err = s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(func() {}))
		require.NoError(t, err)
		requirePaused(t, c, true, j)
	})
}

func TestControllerPauseAllOfOtherSchedulers(t *testing.T) {
	mock := gocron.NewController(struct{ gocron.Scheduler }{})
	_, err := mock.PauseAll()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = mock.ResumeAll()
	require.ErrorIs(t, err, errors.ErrUnsupported)
	_, err = mock.Paused(uuid.New())
	require.ErrorIs(t, err, errors.ErrUnsupported)

	s, err := gocron.NewScheduler()
	require.NoError(t, err)
	c := gocron.NewController(s)
	_, err = c.Paused(uuid.New())
	require.Equal(t, gocron.ErrJobNotFound, err)
	fleetOfJobs(t, s, 1, func() {})
	require.NoError(t, s.Shutdown())
	paused, err := c.PauseAll()
	require.NoError(t, err)
	require.Zero(t, paused)
}
