package schedules_test

import (
	"errors"
	"fmt"
	"math/rand"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// The oracle knows nothing of stretches and bit sets: it walks through every
// minute of a zone and notes what the wall clock shows.

// A moment is a minute of a wall clock and the instant it stands for.
type moment struct {
	instant  int64 // Unix seconds
	wall     int64 // minutes
	repeated bool  // shown once before
	again    bool  // shown once more later
	missing  bool  // in a gap; instant is that of the clock-adjusted time
}

// A walk is what was seen in 400 days from start.
type walk struct {
	start   time.Time
	moments []moment
	odd     []int // indices of the first and last moments of gaps and overlaps
}

const walkedDays = 400

func walkFrom(start time.Time) *walk {
	w := &walk{start: start, moments: momentsOf(start, walkedDays)}
	for i := 1; i < len(w.moments); i++ {
		a, b := w.moments[i-1], w.moments[i]
		if a.repeated != b.repeated || a.missing != b.missing {
			w.odd = append(w.odd, i)
		}
	}
	return w
}

func momentsOf(from time.Time, days int) []moment {
	all := make([]moment, 0, days*1440+1440)
	highest := int64(-1 << 62)
	for u := from.Unix(); u < from.Unix()+int64(days)*86400; u += 60 {
		t := time.Unix(u, 0).In(from.Location())
		shown := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), 0, 0, time.UTC).Unix() / 60
		if highest != -1<<62 {
			for w := highest + 1; w < shown; w++ {
				all = append(all, moment{instant: u + 60*(w-highest-1), wall: w, missing: true})
			}
		}
		all = append(all, moment{instant: u, wall: shown, repeated: shown <= highest})
		highest = max(highest, shown)
	}
	for i, m := range all {
		for back := i - 1; m.repeated && back >= 0; back-- {
			if all[back].wall == m.wall && !all[back].missing {
				all[back].again = true
				break
			}
		}
	}
	sort.SliceStable(all, func(i, j int) bool { return all[i].instant < all[j].instant })
	return all
}

// A rule is a definition together with what the oracle makes of it.
type rule struct {
	name       string
	definition gocron.JobDefinition
	fromMonday bool
	policy     gocron.DaylightSavingsTimePolicy
	atMinute   [1440]bool
	onDay      func(anchor, day time.Time) bool // midnights in UTC
	shift      bool
	overlap    gocron.DaylightSavingsTimeOverlap
	realTime   bool // both passes of an overlap, whatever overlap says
}

// options are those of the job.
func (r *rule) options() []gocron.JobOption {
	options := []gocron.JobOption{gocron.WithDaylightSavingsTimePolicy(r.policy), gocron.WithDaylightSavingsTimeOverlap(r.overlap)}
	if r.fromMonday {
		options = append(options, gocron.WithWeeksFromMonday())
	}
	return options
}

// instants lists what r does in the given moments after anchor.
func (r *rule) instants(anchor time.Time, moments []moment) []int64 {
	anchorDay := time.Date(anchor.Year(), anchor.Month(), anchor.Day(), 0, 0, 0, 0, time.UTC)
	runs := map[int64]bool{} // by day
	var found []int64
	for _, m := range moments {
		day := m.wall / 1440
		switch {
		case m.instant <= anchor.Unix(), !r.atMinute[m.wall%1440], m.missing && !r.shift:
			continue
		case r.realTime || r.overlap == gocron.DaylightSavingsTimeOverlapBoth:
		case m.repeated && r.overlap == gocron.DaylightSavingsTimeOverlapFirst, m.again && r.overlap == gocron.DaylightSavingsTimeOverlapSecond:
			continue
		}
		on, known := runs[day]
		if !known {
			on = r.onDay(anchorDay, time.Unix(day*86400, 0).UTC())
			runs[day] = on
		}
		if on && (len(found) == 0 || found[len(found)-1] != m.instant) {
			found = append(found, m.instant)
		}
	}
	return found
}

func daysBetween(a, b time.Time) int { return int(b.Sub(a) / (24 * time.Hour)) }

