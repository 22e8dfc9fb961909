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
	plan
	rows  []sqlite.Job
	runs  []sqlite.Run
	calls map[occurrence][]*call
	end   time.Time
}

var base = time.Date(2000, 1, 1, 12, 0, 0, 0, time.UTC)

// newDesk is for a job of a kind, at most once.
func newDesk(name string) *desk {
	d := &desk{plan: plan{Base: base}, calls: map[occurrence][]*call{}}
	for _, k := range kinds {
		if k.name == name {
			d.job = job{k, policies[0]}
		}
	}
	return d
}

// schedule adds the row of a schedule.
func (d *desk) schedule(every time.Duration, mark time.Duration) {
	d.rows = append(d.rows, sqlite.Job{Job: d.title(), Fingerprint: every.String(), Schedule: "every " + every.String(),
		FirstSeen: base, Mark: base.Add(mark)})
}

// ran adds a run by a schedule that succeeded, in a process.
func (d *desk) ran(process int, every, due time.Duration) {
	at := base.Add(due)
	d.runs = append(d.runs, sqlite.Run{Run: fmt.Sprintf("%d-%d", process, len(d.runs)), Attempt: 1, Job: d.title(),
		Fingerprint: every.String(), ScheduledAt: at, Occurrence: true, BegunAt: at, EndedAt: at, Outcome: "succeeded", Count: 1})
	d.called(process, due)
}

// called adds a call that returned.
func (d *desk) called(process int, due time.Duration) {
	at := occurrence{d.title(), base.Add(due).UnixNano()}
	d.calls[at] = append(d.calls[at], &call{entry{What: called, Job: d.title(), Due: at.due, Attempt: 1, Child: process}, returned})
}

// missed adds a row that stands for several.
func (d *desk) missed(process int, every, first, last time.Duration, n int) {
	d.runs = append(d.runs, sqlite.Run{Run: fmt.Sprintf("%d-%d", process, len(d.runs)), Job: d.title(), Fingerprint: every.String(),
		ScheduledAt: base.Add(first), Until: base.Add(last), Occurrence: true, Outcome: "missed", Count: n})
}

// account makes up the account, and returns what is printed of it.
func (d *desk) account() (c *counts, faults string) {
	c = &counts{outcomes: map[string]int{}}
	a := &account{counts: map[string]*counts{d.policy.name: c}, faults: map[string][]string{}}
	a.add(d.plan, d.job, d.rows, d.runs, d.calls, d.end)
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
	shared  = 1300 * time.Millisecond // both have it
)

// sharing is a job of two processes. The schedules of both have a time, and the row of it is of the
// first.
func sharing() *desk {
	d := newDesk("changing")
	d.schedule(hundred, shared)
	d.schedule(third, 1560*time.Millisecond)
	for _, due := range []time.Duration{1000, 1100, 1200, 1300} {
		d.ran(1, hundred, due*time.Millisecond)
	}
	d.missed(2, third, 1040*time.Millisecond, 1170*time.Millisecond, 2)
	for _, due := range []time.Duration{1430, 1560} {
		d.ran(2, third, due*time.Millisecond)
	}
	return d
}

func TestATimeThatTwoSchedulesHaveIsOneOccurrence(t *testing.T) {
	d := sharing()
	d.require(t, 8, 0, 0)
	d = sharing()
	d.missed(3, third, 1690*time.Millisecond, 2210*time.Millisecond, 5)
	d.ran(2, hundred, 1700*time.Millisecond) // no time of the rows that stand for several
	d.ran(2, hundred, 1900*time.Millisecond)
	d.require(t, 8+5+2+1, 1, 0) // 1,800
}

func TestTheAccountFindsWhatIsLeftOut(t *testing.T) {
	for i, unaccounted := range map[int]int{0: 0, 1: 1, 2: 1, 3: 1, 5: 1, 6: 0} { // nobody knew of the first or last of a process
		d := sharing()
		d.runs = append(d.runs[:i:i], d.runs[i+1:]...)
		c, faults := d.account()
		if c.unaccounted != unaccounted || faults == "" {
			t.Errorf("row %d left out: unaccounted %d\n%s", i, c.unaccounted, faults)
		}
	}
}

func TestTheAccountFindsTwoRunsOfATimeThatTwoSchedulesHave(t *testing.T) {
	d := sharing()
	d.ran(2, third, shared)
	d.require(t, 8, 0, 2) // two runs, and the task was called twice
	d = sharing()
	d.called(2, shared)
	d.require(t, 8, 0, 1)
}
