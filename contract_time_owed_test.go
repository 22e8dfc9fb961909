package gocron

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A job that counts from completion and runs at every Start is booked after each of its runs,
// also when the stop took a time from it that was booked.
func TestTimeACountingJobThatRunsAtStartIsBookedAfterARestart(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationJob(time.Hour), WithIntervalFromCompletion(), WithStartAt(WithStartImmediately()))
	for n := 1; n <= 3; n++ {
		r.start()
		require.Equal(t, n, log.len())
		requireInstants(t, []time.Time{r.clock.Now().Add(time.Hour)}, nextsOf(t, j, 1))
		r.advance(10 * time.Minute)
		r.stop()
	}
	r.start()
	r.advance(time.Hour)
	require.Equal(t, 5, log.len())
}

// What a pause keeps ends by Cancel, and a job that was to leave after it leaves.
func TestTimeAJobWhoseLastKeptTimeIsCancelledLeaves(t *testing.T) {
	for name, options := range map[string][]JobOption{
		"when finished": {WithRemoveWhenFinished()},
		"limited":       {WithLimitedRuns(1)},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, log := m.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...)), options...)
			m.start()
			require.NoError(t, m.c.Pause(j.ID()))
			m.walk(90 * time.Minute)
			require.NoError(t, m.c.Cancel(j.ID()))
			m.settle()
			require.Len(t, m.s.Jobs(), 1, "another time is ahead")
			m.walk(time.Hour)
			require.Len(t, m.s.Jobs(), 1, "it is kept")
			require.NoError(t, m.c.Cancel(j.ID()))
			m.settle()
			require.Empty(t, m.s.Jobs())
			require.Zero(t, log.len())
			made, _ := m.outcomes(j)
			requireInstants(t, rigAt(time.Hour, 2*time.Hour), scheduledTimes(made))
			for _, info := range made {
				require.Equal(t, OutcomeCancelled, info.Outcome)
			}
		})
	}
}

// Cancel is about the runs that go on and what a pause keeps. What a stop dropped from the queue
// still runs after Start.
func TestTimeCancelLeavesWhatAStopDropped(t *testing.T) {
	r := newRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	blocker := r.job(DurationJob(1000*time.Hour), r.hold)
	j, log := r.logged(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Minute))))
	r.start()
	require.NoError(t, blocker.RunNow())
	r.settle()
	r.advance(time.Minute)
	require.Equal(t, 1, r.s.JobsWaitingInQueue())
	require.Equal(t, context.Canceled, r.s.StopJobsWithContext(endedContext()))
	require.NoError(t, NewController(r.s).Cancel(j.ID()))
	r.letGo(1)
	r.start()
	require.Equal(t, 1, log.len())
}

// A job whose context has ended stays listed, until a Start after its stop time.
func TestTimeAJobWhoseContextHasEndedStaysListed(t *testing.T) {
	for name, options := range map[string][]JobOption{
		"limited":   {WithLimitedRuns(1)},
		"stop time": {stopAfter(3 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			r := newRig(t)
			j, _ := r.logged(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...)), append(options, WithContext(ctx))...)
			r.start()
			cancel()
			r.settle()
			r.stop() // the end of the context was heard
			r.start()
			require.Equal(t, []Job{j}, r.s.Jobs())
			r.advance(4 * time.Hour)
			require.NoError(t, NewController(r.s).Cancel(j.ID()))
			r.start() // it runs: nothing happens
			require.Equal(t, []Job{j}, r.s.Jobs())
			r.stop()
			r.start()
			require.Equal(t, name == "stop time", len(r.s.Jobs()) == 0)
		})
	}
}

// A limited run that is given back books the next time that is ahead, not one that passed
// while all runs were taken.
func TestTimeALimitedRunThatIsGivenBackBooksAFutureInstant(t *testing.T) {
	r := newRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	blocker := r.job(DurationJob(1000*time.Hour), r.hold)
	instants := OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour, 3*time.Hour)...)
	j, log := r.logged(OneTimeJob(instants), WithLimitedRuns(1))
	r.start()
	require.NoError(t, blocker.RunNow())
	r.settle()
	r.advance(150 * time.Minute)
	require.Equal(t, 1, r.s.JobsWaitingInQueue())
	noNextRun(t, j)
	c := NewController(r.s)
	require.NoError(t, c.Pause(j.ID())) // its run that waits is paused
	require.NoError(t, c.Resume(j.ID()))
	requireInstants(t, rigAt(3*time.Hour), nextsOf(t, j, 3))
	r.letGo(1)
	r.advance(time.Hour)
	requireInstants(t, rigAt(210*time.Minute), log.all())
}

// A Cron of the user's that was asked before its job was added gives no next time to one whose
// limited runs are all taken.
func TestTimeAUsersCronWithAllLimitedRunsTaken(t *testing.T) {
	r := newRig(t)
	r.start()
	j := r.job(CronJob("", false), r.hold, WithCronImplementation(hourlyCron(noop)), WithLimitedRuns(1), WithStartAt(WithStartImmediately()))
	noNextRun(t, j)
	r.waiters(0)
	r.letGo(1)
	require.Empty(t, r.s.Jobs())
}
