package time_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

func TestOverlap_whatIsAnnouncedRuns(t *testing.T) {
	newYork := zoneNamed(t, "America/New_York")
	eve := time.Date(2026, 10, 31, 12, 0, 0, 0, newYork)
	between := time.Date(2026, 11, 1, 5, 45, 0, 0, time.UTC).In(newYork)
	daily := gocron.DailyJob(1, clockAt(1, 30))
	second := gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapSecond)
	both := gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapBoth)
	for name, c := range map[string]struct {
		now        time.Time
		definition gocron.JobDefinition
		options    []gocron.JobOption
		want       []string
	}{
		"second": {eve, daily, []gocron.JobOption{second}, []string{"Sun 2026-11-01 01:30 -05:00", "Mon 2026-11-02 01:30 -05:00"}},
		"both": {eve, daily, []gocron.JobOption{both},
			[]string{"Sun 2026-11-01 01:30 -04:00", "Sun 2026-11-01 01:30 -05:00", "Mon 2026-11-02 01:30 -05:00"}},
		"second, started between": {between, daily, []gocron.JobOption{second},
			[]string{"Sun 2026-11-01 01:30 -05:00", "Mon 2026-11-02 01:30 -05:00"}},
		"both, from a start between": {eve, daily, []gocron.JobOption{both, gocron.WithStartAt(gocron.WithStartDateTime(between))},
			[]string{"Sun 2026-11-01 01:45 -04:00", "Sun 2026-11-01 01:30 -05:00", "Mon 2026-11-02 01:30 -05:00"}},
		"a crontab, both": {eve, gocron.CronJob("0,30 1 * * *", false), []gocron.JobOption{both},
			[]string{"Sun 2026-11-01 01:00 -04:00", "Sun 2026-11-01 01:30 -04:00", "Sun 2026-11-01 01:00 -05:00",
				"Sun 2026-11-01 01:30 -05:00", "Mon 2026-11-02 01:00 -05:00"}},
		"together with the policy for gaps": {time.Date(2026, 3, 7, 12, 0, 0, 0, newYork), gocron.CronJob("30 2 * * *", false),
			[]gocron.JobOption{second, gocron.WithDaylightSavingsTimePolicy(gocron.DaylightSavingsTimeRunAfterTransition)},
			[]string{"Sun 2026-03-08 03:30 -04:00", "Mon 2026-03-09 02:30 -04:00"}},
		"the later option": {eve, daily, []gocron.JobOption{second, both}, []string{"Sun 2026-11-01 01:30 -04:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			newDiary(t, c.now, c.definition, c.options...).lives(c.want...)
		})
	}
}

// A limit, a stop time, a stop and an Update count each of the two.
func TestOverlap_limitsAndStops(t *testing.T) {
	newYork := zoneNamed(t, "America/New_York")
	eve := time.Date(2026, 10, 31, 12, 0, 0, 0, newYork)
	daily := gocron.DailyJob(1, clockAt(1, 30))
	both := gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapBoth)
	t.Run("limited runs", func(t *testing.T) {
		d := newDiary(t, eve, daily, both, gocron.WithLimitedRuns(2))
		d.lives("Sun 2026-11-01 01:30 -04:00", "Sun 2026-11-01 01:30 -05:00")
		d.leaves()
	})
	t.Run("stop time between", func(t *testing.T) {
		d := newDiary(t, eve, daily, both, gocron.WithStopAt(gocron.WithStopDateTime(time.Date(2026, 11, 1, 6, 0, 0, 0, time.UTC))))
		require.Equal(t, []string{"Sun 2026-11-01 01:30 -04:00"}, d.announced(9))
		d.lives("Sun 2026-11-01 01:30 -04:00")
		d.leaves()
	})
	t.Run("stop between", func(t *testing.T) {
		d := newDiary(t, eve, daily, both)
		d.lives("Sun 2026-11-01 01:30 -04:00")
		require.NoError(t, d.s.StopJobs())
		d.clock.Advance(10 * time.Minute)
		d.s.Start()
		d.lives("Sun 2026-11-01 01:30 -05:00")
	})
	t.Run("update between", func(t *testing.T) {
		d := newDiary(t, eve, daily)
		d.lives("Sun 2026-11-01 01:30 -04:00")
		_, err := d.s.Update(d.job.ID(), daily, d.task(), gocron.WithDaylightSavingsTimeOverlap(gocron.DaylightSavingsTimeOverlapSecond))
		require.NoError(t, err)
		d.lives("Sun 2026-11-01 01:30 -05:00")
	})
}
