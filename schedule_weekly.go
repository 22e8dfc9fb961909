package gocron

import (
	"fmt"
	"sort"
	"time"
)

// WeeklyJob defines a job that runs every interval weeks, on each of
// daysOfTheWeek at each of atTimes, in the location of WithJobLocation, else of
// its start time, else of the scheduler. Weeks begin on Sunday. The week it starts in
// counts first: what is left of it, then every interval-th week.
//
// A time of day that does not exist or comes twice on a day that clocks are
// changed on is treated as WithDaylightSavingsTimePolicy says.
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
	return &weeklySchedule{newCalendar(w.interval, times, cfg), weekdays}, nil
}

type weeklySchedule struct {
	calendar
	weekdays []time.Weekday // sorted, as given
}

func (w *weeklySchedule) next(anchor, t time.Time) time.Time {
	var weeks weeks
	for _, d := range w.weekdays {
		weeks |= 1 << floorMod(int64(d), 7)
	}
	return w.calendar.next(anchor, t, weeks)
}

func (w *weeklySchedule) public() JobSchedule {
	return WeeklyJobSchedule{
		Interval:   w.interval,
		DaysOfWeek: append([]time.Weekday(nil), w.weekdays...),
		AtTimes:    w.times.public(w.location),
	}
}

// weeks are periods of seven days from Sunday; the value says which have runs.
type weeks uint8

// firstSunday is the day before day 0, a Thursday, that week 0 begins with.
const firstSunday = -4

func (weeks) number(day int64) int64      { return floorDiv(day-firstSunday, 7) }
func (weeks) firstDay(number int64) int64 { return number*7 + firstSunday }
func (w weeks) days(int64) uint64         { return uint64(w) }
