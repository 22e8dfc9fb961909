//go:build go1.25

package model_test

import (
	"maps"
	"slices"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// compareRuns compares what a Controller says of all runs, and of each job's.
func (d *modelDriver) compareRuns() {
	if !d.program.setup.extended {
		return
	}
	d.compareStats()
	d.checkTracks()
	for label, h := range d.world.handles {
		j := d.model.find(d.keys[label])
		if j == nil || j.spec.label != label {
			continue
		}
		d.compareHistory(j, h)
		if !d.model.running || j.entered {
			d.compareExplanation(j, h)
		}
	}
}

// checkTracks: hooks are called in order.
func (d *modelDriver) checkTracks() {
	d.world.mu.Lock()
	defer d.world.mu.Unlock()
	for _, t := range d.world.tracks {
		d.check(len(t.wrongs) == 0, "%+v: %v", t.info, t.wrongs)
	}
}

func (d *modelDriver) compareStats() {
	m := d.model
	got, err := d.world.control.Stats()
	d.check(err == nil, "Stats: %v", err)
	d.check(addsUp(got), "Stats do not add up: %+v", got)
	d.check(got.Made == uint64(m.made) && got.Running == len(m.live) && got.Waiting == len(m.waiting) && got.Retrying == len(m.retrying),
		"Stats: %d made, %d running, %d waiting, %d retrying, want %d, %d, %d, %d",
		got.Made, got.Running, got.Waiting, got.Retrying, m.made, len(m.live), len(m.waiting), len(m.retrying))
	d.check(maps.Equal(got.Outcomes, m.outcomes), "outcomes %v, want %v", got.Outcomes, m.outcomes)
	oldest, known := m.oldestWaiting()
	d.check(!known || got.OldestWaiting == oldest, "OldestWaiting %v, want %v", got.OldestWaiting, oldest)
}

// addsUp reports whether every run is accounted for once.
func addsUp(s gocron.Stats) bool {
	accounted := uint64(s.Running + s.Waiting + s.Retrying)
	for _, n := range s.Outcomes {
		accounted += n
	}
	return s.Made == accounted
}

// oldestWaiting is for how long the run that waits the longest has. It is known
// where runs keep account of that, and those that wait stand in the order in which
// they came, by a clock that was not set back since.
func (m *modelScheduler) oldestWaiting() (oldest time.Duration, known bool) {
	last := noInstant
	for _, r := range m.waiting {
		if r.attempt > 0 || r.place != r.number || r.queuedAt > m.now || r.queuedAt < last {
			return 0, false
		}
		last = r.queuedAt
		oldest = max(oldest, m.now-r.queuedAt)
	}
	return oldest, m.program.setup.recorded() && !m.movable
}

// compareHistory: the history is the tail of all that have finished.
func (d *modelDriver) compareHistory(j *modelJob, h gocron.Job) {
	size := d.program.setup.history
	past := j.lineage.history
	tail := past[max(0, len(past)-size):]
	var want, got []int
	for _, p := range tail {
		want = append(want, p.look)
	}
	list, err := d.world.control.History(h.ID())
	if size == 0 {
		d.check(err == gocron.ErrNoHistory && list == nil, "%d: history %v, error %v, want none", j.spec.label, list, err)
		return
	}
	seen := map[string]bool{}
	for _, info := range list {
		text := d.world.infoText(info)
		i := slices.IndexFunc(past, func(p modelPast) bool { return p.text == text })
		d.check(i >= 0 && !seen[text], "%d: %s is in the history", j.spec.label, text)
		if i >= 0 {
			got = append(got, past[i].look)
		}
		seen[text] = true
	}
	d.check(err == nil && slices.Equal(got, want), "%d: history %v, want %v, error %v", j.spec.label, list, tail, err)
}

func (d *modelDriver) compareExplanation(j *modelJob, h gocron.Job) {
	got, err := d.world.control.Explain(h.ID())
	want := d.model.explanation(j)
	want.JobID, want.JobName = h.ID(), h.Name()
	want.NextRun, _ = h.NextRun() // which is compared by itself
	at := d.world.instant(got.NextAttempt)
	d.check(got.Paused == !got.PausedSince.IsZero(), "%d: paused %v since %v", j.spec.label, got.Paused, got.PausedSince)
	got.NextAttempt, got.RunNowFails, got.Schedule, got.PausedSince = time.Time{}, "", "", time.Time{}
	d.check(err == nil && got == want, "%d: %+v, want %+v, error %v", j.spec.label, got, want, err)
	d.check(at == d.model.nextAttempt(j), "%d: NextAttempt %s, want %s", j.spec.label, instantText(at), instantText(d.model.nextAttempt(j)))
}

func (m *modelScheduler) explanation(j *modelJob) gocron.Explanation {
	limit := m.limits[j.spec.pool]
	of := func(runs []*modelRun) (n int) {
		for _, r := range runs {
			if r.job.lineage == j.lineage {
				n++
			}
		}
		return n
	}
	e := gocron.Explanation{
		Running: of(m.live), Waiting: of(m.waiting), Retrying: of(m.retrying),
		Paused: j.lineage.paused, Limit: uint(limit), Taken: uint(countIn(m.live, j.spec.pool)), RunsLeft: -1,
	}
	if j.spec.pool > 0 {
		e.Pool = poolName(j.spec.pool)
	}
	if j.spec.limitedRuns > 0 {
		e.RunsLeft = j.spec.limitedRuns - j.taken
	}
	switch {
	case e.Running > 0:
		e.State = gocron.StateRunning
	case e.Waiting > 0:
		e.State = gocron.StateWaitingForSlot
	case !m.running:
		e.State = gocron.StateStopped
	case e.Retrying > 0:
		e.State = gocron.StateRetrying
	case e.Paused:
		e.State = gocron.StatePaused
	case j.next != noInstant:
		e.State = gocron.StateScheduled
	case j.ended:
		e.State = gocron.StateContextEnded
	case j.spec.kind == kindManual:
		e.State = gocron.StateManual
	default:
		e.State = gocron.StateNoNextTime
	}
	return e
}

func (m *modelScheduler) nextAttempt(j *modelJob) modelInstant {
	next := noInstant
	for _, r := range m.retrying {
		if r.job == j && (next == noInstant || r.retryAt < next) {
			next = r.retryAt
		}
	}
	return next
}
