package gocron

import (
	"fmt"
	"math/rand"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// requireMeans compares what two crontabs with seconds stand for.
func requireMeans(t *testing.T, line, plain string) {
	t.Helper()
	ours, err := parseCrontab(line, true, "")
	require.NoError(t, err, line)
	expected, err := parseCrontab(plain, true, "")
	require.NoError(t, err, plain)
	require.Equal(t, expected, ours, "%s is %s", line, ours)
}

func TestCrontab_seven(t *testing.T) {
	for field, plain := range map[string]string{
		"7": "0", "07": "0", "1,7": "0,1", "5-7": "0,5,6", "0-7": "0-6", "1-7/2": "0,1,3,5", "0-7/7": "0", "6-7": "0,6", "mon-7": "0-6",
		"fri-sun": "0,5,6", "sat-1": "0,1,6", "7L": "0L", "SunL": "0L", "7#2": "0#2", "mOn#1": "1#1", "5l": "5L",
	} {
		requireMeans(t, "0 0 * * "+field, "0 0 * * "+plain)
	}
	requireMeans(t, "0 0 1 * */2", "0 0 1 * 0,2,4,6")
	requireMeans(t, "0 0 1 * 1/2", "0 0 1 * 1,3,5")
}

func TestCrontab_wraps(t *testing.T) {
	for line, plain := range map[string]string{
		"50-10/20 * * * * *": "10,50 * * * * *",
		"58-1 * * * *":       "0,1,58,59 * * * *",
		"0 22-2/3 * * *":     "0 1,22 * * *",
		"0 22-2 * * 5":       "0 0,1,2,22,23 * * 5",
		"0 5-4 * * *":        "0 0-23 * * *",
		"0 0 30-2 * *":       "0 0 1,2,30,31 * *",
		"0 0 29-5/3 * *":     "0 0 1,4,29 * *",
		"0 0 1 nov-2 *":      "0 0 1 1,2,11,12 *",
		"0 0 1 12-1 *":       "0 0 1 1,12 *",
		"0 0 * * 5-1/2":      "0 0 * * 5,0",
	} {
		requireMeans(t, line, plain)
	}
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
		s := scheduleOf(t, CronJob(x.line, true), scheduleConfig{now: from})
		now := from
		for _, date := range strings.Fields(x.expected) {
			now = s.next(from, now)
			require.Equal(t, date, now.Format("2006-01-02"), x.line)
		}
		requireSamePrinted(t, x.line, true)
	}
	for _, line := range []string{
		"0 0 0 1 1 * 2025", "0 0 0 29 2 * 2027,2029-2031,2100", "0 0 31W 2 *", "0 0 L-29 2 *", "0 0 0 1 1 * 1970-2025",
	} {
		_, err := CronJob(line, true).schedule(scheduleConfig{location: time.UTC, now: instant(t, "2026-03-02T00:00:00Z")})
		require.True(t, err == ErrCronJobInvalid, "%s: %v", line, err)
	}
}

// A dayForm is a part of a crontab and the days that a look at the calendar says it names.
type dayForm struct {
	text string
	on   func(day time.Time) bool
}

