package gocron

import (
	"encoding/binary"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func zoneOf(t *testing.T, name string) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation(name)
	require.NoError(t, err)
	return zone
}

// local reads "2026-03-08 01:30 -0500"; the offset tells two passes apart.
func local(t *testing.T, zone *time.Location, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04 -0700", s, zone)
	require.NoError(t, err)
	require.Equal(t, s, at.Format("2006-01-02 15:04 -0700"), "no such time in %v", zone)
	return at
}

// chain is what a schedule does after from, written like local's argument.
func chain(s schedule, anchor, from time.Time, n int) []string {
	var times []string
	for ; n > 0; n-- {
		from = s.next(anchor, from)
		times = append(times, from.Format("2006-01-02 15:04 -0700"))
	}
	return times
}

func dailyAt(hours, minutes uint) JobDefinition {
	return DailyJob(1, NewAtTimes(NewAtTime(hours, minutes, 0)))
}

const (
	byDefault = DaylightSavingsTimeDefault
	bySkip    = DaylightSavingsTimeSkip
	byShift   = DaylightSavingsTimeRunAfterTransition
)

func TestDaylightSavings(t *testing.T) {
	for _, x := range []struct {
		name       string
		zone       string
		definition JobDefinition
		policy     DaylightSavingsTimePolicy
		from       string
		expected   []string
	}{
		{"daily in a gap", "America/New_York", dailyAt(2, 30), byDefault, "2026-03-07 02:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"daily in a gap, shifted", "America/New_York", dailyAt(2, 30), byShift, "2026-03-07 02:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"daily in a gap, skipped", "America/New_York", dailyAt(2, 30), bySkip, "2026-03-07 02:30 -0500",
			[]string{"2026-03-09 02:30 -0400"}},
		{"daily in a gap, unknown policy", "America/New_York", dailyAt(2, 30), 7, "2026-03-07 02:30 -0500",
			[]string{"2026-03-08 03:30 -0400"}},
		{"daily in a gap, started that night after it", "America/New_York", dailyAt(2, 30), byDefault, "2026-03-08 03:10 -0400",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"shifted onto another", "America/New_York",
			DailyJob(1, NewAtTimes(NewAtTime(2, 30, 0), NewAtTime(3, 30, 0), NewAtTime(3, 0, 0))), byDefault, "2026-03-08 00:00 -0500",
			[]string{"2026-03-08 03:00 -0400", "2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"shifted behind another", "America/New_York",
			DailyJob(1, NewAtTimes(NewAtTime(2, 45, 0), NewAtTime(3, 15, 0))), byDefault, "2026-03-08 00:00 -0500",
			[]string{"2026-03-08 03:15 -0400", "2026-03-08 03:45 -0400", "2026-03-09 02:45 -0400"}},
		{"weekly in a gap", "Europe/Berlin",
			WeeklyJob(1, NewWeekdays(time.Sunday), NewAtTimes(NewAtTime(2, 30, 0))), byDefault, "2026-03-28 00:00 +0100",
			[]string{"2026-03-29 03:30 +0200", "2026-04-05 02:30 +0200"}},
		{"monthly in a gap", "Europe/Berlin",
			MonthlyJob(1, NewDaysOfTheMonth(29), NewAtTimes(NewAtTime(2, 30, 0))), byDefault, "2026-03-28 00:00 +0100",
			[]string{"2026-03-29 03:30 +0200", "2026-04-29 02:30 +0200"}},
		{"cron in a gap", "America/New_York", CronJob("30 2 * * *", false), byDefault, "2026-03-07 02:30 -0500",
			[]string{"2026-03-09 02:30 -0400"}},
		{"cron in a gap, skipped", "America/New_York", CronJob("30 2 * * *", false), bySkip, "2026-03-07 02:30 -0500",
			[]string{"2026-03-09 02:30 -0400"}},
		{"cron in a gap, shifted", "America/New_York", CronJob("30 2 * * *", false), byShift, "2026-03-07 02:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"cron in a gap, shifted, started that night", "America/New_York", CronJob("30 2 * * *", false), byShift, "2026-03-08 01:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"cron in a gap of its own zone", "UTC", CronJob("CRON_TZ=America/New_York 30 2 * * *", false), byShift, "2026-03-07 07:30 +0000",
			[]string{"2026-03-08 07:30 +0000", "2026-03-09 06:30 +0000"}},
		{"cron in an overlap of its own zone", "UTC", CronJob("TZ=America/New_York 30 1 * * *", false), byDefault, "2026-10-31 05:30 +0000",
			[]string{"2026-11-01 05:30 +0000", "2026-11-02 06:30 +0000"}},

		{"daily in an overlap", "America/New_York", dailyAt(1, 30), byDefault, "2026-10-31 01:30 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"}},
		{"daily in an overlap, started between", "America/New_York", dailyAt(1, 30), byShift, "2026-11-01 01:45 -0400",
			[]string{"2026-11-02 01:30 -0500"}},
		{"daily in an overlap, started in the second pass", "America/New_York", dailyAt(1, 30), bySkip, "2026-11-01 01:15 -0500",
			[]string{"2026-11-02 01:30 -0500"}},
		{"cron in an overlap", "America/New_York", CronJob("0,30 1 * * *", false), byDefault, "2026-10-31 20:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:30 -0400", "2026-11-02 01:00 -0500"}},
		{"cron through an overlap, some hours", "America/New_York", CronJob("0 0-12 * * *", false), byDefault, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 02:00 -0500", "2026-11-01 03:00 -0500"}},
		{"hourly through an overlap", "America/New_York", CronJob("0 * * * *", false), byDefault, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:00 -0500", "2026-11-01 02:00 -0500"}},
		{"hourly, written out", "America/New_York", CronJob("0 0-11,12-23 * * *", false), byDefault, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:00 -0500"}},
		{"hourly in its own zone", "UTC", CronJob("CRON_TZ=America/New_York @hourly", false), byDefault, "2026-11-01 04:00 +0000",
			[]string{"2026-11-01 05:00 +0000", "2026-11-01 06:00 +0000", "2026-11-01 07:00 +0000"}},
		{"hourly of one day through an overlap at midnight", "America/Sao_Paulo", CronJob("0 * 17 2 *", false), byDefault, "2018-02-17 22:00 -0200",
			[]string{"2018-02-17 23:00 -0200", "2018-02-17 23:00 -0300", "2019-02-17 00:00 -0300"}},
		{"hourly through a gap", "America/New_York", CronJob("30 * * * *", false), byDefault, "2026-03-08 00:30 -0500",
			[]string{"2026-03-08 01:30 -0500", "2026-03-08 03:30 -0400", "2026-03-08 04:30 -0400"}},
		{"@every through an overlap", "America/New_York", CronJob("@every 1h", false), byDefault, "2026-11-01 00:20 -0400",
			[]string{"2026-11-01 01:20 -0400", "2026-11-01 01:20 -0500", "2026-11-01 02:20 -0500"}},
		{"@every through a gap", "America/New_York", CronJob("@every 1h", false), bySkip, "2026-03-08 01:20 -0500",
			[]string{"2026-03-08 03:20 -0400", "2026-03-08 04:20 -0400"}},

		{"midnight, in a gap", "America/Santiago", dailyAt(0, 0), byDefault, "2026-09-05 12:00 -0400",
			[]string{"2026-09-06 01:00 -0300", "2026-09-07 00:00 -0300"}},
		{"midnight, in a gap, skipped", "America/Santiago", CronJob("0 0 * * *", false), byDefault, "2026-09-05 12:00 -0400",
			[]string{"2026-09-07 00:00 -0300"}},
		{"a day that begins with a gap", "America/Santiago", dailyAt(10, 0), byDefault, "2026-09-05 10:00 -0400",
			[]string{"2026-09-06 10:00 -0300", "2026-09-07 10:00 -0300"}},
		{"a day that begins with a gap, Havana", "America/Havana", dailyAt(10, 0), byDefault, "2026-03-07 10:00 -0500",
			[]string{"2026-03-08 10:00 -0400"}},
		{"a day that begins with a gap, Cairo", "Africa/Cairo", dailyAt(0, 30), byDefault, "2026-04-23 12:00 +0200",
			[]string{"2026-04-24 01:30 +0300", "2026-04-25 00:30 +0300"}},
		{"a day that is put back to the one before", "America/Santiago", dailyAt(23, 30), byDefault, "2026-04-04 12:00 -0300",
			[]string{"2026-04-04 23:30 -0300", "2026-04-05 23:30 -0400"}},
		{"midnight, put back from", "America/Santiago", dailyAt(0, 0), byDefault, "2026-04-04 12:00 -0300",
			[]string{"2026-04-05 00:00 -0400", "2026-04-06 00:00 -0400"}},
		{"every second day from the second pass of a day", "America/Santiago",
			DailyJob(2, NewAtTimes(NewAtTime(23, 30, 0))), byDefault, "2026-04-04 23:10 -0400",
			[]string{"2026-04-06 23:30 -0400"}},
		{"half an hour", "Australia/Lord_Howe", dailyAt(2, 15), byDefault, "2026-10-03 12:00 +1030",
			[]string{"2026-10-04 02:45 +1100", "2026-10-05 02:15 +1100"}},
		{"a day that does not exist", "Pacific/Apia", dailyAt(10, 0), byDefault, "2011-12-29 10:00 -1000",
			[]string{"2011-12-31 10:00 +1400", "2012-01-01 10:00 +1400"}},
		{"every second day, due on one that does not exist", "Pacific/Apia",
			DailyJob(2, NewAtTimes(NewAtTime(10, 0, 0))), byDefault, "2011-12-28 10:00 -1000",
			[]string{"2011-12-31 10:00 +1400", "2012-01-01 10:00 +1400", "2012-01-03 10:00 +1400"}},
		{"the same, skipped", "Pacific/Apia",
			DailyJob(2, NewAtTimes(NewAtTime(10, 0, 0))), bySkip, "2011-12-28 10:00 -1000",
			[]string{"2012-01-01 10:00 +1400", "2012-01-03 10:00 +1400"}},
		{"a weekday that does not exist", "Pacific/Apia",
			WeeklyJob(1, NewWeekdays(time.Friday), NewAtTimes(NewAtTime(10, 0, 0))), bySkip, "2011-12-28 10:00 -1000",
			[]string{"2012-01-06 10:00 +1400"}},
		{"the end of a leap year, by rule", "America/New_York", dailyAt(12, 0), byDefault, "2048-12-30 12:00 -0500",
			[]string{"2048-12-31 12:00 -0500", "2049-01-01 12:00 -0500"}},
	} {
		zone := zoneOf(t, x.zone)
		from := local(t, zone, x.from)
		s := scheduleOf(t, x.definition, scheduleConfig{location: zone, now: from, dst: x.policy})
		require.Equal(t, x.expected, chain(s, from, from, len(x.expected)), x.name)
	}
}

// ruledZone makes a zone whose offset changes at the given Unix second and that
// follows rule, a POSIX TZ string, from then on.
func ruledZone(t *testing.T, at int64, before, after int32, rule string) *time.Location {
	t.Helper()
	big := binary.BigEndian
	header := func(changes, zones uint32) []byte {
		b := append([]byte("TZif2"), make([]byte, 15)...)
		for _, n := range []uint32{0, 0, 0, changes, zones, 4} {
			b = big.AppendUint32(b, n)
		}
		return b
	}
	offset := func(b []byte, o int32) []byte { return append(big.AppendUint32(b, uint32(o)), 0, 0) }
	data := offset(header(0, 1), before) // the part that is for old readers
	data = append(data, "TST\x00"...)
	data = append(data, header(1, 2)...)
	data = append(big.AppendUint64(data, uint64(at)), 1)
	data = offset(offset(data, before), after)
	data = append(data, "TST\x00\n"+rule+"\n"...)
	zone, err := time.LoadLocationFromTZData("test", data)
	require.NoError(t, err)
	return zone
}

// A yearly time that falls into the gap each year is dropped each year.
func TestDaylightSavings_neverExists(t *testing.T) {
	zone := ruledZone(t, 0, 0, 0, "TST0TDT,J90/2,J270/3")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	_, err := CronJob("30 2 31 3 *", false).schedule(scheduleConfig{location: zone, now: from})
	require.Equal(t, ErrCronJobInvalid, err)

	s := scheduleOf(t, CronJob("30 2 31 3 *", false), scheduleConfig{location: zone, now: from, dst: byShift})
	require.Equal(t, []string{"2026-03-31 03:30 +0100", "2027-03-31 03:30 +0100"}, chain(s, from, from, 2))
}

// Wherever ZoneBounds errs, stretches must not.
func TestStretchAt(t *testing.T) {
	for _, x := range []struct {
		zone, at   string
		start, end string // UTC; empty: none
	}{
		{"UTC", "2026-01-01T00:00:00Z", "", ""},
		{"America/New_York", "2026-07-01T00:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"},
		{"America/New_York", "2026-03-08T07:00:00Z", "2026-03-08T07:00:00Z", "2026-11-01T06:00:00Z"},
		{"America/New_York", "2048-12-31T00:00:00Z", "2048-11-01T06:00:00Z", "2049-01-01T00:00:00Z"},
		{"America/New_York", "2048-12-31T23:59:59Z", "2048-11-01T06:00:00Z", "2049-01-01T00:00:00Z"},
		{"America/Metlakatla", "2019-01-25T00:00:00Z", "2019-01-20T10:00:00Z", "2019-03-10T11:00:00Z"},
	} {
		s := stretchAt(zoneOf(t, x.zone), instant(t, x.at).Unix())
		expected := stretch{start: noStart, end: noEnd}
		if x.start != "" {
			expected.start, expected.end = instant(t, x.start).Unix(), instant(t, x.end).Unix()
		}
		require.Equal(t, []int64{expected.start, expected.end}, []int64{s.start, s.end}, "%v at %v", x.zone, x.at)
	}
}

// A zone that takes on its rule in winter begins its stretch then, not where the
// rule alone would have it begin.
func TestStretchAt_newRule(t *testing.T) {
	change := instant(t, "2019-01-20T10:00:00Z").Unix()
	zone := ruledZone(t, change, -8*3600, -9*3600, "AKST9AKDT,M3.2.0,M11.1.0")
	for _, at := range []int64{change, change + 1, change + 40*secondsPerDay} {
		s := stretchAt(zone, at)
		require.Equal(t, stretch{start: change, end: instant(t, "2019-03-10T11:00:00Z").Unix(), offset: -9 * 3600, before: -8 * 3600}, s)
	}
	from := time.Unix(change-3600, 0).In(zone) // 01:00, to be shown twice
	s := scheduleOf(t, dailyAt(1, 30), scheduleConfig{location: zone, now: from})
	require.Equal(t, []string{"2019-01-20 01:30 -0800", "2019-01-21 01:30 -0900"}, chain(s, from, from, 2))
}

// Offsets so far apart that adding them overflows must not make a loop.
func TestWallClock_absurdOffsets(t *testing.T) {
	for _, offset := range []int{math.MaxInt, math.MinInt, math.MaxInt / 2, math.MinInt / 2, 400 * secondsPerDay, -400 * secondsPerDay} {
		zone := time.FixedZone("", offset)
		for _, d := range []JobDefinition{dailyAt(10, 0), CronJob("0 10 * * *", false), MonthlyJob(7, NewDaysOfTheMonth(31), NewAtTimes(NewAtTime(1, 0, 0)))} {
			from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).In(zone)
			s, err := d.schedule(scheduleConfig{location: zone, now: from})
			if err != nil {
				continue
			}
			next := s.next(from, from)
			require.True(t, next.IsZero() || next.After(from), "%v: %v", offset, next)
		}
	}
}

func TestDaylightSavings_overlap(t *testing.T) {
	const newYork = "America/New_York"
	first, second, both := DaylightSavingsTimeOverlapFirst, DaylightSavingsTimeOverlapSecond, DaylightSavingsTimeOverlapBoth
	halfPastOne := NewAtTimes(NewAtTime(1, 30, 0))
	for _, x := range []struct {
		name       string
		zone       string
		definition JobDefinition
		overlap    DaylightSavingsTimeOverlap
		from       string
		expected   []string
	}{
		{"first", newYork, dailyAt(1, 30), first, "2026-10-31 12:00 -0400", []string{"2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"}},
		{"second", newYork, dailyAt(1, 30), second, "2026-10-31 12:00 -0400", []string{"2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"both", newYork, dailyAt(1, 30), both, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"second, the edges", newYork, DailyJob(1, at(0, 59, 59, 1, 0, 0, 1, 59, 59, 2, 0, 0)), second, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 00:59 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:59 -0500", "2026-11-01 02:00 -0500"}},
		{"second, started before", newYork, dailyAt(1, 30), second, "2026-11-01 01:15 -0400", []string{"2026-11-01 01:30 -0500"}},
		{"second, started between", newYork, dailyAt(1, 30), second, "2026-11-01 01:45 -0400", []string{"2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"second, started after the change", newYork, dailyAt(1, 30), second, "2026-11-01 01:15 -0500", []string{"2026-11-01 01:30 -0500"}},
		{"second, started after both", newYork, dailyAt(1, 30), second, "2026-11-01 01:30 -0500", []string{"2026-11-02 01:30 -0500"}},
		{"both, started between", newYork, dailyAt(1, 30), both, "2026-11-01 01:45 -0400", []string{"2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"weekly", newYork, WeeklyJob(1, NewWeekdays(time.Sunday), halfPastOne), second, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0500", "2026-11-08 01:30 -0500"}},
		{"monthly", newYork, MonthlyJob(1, NewDaysOfTheMonth(1), halfPastOne), both, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", "2026-12-01 01:30 -0500"}},
		{"monthly weekday", newYork, MonthlyWeekdayJob(1, NewNthWeekdays(1, time.Sunday), halfPastOne), second, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0500", "2026-12-06 01:30 -0500"}},
		{"crontab", newYork, CronJob("0,30 1 * * *", false), both, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:30 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500", "2026-11-02 01:00 -0500"}},
		{"crontab with a zone", "UTC", CronJob("CRON_TZ=America/New_York 30 1 * * *", false), second, "2026-10-31 12:00 +0000",
			[]string{"2026-11-01 06:30 +0000", "2026-11-02 06:30 +0000"}},
		{"crontab of every hour", newYork, CronJob("30 * * * *", false), second, "2026-11-01 01:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", "2026-11-01 02:30 -0500"}},
		{"crontab with a star", newYork, CronJob("*/30 1 * * *", false), first, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500", "2026-11-02 01:00 -0500"}},
		{"half an hour", "Australia/Lord_Howe", dailyAt(1, 45), second, "2026-04-05 00:00 +1100",
			[]string{"2026-04-05 01:45 +1030", "2026-04-06 01:45 +1030"}},
		{"half an hour, not of those", "Australia/Lord_Howe", dailyAt(1, 15), second, "2026-04-05 00:00 +1100",
			[]string{"2026-04-05 01:15 +1100", "2026-04-06 01:15 +1030"}},
		{"a day that is put back to the one before", "America/Santiago", dailyAt(23, 30), second, "2026-04-04 12:00 -0300",
			[]string{"2026-04-04 23:30 -0400", "2026-04-05 23:30 -0400"}},
		{"every second day over it", "America/Santiago", DailyJob(2, at(23, 30, 0)), both, "2026-04-04 12:00 -0300",
			[]string{"2026-04-04 23:30 -0300", "2026-04-04 23:30 -0400", "2026-04-06 23:30 -0400"}},
		{"by rule, in a leap year", newYork, dailyAt(1, 30), second, "2048-10-31 12:00 -0400",
			[]string{"2048-11-01 01:30 -0500", "2048-11-02 01:30 -0500"}},
		{"a gap as ever", newYork, dailyAt(2, 30), second, "2026-03-07 12:00 -0500", []string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		// The last of its wall times is in the overlap, so only the second pass has more.
		{"crontab of one year, second", newYork, CronJob("0 30 1 1 11 * 2026", true), second, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0500", ""}},
		{"crontab of one year, both", newYork, CronJob("0 30 1 1 11 * 2026", true), both, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", ""}},
		{"crontab of one year with a star", newYork, CronJob("0 */30 1 1 11 * 2026", true), first, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500", ""}},
	} {
		zone := zoneOf(t, x.zone)
		from := local(t, zone, x.from)
		s := scheduleOf(t, x.definition, scheduleConfig{location: zone, now: from, overlap: x.overlap})
		after := from
		for _, want := range x.expected {
			after = s.next(from, after)
			if want == "" {
				require.Zero(t, after, x.name)
				break
			}
			require.Equal(t, want, after.Format("2006-01-02 15:04 -0700"), x.name)
		}
	}
}

// A far time is found without looking at each change of the clock before it.
func TestDaylightSavings_overlapCostsTheSameHoweverFar(t *testing.T) {
	zone := zoneOf(t, "America/New_York")
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	for overlap := DaylightSavingsTimeOverlapFirst; overlap <= DaylightSavingsTimeOverlapBoth; overlap++ {
		asked := 0
		far := func(wall) (wall, bool) { asked++; return time.Date(9998, 1, 1, 0, 0, 0, 0, time.UTC).Unix(), true }
		at, ok := wallClock{zone: zone, overlap: overlap}.next(from.Unix(), far)
		require.True(t, ok)
		require.Equal(t, time.Date(9998, 1, 1, 0, 0, 0, 0, zone).Unix(), at)
		require.LessOrEqual(t, asked, 3, "overlap %d", overlap)
	}
}

func TestDaylightSavingsTimeOverlap_refused(t *testing.T) {
	s := newScheduler(t)
	for _, overlap := range []DaylightSavingsTimeOverlap{-1, 3} {
		_, err := s.NewJob(dailyAt(1, 30), NewTask(func() {}), WithName("report"), WithDaylightSavingsTimeOverlap(overlap))
		require.ErrorIs(t, err, ErrOptionValue)
		require.EqualError(t, err, fmt.Sprintf("gocron: option value out of range: WithDaylightSavingsTimeOverlap(%d), allowed: "+
			"DaylightSavingsTimeOverlapFirst, DaylightSavingsTimeOverlapSecond or DaylightSavingsTimeOverlapBoth (job \"report\")", overlap))
	}
}
