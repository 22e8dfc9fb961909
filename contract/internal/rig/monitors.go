package rig

import (
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

// NoMonitor is every monitor, and does nothing.
type NoMonitor struct{}

func (NoMonitor) IncrementJob(uuid.UUID, string, []string, gocron.JobStatus)        {}
func (NoMonitor) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {}
func (NoMonitor) SchedulerStarted()                                                 {}
func (NoMonitor) SchedulerStopped()                                                 {}
func (NoMonitor) SchedulerShutdown()                                                {}
func (NoMonitor) JobRegistered(gocron.Job)                                          {}
func (NoMonitor) JobUnregistered(gocron.Job)                                        {}
func (NoMonitor) JobStarted(gocron.Job)                                             {}
func (NoMonitor) JobRunning(gocron.Job)                                             {}
func (NoMonitor) JobFailed(gocron.Job, error)                                       {}
func (NoMonitor) JobCompleted(gocron.Job)                                           {}
func (NoMonitor) JobExecutionTime(gocron.Job, time.Duration)                        {}
func (NoMonitor) JobSchedulingDelay(gocron.Job, time.Time, time.Time)               {}
func (NoMonitor) ConcurrencyLimitReached(string, gocron.Job)                        {}
func (NoMonitor) RecordJobTimingWithStatus(time.Time, time.Time, uuid.UUID, string, []string, gocron.JobStatus, error) {
}

// Monitor is all kinds of monitor at once. It notes every call as a
// word, or two: what, and the name of the job.
type Monitor struct {
	mu       sync.Mutex
	noted    []string
	failures []error
}

// Note adds an event.
func (m *Monitor) Note(event string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noted = append(m.noted, event)
}

// Events returns what was noted since the last call of Forget.
func (m *Monitor) Events() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string{}, m.noted...)
}

// Forget drops what was noted.
func (m *Monitor) Forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noted, m.failures = nil, nil
}

// Failed are the errors that the monitor was told, in order.
func (m *Monitor) Failed() []error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]error{}, m.failures...)
}

// Count is how often an event was noted.
func (m *Monitor) Count(event string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, e := range m.noted {
		if e == event {
			n++
		}
	}
	return n
}

func (m *Monitor) IncrementJob(_ uuid.UUID, name string, _ []string, status gocron.JobStatus) {
	m.Note(string(status) + " " + name)
}

func (m *Monitor) RecordJobTiming(_, _ time.Time, _ uuid.UUID, name string, _ []string) {
	m.Note("timing " + name)
}

func (m *Monitor) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, name string, _ []string, status gocron.JobStatus, err error) {
	m.Note("timing-" + string(status) + " " + name)
	if err != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.failures = append(m.failures, err)
	}
}

func (m *Monitor) SchedulerStarted()               { m.Note("scheduler-started") }
func (m *Monitor) SchedulerStopped()               { m.Note("scheduler-stopped") }
func (m *Monitor) SchedulerShutdown()              { m.Note("scheduler-shutdown") }
func (m *Monitor) JobRegistered(job gocron.Job)    { m.Note("registered " + job.Name()) }
func (m *Monitor) JobUnregistered(job gocron.Job)  { m.Note("unregistered " + job.Name()) }
func (m *Monitor) JobStarted(job gocron.Job)       { m.Note("started " + job.Name()) }
func (m *Monitor) JobRunning(job gocron.Job)       { m.Note("running " + job.Name()) }
func (m *Monitor) JobCompleted(job gocron.Job)     { m.Note("completed " + job.Name()) }
func (m *Monitor) JobFailed(j gocron.Job, e error) { m.Note("failed " + j.Name()); m.fail(e) }
func (m *Monitor) JobExecutionTime(job gocron.Job, _ time.Duration) {
	m.Note("execution " + job.Name())
}
func (m *Monitor) JobSchedulingDelay(job gocron.Job, _, _ time.Time) {
	m.Note("delay " + job.Name())
}
func (m *Monitor) ConcurrencyLimitReached(limitType string, job gocron.Job) {
	m.Note(limitType + "-reached " + job.Name())
}

func (m *Monitor) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures = append(m.failures, err)
}

// TimesMonitor keeps the latest times it was told.
type TimesMonitor struct {
	NoMonitor
	Due, Began, From, To time.Time
	Took                 time.Duration
}

func (m *TimesMonitor) JobSchedulingDelay(_ gocron.Job, due, began time.Time) {
	m.Due, m.Began = due, began
}
func (m *TimesMonitor) JobExecutionTime(_ gocron.Job, took time.Duration) { m.Took = took }
func (m *TimesMonitor) RecordJobTimingWithStatus(from, to time.Time, _ uuid.UUID, _ string, _ []string, _ gocron.JobStatus, _ error) {
	m.From, m.To = from, to
}

// MonitorFuncs is a SchedulerMonitor of some functions.
type MonitorFuncs struct {
	NoMonitor
	Started                           func()
	Registered, Unregistered, Running func(gocron.Job)
}

func (m MonitorFuncs) SchedulerStarted() {
	if m.Started != nil {
		m.Started()
	}
}

func (m MonitorFuncs) JobRegistered(j gocron.Job) {
	if m.Registered != nil {
		m.Registered(j)
	}
}

func (m MonitorFuncs) JobRunning(j gocron.Job) {
	if m.Running != nil {
		m.Running(j)
	}
}

func (m MonitorFuncs) JobUnregistered(j gocron.Job) {
	if m.Unregistered != nil {
		m.Unregistered(j)
	}
}
