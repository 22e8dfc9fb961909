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

// However many run locks a node has, they are under one lease, which is renewed once.
func TestRunLocksAreRenewedTogether(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns), WithTTL(testTTL))
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
	end := time.Now().Add(2 * testTTL)
	soon(t, "two TTLs have passed", func() bool { return time.Now().After(end) })
	for _, lock := range held {
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
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns), WithTTL(testTTL))
	held, err := l.Lock(context.Background(), "held")
	require.NoError(t, err)
	got := l.takeBatch(context.Background())(context.Background(), []string{l.server.key(kindRun, "left")})
	require.NoError(t, got[0].err)
	kept, err := l.Lock(context.Background(), "kept")
	require.NoError(t, err)
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	require.ErrorIs(t, kept.Unlock(ended), context.Canceled)
	require.Len(t, keys(t, client, ns), 3)
	soon(t, "what nobody holds goes", func() bool { return len(keys(t, client, ns)) == 1 })
	require.False(t, isClosed(held.Lost()))
	next, err := l.Lock(context.Background(), "kept")
	require.NoError(t, err)
	require.NoError(t, next.Unlock(context.Background()))
	require.NoError(t, held.Unlock(context.Background()))
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
