package compat

import (
	"strings"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// A remedy is one thing that is meant to be accepted or refused differently.
// With it taken out of a case, the two must agree.
type remedy struct {
	name   string
	reason string
	mend   func(c spec.Case) (mended spec.Case, had bool)
}

var remedies = []remedy{
	{"parameters by assignability", "what can't be passed is refused, what can is accepted, at NewJob", withoutTask(
		"any, int", "error, nil", "int, nil", "pointer, nil", "pointer to int", "pointer to struct", "other pointer", "other struct",
		"int64 as duration", "stringer on uuid", "struct as stringer", "int then variadic")},
	{"nil func", "a nil func is no func, behind a pointer too", withoutTask("of nil func", "nil ptr behind a ptr")},
	{"nil option", "an error instead of a crash", func(c spec.Case) (spec.Case, bool) {
		n := len(c.Options) + len(c.Global) + len(c.Sched)
		unwanted := []string{"nil", "start nil", "stop nil", "nil listener"}
		c.Options, c.Global, c.Sched = without(c.Options, unwanted...), without(c.Global, unwanted...), without(c.Sched, unwanted...)
		return c, n != len(c.Options)+len(c.Global)+len(c.Sched)
	}},
	{"never fires", "a definition that can never fire is refused", func(c spec.Case) (spec.Case, bool) {
		had := false
		if calendarKind(c) && c.Ats.Empty {
			c.Ats, had = spec.Ats{Times: []spec.At{{}}}, true
		}
		if c.Kind == spec.Weekly && (c.Weekdays.Empty || noWeekday(c.Weekdays.Values)) {
			c.Weekdays, had = spec.Ints{Values: []int{1}}, true
		}
		if c.Kind == spec.Monthly && c.Interval == 12 && len(c.Days.Values) == 1 {
			c.Days.Values, had = []int{1}, true
		}
		return c, had
	}},
	{"crontab in a FixedZone", "any location works", func(c spec.Case) (spec.Case, bool) {
		had := c.Kind == spec.Cron && strings.HasPrefix(c.Now.Zone, "fixed")
		if had {
			c.Now.Zone = "UTC"
		}
		return c, had
	}},
	{"no one-time instant left beside an immediate start", "a list with no time left is refused", func(c spec.Case) (spec.Case, bool) {
		if c.Kind != spec.OneTime || c.Instant || len(listed(c, c.Now.Time())) > 0 {
			return c, false
		}
		had := false
		if c.Start != nil && c.Start.How == spec.StartImmediately {
			c.Start, had = nil, true
		}
		n := len(c.Options) + len(c.Global)
		c.Options, c.Global = without(c.Options, "start immediately"), without(c.Global, "start immediately")
		return c, had || n != len(c.Options)+len(c.Global)
	}},
	{"one-time instant equal to now", "an instant equal to now is past", func(c spec.Case) (spec.Case, bool) {
		if c.Kind != spec.OneTime || !hasNow(c) {
			return c, false
		}
		c.Times = append([]spec.Moment(nil), c.Times...)
		for i, m := range c.Times {
			if m.Time().Equal(c.Now.Time()) {
				c.Times[i].Unix--
			}
		}
		return c, true
	}},
	{"at-times of Schedule in the zone of the start", "a job lives in the location of its start time, at-times included", func(c spec.Case) (spec.Case, bool) {
		if !calendarKind(c) || c.Start == nil || c.Start.At.Zero || c.Start.At.Zone == c.Now.Zone {
			return c, false
		}
		start := *c.Start
		start.At.Zone = c.Now.Zone
		c.Start = &start
		return c, true
	}},
}

func calendarKind(c spec.Case) bool {
	return c.Kind == spec.Daily || c.Kind == spec.Weekly || c.Kind == spec.Monthly
}

func noWeekday(days []int) bool {
	for _, d := range days {
		if d >= 0 && d <= 6 {
			return false
		}
	}
	return true
}

func withoutTask(names ...string) func(spec.Case) (spec.Case, bool) {
	return func(c spec.Case) (spec.Case, bool) {
		if !contains(names, c.Task) {
			return c, false
		}
		c.Task = ""
		return c, true
	}
}

func without(names []string, unwanted ...string) []string {
	var out []string
	for _, name := range names {
		if !contains(unwanted, name) {
			out = append(out, name)
		}
	}
	return out
}
