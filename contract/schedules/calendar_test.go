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

func TestCalendar(t *testing.T) {
	weekdays, monthDays := gocron.NewWeekdays, gocron.NewDaysOfTheMonth
	ten := at(10, 0, 0)
	for _, x := range []struct {
		name       string
		definition gocron.JobDefinition
		anchor     string // 2026-03-02 is a Monday
		expected   []string
	}{
		{"daily", gocron.DailyJob(1, at(10, 0, 0, 9, 30, 5)), "09:30:05", []string{"10:00:00", "2026-03-03T09:30:05Z"}},
		{"daily, a time named twice", gocron.DailyJob(1, at(10, 0, 0, 10, 0, 0)), "09:00:00", []string{"10:00:00", "2026-03-03T10:00:00Z"}},
		{"daily, midnight", gocron.DailyJob(1, at(0, 0, 0)), "00:00:00", []string{"2026-03-03T00:00:00Z"}},
		{"daily, between seconds", gocron.DailyJob(1, ten), "2026-03-02T09:59:59.999999999Z", []string{"10:00:00"}},
		{"every 3 days, some of today left", gocron.DailyJob(3, ten), "09:00:00", []string{"10:00:00", "2026-03-05T10:00:00Z", "2026-03-08T10:00:00Z"}},
		{"every 3 days, none of today left", gocron.DailyJob(3, ten), "10:00:00", []string{"2026-03-05T10:00:00Z"}},
		{"every so many days", gocron.DailyJob(math.MaxUint, ten), "09:00:00", []string{"10:00:00", ""}},
		{"every so many days, none of today left", gocron.DailyJob(math.MaxUint, ten), "11:00:00", []string{""}},
		{"every half as many days", gocron.DailyJob(math.MaxUint/2+1, ten), "11:00:00", []string{""}},
		{"every quarter as many days", gocron.DailyJob(math.MaxUint/4+1, ten), "11:00:00", []string{""}},
		{"every 1000 years or so", gocron.DailyJob(365243, ten), "11:00:00", []string{"3026-03-03T10:00:00Z", "4026-03-03T10:00:00Z"}},

		{"weekly", gocron.WeeklyJob(1, weekdays(5, 1), ten), "09:00:00", []string{"10:00:00", "2026-03-06T10:00:00Z", "2026-03-09T10:00:00Z"}},
		{"every 2 weeks, some of this one left", gocron.WeeklyJob(2, weekdays(1, 3, 0), ten), "11:00:00",
			[]string{"2026-03-04T10:00:00Z", "2026-03-15T10:00:00Z", "2026-03-16T10:00:00Z", "2026-03-18T10:00:00Z", "2026-03-29T10:00:00Z"}},
		{"every 2 weeks, none of this one left", gocron.WeeklyJob(2, weekdays(1), ten), "11:00:00", []string{"2026-03-16T10:00:00Z"}},
		{"every 2 weeks, from a Sunday", gocron.WeeklyJob(2, weekdays(0), ten), "2026-03-01T09:00:00Z", []string{"2026-03-01T10:00:00Z", "2026-03-15T10:00:00Z"}},
		{"every 2 weeks, from a Saturday", gocron.WeeklyJob(2, weekdays(0), ten), "2026-02-28T09:00:00Z", []string{"2026-03-08T10:00:00Z"}},
		{"weekdays go round", gocron.WeeklyJob(1, weekdays(7, 10, 13), ten), "11:00:00",
			[]string{"2026-03-04T10:00:00Z", "2026-03-07T10:00:00Z", "2026-03-08T10:00:00Z"}},
		{"every quarter as many weeks", gocron.WeeklyJob(math.MaxUint/4+1, weekdays(1), ten), "11:00:00", []string{""}},
		{"every so many weeks", gocron.WeeklyJob(math.MaxUint, weekdays(5), ten), "11:00:00", []string{"2026-03-06T10:00:00Z", ""}},

		{"monthly", gocron.MonthlyJob(1, monthDays(15, 1), ten), "11:00:00", []string{"2026-03-15T10:00:00Z", "2026-04-01T10:00:00Z", "2026-04-15T10:00:00Z"}},
		{"monthly, months without the day", gocron.MonthlyJob(1, monthDays(31), ten), "11:00:00",
			[]string{"2026-03-31T10:00:00Z", "2026-05-31T10:00:00Z", "2026-07-31T10:00:00Z", "2026-08-31T10:00:00Z"}},
		{"monthly, the last day", gocron.MonthlyJob(1, monthDays(-1), ten), "11:00:00", []string{"2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"}},
		{"monthly, from both ends", gocron.MonthlyJob(1, monthDays(28, -3), ten), "2026-02-26T10:00:00Z",
			[]string{"2026-02-28T10:00:00Z", "2026-03-28T10:00:00Z", "2026-03-29T10:00:00Z", "2026-04-28T10:00:00Z", "2026-05-28T10:00:00Z", "2026-05-29T10:00:00Z"}},
		{"monthly, a day from the end that some lack", gocron.MonthlyJob(1, monthDays(-31), ten), "11:00:00", []string{"2026-05-01T10:00:00Z"}},
		{"every 3 months, some of this one left", gocron.MonthlyJob(3, monthDays(1, 20), ten), "11:00:00", []string{"2026-03-20T10:00:00Z", "2026-06-01T10:00:00Z"}},
		{"every 3 months, none of this one left", gocron.MonthlyJob(3, monthDays(1), ten), "11:00:00", []string{"2026-06-01T10:00:00Z"}},
		{"every year, a leap day", gocron.MonthlyJob(12, monthDays(29), ten), "2096-02-29T10:00:00Z", []string{"2104-02-29T10:00:00Z"}},
		{"every 49 years, a leap day", gocron.MonthlyJob(49*12, monthDays(29), ten), "2027-02-01T10:00:00Z", []string{"2076-02-29T10:00:00Z", "2272-02-29T10:00:00Z"}},
		{"every so many months", gocron.MonthlyJob(math.MaxUint, monthDays(5), ten), "11:00:00", []string{"2026-03-05T10:00:00Z", ""}},
		{"every quarter as many months", gocron.MonthlyJob(math.MaxUint/4+1, monthDays(1), ten), "11:00:00", []string{""}},
		{"every 12,000 years", gocron.MonthlyJob(12000*12, monthDays(1), ten), "11:00:00", []string{""}},
	} {
		requireNames(t, x.name, x.definition, instant(t, x.anchor), x.expected)
	}
}

