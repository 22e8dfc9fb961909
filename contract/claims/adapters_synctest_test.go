//go:build go1.25

package claims_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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

func (e *theirElector) IsLeader(context.Context) error { return rig.ErrTest }
func (e *theirElector) Term(context.Context) (<-chan struct{}, int64, error) {
	return e.ended, 5, nil
}

func TestSynctestAdaptersAreClaimersByTheirMethods(t *testing.T) {
	locker := gocron.ClaimerFrom((&theirLocker{}).Claim)
	claimer, ok := locker.(gocron.Claimer)
	require.True(t, ok)
	lock, err := claimer.Claim(context.Background(), "k", time.Now())
	require.NoError(t, err)
	require.Equal(t, "k", lock.(*theirLock).key)
	require.Implements(t, (*gocron.LeasedLock)(nil), lock)
	require.Implements(t, (*gocron.FencedLock)(nil), lock)

	lock, err = locker.Lock(context.Background(), "k")
	require.Error(t, err, "it claims occurrences and nothing else")
	require.True(t, lock == nil)

	plain := gocron.LockerFrom((&theirLocker{}).Lock)
	_, ok = plain.(gocron.Claimer)
	require.False(t, ok)
}

func TestSynctestAdaptersWithATypedNilLock(t *testing.T) {
	locker := gocron.ClaimerFrom((&theirLocker{fail: errTaken}).Claim)
	lock, err := locker.(gocron.Claimer).Claim(context.Background(), "k", time.Now())
	require.True(t, lock == nil, "no typed nil")
	require.Equal(t, errTaken, err)
	for _, locker := range []gocron.Locker{locker, gocron.LockerFrom((&theirLocker{fail: errTaken}).Lock)} {
		synctest.Test(t, func(t *testing.T) {
			s, b := rig.NewStarted(t, gocron.WithDistributedLocker(locker))
			everyMinute(t, s, rig.Noop, rig.Retries(2, 0))
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Equal(t, []string{"locked-elsewhere 0"}, b.Outcomes())
		})
	}
}

func TestSynctestAdaptersOfNoFunctionAreRefused(t *testing.T) {
	var none *theirLocker
	for _, locker := range []gocron.Locker{
		gocron.ClaimerFrom[*theirLock](nil), gocron.ClaimerFrom[gocron.Lock](nil), gocron.ClaimerFrom[theirUnlock](nil), gocron.LockerFrom[theirValue](nil),
	} {
		require.True(t, locker == nil)
		_, err := gocron.NewScheduler(gocron.WithDistributedLocker(locker))
		require.Equal(t, gocron.ErrWithDistributedLockerNil, err)
		_, err = rig.NewScheduler(t).NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithDistributedJobLocker(locker))
		require.Equal(t, gocron.ErrWithDistributedJobLockerNil, err)
	}
	require.NotNil(t, gocron.ClaimerFrom(none.Claim), "a method of nothing is a function")
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
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(gocron.ClaimerFrom(claim)))
		everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) })
		time.Sleep(70 * time.Second)
		synctest.Wait()
		close(lock.lost)
		require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
		require.Equal(t, gocron.ErrLockLost, b.Runs()[0].Err)
		require.EqualValues(t, 12, b.Runs()[0].FencingToken)
		require.Equal(t, 1, lock.released)
	})
}

func TestSynctestAdaptersWithLocksThatAreValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		released := 0
		claim := func(context.Context, string, time.Time) (theirValue, error) { return theirValue{&released}, nil }
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(gocron.ClaimerFrom(claim)))
		everyMinute(t, s, rig.Noop)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.Outcomes())
		require.Equal(t, 2, released)
	})
}

// What comes with an error is no lock, and is not released.
func TestSynctestAdaptersThatReturnALockAndAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		released := 0
		claim := func(context.Context, string, time.Time) (theirValue, error) { return theirValue{&released}, errTaken }
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(gocron.ClaimerFrom(claim)))
		everyMinute(t, s, rig.Noop)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"locked-elsewhere 0"}, b.Outcomes())
		require.Zero(t, released)
	})
}

func TestSynctestAdaptersThatKnowTheirTerm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &theirElector{ended: make(chan struct{})}
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(e))
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error { <-ctx.Done(); return context.Cause(ctx) })
		require.NoError(t, j.RunNow())
		time.Sleep(time.Second)
		close(e.ended)
		require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
		require.Equal(t, gocron.ErrTermEnded, b.Runs()[0].Err)
		require.EqualValues(t, 5, b.Runs()[0].FencingToken)
	})
}

// A Claimer need not be made by ClaimerFrom. Its Lock is never called.
func TestSynctestAdaptersThatAreClaimersThemselves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		own := &ownClaimer{claimStore: newClaimStore(t)}
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(own))
		j := everyMinute(t, s, rig.Noop)
		require.NoError(t, j.RunNow())
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.Outcomes())
		require.Equal(t, minutes(1), own.questions())
	})
}

type ownClaimer struct{ *claimStore }

func (o *ownClaimer) Claim(ctx context.Context, key string, at time.Time) (gocron.Lock, error) {
	return o.claimStore.Claim(ctx, key, at)
}

func (o *ownClaimer) Lock(context.Context, string) (gocron.Lock, error) {
	o.t.Error("a Claimer is asked for claims")
	return nil, nil
}
