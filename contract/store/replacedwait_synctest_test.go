//go:build go1.25

package store_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// slowlyDown takes its time to say that it is down.
type slowlyDown struct{ gocron.Store }

func (slowlyDown) Begin(context.Context, gocron.StoredRun) (bool, error) {
	time.Sleep(10 * time.Second)
	return false, errors.New("down")
}

// A run whose job is replaced while its engine or its store is asked does not wait for another attempt:
// nobody would see to it.
func TestSynctestAReplacedRunDoesNotWaitForAnEngineOrAStore(t *testing.T) {
	down := gocron.ClaimerFrom(func(context.Context, string, time.Time) (noLock, error) {
		time.Sleep(10 * time.Second)
		return noLock{}, gocron.ErrEngineDown
	})
	for name, c := range map[string]struct {
		option func() gocron.SchedulerOption
		want   string
	}{
		"engine": {func() gocron.SchedulerOption { return gocron.WithDistributedLocker(down) }, "engine-down schedule 1m0s"},
		"store":  {func() gocron.SchedulerOption { return gocron.WithStore(slowlyDown{gocron.NewMemoryStore()}) }, "store-down schedule 1m0s"},
	} {
		t.Run(name, func(t *testing.T) {
			rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
				began := time.Now().Truncate(time.Hour)
				p := newProcess(t, began, c.option(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				once := gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(began.Add(time.Minute)))
				j := p.job(once, nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunOnce, 0))
				p.s.Start()
				time.Sleep(65 * time.Second) // it is being asked
				replace(p.s, j, gocron.ManualJob(), nothing, gocron.WithName("b"))
				time.Sleep(10 * time.Minute)
				require.Equal(t, []string{c.want}, p.told())
				require.NoError(t, p.s.Shutdown())
				stats := rig.StatsOf(t, p.c)
				require.Zero(t, stats.Running+stats.Waiting+stats.Retrying)
			})
		})
	}
}