// The location of the anchor is what counts, not that of t.
func TestCalendar_location(t *testing.T) {
	zone := zoneOf(t, "America/New_York")
	p, err := planFrom(t, local(t, zone, "2026-03-02 09:00 -0500"), dailyAt(10, 0))
	require.NoError(t, err)
	require.Equal(t, local(t, zone, "2026-03-03 10:00 -0500"), p.next(instant(t, "15:00:00")))
}

// Any walk from the anchor would not come to an end here.
func TestSchedules_costTheSameHoweverFar(t *testing.T) {
	anchor := instant(t, "1026-03-01T00:00:00Z")
	now := instant(t, "09:00:00")
	for _, x := range []struct {
		definition gocron.JobDefinition
		expected   string
	}{
		{gocron.DurationJob(1), "2026-03-02T09:00:00.000000001Z"},
		{gocron.DailyJob(1, at(10, 0, 0)), "10:00:00"},
		{gocron.DailyJob(5, at(10, 0, 0)), "2026-03-03T10:00:00Z"},
		{gocron.WeeklyJob(1, gocron.NewWeekdays(1), at(10, 0, 0)), "10:00:00"},
		{gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(2), at(10, 0, 0)), "10:00:00"},
		{gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Monday), at(10, 0, 0)), "10:00:00"},
		{gocron.CronJob("* * * * *", false), "09:01:00"},
		{gocron.CronJob("@every 1s", false), "09:00:01"},
	} {
		p, err := planFrom(t, anchor, x.definition)
		require.NoError(t, err)
		for i := 0; i < 10000; i++ {
			require.Equal(t, instant(t, x.expected), p.next(now), "%#v", p.job.Schedule())
		}
	}
}

func TestWeeksFromMonday(t *testing.T) {
	ten := at(10, 0, 0)
	for _, x := range []struct {
		name       string
		definition gocron.JobDefinition
		anchor     string // 2026-03-02 is a Monday
		expected   []string
	}{
		{"every week", gocron.WeeklyJob(1, gocron.NewWeekdays(0, 1), ten), "11:00:00", []string{"2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z", "2026-03-15T10:00:00Z"}},
		{"every 2 weeks, some of this one left", gocron.WeeklyJob(2, gocron.NewWeekdays(1, 3, 0), ten), "11:00:00",
			[]string{"2026-03-04T10:00:00Z", "2026-03-08T10:00:00Z", "2026-03-16T10:00:00Z", "2026-03-18T10:00:00Z", "2026-03-22T10:00:00Z"}},
		{"every 2 weeks, from a Sunday", gocron.WeeklyJob(2, gocron.NewWeekdays(0, 1), ten), "2026-03-01T09:00:00Z",
			[]string{"2026-03-01T10:00:00Z", "2026-03-09T10:00:00Z", "2026-03-15T10:00:00Z"}},
		{"every 3 weeks, none of this one left", gocron.WeeklyJob(3, gocron.NewWeekdays(7), ten), "2026-03-01T11:00:00Z",
			[]string{"2026-03-22T10:00:00Z", "2026-04-12T10:00:00Z"}},
		{"before 1970", gocron.WeeklyJob(2, gocron.NewWeekdays(0), ten), "1969-12-28T11:00:00Z", []string{"1970-01-11T10:00:00Z"}},
	} {
		requireNames(t, x.name, x.definition, instant(t, x.anchor), x.expected, gocron.WithWeeksFromMonday())
	}
}

