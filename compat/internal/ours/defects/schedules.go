package defects

import (
	"fmt"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
)

var schedules = []Repro{
	{"31", "Santiago, night of the clock change: daily job at 10:00", santiago},
	{"32", "New York, night of the clock change: daily job at 02:30", newYork},
	{"33a", "Berlin, end of summer time: `0 * * * *`", everyHour},
	{"33b", "Berlin, end of summer time: `@every 1h`", everyHourInterval},
	{"33c", "Berlin, end of summer time: `CRON_TZ=Europe/Berlin 30 2 * * *`, machine in UTC", cronTZTwice},
	{"33d", "Berlin, start of summer time, RunAfterTransition, `30 2 * * *`, made that night", afterTransition},
	{"33e", "RunAfterTransition, the same with CRON_TZ on a machine in UTC", afterTransitionTZ},
	{"34a", "crontab in a time.FixedZone", fixedZone},
	{"34b", "one CronJob definition used for two schedulers", sharedDefinition},
	{"34c", "one NewDefaultCron used for two jobs", sharedCron},
	{"35a", "WithIntervalFromCompletion under a waiting limit: rest between runs", restUnderLimit},
	{"35b", "WithIntervalFromCompletion on a cron job (to be ignored)", cronFromCompletion},
	{"36", "run that is due at the stop time itself", atStopTime},
}

// Clock changes at midnight keep local wall time.
func santiago() (string, bool) {
	return firstRun("2026-09-05 12:00", zone("America/Santiago"), gocron.DailyJob(1, at(10, 0)), "2026-09-06 10:00 -03")
}

// A wall time that does not exist runs after the change.
func newYork() (string, bool) {
	return firstRun("2027-03-13 12:00", zone("America/New_York"), gocron.DailyJob(1, at(2, 30)), "2027-03-14 03:30 EDT")
}

// firstRun is the verdict on the first next run of a job that is made at a
// local time: the wall time that is wanted, with its zone's short name.
func firstRun(now string, loc *time.Location, d gocron.JobDefinition, want string, options ...gocron.JobOption) (string, bool) {
	s := started(gocron.WithClock(clockAt(now, loc)), gocron.WithLocation(loc))
	got := must(must(s.NewJob(d, nop, options...)).NextRun()).Format("2006-01-02 15:04 MST")
	return got, got == want
}

// A crontab whose hour field matches all hours fires in real time.
func everyHour() (string, bool) { return autumnRuns("Europe/Berlin", "0 * * * *", 4) }

// An @every fires in real time.
func everyHourInterval() (string, bool) { return autumnRuns("Europe/Berlin", "@every 1h", 4) }

// A fixed wall time in the repeated hour fires the first time, with CRON_TZ too.
func cronTZTwice() (string, bool) { return autumnRuns("UTC", "CRON_TZ=Europe/Berlin 30 2 * * *", 1) }

// autumnRuns counts a crontab's runs in the four hours around the end of
// summer time.
func autumnRuns(location, crontab string, want int) (string, bool) {
	var n counter
	clock := clockwork.NewFakeClockAt(time.Date(2026, 10, 24, 22, 59, 0, 0, time.UTC))
	s := started(gocron.WithClock(clock), gocron.WithLocation(zone(location)))
	must(s.NewJob(gocron.CronJob(crontab, false), counting(&n)))
	for i := 0; i < 4*60; i++ {
		clock.Advance(time.Minute)
		time.Sleep(2 * ms)
	}
	verdict, ok := runsOf(&n, want)
	return verdict + " in 4 hours", ok
}

var runAfter = gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeRunAfterTransition)

// RunAfterTransition holds for a job that was started that same night.
func afterTransition() (string, bool) {
	return firstRun("2026-03-29 00:30", zone("Europe/Berlin"), gocron.CronJob("30 2 * * *", false), "2026-03-29 03:30 CEST", runAfter)
}

