package gocron

import (
	"context"
	"time"
)

// Elector tells whether this scheduler is the one, of several, that runs jobs.
type Elector interface {
	// IsLeader returns nil if this scheduler is the leader, and an error if it
	// is not: the run is then skipped, and the job waits for its next time.
	// It is asked before every run, with the job's context.
	IsLeader(context.Context) error
}

// Locker keeps the same job from being run by several schedulers at once.
type Locker interface {
	// Lock is called before every run, with the job's context and the job's
	// name as the key. If it returns an error the run is skipped, and the job
	// waits for its next time.
	Lock(ctx context.Context, key string) (Lock, error)
}

// Lock is a lock that a Locker has obtained. It is released once, when the run
// has ended.
type Lock interface {
	// Unlock releases the lock. Its context is alive also when the job's has
	// ended, and is bounded.
	Unlock(ctx context.Context) error
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

type lockerFunc[L Lock] func(ctx context.Context, key string) (L, error)

func (f lockerFunc[L]) Lock(ctx context.Context, key string) (Lock, error) {
	lock, err := f(ctx, key)
	if err != nil {
		return nil, err
	}
	return lock, nil
}

// unlockTimeout bounds the release of a lock, in real time.
const unlockTimeout = 10 * time.Second

// lockerFor is the locker to ask before a run of j, nil for none.
func (s *scheduler) lockerFor(j *internalJob) Locker {
	x := j.ext()
	switch {
	case x.lockerDisabled:
		return nil
	case x.locker != nil:
		return x.locker
	default:
		return s.locker
	}
}

// claim asks the elector or the locker for leave to perform the run. If it is not
// given, claim has set the outcome.
func (p *performance) claim() bool {
	s, j := p.s, p.job
	if s.elector != nil {
		if err := s.elector.IsLeader(p.context()); err != nil {
			s.monitors.increment(j, Skip)
			p.outcome, p.err = OutcomeNotLeader, err
			return false
		}
		return true
	}
	locker := s.lockerFor(j)
	if locker == nil {
		return true
	}
	lock, err := locker.Lock(p.context(), j.Name())
	if err != nil {
		j.ext().listeners.runLockError(j, err)
		s.monitors.increment(j, Skip)
		p.outcome, p.err = OutcomeLockedElsewhere, err
		return false
	}
	p.lock = lock
	return true
}

// unlock releases the run's lock, if it has one.
func (p *performance) unlock() {
	if p.lock == nil {
		return
	}
	lock := p.lock
	p.lock = nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(p.context()), unlockTimeout)
	defer cancel()
	if err := lock.Unlock(ctx); err != nil {
		p.s.logger.Error("gocron: could not release the lock of a job", "job", p.job.Name(), "error", err)
	}
}
