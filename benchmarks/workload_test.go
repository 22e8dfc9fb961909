package main

import (
	"sync"
	"testing"
	"time"
)

// Every workload runs, sets the metrics of its rows, and finds no fault with
// ours.
func TestWorkloadsOnOurs(t *testing.T) {
	stall = time.Minute
	defer func() { stall = 5 * time.Second }()
	impl, err := implementationNamed(ours)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range workloads() {
		t.Run(w.name, func(t *testing.T) {
			r := measure(w, impl, 1000)
			if r.Faults != (faults{}) {
				t.Errorf("%+v", r.Faults)
			}
			for _, row := range rows {
				if _, set := r.Metrics[row.metric]; row.workload == w.name && !set {
					t.Errorf("no %q, for %q", row.metric, row.label)
				}
			}
		})
	}
}

func TestLedgerFindsFaults(t *testing.T) {
	l := newLedger(3, 4)
	l.limit, l.inOrder = 1, true
	for _, i := range []int{0, 2, 1, 2} {
		l.begin(i)
		if i != 2 {
			l.end()
		}
	}
	l.await()
	if got := l.verdict(1, 1); got != (faults{Twice: 1, Over: 2, Disorder: 1}) {
		t.Errorf("got %+v", got)
	}
	l = newLedger(3, -1)
	l.begin(0)
	if got := l.verdict(1, 1); got.Lost != 2 {
		t.Errorf("got %+v", got)
	}
}

func TestGrid(t *testing.T) {
	first := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	often, once := grid{first, time.Minute}, grid{first, 0}
	for _, test := range []struct {
		g        grid
		at, want time.Duration
	}{
		{often, -1, 0},
		{often, 0, time.Minute},
		{often, time.Minute - 1, time.Minute},
		{often, time.Hour, time.Hour + time.Minute},
		{once, -time.Hour, 0},
	} {
		if got := test.g.Next(first.Add(test.at)); !got.Equal(first.Add(test.want)) {
			t.Errorf("after %v: %v", test.at, got.Sub(first))
		}
	}
	if got := once.Next(first); !got.IsZero() {
		t.Errorf("after the only time: %v", got)
	}
}

func testEngine(t *testing.T, e engine, at time.Time) {
	var once, often sync.WaitGroup
	once.Add(1)
	often.Add(2)
	mustAdd(e, spec{at: at, task: once.Done})
	runs := make(chan struct{}, 2)
	j := mustAdd(e, spec{every: 10 * time.Millisecond, task: func() {
		select {
		case runs <- struct{}{}:
			often.Done()
		default:
		}
	}})
	startBefore(e, at)
	once.Wait()
	often.Wait()
	if err := e.Remove(j); err != nil {
		t.Error(err)
	}
	e.Stop()
}

// A workload that was too late is run again, with more time.
func TestTooLate(t *testing.T) {
	impl, err := implementationNamed(ours)
	if err != nil {
		t.Fatal(err)
	}
	tries := 0
	measure(workload{run: func(b *bench) {
		tries++
		e := b.engine(config{})
		defer e.Stop()
		switch b.slower {
		case 1:
			mustAdd(e, spec{at: time.Now().Add(-time.Hour), task: func() {}})
		case 2:
			startBefore(e, time.Now().Add(-time.Hour))
		}
	}}, impl, 1000)
	if tries != 3 {
		t.Errorf("%d tries", tries)
	}
}

// The engines do what the workloads expect of them.
func TestEngines(t *testing.T) {
	for _, impl := range implementations {
		t.Run(impl.name, func(t *testing.T) {
			for lead := 50 * time.Millisecond; !new(bench).inTime(workload{run: func(*bench) {
				testEngine(t, impl.make(config{}), time.Now().Add(lead))
			}}); lead *= 2 {
			}
		})
	}
}
