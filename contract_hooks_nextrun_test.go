package gocron

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// beforeFunc is a listener of both kinds that comes before a task.
func beforeFunc(f func()) []EventListener {
	return []EventListener{
		BeforeJobRuns(func(uuid.UUID, string) { f() }),
		BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { f(); return nil }),
	}
}

func TestHooksNextRunInABeforeListenerIsThePresentRun(t *testing.T) {
	for _, kind := range []int{0, 1} {
		for place, want := range map[string][2]time.Duration{ // by kind
			"IsLeader": {2 * time.Hour, 2 * time.Hour}, "Lock": {2 * time.Hour, 2 * time.Hour},
			"listener": {time.Hour, time.Hour}, "JobStarted": {2 * time.Hour, time.Hour}, "Delay": {2 * time.Hour, time.Hour},
			"JobRunning": {2 * time.Hour, 2 * time.Hour}, "task": {2 * time.Hour, 2 * time.Hour}, "JobCompleted": {2 * time.Hour, 2 * time.Hour},
		} {
			h := &hookRecorder{t: t}
			options := []SchedulerOption{WithSchedulerMonitor(h)}
			if place == "IsLeader" {
				options = append(options, WithDistributedElector(h))
			} else {
				options = append(options, WithDistributedLocker(h))
			}
			r := newRig(t, options...)
			var j Job
			asked := 0
			h.during = func(call string) {
				if !strings.HasPrefix(call, place) {
					return
				}
				asked++
				first := rigNow.Add(want[kind])
				require.Equal(t, first, nextOf(t, j), place)
				later := []time.Time{first, first.Add(time.Hour), first.Add(2 * time.Hour)}
				if want[kind] == time.Hour {
					requireInstants(t, later[:1], nextsOf(t, j, 1))
					require.Empty(t, nextsOf(t, j, 0))
					require.Empty(t, nextsOf(t, j, -1))
				}
				requireInstants(t, later, nextsOf(t, j, 3))
				e, err := NewController(r.s).Explain(j.ID())
				require.NoError(t, err)
				require.Equal(t, first, e.NextRun)
			}
			j = r.job(DurationJob(time.Hour), func() { h.note("task") },
				WithEventListeners(beforeFunc(func() { h.note("listener") })[kind]))
			r.start()
			r.advance(time.Hour)
			require.Equal(t, 1, asked, place)
			require.Equal(t, rigNow.Add(2*time.Hour), nextOf(t, j))
		}
	}
}

// Jobs of all kinds, up to the last run that they have.
func TestHooksNextRunInABeforeListenerOfEveryRun(t *testing.T) {
	for name, tt := range map[string]struct {
		definition JobDefinition
		options    []JobOption
		want       []time.Duration // what NextRuns(2) begins with at each call
	}{
		"one-time":        {OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...)), nil, []time.Duration{time.Hour, 2 * time.Hour}},
		"limited":         {DurationJob(time.Hour), []JobOption{WithLimitedRuns(1)}, []time.Duration{time.Hour}},
		"from completion": {DurationJob(time.Hour), []JobOption{WithIntervalFromCompletion()}, []time.Duration{time.Hour, 2 * time.Hour}},
		"stop time":       {DurationJob(time.Hour), []JobOption{stopAfter(time.Hour)}, []time.Duration{time.Hour}},
		"daily":           {DailyJob(1, atClock(13, 0)), nil, []time.Duration{time.Hour}},
		"start time":      {DailyJob(1, atClock(13, 0)), []JobOption{WithStartAt(WithStartDateTime(rigNow.Add(time.Minute)))}, []time.Duration{time.Minute, time.Hour}},
		"immediate":       {DurationJob(time.Hour), []JobOption{WithStartAt(WithStartImmediately())}, []time.Duration{0, time.Hour, 2 * time.Hour}},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			var j Job
			var got []time.Time
			j = r.job(tt.definition, func() error { return errHook }, append(tt.options, WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) {
				got = append(got, nextOf(t, j))
				require.Equal(t, got[len(got)-1], nextsOf(t, j, 2)[0])
			})))...)
			r.start()
			r.advance(time.Minute)
			r.advance(59 * time.Minute)
			r.advance(time.Minute)
			r.advance(59 * time.Minute)
			requireInstants(t, rigAt(tt.want...), got)
		})
	}
}

func TestHooksNextRunOfRunsThatBeginTogether(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), noop, WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) { r.hold() })))
	r.start()
	r.walk(2 * time.Hour)
	require.NoError(t, j.RunNow())
	r.settle()
	requireInstants(t, rigAt(time.Hour, 2*time.Hour, 3*time.Hour, 4*time.Hour), nextsOf(t, j, 4))
	requireInstants(t, rigAt(time.Hour), nextsOf(t, j, 1))
	require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
	r.letGo(3)
	requireInstants(t, rigAt(3*time.Hour, 4*time.Hour), nextsOf(t, j, 2))
}

func TestHooksNextRunOfARunNowIsTheNextTime(t *testing.T) {
	r := newRig(t)
	var j Job
	asked := 0
	j = r.job(DurationJob(time.Hour), noop, WithEventListeners(beforeFunc(func() {
		asked++
		require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
	})...))
	r.start()
	require.NoError(t, j.RunNow())
	r.settle()
	require.Equal(t, 2, asked)
}

// A run that will not start, or whose job is another by now, is not named any more.
func TestHooksNextRunOfARunThatWillNotStart(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(s Scheduler, j Job)
		next time.Duration // 0 for none
	}{
		"cancel":   {func(s Scheduler, j Job) { _ = NewController(s).Cancel(j.ID()) }, 2 * time.Hour},
		"stop":     {func(s Scheduler, _ Job) { _ = s.StopJobsWithContext(endedContext()) }, 0},
		"restart":  {func(s Scheduler, _ Job) { _ = s.StopJobsWithContext(endedContext()); s.Start() }, 2 * time.Hour},
		"update":   {func(s Scheduler, j Job) { _, _ = s.Update(j.ID(), DurationJob(time.Minute), NewTask(noop)) }, 61 * time.Minute},
		"pause":    {func(s Scheduler, j Job) { _ = NewController(s).Pause(j.ID()) }, time.Hour},
		"nothing":  {func(Scheduler, Job) {}, time.Hour},
		"its exit": {func(Scheduler, Job) { runtime.Goexit() }, 2 * time.Hour},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			var j Job
			held := name != "its exit"
			j = r.job(DurationJob(time.Hour), noop, WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) {
				require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
				tt.end(r.s, j)
				r.hold()
			})))
			r.start()
			r.advance(time.Hour)
			if tt.next == 0 {
				noNextRun(t, j)
			} else {
				require.Equal(t, rigNow.Add(tt.next), nextOf(t, j))
			}
			if held {
				r.letGo(1)
			}
		})
	}
}

func TestHooksNextRunWhileAStopDrains(t *testing.T) {
	r := newRig(t, WithDrain())
	j := r.job(DurationJob(time.Hour), noop, WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) { r.hold() })))
	r.start()
	r.advance(time.Hour)
	stopped := make(chan error, 1)
	go func() { stopped <- r.s.StopJobs() }()
	for len(nextsOf(t, j, 2)) > 1 { // the stop has not begun
		runtime.Gosched()
	}
	requireInstants(t, rigAt(time.Hour), nextsOf(t, j, 2))
	r.gate <- struct{}{}
	require.NoError(t, receive(t, stopped))
	noNextRun(t, j)
}
