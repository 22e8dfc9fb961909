package etcd

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// testTTL is short, for what is waited for, yet bears a machine that is busy.
const testTTL = 3 * time.Second

func TestARunLockIsHeldByOne(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	one, other := newLocker(t, client, WithNamespace(ns)), newLocker(t, client, WithNamespace(ns))

	lock, err := one.Lock(context.Background(), "job")
	require.NoError(t, err)
	for _, l := range []*Locker{one, other} {
		_, err = l.Lock(context.Background(), "job")
		require.ErrorIs(t, err, ErrTaken)
		require.False(t, engineDown(err))
		require.EqualError(t, err, `gocron/etcd: lock "job": taken by another node`)
	}
	require.False(t, isClosed(lock.Lost()))
	require.NoError(t, lock.Unlock(context.Background()))
	require.True(t, isClosed(lock.Lost()))
	require.Empty(t, keys(t, client, ns))

	next, err := other.Lock(context.Background(), "job")
	require.NoError(t, err)
	require.Greater(t, next.FencingToken(), lock.FencingToken())
	require.NoError(t, lock.Unlock(context.Background()), "what is another's now stays")
	require.Len(t, keys(t, client, ns), 1)
	require.NoError(t, next.Unlock(context.Background()))
	require.NotContains(t, leases(t, client), next.run.id)
}

func TestARunLockIsRenewed(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)), WithTTL(testTTL))
	lock, err := l.Lock(context.Background(), "job")
	require.NoError(t, err)
	end := time.Now().Add(2 * testTTL)
	soon(t, "two TTLs have passed", func() bool { return time.Now().After(end) })
	require.False(t, isClosed(lock.Lost()))
	_, err = l.Lock(context.Background(), "job")
	require.ErrorIs(t, err, ErrTaken)
	require.NoError(t, lock.Unlock(context.Background()))
}

func TestARunLockThatIsGoneOnTheServerIsLost(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)), WithTTL(testTTL))
	for _, c := range []struct {
		how    string
		remove func(*Lock) error
	}{
		{"lease revoked", func(lock *Lock) error {
			_, err := client.Revoke(context.Background(), lock.run.id)
			return err
		}},
		{"key deleted", func(lock *Lock) error {
			_, err := client.Delete(context.Background(), lock.run.key)
			return err
		}},
		{"key deleted and another's", func(lock *Lock) error {
			_, err := client.Delete(context.Background(), lock.run.key)
			require.NoError(t, err)
			other, err := l.Lock(context.Background(), "job")
			t.Cleanup(func() { require.NoError(t, other.Unlock(context.Background())) })
			return err
		}},
	} {
		lock, err := l.Lock(context.Background(), "job")
		require.NoError(t, err, c.how)
		require.NoError(t, c.remove(lock), c.how)
		await(t, "the lock is lost: "+c.how, lock.Lost())
		require.NoError(t, lock.Unlock(context.Background()), c.how)
	}
	_, err := l.Lock(context.Background(), "job")
	require.ErrorIs(t, err, ErrTaken, "the other still has it")
}

// The lease may go between the two requests of a renewal.
func TestARenewalOfALeaseThatIsGone(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	lock, err := l.Lock(context.Background(), "job")
	require.NoError(t, err)
	run := *lock.run
	require.NoError(t, run.renew(context.Background()))
	run.id = clientv3.LeaseID(1) // none
	require.ErrorIs(t, run.renew(context.Background()), errGone)
	require.NoError(t, lock.Unlock(context.Background()))
}

func TestAClaimWithARunLock(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	one := newLocker(t, client, WithNamespace(ns), WithRunLock())
	other := newLocker(t, client, WithNamespace(ns), WithRunLock())
	at := time.Now()

	lock, err := one.Claim(context.Background(), "job", at)
	require.NoError(t, err)
	require.NotNil(t, lock.Lost())
	_, err = other.Claim(context.Background(), "job", at.Add(1))
	require.ErrorIs(t, err, ErrTaken)
	require.ErrorContains(t, err, "another run of the job is in progress")
	require.NoError(t, lock.Unlock(context.Background()))

	_, err = other.Claim(context.Background(), "job", at.Add(1))
	require.ErrorIs(t, err, ErrTaken, "the claim of what was skipped stays")
	_, err = other.Claim(context.Background(), "job", at)
	require.ErrorIs(t, err, ErrTaken)
	next, err := other.Claim(context.Background(), "job", at.Add(2))
	require.NoError(t, err)
	require.Greater(t, next.FencingToken(), lock.FencingToken())
	answer, err := client.Get(context.Background(), next.run.key)
	require.NoError(t, err)
	require.Equal(t, answer.Kvs[0].CreateRevision, next.FencingToken())
	require.NoError(t, next.Unlock(context.Background()))
}

// The lease must be revoked although the context that asked for the lock has ended.
func TestALockThatIsGivenUpLeavesNothing(t *testing.T) {
	sound, client := connect(t, endpoint(t)), connect(t, endpoint(t))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	client.KV = &hookedKV{client.KV, func(*clientv3.TxnResponse, error) (*clientv3.TxnResponse, error) {
		cancel()
		return nil, context.Canceled
	}}
	ns := namespace(t, sound)
	const ttl = 7654321 // seconds, which no other lease is given meanwhile
	before := leases(t, sound)
	_, err := newLocker(t, client, WithNamespace(ns), WithTTL(ttl*time.Second)).Lock(ctx, "job")
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, engineDown(err))
	require.Empty(t, keys(t, sound, ns))
	for _, id := range leases(t, sound) {
		if slices.Contains(before, id) {
			continue
		}
		lease, err := sound.TimeToLive(context.Background(), id)
		require.NoError(t, err)
		require.NotEqual(t, int64(ttl), lease.GrantedTTL, "the lease is still there")
	}
}
