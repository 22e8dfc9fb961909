package etcd

import (
	"context"
	"errors"
	"time"
)

// Lock is a claim, a run lock, or both. Its methods may be called concurrently.
type Lock struct {
	locker *Locker
	key    string
	token  int64
	grip   grip
	lease  *lease // nil for a claim without a run lock
}

// hold takes the run lock. Its token takes the place of the claim's: the runs of a job
// follow each other in the order in which they had the run lock, which need not be that
// in which their occurrences were claimed. It waits atMost for its turn to be asked for.
func (l *Lock) hold(ctx context.Context, atMost time.Duration) error {
	s := l.locker.server
	if err := s.usable(); err != nil {
		return err
	}
	got, err := l.locker.takings.ask(ctx, s.key(kindRun, l.key), atMost)
	switch {
	case errors.Is(err, errNoTurn):
		return errQueued
	case err != nil:
		return err
	case expired(got.asked, time.Now(), lifeOf(got.ttl)) || !l.locker.leases.hold(got.grip):
		_, _ = l.locker.releasing.ask(ctx, got.grip, 0)
		l.locker.leases.drop(got.grip)
		return said{text: "the server answered when the lock had already expired"}
	}
	l.grip, l.token = got.grip, got.token
	l.lease = keepLease(got.asked, l.locker.begun, got.ttl, l.renew, l.failed)
	return nil
}

func (l *Lock) renew(ctx context.Context) error {
	if err := l.locker.server.usable(); err != nil {
		return err
	}
	_, err := l.locker.renewals.ask(ctx, l.grip, 0)
	return answered(ctx, err)
}

// failed reports why the run lock was not renewed.
func (l *Lock) failed(err error) {
	s := l.locker.server
	failure := newError(context.Background(), Error{Op: "renew", Namespace: s.namespace, Key: l.key}, err)
	if errors.Is(err, errGone) {
		s.logger.Error("gocron/etcd: a run lock is lost", "key", l.key, "error", failure)
		return
	}
	s.logger.Warn("gocron/etcd: a run lock could not be renewed", "key", l.key, "error", failure)
}

// Unlock releases the run lock, if this is one; a claim stays. It is to be called with
// a context that is alive, and takes no longer than WithRequestTimeout allows. Should
// it fail, or not be called, a run lock lives on: if called, for its TTL, else for as
// long as the process does. Unlocking what was released or lost before is no error, and
// never touches what another has taken since.
func (l *Lock) Unlock(ctx context.Context) error {
	if l.lease == nil {
		return nil
	}
	l.lease.end()
	of := Error{Op: "unlock", Namespace: l.locker.server.namespace, Key: l.key}
	err := l.release(ctx)
	if ctx == nil {
		ctx = context.Background()
	}
	if err != nil {
		l.locker.leases.lose(l.grip)
		return newError(ctx, of, err)
	}
	l.locker.leases.drop(l.grip)
	return nil
}

func (l *Lock) release(ctx context.Context) error {
	if ctx == nil {
		return errNoContext
	}
	if err := l.locker.server.usable(); err != nil {
		return err
	}
	_, err := l.locker.releasing.ask(ctx, l.grip, 0)
	return err
}

// Lost returns a channel that is closed when the run lock is no longer held: it could
// not be renewed in time, or it was deleted on the server, or it was released. It is
// closed before another node can have the lock, unless it was deleted by hand. It is
// nil for a claim without a run lock, which cannot be lost.
func (l *Lock) Lost() <-chan struct{} {
	if l.lease == nil {
		return nil
	}
	return l.lease.over
}

// FencingToken returns the revision of etcd at which the run lock was taken or, without
// one, the claim made. It is never 0, and increases from one of the job to the next: what
// is given the tokens can refuse those below the highest it has seen.
func (l *Lock) FencingToken() int64 { return l.token }
