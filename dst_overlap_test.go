package gocron

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
