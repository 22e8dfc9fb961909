package gocron

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
		s := scheduleOf(t, CronJob(line, withSeconds), scheduleConfig{now: from})
		at := from
		for _, expected := range strings.Fields(columns[1]) {
			at = s.next(from, at)
			require.Equal(t, instant(t, expected), at, line)
		}
	}
	require.GreaterOrEqual(t, rows, 50)
}

// clockChanges looks at the zone of start once an hour, and returns the hours in which
// its offset has become another.
func clockChanges(start time.Time, days int) (changes []time.Time) {
	_, before := start.Zone()
	for t := start; t.Before(start.AddDate(0, 0, days)); t = t.Add(time.Hour) {
		if _, offset := t.Zone(); offset != before {
			changes = append(changes, t)
			before = offset
		}
	}
	return changes
}

// formsOf are fields of days, in crontabs with years, that name one day, and what other
// days they name.
func formsOf(day time.Time) (forms []dayForm) {
	date, last, weekday := day.Day(), lastOf(day), day.Weekday()
	is := func(d time.Time) bool { return d.Weekday() == weekday }
	week := func(d time.Time) int { return (d.Day() + 6) / 7 }
	add := func(on func(time.Time) bool, date, month, weekday, year string) {
		forms = append(forms, dayForm{fmt.Sprintf("%s %s %s %s", date, month, weekday, year), on})
	}
	text := func(format string, args ...any) string { return fmt.Sprintf(format, args...) }
	year, month := text("%d", day.Year()), text("%d", day.Month())
	sameMonth := func(d time.Time) bool { return d.Year() == day.Year() && d.Month() == day.Month() }

	fromEnd := "L"
	if last > date {
		fromEnd = text("L-%d", last-date)
	}
	add(func(d time.Time) bool { return d.Day() == lastOf(d)-last+date }, fromEnd, "*", "*", "*")
	add(func(d time.Time) bool { return sameMonth(d) && nearest(d, lastOf(d)) || d.Equal(day) }, text("LW,%d", date), month, "*", year)
	for n := max(date-2, 1); n <= min(date+2, last); n++ {
		if nearest(day, n) {
			add(func(d time.Time) bool { return nearest(d, n) }, text("%dw", n), "*", "?", "*")
		}
	}
	add(func(d time.Time) bool { return is(d) && week(d) == week(day) }, "*", "*", text("%d#%d", weekday, week(day)), "*")
	if date+7 > last {
		add(func(d time.Time) bool { return is(d) && d.Day()+7 > lastOf(d) }, "?", "*", text("%sL", day.Format("Mon")), "*")
	}
	add(func(d time.Time) bool { return is(d) && week(d) == week(day) || d.Day() == lastOf(d) }, "L", "*", text("%d#%d", weekday, week(day)), "*/1")
	add(func(d time.Time) bool { return d.Weekday() != (weekday+1)%7 }, "*", "*", text("%d-%d", (weekday+2)%7, weekday), "*")
	add(func(d time.Time) bool { return d.Day() != date%31+1 }, text("%d-%d", (date+1)%31+1, date), "*", "*", year+"-9999")
	add(func(d time.Time) bool { return d.Month() != day.Month()%12+1 }, "*", text("%d-%d", (day.Month()+1)%12+1, day.Month()), "*", "*")
	return forms
}

// A timesForm are fields of times of day and what they stand for.
type timesForm struct {
	text     string
	on       func(hour, minute int) bool
	seconds  []int
	realTime bool
}

var timesForms = []timesForm{
	{"0 30 2", func(h, m int) bool { return h == 2 && m == 30 }, []int{0}, false},
	{"20,0 58-2 23-1", func(h, m int) bool { return (h >= 23 || h <= 1) && (m >= 58 || m <= 2) }, []int{0, 20}, false},
	{"0 0-59/15 22-3", func(h, m int) bool { return (h >= 22 || h <= 3) && m%15 == 0 }, []int{0}, false},
	{"*/20 */30 22-4/2", func(h, m int) bool { return (h >= 22 || h <= 4) && h%2 == 0 && m%30 == 0 }, []int{0, 20, 40}, true},
	{"59 59 5-4", func(_, m int) bool { return m == 59 }, []int{59}, true},
	{"0 0 0", func(h, m int) bool { return h == 0 && m == 0 }, []int{0}, false},
}

// crontabInstants lists what such a crontab does after anchor in the given moments.
func crontabInstants(anchor time.Time, moments []moment, times timesForm, days dayForm, shift bool) (found []int64) {
	for _, m := range moments {
		minute := int(m.wall % 1440)
		if m.missing && !shift || m.repeated && !times.realTime || !times.on(minute/60, minute%60) {
			continue
		}
		if days.on(time.Unix(m.wall/1440*86400, 0).UTC()) {
			for _, second := range times.seconds {
				if at := m.instant + int64(second); at > anchor.Unix() {
					found = append(found, at)
				}
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// Crontabs that name the very days on which clocks are changed, by each form there is.
func TestCrontabOracle_clockChanges(t *testing.T) {
	const days = 6
	changes := 0
	for _, z := range oracleZones {
		start, err := time.ParseInLocation("2006-01-02", z.start, zoneOf(t, z.zone))
		require.NoError(t, err)
		for _, change := range clockChanges(start, walkedDays) {
			changes++
			anchor := change.Add(-days / 2 * 24 * time.Hour)
			moments := momentsOf(anchor, days)
			touched := map[int64]bool{}
			for _, m := range moments {
				if m.missing || m.repeated {
					touched[m.wall/1440] = true
				}
			}
			require.NotEmpty(t, touched, change)
			for day := range touched {
				for _, form := range formsOf(time.Unix(day*86400, 0).UTC()) {
					for _, times := range timesForms {
						checkAtChange(t, anchor, change, moments, times, form)
					}
				}
			}
		}
	}
	require.GreaterOrEqual(t, changes, 25)
}

func checkAtChange(t *testing.T, anchor, change time.Time, moments []moment, times timesForm, days dayForm) {
	t.Helper()
	line := times.text + " " + days.text
	for _, policy := range []DaylightSavingsTimePolicy{DaylightSavingsTimeDefault, DaylightSavingsTimeRunAfterTransition} {
		about := fmt.Sprintf("%s, policy %d, change at %v", line, policy, change)
		s, err := CronJob(line, true).schedule(scheduleConfig{location: anchor.Location(), now: anchor, dst: policy})
		expected := crontabInstants(anchor, moments, times, days, policy == DaylightSavingsTimeRunAfterTransition)
		if err == ErrCronJobInvalid { // its one time is skipped
			require.Empty(t, expected, about)
			continue
		}
		require.NoError(t, err, about)
		checkChain(t, s, anchor, expected, about)
		end := time.Unix(moments[len(moments)-1].instant, 0).In(anchor.Location())
		if next := s.next(anchor, end); !next.IsZero() {
			require.True(t, next.After(end), about)
		}
		for from := change.Add(-3 * time.Hour); from.Before(change.Add(3 * time.Hour)); from = from.Add(17 * time.Minute) {
			checkFrom(t, s, anchor, from, expected, about)
		}
	}
}
