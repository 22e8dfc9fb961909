package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
)

// A desk has what an account of one job is made of.
type desk struct {
	job
	plan  plan
	files files
}

var base = time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)

// newDesk is for a job of a kind, at most once, and for processes that begin at the given times.
func newDesk(name string, processes ...time.Duration) *desk {
	d := &desk{plan: plan{Base: base}, files: files{
		ledger: &ledger{calls: map[occurrence][]*call{}, changes: map[string][]entry{}},
		rows:   map[string][]sqlite.Job{}, runs: map[string][]sqlite.Run{},
		processes: processesOf(len(processes)),
	}}
	for _, k := range kinds {
		if k.name == name {
			d.job = job{k, policies[0]}
		}
	}
	for i, at := range processes {
		d.files.opened = append(d.files.opened, entry{What: opens, Child: i + 1, At: base.Add(at).UnixNano()})
	}
	return d
}

func processesOf(n int) processes {
	p := processes{byEpoch: map[int64]int{}}
	for i := range n {
		p.byEpoch[int64(i+1)] = i + 1
	}
	return p
}

// notes adds what the ledger says of the job.
func (d *desk) notes(process int, what string, at, every time.Duration) {
	d.files.changes[d.title()] = append(d.files.changes[d.title()], entry{What: what, Child: process, At: base.Add(at).UnixNano(), Job: d.title(), Every: every})
}

// defines has the scheduler of a process told of an interval from one time to another.
func (d *desk) defines(process int, from, to, every time.Duration) {
	d.notes(process, defines, from, every)
	d.notes(process, defined, to, every)
}

// schedule adds the row of a schedule.
func (d *desk) schedule(every time.Duration, mark time.Duration) {
	d.files.rows[d.title()] = append(d.files.rows[d.title()], sqlite.Job{Job: d.title(), Fingerprint: every.String(), Schedule: "every " + every.String(),
		FirstSeen: base, Mark: base.Add(mark)})
}

// ran adds a run by a schedule that succeeded, in a process.
func (d *desk) ran(process int, every, due time.Duration) {
	at := base.Add(due)
	d.row(sqlite.Run{Run: fmt.Sprintf("%d-%d", process, len(d.files.runs[d.title()])), Attempt: 1, Epoch: int64(process),
		Fingerprint: every.String(), ScheduledAt: at, BegunAt: at, EndedAt: at, Outcome: "succeeded", Count: 1})
	d.called(process, due)
}

// called adds a call that returned.
func (d *desk) called(process int, due time.Duration) {
	at := occurrence{d.title(), base.Add(due).UnixNano()}
	d.files.calls[at] = append(d.files.calls[at], &call{entry{What: called, Job: d.title(), Due: at.due, Attempt: 1, Child: process}, returned})
}

// missed adds a row that stands for several.
func (d *desk) missed(process int, every, first, last time.Duration, n int) {
	d.row(sqlite.Run{Run: fmt.Sprintf("%d-%d", process, len(d.files.runs[d.title()])), Epoch: int64(process), Fingerprint: every.String(),
		ScheduledAt: base.Add(first), Until: base.Add(last), EndedAt: base.Add(last), Outcome: "missed", Count: n})
}

func (d *desk) row(r sqlite.Run) {
	r.Job, r.Occurrence = d.title(), true
	d.files.runs[d.title()] = append(d.files.runs[d.title()], r)
}

// account makes up the account, and returns what is printed of it.
func (d *desk) account() (c *counts, faults string) {
	c = &counts{outcomes: map[string]int{}}
	a := &account{counts: map[string]*counts{d.policy.name: c}, faults: map[string][]string{}}
	d.files.processes.noteWrites(d.files.runs)
	a.add(d.plan, d.job, &d.files)
	var out strings.Builder
	a.print(&out)
	_, faults, _ = strings.Cut(out.String(), "\n")
	return c, faults
}

