//go:build walltime && go1.25

package time_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The machine sleeps while a listener of the run that an interval counts from is being called, and
// the scheduler looks at the clock meanwhile: there is another job.
func TestClockOverlaySynctestASleepInAListenerHasPassedForTheNextRun(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		slow := make(chan struct{})
		_, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithIntervalFromCompletion(),
			gocron.WithEventListeners(gocron.AfterJobRuns(func(uuid.UUID, string) { <-slow })))
		r.Logged(gocron.CronJob("* * * * *", false))
		r.Start()
		r.Pass(time.Hour)
		r.FallsAsleep(8 * time.Hour) // from 13:00 to 21:00
		close(slow)
		synctest.Wait()
		rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour), r.Now()}, log.All(), "14:00 was due meanwhile")
	})
}

func TestClockOverlaySynctestASleepInAListenerHasPassedForARetry(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		slow := make(chan struct{})
		var log rig.Log
		rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), func() error { log.Add(r.Now()); return errors.New("not yet") },
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Hour)}), gocron.WithLimitedRuns(1),
			gocron.WithEventListeners(gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { <-slow })))
		r.Logged(gocron.CronJob("* * * * *", false))
		r.Start()
		r.Pass(time.Hour)
		r.FallsAsleep(8 * time.Hour)
		close(slow)
		synctest.Wait()
		rig.RequireInstants(t, []time.Time{rig.WallStart.Add(time.Hour), r.Now()}, log.All(), "14:00 was due meanwhile")
	})
}

// The machine sleeps while a monitor is told of the start, or of a job.
func TestClockOverlaySynctestASleepWhileAMonitorIsToldHasPassedForAnInterval(t *testing.T) {
	for _, running := range []bool{false, true} {
		var slow chan struct{}
		monitor := rig.MonitorFuncs{Started: func() { <-slow }}
		if running {
			monitor = rig.MonitorFuncs{Registered: func(gocron.Job) { <-slow }}
		}
		rig.OnMovableClock(t, func(r *rig.Wall) {
			var log rig.Log
			slow = make(chan struct{})
			add := func() { rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), func() { log.Add(r.Now()) }) }
			if running {
				r.Scheduler.Start()
				go add()
			} else {
				add()
				go r.Scheduler.Start()
			}
			synctest.Wait()
			r.FallsAsleep(8 * time.Hour) // from 12:00 to 20:00
			close(slow)
			synctest.Wait()
			rig.RequireInstants(t, []time.Time{r.Now()}, log.All(), "13:00 was due meanwhile")
			rig.RequireInstants(t, []time.Time{rig.WallStart.Add(9 * time.Hour)}, rig.NextsOf(t, r.Scheduler.Jobs()[0], 1))
		}, gocron.WithSchedulerMonitor(monitor))
	}
}

// A wall clock that gains less than a second at a time is followed by nothing. After a sleep an
// interval goes by what it then shows, and a delay is as long as it was.
func TestClockOverlaySynctestASleepOnAClockThatGains(t *testing.T) {
	rig.OnMovableClock(t, func(r *rig.Wall) {
		var attempts rig.Log
		rig.MustJob(t, r.Scheduler, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.WallStart.Add(time.Second))), func() error {
			attempts.Add(r.Now())
			return errors.New("not yet")
		}, gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(24 * time.Hour)}))
		r.Start()
		for range 100 {
			r.Pass(time.Minute)
			r.Step(900 * time.Millisecond)
		}
		j, log := r.Logged(gocron.DurationJob(24 * time.Hour))
		r.FallsAsleep(8 * time.Hour)
		next := rig.NextOf(t, j)
		r.PassTo(next.Add(-1))
		require.Zero(t, log.Len())
		r.PassTo(next)
		rig.RequireInstants(t, []time.Time{next}, log.All())
		require.Equal(t, 24*time.Hour+90*time.Second, attempts.All()[1].Sub(attempts.All()[0]), "the wall clock has gained 90 seconds")
	})
}

// The clock is set while a listener of the run that an interval counts from is being called, or
// while the monitor is told of the job, or while the scheduler is stopped, before and after the run
// has ended: what the run after it is said to be due at is when it comes.
func TestClockOverlaySynctestAStepMovesWhatAnIntervalCountsFrom(t *testing.T) {
	for _, by := range []time.Duration{9 * time.Second, -5 * time.Second, -5 * time.Minute, -5 * time.Hour, 30 * 24 * time.Hour} {
		requireDue := func(t *testing.T, r *rig.Wall, j gocron.Job, due time.Time) {
			rig.RequireInstants(t, []time.Time{due}, []time.Time{rig.NextOf(t, j)}, "set by %s", by)
			r.PassTo(due)
			all := r.Finished(j)
			rig.RequireInstants(t, []time.Time{due, due}, []time.Time{all[len(all)-1].ScheduledAt, all[len(all)-1].StartedAt}, "set by %s", by)
		}
		rig.OnMovableClock(t, func(r *rig.Wall) {
			slow := make(chan struct{})
			j, _ := r.Logged(gocron.DurationJob(time.Hour), gocron.WithIntervalFromCompletion(),
				gocron.WithEventListeners(gocron.AfterJobRuns(func(uuid.UUID, string) { <-slow })))
			r.Logged(gocron.CronJob("* * * * *", false))
			r.Start()
			r.Pass(time.Hour)
			r.Step(by)
			r.Pass(time.Minute)
			close(slow)
			synctest.Wait()
			requireDue(t, r, j, rig.WallStart.Add(2*time.Hour+by))
		})
		rig.OnMovableClock(t, func(r *rig.Wall) {
			stays := make(chan struct{})
			j := rig.MustJob(t, r.Scheduler, gocron.DurationJob(time.Hour), func() { <-stays }, gocron.WithIntervalFromCompletion())
			r.Start()
			r.Pass(time.Hour)
			require.ErrorIs(t, r.Scheduler.StopJobs(), gocron.ErrStopJobsTimedOut) // at 13:00:10
			r.Step(by)
			close(stays)
			synctest.Wait()
			r.Step(-by)
			r.Start()
			requireDue(t, r, j, rig.WallStart.Add(2*time.Hour+10*time.Second))
		})
		var slow chan struct{}
		rig.OnMovableClock(t, func(r *rig.Wall) {
			r.Logged(gocron.CronJob("* * * * *", false))
			r.Start()
			slow = make(chan struct{})
			go r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithName("slow"))
			synctest.Wait()
			r.Step(by)
			r.Pass(time.Minute)
			close(slow)
			synctest.Wait()
			jobs := gocron.NewController(r.Scheduler)
			all, err := jobs.JobsByName("slow")
			require.NoError(t, err)
			requireDue(t, r, all[0], rig.WallStart.Add(time.Hour+by))
		}, gocron.WithSchedulerMonitor(rig.MonitorFuncs{Registered: func(gocron.Job) {
			if slow != nil {
				<-slow
			}
		}}))
	}
}
