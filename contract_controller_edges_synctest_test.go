//go:build go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// The run that has waited for longest may stand anywhere: behind one that is to be tried again
// or has replaced an older one, which wait in an old place for a short time.
func TestSynctestControllerOldestWaitingStandsAnywhere(t *testing.T) {
	for name, options := range map[string][]SchedulerOption{"plain": nil, "recorded": {WithHistory(10)}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				h := newHoldup(t)
				s.Start()
				retried := mustJob(t, s, ages(), func() error { return errContract }, retries(2, 10*time.Second))
				replaced := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeReplace))
				gated := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait))
				plain := mustJob(t, s, ages(), h.task)
				oldest := func() time.Duration { synctest.Wait(); return soundStats(t, c).OldestWaiting }
				require.NoError(t, retried.RunNow())
				synctest.Wait()
				require.NoError(t, plain.RunNow()) // takes the slot
				require.NoError(t, replaced.RunNow())
				rest(5 * time.Second)
				require.Equal(t, 5*time.Second, oldest())
				require.NoError(t, plain.RunNow())
				require.NoError(t, gated.RunNow())
				require.NoError(t, gated.RunNow())
				rest(2 * time.Second)
				require.NoError(t, replaced.RunNow())
				require.Equal(t, 2*time.Second, oldest(), "the replaced run waits no more")
				rest(4 * time.Second) // the retry waits first in line since 10
				require.Equal(t, 6*time.Second, oldest())
				require.NoError(t, s.RemoveJob(plain.ID()))
				require.Equal(t, 6*time.Second, oldest(), "those of the gated job")
				require.NoError(t, s.RemoveJob(gated.ID()))
				require.Equal(t, 4*time.Second, oldest(), "the one that has replaced another")
				require.NoError(t, s.RemoveJob(replaced.ID()))
				require.Equal(t, time.Second, oldest(), "the attempt")
				h.open()
				require.Zero(t, oldest())
			}, append(options, WithLimitConcurrentJobs(1, LimitModeWait))...)
		})
	}
}

func TestSynctestExplainOfAJobThatIsBeingAnnouncedOrEntered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s Scheduler
		var states []State
		explain := func(j Job) {
			e, err := NewController(s).Explain(j.ID())
			require.NoError(t, err)
			states = append(states, e.State)
		}
		s = newScheduler(t, WithSchedulerMonitor(monitorFuncs{
			registered: explain,
			started: func() {
				for _, j := range s.Jobs() {
					explain(j)
				}
			},
		}))
		mustJob(t, s, DurationJob(time.Hour), noop)
		s.Start()
		mustJob(t, s, DurationJob(time.Hour), noop)
		require.NoError(t, s.StopJobs())
		mustJob(t, s, DurationJob(time.Hour), noop)
		require.Equal(t, []State{StateStopped, StateScheduled, StateScheduled, StateStopped}, states)
	})
}

// The context is asked itself: its word may still be on its way.
func TestSynctestExplainAfterTheContextHasEnded(t *testing.T) {
	for name, end := range endedContexts() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
				user, cancel := end()
				j := mustJob(t, s, DurationJob(time.Hour), noop, WithContext(user))
				s.Start()
				cancel()
				e, err := c.Explain(j.ID())
				require.NoError(t, err)
				require.Equal(t, StateContextEnded, e.State)
			})
		})
	}
}

func TestSynctestExplainTellsOfTheNextOfManyAttempts(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		waits := []time.Duration{40, 10, 30, 20}
		runs := 0
		j := mustJob(t, s, ages(), func() error { return errContract },
			WithRetry(RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration { runs++; return waits[runs-1] * time.Second }}))
		s.Start()
		for range waits {
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		began := time.Now()
		for left := len(waits); left > 0; left-- {
			e, err := c.Explain(j.ID())
			require.NoError(t, err)
			require.Equal(t, left, e.Retrying)
			require.True(t, e.NextAttempt.Equal(began.Add(time.Duration(len(waits)-left+1)*10*time.Second)))
			rest(time.Until(e.NextAttempt))
			synctest.Wait()
		}
		e, err := c.Explain(j.ID())
		require.NoError(t, err)
		require.Zero(t, e.Retrying)
		require.Zero(t, e.NextAttempt)
	})
}

// A great many runs that are to be tried again are ended by Cancel, and none by it that
// comes later.
func TestSynctestControllerCancelsAGreatManyRetries(t *testing.T) {
	inBubble(t, func(t *testing.T, s Scheduler, c *Controller) {
		j := mustJob(t, s, ages(), func() error { return errContract }, retries(2, time.Hour))
		s.Start()
		const many = 1000
		for i := 0; i < many; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.Equal(t, many, soundStats(t, c).Retrying)
		require.NoError(t, c.Cancel(j.ID()))
		require.Zero(t, soundStats(t, c).Retrying)
		require.EqualValues(t, many, soundOutcomes(t, c)[OutcomeFailed])
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, soundStats(t, c).Retrying)
	})
}
