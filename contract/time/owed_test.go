package time_test

import (
	"context"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A job that counts from completion and runs at every Start is booked after each of its runs,
// also when the stop took a time from it that was booked.
func TestTimeACountingJobThatRunsAtStartIsBookedAfterARestart(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithIntervalFromCompletion(), gocron.WithStartAt(gocron.WithStartImmediately()))
	for n := 1; n <= 3; n++ {
		r.Start()
		require.Equal(t, n, log.Len())
		rig.RequireInstants(t, []time.Time{r.Clock.Now().Add(time.Hour)}, rig.NextsOf(t, j, 1))
		r.Advance(10 * time.Minute)
		r.Stop()
	}
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, 5, log.Len())
}

// What a pause keeps ends by Cancel, and a job that was to leave after it leaves.
func TestTimeAJobWhoseLastKeptTimeIsCancelledLeaves(t *testing.T) {
	for name, options := range map[string][]gocron.JobOption{
		"when finished": {gocron.WithRemoveWhenFinished()},
		"limited":       {gocron.WithLimitedRuns(1)},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMissedRig(t)
			j, log := m.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...)), options...)
			m.Start()
			require.NoError(t, m.c.Pause(j.ID()))
			m.Walk(90 * time.Minute)
			require.NoError(t, m.c.Cancel(j.ID()))
			m.Settle()
			require.Len(t, m.Scheduler.Jobs(), 1, "another time is ahead")
			m.Walk(time.Hour)
			require.Len(t, m.Scheduler.Jobs(), 1, "it is kept")
			require.NoError(t, m.c.Cancel(j.ID()))
			m.Settle()
			require.Empty(t, m.Scheduler.Jobs())
			require.Zero(t, log.Len())
			made, _ := m.outcomes(j)
			rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour), rig.ScheduledTimes(made))
			for _, info := range made {
				require.Equal(t, gocron.OutcomeCancelled, info.Outcome)
			}
		})
	}
}

// Cancel is about the runs that go on and what a pause keeps. What a stop dropped from the queue
// still runs after Start.
func TestTimeCancelLeavesWhatAStopDropped(t *testing.T) {
	r := rig.New(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	blocker := r.Job(gocron.DurationJob(1000*time.Hour), r.Hold)
	j, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Minute))))
	r.Start()
	require.NoError(t, blocker.RunNow())
	r.Settle()
	r.Advance(time.Minute)
	require.Equal(t, 1, r.Scheduler.JobsWaitingInQueue())
	require.Equal(t, context.Canceled, r.Scheduler.StopJobsWithContext(rig.EndedContext()))
	require.NoError(t, gocron.NewController(r.Scheduler).Cancel(j.ID()))
	r.LetGo(1)
	r.Start()
	require.Equal(t, 1, log.Len())
}

// A job whose context has ended stays listed, until a Start after its stop time.
func TestTimeAJobWhoseContextHasEndedStaysListed(t *testing.T) {
	for name, options := range map[string][]gocron.JobOption{
		"limited":   {gocron.WithLimitedRuns(1)},
		"stop time": {rig.StopAfter(3 * time.Hour)},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			r := rig.New(t)
			j, _ := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...)), append(options, gocron.WithContext(ctx))...)
			r.Start()
			cancel()
			r.Settle()
			r.Stop() // the end of the context was heard
			r.Start()
			require.Equal(t, []gocron.Job{j}, r.Scheduler.Jobs())
			r.Advance(4 * time.Hour)
			require.NoError(t, gocron.NewController(r.Scheduler).Cancel(j.ID()))
			r.Start() // it runs: nothing happens
			require.Equal(t, []gocron.Job{j}, r.Scheduler.Jobs())
			r.Stop()
			r.Start()
			require.Equal(t, name == "stop time", len(r.Scheduler.Jobs()) == 0)
		})
	}
}

// A limited run that is given back books the next time that is ahead, not one that passed
// while all runs were taken.
func TestTimeALimitedRunThatIsGivenBackBooksAFutureInstant(t *testing.T) {
	r := rig.New(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	blocker := r.Job(gocron.DurationJob(1000*time.Hour), r.Hold)
	instants := gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour, 3*time.Hour)...)
	j, log := r.Logged(gocron.OneTimeJob(instants), gocron.WithLimitedRuns(1))
	r.Start()
	require.NoError(t, blocker.RunNow())
	r.Settle()
	r.Advance(150 * time.Minute)
	require.Equal(t, 1, r.Scheduler.JobsWaitingInQueue())
	rig.NoNextRun(t, j)
	c := gocron.NewController(r.Scheduler)
	require.NoError(t, c.Pause(j.ID())) // its run that waits is paused
	require.NoError(t, c.Resume(j.ID()))
	rig.RequireInstants(t, rig.At(3*time.Hour), rig.NextsOf(t, j, 3))
	r.LetGo(1)
	r.Advance(time.Hour)
	rig.RequireInstants(t, rig.At(210*time.Minute), log.All())
}

// A Cron of the user's that was asked before its job was added gives no next time to one whose
// limited runs are all taken.
func TestTimeAUsersCronWithAllLimitedRunsTaken(t *testing.T) {
	r := rig.New(t)
	r.Start()
	j := r.Job(gocron.CronJob("", false), r.Hold, gocron.WithCronImplementation(rig.HourlyCron(rig.Noop)), gocron.WithLimitedRuns(1), gocron.WithStartAt(gocron.WithStartImmediately()))
	rig.NoNextRun(t, j)
	r.Waiters(0)
	r.LetGo(1)
	require.Empty(t, r.Scheduler.Jobs())
}
