//go:build go1.25

package model_test

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// modelSpecSchedule is the part of a definition that says when it is due and that few have.
type modelSpecSchedule struct {
	nth    []gocron.NthWeekday // of kindNthWeekday
	parts  []modelSpec         // of kindAnyOf, which also has instants
	jitter time.Duration
	even   bool // WithCalendar of the even minutes

	// What newJob knows.
	begin    time.Time // of the program
	absolute []modelInstant
	over     modelInstant // up to then instants of an AnyOf have passed, whatever the clock shows
}

func (s *modelSpecSchedule) String() string {
	text := flagText(s.even, "in even minutes")
	if s.jitter > 0 {
		text += fmt.Sprintf(", jitter %v", s.jitter)
	}
	return text
}

func (s *modelSpec) partsText() string {
	texts := []string{fmt.Sprintf("at %v", s.instants)}
	for i := range s.parts {
		texts = append(texts, s.parts[i].String())
	}
	return "any of " + strings.Join(texts, "; ")
}

// drawSchedule gives some definitions one of the schedules above, or an option for it.
func (g *modelGenerator) drawSchedule(s *modelSpec) {
	if s.kind == kindDaily && g.schedules.Intn(3) == 0 {
		s.kind = kindNthWeekday
		g.drawNth(s)
	}
	if s.kind == kindCron && g.schedules.Intn(2) == 0 && s.startIn == nil {
		g.drawParts(s)
	}
	if s.kind != kindRandom && s.kind != kindOwnCron && s.kind != kindOnce && g.schedules.Intn(4) == 0 {
		s.jitter = []time.Duration{1, time.Second, 4 * time.Second, 30 * time.Second, 1000 * time.Hour}[g.schedules.Intn(5)]
	}
	asksFreely := g.setup.slots == 0 && !g.setup.extended && !g.setup.slow // as for kindOwnCron
	mayAsk := asksFreely && (s.kind == kindDuration || s.kind == kindCron)
	s.even = (mayAsk || s.kind == kindOnce) && g.schedules.Intn(4) == 0
}

func (g *modelGenerator) drawNth(s *modelSpec) {
	for s.nth == nil {
		for n := 1; n <= 5; n++ {
			for day := time.Sunday; day <= time.Saturday; day++ {
				if g.schedules.Intn(3) > 0 {
					s.nth = append(s.nth, gocron.NthWeekday{N: []int{n, -n}[g.schedules.Intn(2)], Weekday: day})
				}
			}
		}
	}
}

func (g *modelGenerator) drawParts(s *modelSpec) {
	s.parts = []modelSpec{{kind: kindCron, cron: s.cron}}
	if g.schedules.Intn(2) == 0 {
		at := time.Duration(g.schedules.Intn(120)) * time.Second
		s.parts = append(s.parts, modelSpec{kind: kindDaily, interval: 1, atTimes: []time.Duration{at}})
	}
	if g.schedules.Intn(2) == 0 {
		nth := modelSpec{kind: kindNthWeekday, interval: 1, atTimes: []time.Duration{time.Duration(g.schedules.Intn(120)) * time.Second}}
		g.drawNth(&nth)
		s.parts = append(s.parts, nth)
	}
	for n := g.schedules.Intn(3); n > 0; n-- {
		s.instants = append(s.instants, time.Duration(1+g.schedules.Intn(30))*time.Second+time.Duration(g.schedules.Intn(2)))
	}
	s.kind = kindAnyOf
}

// asks reports whether the scheduler calls user code for the times.
func (s *modelSpec) asks() bool {
	return s.kind == kindOwnCron || s.even && s.kind != kindOnce && s.kind != kindManual
}

// elapses reports whether the times go by the monotonic clock.
func (s *modelSpec) elapses() bool {
	return s.kind == kindDuration && !s.even || s.kind == kindRandom
}

// isIncluded is the calendar of the job.
func (s *modelSpec) isIncluded(t modelInstant) bool {
	return !s.even || s.begin.Round(0).Add(t).Minute()%2 == 0
}

// after is the first occurrence after t of a job that counts from anchor.
func (s *modelSpec) after(anchor, t modelInstant) modelInstant {
	if s.jitter == 0 && !s.even {
		return s.nominalAfter(anchor, t)
	}
	for nominal := s.nominalAfter(anchor, t-s.jitter-1); nominal != noInstant; nominal = s.nominalAfter(anchor, nominal) {
		if at := s.delayed(anchor, nominal); at > t && s.isIncluded(nominal) {
			return at
		}
		if s.jitter > time.Hour { // which is cut to the gap: skip what cannot be
			skip := t - s.longestGap()
			nominal = max(nominal, min(skip, t))
		}
	}
	return noInstant
}

