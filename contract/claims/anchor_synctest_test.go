//go:build go1.25

package claims_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// claimZones are locations in which the Unix epoch fell on different days and weeks.
func claimZones(t testing.TB) []*time.Location {
	newYork, err := time.LoadLocation("America/New_York")
	require.NoError(t, err)
	return []*time.Location{time.UTC, newYork, time.FixedZone("far east", 14*3600), time.FixedZone("half", -9*3600-1800)}
}

// multiples are the first n multiples of d since start that are after now.
func multiples(start time.Time, d time.Duration, now time.Time, n int) (times []time.Time) {
	for k := now.Sub(start)/d + 1; len(times) < n; k++ {
		times = append(times, start.Add(k*d))
	}
	return times
}

// nextTimes are the job's next times, and the first of them is what NextRun says.
func nextTimes(t testing.TB, j gocron.Job, n int) []time.Time {
	t.Helper()
	times, err := j.NextRuns(n)
	require.NoError(t, err)
	require.Len(t, times, n)
	next, err := j.NextRun()
	require.NoError(t, err)
	require.True(t, next.Equal(times[0]))
	return times
}

func requireTimesAt(t testing.TB, expected, actual []time.Time, about ...any) {
	t.Helper()
	require.Len(t, actual, len(expected), about...)
	for i := range expected {
		require.True(t, expected[i].Equal(actual[i]), "%v: %v is not %v", fmt.Sprint(about...), actual[i], expected[i])
	}
}

// Intervals are multiples since the epoch: not since a start, which each node has its own.
func TestSynctestClaimsIntervalsCountFromTheEpoch(t *testing.T) {
	for _, d := range []time.Duration{
		time.Second + 1, 7 * time.Second, 999 * time.Millisecond, time.Minute + 7*time.Second, 90 * time.Minute, 13 * time.Hour,
		7*24*time.Hour + 11*time.Minute, 400 * 24 * time.Hour,
	} {
		for _, late := range []time.Duration{0, 1, 12345678 * time.Microsecond, 31 * time.Hour} {
			t.Run(fmt.Sprint(d, " ", late), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					for _, zone := range claimZones(t) {
						c := newClaimStore(t)
						s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLocation(zone))
						j := rig.MustJob(t, s, gocron.DurationJob(d), rig.Noop, gocron.WithName("j"))
						time.Sleep(late)
						s.Start()
						times := nextTimes(t, j, 4)
						requireTimesAt(t, multiples(time.Unix(0, 0), d, time.Now(), 4), times)
						require.Equal(t, zone.String(), times[0].Location().String())
						if d < 24*time.Hour {
							time.Sleep(time.Until(times[2]))
							requireTimesAt(t, times[:3], c.times("j"))
						}
						require.NoError(t, s.Shutdown()) // else it goes on through the next one's night
					}
				})
			})
		}
	}
}

func TestSynctestClaimsEveryCountsFromTheEpoch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for crontab, d := range map[string]time.Duration{
			"@every 7s": 7 * time.Second, "@every 90m": 90 * time.Minute, "TZ=Asia/Tokyo @every 11h": 11 * time.Hour,
		} {
			for _, zone := range claimZones(t) {
				s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()), gocron.WithLocation(zone))
				j := rig.MustJob(t, s, gocron.CronJob(crontab, false), rig.Noop, gocron.WithName("j"))
				time.Sleep(1234 * time.Millisecond)
				s.Start()
				requireTimesAt(t, multiples(time.Unix(0, 0), d, time.Now(), 3), nextTimes(t, j, 3), crontab)
			}
		}
	})
}

// A start time is in common, too, also one that was made from the present time, and one in
// the past. The job then lives where that does.
func TestSynctestClaimsIntervalsCountFromAStart(t *testing.T) {
	const d = 7*time.Minute + 3*time.Nanosecond
	for name, sinceNow := range map[string]time.Duration{
		"later": 90 * time.Second, "now": 0, "past": -1000*time.Hour - 17*time.Nanosecond, "long past": -100 * 365 * 24 * time.Hour,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s := rig.NewScheduler(t, gocron.WithDistributedLocker(c.locker()))
				s.Start()
				start := time.Now().Add(sinceNow)
				option := gocron.WithStartDateTimePast(start)
				if sinceNow > 0 {
					option = gocron.WithStartDateTime(start)
				}
				j := rig.MustJob(t, s, gocron.DurationJob(d), rig.Noop, gocron.WithName("j"), gocron.WithStartAt(option))
				expected := multiples(start, d, time.Now(), 3)
				if sinceNow >= 0 {
					expected = []time.Time{start, start.Add(d), start.Add(2 * d)}
				}
				if sinceNow != 0 { // else the first is handed over at once
					requireTimesAt(t, expected, nextTimes(t, j, 3))
				}
				time.Sleep(time.Until(expected[2]))
				requireTimesAt(t, expected, c.times("j"))
			})
		})
	}
}

