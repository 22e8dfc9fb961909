package gocron

import (
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestNap(t *testing.T) {
	cases := map[string]struct{ left, want time.Duration }{
		"nothing to wait for": {never, never},
		"near":                {time.Second, time.Second},
		"in a minute":         {longestNap, longestNap},
		"beyond a minute":     {longestNap + 1, longestNap},
		"far":                 {never - 1, longestNap},
		"due":                 {0, 0},
		"overdue":             {-time.Minute, -time.Minute},
	}
	for name, tc := range cases {
		require.Equal(t, tc.want, nap(tc.left), name)
	}
}

// A wrapped real clock may do anything: it is not taken for the real one.
type wrappedClock struct{ clockwork.Clock }

func TestIsRealClock(t *testing.T) {
	require.True(t, isRealClock(clockwork.NewRealClock()))
	require.False(t, isRealClock(clockwork.NewFakeClock()))
	require.False(t, isRealClock(wrappedClock{clockwork.NewRealClock()}))
	require.False(t, isRealClock(&wrappedClock{clockwork.NewRealClock()}))
}

// sleeps sleeps on a goroutine of its own, so that a test is not hung by a
// sleeper that does not wake.
func sleeps(t *testing.T, s *sleeper, d time.Duration, nudges, stopping <-chan struct{}) {
	t.Helper()
	woke := make(chan struct{})
	go func() {
		defer close(woke)
		s.sleep(d, nudges, stopping)
	}()
	receive(t, woke)
}

func TestSleeperWakes(t *testing.T) {
	nudged := func() chan struct{} {
		nudges := make(chan struct{}, 1)
		nudges <- struct{}{}
		return nudges
	}
	stopped := make(chan struct{})
	close(stopped)
	var s sleeper
	defer s.stop()
	sleeps(t, &s, never, nudged(), nil)
	require.Nil(t, s.timer, "a sleep without an end needs no timer")
	sleeps(t, &s, never, nil, stopped)
	sleeps(t, &s, time.Hour, nudged(), nil)
	sleeps(t, &s, time.Hour, nil, stopped)
	sleeps(t, &s, time.Nanosecond, nil, nil)
	sleeps(t, &s, 0, nil, nil)
	sleeps(t, &s, -time.Hour, nil, nil)
	sleeps(t, &s, never, nudged(), nil)
}

// With the timer channels of programs below Go 1.23 a tick that nobody took is
// still there when the timer was set again. It may wake the sleeper early, and
// must neither hang it nor keep it from waking a second time.
func TestSleeperToleratesStaleTicks(t *testing.T) {
	t.Setenv("GODEBUG", "asynctimerchan=1")
	var s sleeper
	defer s.stop()
	nudges := make(chan struct{}, 1)
	for i := 0; i < 100; i++ {
		nudges <- struct{}{}
		sleeps(t, &s, time.Nanosecond, nudges, nil) // by the tick or by the nudge
		select {
		case <-nudges:
		default:
		}
		sleeps(t, &s, time.Nanosecond, nudges, nil)
	}
	nudges <- struct{}{}
	sleeps(t, &s, time.Hour, nudges, nil)
}

func TestSleeperStopsWithoutHavingSlept(t *testing.T) {
	var s sleeper
	s.stop()
}
