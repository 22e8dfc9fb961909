//go:build go1.25

package gocron

import (
	"cmp"
	"slices"
)

// handOver makes a run of j and books the next time.
func (m *modelScheduler) handOver(j *modelJob, due modelInstant, by modelTrigger) {
	if j.ended || j.allTaken() {
		return
	}
	r := m.newRun(j, due, by)
	switch {
	case by == byRunNow:
		if j.allTaken() {
			m.unbook(j)
		}
	case j.spec.counting():
		m.unbook(j)
	case by == byStart:
		m.bookAfter(j, noInstant)
	default:
		m.bookAfter(j, due)
	}
	m.admit(r)
}

// handOverOwed hands over what a stop dropped of one-time jobs, in order of due
// time, then of creation.
func (m *modelScheduler) handOverOwed(jobs ...*modelJob) {
	type debt struct {
		job *modelJob
		due modelInstant
	}
	var debts []debt
	for _, j := range jobs {
		if j.ended {
			continue
		}
		for _, due := range j.owed {
			debts = append(debts, debt{j, due})
		}
		j.owed = nil
	}
	if len(debts) == 0 {
		return
	}
	m.serveWaiting() // those are earlier
	slices.SortStableFunc(debts, func(a, b debt) int { return cmp.Compare(a.due, b.due) })
	for _, d := range debts {
		m.admit(m.newRun(d.job, d.due, bySchedule))
	}
}

func (m *modelScheduler) newRun(j *modelJob, due modelInstant, by modelTrigger) *modelRun {
	m.made++
	j.taken++
	return &modelRun{number: m.made, job: j, due: due, trigger: by, session: m.session}
}

// gateOpen reports whether a run of j may go on to look for a slot: always, or
// when no other of the job is performed or waits for a slot.
func (m *modelScheduler) gateOpen(j *modelJob) bool {
	past := func(r *modelRun) bool { return r.job.lineage == j.lineage && !r.atGate }
	return j.spec.singleton == 0 || !slices.ContainsFunc(m.live, past) && !slices.ContainsFunc(m.waiting, past)
}

func (m *modelScheduler) slotFree() bool {
	return m.program.setup.slots == 0 || len(m.live) < m.program.setup.slots
}

func (m *modelScheduler) admit(r *modelRun) {
	atGate := func(other *modelRun) bool { return other.job == r.job && other.atGate }
	if m.gateOpen(r.job) && !slices.ContainsFunc(m.waiting, atGate) {
		m.findSlot(r)
		return
	}
	m.tellMonitor(r.job.spec.label, "limit reached: singleton", 0, 0)
	if r.job.spec.singleton == LimitModeReschedule {
		m.count(r.job, SingletonRescheduled)
		m.finish(r)
		return
	}
	r.atGate = true
	m.wait(r)
}

// findSlot starts a run, skips it, or lets it wait for a slot. Whoever waits
// for one found none free, so a free one is nobody else's.
func (m *modelScheduler) findSlot(r *modelRun) {
	if m.slotFree() {
		m.begin(r)
		return
	}
	m.tellMonitor(r.job.spec.label, "limit reached: limit", 0, 0)
	if m.program.setup.slotMode == LimitModeReschedule {
		m.finish(r)
		return
	}
	m.wait(r)
}

func (m *modelScheduler) wait(r *modelRun) {
	r.waited = true
	m.waiting = append(m.waiting, r)
	slices.SortFunc(m.waiting, func(a, b *modelRun) int { return cmp.Compare(a.number, b.number) })
}

// serveWaiting gives the runs that wait their turns.
func (m *modelScheduler) serveWaiting() {
	for r := m.nextTurn(); r != nil; r = m.nextTurn() {
		m.waiting = without(m.waiting, r)
		r.atGate = false
		m.findSlot(r)
	}
}

// nextTurn is the first run, in order of hand-over, that can go on: to a slot, or
// at least through its gate.
func (m *modelScheduler) nextTurn() *modelRun {
	for _, r := range m.waiting {
		if r.atGate && m.gateOpen(r.job) || !r.atGate && m.slotFree() {
			return r
		}
	}
	return nil
}

func without[T comparable](list []T, x T) []T {
	return slices.DeleteFunc(list, func(y T) bool { return y == x })
}

// dropWaiting drops all runs of j that wait.
func (m *modelScheduler) dropWaiting(j *modelJob) {
	for _, r := range slices.Clone(m.waiting) {
		if r.job == j {
			m.waiting = without(m.waiting, r)
			m.cancel(r)
		}
	}
}

// cancel ends a run that was not performed because its job left or stopped.
func (m *modelScheduler) cancel(r *modelRun) {
	j := r.job
	stopped := !m.running || r.session != m.session
	if stopped && j.spec.kind == kindOnce && r.trigger != byRunNow && j.listed && !j.ended {
		j.owed = append(j.owed, r.due)
	}
	m.finish(r)
}

// finish is the end of every run.
func (m *modelScheduler) finish(r *modelRun) {
	m.ended++
	j := r.job
	m.live = without(m.live, r)
	if r.performed {
		j.lineage.completedAt = max(j.lineage.completedAt, r.returnedAt)
		j.done++
	} else {
		j.taken--
	}
	for _, st := range m.stops {
		st.waitsFor = without(st.waitsFor, r)
	}
	m.bookAtEndOf(r)
}
