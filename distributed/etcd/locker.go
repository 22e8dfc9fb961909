package etcd

import (
	"context"
	"errors"
	"time"

	"go.etcd.io/etcd/api/v3/v3rpc/rpctypes"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// Locker claims occurrences of jobs, and locks jobs, among the nodes that use the same
// etcd and namespace. Its methods may be called concurrently. There is nothing to close;
// the client is the caller's, and must stay open for as long as a lock is held.
type Locker struct {
	server *server
	shared *sharedLease
}

// NewLocker returns a Locker that works through client. It asks the server nothing. A
// nil client and bad options are refused.
func NewLocker(client *clientv3.Client, options ...Option) (*Locker, error) {
	c, err := newConfig("NewLocker", client, options)
	if err != nil {
		return nil, err
	}
	s := &server{config: c, client: client}
	return &Locker{server: s, shared: newSharedLease(s)}, nil
}

// Claim claims the occurrence of the job key that is scheduled at that instant, in
// whatever zone, for this node. It is granted to one caller, once, and never again:
// Unlock does not give it back, and when the server forgets it, it is too late to ask.
// The lock's fencing token is higher than that of every claim granted before.
//
// The errors are ErrTaken; ErrTooLate and ErrTooEarly, when the local clock is further
// from the scheduled time than WithKeep allows; the context's; and, with an EngineDown
// method that returns true, any other. An empty key and a zero time are such others.
// When the server could not answer the claim may nevertheless have been made: nobody
// else gets it then.
//
// With WithRunLock the lock is the job's run lock too.
func (l *Locker) Claim(ctx context.Context, key string, scheduled time.Time) (*Lock, error) {
	of := Error{Op: "claim", Namespace: l.server.namespace, Key: key, Scheduled: scheduled}
	if err := badRequest(ctx, key); err != nil {
		return nil, newError(context.Background(), of, err)
	}
	if scheduled.IsZero() {
		return nil, newError(ctx, of, said{text: "the scheduled time must not be zero"})
	}
	token, err := l.claim(ctx, key, scheduled)
	if err != nil {
		return nil, newError(ctx, of, err)
	}
	lock := &Lock{server: l.server, key: key, token: token}
	if l.server.runLock {
		if err := lock.hold(ctx); err != nil {
			if errors.Is(err, ErrTaken) {
				err = said{text: "another run of the job is in progress", err: ErrTaken}
			}
			return nil, newError(ctx, of, err)
		}
	}
	return lock, nil
}

// Lock takes the run lock of the job key, which is renewed until Unlock releases it. It
// does not wait: ErrTaken is returned if it is another's. The other errors are those of
// Claim. The lock's fencing token is higher than that of every lock taken before.
func (l *Locker) Lock(ctx context.Context, key string) (*Lock, error) {
	of := Error{Op: "lock", Namespace: l.server.namespace, Key: key}
	if err := badRequest(ctx, key); err != nil {
		return nil, newError(context.Background(), of, err)
	}
	lock := &Lock{server: l.server, key: key}
	if err := lock.hold(ctx); err != nil {
		return nil, newError(ctx, of, err)
	}
	return lock, nil
}

func badRequest(ctx context.Context, key string) error {
	switch {
	case ctx == nil:
		return said{text: "the context must not be nil"}
	case key == "":
		return said{text: "the key must not be empty"}
	}
	return nil
}

// claim makes the key of the occurrence and returns its create revision.
//
// The server cannot compare times in a transaction, so the window is judged by the
// local clock. The key stays for twice keep after the scheduled time: a node whose
// clock is behind that of the claimant's, by up to keep, finds it for as long as its
// own window is open.
func (l *Locker) claim(ctx context.Context, name string, scheduled time.Time) (int64, error) {
	s := l.server
	if err := s.window(scheduled); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.requestTimeout)
	defer cancel()
	key := s.claimKey(name, scheduled)
	// Most claims are lost, and those need neither a lease nor a write.
	if taken, err := s.exists(ctx, key); err != nil {
		return 0, err
	} else if taken {
		return 0, ErrTaken
	}
	token, err := l.create(ctx, key, scheduled.Add(2*s.keep))
	if err != nil {
		return 0, err
	}
	// The answer may have taken until the window closed, and the key been another's
	// that was gone by then.
	return token, s.window(scheduled)
}

// create makes the key under a shared lease, and under a second one if the first has
// gone, as when it was revoked by hand.
func (l *Locker) create(ctx context.Context, key string, until time.Time) (int64, error) {
	for again := false; ; again = true {
		id, err := l.shared.outliving(ctx, until)
		if err != nil {
			return 0, err
		}
		token, err := l.server.create(ctx, key, id)
		if again || !errors.Is(err, rpctypes.ErrLeaseNotFound) {
			return token, err
		}
		l.shared.forget(id)
	}
}

func (s *server) window(scheduled time.Time) error {
	switch late := time.Now().Round(0).Sub(scheduled); {
	case late > s.keep:
		return ErrTooLate
	case late < -s.keep:
		return ErrTooEarly
	}
	return nil
}
