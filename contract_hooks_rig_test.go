package gocron

import (
	"errors"
	"time"

	"github.com/google/uuid"
)

// errHook is what hooks and tasks fail with.
var errHook = errors.New("hook")

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
