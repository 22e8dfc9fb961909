package gocron

import (
	"fmt"
	"time"
)

// JobDefinition says when a job is due. It is made by AnyOf, CronJob, DailyJob, DurationJob,
// DurationRandomJob, ManualJob, MonthlyJob, MonthlyWeekdayJob, OneTimeJob, ScheduleJob or
// WeeklyJob, is immutable, and can be used for any number of jobs.
type JobDefinition interface {
	// schedule checks the definition and gives one job a schedule of its own.
	schedule(scheduleConfig) (schedule, error)
}

// AtTime is a time of day, made by NewAtTime.
type AtTime func() atTime

type atTime struct {
	hours, minutes, seconds uint
}

// String is the time of day as error texts show it.
func (a atTime) String() string { return fmt.Sprintf("%d:%02d:%02d", a.hours, a.minutes, a.seconds) }

// secondOfDay is only meaningful for an atTime within its bounds.
func (a atTime) secondOfDay() int64 {
	return int64(a.hours)*3600 + int64(a.minutes)*60 + int64(a.seconds)
}

// NewAtTime returns a time of day: hours from 0 to 23, minutes and seconds from
// 0 to 59. Numbers out of range are found when the job is made, which is then
// refused with the error of its kind, such as ErrDailyJobHours or
// ErrDailyJobMinutesSeconds.
func NewAtTime(hours, minutes, seconds uint) AtTime {
	return func() atTime {
		return atTime{hours: hours, minutes: minutes, seconds: seconds}
	}
}

// TimeFromAtTime returns the time of day at as the AtTimes of a JobSchedule
// show it: time.Date(0, 0, 0, hours, minutes, seconds, 0, loc). Only its clock
// means something, the date does not. Numbers out of range carry over, as with
// time.Date. A nil loc is taken for UTC; a nil at gives the zero time.
func TimeFromAtTime(at AtTime, loc *time.Location) time.Time {
	if at == nil {
		return time.Time{}
	}
	if loc == nil {
		loc = time.UTC
	}
	a := at()
	return time.Date(0, 0, 0, int(a.hours), int(a.minutes), int(a.seconds), 0, loc)
}

// AtTimes lists the times of day a daily, weekly or monthly job runs at. It is
// called once for each job made from it.
type AtTimes func() []AtTime

// NewAtTimes returns a list of one or more times of day, in any order. A time
// named twice is one run.
func NewAtTimes(atTime AtTime, atTimes ...AtTime) AtTimes {
	all := append([]AtTime{atTime}, atTimes...)
	return func() []AtTime {
		return append([]AtTime(nil), all...)
	}
}

// Weekdays lists the days of the week a weekly job runs on. It is called once
// for each job made from it.
type Weekdays func() []time.Weekday

// NewWeekdays returns a list of one or more days of the week, in any order. A
// day named twice counts once. Numbers beyond time.Saturday go round: 7 is
// Sunday again. A negative one is found when the job is made, which is then
// refused with an error that Is ErrJobNeverRuns.
func NewWeekdays(weekday time.Weekday, weekdays ...time.Weekday) Weekdays {
	all := append([]time.Weekday{weekday}, weekdays...)
	return func() []time.Weekday {
		return append([]time.Weekday(nil), all...)
	}
}

// DaysOfTheMonth lists the days of the month a monthly job runs on, made by
// NewDaysOfTheMonth.
type DaysOfTheMonth func() days

type days []int

// NewDaysOfTheMonth returns a list of one or more days of the month, in any
// order: 1 to 31 from its beginning, or -1 (the last day) to -31 from its end. A
// month that lacks a day skips it. Any other number is found when the job is
// made, which is then refused with ErrMonthlyJobDays.
func NewDaysOfTheMonth(day int, moreDays ...int) DaysOfTheMonth {
	all := append(days{day}, moreDays...)
	return func() days {
		return append(days(nil), all...)
	}
}

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

// JobType tells the kinds of JobSchedule apart.
type JobType int

// The kinds of jobs, each named after the function that defines it.
const (
	CronJobType JobType = iota
	DurationJobType
	DurationRandomJobType
	DailyJobType
	WeeklyJobType
	MonthlyJobType
	OneTimeJobType
	ScheduleJobType
	AnyOfJobType
	MonthlyWeekdayJobType
	ManualJobType
)

// JobSchedule describes when a job is due: what it was defined with. It is one of AnyOfJobSchedule,
// CronJobSchedule, DailyJobSchedule, DurationJobSchedule, DurationRandomJobSchedule,
// ManualJobSchedule, MonthlyJobSchedule, MonthlyWeekdayJobSchedule, OneTimeJobSchedule,
// ScheduleJobSchedule and WeeklyJobSchedule; a type switch, or JobType, tells which. Slices in it
// belong to the caller.
type JobSchedule interface {
	JobType() JobType
}

// CronJobSchedule describes a job of CronJob.
type CronJobSchedule struct {
	Crontab string // as given
}

// JobType returns CronJobType.
func (c CronJobSchedule) JobType() JobType { return CronJobType }

// DurationJobSchedule describes a job of DurationJob.
type DurationJobSchedule struct {
	Duration time.Duration
}

// JobType returns DurationJobType.
func (d DurationJobSchedule) JobType() JobType { return DurationJobType }

// DurationRandomJobSchedule describes a job of DurationRandomJob.
type DurationRandomJobSchedule struct {
	Min time.Duration
	Max time.Duration
}

// JobType returns DurationRandomJobType.
func (d DurationRandomJobSchedule) JobType() JobType { return DurationRandomJobType }

