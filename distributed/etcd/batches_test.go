package etcd

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
)

// herd claims the occurrences of many jobs at once and returns the locks and the errors.
func herd(l *Locker, jobs int, at time.Time) ([]*Lock, []error) {
	locks, errs := make([]*Lock, jobs), make([]error, jobs)
	var all sync.WaitGroup
	for i := range jobs {
		all.Go(func() { locks[i], errs[i] = l.Claim(context.Background(), fmt.Sprint("job", i), at) })
	}
	all.Wait()
	return locks, errs
}

func TestAHerdIsClaimedOnce(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := WithNamespace(namespace(t, client))
	const jobs = 3000
	at := time.Now()
	var errs [3][]error
	var all sync.WaitGroup
	for i := range errs {
		l := newLocker(t, connect(t, endpoint(t)), ns)
		all.Go(func() { _, errs[i] = herd(l, jobs, at) })
	}
	all.Wait()
	for job := range jobs {
		granted := 0
		for node := range errs {
			if errs[node][job] == nil {
				granted++
			} else {
				require.ErrorIs(t, errs[node][job], ErrTaken)
			}
		}
		require.Equal(t, 1, granted)
	}
}

// Occurrences of one job that are claimed together have tokens of their own.
func TestTokensOfOneJobDiffer(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	at := time.Now()
	const occurrences = 100
	var tokens sync.Map
	var all sync.WaitGroup
	for i := range occurrences {
		all.Go(func() {
			lock, err := l.Claim(context.Background(), "job", at.Add(time.Duration(i)))
			if assert.NoError(t, err) {
				_, twice := tokens.LoadOrStore(lock.FencingToken(), true)
				assert.False(t, twice)
			}
		})
	}
	all.Wait()
}

// A server that is away for a second loses nothing, also when it was away for long before.
func TestAHerdWhileTheServerIsAway(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	l, other := newLocker(t, connect(t, server.at)), newLocker(t, connect(t, server.at))
	_, errs := herd(l, 100, time.Now())
	for _, err := range errs {
		require.NoError(t, err)
	}
	server.kill()
	back := time.AfterFunc(time.Second, server.start)
	defer back.Stop()
	at := time.Now()
	var two [2][]error
	var both sync.WaitGroup
	for i, n := range []*Locker{l, other} {
		both.Go(func() { _, two[i] = herd(n, 1000, at) })
	}
	both.Wait()
	for i := range two[0] {
		one, another := two[0][i], two[1][i]
		require.True(t, (one == nil) != (another == nil), "%v, %v", one, another)
	}
}

// A key that is too much for a request fails alone.
func TestOneBadKeyFailsAlone(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	at := time.Now()
	big := string(make([]byte, 1800<<10))
	var all sync.WaitGroup
	for i := range 300 {
		key := fmt.Sprint("job", i)
		if i == 7 {
			key += big
		}
		all.Go(func() {
			_, err := l.Claim(context.Background(), key, at)
			if i == 7 {
				assert.True(t, engineDown(err), "%v", err != nil)
				return
			}
			assert.NoError(t, err)
		})
	}
	all.Wait()
}

// A heldLease holds each renewal back until it may go.
type heldLease struct {
	clientv3.Lease
	asked chan struct{}
	mayGo chan struct{}
}

func (l *heldLease) KeepAliveOnce(ctx context.Context, id clientv3.LeaseID) (*clientv3.LeaseKeepAliveResponse, error) {
	l.asked <- struct{}{}
	<-l.mayGo
	return l.Lease.KeepAliveOnce(ctx, id)
}

