package postgres

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A Locker claims the occurrences of jobs, and lends run locks. It is safe for use by
// several goroutines. Give it to gocron with
//
//	gocron.ClaimerFrom(locker.Claim)
//
// or, for run locks alone, with gocron.LockerFrom(locker.Lock).
type Locker struct {
	store   *store
	cleaner *cleaner
	begun   time.Time // all run locks are renewed at thirds of the TTL from then

	// One request of each kind is under way at a time, whatever runs.
	claims    *batcher[occurrence, claimed]
	takings   *batcher[string, taken]
	renewals  *batcher[grip, struct{}]
	releasing *batcher[grip, struct{}]

	untimely atomic.Bool // whether the last claim was asked too early or too late
	strange  atomic.Bool // whether it was said that another program has claims here
}

// NewLocker returns a Locker that keeps claims in the database of db, most often a
// *pgxpool.Pool, which stays the caller's: it is used until Close returns and no lock
// is held, and never closed. The tables are made if they are not there.
//
// A nil context or client, a transaction, a single connection and bad options are refused
// with an error that names them. A database that cannot be asked, and tables of a version
// that is not known, are an *Error.
//
// Renewals of run locks need a connection of the pool in time: if tasks keep the pool
// busy, give the Locker its own, with two connections.
//
// The Locker removes claims that have expired, from a goroutine that Close ends.
func NewLocker(ctx context.Context, db DB, options ...Option) (*Locker, error) {
	s, err := newStore(ctx, db, constructLocker, options)
	if err != nil {
		return nil, err
	}
	l := &Locker{
		store:     s,
		cleaner:   startCleaner(s),
		begun:     time.Now(),
		claims:    newBatcher(s.timeout, isPassing, s.claimBatch),
		takings:   newBatcher(min(s.timeout, lifeOf(s.ttl)), isPassing, s.takeBatch),
		renewals:  newBatcher(min(s.timeout, renewalLimit(s.ttl)), isPassing, s.renewBatch),
		releasing: newBatcher(s.timeout, isPassing, s.releaseBatch),
	}
	l.claims.rest = restPerClaim
	l.renewals.gather, l.renewals.most = min(s.ttl/100, maxGather), mostRenewed
	return l, nil
}

const (
	// maxGather is how long a renewal waits for the others that are due at that time.
	maxGather = 20 * time.Millisecond
	// mostRenewed bounds how many run locks one statement renews.
	mostRenewed = 20_000
)

// Claim claims the occurrence of the job that was scheduled for that instant, in
// whatever zone. It is granted to one caller, once, whatever the nodes' clocks say: the
// claim is kept until WithKeep past the scheduled time, and is not released by Unlock.
//
// The errors are an *Error with ErrTaken, ErrTooLate or ErrTooEarly, or one whose
// EngineDown method tells whether the database failed. It may then have noted the claim
// all the same, and nobody gets it. The key must be UTF-8 without zero bytes, and of 1
// to 1000 bytes; the scheduled time must be of the years 1 to 9999 and not zero; the
// context must not be nil. With WithRunLock, ErrTaken is also the answer when another run
// of the job has its run lock; for the rest see Lock.
func (l *Locker) Claim(ctx context.Context, key string, scheduled time.Time) (*Lock, error) {
	s, scheduled := l.store, scheduled.UTC()
	if err := checkClaim(ctx, key, scheduled); err != nil {
		return nil, s.fail(context.Background(), "claim", key, scheduled, err)
	}
	token, err := l.claim(ctx, key, scheduled)
	if err != nil {
		err = s.fail(ctx, "claim", key, scheduled, err)
	}
	if l.noteTime(key, err); err != nil {
		return nil, err
	}
	if !s.runLock {
		return &Lock{token: token}, nil
	}
	lock, err := l.take(ctx, key, waitAtMost(s.config, scheduled))
	if errors.Is(err, ErrTaken) {
		err = errRunning
	}
	if err != nil {
		return nil, s.fail(ctx, "claim", key, scheduled, err)
	}
	return lock, nil
}

// noteTime reports a claim that was asked at the wrong time, if the one before was not:
// clocks that are too far apart keep jobs from running, and nobody else says so.
func (l *Locker) noteTime(key string, err error) {
	untimely := errors.Is(err, ErrTooEarly) || errors.Is(err, ErrTooLate)
	answered := err == nil || untimely || errors.Is(err, ErrTaken)
	if answered && l.untimely.Swap(untimely) != untimely && untimely {
		l.store.logger.Warn("gocron/postgres: a claim was asked at the wrong time: compare the clocks",
			"key", key, "error", err)
	}
}

// noteHolder reports, once, that a claim was taken by another program: it has the same
// namespace and a job of the same name, so that each has occurrences of the other.
func (l *Locker) noteHolder(key, holder string) {
	if other := programOf(holder); other != "" && other != program && !l.strange.Swap(true) {
		l.store.logger.Warn("gocron/postgres: another program claims jobs of these names: give each program a namespace",
			"key", key, "namespace", l.store.namespace, "program", program, "other", other)
	}
}

// Lock obtains the run lock of the job with that key: one at a time, on all nodes, has
// it until Unlock. It is renewed in the background and can be lost, see Lock.Lost. The
// errors are those of Claim without ErrTooLate and ErrTooEarly; it does not wait for a
// lock that another holds. The key is as for Claim. When the database does not answer, or
// ctx ends while it is asked, the lock may have been taken: it is free again after the
// TTL.
func (l *Locker) Lock(ctx context.Context, key string) (*Lock, error) {
	if err := checkLock(ctx, key); err != nil {
		return nil, l.store.fail(context.Background(), "lock", key, time.Time{}, err)
	}
	lock, err := l.take(ctx, key, 0)
	if err != nil {
		return nil, l.store.fail(ctx, "lock", key, time.Time{}, err)
	}
	return lock, nil
}

func checkLock(ctx context.Context, key string) error {
	if ctx == nil {
		return errNoContext
	}
	return checkText("the key", key)
}

func checkClaim(ctx context.Context, key string, scheduled time.Time) error {
	if err := checkLock(ctx, key); err != nil {
		return err
	}
	if scheduled.IsZero() {
		return errors.New("the scheduled time must not be zero")
	}
	if year := scheduled.Year(); year < 1 || year > 9999 {
		return fmt.Errorf("the scheduled time must be of the years 1 to 9999, not of %d", year)
	}
	return nil
}

// Close ends the removal of expired claims and returns when it has ended, or with an
// error when ctx has. Locks that are held stay so. It may be called several times.
func (l *Locker) Close(ctx context.Context) error {
	l.cleaner.stop()
	if ctx == nil {
		return l.store.fail(context.Background(), "close", "", time.Time{}, errNoContext)
	}
	select {
	case <-l.cleaner.done:
		return nil
	case <-ctx.Done():
		return l.store.fail(ctx, "close", "", time.Time{}, ctx.Err())
	}
}
