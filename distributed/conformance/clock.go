package conformance

import (
	"time"

	"github.com/jonboulle/clockwork"
)

// A shiftedClock is a node's clock that is wrong by offset. It runs as fast as others.
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