// dayOf numbers the days of a location.
func dayOf(t time.Time) int {
	return int(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

// Calendar intervals of more than one count from the day, week and month in which the
// epoch fell where the job lives.
func TestSynctestClaimsCalendarIntervalsCountFromTheEpoch(t *testing.T) {
	at := gocron.NewAtTimes(gocron.NewAtTime(6, 30, 0))
	week := func(t time.Time) int { return (dayOf(t) + 4) / 7 } // 1970-01-01 was a Thursday
	month := func(t time.Time) int { return 12*t.Year() + int(t.Month()) }
	for name, tt := range map[string]struct {
		definition func(n int) gocron.JobDefinition
		number     func(time.Time) int
	}{
		"days": {func(n int) gocron.JobDefinition { return gocron.DailyJob(uint(n), at) }, dayOf},
		"weeks": {func(n int) gocron.JobDefinition {
			return gocron.WeeklyJob(uint(n), gocron.NewWeekdays(time.Wednesday), at)
		}, week},
		"months": {func(n int) gocron.JobDefinition { return gocron.MonthlyJob(uint(n), gocron.NewDaysOfTheMonth(3), at) }, month},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for _, zone := range claimZones(t) {
					for n := 1; n < 6; n++ {
						s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()), gocron.WithLocation(zone))
						j := rig.MustJob(t, s, tt.definition(n), rig.Noop, gocron.WithName("j"))
						s.Start()
						times := nextTimes(t, j, 4)
						first := tt.number(time.Now().In(zone))
						require.LessOrEqual(t, tt.number(times[0])-first, n, "%v %v %v", zone, n, times[0])
						for i, next := range times {
							since := tt.number(next) - tt.number(time.Unix(0, 0).In(zone))
							require.Zero(t, since%n, "%v %v %v", zone, n, next)
							require.Equal(t, tt.number(times[0])+i*n, tt.number(next))
							require.Equal(t, "06:30:00", next.Format(time.TimeOnly))
						}
					}
				}
			})
		})
	}
}

// Calendar intervals count from a start as they do without a Claimer.
func TestSynctestClaimsCalendarIntervalsCountFromAStart(t *testing.T) {
	at := gocron.NewAtTimes(gocron.NewAtTime(6, 30, 0))
	synctest.Test(t, func(t *testing.T) {
		for _, definition := range []gocron.JobDefinition{
			gocron.DailyJob(3, at), gocron.WeeklyJob(2, gocron.NewWeekdays(time.Monday, time.Friday), at), gocron.MonthlyJob(5, gocron.NewDaysOfTheMonth(31, -1), at),
		} {
			for _, zone := range claimZones(t) {
				for _, sinceNow := range []time.Duration{time.Hour, -100 * time.Hour, -100000 * time.Hour} {
					start := gocron.WithStartAt(gocron.WithStartDateTimePast(time.Now().Add(sinceNow).In(zone)))
					s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()))
					claimed := rig.MustJob(t, s, definition, rig.Noop, gocron.WithName("j"), start)
					free := rig.MustJob(t, s, definition, rig.Noop, start, gocron.WithDisabledDistributedJobLocker(true))
					s.Start()
					require.Equal(t, nextTimes(t, free, 5), nextTimes(t, claimed, 5))
				}
			}
		}
	})
}

// A definition that has no occurrence from the epoch on is refused, one that has is not.
func TestSynctestClaimsOfADefinitionThatNeverRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()), gocron.WithLocation(time.UTC))
		at := gocron.NewAtTimes(gocron.NewAtTime(0, 0, 0))
		rig.MustJob(t, s, gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), at), rig.Noop, gocron.WithName("from a January"))
		time.Sleep(100 * 24 * time.Hour)
		rig.MustJob(t, s, gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), at), rig.Noop, gocron.WithName("in April, from a January"))
		_, err := s.NewJob(gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), at), gocron.NewTask(rig.Noop), gocron.WithName("from an April"),
			gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2000, 4, 1, 1, 0, 0, 0, time.UTC))))
		require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
		requireFree(t, s, "from an April")
	})
}

// Jobs of the same scheduler that are not claimed count from when it starts, as ever.
func TestSynctestClaimsLeaveOtherIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithDistributedLocker(newClaimStore(t).locker()))
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithDisabledDistributedJobLocker(true))
		time.Sleep(20 * time.Minute)
		s.Start()
		requireTimesAt(t, []time.Time{bubbleStart.Add(80 * time.Minute)}, nextTimes(t, j, 1))
		_, err := s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithName("j"))
		require.NoError(t, err)
		requireTimesAt(t, []time.Time{bubbleStart.Add(time.Hour)}, nextTimes(t, j, 1), "now it is claimed")
	})
}
