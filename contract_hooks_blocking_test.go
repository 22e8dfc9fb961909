package gocron

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// hookPlaces are all calls of one run that user code can be in, by the
// beginning of what the recorder notes, with what has to be arranged for them.
var hookPlaces = map[string]struct {
	elector, locked bool
	fail            error // of the task
	prepare         func(h *hookRecorder)
	panics          bool
}{
	"IsLeader":           {elector: true},
	"Lock j":             {locked: true},
	"AfterLockError":     {locked: true, prepare: func(h *hookRecorder) { h.lock = errHook }},
	"Before j":           {},
	"JobStarted j":       {},
	"Delay j":            {},
	"BeforeSkip j":       {},
	"JobRunning j":       {},
	"After j":            {},
	"AfterError j":       {fail: errHook},
	"AfterPanic j":       {panics: true},
	"Increment j":        {},
	"Increment j skip":   {elector: true, prepare: func(h *hookRecorder) { h.lead = errHook }},
	"Timing j":           {},
	"TimingStatus j":     {},
	"JobCompleted j":     {},
	"JobFailed j":        {fail: errHook},
	"ExecutionTime j":    {},
	"Unlock":             {locked: true},
	"JobFailed j (skip)": {prepare: func(h *hookRecorder) { h.refuse = errHook }},
}

// atEveryHook runs the test once for each place, in the run of job "j" that is
// due after an hour; do is called there once.
func atEveryHook(t *testing.T, test func(t *testing.T, r *rig, h *hookRecorder, j Job, place string, at func(do func()))) {
	for place, tt := range hookPlaces {
		place, tt := strings.TrimSuffix(place, " (skip)"), tt
		t.Run(place, func(t *testing.T) {
			h := &hookRecorder{t: t}
			options := []SchedulerOption{WithMonitor(h), WithMonitorStatus(hookStatus{h}), WithSchedulerMonitor(h)}
			if tt.elector {
				options = append(options, WithDistributedElector(h))
			}
			if tt.locked {
				options = append(options, WithDistributedLocker(h))
			}
			r := newRig(t, options...)
			if tt.prepare != nil {
				tt.prepare(h)
			}
			j := h.hourlyJob(r, func() error {
				if tt.panics {
					panic(1)
				}
				return tt.fail
			})
			r.start()
			var there atomic.Bool
			test(t, r, h, j, place, func(do func()) {
				h.mu.Lock()
				h.during = func(call string) {
					if strings.HasPrefix(call, place) && there.CompareAndSwap(false, true) {
						do()
					}
				}
				h.mu.Unlock()
			})
			require.True(t, there.Load(), "the hook was called")
		})
	}
}

func TestHooksSlowOneDelaysItsOwnRunOnly(t *testing.T) {
	atEveryHook(t, func(t *testing.T, r *rig, h *hookRecorder, j Job, place string, at func(do func())) {
		at(r.hold)
		r.advance(time.Minute)
		other := r.job(DurationJob(time.Hour), func() { h.note("other") }, WithName("k"))
		r.advance(59 * time.Minute) // the job's run is held
		r.advance(time.Minute)
		r.advance(time.Hour)
		runs := 0
		for _, call := range h.take() {
			if call == "other" {
				runs++
			}
		}
		if h.lead == nil && h.lock == nil {
			require.Equal(t, 2, runs, "another job")
		}
		next := rigNow.Add(3 * time.Hour)
		if before := []string{"Before j", "JobStarted j", "Delay j", "BeforeSkip j"}; slices.Contains(before, place) {
			next = rigNow.Add(time.Hour) // of the run that is held
		}
		require.Equal(t, next, nextOf(t, j))
		require.Equal(t, rigNow.Add(3*time.Hour+time.Minute), nextOf(t, other))
		require.NoError(t, j.RunNow())
		r.settle()
		require.NotEmpty(t, h.take(), "the job itself, if nothing limits it")
		r.letGo(1)
	})
}

func TestHooksMayCallAnything(t *testing.T) {
	atEveryHook(t, func(t *testing.T, r *rig, h *hookRecorder, j Job, _ string, at func(do func())) {
		at(func() {
			s := r.s
			for _, j := range s.Jobs() {
				reportOf(t, j)
				nextsOf(t, j, 3)
				require.NotNil(t, j.Schedule())
			}
			require.Zero(t, s.JobsWaitingInQueue())
			added, err := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("k"), WithTags("k"))
			require.NoError(t, err)
			_, err = s.Update(added.ID(), DurationJob(time.Minute), NewTask(func() {}), WithName("k"), WithTags("k"))
			require.NoError(t, err)
			require.NoError(t, added.RunNow())
			s.RemoveByTags("k")
			s.Start()
			require.Equal(t, context.Canceled, s.StopJobsWithContext(endedContext()), "its own run goes on")
			s.Start()
			require.NoError(t, s.RemoveJob(j.ID()))
			require.Equal(t, context.Canceled, s.ShutdownWithContext(endedContext()))
		})
		r.advance(time.Hour)
		require.Nil(t, r.s.Jobs())
	})
}

func TestHooksGoexitEndsThatRunAlone(t *testing.T) {
	atEveryHook(t, func(t *testing.T, r *rig, h *hookRecorder, j Job, _ string, at func(do func())) {
		at(runtime.Goexit)
		r.advance(time.Hour)
		require.False(t, reportOf(t, j).running)
		require.Equal(t, rigNow.Add(2*time.Hour), nextOf(t, j))
		h.take()
		r.advance(time.Hour)
		require.NotEmpty(t, h.take(), "the next run is as any")
		require.NoError(t, r.s.Shutdown(), "nothing is left")
	})
}

