package gocron

import (
	"fmt"
	"hash/fnv"
	"math"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// instant reads a time of day of 2026-03-02, a Monday, or a whole RFC 3339 time.
func instant(t *testing.T, s string) time.Time {
	t.Helper()
	if s == "" {
		return time.Time{}
	}
	if len(s) <= len("15:04:05") {
		s = "2026-03-02T" + s + "Z"
	}
	at, err := time.Parse(time.RFC3339Nano, s)
	require.NoError(t, err)
	return at.UTC()
}

func instants(t *testing.T, list ...string) []time.Time {
	t.Helper()
	var times []time.Time
	for _, s := range list {
		times = append(times, instant(t, s))
	}
	return times
}

func scheduleOf(t *testing.T, d JobDefinition, cfg scheduleConfig) schedule {
	t.Helper()
	if cfg.location == nil {
		cfg.location = time.UTC
	}
	if cfg.now.IsZero() {
		cfg.now = instant(t, "00:00:00")
	}
	s, err := d.schedule(cfg)
	require.NoError(t, err)
	return s
}

// at lists times of day given as hours, minutes, seconds, hours, …
func at(numbers ...uint) AtTimes {
	var list []AtTime
	for i := 0; i < len(numbers); i += 3 {
		list = append(list, NewAtTime(numbers[i], numbers[i+1], numbers[i+2]))
	}
	return NewAtTimes(list[0], list[1:]...)
}

func TestNextAfter(t *testing.T) {
	daily := DailyJob(1, at(10, 0, 0, 11, 0, 0, 12, 0, 0))
	once := OneTimeJob(OneTimeJobStartDateTimes(instants(t, "10:00:00", "11:00:00", "12:00:00")...))
	for _, x := range []struct {
		name       string
		definition JobDefinition
		last, now  string
		expected   string
	}{
		{"interval, nothing handed out yet", DurationJob(time.Hour), "", "08:30:00", "09:00:00"},
		{"interval, due now", DurationJob(time.Hour), "09:00:00", "09:00:00", "10:00:00"},
		{"interval, late", DurationJob(time.Hour), "09:00:00", "13:30:00", "14:00:00"},
		{"interval, start time ahead", DurationJob(time.Hour), "12:00:00", "09:00:00", "13:00:00"},
		{"calendar, late", daily, "10:00:00", "11:00:00", "12:00:00"},
		{"calendar, ahead", daily, "11:00:00", "09:00:00", "12:00:00"},
		{"crontab, late", CronJob("0 * * * *", false), "10:00:00", "15:59:59", "16:00:00"},
		{"one-time, nothing handed out yet", once, "", "10:00:00", "11:00:00"},
		{"one-time, passed meanwhile", once, "10:00:00", "11:30:00", "11:00:00"},
		{"one-time, all passed meanwhile", once, "11:00:00", "23:00:00", "12:00:00"},
		{"one-time, none left", once, "12:00:00", "12:00:00", ""},
	} {
		s := scheduleOf(t, x.definition, scheduleConfig{})
		next := nextAfter(s, instant(t, "08:00:00"), instant(t, x.last), instant(t, x.now))
		require.Equal(t, instant(t, x.expected), next, x.name)
	}
}

func TestNextAfter_random(t *testing.T) {
	s := scheduleOf(t, DurationRandomJob(time.Minute, time.Hour), scheduleConfig{})
	anchor, last := instant(t, "08:00:00"), instant(t, "09:00:00")
	announced := s.next(anchor, last)

	require.Equal(t, announced, nextAfter(s, anchor, last, last))
	require.Equal(t, announced, nextAfter(s, anchor, last, announced.Add(-1)))
	require.Equal(t, s.next(anchor, announced), nextAfter(s, anchor, last, announced), "what was announced is past")
	require.Equal(t, s.next(anchor, last), nextAfter(s, anchor, time.Time{}, last), "nothing handed out yet")
}

func TestOccurrences(t *testing.T) {
	hourly := scheduleOf(t, DurationJob(time.Hour), scheduleConfig{})
	once := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(instants(t, "10:00:00", "11:00:00")...)), scheduleConfig{})
	for _, x := range []struct {
		name        string
		schedule    schedule
		first, stop string
		n           int
		expected    []string
	}{
		{"n", hourly, "09:00:00", "", 3, []string{"09:00:00", "10:00:00", "11:00:00"}},
		{"none", hourly, "09:00:00", "", 0, nil},
		{"negative", hourly, "09:00:00", "", -1, nil},
		{"no first", hourly, "", "", 3, nil},
		{"first off the grid", hourly, "08:59:00", "", 2, []string{"08:59:00", "09:00:00"}},
		{"stop inclusive", hourly, "09:00:00", "11:00:00", 9, []string{"09:00:00", "10:00:00", "11:00:00"}},
		{"stop before one", hourly, "09:00:00", "10:59:59", 9, []string{"09:00:00", "10:00:00"}},
		{"stop before first", hourly, "09:00:00", "08:00:00", 9, nil},
		{"exhausted", once, "10:00:00", "", math.MaxInt, []string{"10:00:00", "11:00:00"}},
	} {
		times := occurrences(x.schedule, instant(t, "08:00:00"), instant(t, x.first), x.n, instant(t, x.stop))
		require.Equal(t, instants(t, x.expected...), times, x.name)
	}
}

