package hooks_test

import (
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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
		set  func(h *rig.Recorder)
		end  func() error // how the task ends
		with string       // elector, locker
		want string
	}{
		"ok":                    {want: hooksBefore + hooksOK},
		"error":                 {end: func() error { return rig.ErrHook }, want: hooksBefore + hooksFailed},
		"panic":                 {end: func() error { panic("ouch") }, want: hooksBefore + "Timing j, AfterPanic j ouch, AfterError j " + panicked + ", Increment j fail, TimingStatus j fail " + panicked + ", JobFailed j " + panicked + ", ExecutionTime j 0s"},
		"Goexit":                {end: func() error { runtime.Goexit(); return nil }, want: hooksBefore + "Timing j, AfterError j " + goexit + ", Increment j fail, TimingStatus j fail " + goexit + ", JobFailed j " + goexit + ", ExecutionTime j 0s"},
		"refused":               {set: func(h *rig.Recorder) { h.RefuseErr = rig.ErrHook }, want: "Before j, JobStarted j, Delay j 1h0m0s 1h0m0s, BeforeSkip j, JobFailed j hook"},
		"leader":                {with: "elector", want: "IsLeader, " + hooksBefore + hooksOK},
		"not leader":            {with: "elector", set: func(h *rig.Recorder) { h.LeadErr = rig.ErrHook }, want: "IsLeader, Increment j skip"},
		"locked":                {with: "locker", want: "Lock j, " + hooksBefore + hooksOK + ", Unlock <nil>"},
		"locked, error":         {with: "locker", end: func() error { return rig.ErrHook }, want: "Lock j, " + hooksBefore + hooksFailed + ", Unlock <nil>"},
		"locked, refused":       {with: "locker", set: func(h *rig.Recorder) { h.RefuseErr = rig.ErrHook }, want: "Lock j, Before j, JobStarted j, Delay j 1h0m0s 1h0m0s, BeforeSkip j, JobFailed j hook, Unlock <nil>"},
		"not locked":            {with: "locker", set: func(h *rig.Recorder) { h.LockErr = rig.ErrHook }, want: "Lock j, AfterLockError j hook, Increment j skip"},
		"leader, with a locker": {with: "elector locker", want: "IsLeader, " + hooksBefore + hooksOK},
		"follower with locker":  {with: "elector locker", set: func(h *rig.Recorder) { h.LeadErr = rig.ErrHook }, want: "IsLeader, Increment j skip"},
	} {
		t.Run(name, func(t *testing.T) {
			h := &rig.Recorder{T: t}
			options := []gocron.SchedulerOption{gocron.WithMonitor(h), gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: h}), gocron.WithSchedulerMonitor(h)}
			switch tt.with {
			case "elector":
				options = append(options, gocron.WithDistributedElector(h))
			case "locker":
				options = append(options, gocron.WithDistributedLocker(h))
			case "elector locker":
				options = append(options, gocron.WithDistributedElector(h), gocron.WithDistributedLocker(h))
			}
			if tt.set != nil {
				tt.set(h)
			}
			r := rig.New(t, options...)
			j := h.HourlyJob(r, func() error {
				h.Note("task")
				if tt.end != nil {
					return tt.end()
				}
				return nil
			})
			r.Start()
			h.Expect("Registered j, Started")
			r.Advance(time.Hour)
			h.Expect(tt.want)
			require.Equal(t, rig.Now.Add(2*time.Hour), rig.NextOf(t, j))
		})
	}
}

func TestHooksOfARunNowHaveNoSchedulingDelay(t *testing.T) {
	r, h := hookRig(t)
	j := h.HourlyJob(r, func() { h.Note("task") })
	r.Start()
	h.Take()
	require.NoError(t, j.RunNow())
	r.Settle()
	h.Expect("Before j, JobStarted j, BeforeSkip j, JobRunning j, task, " + hooksOK)
}

func TestHooksOfAnImmediateRunHaveADelayFromStart(t *testing.T) {
	r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold, gocron.WithName("first"))
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("j"), gocron.WithStartAt(gocron.WithStartImmediately()))
	r.Start()
	r.Advance(time.Minute)
	h.Take()
	r.LetGo(1)
	require.Contains(t, h.Take(), "Delay j 0s 1m0s")
}

