//go:build go1.25

package time_test

import (
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

func everyTime(time.Time) bool { return true }

// A calendar does not make random times known: they are not previewed, and no two nodes have the
// same.
func TestSynctestCalendarOfRandomTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		random := gocron.DurationRandomJob(time.Minute, time.Hour)
		included := gocron.WithCalendar(everyTime)
		_, err := gocron.Preview(random, time.Now(), 3, included)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		_, err = gocron.ShortestGap(random, time.Now(), 3, included)
		require.ErrorIs(t, err, errors.ErrUnsupported)

		d := newDelays(t)
		d.s.Start()
		j := d.job(random, included)
		said := nextRuns(t, j, 3)
		_, err = gocron.NewController(d.s).NextRunsAfter(j.ID(), said[0], 3)
		require.ErrorIs(t, err, errors.ErrUnsupported)
		time.Sleep(time.Until(said[2]))
		for i, run := range d.take() {
			require.True(t, run.ScheduledAt.Equal(said[i]))
		}

		c := &claimed{times: map[time.Time][]time.Time{}}
		node := newDelays(t, gocron.WithDistributedLocker(gocron.ClaimerFrom(c.Claim)))
		_, err = node.s.NewJob(random, gocron.NewTask(nothing), gocron.WithName("a"), included)
		require.ErrorIs(t, err, gocron.ErrClaimSchedule)
	})
}

// A duesMonitor notes what JobSchedulingDelay is told.
type duesMonitor struct {
	gocron.SchedulerMonitor
	mu   sync.Mutex
	dues []time.Time
}

func (m *duesMonitor) JobSchedulingDelay(_ gocron.Job, due, _ time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dues = append(m.dues, due)
}
func (m *duesMonitor) SchedulerStarted()                          {}
func (m *duesMonitor) SchedulerStopped()                          {}
func (m *duesMonitor) SchedulerShutdown()                         {}
func (m *duesMonitor) JobRegistered(gocron.Job)                   {}
func (m *duesMonitor) JobUnregistered(gocron.Job)                 {}
func (m *duesMonitor) JobStarted(gocron.Job)                      {}
func (m *duesMonitor) JobRunning(gocron.Job)                      {}
func (m *duesMonitor) JobFailed(gocron.Job, error)                {}
func (m *duesMonitor) JobCompleted(gocron.Job)                    {}
func (m *duesMonitor) JobExecutionTime(gocron.Job, time.Duration) {}
func (m *duesMonitor) ConcurrencyLimitReached(string, gocron.Job) {}

// The run of a start time is not delayed, and nobody is told that it is: whatever reading and zone
// the start time has.
func TestSynctestJitterStartTimeAsTold(t *testing.T) {
	tokyo := zone(t, "Asia/Tokyo")
	for name, definition := range map[string]gocron.JobDefinition{
		"interval": gocron.DurationJob(3 * time.Hour), "daily": gocron.DailyJob(1, noon), "crontab": gocron.CronJob("0 * * * *", false),
		"@every": gocron.CronJob("@every 3h", false), "any of": gocron.AnyOf(gocron.DailyJob(1, noon)),
	} {
		for kind, option := range map[string]gocron.JobOption{
			"plain": gocron.WithTags(), "calendar": gocron.WithCalendar(everyTime),
		} {
			for reading, startOf := range map[string]func(time.Time) time.Time{
				"with reading":    func(t time.Time) time.Time { return t },
				"without reading": func(t time.Time) time.Time { return t.Round(0) },
				"in another zone": func(t time.Time) time.Time { return t.Round(0).In(tokyo) },
			} {
				t.Run(name+" "+kind+" "+reading, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						m := &duesMonitor{}
						d := newDelays(t, gocron.WithSchedulerMonitor(m))
						start := startOf(time.Now().Add(time.Hour))
						var seen []time.Time
						j := d.job(definition, option, gocron.WithName("late"), gocron.WithJitter(time.Hour), gocron.WithStartAt(gocron.WithStartDateTime(start)),
							gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) {
								next, err := d.s.Jobs()[0].NextRun()
								require.NoError(t, err)
								seen = append(seen, next)
							})))
						d.s.Start()
						said := nextRuns(t, j, 4)
						time.Sleep(time.Until(said[3]))
						runs := d.take()
						require.Len(t, runs, 4)
						require.True(t, runs[0].ScheduledAt.Equal(start))
						require.True(t, said[0].Equal(start))
						for i := range runs {
							require.True(t, runs[i].StartedAt.Equal(said[i]), "run %d: %v, said %v", i, runs[i].StartedAt, said[i])
							require.True(t, seen[i].Equal(said[i]), "BeforeJobRuns %d: %v, said %v", i, seen[i], said[i])
							require.True(t, m.dues[i].Equal(said[i]), "JobSchedulingDelay %d: %v, said %v", i, m.dues[i], said[i])
						}
					})
				})
			}
		}
	}
}

