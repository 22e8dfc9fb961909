package time_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

func TestWeeksFromMonday_whatIsAnnouncedRuns(t *testing.T) {
	sunday := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	weekend := gocron.WeeklyJob(2, gocron.NewWeekdays(time.Sunday, time.Monday), clockAt(13, 0))
	fromMonday := gocron.WithWeeksFromMonday()
	since := func(day int) gocron.JobOption {
		return gocron.WithStartAt(gocron.WithStartDateTimePast(time.Date(2026, 1, day, 0, 0, 0, 0, time.UTC)))
	}
	for name, c := range map[string]struct {
		options []gocron.JobOption
		want    []string
	}{
		"from Sunday": {nil, []string{"Sun 2026-03-01 13:00 +00:00", "Mon 2026-03-02 13:00 +00:00", "Sun 2026-03-15 13:00 +00:00"}},
		"from Monday": {[]gocron.JobOption{fromMonday},
			[]string{"Sun 2026-03-01 13:00 +00:00", "Mon 2026-03-09 13:00 +00:00", "Sun 2026-03-15 13:00 +00:00"}},
		"from the Monday of a week that counts": {[]gocron.JobOption{fromMonday, since(5)},
			[]string{"Mon 2026-03-02 13:00 +00:00", "Sun 2026-03-08 13:00 +00:00", "Mon 2026-03-16 13:00 +00:00"}},
		"from the Sunday of the week before": {[]gocron.JobOption{fromMonday, since(4)},
			[]string{"Sun 2026-03-01 13:00 +00:00", "Mon 2026-03-09 13:00 +00:00", "Sun 2026-03-15 13:00 +00:00"}},
		"from Sunday, of a week that counts": {[]gocron.JobOption{since(5)},
			[]string{"Sun 2026-03-01 13:00 +00:00", "Mon 2026-03-02 13:00 +00:00", "Sun 2026-03-15 13:00 +00:00"}},
	} {
		t.Run(name, func(t *testing.T) {
			newDiary(t, sunday, weekend, c.options...).lives(c.want...)
		})
	}
}

func TestWeeksFromMonday_stopStartAndUpdate(t *testing.T) {
	weekend := gocron.WeeklyJob(2, gocron.NewWeekdays(time.Sunday, time.Monday), clockAt(13, 0))
	d := newDiary(t, time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC), weekend, gocron.WithWeeksFromMonday(), gocron.WithLimitedRuns(3))
	d.lives("Mon 2026-03-02 13:00 +00:00")
	require.NoError(t, d.s.StopJobs())
	d.clock.Advance(10 * 24 * time.Hour)
	d.s.Start()
	d.lives("Mon 2026-03-16 13:00 +00:00")
	_, err := d.s.Update(d.job.ID(), weekend, d.task())
	require.NoError(t, err)
	d.lives("Sun 2026-03-29 13:00 +00:00", "Mon 2026-03-30 13:00 +00:00")
}
