package gocron

import (
	"fmt"
	"sort"
	"time"
)

// WeeklyJob defines a job that runs every interval weeks, on each of
// daysOfTheWeek at each of atTimes, in the location of WithJobLocation, else of its start
// time, else of the scheduler. Weeks begin on Sunday, or with WithWeeksFromMonday on
// Monday. The week it starts in counts first: what is left of it, then every
// interval-th week.
//
// For weeks that do not depend on when the program was started, give a past day of a
// week that counts: with
// WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 5, 0, 0, 0, 0, location)))
// an interval of 2 counts every second week from that of January 5, 2026.
//
// A time of day that does not exist or comes twice on a day that clocks are
// changed on is treated as WithDaylightSavingsTimePolicy and
// WithDaylightSavingsTimeOverlap say.
//
// It is refused with ErrWeeklyJobZeroInterval, ErrWeeklyJobDaysOfTheWeekNil,
// ErrWeeklyJobAtTimesNil, ErrWeeklyJobAtTimeNil (a nil in the list),
// ErrWeeklyJobHours or ErrWeeklyJobMinutesSeconds; with an error, too, if
// daysOfTheWeek returns no day or atTimes no time.
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
