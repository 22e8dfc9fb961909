package etcd

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// losing makes the client lose the answers to the next transactions, as many as lose says.
func losing(client *clientv3.Client) (lose *atomic.Int64) {
	lose = &atomic.Int64{}
	client.KV = &hookedKV{client.KV, func(answer *clientv3.TxnResponse, err error) (*clientv3.TxnResponse, error) {
		if err == nil && lose.Add(-1) >= 0 {
			return nil, status.Error(codes.Unavailable, "error reading from server: EOF")
		}
		return answer, err
	}}
	return lose
}

func TestWhatWasMadeAlthoughItsAnswerWasLostIsOnesOwn(t *testing.T) {
	sound, client := connect(t, endpoint(t)), connect(t, endpoint(t))
	lose := losing(client)
	ns := WithNamespace(namespace(t, sound))
	l, other := newLocker(t, client, ns), newLocker(t, sound, ns)
	at := time.Now()

	lose.Store(3)
	claim, err := l.Claim(context.Background(), "job", at)
	require.NoError(t, err)
	answer, err := sound.Get(context.Background(), l.server.claimKey("job", at))
	require.NoError(t, err)
	require.Equal(t, answer.Kvs[0].CreateRevision, claim.FencingToken())
	_, err = other.Claim(context.Background(), "job", at)
	require.ErrorIs(t, err, ErrTaken)

	lose.Store(3)
	run, err := l.Lock(context.Background(), "job")
	require.NoError(t, err)
	require.Greater(t, run.FencingToken(), claim.FencingToken())
	require.NoError(t, run.Unlock(context.Background()))
}

func TestWhatWasMadeAndNotToldIsNotAnothersEither(t *testing.T) {
	sound, client := connect(t, endpoint(t)), connect(t, endpoint(t))
	lose := losing(client)
	ns := namespace(t, sound)
	other := newLocker(t, sound, WithNamespace(ns))

	lose.Store(1 << 30)
	atAnySpeed(t, 200*time.Millisecond, func(timeout time.Duration) bool {
		at := time.Now()
		l := newLocker(t, client, WithNamespace(ns), WithRequestTimeout(timeout))
		if _, err := l.Claim(context.Background(), "job", at); err != nil {
			return false // else it is found when it is looked for
		}
		_, err := other.Claim(context.Background(), "job", at)
		require.ErrorIs(t, err, ErrTaken)
		return true
	})

	l := newLocker(t, client, WithNamespace(ns), WithRequestTimeout(200*time.Millisecond), WithTTL(minTTL))
	_, err := l.Lock(context.Background(), "job")
	require.True(t, engineDown(err), "%v", err)
	soon(t, "the lock is free after the TTL", func() bool {
		lock, err := other.Lock(context.Background(), "job")
		return err == nil && lock.Unlock(context.Background()) == nil
	})
}

func TestATermThatIsMadeAndNotToldIsResignedFrom(t *testing.T) {
	sound, client := connect(t, endpoint(t)), connect(t, endpoint(t))
	ns := namespace(t, sound)
	made, closed := make(chan struct{}), make(chan struct{})
	client.KV = &hookedKV{client.KV, func(*clientv3.TxnResponse, error) (*clientv3.TxnResponse, error) {
		close(made)
		<-closed
		return nil, context.Canceled
	}}
	e := newElector(t, client, "name", WithNamespace(ns), WithTTL(time.Hour))
	await(t, "the key is made", made)
	require.Len(t, keys(t, sound, ns), 1)
	e.stop() // as Close does, before it waits
	close(closed)
	require.NoError(t, e.Close(context.Background()))
	require.Empty(t, keys(t, sound, ns))
	require.ErrorContains(t, e.IsLeader(context.Background()), "it was closed")
}

// lateUntil makes the answers to the client's transactions come then.
func lateUntil(client *clientv3.Client, then func() time.Time) {
	client.KV = &hookedKV{client.KV, func(answer *clientv3.TxnResponse, err error) (*clientv3.TxnResponse, error) {
		<-time.After(time.Until(then()))
		return answer, err
	}}
}

func TestAClaimThatIsAnsweredTooLate(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	at := time.Now()
	lateUntil(client, func() time.Time { return at.Add(time.Second + 1) })
	l := newLocker(t, client, WithNamespace(namespace(t, client)), WithKeep(time.Second), WithRequestTimeout(time.Minute))
	_, err := l.Claim(context.Background(), "job", at)
	require.ErrorIs(t, err, ErrTooLate)
}

func TestARunLockThatIsAnsweredTooLate(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	lateUntil(client, func() time.Time { return time.Now().Add(testTTL) })
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns), WithTTL(testTTL), WithRequestTimeout(time.Minute))
	_, err := l.Lock(context.Background(), "job")
	require.True(t, engineDown(err), "%v", err)
	require.ErrorContains(t, err, "the lock had already expired")
	require.Empty(t, keys(t, client, ns))
}