// longestGap is not less than the time between two occurrences that are due before a program ends.
func (s *modelSpec) longestGap() time.Duration {
	switch s.kind {
	case kindDuration:
		return s.every
	case kindCron, kindAnyOf: // which has a crontab
		return 3 * time.Minute
	}
	return 1000 * time.Hour
}

// delayed is when a nominal occurrence is due.
func (s *modelSpec) delayed(anchor, nominal modelInstant) modelInstant {
	if s.jitter == 0 {
		return nominal
	}
	for _, at := range s.absolute { // of an AnyOf
		if at == nominal {
			return nominal
		}
	}
	most := s.jitter
	if next := s.nominalAfter(anchor, nominal); next != noInstant {
		most = min(most, next-nominal)
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%d\x00%d", s.label, s.begin.Round(0).Add(nominal).UnixNano())
	return nominal + modelInstant(h.Sum64()%uint64(most))
}

// nominal is the occurrence that is due at the given time.
func (s *modelSpec) nominal(anchor, at modelInstant) modelInstant {
	if s.jitter == 0 {
		return at
	}
	lookBack := min(s.jitter, s.longestGap())
	for nominal := s.nominalAfter(anchor, at-lookBack-1); nominal != noInstant && nominal <= at; nominal = s.nominalAfter(anchor, nominal) {
		if s.delayed(anchor, nominal) == at {
			return nominal
		}
	}
	return at // a start time
}

// nthAfter tries every day from the anchor's.
func (s *modelSpec) nthAfter(anchor, t modelInstant) modelInstant {
	from := max(anchor, t)
	month := func(at time.Time) int { return at.Year()*12 + int(at.Month()) }
	start := month(s.begin.Round(0).UTC().Add(anchor))
	for day := dayOf(from); ; day += modelDay {
		date := s.begin.Round(0).UTC().Add(day)
		if (month(date)-start)%s.interval != 0 || !s.namesDay(date) {
			continue
		}
		first := noInstant
		for _, at := range s.atTimes {
			if next := day + at; next > from && (first == noInstant || next < first) {
				first = next
			}
		}
		if first != noInstant {
			return first
		}
	}
}

func (s *modelSpec) namesDay(date time.Time) bool {
	last := time.Date(date.Year(), date.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	for _, nth := range s.nth {
		fromBegin, fromEnd := (date.Day()-1)/7+1, -((last-date.Day())/7 + 1)
		if nth.Weekday == date.Weekday() && (nth.N == fromBegin || nth.N == fromEnd) {
			return true
		}
	}
	return false
}

func dayOf(t modelInstant) modelInstant { return t - (t%modelDay+modelDay)%modelDay }

// anyAfter is the first of all parts.
func (s *modelSpec) anyAfter(anchor, t modelInstant) modelInstant {
	first := firstOf(s.absolute, max(t, s.over))
	for i := range s.parts {
		part := &s.parts[i]
		part.begin = s.begin
		if next := part.nominalAfter(anchor, t); first == noInstant || next < first {
			first = next
		}
	}
	return first
}

// passInstants has the instants of an AnyOf pass that were due before a clock was set back.
func (j *modelJob) passInstants(latest modelInstant) {
	next := j.next
	if next == noInstant {
		next = j.kept
	}
	if next != noInstant {
		latest = min(latest, next-1)
	}
	j.spec.over = max(j.spec.over, latest)
}

// lastDue is when the times of j end that has a stop time.
func (j *modelJob) lastDue() modelInstant {
	s := j.spec
	if s.jitter == 0 || j.anchor == noInstant {
		return j.stopAt
	}
	last := j.stopAt
	lookBack := min(s.jitter, s.longestGap())
	for nominal := s.nominalAfter(j.anchor, j.stopAt-lookBack-1); nominal <= j.stopAt; nominal = s.nominalAfter(j.anchor, nominal) {
		last = max(last, s.delayed(j.anchor, nominal))
	}
	return last
}

// lookBack is how long before the moment from which j counts an occurrence may have been that is
// delayed until after it.
func (s *modelSpec) lookBack() time.Duration {
	if s.kind == kindDuration || s.interval > 1 {
		return 0
	}
	return s.jitter
}

// monthBefore is an anchor in the month before t's or earlier, with the phase of the one given.
func (s *modelSpec) monthBefore(anchor, t modelInstant) modelInstant {
	first := func(t modelInstant) time.Time {
		date := s.begin.Round(0).UTC().Add(t)
		return time.Date(date.Year(), date.Month(), 1, 12, 0, 0, 0, time.UTC)
	}
	month := first(anchor)
	for !month.Before(first(t)) {
		month = month.AddDate(0, -s.interval, 0)
	}
	return month.Sub(s.begin.Round(0))
}
