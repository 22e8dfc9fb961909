package time_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A dstNight is a job that lives through a change of the clocks. Times are in
// the job's zone with its offset: "03-08 03:30 -04:00".
type dstNight struct {
	name       string
	zone       string // of the scheduler
	now        string
	definition gocron.JobDefinition
	options    []gocron.JobOption
	want       []string
}

const dstLayout = "2006-01-02 15:04 -07:00"

func dstTime(t *testing.T, zone *time.Location, s string) time.Time {
	t.Helper()
	at, err := time.Parse(dstLayout, "2026-"+s)
	require.NoError(t, err)
	return at.In(zone)
}

// Every night is checked against what NextRuns says and against the runs that
// then happen.
func testDSTNights(t *testing.T, nights []dstNight) {
	for _, tt := range nights {
		t.Run(tt.name, func(t *testing.T) {
			zone := loadZone(t, tt.zone)
			r := rig.NewAt(t, dstTime(t, zone, tt.now))
			j, log := r.Logged(tt.definition, tt.options...)
			r.Start()
			announced, happened := []string{}, []string{}
			for _, at := range rig.NextsOf(t, j, len(tt.want)) {
				announced = append(announced, at.Format(dstLayout)[5:])
			}
			require.Equal(t, tt.want, announced)
			last := dstTime(t, zone, tt.want[len(tt.want)-1])
			r.Walk(last.Sub(r.Clock.Now()))
			for _, at := range log.All() {
				happened = append(happened, at.In(zone).Format(dstLayout)[5:])
			}
			require.Equal(t, tt.want, happened)
		})
	}
}

func dstPolicy(p gocron.DaylightSavingsTimePolicy) []gocron.JobOption {
	return []gocron.JobOption{gocron.WithDaylightSavingsTimePolicy(p)}
}

func TestTimeDSTGapByDefault(t *testing.T) {
	const newYork, berlin, lordHowe = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"
	weekends := gocron.NewWeekdays(time.Saturday, time.Sunday, time.Monday)
	testDSTNights(t, []dstNight{
		{"cron skips, New York", newYork, "03-07 12:00 -05:00", gocron.CronJob("30 2 * * *", false), nil,
			[]string{"03-09 02:30 -04:00", "03-10 02:30 -04:00"}},
		{"cron skips to the next valid time", newYork, "03-07 12:00 -05:00", gocron.CronJob("30 2,3 * * *", false), nil,
			[]string{"03-08 03:30 -04:00", "03-09 02:30 -04:00"}},
		{"cron skips, Berlin", berlin, "03-28 12:00 +01:00", gocron.CronJob("30 2 * * *", false), nil,
			[]string{"03-30 02:30 +02:00"}},
		{"cron skips, Lord Howe", lordHowe, "10-03 12:00 +10:30", gocron.CronJob("15 2 * * *", false), nil,
			[]string{"10-05 02:15 +11:00"}},
		{"daily is shifted, New York", newYork, "03-07 12:00 -05:00", gocron.DailyJob(1, rig.AtClock(2, 30)), nil,
			[]string{"03-08 03:30 -04:00", "03-09 02:30 -04:00"}},
		{"daily is shifted, Berlin", berlin, "03-28 12:00 +01:00", gocron.DailyJob(1, rig.AtClock(2, 30)), nil,
			[]string{"03-29 03:30 +02:00", "03-30 02:30 +02:00"}},
		{"daily is shifted, Lord Howe", lordHowe, "10-03 12:00 +10:30", gocron.DailyJob(1, rig.AtClock(2, 15)), nil,
			[]string{"10-04 02:45 +11:00", "10-05 02:15 +11:00"}},
		{"weekly is shifted", newYork, "03-07 12:00 -05:00", gocron.WeeklyJob(1, weekends, rig.AtClock(2, 30)), nil,
			[]string{"03-08 03:30 -04:00", "03-09 02:30 -04:00", "03-14 02:30 -04:00"}},
		{"monthly is shifted", newYork, "03-07 12:00 -05:00", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(8), rig.AtClock(2, 30)), nil,
			[]string{"03-08 03:30 -04:00", "04-08 02:30 -04:00"}},
	})
}

