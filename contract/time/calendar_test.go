package time_test

import (
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func calendarDay(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

// Every case is checked against what NextRuns says and against the runs that
// then happen.
func TestTimeCalendarIntervals(t *testing.T) {
	twice := gocron.NewAtTimes(gocron.NewAtTime(18, 0, 0), gocron.NewAtTime(1, 0, 0))
	start := gocron.WithStartAt(gocron.WithStartDateTime(calendarDay(3, 11, 12)))
	for _, tt := range []struct {
		name       string
		definition gocron.JobDefinition
		option     gocron.JobOption
		want       []time.Time
	}{
		{"daily: what is left of today, then every third day", gocron.DailyJob(3, twice), gocron.WithTags(),
			[]time.Time{calendarDay(3, 10, 18), calendarDay(3, 13, 1), calendarDay(3, 13, 18), calendarDay(3, 16, 1)}},
		{"daily: nothing left of today", gocron.DailyJob(3, gocron.NewAtTimes(gocron.NewAtTime(1, 0, 0))), gocron.WithTags(),
			[]time.Time{calendarDay(3, 13, 1), calendarDay(3, 16, 1)}},
		{"daily: an at-time equal to now is over", gocron.DailyJob(2, gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))), gocron.WithTags(),
			[]time.Time{calendarDay(3, 12, 12), calendarDay(3, 14, 12)}},
		{"daily: the day of the start time counts first", gocron.DailyJob(3, twice), start,
			[]time.Time{calendarDay(3, 11, 12), calendarDay(3, 11, 18), calendarDay(3, 14, 1), calendarDay(3, 14, 18)}},
		{"weekly: what is left of this week, then every second", gocron.WeeklyJob(2, gocron.NewWeekdays(time.Saturday, time.Monday, time.Tuesday), twice), gocron.WithTags(),
			[]time.Time{calendarDay(3, 10, 18), calendarDay(3, 14, 1), calendarDay(3, 14, 18), calendarDay(3, 23, 1), calendarDay(3, 23, 18), calendarDay(3, 24, 1)}},
		{"weekly: weeks begin on Sunday", gocron.WeeklyJob(2, gocron.NewWeekdays(time.Sunday), twice), gocron.WithTags(),
			[]time.Time{calendarDay(3, 22, 1), calendarDay(3, 22, 18), calendarDay(4, 5, 1)}},
		{"weekly: the week of the start time counts first", gocron.WeeklyJob(3, gocron.NewWeekdays(time.Wednesday), twice), start,
			[]time.Time{calendarDay(3, 11, 12), calendarDay(3, 11, 18), calendarDay(4, 1, 1), calendarDay(4, 1, 18)}},
		{"monthly: what is left of this month, then every second", gocron.MonthlyJob(2, gocron.NewDaysOfTheMonth(1, 20, -1), twice), gocron.WithTags(),
			[]time.Time{calendarDay(3, 20, 1), calendarDay(3, 20, 18), calendarDay(3, 31, 1), calendarDay(3, 31, 18), calendarDay(5, 1, 1)}},
		{"monthly: nothing left of this month", gocron.MonthlyJob(3, gocron.NewDaysOfTheMonth(2), twice), gocron.WithTags(),
			[]time.Time{calendarDay(6, 2, 1), calendarDay(6, 2, 18), calendarDay(9, 2, 1)}},
		{"monthly: the month of the start time counts first", gocron.MonthlyJob(2, gocron.NewDaysOfTheMonth(11), twice), start,
			[]time.Time{calendarDay(3, 11, 12), calendarDay(3, 11, 18), calendarDay(5, 11, 1)}},
		{"monthly: days from the end", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(-1, -30), gocron.NewAtTimes(gocron.NewAtTime(0, 0, 0))), gocron.WithTags(),
			[]time.Time{calendarDay(3, 31, 0), calendarDay(4, 1, 0), calendarDay(4, 30, 0), calendarDay(5, 2, 0), calendarDay(5, 31, 0)}},
		{"monthly: months without the day are skipped", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(31), gocron.NewAtTimes(gocron.NewAtTime(0, 0, 0))), gocron.WithTags(),
			[]time.Time{calendarDay(3, 31, 0), calendarDay(5, 31, 0), calendarDay(7, 31, 0), calendarDay(8, 31, 0), calendarDay(10, 31, 0)}},
		{"monthly: February has no 30th, nor a 31st day from the end", gocron.MonthlyJob(11, gocron.NewDaysOfTheMonth(30, -31), gocron.NewAtTimes(gocron.NewAtTime(0, 0, 0))), gocron.WithTags(),
			[]time.Time{calendarDay(3, 30, 0), calendarDay(22+3, 1, 0), calendarDay(22+3, 30, 0)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := rig.New(t)
			j, log := r.Logged(tt.definition, tt.option)
			r.Start()
			announced := rig.NextsOf(t, j, len(tt.want))
			rig.RequireInstants(t, tt.want, announced)
			r.Walk(tt.want[len(tt.want)-1].Sub(rig.Now))
			rig.RequireInstants(t, tt.want, log.All())
		})
	}
}

func TestTimeNextRunsOfEveryKindAgreeWithTheRunsThatHappen(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			j, log := r.Logged(definition)
			r.Start()
			announced := rig.NextsOf(t, j, 4)
			require.NotEmpty(t, announced)
			for i := range announced {
				require.Equal(t, announced[i], rig.NextOf(t, j))
				rig.RequireInstants(t, announced[i:], rig.NextsOf(t, j, 4)[:len(announced)-i])
				r.Advance(announced[i].Sub(r.Clock.Now()))
			}
			rig.RequireInstants(t, announced, log.All())
		})
	}
}

