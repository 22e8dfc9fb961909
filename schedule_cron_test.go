package gocron

import (
	"errors"
	"math/rand"
	"testing"
	"time"

	"github.com/robfig/cron/v3"
	"github.com/stretchr/testify/require"
)

func TestCronSchedule(t *testing.T) {
	for _, x := range []struct {
		crontab  string
		seconds  bool
		from     string
		expected []string
	}{
		{"* * * * *", false, "09:00:00", []string{"09:01:00", "09:02:00"}},
		{"* * * * *", true, "09:00:00", []string{"09:01:00"}},
		{"* * * * * *", true, "09:00:00", []string{"09:00:01"}},
		{"*/20 * * * * *", true, "09:00:41", []string{"09:01:00", "09:01:20"}},
		{"59 59 23 31 12 *", true, "09:00:00", []string{"2026-12-31T23:59:59Z", "2027-12-31T23:59:59Z"}},
		{"  0 9 * * * ", false, "09:00:00", []string{"2026-03-03T09:00:00Z"}},
		{"5,35 9-10 * * *", false, "09:05:00", []string{"09:35:00", "10:05:00", "10:35:00", "2026-03-03T09:05:00Z"}},
		{"0 9 ? jan mon-fri", false, "09:00:00", []string{"2027-01-01T09:00:00Z", "2027-01-04T09:00:00Z"}},
		{"0 0 13 * fri", false, "09:00:00", []string{"2026-03-06T00:00:00Z", "2026-03-13T00:00:00Z", "2026-03-20T00:00:00Z"}},
		{"0 0 13 * *", false, "09:00:00", []string{"2026-03-13T00:00:00Z", "2026-04-13T00:00:00Z"}},
		{"0 0 */10 * fri", false, "09:00:00", []string{"2026-03-06T00:00:00Z", "2026-03-11T00:00:00Z"}},
		{"0 0 29 2 *", false, "2096-03-01T00:00:00Z", []string{"2104-02-29T00:00:00Z", "2108-02-29T00:00:00Z"}},
		{"@yearly", false, "09:00:00", []string{"2027-01-01T00:00:00Z"}},
		{"@monthly", false, "09:00:00", []string{"2026-04-01T00:00:00Z"}},
		{"@weekly", false, "09:00:00", []string{"2026-03-08T00:00:00Z"}},
		{" @daily", false, "09:00:00", []string{"2026-03-03T00:00:00Z"}},
		{"@hourly", false, "09:00:00", []string{"10:00:00"}},
		{"@every 90m", false, "2026-03-02T09:00:00.7Z", []string{"10:30:00", "12:00:00"}},
		{"@every 2500ms", false, "09:00:00", []string{"09:00:02", "09:00:04"}},
		{"TZ=Asia/Tokyo 0 9 * * *", false, "09:00:00", []string{"2026-03-03T00:00:00Z"}},
		{"CRON_TZ=Asia/Tokyo  0 9 * * *", false, "09:00:00", []string{"2026-03-03T00:00:00Z"}},
		{"CRON_TZ=Asia/Tokyo @every 1h", false, "09:00:00", []string{"10:00:00"}},
	} {
		from := instant(t, x.from)
		s := scheduleOf(t, CronJob(x.crontab, x.seconds), scheduleConfig{now: from})
		now := from
		for _, e := range x.expected {
			next := s.next(from, now)
			require.Equal(t, instant(t, e), next, x.crontab)
			now = next
		}
	}
}

func TestCronSchedule_location(t *testing.T) {
	here := time.FixedZone("no name that can be loaded", 3600)
	now := instant(t, "09:00:00").In(here)
	for crontab, expected := range map[string]string{
		"0 12 * * *":                     "11:00:00",
		"CRON_TZ=Asia/Tokyo 0 19 * * *":  "10:00:00",
		"CRON_TZ=Local 0 12 * * *":       "11:00:00",
		"CRON_TZ=Etc/GMT-2 0 12 * * *":   "10:00:00",
		"TZ=America/New_York 0 12 * * *": "17:00:00",
	} {
		s := scheduleOf(t, CronJob(crontab, false), scheduleConfig{location: here, now: now})
		require.Equal(t, instant(t, expected).In(here), s.next(now, now), crontab)
	}
}

