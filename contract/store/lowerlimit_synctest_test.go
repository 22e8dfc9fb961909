//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A job whose limit is lowered below what has run already has no next time and no run left, and leaves:
// while the scheduler runs when its run in progress has ended, else at the next Start.
func TestSynctestALimitBelowWhatHasRun(t *testing.T) {
	for name, running := range map[string]bool{"running": true, "stopped": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()), gocron.WithSchedulerMonitor(rig.NoMonitor{}), gocron.WithStopTimeout(time.Minute))
				task := func() { time.Sleep(20 * time.Second) }
				j := p.job(gocron.DurationJob(time.Minute), task, gocron.WithName("a"), gocron.WithLimitedRuns(5))
				p.s.Start()
				time.Sleep(190 * time.Second) // the third is in progress
				if !running {
					require.NoError(t, p.s.StopJobs())
				}
				_, err := p.s.Update(j.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(task), gocron.WithName("a"), gocron.WithLimitedRuns(2))
				require.NoError(t, err)
				e, err := p.c.Explain(j.ID())
				require.NoError(t, err)
				require.Zero(t, e.RunsLeft)
				require.True(t, e.NextRun.IsZero(), e)
				require.NoError(t, p.c.Cancel(j.ID()))
				synctest.Wait()
				require.Len(t, p.s.Jobs(), 1)
				if !running {
					p.s.Start()
				}
				time.Sleep(11 * time.Second)
				require.Empty(t, p.s.Jobs())
				require.Len(t, p.told(), 3)
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}