// However many run locks a node has, they are under one lease, and due to be renewed at the
// same times: it is renewed once for all of them.
func TestRunLocksAreRenewedTogether(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns), WithTTL(time.Hour))
	const locks = 1500
	held := make([]*Lock, locks)
	var all sync.WaitGroup
	for i := range locks {
		all.Go(func() {
			var err error
			held[i], err = l.Lock(context.Background(), fmt.Sprint("job", i))
			assert.NoError(t, err)
		})
	}
	all.Wait()
	require.Positive(t, l.renewals.gather, "the first waits for the others")
	hold := &heldLease{Lease: client.Lease, asked: make(chan struct{}, locks), mayGo: make(chan struct{})}
	client.Lease = hold
	renew := func(lock *Lock) { all.Go(func() { assert.NoError(t, lock.renew(context.Background())) }) }
	renew(held[0])
	<-hold.asked
	for _, lock := range held[1:] {
		renew(lock)
	}
	soon(t, "the others wait", func() bool {
		l.renewals.mu.Lock()
		defer l.renewals.mu.Unlock()
		return len(l.renewals.waiting) == locks-1
	})
	close(hold.mayGo)
	all.Wait()
	require.Len(t, hold.asked, 1, "one for all that waited")
	client.Lease = hold.Lease
	for _, lock := range held {
		require.Equal(t, l.begun, lock.lease.beat)
		require.Equal(t, held[0].grip.id, lock.grip.id)
		require.False(t, isClosed(lock.Lost()))
		all.Go(func() { assert.NoError(t, lock.Unlock(context.Background())) })
	}
	all.Wait()
	require.Empty(t, keys(t, client, ns))
}

// What was taken for a caller that has left, and what could not be released, goes although
// its lease is renewed for others.
func TestWhatNobodyHoldsGoesWhileOthersAreHeld(t *testing.T) {
	t.Parallel()
	atAnySpeed(t, testTTL, func(ttl time.Duration) bool { return unheldGoes(t, ttl) })
}

// unheldGoes reports whether what is held was kept meanwhile, as it is not on a machine that
// is too slow for that TTL.
func unheldGoes(t *testing.T, ttl time.Duration) bool {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns), WithTTL(ttl))
	held := obtain(t, l, "held")
	got := l.takeBatch(context.Background())(context.Background(), []string{l.server.key(kindRun, "left")})
	require.NoError(t, got[0].err)
	kept := obtain(t, l, "kept")
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, kept.Unlock(ended), context.Canceled)
	soon(t, "what nobody holds goes", func() bool { return len(keys(t, client, ns)) == 1 || !held.lease.held() })
	inTime := held.lease.held()
	require.NoError(t, obtain(t, l, "kept").Unlock(context.Background()))
	require.NoError(t, held.Unlock(context.Background()))
	return inTime
}

func TestCheck(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client)
	require.NoError(t, l.Check(context.Background()))
	var none context.Context
	require.EqualError(t, l.Check(none), "gocron/etcd: check: the context must not be nil")
	nowhere := newLocker(t, unreachable(t, freeAddress(t)), WithRequestTimeout(200*time.Millisecond))
	require.True(t, engineDown(nowhere.Check(context.Background())))
	require.ErrorContains(t, checkRoom(&clientv3.StatusResponse{DbSize: 1800 << 20}), "compact and defragment it")
	require.NoError(t, checkRoom(&clientv3.StatusResponse{DbSize: 1800 << 20, DbSizeQuota: 8 << 30}))
}

// A database that is full says so, in the error of a claim and in that of Check.
func TestADatabaseThatIsFull(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--quota-backend-bytes", "200000")
	client := connect(t, server.at)
	l := newLocker(t, client)
	value := string(make([]byte, 50_000))
	soon(t, "it is full", func() bool {
		_, err := client.Put(context.Background(), "filler", value)
		return err != nil
	})
	_, err := l.Claim(context.Background(), "job", time.Now())
	require.ErrorContains(t, err, "the database of etcd is full")
	require.True(t, engineDown(err))
	err = l.Check(context.Background())
	require.ErrorContains(t, err, "gocron/etcd: check: the database of etcd is full")
	require.False(t, engineDown(err))
}
