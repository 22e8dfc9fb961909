package gocron

import (
	"time"

	"github.com/google/uuid"
)

// JobStatus is how a run ended, for a Monitor.
type JobStatus string

// The statuses that a Monitor is told.
const (
	// Fail: the task returned an error, a panic in it was recovered, or it
	// ended by runtime.Goexit.
	Fail JobStatus = "fail"
	// Success: the task returned without an error.
	Success JobStatus = "success"
	// Skip: the run was skipped because the Elector or the Locker said so.
	Skip JobStatus = "skip"
	// SingletonRescheduled: the run was skipped because another run of the job
	// was in progress or waiting.
	SingletonRescheduled JobStatus = "singleton_rescheduled"
)

// Monitor collects metrics about runs. Its methods are called on the goroutine
// of the run, concurrently, and with nothing locked; a slow one delays its own
// run only.
type Monitor interface {
	// IncrementJob is called once for every run that has one of the statuses or, with WithRetry,
	// for every attempt.
	IncrementJob(id uuid.UUID, name string, tags []string, status JobStatus)
	// RecordJobTiming is called every time a task has ended, with the times at which it started and
	// ended.
	RecordJobTiming(startTime, endTime time.Time, id uuid.UUID, name string, tags []string)
}

// MonitorStatus is a Monitor that can also be told how a task ended. If WithMonitorStatus sets it,
// only RecordJobTimingWithStatus is called. If WithMonitor sets it, IncrementJob and
// RecordJobTiming are called, as for any Monitor. If you give one value to both, all three are
// called.
type MonitorStatus interface {
	Monitor
	// RecordJobTimingWithStatus is called every time a task has ended, with the times at which it
	// started and ended, Success or Fail, and the task's error.
	RecordJobTimingWithStatus(startTime, endTime time.Time, id uuid.UUID, name string, tags []string, status JobStatus, err error)
}

// SchedulerMonitor is told what happens in a scheduler. Calls for a run are made on the goroutine
// of that run, and so is JobUnregistered for a job that leaves after its last run. All other calls
// are made by the method that causes them, before it returns. No lock is held, so you may call any
// method of the scheduler and its jobs. A slow call delays its own run only.
//
// Calls of JobRegistered and JobUnregistered for one id never overlap, and come in the order in
// which the scheduler changed. If such a call causes another one for the same id, the second is
// made after the first, by the same goroutine; the method that caused it may return earlier.
type SchedulerMonitor interface {
	// SchedulerStarted is called by every Start of a scheduler that was not
	// running.
	SchedulerStarted()
	// SchedulerStopped is called by every stop of a running scheduler, when it
	// has waited for the runs in progress.
	SchedulerStopped()
	// SchedulerShutdown is called once, by the first Shutdown of a scheduler
	// that was ever started.
	SchedulerShutdown()
	// JobRegistered is called when a job has been added, before any other call
	// about it. The job does not run before it has returned. A job that has left
	// again by then is not announced.
	JobRegistered(job Job)
	// JobUnregistered is called once when a job has left, whatever the reason.
	// A replaced job leaves, and its replacement is registered. Shutdown
	// announces none.
	JobUnregistered(job Job)
	// JobStarted is called when a run begins.
	JobStarted(job Job)
	// JobRunning is called right before the task.
	JobRunning(job Job)
	// JobFailed is called when the task has failed, with its error. It is also called for a run
	// that does not reach its task after JobStarted: with the error of the listener that refused
	// the run, or with an error that says that the job was stopped, removed, cancelled or paused.
	JobFailed(job Job, err error)
	// JobCompleted is called when the task has returned without an error.
	JobCompleted(job Job)
	// JobExecutionTime is called after JobCompleted, and after JobFailed of a
	// task, with the time that the task took.
	JobExecutionTime(job Job, duration time.Duration)
	// JobSchedulingDelay is called after JobStarted, with the time the run was
	// due and the time it started, also for later attempts. It is not called for
	// RunNow.
	JobSchedulingDelay(job Job, scheduledTime time.Time, actualStartTime time.Time)
	// ConcurrencyLimitReached is called when a run must wait or is skipped.
	// limitType is "singleton" for WithSingletonMode and "limit" for
	// WithLimitConcurrentJobs.
	ConcurrencyLimitReached(limitType string, job Job)
}

// monitors are the monitors of a scheduler; any may be nil.
type monitors struct {
	counter   Monitor       // IncrementJob and RecordJobTiming
	status    MonitorStatus // RecordJobTimingWithStatus
	scheduler SchedulerMonitor
}

// any reports whether there is a monitor that wants to know how runs end.
func (m *monitors) any() bool {
	return m.counter != nil || m.status != nil || m.scheduler != nil
}

// hear reports whether there is a monitor for the notice.
func (m *monitors) hear(n notice) bool {
	switch n {
	case noticeSingletonSkip:
		return m.scheduler != nil || m.counter != nil
	case noticeSingletonWait, noticeLimit:
		return m.scheduler != nil
	}
	return false
}

func (m *monitors) increment(j *internalJob, status JobStatus) {
	if m.counter != nil {
		m.counter.IncrementJob(j.id, j.Name(), j.Tags(), status)
	}
}

// tellTiming tells how long a task took.
func (m *monitors) tellTiming(j *internalJob, started, ended time.Time) {
	if m.counter != nil {
		m.counter.RecordJobTiming(started, ended, j.id, j.Name(), j.Tags())
	}
}

// tellStatus tells how a task ended.
func (m *monitors) tellStatus(j *internalJob, started, ended time.Time, err error) {
	status := Success
	if err != nil {
		status = Fail
	}
	m.increment(j, status)
	if m.status != nil {
		m.status.RecordJobTimingWithStatus(started, ended, j.id, j.Name(), j.Tags(), status, err)
	}
}

