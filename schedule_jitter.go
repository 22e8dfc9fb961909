package gocron

import (
	"fmt"
	"slices"
	"strconv"
	"time"
)

// WithJitter delays each occurrence of the job by a time of at least zero and less than max, so
// that jobs that are due at one moment, on one machine or many, do not start all at once. A delayed
// occurrence still comes before the next one. The job's name and the time of the occurrence decide
// the delay, so it is the same on every node and in every version of this package: it is the 64-bit
// FNV-1a hash of the name, a zero byte and the occurrence's Unix nanoseconds in decimal, modulo max
// or, if that is shorter, modulo the time to the next occurrence.
//
// NextRun, NextRuns, JobSchedulingDelay and the run itself go by the delayed time.
// RunInfo.ScheduledAt, claims, missed occurrences and the stop time go by the time without the
// delay. Start times, runs of WithStartImmediately and RunNow, and the instants of a OneTimeJob in
// an AnyOf are not delayed. OneTimeJob, DurationRandomJob, ManualJob and schedules of your own
// ignore the option.
//
// The job needs WithName. A max of zero or less is refused with ErrOptionValue.
func WithJitter(max time.Duration) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if max <= 0 {
			return optionValueError("WithJitter", max, "a duration above 0")
		}
		j.makeSettings().jitter = max
		return nil
	}
}

// addJitter puts the delay of WithJitter on j's schedule, if that can have one.
func (j *internalJob) addJitter() error {
	x := j.settings()
	if x.jitter == 0 || !j.takesJitter() {
		return nil
	}
	if x.name == "" {
		return fmt.Errorf("%w: WithJitter(%v): the job's name decides the delay, so the job needs WithName", ErrOptionValue, x.jitter)
	}
	j.plan = newJitter(j.plan, x.name, x.jitter)
	return nil
}

// takesJitter reports whether the occurrences of j can be delayed.
func (j *internalJob) takesJitter() bool {
	plain := plainSchedule(j.plan)
	_, random := plain.(*durationRandomSchedule)
	return !random && !j.oneTime() && !j.manual() && !asksUserCode(plain)
}

// A jitterSchedule has the occurrences of another, the nominal ones, each delayed by less than what
// is left until the next.
type jitterSchedule struct {
	schedule
	max      time.Duration
	nameHash uint64 // of the job's name and a zero byte
}

func newJitter(plan schedule, name string, max time.Duration) *jitterSchedule {
	return &jitterSchedule{schedule: plan, max: max, nameHash: fnv1a(fnv1a(fnvOffset, name), "\x00")}
}

// fnvOffset is what a 64-bit FNV-1a hash begins with.
const fnvOffset = 14695981039346656037

// fnv1a goes on with a 64-bit FNV-1a hash.
func fnv1a[text string | []byte](hash uint64, bytes text) uint64 {
	const prime = 1099511628211
	for i := 0; i < len(bytes); i++ {
		hash = (hash ^ uint64(bytes[i])) * prime
	}
	return hash
}

func (s *jitterSchedule) next(anchor, t time.Time) time.Time {
	last, following := s.around(anchor, t)
	if !last.IsZero() {
		if at := s.delayedBefore(last, following); at.After(t) {
			return at
		}
	}
	if following.IsZero() {
		return following
	}
	return s.delayed(anchor, following)
}

func (s *jitterSchedule) fromCompletion(done time.Time) time.Time {
	nominal := s.schedule.(interval).fromCompletion(done)
	if nominal.IsZero() {
		return nominal
	}
	return s.delayed(done, nominal)
}

// A jitterWalk is the walker of s.
type jitterWalk struct {
	s         *jitterSchedule
	nominal   walker // of s.schedule
	begun     bool
	following time.Time // the nominal occurrence that comes next
}

func (w *jitterWalk) next(anchor, t time.Time) time.Time {
	if !w.begun {
		w.begun = true
		at := w.s.next(anchor, t)
		if !at.IsZero() {
			_, w.following = w.s.around(anchor, at)
		}
		return at
	}
	if w.following.IsZero() {
		return time.Time{}
	}
	nominal := w.following
	w.following = w.nominal.next(anchor, nominal)
	return w.s.delayedBefore(nominal, w.following)
}

// rewind is the nominal schedule's, from where occurrences may be delayed until after t.
func (s *jitterSchedule) rewind(anchor, t time.Time) time.Time {
	return rewound(s.schedule, anchor, t.Add(-s.max))
}

// delayed is when the nominal occurrence is due.
func (s *jitterSchedule) delayed(anchor, nominal time.Time) time.Time {
	return s.delayedBefore(nominal, s.schedule.next(anchor, nominal))
}

// delayedBefore is when the nominal occurrence is due that is followed by another, the zero time for
// none.
func (s *jitterSchedule) delayedBefore(nominal, following time.Time) time.Time {
	if union, is := s.schedule.(*anyOfSchedule); is && union.hasInstant(nominal) {
		return nominal
	}
	limit := s.max
	if !following.IsZero() {
		limit = min(limit, following.Sub(nominal))
	}
	return withinYears(nominal.Add(time.Duration(s.hash(nominal) % uint64(limit))))
}

