package gocron

import "time"

// DailyJob defines a job that is due every interval days, at each of atTimes. It uses the time zone
// of WithJobLocation, else that of its start time, else the scheduler's. The day on which the job
// starts counts first, with the times that are left of it; then every interval-th day.
//
// To choose which days count, give a past day that does, so that they do not depend on when the
// program was started. With an interval of 2 this counts January 1, 3, 5 and so on, also across
// months:
//
//	WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 1, 0, 0, 0, 0, location)))
//
// When clocks change, WithDaylightSavingsTimePolicy decides about times in the hour that is
// skipped, and WithDaylightSavingsTimeOverlap about times in the hour that is repeated.
//
// It is refused with ErrDailyJobZeroInterval for an interval of 0, ErrDailyJobAtTimesNil,
// ErrDailyJobAtTimeNil for a nil in the list, ErrDailyJobHours or ErrDailyJobMinutesSeconds, and
// with an error that Is ErrJobNeverRuns if atTimes returns no time.
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
