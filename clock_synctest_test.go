//go:build go1.25

package gocron

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// A steppedClock can be set, as a machine's clock can: its timers count on.
type steppedClock struct {
	*clockwork.FakeClock
	offset atomic.Int64
}

func (c *steppedClock) Now() time.Time {
	return c.FakeClock.Now().Add(time.Duration(c.offset.Load()))
}

// trickyClock does something when it is about to get a waiter.
type trickyClock struct {
	*clockwork.FakeClock
	waiters int
	before  func(waiter int, callback func()) func()
}

func (c *trickyClock) AfterFunc(d time.Duration, f func()) clockwork.Timer {
	c.waiters++
	return c.FakeClock.AfterFunc(d, c.before(c.waiters, f))
}

// hourlyOn starts a scheduler with one job on the clock, and counts its runs.
func hourlyOn(t *testing.T, clock clockwork.Clock) (s *scheduler, runs *int) {
	runs = new(int)
	made := newScheduler(t, WithClock(clock))
	mustJob(t, made, DurationJob(time.Hour), func() { *runs++ })
	made.Start()
	return made.(*scheduler), runs
}

func TestSynctestLateWaiterCallbackLosesNoRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		held := make(chan func(), 1)
		clock := &trickyClock{FakeClock: clockwork.NewFakeClock()}
		clock.before = func(waiter int, callback func()) func() {
			if waiter == 1 {
				return func() { held <- callback }
			}
			return callback
		}
		s, runs := hourlyOn(t, clock)
		clock.Advance(time.Hour)
		late := <-held
		s.session.nudge() // a look for any other reason hands the run over
		synctest.Wait()
		require.Equal(t, 1, *runs)
		late()
		synctest.Wait()
		require.Equal(t, 2, clock.waiters, "the second waiter is left alone")
		clock.Advance(time.Hour)
		synctest.Wait()
		require.Equal(t, 2, *runs)
	})
}

func TestSynctestClockThatMovesWhileItGetsAWaiterLosesNoRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &trickyClock{FakeClock: clockwork.NewFakeClock()}
		clock.before = func(waiter int, callback func()) func() {
			if waiter == 1 {
				clock.Advance(20 * time.Minute)
			}
			return callback
		}
		_, runs := hourlyOn(t, clock)
		clock.Advance(40 * time.Minute)
		synctest.Wait()
		require.Equal(t, 1, *runs)
	})
}

// A waiter that is done with, and was not ended, would keep the scheduler from
// noticing that the clock is set back.
func TestSynctestClockSetBackAfterRunsWereDroppedAtAStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &steppedClock{FakeClock: clockwork.NewFakeClock()}
		s := newScheduler(t, WithClock(clock))
		hold := make(chan struct{})
		j := mustJob(t, s, DurationJob(time.Hour), func() { <-hold }, WithSingletonMode(LimitModeWait),
			WithStopAt(WithStopDateTime(clock.Now().Add(time.Minute))), WithStartAt(WithStartImmediately()))
		s.Start()
		synctest.Wait()
		require.NoError(t, j.RunNow()) // waits, and is dropped at the stop time
		clock.Advance(2 * time.Minute)
		synctest.Wait()
		require.Zero(t, s.JobsWaitingInQueue())
		close(hold)
		synctest.Wait()
		require.Empty(t, s.Jobs())

		ran := make(chan struct{}, 10)
		mustJob(t, s, DurationJob(time.Hour), func() { ran <- struct{}{} })
		clock.offset.Store(-int64(30 * time.Minute))
		clock.Advance(time.Hour)
		synctest.Wait()
		clock.Advance(time.Hour)
		synctest.Wait()
		require.NotEmpty(t, ran)
	})
}