func TestSchedules_endWithTheYear9999(t *testing.T) {
	ten := at(10, 0, 0)
	anchor := instant(t, "9999-12-31T10:00:00Z")
	for _, d := range []JobDefinition{
		DurationJob(14 * time.Hour),
		DurationRandomJob(14*time.Hour, 15*time.Hour),
		DailyJob(1, ten),
		WeeklyJob(1, NewWeekdays(time.Sunday), ten),
		MonthlyJob(1, NewDaysOfTheMonth(1), ten),
		MonthlyWeekdayJob(1, NewNthWeekdays(1, time.Monday), ten),
		CronJob("0 10 * * *", false),
		CronJob("@every 14h", false),
	} {
		s := scheduleOf(t, d, scheduleConfig{})
		require.Zero(t, s.next(anchor, anchor), "%#v", s.public())
		require.Zero(t, s.next(anchor.AddDate(5, 0, 0), anchor.AddDate(6, 0, 0)), "%#v", s.public())
	}
	_, err := OneTimeJob(OneTimeJobStartDateTime(anchor.Add(14 * time.Hour))).schedule(scheduleConfig{now: anchor})
	require.ErrorIs(t, err, ErrOptionValue)
}

func TestCalendar_beforeTheAnchor(t *testing.T) {
	s := scheduleOf(t, DailyJob(2, at(10, 0, 0)), scheduleConfig{})
	anchor := instant(t, "09:00:00")
	require.Equal(t, instant(t, "10:00:00"), s.next(anchor, anchor.AddDate(-5, 0, 0)))
	anchor = instant(t, "10:00:00")
	require.Equal(t, instant(t, "2026-03-04T10:00:00Z"), s.next(anchor, anchor.AddDate(-5, 0, 0)))
}

func TestCalendar_beforeTheYear0(t *testing.T) {
	s := scheduleOf(t, MonthlyJob(5, NewDaysOfTheMonth(-1), at(10, 0, 0)), scheduleConfig{})
	anchor := time.Date(-1, 11, 30, 11, 0, 0, 0, time.UTC)
	require.Equal(t, instant(t, "0000-04-30T10:00:00Z"), s.next(anchor, anchor))
}

// Every day of 800 years, half of them before year 0, beside the calendar of the time package.
func TestMonths_numbers(t *testing.T) {
	var m months
	day := time.Date(-400, time.January, 1, 0, 0, 0, 0, time.UTC)
	for number := int64(-400 * 12); number < 400*12; number++ {
		require.Equal(t, day.Unix(), m.firstDay(number)*secondsPerDay, "month %d", number)
		next := day.AddDate(0, 1, 0)
		require.Equal(t, m.firstDay(number+1)-m.firstDay(number), m.length(number), "month %d", number)
		for ; day.Before(next); day = day.AddDate(0, 0, 1) {
			if got := m.number(floorDiv(day.Unix(), secondsPerDay)); got != number {
				t.Fatalf("month of %v is %d, not %d", day, got, number)
			}
		}
	}
	for year := int64(1600); year < lastYear; year += 7 {
		first := time.Date(int(year), time.March, 1, 0, 0, 0, 0, time.UTC).Unix()
		require.Equal(t, first, m.firstDay(year*12+2)*secondsPerDay, "March %d", year)
	}
}

func TestFloorDiv(t *testing.T) {
	for a := int64(-8); a <= 8; a++ {
		want := (a+12)/4 - 3
		require.Equal(t, want, floorDiv(a, 4), a)
		require.Equal(t, a-want*4, floorMod(a, 4), a)
	}
}

