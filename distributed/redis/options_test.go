package redis

import (
	"errors"
	"log/slog"
	"math"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func TestNewLockerRefuses(t *testing.T) {
	client := newClient(t, "127.0.0.1:1")
	ring := goredis.NewRing(&goredis.RingOptions{Addrs: map[string]string{"one": "127.0.0.1:1"}})
	defer ring.Close()
	for name, c := range map[string]struct {
		client  goredis.UniversalClient
		options []Option
		text    string
	}{
		"no client":       {nil, nil, "NewLocker: client must not be nil"},
		"nil client":      {(*goredis.Client)(nil), nil, "NewLocker: client must not be nil"},
		"ring":            {ring, nil, "NewLocker: client must not be a Ring"},
		"nil option":      {client, []Option{WithRunLock(), nil}, "NewLocker: option 1 must not be nil"},
		"namespace":       {client, []Option{WithNamespace("")}, "WithNamespace: namespace must not be empty"},
		"short keep":      {client, []Option{WithKeep(999 * time.Millisecond)}, "WithKeep: keep must be between 1s and 87600h0m0s, not 999ms"},
		"negative keep":   {client, []Option{WithKeep(-time.Hour)}, "WithKeep: keep must be between 1s and 87600h0m0s, not -1h0m0s"},
		"short ttl":       {client, []Option{WithTTL(0)}, "WithTTL: ttl must be between 1s and 87600h0m0s, not 0s"},
		"request timeout": {client, []Option{WithRequestTimeout(0)}, "WithRequestTimeout: timeout must be between 1ms and 87600h0m0s, not 0s"},
		"long keep":       {client, []Option{WithKeep(longest + 1)}, "WithKeep: keep must be between"},
		"long ttl":        {client, []Option{WithTTL(math.MaxInt64)}, "WithTTL: ttl must be between"},
		"long timeout":    {client, []Option{WithRequestTimeout(math.MaxInt64)}, "WithRequestTimeout: timeout must be between"},
		"typed logger":    {client, []Option{WithLogger((*slog.Logger)(nil))}, "WithLogger: logger must not be nil"},
		"logger":          {client, []Option{WithLogger(nil)}, "WithLogger: logger must not be nil"},
	} {
		t.Run(name, func(t *testing.T) {
			locker, err := NewLocker(c.client, c.options...)
			require.Nil(t, locker)
			require.ErrorContains(t, err, "gocron/redis: "+c.text)
			var down interface{ EngineDown() bool }
			require.False(t, errors.As(err, &down) && down.EngineDown())
		})
	}
}

// No server is needed for a program to start.
func TestNewLockerTakes(t *testing.T) {
	locker, err := NewLocker(newClient(t, "127.0.0.1:1"))
	require.NoError(t, err)
	require.Equal(t, config{"gocron", 2 * time.Hour, 15 * time.Second, 5 * time.Second, false, silent{}}, *locker.config)

	locker, err = NewLocker(newClient(t, "127.0.0.1:1"), WithNamespace("first"), WithNamespace("n"), WithKeep(time.Second),
		WithTTL(time.Second), WithRequestTimeout(leastTimeout), WithRunLock(), WithLogger(slog.Default()))
	require.NoError(t, err)
	require.Equal(t, config{"n", time.Second, time.Second, leastTimeout, true, slog.Default()}, *locker.config)
}

func TestMilliseconds(t *testing.T) {
	require.EqualValues(t, 1000, milliseconds(time.Second))
	require.EqualValues(t, 1001, milliseconds(time.Second+1))
	require.EqualValues(t, longest/time.Millisecond, milliseconds(longest))
}

// Nothing that differs has the same key in Redis.
func TestKeysAreDistinct(t *testing.T) {
	instant := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	first := time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)
	last := time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)
	client := newClient(t, "127.0.0.1:1")
	names := []string{"a", "b", "a:claim", "claim:a", "a:claim:b", "b:claim:a", "%3A", "%", ":", "::", "lock", "a:lock:b"}
	seen := map[string]bool{}
	keys := 0
	for _, namespace := range names {
		locker, err := NewLocker(client, WithNamespace(namespace))
		require.NoError(t, err)
		for _, name := range append(names, "a:20261122T200000.000000000Z") {
			seen[locker.lockKey(name)] = true
			keys++
			for _, at := range []time.Time{instant, instant.Add(1), first, last} {
				seen[locker.claimKey(name, at)] = true
				keys++
			}
		}
	}
	require.Len(t, seen, keys)
}

func TestKeyOfAnInstantIsTheSameInAnyZone(t *testing.T) {
	locker, err := NewLocker(newClient(t, "127.0.0.1:1"))
	require.NoError(t, err)
	at := time.Date(2026, 11, 22, 20, 0, 0, 1, time.UTC)
	require.Equal(t, "gocron:claim:a:20261122T200000.000000001Z", locker.claimKey("a", at))
	require.Equal(t, locker.claimKey("a", at), locker.claimKey("a", at.In(time.FixedZone("", 5*3600+1800))))
	require.Equal(t, "gocron:lock:a", locker.lockKey("a"))
}
