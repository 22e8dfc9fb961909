package schedules_test

import (
	"math"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

func TestDefinitions_refused(t *testing.T) {
	past := instant(t, "00:00:00")
	monday, first := gocron.NewWeekdays(time.Monday), gocron.NewDaysOfTheMonth(1)
	listOf := func(list ...gocron.AtTime) gocron.AtTimes { return func() []gocron.AtTime { return list } }
	for _, x := range []struct {
		name       string
		definition gocron.JobDefinition
		err        error
	}{
		{"daily, no times", gocron.DailyJob(1, nil), gocron.ErrDailyJobAtTimesNil},
		{"daily, no times before no interval", gocron.DailyJob(0, nil), gocron.ErrDailyJobAtTimesNil},
		{"daily, nil time", gocron.DailyJob(1, gocron.NewAtTimes(nil)), gocron.ErrDailyJobAtTimeNil},
		{"daily, nil time later", gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(1, 0, 0), nil)), gocron.ErrDailyJobAtTimeNil},
		{"daily, nil time of a user's list", gocron.DailyJob(1, listOf(nil)), gocron.ErrDailyJobAtTimeNil},
		{"daily, hours", gocron.DailyJob(1, at(24, 0, 0)), gocron.ErrDailyJobHours},
		{"daily, huge hours", gocron.DailyJob(1, at(math.MaxUint, 0, 0)), gocron.ErrDailyJobHours},
		{"daily, hours before interval", gocron.DailyJob(0, at(24, 0, 0)), gocron.ErrDailyJobHours},
		{"daily, hours before minutes", gocron.DailyJob(1, at(24, 60, 60)), gocron.ErrDailyJobHours},
		{"daily, first wrong time", gocron.DailyJob(1, at(0, 60, 0, 24, 0, 0)), gocron.ErrDailyJobMinutesSeconds},
		{"daily, minutes", gocron.DailyJob(1, at(0, 60, 0)), gocron.ErrDailyJobMinutesSeconds},
		{"daily, seconds", gocron.DailyJob(1, at(0, 0, 60)), gocron.ErrDailyJobMinutesSeconds},
		{"daily, interval", gocron.DailyJob(0, at(0, 0, 0)), gocron.ErrDailyJobZeroInterval},

		{"weekly, interval first", gocron.WeeklyJob(0, nil, nil), gocron.ErrWeeklyJobZeroInterval},
		{"weekly, days second", gocron.WeeklyJob(1, nil, nil), gocron.ErrWeeklyJobDaysOfTheWeekNil},
		{"weekly, days before times", gocron.WeeklyJob(1, nil, at(24, 0, 0)), gocron.ErrWeeklyJobDaysOfTheWeekNil},
		{"weekly, no times", gocron.WeeklyJob(1, monday, nil), gocron.ErrWeeklyJobAtTimesNil},
		{"weekly, nil time", gocron.WeeklyJob(1, monday, gocron.NewAtTimes(nil)), gocron.ErrWeeklyJobAtTimeNil},
		{"weekly, hours", gocron.WeeklyJob(1, monday, at(24, 0, 0)), gocron.ErrWeeklyJobHours},
		{"weekly, minutes", gocron.WeeklyJob(1, monday, at(0, 60, 0)), gocron.ErrWeeklyJobMinutesSeconds},
		{"weekly, seconds", gocron.WeeklyJob(1, monday, at(0, 0, 60)), gocron.ErrWeeklyJobMinutesSeconds},

		{"monthly, interval first", gocron.MonthlyJob(0, gocron.NewDaysOfTheMonth(32), nil), gocron.ErrMonthlyJobZeroInterval},
		{"monthly, days second", gocron.MonthlyJob(1, nil, at(24, 0, 0)), gocron.ErrMonthlyJobDaysNil},
		{"monthly, wrong days third", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(32), nil), gocron.ErrMonthlyJobDays},
		{"monthly, day 0", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1, 0), at(0, 0, 0)), gocron.ErrMonthlyJobDays},
		{"monthly, day -32", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(-32), at(0, 0, 0)), gocron.ErrMonthlyJobDays},
		{"monthly, huge day", gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(math.MinInt), at(0, 0, 0)), gocron.ErrMonthlyJobDays},
		{"monthly, no times", gocron.MonthlyJob(1, first, nil), gocron.ErrMonthlyJobAtTimesNil},
		{"monthly, nil time", gocron.MonthlyJob(1, first, gocron.NewAtTimes(nil)), gocron.ErrMonthlyJobAtTimeNil},
		{"monthly, hours", gocron.MonthlyJob(1, first, at(24, 0, 0)), gocron.ErrMonthlyJobHours},
		{"monthly, minutes", gocron.MonthlyJob(1, first, at(0, 60, 0)), gocron.ErrMonthlyJobMinutesSeconds},
		{"monthly, seconds", gocron.MonthlyJob(1, first, at(0, 0, 60)), gocron.ErrMonthlyJobMinutesSeconds},

		{"duration, zero", gocron.DurationJob(0), gocron.ErrDurationJobIntervalZero},
		{"duration, negative", gocron.DurationJob(-1), gocron.ErrDurationJobIntervalNegative},
		{"random, equal", gocron.DurationRandomJob(5, 5), gocron.ErrDurationRandomJobMinMax},
		{"random, zero", gocron.DurationRandomJob(0, 0), gocron.ErrDurationRandomJobMinMax},
		{"random, wrong order", gocron.DurationRandomJob(5, -4), gocron.ErrDurationRandomJobMinMax},
		{"random, zero minimum", gocron.DurationRandomJob(0, 4), gocron.ErrDurationRandomJobPositive},
		{"random, negative minimum", gocron.DurationRandomJob(-5, 4), gocron.ErrDurationRandomJobPositive},

		{"one-time, no option", gocron.OneTimeJob(nil), gocron.ErrOneTimeJobStartAtNil},
		{"one-time, no times", gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes()), gocron.ErrOneTimeJobStartDateTimePast},
		{"one-time, zero time", gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Time{})), gocron.ErrOneTimeJobStartDateTimePast},
		{"one-time, now", gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(past)), gocron.ErrOneTimeJobStartDateTimePast},
	} {
		times, err := gocron.Preview(x.definition, past, 1)
		require.ErrorIs(t, err, x.err, x.name)
		require.Nil(t, times, x.name)
	}
}

