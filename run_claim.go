package gocron

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"
)

// askToRun asks the elector and the locker for leave to perform the run. If it is not given, askToRun
// has set the outcome.
func (a *attempt) askToRun() bool {
	term, leads := a.askElector()
	if !leads || !a.askLocker() {
		return false
	}
	a.noteToken(term)
	return true
}

// askElector asks the elector, and returns the fencing token of its term.
func (a *attempt) askElector() (token int64, leads bool) {
	elector := a.s.electorFor(a.job)
	if elector == nil {
		return 0, true
	}
	var ended <-chan struct{}
	var err error
	if e, ok := elector.(TermElector); ok {
		ended, token, err = e.Term(a.context())
	} else {
		err = elector.IsLeader(a.context())
	}
	if !a.check() { // then it is no matter what the elector has said
		return 0, false
	}
	if err != nil {
		return 0, a.denied(elector, OutcomeNotLeader, err)
	}
	if !a.engineAnswered(elector) {
		return 0, false
	}
	a.term = ended
	return token, true
}

// askLocker asks the locker. A plain one is not asked beside an elector; a Claimer is, as two may
// lead in turn while an occurrence waits. It is asked once for an occurrence.
func (a *attempt) askLocker() (granted bool) {
	j := a.job
	locker := a.s.lockerFor(j)
	var lock Lock
	var err error
	switch {
	case j.settings().claims:
		if a.run.trigger == TriggerRunNow {
			return true
		}
		if a.run.hasBegun() || a.lease.has() { // claimed for an earlier attempt
			return !isClosed(a.lease.lost())
		}
		lock, err = locker.(Claimer).Claim(a.context(), j.Name(), a.run.scheduledAt.UTC())
	case locker == nil, a.s.electorFor(j) != nil:
		return true
	default:
		lock, err = locker.Lock(a.context(), j.Name())
	}
	if err == nil {
		a.lease = &runLease{lock: lock, ctx: a.context()}
	}
	if !a.check() { // then it is no matter what the locker has said
		return false
	}
	if err != nil {
		return a.denied(locker, OutcomeLockedElsewhere, err)
	}
	return a.engineAnswered(locker)
}

// noteToken notes the fencing token of the attempt: the lock's or, if that has none, the term's.
func (a *attempt) noteToken(term int64) {
	token := term
	if a.lease != nil {
		if lock, ok := a.lease.lock.(FencedLock); ok {
			if own := lock.FencingToken(); own != 0 {
				token = own
			}
		}
	} else if token != 0 {
		a.lease = &runLease{}
	}
	if a.record == nil { // neither elector nor locker were asked
		return
	}
	a.s.lock()
	defer a.s.unlock()
	if a.lease != nil {
		a.lease.token = token
	}
	a.record.lease = a.lease
}

// denied reports whether the run goes on although the elector or the locker returned
// err. If not, it has set the outcome: o, unless the engine was down.
func (a *attempt) denied(engine any, o Outcome, err error) (goesOn bool) {
	if isEngineDown(err) {
		runs := a.job.settings().runWhenEngineDown
		if !runs && !a.engineIsDown(engine) { // it is asking again, and was told of
			a.outcome, a.err = OutcomeEngineDown, downError(err)
			return false
		}
		a.tellLockError(o, err)
		a.s.logger.Error("gocron: could not ask whether to run", "job", a.job.Name(), "runs", runs, "error", err)
		if runs {
			return true
		}
		o, err = OutcomeEngineDown, downError(err)
	} else {
		a.engineAnswered(engine)
		a.retryIn = noRetry
		a.tellLockError(o, err)
		if a.s.firstRepeat(a.job) {
			a.s.logger.Warn("gocron: occurrences that the clock shows again have run already", "job", a.job.Name(), "error", err)
		}
	}
	a.s.monitors.increment(a.job, Skip)
	a.outcome, a.err = o, err
	return false
}

// tellLockError tells the listeners that the locker has refused the run with err. Of an elector,
// which would give another outcome, they are not told.
func (a *attempt) tellLockError(o Outcome, err error) {
	if o == OutcomeLockedElsewhere {
		a.job.settings().listeners.runLockError(a.job, err)
	}
}

// downError is err, which Is ErrEngineDown.
func downError(err error) error {
	if errors.Is(err, ErrEngineDown) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrEngineDown, err)
}

// unlockTimeout bounds the release of a lock, in real time. A locker may well hold its lock
// for ten seconds on purpose, so that a node whose clock is late does not get it.
const unlockTimeout = time.Minute

// A runLease is what a run has of a locker or an elector.
type runLease struct {
	lock  Lock            // nil when it was released, or there is none
	ctx   context.Context // with which the lock was obtained
	token int64           // for fencing, 0 for none
}

// has reports whether there is a lock to be released.
func (l *runLease) has() bool { return l != nil && l.lock != nil }

// take hands over the lock, which the caller then releases. It is called with the scheduler's mu held,
// or by the worker that makes the attempt.
func (l *runLease) take() (lock Lock) {
	if l != nil {
		lock, l.lock = l.lock, nil
	}
	return lock
}

// lost is closed when the lock is lost, nil if it cannot be.
func (l *runLease) lost() <-chan struct{} {
	if l == nil {
		return nil
	}
	if lock, ok := l.lock.(LeasedLock); ok {
		return lock.Lost()
	}
	return nil
}

// releaseLock releases the run's lock after an attempt, unless it is kept for the next one: all
// attempts of a run that has claimed its occurrence go by that claim. Such a claim is released by
// finishAttemptLocked, when the next attempt is not made, or by recordLocked or replaceRunsLocked,
// when the run ends while it waits.
func (a *attempt) releaseLock() {
	if a.lease == nil || a.retryIn != noRetry && a.job.settings().claims {
		return
	}
	a.job.release(a.lease.take(), a.lease.ctx)
}

