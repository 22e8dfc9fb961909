package postgres

import (
	"context"
	"fmt"
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
}

// NewLocker returns a Locker that keeps claims in the database of db, most often a
// *pgxpool.Pool, which stays the caller's: it is used until Close returns and no lock
// is held, and never closed. The tables are made if they are not there. A bad option, a
// database that cannot be asked, and tables of a version that is not known, are errors.
//
// The Locker removes claims that have expired, from a goroutine that Close ends.
func NewLocker(ctx context.Context, db DB, options ...Option) (*Locker, error) {
	s, err := newStore(ctx, db, "new locker", options)
	if err != nil {
		return nil, err
	}
	return &Locker{store: s, cleaner: startCleaner(s)}, nil
}

// Claim claims the occurrence of the job that was scheduled for that instant, in
// whatever zone. It is granted to one caller, once, whatever the nodes' clocks say: the
// claim is kept until WithKeep past the scheduled time, and is not released by Unlock.
//
// The errors are an *Error with ErrTaken, ErrTooLate or ErrTooEarly, or one whose
// EngineDown method tells whether the database failed. It may then have noted the claim
// all the same, and nobody gets it. The key must be UTF-8 without zero bytes, and of 1
// to 1000 bytes; the scheduled time must be of the years 1 to 9999 and not zero.
func (l *Locker) Claim(ctx context.Context, key string, scheduled time.Time) (*Lock, error) {
	scheduled = scheduled.UTC()
	token, err := l.claim(ctx, key, scheduled)
	if err == nil && l.store.runLock {
		var lock *Lock
		if lock, err = l.take(ctx, key); err == nil {
			return lock, nil
		}
	}
	if err != nil {
		return nil, l.store.fail(ctx, "claim", key, scheduled, err)
	}
	return &Lock{token: token}, nil
}

func (l *Locker) claim(ctx context.Context, key string, scheduled time.Time) (int64, error) {
	if err := checkText("the key", key); err != nil {
		return 0, err
	}
	if year := scheduled.Year(); scheduled.IsZero() || year < 1 || year > 9999 {
		return 0, fmt.Errorf("the scheduled time is %v", scheduled)
	}
	return l.store.claim(ctx, key, scheduled)
}

// Lock obtains the run lock of the job with that key: one at a time, on all nodes, has
// it until Unlock. It is renewed in the background and can be lost, see Lock.Lost. The
// errors are those of Claim without ErrTooLate and ErrTooEarly; it does not wait for a
// lock that another holds. The key is as for Claim.
func (l *Locker) Lock(ctx context.Context, key string) (*Lock, error) {
	err := checkText("the key", key)
	if err == nil {
		var lock *Lock
		if lock, err = l.take(ctx, key); err == nil {
			return lock, nil
		}
	}
	return nil, l.store.fail(ctx, "lock", key, time.Time{}, err)
}

// Close ends the removal of expired claims and returns when it has ended, or with an
// error when ctx has. Locks that are held stay so. It may be called several times.
func (l *Locker) Close(ctx context.Context) error {
	if err := l.cleaner.close(ctx); err != nil {
		return l.store.fail(ctx, "close", "", time.Time{}, err)
	}
	return nil
}
