//go:build go1.25

package controller_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A pulse notes the seconds since it was made at which its task runs.
type pulse struct {
	since time.Time
	mu    sync.Mutex // runs may overlap
	at    []int
	takes time.Duration
}

func newPulse(takes time.Duration) *pulse { return &pulse{since: time.Now(), takes: takes} }

func (p *pulse) task() {
	p.mu.Lock()
	p.at = append(p.at, int(time.Since(p.since)/time.Second))
	p.mu.Unlock()
	time.Sleep(p.takes)
}

// A paused run takes no time, so the next interval counts from when it was due.
func TestSynctestControllerPausedIntervalFromCompletion(t *testing.T) {
	for name, more := range map[string][]gocron.JobOption{"any": nil, "limited": {gocron.WithLimitedRuns(3)}, "singleton": {gocron.WithSingletonMode(gocron.LimitModeWait)}} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
				p := newPulse(3 * time.Second)
				j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), p.task, append(more, gocron.WithIntervalFromCompletion())...)
				s.Start()
				rest(11 * time.Second)
				require.NoError(t, c.Pause(j.ID())) // in progress until 13
				rest(34 * time.Second)              // due at 23, 33, 43
				require.NoError(t, c.Resume(j.ID()))
				next, err := j.NextRun()
				require.NoError(t, err)
				require.Equal(t, 53*time.Second, next.Sub(p.since))
				rest(25 * time.Second)
				require.Equal(t, []int{10, 53, 66}, p.at)
				require.EqualValues(t, 3, rig.OutcomesOf(t, c)[gocron.OutcomePaused])
			})
		})
	}
}

func TestSynctestControllerPausedOneTimeJob(t *testing.T) {
	for _, leaves := range []bool{false, true} {
		inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
			p := newPulse(0)
			var options []gocron.JobOption
			if leaves {
				options = append(options, gocron.WithRemoveWhenFinished())
			}
			definition := gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(time.Now().Add(10*time.Second), time.Now().Add(20*time.Second)))
			once := rig.MustJob(t, s, definition, p.task, options...)
			twice := rig.MustJob(t, s, definition, p.task)
			s.Start()
			require.NoError(t, c.Pause(once.ID()))
			require.NoError(t, c.Pause(twice.ID()))
			rest(15 * time.Second)
			require.NoError(t, c.Resume(twice.ID()))
			rest(15 * time.Second)
			require.Equal(t, []int{15, 20}, p.at, "of the one that was resumed")
			require.Len(t, s.Jobs(), 2)
			require.NoError(t, once.RunNow())
			synctest.Wait()
			require.Equal(t, []int{15, 20, 30}, p.at, "a pause does not hold up RunNow")
			require.NoError(t, c.Resume(once.ID()))
			synctest.Wait()
			require.Equal(t, []int{15, 20, 30, 30, 30}, p.at, "both times were kept")
			require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 5}, rig.OutcomesOf(t, c))
			require.Len(t, s.Jobs(), map[bool]int{true: 1, false: 2}[leaves])
		})
	}
}

func TestSynctestControllerPausedStartImmediately(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		p, once := newPulse(0), newPulse(0)
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), p.task, gocron.WithStartAt(gocron.WithStartImmediately()))
		o := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), once.task)
		require.NoError(t, c.Pause(j.ID()))
		require.NoError(t, c.Pause(o.ID()))
		s.Start()
		rest(5 * time.Second)
		require.NoError(t, c.Resume(j.ID()))
		require.NoError(t, c.Resume(o.ID()))
		rest(20 * time.Second)
		require.Equal(t, []int{10, 20}, p.at, "intervals count from the start")
		require.Equal(t, []int{5}, once.at, "kept for Resume")
		require.NoError(t, s.StopJobs())
		s.Start()
		synctest.Wait()
		require.Len(t, once.at, 1)
	})
}

func TestSynctestControllerPausedJobLeavesAtItsStopTime(t *testing.T) {
	inBubble(t, func(t *testing.T, s gocron.Scheduler, c *gocron.Controller) {
		j := rig.MustJob(t, s, gocron.DurationJob(10*time.Second), rig.Noop, gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(25*time.Second))))
		s.Start()
		require.NoError(t, c.Pause(j.ID()))
		rest(19 * time.Second)
		require.Len(t, s.Jobs(), 1)
		rest(10 * time.Second)
		require.Empty(t, s.Jobs())
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomePaused: 2}, rig.OutcomesOf(t, c))
	})
}
