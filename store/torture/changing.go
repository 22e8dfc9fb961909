package main

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
)

// The account of jobs whose schedule changes: from process to process, by Update, and by RemoveJob
// and NewJob. The ledger says which schedule a job had from when to when.

// A reign is a time in which a job has one schedule, maybe in several processes one after another.
// It begins, and ends, between two times: before the scheduler was told, and after that.
type reign struct {
	every         time.Duration
	begins, begun time.Time // begun is zero if the process was killed meanwhile
	ends, ended   time.Time // zero for the last reign
	bound         time.Time // another schedule cannot have settled what was due after it
	first, last   int       // of the processes
	byKill        bool      // it ended with the last process, or that was killed meanwhile
}

// reigns are those of a job, in order.
func (l *ledger) reigns(title string) []*reign {
	f := follower{ledger: l}
	for _, e := range l.changes[title] {
		f.follow(e)
	}
	return f.reigns
}

// A follower goes through what the ledger says of a job.
type follower struct {
	*ledger
	reigns []*reign
	told   entry // what the scheduler is being told, if that is another schedule
	leaves entry // the job is not there
}

func (f *follower) follow(e entry) {
	if f.told.What != "" && f.told.Child != e.Child {
		f.begin(f.told, f.opening(e.Child), false)
	}
	last := f.latest()
	switch e.What {
	case removes:
		f.leaves = e
	case defines:
		if last == nil || last.every != e.Every {
			f.told = e
		} else {
			last.last = e.Child // also if the process is killed before it has noted that it was told
		}
	case defined:
		if f.told.What != "" {
			f.begin(f.told, e.time(), true)
		} else if last.begun.IsZero() {
			last.begun, last.bound = e.time(), f.opening(e.Child)
		}
		f.latest().last, f.leaves = e.Child, entry{}
	}
}

// begin begins a reign, which ends the one before. It is certain unless the process was killed
// meanwhile.
func (f *follower) begin(told entry, done time.Time, certain bool) {
	r := &reign{every: told.Every, begins: told.time(), bound: f.opening(told.Child), first: told.Child, last: told.Child}
	if certain {
		r.begun = done
	}
	if old := f.latest(); old != nil {
		old.byKill = !certain || old.last != told.Child
		old.ends, old.ended = told.time(), done
		if f.leaves.What != "" {
			old.ends = f.leaves.time()
		}
		if !old.byKill {
			r.bound = done
		}
	}
	f.reigns, f.told = append(f.reigns, r), entry{}
}

func (f *follower) latest() *reign {
	if len(f.reigns) == 0 {
		return nil
	}
	return f.reigns[len(f.reigns)-1]
}

func (e entry) time() time.Time { return time.Unix(0, e.At).UTC() }

// opening is when a process began.
func (l *ledger) opening(child int) time.Time {
	i := slices.IndexFunc(l.opened, func(e entry) bool { return e.Child == child })
	return l.opened[i].time()
}

// A history is what is known of a job whose schedule changes.
type history struct {
	*sheet
	plan
	reigns    []*reign
	rows      []sqlite.Run
	schedules map[time.Duration]sqlite.Job // by interval
	processes processes
	end       time.Time
}

// processes are those that had the store.
type processes struct {
	byEpoch map[int64]int
	wrote   map[int]time.Time // up to when what each did is in the store for certain
}

// of is the process that made a run.
func (p processes) of(r sqlite.Run) int {
	epoch, _, _ := strings.Cut(r.Run, "-")
	n, _ := strconv.ParseInt(epoch, 10, 64)
	return p.byEpoch[n]
}

// noteWrites finds out when each process ended a run last and has written that. What happened before
// is written, too.
func (p *processes) noteWrites(all map[string][]sqlite.Run) {
	p.wrote = map[int]time.Time{}
	for _, runs := range all {
		for _, r := range runs {
			if by := p.byEpoch[r.Epoch]; r.EndedAt.After(p.wrote[by]) {
				p.wrote[by] = r.EndedAt
			}
		}
	}
}

// compareChanging looks for every occurrence of a job whose schedule changes. A time that two
// schedules have is one occurrence, and its row may be of either. What a process did not get to know
// of before it was killed is due by no schedule any more, if the next process has another one.
func (a *account) compareChanging(c *counts, h history) {
	due := map[int64]bool{}
	for i, r := range h.reigns {
		from, to := h.mustHave(i)
		for t := h.firstDue(r.every, from.Add(1)); t.Before(to); t = t.Add(r.every) {
			due[t.UnixNano()] = true
		}
	}
	for _, r := range h.rows {
		a.checkReign(h, r)
		for t := r.ScheduledAt; r.Occurrence && (t.Equal(r.ScheduledAt) || !t.After(r.Until)); t = t.Add(h.every[r.Fingerprint]) {
			due[t.UnixNano()] = true
		}
	}
	for _, t := range slices.Sorted(maps.Keys(due)) {
		t := time.Unix(0, t).UTC()
		a.count(c, h.sheet, t, h.outcomeOf(t))
	}
	a.checkOwnRanges(h)
	open, last := 0, h.reigns[len(h.reigns)-1]
	mark := h.schedules[last.every].Mark
	for t := h.firstDue(last.every, mark.Add(1)); !t.After(h.end); t = t.Add(last.every) {
		if !due[t.UnixNano()] {
			open++
		}
	}
	a.countOpen(c, h.sheet, open, mark)
}

