//go:build go1.25

package store_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// An engine gives out occurrences, unless it is down.
type engine struct {
	down  atomic.Bool
	asked atomic.Int32
}

type noLock struct{}

func (noLock) Unlock(context.Context) error { return nil }

func (e *engine) Claim(context.Context, string, time.Time) (noLock, error) {
	e.asked.Add(1)
	if e.down.Load() {
		return noLock{}, gocron.ErrEngineDown
	}
	return noLock{}, nil
}

func TestSynctestAnEngineThatIsBack(t *testing.T) {
	for name, c := range map[string]struct {
		missed gocron.JobOption
		want   []string
	}{
		"once": {gocron.WithMissed(gocron.MissedRunOnce, 0), []string{"missed 2 1h0m0s..1h1m0s", "succeeded catch-up 1h2m0s"}},
		"all": {gocron.WithMissed(gocron.MissedRunAll, 0), []string{"succeeded schedule 1h0m0s",
			"succeeded catch-up 1h1m0s", "succeeded catch-up 1h2m0s"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				began := time.Now().Truncate(time.Hour)
				time.Sleep(time.Until(began))
				e := &engine{}
				p := newProcess(t, began, gocron.WithDistributedLocker(gocron.ClaimerFrom(e.Claim)))
				p.job(gocron.CronJob("0-2 1 * * *", false), nothing, gocron.WithName("a"), c.missed)
				e.down.Store(true)
				p.s.Start()
				time.Sleep(time.Hour + 150*time.Second)
				p.told()
				asked := e.asked.Load()
				require.Less(t, asked, int32(20), "one asks, and less and less often")
				e.down.Store(false)
				time.Sleep(2 * time.Minute)
				var ended []string
				for _, line := range p.told() {
					if line != "engine-down schedule 1h0m0s" {
						ended = append(ended, line)
					}
				}
				// The run that asks goes on beside those that follow as soon as the engine answers.
				require.ElementsMatch(t, c.want, ended)
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

func TestSynctestOneProbeAnEngine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &engine{}
		began := time.Now()
		p := newProcess(t, began, gocron.WithDistributedLocker(gocron.ClaimerFrom(e.Claim)))
		start := began.Add(time.Hour)
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
			p.job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(start)), nothing, gocron.WithName(name), gocron.WithMissed(gocron.MissedRunOnce, 0))
		}
		p.s.Start()
		e.down.Store(true)
		time.Sleep(2 * time.Hour)
		require.Less(t, e.asked.Load(), int32(8+80))
		e.down.Store(false)
		time.Sleep(time.Minute)
		succeeded := 0
		for _, line := range p.told() {
			if line == "succeeded schedule 1h0m0s" || line == "succeeded catch-up 1h0m0s" {
				succeeded++
			}
		}
		require.Equal(t, 8, succeeded)
		require.NoError(t, p.s.Shutdown())
	})
}
