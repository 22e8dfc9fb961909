package etcd

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
)

func TestAClaimIsGrantedOnce(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := WithNamespace(namespace(t, client))
	one, other := newLocker(t, client, ns), newLocker(t, client, ns)
	at := time.Now()

	lock, err := one.Claim(context.Background(), "report", at)
	require.NoError(t, err)
	require.Nil(t, lock.Lost(), "a claim cannot be lost")
	require.Positive(t, lock.FencingToken())
	require.NoError(t, lock.Unlock(context.Background()))
	require.NoError(t, lock.Unlock(context.Background()))

	for _, l := range []*Locker{one, other} {
		_, err = l.Claim(context.Background(), "report", at.In(time.FixedZone("elsewhere", 3600)))
		require.ErrorIs(t, err, ErrTaken)
		require.False(t, engineDown(err))
		require.ErrorContains(t, err, "gocron/etcd: claim \"report\" at "+at.UTC().Format(time.RFC3339Nano)+": taken by another node")
	}
	next, err := other.Claim(context.Background(), "report", at.Add(1))
	require.NoError(t, err, "a nanosecond later is another occurrence")
	require.Greater(t, next.FencingToken(), lock.FencingToken())
}

func TestOneOfAHundredNodesGetsEachOccurrence(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	const nodes, occurrences = 100, 20
	start := time.Now().Truncate(time.Second)
	var won [occurrences]atomic.Int64
	var wg sync.WaitGroup
	for range nodes {
		l := newLocker(t, client, WithNamespace(ns), WithRequestTimeout(time.Minute))
		wg.Go(func() {
			for i := range occurrences {
				_, err := l.Claim(context.Background(), "job", start.Add(time.Duration(i)*time.Second))
				switch {
				case err == nil:
					won[i].Add(1)
				case engineDown(err):
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	for i := range won {
		require.EqualValues(t, 1, won[i].Load(), "winners of occurrence %d", i)
	}
	require.Len(t, keys(t, client, ns), occurrences)
}

func TestAClaimHasToBeAskedInTime(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns), WithKeep(time.Hour))
	for _, c := range []struct {
		at   time.Duration
		want error
	}{
		{-61 * time.Minute, ErrTooLate},
		{-59 * time.Minute, nil},
		{59 * time.Minute, nil},
		{61 * time.Minute, ErrTooEarly},
		{math.MinInt64, ErrTooLate},
		{math.MaxInt64, ErrTooEarly},
	} {
		_, err := l.Claim(context.Background(), "job", time.Now().Add(c.at))
		require.ErrorIs(t, err, c.want, "at %s", c.at)
		require.False(t, engineDown(err))
	}
	require.Len(t, keys(t, client, ns), 2, "what is refused leaves nothing")
}

// A node whose clock is behind by as much as is allowed must still find the key when its
// own window closes.
func TestAClaimsKeyOutlivesTheWindowOfASlowClock(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	const keep = time.Hour
	l := newLocker(t, client, WithNamespace(ns), WithKeep(keep))
	for name, at := range map[string]time.Time{
		"late":  time.Now().Add(-50 * time.Minute),
		"now":   time.Now(),
		"early": time.Now().Add(50 * time.Minute),
	} {
		_, err := l.Claim(context.Background(), name, at)
		require.NoError(t, err)
		answer, err := client.Get(context.Background(), l.server.claimKey(name, at))
		require.NoError(t, err)
		lives, err := client.TimeToLive(context.Background(), clientv3.LeaseID(answer.Kvs[0].Lease))
		require.NoError(t, err)
		// The server tells of whole seconds, rounded down.
		require.GreaterOrEqual(t, time.Duration(lives.TTL+1)*time.Second, time.Until(at.Add(2*keep)), name)
	}
}

func TestAClaimGoesWithItsLease(t *testing.T) {
	t.Parallel()
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	l := newLocker(t, client, WithNamespace(ns), WithKeep(time.Second))
	var at time.Time
	claim := func() bool { // a slow machine may take longer than a second to ask
		at = time.Now()
		_, err := l.Claim(context.Background(), "job", at)
		return err == nil
	}
	soon(t, "it is claimed", claim)
	id := l.shared.id

	soon(t, "the key goes", func() bool {
		_, err := l.Claim(context.Background(), "job", at)
		require.Error(t, err, "it must not be had again, be the key there or not")
		return len(keys(t, client, ns)) == 0
	})
	require.NotContains(t, leases(t, client), id)
	_, err := l.Claim(context.Background(), "job", at)
	require.ErrorIs(t, err, ErrTooLate)
	soon(t, "the next one gets a lease that is alive", claim)
}

func leases(t *testing.T, client *clientv3.Client) []clientv3.LeaseID {
	t.Helper()
	answer, err := client.Leases(context.Background())
	require.NoError(t, err)
	var all []clientv3.LeaseID
	for _, lease := range answer.Leases {
		all = append(all, lease.ID)
	}
	return all
}

func TestNoTwoNamesShareAKey(t *testing.T) {
	client := connect(t, endpoint(t))
	ns := namespace(t, client)
	at := time.Now()
	stamp := at.UTC().Format(instant)
	names := []string{
		"a", "a/b", "/a", "a/", "a:b", ":", "%", "%3A", " ", "Ωμέγα", "日報", "a\x00b", "a\nb",
		"a:" + stamp, "a:" + stamp + ":b", "claim:a", "run:a",
	}
	spaces := []string{ns, ns + ":", ns + "%3A", ns + ":/", ns + ":/claim", ns + ":claim", ns + ":claim:a", ns + ":%3A", ns + ":ü"}
	seen := map[string]string{}
	for _, space := range spaces {
		l := newLocker(t, client, WithNamespace(space))
		for _, name := range names {
			for kind, key := range map[string]string{
				"claim":  l.server.claimKey(name, at),
				"run":    l.server.key(kindRun, name),
				"leader": l.server.key(kindLeader, name),
			} {
				who := fmt.Sprintf("%s %q in %q", kind, name, space)
				require.Empty(t, seen[key], "the same key as %s", who)
				seen[key] = who
			}
		}
	}
	for _, space := range []string{"x", "xy"} { // one is the prefix of the other
		l := newLocker(t, client, WithNamespace(ns+space))
		t.Cleanup(func() { _, _ = client.Delete(context.Background(), ns+space+":", clientv3.WithPrefix()) })
		for _, name := range names {
			_, err := l.Claim(context.Background(), name, at)
			require.NoError(t, err, "%q in %q", name, space)
			_, err = l.Claim(context.Background(), name, at)
			require.ErrorIs(t, err, ErrTaken, "%q in %q", name, space)
		}
	}
}

// A clock that is off has all claims refused, which nobody else would tell of.
func TestAClockThatIsOffIsReported(t *testing.T) {
	client := connect(t, endpoint(t))
	log := &recorder{}
	l := newLocker(t, client, WithNamespace(namespace(t, client)), WithLogger(log))
	now := time.Now()
	for range 2 {
		for range 2 {
			_, err := l.Claim(context.Background(), "job", now.Add(3*time.Hour))
			require.ErrorIs(t, err, ErrTooEarly)
			_, err = l.Claim(context.Background(), "job", now.Add(-3*time.Hour))
			require.ErrorIs(t, err, ErrTooLate)
		}
		_, _ = l.Claim(context.Background(), "job", now) // made, then taken
	}
	const warning = "warn gocron/etcd: a claim was asked at the wrong time: compare the clocks key job error "
	require.Equal(t, 2, strings.Count(log.all(), warning), log.all())
}
