//go:build go1.25

package time_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

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
func hourlyOn(t *testing.T, clock clockwork.Clock) (s gocron.Scheduler, runs *int) {
	runs = new(int)
	s = rig.NewScheduler(t, gocron.WithClock(clock))
	rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { *runs++ })
	s.Start()
	return s, runs
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
		rig.MustJob(t, s, rig.Ages(), rig.Noop) // a look for any other reason hands the run over
		synctest.Wait()
		require.Equal(t, 1, *runs)
		late()
		synctest.Wait()
		require.Equal(t, 3, clock.waiters, "the second waiter of the job is left alone")
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
		clock := &rig.SteppedClock{FakeClock: clockwork.NewFakeClock()}
		s := rig.NewScheduler(t, gocron.WithClock(clock))
		hold := make(chan struct{})
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { <-hold }, gocron.WithSingletonMode(gocron.LimitModeWait),
			gocron.WithStopAt(gocron.WithStopDateTime(clock.Now().Add(time.Minute))), gocron.WithStartAt(gocron.WithStartImmediately()))
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
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { ran <- struct{}{} })
		clock.Offset.Store(-int64(30 * time.Minute))
		clock.Advance(time.Hour)
		synctest.Wait()
		clock.Advance(time.Hour)
		synctest.Wait()
		require.NotEmpty(t, ran)
	})
}
