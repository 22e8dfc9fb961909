package etcd

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// What an answer of the server, or of the clock, can be instead of yes. They come
// wrapped in an *Error.
var (
	// ErrTaken is returned when the occurrence, or the run lock, is another's.
	ErrTaken = errors.New("taken by another node")

	// ErrTooLate is returned when a claim is asked later than WithKeep allows.
	ErrTooLate = errors.New("too late to be claimed: the scheduled time is longer ago than WithKeep allows")

	// ErrTooEarly is returned when a claim is asked earlier than WithKeep allows.
	ErrTooEarly = errors.New("too early to be claimed: the scheduled time is further ahead than WithKeep allows")

	// ErrNotLeader is returned by an Elector while another one leads, between two
	// terms, and after Close.
	ErrNotLeader = errors.New("this node does not lead")
)

// Error is what all methods return as an error, though not NewLocker and NewElector. Its
// text names the engine, what was done, and the key. It never shows a user name, a
// password or an address; Unwrap gives what the client returned, which may.
type Error struct {
	Op        string    // "claim", "lock", "renew", "unlock", "lead", "resign" or "check"
	Namespace string    // of WithNamespace
	Key       string    // the job's key, or the elector's name
	Scheduled time.Time // of a claim, else zero
	Err       error

	down bool
}

// Error returns such as
// `gocron/etcd: claim "report" at 2026-11-22T20:00:00Z: taken by another node`.
func (e *Error) Error() string {
	at := ""
	if !e.Scheduled.IsZero() {
		at = " at " + e.Scheduled.UTC().Format(time.RFC3339Nano)
	}
	key := ""
	if e.Op != "check" {
		key = fmt.Sprintf(" %q", e.Key)
	}
	return fmt.Sprintf("gocron/etcd: %s%s%s: %s", e.Op, key, at, reason(e.Err))
}

// Unwrap returns Err.
func (e *Error) Unwrap() error { return e.Err }

// EngineDown reports whether the server could not be asked, or could not answer. It is
// false for ErrTaken, ErrTooLate, ErrTooEarly and ErrNotLeader, and when the caller's
// own context had ended. It is true for a key or a time that cannot be used: a job with
// such a name is run by nobody, and that is to be heard of.
func (e *Error) EngineDown() bool { return e.down }

// newError wraps err, which came of something asked on behalf of ctx: the caller's
// context, without a time limit of ours.
func newError(ctx context.Context, of Error, err error) *Error {
	of.Err = err
	switch {
	case errors.Is(err, ErrTaken), errors.Is(err, ErrTooLate), errors.Is(err, ErrTooEarly), errors.Is(err, ErrNotLeader):
	case of.Op == "check" && errors.Is(err, errFills): // it has answered
	case ctx.Err() != nil:
		of.Err = ctx.Err()
	default:
		of.down = true
	}
	return &of
}

// a said error is one of our own, whose text may be shown.
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
	errFull      = said{text: "the database of etcd is full, and takes nothing until its history is compacted, it is defragmented, and the alarm is disarmed", err: errFills}
	errClosed    = said{text: "it was closed", err: ErrNotLeader}

	errClientClosed = said{text: "the client is closed"}
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

// reason is what may be shown of err. What the client says of a connection is not: it
// quotes the endpoint, in which people put passwords.
func reason(err error) string {
	var ours said
	var theirs rpctypes.EtcdError
	var vain unanswered
	switch {
	case err == nil:
		return "no reason is known"
	case errors.As(err, &vain):
		return vain.text(reason(vain.last))
	case errors.Is(err, rpctypes.ErrNoSpace):
		return errFull.text
	case errors.As(err, &ours):
		return ours.text
	case errors.As(err, &theirs):
		return theirs.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return "the time for it has passed"
	case errors.Is(err, context.Canceled):
		return "the context was canceled"
	}
	for _, known := range []error{ErrTaken, ErrTooLate, ErrTooEarly, ErrNotLeader, errGone} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	if code(err) == codes.Canceled {
		return errClientClosed.text
	}
	return fmt.Sprintf("the server cannot be reached (%s)", code(err))
}

// code is the gRPC code of an error of the client.
func code(err error) codes.Code {
	var theirs rpctypes.EtcdError
	if errors.As(err, &theirs) {
		return theirs.Code()
	}
	return status.Code(err)
}
