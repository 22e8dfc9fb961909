package main

import (
	"context"
	"time"
)

var fireWorkloads = []workload{
	{name: "fire", run: func(b *bench) { fire(b, false) }},
	{name: "fire with context", needs: hasContext, run: func(b *bench) { fire(b, true) }},
	{name: "saturated", run: saturated},
	{name: "highest rate", run: highestRate},
	{name: "lateness", run: lateness},
}

// intervals adds n jobs of an interval to a new engine and starts it.
func intervals(e engine, n int, every time.Duration, withContext bool) *pulse {
	p := &pulse{every: every, ledger: newLedger(n, -1), added: time.Now()}
	for i, task := range p.ledger.tasks() {
		s := spec{every: every, task: task}
		if withContext {
			s = spec{every: every, ctxTask: func(context.Context) { p.ledger.begin(i); p.ledger.end() }}
		}
		p.jobs = append(p.jobs, mustAdd(e, s))
	}
	settle()
	p.began = time.Now()
	e.Start()
	return p
}

// A pulse is jobs that run at an interval all the time.
type pulse struct {
	ledger *ledger
	jobs   []job
	every  time.Duration
	added  time.Time
	began  time.Time
}

// verdict checks that no job ran more often than it was due. Less often is no
// fault: an interval that is over before a run is handed over is left out. Some
// engines count intervals from the adding, and catch up.
func (p *pulse) verdict() faults {
	elapsed := time.Since(p.added)
	return p.ledger.verdict(0, int32(elapsed/p.every)+1)
}

// during is the share of due runs that were made while f went on, how many they
// were, and how long it took.
func (p *pulse) during(f func()) (kept float64, runs int64, took time.Duration) {
	before := p.ledger.total.Load()
	took = timed(f)
	runs = p.ledger.total.Load() - before
	due := float64(len(p.jobs)) * float64(took) / float64(p.every)
	return float64(runs) / due, runs, took
}

// fire measures what a run costs when there is time for all of them.
func fire(b *bench, withContext bool) {
	e := b.engine(config{})
	p := intervals(e, 100, 10*time.Millisecond, withContext)
	time.Sleep(b.window(500 * time.Millisecond))
	cpu, objects := cpuTime(), mallocs()
	kept, runs, _ := p.during(func() { time.Sleep(b.window(2 * time.Second)) })
	b.set("cpu", float64(cpuTime()-cpu)/float64(runs))
	b.set("allocs", float64(mallocs()-objects)/float64(runs))
	b.set("kept", 100*kept)
	b.add(p.verdict())
}

// saturated measures what a run takes when more are due than can be made.
func saturated(b *bench) {
	e := b.engine(config{})
	p := intervals(e, 1000, time.Millisecond, false)
	time.Sleep(b.window(500 * time.Millisecond))
	kept, runs, took := p.during(func() { time.Sleep(b.window(2 * time.Second)) })
	b.set("time", float64(took)/float64(runs))
	b.set("kept", 100*kept)
	b.add(p.verdict())
}

// highestRate looks for the greatest number of jobs due every 10 ms of whose
// runs 99 in 100 are made: it doubles until there are too many, and then halves
// the gap a few times.
func highestRate(b *bench) {
	const every = 10 * time.Millisecond
	good, bad := 0, 25
	for b.keepsUp(bad, every) {
		good, bad = bad, 2*bad
	}
	for range b.few(3) {
		if n := (good + bad) / 2; b.keepsUp(n, every) {
			good = n
		} else {
			bad = n
		}
	}
	b.set("rate", float64(good)*float64(time.Second/every))
}

// keepsUp reports whether n jobs are run often enough, in one of a few tries: a
// machine that is busy with something else can only make it seem less.
func (b *bench) keepsUp(n int, every time.Duration) bool {
	for range b.few(3) {
		if b.kept(n, every) >= 0.99 {
			return true
		}
	}
	return false
}

// kept is the share of due runs that n jobs make. Runs are counted from the
// middle of one interval to the middle of another.
func (b *bench) kept(n int, every time.Duration) float64 {
	const settled = 5
	ticks := int(b.window(50*every) / every)
	e := b.engine(config{})
	p := intervals(e, n, every, false)
	defer e.Stop()
	time.Sleep(time.Until(p.began.Add(settled*every + every/2)))
	before := p.ledger.total.Load()
	time.Sleep(time.Until(p.began.Add(time.Duration(settled+ticks)*every + every/2)))
	runs := p.ledger.total.Load() - before
	b.add(p.verdict())
	return float64(runs) / float64(n*ticks)
}

// lateness measures how late one-time jobs start, evenly spread over a time.
func lateness(b *bench) {
	n := b.n(10_000)
	l := newLedger(n, int64(n))
	late := make([]float64, n)
	e := b.engine(config{})
	first := time.Now().Add(b.lead(time.Second))
	for i := range n {
		due := first.Add(time.Duration(i) * b.window(2*time.Second) / time.Duration(n))
		mustAdd(e, spec{at: due, task: func() {
			late[i] = float64(time.Since(due))
			l.begin(i)
			l.end()
		}})
	}
	startBefore(e, first)
	l.await()
	b.set("p50", percentile(late, 0.5))
	b.set("p99", percentile(late, 0.99))
	b.add(l.verdict(1, 1))
}
