package gocron

import (
	"errors"
	"fmt"
	"strings"
)

// crontabFields are bit sets, bit n for the number n where nothing else is said.
type crontabFields struct {
	second, minute, hour, date, month, weekday uint64

	fromEnd  uint64    // days of the month from its end: 0 is the last, 1 the one before
	nearest  uint64    // the weekday nearest to a date; 0 is that nearest to the last day
	weekdays uint64    // weekdays of the month, see weekdayBit
	years    *yearsSet // nil: every year
}

const (
	// starBit in date and weekday: the field is not restricted. In minute: it is
	// written as a star, alone or with a step.
	starBit  = 1 << 63
	everyBit = starBit - 1
)

// A crontabField says what may be written in one field.
type crontabField struct {
	name      string
	word      string // stands for the field in the hash of H
	low, high int
	last      int    // the highest number alone or at the end of a range: 7 is Sunday again
	names     string // three letters for each number from low on; empty: none
	set       func(*crontabFields) *uint64
	// readForm reads a part with one of formLetters in it, which stands for days that
	// differ from month to month.
	formLetters string
	readForm    func(c *crontabFields, f *crontabField, part string) error
}

// crontabLine are the fields in the order in which they are written, but for the
// year, which comes last.
var crontabLine = [...]crontabField{
	{name: "second", word: "second", high: 59, last: 59, set: func(c *crontabFields) *uint64 { return &c.second }},
	{name: "minute", word: "minute", high: 59, last: 59, set: func(c *crontabFields) *uint64 { return &c.minute }},
	{name: "hour", word: "hour", high: 23, last: 23, set: func(c *crontabFields) *uint64 { return &c.hour }},
	{name: "day of the month", word: "day", low: 1, high: 31, last: 31, set: func(c *crontabFields) *uint64 { return &c.date },
		formLetters: "LlWw", readForm: (*crontabFields).readDateForm},
	{name: "month", word: "month", low: 1, high: 12, last: 12, names: "janfebmaraprmayjunjulaugsepoctnovdec",
		set: func(c *crontabFields) *uint64 { return &c.month }},
	{name: "day of the week", word: "weekday", high: 6, last: 7, names: "sunmontuewedthufrisat",
		set: func(c *crontabFields) *uint64 { return &c.weekday }, formLetters: "Ll#", readForm: (*crontabFields).readWeekdayForm},
}

// read reads the fields of a line, which may have seconds in front and a year at
// the end if withSeconds is set. jobName is for H, and empty where H is refused.
func (c *crontabFields) read(fields []string, withSeconds bool, jobName string) error {
	line, year := crontabLine[:], ""
	switch n := len(fields); {
	case n == 5:
		line, c.second = crontabLine[1:], 1
	case n == 6 && withSeconds:
	case n == 7 && withSeconds:
		fields, year = fields[:6], fields[6]
	default:
		return fieldCountError(fields, withSeconds)
	}
	for i, text := range fields {
		if err := line[i].read(c, text, jobName); err != nil {
			return err
		}
	}
	c.normalize(fields[len(fields)-5])
	return c.readYears(year)
}

// normalize drops what a star makes needless, and notes whether minute, the text of
// that field, is a star.
func (c *crontabFields) normalize(minute string) {
	if c.date&starBit != 0 {
		c.fromEnd, c.nearest = 0, 0
	}
	if c.weekday&starBit != 0 {
		c.weekdays = 0
	}
	for _, set := range []*uint64{&c.second, &c.minute, &c.hour, &c.month} {
		*set &= everyBit
	}
	if (minute[0] == '*' || minute[0] == '?') && !strings.Contains(minute, ",") {
		c.minute |= starBit
	}
}

func fieldCountError(fields []string, withSeconds bool) error {
	const five = "5 (minute, hour, day of the month, month, day of the week)"
	allowed, cure := five, ""
	if withSeconds {
		allowed = five + ", 6 with the second in front, or 7 with the year at the end, too"
	}
	switch n := len(fields); {
	case n > 0 && namesZone(fields[0]):
		cure = "; TZ= and CRON_TZ= must stand at the very beginning"
	case n == 6 && !withSeconds:
		cure = "; if the first is for seconds, set withSeconds"
	case n == 7 && !withSeconds:
		cure = "; if the first is for seconds and the last for years, set withSeconds"
	}
	return fmt.Errorf("it has %d fields, allowed are %s%s", len(fields), allowed, cure)
}

// read adds to c what text, a list of parts, stands for.
func (f *crontabField) read(c *crontabFields, text, jobName string) error {
	return eachPart(f.name, text, func(part string) error {
		if f.readForm != nil && strings.ContainsAny(part, f.formLetters) {
			return f.readForm(c, f, part)
		}
		var numbers uint64
		var err error
		if part[0] == 'H' {
			numbers, err = f.readHash(part, jobName)
		} else {
			numbers, err = f.readPart(part)
		}
		*f.set(c) |= numbers
		return err
	})
}

// eachPart calls read for every part of a list.
func eachPart(field, text string, read func(part string) error) error {
	for rest, more := text, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, ",")
		if part == "" {
			return fmt.Errorf("%s %s: a comma must stand between two parts", field, quoted(text))
		}
		if err := read(part); err != nil {
			return fmt.Errorf("%s %s: %w", field, quoted(part), err)
		}
	}
	return nil
}

// readPart reads a star, a number or a range, each with a step or without.
func (f *crontabField) readPart(part string) (uint64, error) {
	from, to, step, all, err := f.readSpan(part)
	if err != nil {
		return 0, err
	}
	set := f.numbers(from, to, step)
	if all {
		set |= starBit
	}
	return set, nil
}

