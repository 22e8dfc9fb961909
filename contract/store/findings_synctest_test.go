//go:build go1.25

package store_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// These are what random programs have found.

// A stop keeps a run that makes up for a missed time from beginning. What came after that time and
// has an outcome does not get another one after the next Start.
func TestSynctestACatchUpThatAStopDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
		other := p.job(gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Minute) }, gocron.WithName("b"))
		p.s.Start()
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.StopJobs())
		time.Sleep(time.Minute)
		require.NoError(t, p.c.Pause(j.ID()))
		p.s.Start()
		require.NoError(t, other.RunNow())
		time.Sleep(2 * time.Minute)
		require.NoError(t, other.RunNow())
		require.NoError(t, p.c.Resume(j.ID())) // 2m0s waits for the slot
		require.Equal(t, []string{"succeeded schedule 1m0s", "paused schedule 3m0s", "succeeded run-now 2m30s", "paused schedule 4m0s"}, p.told())
		_ = p.s.StopJobs() // the other job does not end
		time.Sleep(time.Minute)
		p.told()
		p.s.Start()
		require.Equal(t, []string{"succeeded catch-up 2m0s", "succeeded catch-up 5m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A slowSchedule takes a second to answer.
type slowSchedule struct{ grid }

func (s slowSchedule) Next(t time.Time) time.Time {
	time.Sleep(time.Second)
	return s.grid.Next(t)
}

// The process is killed before a Schedule of the user's has said when the job is due next, so the
// store does not know it.
func TestSynctestAScheduleThatHasNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func() {
			p.job(gocron.ScheduleJob(slowSchedule{60}), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunOnce, 0))
			p.s.Start()
		}
		add()
		time.Sleep(time.Minute + 500*time.Millisecond)
		p, _ = p.restart(store, true)
		p.told()
		time.Sleep(150 * time.Second)
		add()
		time.Sleep(20 * time.Second) // it asks for each time that has passed
		require.Equal(t, []string{"missed 1 2m0s..2m0s", "succeeded catch-up 3m0s"}, p.told())
		time.Sleep(40 * time.Second)
		require.Equal(t, []string{"succeeded schedule 4m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// The same while runs of the job wait for a slot: they have no outcome, and the Schedule is asked
// about a later time alone.
func TestSynctestRunsOfAScheduleThatWait(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		busy := p.job(gocron.DurationJob(1000*time.Hour), func(ctx context.Context) { <-ctx.Done() }, gocron.WithoutStore())
		add := func() {
			p.job(gocron.ScheduleJob(grid(60)), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
			p.s.Start()
		}
		add()
		require.NoError(t, busy.RunNow())
		time.Sleep(150 * time.Second)
		p, _ = p.restart(store, kill)
		time.Sleep(time.Minute)
		p.told()
		add()
		require.Equal(t, []string{"succeeded catch-up 1m0s", "succeeded catch-up 2m0s", "succeeded catch-up 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A job is removed and made again while one of its runs waits and a later one was skipped. Both have
// an outcome, and do not run.
func TestSynctestAJobMadeAgainWhileItsRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		busy := p.job(gocron.DurationJob(1000*time.Hour), func() { time.Sleep(165 * time.Second) }, gocron.WithoutStore())
		add := func() gocron.Job {
			return p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0),
				gocron.WithSingletonMode(gocron.LimitModeReschedule))
		}
		j := add()
		p.s.Start()
		require.NoError(t, busy.RunNow())
		time.Sleep(130 * time.Second)
		require.Equal(t, []string{"skipped-singleton schedule 2m0s"}, p.told())
		require.NoError(t, p.s.RemoveJob(j.ID()))
		add()
		require.Equal(t, []string{"cancelled schedule 1m0s"}, p.told())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded run-now 0s", "succeeded schedule 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A job leaves while it catches up. What is left is missed, once, also if it is made again.
func TestSynctestAJobMadeAgainWhileItCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		busy := p.job(gocron.DurationJob(1000*time.Hour), func() { time.Sleep(5 * time.Minute) }, gocron.WithoutStore())
		add := func() gocron.Job {
			return p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
		}
		j := add()
		p.s.Start()
		time.Sleep(80 * time.Second)
		require.NoError(t, busy.RunNow())
		synctest.Wait()
		_ = p.s.StopJobs() // that run goes on, and keeps the slot
		time.Sleep(150 * time.Second)
		p.told()
		p.s.Start()
		time.Sleep(10 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		add()
		require.ElementsMatch(t, []string{"cancelled catch-up 2m0s", "missed 2 3m0s..4m0s"}, p.told())
		time.Sleep(3 * time.Minute)
		require.Equal(t, []string{"succeeded run-now 1m20s", "succeeded schedule 5m0s", "succeeded schedule 6m0s", "succeeded schedule 7m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}
