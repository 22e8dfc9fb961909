package main

import (
	"fmt"
	"math"
	"regexp"
	"runtime"
	"time"
)

// A workload is one measurement, made in a process of its own. It sets metrics,
// which the rows of the table pick up.
type workload struct {
	name  string
	needs feature
	only  []string // the implementations that take part; all if empty
	limit time.Duration
	run   func(*bench)
}

// workloads are all there are, in the order in which they are run.
func workloads() []workload {
	var all []workload
	for _, family := range [][]workload{
		addWorkloads, fireWorkloads, burstWorkloads, limitWorkloads,
		callWorkloads, stopWorkloads, forecastWorkloads, growWorkloads,
	} {
		all = append(all, family...)
	}
	return all
}

func workloadNamed(name string) (workload, error) {
	for _, w := range workloads() {
		if w.name == name {
			return w, nil
		}
	}
	return workload{}, fmt.Errorf("no workload is named %q", name)
}

func (w workload) takes(impl implementation) bool {
	if w.needs&^impl.features != 0 {
		return false
	}
	for _, name := range w.only {
		if name == impl.name {
			return true
		}
	}
	return len(w.only) == 0
}

func (w workload) timeLimit() time.Duration {
	if w.limit > 0 {
		return w.limit
	}
	return 60 * time.Second
}

// A bench is what a workload works with.
type bench struct {
	impl    implementation
	scale   int // sizes and durations are divided by it
	slower  int // how much slower than expected the machine is at adding jobs
	metrics map[string]float64
	faults  faults
}

func (b *bench) engine(c config) engine { return b.impl.make(c) }

func (b *bench) has(f feature) bool { return b.impl.features&f == f }

// n scales a number of jobs or calls.
func (b *bench) n(full int) int { return max(10, full/b.scale) }

// window scales a duration, but less than in proportion.
func (b *bench) window(full time.Duration) time.Duration {
	if b.scale > 1 {
		return full / 8
	}
	return full
}

// few scales a number of repetitions.
func (b *bench) few(full int) int {
	if b.scale > 1 {
		return 1
	}
	return full
}

// set leaves out what is no number, such as a time per run when there were none.
func (b *bench) set(metric string, value float64) {
	if !math.IsNaN(value) && !math.IsInf(value, 0) {
		b.metrics[metric] = value
	}
}

// lead is how far ahead times are set so that all jobs are added before.
func (b *bench) lead(full time.Duration) time.Duration {
	return time.Duration(b.slower) * max(b.window(full), 200*time.Millisecond)
}

// tooLate is what a workload panics with that has added its jobs when some were due. It is
// run again with more time for that.
type tooLate struct{}

// startBefore starts an engine to which jobs were added that are due from first on.
func startBefore(e engine, first time.Time) {
	e.Start()
	if time.Until(first) < 0 {
		e.Stop()
		panic(tooLate{})
	}
}

// setPer sets the time that each of n took.
func (b *bench) setPer(metric string, d time.Duration, n int) {
	b.set(metric, float64(d)/float64(n))
}

func (b *bench) add(f faults) { b.faults = b.faults.plus(f) }

// addAll adds a job for each task.
func addAll(e engine, s spec, tasks []func()) []job {
	jobs := make([]job, len(tasks))
	for i, task := range tasks {
		s.task = task
		jobs[i] = mustAdd(e, s)
	}
	return jobs
}

func latest(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func mustAdd(e engine, s spec) job {
	j, err := e.Add(s)
	if first := latest(s.at, s.from); err != nil && !first.IsZero() && time.Until(first) < 0 {
		e.Stop()
		panic(tooLate{})
	}
	check(err)
	return j
}

// idle adds n hourly jobs.
func idle(e engine, n int) []job {
	jobs := make([]job, n)
	for i := range jobs {
		jobs[i] = mustAdd(e, spec{every: time.Hour, task: func() {}})
	}
	return jobs
}

// timed is how long f takes.
func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

// settle lets goroutines and garbage of the preparations go away.
func settle() {
	runtime.GC()
	time.Sleep(50 * time.Millisecond)
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}

// matching leaves the workloads whose names match.
func matching(all []workload, only *regexp.Regexp) []workload {
	var left []workload
	for _, w := range all {
		if only.MatchString(w.name) {
			left = append(left, w)
		}
	}
	return left
}
