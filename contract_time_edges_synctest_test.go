//go:build walltime && go1.25

package gocron

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// The machine sleeps while a listener of the run that an interval counts from is being called, and
// the scheduler looks at the clock meanwhile: there is another job.
func TestClockOverlaySynctestASleepInAListenerHasPassedForTheNextRun(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		slow := make(chan struct{})
		_, log := r.logged(DurationJob(time.Hour), WithIntervalFromCompletion(),
			WithEventListeners(AfterJobRuns(func(uuid.UUID, string) { <-slow })))
		r.logged(CronJob("* * * * *", false))
		r.start()
		r.pass(time.Hour)
		r.fallsAsleep(8 * time.Hour) // from 13:00 to 21:00
		close(slow)
		synctest.Wait()
		requireInstants(t, []time.Time{wallStart.Add(time.Hour), r.now()}, log.all(), "14:00 was due meanwhile")
	})
}

func TestClockOverlaySynctestASleepInAListenerHasPassedForARetry(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		slow := make(chan struct{})
		var log rigLog
		mustJob(t, r.s, DurationJob(time.Hour), func() error { log.add(r.now()); return errors.New("not yet") },
			WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Hour)}), WithLimitedRuns(1),
			WithEventListeners(AfterJobRunsWithError(func(uuid.UUID, string, error) { <-slow })))
		r.logged(CronJob("* * * * *", false))
		r.start()
		r.pass(time.Hour)
		r.fallsAsleep(8 * time.Hour)
		close(slow)
		synctest.Wait()
		requireInstants(t, []time.Time{wallStart.Add(time.Hour), r.now()}, log.all(), "14:00 was due meanwhile")
	})
}

// The machine sleeps while a monitor is told of the start, or of a job.
func TestClockOverlaySynctestASleepWhileAMonitorIsToldHasPassedForAnInterval(t *testing.T) {
	for _, running := range []bool{false, true} {
		var slow chan struct{}
		monitor := monitorFuncs{started: func() { <-slow }}
		if running {
			monitor = monitorFuncs{registered: func(Job) { <-slow }}
		}
		onMovableClock(t, func(r *wallRig) {
			var log rigLog
			slow = make(chan struct{})
			add := func() { mustJob(t, r.s, DurationJob(time.Hour), func() { log.add(r.now()) }) }
			if running {
				r.s.Start()
				go add()
			} else {
				add()
				go r.s.Start()
			}
			synctest.Wait()
			r.fallsAsleep(8 * time.Hour) // from 12:00 to 20:00
			close(slow)
			synctest.Wait()
			requireInstants(t, []time.Time{r.now()}, log.all(), "13:00 was due meanwhile")
			requireInstants(t, []time.Time{wallStart.Add(9 * time.Hour)}, nextsOf(t, r.s.Jobs()[0], 1))
		}, WithSchedulerMonitor(monitor))
	}
}

// A wall clock that gains less than a second at a time is followed by nothing. After a sleep an interval
// goes by what it then shows, and a delay is as long as it was.
func TestClockOverlaySynctestASleepOnAClockThatGains(t *testing.T) {
	onMovableClock(t, func(r *wallRig) {
		var attempts rigLog
		mustJob(t, r.s, OneTimeJob(OneTimeJobStartDateTime(wallStart.Add(time.Second))), func() error {
			attempts.add(r.now())
			return errors.New("not yet")
		}, WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(24 * time.Hour)}))
		r.start()
		for range 100 {
			r.pass(time.Minute)
			r.step(900 * time.Millisecond)
		}
		j, log := r.logged(DurationJob(24 * time.Hour))
		r.fallsAsleep(8 * time.Hour)
		next := nextOf(t, j)
		r.passTo(next.Add(-1))
		require.Zero(t, log.len())
		r.passTo(next)
		requireInstants(t, []time.Time{next}, log.all())
		require.Equal(t, 24*time.Hour+90*time.Second, attempts.all()[1].Sub(attempts.all()[0]), "the wall clock has gained 90 seconds")
	})
}
