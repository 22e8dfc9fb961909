package defects

import (
	"fmt"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

var monitors = []Repro{
	{"30a", "SchedulerShutdown event after StopJobs and Shutdown", shutdownEvent},
	{"30b", "ConcurrencyLimitReached event when a run must wait for a slot", limitEvent},
	{"30d", "order of JobRegistered and JobStarted of an immediate job", registeredFirst},
	{"30e", "JobSchedulingDelay of a RunNow on an hourly job", runNowDelay},
}

// SchedulerShutdown comes once from the first Shutdown of a scheduler that was
// ever started.
func shutdownEvent() (string, bool) {
	var n counter
	s := started(gocron.WithSchedulerMonitor(monitor{on: func(event string) {
		if event == "SchedulerShutdown" {
			n.Add(1)
		}
	}}))
	check(s.StopJobs())
	check(s.Shutdown())
	return plural(int(n.Load()), "event"), n.Load() == 1
}

// ConcurrencyLimitReached comes when a run must wait.
func limitEvent() (string, bool) {
	var n counter
	s := started(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithSchedulerMonitor(monitor{on: func(event string) {
		if event == "ConcurrencyLimitReached" {
			n.Add(1)
		}
	}}))
	j := must(s.NewJob(far, lasting(new(counter), 200*ms)))
	check(j.RunNow())
	check(j.RunNow())
	time.Sleep(100 * ms)
	return plural(int(n.Load()), "event"), n.Load() == 1
}

// JobRegistered comes before any other event of the job.
func registeredFirst() (string, bool) {
	const tries = 100
	wrong := 0
	for i := 0; i < tries; i++ {
		var mu sync.Mutex
		var events []string
		s := started(gocron.WithSchedulerMonitor(monitor{on: func(event string) {
			mu.Lock()
			events = append(events, event)
			mu.Unlock()
		}}))
		must(s.NewJob(far, nop, gocron.WithStartAt(gocron.WithStartImmediately())))
		time.Sleep(10 * ms)
		mu.Lock()
		if len(events) > 1 && events[1] == "JobStarted" {
			wrong++
		}
		mu.Unlock()
	}
	return fmt.Sprintf("started first in %d of %d", wrong, tries), wrong == 0
}

// A RunNow has no scheduling delay.
func runNowDelay() (string, bool) {
	delay := make(chan time.Duration, 10)
	s := started(gocron.WithSchedulerMonitor(monitor{delay: func(d time.Duration) { delay <- d }}))
	check(must(s.NewJob(far, nop)).RunNow())
	select {
	case d := <-delay:
		return d.Round(time.Minute).String(), false
	case <-time.After(100 * ms):
		return "none", true
	}
}
