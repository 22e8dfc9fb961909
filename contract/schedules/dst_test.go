package schedules_test

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// local reads "2026-03-08 01:30 -0500"; the offset tells two passes apart.
func local(t *testing.T, zone *time.Location, s string) time.Time {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04 -0700", s, zone)
	require.NoError(t, err)
	require.Equal(t, s, at.Format("2006-01-02 15:04 -0700"), "no such time in %v", zone)
	return at
}

// requireChain requires that these are the first times that a definition names after from, and that
// there are no more if the last is "".
func requireChain(t *testing.T, about string, definition gocron.JobDefinition, from time.Time, expected []string, option gocron.JobOption) {
	t.Helper()
	times, err := gocron.Preview(definition, from, len(expected), option)
	require.NoError(t, err, about)
	var got []string
	for _, at := range times {
		got = append(got, at.Format("2006-01-02 15:04 -0700"))
	}
	if len(got) < len(expected) {
		got = append(got, "")
	}
	require.Equal(t, expected, got, about)
}

func dailyAt(hours, minutes uint) gocron.JobDefinition {
	return gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(hours, minutes, 0)))
}

const (
	byDefault = gocron.DaylightSavingsTimeDefault
	bySkip    = gocron.DaylightSavingsTimeSkip
	byShift   = gocron.DaylightSavingsTimeRunAfterTransition
)

