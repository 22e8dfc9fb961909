//go:build go1.25

package gocron

import (
	"slices"
	"time"
)

// A modelClock is what the scheduler has seen of its clock.
type modelClock struct {
	known  bool
	latest modelInstant // ever
	mark   modelInstant // since it was last found set back
}

// lookAtClock notices that the clock was set back. Only a scheduler that runs looks.
func (m *modelScheduler) lookAtClock() {
	c := &m.clock
	if !c.known {
		c.known, c.latest, c.mark = true, m.now, m.now
	}
	c.latest = max(c.latest, m.now)
	fallen := c.mark - m.now
	if fallen <= 10*time.Second {
		c.mark = max(c.mark, m.now)
		return
	}
	c.mark = m.now
	correction := c.latest-m.now >= 3*time.Hour
	for _, j := range m.jobs {
		m.followClock(j, correction)
	}
	for _, r := range m.retrying {
		if correction {
			r.retryAt -= fallen
		}
	}
}

// followClock books j anew if a step back says so.
func (m *modelScheduler) followClock(j *modelJob, correction bool) {
	if !j.anchored || j.awaitsStart() || j.spec.kind == kindOwnCron || j.spec.kind == kindOnce {
		return
	}
	switch {
	case correction && (j.spec.kind == kindDuration || j.spec.kind == kindRandom):
		j.anchor = m.now
	case correction, j.spec.kind == kindCron: // crontabs of these programs name every hour
		j.anchor = j.spec.before(j.anchor, m.now)
	default:
		return
	}
	switch {
	case j.booked():
		m.bookAfter(j, noInstant, m.now)
	case j.kept != noInstant:
		m.bookAfter(j, noInstant, m.now)
		j.kept = j.next
		m.unbook(j)
	}
}

// before is an anchor before t with the phase of the one given.
func (s *modelSpec) before(anchor, t modelInstant) modelInstant {
	switch {
	case anchor < t:
		return anchor
	case s.kind == kindCron:
		return t - 1
	}
	dayOf := func(t modelInstant) modelInstant { return t - (t%modelDay+modelDay)%modelDay }
	day := dayOf(anchor)
	for day >= dayOf(t) {
		day -= time.Duration(s.interval) * modelDay
	}
	return day + modelDay/2
}

// setBack sets the clock back. What is on the real clock, which goes on, comes that much
// earlier by the one that was set.
func (m *modelScheduler) setBack(by time.Duration) {
	if m.running {
		m.lookAtClock()
	}
	m.now -= by
	for _, st := range m.stops {
		st.deadline -= by
	}
	for _, r := range slices.Concat(m.live, m.waiting, m.retrying) {
		r.timesOut -= by
		r.cancelledAt -= by
	}
	if m.running {
		m.lookAtClock()
	}
}
