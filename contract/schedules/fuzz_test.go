package schedules_test

import (
	"errors"
	"math/rand"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// checkProperties holds for every plan from any time on: what follows is later, in the same location,
// in order and not to be found by another way.
func checkProperties(t *testing.T, p *plan, anchor, from time.Time) {
	t.Helper()
	at := from
	for range 5 {
		next := p.next(at)
		require.Equal(t, next, p.next(at), "the same again")
		if next.IsZero() {
			return
		}
		require.True(t, next.After(at), "%v is not after %v", next, at)
		require.True(t, next.After(anchor), "%v is not after anchor %v", next, anchor)
		require.Equal(t, anchor.Location(), next.Location())
		require.LessOrEqual(t, next.Year(), 9999)
		between := at.Add(next.Sub(at) / 2)
		require.Equal(t, next, p.next(between), "from between %v and %v", at, next)
		require.Equal(t, next, p.next(next.Add(-1)), "from just before %v", next)
		at = next
	}
}

var fuzzZones = []string{
	"UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "America/Havana", "Africa/Cairo",
	"America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "Asia/Tehran", "Africa/Casablanca", "Antarctica/Troll",
	"America/Metlakatla", "Europe/Dublin", "Asia/Manila", "America/Juneau",
}

func floorMod(a, b int64) int64 { return (a%b + b) % b }

// fuzzTime makes a time of about the years 1 to 10000 in any of fuzzZones, or in
// a fixed zone.
func fuzzTime(seconds, nanos int64, zone uint8) time.Time {
	first, last := time.Time{}.Unix(), time.Date(10000, 12, 31, 0, 0, 0, 0, time.UTC).Unix()
	at := time.Unix(first+floorMod(seconds-first, last-first), floorMod(nanos, 1e9))
	if int(zone) >= len(fuzzZones) {
		return at.In(time.FixedZone("", (int(zone)-128)*600))
	}
	location, err := time.LoadLocation(fuzzZones[zone])
	if err != nil {
		panic(err)
	}
	return at.In(location)
}

func FuzzCrontab(f *testing.F) {
	for _, crontab := range []string{
		"* * * * *", "*/5 0-3,22 1 jan-mar 0", "0 0 30 2 *", "0 0 29 2 *", "@every 1h30m", "@daily", "TZ=", "CRON_TZ=UTC",
		"CRON_TZ=America/Santiago 0 0 * * *", ", , , , ,", "0/9223372036854775807 * * * *", "*-3 ? * * *", "", "TZ=Local  @hourly",
		"30 22-2 L,L-3,LW,15W * *", "0 1 * 2 5#5,0L", "*/20 0 2 29 2 * 2000-9999/4,9996", "59 59 23 31W 12-1 5-7 */9", "0 0 0 1 1 * 9999",
	} {
		f.Add(crontab, false, int64(1772000000), uint8(1))
		f.Add(crontab, true, int64(1793500000), uint8(4))
	}
	f.Fuzz(func(t *testing.T, crontab string, withSeconds bool, seconds int64, zone uint8) {
		now := fuzzTime(seconds, 5e8, zone)
		policy := gocron.DaylightSavingsTimePolicy(floorMod(seconds, 3))
		overlap := gocron.DaylightSavingsTimeOverlap(floorMod(seconds, 7) % 3)
		p, err := planFrom(t, now, gocron.CronJob(crontab, withSeconds),
			gocron.WithDaylightSavingsTimePolicy(policy), gocron.WithDaylightSavingsTimeOverlap(overlap))
		if err != nil {
			require.True(t, errors.Is(err, gocron.ErrCronJobInvalid) || errors.Is(err, gocron.ErrCronJobParse), "%v", err)
			return
		}
		require.Equal(t, gocron.CronJobSchedule{Crontab: crontab}, p.job.Schedule())
		require.False(t, p.next(now).IsZero())
		checkProperties(t, p, now, now)
	})
}

func FuzzDefinition(f *testing.F) {
	f.Add(uint8(0), uint64(1), int64(1), int64(-1), uint64(0), uint64(0), uint64(0), int64(1772000000))
	f.Add(uint8(1), uint64(2), int64(7), int64(8), uint64(23), uint64(59), uint64(59), int64(1772000000))
	f.Add(uint8(2), uint64(12), int64(31), int64(31), uint64(2), uint64(30), uint64(0), int64(1775000000))
	f.Add(uint8(2), uint64(1<<64-1), int64(-31), int64(29), uint64(24), uint64(60), uint64(60), int64(253402300799))
	f.Add(uint8(3), uint64(0), int64(1), int64(1<<63-1), uint64(0), uint64(0), uint64(0), int64(-62135596800))
	f.Add(uint8(4), uint64(0), int64(1<<63-1), int64(2), uint64(0), uint64(0), uint64(0), int64(0))
	f.Add(uint8(5), uint64(0), int64(1772000000), int64(1772000000), uint64(0), uint64(0), uint64(0), int64(0))
	f.Fuzz(func(t *testing.T, kind uint8, interval uint64, a, b int64, hours, minutes, seconds uint64, start int64) {
		now := fuzzTime(start, a, kind/6)
		times := gocron.NewAtTimes(gocron.NewAtTime(uint(hours), uint(minutes), uint(seconds)), gocron.NewAtTime(uint(hours/2), uint(minutes/2), 0))
		var d gocron.JobDefinition
		switch kind % 6 {
		case 0:
			d = gocron.DailyJob(uint(interval), times)
		case 1:
			d = gocron.WeeklyJob(uint(interval), gocron.NewWeekdays(time.Weekday(a), time.Weekday(b)), times)
		case 2:
			d = gocron.MonthlyJob(uint(interval), gocron.NewDaysOfTheMonth(int(a), int(b)), times)
		case 3:
			d = gocron.DurationRandomJob(time.Duration(a), time.Duration(b))
		case 4:
			d = gocron.DurationJob(time.Duration(a))
		case 5:
			checkOneTime(t, now, fuzzTime(a, b, 0), fuzzTime(b, a, 1))
			return
		}
		p, err := planFrom(t, now, d, gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimePolicy(floorMod(b, 3))))
		if err != nil {
			return
		}
		require.NotEmpty(t, gocron.Describe(p.job.Schedule()))
		if p.job.Schedule().JobType() == gocron.DurationRandomJobType {
			checkRandom(t, p, time.Duration(a), time.Duration(b))
			return
		}
		checkProperties(t, p, now, now)
	})
}

