//go:build go1.25

package model_test

import (
	"cmp"
	"slices"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// A modelScheduler is what a scheduler should do, written for plainness alone:
// lists, searched from the front. It moves only when the driver says so, and
// the driver lets one thing happen at a time: at one instant first what is due,
// in order of due time, then of creation; then the ends of stations.
type modelScheduler struct {
	program    *modelProgram
	began      time.Time // the program, by the scheduler's clock
	now        modelInstant
	running    bool
	started    bool // ever
	closed     bool
	session    int          // the number of Starts
	stopped    int          // the session that was stopped last; one that drains is not
	halted     modelInstant // when the last stop was called
	clock      modelClock
	fake       bool          // the clock is an injected one
	movable    bool          // its wall clock is moved against the monotonic one
	nudged     bool          // what is due falls due at once, though nobody waited for it
	haltedThen modelInstant  // halted by the wall clock as it is set now
	haltedFor  time.Duration // how long the machine has slept since
	call       *modelCall    // nil unless NewJob, Update or Start goes on
	drains     int           // the session that does, 0 for none

	jobs     []*modelJob // listed, in order of creation
	list     []*modelJob // the same, in the order in which Start and Shutdown come to them
	waiting  []*modelRun // in order of hand-over
	retrying []*modelRun // that wait for the time of their next attempt
	live     []*modelRun // being performed, hooks included
	granted  []*modelRun // those of them that are about to
	stops    []*modelStop
	idlers   []modelIdler
	limits   []int // by pool, 0: none; the first is that of no pool
	made     int   // runs ever
	ended    int   // runs ever
	outcomes map[gocron.Outcome]uint64

	events []modelEvent // since the last look
	looks  int
}

// A modelJob is one definition that was accepted.
type modelJob struct {
	spec    *modelSpec
	id      int
	lineage *modelLineage
	listed  bool
	entered bool
	ended   bool // the user's context has

	anchor  modelInstant
	ahead   time.Duration // what the wall clock had gained when the anchor was read, since a look
	startAt modelInstant
	stopAt  modelInstant
	next    modelInstant
	kept    modelInstant // next, while the scheduler is stopped: it was not handed over
	// drawnFrom is what a random next time counts from, while next is not yet
	// known: one of them.
	drawnFrom []modelInstant
	instants  []modelInstant // of a one-time job
	cronLast  modelInstant   // of a job with its own Cron: when it was due last, at first when that was asked

	anchored      bool
	startHandled  bool
	immediateDone bool // of a one-time job
	owed          []modelOwed
	touchedAt     modelInstant // when something happened to it that may have it leave, if it is manual
	closed        bool         // its stop time has passed, if it is manual
	taken         int          // limited runs: waiting, being performed, done
	done          int
	latest        int  // the run of the latest occurrence that has an outcome
	ranLast       bool // which was performed
}

// A modelLineage is what goes on when a definition replaces another.
type modelLineage struct {
	startedAt                 modelInstant
	completedAt               modelInstant
	paused                    bool
	pausedAt                  modelInstant
	completedThen, pausedThen modelInstant // those two by the wall clock as it is set now
	history                   []modelPast  // of all runs that have finished
	tally                     modelTally
}

// A modelOwed is an occurrence of a one-time job that is to run yet.
type modelOwed struct {
	due     modelInstant
	trigger modelTrigger
	kept    bool // it came while the job was paused; else a stop has dropped its run
}

// A modelEvent is something that both sides can see.
type modelEvent struct {
	at    modelInstant
	label int
	what  string
	a, b  time.Duration
}

func newModelScheduler(p *modelProgram, onFakeClock, movable bool) *modelScheduler {
	m := &modelScheduler{program: p, fake: onFakeClock, movable: movable, outcomes: map[gocron.Outcome]uint64{}, limits: []int{p.setup.slots}}
	for _, pool := range p.setup.pools {
		m.limits = append(m.limits, pool.slots)
	}
	return m
}

func (m *modelScheduler) tell(label int, what string, a, b time.Duration) {
	m.events = append(m.events, modelEvent{m.now, label, what, a, b})
}

func (m *modelScheduler) tellMonitor(label int, what string, a, b time.Duration) {
	if m.program.setup.monitor {
		m.tell(label, what, a, b)
	}
}

func (m *modelScheduler) find(id int) *modelJob {
	if m.closed {
		return nil
	}
	for _, j := range m.jobs {
		if j.id == id {
			return j
		}
	}
	return nil
}

// listed is what Jobs returns.
func (m *modelScheduler) listed() []*modelJob {
	if m.closed {
		return nil
	}
	return m.jobs
}

// put is NewJob and Update.
func (m *modelScheduler) put(spec *modelSpec, id int) error {
	j, err := m.newJob(spec, id)
	if err != nil {
		return err
	}
	switch {
	case spec.refusesID(id):
		return gocron.ErrOptionValue
	case m.closed:
		return gocron.ErrSchedulerShutdown
	case m.running && !m.hasRun(j):
		return gocron.ErrJobNeverRuns
	}
	if old := m.find(id); old != nil {
		j.lineage = old.lineage
		m.leave(old, j)
		m.settleIdlers() // nothing of the job is left for a moment
	}
	m.tellMonitor(spec.label, "registered", 0, 0)
	j.listed = true
	m.jobs = append(m.jobs, j)
	m.list = append(m.list, j)
	moment := m.now
	m.tellSlowly(spec.label, stationRegister, func() {
		if m.running {
			m.enter(j, moment)
		}
	})
	m.settle()
	return nil
}

func (m *modelScheduler) newJob(spec *modelSpec, id int) (*modelJob, error) {
	j := &modelJob{
		spec: spec, id: id, ended: spec.contextEnded, startAt: noInstant, stopAt: noInstant,
		next: noInstant, kept: noInstant, anchor: noInstant, cronLast: noInstant, touchedAt: noInstant,
		lineage: &modelLineage{startedAt: noInstant, completedAt: noInstant, completedThen: noInstant},
	}
	if spec.badName {
		return nil, gocron.ErrWithNameEmpty
	}
	if spec.key > 0 && spec.slot > 0 {
		return nil, gocron.ErrOptionValue
	}
	if spec.startIn != nil {
		j.startAt = m.now + *spec.startIn
	}
	if spec.stopIn != nil {
		j.stopAt = m.now + *spec.stopIn
		if spec.startIn != nil && j.stopAt < j.startAt {
			return nil, gocron.ErrStopTimeEarlierThanStartTime
		}
	}
	spec.begin, spec.over, spec.absolute = m.began, noInstant, nil
	if spec.kind == kindAnyOf {
		for _, in := range spec.instants {
			spec.absolute = append(spec.absolute, m.now+in)
		}
	}
	if j.startAt != noInstant && !spec.isIncluded(j.startAt) {
		j.startHandled = true // it is no run, but what the job counts from
	}
	if spec.kind == kindOnce {
		for _, in := range spec.instants {
			if in > 0 || spec.late {
				j.instants = append(j.instants, m.now+in)
			}
		}
		if len(j.instants) == 0 && len(spec.instants) > 0 {
			return nil, gocron.ErrOneTimeJobStartDateTimePast
		}
		j.instants = slices.DeleteFunc(j.instants, func(at modelInstant) bool { return !spec.isIncluded(at) })
		if len(j.instants) == 0 && len(spec.instants) > 0 {
			return nil, gocron.ErrJobNeverRuns
		}
	}
	return j, nil
}

func (m *modelScheduler) remove(id int) error {
	j := m.find(id)
	if j == nil {
		return gocron.ErrJobNotFound
	}
	m.leave(j, nil)
	m.settle()
	return nil
}

func (m *modelScheduler) removeByTag(tag string) {
	for _, j := range slices.Backward(slices.Clone(m.list)) {
		if slices.Contains(j.spec.tags, tag) {
			m.leave(j, nil)
		}
	}
	m.settle()
}

func (m *modelScheduler) runNow(id int) error {
	if m.closed {
		return gocron.ErrJobRunNowFailed
	}
	_, err := m.runNowAwaited(id, 0)
	return err
}

// runNowAwaited makes a run for the RunAndWait of the given number, 0 for none. The
// run is nil when there is none.
func (m *modelScheduler) runNowAwaited(id, number int) (*modelRun, error) {
	j := m.find(id)
	switch {
	case j == nil:
		return nil, gocron.ErrJobNotFound
	case !m.running, j.ended, j.stopAt != noInstant && m.now > j.stopAt:
		return nil, gocron.ErrJobRunNowFailed
	case j.allTaken() && number > 0:
		return nil, gocron.ErrJobRunNowFailed
	}
	r := m.handOver(j, m.now, byRunNow)
	m.settle()
	if r != nil && r.outcome == gocron.OutcomeDroppedQueueFull {
		return r, gocron.ErrQueueFull
	}
	if r != nil && number > 0 {
		if r.awaitedBy = number; r.outcome != gocron.OutcomePending {
			m.tellAwaited(r)
		}
	}
	return r, nil
}

// cancelContext ends the user's context of one definition.
func (m *modelScheduler) cancelContext(label int) {
	for _, r := range m.live {
		if r.job.spec.label == label {
			m.endContext(r)
			r.job.ended = true
		}
	}
	for _, j := range m.jobs {
		if j.spec.label == label {
			j.ended = true
			m.unbook(j)
			m.dropWaiting(j)
			m.cancelOwed(j)
		}
	}
	m.settle()
}

func (m *modelScheduler) start() {
	if m.running || m.closed || m.drains > 0 {
		return
	}
	m.running, m.started = true, true
	m.session++
	m.lookAtClock()
	m.tellMonitor(0, "SchedulerStarted", 0, 0)
	moment := m.now
	m.tellSlowly(0, stationStart, func() { m.enterAll(moment) })
	m.settle()
}

// enterAll is the part of Start that comes after the monitor was told.
func (m *modelScheduler) enterAll(moment modelInstant) {
	m.lookAtClock()
	var idle, atOnce []*modelJob
	for _, j := range m.list {
		if j.spec.immediately || len(j.owed) > 0 {
			atOnce = append(atOnce, j)
			continue
		}
		m.enter(j, moment)
		if !j.booked() {
			idle = append(idle, j)
		}
	}
	m.handOverOwed(atOnce...)
	slices.SortFunc(atOnce, func(a, b *modelJob) int { return cmp.Compare(slices.Index(m.jobs, a), slices.Index(m.jobs, b)) })
	for _, j := range atOnce {
		m.enter(j, moment)
	}
	for _, j := range append(idle, atOnce...) {
		over := m.hasNothingLeft(j) && m.idle(j.lineage) && (!j.ended || j.stopAt != noInstant && moment > j.stopAt)
		if j.listed && (over || m.spent(j)) {
			m.leave(j, nil)
		}
	}
}

// settle does what follows of itself: waiting runs get their turn, jobs that
// are spent leave, and stops with nothing to wait for return.
func (m *modelScheduler) settle() {
	m.serveWaiting()
	m.startGranted()
	m.settleJobs()
	m.settleDrains()
	for _, st := range slices.Clone(m.stops) {
		if st.drains == 0 && len(st.waitsFor) == 0 {
			m.stopReturns(st, nil, 0)
		}
	}
	m.settleIdlers()
}
