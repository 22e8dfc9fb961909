package gocron

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/stretchr/testify/require"
)

// checkProperties holds for every schedule from any anchor on: what follows is
// later, in the same location, in order and not to be found by another way.
func checkProperties(t *testing.T, s schedule, anchor, now time.Time) {
	t.Helper()
	at := now
	for i := 0; i < 5; i++ {
		next := s.next(anchor, at)
		require.Equal(t, next, s.next(anchor, at), "the same again")
		if next.IsZero() {
			return
		}
		require.True(t, next.After(at), "%v is not after %v", next, at)
		require.True(t, next.After(anchor), "%v is not after anchor %v", next, anchor)
		require.Equal(t, anchor.Location(), next.Location())
		require.LessOrEqual(t, next.Year(), lastYear)
		if _, random := s.(*durationRandomSchedule); !random {
			between := at.Add(next.Sub(at) / 2)
			require.Equal(t, next, s.next(anchor, between), "from between %v and %v", at, next)
			require.Equal(t, next, s.next(anchor, next.Add(-1)), "from just before %v", next)
		}
		at = next
	}
}

var fuzzZones = []string{
	"UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago", "America/Havana", "Africa/Cairo",
	"America/Sao_Paulo", "America/St_Johns", "Pacific/Apia", "Asia/Tehran", "Africa/Casablanca", "Antarctica/Troll",
	"America/Metlakatla", "Europe/Dublin", "Asia/Manila", "America/Juneau",
}

// fuzzTime makes a time of about the years 1 to 10000 in any of fuzzZones, or in
// a fixed zone.
func fuzzTime(seconds, nanos int64, zone uint8) time.Time {
	const first, last = -62135596800, lastSecond + 366*secondsPerDay
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
		policy := DaylightSavingsTimePolicy(floorMod(seconds, 3))
		cfg := scheduleConfig{location: now.Location(), now: now, dst: policy, overlap: DaylightSavingsTimeOverlap(floorMod(seconds, 7) % 3)}
		s, err := CronJob(crontab, withSeconds).schedule(cfg)
		if err != nil {
			require.True(t, err == ErrCronJobInvalid || errors.Is(err, ErrCronJobParse), "%v", err)
			return
		}
		require.Equal(t, CronJobSchedule{Crontab: crontab}, s.public())
		require.False(t, s.next(now, now).IsZero())
		checkProperties(t, s, now, now)
	})
}

// What is accepted prints as something that reads the same, and means what it has
// always meant where that was a crontab, too. What is refused is refused in a short line.
func FuzzCrontabReader(f *testing.F) {
	for _, line := range []string{
		"* * * * *", "*/5 0-3,22 1 jan-mar 0", "@every 1h30m", "@daily", "CRON_TZ=UTC 0 0 * * *", "?/7 ? 1/2 * sun/3", "7 */60 5-5/5 0 0 *",
		"H H(0-7)/2 L,L-3,LW,15W 11-2/2 5L,mon#2,7 ", "0 0 0 29 2 * 2000-2100/4,2400", "50-10/7 22-2/3 28-3 * 5-7",
		"H H H H H H", "H/7 H(10-20)/3 * H(20-31) H(jan-mar) H(1-7) *", "H(5-1) * * * *", "0 0 L-0,32W * 5#6,8L", "* * * * * * 2030-2029",
		"TZ=\n", "TZ=\xff\r x", "@every\n1h", "@\u2028", "1/\x00 * * * *", "CRON_TZ=UTC CRON_TZ=UTC * * * * *",
	} {
		f.Add(line, false, "job")
		f.Add(line, true, "nightly report\n")
		f.Add(line, true, "")
	}
	f.Fuzz(func(t *testing.T, line string, withSeconds bool, jobName string) {
		ours, err := parseCrontab(line, withSeconds, jobName)
		if err != nil {
			require.False(t, strings.ContainsFunc(err.Error(), unicode.IsControl), "%q", err)
			require.True(t, strings.HasPrefix(err.Error(), "crontab "+quoted(line)+": "), err)
			require.Less(t, len(err.Error()), 1500)
			return
		}
		requireSameWords(t, line, withSeconds)
		again, err := parseCrontab(ours.String(), true, "")
		require.NoError(t, err, "printed as %s", ours)
		require.Equal(t, ours, again, "printed as %s", ours)
		if _, err := theirs(line, withSeconds); err == nil {
			requireSameAsTheirs(t, line, withSeconds)
		}
	})
}

