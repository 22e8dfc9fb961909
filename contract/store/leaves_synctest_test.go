//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A one-time job of which Start finds nothing but missed times leaves, also if it takes a decision to know
// that they are missed. One whose times are missed while the scheduler runs stays, as one without WithMissed.
func TestSynctestAJobWhoseTimesAreAllMissedAtStartLeaves(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{
		"store": {gocron.WithStore(gocron.NewMemoryStore())},
		"none":  nil,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				p := newProcess(t, began, options...)
				once := gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(began.Add(time.Minute), began.Add(2*time.Minute)))
				p.job(once, nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedSkip, 0))
				kept := p.job(once, nothing, gocron.WithName("b"), gocron.WithMissed(gocron.MissedSkip, 0))
				require.NoError(t, p.c.Pause(kept.ID()))
				recurring := p.job(gocron.DurationJob(time.Hour), nothing, gocron.WithName("c"), gocron.WithMissed(gocron.MissedSkip, 0))
				p.s.Start()
				require.NoError(t, p.s.StopJobs())
				time.Sleep(time.Hour + time.Second)
				p.s.Start()
				synctest.Wait()
				require.Contains(t, p.told(), "missed 2 1m0s..2m0s")
				jobs := p.s.Jobs()
				require.Len(t, jobs, 1)
				require.Equal(t, recurring.ID(), jobs[0].ID())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}
