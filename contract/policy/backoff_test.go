package policy_test

import (
	"math"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

func TestConstantBackoff(t *testing.T) {
	for _, d := range []time.Duration{math.MinInt64, -1, 0, 1, time.Hour, math.MaxInt64} {
		for _, failed := range []int{1, 2, 1000, math.MaxInt} {
			require.Equal(t, d, gocron.ConstantBackoff(d)(failed))
		}
	}
}

// The longest wait doubles with each attempt, up to the limit. Of so many random waits one is more
// than half of it, and none is longer.
func TestExponentialBackoffGrowsToTheLongest(t *testing.T) {
	const most = time.Duration(math.MaxInt64)
	for _, c := range []struct {
		base, limit time.Duration
		failed      int
		want        time.Duration
	}{
		{time.Second, 0, 1, time.Second},
		{time.Second, 0, 2, 2 * time.Second},
		{time.Second, 0, 5, 16 * time.Second},
		{time.Second, 0, 11, 1024 * time.Second},
		{1, 0, 63, 1 << 62},
		{1, 0, 64, most},
		{1, 0, 65, most},
		{1, 0, math.MaxInt, most},
		{3, 0, 62, 3 << 61},
		{3, 0, 63, most},
		{most, 0, 1, most},
		{most, 0, 2, most},
		{most / 2, 0, 2, most - 1},
		{most/2 + 1, 0, 2, most},
		{time.Second, 10 * time.Second, 4, 8 * time.Second},
		{time.Second, 10 * time.Second, 5, 10 * time.Second},
		{time.Second, 10 * time.Second, math.MaxInt, 10 * time.Second},
		{time.Second, 8 * time.Second, 4, 8 * time.Second},
		{time.Minute, time.Second, 1, time.Second},
		{1, most, math.MaxInt, most},
		{time.Second, -1, 3, 4 * time.Second},
		{time.Second, math.MinInt64, 3, 4 * time.Second},
		{0, 0, math.MaxInt, 0},
		{0, time.Second, 5, 0},
	} {
		greatest := time.Duration(0)
		for range 200 {
			greatest = max(greatest, gocron.ExponentialBackoff(c.base, c.limit)(c.failed))
		}
		require.True(t, c.want/2 <= greatest && greatest <= c.want, "%+v: %d", c, greatest)
	}
}

// A random wait is anything from none to the longest, both included.
func TestExponentialBackoffIsFullJitter(t *testing.T) {
	const rounds = 2000
	for failed, longest := range map[int]time.Duration{1: 2, 2: 4, 3: 8, 4: 10, 5: 10, math.MaxInt: 10} {
		seen := map[time.Duration]int{}
		backoff := gocron.ExponentialBackoff(2, 10)
		for i := 0; i < rounds; i++ {
			seen[backoff(failed)]++
		}
		require.Len(t, seen, int(longest)+1)
		for wait, times := range seen {
			require.True(t, 0 <= wait && wait <= longest, wait)
			fair := rounds / (int(longest) + 1)
			require.True(t, fair/3 < times && times < 3*fair, "%d of %d", times, rounds)
		}
	}
}

func TestExponentialBackoffOfTheExtremes(t *testing.T) {
	for i := 0; i < 1000; i++ {
		require.Zero(t, gocron.ExponentialBackoff(0, time.Hour)(i+1))
		require.Zero(t, gocron.ExponentialBackoff(-1, time.Hour)(i+1))
		require.Zero(t, gocron.ExponentialBackoff(math.MinInt64, 0)(i+1))
		for _, base := range []time.Duration{1, time.Hour, math.MaxInt64 - 1, math.MaxInt64} {
			require.GreaterOrEqual(t, gocron.ExponentialBackoff(base, 0)(i+1), time.Duration(0))
			require.GreaterOrEqual(t, gocron.ExponentialBackoff(base, math.MaxInt64)(math.MaxInt-i), time.Duration(0))
			wait := gocron.ExponentialBackoff(base, 5)(i + 1)
			require.True(t, 0 <= wait && wait <= 5, wait)
		}
	}
}
