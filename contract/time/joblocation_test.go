package time_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// nineOfDay is 09:00 once a day.
func nineOfDay() gocron.AtTimes { return gocron.NewAtTimes(gocron.NewAtTime(9, 0, 0)) }

// The location of the job goes before that of its start time and that of the scheduler; CRON_TZ
// goes before it.
func TestJobLocation(t *testing.T) {
	berlin, tokyo := zone(t, "Europe/Berlin"), zone(t, "Asia/Tokyo")
	now := time.Date(2026, 3, 10, 12, 0, 0, 0, berlin)
	inTokyo := gocron.WithJobLocation(tokyo)
	start := time.Date(2026, 3, 11, 12, 0, 0, 0, zone(t, "America/New_York"))
	fromStart := gocron.WithStartAt(gocron.WithStartDateTime(start))
	for name, c := range map[string]struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
		want       []string
	}{
		"crontab": {gocron.CronJob("0 9 * * *", false), []gocron.JobOption{inTokyo},
			[]string{"Wed 2026-03-11 09:00:00 +0900", "Thu 2026-03-12 09:00:00 +0900"}},
		"crontab with a zone": {gocron.CronJob("CRON_TZ=UTC 0 9 * * *", false), []gocron.JobOption{inTokyo},
			[]string{"Wed 2026-03-11 18:00:00 +0900", "Thu 2026-03-12 18:00:00 +0900"}},
		"crontab with a start": {gocron.CronJob("0 9 * * *", false), []gocron.JobOption{inTokyo, fromStart},
			[]string{"Wed 2026-03-11 12:00:00 -0400", "Thu 2026-03-12 09:00:00 +0900"}},
		"daily": {gocron.DailyJob(1, nineOfDay()), []gocron.JobOption{inTokyo},
			[]string{"Wed 2026-03-11 09:00:00 +0900", "Thu 2026-03-12 09:00:00 +0900"}},
		"daily with a start": {gocron.DailyJob(1, nineOfDay()), []gocron.JobOption{fromStart, inTokyo},
			[]string{"Wed 2026-03-11 12:00:00 -0400", "Thu 2026-03-12 09:00:00 +0900"}},
		"weekly": {gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday), nineOfDay()), []gocron.JobOption{inTokyo},
			[]string{"Mon 2026-03-16 09:00:00 +0900", "Mon 2026-03-23 09:00:00 +0900"}},
		"monthly": {gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1), nineOfDay()), []gocron.JobOption{inTokyo},
			[]string{"Wed 2026-04-01 09:00:00 +0900", "Fri 2026-05-01 09:00:00 +0900"}},
		"interval": {gocron.DurationJob(time.Hour), []gocron.JobOption{inTokyo},
			[]string{"Tue 2026-03-10 21:00:00 +0900", "Tue 2026-03-10 22:00:00 +0900"}},
		"interval with a start": {gocron.DurationJob(time.Hour), []gocron.JobOption{inTokyo, fromStart},
			[]string{"Wed 2026-03-11 12:00:00 -0400", "Thu 2026-03-12 02:00:00 +0900"}},
		"instant": {gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(start)), []gocron.JobOption{inTokyo},
			[]string{"Wed 2026-03-11 12:00:00 -0400"}},
		"the later one": {gocron.DailyJob(1, nineOfDay()), []gocron.JobOption{gocron.WithJobLocation(time.UTC), inTokyo},
			[]string{"Wed 2026-03-11 09:00:00 +0900"}},
	} {
		t.Run(name, func(t *testing.T) {
			x := newStage(t, now)
			j, ran := x.logged(c.definition, c.options...)
			x.s.Start()
			x.requireWalked(j, ran, c.want)
		})
	}
}

// In Santiago clocks go forward at midnight of September 6: a daily job there keeps its wall time,
// wherever the scheduler lives, and 00:30 does not exist.
func TestJobLocation_ofAClockChange(t *testing.T) {
	x := newStage(t, time.Date(2026, 9, 5, 12, 0, 0, 0, time.UTC))
	santiago := gocron.WithJobLocation(zone(t, "America/Santiago"))
	half := gocron.NewAtTimes(gocron.NewAtTime(0, 30, 0))
	shifted, ran := x.logged(gocron.DailyJob(1, half), santiago)
	skipped, _ := x.logged(gocron.DailyJob(1, half), santiago, gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip))
	x.s.Start()
	require.Equal(t, []string{"Mon 2026-09-07 00:30:00 -0300"}, shown(x.nexts(skipped, 1)))
	x.requireWalked(shifted, ran, []string{"Sun 2026-09-06 01:30:00 -0300", "Mon 2026-09-07 00:30:00 -0300"})
}

// The AtTimes that Schedule shows are in the location of the job.
func TestJobLocation_ofAtTimes(t *testing.T) {
	x := newStage(t, time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))
	tokyo := zone(t, "Asia/Tokyo")
	j, _ := x.logged(gocron.DailyJob(1, nineOfDay()), gocron.WithJobLocation(tokyo))
	require.Equal(t, gocron.TimeFromAtTime(gocron.NewAtTime(9, 0, 0), tokyo), j.Schedule().(gocron.DailyJobSchedule).AtTimes[0])
}

// It survives a stop, belongs to the definition that Update gives, and is an option for all jobs.
func TestJobLocation_overStopsAndUpdates(t *testing.T) {
	tokyo, lima := gocron.WithJobLocation(zone(t, "Asia/Tokyo")), gocron.WithJobLocation(zone(t, "America/Lima"))
	x := newStage(t, time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC), gocron.WithGlobalJobOptions(tokyo))
	j, _ := x.logged(gocron.DailyJob(2, nineOfDay()))
	x.s.Start()
	want := []string{"Thu 2026-03-12 09:00:00 +0900"}
	require.Equal(t, want, shown(x.nexts(j, 1)))
	require.NoError(t, x.s.StopJobs())
	x.s.Start()
	require.Equal(t, want, shown(x.nexts(j, 1)))
	_, err := x.s.Update(j.ID(), gocron.DailyJob(1, nineOfDay()), gocron.NewTask(nothing), lima)
	require.NoError(t, err)
	require.Equal(t, []string{"Tue 2026-03-10 09:00:00 -0500"}, shown(x.nexts(j, 1)))
}

func TestJobLocation_refusesNil(t *testing.T) {
	x := newStage(t, time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC))
	_, err := x.s.NewJob(gocron.DailyJob(1, nineOfDay()), gocron.NewTask(nothing), gocron.WithName("report"), gocron.WithJobLocation(nil))
	require.ErrorIs(t, err, gocron.ErrOptionValue)
	require.EqualError(t, err, "gocron: option value out of range: WithJobLocation(nil), allowed: a *time.Location, such as time.UTC (job \"report\")")
}
