//go:build go1.25

package model_test

import (
	"slices"
	"time"
)

// A modelClock is what the scheduler has seen of its clock.
type modelClock struct {
	known     bool
	latest    modelInstant  // ever
	corrected bool          // it was set back by hours, and has not caught up since
	mark      modelInstant  // since it was last found set back
	gained    time.Duration // by the wall clock on the monotonic one, since the last look
	seen      modelInstant  // the last look, by the wall clock as it is set now
}

// lookAtClock notices that the clock was set back. Only a scheduler that runs looks.
func (m *modelScheduler) lookAtClock() {
	c := &m.clock
	gained := c.gained
	c.gained = 0
	if !c.known {
		c.known, c.latest, c.mark, c.seen, gained = true, m.now, m.now, m.now, 0
	}
	shown := m.now // the earliest time that the clock can have shown since
	if m.movable {
		shown = c.seen
	}
	c.seen = m.now
	slept := gained >= 10*time.Second && gained <= 7*modelDay
	if !slept && gained.Abs() >= time.Second {
		m.shiftIntervals(gained)
	}
	if slept {
		m.haltedFor += gained
	}
	for _, j := range m.jobs {
		j.ahead = 0
	}
	for _, r := range m.live {
		if slept {
			r.slept += gained - r.ahead
		}
		r.ahead = 0
	}
	c.latest = max(c.latest, m.now)
	c.corrected = c.corrected && c.latest > m.now
	fallen, correction := c.mark-m.now, c.latest-m.now >= 3*time.Hour
	if completes := fallen > 0 && correction && !c.corrected; fallen <= 10*time.Second && !completes {
		c.mark = max(c.mark, m.now)
		return
	}
	c.mark, c.corrected = m.now, c.corrected || correction
	for _, j := range m.jobs {
		if l := j.lineage; shown < l.pausedAt { // it has been paused since an earlier time than that
			l.pausedAt, l.pausedThen = shown, shown
		}
		m.followClock(j, correction, shown)
	}
	for _, r := range m.retrying {
		if correction && m.fake {
			r.retryAt -= fallen
		}
	}
}

// followClock books j anew if a step back says so, with what comes after the time shown.
func (m *modelScheduler) followClock(j *modelJob, correction bool, shown modelInstant) {
	if !j.anchored || j.awaitsStart() || j.spec.asks() || j.spec.kind == kindOnce || j.spec.kind == kindManual {
		return
	}
	switch {
	case m.movable && j.spec.elapses(): // they go by the other clock
		return
	case correction && j.spec.elapses():
		j.anchor = m.now
	case correction, j.spec.kind == kindCron: // crontabs of these programs name every hour
		j.anchor = j.spec.before(j.anchor, shown)
		j.passInstants(m.clock.latest)
	default:
		return
	}
	switch {
	case j.booked():
		m.bookAfter(j, noInstant, shown)
	case j.kept != noInstant:
		m.bookAfter(j, noInstant, shown)
		j.kept = j.next
		m.unbook(j)
	}
}

// before is an anchor before t with the phase of the one given.
func (s *modelSpec) before(anchor, t modelInstant) modelInstant {
	switch {
	case s.kind == kindAnyOf:
		return min(anchor, t-s.jitter-1)
	case anchor < t:
		return anchor
	}
	t -= s.jitter
	if s.kind == kindCron || s.kind == kindNthWeekday && s.interval == 1 {
		return t - 1
	}
	if s.kind == kindNthWeekday {
		return s.monthBefore(anchor, t)
	}
	day := dayOf(anchor)
	for day >= dayOf(t) {
		day -= time.Duration(s.interval) * modelDay
	}
	return day + modelDay/2
}

// shiftIntervals moves the times of all that goes by the monotonic clock.
func (m *modelScheduler) shiftIntervals(by time.Duration) {
	for _, r := range m.retrying {
		r.retryAt += by
	}
	for _, j := range m.jobs {
		if !j.spec.elapses() || !j.anchored || j.awaitsStart() {
			continue
		}
		anchor := j.anchor
		j.anchor += by - j.ahead                      // one that was read since a step needs no shift for that
		shift := func(at modelInstant) modelInstant { // whose delay is another one then
			if j.spec.jitter == 0 {
				return at + by
			}
			return j.spec.delayed(j.anchor, j.spec.nominal(anchor, at)+by)
		}
		if j.next != noInstant {
			j.next = shift(j.next)
			m.nudged = m.nudged || j.spec.jitter > 0
		}
		if j.kept != noInstant {
			j.kept = shift(j.kept)
		}
	}
}

// moveClock sets the clock. Stops and timeouts, and all that goes by the monotonic clock,
// come that much later by the one that was set.
func (m *modelScheduler) moveClock(by time.Duration) {
	if m.running {
		m.lookAtClock()
	}
	m.now += by
	for _, st := range m.stops {
		st.deadline += by
	}
	for _, r := range slices.Concat(m.live, m.waiting, m.retrying) {
		r.timesOut += by
		r.cancelledAt += by
	}
	if m.movable {
		m.clock.gained += by
		m.shiftMoments(by)
	}
	if m.running {
		m.lookAtClock()
	}
	if m.nudged { // by a job whose delay is another one now
		m.nudged = false
		m.fallDue()
		m.settle()
	}
}

// shiftMoments moves what is compared by the monotonic clock.
func (m *modelScheduler) shiftMoments(by time.Duration) {
	m.haltedThen += by
	m.clock.seen += by
	for _, r := range slices.Concat(m.live, m.waiting, m.retrying) {
		r.returnedThen += by
		r.began += by
		if r.trigger == bySchedule && r.job.spec.elapses() {
			r.dueThen += by
		}
	}
	shifted := map[*modelLineage]bool{}
	for _, j := range m.jobs {
		if l := j.lineage; !shifted[l] {
			shifted[l] = true
			l.pausedThen += by
			if l.completedThen != noInstant {
				l.completedThen += by
			}
		}
	}
}
