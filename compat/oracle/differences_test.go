package oracle

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A difference is a way in which one library reads crontabs otherwise, or not at all.
type difference struct {
	library string
	name    string
	reason  string
	// in tells whether c has what is read otherwise.
	in func(c crontab) bool
	// plain returns a crontab that means the same and is read the same. nil: the
	// library has no words for it.
	plain func(c crontab) crontab
}

func (d difference) key() string { return d.library + ": " + d.name }

// differences is the table of all of them. A difference in no row fails the test, and
// so does a row that no crontab falls in.
var differences = []difference{
	{
		library: "cronexpr", name: "L-n", reason: "not known to it",
		in: anyPart(dates, isFromEnd),
	},
	{
		library: "cronexpr", name: "years from 2100 on", reason: "its list of years ends at 2099",
		in: func(c crontab) bool {
			return slices.ContainsFunc(c.year, func(part string) bool { return strings.Contains(part, "2") && lateYear(part) })
		},
	},
	{
		library: "cronexpr", name: "*/1 in a day", reason: "it counts as restricted; here, and in robfig/cron, as a star",
		in: anySpan(dayFields, func(_ field, s span) bool { return s.star && s.stepped && s.step == 1 }), plain: starsAlone,
	},
	{
		library: "cronexpr", name: "range that wraps", reason: "its mistake: accepted, and nothing is in it; for months it crashes",
		in: anySpan(allFields, wraps), plain: writtenOut,
	},
	{
		library: "cronexpr", name: "range to Sunday", reason: "its mistake: Sunday is taken for Saturday at the end of a range",
		in: anySpan(weekdayField, func(_ field, s span) bool { return !s.single && !s.open && !s.star && s.to%7 == 0 }), plain: writtenOut,
	},
	{
		library: "cronexpr", name: "zero before a weekday", reason: "its mistake: 01 to 06 are accepted and read as Sunday",
		in: anyPart(weekdays, zeroBeforeDigit.MatchString), plain: withoutZeros,
	},
	{
		library: "cronexpr", name: "step of the field's size", reason: "refused; here it leaves the first number",
		in: anySpan(allFields, func(f field, s span) bool { return s.stepped && s.step > f.high }), plain: writtenOut,
	},
	{
		library: "cronexpr", name: "? with a step", reason: "refused; here ? is another way to write *",
		in: anyQuestion, plain: writtenOut,
	},
	{
		library: "go-cron", name: "5L", reason: "it writes 5#L",
		in: anyPart(weekdays, isLastWeekday), plain: withHashL,
	},
	{
		library: "go-cron", name: "step as long as the range", reason: "refused; here it leaves the first number",
		in: anySpan(allFields, func(f field, s span) bool { return s.stepped && s.step > 1 && f.size(s) <= s.step }), plain: writtenOut,
	},
	{
		library: "go-cron", name: "n/s in the weekday", reason: "goes on to 7, which is Sunday again; here it ends at 6",
		in: anySpan(weekdayField, func(_ field, s span) bool { return s.open }), plain: writtenOut,
	},
	{
		library: "go-cron", name: "weekdays that wrap with a step", reason: "its mistake: it counts eight days in a week",
		in: anySpan(weekdayField, func(f field, s span) bool { return s.step > 1 && wraps(f, s) }), plain: writtenOut,
	},
	{
		library: "go-cron", name: "*/s in the year", reason: "refused",
		in: anySpan(yearField, func(_ field, s span) bool { return s.star && s.stepped }), plain: yearRanges,
	},
	{
		library: "go-cron", name: "n/s in the year", reason: "its mistake: the one year alone, as elsewhere it goes on to the end",
		in: anySpan(yearField, func(_ field, s span) bool { return s.open }), plain: yearRanges,
	},
	{
		library: "gronx", name: "L-n", reason: "not known to it",
		in: anyPart(dates, isFromEnd),
	},
	{
		library: "gronx", name: "LW", reason: "not known to it",
		in: anyPart(dates, func(part string) bool { return strings.EqualFold(part, "LW") }),
	},
	{
		library: "gronx", name: "*/n beside another day", reason: "both days must fit, as in crontab(5); here either is enough",
		in:    anySpan(dayFields, func(_ field, s span) bool { return s.star && s.step > 1 }),
		plain: writtenOut,
	},
	{
		library: "gronx", name: "star in a list of days", reason: "its mistake: a star that is not the first part of a list counts as restricted",
		in: func(c crontab) bool { return starInList(c.date) || starInList(c.weekday) }, plain: starsAlone,
	},
	{
		library: "gronx", name: "range that wraps", reason: "refused",
		in: anySpan(allFields, wraps), plain: writtenOut,
	},
	{
		library: "gronx", name: "? with a step", reason: "refused; here ? is another way to write *",
		in: anyQuestion, plain: writtenOut,
	},
	{
		library: "gronx", name: "*/s in the year", reason: "counts from the year 0; here from 1970, the lowest, as in every field",
		in: anySpan(yearField, func(_ field, s span) bool { return s.star && s.stepped }), plain: yearRanges,
	},
}

