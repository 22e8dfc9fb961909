package etcd

import (
	"context"
	"errors"
)

// Lock is a claim, a run lock, or both. Its methods may be called concurrently.
type Lock struct {
	server *server
	key    string
	token  int64
	run    *holding // nil for a claim without a run lock
}

// hold takes the run lock. Its token takes the place of the claim's: the runs of a job
// follow each other in the order in which they had the run lock, which need not be that
// in which their occurrences were claimed.
func (l *Lock) hold(ctx context.Context) error {
	run, err := l.server.hold(ctx, l.server.key(kindRun, l.key), l.failed)
	if err != nil {
		return err
	}
	l.run, l.token = run, run.token
	return nil
}

// failed reports why the run lock was not renewed.
func (l *Lock) failed(err error) {
	failure := newError(context.Background(), Error{Op: "renew", Namespace: l.server.namespace, Key: l.key}, err)
	if errors.Is(err, errGone) {
		l.server.logger.Error("gocron/etcd: a run lock is lost", "key", l.key, "error", failure)
		return
	}
	l.server.logger.Warn("gocron/etcd: a run lock could not be renewed", "key", l.key, "error", failure)
}

// Unlock releases the run lock, if this is one; a claim stays. It is to be called with
// a context that is alive, and takes no longer than WithRequestTimeout allows. Should
// it fail, or not be called, a run lock lives on: if called, for its TTL, else for as
// long as the process does. Unlocking what was released or lost before is no error, and
// never touches what another has taken since.
func (l *Lock) Unlock(ctx context.Context) error {
	if l.run == nil {
		return nil
	}
	of := Error{Op: "unlock", Namespace: l.server.namespace, Key: l.key}
	if ctx == nil {
		l.run.lease.end()
		return newError(context.Background(), of, errNoContext)
	}
	if err := l.run.release(ctx); err != nil {
		return newError(ctx, of, err)
	}
	return nil
}

// Lost returns a channel that is closed when the run lock is no longer held: it could
// not be renewed in time, or it was deleted on the server, or it was released. It is
// closed before another node can have the lock, unless it was deleted by hand. It is
// nil for a claim without a run lock, which cannot be lost.
func (l *Lock) Lost() <-chan struct{} {
	if l.run == nil {
		return nil
	}
	return l.run.lease.over
}

// FencingToken returns the revision of etcd at which the run lock was taken or, without
// one, the claim made. It is never 0, and increases from one to the next: what is given
// the tokens can refuse those below the highest it has seen.
func (l *Lock) FencingToken() int64 { return l.token }
