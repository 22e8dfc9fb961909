package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// nowhere returns a pool on a port of this machine where nothing listens.
func nowhere(t *testing.T) *pgxpool.Pool {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return pool(t, fmt.Sprintf("postgres://somebody:secret@%s/something?sslmode=disable", listener.Addr()))
}

func requireNoCredentials(t *testing.T, text string, credentials ...string) {
	t.Helper()
	for _, c := range append(credentials, "somebody", "secret", "something", "postgres://") {
		require.NotContains(t, text, c)
	}
}

func TestUnreachableDatabase(t *testing.T) {
	db := nowhere(t)
	_, err := NewLocker(t.Context(), db)
	require.ErrorContains(t, err, "gocron/postgres: NewLocker: could not connect: ")
	require.True(t, engineDown(err))
	requireNoCredentials(t, err.Error())
	var cause *pgconn.ConnectError
	require.ErrorAs(t, err, &cause)
	_, err = NewElector(t.Context(), db, "jobs")
	require.ErrorContains(t, err, "gocron/postgres: NewElector: could not connect: ")
	require.True(t, engineDown(err))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = NewLocker(ctx, db)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, engineDown(err))
}

// TestDatabaseThatGoesAway has all that is made before it goes.
func TestDatabaseThatGoesAway(t *testing.T) {
	direct := server(t)
	prefix := newPrefix(t, direct)
	db, relay := throughRelay(t)
	var log safeBuffer
	logger := slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	options := []Option{WithTable(prefix), WithTTL(time.Second), WithKeep(time.Second), WithLogger(logger), WithRequestTimeout(200 * time.Millisecond)}
	l := newLocker(t, db, options...)
	e := newElector(t, db, "jobs", options...)
	lock := obtain(t, l, "other")
	eventually(t, "it leads", leads(e))
	relay.cut()

	_, err := l.Claim(t.Context(), "report", databaseNow(t, direct))
	require.True(t, engineDown(err), "%v", err)
	require.ErrorContains(t, err, `gocron/postgres: claim "report" at `)
	_, err = l.Lock(t.Context(), "report")
	require.True(t, engineDown(err), "%v", err)
	err = lock.Unlock(t.Context())
	require.True(t, engineDown(err), "%v", err)
	require.ErrorContains(t, err, `gocron/postgres: unlock "other": `)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = l.Claim(ctx, "report", databaseNow(t, direct))
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, engineDown(err), "%v", err)

	eventually(t, "the elector has no database", func() bool { return engineDown(e.IsLeader(t.Context())) })
	eventually(t, "the loss of the term is logged", func() bool { // else Close may be taken for its end
		return strings.Contains(log.String(), `level=ERROR msg="gocron/postgres: this node no longer leads" name=jobs token=`)
	})
	err = e.Close(t.Context())
	require.True(t, engineDown(err), "%v", err)
	require.ErrorContains(t, err, `gocron/postgres: resign "jobs": `)
	relay.heal()
	eventually(t, "it can resign when the database is there again", func() bool { return e.Close(t.Context()) == nil })
	c := direct.Config().ConnConfig
	requireNoCredentials(t, log.String(), c.Password)
	require.Contains(t, log.String(), `level=INFO msg="gocron/postgres: this node leads" name=jobs token=`)
	require.Contains(t, log.String(), `level=ERROR msg="gocron/postgres: the engine could not be asked for a term" name=jobs error="gocron/postgres: lead \"jobs\": `)
}

// TestRequestTimeout has requests hang, of callers that have time.
func TestRequestTimeout(t *testing.T) {
	direct := server(t)
	prefix := newPrefix(t, direct)
	db, relay := throughRelay(t)
	l := newLocker(t, db, WithTable(prefix), WithRequestTimeout(200*time.Millisecond), WithTTL(time.Second))
	e := newElector(t, db, "jobs", WithTable(prefix), WithRequestTimeout(200*time.Millisecond), WithTTL(time.Second))
	lock := obtain(t, l, "other")
	eventually(t, "it leads", leads(e))
	relay.cut()
	_, err := l.Lock(t.Context(), "report")
	require.EqualError(t, err, `gocron/postgres: lock "report": no answer within 200ms`)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.True(t, engineDown(err))
	eventually(t, "the elector has no answer", func() bool {
		return strings.HasSuffix(fmt.Sprint(e.IsLeader(t.Context())), ": no answer within 200ms")
	})
	eventually(t, "the lock is lost", func() bool { return isOver(lock.Lost()) })
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	_, err = l.Lock(ctx, "report")
	require.NotContains(t, err.Error(), "no answer within")
	require.False(t, engineDown(err))

	require.Error(t, e.Close(t.Context()))
	err = e.IsLeader(t.Context())
	require.EqualError(t, err, `gocron/postgres: lead "jobs": it was closed`)
	require.ErrorIs(t, err, ErrNotLeader)
	require.False(t, engineDown(err))
}

