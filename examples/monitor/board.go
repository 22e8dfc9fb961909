package main

import (
	"context"
	"sort"
	"sync"
	"time"

	"github.com/google/uuid"
)

// keepTests is how many tests that are done stay on the board.
const keepTests = 1000

// board is what is known of the targets and tests. It has a lock of its own,
// since checks go on at the same time.
type board struct {
	mu      sync.Mutex
	targets map[string]*targetState
	tests   map[uuid.UUID]*testState
	order   []uuid.UUID // of the tests on the board, oldest first
	asked   int
	done    int
	// idle is closed whenever no test waits or runs, and made anew when one
	// is accepted.
	idle chan struct{}
}

type targetState struct {
	Name     string        `json:"name"`
	Status   string        `json:"status"` // of the last check
	Latency  time.Duration `json:"latency_ns"`
	Checks   int           `json:"checks"`
	Failures int           `json:"failures"`
}

type testState struct {
	ID     uuid.UUID `json:"id"`
	Target string    `json:"target"`
	State  string    `json:"state"`
	Error  string    `json:"error,omitempty"`
}

// The states of a test.
const (
	stateWaiting = "waiting"
	stateRunning = "running"
	stateDone    = "done"
)

func newBoard(targets []target) *board {
	b := &board{
		targets: map[string]*targetState{},
		tests:   map[uuid.UUID]*testState{},
		idle:    make(chan struct{}),
	}
	close(b.idle)
	for _, t := range targets {
		b.targets[t.Name] = &targetState{Name: t.Name, Status: "-"}
	}
	return b
}

func (b *board) record(name, status string, latency time.Duration, failed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.targets[name]
	t.Status, t.Latency = status, latency
	t.Checks++
	if failed {
		t.Failures++
	}
}

func (b *board) accept(id uuid.UUID, name string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked == b.done {
		b.idle = make(chan struct{})
	}
	b.asked++
	b.tests[id] = &testState{ID: id, Target: name, State: stateWaiting}
	b.order = append(b.order, id)
}

// refuse takes back an accept.
func (b *board) refuse(id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.asked--
	b.drop(id)
	b.closeIfIdle()
}

func (b *board) begin(id uuid.UUID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tests[id].State = stateRunning
}

func (b *board) end(id uuid.UUID, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	test := b.tests[id]
	test.State = stateDone
	if err != nil {
		test.Error = err.Error()
	}
	b.done++
	if b.done > keepTests {
		b.dropOldestDone()
	}
	b.closeIfIdle()
}

// closeIfIdle wakes waitForTests. The caller holds mu.
func (b *board) closeIfIdle() {
	if b.asked == b.done {
		close(b.idle)
	}
}

// dropOldestDone keeps the board from growing for ever. The caller holds mu.
func (b *board) dropOldestDone() {
	for _, id := range b.order {
		if b.tests[id].State == stateDone {
			b.drop(id)
			return
		}
	}
}

// drop takes a test off the board. The caller holds mu.
func (b *board) drop(id uuid.UUID) {
	delete(b.tests, id)
	for i, other := range b.order {
		if other == id {
			b.order = append(b.order[:i], b.order[i+1:]...)
			return
		}
	}
}

// waitForTests returns when every accepted test is done or ctx ends.
func (b *board) waitForTests(ctx context.Context) {
	b.mu.Lock()
	idle := b.idle
	b.mu.Unlock()
	select {
	case <-idle:
	case <-ctx.Done():
	}
}

// waiting tells how many of the accepted tests have not begun.
func (b *board) waiting() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, test := range b.tests {
		if test.State == stateWaiting {
			n++
		}
	}
	return n
}

// counts tells how many tests were accepted, and how many of them are done.
func (b *board) counts() (asked, done int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.asked, b.done
}

// targetStates returns the state of each target, sorted by name.
func (b *board) targetStates() []targetState {
	b.mu.Lock()
	defer b.mu.Unlock()
	states := make([]targetState, 0, len(b.targets))
	for _, t := range b.targets {
		states = append(states, *t)
	}
	sort.Slice(states, func(i, j int) bool { return states[i].Name < states[j].Name })
	return states
}

// testStates returns the state of each test, in the order they were asked for.
func (b *board) testStates() []testState {
	b.mu.Lock()
	defer b.mu.Unlock()
	states := make([]testState, 0, len(b.order))
	for _, id := range b.order {
		states = append(states, *b.tests[id])
	}
	return states
}
