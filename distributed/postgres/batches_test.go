package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// herd claims the occurrences of many jobs at once and returns the errors.
func herd(l *Locker, jobs int, at time.Time) []error {
	errs := make([]error, jobs)
	var all sync.WaitGroup
	for i := range jobs {
		all.Go(func() { _, errs[i] = l.Claim(context.Background(), fmt.Sprint("job", i), at) })
	}
	all.Wait()
	return errs
}

// requireOneEach requires that of all nodes one has each occurrence.
func requireOneEach(t *testing.T, nodes ...[]error) {
	t.Helper()
	for job := range nodes[0] {
		granted := 0
		for _, errs := range nodes {
			if errs[job] == nil {
				granted++
			} else {
				require.ErrorIs(t, errs[job], ErrTaken)
			}
		}
		require.Equal(t, 1, granted, "job %d", job)
	}
}

// A counting pool counts the statements with a word. It holds the first of them back until
// all others wait: how many there are at least.
type counting struct {
	*pgxpool.Pool
	t       *testing.T
	word    string
	n       atomic.Int64
	all     int
	waiting func() int
}

// from lets the count begin again.
func (c *counting) from(all int, waiting func() int) {
	c.all, c.waiting = all, waiting
	c.n.Store(0)
}

// waits is how many wait for their turn.
func waits[A comparable, R any](b *batcher[A, R]) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

// asksIn is how much a statement asks for.
func asksIn(args []any) int {
	for _, arg := range args {
		if names, ok := arg.([]string); ok {
			return len(names)
		}
	}
	return 0
}

func (c *counting) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if strings.Contains(sql, c.word) {
		if c.n.Add(1) == 1 && c.waiting != nil {
			assert.Eventually(c.t, func() bool { return c.waiting()+asksIn(args) == c.all }, patience, time.Millisecond)
		}
	}
	return c.Pool.QueryRow(ctx, sql, args...)
}

func TestHerdIsClaimedOnce(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	at := databaseNow(t, db)
	pools := make([]*counting, 3)
	nodes := make([][]error, len(pools))
	var all sync.WaitGroup
	for i := range pools {
		pools[i] = &counting{Pool: db, t: t, word: "_claims"}
		l := newLocker(t, pools[i], WithTable(prefix))
		pools[i].from(3000, func() int { return waits(l.claims) })
		all.Go(func() { nodes[i] = herd(l, 3000, at) })
	}
	all.Wait()
	requireOneEach(t, nodes...)
	for _, p := range pools {
		require.LessOrEqual(t, p.n.Load(), int64(20), "they do not go together")
	}
}

// TestHerdOverBrokenConnections has a pool of which every connection is broken.
func TestHerdOverBrokenConnections(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	other := pool(t, dsn(t, "GOCRON_TEST_POSTGRES"))
	l := newLocker(t, other, WithTable(prefix))
	start := databaseNow(t, db)
	for round := range 3 {
		var conns []*pgxpool.Conn
		for range other.Config().MaxConns {
			conn, err := other.Acquire(t.Context())
			require.NoError(t, err)
			conns = append(conns, conn)
		}
		for _, conn := range conns {
			pid := conn.Conn().PgConn().PID()
			conn.Release()
			_, err := db.Exec(t.Context(), `SELECT pg_terminate_backend($1, 10000)`, pid)
			require.NoError(t, err)
		}
		for _, err := range herd(l, 1000, start.Add(time.Duration(round))) {
			require.NoError(t, err)
		}
	}
}

// TestHerdWhileTheDatabaseIsAway has it refuse connections for a second.
func TestHerdWhileTheDatabaseIsAway(t *testing.T) {
	direct := server(t)
	prefix := newPrefix(t, direct)
	db, relay := throughRelay(t)
	l := newLocker(t, db, WithTable(prefix))
	other := newLocker(t, direct, WithTable(prefix))
	at := databaseNow(t, direct)
	relay.cut()
	back := time.AfterFunc(time.Second, relay.heal)
	defer back.Stop()
	mine := herd(l, 2000, at)
	requireOneEach(t, mine, herd(other, 2000, at))
}

