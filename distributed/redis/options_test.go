package redis

import (
	"log/slog"
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
		"no client":       {nil, nil, "NewLocker: the client is nil"},
		"nil client":      {(*goredis.Client)(nil), nil, "NewLocker: the client is nil"},
		"ring":            {ring, nil, "NewLocker: the client is a Ring"},
		"nil option":      {client, []Option{WithRunLock(), nil}, "NewLocker: option 1 is nil"},
		"namespace":       {client, []Option{WithNamespace("")}, "WithNamespace: the namespace is empty"},
		"short keep":      {client, []Option{WithKeep(999 * time.Millisecond)}, "WithKeep: 999ms is less than 1s"},
		"negative keep":   {client, []Option{WithKeep(-time.Hour)}, "WithKeep: -1h0m0s is less than 1s"},
		"short ttl":       {client, []Option{WithTTL(0)}, "WithTTL: 0s is less than 1s"},
		"request timeout": {client, []Option{WithRequestTimeout(0)}, "WithRequestTimeout: 0s is not positive"},
		"logger":          {client, []Option{WithLogger(nil)}, "WithLogger: the logger is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			locker, err := NewLocker(c.client, c.options...)
			require.Nil(t, locker)
			require.ErrorContains(t, err, "gocron/redis: "+c.text)
		})
	}
}

// No server is needed for a program to start.
func TestNewLockerTakes(t *testing.T) {
	locker, err := NewLocker(newClient(t, "127.0.0.1:1"))
	require.NoError(t, err)
	require.Equal(t, config{"gocron", 2 * time.Hour, 15 * time.Second, 5 * time.Second, false, silent{}}, *locker.config)

	locker, err = NewLocker(newClient(t, "127.0.0.1:1"), WithNamespace("first"), WithNamespace("n"), WithKeep(time.Second),
		WithTTL(time.Second), WithRequestTimeout(1), WithRunLock(), WithLogger(slog.Default()))
	require.NoError(t, err)
	require.Equal(t, config{"n", time.Second, time.Second, 1, true, slog.Default()}, *locker.config)
}

func TestMilliseconds(t *testing.T) {
	require.EqualValues(t, 1000, milliseconds(time.Second))
	require.EqualValues(t, 1001, milliseconds(time.Second+1))
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
