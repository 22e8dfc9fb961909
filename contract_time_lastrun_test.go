package gocron

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A runReport is what a handle says about past and present runs.
type runReport struct {
	started, completed time.Duration // since rigNow, -1 for never
	running            bool
}

func reportOf(t testing.TB, j Job) runReport {
	t.Helper()
	since := func(get func() (time.Time, error)) time.Duration {
		at, err := get()
		require.NoError(t, err)
		if at.IsZero() {
			return -1
		}
		return at.Sub(rigNow)
	}
	running, err := j.IsRunning()
	require.NoError(t, err)
	require.Equal(t, since(j.LastRunStartedAt), since(j.LastRun))
	return runReport{since(j.LastRunStartedAt), since(j.LastRunCompletedAt), running}
}

func TestTimeReportsAtAllPointsOfARun(t *testing.T) {
	r := newRig(t)
	var seen []runReport
	var j Job
	see := func() { seen = append(seen, reportOf(t, j)); r.hold() }
	j = r.job(DurationJob(time.Hour), see, WithEventListeners(
		BeforeJobRuns(func(uuid.UUID, string) { see() }),
		BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { see(); return nil }),
		AfterJobRuns(func(uuid.UUID, string) { see() }),
	))
	check := func(want ...runReport) {
		t.Helper()
		require.Equal(t, want, append(seen, reportOf(t, j)))
		seen = nil
	}
	r.start()
	check(runReport{-1, -1, false})
	r.advance(time.Hour)
	check(runReport{-1, -1, false}, runReport{-1, -1, false}) // BeforeJobRuns
	r.advance(time.Minute)
	r.letGo(1)
	check(runReport{-1, -1, false}, runReport{-1, -1, false}) // refusal
	r.advance(time.Minute)
	r.letGo(1)
	in := runReport{62 * time.Minute, -1, true} // the task
	check(in, in)
	r.advance(time.Minute)
	check(in)
	r.letGo(1)
	check(in, in) // AfterJobRuns
	r.advance(time.Minute)
	r.letGo(1)
	done := runReport{62 * time.Minute, 63 * time.Minute, false}
	check(done)
	r.advance(time.Hour)
	check(done, done) // BeforeJobRuns of the next
	r.letGo(1)
	r.letGo(1)
	seen = nil
	check(runReport{124 * time.Minute, 63 * time.Minute, true})
	r.letGo(1)
	r.letGo(1)
	seen = nil
	check(runReport{124 * time.Minute, 124 * time.Minute, false})
}

func TestTimeReportsOfOverlappingRuns(t *testing.T) {
	r := newRig(t)
	gates := make(chan chan struct{}, 2)
	j := r.job(DurationJob(time.Hour), func() {
		gate := make(chan struct{})
		gates <- gate
		<-gate
	})
	r.start()
	r.advance(time.Hour)
	r.advance(time.Hour)
	first, second := receive(t, gates), receive(t, gates)
	require.Equal(t, runReport{2 * time.Hour, -1, true}, reportOf(t, j))
	r.advance(time.Minute)
	close(second)
	r.settle()
	require.Equal(t, runReport{2 * time.Hour, 121 * time.Minute, true}, reportOf(t, j), "the older one goes on")
	r.advance(time.Minute)
	close(first)
	r.settle()
	require.Equal(t, runReport{2 * time.Hour, 122 * time.Minute, false}, reportOf(t, j))
}

func TestTimeReportsInsideTheTask(t *testing.T) {
	r := newRig(t)
	var seen runReport
	var j Job
	j = r.job(DurationJob(time.Hour), func() { seen = reportOf(t, j) })
	r.start()
	r.advance(time.Hour)
	require.Equal(t, runReport{time.Hour, -1, true}, seen)
}

func TestTimeReportsOfEveryEnding(t *testing.T) {
	done := runReport{time.Hour, time.Hour, false}
	none := runReport{-1, -1, false}
	refuse := BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errHook })
	for name, tt := range map[string]struct {
		task      any
		scheduler []SchedulerOption
		job       []JobOption
		want      runReport
	}{
		"ok":         {func() {}, nil, nil, done},
		"error":      {func() error { return errHook }, nil, nil, done},
		"panic":      {func() { panic(1) }, nil, []JobOption{WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))}, done},
		"goexit":     {runtime.Goexit, nil, nil, done},
		"refused":    {func() {}, nil, []JobOption{WithEventListeners(refuse)}, none},
		"not leader": {func() {}, []SchedulerOption{WithDistributedElector(electorFunc(func(context.Context) error { return errHook }))}, nil, none},
		"not locked": {func() {}, []SchedulerOption{WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) { return nil, errHook }))}, nil, none},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, tt.scheduler...)
			j := r.job(DurationJob(time.Hour), tt.task, tt.job...)
			r.start()
			r.advance(time.Hour)
			require.Equal(t, tt.want, reportOf(t, j))
		})
	}
}

func TestTimeReportsOfRunsThatWaitOrAreSkipped(t *testing.T) {
	for _, mode := range []LimitMode{LimitModeReschedule, LimitModeWait} {
		r := newRig(t)
		j := r.job(DurationJob(time.Hour), r.hold, WithSingletonMode(mode))
		r.start()
		r.advance(time.Hour)
		r.advance(time.Hour)
		require.Equal(t, runReport{time.Hour, -1, true}, reportOf(t, j))
		r.advance(time.Minute)
		r.letGo(1)
		if mode == LimitModeWait {
			require.Equal(t, runReport{121 * time.Minute, 121 * time.Minute, true}, reportOf(t, j))
			r.letGo(1)
		}
		require.False(t, reportOf(t, j).running)
	}
}

func TestTimeReportsOfARunNow(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), r.hold)
	r.start()
	r.advance(time.Minute)
	require.NoError(t, j.RunNow())
	r.settle()
	require.Equal(t, runReport{time.Minute, -1, true}, reportOf(t, j))
	r.advance(time.Minute)
	r.letGo(1)
	require.Equal(t, runReport{time.Minute, 2 * time.Minute, false}, reportOf(t, j))
}

func TestTimeReportsOutliveAStop(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), func() {})
	r.start()
	r.advance(time.Hour)
	r.stop()
	require.Equal(t, runReport{time.Hour, time.Hour, false}, reportOf(t, j))
	r.start()
	require.Equal(t, runReport{time.Hour, time.Hour, false}, reportOf(t, j))
}

func TestTimeIsRunningWhileATaskOutlivesAStop(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), r.hold)
	r.start()
	r.advance(time.Hour)
	require.Equal(t, context.Canceled, r.s.StopJobsWithContext(endedContext()))
	require.True(t, reportOf(t, j).running)
	r.letGo(1)
	require.False(t, reportOf(t, j).running)
}
