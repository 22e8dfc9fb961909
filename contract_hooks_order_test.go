package gocron

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

const (
	hooksBefore = "Before j, JobStarted j, Delay j 1h0m0s 1h0m0s, BeforeSkip j, JobRunning j, task, "
	hooksOK     = "Timing j, After j, Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s"
	hooksFailed = "Timing j, AfterError j hook, Increment j fail, TimingStatus j fail hook, JobFailed j hook, ExecutionTime j 0s"
)

func TestHooksOrderOfOneRun(t *testing.T) {
	const panicked = "gocron: panic recovered from ouch"
	const goexit = "gocron: task called runtime.Goexit"
	for name, tt := range map[string]struct {
		set  func(h *hookRecorder)
		end  func() error // how the task ends
		with string       // elector, locker
		want string
	}{
		"ok":                    {want: hooksBefore + hooksOK},
		"error":                 {end: func() error { return errHook }, want: hooksBefore + hooksFailed},
		"panic":                 {end: func() error { panic("ouch") }, want: hooksBefore + "Timing j, AfterPanic j ouch, AfterError j " + panicked + ", Increment j fail, TimingStatus j fail " + panicked + ", JobFailed j " + panicked + ", ExecutionTime j 0s"},
		"Goexit":                {end: func() error { runtime.Goexit(); return nil }, want: hooksBefore + "Timing j, AfterError j " + goexit + ", Increment j fail, TimingStatus j fail " + goexit + ", JobFailed j " + goexit + ", ExecutionTime j 0s"},
		"refused":               {set: func(h *hookRecorder) { h.refuse = errHook }, want: "Before j, JobStarted j, Delay j 1h0m0s 1h0m0s, BeforeSkip j, JobFailed j hook"},
		"leader":                {with: "elector", want: "IsLeader, " + hooksBefore + hooksOK},
		"not leader":            {with: "elector", set: func(h *hookRecorder) { h.lead = errHook }, want: "IsLeader, Increment j skip"},
		"locked":                {with: "locker", want: "Lock j, " + hooksBefore + hooksOK + ", Unlock <nil>"},
		"locked, error":         {with: "locker", end: func() error { return errHook }, want: "Lock j, " + hooksBefore + hooksFailed + ", Unlock <nil>"},
		"locked, refused":       {with: "locker", set: func(h *hookRecorder) { h.refuse = errHook }, want: "Lock j, Before j, JobStarted j, Delay j 1h0m0s 1h0m0s, BeforeSkip j, JobFailed j hook, Unlock <nil>"},
		"not locked":            {with: "locker", set: func(h *hookRecorder) { h.lock = errHook }, want: "Lock j, AfterLockError j hook, Increment j skip"},
		"leader, with a locker": {with: "elector locker", want: "IsLeader, " + hooksBefore + hooksOK},
		"follower with locker":  {with: "elector locker", set: func(h *hookRecorder) { h.lead = errHook }, want: "IsLeader, Increment j skip"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &hookRecorder{t: t}
			options := []SchedulerOption{WithMonitor(h), WithMonitorStatus(hookStatus{h}), WithSchedulerMonitor(h)}
			switch tt.with {
			case "elector":
				options = append(options, WithDistributedElector(h))
			case "locker":
				options = append(options, WithDistributedLocker(h))
			case "elector locker":
				options = append(options, WithDistributedElector(h), WithDistributedLocker(h))
			}
			if tt.set != nil {
				tt.set(h)
			}
			r := newRig(t, options...)
			j := h.hourlyJob(r, func() error {
				h.note("task")
				if tt.end != nil {
					return tt.end()
				}
				return nil
			})
			r.start()
			h.expect("Registered j, Started")
			r.advance(time.Hour)
			h.expect(tt.want)
			require.Equal(t, rigNow.Add(2*time.Hour), nextOf(t, j))
		})
	}
}

func TestHooksOfARunNowHaveNoSchedulingDelay(t *testing.T) {
	r, h := hookRig(t)
	j := h.hourlyJob(r, func() { h.note("task") })
	r.start()
	h.take()
	require.NoError(t, j.RunNow())
	r.settle()
	h.expect("Before j, JobStarted j, BeforeSkip j, JobRunning j, task, " + hooksOK)
}

