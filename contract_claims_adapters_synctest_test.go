//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// What follows stands for a package that knows nothing of this one.
type (
	theirLocker struct{ fail error }
	theirLock   struct {
		key      string
		lost     chan struct{}
		released int
	}
	theirValue   struct{ released *int }
	theirUnlock  interface{ Unlock(context.Context) error }
	theirElector struct{ ended chan struct{} }
)

// Lock has locks of another type than Locker's: theirLocker is no Locker.
func (l *theirLocker) Lock(context.Context, string) (*theirLock, error) { return nil, l.fail }

func (l *theirLocker) Claim(_ context.Context, key string, _ time.Time) (*theirLock, error) {
	if l.fail != nil {
		return nil, l.fail // which is no nil interface when it is made one
	}
	return &theirLock{key: key, lost: make(chan struct{})}, nil
}

func (l *theirLock) Unlock(context.Context) error { l.released++; return nil }
func (l *theirLock) Lost() <-chan struct{}        { return l.lost }
func (l *theirLock) FencingToken() int64          { return 12 }

func (v theirValue) Unlock(context.Context) error { *v.released++; return nil }

func (e *theirElector) IsLeader(context.Context) error { return errContract }
func (e *theirElector) Term(context.Context) (<-chan struct{}, int64, error) {
	return e.ended, 5, nil
}

func TestSynctestAdaptersAreClaimersByTheirMethods(t *testing.T) {
	locker := ClaimerFrom((&theirLocker{}).Claim)
	claimer, ok := locker.(Claimer)
	require.True(t, ok)
	lock, err := claimer.Claim(context.Background(), "k", time.Now())
	require.NoError(t, err)
	require.Equal(t, "k", lock.(*theirLock).key)
	require.Implements(t, (*LeasedLock)(nil), lock)
	require.Implements(t, (*FencedLock)(nil), lock)

	lock, err = locker.Lock(context.Background(), "k")
	require.Error(t, err, "it claims occurrences and nothing else")
	require.True(t, lock == nil)

	plain := LockerFrom((&theirLocker{}).Lock)
	_, ok = plain.(Claimer)
	require.False(t, ok)
}

func TestSynctestAdaptersWithATypedNilLock(t *testing.T) {
	locker := ClaimerFrom((&theirLocker{fail: errTaken}).Claim)
	lock, err := locker.(Claimer).Claim(context.Background(), "k", time.Now())
	require.True(t, lock == nil, "no typed nil")
	require.Equal(t, errTaken, err)
	for _, locker := range []Locker{locker, LockerFrom((&theirLocker{fail: errTaken}).Lock)} {
		synctest.Test(t, func(t *testing.T) {
			s, b := newPolicyScheduler(t, WithDistributedLocker(locker))
			everyMinute(t, s, noop, retries(2, 0))
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Equal(t, []string{"locked-elsewhere 0"}, b.outcomes())
		})
	}
}

func TestSynctestAdaptersOfNoFunctionAreRefused(t *testing.T) {
	var none *theirLocker
	for _, locker := range []Locker{
		ClaimerFrom[*theirLock](nil), ClaimerFrom[Lock](nil), ClaimerFrom[theirUnlock](nil), LockerFrom[theirValue](nil),
	} {
		require.True(t, locker == nil)
		_, err := NewScheduler(WithDistributedLocker(locker))
		require.Equal(t, ErrWithDistributedLockerNil, err)
		_, err = newScheduler(t).NewJob(ages(), NewTask(noop), WithDistributedJobLocker(locker))
		require.Equal(t, ErrWithDistributedJobLockerNil, err)
	}
	require.NotNil(t, ClaimerFrom(none.Claim), "a method of nothing is a function")
}

// A lock's abilities are found whatever its type is.
func TestSynctestAdaptersWhoseLocksAreLostAndFenced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var lock *theirLock
		their := &theirLocker{}
		claim := func(ctx context.Context, key string, at time.Time) (theirUnlock, error) {
			l, err := their.Claim(ctx, key, at)
			lock = l
			return l, err
		}
		s, b := newPolicyScheduler(t, WithDistributedLocker(ClaimerFrom(claim)))
		everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) })
		time.Sleep(70 * time.Second)
		synctest.Wait()
		close(lock.lost)
		require.Equal(t, []string{"cancelled 1"}, b.outcomes())
		require.Equal(t, ErrLockLost, b.runs()[0].Err)
		require.EqualValues(t, 12, b.runs()[0].FencingToken)
		require.Equal(t, 1, lock.released)
	})
}

func TestSynctestAdaptersWithLocksThatAreValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		released := 0
		claim := func(context.Context, string, time.Time) (theirValue, error) { return theirValue{&released}, nil }
		s, b := newPolicyScheduler(t, WithDistributedLocker(ClaimerFrom(claim)))
		everyMinute(t, s, noop)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.outcomes())
		require.Equal(t, 2, released)
	})
}

// What comes with an error is no lock, and is not released.
func TestSynctestAdaptersThatReturnALockAndAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		released := 0
		claim := func(context.Context, string, time.Time) (theirValue, error) { return theirValue{&released}, errTaken }
		s, b := newPolicyScheduler(t, WithDistributedLocker(ClaimerFrom(claim)))
		everyMinute(t, s, noop)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"locked-elsewhere 0"}, b.outcomes())
		require.Zero(t, released)
	})
}

func TestSynctestAdaptersThatKnowTheirTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &theirElector{ended: make(chan struct{})}
		s, b := newPolicyScheduler(t, WithDistributedElector(e))
		j := mustJob(t, s, ages(), func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) })
		require.NoError(t, j.RunNow())
		time.Sleep(time.Second)
		close(e.ended)
		require.Equal(t, []string{"cancelled 1"}, b.outcomes())
		require.Equal(t, ErrTermEnded, b.runs()[0].Err)
		require.EqualValues(t, 5, b.runs()[0].FencingToken)
	})
}

// A Claimer need not be made by ClaimerFrom. Its Lock is never called.
func TestSynctestAdaptersThatAreClaimersThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := &ownClaimer{claimStore: newClaimStore(t)}
		s, b := newPolicyScheduler(t, WithDistributedLocker(own))
		j := everyMinute(t, s, noop)
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.outcomes())
		require.Equal(t, minutes(1), own.questions())
	})
}

type ownClaimer struct{ *claimStore }

func (o *ownClaimer) Claim(ctx context.Context, key string, at time.Time) (Lock, error) {
	return o.claimStore.Claim(ctx, key, at)
}

func (o *ownClaimer) Lock(context.Context, string) (Lock, error) {
	o.t.Error("a Claimer is asked for claims")
	return nil, nil
}
