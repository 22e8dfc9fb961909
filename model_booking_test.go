//go:build go1.25

package gocron

import (
	"slices"
	"time"
)

// enter schedules a job when the scheduler starts, or when it is added to one
// that runs.
func (m *modelScheduler) enter(j *modelJob) {
	j.entered = true
	first := !j.anchored
	startsPast := first && j.startAt != noInstant && j.startAt < m.now
	switch {
	case first && j.startAt != noInstant:
		j.anchor = j.startAt
	case first, j.spec.immediately && j.spec.kind != kindOnce:
		j.anchor = m.now
	}
	j.anchored = true
	switch {
	case j.spec.immediately && !(j.spec.kind == kindOnce && j.immediateDone):
		j.immediateDone = true
		m.handOver(j, m.now, byStart)
	case j.spec.counting() && m.scheduledRunOf(j):
	case startsPast && j.spec.kind == kindRandom:
		m.bookDraw(j, m.now-1)
	case startsPast && j.spec.kind != kindOwnCron:
		m.book(j, j.spec.after(j.anchor, m.now-1)) // what is due right now is due
	default:
		m.bookAfter(j, noInstant)
	}
}

// counting reports whether the interval counts from completion.
func (s *modelSpec) counting() bool {
	return s.fromCompletion && (s.kind == kindDuration || s.kind == kindRandom)
}

// scheduledRunOf reports whether a run of j waits or is performed that is not a
// RunNow.
func (m *modelScheduler) scheduledRunOf(j *modelJob) bool {
	scheduled := func(r *modelRun) bool { return r.job == j && r.trigger != byRunNow }
	return slices.ContainsFunc(m.live, scheduled) || slices.ContainsFunc(m.waiting, scheduled) ||
		slices.ContainsFunc(m.retrying, scheduled)
}

func (j *modelJob) allTaken() bool {
	return j.spec.limitedRuns > 0 && j.taken >= j.spec.limitedRuns
}

func (m *modelScheduler) unbook(j *modelJob) { j.next, j.drawnFrom = noInstant, nil }

// book books at, unless the job may have no next time.
func (m *modelScheduler) book(j *modelJob, at modelInstant) {
	m.unbook(j)
	if j.ended || j.allTaken() || j.stopAt != noInstant && at > j.stopAt {
		return
	}
	j.next = at
}

// bookAfter books the first time after now and after last, the time that was
// handed over.
func (m *modelScheduler) bookAfter(j *modelJob, last modelInstant) {
	if j.startAt != noInstant && !j.startHandled && j.startAt >= m.now {
		m.book(j, j.startAt)
		return
	}
	switch j.spec.kind {
	case kindOnce: // instants that passed meanwhile still run
		if last == noInstant {
			last = m.now
		}
		m.book(j, firstOf(j.instants, last))
	case kindRandom:
		m.bookDraw(j, m.now)
		if last != noInstant && j.drawnFrom != nil {
			j.drawnFrom = append(j.drawnFrom, last)
		}
	default:
		m.book(j, j.spec.after(j.anchor, max(last, m.now)))
	}
}

// bookDraw books a random time that counts from the given one.
func (m *modelScheduler) bookDraw(j *modelJob, from modelInstant) {
	m.unbook(j)
	if !j.ended && !j.allTaken() {
		j.drawnFrom = []modelInstant{from}
	}
}

// bookFrom books an interval that counts from the anchor.
func (m *modelScheduler) bookFrom(j *modelJob) {
	if j.spec.kind == kindRandom {
		m.bookDraw(j, j.anchor)
	} else {
		m.book(j, j.anchor+j.spec.every)
	}
}

// bookAtEndOf books a next time if there is none because of r.
func (m *modelScheduler) bookAtEndOf(r *modelRun) {
	j := r.job
	if j.spec.counting() && r.trigger != byRunNow && r.performed {
		j.anchor = r.finishedAt
	}
	if !m.running || !j.listed || !j.entered {
		return
	}
	m.handOverOwed(j)
	if j.next != noInstant || j.drawnFrom != nil {
		return
	}
	switch {
	case j.spec.counting() && m.scheduledRunOf(j):
	case j.spec.counting() && r.trigger != byRunNow && r.performed:
		m.bookFrom(j)
	case j.spec.counting() && (r.trigger != byRunNow || !r.performed && j.spec.limitedRuns > 0):
		j.anchor = m.now
		m.bookFrom(j)
	case !r.performed && j.spec.limitedRuns > 0:
		m.bookAfter(j, noInstant)
	}
}

// stopGraceOfModel: what was armed before the stop time runs although the clock
// jumped over that, if not by more.
const stopGraceOfModel = time.Second

// fallDue hands over what is due, in order of due time, then of creation.
func (m *modelScheduler) fallDue() {
	for {
		var first *modelJob
		for _, j := range m.jobs {
			if due := m.dueTime(j); due != noInstant && due <= m.now && (first == nil || due < m.dueTime(first)) {
				first = j
			}
		}
		switch {
		case first != nil:
			m.fire(first)
		case !m.retryDue():
			return
		}
		m.serveWaiting()
		m.settleJobs()
	}
}

// dueTime is when something has to happen to j: its next run, or the drop of
// those that wait beyond its stop time.
func (m *modelScheduler) dueTime(j *modelJob) modelInstant {
	ofJob := func(r *modelRun) bool { return r.job == j }
	switch {
	case j.next != noInstant:
		return j.next
	case m.running && j.stopAt != noInstant && j.drawnFrom == nil && slices.ContainsFunc(m.waiting, ofJob):
		return j.stopAt + stopGraceOfModel + 1
	}
	return noInstant
}

func (m *modelScheduler) fire(j *modelJob) {
	due := j.next
	if due == noInstant {
		m.dropWaiting(j)
		return
	}
	m.unbook(j)
	j.startHandled = true
	if j.stopAt == noInstant || m.now-j.stopAt <= stopGraceOfModel {
		m.handOver(j, due, bySchedule)
	}
}

// stopDeadline is when the first stop gives up waiting, noInstant if none waits.
func (m *modelScheduler) stopDeadline() modelInstant {
	first := noInstant
	for _, st := range m.stops {
		if first == noInstant || st.deadline < first {
			first = st.deadline
		}
	}
	return first
}

// nextInstant is when something happens next, noInstant for never.
func (m *modelScheduler) nextInstant() modelInstant {
	next := noInstant
	consider := func(at modelInstant) {
		if at != noInstant && (next == noInstant || at < next) {
			next = at
		}
	}
	for _, r := range m.live {
		consider(r.arrived + r.fate.stay)
	}
	for _, r := range m.retrying {
		consider(r.retryAt)
	}
	consider(m.stopDeadline())
	for _, j := range m.jobs {
		consider(m.dueTime(j))
	}
	return next
}

// arriveAt lets the clock show now: stops time out, and what is due happens.
func (m *modelScheduler) arriveAt(now modelInstant) {
	m.now = now
	for _, st := range slices.Clone(m.stops) {
		if st.deadline <= now && slices.Contains(m.stops, st) {
			m.giveUp(st)
		}
	}
	m.fallDue()
	m.settle()
}
