//go:build go1.25

package controller_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// The run that has waited for longest may stand anywhere: behind one that is to be tried again
// or has replaced an older one, which wait in an old place for a short time.
func TestSynctestControllerOldestWaitingStandsAnywhere(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{"plain": nil, "recorded": {gocron.WithHistory(10)}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				h := rig.NewHoldup(t)
				s.Start()
				retried := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest }, rig.Retries(2, 10*time.Second))
				replaced := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeReplace))
				gated := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
				plain := rig.MustJob(t, s, rig.Ages(), h.Task)
				oldest := func() time.Duration { synctest.Wait(); return rig.StatsOf(t, c).OldestWaiting }
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
				h.Open()
				require.Zero(t, oldest())
			}, append(options, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))...)
		})
	}
}

func TestSynctestExplainOfAJobThatIsBeingAnnouncedOrEntered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var s gocron.Scheduler
		var states []gocron.State
		explain := func(j gocron.Job) {
			e, err := gocron.NewController(s).Explain(j.ID())
			require.NoError(t, err)
			states = append(states, e.State)
		}
		s = rig.NewScheduler(t, gocron.WithSchedulerMonitor(rig.MonitorFuncs{
			Registered: explain,
			Started: func() {
				for _, j := range s.Jobs() {
					explain(j)
				}
			},
		}))
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		s.Start()
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		require.NoError(t, s.StopJobs())
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		require.Equal(t, []gocron.State{gocron.StateStopped, gocron.StateScheduled, gocron.StateScheduled, gocron.StateStopped}, states)
	})
}

// The context is asked itself: its word may still be on its way.
func TestSynctestExplainAfterTheContextHasEnded(t *testing.T) {
	for name, end := range rig.EndingContexts() {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				user, cancel := end()
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithContext(user))
				s.Start()
				cancel()
				e, err := c.Explain(j.ID())
				require.NoError(t, err)
				require.Equal(t, gocron.StateContextEnded, e.State)
			})
		})
	}
}

func TestSynctestExplainTellsOfTheNextOfManyAttempts(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		waits := []time.Duration{40, 10, 30, 20}
		runs := 0
		j := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest },
			gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: func(int) time.Duration { runs++; return waits[runs-1] * time.Second }}))
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
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, rig.Ages(), func() error { return rig.ErrTest }, rig.Retries(2, time.Hour))
		s.Start()
		const many = 1000
		for i := 0; i < many; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.Equal(t, many, rig.StatsOf(t, c).Retrying)
		require.NoError(t, c.Cancel(j.ID()))
		require.Zero(t, rig.StatsOf(t, c).Retrying)
		require.EqualValues(t, many, rig.OutcomesOf(t, c)[gocron.OutcomeFailed])
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, rig.StatsOf(t, c).Retrying)
	})
}

func panicOuch() { panic("ouch") }
