//go:build go1.25

package model_test

import (
	"slices"

	"github.com/gocron-fixed/gocron/v2"
)

// A modelIdler waits until there is nothing of a job.
type modelIdler struct {
	number  int
	lineage *modelLineage
}

// Numbers of RunAndWaits and Waits stand where the labels of definitions do.
const (
	firstRunAndWait = 10000
	firstIdler      = 20000
)

// each calls do for the job with the id, or for all with the tag if there is one.
func (m *modelScheduler) each(id int, tag string, do func(*modelJob)) error {
	if tag == "" {
		j := m.find(id)
		if j == nil {
			return gocron.ErrJobNotFound
		}
		do(j)
	}
	m.all(func(j *modelJob) {
		if tag != "" && slices.Contains(j.spec.tags, tag) {
			do(j)
		}
	})
	return nil
}

func (m *modelScheduler) pause(j *modelJob) {
	if !j.lineage.paused {
		j.lineage.paused, j.lineage.pausedAt, j.lineage.pausedThen = true, m.now, m.now
	}
	for _, r := range slices.Clone(m.waiting) {
		if r.job == j && r.pausable() {
			m.finish(r, gocron.OutcomePaused, m.now)
		}
	}
	m.settle()
}

func (m *modelScheduler) resume(j *modelJob) {
	if !j.lineage.paused {
		return
	}
	j.lineage.paused = false
	if m.running && j.entered {
		m.handOverOwed(j)
	}
}

func (m *modelScheduler) cancelRuns(j *modelJob) {
	m.cancelKept(j)
	j.touchedAt = m.now
	m.doom(j, gocron.ErrRunCancelled)
	for _, r := range slices.Concat(m.waiting, m.retrying) {
		if r.job == j && r.performed {
			m.finish(r, gocron.OutcomeCancelled, m.now)
		}
	}
}

func (m *modelScheduler) setLimit(limit, pool int) error {
	switch {
	case limit == 0:
		return gocron.ErrWithLimitConcurrentJobsZero
	case m.limits[pool] == 0:
		return gocron.ErrNoLimit
	}
	m.limits[pool] = limit
	m.settle()
	return nil
}

// runAndWait begins the RunAndWait of the given number.
func (m *modelScheduler) runAndWait(id, number int) {
	r, err := m.runNowAwaited(id, number)
	switch {
	case err != nil && r != nil:
		m.tell(number, awaitedText(err)+m.infoOf(r), 0, 0)
	case err != nil:
		m.tell(number, awaitedText(err), 0, 0)
	}
}

func (m *modelScheduler) tellAwaited(r *modelRun) {
	m.tell(r.awaitedBy, awaitedText(nil)+m.infoOf(r), 0, 0)
}

// awaited is how many RunAndWaits and Waits have not returned.
func (m *modelScheduler) awaited() int {
	n := len(m.idlers)
	for _, r := range slices.Concat(m.waiting, m.retrying, m.live) {
		if r.awaitedBy > 0 {
			n++
		}
	}
	return n
}

func (m *modelScheduler) awaitIdle(id, number int) {
	j := m.find(id)
	if j == nil {
		m.tell(number, idleText(gocron.ErrJobNotFound), 0, 0)
		return
	}
	m.idlers = append(m.idlers, modelIdler{number, j.lineage})
	m.settle()
}

func (m *modelScheduler) settleIdlers() {
	for _, w := range slices.Clone(m.idlers) {
		if m.idle(w.lineage) {
			m.idlers = without(m.idlers, w)
			m.tell(w.number, idleText(nil), 0, 0)
		}
	}
}
