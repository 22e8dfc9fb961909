//go:build go1.25

package store_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// everyMinute is a Schedule of a user's.
type everyMinute struct{}

func (everyMinute) Next(t time.Time) time.Time { return t.Truncate(time.Minute).Add(time.Minute) }

func always(time.Time) bool { return true }

// userTimes are the ways to have user code name the times of a job.
var userTimes = map[string]struct {
	definition gocron.JobDefinition
	options    []gocron.JobOption
}{
	"Schedule":       {gocron.ScheduleJob(everyMinute{}), nil},
	"AnyOf":          {gocron.AnyOf(gocron.ScheduleJob(everyMinute{}), gocron.CronJob("0 0 1 1 *", false)), nil},
	"Calendar":       {gocron.DurationJob(time.Minute), []gocron.JobOption{gocron.WithCalendar(always)}},
	"Calendar, cron": {gocron.CronJob("* * * * *", false), []gocron.JobOption{gocron.WithCalendar(always)}},
}

// User code has named the next time by the end of a process, or not: what falls due while it is down is
// missed all the same.
func TestSynctestUserCodeNamesWhatWasMissed(t *testing.T) {
	for name, c := range userTimes {
		for when, first := range map[string]time.Duration{"before a run": 30 * time.Second, "after a run": 90 * time.Second} {
			t.Run(name+" "+when, func(t *testing.T) {
				eachEnd(t, func(t *testing.T, kill bool) {
					store := gocron.NewMemoryStore()
					p := newProcess(t, time.Now(), gocron.WithStore(store))
					add := func() {
						p.job(c.definition, nothing, append(c.options, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0, 2))...)
						p.s.Start()
						synctest.Wait()
					}
					add()
					time.Sleep(first)
					ran := p.told()
					p, store = p.restart(store, kill)
					time.Sleep(4*time.Minute + 30*time.Second - first)
					add()
					if first < time.Minute {
						require.Empty(t, ran)
						require.ElementsMatch(t, []string{"missed 2 1m0s..2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s"}, p.told())
					} else {
						require.Equal(t, []string{"succeeded schedule 1m0s"}, ran)
						require.ElementsMatch(t, []string{"missed 1 2m0s..2m0s", "succeeded catch-up 3m0s", "succeeded catch-up 4m0s"}, p.told())
					}
					for range 2 {
						time.Sleep(time.Second)
						p, store = p.restart(store, kill)
						add()
						require.Empty(t, p.told(), "nothing was missed")
					}
					time.Sleep(time.Minute)
					require.Equal(t, []string{"succeeded schedule 5m0s"}, p.told())
					require.NoError(t, p.s.Shutdown())
				})
			})
		}
	}
}

// WithLastRun says when a job ran whose times user code names.
func TestSynctestUserCodeNamesWhatWasMissedSinceTheLastRun(t *testing.T) {
	for name, c := range userTimes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProcess(t, time.Now())
				time.Sleep(190 * time.Second)
				p.job(c.definition, nothing, append(c.options, gocron.WithLastRun(p.began), gocron.WithMissed(gocron.MissedRunOnce, 0))...)
				p.s.Start()
				require.ElementsMatch(t, []string{"missed 2 1m0s..2m0s", "succeeded catch-up 3m0s"}, p.told())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

// A process ends while missed occurrences wait for their turn, and the next one, which user code has
// named, is known: the first of those that wait is where the next process goes on.
func TestSynctestUserCodeNamedWhatWaits(t *testing.T) {
	for name, c := range userTimes {
		t.Run(name, func(t *testing.T) {
			eachEnd(t, func(t *testing.T, kill bool) {
				store := gocron.NewMemoryStore()
				p := newProcess(t, time.Now(), gocron.WithStore(store))
				add := func(task any) {
					p.job(c.definition, task, append(c.options, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))...)
					p.s.Start()
					synctest.Wait()
				}
				add(func() { time.Sleep(65 * time.Second) })
				require.NoError(t, p.s.StopJobs())
				time.Sleep(190 * time.Second)
				p.s.Start() // 1m runs, and 2m and 3m wait
				time.Sleep(55 * time.Second)
				if kill {
					store = p.kill(store)
				} else {
					_ = p.s.Shutdown()
				}
				time.Sleep(20 * time.Second)
				p = newProcess(t, p.began, gocron.WithStore(store))
				add(nothing)
				time.Sleep(time.Minute)
				require.NoError(t, p.s.Shutdown())
				first := "1m0s succeeded"
				if kill {
					first = "1m0s interrupted"
				}
				require.Equal(t, []string{first, "2m0s succeeded", "3m0s succeeded", "4m0s succeeded", "5m0s succeeded"}, p.outcomesOf(store, "a"))
			})
		})
	}
}

// afterAMinute is a Schedule of a user's: a minute after the time that it is asked about.
type afterAMinute struct{}

func (afterAMinute) Next(t time.Time) time.Time { return t.Add(time.Minute) }

// A Schedule that counts from its last time counts from that of WithLastRun, also when the job is added
// to a scheduler that runs.
func TestSynctestUserCodeCountsFromTheLastRun(t *testing.T) {
	for name, running := range map[string]bool{"before Start": false, "after Start": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := newProcess(t, time.Now())
				if running {
					p.s.Start()
				}
				p.job(gocron.ScheduleJob(afterAMinute{}), nothing, gocron.WithLastRun(p.began.Add(-20*time.Second)))
				p.s.Start()
				time.Sleep(2 * time.Minute)
				require.Equal(t, []string{"succeeded schedule 40s", "succeeded schedule 1m40s"}, p.told())
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}
