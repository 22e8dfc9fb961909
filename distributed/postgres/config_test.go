package postgres

import (
	"context"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

func TestDefaults(t *testing.T) {
	c, err := newConfig("NewLocker", nil)
	require.NoError(t, err)
	require.Equal(t, &config{
		namespace: "gocron", table: "gocron", keep: 2 * time.Hour, ttl: 15 * time.Second,
		timeout: 5 * time.Second, logger: silence{},
	}, c)
}

func TestBadOptions(t *testing.T) {
	var noLogger *slog.Logger
	for want, option := range map[string]Option{
		"NewLocker: option 0 must not be nil":                                      nil,
		"WithNamespace: namespace must not be empty":                               WithNamespace(""),
		`WithNamespace: namespace must be UTF-8, not "a\xff"`:                      WithNamespace("a\xff"),
		`WithNamespace: namespace must have no zero byte: "a\x00"`:                 WithNamespace("a\x00"),
		"WithNamespace: namespace must have at most 1000 bytes, not 1001":          WithNamespace(strings.Repeat("n", maxKey+1)),
		`WithTable: "a.b.c" is not of the form "prefix" or "schema.prefix"`:        WithTable("a.b.c"),
		"WithKeep: keep must be between 1s and 87600h0m0s, not 999ms":              WithKeep(999 * time.Millisecond),
		"WithKeep: keep must be between 1s and 87600h0m0s, not 2562047h":           WithKeep(math.MaxInt64),
		"WithTTL: ttl must be between 1s and 87600h0m0s, not 0s":                   WithTTL(0),
		"WithTTL: ttl must be between 1s and 87600h0m0s, not 87600h0m0.000000001s": WithTTL(longest + 1),
		"WithRequestTimeout: timeout must be between 1ms and 87600h0m0s, not 0s":   WithRequestTimeout(0),
		"WithLogger: logger must not be nil":                                       WithLogger(noLogger),
	} {
		_, err := NewLocker(t.Context(), &pgxpool.Pool{}, option)
		require.ErrorContains(t, err, "gocron/postgres: "+want)
		require.False(t, engineDown(err))
		_, err = NewElector(t.Context(), &pgxpool.Pool{}, "jobs", option)
		require.ErrorContains(t, err, "gocron/postgres: "+strings.Replace(want, "NewLocker", "NewElector", 1))
		require.False(t, engineDown(err))
	}
	_, err := NewLocker(t.Context(), &pgxpool.Pool{}, WithLogger(nil))
	require.ErrorContains(t, err, "WithLogger: logger must not be nil")
}

func TestNoClient(t *testing.T) {
	var none *pgxpool.Pool
	for _, db := range []DB{nil, none} {
		_, err := NewLocker(t.Context(), db)
		require.EqualError(t, err, "gocron/postgres: NewLocker: client must not be nil")
		require.False(t, engineDown(err))
		_, err = NewElector(t.Context(), db, "jobs")
		require.EqualError(t, err, "gocron/postgres: NewElector: client must not be nil")
		require.False(t, engineDown(err))
	}
}

// A wrapped transaction is one too.
type wrapped struct{ pgx.Tx }

func TestClientsThatAreNoPool(t *testing.T) {
	for want, db := range map[string]DB{
		"not the transaction *pgxpool.Tx":         &pgxpool.Tx{},
		"not the transaction postgres.wrapped":    wrapped{},
		"not the single connection *pgx.Conn":     &pgx.Conn{},
		"not the single connection *pgxpool.Conn": &pgxpool.Conn{},
	} {
		_, err := NewLocker(t.Context(), db)
		require.ErrorContains(t, err, "gocron/postgres: NewLocker: client must be a pool, "+want)
		require.False(t, engineDown(err))
		_, err = NewElector(t.Context(), db, "jobs")
		require.ErrorContains(t, err, "gocron/postgres: NewElector: client must be a pool, "+want)
		require.False(t, engineDown(err))
	}
}

func TestNoContext(t *testing.T) {
	var none context.Context
	_, err := NewLocker(none, &pgxpool.Pool{})
	require.EqualError(t, err, "gocron/postgres: NewLocker: the context must not be nil")
	_, err = NewElector(none, &pgxpool.Pool{}, "jobs")
	require.EqualError(t, err, "gocron/postgres: NewElector: the context must not be nil")

	db := server(t)
	prefix := newPrefix(t, db)
	l, e := newLocker(t, db, WithTable(prefix)), newElector(t, db, "jobs", WithTable(prefix), WithTTL(time.Second))
	_, err = l.Claim(none, "report", time.Now())
	require.ErrorContains(t, err, ": the context must not be nil")
	require.True(t, engineDown(err))
	_, err = l.Lock(none, "report")
	require.EqualError(t, err, `gocron/postgres: lock "report": the context must not be nil`)
	lock, err := l.Lock(t.Context(), "report")
	require.NoError(t, err)
	require.EqualError(t, lock.Unlock(none), `gocron/postgres: unlock "report": the context must not be nil`)
	require.True(t, isOver(lock.Lost()))
	require.NoError(t, lock.Unlock(t.Context()))
	eventually(t, "it leads", func() bool { return e.IsLeader(none) == nil })
	require.EqualError(t, e.Close(none), `gocron/postgres: resign "jobs": the context must not be nil`)
	eventually(t, "it leads no more", func() bool { return e.IsLeader(none) != nil })
	require.EqualError(t, l.Close(none), "gocron/postgres: close: the context must not be nil")
}

// TestBadArguments asks for what is refused before the database is asked.
func TestBadArguments(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l := newLocker(t, db, WithTable(prefix))
	now := time.Now()
	for _, key := range []string{"", "a\x00", "a\xff", strings.Repeat("k", maxKey+1)} {
		_, err := l.Claim(t.Context(), key, now)
		require.ErrorContains(t, err, ": the key ")
		require.True(t, engineDown(err))
		_, err = l.Lock(t.Context(), key)
		require.ErrorContains(t, err, ": the key ")
		require.True(t, engineDown(err))
		_, err = NewElector(t.Context(), db, key, WithTable(prefix))
		require.ErrorContains(t, err, "gocron/postgres: NewElector: name must ")
		require.False(t, engineDown(err))
	}
	for _, at := range []time.Time{{}, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		_, err := l.Claim(t.Context(), "report", at)
		require.ErrorContains(t, err, "the scheduled time must ")
		require.True(t, engineDown(err))
	}
	long, err := l.Claim(t.Context(), strings.Repeat("é", maxKey/2), databaseNow(t, db))
	require.NoError(t, err, "the longest key")
	require.NoError(t, long.Unlock(t.Context()))
}