// When the clock is set back before the anchor, the weeks and months that count stay the same.
func TestRewound(t *testing.T) {
	anchor := instant(t, "2026-03-02T00:00:00Z") // a Monday, so that the Sunday of its week is the 8th
	weekly := scheduleOf(t, WeeklyJob(2, NewWeekdays(time.Sunday), at(10, 0, 0)), scheduleConfig{weeksFromMonday: true})
	monthly := scheduleOf(t, MonthlyWeekdayJob(3, NewNthWeekdays(1, time.Monday), at(10, 0, 0)), scheduleConfig{})
	for _, x := range []struct {
		schedule      schedule
		now, expected string
	}{
		{weekly, "2026-03-01T23:00:00Z", "2026-03-08T10:00:00Z"},
		{weekly, "2026-02-22T09:00:00Z", "2026-02-22T10:00:00Z"},
		{weekly, "2026-02-22T11:00:00Z", "2026-03-08T10:00:00Z"},
		{weekly, "1970-01-01T00:00:00Z", "1970-01-11T10:00:00Z"},
		{monthly, "2026-03-01T00:00:00Z", "2026-03-02T10:00:00Z"},
		{monthly, "2026-02-01T00:00:00Z", "2026-03-02T10:00:00Z"},
		{monthly, "2025-12-01T09:00:00Z", "2025-12-01T10:00:00Z"},
		{monthly, "2025-12-01T11:00:00Z", "2026-03-02T10:00:00Z"},
		{monthly, "1970-01-01T00:00:00Z", "1970-03-02T10:00:00Z"},
	} {
		now := instant(t, x.now)
		earlier := rewound(x.schedule, anchor, now)
		require.True(t, earlier.Before(now))
		require.Equal(t, instant(t, x.expected), x.schedule.next(earlier, now), "%T from %s", x.schedule, x.now)
	}
}

func TestOneTimeSchedule(t *testing.T) {
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(
		instants(t, "12:00:00", "10:00:00", "07:00:00", "08:00:00", "10:00:00", "2026-03-02T10:00:00.000000001Z")...,
	)), scheduleConfig{now: instant(t, "08:00:00")})
	for now, expected := range map[string]string{
		"00:00:00":                       "10:00:00",
		"09:59:59":                       "10:00:00",
		"10:00:00":                       "2026-03-02T10:00:00.000000001Z",
		"2026-03-02T10:00:00.000000001Z": "12:00:00",
		"12:00:00":                       "",
	} {
		require.Equal(t, instant(t, expected), s.next(instant(t, "00:00:00"), instant(t, now)), now)
	}
}

func TestOneTimeSchedule_oneInstantInTwoZones(t *testing.T) {
	here, ten := time.FixedZone("here", 3600), instant(t, "10:00:00")
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(ten.In(here), ten)), scheduleConfig{})
	require.Equal(t, OneTimeJobSchedule{StartAt: []time.Time{ten.In(here)}}, s.public())
	require.Zero(t, s.next(ten, ten))
}

func TestOneTimeSchedule_keepsTimesAsGiven(t *testing.T) {
	zone := time.FixedZone("there", 7200)
	now := time.Now()
	withReading, other := now.Add(time.Hour), now.Add(2*time.Hour).In(zone)
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(other, withReading)), scheduleConfig{now: now})
	require.Equal(t, withReading, s.next(now, now))
	require.Equal(t, other, s.next(now, withReading))
	require.Equal(t, zone, s.next(now, withReading).Location())
}

// Times with a monotonic reading and without one are sorted and compared alike.
func TestOneTimeSchedule_goesByTheWallClock(t *testing.T) {
	now := time.Now()
	a, b, c := now.Add(time.Hour), now.Add(2*time.Hour).Round(0), now.Add(3*time.Hour)
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartDateTimes(c, b, a, a.Round(0))), scheduleConfig{now: now})
	require.Equal(t, []time.Time{a, b, c}, s.public().(OneTimeJobSchedule).StartAt)
}

