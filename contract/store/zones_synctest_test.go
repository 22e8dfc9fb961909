//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// What the store has of a job can be read again, whatever the zone.
func TestSynctestAPauseStaysInAnyZone(t *testing.T) {
	for name, options := range map[string][]gocron.JobOption{
		"more than a day off": {gocron.WithJobLocation(time.FixedZone("far", 25*60*60))},
		"with seconds":        {gocron.WithJobLocation(time.FixedZone("odd", 20745))},
	} {
		t.Run(name, func(t *testing.T) {
			eachEnd(t, func(t *testing.T, kill bool) {
				store := gocron.NewMemoryStore()
				p := newProcess(t, time.Now(), gocron.WithStore(store))
				var j gocron.Job
				add := func() {
					j = p.job(gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(3, 0, 0))), nothing, append(options, gocron.WithName("a"))...)
					p.s.Start()
					synctest.Wait()
				}
				add()
				require.NoError(t, p.c.Pause(j.ID()))
				synctest.Wait()
				p, _ = p.restart(store, kill)
				add()
				paused, err := p.c.Paused(j.ID())
				require.NoError(t, err)
				require.True(t, paused)
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

// Two zones of one name are two zones, as time.Local is on two machines: the schedule counts from now.
func TestSynctestAnotherZoneOfTheSameName(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func(offset int) {
			p.job(gocron.CronJob("0 3 * * *", false), nothing, gocron.WithName("a"),
				gocron.WithJobLocation(time.FixedZone("Local", offset)), gocron.WithMissed(gocron.MissedRunAll, 0))
			p.s.Start()
			synctest.Wait()
		}
		add(0)
		time.Sleep(4 * time.Hour)
		p, _ = p.restart(store, kill)
		time.Sleep(3 * 24 * time.Hour)
		add(60 * 60)
		require.Empty(t, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}