func lastOf(day time.Time) int {
	return time.Date(day.Year(), day.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// nearest looks at the days around date in the order of their distance.
func nearest(day time.Time, date int) bool {
	for _, d := range []int{date, date - 1, date + 1, date - 2, date + 2} {
		if d < 1 || d > lastOf(day) || date > lastOf(day) {
			continue
		}
		on := time.Date(day.Year(), day.Month(), d, 0, 0, 0, 0, time.UTC).Weekday()
		if on != time.Saturday && on != time.Sunday {
			return day.Day() == d
		}
	}
	return false
}

func randomDateForm(r *rand.Rand) dayForm {
	n := 1 + r.Intn(31)
	switch r.Intn(5) {
	case 0:
		return dayForm{"L", func(d time.Time) bool { return d.Day() == lastOf(d) }}
	case 1:
		n = min(n, 30)
		return dayForm{fmt.Sprintf("L-%d", n), func(d time.Time) bool { return d.Day() == lastOf(d)-n }}
	case 2:
		return dayForm{"LW", func(d time.Time) bool { return nearest(d, lastOf(d)) }}
	case 3:
		return dayForm{fmt.Sprintf("%dW", n), func(d time.Time) bool { return nearest(d, n) }}
	}
	return dayForm{strconv.Itoa(n), func(d time.Time) bool { return d.Day() == n }}
}

func randomWeekdayForm(r *rand.Rand) dayForm {
	n := r.Intn(8)
	is := func(d time.Time) bool { return int(d.Weekday()) == n%7 }
	switch r.Intn(3) {
	case 0:
		return dayForm{fmt.Sprintf("%dL", n), func(d time.Time) bool { return is(d) && d.AddDate(0, 0, 7).Month() != d.Month() }}
	case 1:
		week := 1 + r.Intn(5)
		return dayForm{fmt.Sprintf("%d#%d", n, week), func(d time.Time) bool { return is(d) && (d.Day()+6)/7 == week }}
	}
	return dayForm{strconv.Itoa(n), is}
}

// randomForms returns a field of some forms, or a star.
func randomForms(r *rand.Rand, form func(*rand.Rand) dayForm) (all dayForm, restricted bool) {
	if r.Intn(3) == 0 {
		return dayForm{"*", func(time.Time) bool { return true }}, false
	}
	all = form(r)
	for r.Intn(2) == 0 {
		a, b := all, form(r)
		all = dayForm{a.text + "," + b.text, func(d time.Time) bool { return a.on(d) || b.on(d) }}
	}
	return all, true
}

// The oracle looks at one day after the other.
func TestCrontab_formsAgainstDayWalk(t *testing.T) {
	r := rand.New(rand.NewSource(17))
	for i := 0; i < 1500; i++ {
		date, byDate := randomForms(r, randomDateForm)
		weekday, byWeekday := randomForms(r, randomWeekdayForm)
		month, months := randomField(r, 1, 12)
		first, last, years := 1970, lastYear, ""
		if r.Intn(2) == 0 {
			first = 2000 + r.Intn(150)
			last = first + r.Intn(20)
			years = fmt.Sprintf(" %d-%d", first, last)
		}
		line := fmt.Sprintf("0 0 0 %s %s %s%s", date.text, month, weekday.text, years)
		on := func(d time.Time) bool {
			onDate, onWeekday := date.on(d), weekday.on(d)
			if byDate && byWeekday {
				onDate, onWeekday = onDate || onWeekday, true
			}
			return d.Year() >= first && d.Year() <= last && months[int(d.Month())] && onDate && onWeekday
		}
		c, err := parseCrontab(line, true, "")
		require.NoError(t, err, line)
		s := &cronSchedule{crontab: *c}
		from := time.Date(1995+r.Intn(150), time.Month(1+r.Intn(12)), 1+r.Intn(31), 0, 0, 0, 0, time.UTC)
		for day, end := from.AddDate(0, 0, 1), from.AddDate(12, 0, 0); day.Before(end); day = day.AddDate(0, 0, 1) {
			if on(day) {
				require.Equal(t, day, s.next(from, from), "%s after %v", line, from)
				from = day
			}
		}
		if next := s.next(from, from); !next.IsZero() {
			require.True(t, on(next), "%s: %v", line, next)
		}
	}
}

// Years that have no such day are passed over at once, not one by one.
func TestCrontab_farYears(t *testing.T) {
	from := instant(t, "1971-01-01T00:00:00Z")
	for line, expected := range map[string]string{
		"0 0 0 29 2 * 1971-9999/2,9996":  "9996-02-29T00:00:00Z", // the other years are odd
		"0 0 0 * 2 5#5 1973-9999/2,9980": "9980-02-29T00:00:00Z",
	} {
		c, err := parseCrontab(line, true, "")
		require.NoError(t, err)
		next := (&cronSchedule{crontab: *c}).next(from, from)
		require.Equal(t, instant(t, expected), next, line)
	}
}

// hashOf is FNV-1a by the book.
func hashOf(text string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(text) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

func TestCrontab_hash(t *testing.T) {
	hash := func(word string, n int) int { return int(hashOf("report\x00"+word) % uint64(n)) }
	steps := func(from, to, step int) string {
		var list []string
		for n := from; n <= to; n += step {
			list = append(list, strconv.Itoa(n))
		}
		return strings.Join(list, ",")
	}
	for line, plain := range map[string]string{
		"H H H H H H": fmt.Sprintf("%d %d %d %d %d %d", hash("second", 60), hash("minute", 60), hash("hour", 24),
			1+hash("day", 28), 1+hash("month", 12), hash("weekday", 7)),
		"H/15 * * * *":       steps(hash("minute", 15), 59, 15) + " * * * *",
		"H(10-19) H,5 * * *": fmt.Sprintf("%d %d,5 * * *", 10+hash("minute", 10), hash("hour", 24)),
		"0 H(0-7)/3 * * *":   "0 " + steps(hash("hour", 3), 7, 3) + " * * *",
		"0 0 H/9 * *":        "0 0 " + steps(1+hash("day", 9), 28, 9) + " * *",
		"0 0 H(20-31) * *":   fmt.Sprintf("0 0 %d * *", 20+hash("day", 12)),
		"0 0 * * H(1-7)":     fmt.Sprintf("0 0 * * %d", 1+hash("weekday", 7)),
		"0 0 * * H(mon-fri)": fmt.Sprintf("0 0 * * %d", 1+hash("weekday", 5)),
	} {
		ours, err := parseCrontab(line, true, "report")
		require.NoError(t, err, line)
		expected, err := parseCrontab(plain, true, "")
		require.NoError(t, err, plain)
		require.Equal(t, expected, ours, line)
	}
	// Fixed for ever: jobs must not move when the program is built anew.
	c, err := parseCrontab("H H H H H H", true, "report")
	require.NoError(t, err)
	require.Equal(t, "41 1 11 2 2 5", c.String())
	for _, line := range []string{
		"h * * * *", "H- * * * *", "H(5) * * * *", "H(5-1) * * * *", "H(1-5 * * * *", "H(1-60) * * * *", "H/0 * * * *", "H/61 * * * *",
		"H(1-5)/6 * * * *", "0 0 H/29 * *", "H-5 * * * *", "1-H * * * *", "HH * * * *", "H() * * * *", "0 0 * * H#2", "0 0 HW * *",
	} {
		_, err := parseCrontab(line, true, "report")
		require.Error(t, err, line)
	}
}

// H goes by WithName. A value of NewDefaultCron does not know it.
func TestCrontab_hashOfAJob(t *testing.T) {
	s := newScheduler(t)
	for _, options := range [][]JobOption{nil, {WithName("a"), WithCronImplementation(NewDefaultCron(false))}} {
		_, err := s.NewJob(CronJob("H 9 * * *", false), NewTask(func() {}), options...)
		require.ErrorIs(t, err, ErrCronJobParse)
		require.ErrorContains(t, err, "WithName")
	}
	require.ErrorIs(t, NewDefaultCron(true).IsValid("H 9 * * *", time.UTC, time.Now()), ErrCronJobParse)
	minutes := map[int]bool{}
	s.Start()
	for i := 0; i < 40; i++ {
		j := mustJob(t, s, CronJob("H 9 * * *", false), func() {}, WithName("job "+strconv.Itoa(i)))
		next, err := j.NextRun()
		require.NoError(t, err)
		require.Equal(t, int(hashOf("job "+strconv.Itoa(i)+"\x00minute")%60), next.Minute())
		minutes[next.Minute()] = true
	}
	require.Greater(t, len(minutes), 20)
}
