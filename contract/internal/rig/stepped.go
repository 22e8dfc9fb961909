package rig

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

// A SteppedClock can be set, as a machine's clock can: its timers count on.
type SteppedClock struct {
	*clockwork.FakeClock
	Offset atomic.Int64
}

// Now is the time with the offset.
func (c *SteppedClock) Now() time.Time {
	return c.FakeClock.Now().Add(time.Duration(c.Offset.Load()))
}

// NewSteppedRig makes a Rig on a SteppedClock. Rig.Clock is the clock without its offset.
func NewSteppedRig(t *testing.T, options ...gocron.SchedulerOption) (*Rig, *SteppedClock) {
	clock := &SteppedClock{FakeClock: clockwork.NewFakeClockAt(Now)}
	r := New(t, append(options, gocron.WithClock(clock))...)
	r.Clock = clock.FakeClock
	return r, clock
}
