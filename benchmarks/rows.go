package main

import "math"

// A row of the table is one metric of one workload.
type row struct {
	label    string
	workload string
	metric   string
	unit     unit
	target   target
	bar      string // its name in the picture, if it is there
}

// A target bounds a ratio of ours to another implementation, or, if there is
// none, our value itself.
type target struct {
	kind  targetKind
	bound float64
	to    string
}

type targetKind int

const (
	noTarget targetKind = iota
	mostTarget
	leastTarget
)

func ratio(bound float64) target     { return target{mostTarget, bound, upstream} }
func times(bound float64) target     { return target{leastTarget, bound, upstream} }
func ofRuntime(bound float64) target { return target{mostTarget, bound, afterFn} }
func atMost(bound float64) target    { return target{mostTarget, bound, ""} }
func atLeast(bound float64) target   { return target{leastTarget, bound, ""} }

func (t target) meets(value float64) bool {
	return value == t.bound || (value > t.bound) == (t.kind == leastTarget)
}

// rows are the table. A row without a target is there to be looked at.
var rows = []row{
	{"add 10,000 jobs before Start: time per job", "add before Start", "time", inTime, ratio(0.15), "add a job"},
	{"add 10,000 jobs after Start: time per job", "add after Start", "time", inTime, ratio(0.15), ""},
	{"allocations per add", "add before Start", "allocs", inCount, atMost(4), ""},
	{"bytes kept per job, 10,000 jobs", "keep 10,000", "bytes", inBytes, ratio(0.40), ""},
	{"bytes kept per job, 100,000 jobs", "keep 100,000", "bytes", inBytes, ratio(0.40), "memory per job"},
	{"Start with 10,000 jobs", "start", "time", inTime, ratio(0.20), "Start with 10,000 jobs"},
	{"goroutines at rest", "start", "goroutines", inCount, atMost(1), ""},
	{"CPU per run, 100 jobs every 10 ms", "fire", "cpu", inTime, ratio(0.20), "CPU per run"},
	{"the same: due runs made, in 100", "fire", "kept", inCount, target{}, ""},
	{"allocations per run, plain func", "fire", "allocs", inCount, atMost(1), ""},
	{"allocations per run, func with a context", "fire with context", "allocs", inCount, atMost(3), ""},
	{"wall time per run, 1,000 jobs every 1 ms", "saturated", "time", inTime, ratio(0.045), "time per run, saturated"},
	{"highest rate with 99 % of due runs, a second", "highest rate", "rate", inCount, times(12), ""},
	{"lateness p99, 10,000 one-time jobs over 2 s", "lateness", "p99", inTime, ratio(0.9), ""},
	{"the same, to the bare runtime", "lateness", "p99", inTime, ofRuntime(1.2), ""},
	{"10,000 jobs due at one instant: due to last start", "burst 10,000", "time", inTime, ratio(0.08), ""},
	{"100,000 jobs due at one instant: due to last start", "burst 100,000", "time", inTime, ratio(0.05), "100,000 jobs due at once"},
	{"the same: peak memory, the jobs included", "burst 100,000", "peak", inBytes, target{}, ""},
	{"the same: peak memory, above the jobs at rest", "burst 100,000", "burst peak", inBytes, ratio(0.04), "memory of that burst"},
	{"the same: most goroutines, for tasks that take no time", "burst 100,000", "goroutines", inCount, atMost(100), ""},
	{"the same: longest start after one due later", "burst 100,000", "inversion", inTime, target{}, ""},
	{"the same with a limit of 1, in order", "burst in order", "time", inTime, target{}, ""},
	{"limit 1, 5,000 jobs: time per run", "limit 1, 5000 queued", "time", inTime, ratio(0.09), ""},
	{"limit 4, 5,000 jobs: time per run", "limit 4, 5000 queued", "time", inTime, ratio(0.09), ""},
	{"limit 64, 5,000 jobs: time per run", "limit 64, 5000 queued", "time", inTime, ratio(0.09), ""},
	{"limit 1, 100,000 jobs: time per run", "limit 1, 100000 queued", "time", inTime, ratio(0.09), ""},
	{"limit 4, 100,000 jobs: time per run", "limit 4, 100000 queued", "time", inTime, ratio(0.09), "time per run, limit 4"},
	{"limit 64, 100,000 jobs: time per run", "limit 64, 100000 queued", "time", inTime, ratio(0.09), ""},
	{"limit 1, 100,000 jobs: peak memory", "limit 1, 100000 queued", "peak", inBytes, ratio(0.07), "memory of 100,000 waiting runs"},
	{"RunNow on one job, 1 caller: time per call", "RunNow, 1 caller", "time", inTime, ratio(0.03), "RunNow"},
	{"the same: errors", "RunNow, 1 caller", "errors", inCount, atMost(0), ""},
	{"RunNow on one job, 8 callers: time per call", "RunNow, 8 callers", "time", inTime, ratio(0.03), ""},
	{"the same: errors", "RunNow, 8 callers", "errors", inCount, atMost(0), ""},
	{"NextRun p50, 10,000 jobs, 1,000 runs a second", "calls under load", "next p50", inTime, ratio(0.04), "NextRun"},
	{"RemoveJob p50, the same", "calls under load", "remove p50", inTime, ratio(0.10), "RemoveJob"},
	{"Jobs() over 10,000", "list 10,000", "time", inTime, ratio(0.30), ""},
	{"the same: due runs made, in 100", "list 10,000", "kept", inCount, atLeast(95), ""},
	{"Jobs() over 100,000", "list 100,000", "time", inTime, ratio(0.30), "Jobs() over 100,000"},
	{"the same: due runs made, in 100", "list 100,000", "kept", inCount, atLeast(95), ""},
	{"add and remove, 4 goroutines: time per pair", "add and remove", "time", inTime, ratio(0.08), ""},
	{"RemoveByTags, 10,000 of 100,000", "remove by tags", "time", inTime, ratio(0.25), ""},
	{"CPU while Shutdown waits one second for a task", "stop while a task runs", "cpu", inTime, ratio(0.005), ""},
	{"Shutdown with 100,000 idle jobs", "stop 100,000 idle", "time", inTime, ratio(0.05), ""},
	{"NextRuns(100), daily", "forecast daily", "time", inTime, ratio(0.4), ""},
	{"NextRuns(100), weekly", "forecast weekly", "time", inTime, ratio(0.4), ""},
	{"NextRuns(100), monthly", "forecast monthly", "time", inTime, ratio(0.4), ""},
	{"NextRuns(100), cron", "forecast cron", "time", inTime, ratio(0.6), ""},

	{"a million jobs: add, time per job", "a million", "add", inTime, target{}, ""},
	{"a million jobs: Start with the first half", "a million", "start", inTime, target{}, ""},
	{"a million jobs: Jobs()", "a million", "list took", inTime, target{}, ""},
	{"a million jobs: RemoveByTags of 50,000", "a million", "tags took", inTime, target{}, ""},
	{"a million jobs: Shutdown with the rest", "a million", "stop", inTime, target{}, ""},
	{"lateness of 1,000 runs a second meanwhile: p50", "a million", "p50", inTime, target{}, ""},
	{"lateness p99", "a million", "p99", inTime, target{}, ""},
	{"lateness p99.9", "a million", "p99.9", inTime, target{}, ""},
	{"longest, in all but Start and Jobs()", "a million", "longest", inTime, atMost(10e6), ""},
	{"longest at rest", "a million", "rest longest", inTime, target{}, ""},
	{"longest while adding", "a million", "add longest", inTime, target{}, ""},
	{"longest while reading", "a million", "read longest", inTime, target{}, ""},
	{"longest during Jobs()", "a million", "list longest", inTime, target{}, ""},
	{"longest while removing", "a million", "remove longest", inTime, target{}, ""},
	{"longest during RemoveByTags", "a million", "tags longest", inTime, target{}, ""},
	{"due runs made, in 100", "a million", "kept", inCount, target{}, ""},
	{"the same with Go's collector off: lateness p99.9", "a million, uncollected", "p99.9", inTime, target{}, ""},
	{"longest, in all but Start and Jobs()", "a million, uncollected", "longest", inTime, atMost(10e6), ""},
	{"NewJob with 1,000 to 1,000,000 jobs: log-log slope", growthOf, "add", inSlope, atMost(0.25), ""},
	{"NextRun: slope", growthOf, "read", inSlope, atMost(0.25), ""},
	{"CPU per run: slope", growthOf, "fire", inSlope, atMost(0.25), ""},
	{"RemoveJob: slope", growthOf, "remove", inSlope, atMost(0.25), ""},
}