// none is a function of a definition, of whose types some have no name here.
func none[T any]() (nothing T) { return nothing }

// Functions of the user's that return nothing make a definition that never runs.
func TestDefinitions_neverRun(t *testing.T) {
	april := instant(t, "2026-04-02T00:00:00Z")
	for _, d := range []gocron.JobDefinition{
		gocron.DailyJob(1, none),
		gocron.WeeklyJob(1, none, at(1, 0, 0)),
		gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday), none),
		gocron.MonthlyJob(1, none, at(1, 0, 0)),
		gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1), none),
		gocron.MonthlyJob(12, gocron.NewDaysOfTheMonth(31), at(1, 0, 0)),
		gocron.MonthlyJob(48, gocron.NewDaysOfTheMonth(-31), at(1, 0, 0)),
		gocron.MonthlyWeekdayJob(1, none, at(1, 0, 0)),
		gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Monday), none),
		gocron.MonthlyWeekdayJob(4800, gocron.NewNthWeekdays(5, time.Monday), at(1, 0, 0)),
	} {
		_, err := gocron.Preview(d, april, 1)
		require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
	}
}

// counted is f, and counts its calls.
func counted[T any](calls *int, f func() T) func() T {
	return func() T { *calls++; return f() }
}

func TestDefinitions_callUserFunctionsOnce(t *testing.T) {
	var times, lists, weekdays, days, nths int
	oneTime := gocron.AtTime(counted(&times, gocron.NewAtTime(1, 0, 0)))
	list := gocron.AtTimes(counted(&lists, gocron.NewAtTimes(oneTime)))
	for _, d := range []gocron.JobDefinition{
		gocron.DailyJob(1, list), gocron.WeeklyJob(1, counted(&weekdays, gocron.NewWeekdays(time.Monday)), list),
		gocron.MonthlyJob(1, counted(&days, gocron.NewDaysOfTheMonth(1)), list),
		gocron.MonthlyWeekdayJob(1, counted(&nths, gocron.NewNthWeekdays(1, time.Monday)), list),
	} {
		p, err := planFrom(t, instant(t, "01:00:00"), d)
		require.NoError(t, err)
		p.next(instant(t, "02:00:00"))
		p.job.Schedule()
	}
	require.Equal(t, []int{4, 4, 1, 1, 1}, []int{times, lists, weekdays, days, nths})
}
