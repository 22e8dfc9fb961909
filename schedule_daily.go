package gocron

import (
	"fmt"
	"math/bits"
	"sort"
	"time"
)

// DailyJob defines a job that is due every interval days, at each of atTimes. It uses the time zone
// of WithJobLocation, else of its start time, else of the scheduler. The day on which the job
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
	return &dailySchedule{newCalendar(singleDays{}, d.interval, times, cfg)}, nil
}

type dailySchedule struct{ calendar[singleDays] }

func (d *dailySchedule) public() JobSchedule {
	return DailyJobSchedule{Interval: d.interval, AtTimes: d.times.public(d.location)}
}

// singleDays are periods of one day.
type singleDays struct{}

func (singleDays) number(day int64) int64      { return day }
func (singleDays) firstDay(number int64) int64 { return number }
func (singleDays) days(int64) uint64           { return 1 }

// WeeklyJob defines a job that is due every interval weeks, on each of daysOfTheWeek at each of
// atTimes. It uses the time zone of WithJobLocation, else of its start time, else of the
// scheduler. Weeks begin on Sunday or, with WithWeeksFromMonday, on Monday. The week in which the
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
	week := weeks{first: firstSunday}
	if cfg.weeksFromMonday {
		week.first++
	}
	for _, d := range weekdays {
		week.on |= 1 << floorMod(int64(d)-(week.first-firstSunday), 7)
	}
	return &weeklySchedule{newCalendar(week, w.interval, times, cfg), weekdays}, nil
}

type weeklySchedule struct {
	calendar[weeks]
	weekdays []time.Weekday // sorted, as given
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

// A calendar is what daily, weekly and monthly schedules have in common: times of
// day, on some days of every interval-th period.
type calendar[p periods] struct {
	periods  p
	interval uint
	times    timesOfDay
	location *time.Location // of the AtTimes shown to users; next goes by anchor's
	dst      DaylightSavingsTimePolicy
	overlap  DaylightSavingsTimeOverlap
}

func newCalendar[p periods](of p, interval uint, times timesOfDay, cfg scheduleConfig) calendar[p] {
	return calendar[p]{periods: of, interval: interval, times: times, location: cfg.location, dst: cfg.dst, overlap: cfg.overlap}
}

// periods divide the calendar: days, weeks or months, numbered without a gap.
// A day is numbered from 1970-01-01.
type periods interface {
	number(day int64) int64
	firstDay(number int64) int64
	// days returns the days of the period that have runs, its first day in
	// the lowest bit.
	days(number int64) uint64
}

// beyondCalendar is more days than lie between any time and lastYear.
const beyondCalendar = 1 << 24

// maxPeriods bounds the search for a day. Months at a constant interval repeat after as
// many of them as a cycle of the calendar has, or sooner.
const maxPeriods = calendarCycle*12 + 1

// next returns the first instant after t, and after anchor, in the periods that
// are a multiple of interval after the one that anchor lies in.
func (c *calendar[p]) next(anchor, t time.Time) time.Time {
	start := c.periodOf(anchor, anchor.Location())
	clock := wallClock{zone: anchor.Location(), shift: c.dst != DaylightSavingsTimeSkip, overlap: c.overlap}
	return nextOnClock(clock, anchor, t, func(from wall) (wall, bool) {
		return c.firstFrom(start, from)
	})
}

// periodOf returns the period that t lies in.
func (c *calendar[p]) periodOf(t time.Time, zone *time.Location) int64 {
	return c.periods.number(floorDiv(t.Unix()+offsetAt(zone, t.Unix()), secondsPerDay))
}

// firstFrom returns the first wall time at or after from; intervals are counted
// from period start.
func (c *calendar[p]) firstFrom(start int64, from wall) (wall, bool) {
	day, second := floorDiv(from, secondsPerDay), floorMod(from, secondsPerDay)
	for tries := 0; tries < maxPeriods; tries++ {
		number, ok := nextOnGrid(start, c.periods.number(day), c.interval)
		if !ok {
			return 0, false
		}
		first := c.periods.firstDay(number)
		if first > day {
			day, second = first, 0
		}
		for days := c.periods.days(number) >> (day - first); days != 0; days >>= 1 {
			if skip := bits.TrailingZeros64(days); skip > 0 {
				day, second, days = day+int64(skip), 0, days>>skip
			}
			if s, ok := c.times.from(second); ok {
				return day*secondsPerDay + s, true
			}
			day, second = day+1, 0
		}
		day, second = c.periods.firstDay(number+1), 0
	}
	return 0, false
}

// nextOnGrid returns the first of start, start+interval, … that is at or after
// number, and false if that is beyond any calendar.
func nextOnGrid(start, number int64, interval uint) (int64, bool) {
	if number <= start {
		return start, true
	}
	rest := uint64(number-start) % uint64(interval)
	if rest == 0 {
		return number, true
	}
	step := uint64(interval) - rest
	if step > beyondCalendar {
		return 0, false
	}
	return number + int64(step), true
}

// rewind returns a time in the last period before the one of t that is a multiple of interval
// before the one of anchor.
func (c *calendar[p]) rewind(anchor, t time.Time) time.Time {
	zone := anchor.Location()
	start, before := c.periodOf(anchor, zone), c.periodOf(t, zone)-1
	step := int64(min(uint64(c.interval), beyondCalendar))
	start -= (start - before + step - 1) / step * step
	return time.Date(1970, time.January, 1+int(c.periods.firstDay(start)), 12, 0, 0, 0, zone)
}

// timesOfDay are seconds of the day, sorted, duplicates kept.
type timesOfDay []int64

// from returns the first time of day at or after second.
func (t timesOfDay) from(second int64) (int64, bool) {
	i := sort.Search(len(t), func(i int) bool { return t[i] >= second })
	if i == len(t) {
		return 0, false
	}
	return t[i], true
}

// public returns the times of day the way TimeFromAtTime does.
func (t timesOfDay) public(location *time.Location) []time.Time {
	times := make([]time.Time, len(t))
	for i, second := range t {
		times[i] = time.Date(0, 0, 0, 0, 0, int(second), 0, location)
	}
	return times
}

// atTimesErrors are the errors by which one kind of job refuses its AtTimes.
type atTimesErrors struct {
	timesNil, timeNil, hours, minutesSeconds error
}

// evaluate calls the user's functions, each once.
func (e atTimesErrors) evaluate(atTimes AtTimes) (timesOfDay, error) {
	if atTimes == nil {
		return nil, e.timesNil
	}
	var times timesOfDay
	for _, atTime := range atTimes() {
		if atTime == nil {
			return nil, e.timeNil
		}
		at := atTime()
		if at.hours > 23 {
			return nil, fmt.Errorf("%w: it is %s", e.hours, at)
		}
		if at.minutes > 59 || at.seconds > 59 {
			return nil, fmt.Errorf("%w: it is %s", e.minutesSeconds, at)
		}
		times = append(times, at.secondOfDay())
	}
	sort.Slice(times, func(i, j int) bool { return times[i] < times[j] })
	return times, nil
}

// floorDiv is a/b rounded down, for a b above 0.
func floorDiv(a, b int64) int64 {
	q := a / b
	if q*b > a {
		q--
	}
	return q
}

// floorMod is what floorDiv leaves of a.
func floorMod(a, b int64) int64 {
	rest := a % b
	if rest < 0 {
		rest += b
	}
	return rest
}
