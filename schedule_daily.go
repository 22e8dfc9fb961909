package gocron

import "time"

// DailyJob defines a job that runs every interval days, at each of atTimes in
// the location of WithJobLocation, else of its start time, else of the scheduler. The day
// it starts on counts first: what is left of it, then every interval-th day.
//
// For days that do not depend on when the program was started, give a past day that
// counts: with
// WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 1, 0, 0, 0, 0, location)))
// an interval of 2 counts January 1, 3, 5 and so on, also over the end of a month.
//
// A time of day that does not exist or comes twice on a day that clocks are
// changed on is treated as WithDaylightSavingsTimePolicy and
// WithDaylightSavingsTimeOverlap say.
//
// It is refused with ErrDailyJobAtTimesNil, ErrDailyJobAtTimeNil (a nil in the
// list), ErrDailyJobHours, ErrDailyJobMinutesSeconds or, for an interval of 0,
// ErrDailyJobZeroInterval; with an error, too, if atTimes returns no time.
func DailyJob(interval uint, atTimes AtTimes) JobDefinition {
	return &dailyDefinition{interval: interval, atTimes: atTimes}
}

type dailyDefinition struct {
	interval uint
	atTimes  AtTimes
}

func (d *dailyDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	times, err := atTimesErrors{
		timesNil:       ErrDailyJobAtTimesNil,
		timeNil:        ErrDailyJobAtTimeNil,
		hours:          ErrDailyJobHours,
		minutesSeconds: ErrDailyJobMinutesSeconds,
	}.evaluate(d.atTimes)
	if err != nil {
		return nil, err
	}
	if d.interval == 0 {
		return nil, ErrDailyJobZeroInterval
	}
	return &dailySchedule{newCalendar(d.interval, times, cfg)}, nil
}

type dailySchedule struct{ calendar }

func (d *dailySchedule) next(anchor, t time.Time) time.Time {
	return d.calendar.next(anchor, t, singleDays{})
}

func (d *dailySchedule) public() JobSchedule {
	return DailyJobSchedule{Interval: d.interval, AtTimes: d.times.public(d.location)}
}

// singleDays are periods of one day.
type singleDays struct{}

func (singleDays) number(day int64) int64      { return day }
func (singleDays) firstDay(number int64) int64 { return number }
func (singleDays) days(int64) uint64           { return 1 }