func TestMonthlyWeekday(t *testing.T) {
	ten := at(10, 0, 0)
	for _, x := range []struct {
		name       string
		definition gocron.JobDefinition
		anchor     string // 2026-03-02 is a Monday
		expected   []string
	}{
		{"the first Monday", gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Monday), ten), "09:00:00",
			[]string{"10:00:00", "2026-04-06T10:00:00Z", "2026-05-04T10:00:00Z", "2026-06-01T10:00:00Z"}},
		{"the second Tuesday and Thursday", gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(2, time.Tuesday, time.Thursday), ten), "11:00:00",
			[]string{"2026-03-10T10:00:00Z", "2026-03-12T10:00:00Z", "2026-04-09T10:00:00Z", "2026-04-14T10:00:00Z"}},
		{"the last Friday", gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(-1, time.Friday), ten), "11:00:00",
			[]string{"2026-03-27T10:00:00Z", "2026-04-24T10:00:00Z", "2026-05-29T10:00:00Z"}},
		{"the last but one Friday", gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(-2, time.Friday), ten), "11:00:00",
			[]string{"2026-03-20T10:00:00Z", "2026-04-17T10:00:00Z", "2026-05-22T10:00:00Z"}},
		{"a fifth Sunday, which few months have", gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(5, time.Sunday), ten), "11:00:00",
			[]string{"2026-03-29T10:00:00Z", "2026-05-31T10:00:00Z", "2026-08-30T10:00:00Z"}},
		{"the fifth Sunday from the end", gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(-5, time.Sunday), ten), "11:00:00",
			[]string{"2026-05-03T10:00:00Z", "2026-08-02T10:00:00Z"}},
		{"a list of one's own", gocron.MonthlyWeekdayJob(1, func() []gocron.NthWeekday { return []gocron.NthWeekday{nth(1, 1), nth(3, 1), nth(-1, 1)} }, ten), "11:00:00",
			[]string{"2026-03-16T10:00:00Z", "2026-03-30T10:00:00Z", "2026-04-06T10:00:00Z", "2026-04-20T10:00:00Z", "2026-04-27T10:00:00Z"}},
		{"every 3 months, some of this one left", gocron.MonthlyWeekdayJob(3, gocron.NewNthWeekdays(2, time.Monday), ten), "11:00:00",
			[]string{"2026-03-09T10:00:00Z", "2026-06-08T10:00:00Z"}},
		{"every 3 months, none of this one left", gocron.MonthlyWeekdayJob(3, gocron.NewNthWeekdays(1, time.Monday), ten), "11:00:00",
			[]string{"2026-06-01T10:00:00Z", "2026-09-07T10:00:00Z"}},
		{"a fifth Monday of February", gocron.MonthlyWeekdayJob(12, gocron.NewNthWeekdays(5, time.Monday), ten), "2026-02-01T00:00:00Z",
			[]string{"2044-02-29T10:00:00Z", "2072-02-29T10:00:00Z", "2112-02-29T10:00:00Z"}},
		{"every so many months", gocron.MonthlyWeekdayJob(math.MaxUint, gocron.NewNthWeekdays(1, time.Monday), ten), "09:00:00", []string{"10:00:00", ""}},
		{"every quarter as many months", gocron.MonthlyWeekdayJob(math.MaxUint/4+1, gocron.NewNthWeekdays(1, time.Monday), ten), "11:00:00", []string{""}},
	} {
		requireNames(t, x.name, x.definition, instant(t, x.anchor), x.expected)
	}
}

// Every day of 400 years, found by counting weeks.
func TestMonthlyWeekday_days(t *testing.T) {
	if testing.Short() {
		t.Skip("walks 400 years")
	}
	first := instant(t, "1970-01-01T00:00:00Z")
	for n := -5; n <= 5; n++ {
		if n == 0 {
			continue
		}
		weekday := time.Weekday(n+5) % 7
		var want []time.Time
		for day := first; day.Year() < 2370; day = day.AddDate(0, 0, 1) {
			if isNthWeekday(day, nth(n, weekday)) {
				want = append(want, day)
			}
		}
		got, err := gocron.Preview(gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(n, weekday), at(0, 0, 0)), first.Add(-1), len(want))
		require.NoError(t, err)
		require.Equal(t, want, got, nth(n, weekday))
	}
}

