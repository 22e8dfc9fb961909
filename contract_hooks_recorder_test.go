package gocron

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A hookRecorder is every hook there is, and writes down its calls.
type hookRecorder struct {
	t  testing.TB
	mu sync.Mutex
	// calls are "name detail"; those of the MonitorStatus begin with "status ".
	calls []string
	// during, if set, is called in every call, after it was noted.
	during func(call string)

	lead, lock, refuse error // what elector, locker and the refusing listener answer
}

func (h *hookRecorder) note(format string, args ...any) {
	call := fmt.Sprintf(format, args...)
	h.mu.Lock()
	h.calls = append(h.calls, call)
	during := h.during
	h.mu.Unlock()
	if during != nil {
		during(call)
	}
}

// take returns the calls since the last take.
func (h *hookRecorder) take() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	calls := h.calls
	h.calls = nil
	if calls == nil {
		calls = []string{}
	}
	return calls
}

// expect asserts the calls since the last take, given as lines or one a comma.
func (h *hookRecorder) expect(calls string, msg ...any) {
	h.t.Helper()
	want := []string{}
	for _, call := range strings.Split(calls, ",") {
		if call = strings.TrimSpace(call); call != "" {
			want = append(want, call)
		}
	}
	require.Equal(h.t, want, h.take(), msg...)
}

// listeners are one listener of each kind.
func (h *hookRecorder) listeners() JobOption {
	return WithEventListeners(append(h.quietListeners(),
		AfterJobRunsWithPanic(func(_ uuid.UUID, name string, value any) { h.note("AfterPanic %s %v", name, value) }))...)
}

// quietListeners lack the one that makes panics harmless.
func (h *hookRecorder) quietListeners() []EventListener {
	return []EventListener{
		BeforeJobRuns(func(_ uuid.UUID, name string) { h.note("Before %s", name) }),
		BeforeJobRunsSkipIfBeforeFuncErrors(func(_ uuid.UUID, name string) error { h.note("BeforeSkip %s", name); return h.refuse }),
		AfterJobRuns(func(_ uuid.UUID, name string) { h.note("After %s", name) }),
		AfterJobRunsWithError(func(_ uuid.UUID, name string, err error) { h.note("AfterError %s %v", name, err) }),
		AfterLockError(func(_ uuid.UUID, name string, err error) { h.note("AfterLockError %s %v", name, err) }),
	}
}

func (h *hookRecorder) IsLeader(ctx context.Context) error {
	h.note("IsLeader")
	return h.lead
}

func (h *hookRecorder) Lock(_ context.Context, key string) (Lock, error) {
	h.note("Lock %s", key)
	if h.lock != nil {
		return nil, h.lock
	}
	return unlockFunc(func(ctx context.Context) error { h.note("Unlock %v", ctx.Err()); return nil }), nil
}

func (h *hookRecorder) IncrementJob(_ uuid.UUID, name string, tags []string, status JobStatus) {
	h.note("Increment %s%s %s", name, strings.Join(tags, "+"), status)
}

func (h *hookRecorder) RecordJobTiming(_, _ time.Time, _ uuid.UUID, name string, _ []string) {
	h.note("Timing %s", name)
}

func (h *hookRecorder) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, name string, _ []string, status JobStatus, err error) {
	h.note("TimingStatus %s %s %v", name, status, err)
}

func (h *hookRecorder) SchedulerStarted()        { h.note("Started") }
func (h *hookRecorder) SchedulerStopped()        { h.note("Stopped") }
func (h *hookRecorder) SchedulerShutdown()       { h.note("Shutdown") }
func (h *hookRecorder) JobRegistered(j Job)      { h.note("Registered %s", j.Name()) }
func (h *hookRecorder) JobUnregistered(j Job)    { h.note("Unregistered %s", j.Name()) }
func (h *hookRecorder) JobStarted(j Job)         { h.note("JobStarted %s", j.Name()) }
func (h *hookRecorder) JobRunning(j Job)         { h.note("JobRunning %s", j.Name()) }
func (h *hookRecorder) JobFailed(j Job, e error) { h.note("JobFailed %s %v", j.Name(), e) }
func (h *hookRecorder) JobCompleted(j Job)       { h.note("JobCompleted %s", j.Name()) }
func (h *hookRecorder) ConcurrencyLimitReached(limit string, j Job) {
	h.note("LimitReached %s %s", j.Name(), limit)
}

func (h *hookRecorder) JobExecutionTime(j Job, d time.Duration) {
	h.note("ExecutionTime %s %v", j.Name(), d)
}

func (h *hookRecorder) JobSchedulingDelay(j Job, due, began time.Time) {
	h.note("Delay %s %v %v", j.Name(), due.Sub(rigNow), began.Sub(rigNow))
}

// hookStatus is the recorder as the MonitorStatus beside a Monitor.
type hookStatus struct{ *hookRecorder }

func (h hookStatus) IncrementJob(_ uuid.UUID, name string, _ []string, status JobStatus) {
	h.note("status Increment %s %s", name, status)
}

func (h hookStatus) RecordJobTiming(_, _ time.Time, _ uuid.UUID, name string, _ []string) {
	h.note("status Timing %s", name)
}

// hookRig is a rig with a recorder as all three monitors.
func hookRig(t testing.TB, options ...SchedulerOption) (*rig, *hookRecorder) {
	t.Helper()
	h := &hookRecorder{t: t}
	all := []SchedulerOption{WithMonitor(h), WithMonitorStatus(hookStatus{h}), WithSchedulerMonitor(h)}
	return newRig(t, append(all, options...)...), h
}

// hourlyJob adds the job "j", due every hour.
func (h *hookRecorder) hourlyJob(r *rig, task any, options ...JobOption) Job {
	h.t.Helper()
	return r.job(DurationJob(time.Hour), task, append([]JobOption{WithName("j"), h.listeners()}, options...)...)
}
