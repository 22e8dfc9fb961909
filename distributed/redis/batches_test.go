package redis

import (
	"context"
	"fmt"
	"net"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// herd claims the occurrences of many jobs at once and returns the errors.
func herd(node *Locker, jobs int, at time.Time) []error {
	errs := make([]error, jobs)
	var all sync.WaitGroup
	for i := range jobs {
		all.Go(func() { _, errs[i] = node.Claim(background, fmt.Sprint("job", i), at) })
	}
	all.Wait()
	return errs
}

func requireGranted(t *testing.T, errs []error) {
	t.Helper()
	for _, err := range errs {
		require.NoError(t, err)
	}
}

// requests counts what a client sends: pipelines, and commands in them. It holds the first
// pipeline back until all others wait: how many there are at least.
type requests struct {
	pipelines, commands atomic.Int64
	t                   *testing.T
	all                 int
	waiting             func() int
}

// from lets the count begin again.
func (r *requests) from(all int, waiting func() int) {
	r.all, r.waiting = all, waiting
	r.pipelines.Store(0)
	r.commands.Store(0)
}

// waits is how many wait for their turn.
func waits[A comparable, R any](b *batcher[A, R]) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}

func (r *requests) DialHook(next goredis.DialHook) goredis.DialHook          { return next }
func (r *requests) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (r *requests) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, commands []goredis.Cmder) error {
		if r.pipelines.Add(1) == 1 && r.waiting != nil {
			assert.Eventually(r.t, func() bool { return r.waiting()+len(commands) == r.all }, soon, tick)
		}
		r.commands.Add(int64(len(commands)))
		return next(ctx, commands)
	}
}

// The first herd after a restart, or SCRIPT FLUSH, finds no script on the server.
func TestHerdAfterScriptFlush(t *testing.T) {
	server := startServer(t)
	client := newClient(t, server.address)
	sent := requests{t: t}
	client.AddHook(&sent)
	node := newNode(t, client)
	at := serverTime(t, client)
	for round := range 3 {
		require.NoError(t, client.ScriptFlush(background).Err())
		sent.from(3000, func() int { return waits(node.claims) })
		requireGranted(t, herd(node, 3000, at.Add(time.Duration(round)*time.Second)))
		require.LessOrEqual(t, sent.pipelines.Load(), int64(10), "they do not go together")
	}
	sent.from(0, nil)
	for _, err := range herd(newNode(t, client), 3000, at) {
		taken(t, err)
	}
}

// While the server is away the claims wait, and are made when it is back.
func TestHerdWhileTheServerIsAway(t *testing.T) {
	server := startServer(t, "--appendonly", "yes", "--appendfsync", "always")
	client := newClient(t, server.address)
	at := serverTime(t, client)
	node, other := newNode(t, client), newNode(t, newClient(t, server.address))
	requireGranted(t, herd(node, 100, at.Add(-time.Second))) // connections, which break
	server.stop()
	back := time.AfterFunc(time.Second, server.start)
	defer back.Stop()
	var errs [2][]error
	var both sync.WaitGroup
	for i, n := range []*Locker{node, other} {
		both.Go(func() { errs[i] = herd(n, 1000, at) })
	}
	both.Wait()
	for i := range errs[0] {
		one, two := errs[0][i], errs[1][i]
		require.True(t, (one == nil) != (two == nil), "%v, %v", one, two)
		for _, err := range []error{one, two} {
			if err != nil {
				taken(t, err)
			}
		}
	}
}

// What Redis refuses of a batch is refused alone.
func TestOneBadKeyFailsAlone(t *testing.T) {
	client := shared(t)
	node := newNode(t, client)
	at := serverTime(t, client)
	bad := node.claimKey("job7", at)
	require.NoError(t, client.LPush(background, bad, "of another type").Err())
	for i, err := range herd(node, 100, at) {
		if i == 7 {
			require.ErrorContains(t, err, "WRONGTYPE")
			require.True(t, isDown(t, err))
			continue
		}
		require.NoError(t, err)
	}
}