// Cron jobs are due by the wall clock, so a monotonic reading has no say.
func TestCronSchedule_hasNoMonotonicReading(t *testing.T) {
	now := time.Now()
	for _, crontab := range []string{"@every 1h", "* * * * *"} {
		s := scheduleOf(t, CronJob(crontab, false), scheduleConfig{location: time.Local, now: now})
		next := s.next(now, now)
		require.Equal(t, next.Round(0), next, crontab)
	}
}

// In UTC, where clocks are never changed, robfig's own arithmetic is the same.
func TestCronSchedule_againstRobfig(t *testing.T) {
	const seed = 3
	r := rand.New(rand.NewSource(seed))
	for i := 0; i < 300; i++ {
		var x rule
		randomCrontab(r, &x)
		theirs, err := cron.ParseStandard("TZ=UTC " + x.name)
		require.NoError(t, err)
		for n := 0; n < 20; n++ {
			now := time.Unix(1700000000+r.Int63n(1e9), r.Int63n(1e9)).UTC()
			expected := theirs.Next(now)
			s, err := CronJob(x.name, false).schedule(scheduleConfig{location: time.UTC, now: now})
			if expected.IsZero() && err == nil {
				require.True(t, s.next(now, now).After(now.AddDate(4, 0, 0)), "they look no further than five years")
				continue
			}
			if expected.IsZero() {
				require.Equal(t, ErrCronJobInvalid, err, x.name)
				continue
			}
			require.Equal(t, expected, s.next(now, now), "%s after %v", x.name, now)
		}
	}
}

func TestNewDefaultCron(t *testing.T) {
	zone := zoneOf(t, "America/New_York")
	now := instant(t, "09:00:00")
	c := NewDefaultCron(false)
	require.Zero(t, c.Next(now), "no crontab yet")

	require.NoError(t, c.IsValid("0 9 * * *", zone, now))
	require.Equal(t, instant(t, "14:00:00"), c.Next(now))
	require.Equal(t, instant(t, "14:00:00").In(zone), c.Next(now.In(zone)))

	require.True(t, errors.Is(c.IsValid("*/5 * * * * *", zone, now), ErrCronJobParse))
	require.Equal(t, ErrCronJobInvalid, c.IsValid("0 0 30 2 *", zone, now))
	require.Equal(t, instant(t, "14:00:00"), c.Next(now), "still the valid one")

	require.NoError(t, c.IsValid("CRON_TZ=Asia/Tokyo 0 9 * * *", zone, now))
	require.Equal(t, instant(t, "2026-03-03T00:00:00Z"), c.Next(now))

	require.NoError(t, c.IsValid("0 9 * * *", nil, now))
	require.Equal(t, instant(t, "2026-03-03T09:00:00Z"), c.Next(now), "no location is UTC")

	require.NoError(t, NewDefaultCron(true).IsValid("*/5 * * * * *", zone, now))
}

func TestNewDefaultCron_ofTwoJobs(t *testing.T) {
	c := NewDefaultCron(true)
	a := scheduleOf(t, CronJob("0 0 10 * * *", false), scheduleConfig{cron: c})
	b := scheduleOf(t, CronJob("30 0 11 * * *", false), scheduleConfig{cron: c})
	now := instant(t, "09:00:00")
	require.Equal(t, instant(t, "10:00:00"), a.next(now, now))
	require.Equal(t, instant(t, "11:00:30"), b.next(now, now))

	_, err := CronJob("0 0 10 * * *", true).schedule(scheduleConfig{location: time.UTC, now: now, cron: NewDefaultCron(false)})
	require.ErrorIs(t, err, ErrCronJobParse, "its own withSeconds decides")
}
