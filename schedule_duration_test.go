package gocron

import (
	"math"
	"math/big"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDurationSchedule(t *testing.T) {
	for _, x := range []struct {
		name        string
		anchor, now string
		duration    time.Duration
		expected    string
	}{
		{"at the anchor", "08:00:00", "08:00:00", time.Hour, "09:00:00"},
		{"just before", "08:00:00", "2026-03-02T08:59:59.999999999Z", time.Hour, "09:00:00"},
		{"on the grid", "08:00:00", "09:00:00", time.Hour, "10:00:00"},
		{"before the anchor", "08:00:00", "01:00:00", time.Hour, "09:00:00"},
		{"nanoseconds", "08:00:00", "08:00:00", 1, "2026-03-02T08:00:00.000000001Z"},
		{"longer than a Duration apart", "1600-01-01T00:00:00Z", "2026-03-02T08:00:01Z", time.Hour, "09:00:00"},
		{"far apart, on the grid", "1600-01-01T00:00:00Z", "2026-03-02T08:00:00Z", time.Hour, "09:00:00"},
		{"far apart, anchor between seconds", "1600-01-01T00:00:00.75Z", "2026-03-02T08:00:00.5Z", time.Second, "2026-03-02T08:00:00.75Z"},
		{"the sum is longer than a Duration", "08:00:00", "2300-01-01T00:00:00Z", 200 * 365 * 24 * time.Hour, "2425-11-25T08:00:00Z"},
		{"the longest", "1600-01-01T00:00:00Z", "1600-01-01T00:00:00Z", math.MaxInt64, "1892-04-10T23:47:16.854775807Z"},
		{"the longest, again", "1600-01-01T00:00:00Z", "1892-04-10T23:47:16.854775807Z", math.MaxInt64, "2184-07-20T23:34:33.709551614Z"},
	} {
		s := scheduleOf(t, DurationJob(x.duration), scheduleConfig{})
		require.Equal(t, instant(t, x.expected), s.next(instant(t, x.anchor), instant(t, x.now)), x.name)
	}
}

// bigNext is the same with numbers that cannot overflow.
func bigNext(anchor, t time.Time, d time.Duration) time.Time {
	nanos := func(t time.Time) *big.Int {
		n := new(big.Int).Mul(big.NewInt(t.Unix()), big.NewInt(1e9))
		return n.Add(n, big.NewInt(int64(t.Nanosecond())))
	}
	elapsed := new(big.Int).Sub(nanos(t), nanos(anchor))
	k := elapsed.Div(elapsed, big.NewInt(int64(d)))
	k.Add(k, big.NewInt(1))
	at := k.Mul(k, big.NewInt(int64(d))).Add(k, nanos(anchor))
	seconds, rest := new(big.Int).DivMod(at, big.NewInt(1e9), new(big.Int))
	return time.Unix(seconds.Int64(), rest.Int64()).In(anchor.Location())
}

func TestDurationSchedule_againstBigNumbers(t *testing.T) {
	const seed = 1
	r := rand.New(rand.NewSource(seed))
	for i := 0; i < 20000; i++ {
		year := func() time.Time {
			return time.Date(1+r.Intn(9000), 1, r.Intn(365), 0, 0, r.Intn(86400), r.Intn(1e9), time.UTC)
		}
		anchor, now := year(), year()
		if now.Before(anchor) {
			anchor, now = now, anchor
		}
		d := time.Duration(1 + r.Int63()>>uint(r.Intn(63)))
		s := &durationSchedule{duration: d}
		require.Equal(t, bigNext(anchor, now, d), s.next(anchor, now), "%v after %v, every %v", now, anchor, d)
	}
}

func TestDurationSchedule_keepsLocationAndMonotonicReading(t *testing.T) {
	s := &durationSchedule{duration: time.Hour}
	anchor := time.Now()
	next := s.next(anchor, anchor.Add(90*time.Minute))
	require.Equal(t, anchor.Add(2*time.Hour), next) // Equal compares the readings, too

	zone := time.FixedZone("here", 3600)
	anchor = time.Date(1500, 1, 1, 0, 0, 0, 0, zone)
	require.Equal(t, zone, s.next(anchor, time.Now()).Location())
}

func TestDurationSchedule_allocatesOnce(t *testing.T) {
	var s schedule
	require.EqualValues(t, 1, testing.AllocsPerRun(100, func() {
		s, _ = DurationJob(time.Hour).schedule(scheduleConfig{})
	}))
	anchor := instant(t, "08:00:00")
	require.Zero(t, testing.AllocsPerRun(100, func() { s.next(anchor, anchor) }))
}

func TestDurationSchedule_fromCompletion(t *testing.T) {
	s := scheduleOf(t, DurationJob(time.Hour), scheduleConfig{}).(interval)
	require.Equal(t, instant(t, "09:17:00"), s.fromCompletion(instant(t, "08:17:00")))
	require.Zero(t, s.fromCompletion(instant(t, "9999-12-31T23:30:00Z")))
}

func TestDurationRandomSchedule(t *testing.T) {
	const min, max = 3 * time.Nanosecond, 7 * time.Nanosecond
	s := scheduleOf(t, DurationRandomJob(min, max), scheduleConfig{})
	anchor := instant(t, "08:00:00")
	seen := map[time.Duration]int{}
	at := anchor
	for i := 0; i < 4000; i++ {
		next := s.next(anchor, at)
		require.Equal(t, next, s.next(anchor, at), "the same again")
		require.Equal(t, next, s.next(anchor.AddDate(-1, 0, 0), at), "whatever the anchor")
		require.Equal(t, next, s.next(anchor.AddDate(-1000, 0, 0), at), "however far the anchor")
		require.Equal(t, next, s.(interval).fromCompletion(at))
		seen[next.Sub(at)]++
		at = next
	}
	require.Len(t, seen, 4, "%v", seen)
	for d, n := range seen {
		require.True(t, min <= d && d < max, "%v", d)
		require.InDelta(t, 1000, n, 200, "%v", d)
	}
}

func TestDurationRandomSchedule_wide(t *testing.T) {
	s := scheduleOf(t, DurationRandomJob(1, math.MaxInt64), scheduleConfig{})
	anchor := instant(t, "08:00:00")
	for at, i := anchor, 0; i < 10; i++ {
		next := s.next(anchor, at)
		require.True(t, next.After(at))
		at = next
	}
}

func TestDurationRandomSchedule_eachDrawsItsOwn(t *testing.T) {
	d := DurationRandomJob(1, math.MaxInt64)
	at := instant(t, "08:00:00")
	a, b := scheduleOf(t, d, scheduleConfig{}), scheduleOf(t, d, scheduleConfig{})
	require.NotEqual(t, a.next(at, at), b.next(at, at))
}

func TestDurationRandomSchedule_keepsLocationAndMonotonicReading(t *testing.T) {
	s := &durationRandomSchedule{min: time.Hour, max: time.Hour + 1}
	anchor := time.Now()
	require.Equal(t, anchor.Add(90*time.Minute), s.next(anchor, anchor.Add(30*time.Minute)))

	zone := time.FixedZone("here", 3600)
	require.Equal(t, zone, s.next(anchor.In(zone), anchor).Location())
	require.Equal(t, zone, s.next(time.Date(1500, 1, 1, 0, 0, 0, 0, zone), anchor).Location())
}
