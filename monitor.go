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
