//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// A job has run when it gets another WithJitter, or another name, by which delays are drawn. What it has run
// does not come again, though it would be due later now.
func TestSynctestWhatHasRunIsNotDelayedAgain(t *testing.T) {
	calendar := []gocron.JobOption{gocron.WithCalendar(always)}
	for name, options := range map[string][]gocron.JobOption{"": nil, "calendar": calendar} {
		for _, job := range []string{"a", "b", "c", "d", "e"} {
			t.Run(name+job, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					store := gocron.NewMemoryStore()
					p := newProcess(t, time.Now(), gocron.WithStore(store))
					add := func(most time.Duration) {
						p.job(gocron.DurationJob(time.Minute), nothing, append(options, gocron.WithName(job), gocron.WithJitter(most))...)
						p.s.Start()
					}
					add(time.Second)
					time.Sleep(62 * time.Second)
					require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
					p, _ = p.restart(store, false)
					add(55 * time.Second)
					time.Sleep(2 * time.Minute)
					require.Equal(t, []string{"succeeded schedule 2m0s"}, p.told())
					require.NoError(t, p.s.Shutdown())
				})
			})
		}
	}
}
