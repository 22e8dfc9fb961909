//go:build go1.25

package model_test

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// A modelStop is a StopJobs or Shutdown that has not returned.
type modelStop struct {
	number       int
	drains       int // the session that has to come to its end before all else
	waitsFor     []*modelRun
	deadline     modelInstant
	late         error // what it returns then
	endedSession bool
	shutdown     bool // the first one of a scheduler that was started
}

// stop begins StopJobs or Shutdown, the number-th of them. Within is the time of
// its context, 0 without.
func (m *modelScheduler) stop(number int, within time.Duration, forGood bool) {
	st := &modelStop{
		number:       number,
		endedSession: m.running,
		shutdown:     forGood && !m.closed && m.started,
		deadline:     m.stopDeadlineOf(within),
		late:         gocron.ErrStopJobsTimedOut,
	}
	if within > 0 && within < m.program.setup.stopTimeout {
		st.late = context.DeadlineExceeded
	}
	m.closed = m.closed || forGood
	if m.running {
		m.lookAtClock()
		m.halted, m.haltedThen, m.haltedFor = m.now, m.now, 0
	}
	if m.running && m.program.setup.drain {
		m.drain()
	}
	if st.drains = m.drains; st.drains == 0 {
		m.dropEverything()
		st.waitsFor = slices.Clone(m.live)
	}
	m.stops = append(m.stops, st)
	m.settle()
}

// dropEverything ends the session, if there is one, and with it all that waits. It
// says of how many runs.
func (m *modelScheduler) dropEverything() (dropped int) {
	before := len(m.waiting) + len(m.retrying)
	if m.running || m.drains > 0 {
		m.running, m.drains, m.stopped = false, 0, m.session
		for _, j := range m.jobs {
			m.rest(j)
			m.dropWaiting(j)
		}
		for _, r := range m.live {
			m.endContext(r)
		}
	}
	if m.closed {
		for _, j := range m.list {
			j.listed = false
			m.cancelOwed(j)
		}
		m.jobs, m.list = nil, nil
	}
	return before - len(m.waiting) - len(m.retrying)
}

func (m *modelScheduler) endContext(r *modelRun) {
	if !r.cancelled {
		r.cancelled, r.cancelledAt = true, m.now
	}
}

// drain ends the session once nothing of it is left.
func (m *modelScheduler) drain() {
	m.running, m.drains = false, m.session
	for _, j := range m.jobs {
		m.rest(j)
	}
}

// rest takes j's next time away until the next Start.
func (m *modelScheduler) rest(j *modelJob) {
	if j.entered {
		j.entered, j.kept = false, j.next
	}
	m.unbook(j)
}

// drained reports whether nothing of a session is left.
func (m *modelScheduler) drained(session int) bool {
	of := func(r *modelRun) bool { return r.session == session }
	return !slices.ContainsFunc(slices.Concat(m.waiting, m.retrying, m.live), of)
}

// settleDrains lets the stops go on that wait until nothing is left of a session.
func (m *modelScheduler) settleDrains() {
	if m.drains > 0 && m.drained(m.drains) {
		m.dropEverything()
	}
	for _, st := range m.stops {
		if st.drains > 0 && m.drained(st.drains) {
			st.drains, st.waitsFor = 0, slices.Clone(m.live)
		}
	}
}

// stopsTogether reports whether a stop that begins now would give up together with
// another: who of them drops what waits would be a matter of who comes first.
func (m *modelScheduler) stopsTogether(within time.Duration) bool {
	deadline := m.stopDeadlineOf(within)
	return slices.ContainsFunc(m.stops, func(st *modelStop) bool { return st.deadline == deadline })
}

func (m *modelScheduler) stopDeadlineOf(within time.Duration) modelInstant {
	if within > 0 {
		return m.now + min(within, m.program.setup.stopTimeout)
	}
	return m.now + m.program.setup.stopTimeout
}

// giveUp ends a stop that has waited for too long.
func (m *modelScheduler) giveUp(st *modelStop) {
	dropped := 0
	if st.drains > 0 && m.drains == st.drains {
		dropped = m.dropEverything()
	}
	if st.drains > 0 {
		st.waitsFor = slices.DeleteFunc(slices.Clone(m.live), func(r *modelRun) bool { return r.session > m.stopped })
	}
	m.stopReturns(st, st.late, dropped)
	m.settle()
}

// stopReturns ends a stop that has dropped that many runs.
func (m *modelScheduler) stopReturns(st *modelStop, err error, dropped int) {
	m.stops = without(m.stops, st)
	if st.endedSession {
		m.tellMonitor(0, "SchedulerStopped", 0, 0)
	}
	if st.shutdown {
		m.tellMonitor(0, "SchedulerShutdown", 0, 0)
	}
	unfinished := 0
	if err != nil && m.program.setup.drain {
		unfinished = len(st.waitsFor)
	}
	m.tell(st.number, stopText(err), time.Duration(unfinished), time.Duration(dropped))
}

func stopText(err error) string {
	if errors.Is(err, gocron.ErrStopJobsTimedOut) {
		return "stop timed out"
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return "stop's context ended"
	}
	if err != nil {
		return "stop failed: " + err.Error()
	}
	return "stop done"
}
