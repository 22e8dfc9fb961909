package main

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

var callWorkloads = []workload{
	{name: "RunNow, 1 caller", needs: hasRunNow, run: func(b *bench) { runNow(b, 1) }},
	{name: "RunNow, 8 callers", needs: hasRunNow, run: func(b *bench) { runNow(b, 8) }},
	{name: "calls under load", needs: hasNext | hasRemove, run: callsUnderLoad},
	{name: "list 10,000", needs: hasList, run: func(b *bench) { list(b, 10_000) }},
	{name: "list 100,000", needs: hasList, run: func(b *bench) { list(b, 100_000) }},
}

// runNow has one job asked for by callers that do nothing else.
func runNow(b *bench, callers int) {
	n := b.n(10_000) / callers
	l := newLedger(1, -1)
	e := b.engine(config{})
	j := addAll(e, spec{every: time.Hour}, l.tasks())[0]
	e.Start()
	settle()
	var errors atomic.Int64
	took := concurrently(callers, func(int) {
		for range n {
			if e.RunNow(j) != nil {
				errors.Add(1)
			}
		}
	})
	b.setPer("time", took, callers*n)
	b.set("errors", float64(errors.Load()))
	asked := int32(callers*n) - int32(errors.Load())
	l.awaitRuns(int64(asked))
	b.add(l.verdict(asked, asked))
}

// loaded is an engine with n idle jobs and a thousand runs a second.
func loaded(b *bench, n int) (engine, []job, *pulse) {
	e := b.engine(config{})
	jobs := idle(e, n)
	p := intervals(e, 10, 10*time.Millisecond, false)
	time.Sleep(200 * time.Millisecond)
	return e, jobs, p
}

// callsUnderLoad measures single calls, at random among the jobs.
func callsUnderLoad(b *bench) {
	e, jobs, p := loaded(b, b.n(10_000))
	rand.Shuffle(len(jobs), func(i, j int) { jobs[i], jobs[j] = jobs[j], jobs[i] })
	deadline := time.Now().Add(b.window(5 * time.Second))
	next := eachCall(jobs, deadline, func(j job) { e.Next(j) })
	b.set("next p50", percentile(next, 0.5))
	half := jobs[:len(jobs)/2]
	remove := eachCall(half, deadline.Add(b.window(5*time.Second)), func(j job) { check(e.Remove(j)) })
	b.set("remove p50", percentile(remove, 0.5))
	b.add(p.verdict())
}

// callBatch is how many calls are timed at once: reading the clock takes as long
// as some of them.
const callBatch = 10

// eachCall makes a call for each of the jobs, or for as many as there is time
// for, and returns what one took in each batch.
func eachCall(jobs []job, deadline time.Time, call func(job)) []float64 {
	took := make([]float64, 0, len(jobs)/callBatch)
	for batch := range slices.Chunk(jobs, callBatch) {
		if len(took) > 3 && time.Now().After(deadline) {
			break
		}
		took = append(took, float64(timed(func() {
			for _, j := range batch {
				call(j)
			}
		}))/float64(len(batch)))
	}
	return took
}

// list measures calls that return all jobs, and whether due runs are made
// meanwhile.
func list(b *bench, full int) {
	n := b.n(full)
	e, _, p := loaded(b, n)
	calls := 0
	kept, _, took := p.during(func() {
		end := time.Now().Add(b.window(2 * time.Second))
		for calls < 3 || time.Now().Before(end) {
			if e.List() < n {
				panic("jobs are missing")
			}
			calls++
		}
	})
	b.setPer("time", took, calls)
	b.set("kept", 100*kept)
	b.add(p.verdict())
}

// concurrently calls f from a number of goroutines, and is how long they take.
func concurrently(callers int, f func(caller int)) time.Duration {
	var all sync.WaitGroup
	return timed(func() {
		for caller := range callers {
			all.Go(func() { f(caller) })
		}
		all.Wait()
	})
}
