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

// A run of RunNow that ends before its task was called is no occurrence: nobody makes it later, so its
// outcome is recorded, whatever is missed or kept of its job.
func TestSynctestARunOfRunNowHasItsOutcomeAtOnce(t *testing.T) {
	down := gocron.LockerFrom(func(context.Context, string) (noLock, error) { return noLock{}, gocron.ErrEngineDown })
	later := func() gocron.JobDefinition {
		return gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(100 * time.Hour)))
	}
	untilTheEnd := func(ctx context.Context) { <-ctx.Done() }
	for kind, definition := range map[string]func() gocron.JobDefinition{
		"interval": func() gocron.JobDefinition { return gocron.DurationJob(100 * time.Hour) },
		"one-time": later,
	} {
		for policy, options := range map[string][]gocron.JobOption{
			"nothing runs":  nil,
			"one is run":    {gocron.WithMissed(gocron.MissedRunOnce, 0)},
			"all are run":   {gocron.WithMissed(gocron.MissedRunAll, 0)},
			"none is known": {gocron.WithLimitedRuns(5)},
		} {
			options = append(options, gocron.WithName("a"))
			t.Run(kind+", "+policy+", stopped", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					store := gocron.NewMemoryStore()
					p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
					j := p.job(definition(), untilTheEnd, options...)
					p.s.Start()
					require.NoError(t, j.RunNow())
					require.NoError(t, j.RunNow())
					synctest.Wait()
					require.NoError(t, p.s.StopJobs())
					require.NoError(t, p.s.Shutdown())
					require.ElementsMatch(t, []string{"0s succeeded", "0s cancelled"}, p.outcomesOf(store, "a"))
				})
			})
			t.Run(kind+", "+policy+", no engine", func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					store := gocron.NewMemoryStore()
					p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithDistributedLocker(down))
					j := p.job(definition(), nothing, options...)
					p.s.Start()
					require.NoError(t, j.RunNow())
					synctest.Wait()
					require.NoError(t, p.s.Shutdown())
					require.Equal(t, []string{"0s engine-down"}, p.outcomesOf(store, "a"))
				})
			})
		}
	}
}

// The immediate run of a one-time job that a stop has dropped runs at the next Start, whatever is to
// happen to what was missed.
func TestSynctestAnImmediateRunThatAStopDropsRunsAtTheNextStart(t *testing.T) {
	for policy, missed := range map[string][]gocron.JobOption{
		"no policy":  nil,
		"skip":       {gocron.WithMissed(gocron.MissedSkip, 0)},
		"one is run": {gocron.WithMissed(gocron.MissedRunOnce, 0)},
		"all are":    {gocron.WithMissed(gocron.MissedRunAll, 0)},
	} {
		for where, stored := range map[string]bool{"stored": true, "in memory": false} {
			t.Run(policy+", "+where, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					store, options := gocron.NewMemoryStore(), []gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}
					if stored {
						options = append(options, gocron.WithStore(store))
					}
					p := newProcess(t, time.Now(), options...)
					busy := p.job(gocron.DurationJob(100*time.Hour), func(ctx context.Context) { <-ctx.Done() }, gocron.WithName("busy"))
					p.s.Start()
					require.NoError(t, busy.RunNow())
					p.job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), nothing, append(missed, gocron.WithName("a"))...)
					synctest.Wait()
					require.NoError(t, p.s.StopJobs())
					require.Contains(t, p.told(), "cancelled start-immediately 0s")
					p.s.Start()
					synctest.Wait()
					require.Equal(t, []string{"succeeded start-immediately 0s"}, p.told())
					require.NoError(t, p.s.Shutdown())
					if stored {
						require.Equal(t, []string{"0s succeeded"}, p.outcomesOf(store, "a"))
					}
				})
			})
		}
	}
}
