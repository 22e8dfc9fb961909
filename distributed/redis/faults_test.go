package redis

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// logs is a Logger that keeps what it is told.
type logs struct {
	mu    sync.Mutex
	lines []string
}

func (l *logs) add(level, msg string, args []any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprint(level, " ", msg, " ", fmt.Sprintln(args...)))
}

func (l *logs) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Join(l.lines, "")
}

func (l *logs) Debug(msg string, args ...any) { l.add("debug", msg, args) }
func (l *logs) Info(msg string, args ...any)  { l.add("info", msg, args) }
func (l *logs) Warn(msg string, args ...any)  { l.add("warn", msg, args) }
func (l *logs) Error(msg string, args ...any) { l.add("error", msg, args) }

// relayed is a client behind a relay, with one connection that is open.
func relayed(t testing.TB) (*goredis.Client, *relay) {
	t.Helper()
	relay := newRelay(t, serverAddress(t))
	client := newClient(t, relay.address, func(o *goredis.Options) {
		o.PoolSize, o.ReadTimeout = 1, time.Hour
	})
	return client, relay
}

// The client repeats a request whose answer was lost: what it had got is its own.
func TestAnswerLost(t *testing.T) {
	direct := shared(t)
	client, relay := relayed(t)
	node, other := newNode(t, client), newNode(t, direct)
	at := serverTime(t, direct)
	for i := range 5 {
		scheduled, key := at.Add(time.Duration(i)*time.Second), fmt.Sprint("job", i)
		_, err := node.Claim(background, "warm", scheduled)
		require.NoError(t, err)

		relay.swallowNext()
		_, err = node.Claim(background, key, scheduled)
		require.NoError(t, err)
		_, err = other.Claim(background, key, scheduled)
		taken(t, err)

		lock, err := node.Lock(background, "warm")
		require.NoError(t, err)
		require.NoError(t, lock.Unlock(background))
		relay.swallowNext()
		lock, err = node.Lock(background, key)
		require.NoError(t, err)
		_, err = other.Lock(background, key)
		taken(t, err)

		relay.swallowNext()
		require.NoError(t, lock.renew(background))
		relay.swallowNext()
		require.NoError(t, lock.Unlock(background))
		lock, err = other.Lock(background, key)
		require.NoError(t, err)
		require.NoError(t, lock.Unlock(background))
		require.Equal(t, 4*(i+1), relay.swallowed())
	}
}

// A client that repeats nothing has the request repeated for it.
func TestAnswerLostByAClientThatDoesNotRepeat(t *testing.T) {
	direct := shared(t)
	relay := newRelay(t, serverAddress(t))
	client := newClient(t, relay.address, func(o *goredis.Options) { o.MaxRetries = -1 })
	node, other := newNode(t, client), newNode(t, direct)
	at := serverTime(t, direct)
	_, err := node.Claim(background, "warm", at)
	require.NoError(t, err)
	relay.swallowNext()
	_, err = node.Claim(background, "report", at)
	require.NoError(t, err)
	require.Equal(t, 1, relay.swallowed())
	_, err = other.Claim(background, "report", at)
	taken(t, err)
}

// A node that is cut off knows that its lock is lost before another can get it, and
// does no harm when it is back.
func TestCutOff(t *testing.T) {
	direct := shared(t)
	client, relay := relayed(t)
	a := newNode(t, client, WithTTL(time.Second))
	b := newNode(t, direct, WithTTL(time.Second))
	lock := obtain(t, a, "report")

	relay.setCut(true)
	var next *Lock
	require.Eventually(t, func() bool {
		got, err := b.Lock(background, "report")
		if err != nil {
			return false
		}
		next = got
		if lock.lease.held() {
			t.Error("two nodes have the lock")
		}
		return true
	}, soon, tick)
	waitFor(t, lock.Lost())
	<-lock.lease.kept

	relay.setCut(false)
	late := newNode(t, newClient(t, relay.address))
	lock.locker = late // its own client still waits for an answer
	require.NoError(t, lock.Unlock(background))
	_, err := late.Lock(background, "report")
	if next.lease.held() {
		taken(t, err)
	}
	require.NoError(t, next.Unlock(background))
}

// A short cut does not lose the lock: the renewal is tried again.
func TestShortCut(t *testing.T) {
	shared(t)
	relay := newRelay(t, serverAddress(t))
	atAnySpeed(t, 200*time.Millisecond, func(timeout time.Duration) bool {
		client := newClient(t, relay.address, func(o *goredis.Options) { o.ReadTimeout = timeout / 2 })
		var log logs
		node := newNode(t, client, WithTTL(45*timeout), WithRequestTimeout(timeout), WithLogger(&log))
		lock := obtain(t, node, "report")
		asked := func() time.Time {
			lock.lease.mu.Lock()
			defer lock.lease.mu.Unlock()
			return lock.lease.asked
		}
		first := asked()
		relay.setCut(true)
		require.Eventually(t, func() bool {
			return !lock.lease.held() || strings.Contains(log.text(),
				`warn gocron/redis: a run lock could not be renewed key report error gocron/redis: renew "report": `)
		}, 45*timeout+soon, tick)
		cut := asked()
		relay.setCut(false)
		require.Eventually(t, func() bool { return !lock.lease.held() || asked() != first }, 45*timeout+soon, tick)
		renewed := lock.lease.held() && cut == first
		lock.lease.end()
		lock.locker = newNode(t, client) // which has time enough
		require.NoError(t, lock.Unlock(background))
		return renewed
	})
}

// A request that hangs ends with the caller's context, or else with the request timeout.
func TestRequestIsBounded(t *testing.T) {
	at := serverTime(t, shared(t))
	client, relay := relayed(t)
	quick := newNode(t, client, WithRequestTimeout(10*time.Millisecond))
	slow := newNode(t, client, WithRequestTimeout(time.Hour))
	relay.setCut(true)

	_, err := quick.Claim(background, "report", at)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.ErrorContains(t, err, ": no answer within 10ms")
	require.True(t, isDown(t, err))

	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	_, err = slow.Claim(ctx, "report", at)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NotContains(t, err.Error(), "no answer within")
	require.False(t, isDown(t, err))
	_, err = slow.Lock(ctx, "report")
	require.False(t, isDown(t, err))
}