// A start time that a calendar excludes, and that has not come, still is the earliest time of the
// job after the clock was set back.
func TestSynctestCalendarExcludedStartAfterSetBack(t *testing.T) {
	for name, definition := range map[string]gocron.JobDefinition{
		"interval": gocron.DurationJob(time.Hour), "crontab": gocron.CronJob("0 * * * *", false), "daily": gocron.DailyJob(1, noon),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := &movedClock{FakeClock: clockwork.NewFakeClockAt(time.Date(2026, time.May, 20, 10, 0, 0, 0, time.UTC))}
				d := newDelays(t, gocron.WithClock(clock))
				saturday := time.Date(2026, time.June, 6, 9, 0, 0, 0, time.UTC)
				j := d.job(definition, gocron.WithCalendar(gocron.OnWeekdays()), gocron.WithStartAt(gocron.WithStartDateTime(saturday)))
				d.s.Start()
				synctest.Wait()
				said := nextRuns(t, j, 3)
				require.True(t, said[0].After(saturday))
				clock.back.Store(int64(100 * 24 * time.Hour))
				d.job(gocron.DurationJob(time.Hour)) // the scheduler looks at the clock
				synctest.Wait()
				require.Equal(t, said, nextRuns(t, j, 3))
			})
		})
	}
}

// A calendar is asked in the location of the job, wherever the times come from.
func TestSynctestCalendarIsAskedInTheLocationOfTheJob(t *testing.T) {
	tokyo, newYork := zone(t, "Asia/Tokyo"), zone(t, "America/New_York")
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		d.s.Start()
		from := time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 2)
		for name, definition := range map[string]gocron.JobDefinition{
			"instants": gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(from.In(tokyo), from.Add(time.Hour))),
			"own": gocron.ScheduleJob(gocron.ScheduleFunc(func(t time.Time) time.Time {
				return t.In(tokyo).Add(time.Hour)
			})),
			"crontab": gocron.CronJob("CRON_TZ=Asia/Tokyo 0 * * * *", false), "daily": gocron.DailyJob(1, noon),
			"any of": gocron.AnyOf(gocron.CronJob("CRON_TZ=Asia/Tokyo 0 * * * *", false), gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(from.In(tokyo)))),
		} {
			var mu sync.Mutex
			asked := map[string]bool{}
			d.job(definition, gocron.WithName(name), gocron.WithJobLocation(newYork), gocron.WithCalendar(func(at time.Time) bool {
				mu.Lock()
				defer mu.Unlock()
				asked[at.Location().String()] = true
				return true
			}))
			synctest.Wait()
			require.Equal(t, map[string]bool{newYork.String(): true}, asked, name)
		}
	})
}

// Runs that wait when the stop time has passed are dropped then, however great the jitter of their
// job may be.
func TestSynctestJitterWaitingRunsAtStopTime(t *testing.T) {
	for name, definition := range map[string]gocron.JobDefinition{
		"hourly":   gocron.DurationJob(time.Hour),
		"one-time": gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(time.Date(2000, 1, 1, 3, 0, 0, 0, time.UTC), time.Date(2000, 1, 1, 4, 0, 0, 0, time.UTC))),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := newDelays(t, gocron.WithStopTimeout(time.Minute))
				release := make(chan struct{})
				stop := time.Now().Add(5 * time.Hour)
				_, err := d.s.NewJob(definition, gocron.NewTask(func() { <-release }), gocron.WithName("late"), gocron.WithJitter(10000*time.Hour),
					gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithStopAt(gocron.WithStopDateTime(stop)))
				require.NoError(t, err)
				d.s.Start()
				time.Sleep(7 * time.Hour)
				runs := d.take()
				require.NotEmpty(t, runs)
				for _, run := range runs {
					require.Equal(t, gocron.OutcomeCancelled, run.Outcome)
				}
				close(release)
				require.Len(t, d.take(), 1)
				require.Empty(t, d.s.Jobs())
			})
		})
	}
}