// checkRandom requires that the times of a plan lie between min and max apart, and stay as announced.
func checkRandom(t *testing.T, p *plan, min, max time.Duration) {
	t.Helper()
	next, err := p.job.NextRuns(5)
	require.NoError(t, err)
	again, err := p.job.NextRuns(5)
	require.NoError(t, err)
	require.Equal(t, next, again)
	for i := 1; i < len(next); i++ {
		require.True(t, !next[i].Before(next[i-1].Add(min)) && next[i].Before(next[i-1].Add(max)), "%v", next)
	}
}

// What is accepted is in range, and every time is on one of the days.
func FuzzNthWeekdays(f *testing.F) {
	f.Add(uint64(1), int64(2), int64(2), int64(-1), int64(5), uint64(9), uint64(30), int64(1772000000), uint8(1))
	f.Add(uint64(12), int64(5), int64(0), int64(5), int64(6), uint64(2), uint64(30), int64(1772000000), uint8(5))
	f.Add(uint64(4800), int64(-5), int64(1), int64(-5), int64(1), uint64(0), uint64(0), int64(-62135596800), uint8(200))
	f.Add(uint64(1<<64-1), int64(6), int64(7), int64(0), int64(-1), uint64(24), uint64(60), int64(253402300799), uint8(0))
	f.Fuzz(func(t *testing.T, interval uint64, n1, day1, n2, day2 int64, hours, minutes uint64, start int64, zone uint8) {
		now := fuzzTime(start, n1, zone)
		list := []gocron.NthWeekday{{N: int(n1), Weekday: time.Weekday(day1)}, {N: int(n2), Weekday: time.Weekday(day2)}}
		d := gocron.MonthlyWeekdayJob(uint(interval), func() []gocron.NthWeekday { return list }, gocron.NewAtTimes(gocron.NewAtTime(uint(hours), uint(minutes), 0)))
		p, err := planFrom(t, now, d, gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip))
		if errors.Is(err, gocron.ErrJobNeverRuns) {
			return
		}
		if err != nil {
			require.ErrorIs(t, err, gocron.ErrOptionValue)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.Subset(t, list, p.job.Schedule().(gocron.MonthlyWeekdayJobSchedule).NthWeekdays)
		checkProperties(t, p, now, now)
		if next := p.next(now); !next.IsZero() {
			day := time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, time.UTC)
			require.True(t, isNthWeekday(day, list[0]) || isNthWeekday(day, list[1]), "%v is none of %v", next, list)
		}
	})
}

