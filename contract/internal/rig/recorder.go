package rig

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A Recorder is every hook there is, and writes down its calls.
type Recorder struct {
	T  testing.TB
	Mu sync.Mutex
	// Calls are "name detail"; calls of the MonitorStatus begin with "status ".
	Calls []string
	// During, if set, is called in every call, after it was noted.
	During func(call string)

	LeadErr, LockErr, RefuseErr error // what elector, locker and the refusing listener answer
}

// Note adds a call.
func (h *Recorder) Note(format string, args ...any) {
	call := fmt.Sprintf(format, args...)
	h.Mu.Lock()
	h.Calls = append(h.Calls, call)
	during := h.During
	h.Mu.Unlock()
	if during != nil {
		during(call)
	}
}

// Take returns the calls since the last take.
func (h *Recorder) Take() []string {
	h.Mu.Lock()
	defer h.Mu.Unlock()
	calls := h.Calls
	h.Calls = nil
	if calls == nil {
		calls = []string{}
	}
	return calls
}

// Expect asserts the calls since the last take, given as lines or one a comma.
func (h *Recorder) Expect(calls string, msg ...any) {
	h.T.Helper()
	want := []string{}
	for _, call := range strings.Split(calls, ",") {
		if call = strings.TrimSpace(call); call != "" {
			want = append(want, call)
		}
	}
	require.Equal(h.T, want, h.Take(), msg...)
}

// Listeners are one listener of each kind.
func (h *Recorder) Listeners() gocron.JobOption {
	return gocron.WithEventListeners(append(h.QuietListeners(),
		gocron.AfterJobRunsWithPanic(func(_ uuid.UUID, name string, value any) { h.Note("AfterPanic %s %v", name, value) }))...)
}

// QuietListeners lack the one that makes panics harmless.
func (h *Recorder) QuietListeners() []gocron.EventListener {
	return []gocron.EventListener{
		gocron.BeforeJobRuns(func(_ uuid.UUID, name string) { h.Note("Before %s", name) }),
		gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(_ uuid.UUID, name string) error { h.Note("BeforeSkip %s", name); return h.RefuseErr }),
		gocron.AfterJobRuns(func(_ uuid.UUID, name string) { h.Note("After %s", name) }),
		gocron.AfterJobRunsWithError(func(_ uuid.UUID, name string, err error) { h.Note("AfterError %s %v", name, err) }),
		gocron.AfterLockError(func(_ uuid.UUID, name string, err error) { h.Note("AfterLockError %s %v", name, err) }),
	}
}

func (h *Recorder) IsLeader(ctx context.Context) error {
	h.Note("IsLeader")
	return h.LeadErr
}

func (h *Recorder) Lock(_ context.Context, key string) (gocron.Lock, error) {
	h.Note("Lock %s", key)
	if h.LockErr != nil {
		return nil, h.LockErr
	}
	return UnlockFunc(func(ctx context.Context) error { h.Note("Unlock %v", ctx.Err()); return nil }), nil
}

func (h *Recorder) IncrementJob(_ uuid.UUID, name string, tags []string, status gocron.JobStatus) {
	h.Note("Increment %s%s %s", name, strings.Join(tags, "+"), status)
}

func (h *Recorder) RecordJobTiming(_, _ time.Time, _ uuid.UUID, name string, _ []string) {
	h.Note("Timing %s", name)
}

func (h *Recorder) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, name string, _ []string, status gocron.JobStatus, err error) {
	h.Note("TimingStatus %s %s %v", name, status, err)
}

func (h *Recorder) SchedulerStarted()               { h.Note("Started") }
func (h *Recorder) SchedulerStopped()               { h.Note("Stopped") }
func (h *Recorder) SchedulerShutdown()              { h.Note("Shutdown") }
func (h *Recorder) JobRegistered(j gocron.Job)      { h.Note("Registered %s", j.Name()) }
func (h *Recorder) JobUnregistered(j gocron.Job)    { h.Note("Unregistered %s", j.Name()) }
func (h *Recorder) JobStarted(j gocron.Job)         { h.Note("JobStarted %s", j.Name()) }
func (h *Recorder) JobRunning(j gocron.Job)         { h.Note("JobRunning %s", j.Name()) }
func (h *Recorder) JobFailed(j gocron.Job, e error) { h.Note("JobFailed %s %v", j.Name(), e) }
func (h *Recorder) JobCompleted(j gocron.Job)       { h.Note("JobCompleted %s", j.Name()) }
func (h *Recorder) ConcurrencyLimitReached(limit string, j gocron.Job) {
	h.Note("LimitReached %s %s", j.Name(), limit)
}

func (h *Recorder) JobExecutionTime(j gocron.Job, d time.Duration) {
	h.Note("ExecutionTime %s %v", j.Name(), d)
}

func (h *Recorder) JobSchedulingDelay(j gocron.Job, due, began time.Time) {
	h.Note("Delay %s %v %v", j.Name(), due.Sub(Now), began.Sub(Now))
}

// StatusRecorder is the recorder as the MonitorStatus beside a Monitor.
type StatusRecorder struct{ *Recorder }

func (h StatusRecorder) IncrementJob(_ uuid.UUID, name string, _ []string, status gocron.JobStatus) {
	h.Note("status Increment %s %s", name, status)
}

func (h StatusRecorder) RecordJobTiming(_, _ time.Time, _ uuid.UUID, name string, _ []string) {
	h.Note("status Timing %s", name)
}

// HourlyJob adds the job "j", due every hour.
func (h *Recorder) HourlyJob(r *Rig, task any, options ...gocron.JobOption) gocron.Job {
	h.T.Helper()
	return r.Job(gocron.DurationJob(time.Hour), task, append([]gocron.JobOption{gocron.WithName("j"), h.Listeners()}, options...)...)
}
