package gocron

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCalendar(t *testing.T) {
	weekdays, monthDays := NewWeekdays, NewDaysOfTheMonth
	ten := at(10, 0, 0)
	for _, x := range []struct {
		name       string
		definition JobDefinition
		anchor     string // 2026-03-02 is a Monday
		expected   []string
	}{
		{"daily", DailyJob(1, at(10, 0, 0, 9, 30, 5)), "09:30:05", []string{"10:00:00", "2026-03-03T09:30:05Z"}},
		{"daily, a time named twice", DailyJob(1, at(10, 0, 0, 10, 0, 0)), "09:00:00", []string{"10:00:00", "2026-03-03T10:00:00Z"}},
		{"daily, midnight", DailyJob(1, at(0, 0, 0)), "00:00:00", []string{"2026-03-03T00:00:00Z"}},
		{"daily, between seconds", DailyJob(1, ten), "2026-03-02T09:59:59.999999999Z", []string{"10:00:00"}},
		{"every 3 days, some of today left", DailyJob(3, ten), "09:00:00", []string{"10:00:00", "2026-03-05T10:00:00Z", "2026-03-08T10:00:00Z"}},
		{"every 3 days, none of today left", DailyJob(3, ten), "10:00:00", []string{"2026-03-05T10:00:00Z"}},
		{"every so many days", DailyJob(math.MaxUint, ten), "09:00:00", []string{"10:00:00", ""}},
		{"every so many days, none of today left", DailyJob(math.MaxUint, ten), "11:00:00", []string{""}},
		{"every half as many days", DailyJob(math.MaxUint/2+1, ten), "11:00:00", []string{""}},
		{"every quarter as many days", DailyJob(math.MaxUint/4+1, ten), "11:00:00", []string{""}},
		{"every 1000 years or so", DailyJob(365243, ten), "11:00:00", []string{"3026-03-03T10:00:00Z", "4026-03-03T10:00:00Z"}},

		{"weekly", WeeklyJob(1, weekdays(5, 1), ten), "09:00:00", []string{"10:00:00", "2026-03-06T10:00:00Z", "2026-03-09T10:00:00Z"}},
		{"every 2 weeks, some of this one left", WeeklyJob(2, weekdays(1, 3, 0), ten), "11:00:00",
			[]string{"2026-03-04T10:00:00Z", "2026-03-15T10:00:00Z", "2026-03-16T10:00:00Z", "2026-03-18T10:00:00Z", "2026-03-29T10:00:00Z"}},
		{"every 2 weeks, none of this one left", WeeklyJob(2, weekdays(1), ten), "11:00:00", []string{"2026-03-16T10:00:00Z"}},
		{"every 2 weeks, from a Sunday", WeeklyJob(2, weekdays(0), ten), "2026-03-01T09:00:00Z", []string{"2026-03-01T10:00:00Z", "2026-03-15T10:00:00Z"}},
		{"every 2 weeks, from a Saturday", WeeklyJob(2, weekdays(0), ten), "2026-02-28T09:00:00Z", []string{"2026-03-08T10:00:00Z"}},
		{"weekdays go round", WeeklyJob(1, weekdays(7, 10, 13), ten), "11:00:00",
			[]string{"2026-03-04T10:00:00Z", "2026-03-07T10:00:00Z", "2026-03-08T10:00:00Z"}},
		{"every quarter as many weeks", WeeklyJob(math.MaxUint/4+1, weekdays(1), ten), "11:00:00", []string{""}},
		{"every so many weeks", WeeklyJob(math.MaxUint, weekdays(5), ten), "11:00:00", []string{"2026-03-06T10:00:00Z", ""}},

		{"monthly", MonthlyJob(1, monthDays(15, 1), ten), "11:00:00", []string{"2026-03-15T10:00:00Z", "2026-04-01T10:00:00Z", "2026-04-15T10:00:00Z"}},
		{"monthly, months without the day", MonthlyJob(1, monthDays(31), ten), "11:00:00",
			[]string{"2026-03-31T10:00:00Z", "2026-05-31T10:00:00Z", "2026-07-31T10:00:00Z", "2026-08-31T10:00:00Z"}},
		{"monthly, the last day", MonthlyJob(1, monthDays(-1), ten), "11:00:00", []string{"2026-03-31T10:00:00Z", "2026-04-30T10:00:00Z"}},
		{"monthly, from both ends", MonthlyJob(1, monthDays(28, -3), ten), "2026-02-26T10:00:00Z",
			[]string{"2026-02-28T10:00:00Z", "2026-03-28T10:00:00Z", "2026-03-29T10:00:00Z", "2026-04-28T10:00:00Z", "2026-05-28T10:00:00Z", "2026-05-29T10:00:00Z"}},
		{"monthly, a day from the end that some lack", MonthlyJob(1, monthDays(-31), ten), "11:00:00", []string{"2026-05-01T10:00:00Z"}},
		{"every 3 months, some of this one left", MonthlyJob(3, monthDays(1, 20), ten), "11:00:00", []string{"2026-03-20T10:00:00Z", "2026-06-01T10:00:00Z"}},
		{"every 3 months, none of this one left", MonthlyJob(3, monthDays(1), ten), "11:00:00", []string{"2026-06-01T10:00:00Z"}},
		{"every year, a leap day", MonthlyJob(12, monthDays(29), ten), "2096-02-29T10:00:00Z", []string{"2104-02-29T10:00:00Z"}},
		{"every 49 years, a leap day", MonthlyJob(49*12, monthDays(29), ten), "2027-02-01T10:00:00Z", []string{"2076-02-29T10:00:00Z", "2272-02-29T10:00:00Z"}},
		{"every so many months", MonthlyJob(math.MaxUint, monthDays(5), ten), "11:00:00", []string{"2026-03-05T10:00:00Z", ""}},
		{"every quarter as many months", MonthlyJob(math.MaxUint/4+1, monthDays(1), ten), "11:00:00", []string{""}},
		{"every 12,000 years", MonthlyJob(12000*12, monthDays(1), ten), "11:00:00", []string{""}},
		{"before the year 0", MonthlyJob(5, monthDays(-1), ten), "-0001-11-30T11:00:00Z", []string{"0000-04-30T10:00:00Z"}},
	} {
		anchor := time.Date(-1, 11, 30, 11, 0, 0, 0, time.UTC)
		if x.anchor[0] != '-' {
			anchor = instant(t, x.anchor)
		}
		s := scheduleOf(t, x.definition, scheduleConfig{})
		now := anchor
		for _, e := range x.expected {
			next := s.next(anchor, now)
			require.Equal(t, instant(t, e), next, x.name)
			now = next
		}
	}
}