func TestTimeDSTGapByPolicy(t *testing.T) {
	const newYork = "America/New_York"
	skip, after := dstPolicy(gocron.DaylightSavingsTimeSkip), dstPolicy(gocron.DaylightSavingsTimeRunAfterTransition)
	tz, zoned := "UTC", gocron.CronJob("CRON_TZ=America/New_York 30 2 * * *", false)
	testDSTNights(t, []dstNight{
		{"daily skips", newYork, "03-07 12:00 -05:00", gocron.DailyJob(1, rig.AtClock(2, 30)), skip, []string{"03-09 02:30 -04:00"}},
		{"weekly skips", newYork, "03-07 12:00 -05:00", gocron.WeeklyJob(1, gocron.NewWeekdays(time.Sunday), rig.AtClock(2, 30)), skip, []string{"03-15 02:30 -04:00"}},
		{"monthly skips", newYork, "03-07 12:00 -05:00", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(8), rig.AtClock(2, 30)), skip, []string{"04-08 02:30 -04:00"}},
		{"cron skips", newYork, "03-07 12:00 -05:00", gocron.CronJob("30 2 * * *", false), skip, []string{"03-09 02:30 -04:00"}},
		{"daily after", newYork, "03-07 12:00 -05:00", gocron.DailyJob(1, rig.AtClock(2, 30)), after, []string{"03-08 03:30 -04:00", "03-09 02:30 -04:00"}},
		{"cron after", newYork, "03-07 12:00 -05:00", gocron.CronJob("30 2 * * *", false), after, []string{"03-08 03:30 -04:00", "03-09 02:30 -04:00"}},
		{"cron after, started that night", newYork, "03-08 01:59 -05:00", gocron.CronJob("30 2 * * *", false), after, []string{"03-08 03:30 -04:00", "03-09 02:30 -04:00"}},
		{"cron after, started after the change", newYork, "03-08 03:10 -04:00", gocron.CronJob("30 2 * * *", false), after, []string{"03-08 03:30 -04:00", "03-09 02:30 -04:00"}},
		{"daily, started that night", newYork, "03-08 01:59 -05:00", gocron.DailyJob(1, rig.AtClock(2, 30)), nil, []string{"03-08 03:30 -04:00", "03-09 02:30 -04:00"}},
		{"CRON_TZ default", tz, "03-07 12:00 +00:00", zoned, nil, []string{"03-09 06:30 +00:00"}},
		{"CRON_TZ skips", tz, "03-07 12:00 +00:00", zoned, skip, []string{"03-09 06:30 +00:00"}},
		{"CRON_TZ after", tz, "03-07 12:00 +00:00", zoned, after, []string{"03-08 07:30 +00:00", "03-09 06:30 +00:00"}},
		{"CRON_TZ after, started that night", tz, "03-08 06:59 +00:00", zoned, after, []string{"03-08 07:30 +00:00", "03-09 06:30 +00:00"}},
		{"durations ignore it", newYork, "03-08 01:30 -05:00", gocron.DurationJob(time.Hour), skip, []string{"03-08 03:30 -04:00", "03-08 04:30 -04:00"}},
	})
}

