package gocron

import (
	"errors"
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// crontabFields are bit sets, bit n for the number n.
type crontabFields struct {
	second, minute, hour, date, month, weekday uint64
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
	low, high int
	names     string // three letters for each number from low on; empty: none
	of        func(*crontabFields) *uint64
}

// crontabLine are the fields in the order in which they are written.
var crontabLine = [...]crontabField{
	{"second", 0, 59, "", func(f *crontabFields) *uint64 { return &f.second }},
	{"minute", 0, 59, "", func(f *crontabFields) *uint64 { return &f.minute }},
	{"hour", 0, 23, "", func(f *crontabFields) *uint64 { return &f.hour }},
	{"day of the month", 1, 31, "", func(f *crontabFields) *uint64 { return &f.date }},
	{"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec", func(f *crontabFields) *uint64 { return &f.month }},
	{"day of the week", 0, 6, "sunmontuewedthufrisat", func(f *crontabFields) *uint64 { return &f.weekday }},
}

// read reads the fields of a line, seconds in front if they are given.
func (c *crontabFields) read(fields []string, withSeconds bool) error {
	line := crontabLine[1:]
	if withSeconds && len(fields) == len(crontabLine) {
		line = crontabLine[:]
	}
	if len(fields) != len(line) {
		return fieldCountError(fields, withSeconds)
	}
	c.second = 1
	for i := range line {
		set, err := line[i].read(fields[i])
		if err != nil {
			return err
		}
		*line[i].of(c) = set
	}
	if minute := fields[len(fields)-5]; strings.Contains(minute, ",") || minute[0] != '*' && minute[0] != '?' {
		c.minute &^= starBit
	} else {
		c.minute |= starBit
	}
	return nil
}

func fieldCountError(fields []string, withSeconds bool) error {
	const five = "5 (minute, hour, day of the month, month, day of the week)"
	allowed, cure := five, ""
	if withSeconds {
		allowed = five + ", or 6 with the second in front"
	}
	switch {
	case len(fields) > 0 && namesZone(fields[0]):
		cure = "; TZ= and CRON_TZ= must stand at the very beginning"
	case len(fields) == 6 && !withSeconds:
		cure = "; if the first is for seconds, set withSeconds"
	}
	return fmt.Errorf("it has %d fields, allowed are %s%s", len(fields), allowed, cure)
}

// read returns the numbers that text, a list of parts, stands for.
func (f *crontabField) read(text string) (uint64, error) {
	var set uint64
	for rest, more := text, true; more; {
		var part string
		part, rest, more = strings.Cut(rest, ",")
		if part == "" {
			return 0, fmt.Errorf("%s %s: a comma must stand between two parts", f.name, quoted(text))
		}
		numbers, err := f.readPart(part)
		if err != nil {
			return 0, fmt.Errorf("%s %s: %w", f.name, quoted(part), err)
		}
		set |= numbers
	}
	return set, nil
}

// readPart reads a star, a number or a range, each with a step or without.
func (f *crontabField) readPart(part string) (uint64, error) {
	base, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		n, ok := parseDigits(stepText)
		if size := f.high - f.low + 1; !ok || n < 1 || n > size {
			return 0, fmt.Errorf("the step %s is not allowed, allowed are 1 to %d", quoted(stepText), size)
		}
		step = n
	}
	if base == "*" || base == "?" {
		set := numbersFrom(f.low, f.high, step)
		if step == 1 {
			set |= starBit
		}
		return set, nil
	}
	from, to, err := f.readRange(base)
	if err != nil {
		return 0, err
	}
	if stepped && !strings.Contains(base, "-") {
		to = f.high
	}
	return numbersFrom(from, to, step), nil
}

// readRange reads "a-b", or "a", which is a range of one.
func (f *crontabField) readRange(text string) (from, to int, err error) {
	low, high, isRange := strings.Cut(text, "-")
	if isRange && (low == "*" || low == "?") {
		return 0, 0, errors.New("* and ? stand for all numbers, so no range may begin with them")
	}
	if from, err = f.readNumber(low); err != nil || !isRange {
		return from, from, err
	}
	if to, err = f.readNumber(high); err != nil {
		return 0, 0, err
	}
	if from > to {
		return 0, 0, fmt.Errorf("the range ends before it begins, allowed are ranges from lower to higher within %s", f.allowed())
	}
	return from, to, nil
}

func (f *crontabField) readNumber(text string) (int, error) {
	for i := 0; i < len(f.names) && len(text) == 3; i += 3 {
		if strings.EqualFold(text, f.names[i:i+3]) {
			return f.low + i/3, nil
		}
	}
	n, ok := parseDigits(text)
	if !ok {
		return 0, fmt.Errorf("%s is not a number, allowed are %s%s", quoted(text), f.allowed(), f.cure(text))
	}
	if n < f.low || n > f.high {
		return 0, fmt.Errorf("%s is out of range, allowed are %s%s", quoted(text), f.allowed(), f.cure(text))
	}
	return n, nil
}

func (f *crontabField) allowed() string {
	numbers := fmt.Sprintf("%d to %d", f.low, f.high)
	if f.names == "" {
		return numbers
	}
	return numbers + " and " + f.names[:3] + " to " + f.names[len(f.names)-3:]
}

// cure says what is likely to be meant by text.
func (f *crontabField) cure(text string) string {
	switch {
	case text == "":
		return ""
	case f.high == 6 && text == "7":
		return "; Sunday is 0"
	case strings.ContainsAny(text, "LlWw#") && strings.Trim(text, "0123456789LlWw#") == "":
		return "; L, W and # are not supported, a MonthlyJob counts days from the end of the month"
	}
	return ""
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

func numbersFrom(from, to, step int) (set uint64) {
	for n := from; n <= to; n += step {
		set |= 1 << n
	}
	return set
}

// String returns six fields that read as c.
func (c *crontabFields) String() string {
	var b strings.Builder
	for i := range crontabLine {
		if i > 0 {
			b.WriteByte(' ')
		}
		f := &crontabLine[i]
		b.WriteString(f.format(*f.of(c)))
	}
	return b.String()
}

func (f *crontabField) format(set uint64) string {
	numbers := set & everyBit
	if set&starBit != 0 {
		return f.formatStar(numbers)
	}
	var parts []string
	for numbers != 0 {
		from := bits.TrailingZeros64(numbers)
		to := from + bits.TrailingZeros64(^(numbers >> from)) - 1
		part := strconv.Itoa(from)
		if to > from {
			part += "-" + strconv.Itoa(to)
		}
		parts = append(parts, part)
		numbers &^= 1<<(to+1) - 1
	}
	return strings.Join(parts, ",")
}

// formatStar returns a star with the step that makes it numbers.
func (f *crontabField) formatStar(numbers uint64) string {
	step := f.high - f.low + 1
	if rest := numbers &^ (1 << f.low); rest != 0 {
		step = bits.TrailingZeros64(rest) - f.low
	}
	if step == 1 {
		return "*"
	}
	return "*/" + strconv.Itoa(step)
}