// growthOf stands for the workloads of all growthSizes: the value of such a row
// is the slope over them.
const growthOf = "costs at *"

// value is what the row says of an implementation.
func (r row) value(all results, implementation string) (float64, bool) {
	if r.workload != growthOf {
		value, ok := all.value(r.workload, implementation, r.metric)
		if r.unit == inCount { // the runtime allocates now and then, too
			value = math.Round(value*10) / 10
		}
		return value, ok
	}
	var xs, ys []float64
	for _, n := range growthSizes {
		y, ok := all.value(growthName(n), implementation, r.metric)
		if !ok {
			return 0, false
		}
		xs, ys = append(xs, float64(n)), append(ys, y)
	}
	return logSlope(xs, ys), true
}

// workloads are those that the row is about.
func (r row) workloads() []string {
	if r.workload != growthOf {
		return []string{r.workload}
	}
	var names []string
	for _, n := range growthSizes {
		names = append(names, growthName(n))
	}
	return names
}

// quotient is our value over another's.
func (r row) quotient(all results, other string) (float64, bool) {
	mine, ok := r.value(all, ours)
	theirs, also := r.value(all, other)
	if !ok || !also || theirs == 0 || r.unit == inSlope {
		return 0, false
	}
	return mine / theirs, true
}

// judged is whether the target is met; ok is false if that cannot be said.
func (r row) judged(all results) (met, ok bool) {
	if r.target.kind == noTarget {
		return false, false
	}
	value, ok := r.value(all, ours)
	if ok && r.target.to != "" {
		if all.overLimit(r, r.target.to) {
			return true, true
		}
		value, ok = r.quotient(all, r.target.to)
	}
	return ok && r.target.meets(value), ok
}

// overLimit reports whether an implementation was cut off in a row's workload.
func (all results) overLimit(r row, implementation string) bool {
	for _, name := range r.workloads() {
		if c := all[cellKey{name, implementation}]; c != nil && c.limit > 0 {
			return true
		}
	}
	return false
}