func TestHooksOfAnImmediateRunHaveADelayFromStart(t *testing.T) {
	r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold, WithName("first"))
	r.job(DurationJob(time.Hour), func() {}, WithName("j"), WithStartAt(WithStartImmediately()))
	r.start()
	r.advance(time.Minute)
	h.take()
	r.letGo(1)
	require.Contains(t, h.take(), "Delay j 0s 1m0s")
}

func TestHooksErrorReachesThemUnwrapped(t *testing.T) {
	var got error
	r := newRig(t)
	own := errors.New("own")
	r.job(DurationJob(time.Hour), func() (int, error, error) { return 1, nil, own },
		WithEventListeners(AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { got = err })))
	r.start()
	r.advance(time.Hour)
	require.True(t, got == own)
}

func TestHooksPanicErrorIsErrPanicRecovered(t *testing.T) {
	var value any
	var got error
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), func() { panic(errHook) }, WithEventListeners(
		AfterJobRunsWithPanic(func(_ uuid.UUID, _ string, v any) { value = v }),
		AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { got = err })))
	r.start()
	r.advance(time.Hour)
	require.Equal(t, errHook, value)
	require.ErrorIs(t, got, ErrPanicRecovered)
	require.EqualError(t, got, "gocron: panic recovered from hook")
	require.Equal(t, rigNow.Add(2*time.Hour), nextOf(t, j))
}

func TestHooksOfARunSkippedBySingletonMode(t *testing.T) {
	r, h := hookRig(t)
	h.hourlyJob(r, func() { r.hold() }, WithSingletonMode(LimitModeReschedule))
	r.start()
	r.advance(time.Hour)
	h.take()
	r.advance(time.Hour)
	h.expect("Increment j singleton_rescheduled, LimitReached j singleton")
	r.letGo(1)
}

func TestHooksOfARunSkippedByTheLimit(t *testing.T) {
	r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeReschedule))
	h.hourlyJob(r, func() { r.hold() })
	r.start()
	r.advance(time.Hour)
	h.take()
	r.advance(time.Hour)
	h.expect("LimitReached j limit")
	r.letGo(1)
}

func TestHooksOfARunThatMustWait(t *testing.T) {
	for name, tt := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
		limit     string
	}{
		"for a slot":  {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}, nil, "limit"},
		"at its gate": {nil, []JobOption{WithSingletonMode(LimitModeWait)}, "singleton"},
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t, tt.scheduler...)
			h.hourlyJob(r, func() { h.note("task"); r.hold() }, tt.job...)
			r.start()
			r.advance(time.Hour)
			h.take()
			r.advance(time.Hour)
			h.expect("LimitReached j " + tt.limit)
			r.letGo(1)
			require.Equal(t, []string{"Timing j", "After j", "Increment j success", "TimingStatus j success <nil>", "JobCompleted j", "ExecutionTime j 1h0m0s",
				"Before j", "JobStarted j", "Delay j 2h0m0s 2h0m0s", "BeforeSkip j", "JobRunning j", "task"}, h.take())
			r.letGo(1)
		})
	}
}

func TestHooksOfARunThatPassesItsGateAndFindsNoSlot(t *testing.T) {
	r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold, WithName("first"))
	r.start()
	j := h.hourlyJob(r, func() {}, WithSingletonMode(LimitModeWait))
	h.take()
	require.NoError(t, j.RunNow())
	r.settle()
	require.NoError(t, j.RunNow())
	r.settle()
	h.expect("LimitReached j limit, LimitReached j singleton")
	r.letGo(1)
}

func TestHooksOfADroppedRunAreNone(t *testing.T) {
	for name, end := range map[string]func(r *rig, j Job) error{
		"remove": func(r *rig, j Job) error { return r.s.RemoveJob(j.ID()) },
		"update": func(r *rig, j Job) error {
			_, err := r.s.Update(j.ID(), DurationJob(1000*time.Hour), NewTask(func() {}), WithName("j"))
			return err
		},
		"tags": func(r *rig, j Job) error { r.s.RemoveByTags("tag"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
			r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold, WithName("first"))
			r.start()
			j := h.hourlyJob(r, func() { h.note("task") }, WithTags("tag"))
			r.advance(time.Hour)
			h.take()
			require.NoError(t, end(r, j))
			r.letGo(1)
			for _, call := range h.take() {
				require.NotContains(t, call, "JobStarted")
				require.NotContains(t, call, "Before")
				require.NotEqual(t, "task", call)
			}
		})
	}
}
