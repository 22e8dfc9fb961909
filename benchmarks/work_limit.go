package main

import (
	"fmt"
	"time"
)

var limitWorkloads = limitedBacklogs()

func limitedBacklogs() []workload {
	var all []workload
	for _, n := range []int{5_000, 100_000} {
		for _, limit := range []int{1, 4, 64} {
			all = append(all, workload{
				name:  fmt.Sprintf("limit %d, %d queued", limit, n),
				needs: hasLimit,
				run:   func(b *bench) { limitedBacklog(b, limit, n) },
			})
		}
	}
	return all
}

// limitedBacklog has n one-time jobs due at Start, of which a few may run at a
// time and the others wait.
func limitedBacklog(b *bench, limit, full int) {
	n := b.n(full)
	l := newLedger(n, int64(n))
	l.limit, l.inOrder = int64(limit), limit == 1
	tasks := l.tasks()
	e := b.engine(config{limit: limit})
	memory := startPeak()
	addAll(e, spec{now: true}, tasks)
	began := time.Now()
	e.Start()
	l.await()
	b.setPer("time", l.lastAt().Sub(began), n)
	b.set("peak", memory.bytes())
	b.add(l.verdict(1, 1))
}
