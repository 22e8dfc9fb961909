package compat

import (
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// goesOn tells whether a list of runs has, after the first n of them, a zero or
// one that it had before.
func goesOn(runs []string, n int) bool {
	return n < len(runs) && (runs[n] == "zero" || contains(runs[:n], runs[n]))
}

// givesUp tells whether one list of runs has no more where the other goes on after five years.
func givesUp(theirs, ours []string) bool {
	for i := 1; i < len(theirs) && i < len(ours); i++ {
		if t := spec.Parse(theirs[i]); !t.Equal(spec.Parse(ours[i])) {
			return t.IsZero() && spec.Parse(ours[i]).Sub(spec.Parse(ours[i-1])) > 5*365*oneDay
		}
	}
	return false
}

// abroad tells whether the case has a start time in a zone of its own.
func abroad(c spec.Case) bool {
	return c.Start != nil && c.Start.How != spec.StartImmediately && !c.Start.At.Zero && c.Start.At.Zone != c.Now.Zone
}

// home is the zone whose wall clock the case goes by.
func home(c spec.Case) *time.Location {
	if zone, ok := crontabZone(c.Crontab); ok {
		return zone
	}
	if c.Kind != spec.Cron && c.Start != nil && c.Start.How != spec.StartImmediately {
		return spec.Location(c.Start.At.Zone)
	}
	return spec.Location(c.Now.Zone)
}

const oneDay = 24 * time.Hour

type direction int

const (
	forward direction = 1
	back    direction = -1
)

// changeNear finds the clock change of that direction nearest before the first
// run in which the two differ, or two days after it.
func changeNear(c spec.Case, theirs, ours spec.Result, d direction, before time.Duration) (time.Time, bool) {
	for _, loc := range []*time.Location{home(c), spec.Location(c.Now.Zone)} {
		for _, t := range firstDifference(theirs, ours) {
			for at := t.Add(2 * oneDay); at.After(t.Add(-before)); at = at.Add(-time.Hour) {
				if (offset(at, loc)-offset(at.Add(-time.Hour), loc))*int(d) > 0 {
					return change(at.Add(-time.Hour), at, loc), true
				}
			}
		}
	}
	return time.Time{}, false
}

func near(c spec.Case, theirs, ours spec.Result, d direction) bool {
	_, ok := changeNear(c, theirs, ours, d, 2*oneDay)
	return ok
}

// change is the first moment after from with the offset of to.
func change(from, to time.Time, loc *time.Location) time.Time {
	for to.Sub(from) > time.Second {
		mid := from.Add(to.Sub(from) / 2)
		if offset(mid, loc) == offset(to, loc) {
			to = mid
		} else {
			from = mid
		}
	}
	return to.Truncate(time.Second).In(loc)
}

// firstDifference is where two results differ first, in whatever zone they are shown.
func firstDifference(theirs, ours spec.Result) []time.Time {
	if theirs.Ran != ours.Ran {
		return instants(ours.Runs[:0], theirs.Next, ours.Next)
	}
	for i := range ours.Runs {
		if i >= len(theirs.Runs) {
			return instants(nil, ours.Runs[i])
		}
		if !spec.Parse(ours.Runs[i]).Equal(spec.Parse(theirs.Runs[i])) {
			return instants(nil, ours.Runs[i], theirs.Runs[i])
		}
	}
	last := ours.Runs[max(0, len(ours.Runs)-1):] // theirs may go on with times that are none
	return instants(theirs.Runs[len(ours.Runs):], last...)
}

func instants(all []string, more ...string) []time.Time {
	var out []time.Time
	for _, s := range append(all, more...) {
		if t := spec.Parse(s); !t.IsZero() {
			out = append(out, t)
		}
	}
	return out
}

func goesOnInRealTime(c spec.Case) bool {
	table, err := parse(c)
	return err == nil && (table == nil || keepsRealTime(c, table))
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

func withoutOptions(unwanted ...string) func(spec.Case) (spec.Case, bool) {
	return func(c spec.Case) (spec.Case, bool) {
		n := len(c.Options) + len(c.Global) + len(c.Sched)
		c.Options, c.Global, c.Sched = without(c.Options, unwanted...), without(c.Global, unwanted...), without(c.Sched, unwanted...)
		return c, n != len(c.Options)+len(c.Global)+len(c.Sched)
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

// inUTC are shown times without the zone they were shown in.
func inUTC(shown ...string) []string {
	var all []string
	for _, s := range shown {
		all = append(all, spec.Show(spec.Parse(s).UTC()))
	}
	return all
}
