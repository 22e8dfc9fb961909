//go:build go1.25

package model_test

import (
	"cmp"
	"slices"

	"github.com/gocron-fixed/gocron/v2"
)

// handOver makes a run of j and books the next time. It returns nil when there is
// none to be made.
func (m *modelScheduler) handOver(j *modelJob, due modelInstant, by modelTrigger) *modelRun {
	if j.ended || j.allTaken() {
		return nil
	}
	if by == bySchedule && (j.spec.kind == kindOnce || j.spec.kind == kindRandom) {
		j.anchor = due
	}
	if j.spec.kind == kindOnce && j.lineage.paused && by != byRunNow {
		m.keep(j, due, by)
		return nil
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
		m.bookAfter(j, noInstant, due)
	default:
		m.bookAfter(j, due, m.now)
	}
	m.admit(r)
	return r
}

// handOverOwed hands over what is owed to one-time jobs that are not paused, in order
// of due time, then of creation.
func (m *modelScheduler) handOverOwed(jobs ...*modelJob) {
	type debt struct {
		job *modelJob
		modelOwed
	}
	var debts []debt
	for _, j := range jobs {
		if j.ended || j.lineage.paused {
			continue
		}
		for _, o := range j.owed {
			debts = append(debts, debt{j, o})
		}
		j.owed = nil
	}
	if len(debts) == 0 {
		return
	}
	m.serveWaiting() // those are earlier
	slices.SortStableFunc(debts, func(a, b debt) int {
		return cmp.Or(cmp.Compare(a.due, b.due), cmp.Compare(slices.Index(m.jobs, a.job), slices.Index(m.jobs, b.job)))
	})
	for _, d := range debts {
		if !d.job.allTaken() {
			m.admit(m.newRun(d.job, d.due, d.trigger))
		} else if d.kept {
			m.cancelOne(d.job, d.modelOwed)
		}
	}
}

func (m *modelScheduler) newRun(j *modelJob, due modelInstant, by modelTrigger) *modelRun {
	m.made++
	j.taken++
	r := &modelRun{number: m.made, place: m.made, job: j, due: due, dueThen: due, trigger: by, session: m.session}
	r.queuedAt, r.startedAt, r.finishedAt = noInstant, noInstant, noInstant
	r.nominal = due
	if by == bySchedule && j.spec.kind != kindOnce && j.spec.kind != kindRandom {
		r.nominal = j.spec.nominal(j.anchor, due)
	}
	r.missedFrom, r.missedTo = noInstant, noInstant
	return r
}

// gateOpen reports whether a run of j may go on to look for a slot: always, or
// when no other of the job is performed or waits for a slot.
func (m *modelScheduler) gateOpen(j *modelJob) bool {
	past := func(r *modelRun) bool { return r.job.lineage == j.lineage && !r.atGate }
	return j.spec.singleton == 0 || !slices.ContainsFunc(m.live, past) && !slices.ContainsFunc(m.waiting, past)
}

func (m *modelScheduler) slotFree(pool int) bool {
	return m.limits[pool] == 0 || countIn(m.live, pool) < m.limits[pool]
}

// countIn is how many of the runs are in a pool.
func countIn(runs []*modelRun, pool int) (n int) {
	for _, r := range runs {
		if r.job.spec.pool == pool {
			n++
		}
	}
	return n
}

func (m *modelScheduler) admit(r *modelRun) {
	j := r.job
	m.tellHook(r, "due", r.nominal)
	if r.stopPassed(m.now) || r.trigger == byStart && j.stopAt != noInstant && r.due > j.stopAt {
		m.finish(r, gocron.OutcomeCancelled, m.now)
		return
	}
	if j.lineage.paused && r.pausable() {
		m.finish(r, gocron.OutcomePaused, m.now)
		return
	}
	if j.spec.singleton == gocron.LimitModeReplace && m.replaces(r) {
		return
	}
	limit := m.program.setup.limit(j.spec.pool)
	full := limit.queueLimit > 0 && countIn(m.waiting, j.spec.pool) >= limit.queueLimit
	mine := func(other *modelRun) bool { return other.job == j }
	queued := j.spec.singleton != 0 && slices.ContainsFunc(m.waiting, mine)
	switch {
	case m.gateOpen(j) && !queued:
		m.findSlot(r, full)
	case j.spec.singleton == gocron.LimitModeReschedule, j.spec.singleton == gocron.LimitModeQueueOne && queued:
		m.tellMonitor(j.spec.label, "limit reached: singleton", 0, 0)
		m.count(j, gocron.SingletonRescheduled)
		m.finish(r, gocron.OutcomeSkippedSingleton, m.now)
	case full:
		m.dropQueueFull(r)
	default:
		m.waitAtGate(r)
	}
	if j.spec.singleton == gocron.LimitModeReplace && r.outcome == gocron.OutcomePending {
		m.endRetries(j)
		if r.atGate {
			m.doom(j, gocron.ErrRunReplaced)
		}
	}
}

func (m *modelScheduler) waitAtGate(r *modelRun) {
	m.tellMonitor(r.job.spec.label, "limit reached: singleton", 0, 0)
	r.atGate = true
	m.wait(r)
}