// A lock obtained is released once even if something on the way ends the run.
func TestHooksGoexitReleasesTheLock(t *testing.T) {
	for _, place := range []string{"Before j", "JobStarted j", "BeforeSkip j", "JobRunning j", "task", "After j", "Increment j", "JobCompleted j"} {
		t.Run(place, func(t *testing.T) {
			r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
			h.hourlyJob(r, func() { h.note("task") }, WithDistributedJobLocker(h), WithSingletonMode(LimitModeWait))
			h.during = func(call string) {
				if strings.HasPrefix(call, place) {
					runtime.Goexit()
				}
			}
			r.start()
			for i := 0; i < 3; i++ {
				r.advance(time.Hour)
				locks, unlocks := 0, 0
				for _, call := range h.take() {
					if call == "Lock j" {
						locks++
					}
					if call == "Unlock <nil>" {
						unlocks++
					}
				}
				require.Equal(t, []int{1, 1}, []int{locks, unlocks}, "slot, gate and lock are freed")
			}
			require.Zero(t, r.s.JobsWaitingInQueue())
		})
	}
}

func TestHooksGoexitInTheVerdictOfAWaitingRunLosesNoRun(t *testing.T) {
	r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold, WithName("first"))
	h.during = func(call string) {
		if strings.HasPrefix(call, "LimitReached") {
			runtime.Goexit()
		}
	}
	r.start()
	r.job(OneTimeJob(OneTimeJobStartImmediately()), func() { h.note("task") }, WithName("j"))
	r.letGo(1)
	require.Contains(t, h.take(), "task")
}

func TestHooksSlowLimitReachedDelaysItsOwnRunOnly(t *testing.T) {
	r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold, WithName("first"))
	r.start()
	slow := make(chan struct{})
	h.during = func(call string) {
		if call == "LimitReached j limit" {
			<-slow
		}
	}
	r.job(DurationJob(1000*time.Hour), func() { h.note("other") }, WithName("k"))
	require.NoError(t, mustJob(t, r.s, DurationJob(1000*time.Hour), func() { h.note("task") }, WithName("j")).RunNow())
	r.settle()
	for _, k := range r.s.Jobs() {
		if k.Name() == "k" {
			require.NoError(t, k.RunNow())
		}
	}
	r.settle()
	require.Equal(t, 2, r.s.JobsWaitingInQueue())
	r.letGo(1)
	calls := h.take()
	require.NotContains(t, calls, "task", "its hook has not returned")
	close(slow)
	r.settle()
	require.Subset(t, append(calls, h.take()...), []string{"task", "other"})
}

func TestHooksBlockedSkipDoesNotBlockTheScheduler(t *testing.T) {
	r, h := hookRig(t)
	h.hourlyJob(r, r.hold, WithSingletonMode(LimitModeReschedule))
	_, log := r.logged(DurationJob(time.Hour))
	r.start()
	var held atomic.Bool
	h.during = func(call string) {
		if call == "LimitReached j singleton" && held.CompareAndSwap(false, true) {
			r.hold()
		}
	}
	r.walk(4 * time.Hour)
	require.Equal(t, 4, log.len())
	r.letGo(2)
}

func TestHooksAStopWaitsForListenersAndMonitors(t *testing.T) {
	for _, place := range []string{"After j", "Increment j", "ExecutionTime j"} {
		t.Run(place, func(t *testing.T) {
			r, h := hookRig(t)
			h.hourlyJob(r, func() {})
			r.start()
			h.during = func(call string) {
				if strings.HasPrefix(call, place) {
					r.hold()
				}
			}
			r.advance(time.Hour)
			require.Equal(t, context.Canceled, r.s.StopJobsWithContext(endedContext()), "it has something to wait for")
			stopped := make(chan error, 1)
			go func() { stopped <- r.s.StopJobs() }()
			r.letGo(1)
			require.NoError(t, receive(t, stopped))
			calls := h.take()
			require.Contains(t, calls, "ExecutionTime j 0s")
		})
	}
}

func TestHooksLoggerMayCallAnything(t *testing.T) {
	log := &callingLogger{}
	locker := lockFunc(func(context.Context, string) (Lock, error) {
		return unlockFunc(func(context.Context) error { return errHook }), nil
	})
	r := newRig(t, WithLogger(log), WithDistributedLocker(locker))
	s := r.s
	log.call = func() { s.Jobs(); s.JobsWaitingInQueue(); s.RemoveByTags("none"); _ = s.RemoveJob(uuid.New()) }
	r.job(MonthlyJob(12, NewDaysOfTheMonth(31), atClock(12, 0)), func() {})
	r.job(DurationJob(time.Hour), func() {})
	r.advance(22 * 24 * time.Hour)
	r.start()
	r.start()
	r.advance(time.Hour)
	r.stop()
	require.NoError(t, s.Shutdown())
	require.Positive(t, log.calls.Load())
}

type callingLogger struct {
	call  func()
	calls atomic.Int64
}

func (l *callingLogger) log() {
	if l.call != nil {
		l.call()
		l.calls.Add(1)
	}
}
func (l *callingLogger) Debug(string, ...any) { l.log() }
func (l *callingLogger) Info(string, ...any)  { l.log() }
func (l *callingLogger) Warn(string, ...any)  { l.log() }
func (l *callingLogger) Error(string, ...any) { l.log() }
