//go:build go1.25

package store_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// claims gives out each occurrence once.
type claims struct{ taken sync.Map }

func (c *claims) Claim(_ context.Context, name string, at time.Time) (noLock, error) {
	if _, taken := c.taken.LoadOrStore(name+at.UTC().String(), true); taken {
		return noLock{}, errTask
	}
	return noLock{}, nil
}

// The first Start is at a time that the schedule names, which is no occurrence then, and not after a
// restart either.
func TestSynctestTheMomentOfTheFirstStartIsNotMissed(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{
		"alone":       nil,
		"with claims": {gocron.WithDistributedLocker(gocron.ClaimerFrom((&claims{}).Claim))},
	} {
		for kind, definition := range map[string]gocron.JobDefinition{
			"crontab":  gocron.CronJob("* * * * *", false),
			"interval": gocron.DurationJob(time.Minute),
			"AnyOf":    gocron.AnyOf(gocron.CronJob("* * * * *", false), gocron.CronJob("0 0 * * *", false)),
			"Schedule": gocron.ScheduleJob(everyMinute{}),
		} {
			t.Run(kind+" "+name, func(t *testing.T) {
				if kind == "Schedule" && name == "with claims" {
					t.Skip("refused: nodes cannot agree about its times")
				}
				eachEnd(t, func(t *testing.T, kill bool) {
					store := gocron.NewMemoryStore()
					p := newProcess(t, time.Now(), append(options, gocron.WithStore(store))...)
					add := func() {
						p.job(definition, nothing, gocron.WithName(kind), gocron.WithMissed(gocron.MissedRunAll, 0))
						p.s.Start()
						synctest.Wait()
					}
					add()
					if kill {
						store = p.kill(store)
					} else {
						require.NoError(t, p.s.Shutdown())
					}
					time.Sleep(30 * time.Second)
					p = newProcess(t, p.began, append(options, gocron.WithStore(store))...)
					add()
					require.Empty(t, p.told())
					require.NoError(t, p.s.Shutdown())
				})
			})
		}
	}
}
