//go:build go1.25

package model_test

import (
	"slices"
	"time"
)

// enter schedules a job when the scheduler starts, or when it is added to one
// that runs. What has fallen due since the moment is due.
func (m *modelScheduler) enter(j *modelJob, moment modelInstant) {
	first, next := !j.anchored, j.kept
	j.closed, j.touchedAt = j.spec.immediately && (j.ended || j.allTaken()), m.now // it leaves with its runs, or stays
	j.entered, j.anchored, j.kept = true, true, noInstant
	m.passOver(j, next, first, moment, moment)
	m.setAnchor(j, first, moment)
	j.startHandled = j.startHandled || j.startAt < moment // then it has passed
	m.handOverOwed(j)
	switch {
	case j.spec.immediately && !(j.spec.kind == kindOnce && j.immediateDone):
		j.immediateDone = true
		j.cronLast = moment
		m.handOver(j, moment, byStart)
	case j.spec.counting() && m.scheduledRunOf(j):
	case j.spec.asks() && !j.awaitsStart():
		m.askCron(j, moment)
	case first, next == noInstant, j.drawsAnew():
		m.bookAfter(j, noInstant, moment)
	case next < moment:
		m.bookAfter(j, noInstant, moment-1) // what is due right now is due
	default:
		m.book(j, next)
	}
}

// askCron books what j's own Cron names when j is entered: the time after its last one if that is
// due at this very moment, else the one after the moment.
func (m *modelScheduler) askCron(j *modelJob, moment modelInstant) {
	last := j.cronLast
	if last == noInstant {
		j.cronLast = moment
	} else if j.spec.after(j.anchor, last) == moment {
		m.book(j, moment)
		return
	}
	m.bookAfter(j, noInstant, moment)
}

func (m *modelScheduler) setAnchor(j *modelJob, first bool, moment modelInstant) {
	switch {
	case j.spec.kind == kindOnce:
		if first {
			j.anchor = j.anchorOfInstants(moment)
		}
	case first && j.startAt != noInstant:
		j.anchor = j.startAt
	case first, j.spec.immediately, j.drawsAnew():
		j.anchor = moment - j.spec.lookBack()
	}
}

// drawsAnew reports whether j has no phase to keep.
func (j *modelJob) drawsAnew() bool { return j.spec.kind == kindRandom && !j.awaitsStart() }

// awaitsStart reports whether j has a start time that was not handed over.
func (j *modelJob) awaitsStart() bool { return j.startAt != noInstant && !j.startHandled }

// booked reports whether j has a next time.
func (j *modelJob) booked() bool { return j.next != noInstant || j.drawnFrom != nil }

// stopPassed reports whether it is too late for r to start.
func (r *modelRun) stopPassed(now modelInstant) bool {
	j := r.job
	return j.stopAt != noInstant && now-(r.due-r.nominal) > j.stopAt+stopGraceOfModel
}

// beforeStop is at, or no instant if that occurrence is after j's stop time.
func (j *modelJob) beforeStop(at modelInstant) modelInstant { return j.beforeStopFrom(j.anchor, at) }

func (j *modelJob) beforeStopFrom(anchor, at modelInstant) modelInstant {
	if j.stopAt != noInstant && at > j.stopAt && j.spec.nominal(anchor, at) > j.stopAt {
		return noInstant
	}
	return at
}

// hasRun reports whether a job that is added now, to a scheduler that runs, has a run
// before its stop time.
func (m *modelScheduler) hasRun(j *modelJob) bool {
	switch {
	case j.stopAt == noInstant, j.spec.immediately, j.spec.kind == kindManual:
		return true
	case j.awaitsStart() && j.startAt >= m.now:
		return true
	case j.spec.kind == kindOnce:
		return j.beforeStop(firstOf(j.instants, j.anchorOfInstants(m.now))) != noInstant
	case j.startAt != noInstant && j.spec.kind != kindOwnCron:
		return j.beforeStopFrom(j.startAt, j.spec.after(j.startAt, m.now)) != noInstant
	}
	anchor := m.now - j.spec.lookBack()
	return j.beforeStopFrom(anchor, j.spec.after(anchor, m.now)) != noInstant
}

