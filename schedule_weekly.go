package gocron

import (
	"fmt"
	"sort"
	"time"
)

// WeeklyJob defines a job that is due every interval weeks, on each of daysOfTheWeek at each of
// atTimes. It uses the time zone of WithJobLocation, else that of its start time, else the
// scheduler's. Weeks begin on Sunday or, with WithWeeksFromMonday, on Monday. The week in which the
// job starts counts first, with the times that are left of it; then every interval-th week.
//
// To choose which weeks count, give a past day in one that does, so that they do not depend on when
// the program was started. With an interval of 2 this counts the week of January 5, 2026, and every
// second week after it:
//
//	WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 5, 0, 0, 0, 0, location)))
//
// When clocks change, WithDaylightSavingsTimePolicy decides about times in the hour that is
// skipped, and WithDaylightSavingsTimeOverlap about times in the hour that is repeated.
//
// It is refused with ErrWeeklyJobZeroInterval for an interval of 0, ErrWeeklyJobDaysOfTheWeekNil,
// ErrWeeklyJobAtTimesNil, ErrWeeklyJobAtTimeNil for a nil in the list, ErrWeeklyJobHours or
// ErrWeeklyJobMinutesSeconds, and with an error that Is ErrJobNeverRuns if daysOfTheWeek returns no
// day or atTimes no time.
func WeeklyJob(interval uint, daysOfTheWeek Weekdays, atTimes AtTimes) JobDefinition {
	return &weeklyDefinition{interval: interval, weekdays: daysOfTheWeek, atTimes: atTimes}
}

type weeklyDefinition struct {
	interval uint
	weekdays Weekdays
	atTimes  AtTimes
}

func (w *weeklyDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if w.interval == 0 {
		return nil, ErrWeeklyJobZeroInterval
	}
	if w.weekdays == nil {
		return nil, ErrWeeklyJobDaysOfTheWeekNil
	}
	times, err := atTimesErrors{
		timesNil:       ErrWeeklyJobAtTimesNil,
		timeNil:        ErrWeeklyJobAtTimeNil,
		hours:          ErrWeeklyJobHours,
		minutesSeconds: ErrWeeklyJobMinutesSeconds,
	}.evaluate(w.atTimes)
	if err != nil {
		return nil, err
	}
	weekdays := append([]time.Weekday(nil), w.weekdays()...)
	for _, d := range weekdays {
		if d < 0 {
			return nil, neverRuns(fmt.Sprintf("WeeklyJob: weekday %d is negative, allowed: 0 (Sunday) to 6 (Saturday)", int(d)))
		}
	}
	sort.Slice(weekdays, func(i, j int) bool { return weekdays[i] < weekdays[j] })
	s := &weeklySchedule{calendar: newCalendar(w.interval, times, cfg), weekdays: weekdays, weeks: weeks{first: firstSunday}}
	if cfg.weeksFromMonday {
		s.weeks.first++
	}
	for _, d := range weekdays {
		s.weeks.on |= 1 << floorMod(int64(d)-(s.weeks.first-firstSunday), 7)
	}
	return s, nil
}

type weeklySchedule struct {
	calendar
	weekdays []time.Weekday // sorted, as given
	weeks    weeks
}

func (w *weeklySchedule) next(anchor, t time.Time) time.Time {
	return w.calendar.next(anchor, t, &w.weeks)
}

func (w *weeklySchedule) public() JobSchedule {
	return WeeklyJobSchedule{
		Interval:   w.interval,
		DaysOfWeek: append([]time.Weekday(nil), w.weekdays...),
		AtTimes:    w.times.public(w.location),
	}
}

// weeks are periods of seven days. Number 0 begins on day first.
type weeks struct {
	first int64
	on    uint64 // the days with runs, that of first in the lowest bit
}

// firstSunday is the Sunday before day 0, a Thursday.
const firstSunday = -4

func (w weeks) number(day int64) int64      { return floorDiv(day-w.first, 7) }
func (w weeks) firstDay(number int64) int64 { return number*7 + w.first }
func (w weeks) days(int64) uint64           { return w.on }
