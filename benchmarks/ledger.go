package main

import (
	"sync/atomic"
	"time"
)

// Faults are what must never happen. They make the command fail.
type faults struct {
	Lost     int64 // due or asked for, and never run
	Twice    int64 // more often than due
	Over     int64 // beside more runs than the limit allows
	Disorder int64 // after a run that was due later
}

func (f faults) plus(o faults) faults {
	return faults{f.Lost + o.Lost, f.Twice + o.Twice, f.Over + o.Over, f.Disorder + o.Disorder}
}

// A ledger keeps count of the runs of a number of jobs. Its begin and end are
// what the tasks consist of.
type ledger struct {
	origin  time.Time
	limit   int64
	inOrder bool // the runs may be checked for order: they do not overlap
	runs    []atomic.Int32
	total   atomic.Int64
	ended   atomic.Int64
	running atomic.Int64
	newest  atomic.Int64 // the job of the latest run
	over    atomic.Int64
	swapped atomic.Int64

	awaited   int64
	lastBegin atomic.Int64 // when the awaited number of runs was reached, since origin
	reached   chan struct{}
}

// newLedger is for n jobs, of which awaited runs are awaited in all.
func newLedger(n int, awaited int64) *ledger {
	return &ledger{
		origin:  time.Now(),
		runs:    make([]atomic.Int32, n),
		awaited: awaited,
		reached: make(chan struct{}),
	}
}

// tasks are the tasks of all jobs.
func (l *ledger) tasks() []func() {
	tasks := make([]func(), len(l.runs))
	for i := range tasks {
		tasks[i] = func() { l.begin(i); l.end() }
	}
	return tasks
}

func (l *ledger) begin(i int) {
	l.runs[i].Add(1)
	if n := l.running.Add(1); l.limit > 0 && n > l.limit {
		l.over.Add(1)
	}
	if l.inOrder && l.newest.Swap(int64(i)) > int64(i) {
		l.swapped.Add(1)
	}
	if l.total.Add(1) == l.awaited {
		l.lastBegin.Store(int64(time.Since(l.origin)))
		close(l.reached)
	}
}

func (l *ledger) end() {
	l.running.Add(-1)
	l.ended.Add(1)
}

// stall is how long nothing may happen before runs are given up as lost. Tests, which are
// for a machine of any speed, have more patience.
var stall = 5 * time.Second

// await waits until the awaited runs have begun, or no more come, and then a
// little longer for those that should not come.
func (l *ledger) await() {
	for before := int64(-1); l.total.Load() != before; {
		before = l.total.Load()
		select {
		case <-l.reached:
			time.Sleep(20 * time.Millisecond)
			return
		case <-time.After(stall):
		}
	}
}

// lastAt is when the awaited number of runs was reached.
func (l *ledger) lastAt() time.Time { return l.origin.Add(time.Duration(l.lastBegin.Load())) }

// verdict compares the runs with how many each job was to have at least and at
// most.
func (l *ledger) verdict(least, most int32) faults {
	f := faults{Over: l.over.Load(), Disorder: l.swapped.Load()}
	for i := range l.runs {
		n := l.runs[i].Load()
		f.Lost += int64(max(0, least-n))
		f.Twice += int64(max(0, n-most))
	}
	return f
}

// awaitRuns is await for a ledger that was made without knowing how many runs
// there would be.
func (l *ledger) awaitRuns(n int64) {
	progress := time.Now()
	for before := int64(0); l.total.Load() < n && time.Since(progress) < stall; {
		time.Sleep(time.Millisecond)
		if now := l.total.Load(); now != before {
			before, progress = now, time.Now()
		}
	}
	time.Sleep(20 * time.Millisecond)
}
