package gocron

import (
	"fmt"
	"time"
)

// MonthlyJob defines a job that is due every interval months, on each of daysOfTheMonth at each of
// atTimes. It uses the time zone of WithJobLocation, else that of its start time, else the
// scheduler's. The month in which the job starts counts first, with the times that are left of it;
// then every interval-th month. Months without the day are skipped.
//
// To choose which months count, give a past day in one that does, so that they do not depend on
// when the program was started. With an interval of 3 this counts January, April, July and October:
//
//	WithStartAt(WithStartDateTimePast(time.Date(2026, time.January, 1, 0, 0, 0, 0, location)))
//
// When clocks change, WithDaylightSavingsTimePolicy decides about times in the hour that is
// skipped, and WithDaylightSavingsTimeOverlap about times in the hour that is repeated.
//
// It is refused with ErrMonthlyJobZeroInterval for an interval of 0, ErrMonthlyJobDaysNil,
// ErrMonthlyJobDays, ErrMonthlyJobAtTimesNil, ErrMonthlyJobAtTimeNil for a nil in the list,
// ErrMonthlyJobHours or ErrMonthlyJobMinutesSeconds, and with an error that Is ErrJobNeverRuns if
// there is never such a day (the 31st every 12 months from April) or atTimes returns no time.
func MonthlyJob(interval uint, daysOfTheMonth DaysOfTheMonth, atTimes AtTimes) JobDefinition {
	return &monthlyDefinition{interval: interval, daysOfTheMonth: daysOfTheMonth, atTimes: atTimes}
}

type monthlyDefinition struct {
	interval       uint
	daysOfTheMonth DaysOfTheMonth
	atTimes        AtTimes
}

func (m *monthlyDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if m.interval == 0 {
		return nil, ErrMonthlyJobZeroInterval
	}
	if m.daysOfTheMonth == nil {
		return nil, ErrMonthlyJobDaysNil
	}
	var months months
	for _, day := range m.daysOfTheMonth() {
		switch {
		case 1 <= day && day <= 31:
			months.fromBegin |= 1 << (day - 1)
		case -31 <= day && day <= -1:
			months.fromEnd |= 1 << (31 + day)
		default:
			return nil, fmt.Errorf("%w: one is %d", ErrMonthlyJobDays, day)
		}
	}
	times, err := atTimesErrors{
		timesNil:       ErrMonthlyJobAtTimesNil,
		timeNil:        ErrMonthlyJobAtTimeNil,
		hours:          ErrMonthlyJobHours,
		minutesSeconds: ErrMonthlyJobMinutesSeconds,
	}.evaluate(m.atTimes)
	if err != nil {
		return nil, err
	}
	return &monthlySchedule{newCalendar(m.interval, times, cfg), months}, nil
}

type monthlySchedule struct {
	calendar
	months months
}

func (m *monthlySchedule) next(anchor, t time.Time) time.Time {
	return m.calendar.next(anchor, t, &m.months)
}

func (m *monthlySchedule) public() JobSchedule {
	s := MonthlyJobSchedule{Interval: m.interval, AtTimes: m.times.public(m.location)}
	for i := 0; i < 31; i++ {
		if m.months.fromBegin&(1<<i) != 0 {
			s.Days = append(s.Days, i+1)
		}
		if m.months.fromEnd&(1<<i) != 0 {
			s.DaysFromEnd = append(s.DaysFromEnd, i-31)
		}
	}
	return s
}

// months are the months of the calendar, number 0 being January of year 0.
type months struct {
	fromBegin uint64 // the days with runs, the 1st in the lowest bit
	fromEnd   uint64 // more of them, for a month of 31 days
}

// A year that begins with March has the day of a leap year at its end: marchYear0 is the first day
// of such a year 0, and beforeMonth what comes in it before each month.
const marchYear0 = -719468

var beforeMonth = [12]int64{0, 31, 61, 92, 122, 153, 184, 214, 245, 275, 306, 337}

func (m months) number(day int64) int64 {
	// 4,800 months have 146,097 days. Counted from a March, no month begins more than two days before
	// its even share of them, or more than three after: this is the month of day, or the next.
	number := floorDiv((day-marchYear0+2)*4800, 146097) + 2
	if m.firstDay(number) > day {
		number--
	}
	return number
}

func (months) firstDay(number int64) int64 {
	year, month := floorDiv(number-2, 12), floorMod(number-2, 12)
	return marchYear0 + year*365 + floorDiv(year, 4) - floorDiv(year, 100) + floorDiv(year, 400) + beforeMonth[month]
}

// length is how many days the month has.
func (months) length(number int64) int64 {
	return daysInMonth(floorMod(number, 12)+1, isLeap(floorDiv(number, 12)))
}

func (m months) days(number int64) uint64 {
	n := m.length(number)
	return m.fromBegin&(1<<n-1) | m.fromEnd>>(31-n)
}
