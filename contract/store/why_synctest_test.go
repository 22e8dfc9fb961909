//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

func TestSynctestWhy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		store, began := gocron.NewMemoryStore(), time.Now() // midnight
		p := newProcess(t, began, gocron.WithStore(store))
		var j gocron.Job
		hourly := gocron.CronJob("30 * * * *", false)
		add := func(task any) {
			j = p.job(hourly, task, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunOnce, 0))
			p.s.Start()
			synctest.Wait()
		}
		why := func(after time.Duration) string {
			t.Helper()
			o, err := p.c.Why(ctx, j.ID(), began.Add(after))
			require.NoError(t, err)
			require.Equal(t, o.Why, o.String())
			return o.Why
		}
		add(func() error { return errTask })
		require.Equal(t, "still to come", why(30*time.Minute))
		require.Equal(t, "not an occurrence; the nearest are 2000-01-01 00:30:00 and 2000-01-01 01:30:00", why(45*time.Minute))
		require.Equal(t, "not known: before 2000-01-01 00:00:00, when this schedule was first seen", why(-30*time.Minute))
		time.Sleep(time.Hour)
		require.Equal(t, "failed at 00:30:00, after 0s: the task has failed", why(30*time.Minute))
		store = p.kill(store)
		time.Sleep(3 * time.Hour)
		p = newProcess(t, began, gocron.WithStore(store))
		add(func() { time.Sleep(time.Minute) })
		require.Equal(t, "missed, one of 2 from 01:30:00 to 02:30:00; the scheduler went on at 04:00:00", why(90*time.Minute))
		require.Equal(t, "in progress since 04:00:00", why(210*time.Minute))
		time.Sleep(2 * time.Minute)
		require.Equal(t, "succeeded at 04:00:00, after 1m0s, caught up", why(210*time.Minute))
		require.NoError(t, p.c.PauseWith(j.ID(), "alice", "deploy"))
		require.Equal(t, "still to come, but the job is paused since 04:02:00 by alice: deploy", why(270*time.Minute))
		time.Sleep(30 * time.Minute)
		require.Equal(t, "paused since 04:02:00 by alice: deploy", why(270*time.Minute))
		require.NoError(t, p.c.Resume(j.ID()))
		time.Sleep(58*time.Minute + 30*time.Second)
		store = p.kill(store)
		p = newProcess(t, began, gocron.WithStore(store))
		add(nothing)
		require.Equal(t, "interrupted: begun at 05:30:00, and the process ended before the task did", why(330*time.Minute))
		require.NoError(t, p.s.Shutdown())
		time.Sleep(time.Minute) // the task of the process that was killed ends
	})
}

func TestSynctestWhyOfAWallTimeThatDidNotExist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		zone, err := time.LoadLocation("America/New_York")
		require.NoError(t, err)
		p := newProcess(t, time.Now(), gocron.WithHistory(10), gocron.WithLocation(zone))
		j := p.job(gocron.CronJob("30 2 * * *", false), nothing, gocron.WithName("a"), gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip))
		p.s.Start()
		o, err := p.c.Why(context.Background(), j.ID(), time.Date(2000, time.April, 2, 2, 30, 0, 0, zone))
		require.NoError(t, err)
		require.Equal(t, "not an occurrence; on 2 April 2000 clocks went forward from 02:00 to 03:00, and the times in between did not exist; the nearest are 2000-04-01 02:30:00 and 2000-04-03 02:30:00", o.Why)
		require.False(t, o.IsOccurrence)
		require.Len(t, o.Nearest, 2)
		require.NoError(t, p.s.Shutdown())
	})
}

func TestSynctestForget(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := context.Background()
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"))
		p.s.Start()
		time.Sleep(90 * time.Second)
		names, err := p.c.OrphanedJobs()
		require.NoError(t, err)
		require.Empty(t, names)
		require.ErrorIs(t, p.c.Forget(ctx, "a"), gocron.ErrOptionValue)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		synctest.Wait()
		names, err = p.c.OrphanedJobs()
		require.NoError(t, err)
		require.Equal(t, []string{"a"}, names)
		require.NoError(t, p.c.Forget(ctx, "a"))
		names, err = p.c.OrphanedJobs()
		require.NoError(t, err)
		require.Empty(t, names)
		require.NoError(t, p.s.Shutdown())
		s, err := gocron.NewScheduler()
		require.NoError(t, err)
		require.True(t, errors.Is(gocron.NewController(s).Forget(ctx, "a"), errors.ErrUnsupported))
	})
}

func TestSynctestAFormerName(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("old"))
		p.s.Start()
		time.Sleep(90 * time.Minute)
		p, _ = p.restart(store, false)
		j := p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("new"), gocron.WithFormerName("old"))
		p.s.Start()
		next, err := j.NextRun()
		require.NoError(t, err)
		require.Equal(t, "2h0m0s", p.since(next), "it goes on where the old name was")
		names, err := p.c.OrphanedJobs()
		require.NoError(t, err)
		require.Empty(t, names)
		_, err = p.s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(nothing), gocron.WithName("other"), gocron.WithFormerName("new"))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.NoError(t, p.s.Shutdown())
	})
}

// What is still to be written counts as written, once, and for the job under the store alone.
func TestSynctestWhyKnowsWhatIsBeingWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(slowRows{gocron.NewMemoryStore()}), gocron.WithHistory(10))
		a := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(500 * time.Millisecond) }, gocron.WithName("a"))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("b"))
		other := p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(10 * time.Second) }, gocron.WithName("a"), gocron.WithoutStore())
		p.s.Start()
		time.Sleep(time.Minute)
		for range 3 { // b is being written, then a, then nothing
			time.Sleep(700 * time.Millisecond)
			o, err := p.c.Why(context.Background(), a.ID(), p.began.Add(time.Minute))
			require.NoError(t, err)
			require.Equal(t, "succeeded at 00:01:00, after 500ms", o.Why)
			require.Len(t, o.Attempts, 1)
			o, err = p.c.Why(context.Background(), other.ID(), p.began.Add(time.Minute))
			require.NoError(t, err)
			require.Empty(t, o.Attempts)
		}
		require.NoError(t, p.s.Shutdown())
	})
}
