package main

import (
	"math"
	"runtime"
	"sync/atomic"
	"time"
)

var burstWorkloads = []workload{
	{name: "burst 10,000", run: func(b *bench) { burst(b, 10_000) }},
	{name: "burst 100,000", run: func(b *bench) { burst(b, 100_000) }},
	{name: "burst in order", needs: hasLimit, run: burstInOrder},
}

// burst has n one-time jobs due at one instant: a nanosecond apart, so that
// there is an order to them.
func burst(b *bench, full int) {
	n := b.n(full)
	l := newLedger(n, int64(n))
	starts := make([]int64, n)
	var goroutines atomic.Int64
	tasks := make([]func(), n)
	for i := range tasks {
		tasks[i] = func() {
			starts[i] = int64(time.Since(l.origin))
			l.begin(i)
			if i%16 == 0 {
				raise(&goroutines, int64(runtime.NumGoroutine()))
			}
			l.end()
		}
	}
	e := b.engine(config{})
	before := runtime.NumGoroutine()
	memory := startPeak()
	due := addBurst(b, e, tasks)
	atRest := memory.fromHere()
	l.await()
	b.set("time", float64(l.lastAt().Sub(due)))
	b.set("peak", memory.bytes())
	b.set("burst peak", atRest.bytes())
	b.set("goroutines", float64(goroutines.Load()-int64(before)))
	b.set("inversion", worstInversion(starts))
	b.add(l.verdict(1, 1))
}

// addBurst adds a job for each task, the first due when all are added and the
// scheduler has been started.
func addBurst(b *bench, e engine, tasks []func()) (due time.Time) {
	due = time.Now().Add(b.lead(500*time.Millisecond) + time.Duration(b.slower*len(tasks))*40*time.Microsecond)
	for i, task := range tasks {
		mustAdd(e, spec{at: due.Add(time.Duration(i)), task: task})
	}
	startBefore(e, due)
	return due
}

// burstInOrder lets one run after the other, so that their order can be told.
func burstInOrder(b *bench) {
	n := b.n(100_000)
	l := newLedger(n, int64(n))
	l.limit, l.inOrder = 1, true
	e := b.engine(config{limit: 1})
	due := addBurst(b, e, l.tasks())
	l.await()
	b.set("time", float64(l.lastAt().Sub(due)))
	b.add(l.verdict(1, 1))
}

// worstInversion is the longest that a run started after one that was due
// later.
func worstInversion(starts []int64) float64 {
	worst, earliest := int64(0), int64(math.MaxInt64)
	for i := len(starts) - 1; i >= 0; i-- {
		worst = max(worst, starts[i]-earliest)
		earliest = min(earliest, starts[i])
	}
	return float64(worst)
}

func raise(highest *atomic.Int64, value int64) {
	for {
		old := highest.Load()
		if value <= old || highest.CompareAndSwap(old, value) {
			return
		}
	}
}
