package gocron

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestMonthlyWeekday(t *testing.T) {
	ten := at(10, 0, 0)
	for _, x := range []struct {
		name       string
		definition JobDefinition
		anchor     string // 2026-03-02 is a Monday
		expected   []string
	}{
		{"the first Monday", MonthlyWeekdayJob(1, NewNthWeekdays(1, time.Monday), ten), "09:00:00",
			[]string{"10:00:00", "2026-04-06T10:00:00Z", "2026-05-04T10:00:00Z", "2026-06-01T10:00:00Z"}},
		{"the second Tuesday and Thursday", MonthlyWeekdayJob(1, NewNthWeekdays(2, time.Tuesday, time.Thursday), ten), "11:00:00",
			[]string{"2026-03-10T10:00:00Z", "2026-03-12T10:00:00Z", "2026-04-09T10:00:00Z", "2026-04-14T10:00:00Z"}},
		{"the last Friday", MonthlyWeekdayJob(1, NewNthWeekdays(-1, time.Friday), ten), "11:00:00",
			[]string{"2026-03-27T10:00:00Z", "2026-04-24T10:00:00Z", "2026-05-29T10:00:00Z"}},
		{"the last but one Friday", MonthlyWeekdayJob(1, NewNthWeekdays(-2, time.Friday), ten), "11:00:00",
			[]string{"2026-03-20T10:00:00Z", "2026-04-17T10:00:00Z", "2026-05-22T10:00:00Z"}},
		{"a fifth Sunday, which few months have", MonthlyWeekdayJob(1, NewNthWeekdays(5, time.Sunday), ten), "11:00:00",
			[]string{"2026-03-29T10:00:00Z", "2026-05-31T10:00:00Z", "2026-08-30T10:00:00Z"}},
		{"the fifth Sunday from the end", MonthlyWeekdayJob(1, NewNthWeekdays(-5, time.Sunday), ten), "11:00:00",
			[]string{"2026-05-03T10:00:00Z", "2026-08-02T10:00:00Z"}},
		{"a list of one's own", MonthlyWeekdayJob(1, func() []NthWeekday { return []NthWeekday{{1, 1}, {3, 1}, {-1, 1}} }, ten), "11:00:00",
			[]string{"2026-03-16T10:00:00Z", "2026-03-30T10:00:00Z", "2026-04-06T10:00:00Z", "2026-04-20T10:00:00Z", "2026-04-27T10:00:00Z"}},
		{"every 3 months, some of this one left", MonthlyWeekdayJob(3, NewNthWeekdays(2, time.Monday), ten), "11:00:00",
			[]string{"2026-03-09T10:00:00Z", "2026-06-08T10:00:00Z"}},
		{"every 3 months, none of this one left", MonthlyWeekdayJob(3, NewNthWeekdays(1, time.Monday), ten), "11:00:00",
			[]string{"2026-06-01T10:00:00Z", "2026-09-07T10:00:00Z"}},
		{"a fifth Monday of February", MonthlyWeekdayJob(12, NewNthWeekdays(5, time.Monday), ten), "2026-02-01T00:00:00Z",
			[]string{"2044-02-29T10:00:00Z", "2072-02-29T10:00:00Z", "2112-02-29T10:00:00Z"}},
		{"every so many months", MonthlyWeekdayJob(math.MaxUint, NewNthWeekdays(1, time.Monday), ten), "09:00:00", []string{"10:00:00", ""}},
		{"every quarter as many months", MonthlyWeekdayJob(math.MaxUint/4+1, NewNthWeekdays(1, time.Monday), ten), "11:00:00", []string{""}},
	} {
		s := scheduleOf(t, x.definition, scheduleConfig{})
		now := instant(t, x.anchor)
		for _, e := range x.expected {
			next := s.next(instant(t, x.anchor), now)
			require.Equal(t, instant(t, e), next, x.name)
			now = next
		}
	}
}

// Every day of 400 years, found by counting weeks.
func TestMonthlyWeekday_days(t *testing.T) {
	if testing.Short() {
		t.Skip("walks 400 years")
	}
	for n := -5; n <= 5; n++ {
		if n == 0 {
			continue
		}
		nth := NthWeekday{n, time.Weekday(n+5) % 7}
		var months weekdayMonths
		require.NoError(t, months.add(nth))
		for number := int64(1970 * 12); number < 2370*12; number++ {
			var want uint64
			day := time.Unix(months.firstDay(number)*secondsPerDay, 0).UTC()
			for month := day.Month(); day.Month() == month; day = day.AddDate(0, 0, 1) {
				if isNthWeekday(day, nth) {
					want |= 1 << (day.Day() - 1)
				}
			}
			require.Equal(t, want, months.days(number), "%v of month %d", nth, number)
		}
	}
}

