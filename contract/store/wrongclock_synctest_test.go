//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A process has run with a clock that was ten years ahead, and everything in the store is of that time.
// The next process counts from now; a pause and the used runs of a limit stay.
func TestSynctestAfterAClockThatWasYearsAhead(t *testing.T) {
	for name, definition := range map[string]gocron.JobDefinition{
		"interval":        gocron.DurationJob(time.Hour),
		"from completion": gocron.DurationJob(time.Hour),
		"random":          gocron.DurationRandomJob(59*time.Minute, time.Hour),
		"crontab":         gocron.CronJob("30 * * * *", false),
		"Schedule":        gocron.ScheduleJob(everyMinute{}),
	} {
		t.Run(name, func(t *testing.T) {
			store := gocron.NewMemoryStore()
			var j gocron.Job
			add := func(p *process) {
				options := []gocron.JobOption{gocron.WithName("a"), gocron.WithLimitedRuns(2), gocron.WithMissed(gocron.MissedRunAll, 0)}
				if name == "from completion" {
					options = append(options, gocron.WithIntervalFromCompletion())
				}
				j = p.job(definition, nothing, options...)
				p.s.Start()
				synctest.Wait()
			}
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(10 * 365 * 24 * time.Hour)
				p := newProcess(t, time.Now(), gocron.WithStore(store))
				add(p)
				for len(p.told()) == 0 {
					time.Sleep(30 * time.Second)
				}
				require.NoError(t, p.c.Pause(j.ID()))
				synctest.Wait()
				store = p.kill(store)
			})
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(10 * time.Second)
				p := newProcess(t, time.Now(), gocron.WithStore(store))
				add(p)
				paused, err := p.c.Paused(j.ID())
				require.NoError(t, err)
				require.True(t, paused)
				next, err := j.NextRun()
				require.NoError(t, err)
				require.LessOrEqual(t, time.Until(next), time.Hour)
				require.NoError(t, p.c.Resume(j.ID()))
				time.Sleep(24 * time.Hour)
				require.Len(t, p.told(), 1, "the second of two")
				require.Empty(t, p.s.Jobs())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}
