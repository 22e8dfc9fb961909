package gocron

import (
	"context"
	"errors"
	"testing"
	"time"

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
			h := &hookRecorder{t: t}
			var lead error
			options := []SchedulerOption{WithDistributedElector(electorFunc(func(ctx context.Context) error { return lead }))}
			if tt.status {
				options = append(options, WithMonitorStatus(hookStatus{h}))
			}
			if tt.monitor {
				options = append(options, WithMonitor(h))
			}
			r := newRig(t, options...)
			var result error
			r.job(DurationJob(time.Hour), func() error { r.hold(); return result }, WithName("j"), WithSingletonMode(LimitModeReschedule))
			r.start()
			r.advance(time.Hour)
			h.expect("")
			r.advance(time.Hour)
			h.expect(tt.skipped)
			r.letGo(1)
			h.expect(tt.ok)
			result = errHook
			r.advance(time.Hour)
			r.letGo(1)
			h.expect(tt.failed)
			lead = errHook
			r.advance(time.Hour)
			h.expect(tt.missed)
		})
	}
}

func TestHooksMonitorsGetIDNameTagsAndError(t *testing.T) {
	m := &argumentMonitor{}
	r := newRig(t, WithMonitor(m), WithMonitorStatus(m))
	own := errors.New("own")
	j := r.job(DurationJob(time.Hour), func() error { return own }, WithName("n"), WithTags("a", "b"))
	r.start()
	r.advance(time.Hour)
	want := []any{j.ID(), "n", []string{"a", "b"}}
	require.Equal(t, append(want, Fail), m.increment)
	require.Equal(t, want, m.timing)
	require.Equal(t, append(want, Fail, own), m.status)
	m.tags[0] = "changed"
	require.Equal(t, []string{"a", "b"}, j.Tags(), "the slice is a copy")
}

type argumentMonitor struct {
	hookNop
	increment, timing, status []any
	tags                      []string
}

func (m *argumentMonitor) IncrementJob(id uuid.UUID, name string, tags []string, status JobStatus) {
	m.increment = []any{id, name, append([]string(nil), tags...), status}
	m.tags = tags
}

func (m *argumentMonitor) RecordJobTiming(_, _ time.Time, id uuid.UUID, name string, tags []string) {
	m.timing = []any{id, name, tags}
}

func (m *argumentMonitor) RecordJobTimingWithStatus(_, _ time.Time, id uuid.UUID, name string, tags []string, status JobStatus, err error) {
	m.status = []any{id, name, tags, status, err}
}

// What is skipped otherwise counts nothing.
func TestHooksOtherSkipsCountNothing(t *testing.T) {
	r, h := hookRig(t, WithLimitConcurrentJobs(1, LimitModeReschedule))
	h.refuse = errHook
	h.hourlyJob(r, func() {})
	r.start()
	r.advance(time.Hour)
	for _, call := range h.take() {
		require.NotContains(t, call, "Increment")
		require.NotContains(t, call, "Timing")
	}
}

func TestHooksMonitorHandleIsUsable(t *testing.T) {
	var handles []Job
	m := &handleMonitor{see: func(j Job) { handles = append(handles, j) }}
	r := newRig(t, WithSchedulerMonitor(m))
	j := r.job(DurationJob(time.Hour), func() {}, WithName("n"), WithTags("t"))
	r.start()
	r.advance(time.Hour)
	require.NoError(t, r.s.RemoveJob(j.ID()))
	require.Len(t, handles, 6)
	for _, handle := range handles {
		require.Equal(t, j.ID(), handle.ID())
		require.Equal(t, "n", handle.Name())
		require.Equal(t, []string{"t"}, handle.Tags())
		require.Equal(t, DurationJobSchedule{Duration: time.Hour}, handle.Schedule())
	}
}

type handleMonitor struct {
	hookNop
	see func(Job)
}

func (m *handleMonitor) JobRegistered(j Job)                                { m.see(j) }
func (m *handleMonitor) JobUnregistered(j Job)                              { m.see(j) }
func (m *handleMonitor) JobStarted(j Job)                                   { m.see(j) }
func (m *handleMonitor) JobRunning(j Job)                                   { m.see(j) }
func (m *handleMonitor) JobCompleted(j Job)                                 { m.see(j) }
func (m *handleMonitor) JobSchedulingDelay(j Job, _ time.Time, _ time.Time) { m.see(j) }

func TestHooksUnregisteredSeesTheJobGone(t *testing.T) {
	var r *rig
	var errs []error
	m := &goneMonitor{see: func(j Job) {
		_, err := j.NextRun()
		errs = append(errs, err, r.s.RemoveJob(j.ID()))
	}}
	r = newRig(t, WithSchedulerMonitor(m))
	removed := r.job(DurationJob(time.Hour), func() {})
	r.job(DurationJob(time.Hour), func() {}, WithLimitedRuns(1))
	r.start()
	require.NoError(t, r.s.RemoveJob(removed.ID()))
	r.advance(time.Hour)
	require.Equal(t, []error{ErrJobNotFound, ErrJobNotFound, ErrJobNotFound, ErrJobNotFound}, errs)
}

type goneMonitor struct {
	hookNop
	see func(Job)
}

func (m *goneMonitor) JobUnregistered(j Job) { m.see(j) }
