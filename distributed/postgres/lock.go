package postgres

import (
	"context"
	"errors"
	"time"
)

// A Lock is a claim, or a run lock, or both, that a Locker has obtained.
type Lock struct {
	token int64

	// The rest is zero for a claim without a run lock: it cannot be lost and there is
	// nothing to be released.
	locker *Locker
	grip   grip
	lease  *lease
}

// take obtains the run lock of the job with that key. It waits atMost for its turn to be
// asked for.
func (l *Locker) take(ctx context.Context, key string, atMost time.Duration) (*Lock, error) {
	got, err := l.takings.ask(ctx, key, atMost)
	if errors.Is(err, errNoTurn) {
		err = errQueued
	}
	if err != nil {
		// It may have been taken all the same. To release it the caller would have to
		// wait for a database that does not answer.
		return nil, err
	}
	renew := func(ctx context.Context) error {
		_, err := l.renewals.ask(ctx, got.grip, 0)
		return answered(ctx, err)
	}
	failed := func(err error) { l.store.notRenewed(key, err) }
	return &Lock{token: got.token, locker: l, grip: got.grip, lease: keepLease(got.asked, l.begun, l.store.ttl, renew, failed)}, nil
}

// notRenewed reports why a run lock was not renewed.
func (s *store) notRenewed(key string, err error) {
	failure := s.fail(context.Background(), "renew", key, time.Time{}, err)
	if errors.Is(err, errGone) {
		s.logger.Error("gocron/postgres: a run lock is lost", "key", key, "error", failure)
		return
	}
	s.logger.Warn("gocron/postgres: a run lock could not be renewed", "key", key, "error", failure)
}

// FencingToken returns the number that was drawn for this lock. Of two run locks of a
// job the later has the greater one, so that a store that refuses smaller numbers than
// it has seen refuses a run that has lost its lock.
func (l *Lock) FencingToken() int64 { return l.token }

// Lost returns a channel that is closed when the run lock has been released, or could
// not be renewed in time: before that another does not get it. For a claim without a
// run lock it is nil, as a claim cannot be lost.
func (l *Lock) Lost() <-chan struct{} {
	if l.lease == nil {
		return nil
	}
	return l.lease.over
}

// Unlock releases the run lock. What is another's by now is left alone, and is no
// error. A claim stays. It is to be called with a context that is alive: if it fails the
// lock is free after WithTTL only. It may be called several times.
func (l *Lock) Unlock(ctx context.Context) error {
	if l.lease == nil {
		return nil
	}
	l.lease.end()
	if ctx == nil {
		return l.locker.store.fail(context.Background(), "unlock", l.grip.name, time.Time{}, errNoContext)
	}
	if _, err := l.locker.releasing.ask(ctx, l.grip, 0); err != nil {
		return l.locker.store.fail(ctx, "unlock", l.grip.name, time.Time{}, err)
	}
	return nil
}
