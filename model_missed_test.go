//go:build go1.25

package gocron

import "slices"

// recordsMissed reports whether the occurrences of j that pass from an instant to the
// present are recorded. Nobody can name those of some kinds.
func (j *modelJob) recordsMissed(from modelInstant) bool {
	if j.spec.kind == kindRandom || j.spec.kind == kindOwnCron || j.spec.counting() {
		return false
	}
	return !j.lineage.paused || j.lineage.pausedAt > from
}

// firstPassedOver is the first time after due that has come as well, if j will not be
// handed over for it.
func (m *modelScheduler) firstPassedOver(j *modelJob, due modelInstant) modelInstant {
	if due >= m.now || j.spec.kind == kindOnce || !j.recordsMissed(due) {
		return noInstant
	}
	passed := j.beforeStop(j.spec.after(j.anchor, due))
	if passed > m.now {
		return noInstant
	}
	return passed
}

// passOver records what has passed while the scheduler was stopped. Next is what j was
// booked for before. Of one-time jobs it also records what has passed before the first
// Start.
func (m *modelScheduler) passOver(j *modelJob, next modelInstant, first bool) {
	from := m.halted
	if j.spec.kind == kindOnce {
		if next = j.beforeStop(firstOf(j.instants, j.anchor)); first {
			from = next
		}
	} else if first || !j.recordsMissed(from) {
		return
	}
	if next == noInstant || next >= m.now {
		return
	}
	if j.spec.kind == kindOnce {
		j.anchor = m.now - 1
	}
	m.recordMissed(j, from, m.now, next)
}

// recordMissed makes the record of a gap in which j was not handed over for passed, and
// perhaps for later times.
func (m *modelScheduler) recordMissed(j *modelJob, from, to, passed modelInstant) {
	if passed == noInstant || j.ended {
		return
	}
	r := m.unmade(j, passed, bySchedule)
	r.outcome, r.missedFrom, r.missedTo = OutcomeMissed, from, to
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
	r.outcome = OutcomeCancelled
	m.tellHook(r, "due", r.due)
	m.account(r)
}