// hash is the 64-bit FNV-1a hash of the name, a zero byte and the occurrence's Unix nanoseconds.
func (s *jitterSchedule) hash(nominal time.Time) uint64 {
	var room [24]byte
	return fnv1a(s.nameHash, unixNanoText(&room, nominal))
}

// unixNanoText is t's Unix nanoseconds in decimal, written into room. From the year 2262 on they
// are too many for an int64, so the last nine digits and the seconds before them are written by
// themselves, which also costs less: almost always the nine are zeros.
func unixNanoText(room *[24]byte, t time.Time) []byte {
	const nine = "000000000"
	if t.Unix() <= 0 {
		return strconv.AppendInt(room[:0], t.UnixNano(), 10)
	}
	seconds, nanos := uint64(t.Unix()), uint64(t.Nanosecond())
	begin := len(room) - len(nine)
	copy(room[begin:], nine)
	for at := len(room); nanos > 0; nanos /= 10 {
		at--
		room[at] += byte(nanos % 10)
	}
	for ; seconds > 0; seconds /= 10 {
		begin--
		room[begin] = '0' + byte(seconds%10)
	}
	return room[begin:]
}

// nominal is the last nominal occurrence that is not after t, if one that is delayed may be due
// after t: the zero time for none that late.
func (s *jitterSchedule) nominal(anchor, t time.Time) time.Time {
	last, _ := s.around(anchor, t)
	return last
}

// around returns nominal, and the first nominal occurrence after t. What it costs grows with the
// logarithm of the number of occurrences in max.
func (s *jitterSchedule) around(anchor, t time.Time) (last, following time.Time) {
	following = s.schedule.next(anchor, t.Add(-s.max))
	for end := t; !following.IsZero() && !following.After(t); {
		last, following = following, s.schedule.next(anchor, following)
		if following.IsZero() || following.After(t) {
			break
		}
		middle := following.Add(end.Sub(following) / 2)
		if later := s.schedule.next(anchor, middle); !later.IsZero() && !later.After(t) {
			following = later
		} else {
			end = middle
		}
	}
	return last, following
}

// lastDueFrom is when the times of j end that count from anchor, the zero time for never: at its
// stop time, or when its last occurrence before that is due.
func (j *internalJob) lastDueFrom(anchor time.Time) time.Time {
	s, stop := jitterOf(j.plan), j.window().stop
	if s == nil || stop.IsZero() {
		return stop
	}
	if nominal := s.nominal(anchor, stop); !nominal.IsZero() {
		if at := s.delayed(anchor, nominal); at.After(stop) {
			return at
		}
	}
	return stop
}

// delayedTime is when the occurrence of j at t is due.
func (j *internalJob) delayedTime(t time.Time) time.Time {
	s := jitterOf(j.plan)
	if s == nil || t.IsZero() || t.Equal(j.window().start) {
		return t
	}
	return s.delayed(j.anchor, t)
}

// dueBy is the latest time up to which all occurrences of j are due by now: one that is delayed may
// be due later.
func (j *internalJob) dueBy(now time.Time) time.Time {
	s := jitterOf(j.plan)
	if s == nil {
		return now
	}
	if last := s.nominal(j.anchor, now); !last.IsZero() && s.delayed(j.anchor, last).After(now) {
		return last.Add(-1)
	}
	return now
}

// delayedSince is how long before the moment from which j counts an occurrence may have been that
// is delayed until after it. A schedule with a phase has none before that moment.
func (j *internalJob) delayedSince() time.Duration {
	if s := jitterOf(j.plan); s != nil && !hasPhase(s.schedule) {
		return s.max
	}
	return 0
}

// hasPhase reports whether the occurrences of s depend on what they are counted from.
func hasPhase(s schedule) bool {
	switch s := s.(type) {
	case *cronSchedule:
		return s.every > 0
	case *dailySchedule:
		return s.calendar.interval > 1
	case *weeklySchedule:
		return s.calendar.interval > 1
	case *monthlySchedule:
		return s.calendar.interval > 1
	case *monthlyWeekdaySchedule:
		return s.calendar.interval > 1
	case *anyOfSchedule:
		return slices.ContainsFunc(s.parts, hasPhase)
	case *oneTimeSchedule:
		return false
	}
	return true
}

// nominalTime is the occurrence that is due at t, without its delay.
func (j *internalJob) nominalTime(t time.Time) time.Time { return j.nominalTimeFrom(j.anchor, t) }

func (j *internalJob) nominalTimeFrom(anchor, t time.Time) time.Time {
	s := jitterOf(j.plan)
	if s == nil || t.IsZero() || t == j.window().start {
		return t
	}
	nominal := s.nominal(anchor, t)
	if nominal.IsZero() || !s.delayed(anchor, nominal).Equal(t) {
		return t // such as a start time with another reading
	}
	return nominal
}

// jitterOf is the part of a schedule that delays its occurrences, nil for none.
func jitterOf(s schedule) *jitterSchedule {
	if c, is := s.(*calendarSchedule); is {
		s = c.schedule
	}
	jitter, _ := s.(*jitterSchedule)
	return jitter
}

// plainSchedule is the schedule of the definition, without what options have put around it.
func plainSchedule(s schedule) schedule {
	if jitter := jitterOf(s); jitter != nil {
		return jitter.schedule
	}
	if c, is := s.(*calendarSchedule); is {
		return c.schedule
	}
	return s
}