// TestOneBadKeyFailsAlone has the database refuse a key of a batch, as one that is not of
// UTF-8 does for characters that it lacks.
func TestOneBadKeyFailsAlone(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	name := prefix + "_latin1"
	_, err := db.Exec(t.Context(), `CREATE DATABASE `+name+` ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`)
	require.NoError(t, err)
	t.Cleanup(func() {
		_, err := db.Exec(context.Background(), `DROP DATABASE `+name+` WITH (FORCE)`)
		require.NoError(t, err)
	})
	c := db.Config().Copy()
	c.ConnConfig.Database, c.ConnConfig.RuntimeParams["client_encoding"] = name, "UTF8"
	latin, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(latin.Close)
	l := newLocker(t, latin)
	at := databaseNow(t, db)
	var all sync.WaitGroup
	for i := range 300 {
		key := fmt.Sprint("job", i)
		if i == 7 {
			key = "日報"
		}
		all.Go(func() {
			_, err := l.Claim(context.Background(), key, at)
			if i == 7 {
				assert.ErrorContains(t, err, "SQLSTATE 22P05")
				assert.True(t, engineDown(err))
				return
			}
			assert.NoError(t, err)
		})
	}
	all.Wait()
}

// TestBusyPool has others keep all connections for longer than a request may take: that is
// no failure of the database.
func TestBusyPool(t *testing.T) {
	db := server(t)
	c := db.Config().Copy()
	c.MaxConns = 2
	small, err := pgxpool.NewWithConfig(t.Context(), c)
	require.NoError(t, err)
	t.Cleanup(small.Close)
	prefix := newPrefix(t, db)
	newLocker(t, db, WithTable(prefix)) // makes the tables
	atAnySpeed(t, 200*time.Millisecond, func(timeout time.Duration) bool {
		l, err := NewLocker(t.Context(), small, WithTable(prefix), WithRequestTimeout(timeout))
		if err != nil {
			return false
		}
		defer l.Close(t.Context())
		var busy []*pgxpool.Conn
		for range c.MaxConns {
			conn, err := small.Acquire(t.Context())
			require.NoError(t, err)
			busy = append(busy, conn)
		}
		freed := make(chan struct{})
		time.AfterFunc(3*timeout, func() {
			defer close(freed)
			for _, conn := range busy {
				conn.Release()
			}
		})
		errs := herd(l, 100, databaseNow(t, db))
		<-freed
		return errors.Join(errs...) == nil
	})
	// A connection that is not given back would keep Close of the pool waiting.
	require.Eventually(t, func() bool { return small.Stat().AcquiredConns() == 0 }, patience, time.Millisecond)
}

// TestRunLocksAreRenewedTogether has many: they are due to be renewed at the same times,
// and one statement renews them all.
func TestRunLocksAreRenewedTogether(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	renewals := &counting{Pool: db, t: t, word: "renewed"}
	const locks = 1500
	l := newLocker(t, renewals, WithTable(prefix), WithTTL(time.Hour))
	held := make([]*Lock, locks)
	var all sync.WaitGroup
	for i := range locks {
		all.Go(func() {
			var err error
			held[i], err = l.Lock(context.Background(), fmt.Sprint("job", i))
			assert.NoError(t, err)
		})
	}
	all.Wait()
	require.Positive(t, l.renewals.gather, "the first waits for the others")
	renewals.from(locks, func() int { return waits(l.renewals) })
	for _, lock := range held {
		require.Equal(t, l.begun, lock.lease.beat)
		all.Go(func() {
			_, err := l.renewals.ask(context.Background(), lock.grip, 0)
			assert.NoError(t, err)
		})
	}
	all.Wait()
	require.LessOrEqual(t, renewals.n.Load(), int64(2), "the first, and all others")
	for _, lock := range held {
		require.False(t, isOver(lock.Lost()))
		all.Go(func() { assert.NoError(t, lock.Unlock(context.Background())) })
	}
	all.Wait()
	require.Zero(t, count(t, db, prefix, "{leases}"))
}

