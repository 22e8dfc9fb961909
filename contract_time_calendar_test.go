package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func calendarDay(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

// Every case is checked against what NextRuns says and against the runs that
// then happen.
func TestTimeCalendarIntervals(t *testing.T) {
	twice := NewAtTimes(NewAtTime(18, 0, 0), NewAtTime(1, 0, 0))
	start := WithStartAt(WithStartDateTime(calendarDay(3, 11, 12)))
	for _, tt := range []struct {
		name       string
		definition JobDefinition
		option     JobOption
		want       []time.Time
	}{
		{"daily: what is left of today, then every third day", DailyJob(3, twice), WithTags(),
			[]time.Time{calendarDay(3, 10, 18), calendarDay(3, 13, 1), calendarDay(3, 13, 18), calendarDay(3, 16, 1)}},
		{"daily: nothing left of today", DailyJob(3, NewAtTimes(NewAtTime(1, 0, 0))), WithTags(),
			[]time.Time{calendarDay(3, 13, 1), calendarDay(3, 16, 1)}},
		{"daily: an at-time equal to now is over", DailyJob(2, NewAtTimes(NewAtTime(12, 0, 0))), WithTags(),
			[]time.Time{calendarDay(3, 12, 12), calendarDay(3, 14, 12)}},
		{"daily: the day of the start time counts first", DailyJob(3, twice), start,
			[]time.Time{calendarDay(3, 11, 12), calendarDay(3, 11, 18), calendarDay(3, 14, 1), calendarDay(3, 14, 18)}},
		{"weekly: what is left of this week, then every second", WeeklyJob(2, NewWeekdays(time.Saturday, time.Monday, time.Tuesday), twice), WithTags(),
			[]time.Time{calendarDay(3, 10, 18), calendarDay(3, 14, 1), calendarDay(3, 14, 18), calendarDay(3, 23, 1), calendarDay(3, 23, 18), calendarDay(3, 24, 1)}},
		{"weekly: weeks begin on Sunday", WeeklyJob(2, NewWeekdays(time.Sunday), twice), WithTags(),
			[]time.Time{calendarDay(3, 22, 1), calendarDay(3, 22, 18), calendarDay(4, 5, 1)}},
		{"weekly: the week of the start time counts first", WeeklyJob(3, NewWeekdays(time.Wednesday), twice), start,
			[]time.Time{calendarDay(3, 11, 12), calendarDay(3, 11, 18), calendarDay(4, 1, 1), calendarDay(4, 1, 18)}},
		{"monthly: what is left of this month, then every second", MonthlyJob(2, NewDaysOfTheMonth(1, 20, -1), twice), WithTags(),
			[]time.Time{calendarDay(3, 20, 1), calendarDay(3, 20, 18), calendarDay(3, 31, 1), calendarDay(3, 31, 18), calendarDay(5, 1, 1)}},
		{"monthly: nothing left of this month", MonthlyJob(3, NewDaysOfTheMonth(2), twice), WithTags(),
			[]time.Time{calendarDay(6, 2, 1), calendarDay(6, 2, 18), calendarDay(9, 2, 1)}},
		{"monthly: the month of the start time counts first", MonthlyJob(2, NewDaysOfTheMonth(11), twice), start,
			[]time.Time{calendarDay(3, 11, 12), calendarDay(3, 11, 18), calendarDay(5, 11, 1)}},
		{"monthly: days from the end", MonthlyJob(1, NewDaysOfTheMonth(-1, -30), NewAtTimes(NewAtTime(0, 0, 0))), WithTags(),
			[]time.Time{calendarDay(3, 31, 0), calendarDay(4, 1, 0), calendarDay(4, 30, 0), calendarDay(5, 2, 0), calendarDay(5, 31, 0)}},
		{"monthly: months without the day are skipped", MonthlyJob(1, NewDaysOfTheMonth(31), NewAtTimes(NewAtTime(0, 0, 0))), WithTags(),
			[]time.Time{calendarDay(3, 31, 0), calendarDay(5, 31, 0), calendarDay(7, 31, 0), calendarDay(8, 31, 0), calendarDay(10, 31, 0)}},
		{"monthly: February has no 30th, nor a 31st day from the end", MonthlyJob(11, NewDaysOfTheMonth(30, -31), NewAtTimes(NewAtTime(0, 0, 0))), WithTags(),
			[]time.Time{calendarDay(3, 30, 0), calendarDay(22+3, 1, 0), calendarDay(22+3, 30, 0)}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t)
			j, log := r.logged(tt.definition, tt.option)
			r.start()
			announced := nextsOf(t, j, len(tt.want))
			requireInstants(t, tt.want, announced)
			r.walk(tt.want[len(tt.want)-1].Sub(rigNow))
			requireInstants(t, tt.want, log.all())
		})
	}
}

func TestTimeNextRunsOfEveryKindAgreeWithTheRunsThatHappen(t *testing.T) {
	for name, definition := range everyKind() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			j, log := r.logged(definition)
			r.start()
			announced := nextsOf(t, j, 4)
			require.NotEmpty(t, announced)
			for i := range announced {
				require.Equal(t, announced[i], nextOf(t, j))
				requireInstants(t, announced[i:], nextsOf(t, j, 4)[:len(announced)-i])
				r.advance(announced[i].Sub(r.clock.Now()))
			}
			requireInstants(t, announced, log.all())
		})
	}
}

