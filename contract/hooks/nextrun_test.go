package hooks_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// beforeFunc is a listener of both kinds that comes before a task.
func beforeFunc(f func()) []gocron.EventListener {
	return []gocron.EventListener{
		gocron.BeforeJobRuns(func(uuid.UUID, string) { f() }),
		gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { f(); return nil }),
	}
}

func TestHooksNextRunInABeforeListenerIsThePresentRun(t *testing.T) {
	for _, kind := range []int{0, 1} {
		for place, want := range map[string][2]time.Duration{ // by kind
			"IsLeader": {2 * time.Hour, 2 * time.Hour}, "Lock": {2 * time.Hour, 2 * time.Hour},
			"listener": {time.Hour, time.Hour}, "JobStarted": {2 * time.Hour, time.Hour}, "Delay": {2 * time.Hour, time.Hour},
			"JobRunning": {2 * time.Hour, 2 * time.Hour}, "task": {2 * time.Hour, 2 * time.Hour}, "JobCompleted": {2 * time.Hour, 2 * time.Hour},
		} {
			h := &rig.Recorder{T: t}
			options := []gocron.SchedulerOption{gocron.WithSchedulerMonitor(h)}
			if place == "IsLeader" {
				options = append(options, gocron.WithDistributedElector(h))
			} else {
				options = append(options, gocron.WithDistributedLocker(h))
			}
			r := rig.New(t, options...)
			var j gocron.Job
			asked := 0
			h.During = func(call string) {
				if !strings.HasPrefix(call, place) {
					return
				}
				asked++
				first := rig.Now.Add(want[kind])
				require.Equal(t, first, rig.NextOf(t, j), place)
				later := []time.Time{first, first.Add(time.Hour), first.Add(2 * time.Hour)}
				if want[kind] == time.Hour {
					rig.RequireInstants(t, later[:1], rig.NextsOf(t, j, 1))
					require.Empty(t, rig.NextsOf(t, j, 0))
					require.Empty(t, rig.NextsOf(t, j, -1))
				}
				rig.RequireInstants(t, later, rig.NextsOf(t, j, 3))
				e, err := gocron.NewController(r.Scheduler).Explain(j.ID())
				require.NoError(t, err)
				require.Equal(t, first, e.NextRun)
			}
			j = r.Job(gocron.DurationJob(time.Hour), func() { h.Note("task") },
				gocron.WithEventListeners(beforeFunc(func() { h.Note("listener") })[kind]))
			r.Start()
			r.Advance(time.Hour)
			require.Equal(t, 1, asked, place)
			require.Equal(t, rig.Now.Add(2*time.Hour), rig.NextOf(t, j))
		}
	}
}

// Jobs of all kinds, up to the last run that they have.
func TestHooksNextRunInABeforeListenerOfEveryRun(t *testing.T) {
	for name, tt := range map[string]struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
		want       []time.Duration // what NextRuns(2) begins with at each call
	}{
		"one-time":        {gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...)), nil, []time.Duration{time.Hour, 2 * time.Hour}},
		"limited":         {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithLimitedRuns(1)}, []time.Duration{time.Hour}},
		"from completion": {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithIntervalFromCompletion()}, []time.Duration{time.Hour, 2 * time.Hour}},
		"stop time":       {gocron.DurationJob(time.Hour), []gocron.JobOption{rig.StopAfter(time.Hour)}, []time.Duration{time.Hour}},
		"daily":           {gocron.DailyJob(1, rig.AtClock(13, 0)), nil, []time.Duration{time.Hour}},
		"start time":      {gocron.DailyJob(1, rig.AtClock(13, 0)), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Minute)))}, []time.Duration{time.Minute, time.Hour}},
		"immediate":       {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartImmediately())}, []time.Duration{0, time.Hour, 2 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			var j gocron.Job
			var got []time.Time
			j = r.Job(tt.definition, func() error { return rig.ErrHook }, append(tt.options, gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) {
				got = append(got, rig.NextOf(t, j))
				require.Equal(t, got[len(got)-1], rig.NextsOf(t, j, 2)[0])
			})))...)
			r.Start()
			r.Advance(time.Minute)
			r.Advance(59 * time.Minute)
			r.Advance(time.Minute)
			r.Advance(59 * time.Minute)
			rig.RequireInstants(t, rig.At(tt.want...), got)
		})
	}
}