// TestRunLocksOfManyNodes has nodes take, renew and release locks of the same jobs at
// once: no two statements wait for each other.
func TestRunLocksOfManyNodes(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	const jobs = 500
	var held [jobs]atomic.Int64
	var taken atomic.Int64
	var all sync.WaitGroup
	for range 3 {
		l := newLocker(t, db, WithTable(prefix), WithTTL(time.Hour))
		for i := range jobs {
			all.Go(func() {
				for range 3 {
					lock, err := l.Lock(context.Background(), fmt.Sprint("job", i))
					if err != nil {
						assert.ErrorIs(t, err, ErrTaken)
						continue
					}
					taken.Add(1)
					assert.EqualValues(t, 1, held[i].Add(1))
					_, err = l.renewals.ask(context.Background(), lock.grip, 0)
					assert.NoError(t, err)
					held[i].Add(-1)
					assert.NoError(t, lock.Unlock(context.Background()))
				}
			})
		}
	}
	all.Wait()
	require.Positive(t, taken.Load())
}

// A slow commit is committed after its connection has broken, as one that waits for a
// standby is: the statement holds its row until another transaction lets it go.
type slowCommit struct {
	*pgxpool.Pool
	t    *testing.T
	next atomic.Bool
}

func (s *slowCommit) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if !strings.Contains(sql, "_claims") || !s.next.CompareAndSwap(true, false) {
		return s.Pool.QueryRow(ctx, sql, args...)
	}
	tx, err := s.Pool.Begin(ctx)
	require.NoError(s.t, err)
	var ignored any
	_ = tx.QueryRow(ctx, sql, args...).Scan(&ignored, &ignored, &ignored, &ignored)
	go func() {
		<-time.After(200 * time.Millisecond)
		_ = tx.Commit(context.Background())
	}()
	return broken{}
}

type broken struct{}

func (broken) Scan(...any) error {
	return &pgconn.PgError{Severity: "FATAL", Code: "57P01", Message: "gone"}
}

// TestOwnClaimIsNotTakenForAnothers has the try before be committed while the next waits
// for it.
func TestOwnClaimIsNotTakenForAnothers(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	slow := &slowCommit{Pool: db, t: t}
	l := newLocker(t, slow, WithTable(prefix))
	start := databaseNow(t, db)
	for i := range 3 {
		slow.next.Store(true)
		for _, err := range herd(l, 50, start.Add(time.Duration(i))) {
			require.NoError(t, err)
		}
		require.False(t, slow.next.Load())
	}
	require.Equal(t, 150, count(t, db, prefix, "{claims}"))
}

// TestAnotherProgramIsReported has two programs use one namespace.
func TestAnotherProgramIsReported(t *testing.T) {
	db := server(t)
	prefix := newPrefix(t, db)
	var log safeBuffer
	l := newLocker(t, db, WithTable(prefix), WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	at := databaseNow(t, db)
	claim := func(i int, holder string) {
		_, err := l.Claim(t.Context(), "report", at.Add(time.Duration(i)))
		require.NoError(t, err)
		set := l.store.names.fill(`UPDATE {claims} SET holder = $1 WHERE nanos = $2`)
		_, err = db.Exec(t.Context(), set, holder, at.Add(time.Duration(i)).Nanosecond())
		require.NoError(t, err)
		_, err = l.Claim(t.Context(), "report", at.Add(time.Duration(i)))
		require.ErrorIs(t, err, ErrTaken)
	}
	const warning = "another program claims jobs of these names"
	claim(1, newHolder())
	claim(2, "host:1:ABC") // of the version before
	require.NotContains(t, log.String(), warning)
	claim(3, "host:1:ABC:other/program")
	claim(4, "host:1:ABC:other/program")
	require.Equal(t, 1, strings.Count(log.String(), warning), log.String())
	require.Contains(t, log.String(), "other=other/program")
}