// require compares the account with what it should be.
func (d *desk) require(t *testing.T, due, unaccounted, twice int) {
	t.Helper()
	c, faults := d.account()
	if c.due != due || c.unaccounted != unaccounted || c.twice != twice || (faults == "") != (unaccounted+twice == 0) {
		t.Errorf("due %d, unaccounted %d, twice %d; it should be %d, %d, %d\n%s", c.due, c.unaccounted, c.twice, due, unaccounted, twice, faults)
	}
}

const (
	hundred = 100 * time.Millisecond
	third   = 130 * time.Millisecond
	ms      = time.Millisecond
)

// sharing is a job of two processes, the second of which updates it. The schedules of the first and
// the second have 1.3 s, and its row is of the first. Both have 2.6 s, which nobody ran.
func sharing() *desk {
	d := newDesk("changing", 950*ms, 1310*ms)
	d.schedule(hundred, 2510*ms)
	d.schedule(third, 1820*ms)
	d.files.end = base.Add(2510 * ms)
	d.defines(1, 960*ms, 970*ms, hundred)
	for _, due := range []time.Duration{1000, 1100, 1200, 1300} {
		d.ran(1, hundred, due*ms)
	}
	d.defines(2, 1320*ms, 1330*ms, third)
	d.ran(2, third, 1430*ms)
	d.missed(2, third, 1560*ms, 1820*ms, 3)
	d.defines(2, 1900*ms, 1910*ms, hundred)
	for due := 2000 * ms; due <= 2500*ms; due += hundred {
		d.ran(2, hundred, due)
	}
	return d
}

func TestATimeThatTwoSchedulesHaveIsOneOccurrence(t *testing.T) {
	sharing().require(t, 14, 0, 0)
	d := sharing()
	d.defines(2, 2520*ms, 2530*ms, third) // it was known, and ran until 2.6 s
	d.files.end = base.Add(2700 * ms)
	d.files.rows[d.title()][1].Mark = base.Add(2600 * ms)
	d.require(t, 15, 1, 0)
	d.ran(2, third, 2600*ms)
	d.require(t, 15, 0, 0)
}

func TestTheAccountFindsWhatIsLeftOut(t *testing.T) {
	for i := range sharing().files.runs[sharing().title()] {
		d := sharing()
		rows := d.files.runs[d.title()]
		d.files.runs[d.title()] = append(rows[:i:i], rows[i+1:]...)
		c, faults := d.account()
		want := 1
		switch i {
		case 3: // nobody saw to it before the process was killed
			want = 0
		case 5:
			want = 3
		}
		if c.unaccounted != want || faults == "" {
			t.Errorf("row %d left out: unaccounted %d\n%s", i, c.unaccounted, faults)
		}
	}
}

func TestTheAccountFindsTwoRunsOfATimeThatTwoSchedulesHave(t *testing.T) {
	d := sharing()
	d.ran(2, third, 1300*ms)
	d.require(t, 14, 0, 2) // two runs, and the task was called twice
	d = sharing()
	d.called(2, 1300*ms)
	d.require(t, 14, 0, 1)
}

// A process is told of the schedule that the job has already, and is killed before it notes that it was.
// What it ran is due by that schedule.
func TestARunOfAProcessThatWasKilledInNewJobIsDue(t *testing.T) {
	d := newDesk("changing", 950*ms, 1050*ms, 1250*ms)
	d.schedule(hundred, 1100*ms)
	d.schedule(third, 1300*ms)
	d.files.end = base.Add(1300 * ms)
	d.defines(1, 960*ms, 970*ms, hundred)
	d.ran(1, hundred, 1000*ms)
	d.notes(2, defines, 1060*ms, hundred)
	d.ran(2, hundred, 1100*ms)
	d.defines(3, 1260*ms, 1270*ms, third)
	d.ran(3, third, 1300*ms)
	d.require(t, 3, 0, 0)
}
