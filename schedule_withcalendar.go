package gocron

import (
	"sync/atomic"
	"time"
)

const (
	// mostExcluded is how many times in a row a calendar may exclude before the search for the next
	// occurrence ends.
	mostExcluded = 1_000_000
	// farthestYears is how far after the first time that it excludes the search goes.
	farthestYears = 10
)

// WithCalendar leaves out the occurrences of the job for which included returns false. NextRun
// passes over them. If you give the option several times, all calendars must include a time.
// OnWeekdays, NotOnDates and BetweenHours make calendars. The IsWorkday method of a holiday library
// is one, too.
//
// The scheduler asks for each occurrence, in the job's time zone and, with WithJitter, without the
// delay. It asks for start times and for the instants of a OneTimeJob as well. Intervals count from
// an excluded start time all the same. The scheduler does not ask for a run of WithStartImmediately
// or RunNow. A job with a calendar goes by the wall clock. For a DurationJob this means that it
// ignores WithIntervalFromCompletion. Occurrences that such a job misses are not recorded.
//
// The scheduler calls a calendar as it calls a Cron. No lock is held. A slow calendar holds up its
// own jobs only, and NextRun is zero until it has answered. Several goroutines may call it for
// several jobs. A panic in it ends the program. The scheduler looks at most 1,000,000 occurrences
// and ten years ahead. If the calendar excludes all of them the job has no next time, which is
// logged; a running scheduler refuses such a job with ErrJobNeverRuns. Under a Claimer a calendar
// must give the same answers on every node.
//
// Nil is refused with ErrOptionValue.
func WithCalendar(included func(time.Time) bool) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if included == nil {
			return optionValueError("WithCalendar", "nil", "a func that is not nil")
		}
		x := j.makeSettings()
		x.calendars = append(x.calendars[:len(x.calendars):len(x.calendars)], included)
		return nil
	}
}

// OnWeekdays makes a calendar for WithCalendar that includes the given days of the week, Monday to
// Friday if none is given.
func OnWeekdays(days ...time.Weekday) func(time.Time) bool {
	if len(days) == 0 {
		days = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday}
	}
	var included [7]bool
	for _, day := range days {
		included[floorMod(int64(day), 7)] = true
	}
	return func(t time.Time) bool { return included[t.Weekday()] }
}

// NotOnDates makes a calendar for WithCalendar that excludes whole days, such as holidays: the
// dates that the given times show in their own locations.
func NotOnDates(dates ...time.Time) func(time.Time) bool {
	type date struct {
		year  int
		month time.Month
		day   int
	}
	excluded := make(map[date]bool, len(dates))
	for _, t := range dates {
		year, month, day := t.Date()
		excluded[date{year, month, day}] = true
	}
	return func(t time.Time) bool {
		year, month, day := t.Date()
		return !excluded[date{year, month, day}]
	}
}

// BetweenHours makes a calendar for WithCalendar that includes the times of day from one full hour
// up to another, which is not included: BetweenHours(9, 17) ends at 16:59:59. With from after to it
// goes over midnight, and with the two equal it includes the whole day. Hours count modulo 24.
func BetweenHours(from, to int) func(time.Time) bool {
	from, to = int(floorMod(int64(from), 24)), int(floorMod(int64(to), 24))
	return func(t time.Time) bool {
		hour := t.Hour()
		if from < to {
			return from <= hour && hour < to
		}
		return hour >= from || hour < to
	}
}

// addCalendars puts the calendars of WithCalendar on j's schedule. It calls them for what has to be
// known before the job runs, with nothing locked.
func (j *internalJob) addCalendars() error {
	x := j.settings()
	if len(x.calendars) == 0 {
		return nil
	}
	c := &calendarSchedule{schedule: j.plan, included: x.calendars, job: j}
	switch plan := j.plan.(type) {
	case manualSchedule:
	case *oneTimeSchedule:
		if err := j.excludeInstants(plan, c); err != nil {
			return err
		}
	default:
		j.plan, j.intervals, x.fromCompletion = c, false, false
	}
	if w := j.window(); w.hasStart() && !c.includes(w.start.In(j.location())) {
		w.startExcluded, j.startPassed = true, true
	}
	return nil
}

// excludeInstants leaves the instants out that a calendar excludes.
func (j *internalJob) excludeInstants(plan *oneTimeSchedule, c *calendarSchedule) error {
	if len(plan.times) == 0 {
		return nil // and plan may be onlyImmediately, which nothing changes
	}
	left := plan.times[:0]
	for _, t := range plan.times {
		if c.includes(t.In(j.locationBut(false))) {
			left = append(left, t)
		}
	}
	plan.times = left
	if len(left) == 0 && !plan.immediately {
		return neverRuns("WithCalendar excludes all times of the OneTimeJob")
	}
	return nil
}

// A calendarSchedule has those occurrences of another schedule that calendars include. Its next
// calls user code.
type calendarSchedule struct {
	schedule
	included []func(time.Time) bool
	job      *internalJob
	ended    atomic.Bool // it was logged that the search has ended
}

func (c *calendarSchedule) next(anchor, t time.Time) time.Time {
	if t.Before(anchor) {
		t = anchor
	}
	var end time.Time
	for range mostExcluded {
		at := c.schedule.next(anchor, t)
		if at.IsZero() {
			return at
		}
		if end.IsZero() {
			end = at.AddDate(farthestYears, 0, 0)
		}
		if at.After(end) {
			break
		}
		if c.includes(c.nominal(anchor, at).In(anchor.Location())) {
			return at.Round(0)
		}
		t = at
	}
	if !c.ended.Swap(true) {
		c.job.s.logger.Warn("gocron: WithCalendar excludes all times of a job for years, so it has no further one",
			"job", c.job.Name(), "id", c.job.id, "after", timeText(t))
	}
	return time.Time{}
}

// nominal is at without its delay.
func (c *calendarSchedule) nominal(anchor, at time.Time) time.Time {
	if jitter := jitterOf(c); jitter != nil {
		return jitter.nominal(anchor, at)
	}
	return at
}

func (c *calendarSchedule) includes(t time.Time) bool {
	for _, included := range c.included {
		if !included(t) {
			return false
		}
	}
	return true
}

// rewind is the one of the schedule with all occurrences.
func (c *calendarSchedule) rewind(anchor, t time.Time) time.Time {
	return rewound(c.schedule, anchor, t)
}
