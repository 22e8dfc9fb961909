package hooks_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// hookPlaces are all calls of one run that user code can be in, by the
// beginning of what the recorder notes, with what has to be arranged for them.
var hookPlaces = map[string]struct {
	elector, locked bool
	fail            error // of the task
	prepare         func(h *rig.Recorder)
	panics          bool
}{
	"IsLeader":           {elector: true},
	"Lock j":             {locked: true},
	"AfterLockError":     {locked: true, prepare: func(h *rig.Recorder) { h.LockErr = rig.ErrHook }},
	"Before j":           {},
	"JobStarted j":       {},
	"Delay j":            {},
	"BeforeSkip j":       {},
	"JobRunning j":       {},
	"After j":            {},
	"AfterError j":       {fail: rig.ErrHook},
	"AfterPanic j":       {panics: true},
	"Increment j":        {},
	"Increment j skip":   {elector: true, prepare: func(h *rig.Recorder) { h.LeadErr = rig.ErrHook }},
	"Timing j":           {},
	"TimingStatus j":     {},
	"JobCompleted j":     {},
	"JobFailed j":        {fail: rig.ErrHook},
	"ExecutionTime j":    {},
	"Unlock":             {locked: true},
	"JobFailed j (skip)": {prepare: func(h *rig.Recorder) { h.RefuseErr = rig.ErrHook }},
}

// atEveryHook runs the test once for each place, in the run of job "j" that is
// due after an hour; do is called there once.
func atEveryHook(t *testing.T, test func(t *testing.T, r *rig.Rig, h *rig.Recorder, j gocron.Job, place string, at func(do func()))) {
	for place, tt := range hookPlaces {
		place, tt := strings.TrimSuffix(place, " (skip)"), tt
		t.Run(place, func(t *testing.T) {
			h := &rig.Recorder{T: t}
			options := []gocron.SchedulerOption{gocron.WithMonitor(h), gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: h}), gocron.WithSchedulerMonitor(h)}
			if tt.elector {
				options = append(options, gocron.WithDistributedElector(h))
			}
			if tt.locked {
				options = append(options, gocron.WithDistributedLocker(h))
			}
			r := rig.New(t, options...)
			if tt.prepare != nil {
				tt.prepare(h)
			}
			j := h.HourlyJob(r, func() error {
				if tt.panics {
					panic(1)
				}
				return tt.fail
			})
			r.Start()
			var there atomic.Bool
			test(t, r, h, j, place, func(do func()) {
				h.Mu.Lock()
				h.During = func(call string) {
					if strings.HasPrefix(call, place) && there.CompareAndSwap(false, true) {
						do()
					}
				}
				h.Mu.Unlock()
			})
			require.True(t, there.Load(), "the hook was called")
		})
	}
}

func TestHooksSlowOneDelaysItsOwnRunOnly(t *testing.T) {
	atEveryHook(t, func(t *testing.T, r *rig.Rig, h *rig.Recorder, j gocron.Job, place string, at func(do func())) {
		at(r.Hold)
		r.Advance(time.Minute)
		other := r.Job(gocron.DurationJob(time.Hour), func() { h.Note("other") }, gocron.WithName("k"))
		r.Advance(59 * time.Minute) // the job's run is held
		r.Advance(time.Minute)
		r.Advance(time.Hour)
		runs := 0
		for _, call := range h.Take() {
			if call == "other" {
				runs++
			}
		}
		if h.LeadErr == nil && h.LockErr == nil {
			require.Equal(t, 2, runs, "another job")
		}
		next := rig.Now.Add(3 * time.Hour)
		if before := []string{"Before j", "JobStarted j", "Delay j", "BeforeSkip j"}; slices.Contains(before, place) {
			next = rig.Now.Add(time.Hour) // of the run that is held
		}
		require.Equal(t, next, rig.NextOf(t, j))
		require.Equal(t, rig.Now.Add(3*time.Hour+time.Minute), rig.NextOf(t, other))
		require.NoError(t, j.RunNow())
		r.Settle()
		require.NotEmpty(t, h.Take(), "the job itself, if nothing limits it")
		r.LetGo(1)
	})
}

func TestHooksMayCallAnything(t *testing.T) {
	atEveryHook(t, func(t *testing.T, r *rig.Rig, h *rig.Recorder, j gocron.Job, _ string, at func(do func())) {
		at(func() {
			s := r.Scheduler
			for _, j := range s.Jobs() {
				rig.ReportOf(t, j)
				rig.NextsOf(t, j, 3)
				require.NotNil(t, j.Schedule())
			}
			require.Zero(t, s.JobsWaitingInQueue())
			added, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() {}), gocron.WithName("k"), gocron.WithTags("k"))
			require.NoError(t, err)
			_, err = s.Update(added.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(func() {}), gocron.WithName("k"), gocron.WithTags("k"))
			require.NoError(t, err)
			require.NoError(t, added.RunNow())
			s.RemoveByTags("k")
			s.Start()
			require.Equal(t, context.Canceled, s.StopJobsWithContext(rig.EndedContext()), "its own run goes on")
			s.Start()
			require.NoError(t, s.RemoveJob(j.ID()))
			require.Equal(t, context.Canceled, s.ShutdownWithContext(rig.EndedContext()))
		})
		r.Advance(time.Hour)
		require.Nil(t, r.Scheduler.Jobs())
	})
}

