package postgres

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"
)

// TestClaimWindow asks for occurrences near the ends of the time in which they can be
// claimed, by the database's clock.
func TestClaimWindow(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	const keep = time.Hour
	l := newLocker(t, db, WithTable(prefix), WithKeep(keep))
	now := databaseNow(t, db)
	for _, c := range []struct {
		after time.Duration // of the scheduled time, from now
		err   error
	}{
		{0, nil},
		{keep - time.Minute, nil},
		{keep + time.Minute, ErrTooEarly},
		{-keep + time.Minute, nil},
		{-keep - time.Minute, ErrTooLate},
		{-keep, ErrTooLate},
		{-290 * 365 * 24 * time.Hour, ErrTooLate},
		{290 * 365 * 24 * time.Hour, ErrTooEarly},
	} {
		_, err := l.Claim(t.Context(), "report", now.Add(c.after))
		require.ErrorIs(t, err, c.err, "%v", c.after)
		require.False(t, engineDown(err))
	}
	require.Equal(t, 3, count(t, db, prefix, "{claims}"), "a refused claim leaves a row")
}

// TestClaimOfFarYears asks for instants that do not fit into 64 bits of nanoseconds.
func TestClaimOfFarYears(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l := newLocker(t, db, WithTable(prefix))
	for year, want := range map[int]error{1: ErrTooLate, 1600: ErrTooLate, 2300: ErrTooEarly, 9999: ErrTooEarly} {
		_, err := l.Claim(t.Context(), "report", time.Date(year, 6, 1, 0, 0, 0, 1, time.UTC))
		require.ErrorIs(t, err, want, "%d", year)
	}
	wide := newLocker(t, db, WithTable(prefix), WithKeep(longest))
	at := databaseNow(t, db).Add(longest - time.Hour)
	_, err := wide.Claim(t.Context(), "report", at)
	require.NoError(t, err)
	_, err = wide.Claim(t.Context(), "report", at)
	require.ErrorIs(t, err, ErrTaken)
}

// TestClaimHeldUpIsNotGrantedAgain has a claim wait in the server, from before the
// occurrence's first claim expires until after its row has been removed.
func TestClaimHeldUpIsNotGrantedAgain(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	atAnySpeed(t, 2*time.Second, func(keep time.Duration) bool { return heldUp(t, db, prefix, keep) })
}

// heldUp reports whether the claim was held up from before keep had passed.
func heldUp(t *testing.T, db *pgxpool.Pool, prefix string, keep time.Duration) bool {
	l := newLocker(t, db, WithTable(prefix), WithKeep(keep))
	require.NoError(t, l.Close(t.Context())) // this test removes the row
	at := databaseNow(t, db)
	if _, err := l.Claim(t.Context(), "report", at); err != nil {
		require.ErrorIs(t, err, ErrTooLate)
		return false
	}

	tx, err := db.Begin(t.Context())
	require.NoError(t, err)
	defer func() { _ = tx.Rollback(context.Background()) }()
	_, err = tx.Exec(t.Context(), l.store.names.fill(`LOCK TABLE {claims} IN EXCLUSIVE MODE`))
	require.NoError(t, err)
	again := make(chan error)
	go func() {
		_, err := l.Claim(context.Background(), "report", at)
		again <- err
	}()
	waiting := l.store.names.fill(`SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = to_regclass($1)`)
	eventually(t, "the claim waits in the server", func() bool {
		var n int
		require.NoError(t, db.QueryRow(t.Context(), waiting, l.store.names.claims).Scan(&n))
		return n > 0
	})
	inTime := databaseNow(t, db).Sub(at) < keep
	eventually(t, "the first claim has expired", func() bool { return databaseNow(t, db).Sub(at) > keep })
	_, err = tx.Exec(t.Context(), l.store.names.fill(`DELETE FROM {claims}`))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(t.Context()))
	require.ErrorIs(t, <-again, ErrTooLate)
	return inTime
}

// TestClockThatIsOffIsReported has all claims refused, which nobody else would tell of.
func TestClockThatIsOffIsReported(t *testing.T) {
	db := server(t)
	var log safeBuffer
	l := newLocker(t, db, WithTable(newPrefix(t, db)), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	now := databaseNow(t, db)
	for range 2 {
		for range 2 {
			_, err := l.Claim(t.Context(), "report", now.Add(3*time.Hour))
			require.ErrorIs(t, err, ErrTooEarly)
			_, err = l.Claim(t.Context(), "report", now.Add(-3*time.Hour))
			require.ErrorIs(t, err, ErrTooLate)
		}
		_, _ = l.Claim(t.Context(), "report", now) // made, then taken
	}
	const warning = `level=WARN msg="gocron/postgres: a claim was asked at the wrong time: compare the clocks" key=report error=`
	require.Equal(t, 2, strings.Count(log.String(), warning), log.String())
}