// requireSameWords requires that a crontab and what it prints are described alike, in one line.
func requireSameWords(t *testing.T, line string, withSeconds bool) {
	t.Helper()
	c, err := parseCrontab(line, withSeconds, "job")
	require.NoError(t, err)
	again, err := parseCrontab(c.String(), true, "")
	require.NoError(t, err)
	require.Equal(t, c.words(), again.words(), "%q and %q", line, c.String())
	words := Describe(CronJobSchedule{Crontab: line})
	require.NotEmpty(t, words)
	require.NotContains(t, words, "\n")
	require.NotContains(t, words, "crontab", "it can be read")
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
		times := NewAtTimes(NewAtTime(uint(hours), uint(minutes), uint(seconds)), NewAtTime(uint(hours/2), uint(minutes/2), 0))
		var d JobDefinition
		switch kind % 6 {
		case 0:
			d = DailyJob(uint(interval), times)
		case 1:
			d = WeeklyJob(uint(interval), NewWeekdays(time.Weekday(a), time.Weekday(b)), times)
		case 2:
			d = MonthlyJob(uint(interval), NewDaysOfTheMonth(int(a), int(b)), times)
		case 3:
			d = DurationRandomJob(time.Duration(a), time.Duration(b))
		case 4:
			d = DurationJob(time.Duration(a))
		case 5:
			checkOneTime(t, now, fuzzTime(a, b, 0), fuzzTime(b, a, 1))
			return
		}
		s, err := d.schedule(scheduleConfig{location: now.Location(), now: now, dst: DaylightSavingsTimePolicy(floorMod(b, 3))})
		if err != nil {
			return
		}
		require.NotEmpty(t, Describe(s.public()))
		checkProperties(t, s, now, now)
	})
}

// What is accepted is in range, and every time is on one of the days.
func FuzzNthWeekdays(f *testing.F) {
	f.Add(uint64(1), int64(2), int64(2), int64(-1), int64(5), uint64(9), uint64(30), int64(1772000000), uint8(1))
	f.Add(uint64(12), int64(5), int64(0), int64(5), int64(6), uint64(2), uint64(30), int64(1772000000), uint8(5))
	f.Add(uint64(4800), int64(-5), int64(1), int64(-5), int64(1), uint64(0), uint64(0), int64(-62135596800), uint8(200))
	f.Add(uint64(1<<64-1), int64(6), int64(7), int64(0), int64(-1), uint64(24), uint64(60), int64(253402300799), uint8(0))
	f.Fuzz(func(t *testing.T, interval uint64, n1, day1, n2, day2 int64, hours, minutes uint64, start int64, zone uint8) {
		now := fuzzTime(start, n1, zone)
		list := []NthWeekday{{int(n1), time.Weekday(day1)}, {int(n2), time.Weekday(day2)}}
		d := MonthlyWeekdayJob(uint(interval), func() []NthWeekday { return list }, NewAtTimes(NewAtTime(uint(hours), uint(minutes), 0)))
		s, err := d.schedule(scheduleConfig{location: now.Location(), now: now, dst: DaylightSavingsTimeSkip})
		if err != nil {
			require.ErrorIs(t, err, ErrOptionValue)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.Subset(t, list, s.public().(MonthlyWeekdayJobSchedule).NthWeekdays)
		checkProperties(t, s, now, now)
		if next := s.next(now, now); !next.IsZero() {
			day := time.Date(next.Year(), next.Month(), next.Day(), 0, 0, 0, 0, time.UTC)
			require.True(t, isNthWeekday(day, list[0]) || isNthWeekday(day, list[1]), "%v is none of %v", next, list)
		}
	})
}

func checkOneTime(t *testing.T, now time.Time, times ...time.Time) {
	t.Helper()
	s, err := OneTimeJob(OneTimeJobStartDateTimes(times...)).schedule(scheduleConfig{location: now.Location(), now: now})
	if err != nil {
		require.Equal(t, ErrOneTimeJobStartDateTimePast, err)
		return
	}
	for at, i := now, 0; ; i++ {
		next := s.next(now, at)
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
		times := at(uint(minute)/60, uint(minute)%60, 0, 23, 59, 59)
		for policy := DaylightSavingsTimeDefault; policy <= DaylightSavingsTimeRunAfterTransition; policy++ {
			overlap := DaylightSavingsTimeOverlap(floorMod(nanos, 3))
			cfg := scheduleConfig{location: anchor.Location(), now: anchor, dst: policy, overlap: overlap, weeksFromMonday: minute%2 == 1}
			for _, d := range []JobDefinition{
				DailyJob(uint(interval), times),
				WeeklyJob(uint(interval), NewWeekdays(time.Sunday, time.Friday), times),
				MonthlyJob(uint(interval), NewDaysOfTheMonth(31, -31, int(minute)%28+1), times),
				MonthlyWeekdayJob(uint(interval), NewNthWeekdays(int(minute)%5+1, time.Sunday, time.Friday), times),
				CronJob("15,45 0-3 * * *", false),
				CronJob("7 * * * *", false),
				DurationJob(time.Duration(interval) * time.Hour),
				AnyOf(DailyJob(uint(interval), times), CronJob("15,45 0-3 * * *", false),
					MonthlyJob(uint(interval)*5, NewDaysOfTheMonth(-1, int(minute)%28+1), times)),
			} {
				if s, err := d.schedule(cfg); err == nil {
					checkProperties(t, s, anchor, now)
				}
			}
		}
	})
}