func TestHooksGoexitEndsThatRunAlone(t *testing.T) {
	atEveryHook(t, func(t *testing.T, r *rig.Rig, h *rig.Recorder, j gocron.Job, _ string, at func(do func())) {
		at(runtime.Goexit)
		r.Advance(time.Hour)
		require.False(t, rig.ReportOf(t, j).Running)
		require.Equal(t, rig.Now.Add(2*time.Hour), rig.NextOf(t, j))
		h.Take()
		r.Advance(time.Hour)
		require.NotEmpty(t, h.Take(), "the next run is as any")
		require.NoError(t, r.Scheduler.Shutdown(), "nothing is left")
	})
}

// A lock obtained is released once even if something on the way ends the run.
func TestHooksGoexitReleasesTheLock(t *testing.T) {
	for _, place := range []string{"Before j", "JobStarted j", "BeforeSkip j", "JobRunning j", "task", "After j", "Increment j", "JobCompleted j"} {
		t.Run(place, func(t *testing.T) {
			r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
			h.HourlyJob(r, func() { h.Note("task") }, gocron.WithDistributedJobLocker(h), gocron.WithSingletonMode(gocron.LimitModeWait))
			h.During = func(call string) {
				if strings.HasPrefix(call, place) {
					runtime.Goexit()
				}
			}
			r.Start()
			for i := 0; i < 3; i++ {
				r.Advance(time.Hour)
				locks, unlocks := 0, 0
				for _, call := range h.Take() {
					if call == "Lock j" {
						locks++
					}
					if call == "Unlock <nil>" {
						unlocks++
					}
				}
				require.Equal(t, []int{1, 1}, []int{locks, unlocks}, "slot, gate and lock are freed")
			}
			require.Zero(t, r.Scheduler.JobsWaitingInQueue())
		})
	}
}

func TestHooksGoexitInTheVerdictOfAWaitingRunLosesNoRun(t *testing.T) {
	r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold, gocron.WithName("first"))
	h.During = func(call string) {
		if strings.HasPrefix(call, "LimitReached") {
			runtime.Goexit()
		}
	}
	r.Start()
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { h.Note("task") }, gocron.WithName("j"))
	r.LetGo(1)
	require.Contains(t, h.Take(), "task")
}

func TestHooksSlowLimitReachedDelaysItsOwnRunOnly(t *testing.T) {
	r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold, gocron.WithName("first"))
	r.Start()
	slow := make(chan struct{})
	h.During = func(call string) {
		if call == "LimitReached j limit" {
			<-slow
		}
	}
	r.Job(gocron.DurationJob(1000*time.Hour), func() { h.Note("other") }, gocron.WithName("k"))
	require.NoError(t, rig.MustJob(t, r.Scheduler, gocron.DurationJob(1000*time.Hour), func() { h.Note("task") }, gocron.WithName("j")).RunNow())
	r.Settle()
	for _, k := range r.Scheduler.Jobs() {
		if k.Name() == "k" {
			require.NoError(t, k.RunNow())
		}
	}
	r.Settle()
	require.Equal(t, 2, r.Scheduler.JobsWaitingInQueue())
	r.LetGo(1)
	calls := h.Take()
	require.NotContains(t, calls, "task", "its hook has not returned")
	close(slow)
	r.Settle()
	require.Subset(t, append(calls, h.Take()...), []string{"task", "other"})
}

func TestHooksBlockedSkipDoesNotBlockTheScheduler(t *testing.T) {
	r, h := hookRig(t)
	h.HourlyJob(r, r.Hold, gocron.WithSingletonMode(gocron.LimitModeReschedule))
	_, log := r.Logged(gocron.DurationJob(time.Hour))
	r.Start()
	var held atomic.Bool
	h.During = func(call string) {
		if call == "LimitReached j singleton" && held.CompareAndSwap(false, true) {
			r.Hold()
		}
	}
	r.Walk(4 * time.Hour)
	require.Equal(t, 4, log.Len())
	r.LetGo(2)
}

func TestHooksAStopWaitsForListenersAndMonitors(t *testing.T) {
	for _, place := range []string{"After j", "Increment j", "ExecutionTime j"} {
		t.Run(place, func(t *testing.T) {
			r, h := hookRig(t)
			h.HourlyJob(r, func() {})
			r.Start()
			h.During = func(call string) {
				if strings.HasPrefix(call, place) {
					r.Hold()
				}
			}
			r.Advance(time.Hour)
			require.Equal(t, context.Canceled, r.Scheduler.StopJobsWithContext(rig.EndedContext()), "it has something to wait for")
			stopped := make(chan error, 1)
			go func() { stopped <- r.Scheduler.StopJobs() }()
			r.LetGo(1)
			require.NoError(t, rig.Receive(t, stopped))
			calls := h.Take()
			require.Contains(t, calls, "ExecutionTime j 0s")
		})
	}
}

func TestHooksLoggerMayCallAnything(t *testing.T) {
	log := &callingLogger{}
	locker := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
		return rig.UnlockFunc(func(context.Context) error { return rig.ErrHook }), nil
	})
	r := rig.New(t, gocron.WithLogger(log), gocron.WithDistributedLocker(locker))
	s := r.Scheduler
	log.call = func() { s.Jobs(); s.JobsWaitingInQueue(); s.RemoveByTags("none"); _ = s.RemoveJob(uuid.New()) }
	r.Job(gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), rig.AtClock(12, 0)), func() {})
	r.Job(gocron.DurationJob(time.Hour), func() {})
	r.Advance(22 * 24 * time.Hour)
	r.Start()
	r.Start()
	r.Advance(time.Hour)
	r.Stop()
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