func (m *modelScheduler) dropQueueFull(r *modelRun) {
	m.tellMonitor(r.job.spec.label, "limit reached: limit", 0, 0)
	r.err = errorText(gocron.ErrQueueFull)
	m.finish(r, gocron.OutcomeDroppedQueueFull, m.now)
}

// findSlot starts a run, skips it, drops it because the queue is full, or lets it
// wait for a slot. Whoever waits for one found none free, so a free one is nobody
// else's.
func (m *modelScheduler) findSlot(r *modelRun, full bool) {
	pool := r.job.spec.pool
	switch {
	case m.slotFree(pool):
		m.grant(r)
	case m.program.setup.limit(pool).mode == gocron.LimitModeReschedule && !r.performed:
		m.tellMonitor(r.job.spec.label, "limit reached: limit", 0, 0)
		m.finish(r, gocron.OutcomeSkippedLimit, m.now)
	case full:
		m.dropQueueFull(r)
	default:
		m.tellMonitor(r.job.spec.label, "limit reached: limit", 0, 0)
		m.wait(r)
	}
}

// wait queues a run, unless it is in the queue already and has only passed its gate.
func (m *modelScheduler) wait(r *modelRun) {
	if !r.waits {
		r.waits, r.queuedAt = true, m.now
		m.tellHook(r, "queued", r.queuedAt)
	}
	r.waited = true
	m.waiting = append(m.waiting, r)
	slices.SortFunc(m.waiting, func(a, b *modelRun) int { return cmp.Compare(a.place, b.place) })
}

// serveWaiting gives the runs that wait their turns.
func (m *modelScheduler) serveWaiting() {
	for r := m.nextTurn(); r != nil; r = m.nextTurn() {
		m.waiting = without(m.waiting, r)
		r.atGate = false
		m.findSlot(r, false)
	}
}

// nextTurn is the first run, in order of hand-over, that can go on: to a slot, or
// at least through its gate.
func (m *modelScheduler) nextTurn() *modelRun {
	for _, r := range m.waiting {
		if r.atGate && m.gateOpen(r.job) || !r.atGate && m.slotFree(r.job.spec.pool) {
			return r
		}
	}
	return nil
}

func without[T comparable](list []T, x T) []T {
	return slices.DeleteFunc(list, func(y T) bool { return y == x })
}

// dropWaiting drops all runs of j that wait, for their turn or for another attempt.
func (m *modelScheduler) dropWaiting(j *modelJob) {
	for _, r := range slices.Concat(m.waiting, m.retrying) {
		if r.job == j {
			m.finish(r, gocron.OutcomeCancelled, m.now)
		}
	}
}

// finish is the end of every run. One that was to be tried again, and is not, keeps
// the outcome of its latest attempt.
func (m *modelScheduler) finish(r *modelRun, outcome gocron.Outcome, at modelInstant) {
	j, then, ahead := r.job, m.now, m.clock.gained
	m.ended++
	m.live, m.waiting, m.retrying = without(m.live, r), without(m.waiting, r), without(m.retrying, r)
	switch {
	case r.inTask:
		r.outcome, ahead = outcome, r.ahead
		then = r.returnedThen - r.slept - (m.clock.gained - ahead) // as it was read
		m.cease(r)
		j.done++
	case r.performed:
		r.outcome = r.latest
		j.done++
	default:
		r.outcome = outcome
		m.giveBack(r)
	}
	r.finishedAt = at
	m.account(r)
	m.bookAtEndOf(r, then, ahead)
}

// giveBack undoes what was taken for a run that was not performed. What a stop kept
// a one-time job from, that is owed.
func (m *modelScheduler) giveBack(r *modelRun) {
	j := r.job
	j.taken--
	once := j.spec.kind == kindOnce && r.trigger != byRunNow
	if r.outcome == gocron.OutcomeCancelled && r.session <= m.stopped && once && j.listed && !j.ended {
		j.owed = append(j.owed, modelOwed{r.due, r.trigger, false})
	}
}

// cease ends an attempt whose task was performed.
func (m *modelScheduler) cease(r *modelRun) {
	m.complete(r)
	r.inTask, r.over, r.locked = false, false, false
}

// complete has r's attempt completed for those who ask, if it is not yet.
func (m *modelScheduler) complete(r *modelRun) {
	if r.over {
		return
	}
	r.over = true
	if l := r.job.lineage; r.returnedThen > l.completedThen || l.completedThen > m.now {
		l.completedAt, l.completedThen = r.returnedAt, r.returnedThen
	}
}

// account enters a finished run in the books.
func (m *modelScheduler) account(r *modelRun) {
	m.outcomes[r.outcome]++
	m.tally(r)
	r.job.touchedAt = m.now
	if r.trigger != byRunNow && r.number >= r.job.latest {
		r.job.latest, r.job.ranLast = r.number, r.performed
	}
	for _, st := range m.stops {
		st.waitsFor = without(st.waitsFor, r)
	}
	if m.program.setup.history > 0 {
		l := r.job.lineage
		l.history = append(l.history, modelPast{m.looks, m.infoOf(r)})
	}
	if m.program.setup.hooks {
		m.tell(r.job.spec.label, "hook finished: "+m.infoOf(r), 0, 0)
	}
	if r.awaitedBy > 0 {
		m.tellAwaited(r)
	}
}
