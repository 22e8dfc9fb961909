//go:build go1.25

package model_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

func (d *modelDriver) compare() {
	synctest.Wait()
	if d.failure != "" {
		return
	}
	d.adoptDraws()
	d.compareEvents()
	d.compareGuests()
	d.compareJobs()
	d.compareCounts()
	d.compareRuns()
	d.compareByHand()
	d.model.looks++
}

// adoptDraws takes over random next times, if they are within bounds.
func (d *modelDriver) adoptDraws() {
	for _, j := range d.model.jobs {
		if j.drawnFrom == nil {
			continue
		}
		next := d.nextRun(j)
		ok := slices.ContainsFunc(j.drawnFrom, func(from modelInstant) bool {
			return next >= from+j.spec.every && next < from+j.spec.most
		})
		d.check(ok && next > d.model.now, "%d: NextRun %s, drawn from %v", j.spec.label, instantText(next), j.drawnFrom)
		j.next, j.drawnFrom = next, nil
	}
}

// nextRun is when j is due next, after the runs that begin right now.
func (d *modelDriver) nextRun(j *modelJob) modelInstant {
	beginning := len(d.model.beginning(j))
	times, err := d.world.handles[j.spec.label].NextRuns(beginning + 1)
	d.check(err == nil, "%d: NextRuns: %v", j.spec.label, err)
	if len(times) <= beginning {
		return noInstant
	}
	return d.world.instant(times[beginning])
}

func (d *modelDriver) compareEvents() {
	w, m := d.world, d.model
	w.mu.Lock()
	got := w.events
	w.events = nil
	w.mu.Unlock()
	want := m.events
	m.events = nil
	sortModelEvents(got)
	sortModelEvents(want)
	if slices.Equal(got, want) {
		return
	}
	d.check(false, "events\n%swant\n%s", modelEventsText(got), modelEventsText(want))
}

func sortModelEvents(events []modelEvent) {
	slices.SortFunc(events, func(a, b modelEvent) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.label, b.label),
			cmp.Compare(a.what, b.what), cmp.Compare(a.a, b.a), cmp.Compare(a.b, b.b))
	})
}

func modelEventsText(events []modelEvent) string {
	var b strings.Builder
	for _, e := range events {
		fmt.Fprintf(&b, "\t%v  %d: %s %v %v\n", e.at, e.label, e.what, e.a, e.b)
	}
	return b.String()
}

// A modelStay is a visit, and whether the context that the run was given has
// ended.
type modelStay struct {
	visit     modelVisit
	cancelled bool
}

func (s modelStay) String() string { return s.visit.String() + flagText(s.cancelled, "cancelled") }

// compareGuests compares who is performed, and whose context has ended.
func (d *modelDriver) compareGuests() {
	got, want := map[modelStay]int{}, map[modelStay]int{}
	d.world.mu.Lock()
	for v, guests := range d.world.guests {
		for _, guest := range guests {
			got[modelStay{v, guest.ctx.Err() != nil}]++
		}
	}
	d.world.mu.Unlock()
	if call := d.model.call; call != nil {
		want[modelStay{call.visit, false}]++
	}
	for _, r := range d.model.live {
		want[modelStay{r.visit(), r.contextSeen() && (r.cancelled || d.model.timedOut(r))}]++
	}
	d.check(maps.Equal(got, want), "performed %v, want %v", got, want)
}

func (d *modelDriver) compareJobs() {
	for label, h := range d.world.handles {
		d.compareJob(label, h, d.model.find(d.keys[label]))
	}
	var want []string
	for _, j := range d.model.listed() {
		want = append(want, d.world.handles[j.spec.label].ID().String())
	}
	slices.Sort(want)
	var got []string
	for _, j := range d.world.s.Jobs() {
		got = append(got, j.ID().String())
	}
	d.check(slices.Equal(got, want), "Jobs %v, want %v", got, want)
}

