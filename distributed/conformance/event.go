package conformance

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// The kinds of events that a node writes into the ledger.
const (
	nodeReady   = "ready"
	nodeDid     = "did"      // what it was told to do; Job is the command
	runClaimed  = "claimed"  // the locker has granted the run
	runBegan    = "began"    // the task was called
	runEnded    = "ended"    // the task returns; Err is why its context has ended
	runFinished = "finished" // the scheduler is done with the run
	herdDone    = "herd"     // all jobs of a herd are done with their due time; Until is when the last task was called
	termSeen    = "leads"    // the elector said yes from At to Until at least
)

// An event is one line of the ledger. At and Until are real times, of the clock that all
// processes have in common, whatever the node's own clock says; Scheduled is the
// scheduler's.
type event struct {
	Node, Kind, Job string
	Scheduled       time.Time `json:",omitzero"`
	At              time.Time
	Until           time.Time `json:",omitzero"`
	Trigger         string    `json:",omitempty"`
	Attempt         int       `json:",omitempty"`
	Token           int64     `json:",omitempty"`
	Outcome         string    `json:",omitempty"`
	Err             string    `json:",omitempty"`

	Jobs     []int          `json:",omitempty"` // of a herd, that were run here
	Outcomes map[string]int `json:",omitempty"` // of all of it
}

// A ledger is what the nodes of one case have reported.
type ledger struct {
	mu      sync.Mutex
	events  []event
	grown   chan struct{} // closed and replaced when there is more
	failure error         // of a node that ended and should not have
}

func newLedger() *ledger { return &ledger{grown: make(chan struct{})} }

func (l *ledger) add(e event) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = append(l.events, e)
	close(l.grown)
	l.grown = make(chan struct{})
}

// forget drops what has been reported up to now.
func (l *ledger) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.events = nil
}

func (l *ledger) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failure == nil {
		l.failure = err
		close(l.grown)
		l.grown = make(chan struct{})
	}
}

func (l *ledger) all() []event {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.events[:len(l.events):len(l.events)]
}

// wait returns when the events satisfy enough, and an error that names what was waited
// for if ctx ends or a node fails first.
func (l *ledger) wait(ctx context.Context, what string, enough func([]event) bool) error {
	for {
		l.mu.Lock()
		events, grown, failure := l.events[:len(l.events):len(l.events)], l.grown, l.failure
		l.mu.Unlock()
		switch {
		case enough(events):
			return nil
		case failure != nil:
			return failure
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return fmt.Errorf("waited in vain for %s", what)
		}
	}
}

// is matches events of a kind, a job and a node; "" stands for any.
func (e event) is(kind, job, node string) bool {
	return e.Kind == kind && (job == "" || e.Job == job) && (node == "" || e.Node == node)
}

// find returns the first event that satisfies wanted.
func find(events []event, wanted func(event) bool) (event, bool) {
	for _, e := range events {
		if wanted(e) {
			return e, true
		}
	}
	return event{}, false
}

func count(events []event, wanted func(event) bool) int {
	n := 0
	for _, e := range events {
		if wanted(e) {
			n++
		}
	}
	return n
}