func monthsBetween(a, b time.Time) int {
	return (b.Year()-a.Year())*12 + int(b.Month()) - int(a.Month())
}

func onInterval(passed, interval int) bool { return passed >= 0 && passed%interval == 0 }

func randomRule(r *rand.Rand) *rule {
	x := &rule{policy: gocron.DaylightSavingsTimePolicy(r.Intn(3)), overlap: gocron.DaylightSavingsTimeOverlap(r.Intn(3))}
	x.shift = x.policy != gocron.DaylightSavingsTimeSkip
	switch r.Intn(5) {
	case 0:
		randomDaily(r, x)
	case 1:
		randomWeekly(r, x)
	case 2:
		randomMonthly(r, x)
	case 3:
		randomMonthlyWeekday(r, x)
	default:
		randomCrontab(r, x)
	}
	x.name += fmt.Sprintf(" policy %d, overlap %d", x.policy, x.overlap)
	return x
}

// randomAtTimes prefers the small hours, where clocks are changed.
func randomAtTimes(r *rand.Rand, x *rule) gocron.AtTimes {
	var list []gocron.AtTime
	for n := 1 + r.Intn(4); n > 0; n-- {
		h, m := r.Intn(24), r.Intn(60)
		if r.Intn(2) == 0 {
			h, m = r.Intn(4), []int{0, 30, 15, 1}[r.Intn(4)]
		}
		x.atMinute[h*60+m] = true
		x.name += fmt.Sprintf(" %d:%02d", h, m)
		list = append(list, gocron.NewAtTime(uint(h), uint(m), 0))
	}
	return gocron.NewAtTimes(list[0], list[1:]...)
}

func randomInterval(r *rand.Rand) int {
	return []int{1, 1, 1, 2, 3, 5, 12, 40}[r.Intn(8)]
}

func randomDaily(r *rand.Rand, x *rule) {
	n := randomInterval(r)
	x.name = fmt.Sprintf("every %d days at", n)
	x.onDay = func(anchor, day time.Time) bool { return onInterval(daysBetween(anchor, day), n) }
	x.definition = gocron.DailyJob(uint(n), randomAtTimes(r, x))
}

func randomWeekly(r *rand.Rand, x *rule) {
	n := randomInterval(r)
	var on [7]bool
	var list []time.Weekday
	for len(list) == 0 || r.Intn(2) == 0 {
		d := r.Intn(7)
		on[d] = true
		list = append(list, time.Weekday(d))
	}
	x.fromMonday = r.Intn(2) == 0
	first := time.Sunday
	if x.fromMonday {
		first = time.Monday
	}
	x.name = fmt.Sprintf("every %d weeks from %v on %v at", n, first, list)
	x.onDay = func(anchor, day time.Time) bool {
		begin := func(d time.Time) time.Time {
			for d.Weekday() != first {
				d = d.AddDate(0, 0, -1)
			}
			return d
		}
		return on[day.Weekday()] && onInterval(daysBetween(begin(anchor), begin(day))/7, n)
	}
	x.definition = gocron.WeeklyJob(uint(n), gocron.NewWeekdays(list[0], list[1:]...), randomAtTimes(r, x))
}

func randomMonthly(r *rand.Rand, x *rule) {
	n := randomInterval(r)
	var list []int
	for len(list) == 0 || r.Intn(3) > 0 {
		d := 1 + r.Intn(31)
		if r.Intn(2) == 0 {
			d = -d
		}
		list = append(list, d)
	}
	x.name = fmt.Sprintf("every %d months on %v at", n, list)
	x.onDay = func(anchor, day time.Time) bool {
		fromEnd := day.Day() - day.AddDate(0, 1, 1-day.Day()).AddDate(0, 0, -1).Day() - 1
		for _, d := range list {
			if d == day.Day() || d == fromEnd {
				return onInterval(monthsBetween(anchor, day), n)
			}
		}
		return false
	}
	x.definition = gocron.MonthlyJob(uint(n), gocron.NewDaysOfTheMonth(list[0], list[1:]...), randomAtTimes(r, x))
}

