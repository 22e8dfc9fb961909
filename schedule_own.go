package gocron

import "time"

// A Schedule names the times of a job, see ScheduleJob. Schedules of other packages that have this
// method, such as those of github.com/robfig/cron, fit as they are.
type Schedule interface {
	// Next returns the first time after the given one, which is in the location of the job, or the
	// zero time when there is none.
	Next(after time.Time) time.Time
}

// A ScheduleFunc is a function that is a Schedule.
type ScheduleFunc func(after time.Time) time.Time

// Next calls f.
func (f ScheduleFunc) Next(after time.Time) time.Time { return f(after) }

// ScheduleJob defines a job that is due when a Schedule of yours says, in the location of
// WithJobLocation, else of the scheduler. A running scheduler asks for the time after the present
// one when the job is added, later for the one after the time when the job was due last, and if
// that is past, for the one after the present time. A start time is a run before that. A result
// that is not after the given time means that there is no further run; unless it is the zero time,
// that is logged.
//
// A Schedule is called as a Cron is (see there): with nothing locked, one call of a value at a time
// in one scheduler, so a slow one holds up its own jobs only, and NextRun is zero until it has
// answered. A panic in it ends the program. It may call any method of the scheduler, with one
// exception: it must not make, update, start or resume a job with this Schedule, nor ask such a job
// for NextRuns. Functions cannot be told from each other: calls of a ScheduleFunc do not overlap if
// its jobs have one JobDefinition. Under a Claimer a Schedule has to name the same times on every
// node.
//
// It is refused with an error that Is ErrOptionValue if schedule is nil, and by a running scheduler
// with one that Is ErrJobNeverRuns if it names no time, or none before the stop time.
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
