package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// unlockTimeout bounds the release of a lock, in real time.
const unlockTimeout = 10 * time.Second

// A hold is a lock that a run has, and the context it was obtained with.
type hold struct {
	lock Lock // nil for none
	ctx  context.Context
}

// release releases the lock, with nothing locked.
func (h hold) release(j *internalJob) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.ctx), unlockTimeout)
	defer cancel()
	if err := h.lock.Unlock(ctx); err != nil {
		j.s.logger.Error("gocron: could not release the lock of a job", "job", j.Name(), "error", err)
	}
}

// lost is closed when the lock is lost, nil if it cannot be.
func (h hold) lost() <-chan struct{} {
	if lock, ok := h.lock.(LeasedLock); ok {
		return lock.Lost()
	}
	return nil
}

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

// claim asks the elector and the locker for leave to perform the run. If it is not
// given, claim has set the outcome.
func (p *performance) claim() bool { return p.lead() && p.lock() }

// lead asks the elector.
func (p *performance) lead() bool {
	elector := p.s.elector
	if elector == nil {
		return true
	}
	var err error
	if e, ok := elector.(TermElector); ok {
		var token int64
		p.term, token, err = e.Term(p.context())
		p.setToken(token)
	} else {
		err = elector.IsLeader(p.context())
	}
	return err == nil || p.denied(OutcomeNotLeader, err)
}

// lock asks the locker. A plain one is not asked beside an elector; a Claimer is, as
// two may lead in turn while an occurrence waits. It is asked once for an occurrence.
func (p *performance) lock() (granted bool) {
	j, claimer := p.job, p.job.ext().claimer
	locker := p.s.lockerFor(j)
	var lock Lock
	var err error
	switch {
	case claimer != nil:
		if p.run.trigger == TriggerRunNow {
			return true
		}
		if p.run.started { // claimed for an earlier attempt
			return !isClosed(p.hold.lost())
		}
		lock, err = claimer.Claim(p.context(), j.Name(), p.run.scheduledAt.UTC())
	case locker == nil, p.s.elector != nil:
		return true
	default:
		lock, err = locker.Lock(p.context(), j.Name())
	}
	if err != nil {
		j.ext().listeners.runLockError(j, err)
		return p.denied(OutcomeLockedElsewhere, err)
	}
	p.hold = hold{lock, p.context()}
	if lock, ok := lock.(FencedLock); ok {
		p.setToken(lock.FencingToken())
	}
	return true
}

// denied reports whether the run goes on although the elector or the locker returned
// err. If not, it has set the outcome: o, unless the engine was down.
func (p *performance) denied(o Outcome, err error) (goesOn bool) {
	if isEngineDown(err) {
		runs := p.job.ext().engineDown == EngineDownRun
		p.s.logger.Error("gocron: could not ask whether to run", "job", p.job.Name(), "runs", runs, "error", err)
		if runs {
			return true
		}
		o = OutcomeEngineDown
		if !errors.Is(err, ErrEngineDown) {
			err = fmt.Errorf("%w: %w", ErrEngineDown, err)
		}
	}
	p.s.monitors.increment(p.job, Skip)
	p.outcome, p.err = o, err
	return false
}

// setToken notes the run's fencing token, unless it is none.
func (p *performance) setToken(token int64) {
	if token == 0 {
		return
	}
	p.s.mu.Lock()
	p.record.token = token
	p.s.mu.Unlock()
}

// unlock releases the run's lock, if it has one that it does not keep for its next
// attempt. The other attempts of a run that has claimed its occurrence go without
// asking.
func (p *performance) unlock() {
	if p.hold.lock == nil || p.retryIn != noRetry && p.job.ext().claimer != nil {
		return
	}
	held := p.hold
	p.hold = hold{}
	held.release(p.job)
}

// covered is ctx, which ends as well when the run's lock is lost or the leader's term
// ends. The function that it returns is to be called when the task has returned.
func (p *performance) covered(ctx context.Context) (context.Context, func()) {
	lost, term := p.hold.lost(), p.term
	if lost == nil && term == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	p.cover = ctx
	go func() {
		cause := ErrLockLost
		select {
		case <-ctx.Done():
			return
		case <-lost:
		case <-term:
			cause = ErrTermEnded
		}
		cancel(cause)
		p.s.logger.Error("gocron: a run goes on alone", "job", p.job.Name(), "error", cause)
	}()
	return ctx, func() { cancel(nil) }
}

// uncovered is why the run's context has ended while its task was under way, if that
// was for its lock or its leader, else nil.
func (p *performance) uncovered() error {
	if p.cover == nil {
		return nil
	}
	if cause := context.Cause(p.cover); cause == ErrLockLost || cause == ErrTermEnded {
		return cause
	}
	return nil
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// claimEpoch is what jobs under a Claimer count from if no start time is given.
var claimEpoch = time.Unix(0, 0)

// findClaimer notes whether the job's occurrences are to be claimed. Its times are then
// of the wall clock alone, the one that schedulers have in common.
func (j *internalJob) findClaimer() {
	claimer, ok := j.s.lockerFor(j).(Claimer)
	if !ok {
		return
	}
	x := j.setExt()
	x.claimer, x.startAt = claimer, x.startAt.Round(0)
}

// mayBeClaimed returns an error if the job's occurrences are to be claimed and cannot
// be told from others, or are others on each scheduler.
func (j *internalJob) mayBeClaimed() error {
	x := j.ext()
	if x.claimer == nil {
		return nil
	}
	if x.name == "" {
		return ErrClaimNoName
	}
	what := ""
	_, random := j.plan.(*durationRandomSchedule)
	switch {
	case random:
		what = "DurationRandomJob"
	case x.fromCompletion:
		what = "WithIntervalFromCompletion"
	case j.oneTime() && j.startImmediately:
		what = "OneTimeJobStartImmediately"
	case j.startImmediately:
		what = "WithStartImmediately"
	default:
		return nil
	}
	return fmt.Errorf("%w: not with %s", ErrClaimSchedule, what)
}

// claimNameTaken returns an error if another job under a Claimer has j's name. The
// caller holds mu.
func (s *scheduler) claimNameTaken(j *internalJob) error {
	if j.ext().claimer == nil {
		return nil
	}
	if other := s.claiming[j.Name()]; other != nil && other.id != j.id {
		return fmt.Errorf("%w: %q", ErrClaimNameTaken, j.Name())
	}
	return nil
}