func (d *modelDriver) compareJob(label int, h gocron.Job, j *modelJob) {
	next, err := h.NextRun()
	if j == nil {
		d.check(errors.Is(err, gocron.ErrJobNotFound), "%d: NextRun error %v, want not found", label, err)
		return
	}
	first := j.next
	if beginning := d.model.beginning(j); len(beginning) > 0 {
		first = beginning[0]
	}
	entering := d.model.running && !j.entered // during NewJob or Start
	if !entering {
		d.compareInstant(label, "NextRun", next, err, first)
	}
	started, err := h.LastRunStartedAt()
	d.compareInstant(label, "LastRunStartedAt", started, err, j.lineage.startedAt)
	completed, err := h.LastRunCompletedAt()
	d.compareInstant(label, "LastRunCompletedAt", completed, err, j.lineage.completedAt)
	performed := slices.ContainsFunc(d.model.live, func(r *modelRun) bool { return r.job.lineage == j.lineage && r.inTask && !r.over })
	is, err := h.IsRunning()
	d.check(err == nil && is == performed, "%d: IsRunning %v, want %v, error %v", label, is, performed, err)
	if !entering {
		d.compareNextRuns(label, h, j)
	}
}

func (d *modelDriver) compareInstant(label int, what string, got time.Time, err error, want modelInstant) {
	at := d.world.instant(got)
	d.check(err == nil && at == want, "%d: %s %s, want %s, error %v", label, what, instantText(at), instantText(want), err)
}

func instantText(at modelInstant) string {
	if at == noInstant {
		return "never"
	}
	return at.String()
}

func (d *modelDriver) compareNextRuns(label int, h gocron.Job, j *modelJob) {
	if j.spec.kind == kindRandom || j.spec.counting() {
		return
	}
	want := d.model.beginning(j)
	want = want[:min(3, len(want))]
	for at := j.next; at != noInstant && len(want) < 3 && j.beforeStop(at) != noInstant; {
		want = append(want, at)
		if j.spec.kind == kindOnce {
			at = firstOf(j.instants, at)
		} else {
			at = j.spec.after(j.anchor, at)
		}
	}
	times, err := h.NextRuns(3)
	var got []modelInstant
	for _, t := range times {
		got = append(got, d.world.instant(t))
	}
	d.check(err == nil && slices.Equal(got, want), "%d: NextRuns %v, want %v, error %v", label, got, want, err)
}

func (d *modelDriver) compareCounts() {
	w, m := d.world, d.model
	waiting := 0
	for pool := range m.limits {
		if m.program.setup.limit(pool).mode == gocron.LimitModeWait {
			waiting += countIn(m.waiting, pool)
		}
	}
	d.check(w.s.JobsWaitingInQueue() == waiting, "JobsWaitingInQueue %d, want %d", w.s.JobsWaitingInQueue(), waiting)
	d.check(m.made == m.ended+len(m.live)+len(m.waiting)+len(m.retrying), "the model lost a run")
	d.compareWaiters()
}

// compareWaiters: an injected clock has one waiter for each scheduled job and for each
// stop that waits, and perhaps one for a job that has no more than a stop time ahead.
func (d *modelDriver) compareWaiters() {
	if d.world.fake == nil {
		return
	}
	least := len(d.model.retrying) + len(d.model.stops)
	most := least
	for _, j := range d.model.jobs {
		if d.model.dueTime(j) != noInstant {
			least++
			most++
		} else if j.stopAt != noInstant && d.model.running {
			most++
		}
	}
	over, cancel := context.WithCancel(context.Background())
	cancel()
	d.check(d.world.fake.BlockUntilContext(over, least) == nil, "the clock has less than %d waiters", least)
	d.check(d.world.fake.BlockUntilContext(over, most+1) != nil, "the clock has more than %d waiters", most)
}

// checkGoroutines: a scheduler that runs has one, and there is one for each run
// that is performed. Counting them stops the world, so this is not for every
// quiet moment.
func (d *modelDriver) checkGoroutines() {
	want := len(d.model.live) + len(d.model.stops) + d.model.awaited()
	if d.model.running || d.model.drains > 0 {
		want++
	}
	got := bubbleGoroutines() - d.goroutines
	d.check(got == want, "%d goroutines, want %d", got, want)
}
