//go:build go1.25

package store_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// At a start, and at the end of a catch-up run, the latest occurrence of a job with WithJitter may be
// delayed still. It is not missed, and it runs when its delay is over.
func TestSynctestADelayedOccurrenceIsNotLostToADecision(t *testing.T) {
	calendar := gocron.WithCalendar(always)
	for name, options := range map[string][]gocron.JobOption{
		"nothing said":  nil,
		"once":          {gocron.WithMissed(gocron.MissedRunOnce, 0)},
		"all":           {gocron.WithMissed(gocron.MissedRunAll, 0, 2)},
		"all, calendar": {gocron.WithMissed(gocron.MissedRunAll, 0, 2), calendar},
	} {
		t.Run(name, func(t *testing.T) {
			eachEnd(t, func(t *testing.T, kill bool) {
				store := gocron.NewMemoryStore()
				p := newProcess(t, time.Now(), gocron.WithStore(store))
				add := func() {
					p.job(gocron.CronJob("* * * * *", false), func() { time.Sleep(20 * time.Second) },
						append(options, gocron.WithName("a"), gocron.WithJitter(50*time.Second))...)
					p.s.Start()
				}
				add()
				for step := range 20 {
					time.Sleep(130*time.Second + time.Duration(step)*time.Second)
					if kill {
						store = p.kill(store)
					} else {
						_ = p.s.Shutdown()
						time.Sleep(20 * time.Second)
					}
					time.Sleep(150 * time.Second)
					p = newProcess(t, p.began, gocron.WithStore(store))
					add()
				}
				time.Sleep(10 * time.Minute)
				ends := time.Now()
				_ = p.s.Shutdown()
				time.Sleep(time.Minute)
				records := make(map[time.Duration]int)
				for _, row := range historyOf(t, store, "a") {
					last := row.ScheduledAt
					if row.Count > 1 {
						last = row.Until
					}
					for at := row.ScheduledAt; row.Attempt < 2 && !at.After(last); at = at.Add(time.Minute) {
						records[at.Sub(p.began)]++
					}
				}
				for at := time.Minute; at < ends.Sub(p.began)-time.Minute; at += time.Minute {
					require.Equal(t, 1, records[at], "records of %v", at)
				}
			})
		})
	}
}

// A job is added between an occurrence and the end of its delay, so that run is still to come. It is, when the
// process ends before it, and is missed if that is too late.
func TestSynctestADelayedOccurrenceFromBeforeTheJobIsNotLostToARestart(t *testing.T) {
	for name, options := range map[string][]gocron.JobOption{"": nil, "calendar ": {gocron.WithCalendar(always)}} {
		for job, down := range []time.Duration{0, 0, 0, time.Hour, time.Hour, time.Hour} {
			t.Run(fmt.Sprint(name, job), func(t *testing.T) {
				eachEnd(t, func(t *testing.T, kill bool) {
					time.Sleep(10 * time.Second) // an occurrence was ten seconds ago
					store := gocron.NewMemoryStore()
					p := newProcess(t, time.Now().Add(-10*time.Second), gocron.WithStore(store))
					add := func() time.Time {
						p.s.Start()
						j := p.job(gocron.CronJob("0 * * * *", false), nothing,
							append(options, gocron.WithName(fmt.Sprint("job", job)), gocron.WithJitter(30*time.Minute))...)
						synctest.Wait()
						next, err := j.NextRun()
						require.NoError(t, err)
						return next
					}
					next := add()
					require.Less(t, next.Sub(p.began), 30*time.Minute)
					time.Sleep(10 * time.Second)
					p, _ = p.restart(store, kill)
					time.Sleep(down)
					again := add()
					if down == 0 {
						require.Equal(t, next, again)
						time.Sleep(time.Until(next))
						synctest.Wait()
						require.Equal(t, []string{"succeeded schedule 0s"}, p.told())
					} else {
						require.Equal(t, "missed 1 0s..0s", p.told()[0])
					}
					require.NoError(t, p.s.Shutdown())
				})
			})
		}
	}
}
