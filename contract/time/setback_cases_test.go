package time_test

import (
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
)

// On this day the clock is set back at 14:30:30, in a session that began at 12:00.
const setBackAt = 2*time.Hour + 30*time.Minute + 30*time.Second

// clockTimes are what the wall clock showed after the first n entries of log, without
// the date when that is the rig's first day.
func clockTimes(log *rig.Log, n int) []string {
	times := []string{}
	for _, at := range log.All()[n:] {
		layout := "15:04"
		if at.Second() != 0 || at.Nanosecond() != 0 {
			layout = "15:04:05.999999999"
		}
		if at.YearDay() != rig.Now.YearDay() || at.Year() != rig.Now.Year() {
			layout = "02 " + layout
		}
		times = append(times, at.Format(layout))
	}
	return times
}

// A setBackCase is a job, and when it runs after the clock was set back from 14:30:30.
type setBackCase struct {
	name       string
	definition gocron.JobDefinition
	want       []string
}

func minutesOf(hour, from, step uint) (times []string) {
	for m := from; m < 60; m += step {
		times = append(times, time.Date(0, 1, 1, int(hour), int(m), 0, 0, time.UTC).Format("15:04"))
	}
	return times
}

func join(lists ...[]string) (all []string) {
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

// calendarCases are jobs whose times an hour's step does not bring again, with what they
// do from 13:30:30 to 15:30 then.
func calendarCases() []setBackCase {
	tuesday, tenth := gocron.NewWeekdays(time.Tuesday), gocron.NewDaysOfTheMonth(10)
	three := rig.AtTimes(gocron.NewAtTime(13, 45, 0), gocron.NewAtTime(14, 15, 0), gocron.NewAtTime(15, 0, 0))
	at := func(hour, minute int) time.Time { return time.Date(2026, 3, 10, hour, minute, 0, 0, time.UTC) }
	return []setBackCase{
		{"crontab of some hours", gocron.CronJob("0 13,14,15 * * *", false), []string{"15:00"}},
		{"crontab of a range", gocron.CronJob("15 9-17 * * *", false), []string{"15:15"}},
		{"crontab of one time", gocron.CronJob("45 13 * * *", false), []string{}},
		{"crontab of a time to come", gocron.CronJob("45 14 * * *", false), []string{"14:45"}},
		{"daily", gocron.DailyJob(1, three), []string{"15:00"}},
		{"weekly", gocron.WeeklyJob(1, tuesday, three), []string{"15:00"}},
		{"monthly", gocron.MonthlyJob(1, tenth, three), []string{"15:00"}},
		{"monthly weekday", gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(2, time.Tuesday), three), []string{"15:00"}},
		{"one-time", gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(at(13, 45), at(14, 15), at(14, 45))), []string{"14:45"}},
	}
}

// realTimeCases are crontabs that go by the new time at once, with what they do from
// 13:30:30 to 15:30.
func realTimeCases() []setBackCase {
	return []setBackCase{
		{"every minute", gocron.CronJob("* * * * *", false), join(minutesOf(13, 31, 1), minutesOf(14, 0, 1), minutesOf(15, 0, 1)[:31])},
		{"every twenty minutes", gocron.CronJob("*/20 * * * *", false), []string{"13:40", "14:00", "14:20", "14:40", "15:00", "15:20"}},
		{"hourly", gocron.CronJob("0 * * * *", false), []string{"14:00", "15:00"}},
		{"@hourly", gocron.CronJob("@hourly", false), []string{"14:00", "15:00"}},
		{"hourly in another way", gocron.CronJob("5 */1 * * *", false), []string{"14:05", "15:05"}},
		{"steps in some hours", gocron.CronJob("*/30 13,14 * * *", false), []string{"14:00", "14:30"}},
		{"@every", gocron.CronJob("@every 20m", false), []string{"13:40", "14:00", "14:20", "14:40", "15:00", "15:20"}},
	}
}

// correctionCases are what jobs do from 02:30:30 to 15:30 after half a day.
func correctionCases() []setBackCase {
	cases := calendarCases()
	for i, want := range [][]string{
		{"13:00", "14:00", "15:00"},
		{"09:15", "10:15", "11:15", "12:15", "13:15", "14:15", "15:15"},
		{"13:45"},
		{"14:45"},
		{"13:45", "14:15", "15:00"},
		{"13:45", "14:15", "15:00"},
		{"13:45", "14:15", "15:00"},
		{"13:45", "14:15", "15:00"},
		{"14:45"},
	} {
		cases[i].want = want
	}
	return append(cases,
		setBackCase{"hourly", gocron.CronJob("0 * * * *", false), []string{
			"03:00", "04:00", "05:00", "06:00", "07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00", "14:00", "15:00"}},
		setBackCase{"@every", gocron.CronJob("@every 150m", false), []string{"04:30", "07:00", "09:30", "12:00", "14:30"}})
}

func startAt(at time.Time) gocron.JobOption { return gocron.WithStartAt(gocron.WithStartDateTime(at)) }