// readSpan reads what readPart does as the numbers from one to another. A range
// that wraps ends beyond the highest number. All: it is a star without a step.
func (f *crontabField) readSpan(part string) (from, to, step int, all bool, err error) {
	base, stepText, stepped := strings.Cut(part, "/")
	if step, err = readStep(stepText, stepped, f.size()); err != nil {
		return 0, 0, 0, false, err
	}
	low, high, isRange := strings.Cut(base, "-")
	if low == "*" || low == "?" {
		if isRange {
			err = errors.New("* and ? stand for all numbers, so no range may begin with them")
		}
		return f.low, f.high, step, step == 1, err
	}
	switch {
	case isRange:
		if from, err = f.readNumber(low, f.high); err == nil {
			to, err = f.readNumber(high, f.last)
		}
	case stepped:
		from, err = f.readNumber(low, f.high)
		to = f.high
	default:
		from, err = f.readNumber(low, f.last)
		to = from
	}
	if from > to {
		to += f.size()
	}
	return from, to, step, false, err
}

func readStep(text string, given bool, size int) (int, error) {
	if !given {
		return 1, nil
	}
	n, ok := parseDigits(text)
	if !ok || n < 1 || n > size {
		return 0, fmt.Errorf("the step %s is not allowed, allowed are 1 to %d", quoted(text), size)
	}
	return n, nil
}

func (f *crontabField) readNumber(text string, highest int) (int, error) {
	for i := 0; i < len(f.names) && len(text) == 3; i += 3 {
		if strings.EqualFold(text, f.names[i:i+3]) {
			return f.low + i/3, nil
		}
	}
	n, ok := parseDigits(text)
	switch {
	case !ok:
		return 0, fmt.Errorf("%s is not a number, allowed are %s%s", quoted(text), f.allowed(), formCure(text))
	case n > highest && n == f.last:
		return 0, fmt.Errorf("%s is Sunday only alone or at the end of a range, elsewhere Sunday is 0", quoted(text))
	case n < f.low || n > highest:
		return 0, fmt.Errorf("%s is out of range, allowed are %s", quoted(text), f.allowed())
	}
	return n, nil
}

// size is how many numbers the field has.
func (f *crontabField) size() int { return f.high - f.low + 1 }

func (f *crontabField) allowed() string {
	numbers := fmt.Sprintf("%d to %d", f.low, f.last)
	if f.names == "" {
		return numbers
	}
	return numbers + " and " + f.names[:3] + " to " + f.names[len(f.names)-3:]
}

// formCure says which field takes what text looks like.
func formCure(text string) string {
	if strings.ContainsAny(text, "LlWw#") && strings.Trim(text, "0123456789LlWw#") == "" {
		return "; L, L-3, LW and 15W are for the day of the month, 5L and 5#2 for the day of the week"
	}
	return ""
}

// numbers returns every step-th number, beginning again at the lowest.
func (f *crontabField) numbers(from, to, step int) (set uint64) {
	for n := from; n <= to; n += step {
		if n > f.high {
			set |= 1 << (n - f.size())
		} else {
			set |= 1 << n
		}
	}
	return set
}

// parseDigits reads a number of digits alone. One that is too large for any use
// is returned as some other that is.
func parseDigits(s string) (n int, ok bool) {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+int(s[i]-'0'), 1e6)
	}
	return n, s != ""
}

// lastHashedDay is the last day of the month that every month has.
const lastHashedDay = 28

// readHash reads H, H/n, H(a-b) and H(a-b)/n: numbers that the name of the job
// decides. What they are for a name must never change.
func (f *crontabField) readHash(part, jobName string) (uint64, error) {
	if jobName == "" {
		return 0, errors.New("the job's name decides what H is, so the job needs WithName; NewDefaultCron knows no names and refuses H")
	}
	base, stepText, stepped := strings.Cut(part, "/")
	from, to := f.low, f.high
	if f.word == "day" {
		to = lastHashedDay
	}
	if base != "H" {
		var err error
		if from, to, err = f.readHashRange(base); err != nil {
			return 0, err
		}
	}
	step, err := readStep(stepText, stepped, to-from+1)
	if err != nil {
		return 0, err
	}
	if !stepped {
		n := from + f.hash(jobName, to-from+1)
		return f.numbers(n, n, 1), nil
	}
	return f.numbers(from+f.hash(jobName, step), to, step), nil
}

// readHashRange reads what follows H in parentheses.
func (f *crontabField) readHashRange(base string) (from, to int, err error) {
	inside, opened := strings.CutPrefix(base, "H(")
	inside, closed := strings.CutSuffix(inside, ")")
	low, high, isRange := strings.Cut(inside, "-")
	if !opened || !closed || !isRange {
		return 0, 0, errors.New("with H, allowed are H, H/n, H(a-b) and H(a-b)/n")
	}
	if from, err = f.readNumber(low, f.high); err != nil {
		return 0, 0, err
	}
	if to, err = f.readNumber(high, f.last); err != nil {
		return 0, 0, err
	}
	if from > to {
		return 0, 0, errors.New("the range of H must not end before it begins")
	}
	return from, to, nil
}

// hash returns a number below n that the job's name and the field decide.
func (f *crontabField) hash(jobName string, n int) int {
	return int(fnv1a(fnvOffset, jobName+"\x00"+f.word) % uint64(n))
}

// longestQuote is how much of a user's text an error repeats, in bytes.
const longestQuote = 80

func quoted(s string) string {
	if len(s) <= longestQuote {
		return fmt.Sprintf("%q", s)
	}
	end := longestQuote
	for end > longestQuote-4 && s[end]&0xC0 == 0x80 {
		end-- // to the beginning of a character
	}
	return fmt.Sprintf("%q…", s[:end])
}
