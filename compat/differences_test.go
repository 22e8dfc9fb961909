package compat

import (
	"reflect"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// A difference is one way in which the two schedulers are meant to differ. The
// tests meet it in up to three ways.
type difference struct {
	name   string
	reason string

	// when tells whether two results of a generated schedule differ in this
	// way. What this side does must still be what the model says.
	when func(c spec.Case, theirs, ours spec.Result) bool

	// mend takes what is accepted or refused differently out of a generated
	// refusal, after which the two must agree.
	mend func(c spec.Case) (mended spec.Case, had bool)

	// wedge makes a case that the other side does not survive. Each costs a
	// deadline, so the generators stay clear of them.
	wedge func(c *spec.Case)
}

// differences is the table of all of them. For generated schedules the first
// row that fits takes the case. A difference that is in no row fails a test, and
// so does a row that no case falls in.
var differences = []difference{
	// What is accepted, what is refused.
	{
		name:   "parameters by assignability",
		reason: "what can't be passed is refused by NewJob, what can is accepted",
		mend: withoutTask("any, int", "error, nil", "int, nil", "pointer, nil", "pointer to int", "pointer to struct", "other pointer",
			"other struct", "int64 as duration", "stringer on uuid", "struct as stringer", "int then variadic"),
	},
	{
		name:   "nil func",
		reason: "a nil func is no func, behind a pointer too",
		mend:   withoutTask("of nil func", "nil ptr behind a ptr"),
	},
	{
		name:   "nil option",
		reason: "a wrong argument is an error, not a crash",
		mend:   withoutOptions("nil", "start nil", "stop nil", "nil listener"),
	},
	{
		name:   "option value out of range",
		reason: "a mode or policy that does not exist is an error",
		mend:   withoutOptions("singleton 0", "singleton 7", "policy 99", "limit mode 7"),
	},
	{
		name:   "no at-times",
		reason: "a definition that can never fire is refused",
		mend: func(c spec.Case) (spec.Case, bool) {
			had := calendarKind(c) && c.Ats.Empty
			if had {
				c.Ats = spec.Ats{Times: []spec.At{{}}}
			}
			return c, had
		},
		wedge: func(c *spec.Case) { c.Kind, c.Ats = spec.Daily, spec.Ats{Empty: true} },
	},
	{
		name:   "no weekday",
		reason: "a definition that can never fire is refused",
		mend: func(c spec.Case) (spec.Case, bool) {
			had := c.Kind == spec.Weekly && !c.Weekdays.Nil && noWeekday(c.Weekdays.Values)
			if had {
				c.Weekdays = spec.Ints{Values: []int{1}}
			}
			return c, had
		},
		wedge: func(c *spec.Case) { c.Kind, c.Weekdays = spec.Weekly, spec.Ints{Empty: true} },
	},
	{
		name:   "a day that no month of the year has",
		reason: "a definition that can never fire is refused",
		mend: func(c spec.Case) (spec.Case, bool) {
			had := c.Kind == spec.Monthly && c.Interval == 12 && len(c.Days.Values) == 1
			if had {
				c.Days.Values = []int{1}
			}
			return c, had
		},
		wedge: func(c *spec.Case) {
			c.Kind, c.Interval, c.Days = spec.Monthly, 12, spec.Ints{Values: []int{31}}
		},
	},
	{
		name:   "no one-time instant left beside an immediate start",
		reason: "a list with no time left is refused",
		mend: func(c spec.Case) (spec.Case, bool) {
			if c.Kind != spec.OneTime || c.Instant || len(listed(c, c.Now.Time())) > 0 {
				return c, false
			}
			c, had := withoutOptions("start immediately")(c)
			if c.Start != nil && c.Start.How == spec.StartImmediately {
				c.Start, had = nil, true
			}
			return c, had
		},
	},
	{
		name:   "crontab that is written carelessly",
		reason: "a crontab is read as it is written, or refused",
		mend: func(c spec.Case) (spec.Case, bool) {
			had := c.Kind == spec.Cron && contains(carelessCrontabs, c.Crontab)
			if had {
				c.Crontab = "* * * * *"
			}
			return c, had
		},
	},
	{
		name:   "crontab of the wider grammar",
		reason: "a crontab may have 7 for Sunday, ranges that wrap, L, W, # and, with a name, H",
		mend: func(c spec.Case) (spec.Case, bool) {
			had := c.Kind == spec.Cron && contains(widerCrontabs, c.Crontab)
			if had {
				c.Crontab = "* * * * *"
			}
			return c, had
		},
	},
	{
		name:   "a year as the seventh field of a crontab",
		reason: "a crontab with seconds may have years",
		mend: func(c spec.Case) (spec.Case, bool) {
			had := c.Kind == spec.Cron && c.Seconds && len(strings.Fields(c.Crontab)) == 7
			if had {
				c.Crontab = "* * * * * *"
			}
			return c, had
		},
	},
	{
		name:   "negative weekday",
		reason: "a definition that can never fire is refused",
		mend: func(c spec.Case) (spec.Case, bool) {
			had := false
			if c.Kind == spec.Weekly {
				c.Weekdays.Values = append([]int(nil), c.Weekdays.Values...)
				for i, day := range c.Weekdays.Values {
					if day < 0 {
						c.Weekdays.Values[i], had = 1, true
					}
				}
			}
			return c, had
		},
	},
	{
		name:   "crontab in a FixedZone",
		reason: "any location works",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind == spec.Cron && strings.Contains(theirs.Err, "provided bad location Fix") && !contains(ours.Is, "ErrCronJobParse")
		},
		mend: func(c spec.Case) (spec.Case, bool) {
			had := c.Kind == spec.Cron && strings.HasPrefix(c.Now.Zone, "fixed")
			if had {
				c.Now.Zone = "UTC"
			}
			return c, had
		},
	},

	// Which zone a job lives in.
	{
		name:   "at-times of Schedule in the zone of the start",
		reason: "a job lives in the location of its start time, at-times included",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			theirs.Schedule, ours.Schedule = "", ""
			return text(theirs) == text(ours) && calendarKind(c) && abroad(c)
		},
		mend: func(c spec.Case) (spec.Case, bool) {
			if !calendarKind(c) || !abroad(c) {
				return c, false
			}
			start := *c.Start
			start.At.Zone = c.Now.Zone
			c.Start = &start
			return c, true
		},
	},
	{
		name:   "zone in which a crontab's times are shown",
		reason: "a crontab's times are in the scheduler's location, whatever zone its start time is in",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind == spec.Cron && abroad(c) && theirs.Ran == ours.Ran && theirs.Gone == ours.Gone &&
				reflect.DeepEqual(inUTC(theirs.Runs...), inUTC(ours.Runs...))
		},
	},

	// One-time jobs and the ends of schedules.
	{
		name:   "crontab that comes true after more than five years",
		reason: "a crontab fires at every time it names, however far away",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind == spec.Cron && theirs.Ran == ours.Ran && givesUp(theirs.Runs, ours.Runs)
		},
	},
	{
		name:   "list of one-time runs ends",
		reason: "NextRuns ends at exhaustion, with no zero or repeated times",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind == spec.OneTime && theirs.Next == ours.Next && theirs.Ran == ours.Ran && goesOn(theirs.Runs, len(ours.Runs))
		},
	},
	{
		name:   "one-time instant at the moment of Start",
		reason: "an instant that comes at the very moment of Start is due",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind == spec.OneTime && c.Idle > 0 && ours.Ran && !theirs.Ran
		},
	},
	{
		name:   "one-time instant in two zones",
		reason: "two zones, one instant: one run",
		wedge: func(c *spec.Case) {
			c.Kind, c.Steps = spec.OneTime, 2
			c.Times = []spec.Moment{{Unix: c.Now.Unix + 60, Zone: "UTC"}, {Unix: c.Now.Unix + 60, Zone: "Asia/Tokyo"}}
		},
	},
	{
		name:   "at the stop time itself",
		reason: "the last run may be due at the stop time",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			n := len(ours.Runs)
			return c.Stop != nil && n == len(theirs.Runs)+1 && spec.Parse(ours.Runs[n-1]).Equal(c.Stop.Time())
		},
	},
	{
		name:   "immediate one-time job with a start time",
		reason: "a start time is itself a run, for every kind",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Instant && len(theirs.Runs) == 0 && len(ours.Runs) == 1 && spec.Parse(ours.Next).Equal(c.Start.At.Time())
		},
	},
	{
		name:   "immediate one-time job with a stop time",
		reason: "a job with no run left before its stop time is removed",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Instant && c.Stop != nil && ours.Gone && !theirs.Gone
		},
	},
	{
		name:   "a long way from the start",
		reason: "next runs are computed, not counted through",
		wedge: func(c *spec.Case) {
			c.Kind, c.Min = spec.Duration, 7*time.Millisecond
			c.Start = &spec.Start{How: spec.StartPast, At: spec.Moment{Unix: c.Now.Unix - 20*365*86400 - 1, Zone: "UTC"}}
		},
	},
	{
		name:   "a negative number of runs",
		reason: "NextRuns gives nothing for a number below one",
		wedge:  func(c *spec.Case) { c.Kind, c.Min, c.Count = spec.Duration, time.Hour, -1 },
	},
	{
		name:   "RunNow before Start",
		reason: "it returns an error at once and harms nothing",
		wedge:  func(c *spec.Case) { c.Kind, c.Min, c.RunNow = spec.Duration, time.Hour, true },
	},

	{
		name:   "a past start time with an interval that ends now",
		reason: "of a schedule's own times only those after now are due",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Start != nil && c.Start.How == spec.StartPast && theirs.Ran && !ours.Ran
		},
	},
	{
		name:   "a stop time before the first run",
		reason: "a running scheduler refuses a job that can never run",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Late && c.Stop != nil && theirs.Err == "" && ours.Err != "" && len(theirs.Runs) == 0
		},
	},

	// Clock changes.
	{
		name:   "crontab after a half-hour change",
		reason: "a crontab fires at every wall time it names",
		when: func(c spec.Case, _, _ spec.Result) bool {
			return c.Kind == spec.Cron && home(c).String() == "Australia/Lord_Howe"
		},
	},
	{
		name:   "clock put forward at midnight",
		reason: "local wall time is kept",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			change, ok := changeNear(c, theirs, ours, forward, 400*oneDay)
			return ok && c.Kind != spec.Duration && toWall(change.Add(-1), change.Location()).Hour() == 23
		},
	},
	{
		name:   "crontab near a gap",
		reason: "a crontab fires at the wall times it names, and only those are moved out of a gap, if asked for",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind == spec.Cron && near(c, theirs, ours, forward)
		},
	},
	{
		name:   "wall time in a gap",
		reason: "a wall time that does not exist runs after the gap",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return calendarKind(c) && c.DST != skip && near(c, theirs, ours, forward)
		},
	},
	{
		name:   "minutes and hours of a night with one more",
		reason: "what repeats through the minutes or through all hours fires in real time",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind == spec.Cron && goesOnInRealTime(c) && near(c, theirs, ours, back)
		},
	},
	{
		name:   "wall time that comes twice",
		reason: "a fixed wall time fires the first time it comes",
		when: func(c spec.Case, theirs, ours spec.Result) bool {
			return c.Kind != spec.Duration && near(c, theirs, ours, back)
		},
	},
}
