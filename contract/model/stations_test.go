//go:build go1.25

package model_test

import (
	"slices"

	"github.com/gocron-fixed/gocron/v2"
)

// grant gives a run its slot. It starts when all that happens at once has happened.
func (m *modelScheduler) grant(r *modelRun) {
	m.live = append(m.live, r)
	m.granted = append(m.granted, r)
}

// startGranted starts the runs that were granted, unless they may not any more.
func (m *modelScheduler) startGranted() {
	for len(m.granted) > 0 {
		r := m.granted[0]
		m.granted = m.granted[1:]
		if m.mayStart(r, false) {
			m.begin(r)
		}
		m.serveWaiting()
	}
}

func (m *modelScheduler) begin(r *modelRun) {
	if m.claims(r.job) {
		m.arrive(r, stationClaim)
		return
	}
	m.before(r)
}

// claims reports whether an elector or a locker is asked for runs of j.
func (m *modelScheduler) claims(j *modelJob) bool {
	return m.program.setup.elector || m.locks(j)
}

func (m *modelScheduler) locks(j *modelJob) bool {
	return !m.program.setup.elector && !j.spec.lockerDisabled && (m.program.setup.locker || j.spec.ownLocker)
}

func (m *modelScheduler) arrive(r *modelRun, station string) {
	m.tell(r.job.spec.label, station, 0, 0)
	r.station, r.arrived, r.alone = station, m.now, m.program.endsAlone(station)
	r.fate = m.program.fate(r.job.spec, station, m.now)
	if m.program.setup.extended && r.contextSeen() {
		m.tell(r.job.spec.label, runText(r.number, r.attempt)+" is there", 0, 0)
	}
}

// before is what comes between the claim and the task.
func (m *modelScheduler) before(r *modelRun) {
	spec := r.job.spec
	if spec.listeners {
		m.tell(spec.label, "before", 0, 0)
	}
	m.tellMonitor(spec.label, "JobStarted", 0, 0)
	if r.trigger != byRunNow {
		m.tellMonitor(spec.label, "JobSchedulingDelay", r.dueThen, m.now)
	}
	if spec.refuses {
		m.arrive(r, stationRefuse)
		return
	}
	m.perform(r)
}

func (m *modelScheduler) perform(r *modelRun) {
	r.performed, r.inTask, r.startedAt = true, true, m.now
	r.timesOut, r.began = m.now+r.job.spec.timeout, m.now
	r.attempt++
	r.job.lineage.startedAt = m.now
	m.tellMonitor(r.job.spec.label, "JobRunning", 0, 0)
	m.tellHook(r, "started", r.startedAt)
	m.arrive(r, stationTask)
}

// goOn ends a run's stay at its station.
func (m *modelScheduler) goOn(r *modelRun) {
	switch r.station {
	case stationClaim:
		m.claimed(r)
	case stationRefuse:
		m.asked(r)
	case stationTask:
		m.returned(r)
	case stationUnlock:
		r.then()
	default:
		m.wrapUp(r)
	}
}

func (m *modelScheduler) claimed(r *modelRun) {
	j := r.job
	given := r.fate.ending != endsWithError
	r.locked = given && m.locks(j)
	switch {
	case !m.mayStart(r, false):
	case given:
		m.before(r)
	case m.locks(j):
		if j.spec.listeners {
			m.tell(j.spec.label, "lock error", 0, 0)
		}
		m.count(j, gocron.Skip)
		m.refuse(r, gocron.OutcomeLockedElsewhere, errorText(errModelNo))
	default:
		m.count(j, gocron.Skip)
		m.refuse(r, gocron.OutcomeNotLeader, errorText(errModelNo))
	}
}

// mayStart is the check before a run's task. A run that does not pass it ends; told says
// that the monitor has heard JobStarted.
func (m *modelScheduler) mayStart(r *modelRun, told bool) bool {
	outcome, err := gocron.OutcomeCancelled, r.doom
	switch {
	case m.stale(r):
	case r.job.lineage.paused && r.pausable():
		outcome, err = gocron.OutcomePaused, ""
	default:
		return true
	}
	if told {
		m.tellMonitor(r.job.spec.label, "JobFailed", 0, 0)
		if err == "" {
			err = notCalledText(outcome)
		}
	}
	m.unlock(r, func() { m.refuse(r, outcome, err) })
	return false
}

// refuse ends a run that has come no further than to be asked about.
func (m *modelScheduler) refuse(r *modelRun, outcome gocron.Outcome, err string) {
	if !r.performed {
		r.err = err
	}
	m.finish(r, outcome, m.now)
}

