package gocron

import (
	"time"

	"github.com/google/uuid"
)

// hookNop is every monitor, and does nothing.
type hookNop struct{}

func (hookNop) IncrementJob(uuid.UUID, string, []string, JobStatus)               {}
func (hookNop) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {}
func (hookNop) SchedulerStarted()                                                 {}
func (hookNop) SchedulerStopped()                                                 {}
func (hookNop) SchedulerShutdown()                                                {}
func (hookNop) JobRegistered(Job)                                                 {}
func (hookNop) JobUnregistered(Job)                                               {}
func (hookNop) JobStarted(Job)                                                    {}
func (hookNop) JobRunning(Job)                                                    {}
func (hookNop) JobFailed(Job, error)                                              {}
func (hookNop) JobCompleted(Job)                                                  {}
func (hookNop) JobExecutionTime(Job, time.Duration)                               {}
func (hookNop) JobSchedulingDelay(Job, time.Time, time.Time)                      {}
func (hookNop) ConcurrencyLimitReached(string, Job)                               {}
func (hookNop) RecordJobTimingWithStatus(time.Time, time.Time, uuid.UUID, string, []string, JobStatus, error) {
}

// monitorFuncs is a SchedulerMonitor of some functions.
type monitorFuncs struct {
	hookNop
	started                           func()
	registered, unregistered, running func(Job)
}

func (m monitorFuncs) SchedulerStarted() {
	if m.started != nil {
		m.started()
	}
}

func (m monitorFuncs) JobRegistered(j Job) {
	if m.registered != nil {
		m.registered(j)
	}
}

func (m monitorFuncs) JobRunning(j Job) {
	if m.running != nil {
		m.running(j)
	}
}

func (m monitorFuncs) JobUnregistered(j Job) {
	if m.unregistered != nil {
		m.unregistered(j)
	}
}
