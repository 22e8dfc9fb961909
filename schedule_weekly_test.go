package gocron

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestWeeksFromMonday(t *testing.T) {
	ten := at(10, 0, 0)
	for _, x := range []struct {
		name       string
		definition JobDefinition
		anchor     string // 2026-03-02 is a Monday
		expected   []string
	}{
		{"every week", WeeklyJob(1, NewWeekdays(0, 1), ten), "11:00:00", []string{"2026-03-08T10:00:00Z", "2026-03-09T10:00:00Z", "2026-03-15T10:00:00Z"}},
		{"every 2 weeks, some of this one left", WeeklyJob(2, NewWeekdays(1, 3, 0), ten), "11:00:00",
			[]string{"2026-03-04T10:00:00Z", "2026-03-08T10:00:00Z", "2026-03-16T10:00:00Z", "2026-03-18T10:00:00Z", "2026-03-22T10:00:00Z"}},
		{"every 2 weeks, from a Sunday", WeeklyJob(2, NewWeekdays(0, 1), ten), "2026-03-01T09:00:00Z",
			[]string{"2026-03-01T10:00:00Z", "2026-03-09T10:00:00Z", "2026-03-15T10:00:00Z"}},
		{"every 3 weeks, none of this one left", WeeklyJob(3, NewWeekdays(7), ten), "2026-03-01T11:00:00Z",
			[]string{"2026-03-22T10:00:00Z", "2026-04-12T10:00:00Z"}},
		{"before 1970", WeeklyJob(2, NewWeekdays(0), ten), "1969-12-28T11:00:00Z", []string{"1970-01-11T10:00:00Z"}},
	} {
		s := scheduleOf(t, x.definition, scheduleConfig{weeksFromMonday: true})
		now := instant(t, x.anchor)
		for _, e := range x.expected {
			next := s.next(instant(t, x.anchor), now)
			require.Equal(t, instant(t, e), next, x.name)
			now = next
		}
	}
}

// When the clock is set back before the anchor, the weeks that count stay the same.
func TestWeeksFromMonday_rewind(t *testing.T) {
	s := scheduleOf(t, WeeklyJob(2, NewWeekdays(time.Sunday), at(10, 0, 0)), scheduleConfig{weeksFromMonday: true})
	anchor := instant(t, "2026-03-02T00:00:00Z") // a Monday, so that the Sunday of its week is the 8th
	for _, x := range []struct{ now, expected string }{
		{"2026-03-01T23:00:00Z", "2026-03-08T10:00:00Z"},
		{"2026-02-22T09:00:00Z", "2026-02-22T10:00:00Z"},
		{"2026-02-22T11:00:00Z", "2026-03-08T10:00:00Z"},
		{"1970-01-01T00:00:00Z", "1970-01-11T10:00:00Z"},
	} {
		now := instant(t, x.now)
		earlier := rewound(s, anchor, now)
		require.True(t, earlier.Before(now))
		require.Equal(t, instant(t, x.expected), s.next(earlier, now), x.now)
	}
}