func TestDaylightSavings(t *testing.T) {
	for _, x := range []struct {
		name       string
		zone       string
		definition gocron.JobDefinition
		policy     gocron.DaylightSavingsTimePolicy
		from       string
		expected   []string
	}{
		{"daily in a gap", "America/New_York", dailyAt(2, 30), byDefault, "2026-03-07 02:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"daily in a gap, shifted", "America/New_York", dailyAt(2, 30), byShift, "2026-03-07 02:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"daily in a gap, skipped", "America/New_York", dailyAt(2, 30), bySkip, "2026-03-07 02:30 -0500",
			[]string{"2026-03-09 02:30 -0400"}},
		{"daily in a gap, started that night after it", "America/New_York", dailyAt(2, 30), byDefault, "2026-03-08 03:10 -0400",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"shifted onto another", "America/New_York",
			gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0), gocron.NewAtTime(3, 30, 0), gocron.NewAtTime(3, 0, 0))), byDefault, "2026-03-08 00:00 -0500",
			[]string{"2026-03-08 03:00 -0400", "2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"shifted behind another", "America/New_York",
			gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(2, 45, 0), gocron.NewAtTime(3, 15, 0))), byDefault, "2026-03-08 00:00 -0500",
			[]string{"2026-03-08 03:15 -0400", "2026-03-08 03:45 -0400", "2026-03-09 02:45 -0400"}},
		{"weekly in a gap", "Europe/Berlin",
			gocron.WeeklyJob(1, gocron.NewWeekdays(time.Sunday), gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0))), byDefault, "2026-03-28 00:00 +0100",
			[]string{"2026-03-29 03:30 +0200", "2026-04-05 02:30 +0200"}},
		{"monthly in a gap", "Europe/Berlin",
			gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(29), gocron.NewAtTimes(gocron.NewAtTime(2, 30, 0))), byDefault, "2026-03-28 00:00 +0100",
			[]string{"2026-03-29 03:30 +0200", "2026-04-29 02:30 +0200"}},
		{"cron in a gap", "America/New_York", gocron.CronJob("30 2 * * *", false), byDefault, "2026-03-07 02:30 -0500",
			[]string{"2026-03-09 02:30 -0400"}},
		{"cron in a gap, skipped", "America/New_York", gocron.CronJob("30 2 * * *", false), bySkip, "2026-03-07 02:30 -0500",
			[]string{"2026-03-09 02:30 -0400"}},
		{"cron in a gap, shifted", "America/New_York", gocron.CronJob("30 2 * * *", false), byShift, "2026-03-07 02:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"cron in a gap, shifted, started that night", "America/New_York", gocron.CronJob("30 2 * * *", false), byShift, "2026-03-08 01:30 -0500",
			[]string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		{"cron in a gap of its own zone", "UTC", gocron.CronJob("CRON_TZ=America/New_York 30 2 * * *", false), byShift, "2026-03-07 07:30 +0000",
			[]string{"2026-03-08 07:30 +0000", "2026-03-09 06:30 +0000"}},
		{"cron in an overlap of its own zone", "UTC", gocron.CronJob("TZ=America/New_York 30 1 * * *", false), byDefault, "2026-10-31 05:30 +0000",
			[]string{"2026-11-01 05:30 +0000", "2026-11-02 06:30 +0000"}},

		{"daily in an overlap", "America/New_York", dailyAt(1, 30), byDefault, "2026-10-31 01:30 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"}},
		{"daily in an overlap, started between", "America/New_York", dailyAt(1, 30), byShift, "2026-11-01 01:45 -0400",
			[]string{"2026-11-02 01:30 -0500"}},
		{"daily in an overlap, started in the second pass", "America/New_York", dailyAt(1, 30), bySkip, "2026-11-01 01:15 -0500",
			[]string{"2026-11-02 01:30 -0500"}},
		{"cron in an overlap", "America/New_York", gocron.CronJob("0,30 1 * * *", false), byDefault, "2026-10-31 20:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:30 -0400", "2026-11-02 01:00 -0500"}},
		{"cron through an overlap, some hours", "America/New_York", gocron.CronJob("0 0-12 * * *", false), byDefault, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 02:00 -0500", "2026-11-01 03:00 -0500"}},
		{"hourly through an overlap", "America/New_York", gocron.CronJob("0 * * * *", false), byDefault, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:00 -0500", "2026-11-01 02:00 -0500"}},
		{"hourly, written out", "America/New_York", gocron.CronJob("0 0-11,12-23 * * *", false), byDefault, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:00 -0500"}},
		{"hourly in its own zone", "UTC", gocron.CronJob("CRON_TZ=America/New_York @hourly", false), byDefault, "2026-11-01 04:00 +0000",
			[]string{"2026-11-01 05:00 +0000", "2026-11-01 06:00 +0000", "2026-11-01 07:00 +0000"}},
		{"hourly of one day through an overlap at midnight", "America/Sao_Paulo", gocron.CronJob("0 * 17 2 *", false), byDefault, "2018-02-17 22:00 -0200",
			[]string{"2018-02-17 23:00 -0200", "2018-02-17 23:00 -0300", "2019-02-17 00:00 -0300"}},
		{"hourly through a gap", "America/New_York", gocron.CronJob("30 * * * *", false), byDefault, "2026-03-08 00:30 -0500",
			[]string{"2026-03-08 01:30 -0500", "2026-03-08 03:30 -0400", "2026-03-08 04:30 -0400"}},
		{"@every through an overlap", "America/New_York", gocron.CronJob("@every 1h", false), byDefault, "2026-11-01 00:20 -0400",
			[]string{"2026-11-01 01:20 -0400", "2026-11-01 01:20 -0500", "2026-11-01 02:20 -0500"}},
		{"@every through a gap", "America/New_York", gocron.CronJob("@every 1h", false), bySkip, "2026-03-08 01:20 -0500",
			[]string{"2026-03-08 03:20 -0400", "2026-03-08 04:20 -0400"}},

		{"midnight, in a gap", "America/Santiago", dailyAt(0, 0), byDefault, "2026-09-05 12:00 -0400",
			[]string{"2026-09-06 01:00 -0300", "2026-09-07 00:00 -0300"}},
		{"midnight, in a gap, skipped", "America/Santiago", gocron.CronJob("0 0 * * *", false), byDefault, "2026-09-05 12:00 -0400",
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
			gocron.DailyJob(2, gocron.NewAtTimes(gocron.NewAtTime(23, 30, 0))), byDefault, "2026-04-04 23:10 -0400",
			[]string{"2026-04-06 23:30 -0400"}},
		{"half an hour", "Australia/Lord_Howe", dailyAt(2, 15), byDefault, "2026-10-03 12:00 +1030",
			[]string{"2026-10-04 02:45 +1100", "2026-10-05 02:15 +1100"}},
		{"a day that does not exist", "Pacific/Apia", dailyAt(10, 0), byDefault, "2011-12-29 10:00 -1000",
			[]string{"2011-12-31 10:00 +1400", "2012-01-01 10:00 +1400"}},
		{"every second day, due on one that does not exist", "Pacific/Apia",
			gocron.DailyJob(2, gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0))), byDefault, "2011-12-28 10:00 -1000",
			[]string{"2011-12-31 10:00 +1400", "2012-01-01 10:00 +1400", "2012-01-03 10:00 +1400"}},
		{"the same, skipped", "Pacific/Apia",
			gocron.DailyJob(2, gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0))), bySkip, "2011-12-28 10:00 -1000",
			[]string{"2012-01-01 10:00 +1400", "2012-01-03 10:00 +1400"}},
		{"a weekday that does not exist", "Pacific/Apia",
			gocron.WeeklyJob(1, gocron.NewWeekdays(time.Friday), gocron.NewAtTimes(gocron.NewAtTime(10, 0, 0))), bySkip, "2011-12-28 10:00 -1000",
			[]string{"2012-01-06 10:00 +1400"}},
		{"the end of a leap year, by rule", "America/New_York", dailyAt(12, 0), byDefault, "2048-12-30 12:00 -0500",
			[]string{"2048-12-31 12:00 -0500", "2049-01-01 12:00 -0500"}},
	} {
		requireChain(t, x.name, x.definition, local(t, zoneOf(t, x.zone), x.from), x.expected, gocron.WithDaylightSavingsTimePolicy(x.policy))
	}
}

