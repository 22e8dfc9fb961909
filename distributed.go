package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Elector tells whether this scheduler is the one, of several, that runs jobs.
type Elector interface {
	// IsLeader returns nil if this scheduler is the leader, and an error if it
	// is not: the run is then skipped, and the job waits for its next time.
	// It is asked before every run, with the job's context. An error with a method
	// EngineDown that returns true says that nobody could be asked: see
	// ErrEngineDown.
	IsLeader(context.Context) error
}

// TermElector is an Elector that knows when the time for which it leads is over. An
// Elector that is one is asked for Term in the place of IsLeader.
type TermElector interface {
	Elector
	// Term returns a channel that is closed when the present term ends, and the
	// term's fencing token, 0 for none; while this scheduler is not the leader, an
	// error. The context of a run that it let pass ends with the term, with the cause
	// ErrTermEnded.
	Term(context.Context) (ended <-chan struct{}, token int64, err error)
}

// Locker keeps the same job from being run by several schedulers at once.
//
// A lock named after the job alone keeps its runs from overlapping, but lets a
// scheduler whose clock is a little late run an occurrence again that has been run
// elsewhere. A Claimer does not.
type Locker interface {
	// Lock is called before every run, with the job's context and the job's
	// name as the key. If it returns an error the run is skipped, and the job
	// waits for its next time. An error with a method EngineDown that returns true
	// says that nobody could be asked: see ErrEngineDown.
	Lock(ctx context.Context, key string) (Lock, error)
}

// Lock is a lock that a Locker has obtained. It is released once, when the run
// has ended.
type Lock interface {
	// Unlock releases the lock. Its context is alive also when the job's has
	// ended, and is bounded.
	Unlock(ctx context.Context) error
}

// Claimer is a Locker that claims occurrences: each is given to one of all
// schedulers that ask for it, once and for good. A Locker that is one is asked for
// Claim, never for Lock.
//
// Jobs under a Claimer are the same jobs on every scheduler by their name, which
// WithName must set, and their occurrences by the time at which they are due. So
// a second job of the same name is refused with ErrClaimNameTaken, and what has no
// time in common with another scheduler with ErrClaimSchedule: random intervals,
// WithIntervalFromCompletion, and immediate starts. Whatever else counts from a
// start, as DurationJob does, counts from that of WithStartDateTime or
// WithStartDateTimePast, and without one from the Unix epoch: every hour is then
// at every full hour of UTC. What RunNow asks for is no occurrence, and makes no
// claim.
type Claimer interface {
	Locker
	// Claim is called when a run of the occurrence due at scheduled, in UTC, is about
	// to start, with the run's context and the job's name as the key. If it returns
	// an error the run is skipped. The claim must outlive the run: Unlock, which is
	// called at the end, is for whatever else was taken for the run.
	Claim(ctx context.Context, key string, scheduled time.Time) (Lock, error)
}

// LeasedLock is a Lock that can be lost before it is released.
type LeasedLock interface {
	Lock
	// Lost returns a channel that is closed when the lock is lost, nil if it cannot
	// be. The context of the run then ends, with the cause ErrLockLost.
	Lost() <-chan struct{}
}

// FencedLock is a Lock with a fencing token.
type FencedLock interface {
	Lock
	// FencingToken returns the lock's number, 0 for none. It is in the RunInfo of the
	// run. Where a lock keeps runs of the job apart, its number is higher than those
	// of all before it, so that what has seen it can refuse a run that goes on with
	// an earlier one; that of a mere claim only tells claims apart.
	FencingToken() int64
}

// LockerFrom makes a Locker of any function or method that obtains a lock with
// an Unlock method, whatever type that lock has, such as the Lock method of a
// locker written for another scheduler:
//
//	locker := gocron.LockerFrom(theirs.Lock)
//
// A nil function makes a nil Locker, which the options refuse.
func LockerFrom[L Lock](lock func(ctx context.Context, key string) (L, error)) Locker {
	if lock == nil {
		return nil
	}
	return lockerFunc[L](lock)
}

// ClaimerFrom makes a Locker, which is a Claimer, of any function or method that
// claims occurrences, whatever type its locks have. An adapter for an engine thus
// needs nothing of this package:
//
//	locker := gocron.ClaimerFrom(postgresLocker.Claim)
//
// A type of your own around it must have the method Claim as well. A nil function
// makes a nil Locker, which the options refuse.
func ClaimerFrom[L Lock](claim func(ctx context.Context, key string, scheduled time.Time) (L, error)) Locker {
	if claim == nil {
		return nil
	}
	return claimerFunc[L](claim)
}

type lockerFunc[L Lock] func(ctx context.Context, key string) (L, error)

func (f lockerFunc[L]) Lock(ctx context.Context, key string) (Lock, error) {
	return lockOrError(f(ctx, key))
}

type claimerFunc[L Lock] func(ctx context.Context, key string, scheduled time.Time) (L, error)

func (f claimerFunc[L]) Claim(ctx context.Context, key string, scheduled time.Time) (Lock, error) {
	return lockOrError(f(ctx, key, scheduled))
}

func (f claimerFunc[L]) Lock(context.Context, string) (Lock, error) {
	return nil, fmt.Errorf("%w: a locker made by ClaimerFrom was not asked for Claim: what is around it must be a Claimer, too", ErrEngineDown)
}

// lockOrError keeps what is no lock from becoming a Lock that is not nil.
func lockOrError[L Lock](lock L, err error) (Lock, error) {
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// EngineDownPolicy says what becomes of a run when the engine behind the Elector or
// the Locker cannot be asked.
type EngineDownPolicy int

const (
	// EngineDownSkip skips the run: it has OutcomeEngineDown. This is the default.
	EngineDownSkip EngineDownPolicy = iota
	// EngineDownRun runs it, on every scheduler that cannot ask.
	EngineDownRun
)

// isEngineDown reports whether err says that an engine could not be asked.
func isEngineDown(err error) bool {
	var e interface{ EngineDown() bool }
	return errors.Is(err, ErrEngineDown) || errors.As(err, &e) && e.EngineDown()
}
