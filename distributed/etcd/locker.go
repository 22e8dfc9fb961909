package etcd

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Locker claims occurrences of jobs, and locks jobs, among the nodes that use the same
// etcd and namespace. Its methods may be called concurrently. There is nothing to close;
// the client is the caller's, and must stay open for as long as a lock is held.
type Locker struct {
	server *server
	shared *sharedLease
	leases *nodeLeases
	begun  time.Time // all run locks are renewed at thirds of the TTL from then

	// One request of each kind is under way at a time, whatever runs.
	claims    *batcher[occurrence, int64]
	takings   *batcher[string, taken]
	renewals  *batcher[grip, struct{}]
	releasing *batcher[grip, struct{}]

	untimely atomic.Bool // whether the last claim was asked too early or too late
}

// NewLocker returns a Locker that works through client. It asks the server nothing. A
// nil client and bad options are refused.
func NewLocker(client *clientv3.Client, options ...Option) (*Locker, error) {
	c, err := newConfig("NewLocker", client, options)
	if err != nil {
		return nil, err
	}
	s := &server{config: c, client: client}
	l := &Locker{server: s, shared: newSharedLease(s), leases: newNodeLeases(), begun: time.Now()}
	l.makeBatchers()
	return l, nil
}

// Claim claims the occurrence of the job key that is scheduled at that instant, in
// whatever zone, for this node. It is granted to one caller, once, and never again:
// Unlock does not give it back, and when the server forgets it, it is too late to ask.
// The lock's fencing token is higher than that of every claim of the job granted before.
//
// The errors are ErrTaken; ErrTooLate and ErrTooEarly, when the local clock is further
// from the scheduled time than WithKeep allows; the context's; and, with an EngineDown
// method that returns true, any other. An empty key, a zero time and a nil context are
// such others. When the server could not answer the claim may nevertheless have been
// made: nobody else gets it then.
//
// With WithRunLock the lock is the job's run lock too. ErrTaken is then also the answer
// when another run of the job has that; for the rest see Lock.
func (l *Locker) Claim(ctx context.Context, key string, scheduled time.Time) (*Lock, error) {
	of := Error{Op: "claim", Namespace: l.server.namespace, Key: key, Scheduled: scheduled}
	if err := badRequest(ctx, key); err != nil {
		return nil, newError(context.Background(), of, err)
	}
	if scheduled.IsZero() {
		return nil, newError(context.Background(), of, said{text: "the scheduled time must not be zero"})
	}
	token, err := l.claim(ctx, key, scheduled)
	if err != nil {
		err = newError(ctx, of, err)
	}
	if l.noteTime(key, err); err != nil {
		return nil, err
	}
	lock := &Lock{locker: l, key: key, token: token}
	if l.server.runLock {
		if err := lock.hold(ctx, l.waitAtMost(scheduled)); err != nil {
			if errors.Is(err, ErrTaken) {
				err = errRunning
			}
			return nil, newError(ctx, of, err)
		}
	}
	return lock, nil
}

// noteTime reports a claim that was asked at the wrong time, if the one before was not:
// clocks that are too far apart keep jobs from running, and nobody else says so.
func (l *Locker) noteTime(key string, err error) {
	untimely := errors.Is(err, ErrTooEarly) || errors.Is(err, ErrTooLate)
	answered := err == nil || untimely || errors.Is(err, ErrTaken)
	if answered && l.untimely.Swap(untimely) != untimely && untimely {
		l.server.logger.Warn("gocron/etcd: a claim was asked at the wrong time: compare the clocks",
			"key", key, "error", err)
	}
}

// Lock takes the run lock of the job key, which is renewed until Unlock releases it. It
// does not wait: ErrTaken is returned if it is another's. The other errors are those of
// Claim. When the server does not answer, or ctx ends while it is asked, the lock may have
// been taken: it is free again after the TTL. The lock's fencing token is higher than that
// of every lock of the job taken before.
func (l *Locker) Lock(ctx context.Context, key string) (*Lock, error) {
	of := Error{Op: "lock", Namespace: l.server.namespace, Key: key}
	if err := badRequest(ctx, key); err != nil {
		return nil, newError(context.Background(), of, err)
	}
	lock := &Lock{locker: l, key: key}
	if err := lock.hold(ctx, 0); err != nil {
		return nil, newError(ctx, of, err)
	}
	return lock, nil
}

func badRequest(ctx context.Context, key string) error {
	switch {
	case ctx == nil:
		return errNoContext
	case key == "":
		return said{text: "the key must not be empty"}
	}
	return nil
}
