package defects

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

var shutdowns = []Repro{
	{"20", "CPU time of a Shutdown that waits a second for a task", waitCost},
	{"21a", "three Shutdown calls at once", concurrentShutdown},
	{"21b", "StopJobs, when an earlier StopJobsWithContext had timed out", stopAfterTimeout},
	{"22a", "NewJob after Shutdown", newJobAfterShutdown},
	{"22b", "Update after Shutdown", updateAfterShutdown},
	{"22c", "NextRun after Shutdown", getterAfterShutdown},
	{"23a", "goroutines after Shutdown with 1,400 runs in the queue", queueLeak},
	{"23b", "goroutines after a hundred singleton jobs were removed", singletonLeak},
}

// Waiting costs no CPU.
func waitCost() (string, bool) {
	s := started()
	check(must(s.NewJob(far, lasting(new(counter), 1100*ms))).RunNow())
	time.Sleep(100 * ms)
	before := cpuTime()
	check(s.Shutdown())
	spent := cpuTime() - before
	return fmt.Sprintf("%.2f s", spent.Seconds()), spent < 200*ms
}

// Each of several stops waits for itself and reports its own result.
func concurrentShutdown() (string, bool) {
	s := started(gocron.WithStopTimeout(time.Second))
	check(must(s.NewJob(far, lasting(new(counter), 300*ms))).RunNow())
	time.Sleep(50 * ms)
	results := make(chan error, 3)
	for i := 0; i < cap(results); i++ {
		go func() { results <- s.Shutdown() }()
	}
	failed := 0
	for i := 0; i < cap(results); i++ {
		if <-results != nil {
			failed++
		}
	}
	return fmt.Sprintf("%d of %d time out", failed, cap(results)), failed == 0
}

// Every stop reports its own result, however an earlier one ended.
func stopAfterTimeout() (string, bool) {
	var finished counter
	s := started()
	j := must(s.NewJob(far, gocron.NewTask(func() { time.Sleep(300 * ms); finished.Add(1) })))
	check(j.RunNow())
	time.Sleep(50 * ms)
	ctx, cancel := context.WithTimeout(context.Background(), 50*ms)
	defer cancel()
	_ = s.StopJobsWithContext(ctx)
	time.Sleep(600 * ms)
	s.Start()
	check(j.RunNow())
	time.Sleep(50 * ms)
	check(s.StopJobs())
	if finished.Load() == 1 {
		return "returns nil while a task runs", false
	}
	return "returns nil after the task", finished.Load() == 2
}

// NewJob after Shutdown returns an error, never a job that can't run.
func newJobAfterShutdown() (string, bool) {
	s := started()
	check(s.Shutdown())
	_, err := s.NewJob(far, nop)
	return failing("NewJob", err)
}

// Update after Shutdown returns an error.
func updateAfterShutdown() (string, bool) {
	s := started()
	id := must(s.NewJob(far, nop)).ID()
	check(s.Shutdown())
	_, err := s.Update(id, far, nop)
	return failing("Update", err)
}

func failing(what string, err error) (string, bool) {
	if err == nil {
		return what + " says nothing is wrong", false
	}
	return what + " returns an error", true
}

// After Shutdown getters return ErrJobNotFound at once.
func getterAfterShutdown() (string, bool) {
	s := started()
	j := must(s.NewJob(far, nop))
	check(s.Shutdown())
	begin := time.Now()
	_, err := j.NextRun()
	took := time.Since(begin)
	return fmt.Sprintf("an error after %v", took.Round(100*ms)), err != nil && took < 500*ms
}

// After Shutdown returned nil there is no goroutine left.
func queueLeak() (string, bool) {
	before := runtime.NumGoroutine()
	s := started(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	j := must(s.NewJob(far, lasting(new(counter), 500*ms)))
	for i := 0; i < 1400; i++ {
		check(j.RunNow())
	}
	check(s.Shutdown())
	time.Sleep(100 * ms)
	left := runtime.NumGoroutine() - before
	return plural(left, "goroutine") + " left", left == 0
}

// Nothing is left for a removed job.
func singletonLeak() (string, bool) {
	s := started()
	before := runtime.NumGoroutine()
	for i := 0; i < 100; i++ {
		j := must(s.NewJob(far, nop, gocron.WithSingletonMode(gocron.LimitModeWait)))
		check(j.RunNow())
		time.Sleep(2 * ms)
		check(s.RemoveJob(j.ID()))
	}
	time.Sleep(100 * ms)
	left := runtime.NumGoroutine() - before
	return plural(left, "goroutine") + " left", left <= 0
}
