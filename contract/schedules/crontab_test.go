package schedules_test

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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
		requireNames(t, x.crontab, gocron.CronJob(x.crontab, x.seconds), instant(t, x.from), x.expected)
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
		times, err := gocron.Preview(gocron.CronJob(crontab, false), now, 1)
		require.NoError(t, err, crontab)
		require.Equal(t, instant(t, expected).In(here), times[0], crontab)
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
			ours, err := gocron.Preview(gocron.CronJob(x.name, false), now, 1)
			if expected.IsZero() && err == nil {
				require.True(t, ours[0].After(now.AddDate(4, 0, 0)), "they look no further than five years")
				continue
			}
			if expected.IsZero() {
				require.ErrorIs(t, err, gocron.ErrCronJobInvalid, x.name)
				continue
			}
			require.NoError(t, err, x.name)
			require.Equal(t, expected, ours[0], "%s after %v", x.name, now)
		}
	}
}

func TestNewDefaultCron(t *testing.T) {
	zone := zoneOf(t, "America/New_York")
	now := instant(t, "09:00:00")
	c := gocron.NewDefaultCron(false)
	require.Zero(t, c.Next(now), "no crontab yet")

	require.NoError(t, c.IsValid("0 9 * * *", zone, now))
	require.Equal(t, instant(t, "14:00:00"), c.Next(now))
	require.Equal(t, instant(t, "14:00:00").In(zone), c.Next(now.In(zone)))

	require.True(t, errors.Is(c.IsValid("*/5 * * * * *", zone, now), gocron.ErrCronJobParse))
	require.Equal(t, gocron.ErrCronJobInvalid, c.IsValid("0 0 30 2 *", zone, now))
	require.Equal(t, instant(t, "14:00:00"), c.Next(now), "still the valid one")

	require.NoError(t, c.IsValid("CRON_TZ=Asia/Tokyo 0 9 * * *", zone, now))
	require.Equal(t, instant(t, "2026-03-03T00:00:00Z"), c.Next(now))

	require.NoError(t, c.IsValid("0 9 * * *", nil, now))
	require.Equal(t, instant(t, "2026-03-03T09:00:00Z"), c.Next(now), "no location is UTC")

	require.NoError(t, gocron.NewDefaultCron(true).IsValid("*/5 * * * * *", zone, now))
}

func TestNewDefaultCron_ofTwoJobs(t *testing.T) {
	c := gocron.WithCronImplementation(gocron.NewDefaultCron(true))
	now := instant(t, "09:00:00")
	a, err := planFrom(t, now, gocron.CronJob("0 0 10 * * *", false), c)
	require.NoError(t, err)
	b, err := planFrom(t, now, gocron.CronJob("30 0 11 * * *", false), c)
	require.NoError(t, err)
	require.Equal(t, instant(t, "10:00:00"), a.next(now))
	require.Equal(t, instant(t, "11:00:30"), b.next(now))

	_, err = planFrom(t, now, gocron.CronJob("0 0 10 * * *", true), gocron.WithCronImplementation(gocron.NewDefaultCron(false)))
	require.ErrorIs(t, err, gocron.ErrCronJobParse, "its own withSeconds decides")
}

