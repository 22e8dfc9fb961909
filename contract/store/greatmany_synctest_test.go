//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A time.Duration has 292 years. How many were missed in a longer time is estimated all the same.
func TestSynctestMissedForMoreYearsThanADurationHas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now())
		first := time.Date(1, 1, 1, 0, 0, 1, 0, time.UTC)
		var infos []gocron.RunInfo
		s, err := gocron.NewScheduler(gocron.WithHooks(gocron.Hooks{RunFinished: func(run gocron.RunInfo) { infos = append(infos, run) }}))
		require.NoError(t, err)
		_, err = s.NewJob(gocron.DurationJob(time.Minute), gocron.NewTask(nothing), gocron.WithLastRun(first), gocron.WithMissed(gocron.MissedSkip, 0))
		require.NoError(t, err)
		s.Start()
		synctest.Wait()
		require.Len(t, infos, 1)
		require.InDelta(t, (p.began.Unix()-first.Unix())/60, infos[0].MissedCount, 1)
		require.NoError(t, s.Shutdown())
		require.NoError(t, p.s.Shutdown())
	})
}

// What was missed before a pause waits for Resume, however many fall due during the pause.
func TestSynctestAPauseOfAGreatMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		var j gocron.Job
		add := func() {
			j = p.job(gocron.DurationJob(time.Second), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
			p.s.Start()
			synctest.Wait()
		}
		add()
		require.NoError(t, p.s.StopJobs())
		time.Sleep(3500 * time.Millisecond)
		require.NoError(t, p.c.Pause(j.ID()))
		synctest.Wait()
		p, _ = p.restart(store, false)
		time.Sleep(1_200_000 * time.Second)
		add()
		require.Equal(t, []string{"paused 1200000 4s..333h20m3s"}, p.told())
		require.NoError(t, p.c.Resume(j.ID()))
		require.ElementsMatch(t, []string{"succeeded catch-up 1s", "succeeded catch-up 2s", "succeeded catch-up 3s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}
