package gocron

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// instant reads a time of day of 2026-03-02, a Monday, or a whole RFC 3339 time.
func instant(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	if len(s) <= len("15:04:05") {
		s = "2026-03-02T" + s + "Z"
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at.UTC()
}

func instants(t *testing.T, list ...string) []time.Time {
	t.Helper()
	var times []time.Time
	for _, s := range list {
		times = append(times, instant(t, s))
	}
	return times
}

func scheduleOf(t *testing.T, d JobDefinition, cfg scheduleConfig) schedule {
	t.Helper()
	if cfg.location == nil {
		cfg.location = time.UTC
	}
	if cfg.now.IsZero() {
		cfg.now = instant(t, "00:00:00")
	}
	s, err := d.schedule(cfg)
	require.NoError(t, err)
	return s
}

func TestNextAfter(t *testing.T) {
	daily := DailyJob(1, NewAtTimes(NewAtTime(10, 0, 0), NewAtTime(11, 0, 0), NewAtTime(12, 0, 0)))
	once := OneTimeJob(OneTimeJobStartDateTimes(instants(t, "10:00:00", "11:00:00", "12:00:00")...))
	for _, x := range []struct {
		name       string
		definition JobDefinition
		last, now  string
		expected   string
	}{
		{"interval, nothing handed out yet", DurationJob(time.Hour), "", "08:30:00", "09:00:00"},
		{"interval, due now", DurationJob(time.Hour), "09:00:00", "09:00:00", "10:00:00"},
		{"interval, late", DurationJob(time.Hour), "09:00:00", "13:30:00", "14:00:00"},
		{"interval, start time ahead", DurationJob(time.Hour), "12:00:00", "09:00:00", "13:00:00"},
		{"calendar, late", daily, "10:00:00", "11:00:00", "12:00:00"},
		{"calendar, ahead", daily, "11:00:00", "09:00:00", "12:00:00"},
		{"crontab, late", CronJob("0 * * * *", false), "10:00:00", "15:59:59", "16:00:00"},
		{"one-time, nothing handed out yet", once, "", "10:00:00", "11:00:00"},
		{"one-time, passed meanwhile", once, "10:00:00", "11:30:00", "11:00:00"},
		{"one-time, all passed meanwhile", once, "11:00:00", "23:00:00", "12:00:00"},
		{"one-time, none left", once, "12:00:00", "12:00:00", ""},
	} {
		s := scheduleOf(t, x.definition, scheduleConfig{})
		next := nextAfter(s, instant(t, "08:00:00"), instant(t, x.last), instant(t, x.now))
		require.Equal(t, instant(t, x.expected), next, x.name)
	}
}

func TestNextAfter_random(t *testing.T) {
	s := scheduleOf(t, DurationRandomJob(time.Minute, time.Hour), scheduleConfig{})
	anchor, last := instant(t, "08:00:00"), instant(t, "09:00:00")
	announced := s.next(anchor, last)

	require.Equal(t, announced, nextAfter(s, anchor, last, last))
	require.Equal(t, announced, nextAfter(s, anchor, last, announced.Add(-1)))
	require.Equal(t, s.next(anchor, announced), nextAfter(s, anchor, last, announced), "what was announced is past")
	require.Equal(t, s.next(anchor, last), nextAfter(s, anchor, time.Time{}, last), "nothing handed out yet")
}

func TestOccurrences(t *testing.T) {
	hourly := scheduleOf(t, DurationJob(time.Hour), scheduleConfig{})
	once := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(instants(t, "10:00:00", "11:00:00")...)), scheduleConfig{})
	for _, x := range []struct {
		name        string
		schedule    schedule
		first, stop string
		n           int
		expected    []string
	}{
		{"n", hourly, "09:00:00", "", 3, []string{"09:00:00", "10:00:00", "11:00:00"}},
		{"none", hourly, "09:00:00", "", 0, nil},
		{"negative", hourly, "09:00:00", "", -1, nil},
		{"no first", hourly, "", "", 3, nil},
		{"first off the grid", hourly, "08:59:00", "", 2, []string{"08:59:00", "09:00:00"}},
		{"stop inclusive", hourly, "09:00:00", "11:00:00", 9, []string{"09:00:00", "10:00:00", "11:00:00"}},
		{"stop before one", hourly, "09:00:00", "10:59:59", 9, []string{"09:00:00", "10:00:00"}},
		{"stop before first", hourly, "09:00:00", "08:00:00", 9, nil},
		{"exhausted", once, "10:00:00", "", math.MaxInt, []string{"10:00:00", "11:00:00"}},
	} {
		times := occurrences(x.schedule, instant(t, "08:00:00"), instant(t, x.first), x.n, instant(t, x.stop))
		require.Equal(t, instants(t, x.expected...), times, x.name)
	}
}

func TestSchedules_endWithTheYear9999(t *testing.T) {
	at := NewAtTimes(NewAtTime(10, 0, 0))
	anchor := instant(t, "9999-12-31T10:00:00Z")
	for _, d := range []JobDefinition{
		DurationJob(14 * time.Hour),
		DurationRandomJob(14*time.Hour, 15*time.Hour),
		DailyJob(1, at),
		WeeklyJob(1, NewWeekdays(time.Sunday), at),
		MonthlyJob(1, NewDaysOfTheMonth(1), at),
		MonthlyWeekdayJob(1, NewNthWeekdays(1, time.Monday), at),
		CronJob("0 10 * * *", false),
		CronJob("0 10 * * *", false),
		CronJob("@every 14h", false),
	} {
		s := scheduleOf(t, d, scheduleConfig{})
		require.Zero(t, s.next(anchor, anchor), "%#v", s.public())
		require.Zero(t, s.next(anchor.AddDate(5, 0, 0), anchor.AddDate(6, 0, 0)), "%#v", s.public())
	}
	_, err := OneTimeJob(OneTimeJobStartDateTime(anchor.Add(14 * time.Hour))).schedule(scheduleConfig{now: anchor})
	require.ErrorIs(t, err, ErrOptionValue)
}