func TestCrontab_forms(t *testing.T) {
	for _, x := range []struct {
		line     string
		expected string // from 2026-03-02 on
	}{
		{"0 0 L * *", "2026-03-31 2026-04-30 2026-05-31"},
		{"0 0 L 2 *", "2027-02-28 2028-02-29"},
		{"0 0 l-1,1 * *", "2026-03-30 2026-04-01 2026-04-29"},
		{"0 0 L-30 * *", "2026-05-01 2026-07-01 2026-08-01"},
		{"0 0 LW * *", "2026-03-31 2026-04-30 2026-05-29"},
		{"0 0 15w * *", "2026-03-16 2026-04-15 2026-05-15 2026-06-15"},
		{"0 0 1W * *", "2026-04-01 2026-05-01 2026-06-01 2026-07-01 2026-08-03"},
		{"0 0 31W * *", "2026-03-31 2026-05-29 2026-07-31"},
		{"0 0 29W 2 *", "2028-02-29 2032-02-27"},
		{"0 0 * * 5L", "2026-03-27 2026-04-24"},
		{"0 0 * * mon#1,fri#5", "2026-04-06 2026-05-04 2026-05-29"},
		{"0 0 13 * 5#2", "2026-03-13 2026-04-10 2026-04-13"},
		{"0 0 * 2 5#5", "2036-02-29 2064-02-29 2092-02-29 2104-02-29"},
		{"0 0 0 1 1 * 2030,2028", "2028-01-01 2030-01-01"},
		{"0 0 0 29 2 * 2026-9999/2", "2028-02-29 2032-02-29"},
		{"0 0 0 29 2 * 2097-2104", "2104-02-29"},
		{"0 0 0 1 1 * */1000", "2970-01-01 3970-01-01"},
		{"0 0 0 1 1 * 2028-2028/5,9999/2", "2028-01-01 9999-01-01"},
		{"0 0 0 1 1 * 2029/7000,2027-2040/4,2030-2040/3", "2027-01-01 2029-01-01 2030-01-01 2031-01-01 2033-01-01"},
		{"0 0 0 1 1 * 9990/9", "9990-01-01 9999-01-01"},
		{"0 0 0 1 1 ? ?", "2027-01-01 2028-01-01"},
		{"0 0 0 L 12 * 9999", "9999-12-31"},
	} {
		from := instant(t, "2026-03-02T00:00:00Z")
		dates := strings.Fields(x.expected)
		times, err := gocron.Preview(gocron.CronJob(x.line, true), from, len(dates))
		require.NoError(t, err, x.line)
		for i, date := range dates {
			require.Equal(t, date, times[i].Format("2006-01-02"), x.line)
		}
	}
	for _, line := range []string{
		"0 0 0 1 1 * 2025", "0 0 0 29 2 * 2027,2029-2031,2100", "0 0 31W 2 *", "0 0 L-29 2 *", "0 0 0 1 1 * 1970-2025",
	} {
		_, err := gocron.Preview(gocron.CronJob(line, true), instant(t, "2026-03-02T00:00:00Z"), 1)
		require.ErrorIs(t, err, gocron.ErrCronJobInvalid, line)
	}
}

// Years that have no such day are passed over at once, not one by one.
func TestCrontab_farYears(t *testing.T) {
	from := instant(t, "1971-01-01T00:00:00Z")
	for line, expected := range map[string]string{
		"0 0 0 29 2 * 1971-9999/2,9996":  "9996-02-29T00:00:00Z", // the other years are odd
		"0 0 0 * 2 5#5 1973-9999/2,9980": "9980-02-29T00:00:00Z",
	} {
		requireNames(t, line, gocron.CronJob(line, true), from, []string{expected})
	}
}

// H goes by WithName. A value of NewDefaultCron does not know it.
func TestCrontab_hashOfAJob(t *testing.T) {
	s := rig.NewScheduler(t)
	for _, options := range [][]gocron.JobOption{nil, {gocron.WithName("a"), gocron.WithCronImplementation(gocron.NewDefaultCron(false))}} {
		_, err := s.NewJob(gocron.CronJob("H 9 * * *", false), gocron.NewTask(rig.Noop), options...)
		require.ErrorIs(t, err, gocron.ErrCronJobParse)
		require.ErrorContains(t, err, "WithName")
	}
	require.ErrorIs(t, gocron.NewDefaultCron(true).IsValid("H 9 * * *", time.UTC, time.Now()), gocron.ErrCronJobParse)
	minutes := map[int]bool{}
	s.Start()
	for i := 0; i < 40; i++ {
		j := rig.MustJob(t, s, gocron.CronJob("H 9 * * *", false), rig.Noop, gocron.WithName("job "+strconv.Itoa(i)))
		next, err := j.NextRun()
		require.NoError(t, err)
		hash := fnv.New64a()
		fmt.Fprintf(hash, "job %d\x00minute", i)
		require.EqualValues(t, hash.Sum64()%60, next.Minute())
		minutes[next.Minute()] = true
	}
	require.Greater(t, len(minutes), 20)
}

// The table's times are those that other libraries name; compat/oracle writes it.
func TestCrontab_asProgramsHaveThem(t *testing.T) {
	text, err := os.ReadFile("testdata/crontabs.txt")
	require.NoError(t, err)
	from := instant(t, "2028-02-27T22:47:13Z")
	rows := 0
	for _, row := range strings.Split(strings.TrimSpace(string(text)), "\n") {
		if strings.HasPrefix(row, "#") {
			continue
		}
		rows++
		columns := strings.Split(row, " | ")
		require.Len(t, columns, 3, row)
		line := columns[0]
		withSeconds := !strings.Contains(line, "CRON_TZ=") && len(strings.Fields(line)) > 5
		requireNames(t, line, gocron.CronJob(line, withSeconds), from, strings.Fields(columns[1]))
	}
	require.GreaterOrEqual(t, rows, 50)
}
