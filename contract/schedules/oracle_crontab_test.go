package schedules_test

import (
	"errors"
	"fmt"
	"math/rand"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

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
		first, last, years := 1970, 9999, ""
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
		from := time.Date(1995+r.Intn(150), time.Month(1+r.Intn(12)), 1+r.Intn(31), 0, 0, 0, 0, time.UTC)
		var expected []time.Time
		for day, end := from.AddDate(0, 0, 1), from.AddDate(12, 0, 0); day.Before(end); day = day.AddDate(0, 0, 1) {
			if on(day) {
				expected = append(expected, day)
			}
		}
		times, err := gocron.Preview(gocron.CronJob(line, true), from, len(expected)+1)
		if errors.Is(err, gocron.ErrCronJobInvalid) {
			require.Empty(t, expected, line)
			continue
		}
		require.NoError(t, err, line)
		require.GreaterOrEqual(t, len(times), len(expected), line)
		for i, next := range times {
			if i < len(expected) {
				require.Equal(t, expected[i], next, "%s from %v", line, from)
			} else {
				require.True(t, on(next), "%s: %v", line, next)
			}
		}
	}
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
	for _, policy := range []gocron.DaylightSavingsTimePolicy{gocron.DaylightSavingsTimeDefault, gocron.DaylightSavingsTimeRunAfterTransition} {
		about := fmt.Sprintf("%s, policy %d, change at %v", line, policy, change)
		p, err := planFrom(t, anchor, gocron.CronJob(line, true), gocron.WithDaylightSavingsTimePolicy(policy))
		expected := crontabInstants(anchor, moments, times, days, policy == gocron.DaylightSavingsTimeRunAfterTransition)
		if errors.Is(err, gocron.ErrCronJobInvalid) { // its one time is skipped
			require.Empty(t, expected, about)
			continue
		}
		require.NoError(t, err, about)
		checkChain(t, p, anchor, expected, about)
		end := time.Unix(moments[len(moments)-1].instant, 0).In(anchor.Location())
		if next := p.next(end); !next.IsZero() {
			require.True(t, next.After(end), about)
		}
		for from := change.Add(-3 * time.Hour); from.Before(change.Add(3 * time.Hour)); from = from.Add(17 * time.Minute) {
			checkFrom(t, p, from, expected, about)
		}
	}
}