// RunAfterTransition holds with CRON_TZ too.
func afterTransitionTZ() (string, bool) {
	return firstRun("2026-03-28 12:00", time.UTC,
		gocron.CronJob("CRON_TZ=Europe/Berlin 30 2 * * *", false), "2026-03-29 01:30 UTC", runAfter)
}

// Any location works.
func fixedZone() (string, bool) {
	s := started(gocron.WithLocation(time.FixedZone("site", 5400)))
	_, err := s.NewJob(gocron.CronJob("0 12 * * *", false), nop)
	if err != nil {
		return strings.ReplaceAll(err.Error(), "\n", "; "), false
	}
	return "accepted", true
}

// A definition used twice gives two independent schedules.
func sharedDefinition() (string, bool) {
	noon := gocron.CronJob("0 12 * * *", false)
	clock := clockAt("2026-06-01 00:00", time.UTC)
	london := started(gocron.WithClock(clock), gocron.WithLocation(time.UTC))
	tokyo := started(gocron.WithClock(clock), gocron.WithLocation(zone("Asia/Tokyo")))
	j := must(london.NewJob(noon, nop))
	must(tokyo.NewJob(noon, nop))
	hour := must(j.NextRuns(2))[1].UTC().Hour()
	return fmt.Sprintf("the first goes on at %d:00 for 12:00", hour), hour == 12
}

// A NewDefaultCron used twice gives two independent schedules.
func sharedCron() (string, bool) {
	parser := gocron.NewDefaultCron(false)
	s := started(gocron.WithClock(clockAt("2026-06-01 00:00", time.UTC)), gocron.WithLocation(time.UTC))
	j := must(s.NewJob(gocron.CronJob("0 12 * * *", false), nop, gocron.WithCronImplementation(parser)))
	must(s.NewJob(gocron.CronJob("0 18 * * *", false), nop, gocron.WithCronImplementation(parser)))
	hour := must(j.NextRuns(2))[1].Hour()
	return fmt.Sprintf("the first goes on at %d:00 for 12:00", hour), hour == 12
}

// WithIntervalFromCompletion counts from the moment the task returned, under
// every limit.
func restUnderLimit() (string, bool) {
	begin, end := make(chan time.Time, 10), make(chan time.Time, 10)
	s := started(gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	must(s.NewJob(gocron.DurationJob(300*ms), gocron.NewTask(func() {
		begin <- time.Now()
		time.Sleep(250 * ms)
		end <- time.Now()
	}), gocron.WithIntervalFromCompletion()))
	<-begin
	ended := <-end
	rest := (<-begin).Sub(ended)
	return fmt.Sprintf("%v for 300ms", rest.Round(10*ms)), rest > 280*ms
}

// Kinds that are not intervals ignore WithIntervalFromCompletion.
func cronFromCompletion() (string, bool) {
	var n counter
	clock := clockAt("2026-06-01 00:00", time.UTC)
	s := started(gocron.WithClock(clock))
	must(s.NewJob(gocron.CronJob("* * * * *", false), lasting(&n, 500*ms), gocron.WithIntervalFromCompletion()))
	for i := 0; i < 3; i++ {
		clock.Advance(time.Minute)
		time.Sleep(50 * ms)
	}
	verdict, ok := runsOf(&n, 3)
	return verdict + " for 3", ok
}

// The last run may be due at the stop time itself.
func atStopTime() (string, bool) {
	var n counter
	clock := clockwork.NewFakeClock()
	s := started(gocron.WithClock(clock))
	stop := gocron.WithStopAt(gocron.WithStopDateTime(clock.Now().Add(3 * time.Minute)))
	must(s.NewJob(gocron.DurationJob(time.Minute), counting(&n), stop))
	for i := 0; i < 5; i++ {
		clock.Advance(time.Minute)
		time.Sleep(20 * ms)
	}
	verdict, ok := runsOf(&n, 3)
	return verdict + " for 3", ok
}