var (
	allFields    = []string{"date", "month", "weekday"}
	dayFields    = []string{"date", "weekday"}
	weekdayField = []string{"weekday"}
	yearField    = []string{"year"}
)

func (c *crontab) lists() map[string]*[]string {
	return map[string]*[]string{"date": &c.date, "month": &c.month, "weekday": &c.weekday, "year": &c.year}
}

var fieldsByName = map[string]field{"date": dates, "month": months, "weekday": weekdays, "year": years}

func anyPart(f field, is func(part string) bool) func(crontab) bool {
	return func(c crontab) bool { return slices.ContainsFunc(*c.lists()[f.name], is) }
}

func anySpan(names []string, is func(field, span) bool) func(crontab) bool {
	return func(c crontab) bool {
		for _, name := range names {
			f := fieldsByName[name]
			if anyPart(f, func(part string) bool { s, ok := f.span(part); return ok && is(f, s) })(c) {
				return true
			}
		}
		return false
	}
}

func anyQuestion(c crontab) bool {
	for _, list := range c.lists() {
		if slices.ContainsFunc(*list, func(part string) bool { return strings.HasPrefix(part, "?/") }) {
			return true
		}
	}
	return false
}

func isFromEnd(part string) bool { return strings.HasPrefix(strings.ToUpper(part), "L-") }

func isLastWeekday(part string) bool {
	return strings.HasSuffix(strings.ToUpper(part), "L") && !strings.Contains(part, "#")
}

func wraps(_ field, s span) bool { return s.from > s.to }

// size is how many numbers lie in s.
func (f field) size(s span) int {
	if s.from > s.to {
		return s.to - s.from + 1 + f.high - f.low + 1
	}
	return s.to - s.from + 1
}

func lateYear(part string) bool {
	s, ok := years.span(part)
	return ok && (s.from >= 2100 || !s.open && !s.star && s.to >= 2100)
}

func starInList(list []string) bool {
	return len(list) > 1 && slices.ContainsFunc(list, func(part string) bool { return part == "*" || part == "?" || part == "*/1" || part == "?/1" })
}

// mapParts rewrites each part of numbers of some fields.
func mapParts(c crontab, names []string, write func(f field, part string, s span) []string) crontab {
	for _, name := range names {
		f, list := fieldsByName[name], c.lists()[name]
		var parts []string
		for _, part := range *list {
			if s, ok := f.span(part); ok {
				parts = append(parts, write(f, part, s)...)
			} else {
				parts = append(parts, part)
			}
		}
		*list = parts
	}
	return c
}

// writtenOut lists numbers one by one, in place of ranges and steps.
func writtenOut(c crontab) crontab {
	return mapParts(starsAlone(c), allFields, func(f field, part string, s span) []string {
		if s.star && s.step == 1 {
			return []string{"*"}
		}
		return f.writtenOut(s)
	})
}

// starsAlone leaves of a list with a star the star.
func starsAlone(c crontab) crontab {
	for _, name := range allFields {
		f, list := fieldsByName[name], c.lists()[name]
		for _, part := range *list {
			if s, ok := f.span(part); ok && s.star && s.step == 1 {
				*list = []string{"*"}
				break
			}
		}
	}
	return c
}

var zeroBeforeDigit = regexp.MustCompile(`\b0[1-6]`)

func withoutZeros(c crontab) crontab {
	c.weekday = slices.Clone(c.weekday)
	for i, part := range c.weekday {
		c.weekday[i] = zeroBeforeDigit.ReplaceAllStringFunc(part, func(n string) string { return n[1:] })
	}
	return c
}

func withHashL(c crontab) crontab {
	c.weekday = slices.Clone(c.weekday)
	for i, part := range c.weekday {
		if isLastWeekday(part) {
			c.weekday[i] = part[:len(part)-1] + "#L"
		}
	}
	return c
}

// yearRanges gives years with a step both ends.
func yearRanges(c crontab) crontab {
	return mapParts(c, yearField, func(f field, part string, s span) []string {
		if !s.stepped {
			return []string{part}
		}
		return []string{fmt.Sprintf("%d-%d/%d", s.from, s.to, s.step)}
	})
}