// tellEnd tells the scheduler's monitor that a task has ended.
func (m *monitors) tellEnd(j *internalJob, took time.Duration, err error) {
	if m.scheduler == nil {
		return
	}
	if err != nil {
		m.scheduler.JobFailed(j, err)
	} else {
		m.scheduler.JobCompleted(j)
	}
	m.scheduler.JobExecutionTime(j, took)
}

func (m *monitors) limitReached(limitType string, j *internalJob) {
	if m.scheduler != nil {
		m.scheduler.ConcurrencyLimitReached(limitType, j)
	}
}

// EventListener is a function called at one point of every run of a job. It is
// made by AfterJobRuns and its siblings and set by WithEventListeners.
//
// Listeners are called on the goroutine of the run, with nothing locked: they
// may call any method of the scheduler and its jobs. A slow one delays its own
// run only. A panic in one is not recovered.
type EventListener func(*internalJob) error

// listeners are the listeners of a job, by kind. A kind's functions are called
// in order.
type listeners struct {
	before     []func(uuid.UUID, string)
	refuse     []func(uuid.UUID, string) error
	after      []func(uuid.UUID, string)
	afterError []func(uuid.UUID, string, error)
	afterPanic []func(uuid.UUID, string, any)
	lockError  []func(uuid.UUID, string, error)
}

// BeforeJobRuns calls the function when a run is about to start. During the call NextRun is the
// time at which this run was due. The run does not start if, during the call, the job is stopped,
// removed, cancelled or paused, or its stop time passes by more than a second.
func BeforeJobRuns(eventListenerFunc func(jobID uuid.UUID, jobName string)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.before, eventListenerFunc)
	}
}

// BeforeJobRunsSkipIfBeforeFuncErrors calls the function when a run is about to start, after
// BeforeJobRuns. If the function returns an error the scheduler skips the run and the job waits for
// its next time. A SchedulerMonitor is told JobFailed with the error. The run does not count for
// WithLimitedRuns, and does not change LastRun.
func BeforeJobRunsSkipIfBeforeFuncErrors(eventListenerFunc func(jobID uuid.UUID, jobName string) error) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.refuse, eventListenerFunc)
	}
}

// AfterJobRuns calls the function when the task has returned without an error.
func AfterJobRuns(eventListenerFunc func(jobID uuid.UUID, jobName string)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.after, eventListenerFunc)
	}
}

// AfterJobRunsWithError calls the function when the task has returned an error, with that error. It
// also calls it after AfterJobRunsWithPanic, with an error that Is ErrPanicRecovered, and for a
// task that called runtime.Goexit, with ErrTaskGoexit.
func AfterJobRunsWithError(eventListenerFunc func(jobID uuid.UUID, jobName string, err error)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.afterError, eventListenerFunc)
	}
}

// AfterJobRunsWithPanic recovers a panic in the task and calls the function
// with its value. Without such a listener a panic in a task ends the program,
// as any other does.
func AfterJobRunsWithPanic(eventListenerFunc func(jobID uuid.UUID, jobName string, recoverData any)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.afterPanic, eventListenerFunc)
	}
}

// AfterLockError calls the function when the Locker has returned an error, so
// that the run is skipped, unless WithEngineDown lets it go on.
func AfterLockError(eventListenerFunc func(jobID uuid.UUID, jobName string, err error)) EventListener {
	return func(j *internalJob) error {
		return addListener(&j.makeSettings().listeners.lockError, eventListenerFunc)
	}
}

func addListener[F any](kind *[]F, f F) error {
	if isNil(f) {
		return ErrEventListenerFuncNil
	}
	*kind = append(*kind, f)
	return nil
}

// override replaces the kinds that the newer listeners name.
func (l *listeners) override(newer listeners) {
	overrideKind(&l.before, newer.before)
	overrideKind(&l.refuse, newer.refuse)
	overrideKind(&l.after, newer.after)
	overrideKind(&l.afterError, newer.afterError)
	overrideKind(&l.afterPanic, newer.afterPanic)
	overrideKind(&l.lockError, newer.lockError)
}

func overrideKind[F any](kind *[]F, newer []F) {
	if newer != nil {
		*kind = newer
	}
}

// hooks reports whether a listener wants to know before the task.
func (l *listeners) hooks() bool { return l.before != nil || l.refuse != nil }

// follows reports whether one wants to know after it.
func (l *listeners) follows() bool {
	return l.after != nil || l.afterError != nil || l.afterPanic != nil
}

func (l *listeners) takePanics() bool { return l.afterPanic != nil }

func (l *listeners) runBefore(j *internalJob) {
	for _, f := range l.before {
		f(j.id, j.Name())
	}
}

// refusal is the first error with which a listener refuses the run.
func (l *listeners) refusal(j *internalJob) error {
	for _, f := range l.refuse {
		if err := f(j.id, j.Name()); err != nil {
			return err
		}
	}
	return nil
}

func (l *listeners) runAfter(j *internalJob, err error) {
	if err != nil {
		for _, f := range l.afterError {
			f(j.id, j.Name(), err)
		}
		return
	}
	for _, f := range l.after {
		f(j.id, j.Name())
	}
}

func (l *listeners) runAfterPanic(j *internalJob, value any) {
	for _, f := range l.afterPanic {
		f(j.id, j.Name(), value)
	}
}

func (l *listeners) runLockError(j *internalJob, err error) {
	for _, f := range l.lockError {
		f(j.id, j.Name(), err)
	}
}
