package oracle

import (
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"strings"
)

// A crontab has lists of parts in the fields that name days.
type crontab struct {
	date, month, weekday []string
	year                 []string // empty: no such field
}

// seven writes c with seven fields: its days at noon.
func (c crontab) seven() string {
	year := "*"
	if len(c.year) > 0 {
		year = strings.Join(c.year, ",")
	}
	return c.six() + " " + year
}

func (c crontab) six() string {
	return "0 0 12 " + strings.Join(c.date, ",") + " " + strings.Join(c.month, ",") + " " + strings.Join(c.weekday, ",")
}

func (c crontab) String() string {
	if len(c.year) == 0 {
		return c.six()
	}
	return c.seven()
}

// crontabOf reads the last fields of a line, without times of day.
func crontabOf(days string) crontab {
	var lists [4][]string
	for i, field := range strings.Fields(days) {
		lists[i] = strings.Split(field, ",")
	}
	return crontab{date: lists[0], month: lists[1], weekday: lists[2], year: lists[3]}
}

// A field says what numbers are allowed in one field.
type field struct {
	name      string
	low, high int
	names     []string
}

var (
	dates    = field{name: "date", low: 1, high: 31}
	months   = field{"month", 1, 12, strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec")}
	weekdays = field{"weekday", 0, 6, strings.Fields("sun mon tue wed thu fri sat")}
	years    = field{name: "year", low: 1970, high: 9999}
)

// A span is a part of numbers.
type span struct {
	from, to, step int
	star           bool // written as * or ?
	single         bool // one number
	stepped        bool
	open           bool // a number with a step: to the end of the field
}

// span reads a part, and says no to those with letters of their own.
func (f field) span(part string) (s span, ok bool) {
	base, step, stepped := strings.Cut(part, "/")
	s = span{step: 1, stepped: stepped}
	if stepped {
		s.step, _ = strconv.Atoi(step)
	}
	if base == "*" || base == "?" {
		s.star, s.from, s.to = true, f.low, f.high
		return s, true
	}
	low, high, ranged := strings.Cut(base, "-")
	if s.from, ok = f.number(low); !ok {
		return s, false
	}
	s.to, s.single = s.from, true
	switch {
	case ranged:
		s.single = false
		s.to, ok = f.number(high)
	case stepped:
		s.single, s.open, s.to = false, true, f.high
	}
	return s, ok
}

func (f field) number(text string) (int, bool) {
	if i := slices.Index(f.names, strings.ToLower(text)); i >= 0 {
		return f.low + i, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}

// writtenOut are the numbers of a part, one by one.
func (f field) writtenOut(s span) (list []string) {
	size := f.high - f.low + 1
	if s.to < s.from {
		s.to += size
	}
	for n := s.from; n <= s.to; n += s.step {
		list = append(list, strconv.Itoa(f.low+(n-f.low)%size))
	}
	return list
}

// writer makes crontabs at random.
type writer struct{ *rand.Rand }

func (w writer) number(f field) string {
	n := f.low + w.Intn(f.high-f.low+1)
	if f.names != nil && w.Intn(3) == 0 {
		name := f.names[n-f.low]
		return []string{name, strings.ToUpper(name), strings.ToUpper(name[:1]) + name[1:]}[w.Intn(3)]
	}
	if w.Intn(6) == 0 {
		return fmt.Sprintf("%02d", n)
	}
	return strconv.Itoa(n)
}

func (w writer) letters(s string) string {
	if w.Intn(4) == 0 {
		return strings.ToLower(s)
	}
	return s
}

// numbers writes a number, a range or a star, with a step or without.
func (w writer) numbers(f field) string {
	part := w.number(f)
	switch w.Intn(8) {
	case 0:
		part = "*"
	case 1:
		part = "?"
	case 2, 3:
		last := w.number(f)
		if f.name == "weekday" && w.Intn(3) == 0 {
			last = "7"
		}
		part += "-" + last
	case 4:
		if f.name == "weekday" {
			return "7"
		}
	}
	if w.Intn(4) == 0 {
		part += fmt.Sprintf("/%d", 1+w.Intn(f.high-f.low+1))
	}
	return part
}

func (w writer) date() string {
	n := 1 + w.Intn(31)
	switch w.Intn(8) {
	case 0:
		return w.letters("L")
	case 1:
		return w.letters(fmt.Sprintf("L-%d", min(n, 30)))
	case 2:
		return w.letters("LW")
	case 3, 4:
		return w.letters(fmt.Sprintf("%dW", n))
	}
	return w.numbers(dates)
}

func (w writer) weekday() string {
	day := w.number(weekdays)
	if w.Intn(7) == 0 {
		day = "7"
	}
	switch w.Intn(5) {
	case 0:
		return day + w.letters("L")
	case 1, 2:
		return fmt.Sprintf("%s#%d", day, 1+w.Intn(5))
	}
	return w.numbers(weekdays)
}

// year writes years near first.
func (w writer) year(first int) string {
	n := first + w.Intn(10)
	step := 1 + w.Intn(5)
	switch w.Intn(6) {
	case 0:
		return fmt.Sprintf("%d-%d", n, n+w.Intn(5))
	case 1:
		return fmt.Sprintf("%d-%d/%d", max(n-5, firstYear), n+5, step)
	case 2:
		return fmt.Sprintf("*/%d", step)
	case 3:
		return fmt.Sprintf("%d/%d", max(n-3, firstYear), step)
	}
	return strconv.Itoa(n)
}

func (w writer) list(part func() string) (parts []string) {
	for len(parts) == 0 || w.Intn(4) == 0 {
		parts = append(parts, part())
	}
	return parts
}

// crontab writes one whose years, if it has any, are near first.
func (w writer) crontab(first int) crontab {
	star := []string{"*"}
	c := crontab{date: star, month: star, weekday: star}
	which := w.Intn(3)
	if which != 0 {
		c.date = w.list(w.date)
	}
	if which != 1 {
		c.weekday = w.list(w.weekday)
	}
	if w.Intn(3) == 0 {
		c.month = w.list(func() string { return w.numbers(months) })
	}
	if w.Intn(3) == 0 {
		c.year = w.list(func() string { return w.year(first) })
	}
	return c
}
