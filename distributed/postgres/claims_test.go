package postgres

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestClaimIsGrantedOnce has a hundred nodes ask for the same occurrences.
func TestClaimIsGrantedOnce(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	const nodes, occurrences = 100, 20
	base := databaseNow(t, db).Truncate(time.Second)
	var granted [occurrences]atomic.Int64
	var all sync.WaitGroup
	for range nodes {
		l := newLocker(t, db, WithTable(prefix))
		all.Add(1)
		go func() {
			defer all.Done()
			for i := range occurrences {
				lock, err := l.Claim(t.Context(), "report", base.Add(time.Duration(i)*time.Second))
				if err != nil {
					assert.ErrorIs(t, err, ErrTaken)
					continue
				}
				granted[i].Add(1)
				assert.Nil(t, lock.Lost())
				assert.NoError(t, lock.Unlock(t.Context()))
			}
		}()
	}
	all.Wait()
	for i := range granted {
		require.EqualValues(t, 1, granted[i].Load(), "occurrence %d", i)
	}
	require.Equal(t, occurrences, count(t, db, prefix, "{claims}"))
}

// TestClaimUnderIsolation has the strictest isolation by default, where a claim that had
// to wait for another fails at first.
func TestClaimUnderIsolation(t *testing.T) {
	db := server(t)
	c := db.Config().Copy()
	c.ConnConfig.RuntimeParams["default_transaction_isolation"] = "serializable"
	strict, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(strict.Close)
	prefix := newPrefix(t, db)
	first, second := newLocker(t, db, WithTable(prefix)), newLocker(t, strict, WithTable(prefix), WithRequestTimeout(patience))
	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	first.store.db = tx
	at := databaseNow(t, db)
	_, err = first.Claim(t.Context(), "report", at)
	require.NoError(t, err)
	answer := make(chan error)
	go func() {
		_, err := second.Claim(context.Background(), "report", at)
		answer <- err
	}()
	eventually(t, "the second waits for the first", func() bool {
		var waiting bool
		err := db.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1 = ANY (pg_blocking_pids(pid)))`, int32(tx.Conn().PgConn().PID())).Scan(&waiting)
		require.NoError(t, err)
		return waiting
	})
	require.NoError(t, tx.Commit(t.Context()))
	require.ErrorIs(t, <-answer, ErrTaken)
}

func TestClaimTellsOccurrencesApart(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l, other := newLocker(t, db, WithTable(prefix)), newLocker(t, db, WithTable(prefix), WithNamespace("other"))
	at := databaseNow(t, db).Truncate(time.Second).Add(123456789)
	last := int64(0)
	claim := func(l *Locker, key string, at time.Time) {
		t.Helper()
		lock, err := l.Claim(t.Context(), key, at)
		require.NoError(t, err)
		require.Greater(t, lock.FencingToken(), last)
		last = lock.FencingToken()
	}
	claim(l, "report", at)
	claim(l, "report", at.Add(1))
	claim(l, "report", at.Add(-1))
	claim(l, "report2", at)
	claim(l, "Report", at)
	claim(l, `"';--`, at)
	claim(other, "report", at)
	_, err := l.Claim(t.Context(), "report", at.In(time.FixedZone("elsewhere", 3600)))
	require.ErrorIs(t, err, ErrTaken)
	require.EqualError(t, err, fmt.Sprintf(`gocron/postgres: claim "report" at %s: taken by another node`, at.UTC().Format(time.RFC3339Nano)))
}
