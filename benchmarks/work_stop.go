package main

import "time"

var stopWorkloads = []workload{
	{name: "stop while a task runs", needs: hasWait, run: stopWhileRunning},
	{name: "stop 100,000 idle", run: stopIdle},
}

// stopWhileRunning measures what it costs to wait for a task of a second.
func stopWhileRunning(b *bench) {
	began, done := make(chan struct{}), make(chan struct{})
	e := b.engine(config{})
	due := time.Now().Add(b.lead(200 * time.Millisecond))
	mustAdd(e, spec{at: due, task: func() {
		close(began)
		time.Sleep(b.window(time.Second) + 50*time.Millisecond)
		close(done)
	}})
	startBefore(e, due)
	<-began
	time.Sleep(50 * time.Millisecond)
	before := cpuTime()
	e.Stop()
	b.set("cpu", float64(cpuTime()-before))
	select {
	case <-done:
	default:
		b.faults.Lost++ // the end of the run
	}
}

func stopIdle(b *bench) {
	e := b.engine(config{})
	idle(e, b.n(100_000))
	e.Start()
	time.Sleep(200 * time.Millisecond)
	settle()
	b.set("time", float64(timed(e.Stop)))
}