func TestHooksNextRunOfRunsThatBeginTogether(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), rig.Noop, gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { r.Hold() })))
	r.Start()
	r.Walk(2 * time.Hour)
	require.NoError(t, j.RunNow())
	r.Settle()
	rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour, 3*time.Hour, 4*time.Hour), rig.NextsOf(t, j, 4))
	rig.RequireInstants(t, rig.At(time.Hour), rig.NextsOf(t, j, 1))
	require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
	r.LetGo(3)
	rig.RequireInstants(t, rig.At(3*time.Hour, 4*time.Hour), rig.NextsOf(t, j, 2))
}

func TestHooksNextRunOfARunNowIsTheNextTime(t *testing.T) {
	r := rig.New(t)
	var j gocron.Job
	asked := 0
	j = r.Job(gocron.DurationJob(time.Hour), rig.Noop, gocron.WithEventListeners(beforeFunc(func() {
		asked++
		require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
	})...))
	r.Start()
	require.NoError(t, j.RunNow())
	r.Settle()
	require.Equal(t, 2, asked)
}

// A run that will not start, or whose job is another by now, is not named any more.
func TestHooksNextRunOfARunThatWillNotStart(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(s gocron.Scheduler, j gocron.Job)
		next time.Duration // 0 for none
	}{
		"cancel":  {func(s gocron.Scheduler, j gocron.Job) { _ = gocron.NewController(s).Cancel(j.ID()) }, 2 * time.Hour},
		"stop":    {func(s gocron.Scheduler, _ gocron.Job) { _ = s.StopJobsWithContext(rig.EndedContext()) }, 0},
		"restart": {func(s gocron.Scheduler, _ gocron.Job) { _ = s.StopJobsWithContext(rig.EndedContext()); s.Start() }, 2 * time.Hour},
		"update": {func(s gocron.Scheduler, j gocron.Job) {
			_, _ = s.Update(j.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(rig.Noop))
		}, 61 * time.Minute},
		"pause":    {func(s gocron.Scheduler, j gocron.Job) { _ = gocron.NewController(s).Pause(j.ID()) }, time.Hour},
		"nothing":  {func(gocron.Scheduler, gocron.Job) {}, time.Hour},
		"its exit": {func(gocron.Scheduler, gocron.Job) { runtime.Goexit() }, 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			var j gocron.Job
			held := name != "its exit"
			j = r.Job(gocron.DurationJob(time.Hour), rig.Noop, gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) {
				require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
				tt.end(r.Scheduler, j)
				r.Hold()
			})))
			r.Start()
			r.Advance(time.Hour)
			if tt.next == 0 {
				rig.NoNextRun(t, j)
			} else {
				require.Equal(t, rig.Now.Add(tt.next), rig.NextOf(t, j))
			}
			if held {
				r.LetGo(1)
			}
		})
	}
}

func TestHooksNextRunWhileAStopDrains(t *testing.T) {
	r := rig.New(t, gocron.WithDrain())
	j := r.Job(gocron.DurationJob(time.Hour), rig.Noop, gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { r.Hold() })))
	r.Start()
	r.Advance(time.Hour)
	stopped := make(chan error, 1)
	go func() { stopped <- r.Scheduler.StopJobs() }()
	for len(rig.NextsOf(t, j, 2)) > 1 { // the stop has not begun
		runtime.Gosched()
	}
	rig.RequireInstants(t, rig.At(time.Hour), rig.NextsOf(t, j, 2))
	r.Gate <- struct{}{}
	require.NoError(t, rig.Receive(t, stopped))
	rig.NoNextRun(t, j)
}
