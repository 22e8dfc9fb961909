package postgres

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

func TestDefaults(t *testing.T) {
	c, err := newConfig(nil)
	require.NoError(t, err)
	require.Equal(t, &config{
		namespace: "gocron", table: "gocron", keep: 2 * time.Hour, ttl: 15 * time.Second,
		timeout: 5 * time.Second, logger: silence{},
	}, c)
}

func TestBadOptions(t *testing.T) {
	var noLogger *slog.Logger
	for want, option := range map[string]Option{
		"option 0 is nil":                                                   nil,
		"WithNamespace: the namespace is empty":                             WithNamespace(""),
		`WithNamespace: the namespace is not UTF-8: "a\xff"`:                WithNamespace("a\xff"),
		`WithNamespace: the namespace has a zero byte: "a\x00"`:             WithNamespace("a\x00"),
		"WithNamespace: the namespace has 1001 bytes, more than 1000":       WithNamespace(strings.Repeat("n", maxKey+1)),
		`WithTable: "a.b.c" is not of the form "prefix" or "schema.prefix"`: WithTable("a.b.c"),
		"WithKeep: 999ms is less than 1s":                                   WithKeep(999 * time.Millisecond),
		"WithTTL: 0s is less than 1s":                                       WithTTL(0),
		"WithRequestTimeout: 0s is less than 1ns":                           WithRequestTimeout(0),
		"WithLogger: the logger is nil":                                     WithLogger(noLogger),
	} {
		_, err := NewLocker(t.Context(), &pgxpool.Pool{}, option)
		require.ErrorContains(t, err, "gocron/postgres: new locker: "+want)
		require.False(t, engineDown(err))
		_, err = NewElector(t.Context(), &pgxpool.Pool{}, "jobs", option)
		require.ErrorContains(t, err, "gocron/postgres: new elector: "+want)
	}
	_, err := NewLocker(t.Context(), &pgxpool.Pool{}, WithLogger(nil))
	require.ErrorContains(t, err, "WithLogger: the logger is nil")
}

func TestNoClient(t *testing.T) {
	var none *pgxpool.Pool
	for _, db := range []DB{nil, none} {
		_, err := NewLocker(t.Context(), db)
		require.EqualError(t, err, "gocron/postgres: new locker: the database client is nil")
	}
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
		require.ErrorContains(t, err, ": the elector's name ")
	}
	for _, at := range []time.Time{{}, time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)} {
		_, err := l.Claim(t.Context(), "report", at)
		require.ErrorContains(t, err, "the scheduled time is ")
		require.True(t, engineDown(err))
	}
	long, err := l.Claim(t.Context(), strings.Repeat("é", maxKey/2), databaseNow(t, db))
	require.NoError(t, err, "the longest key")
	require.NoError(t, long.Unlock(t.Context()))
}