func TestHooksErrorReachesThemUnwrapped(t *testing.T) {
	var got error
	r := rig.New(t)
	own := errors.New("own")
	r.Job(gocron.DurationJob(time.Hour), func() (int, error, error) { return 1, nil, own },
		gocron.WithEventListeners(gocron.AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { got = err })))
	r.Start()
	r.Advance(time.Hour)
	require.True(t, got == own)
}

func TestHooksPanicErrorIsErrPanicRecovered(t *testing.T) {
	var value any
	var got error
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), func() { panic(rig.ErrHook) }, gocron.WithEventListeners(
		gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, _ string, v any) { value = v }),
		gocron.AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { got = err })))
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, rig.ErrHook, value)
	require.ErrorIs(t, got, gocron.ErrPanicRecovered)
	require.EqualError(t, got, "gocron: panic recovered from hook")
	require.Equal(t, rig.Now.Add(2*time.Hour), rig.NextOf(t, j))
}

func TestHooksOfARunSkippedBySingletonMode(t *testing.T) {
	r, h := hookRig(t)
	h.HourlyJob(r, func() { r.Hold() }, gocron.WithSingletonMode(gocron.LimitModeReschedule))
	r.Start()
	r.Advance(time.Hour)
	h.Take()
	r.Advance(time.Hour)
	h.Expect("Increment j singleton_rescheduled, LimitReached j singleton")
	r.LetGo(1)
}

func TestHooksOfARunSkippedByTheLimit(t *testing.T) {
	r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
	h.HourlyJob(r, func() { r.Hold() })
	r.Start()
	r.Advance(time.Hour)
	h.Take()
	r.Advance(time.Hour)
	h.Expect("LimitReached j limit")
	r.LetGo(1)
}

func TestHooksOfARunThatMustWait(t *testing.T) {
	for name, tt := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
		limit     string
	}{
		"for a slot":  {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, nil, "limit"},
		"at its gate": {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}, "singleton"},
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t, tt.scheduler...)
			h.HourlyJob(r, func() { h.Note("task"); r.Hold() }, tt.job...)
			r.Start()
			r.Advance(time.Hour)
			h.Take()
			r.Advance(time.Hour)
			h.Expect("LimitReached j " + tt.limit)
			r.LetGo(1)
			require.Equal(t, []string{"Timing j", "After j", "Increment j success", "TimingStatus j success <nil>", "JobCompleted j", "ExecutionTime j 1h0m0s",
				"Before j", "JobStarted j", "Delay j 2h0m0s 2h0m0s", "BeforeSkip j", "JobRunning j", "task"}, h.Take())
			r.LetGo(1)
		})
	}
}

func TestHooksOfARunThatPassesItsGateAndFindsNoSlot(t *testing.T) {
	r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold, gocron.WithName("first"))
	r.Start()
	j := h.HourlyJob(r, func() {}, gocron.WithSingletonMode(gocron.LimitModeWait))
	h.Take()
	require.NoError(t, j.RunNow())
	r.Settle()
	require.NoError(t, j.RunNow())
	r.Settle()
	h.Expect("LimitReached j limit, LimitReached j singleton")
	r.LetGo(1)
}

func TestHooksOfADroppedRunAreNone(t *testing.T) {
	for name, end := range map[string]func(r *rig.Rig, j gocron.Job) error{
		"remove": func(r *rig.Rig, j gocron.Job) error { return r.Scheduler.RemoveJob(j.ID()) },
		"update": func(r *rig.Rig, j gocron.Job) error {
			_, err := r.Scheduler.Update(j.ID(), gocron.DurationJob(1000*time.Hour), gocron.NewTask(func() {}), gocron.WithName("j"))
			return err
		},
		"tags": func(r *rig.Rig, j gocron.Job) error { r.Scheduler.RemoveByTags("tag"); return nil },
	} {
		t.Run(name, func(t *testing.T) {
			r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
			r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold, gocron.WithName("first"))
			r.Start()
			j := h.HourlyJob(r, func() { h.Note("task") }, gocron.WithTags("tag"))
			r.Advance(time.Hour)
			h.Take()
			require.NoError(t, end(r, j))
			r.LetGo(1)
			for _, call := range h.Take() {
				require.NotContains(t, call, "JobStarted")
				require.NotContains(t, call, "Before")
				require.NotEqual(t, "task", call)
			}
		})
	}
}
