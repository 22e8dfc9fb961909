package gocron

import (
	"fmt"
	"time"
)

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