// However many run locks a node has, they are due to be renewed at the same times, and go
// with one request.
func TestRunLocksAreRenewedTogether(t *testing.T) {
	client := newClient(t, shared(t).Options().Addr)
	sent := requests{t: t}
	client.AddHook(&sent)
	node := newNode(t, client, WithTTL(time.Hour))
	const locks = 1500
	held := make([]*Lock, locks)
	var all sync.WaitGroup
	for i := range locks {
		all.Go(func() {
			var err error
			held[i], err = node.Lock(background, fmt.Sprint("job", i))
			assert.NoError(t, err)
		})
	}
	all.Wait()
	require.NoError(t, held[0].renew(background)) // Redis has the script
	require.Positive(t, node.renewals.gather, "the first waits for the others")
	sent.from(locks, func() int { return waits(node.renewals) })
	for _, lock := range held {
		require.Equal(t, node.begun, lock.lease.beat)
		all.Go(func() { assert.NoError(t, lock.renew(background)) })
	}
	all.Wait()
	require.EqualValues(t, locks, sent.commands.Load())
	require.LessOrEqual(t, sent.pipelines.Load(), int64(2), "the first, and all others")
	sent.from(0, nil)
	for _, lock := range held {
		open(t, lock.Lost())
		all.Go(func() { assert.NoError(t, lock.Unlock(background)) })
	}
	all.Wait()
	require.Empty(t, keysOf(t, client))
}

// That others keep all connections busy is no failure of Redis.
func TestClientThatIsBusy(t *testing.T) {
	other := shared(t)
	client := newClient(t, other.Options().Addr, func(o *goredis.Options) {
		o.PoolSize, o.PipelinePoolSize = 2, -1 // or pipelines would have connections of their own
	})
	at := serverTime(t, client)
	atAnySpeed(t, 50*time.Millisecond, func(timeout time.Duration) bool {
		node := newNode(t, client, WithRequestTimeout(timeout))
		var busy sync.WaitGroup
		queue := fmt.Sprint(t.Name(), timeout)
		for range 2 {
			busy.Go(func() { assert.NoError(t, client.BLPop(background, 0, queue).Err()) })
		}
		require.Eventually(t, func() bool { return isBusy(client) }, soon, tick)
		time.AfterFunc(3*timeout, func() { assert.NoError(t, other.RPush(background, queue, 1, 2).Err()) })
		_, err := node.Claim(background, fmt.Sprint("report within ", timeout), at)
		busy.Wait()
		return err == nil
	})
}

// A client that waits for answers without limit leaves nothing behind of requests that
// hang.
func TestRequestsThatHangEnd(t *testing.T) {
	relay := newRelay(t, serverAddress(t))
	client := newClient(t, relay.address, func(o *goredis.Options) { o.ReadTimeout, o.MaxRetries = -1, -1 })
	node := newNode(t, client, WithRequestTimeout(100*time.Millisecond))
	at := serverTime(t, client)
	before := runtime.NumGoroutine()
	relay.setCut(true)
	for range 20 {
		_, err := node.Claim(background, "report", at)
		require.True(t, isDown(t, err))
	}
	relay.setCut(false)
	require.Eventually(t, func() bool { return runtime.NumGoroutine() <= before+4 }, soon, tick)
}

// The reason belongs in the error, in one line.
func TestReasonOfASilence(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	client := newClient(t, listener.Addr().String())
	for _, err := range herd(newNode(t, client, WithRequestTimeout(200*time.Millisecond)), 2000, time.Now()) {
		require.True(t, isDown(t, err))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, ": no answer within ")
	}
	atAnySpeed(t, 200*time.Millisecond, func(timeout time.Duration) bool {
		_, err = newNode(t, client, WithRequestTimeout(timeout)).Lock(background, "report")
		require.ErrorContains(t, err, fmt.Sprint(": no answer within ", timeout))
		require.NotContains(t, err.Error(), "\n")
		return strings.Contains(err.Error(), fmt.Sprint(timeout, ": ")) && strings.Contains(err.Error(), "connection refused")
	})
}