func TestCalendar_beforeTheAnchor(t *testing.T) {
	s := scheduleOf(t, DailyJob(2, at(10, 0, 0)), scheduleConfig{})
	anchor := instant(t, "09:00:00")
	require.Equal(t, instant(t, "10:00:00"), s.next(anchor, anchor.AddDate(-5, 0, 0)))
	anchor = instant(t, "10:00:00")
	require.Equal(t, instant(t, "2026-03-04T10:00:00Z"), s.next(anchor, anchor.AddDate(-5, 0, 0)))
}

// The location of the anchor is what counts, not that of t.
func TestCalendar_location(t *testing.T) {
	zone := zoneOf(t, "America/New_York")
	s := scheduleOf(t, dailyAt(10, 0), scheduleConfig{location: zone})
	anchor := local(t, zone, "2026-03-02 09:00 -0500")
	require.Equal(t, local(t, zone, "2026-03-03 10:00 -0500"), s.next(anchor, instant(t, "15:00:00")))
}

// Any walk from the anchor would not come to an end here.
func TestSchedules_costTheSameHoweverFar(t *testing.T) {
	anchor := instant(t, "1026-03-01T00:00:00Z")
	now := instant(t, "09:00:00")
	for _, x := range []struct {
		definition JobDefinition
		expected   string
	}{
		{DurationJob(1), "2026-03-02T09:00:00.000000001Z"},
		{DailyJob(1, at(10, 0, 0)), "10:00:00"},
		{DailyJob(5, at(10, 0, 0)), "2026-03-03T10:00:00Z"},
		{WeeklyJob(1, NewWeekdays(1), at(10, 0, 0)), "10:00:00"},
		{MonthlyJob(1, NewDaysOfTheMonth(2), at(10, 0, 0)), "10:00:00"},
		{MonthlyWeekdayJob(1, NewNthWeekdays(1, time.Monday), at(10, 0, 0)), "10:00:00"},
		{CronJob("* * * * *", false), "09:01:00"},
		{CronJob("@every 1s", false), "09:00:01"},
	} {
		s := scheduleOf(t, x.definition, scheduleConfig{now: now})
		for i := 0; i < 10000; i++ {
			require.Equal(t, instant(t, x.expected), s.next(anchor, now), "%#v", s.public())
		}
	}
}
