//go:build go1.25

package model_test

import (
	"cmp"
	"slices"

	"github.com/gocron-fixed/gocron/v2"
)

// judge says how the attempt ended whose task returns now.
func (m *modelScheduler) judge(r *modelRun) {
	spec := r.job.spec
	timedOut := spec.timeout > 0 && m.now >= r.timesOut && !(r.cancelled && r.cancelledAt < r.timesOut)
	switch {
	case r.ending == endsWithPanic:
		r.latest, r.err = gocron.OutcomePanicked, errorText(gocron.ErrPanicRecovered)
	case r.ending == endsWithGoexit:
		r.latest, r.err = gocron.OutcomeFailed, errorText(gocron.ErrTaskGoexit)
	case timedOut:
		r.latest, r.err = gocron.OutcomeTimedOut, errorText(gocron.ErrRunTimeout)
	case r.ending == endsWell:
		r.latest, r.err = gocron.OutcomeSucceeded, ""
	case r.cancelled && spec.yields && spec.takesContext():
		r.latest, r.err = gocron.OutcomeCancelled, contextText
	default:
		r.latest, r.err = gocron.OutcomeFailed, errorText(errModelTask)
	}
}

// timedOut reports whether the timeout has ended the context of a task that is being
// performed.
func (m *modelScheduler) timedOut(r *modelRun) bool {
	return r.job.spec.timeout > 0 && r.station == stationTask && m.now >= r.timesOut
}

// triesAgain reports whether there will be another attempt.
func (m *modelScheduler) triesAgain(r *modelRun) bool {
	j := r.job
	at := r.returnedAt + j.spec.wait(r.attempt, r.err)
	over := j.stopAt != noInstant && at > j.stopAt
	return r.latest != gocron.OutcomeSucceeded && r.attempt < j.spec.attempts && !over && !m.staleAt(r, at)
}

// retriesLate reports whether a run has to be tried again as soon as its hooks have
// returned, if they return late.
func (m *modelScheduler) retriesLate() bool {
	return slices.ContainsFunc(m.live, func(r *modelRun) bool {
		return r.job.spec.attempts > 0 && (r.station == stationAfter || r.station == stationError || r.station == stationUnlock)
	})
}

// suspend lets a run wait for the time of its next attempt, with nothing held.
func (m *modelScheduler) suspend(r *modelRun) {
	m.live = without(m.live, r)
	m.cease(r)
	r.waits, r.place = false, r.number
	r.queuedAt = r.returnedAt
	r.retryAt = r.returnedThen - r.slept + r.job.spec.wait(r.attempt, r.err)
	m.retrying = append(m.retrying, r)
	m.tellHook(r, "queued", r.queuedAt)
}

// retryDue begins the attempts whose time has come, in order of it, then of
// hand-over. It reports whether there were any.
func (m *modelScheduler) retryDue() bool {
	due := slices.DeleteFunc(slices.Clone(m.retrying), func(r *modelRun) bool { return r.retryAt > m.now })
	slices.SortFunc(due, func(a, b *modelRun) int {
		return cmp.Or(cmp.Compare(a.retryAt, b.retryAt), cmp.Compare(a.number, b.number))
	})
	for _, r := range due {
		if slices.Contains(m.retrying, r) {
			m.retry(r)
			m.serveWaiting()
		}
	}
	return len(due) > 0
}

// retry has a run wait for whatever is in its way, unless it is too late.
func (m *modelScheduler) retry(r *modelRun) {
	if m.stale(r) {
		m.finish(r, gocron.OutcomeCancelled, m.now)
		return
	}
	m.retrying = without(m.retrying, r)
	atGate := func(other *modelRun) bool { return other.job == r.job && other.atGate }
	if !m.gateOpen(r.job) || slices.ContainsFunc(m.waiting, atGate) {
		m.waitAtGate(r)
		return
	}
	m.findSlot(r, false)
}

// replaces has r wait in the place of the run of its job that waits. It reports
// whether there is one.
func (m *modelScheduler) replaces(r *modelRun) bool {
	i := slices.IndexFunc(m.waiting, func(older *modelRun) bool { return older.job == r.job })
	if i < 0 {
		return false
	}
	older := m.waiting[i]
	if r.place = older.place; older.atGate {
		m.waitAtGate(r)
	} else {
		m.tellMonitor(r.job.spec.label, "limit reached: limit", 0, 0)
		m.wait(r)
	}
	if !older.performed {
		older.err = errorText(gocron.ErrRunReplaced)
	}
	m.finish(older, gocron.OutcomeCancelled, m.now)
	m.endRetries(r.job)
	return true
}

// endRetries ends the runs of j that wait for another attempt.
func (m *modelScheduler) endRetries(j *modelJob) {
	for _, r := range slices.Clone(m.retrying) {
		if r.job == j {
			m.finish(r, gocron.OutcomeCancelled, m.now)
		}
	}
}

// doom cancels the runs of j that are being performed.
func (m *modelScheduler) doom(j *modelJob, cause error) {
	for _, r := range m.live {
		if r.job.lineage == j.lineage {
			m.endContext(r)
			r.doomed, r.doom = true, errorText(cause)
		}
	}
}