// checkOwnRanges is checkRanges for each schedule by itself. What two schedules have in common may be
// in rows of both, if the process was killed meanwhile.
func (a *account) checkOwnRanges(h history) {
	until := map[string]time.Time{}
	for _, r := range h.ranges {
		own, common := 0, 0
		for t := r.ScheduledAt; !t.After(r.Until); t = t.Add(h.every[r.Fingerprint]) {
			switch rows := h.runs[t.UnixNano()]; {
			case len(rows) == 0:
				own++
			case !slices.ContainsFunc(slices.Collect(maps.Values(rows)), func(rows []sqlite.Run) bool { return rows[0].Fingerprint == r.Fingerprint }):
				common++
			}
		}
		if r.Count < own || r.Count > own+common || !r.ScheduledAt.After(until[r.Fingerprint]) {
			a.fault("rows that stand for another number than was due and has no row", "%s from %s to %s, run %s: %d %s, and it should be %d",
				h.title(), stamp(r.ScheduledAt), stamp(r.Until), r.Run, r.Count, r.Outcome, own)
		}
		until[r.Fingerprint] = r.Until
	}
}

// inFlight is how long a run may take from when it is due to when that it begins is recorded. If the
// process is killed meanwhile nobody knows of it.
const inFlight = 200 * time.Millisecond

// mustHave is the time between whose ends, without them, all that is due by a reign has a row.
func (h *history) mustHave(i int) (from, to time.Time) {
	r := h.reigns[i]
	row := h.schedules[r.every]
	switch from = r.bound; {
	case r.begun.IsZero():
		return from, from
	case !h.knew(i):
		from = r.begun
	}
	if from.Before(row.FirstSeen) { // the process was killed before it wrote that
		from = row.FirstSeen
	}
	switch {
	case r.ended.IsZero():
		return from, row.Mark.Add(1)
	case !r.byKill && h.Clock == keeps && h.processes.wrote[r.last].After(r.ended.Add(inFlight)):
		return from, r.ends
	}
	for _, row := range h.rows {
		writer := h.processes.byEpoch[row.Epoch]
		t := row.ScheduledAt
		if h.every[row.Fingerprint] != r.every || row.BegunAt.IsZero() || writer < r.first || writer > r.last {
			continue
		}
		if row.Outcome != "" && writer == h.processes.of(row) && t.After(to) && !t.After(r.ended) {
			to = t // runs begin in order, and a process writes in order what has happened to them
		}
	}
	return from, to
}

// knew reports whether the store knew the schedule of a reign for certain before that began.
func (h *history) knew(i int) bool {
	r := h.reigns[i]
	return slices.ContainsFunc(h.reigns[:i], func(old *reign) bool {
		return old.every == r.every && !old.begun.IsZero() && old.last == r.first
	}) || slices.ContainsFunc(h.rows, func(row sqlite.Run) bool {
		maker := h.processes.of(row)
		return h.every[row.Fingerprint] == r.every && maker > 0 && maker < r.first
	})
}

// checkReign looks whether a row is of a schedule that the job had.
func (a *account) checkReign(h history, row sqlite.Run) {
	every, maker := h.every[row.Fingerprint], h.processes.of(row)
	if !row.Occurrence {
		return
	}
	var latest *reign
	for _, r := range h.reigns {
		if r.every == every && r.first <= maker && maker <= r.last {
			latest = r
		}
	}
	late := latest != nil && !latest.byKill && maker == latest.last && !latest.ended.IsZero() && row.ScheduledAt.After(latest.ended)
	if latest == nil || late || every == 0 || row.ScheduledAt.Sub(h.Base)%every != 0 {
		a.fault("rows of what was not due", "%s at %s, by a schedule of every %v", h.title(), stamp(row.ScheduledAt), every)
	}
}

// intervals are those of a job whose schedule changes, by fingerprint.
func intervals(rows []sqlite.Job) map[string]time.Duration {
	all := map[string]time.Duration{}
	for _, row := range rows {
		every, err := time.ParseDuration(strings.TrimPrefix(row.Schedule, "every "))
		if err == nil && slices.Contains(changes, every) {
			all[row.Fingerprint] = every
		}
	}
	return all
}

// firstDue is the first time from t on of an interval that begins at Base.
func (p plan) firstDue(every time.Duration, t time.Time) time.Time {
	if t.Before(p.Base) {
		return p.Base
	}
	if rest := t.Sub(p.Base) % every; rest > 0 {
		t = t.Add(every - rest)
	}
	return t
}
