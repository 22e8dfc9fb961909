package gocron

import (
	"context"
	"math"
	"reflect"
	"time"

	"github.com/jonboulle/clockwork"
)

// longestNap bounds how long the scheduler sleeps while anything is booked: Go's
// timers stand still while the machine does, and know nothing of clock steps, so
// the wall clock has to be looked at.
const longestNap = time.Minute

// never is the time left until the first job of an empty timetable is due.
const never time.Duration = math.MaxInt64

// isRealClock tells clockwork's real clock from any other.
func isRealClock(c clockwork.Clock) bool {
	return reflect.TypeOf(c) == reflect.TypeOf(clockwork.NewRealClock())
}

// nap is how long the scheduler goroutine may sleep on the real clock when the
// first time booked is that far ahead.
func nap(left time.Duration) time.Duration {
	if left == never {
		return never
	}
	return min(left, longestNap)
}

// realNow is the time for those who have no scheduler with a clock.
func realNow() time.Time { return time.Now() }

// newRealTimer is for the stop timeout, which is on real time whatever the clock.
func newRealTimer(d time.Duration) *time.Timer { return time.NewTimer(d) }

// afterReal calls f, on a goroutine of its own, after d of real time.
func afterReal(d time.Duration, f func()) { time.AfterFunc(d, f) }

// withTimeout bounds a task, in real time as well.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, d, ErrRunTimeout)
}

// A sleeper is the real-time timer of one scheduler goroutine. A tick that is
// left over from an earlier sleep makes it look at the timetable once too
// often, which does no harm, so it never needs draining.
type sleeper struct {
	timer *time.Timer
}

// sleep returns after d, or when something arrives on nudges or stopping.
func (s *sleeper) sleep(d time.Duration, nudges, stopping <-chan struct{}) {
	var tick <-chan time.Time
	if d != never {
		if s.timer == nil {
			s.timer = time.NewTimer(d)
		} else {
			s.timer.Reset(d)
		}
		tick = s.timer.C
	}
	select {
	case <-tick:
	case <-nudges:
	case <-stopping:
	}
}

func (s *sleeper) stop() {
	if s.timer != nil {
		s.timer.Stop()
	}
}
