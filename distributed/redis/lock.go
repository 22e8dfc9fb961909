package redis

import (
	"context"
	"errors"
	"time"
)

// A Lock is what Claim and Lock grant. Its methods may be called from anywhere, also
// concurrently, and any number of times.
type Lock struct {
	locker *Locker
	key    string
	grip   grip
	lease  *lease // nil if it holds no run lock
}

// take takes the run lock of the job, or returns ErrTaken. It waits atMost for its turn to
// be asked for.
func (l *Locker) take(ctx context.Context, key string, atMost time.Duration) (*Lock, error) {
	got, err := l.takings.ask(ctx, l.lockKey(key), atMost)
	if errors.Is(err, errNoTurn) {
		err = errQueued
	}
	if err != nil {
		return nil, err
	}
	if expired(got.asked, time.Now(), lifeOf(l.ttl)) {
		return nil, said{text: "the answer came when the lock had already expired"}
	}
	lock := &Lock{locker: l, key: key, grip: got.grip}
	lock.lease = keepLease(got.asked, l.begun, l.ttl, lock.renew, lock.notRenewed)
	return lock, nil
}

// Unlock gives the run lock back and returns when it is no longer renewed. It leaves a
// lock alone that another run has by now, and does nothing for a claim, which stays.
// Its context must be alive: with one that has ended, or if Redis does not answer, the
// lock is free after the TTL only, and Unlock returns an *Error.
func (l *Lock) Unlock(ctx context.Context) error {
	if l.lease == nil {
		return nil
	}
	l.lease.end()
	if ctx == nil {
		return l.locker.failure(context.Background(), opUnlock, l.key, time.Time{}, errNoContext)
	}
	if _, err := l.locker.releasing.ask(ctx, l.grip, 0); err != nil {
		return l.locker.failure(ctx, opUnlock, l.key, time.Time{}, err)
	}
	return nil
}

// Lost returns a channel that is closed when the run lock is no longer held: it could
// not be renewed in time, Redis has lost it, or it was unlocked. Nobody else can get it
// earlier, unless Redis breaks its promises. Without a run lock it is nil: a claim
// cannot be lost.
func (l *Lock) Lost() <-chan struct{} {
	if l.lease == nil {
		return nil
	}
	return l.lease.over
}

// FencingToken returns 0, which means none: Redis has no number that is sure to grow
// through a failover.
func (l *Lock) FencingToken() int64 { return 0 }

func (l *Lock) renew(ctx context.Context) error {
	_, err := l.locker.renewals.ask(ctx, l.grip, 0)
	return answered(ctx, err)
}

// notRenewed reports why the lock was not renewed.
func (l *Lock) notRenewed(err error) {
	failure := l.locker.failure(context.Background(), opRenew, l.key, time.Time{}, err)
	if errors.Is(err, errGone) {
		l.locker.log.Error("gocron/redis: a run lock is lost", "key", l.key, "error", failure)
		return
	}
	l.locker.log.Warn("gocron/redis: a run lock could not be renewed", "key", l.key, "error", failure)
}
