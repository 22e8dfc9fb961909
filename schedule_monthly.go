package gocron

import (
	"fmt"
	"math/bits"
	"sort"
	"time"
)

// MonthlyJob defines a job that is due every interval months, on each of daysOfTheMonth at each of
// atTimes. It uses the time zone of WithJobLocation, else of its start time, else of the
// scheduler. The month in which the job starts counts first, with the times that are left of it;
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
	var month datedMonths
	for _, day := range m.daysOfTheMonth() {
		switch {
		case 1 <= day && day <= 31:
			month.fromBegin |= 1 << (day - 1)
		case -31 <= day && day <= -1:
			month.fromEnd |= 1 << (31 + day)
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
	return &monthlySchedule{newCalendar(month, m.interval, times, cfg)}, nil
}

type monthlySchedule struct{ calendar[datedMonths] }

func (m *monthlySchedule) public() JobSchedule {
	s := MonthlyJobSchedule{Interval: m.interval, AtTimes: m.times.public(m.location)}
	for i := 0; i < 31; i++ {
		if m.periods.fromBegin&(1<<i) != 0 {
			s.Days = append(s.Days, i+1)
		}
		if m.periods.fromEnd&(1<<i) != 0 {
			s.DaysFromEnd = append(s.DaysFromEnd, i-31)
		}
	}
	return s
}

// MonthlyWeekdayJob defines a job that is due every interval months, on each of nthWeekdays, such
// as the second Tuesday, at each of atTimes. It uses the time zone of WithJobLocation, else of
// its start time, else of the scheduler. The month in which the job starts counts first, with the
// times that are left of it; then every interval-th month. Months without a fifth weekday are
// skipped. WithStartDateTimePast chooses which months count: see MonthlyJob.
//
// When clocks change, WithDaylightSavingsTimePolicy decides about times in the hour that is
// skipped, and WithDaylightSavingsTimeOverlap about times in the hour that is repeated.
//
// It is refused with an error that Is ErrOptionValue for an interval of 0, nil nthWeekdays or
// atTimes, a nil in the list of times, and values out of range. The error Is ErrJobNeverRuns if
// nthWeekdays returns no day, atTimes no time, or there is never such a day.
func MonthlyWeekdayJob(interval uint, nthWeekdays NthWeekdays, atTimes AtTimes) JobDefinition {
	return &monthlyWeekdayDefinition{interval: interval, nthWeekdays: nthWeekdays, atTimes: atTimes}
}

// NthWeekday is a day of the month, such as its second Tuesday.
type NthWeekday struct {
	// N is 1 to 5 counted from the beginning of the month, -1 (the last) to -5 from its
	// end.
	N int
	// Weekday is time.Sunday to time.Saturday.
	Weekday time.Weekday
}

// String is the day in words, such as "2nd Tuesday" or "last Friday".
func (n NthWeekday) String() string {
	if n.N == -1 {
		return "last " + n.Weekday.String()
	}
	if n.N < 0 {
		return ordinal(-n.N) + " to last " + n.Weekday.String()
	}
	return ordinal(n.N) + " " + n.Weekday.String()
}

// ordinal returns 1st, 2nd, 3rd, 4th, and so on.
func ordinal(n int) string {
	suffix := "th"
	if tens := n / 10 % 10; tens != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}

// NthWeekdays lists the days that a job of MonthlyWeekdayJob runs on. It is called
// once for each job made from it. Any function that returns a list serves, such as one
// for the first and the third Monday.
type NthWeekdays func() []NthWeekday

// NewNthWeekdays returns a list of the n-th of one or more days of the week: n is 1 to 5
// counted from the beginning of the month, -1 (the last) to -5 from its end. A day named
// twice counts once. Values out of range are found when the job is made, which is then
// refused with an error that Is ErrOptionValue.
func NewNthWeekdays(n int, weekday time.Weekday, weekdays ...time.Weekday) NthWeekdays {
	all := []NthWeekday{{n, weekday}}
	for _, d := range weekdays {
		all = append(all, NthWeekday{n, d})
	}
	return func() []NthWeekday {
		return append([]NthWeekday(nil), all...)
	}
}

type monthlyWeekdayDefinition struct {
	interval    uint
	nthWeekdays NthWeekdays
	atTimes     AtTimes
}

func (m *monthlyWeekdayDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if m.interval == 0 {
		return nil, optionValueError("MonthlyWeekdayJob interval", m.interval, "1 or more")
	}
	if m.nthWeekdays == nil {
		return nil, optionValueError("MonthlyWeekdayJob nthWeekdays", "nil", "a list by NewNthWeekdays")
	}
	var month weekdayMonths
	for _, nth := range m.nthWeekdays() {
		if err := month.add(nth); err != nil {
			return nil, err
		}
	}
	times, err := monthlyWeekdayAtTimes.evaluate(m.atTimes)
	if err != nil {
		return nil, err
	}
	return &monthlyWeekdaySchedule{newCalendar(month, m.interval, times, cfg)}, nil
}

var monthlyWeekdayAtTimes = atTimesErrors{
	timesNil:       optionValueError("MonthlyWeekdayJob atTimes", "nil", "a list by NewAtTimes"),
	timeNil:        optionValueError("MonthlyWeekdayJob atTimes: time", "nil", "a time by NewAtTime"),
	hours:          fmt.Errorf("%w: MonthlyWeekdayJob atTimes: hours must be 0 to 23", ErrOptionValue),
	minutesSeconds: fmt.Errorf("%w: MonthlyWeekdayJob atTimes: minutes and seconds must be 0 to 59", ErrOptionValue),
}

type monthlyWeekdaySchedule struct{ calendar[weekdayMonths] }

func (m *monthlyWeekdaySchedule) public() JobSchedule {
	return MonthlyWeekdayJobSchedule{
		Interval:    m.interval,
		NthWeekdays: m.periods.list(),
		AtTimes:     m.times.public(m.location),
	}
}

// months are the months of the calendar, number 0 being January of year 0.
type months struct{}

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

func isLeap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysInMonth(month int64, leapYear bool) int64 {
	switch month {
	case 2:
		if leapYear {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	}
	return 31
}

// calendarCycle is after how many years the calendar begins anew.
const calendarCycle = 400

// datedMonths are the months of the calendar with days that are named by their date.
type datedMonths struct {
	months
	fromBegin uint64 // the days with runs, the 1st in the lowest bit
	fromEnd   uint64 // more of them, for a month of 31 days
}

func (m datedMonths) days(number int64) uint64 {
	n := m.length(number)
	return m.fromBegin&(1<<n-1) | m.fromEnd>>(31-n)
}

// weekdayMonths are the months of the calendar with days that are named by their weekday.
type weekdayMonths struct {
	months
	fromBegin uint64 // the days with runs, see weekdayBit
	fromEnd   uint64 // more of them: week 0 has the last of each weekday
}

// weekdayBit is the bit of a weekday in a set of weekdays of the month. Week 0 has the first
// of each weekday, week 4 the fifth. In a crontab lastWeek has the last.
func weekdayBit(week, weekday int64) uint64 { return 1 << (week*7 + weekday) }

const lastWeek = 5

func (m *weekdayMonths) add(nth NthWeekday) error {
	if nth.Weekday < time.Sunday || nth.Weekday > time.Saturday {
		return optionValueError("MonthlyWeekdayJob weekday", int(nth.Weekday), "time.Sunday (0) to time.Saturday (6)")
	}
	switch n := nth.N; {
	case 1 <= n && n <= 5:
		m.fromBegin |= weekdayBit(int64(n)-1, int64(nth.Weekday))
	case -5 <= n && n <= -1:
		m.fromEnd |= weekdayBit(int64(-n)-1, int64(nth.Weekday))
	default:
		return optionValueError("MonthlyWeekdayJob n", n, "1 to 5 or, counted from the end of the month, -1 to -5")
	}
	return nil
}

func (m weekdayMonths) days(number int64) (days uint64) {
	first, n := m.firstDay(number), m.length(number)
	days = weeksFrom(m.fromBegin, weekdayOf(first))
	last := weekdayOf(first + n - 1)
	eachWeekday(m.fromEnd, func(week, weekday int64) {
		if i := n - 1 - week*7 - floorMod(last-weekday, 7); i >= 0 {
			days |= 1 << i
		}
	})
	return days & (1<<n - 1)
}

// weekdayOf returns the weekday of a day.
func weekdayOf(day int64) int64 { return floorMod(day-firstSunday, 7) }

const (
	oneWeek   = 1<<7 - 1
	everyWeek = 1 | 1<<7 | 1<<14 | 1<<21 | 1<<28 // times the bits of a week: five weeks of them
)

// weeksFrom makes of weeks that begin with Sunday, seven bits each, weeks that begin with
// weekday. No bit leaves its week.
func weeksFrom(weeks uint64, weekday int64) uint64 {
	begin := (uint64(oneWeek) >> weekday) * everyWeek
	return weeks>>weekday&begin | weeks<<(7-weekday)&^begin
}

// eachWeekday calls f for every weekdayBit of set.
func eachWeekday(set uint64, f func(week, weekday int64)) {
	for ; set != 0; set &= set - 1 {
		bit := int64(bits.TrailingZeros64(set))
		f(bit/7, bit%7)
	}
}

// list returns the days from the beginning of the month and then those from its end,
// each sorted by n and weekday.
func (m weekdayMonths) list() []NthWeekday {
	list := []NthWeekday{}
	eachWeekday(m.fromBegin, func(week, weekday int64) {
		list = append(list, NthWeekday{int(week) + 1, time.Weekday(weekday)})
	})
	begin := len(list)
	eachWeekday(m.fromEnd, func(week, weekday int64) {
		list = append(list, NthWeekday{-int(week) - 1, time.Weekday(weekday)})
	})
	fromEnd := list[begin:]
	sort.SliceStable(fromEnd, func(i, j int) bool { return fromEnd[i].N < fromEnd[j].N })
	return list
}
