package hooks_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A monitorCase is which monitors there are, and what they hear of runs.
type monitorCase struct {
	monitor, status bool
	ok, failed      string
	skipped, missed string
}

func TestHooksMonitorsByThemselvesAndTogether(t *testing.T) {
	for name, tt := range map[string]monitorCase{
		"monitor": {true, false, "Timing j, Increment j success", "Timing j, Increment j fail",
			"Increment j singleton_rescheduled", "Increment j skip"},
		"status": {false, true, "TimingStatus j success <nil>", "TimingStatus j fail hook", "", ""},
		"both": {true, true, "Timing j, Increment j success, TimingStatus j success <nil>", "Timing j, Increment j fail, TimingStatus j fail hook",
			"Increment j singleton_rescheduled", "Increment j skip"},
		"none": {},
	} {
		t.Run(name, func(t *testing.T) {
			h := &rig.Recorder{T: t}
			var lead error
			options := []gocron.SchedulerOption{gocron.WithDistributedElector(rig.ElectorFunc(func(ctx context.Context) error { return lead }))}
			if tt.status {
				options = append(options, gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: h}))
			}
			if tt.monitor {
				options = append(options, gocron.WithMonitor(h))
			}
			r := rig.New(t, options...)
			var result error
			r.Job(gocron.DurationJob(time.Hour), func() error { r.Hold(); return result }, gocron.WithName("j"), gocron.WithSingletonMode(gocron.LimitModeReschedule))
			r.Start()
			r.Advance(time.Hour)
			h.Expect("")
			r.Advance(time.Hour)
			h.Expect(tt.skipped)
			r.LetGo(1)
			h.Expect(tt.ok)
			result = rig.ErrHook
			r.Advance(time.Hour)
			r.LetGo(1)
			h.Expect(tt.failed)
			lead = rig.ErrHook
			r.Advance(time.Hour)
			h.Expect(tt.missed)
		})
	}
}

func TestHooksMonitorsGetIDNameTagsAndError(t *testing.T) {
	m := &argumentMonitor{}
	r := rig.New(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m))
	own := errors.New("own")
	j := r.Job(gocron.DurationJob(time.Hour), func() error { return own }, gocron.WithName("n"), gocron.WithTags("a", "b"))
	r.Start()
	r.Advance(time.Hour)
	want := []any{j.ID(), "n", []string{"a", "b"}}
	require.Equal(t, append(want, gocron.Fail), m.increment)
	require.Equal(t, want, m.timing)
	require.Equal(t, append(want, gocron.Fail, own), m.status)
	m.tags[0] = "changed"
	require.Equal(t, []string{"a", "b"}, j.Tags(), "the slice is a copy")
}

type argumentMonitor struct {
	rig.NoMonitor
	increment, timing, status []any
	tags                      []string
}

func (m *argumentMonitor) IncrementJob(id uuid.UUID, name string, tags []string, status gocron.JobStatus) {
	m.increment = []any{id, name, append([]string(nil), tags...), status}
	m.tags = tags
}

func (m *argumentMonitor) RecordJobTiming(_, _ time.Time, id uuid.UUID, name string, tags []string) {
	m.timing = []any{id, name, tags}
}

func (m *argumentMonitor) RecordJobTimingWithStatus(_, _ time.Time, id uuid.UUID, name string, tags []string, status gocron.JobStatus, err error) {
	m.status = []any{id, name, tags, status, err}
}

// What is skipped otherwise counts nothing.
func TestHooksOtherSkipsCountNothing(t *testing.T) {
	r, h := hookRig(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
	h.RefuseErr = rig.ErrHook
	h.HourlyJob(r, func() {})
	r.Start()
	r.Advance(time.Hour)
	for _, call := range h.Take() {
		require.NotContains(t, call, "Increment")
		require.NotContains(t, call, "Timing")
	}
}

func TestHooksMonitorHandleIsUsable(t *testing.T) {
	var handles []gocron.Job
	m := &handleMonitor{see: func(j gocron.Job) { handles = append(handles, j) }}
	r := rig.New(t, gocron.WithSchedulerMonitor(m))
	j := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithName("n"), gocron.WithTags("t"))
	r.Start()
	r.Advance(time.Hour)
	require.NoError(t, r.Scheduler.RemoveJob(j.ID()))
	require.Len(t, handles, 6)
	for _, handle := range handles {
		require.Equal(t, j.ID(), handle.ID())
		require.Equal(t, "n", handle.Name())
		require.Equal(t, []string{"t"}, handle.Tags())
		require.Equal(t, gocron.DurationJobSchedule{Duration: time.Hour}, handle.Schedule())
	}
}

type handleMonitor struct {
	rig.NoMonitor
	see func(gocron.Job)
}

func (m *handleMonitor) JobRegistered(j gocron.Job)                                { m.see(j) }
func (m *handleMonitor) JobUnregistered(j gocron.Job)                              { m.see(j) }
func (m *handleMonitor) JobStarted(j gocron.Job)                                   { m.see(j) }
func (m *handleMonitor) JobRunning(j gocron.Job)                                   { m.see(j) }
func (m *handleMonitor) JobCompleted(j gocron.Job)                                 { m.see(j) }
func (m *handleMonitor) JobSchedulingDelay(j gocron.Job, _ time.Time, _ time.Time) { m.see(j) }

func TestHooksUnregisteredSeesTheJobGone(t *testing.T) {
	var r *rig.Rig
	var errs []error
	m := &goneMonitor{see: func(j gocron.Job) {
		_, err := j.NextRun()
		errs = append(errs, err, r.Scheduler.RemoveJob(j.ID()))
	}}
	r = rig.New(t, gocron.WithSchedulerMonitor(m))
	removed := r.Job(gocron.DurationJob(time.Hour), func() {})
	r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithLimitedRuns(1))
	r.Start()
	require.NoError(t, r.Scheduler.RemoveJob(removed.ID()))
	r.Advance(time.Hour)
	require.Equal(t, []error{gocron.ErrJobNotFound, gocron.ErrJobNotFound, gocron.ErrJobNotFound, gocron.ErrJobNotFound}, errs)
}

type goneMonitor struct {
	rig.NoMonitor
	see func(gocron.Job)
}

func (m *goneMonitor) JobUnregistered(j gocron.Job) { m.see(j) }
