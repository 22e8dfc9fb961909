package etcd

import (
	"context"
	"strings"
	"sync/atomic"
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
}

func TestARunLockIsRenewed(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	other := newLocker(t, client, WithNamespace(ns))
	atAnySpeed(t, testTTL, func(ttl time.Duration) bool {
		lock := obtain(t, newLocker(t, client, WithNamespace(ns), WithTTL(ttl)), "job")
		end := time.Now().Add(2 * ttl)
		soon(t, "two TTLs have passed", func() bool { return time.Now().After(end) })
		another, err := other.Lock(context.Background(), "job")
		held := lock.lease.held()
		if held {
			require.ErrorIs(t, err, ErrTaken)
		}
		if err == nil { // the machine was too slow for this TTL
			require.NoError(t, another.Unlock(context.Background()))
		}
		require.NoError(t, lock.Unlock(context.Background()))
		return held
	})
}

func TestARunLockThatIsGoneOnTheServerIsLost(t *testing.T) {
	t.Parallel()
	atAnySpeed(t, testTTL, func(ttl time.Duration) bool { return goneIsLost(t, ttl) })
}

// goneIsLost reports whether each lock was renewed, in vain, before it had expired.
func goneIsLost(t *testing.T, ttl time.Duration) bool {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	log := &recorder{}
	l := newLocker(t, client, WithNamespace(ns), WithTTL(ttl), WithLogger(log))
	lasting := newLocker(t, client, WithNamespace(ns), WithTTL(time.Hour))
	for _, c := range []struct {
		how    string
		remove func(*Lock) error
	}{
		{"lease revoked", func(lock *Lock) error {
			_, err := client.Revoke(context.Background(), lock.grip.id)
			return err
		}},
		{"key deleted", func(lock *Lock) error {
			_, err := client.Delete(context.Background(), lock.grip.key)
			return err
		}},
		{"key deleted and another's", func(lock *Lock) error {
			_, err := client.Delete(context.Background(), lock.grip.key)
			require.NoError(t, err)
			other, err := lasting.Lock(context.Background(), "job")
			t.Cleanup(func() { require.NoError(t, other.Unlock(context.Background())) })
			return err
		}},
	} {
		lock := obtain(t, l, "job")
		require.NoError(t, c.remove(lock), c.how)
		await(t, "the lock is lost: "+c.how, lock.Lost())
		require.NoError(t, lock.Unlock(context.Background()), c.how)
	}
	_, err := lasting.Lock(context.Background(), "job")
	require.ErrorIs(t, err, ErrTaken, "the other still has it")
	const lost = `error gocron/etcd: a run lock is lost key job error gocron/etcd: renew "job": it is no longer held`
	return strings.Count(log.all(), lost) == 3
}

func TestARenewalOfALeaseThatIsGone(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	lock, err := l.Lock(context.Background(), "job")
	require.NoError(t, err)
	require.NoError(t, lock.renew(context.Background()))
	of := Lock{locker: l, key: "job", grip: lock.grip}
	of.grip.id = clientv3.LeaseID(1) // none
	require.ErrorIs(t, of.renew(context.Background()), errGone)
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
	answer, err := client.Get(context.Background(), next.grip.key)
	require.NoError(t, err)
	require.Equal(t, answer.Kvs[0].CreateRevision, next.FencingToken())
	require.NoError(t, next.Unlock(context.Background()))
}

// What is asked of a server that hangs ends with the caller's context, or with the time
// for a request. Nothing is asked after that: what was taken is free after the TTL.
func TestALockThatIsGivenUpIsNotWaitedFor(t *testing.T) {
	sound := connect(t, endpoint(t))
	ns := namespace(t, sound)
	for how, timeout := range map[string]time.Duration{"context": time.Hour, "timeout": 500 * time.Millisecond} {
		relay := newRelay(t, endpoint(t))
		client := connect(t, relay.at)
		ctx, cancel := context.WithCancel(context.Background())
		client.KV = &hookedKV{client.KV, func(*clientv3.TxnResponse, error) (*clientv3.TxnResponse, error) {
			relay.cut()
			if how == "context" {
				cancel()
				return nil, context.Canceled
			}
			<-time.After(timeout)
			return nil, context.DeadlineExceeded
		}}
		l := newLocker(t, client, WithNamespace(ns), WithTTL(minTTL), WithRequestTimeout(timeout))
		asked := &countingLease{Lease: client.Lease}
		client.Lease = asked
		returned := make(chan struct{})
		go func() {
			defer close(returned)
			_, err := l.Lock(ctx, how)
			if engineDown(err) != (how == "timeout") {
				t.Error(how, err)
			}
		}()
		await(t, "it returns", returned)
		cancel()
		require.Zero(t, asked.revoked.Load(), how)
		require.Len(t, keys(t, sound, ns), 1, how)
		soon(t, "it is free", func() bool { return len(keys(t, sound, ns)) == 0 })
	}
}

// A countingLease counts what it is asked to revoke.
type countingLease struct {
	clientv3.Lease
	revoked atomic.Int64
}

func (l *countingLease) Revoke(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseRevokeResponse, error) {
	l.revoked.Add(1)
	return l.Lease.Revoke(ctx, id)
}
