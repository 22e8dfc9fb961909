package postgres

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// everything claims, locks, renews, unlocks, cleans and leads.
func everything(t *testing.T, db, direct *pgxpool.Pool, prefix string) {
	t.Helper()
	l := newLocker(t, db, WithTable(prefix), WithRunLock(), WithTTL(time.Hour))
	start := databaseNow(t, direct)
	for i := range 50 {
		lock, err := l.Claim(t.Context(), "report", start.Add(time.Duration(i)))
		require.NoError(t, err)
		require.NoError(t, l.store.renew(t.Context(), lock.grip))
		_, err = l.Lock(t.Context(), "report")
		require.ErrorIs(t, err, ErrTaken)
		require.NoError(t, lock.Unlock(t.Context()))
		_, err = l.Claim(t.Context(), "report", start.Add(time.Duration(i)))
		require.ErrorIs(t, err, ErrTaken)
	}
	require.NoError(t, l.store.clean(t.Context()))
	e := newElector(t, db, "jobs", WithTable(prefix), WithTTL(time.Second))
	eventually(t, "it leads", leads(e))
	require.NoError(t, e.Close(t.Context()))
	require.Zero(t, count(t, direct, prefix, "{leases}"))
	require.Equal(t, 50, count(t, direct, prefix, "{claims}"))
}

// TestTransactionPooling works through PgBouncer, which may give every transaction
// another connection to the server, and does when several are busy.
func TestTransactionPooling(t *testing.T) {
	direct := server(t)
	pooled := pool(t, dsn(t, "GOCRON_TEST_PGBOUNCER"))
	prefix := newPrefix(t, direct)
	everything(t, pooled, direct, prefix)
	l := newLocker(t, pooled, WithTable(prefix))
	start := databaseNow(t, direct)
	var all sync.WaitGroup
	for n := range 10 {
		all.Go(func() {
			key := fmt.Sprint("job ", n)
			for i := range 30 {
				_, err := l.Claim(t.Context(), key, start.Add(time.Duration(i)))
				assert.NoError(t, err)
				lock, err := l.Lock(t.Context(), key)
				if assert.NoError(t, err) {
					assert.NoError(t, l.store.renew(t.Context(), lock.grip))
					assert.NoError(t, lock.Unlock(t.Context()))
				}
			}
		})
	}
	all.Wait()
}

// TestNoStatementIsPrepared looks for what a session would keep.
func TestNoStatementIsPrepared(t *testing.T) {
	db := server(t)
	c := db.Config().Copy()
	c.MaxConns = 1
	one, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(one.Close)
	everything(t, one, db, newPrefix(t, db))
	conn, err := one.Acquire(t.Context())
	require.NoError(t, err)
	defer conn.Release()
	const sql = `SELECT (SELECT count(*) FROM pg_prepared_statements), (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid())`
	rows, err := conn.Conn().PgConn().Exec(t.Context(), sql).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 1)
	require.Equal(t, [][]byte{[]byte("0"), []byte("0")}, rows[0].Rows[0], "prepared statements, and locks")
}

// TestBrokenConnections has the server close the connections of the pool, as its restart
// does: the next claim and the next lock succeed.
func TestBrokenConnections(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	c := db.Config().Copy()
	c.MaxConns = 1
	one, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(one.Close)
	l := newLocker(t, one, WithTable(prefix))
	start := databaseNow(t, db)
	for i := range 5 {
		terminate(t, db, one)
		_, err := l.Claim(t.Context(), "report", start.Add(time.Duration(i)))
		require.NoError(t, err)
		terminate(t, db, one)
		lock, err := l.Lock(t.Context(), "report")
		require.NoError(t, err)
		require.NoError(t, lock.Unlock(t.Context()))
	}
	require.Equal(t, 5, count(t, db, prefix, "{claims}"))
}

// TestClaimAskedTwice has the answer of a claim lost: asked again it is the same claim.
func TestClaimAskedTwice(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	forgetful := &forgetful{Pool: db}
	l := newLocker(t, forgetful, WithTable(prefix))
	at := databaseNow(t, db)
	forgetful.next.Store(true)
	_, err := l.Claim(t.Context(), "report", at)
	require.NoError(t, err)
	require.False(t, forgetful.next.Load(), "no answer was lost")
	_, err = l.Claim(t.Context(), "report", at)
	require.ErrorIs(t, err, ErrTaken)
	forgetful.next.Store(true)
	_, err = l.Claim(t.Context(), "report", at)
	require.ErrorIs(t, err, ErrTaken)
	require.Equal(t, 1, count(t, db, prefix, "{claims}"))
}
