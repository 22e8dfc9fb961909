package rig

import (
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// LongPast and FarFuture are times that lie in the past and in the future of every test.
var (
	LongPast  = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	FarFuture = time.Date(2100, 4, 2, 0, 0, 0, 0, time.UTC)
)

// DueEachDay are jobs of each kind that goes by no user code, with a next time in the present day.
func DueEachDay() map[string]gocron.JobDefinition {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	today := time.Now().Day()
	return map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(time.Hour),
		"random":   gocron.DurationRandomJob(time.Hour, 2*time.Hour),
		"cron":     gocron.CronJob("0 12 * * *", false),
		"daily":    gocron.DailyJob(1, noon),
		"weekly":   gocron.WeeklyJob(1, gocron.NewWeekdays(time.Now().Weekday()), noon),
		"monthly":  gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(today), noon),
		"weekday":  gocron.MonthlyWeekdayJob(1, everyWeekOn(time.Now().Weekday()), noon),
		"any of":   gocron.AnyOf(gocron.DailyJob(1, noon), gocron.CronJob("0 13 * * *", false)),
		"one-time": gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(12 * time.Hour))),
	}
}

// Retries is WithRetry with a constant wait.
func Retries(attempts int, wait time.Duration) gocron.JobOption {
	return gocron.WithRetry(gocron.RetryPolicy{Attempts: attempts, Backoff: gocron.ConstantBackoff(wait)})
}

// AtClock is one time of day.
func AtClock(hour, minute uint) gocron.AtTimes {
	return gocron.NewAtTimes(gocron.NewAtTime(hour, minute, 0))
}

// AtTimes is NewAtTimes of one list.
func AtTimes(times ...gocron.AtTime) gocron.AtTimes {
	return gocron.NewAtTimes(times[0], times[1:]...)
}

// everyWeekOn names a weekday in each week of a month.
func everyWeekOn(day time.Weekday) gocron.NthWeekdays {
	return func() (all []gocron.NthWeekday) {
		for n := 1; n <= 5; n++ {
			all = append(all, gocron.NthWeekday{N: n, Weekday: day})
		}
		return all
	}
}

// EveryKind is one definition of each kind but ManualJob. Those that recur are due within a month of
// Now.
func EveryKind() map[string]gocron.JobDefinition {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	return map[string]gocron.JobDefinition{
		"duration":        gocron.DurationJob(time.Hour),
		"random":          gocron.DurationRandomJob(time.Hour, 2*time.Hour),
		"cron":            gocron.CronJob("0 12 * * *", false),
		"every":           gocron.CronJob("@every 1h", false),
		"daily":           gocron.DailyJob(1, noon),
		"weekly":          gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday), noon),
		"monthly":         gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1), noon),
		"monthly-weekday": gocron.MonthlyWeekdayJob(1, everyWeekOn(time.Monday), noon),
		"any-of":          gocron.AnyOf(gocron.DailyJob(1, noon), gocron.CronJob("0 13 * * *", false)),
		"schedule": gocron.ScheduleJob(gocron.ScheduleFunc(func(after time.Time) time.Time {
			return after.Truncate(time.Hour).Add(time.Hour)
		})),
		"one-time": gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(Now.Add(1000 * time.Hour))),
	}
}

// StopAfter is a stop time that is d after Now.
func StopAfter(d time.Duration) gocron.JobOption {
	return gocron.WithStopAt(gocron.WithStopDateTime(Now.Add(d)))
}