func checkOneTime(t *testing.T, now time.Time, times ...time.Time) {
	t.Helper()
	p, err := planFrom(t, now, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(times...)))
	if err != nil {
		require.True(t, errors.Is(err, gocron.ErrOneTimeJobStartDateTimePast) || errors.Is(err, gocron.ErrOptionValue), "%v", err)
		return
	}
	for at, i := now, 0; ; i++ {
		next := p.next(at)
		if next.IsZero() {
			return
		}
		require.True(t, next.After(at))
		require.Contains(t, times, next)
		require.Less(t, i, len(times))
		at = next
	}
}

func FuzzTimesAndZones(f *testing.F) {
	f.Add(int64(1772000000), int64(1772900000), int64(0), uint16(1), uint8(1), uint8(2*60+30))
	f.Add(int64(1325100000), int64(1325200000), int64(999999999), uint16(2), uint8(9), uint8(10))
	f.Add(int64(-62135596800), int64(253402300799), int64(1), uint16(1), uint8(15), uint8(0))
	f.Add(int64(1772000000), int64(4102444800), int64(5), uint16(40), uint8(255), uint8(255))
	f.Fuzz(func(t *testing.T, start, later, nanos int64, interval uint16, zone, minute uint8) {
		anchor, now := fuzzTime(start, nanos, zone), fuzzTime(later, nanos/2, zone)
		s := schedulerAt(t, anchor)
		times := at(uint(minute)/60, uint(minute)%60, 0, 23, 59, 59)
		for policy := gocron.DaylightSavingsTimeDefault; policy <= gocron.DaylightSavingsTimeRunAfterTransition; policy++ {
			overlap := gocron.DaylightSavingsTimeOverlap(floorMod(nanos, 3))
			options := (&rule{policy: policy, overlap: overlap, fromMonday: minute%2 == 1}).options()
			for _, d := range []gocron.JobDefinition{
				gocron.DailyJob(uint(interval), times),
				gocron.WeeklyJob(uint(interval), gocron.NewWeekdays(time.Sunday, time.Friday), times),
				gocron.MonthlyJob(uint(interval), gocron.NewDaysOfTheMonth(31, -31, int(minute)%28+1), times),
				gocron.MonthlyWeekdayJob(uint(interval), gocron.NewNthWeekdays(int(minute)%5+1, time.Sunday, time.Friday), times),
				gocron.CronJob("15,45 0-3 * * *", false),
				gocron.CronJob("7 * * * *", false),
				gocron.DurationJob(time.Duration(interval) * time.Hour),
				gocron.AnyOf(gocron.DailyJob(uint(interval), times), gocron.CronJob("15,45 0-3 * * *", false),
					gocron.MonthlyJob(uint(interval)*5, gocron.NewDaysOfTheMonth(-1, int(minute)%28+1), times)),
			} {
				if p, err := planOn(t, s, d, options...); err == nil {
					checkProperties(t, p, anchor, now)
				}
			}
		}
	})
}

func FuzzPreview(f *testing.F) {
	for seed := range int64(20) {
		f.Add(seed, int64(1772000000+seed*86400*17), seed*1e8, uint8(seed))
	}
	f.Fuzz(func(t *testing.T, seed, seconds, nanos int64, zone uint8) {
		checkPreview(t, rand.New(rand.NewSource(seed)), fuzzTime(seconds, nanos, zone))
	})
}
