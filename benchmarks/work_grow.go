package main

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"sync/atomic"
	"time"
)

var growWorkloads = append([]workload{{
	name: "a million", run: aMillion, limit: 5 * time.Minute,
	only: []string{ours, upstream, afterFn, bareHeap},
}, {
	name: "a million, uncollected", run: aMillionUncollected, limit: 5 * time.Minute,
	only: []string{ours, upstream, afterFn, bareHeap},
}}, growingCosts()...)

// growthSizes are the numbers of jobs that costs are compared over.
var growthSizes = []int{1_000, 10_000, 100_000, 1_000_000}

func growingCosts() []workload {
	var all []workload
	for _, n := range growthSizes {
		all = append(all, workload{
			name:  growthName(n),
			limit: 2 * time.Minute,
			only:  []string{ours, upstream, bareHeap},
			run:   func(b *bench) { growth(b, n) },
		})
	}
	return all
}

func growthName(n int) string { return fmt.Sprintf("costs at %d", n) }

// growth measures what one call costs when there are n jobs.
func growth(b *bench, full int) {
	n := b.n(full)
	e := b.engine(config{})
	jobs := idle(e, n)
	p := intervals(e, 100, 10*time.Millisecond, false)
	time.Sleep(b.window(500 * time.Millisecond))
	settle()
	cpu := cpuTime()
	_, runs, _ := p.during(func() { time.Sleep(b.window(2 * time.Second)) })
	b.set("fire", float64(cpuTime()-cpu)/float64(runs))
	for _, j := range p.jobs {
		check(e.Remove(j))
	}
	b.add(p.verdict())
	measureCalls(b, e, jobs)
}

// measureCalls measures single calls at random among the jobs, and among some
// more that it adds.
func measureCalls(b *bench, e engine, jobs []job) {
	const calls = 5000
	asked, added := make([]job, calls), make([]job, calls)
	for i := range asked {
		asked[i] = jobs[rand.IntN(len(jobs))]
	}
	late := time.Now().Add(time.Minute)
	hourly := spec{every: time.Hour, task: func() {}}
	i := 0
	b.set("read", median(eachCall(asked, late, func(j job) { e.Next(j) })))
	b.set("add", median(eachCall(added, late, func(job) { added[i] = mustAdd(e, hourly); i++ })))
	rand.Shuffle(calls, func(i, j int) { added[i], added[j] = added[j], added[i] })
	b.set("remove", median(eachCall(added, late, func(j job) { check(e.Remove(j)) })))
}

// A phase is something that goes on while the beat is watched.
type phase struct {
	name  string
	needs feature
	long  bool // it may hold things up: it is left out of the lateness
	do    func(*crowd)
}

// A crowd is a great many idle jobs in an engine.
type crowd struct {
	e    engine
	n    int
	jobs []job
	rest time.Duration
}

var phases = []phase{
	{name: "rest", do: func(c *crowd) { time.Sleep(c.rest) }},
	{name: "add", do: func(c *crowd) { c.jobs = append(c.jobs, idle(c.e, c.n/2)...) }},
	{name: "read", needs: hasNext, do: func(c *crowd) {
		for range c.n / 4 {
			c.e.Next(c.jobs[rand.IntN(len(c.jobs))])
		}
	}},
	{name: "list", needs: hasList, long: true, do: func(c *crowd) { c.e.List() }},
	{name: "remove", needs: hasRemove, do: func(c *crowd) {
		for _, j := range c.jobs[c.n/2:] {
			check(c.e.Remove(j))
		}
		c.jobs = c.jobs[:c.n/2]
	}},
	{name: "tags", needs: hasTags | hasNext, do: func(c *crowd) {
		c.e.RemoveTag("go")
		c.e.Next(c.jobs[0]) // an engine may still be at it
	}},
}

// aMillion watches the lateness of a thousand short jobs a second while a
// million others come and go. Half of them are there before Start; a tenth of
// those have a tag.
func aMillion(b *bench) {
	c := &crowd{e: b.engine(config{}), n: b.n(1_000_000), rest: b.window(time.Second)}
	tagged := c.n / 20
	took := timed(func() {
		c.jobs = idle(c.e, c.n/2-tagged)
		for range tagged {
			mustAdd(c.e, spec{every: time.Hour, tag: b.tag("go"), task: func() {}})
		}
	})
	b.set("add", float64(took)/float64(c.n/2))
	h := addHeartbeat(c.e, b.lead(2*time.Second))
	settle()
	b.set("start", float64(timed(c.e.Start)))
	time.Sleep(time.Until(h.first.Add(b.window(time.Second))))
	for i, p := range phases {
		if b.has(p.needs) {
			h.phase.Store(int32(i))
			b.set(p.name+" took", float64(timed(func() { p.do(c) })))
			time.Sleep(20 * time.Millisecond) // for runs that are due and late
		}
	}
	h.phase.Store(-1)
	b.set("kept", h.kept())
	b.set("stop", float64(timed(c.e.Stop)))
	h.report(b)
}

// aMillionUncollected is aMillion with Go's collector off, which tells the pauses of
// the scheduler from those that its own goroutine has while the heap is marked.
func aMillionUncollected(b *bench) {
	debug.SetMemoryLimit(8 << 30)
	debug.SetGCPercent(-1)
	aMillion(b)
}

// tag is the tag, for engines that have tags.
func (b *bench) tag(tag string) string {
	if b.has(hasTags) {
		return tag
	}
	return ""
}

// A heartbeat is a thousand jobs, each once a second, a millisecond apart.
type heartbeat struct {
	first  time.Time
	ledger *ledger
	phase  atomic.Int32 // -1 for none
	count  atomic.Int64
	beats  []beat
}

type beat struct {
	phase int32
	late  time.Duration
}

func addHeartbeat(e engine, lead time.Duration) *heartbeat {
	const jobs = 1000
	h := &heartbeat{
		first:  time.Now().Add(lead),
		ledger: newLedger(jobs, -1),
		beats:  make([]beat, 500_000),
	}
	h.phase.Store(-1)
	for i := range jobs {
		from := h.first.Add(time.Duration(i) * time.Second / jobs)
		mustAdd(e, spec{every: time.Second, from: from, task: func() {
			h.ledger.begin(i)
			h.note(time.Since(from) % time.Second)
			h.ledger.end()
		}})
	}
	return h
}

func (h *heartbeat) note(late time.Duration) {
	phase := h.phase.Load()
	if n := h.count.Add(1); phase >= 0 && n <= int64(len(h.beats)) {
		h.beats[n-1] = beat{phase + 1, late}
	}
}

// kept is how many in 100 of the due runs were made since the first.
func (h *heartbeat) kept() float64 {
	due := float64(len(h.ledger.runs)) * time.Since(h.first).Seconds()
	return 100 * float64(h.ledger.total.Load()) / due
}

// report sets the lateness over all phases, and the longest in each.
func (h *heartbeat) report(b *bench) {
	var all []float64
	for i, p := range phases {
		longest := 0.0
		for _, beat := range h.beats {
			if beat.phase == int32(i)+1 {
				longest = max(longest, float64(beat.late))
				if !p.long {
					all = append(all, float64(beat.late))
				}
			}
		}
		if b.has(p.needs) {
			b.set(p.name+" longest", longest)
		}
	}
	b.set("p50", percentile(all, 0.5))
	b.set("p99", percentile(all, 0.99))
	b.set("p99.9", percentile(all, 0.999))
	b.set("longest", percentile(all, 1))
	elapsed := int32(time.Since(h.first)/time.Second) + 1
	b.add(h.ledger.verdict(0, elapsed))
}