// stale reports whether a run that has its slot may not start any more.
func (m *modelScheduler) stale(r *modelRun) bool { return m.staleAt(r, m.now) }

func (m *modelScheduler) staleAt(r *modelRun, at modelInstant) bool {
	late := r.stopPassed(at)
	return r.session <= m.stopped || m.gone(r) || r.job.ended || r.doomed || late
}

// gone reports whether a run's job was removed or, once it has begun, replaced.
func (m *modelScheduler) gone(r *modelRun) bool {
	if r.performed {
		return !r.job.listed
	}
	return !slices.ContainsFunc(m.jobs, func(j *modelJob) bool { return j.lineage == r.job.lineage })
}

// beginning are the due times of j's runs whose listeners are being called before the task.
func (m *modelScheduler) beginning(j *modelJob) (times []modelInstant) {
	for _, r := range m.live {
		wanted := r.session > m.stopped && !j.ended && !r.doomed
		if r.job == j && r.station == stationRefuse && r.trigger != byRunNow && wanted {
			times = append(times, r.dueThen)
		}
	}
	slices.Sort(times)
	return slices.Compact(times)
}

func (m *modelScheduler) asked(r *modelRun) {
	if r.fate.ending == endsWell {
		if m.mayStart(r, true) {
			m.perform(r)
		}
		return
	}
	m.tellMonitor(r.job.spec.label, "JobFailed", 0, 0)
	m.unlock(r, func() { m.refuse(r, gocron.OutcomeRefused, errorText(errModelNo)) })
}

// returned is the end of a task.
func (m *modelScheduler) returned(r *modelRun) {
	r.returnedAt, r.returnedThen, r.took, r.ending = m.now, m.now, m.now-r.began, r.fate.ending
	r.ahead, r.slept = m.clock.gained, 0
	m.judge(r)
	if m.program.setup.plain {
		m.tell(r.job.spec.label, "timing", r.startedAt, r.returnedAt)
	}
	if r.ending == endsWithPanic && r.job.spec.takesPanics {
		m.tell(r.job.spec.label, "after panic", 0, 0)
	}
	switch {
	case !r.job.spec.listeners:
		m.wrapUp(r)
	case r.latest == gocron.OutcomeSucceeded:
		m.arrive(r, stationAfter)
	default:
		m.arrive(r, stationError)
	}
}

// wrapUp is what comes after the listeners.
func (m *modelScheduler) wrapUp(r *modelRun) {
	label, status, end := r.job.spec.label, gocron.Success, "JobCompleted"
	if r.latest != gocron.OutcomeSucceeded {
		status, end = gocron.Fail, "JobFailed"
	}
	m.count(r.job, status)
	if m.program.setup.status {
		m.tell(label, "timing "+string(status), r.startedAt, r.returnedAt)
	}
	m.complete(r)
	m.tellMonitor(label, end, 0, 0)
	m.tellMonitor(label, "JobExecutionTime", r.took, 0)
	m.unlock(r, func() {
		if m.triesAgain(r) {
			m.suspend(r)
		} else {
			m.finish(r, r.latest, r.returnedAt)
		}
	})
}

func (m *modelScheduler) count(j *modelJob, status gocron.JobStatus) {
	if m.program.setup.plain {
		m.tell(j.spec.label, "count "+string(status), 0, 0)
	}
}

// unlock releases the run's lock, which may take its time, and goes on.
func (m *modelScheduler) unlock(r *modelRun, then func()) {
	if !r.locked {
		then()
		return
	}
	r.locked, r.then = false, then
	m.arrive(r, stationUnlock)
}

// over returns the visits that are over, in the order of their ends; equal ones
// once.
func (m *modelScheduler) over() []modelVisit {
	over := slices.DeleteFunc(slices.Clone(m.live), func(r *modelRun) bool { return r.arrived+r.fate.stay > m.now })
	slices.SortStableFunc(over, func(a, b *modelRun) int { return int(a.arrived + a.fate.stay - b.arrived - b.fate.stay) })
	var visits []modelVisit
	for _, r := range over {
		if !slices.Contains(visits, r.visit()) {
			visits = append(visits, r.visit())
		}
	}
	return visits
}

// end ends all stays that are equal to v.
func (m *modelScheduler) end(v modelVisit) {
	for _, r := range slices.Clone(m.live) {
		if r.visit() == v {
			m.goOn(r)
		}
	}
	m.settle()
}
