//go:build go1.25

package model_test

import "slices"

// settleJobs has those leave that are spent.
func (m *modelScheduler) settleJobs() {
	for _, j := range slices.Clone(m.jobs) {
		if m.spent(j) {
			m.leave(j, nil)
		}
	}
}

// leave takes j off the list. Its runs that have their slot and have not begun go on if it
// has a successor.
func (m *modelScheduler) leave(j, successor *modelJob) {
	m.missBeforeLeaving(j)
	m.jobs = without(m.jobs, j)
	last := len(m.list) - 1
	m.list[slices.Index(m.list, j)] = m.list[last]
	m.list = m.list[:last]
	j.listed = false
	m.unbook(j)
	m.dropWaiting(j)
	m.cancelOwed(j)
	for _, r := range m.live {
		if r.job.lineage == j.lineage && (successor == nil || r.performed) {
			m.endContext(r)
		}
	}
	m.tellMonitor(j.spec.label, "unregistered", 0, 0)
}

// spent reports whether nothing will become of a job any more.
func (m *modelScheduler) spent(j *modelJob) bool {
	if !m.idle(j.lineage) {
		return false
	}
	if j.spec.limitedRuns > 0 && j.done >= j.spec.limitedRuns {
		return true
	}
	once := j.spec.kind == kindOnce
	leaves := once && j.spec.leaves || !j.ended && (j.stopAt != noInstant || once && j.spec.limitedRuns > 0 && !j.ranLast)
	return leaves && m.hasNothingLeft(j)
}

// hasNothingLeft reports whether no run of j will come of itself, or be asked for if it is manual.
func (m *modelScheduler) hasNothingLeft(j *modelJob) bool {
	return !m.mayBeAskedFor(j) && m.running && j.entered && !j.booked() && len(j.owed) == 0
}

// mayBeAskedFor reports whether j is manual and its stop time has not passed, or nobody has seen that
// it has.
func (m *modelScheduler) mayBeAskedFor(j *modelJob) bool {
	seen := j.stopAt != noInstant && m.now > j.stopAt && j.touchedAt > j.stopAt
	return j.spec.kind == kindManual && !seen
}

// idle reports whether nothing of a job is performed or waits.
func (m *modelScheduler) idle(l *modelLineage) bool {
	of := func(r *modelRun) bool { return r.job.lineage == l }
	return !slices.ContainsFunc(m.live, of) && !slices.ContainsFunc(m.waiting, of) && !slices.ContainsFunc(m.retrying, of)
}
