package compat

import (
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// A difference is one way in which the two are meant to differ. What this side
// does in such a case must still be what the model says.
type difference struct {
	name   string
	reason string
	when   func(c spec.Case, theirs, ours spec.Result) bool
}

// differences is every intended one. The first row that fits a case takes it; a
// case that fits none, and a row that no case fits, fail the test.
var differences = []difference{
	{"at-times of Schedule in the zone of the start", "a job lives in the location of its start time, at-times included", func(c spec.Case, theirs, ours spec.Result) bool {
		theirs.Schedule, ours.Schedule = "", ""
		return text(theirs) == text(ours) && len(c.Ats.Times) > 0 && home(c).String() != c.Now.Time().Location().String()
	}},
	{"crontab in a FixedZone", "any location works", func(c spec.Case, theirs, ours spec.Result) bool {
		return c.Kind == spec.Cron && strings.Contains(theirs.Err, "provided bad location Fix") && ours.Err == ""
	}},
	{"list of one-time runs ends", "NextRuns ends at exhaustion, with no zero or repeated times", func(c spec.Case, theirs, ours spec.Result) bool {
		return c.Kind == spec.OneTime && theirs.Next == ours.Next && theirs.Ran == ours.Ran && len(theirs.Runs) > len(ours.Runs) && theirs.Runs[len(ours.Runs)] == "zero"
	}},
	{"one-time instant equal to now", "an instant equal to now is past", func(c spec.Case, theirs, ours spec.Result) bool {
		return c.Kind == spec.OneTime && hasNow(c) && theirs.Ran != ours.Ran
	}},
	{"at the stop time itself", "the last run may be due at the stop time", func(c spec.Case, theirs, ours spec.Result) bool {
		n := len(ours.Runs)
		return c.Stop != nil && n == len(theirs.Runs)+1 && spec.Parse(ours.Runs[n-1]).Equal(c.Stop.Time())
	}},
	{"immediate one-time job with a stop time", "a job with no run left before its stop time is removed", func(c spec.Case, theirs, ours spec.Result) bool {
		return c.Instant && c.Stop != nil && ours.Gone && !theirs.Gone
	}},
	{"crontab in the zone of its start", "a job lives in the location of its start time", func(c spec.Case, theirs, ours spec.Result) bool {
		_, own := crontabZone(c.Crontab)
		return c.Kind == spec.Cron && !own && c.Start != nil && c.Start.How != spec.StartImmediately && c.Start.At.Zone != c.Now.Zone
	}},
	{"crontab after a half-hour change", "a crontab fires at every wall time it names", func(c spec.Case, theirs, ours spec.Result) bool {
		return c.Kind == spec.Cron && home(c).String() == "Australia/Lord_Howe"
	}},
	{"clock put forward at midnight", "local wall time is kept", func(c spec.Case, theirs, ours spec.Result) bool {
		change, ok := changeNear(c, theirs, ours, forward)
		return ok && toWall(change.Add(-1), home(c)).Hour() == 23
	}},
	{"crontab run after the gap on a day it does not name", "only the wall times of the schedule are moved", func(c spec.Case, theirs, ours spec.Result) bool {
		_, ok := changeNear(c, theirs, ours, forward)
		return ok && c.Kind == spec.Cron && c.DST == 2
	}},
	{"wall time in a gap", "a wall time that does not exist runs after the gap", func(c spec.Case, theirs, ours spec.Result) bool {
		_, ok := changeNear(c, theirs, ours, forward)
		return ok && c.Kind != spec.Cron && c.DST == 0
	}},
	{"every hour of a night with one more", "what repeats through all hours fires in real time", func(c spec.Case, theirs, ours spec.Result) bool {
		_, ok := changeNear(c, theirs, ours, back)
		return ok && c.Kind == spec.Cron && throughAllHours(c)
	}},
	{"wall time that comes twice", "a fixed wall time fires the first time it comes", func(c spec.Case, theirs, ours spec.Result) bool {
		_, ok := changeNear(c, theirs, ours, back)
		return ok && c.Kind != spec.Duration
	}},
}

func hasNow(c spec.Case) bool {
	for _, m := range c.Times {
		if m.Time().Equal(c.Now.Time()) {
			return true
		}
	}
	return false
}

// home is the zone whose wall clock the case goes by.
func home(c spec.Case) *time.Location {
	if zone, ok := crontabZone(c.Crontab); ok {
		return zone
	}
	if c.Start != nil && c.Start.How != spec.StartImmediately {
		return spec.Location(c.Start.At.Zone)
	}
	return spec.Location(c.Now.Zone)
}

type direction int

const (
	forward direction = 1
	back    direction = -1
)

// changeNear finds the clock change of that direction within two days of the
// first run in which the two differ.
func changeNear(c spec.Case, theirs, ours spec.Result, d direction) (time.Time, bool) {
	loc := home(c)
	for _, t := range firstDifference(theirs, ours) {
		for h := -48; h <= 48; h++ {
			at := t.Add(time.Duration(h) * time.Hour)
			if (offset(at, loc)-offset(at.Add(-time.Hour), loc))*int(d) > 0 {
				return change(at.Add(-time.Hour), at, loc), true
			}
		}
	}
	return time.Time{}, false
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
	return to.Truncate(time.Second)
}

func firstDifference(theirs, ours spec.Result) []time.Time {
	if theirs.Ran != ours.Ran {
		return times(ours.Runs[:0], theirs.Next, ours.Next)
	}
	for i := range ours.Runs {
		if i >= len(theirs.Runs) {
			return times(nil, ours.Runs[i])
		}
		if ours.Runs[i] != theirs.Runs[i] {
			return times(nil, ours.Runs[i], theirs.Runs[i])
		}
	}
	return times(theirs.Runs[len(ours.Runs):])
}

func times(all []string, more ...string) []time.Time {
	var out []time.Time
	for _, s := range append(all, more...) {
		if t := spec.Parse(s); !t.IsZero() {
			out = append(out, t)
		}
	}
	return out
}

func throughAllHours(c spec.Case) bool {
	table, err := parse(c)
	return err == nil && (table == nil || table.Hour&everyHour == everyHour)
}