func randomMonthlyWeekday(r *rand.Rand, x *rule) {
	n := randomInterval(r)
	var list []gocron.NthWeekday
	for len(list) == 0 || r.Intn(3) > 0 {
		nth := gocron.NthWeekday{N: 1 + r.Intn(5), Weekday: time.Weekday(r.Intn(7))}
		if r.Intn(2) == 0 {
			nth.N = -nth.N
		}
		list = append(list, nth)
	}
	x.name = fmt.Sprintf("every %d months on %v at", n, list)
	x.onDay = func(anchor, day time.Time) bool {
		for _, nth := range list {
			if isNthWeekday(day, nth) {
				return onInterval(monthsBetween(anchor, day), n)
			}
		}
		return false
	}
	x.definition = gocron.MonthlyWeekdayJob(uint(n), func() []gocron.NthWeekday { return list }, randomAtTimes(r, x))
}

// isNthWeekday counts weeks, forward or backward, until the month is another.
func isNthWeekday(day time.Time, nth gocron.NthWeekday) bool {
	step, n := -7, nth.N
	if n < 0 {
		step, n = 7, -n
	}
	count := 0
	for d := day; d.Month() == day.Month(); d = d.AddDate(0, 0, step) {
		count++
	}
	return day.Weekday() == nth.Weekday && count == n
}

// randomField returns a crontab field and the numbers it stands for.
func randomField(r *rand.Rand, lowest, highest int) (string, map[int]bool) {
	set := map[int]bool{}
	switch r.Intn(4) {
	case 0:
		step := 1 + r.Intn(7)
		for i := lowest; i <= highest; i += step {
			set[i] = true
		}
		return fmt.Sprintf("*/%d", step), set
	case 1:
		for i := lowest; i <= highest; i++ {
			set[i] = true
		}
		return "*", set
	}
	var list []string
	for len(list) == 0 || r.Intn(2) == 0 {
		from := lowest + r.Intn(highest-lowest+1)
		to := from + r.Intn(min(highest-from, 3)+1)
		for i := from; i <= to; i++ {
			set[i] = true
		}
		list = append(list, fmt.Sprintf("%d-%d", from, to))
	}
	return strings.Join(list, ","), set
}

func randomCrontab(r *rand.Rand, x *rule) {
	minute, minutes := randomField(r, 0, 59)
	hour, hours := randomField(r, 0, 23)
	date, dates := randomField(r, 1, 31)
	month, months := randomField(r, 1, 12)
	weekday, weekdays := randomField(r, 0, 6)
	if r.Intn(2) == 0 { // without this, most are rare
		date, weekday, month = "*", "*", "*"
	}
	for h := range hours {
		for m := range minutes {
			x.atMinute[h*60+m] = true
		}
	}
	x.shift = x.policy == gocron.DaylightSavingsTimeRunAfterTransition
	x.realTime = len(hours) == 24 || strings.HasPrefix(minute, "*")
	free := func(field string) bool { return field == "*" || field == "*/1" }
	x.onDay = func(_, day time.Time) bool {
		onDate := free(date) || dates[day.Day()]
		onWeekday := free(weekday) || weekdays[int(day.Weekday())]
		if !free(date) && !free(weekday) {
			onDate = onDate || onWeekday
			onWeekday = onDate
		}
		return (month == "*" || months[int(day.Month())]) && onDate && onWeekday
	}
	x.name = strings.Join([]string{minute, hour, date, month, weekday}, " ")
	x.definition = gocron.CronJob(x.name, r.Intn(2) == 0)
}

