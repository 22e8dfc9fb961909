package time_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTimeReportsAtAllPointsOfARun(t *testing.T) {
	r := rig.New(t)
	var seen []rig.Report
	var j gocron.Job
	see := func() { seen = append(seen, rig.ReportOf(t, j)); r.Hold() }
	j = r.Job(gocron.DurationJob(time.Hour), see, gocron.WithEventListeners(
		gocron.BeforeJobRuns(func(uuid.UUID, string) { see() }),
		gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { see(); return nil }),
		gocron.AfterJobRuns(func(uuid.UUID, string) { see() }),
	))
	check := func(want ...rig.Report) {
		t.Helper()
		require.Equal(t, want, append(seen, rig.ReportOf(t, j)))
		seen = nil
	}
	r.Start()
	check(rig.Report{Started: -1, Completed: -1, Running: false})
	r.Advance(time.Hour)
	check(rig.Report{Started: -1, Completed: -1, Running: false}, rig.Report{Started: -1, Completed: -1, Running: false}) // BeforeJobRuns
	r.Advance(time.Minute)
	r.LetGo(1)
	check(rig.Report{Started: -1, Completed: -1, Running: false}, rig.Report{Started: -1, Completed: -1, Running: false}) // refusal
	r.Advance(time.Minute)
	r.LetGo(1)
	in := rig.Report{Started: 62 * time.Minute, Completed: -1, Running: true} // the task
	check(in, in)
	r.Advance(time.Minute)
	check(in)
	r.LetGo(1)
	check(in, in) // AfterJobRuns
	r.Advance(time.Minute)
	r.LetGo(1)
	done := rig.Report{Started: 62 * time.Minute, Completed: 63 * time.Minute, Running: false}
	check(done)
	r.Advance(time.Hour)
	check(done, done) // BeforeJobRuns of the next
	r.LetGo(1)
	r.LetGo(1)
	seen = nil
	check(rig.Report{Started: 124 * time.Minute, Completed: 63 * time.Minute, Running: true})
	r.LetGo(1)
	r.LetGo(1)
	seen = nil
	check(rig.Report{Started: 124 * time.Minute, Completed: 124 * time.Minute, Running: false})
}

func TestTimeReportsOfOverlappingRuns(t *testing.T) {
	r := rig.New(t)
	gates := make(chan chan struct{}, 2)
	j := r.Job(gocron.DurationJob(time.Hour), func() {
		gate := make(chan struct{})
		gates <- gate
		<-gate
	})
	r.Start()
	r.Advance(time.Hour)
	r.Advance(time.Hour)
	first, second := rig.Receive(t, gates), rig.Receive(t, gates)
	require.Equal(t, rig.Report{Started: 2 * time.Hour, Completed: -1, Running: true}, rig.ReportOf(t, j))
	r.Advance(time.Minute)
	close(second)
	r.Settle()
	require.Equal(t, rig.Report{Started: 2 * time.Hour, Completed: 121 * time.Minute, Running: true}, rig.ReportOf(t, j), "the older one goes on")
	r.Advance(time.Minute)
	close(first)
	r.Settle()
	require.Equal(t, rig.Report{Started: 2 * time.Hour, Completed: 122 * time.Minute, Running: false}, rig.ReportOf(t, j))
}

func TestTimeReportsInsideTheTask(t *testing.T) {
	r := rig.New(t)
	var seen rig.Report
	var j gocron.Job
	j = r.Job(gocron.DurationJob(time.Hour), func() { seen = rig.ReportOf(t, j) })
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, rig.Report{Started: time.Hour, Completed: -1, Running: true}, seen)
}

func TestTimeReportsOfEveryEnding(t *testing.T) {
	done := rig.Report{Started: time.Hour, Completed: time.Hour, Running: false}
	none := rig.Report{Started: -1, Completed: -1, Running: false}
	refuse := gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrHook })
	for name, tt := range map[string]struct {
		task      any
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
		want      rig.Report
	}{
		"ok":         {func() {}, nil, nil, done},
		"error":      {func() error { return rig.ErrHook }, nil, nil, done},
		"panic":      {func() { panic(1) }, nil, []gocron.JobOption{gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))}, done},
		"goexit":     {runtime.Goexit, nil, nil, done},
		"refused":    {func() {}, nil, []gocron.JobOption{gocron.WithEventListeners(refuse)}, none},
		"not leader": {func() {}, []gocron.SchedulerOption{gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return rig.ErrHook }))}, nil, none},
		"not locked": {func() {}, []gocron.SchedulerOption{gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, rig.ErrHook }))}, nil, none},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t, tt.scheduler...)
			j := r.Job(gocron.DurationJob(time.Hour), tt.task, tt.job...)
			r.Start()
			r.Advance(time.Hour)
			require.Equal(t, tt.want, rig.ReportOf(t, j))
		})
	}
}

func TestTimeReportsOfRunsThatWaitOrAreSkipped(t *testing.T) {
	for _, mode := range []gocron.LimitMode{gocron.LimitModeReschedule, gocron.LimitModeWait} {
		r := rig.New(t)
		j := r.Job(gocron.DurationJob(time.Hour), r.Hold, gocron.WithSingletonMode(mode))
		r.Start()
		r.Advance(time.Hour)
		r.Advance(time.Hour)
		require.Equal(t, rig.Report{Started: time.Hour, Completed: -1, Running: true}, rig.ReportOf(t, j))
		r.Advance(time.Minute)
		r.LetGo(1)
		if mode == gocron.LimitModeWait {
			require.Equal(t, rig.Report{Started: 121 * time.Minute, Completed: 121 * time.Minute, Running: true}, rig.ReportOf(t, j))
			r.LetGo(1)
		}
		require.False(t, rig.ReportOf(t, j).Running)
	}
}

func TestTimeReportsOfARunNow(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), r.Hold)
	r.Start()
	r.Advance(time.Minute)
	require.NoError(t, j.RunNow())
	r.Settle()
	require.Equal(t, rig.Report{Started: time.Minute, Completed: -1, Running: true}, rig.ReportOf(t, j))
	r.Advance(time.Minute)
	r.LetGo(1)
	require.Equal(t, rig.Report{Started: time.Minute, Completed: 2 * time.Minute, Running: false}, rig.ReportOf(t, j))
}

func TestTimeReportsOutliveAStop(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), func() {})
	r.Start()
	r.Advance(time.Hour)
	r.Stop()
	require.Equal(t, rig.Report{Started: time.Hour, Completed: time.Hour, Running: false}, rig.ReportOf(t, j))
	r.Start()
	require.Equal(t, rig.Report{Started: time.Hour, Completed: time.Hour, Running: false}, rig.ReportOf(t, j))
}

func TestTimeIsRunningWhileATaskOutlivesAStop(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), r.Hold)
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, context.Canceled, r.Scheduler.StopJobsWithContext(rig.EndedContext()))
	require.True(t, rig.ReportOf(t, j).Running)
	r.LetGo(1)
	require.False(t, rig.ReportOf(t, j).Running)
}
