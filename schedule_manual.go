package gocron

import "time"

// ManualJob defines a job without a time: Job.RunNow and Controller.RunAndWait run it, and nothing
// else does. NextRun is the zero time, and Controller.Explain says StateManual.
//
// The job stays in the scheduler, also over StopJobs and Start, until it is removed, until the last
// run of WithLimitedRuns has finished, or until the time of WithStopDateTime has passed, after
// which RunNow fails. While the scheduler is not running RunNow fails as for any job. All limits
// apply: with WithSingletonMode(LimitModeQueueOne) any number of RunNow calls that come during a
// run are one run after it.
//
// WithStartDateTime gives the job one run at that time, and WithStartImmediately one at every
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