func TestDaylightSavings_overlap(t *testing.T) {
	const newYork = "America/New_York"
	first, second, both := gocron.DaylightSavingsTimeOverlapFirst, gocron.DaylightSavingsTimeOverlapSecond, gocron.DaylightSavingsTimeOverlapBoth
	halfPastOne := gocron.NewAtTimes(gocron.NewAtTime(1, 30, 0))
	for _, x := range []struct {
		name       string
		zone       string
		definition gocron.JobDefinition
		overlap    gocron.DaylightSavingsTimeOverlap
		from       string
		expected   []string
	}{
		{"first", newYork, dailyAt(1, 30), first, "2026-10-31 12:00 -0400", []string{"2026-11-01 01:30 -0400", "2026-11-02 01:30 -0500"}},
		{"second", newYork, dailyAt(1, 30), second, "2026-10-31 12:00 -0400", []string{"2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"both", newYork, dailyAt(1, 30), both, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"second, the edges", newYork, gocron.DailyJob(1, at(0, 59, 59, 1, 0, 0, 1, 59, 59, 2, 0, 0)), second, "2026-11-01 00:00 -0400",
			[]string{"2026-11-01 00:59 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:59 -0500", "2026-11-01 02:00 -0500"}},
		{"second, started before", newYork, dailyAt(1, 30), second, "2026-11-01 01:15 -0400", []string{"2026-11-01 01:30 -0500"}},
		{"second, started between", newYork, dailyAt(1, 30), second, "2026-11-01 01:45 -0400", []string{"2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"second, started after the change", newYork, dailyAt(1, 30), second, "2026-11-01 01:15 -0500", []string{"2026-11-01 01:30 -0500"}},
		{"second, started after both", newYork, dailyAt(1, 30), second, "2026-11-01 01:30 -0500", []string{"2026-11-02 01:30 -0500"}},
		{"both, started between", newYork, dailyAt(1, 30), both, "2026-11-01 01:45 -0400", []string{"2026-11-01 01:30 -0500", "2026-11-02 01:30 -0500"}},
		{"weekly", newYork, gocron.WeeklyJob(1, gocron.NewWeekdays(time.Sunday), halfPastOne), second, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0500", "2026-11-08 01:30 -0500"}},
		{"monthly", newYork, gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1), halfPastOne), both, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", "2026-12-01 01:30 -0500"}},
		{"monthly weekday", newYork, gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Sunday), halfPastOne), second, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:30 -0500", "2026-12-06 01:30 -0500"}},
		{"crontab", newYork, gocron.CronJob("0,30 1 * * *", false), both, "2026-10-31 12:00 -0400",
			[]string{"2026-11-01 01:00 -0400", "2026-11-01 01:30 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500", "2026-11-02 01:00 -0500"}},
		{"crontab with a zone", "UTC", gocron.CronJob("CRON_TZ=America/New_York 30 1 * * *", false), second, "2026-10-31 12:00 +0000",
			[]string{"2026-11-01 06:30 +0000", "2026-11-02 06:30 +0000"}},
		{"crontab of every hour", newYork, gocron.CronJob("30 * * * *", false), second, "2026-11-01 01:00 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", "2026-11-01 02:30 -0500"}},
		{"crontab with a star", newYork, gocron.CronJob("*/30 1 * * *", false), first, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500", "2026-11-02 01:00 -0500"}},
		{"half an hour", "Australia/Lord_Howe", dailyAt(1, 45), second, "2026-04-05 00:00 +1100",
			[]string{"2026-04-05 01:45 +1030", "2026-04-06 01:45 +1030"}},
		{"half an hour, not of those", "Australia/Lord_Howe", dailyAt(1, 15), second, "2026-04-05 00:00 +1100",
			[]string{"2026-04-05 01:15 +1100", "2026-04-06 01:15 +1030"}},
		{"a day that is put back to the one before", "America/Santiago", dailyAt(23, 30), second, "2026-04-04 12:00 -0300",
			[]string{"2026-04-04 23:30 -0400", "2026-04-05 23:30 -0400"}},
		{"every second day over it", "America/Santiago", gocron.DailyJob(2, at(23, 30, 0)), both, "2026-04-04 12:00 -0300",
			[]string{"2026-04-04 23:30 -0300", "2026-04-04 23:30 -0400", "2026-04-06 23:30 -0400"}},
		{"by rule, in a leap year", newYork, dailyAt(1, 30), second, "2048-10-31 12:00 -0400",
			[]string{"2048-11-01 01:30 -0500", "2048-11-02 01:30 -0500"}},
		{"a gap as ever", newYork, dailyAt(2, 30), second, "2026-03-07 12:00 -0500", []string{"2026-03-08 03:30 -0400", "2026-03-09 02:30 -0400"}},
		// The last of its wall times is in the overlap, so only the second pass has more.
		{"crontab of one year, second", newYork, gocron.CronJob("0 30 1 1 11 * 2026", true), second, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0500", ""}},
		{"crontab of one year, both", newYork, gocron.CronJob("0 30 1 1 11 * 2026", true), both, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:30 -0500", ""}},
		{"crontab of one year with a star", newYork, gocron.CronJob("0 */30 1 1 11 * 2026", true), first, "2026-11-01 01:15 -0400",
			[]string{"2026-11-01 01:30 -0400", "2026-11-01 01:00 -0500", "2026-11-01 01:30 -0500", ""}},
	} {
		requireChain(t, x.name, x.definition, local(t, zoneOf(t, x.zone), x.from), x.expected, gocron.WithDaylightSavingsTimeOverlap(x.overlap))
	}
}

// Offsets so far apart that adding them overflows must not make a loop.
func TestWallClock_absurdOffsets(t *testing.T) {
	for _, offset := range []int{math.MaxInt, math.MinInt, math.MaxInt / 2, math.MinInt / 2, 400 * 86400, -400 * 86400} {
		zone := time.FixedZone("", offset)
		for _, d := range []gocron.JobDefinition{dailyAt(10, 0), gocron.CronJob("0 10 * * *", false), gocron.MonthlyJob(7, gocron.NewDaysOfTheMonth(31), gocron.NewAtTimes(gocron.NewAtTime(1, 0, 0)))} {
			from := time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC).In(zone)
			next, err := gocron.Preview(d, from, 1)
			require.True(t, err != nil || next[0].After(from), "%v: %v", offset, next)
		}
	}
}

func TestDaylightSavingsTimeOverlap_refused(t *testing.T) {
	s := rig.NewScheduler(t)
	for _, overlap := range []gocron.DaylightSavingsTimeOverlap{-1, 3} {
		_, err := s.NewJob(dailyAt(1, 30), gocron.NewTask(func() {}), gocron.WithName("report"), gocron.WithDaylightSavingsTimeOverlap(overlap))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.EqualError(t, err, fmt.Sprintf("gocron: option value out of range: WithDaylightSavingsTimeOverlap(%d), allowed: "+
			"DaylightSavingsTimeOverlapFirst, DaylightSavingsTimeOverlapSecond or DaylightSavingsTimeOverlapBoth (job \"report\")", overlap))
	}
}
