package gocron

import "time"

// A Schedule names the times of a job, see ScheduleJob. Schedules of other packages with this
// method, such as the schedules of github.com/robfig/cron, fit as they are.
type Schedule interface {
	// Next returns the first time after the given one, or the zero time if there is no such time.
	// The given time is in the job's time zone.
	Next(after time.Time) time.Time
}

// A ScheduleFunc is a function that is a Schedule.
type ScheduleFunc func(after time.Time) time.Time

// Next calls f.
func (f ScheduleFunc) Next(after time.Time) time.Time { return f(after) }

// ScheduleJob defines a job that is due when a Schedule of yours says, in the time zone of
// WithJobLocation, else the scheduler's. When you add the job to a running scheduler, it asks for
// the first time after now. Later it asks for the time after the one at which the job was last due.
// If the answer is past, it asks again for the first time after now. A start time is a run before
// all these. An answer that is not after the given time means that there is no further run. That is
// logged, unless the answer is the zero time.
//
// The scheduler calls a Schedule as it calls a Cron. No lock is held. It makes one call of a value
// at a time, so a slow Schedule holds up its own jobs only, and NextRun is zero until it has
// answered. A panic in it ends the program. It may call any method of the scheduler, except that it
// must not make, update, start or resume a job with this Schedule, nor ask such a job for NextRuns.
// Go cannot compare functions: calls of a ScheduleFunc are kept apart only for jobs with the same
// JobDefinition. Under a Claimer a Schedule must name the same times on every node.
//
// It is refused with an error that Is ErrOptionValue if schedule is nil. A running scheduler
// refuses it with an error that Is ErrJobNeverRuns if it names no time, or no time before the stop
// time.
func ScheduleJob(schedule Schedule) JobDefinition {
	return &scheduleDefinition{source: schedule}
}

type scheduleDefinition struct {
	source Schedule
}

func (s *scheduleDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if isNil(s.source) {
		return nil, optionValueError("ScheduleJob", "nil", "a Schedule that is not nil")
	}
	return newUserSource(s.source, "Schedule", ScheduleJobSchedule{Schedule: s.source}, s, cfg), nil
}
