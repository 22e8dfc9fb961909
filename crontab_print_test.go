package gocron

import (
	"fmt"
	"math/bits"
	"strconv"
	"strings"
)

// String returns a crontab with seconds that reads as c: the reader is checked with it.
func (c *crontab) String() string {
	var b strings.Builder
	if c.zone != nil {
		b.WriteString("CRON_TZ=" + c.zone.String() + " ")
	}
	if c.every > 0 {
		b.WriteString(everyWord + c.every.String())
	} else {
		b.WriteString(c.fields.String())
	}
	return b.String()
}

// String returns six fields, or seven, that read as c.
func (c *crontabFields) String() string {
	var fields []string
	for i := range crontabLine {
		f := &crontabLine[i]
		parts := f.format(*f.set(c))
		switch f.set(c) {
		case &c.date:
			parts = append(parts, c.formatDateForms()...)
		case &c.weekday:
			parts = append(parts, c.formatWeekdayForms()...)
		}
		fields = append(fields, strings.Join(parts, ","))
	}
	if c.years != nil {
		fields = append(fields, c.years.String())
	}
	return strings.Join(fields, " ")
}

func (f *crontabField) format(set uint64) (parts []string) {
	numbers := set & everyBit
	if set&starBit != 0 {
		return []string{f.formatStar(numbers)}
	}
	for numbers != 0 {
		from := bits.TrailingZeros64(numbers)
		to := from + bits.TrailingZeros64(^(numbers >> from)) - 1
		parts = append(parts, formatRange(from, to))
		numbers &^= 1<<(to+1) - 1
	}
	return parts
}

func formatRange(from, to int) string {
	if from == to {
		return strconv.Itoa(from)
	}
	return strconv.Itoa(from) + "-" + strconv.Itoa(to)
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

func (c *crontabFields) formatDateForms() (parts []string) {
	for set := c.fromEnd; set != 0; set &= set - 1 {
		part := "L"
		if n := bits.TrailingZeros64(set); n > 0 {
			part = fmt.Sprintf("L-%d", n)
		}
		parts = append(parts, part)
	}
	for set := c.nearest; set != 0; set &= set - 1 {
		part := "LW"
		if n := bits.TrailingZeros64(set); n > 0 {
			part = fmt.Sprintf("%dW", n)
		}
		parts = append(parts, part)
	}
	return parts
}

func (c *crontabFields) formatWeekdayForms() (parts []string) {
	for set := c.weekdays; set != 0; set &= set - 1 {
		week, day := bits.TrailingZeros64(set)/7, bits.TrailingZeros64(set)%7
		part := fmt.Sprintf("%dL", day)
		if week != lastWeek {
			part = fmt.Sprintf("%d#%d", day, week+1)
		}
		parts = append(parts, part)
	}
	return parts
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
