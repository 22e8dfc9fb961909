package main

import (
	"time"

	"github.com/jonboulle/clockwork"
)

// shiftedClock is a clock that is fast by offset, as the clocks of real nodes are.
type shiftedClock struct {
	clockwork.Clock
	offset time.Duration
}

func newShiftedClock(offset time.Duration) clockwork.Clock {
	return shiftedClock{clockwork.NewRealClock(), offset}
}

func (c shiftedClock) Now() time.Time { return c.Clock.Now().Add(c.offset) }

func (c shiftedClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

func (c shiftedClock) Until(t time.Time) time.Duration { return t.Sub(c.Now()) }
