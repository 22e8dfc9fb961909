package time_test

import (
	"context"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTimeWaitersAreOneForEachScheduledJob(t *testing.T) {
	r := rig.New(t)
	jobs := map[string]gocron.Job{}
	for name, definition := range rig.EveryKind() {
		jobs[name] = r.Job(definition, func() {})
	}
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(900*time.Hour, 901*time.Hour, 902*time.Hour)...)), func() {})
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Minute))), rig.StopAfter(1000*time.Hour))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithStartAt(gocron.WithStartImmediately()))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() {})
	scheduled := len(jobs) + 3
	r.Waiters(0)
	r.Start()
	r.Waiters(scheduled)
	for i := 0; i < 5; i++ {
		r.Advance(time.Hour)
		r.Waiters(scheduled)
	}
	require.NoError(t, r.Scheduler.RemoveJob(jobs["duration"].ID()))
	r.Waiters(scheduled - 1)
	r.Job(gocron.DurationJob(time.Minute), func() {})
	r.Waiters(scheduled)
	_, err := r.Scheduler.Update(jobs["daily"].ID(), gocron.DurationJob(time.Minute), gocron.NewTask(func() {}))
	require.NoError(t, err)
	r.Waiters(scheduled)
	r.Stop()
	r.Waiters(0)
	r.Start()
	r.Waiters(scheduled)
	require.NoError(t, r.Scheduler.Shutdown())
	r.Waiters(0)
}

func TestTimeWaitersWhileARunGoesOn(t *testing.T) {
	r := rig.New(t)
	r.Job(gocron.DurationJob(time.Hour), r.Hold)
	r.Start()
	r.Advance(time.Hour)
	r.Waiters(1)
	r.Advance(time.Hour)
	r.Waiters(1)
	require.Equal(t, context.Canceled, r.Scheduler.StopJobsWithContext(rig.EndedContext()))
	r.Waiters(0)
	r.LetGo(2)
}

func TestTimeWaitersWithIntervalFromCompletion(t *testing.T) {
	r := rig.New(t)
	r.Job(gocron.DurationJob(time.Hour), r.Hold, gocron.WithIntervalFromCompletion())
	r.Start()
	r.Waiters(1)
	r.Advance(time.Hour)
	r.Waiters(0)
	r.LetGo(1)
	r.Waiters(1)
}

func TestTimeWaitersOfJobsThatAreNotScheduled(t *testing.T) {
	r := rig.New(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithContext(rig.EndedContext()))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithContext(ctx))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))), func() {})
	r.Job(gocron.DurationJob(time.Hour), r.Hold, gocron.WithLimitedRuns(1))
	r.Job(gocron.DurationJob(time.Hour), func() {}, rig.StopAfter(time.Hour))
	r.Start()
	r.Waiters(4)
	r.Advance(time.Hour)
	r.Waiters(1) // the one with a living context
	r.LetGo(1)
	r.Waiters(1)
}

func TestTimeReportedTimesComeFromTheInjectedClock(t *testing.T) {
	monitor := &rig.TimesMonitor{}
	r := rig.New(t, gocron.WithMonitorStatus(monitor), gocron.WithSchedulerMonitor(monitor))
	j := r.Job(gocron.DurationJob(time.Hour), r.Hold, gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { r.Hold() })))
	r.Start()
	r.Advance(time.Hour)
	r.Advance(10 * time.Minute)
	r.LetGo(1)
	r.Advance(7 * time.Minute)
	r.LetGo(1)
	require.Equal(t, 7*time.Minute, monitor.Took)
	rig.RequireInstants(t, rig.At(time.Hour, 70*time.Minute), []time.Time{monitor.Due, monitor.Began})
	rig.RequireInstants(t, rig.At(70*time.Minute, 77*time.Minute), []time.Time{monitor.From, monitor.To})
	require.Equal(t, rig.Report{Started: 70 * time.Minute, Completed: 77 * time.Minute, Running: false}, rig.ReportOf(t, j))
}

func TestTimeReportedTimesAreInTheSchedulersLocation(t *testing.T) {
	tokyo := loadZone(t, "Asia/Tokyo")
	r := rig.New(t, gocron.WithLocation(tokyo))
	j := r.Job(gocron.DurationJob(time.Hour), func() {})
	r.Start()
	r.Advance(time.Hour)
	for _, get := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt, j.NextRun} {
		at, err := get()
		require.NoError(t, err)
		require.Equal(t, "Asia/Tokyo", at.Location().String())
	}
}
