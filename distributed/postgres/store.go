package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// DB is what this package needs of the user's client. A *pgxpool.Pool is one. Its
// methods are called by several goroutines at once, so a single connection is refused,
// and so is a transaction, which would take claims back when it is rolled back.
type DB interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
	Begin(ctx context.Context) (pgx.Tx, error)
}

// A querier is a DB or a transaction of one.
type querier interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// A store keeps claims and leases in the database. Every statement is a transaction of
// its own and leaves nothing in the session, and none is prepared under a name: the next
// may be on another connection to the server, as a pooler in transaction mode does it.
//
// Time is the database's. now() is when the statement reached the server: later than
// when it was sent, and earlier than all it does.
type store struct {
	*config
	db    DB
	names *names
}

// newStore checks what the constructor was given, and makes the tables.
func newStore(ctx context.Context, db DB, constructor string, options []Option) (*store, error) {
	if err := checkClient(ctx, db); err != nil {
		return nil, fmt.Errorf("gocron/postgres: %s: %w", constructor, err)
	}
	c, err := newConfig(constructor, options)
	if err != nil {
		return nil, err
	}
	s := &store{config: c, db: db}
	if s.names, err = newNames(c.table); err == nil {
		err = s.prepare(ctx)
	}
	if err == nil && constructor == constructLocker {
		err = s.checkRights(ctx, s.names.claims, claimRights)
	}
	if err == nil && (constructor == constructElector || s.runLock) {
		err = s.checkRights(ctx, s.names.leases, leaseRights)
	}
	if err != nil {
		return nil, s.fail(ctx, constructor, "", time.Time{}, err)
	}
	return s, nil
}

// The constructors, as errors name them.
const (
	constructLocker  = "NewLocker"
	constructElector = "NewElector"
)

func checkClient(ctx context.Context, db DB) error {
	if ctx == nil {
		return errNoContext
	}
	if isNil(db) {
		return errors.New("client must not be nil")
	}
	switch db.(type) {
	case interface{ Commit(context.Context) error }:
		return fmt.Errorf("client must be a pool, not the transaction %T, whose claims a rollback takes back", db)
	case *pgx.Conn, *pgxpool.Conn:
		return fmt.Errorf("client must be a pool, not the single connection %T, which serves one caller at a time", db)
	}
	return nil
}

// fail is the error of an operation that the caller asked for with ctx.
func (s *store) fail(ctx context.Context, op, key string, scheduled time.Time, err error) error {
	return &Error{Op: op, Namespace: s.namespace, Key: key, Scheduled: scheduled, Err: err, down: isDown(ctx, err)}
}

func (s *store) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, s.timeout, noAnswer(s.timeout))
}

// exec performs a statement and returns how many rows it concerned.
func (s *store) exec(ctx context.Context, on querier, sql string, args ...any) (int64, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	tag, err := on.Exec(ctx, s.names.fill(sql), append([]any{pgx.QueryExecModeExec}, args...)...)
	return tag.RowsAffected(), answered(ctx, err)
}

// scan performs a statement and reads the one row of its result.
func (s *store) scan(ctx context.Context, on querier, sql string, args []any, into ...any) error {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	row := on.QueryRow(ctx, s.names.fill(sql), append([]any{pgx.QueryExecModeExec}, args...)...)
	return answered(ctx, row.Scan(into...))
}

// again asks for one thing until there is an answer or the request timeout has passed:
// after a restart of the server, each connection of a pool may be a broken one.
func again[R any](ctx context.Context, s *store, request func(context.Context) ([]answer[R], error)) (R, error) {
	ctx, cancel := s.bounded(ctx)
	defer cancel()
	for try := 0; ; try++ {
		answers, err := request(ctx)
		if err == nil {
			return answers[0].value, answers[0].err
		}
		if !isPassing(err) || !pause(ctx, try) {
			var none R
			return none, err
		}
	}
}

// A turn is a connection for the first try of a batch, or the pool for all of them.
type turn struct {
	querier
	pool DB
	conn *pgxpool.Conn
}

// turn waits while all connections of the pool are busy with something else, for as long
// as that takes: it is no failure of the database.
func (s *store) turn(ctx context.Context) *turn {
	t := &turn{querier: s.db, pool: s.db}
	pool, ok := s.db.(*pgxpool.Pool)
	for ok && ctx.Err() == nil && isBusy(pool) {
		if err := t.acquire(ctx, pool, s.timeout); err == nil {
			break
		}
	}
	return t
}

func (t *turn) acquire(ctx context.Context, pool *pgxpool.Pool, atMost time.Duration) (err error) {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	if t.conn, err = pool.Acquire(ctx); err == nil {
		t.querier = t.conn
	}
	return err
}

func isBusy(pool *pgxpool.Pool) bool {
	stat := pool.Stat()
	return stat.AcquiredConns() >= stat.MaxConns()
}

// done gives the connection back, after the first try.
func (t *turn) done() {
	if t.conn != nil {
		t.conn.Release()
		t.conn, t.querier = nil, t.pool
	}
}

// newHolder names this process and its program, for those who look at the tables, and is
// not given out twice.
func newHolder() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%.200s:%d:%s:%.200s", strings.ToValidUTF8(host, "?"), os.Getpid(), rand.Text(), program)
}

// program is what this process runs: the path of its main package or, if that is not
// known, the name of its file.
var program = func() string {
	name := filepath.Base(os.Args[0])
	if info, ok := debug.ReadBuildInfo(); ok && info.Path != "" && info.Path != "command-line-arguments" {
		name = info.Path
	}
	return strings.ToValidUTF8(name, "?")
}()

// programOf is the program of a holder, empty if it does not say.
func programOf(holder string) string {
	if parts := strings.SplitN(holder, ":", 4); len(parts) == 4 {
		return parts[3]
	}
	return ""
}

// allFailed are the answers to n asks that failed together.
func allFailed[R any](n int, err error) []answer[R] {
	return orFailed[R](n, nil, err)
}

// orFailed are the answers, or, if err is not nil, n answers with err.
func orFailed[R any](n int, answers []answer[R], err error) []answer[R] {
	if err == nil {
		return answers
	}
	answers = make([]answer[R], n)
	for i := range answers {
		answers[i].err = err
	}
	return answers
}