func TestTimeRandomDrawsStayWithinTheirBounds(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationRandomJob(time.Second, time.Minute))
	r.Start()
	r.Walk(time.Hour)
	runs := append([]time.Time{rig.Now}, log.All()...)
	require.Greater(t, len(runs), 60)
	gaps := map[time.Duration]bool{}
	for i := 1; i < len(runs); i++ {
		gap := runs[i].Sub(runs[i-1])
		require.GreaterOrEqual(t, gap, time.Second)
		require.Less(t, gap, time.Minute)
		gaps[gap] = true
	}
	require.Greater(t, len(gaps), 30, "each run draws anew")
	require.Len(t, rig.NextsOf(t, j, 5), 5)
}

func TestTimeRandomDrawsAnewAfterARestart(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationRandomJob(time.Hour, 1000*time.Hour), func() {})
	r.Start()
	before := rig.NextOf(t, j)
	r.Stop()
	r.Advance(time.Second)
	r.Start()
	after := rig.NextOf(t, j)
	require.False(t, after.Before(rig.Now.Add(time.Hour+time.Second)))
	require.NotEqual(t, before, after)
	require.NotEqual(t, before.Sub(rig.Now), after.Sub(rig.Now.Add(time.Second)), "the draw is another")
}

func TestTimeTwoRandomJobsDrawApart(t *testing.T) {
	r := rig.New(t)
	definition := gocron.DurationRandomJob(time.Hour, 1000*time.Hour)
	one, other := r.Job(definition, func() {}), r.Job(definition, func() {})
	r.Start()
	require.NotEqual(t, rig.NextOf(t, one), rig.NextOf(t, other))
}

func TestTimeRestartKeepsPhases(t *testing.T) {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	for name, tt := range map[string]struct {
		definition gocron.JobDefinition
		options    []gocron.JobOption
		pause      time.Duration
		want       time.Time
	}{
		"duration":          {gocron.DurationJob(time.Hour), nil, 90 * time.Minute, rig.Now.Add(2 * time.Hour)},
		"every":             {gocron.CronJob("@every 7m", false), nil, 20 * time.Minute, rig.Now.Add(21 * time.Minute)},
		"start time passed": {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(5 * time.Minute)))}, 90 * time.Minute, rig.Now.Add(125 * time.Minute)},
		"start time ahead":  {gocron.DurationJob(time.Hour), []gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(5 * time.Hour)))}, 90 * time.Minute, rig.Now.Add(5 * time.Hour)},
		"daily 3":           {gocron.DailyJob(3, noon), nil, 100 * time.Hour, calendarDay(3, 16, 12)},
		"weekly 2":          {gocron.WeeklyJob(2, gocron.NewWeekdays(time.Tuesday), noon), nil, 8 * 24 * time.Hour, calendarDay(3, 24, 12)},
		"monthly 2":         {gocron.MonthlyJob(2, gocron.NewDaysOfTheMonth(10), noon), nil, 40 * 24 * time.Hour, calendarDay(5, 10, 12)},
		"monthly 2 later":   {gocron.MonthlyJob(2, gocron.NewDaysOfTheMonth(10), noon), nil, 62 * 24 * time.Hour, calendarDay(7, 10, 12)},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			j, log := r.Logged(tt.definition, tt.options...)
			r.Start()
			r.Stop()
			rig.NoNextRun(t, j)
			r.Advance(tt.pause)
			require.Zero(t, log.Len())
			r.Start()
			rig.RequireInstants(t, []time.Time{tt.want}, rig.NextsOf(t, j, 1))
			require.Zero(t, log.Len())
			r.Advance(tt.want.Sub(r.Clock.Now()))
			rig.RequireInstants(t, []time.Time{tt.want}, log.All())
		})
	}
}

// An occurrence at the very moment of a later Start is due, unless it was handed over before.
func TestTimeRestartAtTheVeryMomentOfAnOccurrence(t *testing.T) {
	for name, definition := range map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(time.Hour),
		"every":    gocron.CronJob("@every 1h", false),
		"crontab":  gocron.CronJob("0 * * * *", false),
		"daily":    gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(11, 0, 0), gocron.NewAtTime(13, 0, 0))),
		"one-time": gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 3*time.Hour)...)),
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			_, log := r.Logged(definition)
			r.Start()
			due := rig.NextsOf(t, r.Scheduler.Jobs()[0], 1)[0]
			r.Stop()
			r.Advance(due.Sub(r.Clock.Now()))
			r.Start()
			r.Settle()
			rig.RequireInstants(t, []time.Time{due}, log.All())
			r.Stop()
			r.Start()
			r.Settle()
			require.Equal(t, 1, log.Len(), "it was handed over before")
		})
	}
}

func TestTimeRestartBeginsANewPhaseOfAStartImmediatelyJob(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithStartAt(gocron.WithStartImmediately()))
	r.Start()
	r.Stop()
	r.Advance(10 * time.Minute)
	r.Start()
	rig.RequireInstants(t, rig.At(0, 10*time.Minute), log.All())
	rig.RequireInstants(t, rig.At(70*time.Minute), rig.NextsOf(t, j, 1))
}