func TestMonthlyWeekday_refused(t *testing.T) {
	first, ten := gocron.NewNthWeekdays(1, time.Monday), at(10, 0, 0)
	s := rig.NewScheduler(t)
	for _, x := range []struct {
		definition gocron.JobDefinition
		text       string
	}{
		{gocron.MonthlyWeekdayJob(0, first, ten), "MonthlyWeekdayJob interval(0), allowed: 1 or more"},
		{gocron.MonthlyWeekdayJob(1, nil, ten), "MonthlyWeekdayJob nthWeekdays(nil), allowed: a list by NewNthWeekdays"},
		{gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(0, time.Monday), ten),
			"MonthlyWeekdayJob n(0), allowed: 1 to 5 or, counted from the end of the month, -1 to -5"},
		{gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(6, time.Monday), ten),
			"MonthlyWeekdayJob n(6), allowed: 1 to 5 or, counted from the end of the month, -1 to -5"},
		{gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(math.MinInt, time.Monday), ten),
			fmt.Sprintf("MonthlyWeekdayJob n(%d), allowed: 1 to 5 or, counted from the end of the month, -1 to -5", math.MinInt)},
		{gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Monday, 7), ten), "MonthlyWeekdayJob weekday(7), allowed: time.Sunday (0) to time.Saturday (6)"},
		{gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, -1), ten), "MonthlyWeekdayJob weekday(-1), allowed: time.Sunday (0) to time.Saturday (6)"},
		{gocron.MonthlyWeekdayJob(1, first, nil), "MonthlyWeekdayJob atTimes(nil), allowed: a list by NewAtTimes"},
		{gocron.MonthlyWeekdayJob(1, first, gocron.NewAtTimes(nil)), "MonthlyWeekdayJob atTimes: time(nil), allowed: a time by NewAtTime"},
		{gocron.MonthlyWeekdayJob(1, first, at(24, 0, 0)), "MonthlyWeekdayJob atTimes: hours must be 0 to 23: it is 24:00:00"},
		{gocron.MonthlyWeekdayJob(1, first, at(0, 60, 0)), "MonthlyWeekdayJob atTimes: minutes and seconds must be 0 to 59: it is 0:60:00"},
	} {
		_, err := s.NewJob(x.definition, gocron.NewTask(rig.Noop), gocron.WithName("report"))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.EqualError(t, err, "gocron: option value out of range: "+x.text+` (job "report")`)
	}
}

func TestMonthlyWeekday_neverRuns(t *testing.T) {
	first, ten := gocron.NewNthWeekdays(1, time.Monday), at(10, 0, 0)
	s := rig.NewScheduler(t)
	april := gocron.WithStartAt(gocron.WithStartDateTimePast(instant(t, "2026-04-30T00:00:00Z")))
	for _, x := range []struct {
		definition gocron.JobDefinition
		text       string
	}{
		{gocron.MonthlyWeekdayJob(1, func() []gocron.NthWeekday { return nil }, ten), "nthWeekdays names no day"},
		{gocron.MonthlyWeekdayJob(1, first, func() []gocron.AtTime { return nil }), "atTimes names no time"},
		{gocron.MonthlyWeekdayJob(4800, gocron.NewNthWeekdays(5, time.Monday), ten), "no month has a day of [5th Monday], every 4800 months from April 2026"},
	} {
		_, err := s.NewJob(x.definition, gocron.NewTask(rig.Noop), gocron.WithName("report"), april)
		require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
		require.EqualError(t, err, gocron.ErrJobNeverRuns.Error()+": MonthlyWeekdayJob: "+x.text+` (job "report")`)
	}
}

func TestMonthlyWeekday_listsAreCopied(t *testing.T) {
	days := []time.Weekday{time.Friday, time.Monday}
	list := gocron.NewNthWeekdays(1, time.Sunday, days...)
	days[0] = time.Saturday
	list()[1].N = 4
	require.Equal(t, []gocron.NthWeekday{nth(1, time.Sunday), nth(1, time.Friday), nth(1, time.Monday)}, list())

	job := rig.MustJob(t, rig.NewScheduler(t), gocron.MonthlyWeekdayJob(1, list, at(1, 0, 0)), rig.Noop)
	before := job.Schedule()
	job.Schedule().(gocron.MonthlyWeekdayJobSchedule).NthWeekdays[0].N = 3
	require.Equal(t, before, job.Schedule())
}

func TestNthWeekday_String(t *testing.T) {
	for day, want := range map[gocron.NthWeekday]string{
		nth(1, time.Monday): "1st Monday", nth(2, time.Tuesday): "2nd Tuesday", nth(3, time.Friday): "3rd Friday", nth(5, 6): "5th Saturday",
		nth(-1, time.Sunday): "last Sunday", nth(-2, time.Sunday): "2nd to last Sunday", nth(-5, 0): "5th to last Sunday",
	} {
		require.Equal(t, want, day.String())
	}
}
