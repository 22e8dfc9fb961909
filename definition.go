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
		if len(plan.times) == 0 {
			return "MonthlyJob: atTimes names no time"
		}
		shown := plan.public().(MonthlyJobSchedule)
		if days := append(shown.Days, shown.DaysFromEnd...); len(days) > 0 {
			return fmt.Sprintf("MonthlyJob: no month has a day of %v, every %d months from %s",
				days, plan.interval, anchor.Format("January 2006"))
		}
		return "MonthlyJob: daysOfTheMonth names no day"
	case *monthlyWeekdaySchedule:
		if len(plan.times) == 0 {
			return "MonthlyWeekdayJob: atTimes names no time"
		}
		if days := plan.months.list(); len(days) > 0 {
			return fmt.Sprintf("MonthlyWeekdayJob: no month has a day of %v, every %d months from %s",
				days, plan.interval, anchor.Format("January 2006"))
		}
		return "MonthlyWeekdayJob: nthWeekdays names no day"
	}
	return fmt.Sprintf("no time after %s and before the year 10000", timeText(anchor))
}
