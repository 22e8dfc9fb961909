package redis

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// errNoPermission is how newer servers put it.
var errNoPermission = errors.New("NOPERM User alice has no permissions to run the 'evalsha' command")

// The text of every error says which engine, what was asked, and which key.
func TestErrorText(t *testing.T) {
	at := time.Date(2026, 11, 22, 21, 0, 0, 5, time.FixedZone("", 3600))
	for want, e := range map[string]*Error{
		`gocron/redis: claim "report" at 2026-11-22T20:00:00.000000005Z: taken by another node`:      {Op: opClaim, Key: "report", Scheduled: at, Err: ErrTaken},
		`gocron/redis: lock "a\"b": taken by another node`:                                           {Op: opLock, Key: `a"b`, Err: ErrTaken},
		`gocron/redis: check: NOPERM the user of this client may not run the command or use the key`: {Op: opCheck, Err: errNoPermission},
		`gocron/redis: check: no reason given`:                                                       {Op: opCheck},
	} {
		require.EqualError(t, e, want)
		require.Equal(t, e.Err, errors.Unwrap(e))
	}
}

func TestEngineDown(t *testing.T) {
	node, err := NewLocker(newClient(t, "127.0.0.1:1"))
	require.NoError(t, err)
	ended, cancel := context.WithCancel(background)
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		down bool
	}{
		{background, ErrTaken, false},
		{background, ErrTooLate, false},
		{background, ErrTooEarly, false},
		{background, fmt.Errorf("x: %w", ErrTaken), false},
		{background, errors.New("broken pipe"), true},
		{background, context.DeadlineExceeded, true},
		{background, goredis.ErrClosed, true},
		{ended, context.Canceled, false},
		{ended, errors.New("broken pipe"), false},
	} {
		e := node.failure(c.ctx, opClaim, "report", time.Now(), c.err)
		require.Equal(t, c.down, e.EngineDown(), "%v", c.err)
		require.ErrorIs(t, e, c.err)
		require.Equal(t, defaultNamespace, e.Namespace)
	}
}

// Nothing is asked for what cannot be used.
func TestBadInput(t *testing.T) {
	node, err := NewLocker(newClient(t, "127.0.0.1:1"))
	require.NoError(t, err)
	now := time.Now()
	_, empty := node.Claim(background, "", now)
	_, zero := node.Claim(background, "report", time.Time{})
	_, year := node.Claim(background, "report", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	_, before := node.Claim(background, "report", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC))
	_, lock := node.Lock(background, "")
	ended, cancel := context.WithCancel(background)
	cancel()
	_, late := node.Lock(ended, "")
	for err, want := range map[error]error{empty: errNoKey, zero: errNoTime, year: errYear, before: errYear, lock: errNoKey, late: errNoKey} {
		require.ErrorIs(t, err, want)
		require.True(t, isDown(t, err))
	}
}

func TestNoContext(t *testing.T) {
	var none context.Context
	node, err := NewLocker(newClient(t, "127.0.0.1:1"))
	require.NoError(t, err)
	_, claim := node.Claim(none, "report", time.Now())
	_, lock := node.Lock(none, "report")
	for _, err := range []error{claim, lock, node.Check(none)} {
		require.ErrorIs(t, err, errNoContext)
		require.True(t, isDown(t, err))
	}
	node = newNode(t, shared(t))
	held, err := node.Lock(background, "report")
	require.NoError(t, err)
	require.EqualError(t, held.Unlock(none), `gocron/redis: unlock "report": the context must not be nil`)
	waitFor(t, held.Lost())
	require.NoError(t, held.Unlock(background))
}

func TestUnreachableServer(t *testing.T) {
	client := newClient(t, "127.0.0.1:1", func(o *goredis.Options) {
		o.Username, o.Password, o.MaxRetries = "alice", "sesame", -1
	})
	atAnySpeed(t, 100*time.Millisecond, func(timeout time.Duration) bool {
		node, err := NewLocker(client, WithRunLock(), WithRequestTimeout(timeout))
		require.NoError(t, err)
		_, claim := node.Claim(background, "report", time.Now())
		_, lock := node.Lock(background, "report")
		refused := 0
		for _, err := range []error{claim, lock, node.Check(background)} {
			require.True(t, isDown(t, err))
			require.NotContains(t, err.Error(), "alice")
			require.NotContains(t, err.Error(), "sesame")
			if strings.Contains(err.Error(), "connection refused") {
				refused++
			}
		}
		return refused == 3
	})
}
