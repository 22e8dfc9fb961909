package gocron

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConstantBackoff(t *testing.T) {
	for _, d := range []time.Duration{math.MinInt64, -1, 0, 1, time.Hour, math.MaxInt64} {
		for _, failed := range []int{1, 2, 1000, math.MaxInt} {
			require.Equal(t, d, ConstantBackoff(d)(failed))
		}
	}
}

func TestLongestBackoff(t *testing.T) {
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
		require.Equal(t, c.want, longestBackoff(c.base, c.limit, c.failed), "%+v", c)
	}
}

// A random wait is anything from none to the longest, both included.
func TestExponentialBackoffIsFullJitter(t *testing.T) {
	const rounds = 2000
	for failed, longest := range map[int]time.Duration{1: 2, 2: 4, 3: 8, 4: 10, 5: 10, math.MaxInt: 10} {
		seen := map[time.Duration]int{}
		backoff := ExponentialBackoff(2, 10)
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
		require.Zero(t, ExponentialBackoff(0, time.Hour)(i+1))
		require.Zero(t, ExponentialBackoff(-1, time.Hour)(i+1))
		require.Zero(t, ExponentialBackoff(math.MinInt64, 0)(i+1))
		for _, base := range []time.Duration{1, time.Hour, math.MaxInt64 - 1, math.MaxInt64} {
			require.GreaterOrEqual(t, ExponentialBackoff(base, 0)(i+1), time.Duration(0))
			require.GreaterOrEqual(t, ExponentialBackoff(base, math.MaxInt64)(math.MaxInt-i), time.Duration(0))
			wait := ExponentialBackoff(base, 5)(i + 1)
			require.True(t, 0 <= wait && wait <= 5, wait)
		}
	}
}

func TestRetryPolicyWait(t *testing.T) {
	for _, c := range []struct {
		backoff Backoff
		want    time.Duration
	}{
		{nil, 0},
		{ConstantBackoff(-1), 0},
		{ConstantBackoff(math.MinInt64), 0},
		{ConstantBackoff(0), 0},
		{ConstantBackoff(1), 1},
		{ConstantBackoff(math.MaxInt64), math.MaxInt64},
		{func(failed int) time.Duration { return time.Duration(failed) }, 7},
	} {
		require.Equal(t, c.want, (&RetryPolicy{Backoff: c.backoff}).wait(7, nil))
	}
}

func TestRetryPolicyAgain(t *testing.T) {
	one, two := errors.New("one"), errors.New("two")
	no := func(error) bool { return false }
	yes := func(error) bool { return true }
	for name, c := range map[string]struct {
		policy  RetryPolicy
		err     error
		attempt int
		want    bool
	}{
		"success":               {RetryPolicy{Attempts: 9, If: yes}, nil, 1, false},
		"first":                 {RetryPolicy{Attempts: 2}, one, 1, true},
		"last":                  {RetryPolicy{Attempts: 2}, one, 2, false},
		"last but one":          {RetryPolicy{Attempts: 1000}, one, 999, true},
		"very last":             {RetryPolicy{Attempts: math.MaxInt}, one, math.MaxInt, false},
		"if not":                {RetryPolicy{Attempts: 9, If: no}, one, 1, false},
		"if":                    {RetryPolicy{Attempts: 9, If: yes}, one, 1, true},
		"on":                    {RetryPolicy{Attempts: 9, On: []error{one, two}}, two, 1, true},
		"not on":                {RetryPolicy{Attempts: 9, On: []error{one}}, two, 1, false},
		"on wrapped":            {RetryPolicy{Attempts: 9, On: []error{two}}, fmt.Errorf("%w, %w", one, two), 1, true},
		"on nil is on nothing":  {RetryPolicy{Attempts: 9, On: []error{nil}}, one, 1, false},
		"on, but if not":        {RetryPolicy{Attempts: 9, On: []error{one}, If: no}, one, 1, false},
		"if, but not on":        {RetryPolicy{Attempts: 9, On: []error{one}, If: yes}, two, 1, false},
		"permanent":             {RetryPolicy{Attempts: 9, On: []error{one}, If: yes}, Permanent(one), 1, false},
		"permanent and wrapped": {RetryPolicy{Attempts: 9}, fmt.Errorf("%w", Permanent(one)), 1, false},
		"permanent in a panic":  {RetryPolicy{Attempts: 9}, &PanicError{Value: Permanent(one)}, 1, false},
		"permanent, timed out":  {RetryPolicy{Attempts: 9}, timeoutError(1, Permanent(one)), 1, false},
		"on a timeout":          {RetryPolicy{Attempts: 9, On: []error{ErrRunTimeout}}, timeoutError(1, nil), 1, true},
		"on a panic":            {RetryPolicy{Attempts: 9, On: []error{ErrPanicRecovered}}, &PanicError{Value: 1}, 1, true},
	} {
		require.Equal(t, c.want, c.policy.again(c.err, c.attempt), name)
	}
}

func TestPermanent(t *testing.T) {
	require.True(t, Permanent(nil) == nil)
	cause := &fs.PathError{Op: "open", Path: "x", Err: fs.ErrNotExist}
	err := Permanent(cause)
	require.EqualError(t, err, cause.Error())
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.True(t, errors.Unwrap(err) == error(cause))
	var as *fs.PathError
	require.ErrorAs(t, Permanent(Permanent(err)), &as)
	require.True(t, as == cause)
	require.NotErrorIs(t, err, ErrJobNotFound)
}

func TestPanicError(t *testing.T) {
	err := &PanicError{Value: "ouch"}
	require.EqualError(t, err, "gocron: panic recovered from ouch")
	require.ErrorIs(t, err, ErrPanicRecovered)

	err = &PanicError{Value: fs.ErrNotExist}
	require.EqualError(t, err, "gocron: panic recovered from file does not exist")
	require.ErrorIs(t, err, ErrPanicRecovered)
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.NotErrorIs(t, err, fs.ErrExist)

	require.EqualError(t, &PanicError{}, "gocron: panic recovered from <nil>")
	require.EqualError(t, &PanicError{Value: 5}, "gocron: panic recovered from 5")
	require.EqualError(t, &PanicError{Value: errors.New("100%d")}, "gocron: panic recovered from 100%d")
	require.NotErrorIs(t, &PanicError{Value: fs.ErrNotExist.Error()}, fs.ErrNotExist)
}

func TestNewPanicErrorKeepsTheStack(t *testing.T) {
	err := newPanicError(7)
	require.Equal(t, 7, err.Value)
	require.Contains(t, string(err.Stack), "TestNewPanicErrorKeepsTheStack")
}

func TestTimeoutError(t *testing.T) {
	err := timeoutError(90*time.Second, nil)
	require.EqualError(t, err, "gocron: run exceeded its timeout of 1m30s")
	require.ErrorIs(t, err, ErrRunTimeout)
	err = timeoutError(time.Second, fs.ErrNotExist)
	require.EqualError(t, err, "gocron: run exceeded its timeout of 1s: file does not exist")
	require.ErrorIs(t, err, ErrRunTimeout)
	require.ErrorIs(t, err, fs.ErrNotExist)
}
