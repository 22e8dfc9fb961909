package gocron

import "time"

const (
	// lastYear is the last one with occurrences: later times cannot be written as
	// RFC 3339 or JSON, and Go's own arithmetic is not to be trusted far beyond.
	lastYear = 9999

	// lastSecond is the end of lastYear in UTC. Past it nothing is looked for.
	lastSecond     = 253402300799
	lastYearBegins = lastSecond + 1 - 365*secondsPerDay
)

// A schedule is the arithmetic of one job: pure, immutable, safe for concurrent use. The exceptions
// are userCron and calendarSchedule, which call user code, and anyOfSchedule, which may, and which
// a correction of the clock changes.
type schedule interface {
	// next returns the first occurrence strictly after t, or the zero time
	// when there is none. It costs the same however far t lies from anchor.
	//
	// anchor is the instant the job started at, in the job's location: what
	// intervals are counted from. The result is in anchor's location, save
	// that one-time instants and what a user's Cron says stay as they were
	// given. Nothing but those two occurs at anchor or before it.
	next(anchor, t time.Time) time.Time

	// public returns what Job.Schedule hands out. Slices in it are fresh.
	public() JobSchedule
}

// An interval is a schedule that can be counted from the end of a run as well.
type interval interface {
	schedule
	// fromCompletion returns the occurrence that follows a run done at done.
	fromCompletion(done time.Time) time.Time
}

// scheduleConfig is what a definition needs of the job it is made for.
type scheduleConfig struct {
	location *time.Location // where the job lives
	now      time.Time      // in location
	cron     Cron           // from WithCronImplementation, nil for the default
	dst      DaylightSavingsTimePolicy
	overlap  DaylightSavingsTimeOverlap

	weeksFromMonday bool
	job             *internalJob // which job it is for; nil in tests of schedules alone
}

// jobName returns the name that WithName gave the job, or "".
func (c scheduleConfig) jobName() string {
	if c.job == nil {
		return ""
	}
	return c.job.settings().name
}

// nextAfter returns the occurrence that is booked at now, after last was handed
// out (zero: none yet). It is the only place that steps past now.
func nextAfter(s schedule, anchor, last, now time.Time) time.Time {
	switch s.(type) {
	case *oneTimeSchedule:
		// Instants that passed while the one before was handed out still
		// run, so now does not count.
		if !last.IsZero() {
			return s.next(anchor, last)
		}
	case *durationRandomSchedule:
		// Drawn from last while that serves, as NextRuns has announced it.
		if !last.IsZero() {
			if next := s.next(anchor, last); next.After(now) {
				return next
			}
		}
		return s.next(anchor, now)
	}
	if last.After(now) {
		return s.next(anchor, last)
	}
	return s.next(anchor, now)
}

// occurrences returns first and what follows it, at most n times, ending at
// stop (inclusive; zero: no stop) or when s is exhausted.
func occurrences(s schedule, anchor, first time.Time, n int, stop time.Time) []time.Time {
	var times []time.Time
	walk := walkerOf(s)
	for t := first; len(times) < n && !t.IsZero(); t = walk.next(anchor, t) {
		if !stop.IsZero() && t.After(stop) {
			break
		}
		if times == nil {
			times = make([]time.Time, 0, min(n, 128)) // n may be any number
		}
		times = append(times, t)
	}
	return times
}

// A walker goes from one occurrence of a schedule to the next. Its next returns what the schedule's
// does. It is to be called with one anchor, and with what it returned last.
type walker interface {
	next(anchor, t time.Time) time.Time
}

// walkerOf returns one that remembers what s would have to look for again, if there is such.
func walkerOf(s schedule) walker {
	switch s := s.(type) {
	case *jitterSchedule:
		return &jitterWalk{s: s, nominal: walkerOf(s.schedule)}
	case *anyOfSchedule:
		if !s.asks && s.over.Load() == nil {
			return &anyOfWalk{s: s}
		}
	}
	return s
}

// withinYears returns t, or the zero time when t is past the last year.
func withinYears(t time.Time) time.Time {
	if pastYears(t) {
		return time.Time{}
	}
	return t
}

// pastYears reports whether t is past the last year, where it is or in UTC.
// Almost always it need not work out the date for that.
func pastYears(t time.Time) bool {
	return t.Unix() >= lastYearBegins && (t.Year() > lastYear || t.Unix() > lastSecond)
}

// A rewinder is a schedule whose occurrences count from its anchor and later. When the clock is set
// back before that, they have to count from an earlier one.
type rewinder interface {
	// rewind returns an anchor before t, which is before anchor, that keeps the phase.
	rewind(anchor, t time.Time) time.Time
}

// rewound is anchor or, if that is not before t, one before t with the same phase.
func rewound(s schedule, anchor, t time.Time) time.Time {
	if r, can := s.(rewinder); can && !anchor.Before(t) {
		return r.rewind(anchor, t)
	}
	return anchor
}