func TestOneTimeSchedule_immediately(t *testing.T) {
	s := scheduleOf(t, OneTimeJob(OneTimeJobStartImmediately()), scheduleConfig{}).(*oneTimeSchedule)
	require.True(t, s.immediately)
	require.Zero(t, s.next(instant(t, "00:00:00"), instant(t, "00:00:00")))

	later := OneTimeJobStartDateTime(instant(t, "10:00:00"))
	require.False(t, scheduleOf(t, OneTimeJob(later), scheduleConfig{}).(*oneTimeSchedule).immediately)

	both := func(j *internalJob) []time.Time {
		OneTimeJobStartImmediately()(j)
		return later(j)
	}
	s = scheduleOf(t, OneTimeJob(both), scheduleConfig{}).(*oneTimeSchedule)
	require.True(t, s.immediately)
	require.Equal(t, instant(t, "10:00:00"), s.next(instant(t, "00:00:00"), instant(t, "00:00:00")))
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

// A Schedule may count from the time that it is given, and a clock that was set back moves what the
// parts count from: then each part is asked for every time.
func TestAnyOfWalked(t *testing.T) {
	anchor := instant(t, "09:00:00")
	later := ScheduleJob(ScheduleFunc(func(after time.Time) time.Time { return after.Add(50 * time.Minute) }))
	hourly, once := CronJob("0 * * * *", false), OneTimeJob(OneTimeJobStartDateTimes(anchor.Add(time.Hour)))
	s := scheduleOf(t, AnyOf(later, hourly), scheduleConfig{now: anchor, location: time.UTC}).(*anyOfSchedule)
	checkWalk := func(start time.Time, want ...string) {
		t.Helper()
		first := s.next(anchor, start)
		for i, at := range occurrences(s, anchor, first, len(want), time.Time{}) {
			require.Equal(t, want[i], at.Format(time.TimeOnly))
		}
	}
	checkWalk(anchor, "09:50:00", "10:00:00", "10:50:00", "11:00:00")

	s = scheduleOf(t, AnyOf(hourly, once), scheduleConfig{now: anchor, location: time.UTC}).(*anyOfSchedule)
	s.countBack(anchor.Add(2*time.Hour), time.Time{})
	checkWalk(anchor.Add(-90*time.Minute), "08:00:00", "09:00:00", "10:00:00", "11:00:00")
}

// wantDelay is what WithJitter's doc says of an occurrence, written down once more.
func wantDelay(name string, nominal, next time.Time, max time.Duration) time.Duration {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s\x00%d%09d", name, nominal.Unix(), nominal.Nanosecond())
	if !next.IsZero() && next.Sub(nominal) < max {
		max = next.Sub(nominal)
	}
	return time.Duration(h.Sum64() % uint64(max))
}

// Every occurrence is delayed as documented and comes before the next, whatever time next is asked
// from, and its nominal time is found again.
func TestJitterAgainstAWalk(t *testing.T) {
	anchor := time.Date(2026, time.March, 1, 0, 0, 0, 0, zoneOf(t, "America/New_York"))
	r := rand.New(rand.NewSource(1))
	for name, definition := range map[string]JobDefinition{
		"every 7 s":          DurationJob(7 * time.Second),
		"every 90 min":       DurationJob(90 * time.Minute),
		"daily":              DailyJob(1, NewAtTimes(NewAtTime(2, 30, 0), NewAtTime(2, 31, 0))),
		"crontab":            CronJob("*/10 9-11 * * 1-5", false),
		"once in many years": CronJob("0 0 29 2 *", false),
		"union":              AnyOf(CronJob("0,30 1-3 * * *", false), CronJob("*/20 2 * * *", false)),
	} {
		plan, err := definition.schedule(scheduleConfig{location: anchor.Location(), now: anchor})
		require.NoError(t, err)
		for _, max := range []time.Duration{1, time.Second, time.Minute, time.Hour, 400 * 24 * time.Hour} {
			s := newJitter(plan, name, max)
			walk := walkerOf(s)
			at, nominal := anchor, anchor
			for range 60 {
				nominal = plan.next(anchor, nominal)
				following := plan.next(anchor, nominal)
				due := nominal.Add(wantDelay(name, nominal, following, max))
				if !due.After(anchor) { // strictly after the anchor
					continue
				}
				for range 4 { // from anywhere between the one before and it
					from := at.Add(time.Duration(r.Int63n(int64(due.Sub(at)))))
					require.Equal(t, due, s.next(anchor, from), "%s, max %v, from %v", name, max, from)
				}
				require.Equal(t, due, walk.next(anchor, at), "%s, max %v, after %v", name, max, at)
				require.Equal(t, nominal, s.nominal(anchor, due), "%s, max %v", name, max)
				require.True(t, due.Before(following))
				at = due
			}
		}
	}
}

// The hash is fixed for ever: these values were computed elsewhere.
func TestJitterHashIsFixed(t *testing.T) {
	s := newJitter(nil, "report", 1)
	require.Equal(t, uint64(4021896479759213471), s.hash(time.Date(2026, time.January, 2, 3, 4, 5, 6, time.UTC)))
	var room [24]byte
	require.Equal(t, "253402300799000000007", string(unixNanoText(&room, time.Date(9999, time.December, 31, 23, 59, 59, 7, time.UTC))))
	for _, seconds := range []int64{-1e9, -1, 0, 1, 10, 1e9, 9e9, 9e9 + 1} {
		for _, nanos := range []int64{0, 1, 90, 100_000_000, 999_999_999} {
			at := time.Unix(seconds, nanos)
			require.Equal(t, fmt.Sprint(at.UnixNano()), string(unixNanoText(&room, at)))
		}
	}
}

func TestJitterSpreads(t *testing.T) {
	nominal := time.Date(2026, time.January, 2, 3, 0, 0, 0, time.UTC)
	seen := map[time.Duration]bool{}
	for i := range 20_000 {
		s := newJitter(nil, fmt.Sprintf("team-%d/backup-%d", i%17, i), 1)
		seen[time.Duration(s.hash(nominal)%uint64(time.Hour)).Truncate(time.Second)] = true
	}
	require.Greater(t, len(seen), 3500, "of the 3,600 seconds of an hour")
}
