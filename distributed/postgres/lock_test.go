package postgres

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRunLockIsOneAtATime(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l, other := newLocker(t, db, WithTable(prefix)), newLocker(t, db, WithTable(prefix))
	lock, err := l.Lock(t.Context(), "report")
	require.NoError(t, err)
	for _, one := range []*Locker{l, other} {
		_, err = one.Lock(t.Context(), "report")
		require.ErrorIs(t, err, ErrTaken)
		require.EqualError(t, err, `gocron/postgres: lock "report": taken by another node`)
	}
	another, err := other.Lock(t.Context(), "report2")
	require.NoError(t, err)
	require.NoError(t, another.Unlock(t.Context()))
	require.False(t, isOver(lock.Lost()))
	require.NoError(t, lock.Unlock(t.Context()))
	require.True(t, isOver(lock.Lost()))

	next, err := other.Lock(t.Context(), "report")
	require.NoError(t, err)
	require.Greater(t, next.FencingToken(), lock.FencingToken())
	require.NoError(t, lock.Unlock(t.Context()), "a second time")
	_, err = l.Lock(t.Context(), "report")
	require.ErrorIs(t, err, ErrTaken, "the second Unlock released another's lock")
	require.NoError(t, next.Unlock(t.Context()))
	require.Zero(t, count(t, db, prefix, "{leases}"))
}

// TestRunLockTokensAreOrdered has many contend for a lock that each holds for no longer
// than it takes to look at its token.
func TestRunLockTokensAreOrdered(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	var last atomic.Int64
	var all sync.WaitGroup
	for range 10 {
		l := newLocker(t, db, WithTable(prefix))
		all.Go(func() {
			for range 100 {
				lock, err := l.Lock(t.Context(), "report")
				if err != nil {
					assert.ErrorIs(t, err, ErrTaken)
					continue
				}
				token := lock.FencingToken()
				assert.Greater(t, token, last.Swap(token))
				assert.NoError(t, lock.Unlock(t.Context()))
			}
		})
	}
	all.Wait()
	require.Positive(t, last.Load())
}

func TestClaimWithRunLock(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l := newLocker(t, db, WithTable(prefix), WithRunLock())
	at := databaseNow(t, db).Truncate(time.Second)
	lock, err := l.Claim(t.Context(), "report", at)
	require.NoError(t, err)
	require.NotNil(t, lock.Lost())
	_, err = l.Claim(t.Context(), "report", at.Add(time.Second))
	require.ErrorIs(t, err, ErrTaken, "while the last run goes on")
	require.EqualError(t, err, `gocron/postgres: claim "report" at `+at.Add(time.Second).UTC().Format(time.RFC3339)+
		": another run of the job is in progress")
	require.False(t, engineDown(err))
	require.NoError(t, lock.Unlock(t.Context()))
	_, err = l.Claim(t.Context(), "report", at.Add(time.Second))
	require.ErrorIs(t, err, ErrTaken, "the claim stays")
	next, err := l.Claim(t.Context(), "report", at.Add(2*time.Second))
	require.NoError(t, err)
	require.Greater(t, next.FencingToken(), lock.FencingToken())
	require.NoError(t, next.Unlock(t.Context()))
	require.Zero(t, count(t, db, prefix, "{leases}"))
}

// TestRunLockIsLostBeforeAnotherHasIt cuts the holder off.
func TestRunLockIsLostBeforeAnotherHasIt(t *testing.T) {
	direct := server(t)
	prefix := newPrefix(t, direct)
	cut, relay := throughRelay(t)
	holder := newLocker(t, cut, WithTable(prefix), WithTTL(time.Second))
	other := newLocker(t, direct, WithTable(prefix), WithTTL(time.Hour))
	lock := obtain(t, holder, "report")
	relay.cut()
	next := obtain(t, other, "report")
	require.False(t, lock.lease.held())
	require.True(t, isOver(lock.Lost()))
	require.Greater(t, next.FencingToken(), lock.FencingToken())
	relay.heal()
	eventually(t, "what was lost can be unlocked", func() bool { return lock.Unlock(t.Context()) == nil })
	_, err := newLocker(t, cut, WithTable(prefix)).Lock(t.Context(), "report")
	require.ErrorIs(t, err, ErrTaken)
	require.NoError(t, next.Unlock(t.Context()))
}

// TestRunLockOutlivesItsTTL holds one, renewed, for several of its lives.
func TestRunLockOutlivesItsTTL(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	other := newLocker(t, db, WithTable(prefix))
	atAnySpeed(t, time.Second, func(ttl time.Duration) bool {
		lock := obtain(t, newLocker(t, db, WithTable(prefix), WithTTL(ttl)), "report")
		start := databaseNow(t, db)
		kept := true
		for kept && databaseNow(t, db).Sub(start) <= 3*ttl {
			another, err := other.Lock(t.Context(), "report")
			if kept = lock.lease.held(); kept {
				require.ErrorIs(t, err, ErrTaken)
			}
			if err == nil { // the machine was too slow for this TTL
				require.NoError(t, another.Unlock(t.Context()))
			}
		}
		require.NoError(t, lock.Unlock(t.Context()))
		return kept
	})
}

// TestUnlockAfterTheRun unlocks with a live context when that of Lock has ended.
func TestUnlockAfterTheRun(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	l := newLocker(t, db, WithTable(prefix))
	ctx, cancel := context.WithCancel(t.Context())
	lock, err := l.Lock(ctx, "report")
	require.NoError(t, err)
	cancel()
	require.False(t, isOver(lock.Lost()), "the lock does not end with the context that obtained it")
	require.NoError(t, lock.Unlock(t.Context()))
	require.Zero(t, count(t, db, prefix, "{leases}"))
}

// TestLockGoneFromTheDatabase has the row of a run lock removed.
func TestLockGoneFromTheDatabase(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	atAnySpeed(t, time.Second, func(ttl time.Duration) bool { // it may expire before it is renewed
		var log safeBuffer
		l := newLocker(t, db, WithTable(prefix), WithTTL(ttl), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		lock := obtain(t, l, "report")
		_, err := db.Exec(t.Context(), l.store.names.fill(`DELETE FROM {leases}`))
		require.NoError(t, err)
		<-lock.Lost()
		<-lock.lease.kept
		require.NoError(t, lock.Unlock(t.Context()))
		return strings.Contains(log.String(), `level=ERROR msg="gocron/postgres: a run lock is lost" key=report `+
			`error="gocron/postgres: renew \"report\": it is no longer held"`)
	})
}

// TestExpiredLeaseIsNotRenewed has a holder come back after its lease has ended.
func TestExpiredLeaseIsNotRenewed(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	s := newLocker(t, db, WithTable(prefix), WithTTL(time.Second)).store
	g := grip{runLease, "report", "somebody"}
	eventually(t, "it is renewed before it has expired", func() bool {
		_, err := s.take(t.Context(), g)
		require.NoError(t, err)
		return s.renew(t.Context(), g) == nil
	})
	require.ErrorIs(t, s.renew(t.Context(), grip{runLease, "report", "another"}), errGone)
	start := databaseNow(t, db)
	eventually(t, "it has expired", func() bool { return databaseNow(t, db).Sub(start) > time.Second })
	require.ErrorIs(t, s.renew(t.Context(), g), errGone)
}
