package gocron

import (
	"errors"
	"fmt"
	"math/bits"
	"strings"
	"time"
)

// readDateForm reads L, L-n, LW and nW.
func (c *crontabFields) readDateForm(_ *crontabField, part string) error {
	form := strings.ToUpper(part)
	switch form {
	case "L":
		c.fromEnd |= 1
		return nil
	case "LW":
		c.nearest |= 1
		return nil
	}
	set, text, highest := &c.nearest, strings.TrimSuffix(form, "W"), 31
	if strings.HasPrefix(form, "L-") {
		set, text, highest = &c.fromEnd, form[2:], 30
	}
	n, ok := parseDigits(text)
	if !ok || n < 1 || n > highest {
		cure := ""
		if strings.Trim(form, "0123456789") == "L" {
			cure = "; 5L for the last Friday is for the day of the week"
		}
		return errors.New("with L and W, allowed are L, L-1 to L-30, LW, and 1W to 31W, without a step or a range" + cure)
	}
	*set |= 1 << n
	return nil
}

// readWeekdayForm reads dL and d#n.
func (c *crontabFields) readWeekdayForm(f *crontabField, part string) error {
	day, nth, numbered := strings.Cut(part, "#")
	week := lastWeek
	if numbered {
		n, ok := parseDigits(nth)
		if !ok || n < 1 || n > 5 {
			return errors.New("# is allowed between a day and a number from 1 to 5, as in 5#2, without a step or a range")
		}
		week = n - 1
	} else {
		day = part[:len(part)-1]
		if day == "" || !strings.ContainsAny(part[len(day):], "Ll") {
			return errors.New("an L is allowed after a day, as in 5L for the last Friday, without a step or a range; " +
				"L alone is for the day of the month")
		}
	}
	weekday, err := f.readNumber(day, f.last)
	if err != nil {
		return err
	}
	c.weekdays |= weekdayBit(int64(week), int64(weekday%7))
	return nil
}

const (
	allHours = 1<<24 - 1

	// maxMonths bounds the search for a day. What comes most seldom is a fifth weekday
	// in February: within 40 years.
	maxMonths = 40*12 + 1
)

// realTime tells whether the wall times differ in no way from plain instants: in
// every hour, or as often as the minutes of a star come.
func (c *crontabFields) realTime() bool {
	return c.hour&allHours == allHours || c.minute&starBit != 0
}

// firstFrom returns the first wall time at or after from.
func (c *crontabFields) firstFrom(from wall) (wall, bool) {
	day, second := floorDiv(from, secondsPerDay), floorMod(from, secondsPerDay)
	second, ok := c.firstSecond(second)
	if !ok {
		day++
	}
	on, found := c.firstDay(day)
	if !ok || on > day {
		second, _ = c.firstSecond(0)
	}
	return on*secondsPerDay + second, found
}

// firstDay returns the first day at or after day, both numbered from 1970-01-01.
func (c *crontabFields) firstDay(day int64) (int64, bool) {
	number := months{}.number(day)
	if c.years == nil {
		return c.firstDayWithin(number, maxMonths, day)
	}
	for {
		// Of an open year no more than the first may have no day left.
		year, ok := c.years.openFrom(floorDiv(number, 12))
		if !ok {
			return 0, false
		}
		end := year*12 + 12
		number = max(number, year*12)
		if on, ok := c.firstDayWithin(number, end-number, day); ok {
			return on, true
		}
		number = end
	}
}

// firstDayWithin is firstDay within n months, whatever their year.
func (c *crontabFields) firstDayWithin(number, n, day int64) (int64, bool) {
	var calendar months
	end := number + n
	for number = c.firstMonth(number); number < end; number = c.firstMonth(number + 1) {
		first := calendar.firstDay(number)
		days := c.daysOf(weekdayOf(first), calendar.length(number))
		if first < day {
			days &= everyBit << (day - first)
		}
		if days != 0 {
			return first + int64(bits.TrailingZeros64(days)), true
		}
	}
	return 0, false
}

// firstMonth returns the first month at or after number that the field of the month names.
func (c *crontabFields) firstMonth(number int64) int64 {
	named, month := c.month>>1, floorMod(number, 12)
	return number + int64(bits.TrailingZeros64(named>>month|named<<(12-month)))
}

// daysOf returns the days of a month of n days of which the first is a weekday, the 1st
// in the lowest bit.
func (c *crontabFields) daysOf(weekday, n int64) uint64 {
	byWeekday, byDate := c.daysByWeekday(weekday, n), c.daysByDate(weekday, n)
	if (c.date|c.weekday)&starBit != 0 {
		return byDate & byWeekday
	}
	return byDate | byWeekday
}

// daysByWeekday is daysOf by the field of the weekday alone.
func (c *crontabFields) daysByWeekday(weekday, n int64) uint64 {
	if c.weekday&starBit != 0 {
		return 1<<n - 1
	}
	days := weeksFrom(c.weekday*everyWeek|c.weekdays, weekday) & (1<<n - 1)
	last := weeksFrom(c.weekdays>>(7*lastWeek), (weekday+n)%7) & oneWeek
	return days | last<<(n-7)
}