// counting reports whether the interval counts from completion.
func (s *modelSpec) counting() bool {
	return s.fromCompletion && !s.even && (s.kind == kindDuration || s.kind == kindRandom)
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
	if j.ended || j.allTaken() || at == noInstant || j.beforeStop(at) == noInstant {
		return
	}
	j.next = at
}

// bookAfter books the first time after from and after last, the time that was
// handed over.
func (m *modelScheduler) bookAfter(j *modelJob, last, from modelInstant) {
	if j.awaitsStart() && j.startAt >= from {
		m.book(j, j.startAt)
		return
	}
	switch j.spec.kind {
	case kindOnce: // instants that passed meanwhile still run
		m.book(j, firstOf(j.instants, j.anchor))
	case kindRandom:
		m.bookDraw(j, from, j.anchor)
	default:
		m.book(j, j.spec.after(j.anchor, max(last, from)))
	}
}

// bookDraw books a random time that counts from one of those given.
func (m *modelScheduler) bookDraw(j *modelJob, from ...modelInstant) {
	m.unbook(j)
	if !j.ended && !j.allTaken() {
		j.drawnFrom = from
	}
}

// bookFrom books an interval that counts from the anchor.
func (m *modelScheduler) bookFrom(j *modelJob) {
	if j.spec.kind == kindRandom {
		m.bookDraw(j, j.anchor)
	} else {
		m.book(j, j.fromEnd())
	}
}

// fromEnd is when an interval is due that counts from the anchor.
func (j *modelJob) fromEnd() modelInstant { return j.spec.delayed(j.anchor, j.anchor+j.spec.every) }

// bookAtEndOf books a next time if there is none because of r, which has ended then, when the wall
// clock was that much ahead of what the scheduler knew.
func (m *modelScheduler) bookAtEndOf(r *modelRun, then modelInstant, ahead time.Duration) {
	j := r.job
	counts := j.spec.counting() && r.trigger != byRunNow
	if counts && r.performed {
		j.anchor, j.ahead = then, ahead
	}
	if !m.running || !j.listed || !j.entered {
		return
	}
	m.handOverOwed(j)
	refunded := !r.performed && j.spec.limitedRuns > 0
	switch {
	case j.booked(), j.spec.counting() && m.scheduledRunOf(j):
	case counts:
		if !r.performed {
			j.anchor = then
		}
		m.bookFrom(j)
	case refunded && j.spec.counting() && !j.awaitsStart() && j.spec.kind == kindDuration && j.fromEnd() > r.finishedAt:
		m.bookFrom(j)
	case refunded:
		if j.spec.kind == kindOnce { // what came while all runs were taken is over
			j.anchor = max(j.anchor, r.finishedAt)
		}
		m.bookAfter(j, noInstant, r.finishedAt)
	}
}

// stopGraceOfModel is how long after its stop time a run may start that was due before.
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
	case m.running && j.entered && j.stopAt != noInstant && j.drawnFrom == nil && (slices.ContainsFunc(m.waiting, ofJob) || len(j.owed) > 0 || j.spec.kind == kindManual && !j.closed):
		return j.lastDue() + stopGraceOfModel + 1
	}
	return noInstant
}

func (m *modelScheduler) fire(j *modelJob) {
	due := j.next
	if due == noInstant {
		m.dropWaiting(j)
		m.cancelOwed(j)
		j.touchedAt, j.closed = m.now, true
		return
	}
	m.unbook(j)
	j.startHandled, j.cronLast = true, due
	passed := m.firstPassedOver(j, due)
	m.handOver(j, due, bySchedule)
	if !j.allTaken() { // else this run is the last, and nothing was due after it
		m.recordMissed(j, due, m.now, passed)
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
	if m.call != nil {
		consider(m.call.ends())
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