func TestTimeRandomDrawsStayWithinTheirBounds(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationRandomJob(time.Second, time.Minute))
	r.start()
	r.walk(time.Hour)
	runs := append([]time.Time{rigNow}, log.all()...)
	require.Greater(t, len(runs), 60)
	gaps := map[time.Duration]bool{}
	for i := 1; i < len(runs); i++ {
		gap := runs[i].Sub(runs[i-1])
		require.GreaterOrEqual(t, gap, time.Second)
		require.Less(t, gap, time.Minute)
		gaps[gap] = true
	}
	require.Greater(t, len(gaps), 30, "each run draws anew")
	require.Len(t, nextsOf(t, j, 5), 5)
}

func TestTimeRandomDrawsAnewAfterARestart(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationRandomJob(time.Hour, 1000*time.Hour), func() {})
	r.start()
	before := nextOf(t, j)
	r.stop()
	r.advance(time.Second)
	r.start()
	after := nextOf(t, j)
	require.False(t, after.Before(rigNow.Add(time.Hour+time.Second)))
	require.NotEqual(t, before, after)
	require.NotEqual(t, before.Sub(rigNow), after.Sub(rigNow.Add(time.Second)), "the draw is another")
}

func TestTimeTwoRandomJobsDrawApart(t *testing.T) {
	r := newRig(t)
	definition := DurationRandomJob(time.Hour, 1000*time.Hour)
	one, other := r.job(definition, func() {}), r.job(definition, func() {})
	r.start()
	require.NotEqual(t, nextOf(t, one), nextOf(t, other))
}

func TestTimeRestartKeepsPhases(t *testing.T) {
	noon := NewAtTimes(NewAtTime(12, 0, 0))
	for name, tt := range map[string]struct {
		definition JobDefinition
		options    []JobOption
		pause      time.Duration
		want       time.Time
	}{
		"duration":          {DurationJob(time.Hour), nil, 90 * time.Minute, rigNow.Add(2 * time.Hour)},
		"every":             {CronJob("@every 7m", false), nil, 20 * time.Minute, rigNow.Add(21 * time.Minute)},
		"start time passed": {DurationJob(time.Hour), []JobOption{WithStartAt(WithStartDateTime(rigNow.Add(5 * time.Minute)))}, 90 * time.Minute, rigNow.Add(125 * time.Minute)},
		"start time ahead":  {DurationJob(time.Hour), []JobOption{WithStartAt(WithStartDateTime(rigNow.Add(5 * time.Hour)))}, 90 * time.Minute, rigNow.Add(5 * time.Hour)},
		"daily 3":           {DailyJob(3, noon), nil, 100 * time.Hour, calendarDay(3, 16, 12)},
		"weekly 2":          {WeeklyJob(2, NewWeekdays(time.Tuesday), noon), nil, 8 * 24 * time.Hour, calendarDay(3, 24, 12)},
		"monthly 2":         {MonthlyJob(2, NewDaysOfTheMonth(10), noon), nil, 40 * 24 * time.Hour, calendarDay(5, 10, 12)},
		"monthly 2 later":   {MonthlyJob(2, NewDaysOfTheMonth(10), noon), nil, 62 * 24 * time.Hour, calendarDay(7, 10, 12)},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			j, log := r.logged(tt.definition, tt.options...)
			r.start()
			r.stop()
			noNextRun(t, j)
			r.advance(tt.pause)
			require.Zero(t, log.len())
			r.start()
			requireInstants(t, []time.Time{tt.want}, nextsOf(t, j, 1))
			require.Zero(t, log.len())
			r.advance(tt.want.Sub(r.clock.Now()))
			requireInstants(t, []time.Time{tt.want}, log.all())
		})
	}
}

// An occurrence at the very moment of a later Start is due, unless it was handed over before.
func TestTimeRestartAtTheVeryMomentOfAnOccurrence(t *testing.T) {
	for name, definition := range map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"every":    CronJob("@every 1h", false),
		"crontab":  CronJob("0 * * * *", false),
		"daily":    DailyJob(1, NewAtTimes(NewAtTime(11, 0, 0), NewAtTime(13, 0, 0))),
		"one-time": OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 3*time.Hour)...)),
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			_, log := r.logged(definition)
			r.start()
			due := nextsOf(t, r.s.Jobs()[0], 1)[0]
			r.stop()
			r.advance(due.Sub(r.clock.Now()))
			r.start()
			r.settle()
			requireInstants(t, []time.Time{due}, log.all())
			r.stop()
			r.start()
			r.settle()
			require.Equal(t, 1, log.len(), "it was handed over before")
		})
	}
}

func TestTimeRestartBeginsANewPhaseOfAStartImmediatelyJob(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationJob(time.Hour), WithStartAt(WithStartImmediately()))
	r.start()
	r.stop()
	r.advance(10 * time.Minute)
	r.start()
	requireInstants(t, rigAt(0, 10*time.Minute), log.all())
	requireInstants(t, rigAt(70*time.Minute), nextsOf(t, j, 1))
}
