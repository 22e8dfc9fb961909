package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// The answers that are no failure of the database. Test for them with errors.Is.
var (
	// ErrTaken is returned when another has claimed the occurrence, or holds the run
	// lock of the job.
	ErrTaken = errors.New("taken by another node")
	// ErrTooLate is returned when, by the database's clock, the occurrence's scheduled
	// time is as long ago as claims are kept, or longer. See WithKeep.
	ErrTooLate = errors.New("too late to be claimed: the scheduled time is longer ago than WithKeep allows")
	// ErrTooEarly is returned when, by the database's clock, the occurrence's scheduled
	// time is further ahead than claims are kept. See WithKeep.
	ErrTooEarly = errors.New("too early to be claimed: the scheduled time is further ahead than WithKeep allows")
	// ErrNotLeader is returned by an Elector that is not the leader.
	ErrNotLeader = errors.New("this node does not lead")
)

// replies are all that a database that is not down may answer.
var replies = []error{ErrTaken, ErrTooLate, ErrTooEarly, ErrNotLeader, errGone}

// A said error is one of our own words, which may stand for one of the answers.
type said struct {
	text string
	err  error // nil for none
}

func (s said) Error() string { return s.text }
func (s said) Unwrap() error { return s.err }

var (
	errNoContext = said{text: "the context must not be nil"}
	errRunning   = said{text: "another run of the job is in progress", err: ErrTaken}
	errQueued    = said{text: "it waited for its turn until it was too late to be claimed", err: ErrTooLate}
	errClosed    = said{text: "it was closed", err: ErrNotLeader}
)

// noAnswer is what ends a request that takes longer than it may.
func noAnswer(within time.Duration) error {
	return said{text: fmt.Sprintf("no answer within %v", within), err: context.DeadlineExceeded}
}

// answered is the error of a request made with ctx. Where a time limit of ours has ended
// it, the error says so: of a time limit one cannot see whose it was.
func answered(ctx context.Context, err error) error {
	if ours, ok := context.Cause(ctx).(said); ok && errors.Is(err, context.DeadlineExceeded) {
		return ours
	}
	return err
}

// An Error is what every method of this package returns when it fails, and NewLocker and
// NewElector when the database does. Its text names the engine, the operation and the
// key, and no password, user or database.
type Error struct {
	Op        string    // what was asked, such as "claim"
	Namespace string    // see WithNamespace
	Key       string    // the job's key, or the elector's name; empty where there is none
	Scheduled time.Time // the occurrence, in UTC; zero where there is none
	Err       error     // why it failed

	down bool
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("gocron/postgres: " + e.Op)
	if e.Key != "" {
		fmt.Fprintf(&b, " %q", e.Key)
	}
	if !e.Scheduled.IsZero() {
		b.WriteString(" at " + e.Scheduled.Format(time.RFC3339Nano))
	}
	return b.String() + ": " + told(e.Err)
}

// Unwrap returns why it failed.
func (e *Error) Unwrap() error { return e.Err }

// EngineDown reports whether the database could not be asked, or could not answer. It
// is false for the answers that are no failure of the database, and when the caller's
// context had ended. It is true for a key that the database cannot hold: a job with such
// a name is run by nobody, and that is to be heard of.
func (e *Error) EngineDown() bool { return e.down }

// isDown reports whether err, which a request of the caller with ctx came back with,
// says that the database could not be asked or could not answer.
func isDown(ctx context.Context, err error) bool {
	for _, answer := range replies {
		if errors.Is(err, answer) {
			return false
		}
	}
	return ctx.Err() == nil
}

// told is the text of err in one line, without what the client or the server writes of
// passwords, users and databases.
func told(err error) string {
	return strings.Join(strings.FieldsFunc(reason(err), func(r rune) bool { return r == '\n' || r == '\t' }), " ")
}

func reason(err error) string {
	var vain unanswered
	if errors.As(err, &vain) {
		return vain.text(reason(vain.last))
	}
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return toldByServer(server)
	}
	var connecting *pgconn.ConnectError
	if errors.As(err, &connecting) {
		return "could not connect: " + connecting.Unwrap().Error()
	}
	return err.Error()
}

// toldByServer is the text of an error that the server sent. What ends a connection is
// told by its code alone, as the server names the user or the database in it, unless it
// is of class 57, the intervention of an operator, where it does not.
func toldByServer(err *pgconn.PgError) string {
	if isFatal(err) && !strings.HasPrefix(err.Code, "57") {
		return fmt.Sprintf("the server refused the connection (SQLSTATE %s)", err.Code)
	}
	return fmt.Sprintf("%s (SQLSTATE %s)", err.Message, err.Code)
}

// isFatal reports whether the server closes the connection with that error.
func isFatal(err *pgconn.PgError) bool {
	return err.Severity != "ERROR" && err.SeverityUnlocalized != "ERROR"
}

// isPassing reports whether another try may succeed: the connection has failed, or there
// is none now, or another transaction was in the way.
func isPassing(err error) bool {
	var server *pgconn.PgError
	if errors.As(err, &server) {
		return isPassingCode(server.Code)
	}
	for _, final := range append(slices.Clip(replies), pgx.ErrNoRows, puddle.ErrClosedPool, context.Canceled, context.DeadlineExceeded) {
		if errors.Is(err, final) {
			return false
		}
	}
	return true
}

// passingCodes are of connections that fail, of transactions that are in each other's
// way, of a server that starts, stops, or has no connection left, and of a lock that is
// not to be waited for. Poolers report theirs in the same way.
var passingCodes = []string{"08", "40", "57P", "53300", "55P03"}

func isPassingCode(code string) bool {
	return slices.ContainsFunc(passingCodes, func(start string) bool { return strings.HasPrefix(code, start) })
}
