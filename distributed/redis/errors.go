package redis

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// What Redis answered when it did not grant a claim or a lock. An *Error wraps them.
var (
	// ErrTaken: another node has the claim or the run lock, or another run of this one.
	ErrTaken = errors.New("taken by another node")
	// ErrTooLate: more time than WithKeep says has passed since the scheduled time, by
	// the server's clock, and the claims of that time may be gone.
	ErrTooLate = errors.New("too late to be claimed: the scheduled time is longer ago than WithKeep allows")
	// ErrTooEarly: the scheduled time is further ahead than WithKeep says, by the
	// server's clock.
	ErrTooEarly = errors.New("too early to be claimed: the scheduled time is further ahead than WithKeep allows")
)

// A said error is one of our own words, which may stand for one of the answers.
type said struct {
	text string
	err  error // nil for none
}

func (s said) Error() string { return s.text }
func (s said) Unwrap() error { return s.err }

// What is refused before Redis is asked.
var (
	errNoContext = said{text: "the context must not be nil"}
	errNoKey     = said{text: "the key must not be empty"}
	errNoTime    = said{text: "the scheduled time must not be zero"}
	errYear      = said{text: "the scheduled time must be of the years 1 to 9999"}
)

var (
	// errRunning is the answer to a claim whose run lock is another's.
	errRunning = said{text: "another run of the job is in progress", err: ErrTaken}
	// errQueued is the answer to one that has not been asked for.
	errQueued = said{text: "it waited for its turn until it was too late to be claimed", err: ErrTooLate}
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

// errEvicts is what Check finds wrong.
var errEvicts = errors.New("the server drops claims and locks when its memory is full")

// certain are the reasons that tell all there is to know.
var certain = []error{ErrTaken, ErrTooLate, ErrTooEarly, errEvicts}

// Error is what the methods of a Locker and of a Lock return.
type Error struct {
	Op        string // "claim", "lock", "renew", "unlock" or "check"
	Namespace string
	Key       string    // the job's; empty for "check"
	Scheduled time.Time // zero but for "claim"
	Err       error     // the reason; can be found with errors.Is and errors.As

	down bool
}

// Error tells the engine, what was asked of it for which key, and the reason. It has no
// credentials in it.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("gocron/redis: ")
	b.WriteString(e.Op)
	if e.Op != opCheck {
		b.WriteString(" " + strconv.Quote(e.Key))
	}
	if !e.Scheduled.IsZero() {
		b.WriteString(" at " + e.Scheduled.UTC().Format(time.RFC3339Nano))
	}
	b.WriteString(": " + reason(e.Err))
	return b.String()
}

// Unwrap returns the reason.
func (e *Error) Unwrap() error { return e.Err }

// EngineDown reports whether Redis could not be asked or could not answer, so that
// nothing is known. It is false when Redis refused the claim or the lock, and when the
// caller's context has ended. It is true for a key or a time that cannot be used: a job
// with such a name is run by nobody, and that is to be heard of.
func (e *Error) EngineDown() bool { return e.down }

// reason is the text of err in one line, without credentials. Redis names the user when it
// denies a command.
func reason(err error) string {
	var vain unanswered
	switch {
	case errors.As(err, &vain):
		return vain.text(reason(vain.last))
	case err == nil:
		return "no reason given"
	case goredis.IsPermissionError(err):
		return "NOPERM the user of this client may not run the command or use the key"
	default:
		return strings.ReplaceAll(err.Error(), "\n", " ")
	}
}

// The operations that an Error names.
const (
	opClaim  = "claim"
	opLock   = "lock"
	opRenew  = "renew"
	opUnlock = "unlock"
	opCheck  = "check"
)

// failure is the error of a request made with the caller's ctx.
func (l *Locker) failure(ctx context.Context, op, key string, scheduled time.Time, err error) *Error {
	known := ctx.Err() != nil || slices.ContainsFunc(certain, func(reason error) bool {
		return errors.Is(err, reason)
	})
	return &Error{Op: op, Namespace: l.namespace, Key: key, Scheduled: scheduled, Err: err, down: !known}
}