func TestTimeDSTOverlap(t *testing.T) {
	const newYork, berlin, lordHowe = "America/New_York", "Europe/Berlin", "Australia/Lord_Howe"
	zoned := "CRON_TZ=America/New_York "
	testDSTNights(t, []dstNight{
		{"@every fires in real time", newYork, "11-01 00:30 -04:00", gocron.CronJob("@every 1h", false), nil,
			[]string{"11-01 01:30 -04:00", "11-01 01:30 -05:00", "11-01 02:30 -05:00"}},
		{"every hour fires in real time", newYork, "11-01 00:30 -04:00", gocron.CronJob("0 * * * *", false), nil,
			[]string{"11-01 01:00 -04:00", "11-01 01:00 -05:00", "11-01 02:00 -05:00"}},
		{"every hour, spelled out", berlin, "10-25 01:30 +02:00", gocron.CronJob("0 0-23 * * *", false), nil,
			[]string{"10-25 02:00 +02:00", "10-25 02:00 +01:00", "10-25 03:00 +01:00"}},
		{"every half hour, Lord Howe", lordHowe, "04-05 01:00 +11:00", gocron.CronJob("*/15 */1 * * *", false), nil,
			[]string{"04-05 01:15 +11:00", "04-05 01:30 +11:00", "04-05 01:45 +11:00", "04-05 01:30 +10:30", "04-05 01:45 +10:30", "04-05 02:00 +10:30"}},
		{"every hour with CRON_TZ", "UTC", "11-01 04:30 +00:00", gocron.CronJob(zoned+"0 * * * *", false), nil,
			[]string{"11-01 05:00 +00:00", "11-01 06:00 +00:00", "11-01 07:00 +00:00"}},
		{"a minute field of a star fires in real time", newYork, "11-01 00:30 -04:00", gocron.CronJob("*/30 1 * * *", false), nil,
			[]string{"11-01 01:00 -04:00", "11-01 01:30 -04:00", "11-01 01:00 -05:00", "11-01 01:30 -05:00", "11-02 01:00 -05:00"}},
		{"a minute field of a star, Lord Howe", lordHowe, "04-05 01:00 +11:00", gocron.CronJob("*/20 1 * * *", false), nil,
			[]string{"04-05 01:20 +11:00", "04-05 01:40 +11:00", "04-05 01:40 +10:30", "04-06 01:00 +10:30"}},
		{"a minute field of a star with CRON_TZ", "UTC", "11-01 04:30 +00:00", gocron.CronJob(zoned+"*/60 1 * * *", false), nil,
			[]string{"11-01 05:00 +00:00", "11-01 06:00 +00:00", "11-02 06:00 +00:00"}},
		{"the same minutes, spelled out, are wall times", newYork, "11-01 00:30 -04:00", gocron.CronJob("0,30 1 * * *", false), nil,
			[]string{"11-01 01:00 -04:00", "11-01 01:30 -04:00", "11-02 01:00 -05:00"}},
		{"a star within a list is a wall time", newYork, "11-01 01:58 -04:00", gocron.CronJob("*/59,30 1 * * *", false), nil,
			[]string{"11-01 01:59 -04:00", "11-02 01:00 -05:00"}},
		{"one hour missing is a wall time", newYork, "11-01 00:30 -04:00", gocron.CronJob("0 0-22 * * *", false), nil,
			[]string{"11-01 01:00 -04:00", "11-01 02:00 -05:00"}},
		{"cron wall time fires the first time", newYork, "10-31 12:00 -04:00", gocron.CronJob("30 1 * * *", false), nil,
			[]string{"11-01 01:30 -04:00", "11-02 01:30 -05:00"}},
		{"cron started between the two", newYork, "11-01 01:10 -05:00", gocron.CronJob("30 1 * * *", false), nil,
			[]string{"11-02 01:30 -05:00"}},
		{"cron wall time with CRON_TZ", "UTC", "11-01 04:30 +00:00", gocron.CronJob(zoned+"30 1 * * *", false), nil,
			[]string{"11-01 05:30 +00:00", "11-02 06:30 +00:00"}},
		{"CRON_TZ started between the two", "UTC", "11-01 06:10 +00:00", gocron.CronJob(zoned+"30 1 * * *", false), nil,
			[]string{"11-02 06:30 +00:00"}},
		{"daily fires the first time", berlin, "10-24 12:00 +02:00", gocron.DailyJob(1, rig.AtClock(2, 30)), nil,
			[]string{"10-25 02:30 +02:00", "10-26 02:30 +01:00"}},
		{"daily started between the two", berlin, "10-25 02:10 +01:00", gocron.DailyJob(1, rig.AtClock(2, 30)), nil,
			[]string{"10-26 02:30 +01:00"}},
		{"weekly fires the first time", newYork, "10-31 12:00 -04:00", gocron.WeeklyJob(1, gocron.NewWeekdays(time.Sunday), rig.AtClock(1, 30)), nil,
			[]string{"11-01 01:30 -04:00", "11-08 01:30 -05:00"}},
		{"monthly fires the first time", newYork, "10-31 12:00 -04:00", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1), rig.AtClock(1, 30)), nil,
			[]string{"11-01 01:30 -04:00", "12-01 01:30 -05:00"}},
	})
}

