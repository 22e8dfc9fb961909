package gocron

import (
	"fmt"
	"hash/fnv"
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

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