// TestRenewalWithoutAnswer has the renewals of a lock hang until it is lost.
func TestRenewalWithoutAnswer(t *testing.T) {
	prefix := newPrefix(t, server(t))
	db, relay := throughRelay(t)
	atAnySpeed(t, time.Second, func(ttl time.Duration) bool { // it may be lost before it is renewed
		var log safeBuffer
		l := newLocker(t, db, WithTable(prefix), WithRequestTimeout(ttl/5), WithTTL(ttl),
			WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		lock := obtain(t, l, "other")
		relay.cut()
		<-lock.Lost()
		<-lock.lease.kept
		relay.heal()
		eventually(t, "it is unlocked", func() bool { return lock.Unlock(t.Context()) == nil })
		return strings.Contains(log.String(), `level=WARN msg="gocron/postgres: a run lock could not be renewed" key=other `+
			`error="gocron/postgres: renew \"other\": no answer within `+(ttl/5).String()+`"`)
	})
}

// TestLockOfACallerThatHasGone has the caller's context end while the database answers.
func TestLockOfACallerThatHasGone(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l := newLocker(t, db, WithTable(prefix), WithTTL(time.Second))
	ctx, cancel := context.WithCancel(t.Context())
	pool := &impatient{Pool: db, cancel: cancel}
	l.store.db = pool
	_, err := l.Lock(ctx, "report")
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, engineDown(err))
	require.Zero(t, pool.executed.Load(), "the caller waited for more")
	other := newLocker(t, db, WithTable(prefix))
	eventually(t, "the lock is free after the TTL", func() bool {
		lock, err := other.Lock(t.Context(), "report")
		return err == nil && lock.Unlock(t.Context()) == nil
	})
}

// An impatient pool has its caller go when the server has performed the statement.
type impatient struct {
	*pgxpool.Pool
	cancel   context.CancelFunc
	executed atomic.Int64
}

func (i *impatient) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	i.executed.Add(1)
	return i.Pool.Exec(ctx, sql, args...)
}

func (i *impatient) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return gone{i.Pool.QueryRow(ctx, sql, args...), i.cancel}
}

type gone struct {
	pgx.Row
	cancel context.CancelFunc
}

func (g gone) Scan(into ...any) error {
	_ = g.Row.Scan(into...)
	g.cancel()
	return context.Canceled
}

func TestRefusedLogin(t *testing.T) {
	db := server(t)
	for name, change := range map[string]func(*pgx.ConnConfig){
		"password": func(c *pgx.ConnConfig) { c.Password = "secret" },
		"user":     func(c *pgx.ConnConfig) { c.User, c.Password = "somebody", "secret" },
		"database": func(c *pgx.ConnConfig) { c.Database = "something" },
	} {
		c := db.Config().Copy()
		change(c.ConnConfig)
		refused, err := pgxpool.NewWithConfig(t.Context(), c)
		require.NoError(t, err)
		t.Cleanup(refused.Close)
		_, err = NewLocker(t.Context(), refused)
		require.ErrorContains(t, err, "gocron/postgres: NewLocker: the server refused the connection (SQLSTATE ", name)
		require.True(t, engineDown(err))
		requireNoCredentials(t, err.Error(), `"`+c.ConnConfig.User+`"`, c.ConnConfig.Password)
	}
}

func TestErrorText(t *testing.T) {
	at := time.Date(2026, 11, 22, 20, 0, 0, 0, time.UTC)
	fatal := &pgconn.PgError{Severity: "FATAL", Code: "28P01", Message: `password authentication failed for user "somebody"`}
	stop := &pgconn.PgError{Severity: "FATAL", Code: "57P01", Message: "terminating connection due to administrator command"}
	foreign := &pgconn.PgError{Severity: "FEHLER", SeverityUnlocalized: "ERROR", Code: "42501", Message: "keine Berechtigung"}
	for want, err := range map[string]*Error{
		`gocron/postgres: claim "report" at 2026-11-22T20:00:00Z: taken by another node`:                       {Op: "claim", Key: "report", Scheduled: at, Err: ErrTaken},
		`gocron/postgres: lock "a\"b": x`:                                                                      {Op: "lock", Key: `a"b`, Err: errors.New("x")},
		`gocron/postgres: NewLocker: the server refused the connection (SQLSTATE 28P01)`:                       {Op: "NewLocker", Err: fmt.Errorf("wrapped: %w", fatal)},
		`gocron/postgres: lock "report": terminating connection due to administrator command (SQLSTATE 57P01)`: {Op: "lock", Key: "report", Err: stop},
		`gocron/postgres: lock "report": keine Berechtigung (SQLSTATE 42501)`:                                  {Op: "lock", Key: "report", Err: foreign},
	} {
		require.EqualError(t, err, want)
		require.ErrorIs(t, err, err.Err)
	}
}

// A safeBuffer is a buffer that several goroutines may write to.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}