// oracleZones are walked for 400 days from a date each.
var oracleZones = []struct {
	zone  string
	start string
	about string
}{
	{"UTC", "2026-01-01", "no change"},
	{"America/New_York", "2026-10-20", "02:00"},
	{"America/New_York", "2048-06-01", "by rule, through the end of a leap year"},
	{"Europe/Berlin", "2026-01-01", "02:00 and 03:00"},
	{"Australia/Lord_Howe", "2026-01-01", "half an hour"},
	{"America/Santiago", "2026-01-01", "midnight, west"},
	{"America/Havana", "2026-01-01", "midnight forward, 01:00 back"},
	{"Africa/Cairo", "2026-01-01", "midnight, east"},
	{"America/Sao_Paulo", "2018-01-01", "midnight, historic"},
	{"America/St_Johns", "2010-01-01", "one minute past midnight"},
	{"Pacific/Apia", "2011-01-20", "a whole day"},
	{"Asia/Tehran", "2021-01-01", "midnight, odd offset"},
	{"Africa/Casablanca", "2026-01-01", "back and forth within weeks"},
	{"Antarctica/Troll", "2026-01-01", "two hours"},
	{"America/Metlakatla", "2018-06-01", "a new offset in the middle of the year"},
}

func TestCalendarOracle(t *testing.T) {
	definitions := 40
	if testing.Short() {
		definitions = 5
	}
	for i, z := range oracleZones {
		start, err := time.ParseInLocation("2006-01-02", z.start, zoneOf(t, z.zone))
		require.NoError(t, err)
		checkAgainstOracle(t, start, int64(i), definitions)
	}
}

func TestCalendarOracle_fixedAndLocalZones(t *testing.T) {
	for i, zone := range []*time.Location{time.Local, time.FixedZone("", 5*3600+45*60), time.FixedZone("not/a zone", -37*3600)} {
		checkAgainstOracle(t, time.Date(2026, 1, 1, 0, 0, 0, 0, zone), int64(100+i), 5)
	}
}

func checkAgainstOracle(t *testing.T, start time.Time, zoneSeed int64, definitions int) {
	walked := walkFrom(start)
	for d := 0; d < definitions; d++ {
		seed := zoneSeed*1000 + int64(d)
		r := rand.New(rand.NewSource(seed))
		x := randomRule(r)
		anchor := walked.randomInstant(r)
		about := fmt.Sprintf("seed %d, %v from %v: %s", seed, start.Location(), anchor, x.name)

		p, err := planFrom(t, anchor, x.definition, x.options()...)
		if errors.Is(err, gocron.ErrCronJobInvalid) {
			continue
		}
		require.NoError(t, err, about)
		expected := x.instants(anchor, walked.moments)
		checkChain(t, p, anchor, expected, about)
		for n := 0; n < 50; n++ {
			checkFrom(t, p, walked.randomInstant(r), expected, about)
		}
	}
}

// randomInstant prefers those close to a change of the clock.
func (w *walk) randomInstant(r *rand.Rand) time.Time {
	m := r.Intn(len(w.moments))
	if len(w.odd) > 0 && r.Intn(2) == 0 {
		m = w.odd[r.Intn(len(w.odd))] + r.Intn(200) - 100
		m = min(max(m, 0), len(w.moments)-1)
	}
	nanos := []int64{0, 0, 1, 999999999, 30e9}[r.Intn(5)]
	return time.Unix(w.moments[m].instant, nanos).In(w.start.Location())
}

// checkChain follows a plan from its anchor on.
func checkChain(t *testing.T, p *plan, anchor time.Time, expected []int64, about string) {
	t.Helper()
	expected = expected[:min(len(expected), 2000)]
	next, err := p.job.NextRuns(len(expected))
	require.NoError(t, err, about)
	require.Len(t, next, len(expected), about)
	for i, e := range expected {
		require.Equal(t, time.Unix(e, 0).In(anchor.Location()), next[i], "%s\nnumber %d", about, i)
	}
}

// checkFrom asks a plan for the first time after one that is not before its anchor.
func checkFrom(t *testing.T, p *plan, from time.Time, expected []int64, about string) {
	t.Helper()
	i := sort.Search(len(expected), func(i int) bool { return expected[i] > from.Unix() })
	if i == len(expected) {
		return // after the end of what was walked
	}
	require.Equal(t, time.Unix(expected[i], 0).In(from.Location()), p.next(from), "%s\nafter %v", about, from)
}
