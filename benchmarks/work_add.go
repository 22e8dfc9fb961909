package main

import (
	"runtime"
	"time"
)

var addWorkloads = []workload{
	{name: "add before Start", run: func(b *bench) { addJobs(b, false) }},
	{name: "add after Start", run: func(b *bench) { addJobs(b, true) }},
	{name: "start", run: startJobs},
	{name: "keep 10,000", run: func(b *bench) { keepJobs(b, 10_000) }},
	{name: "keep 100,000", run: func(b *bench) { keepJobs(b, 100_000) }},
	{name: "add and remove", needs: hasRemove, run: addAndRemove},
	{name: "remove by tags", needs: hasTags | hasNext | hasList, run: removeByTags},
}

// addJobs measures adding, with nothing else going on.
func addJobs(b *bench, started bool) {
	n := b.n(10_000)
	e := b.engine(config{})
	if started {
		e.Start()
		settle()
	}
	hourly := spec{every: time.Hour, task: func() {}}
	before := mallocs()
	took := timed(func() {
		for range n {
			mustAdd(e, hourly)
		}
	})
	b.set("allocs", float64(mallocs()-before)/float64(n))
	b.setPer("time", took, n)
}

// startJobs measures Start, up to the first answer that a started scheduler
// gives, and what is left running when nothing is due.
func startJobs(b *bench) {
	goroutines := runtime.NumGoroutine()
	e := b.engine(config{})
	jobs := idle(e, b.n(10_000))
	settle()
	took := timed(func() {
		e.Start()
		for b.has(hasNext) && e.Next(jobs[0]).IsZero() {
			runtime.Gosched()
		}
	})
	b.set("time", float64(took))
	time.Sleep(200 * time.Millisecond)
	b.set("goroutines", float64(runtime.NumGoroutine()-goroutines))
}

// keepJobs measures the memory of jobs that are scheduled. The jobs that Add
// returns are thrown away.
func keepJobs(b *bench, full int) {
	n := b.n(full)
	e := b.engine(config{})
	before := keptBytes()
	hourly := spec{every: time.Hour, task: func() {}}
	for range n {
		mustAdd(e, hourly)
	}
	e.Start()
	time.Sleep(200 * time.Millisecond)
	b.set("bytes", (keptBytes()-before)/float64(n))
	runtime.KeepAlive(e)
}

// addAndRemove measures pairs of calls by several goroutines.
func addAndRemove(b *bench) {
	const callers = 4
	n := b.n(10_000) / callers
	e := b.engine(config{})
	e.Start()
	settle()
	took := concurrently(callers, func(int) {
		for range n {
			check(e.Remove(mustAdd(e, spec{every: time.Hour, task: func() {}})))
		}
	})
	b.setPer("time", took, callers*n)
	if b.has(hasList) && e.List() != 0 {
		panic("jobs are left")
	}
}

// removeByTags removes one job of ten by its tag.
func removeByTags(b *bench) {
	n := b.n(100_000)
	e := b.engine(config{})
	var stays job
	for i := range n {
		if i%10 == 0 {
			mustAdd(e, spec{every: time.Hour, tag: "go", task: func() {}})
		} else {
			stays = mustAdd(e, spec{every: time.Hour, tag: "stay", task: func() {}})
		}
	}
	e.Start()
	settle()
	b.set("time", float64(timed(func() {
		e.RemoveTag("go")
		e.Next(stays) // an engine may still be at it
	})))
	if left := e.List(); left != n-n/10 {
		panic("the wrong jobs were removed")
	}
}