func TestTimeDSTChangesAtMidnightKeepWallTime(t *testing.T) {
	const santiago, havana, cairo = "America/Santiago", "America/Havana", "Africa/Cairo"
	testDSTNights(t, []dstNight{
		{"Santiago forward, ten o'clock", santiago, "09-05 12:00 -04:00", gocron.DailyJob(1, rig.AtClock(10, 0)), nil,
			[]string{"09-06 10:00 -03:00", "09-07 10:00 -03:00"}},
		{"Santiago forward, midnight", santiago, "09-05 12:00 -04:00", gocron.DailyJob(1, rig.AtClock(0, 0)), nil,
			[]string{"09-06 01:00 -03:00", "09-07 00:00 -03:00"}},
		{"Santiago forward, weekly", santiago, "09-05 12:00 -04:00", gocron.WeeklyJob(1, gocron.NewWeekdays(time.Sunday), rig.AtClock(10, 0)), nil,
			[]string{"09-06 10:00 -03:00", "09-13 10:00 -03:00"}},
		{"Santiago forward, cron", santiago, "09-05 12:00 -04:00", gocron.CronJob("0 10 * * *", false), nil,
			[]string{"09-06 10:00 -03:00", "09-07 10:00 -03:00"}},
		{"Santiago back", santiago, "04-04 12:00 -03:00", gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(23, 30, 0), gocron.NewAtTime(10, 0, 0))), nil,
			[]string{"04-04 23:30 -03:00", "04-05 10:00 -04:00", "04-05 23:30 -04:00"}},
		{"Havana forward", havana, "03-07 12:00 -05:00", gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(0, 30, 0), gocron.NewAtTime(10, 0, 0))), nil,
			[]string{"03-08 01:30 -04:00", "03-08 10:00 -04:00", "03-09 00:30 -04:00"}},
		{"Havana back", havana, "10-31 12:00 -04:00", gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(0, 30, 0), gocron.NewAtTime(10, 0, 0))), nil,
			[]string{"11-01 00:30 -04:00", "11-01 10:00 -05:00", "11-02 00:30 -05:00"}},
		{"Cairo forward", cairo, "04-23 12:00 +02:00", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(24), gocron.NewAtTimes(gocron.NewAtTime(0, 30, 0), gocron.NewAtTime(10, 0, 0))), nil,
			[]string{"04-24 01:30 +03:00", "04-24 10:00 +03:00", "05-24 00:30 +03:00"}},
		{"Cairo back", cairo, "10-29 12:00 +03:00", gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(23, 30, 0), gocron.NewAtTime(0, 0, 0))), nil,
			[]string{"10-29 23:30 +03:00", "10-30 00:00 +02:00", "10-30 23:30 +02:00"}},
	})
}

func TestTimeDSTRulesFollowTheLocationOfTheStart(t *testing.T) {
	newYork := loadZone(t, "America/New_York")
	r := rig.NewAt(t, time.Date(2026, 3, 7, 12, 0, 0, 0, time.UTC))
	start := gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2026, 3, 1, 0, 0, 0, 0, newYork)))
	daily := r.Job(gocron.DailyJob(1, rig.AtClock(2, 30)), func() {}, start)
	cron := r.Job(gocron.CronJob("30 2 * * *", false), func() {}, start)
	r.Start()
	require.Equal(t, "2026-03-08 03:30 -04:00", rig.NextOf(t, daily).Format(dstLayout))
	require.Equal(t, "2026-03-08 02:30 +00:00", rig.NextOf(t, cron).Format(dstLayout), "a crontab is read in the scheduler's zone")
}

// hourly is a user's Cron in real time.
type hourly struct{}

func (hourly) IsValid(string, *time.Location, time.Time) error { return nil }
func (hourly) Next(t time.Time) time.Time                      { return t.Add(time.Hour) }

func TestTimeDSTUsersCronIsNotFiltered(t *testing.T) {
	newYork := loadZone(t, "America/New_York")
	r := rig.NewAt(t, dstTime(t, newYork, "11-01 00:30 -04:00"))
	_, log := r.Logged(gocron.CronJob("30 1 * * *", false), gocron.WithCronImplementation(hourly{}))
	r.Start()
	r.Walk(3 * time.Hour)
	var happened []string
	for _, at := range log.All() {
		happened = append(happened, at.In(newYork).Format(dstLayout)[5:])
	}
	require.Equal(t, []string{"11-01 01:30 -04:00", "11-01 01:30 -05:00", "11-01 02:30 -05:00"}, happened)
}

func TestTimeAnyLocationWorks(t *testing.T) {
	for _, zone := range []*time.Location{
		time.FixedZone("", 5*3600+45*60), time.FixedZone("no such name", -13*3600),
		time.FixedZone("seconds", 12345), loadZone(t, "Asia/Kathmandu"), time.UTC, time.Local,
	} {
		r := rig.NewAt(t, time.Date(2026, 3, 10, 8, 0, 0, 0, zone))
		for _, definition := range []gocron.JobDefinition{
			gocron.DailyJob(1, rig.AtClock(10, 30)), gocron.CronJob("30 10 * * *", false),
			gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(10), rig.AtClock(10, 30)), gocron.WeeklyJob(1, gocron.NewWeekdays(time.Tuesday), rig.AtClock(10, 30)),
		} {
			j, log := r.Logged(definition)
			r.Start()
			require.True(t, rig.NextOf(t, j).Equal(time.Date(2026, 3, 10, 10, 30, 0, 0, zone)), zone)
			require.Equal(t, "10:30", rig.NextOf(t, j).Format("15:04"), zone)
			require.Zero(t, log.Len())
		}
	}
}