// A job with a calendar is taken by a running scheduler if its first occurrence comes by the stop
// time, however late its delay makes the run.
func TestSynctestJitterFirstOccurrenceAtTheStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(17 * time.Minute)
		d := newDelays(t)
		d.s.Start()
		stop := time.Now().UTC().Add(time.Hour)
		j := d.job(gocron.DurationJob(time.Hour), gocron.WithName("once"), gocron.WithJitter(50*time.Minute),
			gocron.WithCalendar(everyTime), gocron.WithStopAt(gocron.WithStopDateTime(stop)))
		require.NotZero(t, delayOf("once", stop, 50*time.Minute))
		require.Equal(t, []time.Time{stop.Add(delayOf("once", stop, 50*time.Minute))}, nextRuns(t, j, 5))
		time.Sleep(2 * time.Hour)
		runs := d.take()
		require.Len(t, runs, 1)
		require.True(t, runs[0].ScheduledAt.Equal(stop))
		require.Empty(t, d.s.Jobs(), "it has left")
	})
}

// An instant of an AnyOf is not delayed, as that of a OneTimeJob is not.
func TestSynctestJitterInstantsAreNotDelayed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := newDelays(t)
		instant := time.Now().UTC().Add(90*time.Minute + 7*time.Second)
		j := d.job(gocron.AnyOf(gocron.CronJob("0 * * * *", false), gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(instant))),
			gocron.WithName("both"), gocron.WithJitter(10*time.Minute))
		d.s.Start()
		said := nextRuns(t, j, 4)
		time.Sleep(time.Until(said[3]))
		runs, instants := d.take(), 0
		require.Len(t, runs, 4)
		for i, run := range runs {
			require.True(t, run.StartedAt.Equal(said[i]))
			if run.ScheduledAt.Equal(instant) {
				instants++
				require.True(t, run.StartedAt.Equal(instant))
			} else {
				require.Equal(t, delayOf("both", run.ScheduledAt, 10*time.Minute), run.StartedAt.Sub(run.ScheduledAt))
			}
		}
		require.Equal(t, 1, instants)
	})
}

// In nights of a clock change, with a jitter beyond the gap and a calendar, what runs is what
// NextRuns and Preview have said, in order.
func TestJitterInNightsOfAClockChange(t *testing.T) {
	for _, place := range []string{"America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Casablanca"} {
		for name, definition := range map[string]gocron.JobDefinition{
			"quarters": gocron.CronJob("*/15 0-4 * * *", false), "every hour": gocron.CronJob("*/20 * * * *", false), "fixed": gocron.CronJob("30 0-3 * * *", false),
			"daily": gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(1, 30, 0), gocron.NewAtTime(2, 30, 0), gocron.NewAtTime(0, 0, 0))),
			"nth": gocron.MonthlyWeekdayJob(1, func() (all []gocron.NthWeekday) {
				return []gocron.NthWeekday{{N: 1, Weekday: time.Sunday}, {N: 2, Weekday: time.Sunday}, {N: -1, Weekday: time.Sunday}}
			}, clockAt(2, 30)),
			"interval": gocron.DurationJob(17 * time.Minute),
			"any of":   gocron.AnyOf(gocron.CronJob("*/15 1-2 * * *", false), gocron.DailyJob(1, clockAt(2, 30)), gocron.CronJob("TZ=UTC 7 * * * *", false)),
		} {
			t.Run(place+" "+name, func(t *testing.T) {
				location := zone(t, place)
				from := time.Date(2026, time.January, 1, 0, 0, 0, 0, location)
				options := []gocron.JobOption{
					gocron.WithName(name), gocron.WithJitter(2 * time.Hour),
					gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapBoth),
				}
				x := newStage(t, from)
				j, _ := x.logged(definition, options...)
				x.s.Start()
				said, err := gocron.Preview(definition, from, 5000, options...)
				require.NoError(t, err)
				require.Equal(t, said, x.nexts(j, 5000))
				control := gocron.NewController(x.s)
				for i := range said {
					require.True(t, i == 0 || said[i].After(said[i-1]), "%v after %v", said[i], said[max(i-1, 0)])
					if i%50 == 1 { // one after the other is the same as from anywhere
						one, err := control.NextRunsAfter(j.ID(), said[i-1], 1)
						require.NoError(t, err)
						require.True(t, one[0].Equal(said[i]), "%v, said %v", one[0], said[i])
					}
				}
			})
		}
	}
}
