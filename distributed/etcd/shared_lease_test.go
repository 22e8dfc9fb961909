package etcd

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
)

func TestClaimsShareALease(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns))
	at := time.Now()
	var wg sync.WaitGroup
	for i := range 50 {
		wg.Go(func() {
			_, err := l.Claim(context.Background(), fmt.Sprint(i), at)
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	answer, err := client.Get(context.Background(), ns+":", clientv3.WithPrefix())
	require.NoError(t, err)
	require.Len(t, answer.Kvs, 50)
	for _, kv := range answer.Kvs {
		require.Equal(t, int64(l.shared.id), kv.Lease)
	}
}

func TestALeaseServesAnEighthOfKeep(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)), WithKeep(8*time.Hour))
	until := time.Now().Round(0).Add(time.Hour)
	first, err := l.shared.outliving(context.Background(), until, 1)
	require.NoError(t, err)
	for _, c := range []struct {
		later time.Duration
		same  bool
	}{
		{-time.Hour, true},
		{59 * time.Minute, true},
		{61 * time.Minute, false},
	} {
		id, ok := l.shared.current(until.Add(c.later), 1)
		require.Equal(t, c.same, ok, "%s later", c.later)
		if ok {
			require.Equal(t, first, id)
		}
	}
}

func TestALeaseServesABoundedNumberOfClaims(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	until := time.Now().Add(time.Hour)
	first, err := l.shared.outliving(context.Background(), until, 1)
	require.NoError(t, err)
	for range maxClaimsPerLease - 1 {
		id, err := l.shared.outliving(context.Background(), until, 1)
		require.NoError(t, err)
		require.Equal(t, first, id)
	}
	next, err := l.shared.outliving(context.Background(), until, 1)
	require.NoError(t, err)
	require.NotEqual(t, first, next)
}

func TestALostClaimIsGrantedNoLease(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := WithNamespace(namespace(t, client))
	winner, loser := newLocker(t, client, ns), newLocker(t, client, ns)
	at := time.Now()
	_, err := winner.Claim(context.Background(), "job", at)
	require.NoError(t, err)
	_, err = loser.Claim(context.Background(), "job", at)
	require.ErrorIs(t, err, ErrTaken)
	require.Zero(t, loser.shared.id)
}

func TestALeaseThatHasGoneIsReplaced(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	at := time.Now()
	_, err := l.Claim(context.Background(), "job", at)
	require.NoError(t, err)
	first := l.shared.id
	_, err = client.Revoke(context.Background(), first)
	require.NoError(t, err)

	_, err = l.Claim(context.Background(), "job", at.Add(time.Second))
	require.NoError(t, err)
	require.NotEqual(t, first, l.shared.id)
}

func TestWhoWaitsForALeaseWaitsNoLongerThanItsContext(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	l.shared.granting <- struct{}{} // as another that waits for the server
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := l.shared.outliving(ctx, time.Now(), 1)
	require.ErrorIs(t, err, context.Canceled)
	<-l.shared.granting
}

// After a suspend the monotonic clock has stood still, and the lease has gone on.
func TestALeaseGoesOnWhileTheMachineIsSuspended(t *testing.T) {
	l := newSharedLease(&server{})
	now := time.Now()
	l.id, l.ends, l.wallEnds = 1, now.Add(time.Hour), now.Round(0).Add(time.Minute)
	_, ok := l.current(now.Add(30*time.Minute), 1)
	require.False(t, ok, "suspended for 59 minutes")
	_, ok = l.current(now.Add(30*time.Second), 1)
	require.True(t, ok)

	l.ends, l.wallEnds = now.Add(time.Minute), now.Round(0).Add(time.Hour)
	_, ok = l.current(now.Add(30*time.Minute), 1)
	require.False(t, ok, "the wall clock was put back by 59 minutes")
}

func TestALeaseEndsByBothClocks(t *testing.T) {
	client := connect(t, endpoint(t))
	l := newLocker(t, client, WithNamespace(namespace(t, client)))
	before := time.Now()
	_, err := l.shared.outliving(context.Background(), before.Add(time.Hour), 1)
	require.NoError(t, err)
	require.Equal(t, l.shared.ends.Round(0), l.shared.wallEnds)
	require.Greater(t, l.shared.wallEnds.Sub(before.Round(0)), time.Hour)
}
