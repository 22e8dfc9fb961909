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
	holder string
	lease  *lease // nil if it holds no run lock
}

// take takes the run lock of the job, or returns ErrTaken.
func (l *Locker) take(ctx context.Context, key string) (*Lock, error) {
	lock := &Lock{locker: l, key: key, holder: l.newHolder()}
	asked := time.Now()
	answer, err := l.ask(ctx, lockScript, l.lockKey(key), lock.holder, milliseconds(l.ttl))
	if err != nil {
		return nil, err
	}
	if answer != answerYes {
		return nil, ErrTaken
	}
	if expired(asked, time.Now(), l.ttl) {
		return nil, said{text: "the answer came when the lock had already expired"}
	}
	lock.lease = keepLease(asked, l.ttl, lock.renew, lock.notRenewed)
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
	if _, err := l.locker.ask(ctx, unlockScript, l.locker.lockKey(l.key), l.holder); err != nil {
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
	answer, err := l.locker.ask(ctx, renewScript, l.locker.lockKey(l.key), l.holder, milliseconds(l.locker.ttl))
	if err == nil && answer != answerYes {
		return errGone
	}
	return err
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
