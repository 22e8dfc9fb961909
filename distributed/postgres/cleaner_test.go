package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestNothingIsLeftBehind waits until all claims, and the run lock of a node that died,
// have expired and been removed by the lockers themselves.
func TestNothingIsLeftBehind(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	options := []Option{WithTable(prefix), WithKeep(time.Second), WithTTL(time.Second)}
	l := newLocker(t, db, options...)
	newLocker(t, db, options...)
	granted := 0
	for granted < 20 { // a slow machine may take longer than a second to ask
		if _, err := l.Claim(t.Context(), "report", databaseNow(t, db)); err == nil {
			granted++
		} else {
			require.ErrorIs(t, err, ErrTooLate)
		}
	}
	_, err := l.store.take(t.Context(), grip{runLease, "report", "a node that died"})
	require.NoError(t, err)
	eventually(t, "all is removed", func() bool {
		return count(t, db, prefix, "{claims}") == 0 && count(t, db, prefix, "{leases}") == 0
	})
}

// TestCleanRemovesWhatHasExpired has more rows than one removedAtOnce takes, and some that live.
func TestCleanRemovesWhatHasExpired(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l := newLocker(t, db, WithTable(prefix))
	insert := l.store.names.fill(`
		INSERT INTO {claims} SELECT 'gocron', 'report', n, 0, now(), 'x', n, now(), now() + $1::bigint * interval '1 second'
		FROM generate_series($2::int, $3::int) AS n`)
	_, err := db.Exec(t.Context(), insert, -1, 1, 4*removedAtOnce+500)
	require.NoError(t, err)
	_, err = db.Exec(t.Context(), insert, 3600, 5001, 5010)
	require.NoError(t, err)
	lock, err := l.Lock(t.Context(), "report")
	require.NoError(t, err)

	var both [2]error
	done := make(chan struct{})
	go func() {
		defer close(done)
		both[0] = l.store.clean(context.Background())
	}()
	both[1] = l.store.clean(t.Context())
	<-done
	require.NoError(t, both[0])
	require.NoError(t, both[1])
	// A pass leaves the rows that the other is about to remove, and ends when it finds less
	// than a removedAtOnce of others.
	require.NoError(t, l.store.clean(t.Context()))
	require.Equal(t, 10, count(t, db, prefix, "{claims}"))
	require.Equal(t, 1, count(t, db, prefix, "{leases}"))
	require.NoError(t, lock.Unlock(t.Context()))
}

func TestCloseEndsTheCleaner(t *testing.T) {
	db := server(t)
	l := newLocker(t, db, WithTable(newPrefix(t, db)))
	require.False(t, isOver(l.cleaner.done))
	require.NoError(t, l.Close(t.Context()))
	require.True(t, isOver(l.cleaner.done))
	require.NoError(t, l.Close(t.Context()), "a second time")
	_, err := l.Claim(t.Context(), "report", databaseNow(t, db))
	require.NoError(t, err, "a closed Locker still claims")
}
