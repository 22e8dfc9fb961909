package gocron

import (
	"fmt"
	"math/bits"
	"strings"
)

const (
	firstCrontabYear = 1970
	crontabYears     = lastYear - firstCrontabYear + 1
)

// yearBits are the years from firstCrontabYear on.
type yearBits [(crontabYears + 63) / 64]uint64

func (y *yearBits) has(year int) bool {
	i := year - firstCrontabYear
	return y[i/64]&(1<<(i%64)) != 0
}

func (y *yearBits) add(year int) {
	i := year - firstCrontabYear
	y[i/64] |= 1 << (i % 64)
}

// from returns the first year at or after year.
func (y *yearBits) from(year int64) (int64, bool) {
	i := max(year-firstCrontabYear, 0)
	if i >= crontabYears {
		return 0, false
	}
	mask := ^uint64(0) << (i % 64)
	for w := i / 64; w < int64(len(y)); w++ {
		if set := y[w] & mask; set != 0 {
			return firstCrontabYear + w*64 + int64(bits.TrailingZeros64(set)), true
		}
		mask = ^uint64(0)
	}
	return 0, false
}

// A yearsSet is what the field of the year says.
type yearsSet struct {
	written yearBits
	open    yearBits // those of them that have a day of the other fields
}

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
		for n := from; n <= to; n += step {
			years.written.add(n)
		}
		return nil
	})
	if err == nil && !all {
		c.openYears(years)
		c.years = years
	}
	return err
}

// openYears finds the years that have a day. The days of a year depend on no more than
// its first weekday and its length.
func (c *crontabFields) openYears(years *yearsSet) {
	var calendar months
	var known, open [2][7]bool
	for year, ok := years.written.from(firstCrontabYear); ok; year, ok = years.written.from(year + 1) {
		first := calendar.firstDay(year * 12)
		long := calendar.firstDay(year*12+12) - first - 365
		weekday := floorMod(first-firstSunday, 7)
		if !known[long][weekday] {
			known[long][weekday] = true
			_, open[long][weekday] = c.firstDayWithin(year*12, 12, first)
		}
		if open[long][weekday] {
			years.open.add(int(year))
		}
	}
}

func (y *yearsSet) String() string {
	var parts []string
	for from, ok := y.written.from(firstCrontabYear); ok; {
		to := int(from)
		for to < lastYear && y.written.has(to+1) {
			to++
		}
		parts = append(parts, formatRange(int(from), to))
		from, ok = y.written.from(int64(to) + 1)
	}
	return strings.Join(parts, ",")
}
