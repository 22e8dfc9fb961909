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

// outcomesOf are the outcomes of the occurrences of a job by the store, each with when it was due.
func (p *process) outcomesOf(store *gocron.MemoryStore, name string) (lines []string) {
	p.t.Helper()
	rows := historyOf(p.t, store, name)
	for i := len(rows) - 1; i >= 0; i-- {
		line := p.since(rows[i].ScheduledAt) + " " + rows[i].Outcome
		if rows[i].Count > 1 {
			line += " to " + p.since(rows[i].Until)
		}
		lines = append(lines, line)
	}
	return lines
}

// A job is removed while its runs wait, and at once made again: what was cancelled is not missed.
func TestSynctestAJobMadeAgainAtOnceHasNotMissedWhatWasCancelled(t *testing.T) {
	for name, missed := range map[string]gocron.JobOption{"skip": gocron.WithMissed(gocron.MissedSkip, 0), "all": gocron.WithMissed(gocron.MissedRunAll, 0)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := gocron.NewMemoryStore()
				p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				long := gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(p.began.Add(50 * time.Second)))
				p.job(long, func() { time.Sleep(3 * time.Minute) }, gocron.WithName("long"))
				j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), missed)
				p.s.Start()
				time.Sleep(150 * time.Second)
				require.NoError(t, p.s.RemoveJob(j.ID()))
				p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), missed)
				time.Sleep(2 * time.Minute)
				require.NoError(t, p.s.Shutdown())
				require.Equal(t, []string{"1m0s cancelled", "2m0s cancelled", "3m0s succeeded", "4m0s succeeded"}, p.outcomesOf(store, "a"))
			})
		})
	}
}

// A run of a job that was removed ends when another job has the name. What the store has of that one
// stays.
func TestSynctestARunThatOutlivesItsJobLeavesTheNewOneAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		j := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(30 * time.Second) }, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(65 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		j = p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		require.NoError(t, p.c.Pause(j.ID()))
		time.Sleep(30 * time.Second)
		p, _ = p.restart(store, true)
		j = p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.s.Start()
		synctest.Wait()
		paused, err := p.c.Paused(j.ID())
		require.NoError(t, err)
		require.True(t, paused)
		require.NoError(t, p.s.Shutdown())
	})
}

// A catch-up run is in progress when its job is removed and made again. The next one waits for it, and
// is made when it has ended.
func TestSynctestACatchUpThatOutlivesItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func(task any) gocron.Job {
			return p.job(gocron.DurationJob(time.Minute), task, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
		}
		j := add(func() { time.Sleep(90 * time.Second) })
		p.s.Start()
		require.NoError(t, p.s.StopJobs())
		time.Sleep(70 * time.Second)
		p.s.Start()
		time.Sleep(10 * time.Second) // 1m is in progress until 2m40s
		require.NoError(t, p.s.RemoveJob(j.ID()))
		add(nothing)
		time.Sleep(45 * time.Second)
		require.Empty(t, p.told(), "2m waits")
		time.Sleep(40 * time.Second)
		require.ElementsMatch(t, []string{"succeeded catch-up 1m0s", "succeeded catch-up 2m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// What is being written when a job is forgotten is not in the store afterwards.
func TestSynctestForgetWaitsForWhatIsBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, ctx := gocron.NewMemoryStore(), context.Background()
		p := newProcess(t, time.Now(), gocron.WithStore(slowRows{store}))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.s.Start()
		synctest.Wait()
		require.NoError(t, p.s.RemoveJob(j.ID()))
		require.NoError(t, p.c.Forget(ctx, "a"))
		time.Sleep(10 * time.Second)
		require.NoError(t, p.s.Shutdown())
		p = newProcess(t, time.Now(), gocron.WithStore(store))
		orphans, err := p.c.OrphanedJobs()
		require.NoError(t, err)
		require.Empty(t, orphans)
		require.NoError(t, p.s.Shutdown())
	})
}

// The same with a new name.
func TestSynctestARenameWaitsForWhatIsBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(slowRows{store}))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(65 * time.Second)
		require.NoError(t, p.c.Pause(j.ID()))
		synctest.Wait() // that is being written now
		require.NoError(t, p.s.RemoveJob(j.ID()))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("b"), gocron.WithFormerName("a"))
		time.Sleep(10 * time.Second)
		p, _ = p.restart(store, false)
		require.Empty(t, historyOf(t, store, "a"))
		orphans, err := p.c.OrphanedJobs()
		require.NoError(t, err)
		require.Equal(t, []string{"b"}, orphans)
		j = p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("b"))
		p.s.Start()
		synctest.Wait()
		paused, err := p.c.Paused(j.ID())
		require.NoError(t, err)
		require.True(t, paused)
		require.NoError(t, p.s.Shutdown())
	})
}

// A run is in progress when its job gets a new name: its end is stored under that.
func TestSynctestARunThatOutlivesTheNameOfItsJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		j := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(30 * time.Second) }, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(65 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("b"), gocron.WithFormerName("a"))
		time.Sleep(time.Minute)
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, []string{"1m0s succeeded", "2m0s succeeded"}, p.outcomesOf(store, "b"))
		require.Empty(t, historyOf(t, store, "a"))
	})
}
