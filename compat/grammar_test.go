package compat

import (
	"fmt"
	"math/rand"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// A crontabField is a field of a crontab, in what both sides read.
type crontabField struct {
	low, high int
	names     []string // of the numbers from low on
}

var (
	sixty    = crontabField{low: 0, high: 59}
	hours    = crontabField{low: 0, high: 23}
	days     = crontabField{low: 1, high: 31}
	months   = crontabField{1, 12, strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec")}
	weekdays = crontabField{0, 6, strings.Fields("sun mon tue wed thu fri sat")}
)

// rewrite gives half of the cases another crontab, in all ways of writing that both sides read.
func rewrite(r *rand.Rand, c *spec.Case) {
	if chance(r, 50) || strings.HasPrefix(c.Crontab, "@every") {
		return
	}
	for {
		tab, seconds := written(r)
		rewritten := *c
		rewritten.Crontab, rewritten.Seconds = tab, seconds
		table, err := parse(rewritten)
		if err != nil {
			panic(tab + ": " + err.Error())
		}
		if table == nil || !table.Next(time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)).IsZero() {
			*c = rewritten
			return
		}
	}
}

func written(r *rand.Rand) (tab string, seconds bool) {
	parts := []string{sixty.often(r), hours.often(r), days.often(r), months.often(r), weekdays.often(r)}
	if chance(r, 3) { // leap days, which may be eight years apart
		parts = []string{sixty.number(r, r.Intn(60)), hours.number(r, r.Intn(24)), "29", months.number(r, 2), "*"}
	}
	if seconds = chance(r, 30); seconds && chance(r, 80) {
		parts = append([]string{sixty.list(r)}, parts...)
	}
	zone := ""
	if chance(r, 20) {
		zone = oneOf(r, "CRON_TZ=", "TZ=") + oneOf(r, zones[:16]...) + " "
	}
	tab = parts[0]
	for _, part := range parts[1:] {
		tab += oneOf(r, " ", " ", " ", "  ", "\t", " \t ") + part
	}
	if zone == "" {
		tab = oneOf(r, "", "", "", " ", "\t", "\n") + tab
	}
	return zone + tab + oneOf(r, "", "", "", " ", "\t", "\n"), seconds
}

// often leaves the field as free as most are.
func (f crontabField) often(r *rand.Rand) string {
	if chance(r, 40) {
		return oneOf(r, "*", "*", "*", "?", "*/1")
	}
	return f.list(r)
}

func (f crontabField) list(r *rand.Rand) string {
	parts := []string{f.part(r)}
	for chance(r, 30) {
		parts = append(parts, f.part(r))
	}
	return strings.Join(parts, ",")
}

// part is a number, a range or all, perhaps with a step, which is at most the size of the field.
func (f crontabField) part(r *rand.Rand) string {
	from := f.low + r.Intn(f.high-f.low+1)
	to := from + r.Intn(f.high-from+1)
	what := oneOf(r, "*", "?", f.number(r, from), f.number(r, from), f.number(r, from), f.number(r, from)+"-"+f.number(r, to))
	if chance(r, 70) {
		return what
	}
	size := f.high - f.low + 1
	step := oneOf(r, 1, 2, 5, 1+r.Intn(size), size)
	if step > size {
		step = size
	}
	return what + "/" + oneOf(r, "", "", "0") + fmt.Sprint(step)
}

// number writes a number with zeros before it at times, or as a name in any case.
func (f crontabField) number(r *rand.Rand, n int) string {
	if i := n - f.low; i < len(f.names) && chance(r, 40) {
		name := f.names[i]
		return oneOf(r, name, strings.ToUpper(name), strings.ToUpper(name[:1])+name[1:])
	}
	return oneOf(r, "", "", "", "0", "00") + fmt.Sprint(n)
}
