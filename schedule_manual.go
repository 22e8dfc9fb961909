package gocron

import "time"

// ManualJob defines a job without a time. It runs when you call Job.RunNow or
// Controller.RunAndWait. NextRun is the zero time, and Controller.Explain says StateManual.
//
// The job stays in the scheduler, also through StopJobs and Start, until it is removed, until the
// last run of WithLimitedRuns has finished, or until the time of WithStopDateTime has passed. While
// the scheduler is not running RunNow fails, as for any job. All limits apply. With
// WithSingletonMode(LimitModeQueueOne), all RunNow calls that come during a run are one run after
// it.
//
// WithStartDateTime gives the job a run at that time, and WithStartImmediately a run at every
// Start. Options that say how times are counted have no effect.
func ManualJob() JobDefinition { return manualSchedule{} }

// manualSchedule is definition and schedule in one: it has no times.
type manualSchedule struct{}

func (m manualSchedule) schedule(scheduleConfig) (schedule, error) { return m, nil }

func (manualSchedule) next(_, _ time.Time) time.Time { return time.Time{} }

func (manualSchedule) public() JobSchedule { return ManualJobSchedule{} }

// manual reports whether j has no times of its own, but is run when somebody asks for it.
func (j *internalJob) manual() bool {
	_, is := j.plan.(manualSchedule)
	return is
}