// daysByDate is daysOf by the field of the day of the month alone.
func (c *crontabFields) daysByDate(weekday, n int64) uint64 {
	days := c.date >> 1 & (1<<n - 1)
	days |= bits.Reverse64(c.fromEnd) >> (64 - n)
	for set := c.nearest & (1<<(n+1) - 1); set != 0; set &= set - 1 {
		date := int64(bits.TrailingZeros64(set))
		if date == 0 {
			date = n
		}
		days |= 1 << (nearestWeekday(weekday, n, date) - 1)
	}
	return days
}

// nearestWeekday returns the date, in a month of n days of which the first is a
// weekday, of the day from Monday to Friday that is nearest to date.
func nearestWeekday(weekday, n, date int64) int64 {
	switch time.Weekday((weekday + date - 1) % 7) {
	case time.Saturday:
		if date == 1 {
			return 3
		}
		return date - 1
	case time.Sunday:
		if date == n {
			return date - 2
		}
		return date + 1
	}
	return date
}

// firstSecond returns the first second of the day at or after second: in its hour, or at
// the beginning of the next hour that the field names.
func (c *crontabFields) firstSecond(second int64) (int64, bool) {
	hour := second / 3600
	if c.hour>>hour&1 != 0 {
		if s, ok := c.firstSecondOfHour(second % 3600); ok {
			return hour*3600 + s, true
		}
	}
	if hour = firstBit(c.hour, hour+1); hour < 0 {
		return 0, false
	}
	s, _ := c.firstSecondOfHour(0)
	return hour*3600 + s, true
}

// firstSecondOfHour is firstSecond within one hour.
func (c *crontabFields) firstSecondOfHour(second int64) (int64, bool) {
	minute := second / 60
	if c.minute>>minute&1 != 0 {
		if s := firstBit(c.second, second%60); s >= 0 {
			return minute*60 + s, true
		}
	}
	if minute = firstBit(c.minute, minute+1); minute < 0 {
		return 0, false
	}
	return minute*60 + firstBit(c.second, 0), true
}

// firstBit returns the lowest number from the given one on that is in set, or -1.
func firstBit(set uint64, from int64) int64 {
	set &= everyBit << from & everyBit
	if set == 0 {
		return -1
	}
	return int64(bits.TrailingZeros64(set))
}

const firstCrontabYear = 1970

// A yearRange is every step-th year.
type yearRange struct{ first, last, step int64 }

// from returns the first year at or after year.
func (r yearRange) from(year int64) (int64, bool) {
	if year <= r.first {
		return r.first, true
	}
	year += floorMod(r.first-year, r.step)
	return year, year <= r.last
}

type yearRanges []yearRange

// from returns the first year at or after year.
func (list yearRanges) from(year int64) (first int64, ok bool) {
	for _, r := range list {
		if y, found := r.from(year); found && (!ok || y < first) {
			first, ok = y, true
		}
	}
	return first, ok
}

// A yearsSet is what the field of the year says.
type yearsSet struct {
	written yearRanges
	open    uint16 // the kinds of years, see kindOf, that have a day of the other fields
}

// kindsOfYears is how many there are: the days of a year depend on no more than its first
// weekday and its length.
const kindsOfYears = 14

func kindOf(year int64) int64 {
	y := year - 1
	kind := (y + y/4 - y/100 + y/400 + 1) % 7 // the weekday of January 1
	if isLeap(year) {
		kind += kindsOfYears / 2
	}
	return kind
}

// openFrom returns the first year at or after year that has a day. Years at a constant step
// repeat after calendarCycle steps, or sooner.
func (y *yearsSet) openFrom(year int64) (first int64, ok bool) {
	for _, r := range y.written {
		at, found := r.from(year)
		for tries := 0; found && (!ok || at < first) && tries < calendarCycle; tries++ {
			if y.open&(1<<kindOf(at)) != 0 {
				first, ok = at, true
			}
			at, found = r.from(at + 1)
		}
	}
	return first, ok
}

// readYears reads the field of the year, which is empty if there is none.
func (c *crontabFields) readYears(text string) error {
	if text == "" {
		return nil
	}
	f := crontabField{low: firstCrontabYear, high: lastYear, last: lastYear}
	years, all := &yearsSet{}, false
	err := eachPart("year", text, func(part string) error {
		from, to, step, every, err := f.readSpan(part)
		if err != nil {
			return err
		}
		if to > lastYear {
			return fmt.Errorf("the range ends before it begins, allowed are ranges from a lower to a higher year within %s", f.allowed())
		}
		all = all || every
		if from == to {
			step = 1 // with another, the year alone would print as one to begin with
		}
		years.written = append(years.written, yearRange{int64(from), int64(to), int64(step)})
		return nil
	})
	if err == nil && !all {
		years.open = c.openKinds()
		c.years = years
	}
	return err
}

// openKinds returns the kinds of years that have a day.
func (c *crontabFields) openKinds() (open uint16) {
	for kind := int64(0); kind < kindsOfYears; kind++ {
		weekday := kind % 7
		for month := int64(1); month <= 12; month++ {
			n := daysInMonth(month, kind >= kindsOfYears/2)
			if c.month&(1<<month) != 0 && c.daysOf(weekday, n) != 0 {
				open |= 1 << kind
				break
			}
			weekday = (weekday + n) % 7
		}
	}
	return open
}
