package gocron

import (
	"fmt"
	"strconv"
	"strings"
)

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
	kind := (y + y/4 - y/100 + y/400 + 1) % 7
	if isLeap(year) {
		kind += kindsOfYears / 2
	}
	return kind
}

// openFrom returns the first year at or after year that has a day.
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

// calendarCycle is after how many years the calendar begins anew. The kinds of years at
// a constant step do so after as many steps, or sooner.
const calendarCycle = 400

// readYears reads the field of the year, which is empty if there is none.
func (c *crontabFields) readYears(text string) error {
	c.years = nil
	if text == "" {
		return nil
	}
	f := crontabField{low: firstCrontabYear, high: lastYear, last: lastYear}
	years, all := &yearsSet{}, false
	err := eachPart("year", text, func(part string) error {
		from, to, step, star, err := f.readSpan(part)
		if err != nil {
			return err
		}
		if to > lastYear {
			return fmt.Errorf("the range ends before it begins, allowed are ranges from a lower to a higher year within %s", f.allowed())
		}
		all = all || star && step == 1
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

func (y *yearsSet) String() string {
	var parts []string
	for _, r := range y.written {
		part := formatRange(int(r.first), int(r.last))
		if r.step > 1 {
			part += "/" + strconv.FormatInt(r.step, 10)
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ",")
}