// release releases a lock, if there is one, that was obtained with ctx. It is called
// with nothing locked.
func (j *internalJob) release(lock Lock, ctx context.Context) {
	if lock == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), unlockTimeout)
	defer cancel()
	if err := lock.Unlock(ctx); err != nil {
		j.s.logger.Error("gocron: could not release the lock of a job", "job", j.Name(), "error", err)
	}
}

// withLease is ctx, which ends as well when the run's lock is lost or the leader's term
// ends. The function that it returns is to be called when the task has returned.
func (a *attempt) withLease(ctx context.Context) (context.Context, func()) {
	lost, term := a.lease.lost(), a.term
	if lost == nil && term == nil {
		return ctx, func() {}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	a.leased = ctx
	j := a.job // not a, which is to stay on the stack
	end := func(cause error) {
		cancel(cause)
		j.s.logger.Error("gocron: the context of a run was ended", "job", j.Name(), "error", cause)
	}
	if isClosed(lost) || isClosed(term) { // the task is not to see a living context first
		end(leaseEnd(lost))
		return ctx, func() {}
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		select {
		case <-ctx.Done():
			return
		case <-lost:
		case <-term:
		}
		end(leaseEnd(lost))
	}()
	return ctx, func() {
		cancel(nil)
		<-watched
	}
}

// leaseEnd is why a run has no lease any more.
func leaseEnd(lost <-chan struct{}) error {
	if isClosed(lost) {
		return ErrLockLost
	}
	return ErrTermEnded
}

// leaseCause is why the run's context has ended while its task was under way, if that
// was for its lock or its leader, else nil.
func (a *attempt) leaseCause() error {
	if a.leased == nil {
		return nil
	}
	if cause := context.Cause(a.leased); cause == ErrLockLost || cause == ErrTermEnded {
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

// An outage is the time in which an engine, behind an Elector or a Locker, cannot be asked, as far as
// jobs are concerned that catch up with what they miss. One run asks it again and again; the gaps of
// other jobs are looked at when it has answered. The scheduler's mu guards it.
type outage struct {
	prober   *run // that asks: when it has ended, so has the outage, until the next run asks
	failures int
	waiting  []*ledger // of the other jobs
}

const (
	firstProbe   = time.Second // after the engine was down
	slowestProbe = time.Minute
)

// engineKey tells the engine of j, an Elector or a Locker, from others.
func engineKey(engine any, j *internalJob) any {
	x := j.settings()
	switch _, elects := engine.(Elector); {
	case elects && x.elector == nil:
		return &j.s.elector
	case !elects && x.locker == nil:
		return &j.s.locker
	case reflect.ValueOf(engine).Comparable():
		return engine
	}
	return j.current()
}

// engineIsDown decides what a run does whose engine could not be asked: it asks again later, if no
// other does so already. It reports whether that is news: not if the run has asked before.
func (a *attempt) engineIsDown(engine any) (isNews bool) {
	if !a.job.catchesUp() || !a.run.isOccurrence() {
		return true
	}
	s := a.s
	s.lock()
	defer s.unlock()
	key := engineKey(engine, a.job)
	out := s.outages[key]
	if out == nil {
		if s.outages == nil {
			s.outages = make(map[any]*outage)
		}
		out = &outage{prober: a.run}
		s.outages[key] = out
		s.outagesNow.Add(1)
	}
	if out.prober != a.run {
		if l := a.job.current().ledger(); l != nil && !l.waits {
			l.waits = true
			out.waiting = append(out.waiting, l)
		}
		return true
	}
	a.retryIn = min(firstProbe<<min(out.failures, 10), slowestProbe)
	out.failures++
	return out.failures == 1
}

// engineAnswered is called when an engine could be asked. Jobs that waited for that look at their
// gaps. It reports whether the run goes on: not if it was asking for a while and another one, of a
// newer occurrence, is to be made in its place, or its occurrence is of no use any more.
func (a *attempt) engineAnswered(engine any) (goesOn bool) {
	s := a.s
	if s.outagesNow.Load() == 0 {
		return true
	}
	s.lock()
	defer s.unlock()
	key := engineKey(engine, a.job)
	out := s.outages[key]
	if out == nil {
		return true
	}
	if out.prober == a.run && s.isSupersededLocked(a) { // its end ends the outage
		a.outcome, a.err, a.retryIn = OutcomeEngineDown, ErrEngineDown, noRetry
		return false
	}
	s.endOutageLocked(key, out)
	return true
}

// isSupersededLocked reports whether a run that was asking an engine for a while is of no use any
// more, or of an older occurrence than the one to be run.
func (s *scheduler) isSupersededLocked(a *attempt) bool {
	l, p := a.job.ledger(), a.job.missedPolicy()
	old := p.within > 0 && s.now().Sub(a.run.scheduledAt) > p.within
	return l != nil && (old || p.kind == MissedRunOnce && !l.gap.IsZero())
}

func (s *scheduler) endOutageLocked(key any, out *outage) {
	delete(s.outages, key)
	s.outagesNow.Add(-1)
	for _, l := range out.waiting {
		l.waits = false
		s.decideLocked(l.job)
	}
}

// proberEndedLocked is called when r has ended: if it was to ask an engine again, another one does.
func (s *scheduler) proberEndedLocked(r *run) {
	for key, out := range s.outages {
		if out.prober == r {
			s.endOutageLocked(key, out)
		}
	}
}
