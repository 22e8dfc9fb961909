package etcd

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestARunLockIsLostBeforeAnotherHasIt(t *testing.T) {
	t.Parallel()
	atAnySpeed(t, testTTL, func(ttl time.Duration) bool { return isLostFirst(t, ttl) })
}

// isLostFirst reports whether a renewal was tried, in vain, before the lock had expired.
func isLostFirst(t *testing.T, ttl time.Duration) bool {
	sound := connect(t, endpoint(t))
	relay := newRelay(t, endpoint(t))
	ns := namespace(t, sound)
	log := &recorder{}
	cutOff := newLocker(t, connect(t, relay.at), WithNamespace(ns), WithTTL(ttl), WithRequestTimeout(time.Second), WithLogger(log))
	other := newLocker(t, sound, WithNamespace(ns), WithTTL(time.Hour))
	lock := obtain(t, cutOff, "job")

	relay.cut()
	next := obtain(t, other, "job")
	require.False(t, lock.lease.held(), "it is lost before that")
	require.True(t, isClosed(lock.Lost()))
	require.Greater(t, next.FencingToken(), lock.FencingToken())
	err := lock.Unlock(context.Background())
	require.True(t, engineDown(err), "%v", err)
	require.EqualError(t, err, `gocron/etcd: unlock "job": no answer within 1s`)
	inTime := strings.Contains(log.all(), `warn gocron/etcd: a run lock could not be renewed key job error `+
		`gocron/etcd: renew "job": no answer within `+min(time.Second, renewalLimit(ttl)).String())

	relay.mend()
	soon(t, "the node that was cut off is back", func() bool {
		return lock.Unlock(context.Background()) == nil
	})
	require.False(t, isClosed(next.Lost()))
	_, err = other.Lock(context.Background(), "job")
	require.ErrorIs(t, err, ErrTaken, "what it released was its own only")
	require.NoError(t, next.Unlock(context.Background()))
	return inTime
}

func TestALeaderThatIsCutOffSaysNoBeforeAnotherSaysYes(t *testing.T) {
	t.Parallel()
	sound := connect(t, endpoint(t))
	relay := newRelay(t, endpoint(t))
	ns := namespace(t, sound)
	options := []Option{WithNamespace(ns), WithTTL(testTTL), WithRequestTimeout(time.Second)}
	cutOff := newElector(t, connect(t, relay.at), "name", options...)
	ended, first := term(t, cutOff)
	other := newElector(t, sound, "name", options...)
	soon(t, "the other does not", func() bool { return other.IsLeader(context.Background()) != nil })

	relay.cut()
	soon(t, "the other leads", func() bool { return leads(other) })
	require.False(t, leads(cutOff), "the first says no before that")
	require.True(t, isClosed(ended), "its term has ended before that")
	_, second := term(t, other)
	require.Greater(t, second, first)
	soon(t, "the first knows of no other leader", func() bool { return engineDown(cutOff.IsLeader(context.Background())) })

	relay.mend()
	soon(t, "the first knows of the other", func() bool {
		err := cutOff.IsLeader(context.Background())
		return err == nil || !engineDown(err) && errors.Is(err, ErrNotLeader) && leads(other)
	})

	require.NoError(t, other.Close(context.Background()))
	_, third := term(t, cutOff) // the first is back in line
	require.Greater(t, third, second)
}

// One that waits for its turn must not miss it, whatever happens to its connection.
func TestACandidateThatIsCutOffGetsBackInLine(t *testing.T) {
	t.Parallel()
	sound := connect(t, endpoint(t))
	relay := newRelay(t, endpoint(t))
	ns := namespace(t, sound)
	options := []Option{WithNamespace(ns), WithTTL(testTTL), WithRequestTimeout(time.Second)}
	leader := newElector(t, sound, "name", WithNamespace(ns), WithTTL(time.Hour))
	soon(t, "it leads", func() bool { return leads(leader) })
	candidate := newElector(t, connect(t, relay.at), "name", options...)
	soon(t, "it is in line", func() bool {
		return reason(candidate.IsLeader(context.Background()).(*Error).Err) == ErrNotLeader.Error()
	})
	relay.cut()
	soon(t, "it is cut off", func() bool { return engineDown(candidate.IsLeader(context.Background())) })
	require.NoError(t, leader.Close(context.Background()))
	relay.mend()
	soon(t, "it leads", func() bool { return leads(candidate) })
}

func TestClosingALeaderThatIsCutOff(t *testing.T) {
	relay := newRelay(t, endpoint(t))
	ns := namespace(t, connect(t, endpoint(t)))
	e := newElector(t, connect(t, relay.at), "name", WithNamespace(ns), WithTTL(time.Hour), WithRequestTimeout(100*time.Millisecond))
	var ended <-chan struct{}
	soon(t, "it leads", func() bool {
		var err error
		ended, _, err = e.Term(context.Background())
		return err == nil
	})
	relay.cut()
	for range 2 {
		err := e.Close(context.Background())
		require.True(t, engineDown(err), "%v", err)
		require.ErrorContains(t, err, `gocron/etcd: resign "name": `)
	}
	require.True(t, isClosed(ended))
	require.False(t, leads(e))
}

func TestClosingWithAContextThatHasEnded(t *testing.T) {
	sound := connect(t, endpoint(t))
	relay := newRelay(t, endpoint(t))
	options := []Option{WithNamespace(namespace(t, sound)), WithTTL(time.Hour), WithRequestTimeout(time.Hour)}
	cutOff := newElector(t, connect(t, relay.at), "name", options...)
	soon(t, "it leads", func() bool { return leads(cutOff) })
	other := newElector(t, sound, "name", options...)
	ended, _, err := cutOff.Term(context.Background())
	require.NoError(t, err)

	relay.cut()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err = cutOff.Close(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, engineDown(err))
	require.True(t, isClosed(ended))
	require.False(t, leads(cutOff))

	relay.mend()
	soon(t, "it resigns all the same", func() bool { return leads(other) })
	require.NoError(t, cutOff.Close(context.Background()))
}
