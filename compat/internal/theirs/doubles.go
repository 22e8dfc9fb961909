package theirs

import (
	"context"
	"time"

	"github.com/go-co-op/gocron/v2"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// Users implement every exported interface, so none may grow a method. The
// doubles below are what such users have.
var (
	_ gocron.Scheduler        = schedulerDouble{}
	_ gocron.Job              = jobDouble{}
	_ gocron.MonitorStatus    = monitorDouble{}
	_ gocron.Monitor          = gocron.MonitorStatus(nil)
	_ gocron.SchedulerMonitor = schedulerMonitorDouble{}
	_ gocron.Locker           = lockerDouble{}
	_ gocron.Lock             = lockerDouble{}
	_ gocron.Elector          = lockerDouble{}
	_ gocron.Logger           = loggerDouble{}
	_ gocron.Cron             = cronDouble{}
	_ gocron.JobSchedule      = scheduleDouble{}
	_ clockwork.Clock         = (*clockwork.FakeClock)(nil)
)

type schedulerDouble struct{}

func (schedulerDouble) Jobs() []gocron.Job { return nil }
func (schedulerDouble) NewJob(gocron.JobDefinition, gocron.Task, ...gocron.JobOption) (gocron.Job, error) {
	return nil, nil
}
func (schedulerDouble) RemoveByTags(...string)                    {}
func (schedulerDouble) RemoveJob(uuid.UUID) error                 { return nil }
func (schedulerDouble) Shutdown() error                           { return nil }
func (schedulerDouble) ShutdownWithContext(context.Context) error { return nil }
func (schedulerDouble) Start()                                    {}
func (schedulerDouble) StopJobs() error                           { return nil }
func (schedulerDouble) StopJobsWithContext(context.Context) error { return nil }
func (schedulerDouble) Update(uuid.UUID, gocron.JobDefinition, gocron.Task, ...gocron.JobOption) (gocron.Job, error) {
	return nil, nil
}
func (schedulerDouble) JobsWaitingInQueue() int { return 0 }

type jobDouble struct{}

func (jobDouble) ID() uuid.UUID                          { return uuid.Nil }
func (jobDouble) IsRunning() (bool, error)               { return false, nil }
func (jobDouble) LastRun() (time.Time, error)            { return time.Time{}, nil }
func (jobDouble) LastRunCompletedAt() (time.Time, error) { return time.Time{}, nil }
func (jobDouble) LastRunStartedAt() (time.Time, error)   { return time.Time{}, nil }
func (jobDouble) Name() string                           { return "" }
func (jobDouble) NextRun() (time.Time, error)            { return time.Time{}, nil }
func (jobDouble) NextRuns(int) ([]time.Time, error)      { return nil, nil }
func (jobDouble) RunNow() error                          { return nil }
func (jobDouble) Schedule() gocron.JobSchedule           { return nil }
func (jobDouble) Tags() []string                         { return nil }

type monitorDouble struct{}

func (monitorDouble) IncrementJob(uuid.UUID, string, []string, gocron.JobStatus)        {}
func (monitorDouble) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {}
func (monitorDouble) RecordJobTimingWithStatus(time.Time, time.Time, uuid.UUID, string, []string, gocron.JobStatus, error) {
}

type schedulerMonitorDouble struct{}

func (schedulerMonitorDouble) SchedulerStarted()                                      {}
func (schedulerMonitorDouble) SchedulerStopped()                                      {}
func (schedulerMonitorDouble) SchedulerShutdown()                                     {}
func (schedulerMonitorDouble) JobRegistered(gocron.Job)                               {}
func (schedulerMonitorDouble) JobUnregistered(gocron.Job)                             {}
func (schedulerMonitorDouble) JobStarted(gocron.Job)                                  {}
func (schedulerMonitorDouble) JobRunning(gocron.Job)                                  {}
func (schedulerMonitorDouble) JobFailed(gocron.Job, error)                            {}
func (schedulerMonitorDouble) JobCompleted(gocron.Job)                                {}
func (schedulerMonitorDouble) JobExecutionTime(gocron.Job, time.Duration)             {}
func (schedulerMonitorDouble) JobSchedulingDelay(gocron.Job, time.Time, time.Time)    {}
func (schedulerMonitorDouble) ConcurrencyLimitReached(limitType string, _ gocron.Job) {}

type lockerDouble struct{}

func (lockerDouble) Lock(context.Context, string) (gocron.Lock, error) { return nil, nil }
func (lockerDouble) Unlock(context.Context) error                      { return nil }
func (lockerDouble) IsLeader(context.Context) error                    { return nil }

type loggerDouble struct{}

func (loggerDouble) Debug(string, ...any) {}
func (loggerDouble) Error(string, ...any) {}
func (loggerDouble) Info(string, ...any)  {}
func (loggerDouble) Warn(string, ...any)  {}

type cronDouble struct{}

func (cronDouble) IsValid(string, *time.Location, time.Time) error { return nil }
func (cronDouble) Next(time.Time) time.Time                        { return time.Time{} }

type scheduleDouble struct{}

func (scheduleDouble) JobType() gocron.JobType { return gocron.OneTimeJobType }
