package gocron

import (
	"sync"
	"testing"
	"time"
)

// A roll notes who ran, in the order of starting, and holds each run up until
// it is let go.
type roll struct {
	*holdup
	mu    sync.Mutex
	names []string
}

func newRoll(t testing.TB) *roll { return &roll{holdup: newHoldup(t)} }

// taskOf is a task that signs the roll with a name.
func (r *roll) taskOf(name string) func() {
	return func() {
		r.mu.Lock()
		r.names = append(r.names, name)
		r.mu.Unlock()
		r.task()
	}
}

func (r *roll) signed() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]string{}, r.names...)
}

// ages is a definition that is due in ages: its job runs by RunNow alone.
func ages() JobDefinition { return DurationJob(1000 * time.Hour) }

// limitModes are both modes, by name.
var limitModes = map[string]LimitMode{"wait": LimitModeWait, "skip": LimitModeReschedule}
