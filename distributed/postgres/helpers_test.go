package postgres

import (
	"context"
	"fmt"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// patience bounds a wait for what must come; reaching it is a failure.
const patience = 30 * time.Second

// server returns a pool on the test server, or skips the test.
func server(t *testing.T) *pgxpool.Pool {
	t.Helper()
	return pool(t, dsn(t, "GOCRON_TEST_POSTGRES"))
}

func dsn(t *testing.T, env string) string {
	t.Helper()
	dsn := os.Getenv(env)
	if dsn == "" {
		t.Skip("no PostgreSQL here: `scripts/engines run go test ./...` starts one")
	}
	return dsn
}

func pool(t *testing.T, dsn string) *pgxpool.Pool {
	t.Helper()
	c, err := pgxpool.ParseConfig(dsn)
	require.NoError(t, err)
	c.MaxConns = 10
	p, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return p
}

var prefixes atomic.Int64

// newPrefix returns a prefix for tables that no other test has. They are dropped at the
// end of the test.
func newPrefix(t *testing.T, on *pgxpool.Pool) string {
	t.Helper()
	prefix := fmt.Sprintf("t%d_%d", os.Getpid(), prefixes.Add(1))
	dropAfter(t, on, prefix)
	return prefix
}

func dropAfter(t *testing.T, on *pgxpool.Pool, prefix string) {
	t.Helper()
	t.Cleanup(func() {
		n, err := newNames(prefix)
		require.NoError(t, err)
		drop := `DROP TABLE IF EXISTS {claims}, {leases}, {version}; DROP SEQUENCE IF EXISTS {tokens}`
		_, err = on.Exec(context.Background(), n.fill(drop), pgx.QueryExecModeSimpleProtocol)
		require.NoError(t, err)
	})
}

// newLocker returns a Locker that is closed at the end of the test. Unless the test says
// otherwise, the database has as long to answer as a slow machine may need.
func newLocker(t *testing.T, db DB, options ...Option) *Locker {
	t.Helper()
	l, err := NewLocker(t.Context(), db, append([]Option{WithRequestTimeout(patience)}, options...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, l.Close(context.Background())) })
	return l
}

func newElector(t *testing.T, db DB, name string, options ...Option) *Elector {
	t.Helper()
	e, err := NewElector(t.Context(), db, name, append([]Option{WithRequestTimeout(patience)}, options...)...)
	require.NoError(t, err)
	t.Cleanup(func() { _ = e.Close(context.Background()) })
	return e
}

// databaseNow returns the server's time, to which claims are judged.
func databaseNow(t *testing.T, on *pgxpool.Pool) time.Time {
	t.Helper()
	var now time.Time
	require.NoError(t, on.QueryRow(t.Context(), `SELECT clock_timestamp()`).Scan(&now))
	return now
}

func count(t *testing.T, on *pgxpool.Pool, prefix, table string) int {
	t.Helper()
	n, err := newNames(prefix)
	require.NoError(t, err)
	var rows int
	require.NoError(t, on.QueryRow(t.Context(), n.fill(`SELECT count(*) FROM `+table)).Scan(&rows))
	return rows
}

// eventually waits until the condition is true.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	require.Eventually(t, condition, patience, 5*time.Millisecond, what)
}

// atAnySpeed is for what can be seen only if the machine is fast enough. It calls try with
// a time, twice as long each time, until try reports that it has seen it. Code that is
// broken never shows it.
func atAnySpeed(t *testing.T, first time.Duration, try func(unit time.Duration) bool) {
	t.Helper()
	for unit := first; !try(unit); unit *= 2 {
		require.Less(t, unit, 10*time.Second, "it was not seen, even with that much time")
	}
}

// obtain takes a run lock. On a slow machine one of a short TTL may have no answer in time:
// then it asks again.
func obtain(t *testing.T, l *Locker, key string) (lock *Lock) {
	t.Helper()
	eventually(t, "it gets the lock", func() bool {
		var err error
		lock, err = l.Lock(t.Context(), key)
		return err == nil
	})
	return lock
}

// isOver reports whether the channel is closed.
func isOver(over <-chan struct{}) bool {
	select {
	case <-over:
		return true
	default:
		return false
	}
}
