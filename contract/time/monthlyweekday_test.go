package time_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// On March 8 clocks go forward from 02:00 in New York, which is the second Sunday of the month; on
// November 1, the first, they go back.
func TestMonthlyWeekday_whatIsAnnouncedRuns(t *testing.T) {
	newYork, lisbon := zoneNamed(t, "America/New_York"), zoneNamed(t, "Europe/Lisbon")
	march := time.Date(2026, 3, 3, 12, 0, 0, 0, newYork)
	second := gocron.NewNthWeekdays(2, time.Sunday)
	start := time.Date(2026, 3, 9, 12, 0, 0, 0, lisbon)
	for name, c := range map[string]struct {
		now        time.Time
		definition gocron.JobDefinition
		options    []gocron.JobOption
		want       []string
	}{
		"a gap": {march, gocron.MonthlyWeekdayJob(1, second, clockAt(2, 30)), nil,
			[]string{"Sun 2026-03-08 03:30 -04:00", "Sun 2026-04-12 02:30 -04:00"}},
		"a gap that is skipped": {march, gocron.MonthlyWeekdayJob(1, second, clockAt(2, 30)),
			[]gocron.JobOption{gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeSkip)},
			[]string{"Sun 2026-04-12 02:30 -04:00", "Sun 2026-05-10 02:30 -04:00"}},
		"an overlap": {time.Date(2026, 10, 30, 12, 0, 0, 0, newYork), gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Sunday), clockAt(1, 30)), nil,
			[]string{"Sun 2026-11-01 01:30 -04:00", "Sun 2026-12-06 01:30 -05:00"}},
		"the location of the start": {march, gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(-1, time.Sunday), clockAt(1, 30)),
			[]gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTime(start))},
			[]string{"Mon 2026-03-09 12:00 +00:00", "Sun 2026-03-29 02:30 +01:00", "Sun 2026-04-26 01:30 +01:00"}},
		"the months of a past start": {march, gocron.MonthlyWeekdayJob(3, second, clockAt(9, 0)),
			[]gocron.JobOption{gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2025, 1, 1, 0, 0, 0, 0, newYork)))},
			[]string{"Sun 2026-04-12 09:00 -04:00", "Sun 2026-07-12 09:00 -04:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			newDiary(t, c.now, c.definition, c.options...).lives(c.want...)
		})
	}
}

// In a union the new kinds and options are as by themselves.
func TestMonthlyWeekday_inAnyOf(t *testing.T) {
	newYork := zoneNamed(t, "America/New_York")
	union := gocron.AnyOf(
		gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Sunday), clockAt(1, 30)),
		gocron.WeeklyJob(2, gocron.NewWeekdays(time.Sunday), clockAt(1, 45)),
	)
	d := newDiary(t, time.Date(2026, 10, 31, 12, 0, 0, 0, newYork), union,
		gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapSecond), gocron.WithWeeksFromMonday())
	d.lives("Sun 2026-11-01 01:30 -05:00", "Sun 2026-11-01 01:45 -05:00", "Sun 2026-11-15 01:45 -05:00")
	require.Equal(t, "every month on the 1st Sunday at 01:30; or every 2 weeks on Sunday at 01:45", gocron.Describe(d.job.Schedule()))
	e, err := gocron.NewController(d.s).Explain(d.job.ID())
	require.NoError(t, err)
	require.Equal(t, gocron.Describe(d.job.Schedule()), e.Schedule)
}

// A restart does not lose the occurrence that is delayed over it, as no month of such a job is left
// out.
func TestMonthlyWeekday_withJitter(t *testing.T) {
	d := newDiary(t, time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC),
		gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Friday), clockAt(9, 0)),
		gocron.WithName("report"), gocron.WithJitter(time.Hour))
	e, err := gocron.NewController(d.s).Explain(d.job.ID())
	require.NoError(t, err)
	require.Equal(t, "every month on the 1st Friday at 09:00, up to 1 hour later", e.Schedule)
	next, err := d.job.NextRun()
	require.NoError(t, err)
	nominal := time.Date(2026, 3, 6, 9, 0, 0, 0, time.UTC)
	require.True(t, next.After(nominal) && next.Before(nominal.Add(time.Hour)), "%v", next)
	require.NoError(t, d.s.StopJobs())
	d.clock.Advance(nominal.Sub(d.clock.Now()) + time.Second)
	d.s.Start()
	again, err := d.job.NextRun()
	require.NoError(t, err)
	require.Equal(t, next, again)
	d.clock.Advance(next.Sub(d.clock.Now()))
	require.Equal(t, next, (<-d.ran).UTC())
}

func TestMonthlyWeekday_limitedRunsAndStopTime(t *testing.T) {
	now := time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)
	definition := gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(1, time.Friday), clockAt(9, 0))
	want := []string{"Fri 2026-03-06 09:00 +00:00", "Fri 2026-04-03 09:00 +00:00"}
	t.Run("limited runs", func(t *testing.T) {
		d := newDiary(t, now, definition, gocron.WithLimitedRuns(2))
		d.lives(want...)
		d.leaves()
	})
	t.Run("stop time", func(t *testing.T) {
		d := newDiary(t, now, definition, gocron.WithStopAt(gocron.WithStopDateTime(time.Date(2026, 4, 3, 9, 0, 0, 0, time.UTC))))
		require.Equal(t, want, d.announced(9))
		d.lives(want...)
		d.leaves()
	})
}

func TestMonthlyWeekday_stopStartAndUpdate(t *testing.T) {
	d := newDiary(t, time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC),
		gocron.MonthlyWeekdayJob(2, gocron.NewNthWeekdays(1, time.Friday), clockAt(9, 0)))
	d.lives("Fri 2026-03-06 09:00 +00:00")
	require.NoError(t, d.s.StopJobs())
	d.clock.Advance(62 * 24 * time.Hour) // past the first Friday of May
	d.s.Start()
	require.Equal(t, []string{"Fri 2026-07-03 09:00 +00:00"}, d.announced(1))
	_, err := d.s.Update(d.job.ID(), gocron.MonthlyWeekdayJob(1, gocron.NewNthWeekdays(-1, time.Friday), clockAt(9, 0)), d.task())
	require.NoError(t, err)
	d.lives("Fri 2026-05-29 09:00 +00:00", "Fri 2026-06-26 09:00 +00:00")
}