// DailyJobSchedule describes a job of DailyJob.
type DailyJobSchedule struct {
	// Interval is the number of days from one day with runs to the next.
	Interval uint
	// AtTimes is sorted; see TimeFromAtTime for what its values mean.
	AtTimes []time.Time
}

// JobType returns DailyJobType.
func (d DailyJobSchedule) JobType() JobType { return DailyJobType }

// WeeklyJobSchedule describes a job of WeeklyJob.
type WeeklyJobSchedule struct {
	// Interval is the number of weeks from one week with runs to the next.
	Interval uint
	// DaysOfWeek is sorted.
	DaysOfWeek []time.Weekday
	// AtTimes is sorted; see TimeFromAtTime for what its values mean.
	AtTimes []time.Time
}

// String is the value as fmt prints it, with the names of the days also of those
// beyond time.Saturday.
func (w WeeklyJobSchedule) String() string {
	days := append([]time.Weekday(nil), w.DaysOfWeek...)
	for i, d := range days {
		days[i] = time.Weekday(floorMod(int64(d), 7))
	}
	return fmt.Sprintf("{%d %v %v}", w.Interval, days, w.AtTimes)
}

// JobType returns WeeklyJobType.
func (w WeeklyJobSchedule) JobType() JobType { return WeeklyJobType }

// MonthlyJobSchedule describes a job of MonthlyJob.
type MonthlyJobSchedule struct {
	// Interval is the number of months from one month with runs to the next.
	Interval uint
	// Days counts from the beginning of the month, 1 to 31, sorted.
	Days []int
	// DaysFromEnd counts from the end of the month, -31 to -1 (the last day),
	// sorted.
	DaysFromEnd []int
	// AtTimes is sorted; see TimeFromAtTime for what its values mean.
	AtTimes []time.Time
}

// JobType returns MonthlyJobType.
func (m MonthlyJobSchedule) JobType() JobType { return MonthlyJobType }

// OneTimeJobSchedule describes a job of OneTimeJob.
type OneTimeJobSchedule struct {
	// StartAt holds the times that were in the future when the job was made,
	// sorted; all times for OneTimeJobStartDateTimesOrNow. It is empty for
	// OneTimeJobStartImmediately.
	StartAt []time.Time
}

// JobType returns OneTimeJobType.
func (o OneTimeJobSchedule) JobType() JobType { return OneTimeJobType }

// ScheduleJobSchedule describes a job of ScheduleJob.
type ScheduleJobSchedule struct {
	Schedule Schedule // as given
}

// JobType returns ScheduleJobType.
func (s ScheduleJobSchedule) JobType() JobType { return ScheduleJobType }

// AnyOfJobSchedule describes a job of AnyOf.
type AnyOfJobSchedule struct {
	// Schedules describes the definitions, in the order in which they were given.
	Schedules []JobSchedule
}

// JobType returns AnyOfJobType.
func (a AnyOfJobSchedule) JobType() JobType { return AnyOfJobType }

// MonthlyWeekdayJobSchedule describes a job of MonthlyWeekdayJob.
type MonthlyWeekdayJobSchedule struct {
	// Interval is the number of months from one month with runs to the next.
	Interval uint
	// NthWeekdays has the days counted from the beginning of the month first, then those
	// from its end, each sorted by N and Weekday.
	NthWeekdays []NthWeekday
	// AtTimes is sorted; see TimeFromAtTime for what its values mean.
	AtTimes []time.Time
}

// JobType returns MonthlyWeekdayJobType.
func (m MonthlyWeekdayJobSchedule) JobType() JobType { return MonthlyWeekdayJobType }

// ManualJobSchedule describes a job of ManualJob, which has no times.
type ManualJobSchedule struct{}

// JobType returns ManualJobType.
func (m ManualJobSchedule) JobType() JobType { return ManualJobType }

// keepsOwnPlace reports whether jobs of the definition do not live in the location of their start
// time.
func keepsOwnPlace(definition JobDefinition) bool {
	switch definition.(type) {
	case *cronDefinition, *scheduleDefinition, *anyOfDefinition:
		return true
	}
	return false
}

func neverRuns(why string) error { return fmt.Errorf("%w: %s", ErrJobNeverRuns, why) }

// whyNever says why a plan has no time after anchor.
func whyNever(plan schedule, anchor time.Time) string {
	switch plan := plan.(type) {
	case *dailySchedule:
		if len(plan.times) == 0 {
			return "DailyJob: atTimes names no time"
		}
	case *weeklySchedule:
		if len(plan.times) == 0 {
			return "WeeklyJob: atTimes names no time"
		}
		if len(plan.weekdays) == 0 {
			return "WeeklyJob: daysOfTheWeek names no day"
		}
	case *monthlySchedule:
		shown := plan.public().(MonthlyJobSchedule)
		return whyNoMonth("MonthlyJob", "daysOfTheMonth", shown.Interval, append(shown.Days, shown.DaysFromEnd...), plan.times, anchor)
	case *monthlyWeekdaySchedule:
		return whyNoMonth("MonthlyWeekdayJob", "nthWeekdays", plan.interval, plan.periods.list(), plan.times, anchor)
	}
	return fmt.Sprintf("no time after %s and before the year 10000", timeText(anchor))
}

func whyNoMonth[day any](kind, list string, interval uint, days []day, times timesOfDay, anchor time.Time) string {
	switch {
	case len(times) == 0:
		return kind + ": atTimes names no time"
	case len(days) == 0:
		return kind + ": " + list + " names no day"
	}
	return fmt.Sprintf("%s: no month has a day of %v, every %d months from %s", kind, days, interval, anchor.Format("January 2006"))
}