func TestMonthlyWeekday_refused(t *testing.T) {
	first, ten := NewNthWeekdays(1, time.Monday), at(10, 0, 0)
	s := newScheduler(t)
	for _, x := range []struct {
		definition JobDefinition
		text       string
	}{
		{MonthlyWeekdayJob(0, first, ten), "MonthlyWeekdayJob interval(0), allowed: 1 or more"},
		{MonthlyWeekdayJob(1, nil, ten), "MonthlyWeekdayJob nthWeekdays(nil), allowed: a list by NewNthWeekdays"},
		{MonthlyWeekdayJob(1, NewNthWeekdays(0, time.Monday), ten),
			"MonthlyWeekdayJob n(0), allowed: 1 to 5 or, counted from the end of the month, -1 to -5"},
		{MonthlyWeekdayJob(1, NewNthWeekdays(6, time.Monday), ten),
			"MonthlyWeekdayJob n(6), allowed: 1 to 5 or, counted from the end of the month, -1 to -5"},
		{MonthlyWeekdayJob(1, NewNthWeekdays(math.MinInt, time.Monday), ten),
			fmt.Sprintf("MonthlyWeekdayJob n(%d), allowed: 1 to 5 or, counted from the end of the month, -1 to -5", math.MinInt)},
		{MonthlyWeekdayJob(1, NewNthWeekdays(1, time.Monday, 7), ten), "MonthlyWeekdayJob weekday(7), allowed: time.Sunday (0) to time.Saturday (6)"},
		{MonthlyWeekdayJob(1, NewNthWeekdays(1, -1), ten), "MonthlyWeekdayJob weekday(-1), allowed: time.Sunday (0) to time.Saturday (6)"},
		{MonthlyWeekdayJob(1, first, nil), "MonthlyWeekdayJob atTimes(nil), allowed: a list by NewAtTimes"},
		{MonthlyWeekdayJob(1, first, NewAtTimes(nil)), "MonthlyWeekdayJob atTimes: time(nil), allowed: a time by NewAtTime"},
		{MonthlyWeekdayJob(1, first, at(24, 0, 0)), "MonthlyWeekdayJob atTimes: hours must be 0 to 23: it is 24:00:00"},
		{MonthlyWeekdayJob(1, first, at(0, 60, 0)), "MonthlyWeekdayJob atTimes: minutes and seconds must be 0 to 59: it is 0:60:00"},
	} {
		_, err := s.NewJob(x.definition, NewTask(func() {}), WithName("report"))
		require.ErrorIs(t, err, ErrOptionValue)
		require.EqualError(t, err, "gocron: option value out of range: "+x.text+` (job "report")`)
	}
}

func TestMonthlyWeekday_neverRuns(t *testing.T) {
	first, ten := NewNthWeekdays(1, time.Monday), at(10, 0, 0)
	s := newScheduler(t)
	april := WithStartAt(WithStartDateTimePast(instant(t, "2026-04-30T00:00:00Z")))
	for _, x := range []struct {
		definition JobDefinition
		text       string
	}{
		{MonthlyWeekdayJob(1, func() []NthWeekday { return nil }, ten), "nthWeekdays names no day"},
		{MonthlyWeekdayJob(1, first, func() []AtTime { return nil }), "atTimes names no time"},
		{MonthlyWeekdayJob(4800, NewNthWeekdays(5, time.Monday), ten), "no month has a day of [5th Monday], every 4800 months from April 2026"},
	} {
		_, err := s.NewJob(x.definition, NewTask(func() {}), WithName("report"), april)
		require.ErrorIs(t, err, ErrJobNeverRuns)
		require.EqualError(t, err, ErrJobNeverRuns.Error()+": MonthlyWeekdayJob: "+x.text+` (job "report")`)
	}
}

func TestMonthlyWeekday_listsAreCopied(t *testing.T) {
	days := []time.Weekday{time.Friday, time.Monday}
	list := NewNthWeekdays(1, time.Sunday, days...)
	days[0] = time.Saturday
	list()[1].N = 4
	require.Equal(t, []NthWeekday{{1, time.Sunday}, {1, time.Friday}, {1, time.Monday}}, list())

	s := scheduleOf(t, MonthlyWeekdayJob(1, list, at(1, 0, 0)), scheduleConfig{})
	before := s.public()
	s.public().(MonthlyWeekdayJobSchedule).NthWeekdays[0].N = 3
	require.Equal(t, before, s.public())
}

func TestNthWeekday_String(t *testing.T) {
	for nth, want := range map[NthWeekday]string{
		{1, time.Monday}: "1st Monday", {2, time.Tuesday}: "2nd Tuesday", {3, time.Friday}: "3rd Friday", {5, 6}: "5th Saturday",
		{-1, time.Sunday}: "last Sunday", {-2, time.Sunday}: "2nd to last Sunday", {-5, 0}: "5th to last Sunday",
	} {
		require.Equal(t, want, nth.String())
	}
	require.Equal(t, []string{"11th", "12th", "13th", "21st", "111th"}, []string{ordinal(11), ordinal(12), ordinal(13), ordinal(21), ordinal(111)})
}

// When the clock is set back before the anchor, the months that count stay the same.
func TestMonthlyWeekday_rewind(t *testing.T) {
	s := scheduleOf(t, MonthlyWeekdayJob(3, NewNthWeekdays(1, time.Monday), at(10, 0, 0)), scheduleConfig{})
	anchor := instant(t, "2026-03-02T00:00:00Z")
	for _, x := range []struct{ now, expected string }{
		{"2026-03-01T00:00:00Z", "2026-03-02T10:00:00Z"},
		{"2026-02-01T00:00:00Z", "2026-03-02T10:00:00Z"},
		{"2025-12-01T09:00:00Z", "2025-12-01T10:00:00Z"},
		{"2025-12-01T11:00:00Z", "2026-03-02T10:00:00Z"},
		{"1970-01-01T00:00:00Z", "1970-03-02T10:00:00Z"},
	} {
		now := instant(t, x.now)
		earlier := rewound(s, anchor, now)
		require.True(t, earlier.Before(now))
		require.Equal(t, instant(t, x.expected), s.next(earlier, now), x.now)
	}
}
