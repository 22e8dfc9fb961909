//go:build go1.25

package model_test

import (
	"slices"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// recordsAny reports whether what j misses is recorded. Nobody can name the times of some
// kinds.
func (j *modelJob) recordsAny() bool {
	return j.spec.kind != kindRandom && !j.spec.asks() && !j.spec.counting()
}

// recordsMissed reports whether the occurrences of j that pass from an instant to the
// present are recorded.
func (j *modelJob) recordsMissed(from modelInstant) bool {
	return j.recordsAny() && j.unpausedSince(from)
}

// unpausedSince reports whether j was not paused all the time since.
func (j *modelJob) unpausedSince(from modelInstant) bool {
	return !j.lineage.paused || j.elapsing(j.lineage.pausedAt, j.lineage.pausedThen) > from
}

// firstPassedOver is the first time after due that has come as well, if j will not be
// handed over for it.
func (m *modelScheduler) firstPassedOver(j *modelJob, due modelInstant) modelInstant {
	inTime := due >= m.now || !m.fake && m.now-due < time.Second // then the machine is busy
	if inTime || j.spec.kind == kindOnce || !j.recordsMissed(due) {
		return noInstant
	}
	passed := j.beforeStop(j.spec.after(j.anchor, due))
	if passed > m.now {
		return noInstant
	}
	return passed
}

// missBeforeLeaving records what has passed of j, which leaves now, while the scheduler was stopped.
func (m *modelScheduler) missBeforeLeaving(j *modelJob) {
	if m.running {
		return
	}
	all := *m // j alone learns what has happened to the clock
	m.jobs, m.live, m.retrying = []*modelJob{j}, nil, nil
	m.lookAtClock()
	m.passOver(j, j.kept, !j.anchored, m.now+1, m.now)
	m.jobs, m.live, m.retrying, m.clock = all.jobs, all.live, all.retrying, all.clock
	m.nudged, m.haltedFor = all.nudged, all.haltedFor
}

// passOver records what has passed before the moment while the scheduler was stopped. Next is what
// j was booked for before. Of one-time jobs it also records what has passed before the first
// Start.
func (m *modelScheduler) passOver(j *modelJob, next modelInstant, first bool, moment, to modelInstant) {
	once := j.spec.kind == kindOnce
	if once {
		next = m.passedInstant(j, first, moment)
	}
	if next == noInstant || next >= moment || first && !once {
		return
	}
	from, records := m.halted, !j.lineage.paused || j.lineage.pausedThen > m.haltedThen
	if first || j.elapsing(from, m.haltedThen-m.haltedFor) > next {
		from, records = next, j.recordsMissed(next)
	}
	if once && !j.spec.late {
		j.anchor = moment - 1
	}
	if once || records && j.recordsAny() {
		m.recordMissed(j, from, to, next)
	}
}

// passedInstant is the first time of a one-time job that may have passed: its start time, or an
// instant that is not before that.
func (m *modelScheduler) passedInstant(j *modelJob, first bool, moment modelInstant) modelInstant {
	after, passed := j.anchor, j.awaitsStart() && j.startAt < moment
	switch {
	case j.awaitsStart() && !passed, j.spec.late && (first || !passed):
		return noInstant
	case j.spec.late: // what comes after it runs now, and so does an instant that is the same
		j.anchor = j.startAt - 1
		if slices.Contains(j.instants, j.startAt) {
			return noInstant
		}
		return j.startAt
	case passed && !first:
		return j.startAt
	case passed:
		after = j.startAt - 1
	}
	return j.beforeStop(firstOf(j.instants, after))
}

// elapsing is which of the two is compared with a time of j: that by the wall clock as it
// was, or, for intervals, as it is set now.
func (j *modelJob) elapsing(at, then modelInstant) modelInstant {
	if j.spec.elapses() && !j.awaitsStart() {
		return then
	}
	return at
}

// recordMissed makes the record of a gap in which j was not handed over for passed, and
// perhaps for later times.
func (m *modelScheduler) recordMissed(j *modelJob, from, to, passed modelInstant) {
	if passed == noInstant || j.ended {
		return
	}
	r := m.unmade(j, passed, bySchedule)
	r.outcome, r.missedFrom, r.missedTo, r.finishedAt = gocron.OutcomeMissed, from, to, to
	m.account(r)
}

// unmade is a run that is only in the books.
func (m *modelScheduler) unmade(j *modelJob, due modelInstant, by modelTrigger) *modelRun {
	r := m.newRun(j, due, by)
	j.taken--
	m.ended++
	r.finishedAt = m.now
	return r
}

// keep keeps an occurrence of a paused one-time job.
func (m *modelScheduler) keep(j *modelJob, due modelInstant, by modelTrigger) {
	j.owed = append(j.owed, modelOwed{due, by, true})
	m.bookAfter(j, due, m.now)
}

// cancelOwed gives up what is owed to j.
func (m *modelScheduler) cancelOwed(j *modelJob) {
	m.cancelKept(j)
	j.owed = nil
}

// cancelKept gives up what was kept of j, but not what a stop dropped.
func (m *modelScheduler) cancelKept(j *modelJob) {
	for _, o := range slices.Clone(j.owed) {
		if o.kept {
			j.owed = without(j.owed, o)
			m.cancelOne(j, o)
		}
	}
}

// cancelOne gives an occurrence that was kept its outcome.
func (m *modelScheduler) cancelOne(j *modelJob, o modelOwed) {
	r := m.unmade(j, o.due, o.trigger)
	r.outcome = gocron.OutcomeCancelled
	m.tellHook(r, "due", r.nominal)
	m.account(r)
}
