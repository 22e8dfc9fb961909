package gocron

import "time"

// DaylightSavingsTimePolicy says when a daily, weekly, monthly or cron job, or an AnyOf of them,
// runs that is due in the hour that clocks skip when they go forward. Jobs of other kinds ignore
// it. DaylightSavingsTimeOverlap is for the hour that clocks repeat.
type DaylightSavingsTimePolicy int

const (
	// DaylightSavingsTimeDefault is DaylightSavingsTimeSkip for cron jobs and
	// DaylightSavingsTimeRunAfterTransition for daily, weekly and monthly ones.
	DaylightSavingsTimeDefault DaylightSavingsTimePolicy = iota
	// DaylightSavingsTimeSkip drops the occurrence: the job waits for its next.
	DaylightSavingsTimeSkip
	// DaylightSavingsTimeRunAfterTransition runs the job as much later as clocks
	// are put forward: 02:30 at 03:30, if 02:00 to 03:00 does not exist.
	DaylightSavingsTimeRunAfterTransition
)

// DaylightSavingsTimeOverlap says when a daily, weekly, monthly or cron job runs that is due in the
// hour that clocks repeat when they go back. Jobs of other kinds ignore it.
//
// Some crontabs go on in real time and run in both hours, whatever is chosen: crontabs that match
// every hour of the day, crontabs whose minute field is * or a star with a step such as */15, and
// "@every".
type DaylightSavingsTimeOverlap int

const (
	// DaylightSavingsTimeOverlapFirst, the default, runs the job the first time.
	DaylightSavingsTimeOverlapFirst DaylightSavingsTimeOverlap = iota
	// DaylightSavingsTimeOverlapSecond runs the job the second time.
	DaylightSavingsTimeOverlapSecond
	// DaylightSavingsTimeOverlapBoth runs the job both times.
	DaylightSavingsTimeOverlapBoth
)

const (
	secondsPerDay = 24 * 60 * 60

	// offsetsDiffer is more than two offsets of one zone from UTC ever do.
	offsetsDiffer = 3 * secondsPerDay
)

// A wall is a reading of a wall clock, in seconds: what Unix would return if the
// clock stood in UTC. Walls have no zone, no gaps and no overlaps.
type wall = int64

// wallTimes returns the first wall time of a schedule that is at or after from.
type wallTimes func(from wall) (wall, bool)

// A wallClock turns the wall times of a schedule into instants of one zone.
type wallClock struct {
	zone *time.Location
	// shift: wall times in a gap are read with the offset from before it. Else
	// they are dropped.
	shift bool
	// overlap: which passes count for wall times in an overlap.
	overlap DaylightSavingsTimeOverlap
}

// nextOnClock returns the first instant after t, and after anchor, at which clock
// shows one of times.
func nextOnClock(clock wallClock, anchor, t time.Time, times wallTimes) time.Time {
	if pastYears(anchor) || pastYears(t) {
		return time.Time{}
	}
	at, ok := clock.next(max(anchor.Unix(), t.Unix()), times)
	if !ok {
		return time.Time{}
	}
	return withinYears(time.Unix(at, 0).In(anchor.Location()))
}

// next returns the first instant after the given one, in Unix seconds, that
// shows one of times. It may lie beyond lastYear.
//
// It looks at one stretch of constant offset after the other. Within one, wall
// times and instants run in parallel, so calendar arithmetic can do without
// zones.
func (c wallClock) next(after int64, times wallTimes) (int64, bool) {
	from := after + 1
	for from <= lastSecond {
		s := stretchAt(c.zone, from)
		at := int64(noEnd)
		regular, ok := times(s.firstWall(from, c.overlap != DaylightSavingsTimeOverlapFirst))
		if ok {
			at = regular - s.offset
		}
		if at < s.end && c.overlap == DaylightSavingsTimeOverlapSecond && s.repeats(c.zone, at) {
			at = noEnd
		}
		if c.shift {
			at = min(at, s.shifted(from, times))
		}
		if at < s.end {
			return at, true
		}
		if c.overlap == DaylightSavingsTimeOverlapFirst || s.end-from >= offsetsDiffer {
			// Later stretches show no wall time again that counts from this one on, and
			// none before regular that is new.
			if !ok {
				break
			}
			from = max(s.end, regular-s.offset-offsetsDiffer)
		} else {
			from = s.end
		}
	}
	return 0, false
}

// A stretch is a time of constant offset from UTC, in seconds: start ≤ x < end.
type stretch struct {
	start, end     int64
	offset, before int64 // before: of the stretch that ends at start
}

const (
	noStart = -1 << 62
	noEnd   = 1 << 62
)

func stretchAt(zone *time.Location, at int64) stretch {
	offset := offsetAt(zone, at)
	s := stretch{start: noStart, end: noEnd, offset: offset, before: offset}
	start, end := time.Unix(at, 0).In(zone).ZoneBounds()
	if !start.IsZero() {
		s.start = startOfOffset(zone, start.Unix(), at, offset)
		s.before = offsetAt(zone, s.start-1)
	}
	if !end.IsZero() {
		s.end = end.Unix()
		if s.end <= at {
			// ZoneBounds ends leap years a day early where it reckons by a
			// rule. That last day is then a stretch of its own.
			s.end = at - floorMod(at, secondsPerDay) + secondsPerDay
		}
	}
	return s
}

// startOfOffset returns where in [start, at] the offset that zone has at at
// begins. That is start, save where a zone took on its present rule in the middle
// of a year: there ZoneBounds gives the start that the rule would have had.
func startOfOffset(zone *time.Location, start, at, offset int64) int64 {
	if start > at || offsetAt(zone, start) == offset {
		return min(start, at)
	}
	for at-start > 1 {
		if middle := start + (at-start)/2; offsetAt(zone, middle) == offset {
			at = middle
		} else {
			start = middle
		}
	}
	return at
}

func offsetAt(zone *time.Location, at int64) int64 {
	_, offset := time.Unix(at, 0).In(zone).Zone()
	return int64(offset)
}

// repeats reports whether the wall time at the instant, which lies in s, is shown again
// in the stretch after s.
func (s stretch) repeats(zone *time.Location, at int64) bool {
	return s.end-at <= offsetsDiffer && at+s.offset >= s.end+offsetAt(zone, s.end)
}

// firstWall returns the first wall time that counts from the instant on, which
// lies in s. With no repeats, those that the stretch before has shown do not.
func (s stretch) firstWall(from int64, repeat bool) wall {
	if repeat || s.start == noStart {
		return from + s.offset
	}
	return max(from+s.offset, s.start+s.before)
}

// shifted returns the first instant from the given one on, which lies in s, that
// stands for a wall time in the gap before s, or noEnd. A shift past the end of
// s is lost: no zone has a change within the length of the gap before.
func (s stretch) shifted(from int64, times wallTimes) int64 {
	if s.start == noStart || s.before >= s.offset || from >= s.start+s.offset-s.before {
		return noEnd
	}
	w, ok := times(from + s.before)
	if !ok || w >= s.start+s.offset {
		return noEnd
	}
	return w - s.before
}
