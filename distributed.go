package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Elector tells whether this scheduler is the one, of several, that runs jobs.
type Elector interface {
	// IsLeader is called before every run, with the job's context. It returns nil if this scheduler
	// is the leader. If it returns an error the scheduler skips the run, and the job waits for its
	// next time. An error with a method EngineDown that returns true says that nobody could be
	// asked: see ErrEngineDown.
	IsLeader(context.Context) error
}

// TermElector is an Elector that knows when its time as the leader is over. The scheduler calls
// Term on such an Elector, and never IsLeader.
type TermElector interface {
	Elector
	// Term returns a channel that is closed when the present term ends, and the fencing token of
	// the term, 0 for none. It returns an error while this scheduler is not the leader. When the
	// term ends, the scheduler ends the contexts of the runs that it let start, with the cause
	// ErrTermEnded.
	Term(context.Context) (ended <-chan struct{}, token int64, err error)
}

// Locker keeps several schedulers from running the same job at the same time.
//
// A lock that has only the job's name keeps runs of the job from overlapping. It does not keep a
// scheduler whose clock is a little late from running an occurrence again after another scheduler
// has run it and released the lock. A Claimer does.
type Locker interface {
	// Lock is called before every run, with the job's context. The key is the job's name. If Lock
	// returns an error the scheduler skips the run, and the job waits for its next time. An error
	// with a method EngineDown that returns true says that nobody could be asked: see
	// ErrEngineDown.
	Lock(ctx context.Context, key string) (Lock, error)
}

// Lock is what a Locker returns. The scheduler releases it once, when the run has ended.
type Lock interface {
	// Unlock releases the lock. Its context lives on when the job's context has ended, for at most
	// a minute.
	Unlock(ctx context.Context) error
}

// Claimer is a Locker that claims occurrences. Of all schedulers that ask for an occurrence, one
// gets it, once and for good. The scheduler calls Claim on such a Locker, and never Lock.
//
// Schedulers recognise a job by its name and an occurrence by the time at which it is due. A job
// under a Claimer therefore needs WithName (else ErrClaimNoName) and a name that no other such job
// has (else ErrClaimNameTaken). Its times must be the same on every scheduler: random intervals,
// WithIntervalFromCompletion and immediate starts are refused with ErrClaimSchedule. The intervals
// of a DurationJob count from its start time or, without one, from the Unix epoch, so that an
// hourly job is due at every full hour of UTC. A run that RunNow makes is no occurrence and is not
// claimed.
type Claimer interface {
	Locker
	// Claim is called with the run's context when a run is about to start. The key is the job's
	// name, scheduled the time in UTC at which the run was due. If Claim returns an error the
	// scheduler skips the run. The claim must outlive the run: Unlock, which the scheduler calls at
	// the end, releases only what was locked in addition.
	Claim(ctx context.Context, key string, scheduled time.Time) (Lock, error)
}

// LeasedLock is a Lock that can be lost before it is released.
type LeasedLock interface {
	Lock
	// Lost returns a channel that is closed when the lock is lost, or nil if the lock cannot be
	// lost. The scheduler then ends the context of the run, with the cause ErrLockLost.
	Lost() <-chan struct{}
}

// FencedLock is a Lock with a fencing token.
type FencedLock interface {
	Lock
	// FencingToken returns the lock's number, 0 for none. The RunInfo of the run has it. If the
	// lock keeps runs of the job from overlapping, each number is higher than all earlier ones. A
	// database that has seen a number can then refuse a run that still goes on with a lower one. If
	// the lock is only a claim, its number just tells claims apart.
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

// EngineDownPolicy says what the scheduler does with a run when the engine behind the Elector or
// the Locker, such as a database, cannot be asked.
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

// electorFor is the elector to ask before a run of j, nil for none.
func (s *scheduler) electorFor(j *internalJob) Elector {
	if own := j.settings().elector; own != nil {
		return own
	}
	return s.elector
}

// lockerFor is the locker to ask before a run of j, nil for none.
func (s *scheduler) lockerFor(j *internalJob) Locker {
	x := j.settings()
	switch {
	case x.lockerDisabled:
		return nil
	case x.locker != nil:
		return x.locker
	default:
		return s.locker
	}
}

// claimEpoch is what jobs under a Claimer count from if no start time is given.
var claimEpoch = time.Unix(0, 0)

// findClaimer notes whether the job's occurrences are to be claimed. Its times are then
// of the wall clock alone, the one that schedulers have in common.
func (j *internalJob) findClaimer() {
	if _, claims := j.s.lockerFor(j).(Claimer); claims {
		x := j.makeSettings()
		x.claims, x.window.start = true, x.window.start.Round(0)
	}
}

// mayBeClaimed returns an error if the job's occurrences are to be claimed and cannot
// be told from others, or are others on each scheduler.
func (j *internalJob) mayBeClaimed() error {
	x := j.settings()
	if !x.claims {
		return nil
	}
	if x.name == "" {
		return ErrClaimNoName
	}
	what := ""
	switch plan := plainSchedule(j.plan).(type) {
	case *durationRandomSchedule:
		what = "DurationRandomJob"
	case *oneTimeSchedule:
		switch {
		case plan.immediately:
			what = "OneTimeJobStartImmediately"
		case plan.runsPast:
			what = "OneTimeJobStartDateTimesOrNow"
		}
	}
	switch {
	case what != "":
	case x.fromCompletion:
		what = "WithIntervalFromCompletion"
	case j.startImmediately:
		what = "WithStartImmediately"
	default:
		return nil
	}
	return fmt.Errorf("%w: not with %s", ErrClaimSchedule, what)
}

// needsName reports whether j is told from other jobs by its name: by a Claimer, or by a store.
func (j *internalJob) needsName() bool { return j.settings().claims || j.settings().stored }

// checkClaimName is claimNameTakenLocked for who has no lock, which few jobs need.
func (s *scheduler) checkClaimName(j *internalJob) error {
	if !j.needsName() {
		return nil
	}
	s.lock()
	defer s.unlock()
	return s.claimNameTakenLocked(j)
}

// claimNameTakenLocked returns an error if j is told from others by its name, and another such job
// has that, or the store is just forgetting one.
func (s *scheduler) claimNameTakenLocked(j *internalJob) error {
	if !j.needsName() {
		return nil
	}
	isBusy := s.store != nil && s.store.names[j.Name()].isBusy()
	if other := s.claiming[j.Name()]; isBusy || other != nil && other.id != j.id {
		return fmt.Errorf("%w: %q", ErrClaimNameTaken, j.Name())
	}
	return nil
}
