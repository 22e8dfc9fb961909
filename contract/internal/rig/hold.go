package rig

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/gocron-fixed/gocron/v2"
)

// A Holdup is a task whose runs wait until they are let go.
type Holdup struct {
	Started, Ended, Most atomic.Int64
	Gate                 chan struct{}
	once                 sync.Once
}

// NewHoldup makes a holdup that opens when the test ends. The scheduler is made
// before it, so that its shutdown finds the runs let go.
func NewHoldup(t testing.TB) *Holdup {
	h := &Holdup{Gate: make(chan struct{})}
	t.Cleanup(h.Open)
	return h
}

// Task is the task.
func (h *Holdup) Task() {
	running := h.Started.Add(1) - h.Ended.Load()
	for most := h.Most.Load(); running > most && !h.Most.CompareAndSwap(most, running); {
		most = h.Most.Load()
	}
	<-h.Gate
	h.Ended.Add(1)
}

// LetGo lets one run go.
func (h *Holdup) LetGo() { h.Gate <- struct{}{} }

// Open lets all runs go, present and future.
func (h *Holdup) Open() { h.once.Do(func() { close(h.Gate) }) }

// Running is how many runs are inside of Task.
func (h *Holdup) Running() int { return int(h.Started.Load() - h.Ended.Load()) }

// A Roll notes who ran, in the order of starting, and holds each run up until
// it is let go.
type Roll struct {
	*Holdup
	mu    sync.Mutex
	names []string
}

// NewRoll makes a Roll that opens when the test ends, as NewHoldup does.
func NewRoll(t testing.TB) *Roll { return &Roll{Holdup: NewHoldup(t)} }

// TaskOf is a task that signs the roll with a name.
func (r *Roll) TaskOf(name string) func() {
	return func() {
		r.mu.Lock()
		r.names = append(r.names, name)
		r.mu.Unlock()
		r.Task()
	}
}

// Signed are the names so far.
func (r *Roll) Signed() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.names...)
}

// LimitModes are both modes, by name.
var LimitModes = map[string]gocron.LimitMode{"wait": gocron.LimitModeWait, "skip": gocron.LimitModeReschedule}
