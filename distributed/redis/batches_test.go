package redis

import (
	"context"
	"fmt"
	"net"
	"runtime"
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

// requests counts what a client sends: pipelines, and commands in them.
type requests struct{ pipelines, commands atomic.Int64 }

func (r *requests) DialHook(next goredis.DialHook) goredis.DialHook          { return next }
func (r *requests) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook { return next }
func (r *requests) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, commands []goredis.Cmder) error {
		r.pipelines.Add(1)
		r.commands.Add(int64(len(commands)))
		return next(ctx, commands)
	}
}

// The first herd after a restart, or SCRIPT FLUSH, finds no script on the server.
func TestHerdAfterScriptFlush(t *testing.T) {
	server := startServer(t)
	client := newClient(t, server.address)
	var sent requests
	client.AddHook(&sent)
	node := newNode(t, client)
	at := serverTime(t, client)
	for round := range 3 {
		require.NoError(t, client.ScriptFlush(background).Err())
		sent.pipelines.Store(0)
		requireGranted(t, herd(node, 3000, at.Add(time.Duration(round)*time.Second)))
		require.Less(t, sent.pipelines.Load(), int64(1000), "they do not go together")
	}
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

// However many run locks a node has, it renews them with one request each third of the TTL.
func TestRunLocksAreRenewedTogether(t *testing.T) {
	client := newClient(t, shared(t).Options().Addr)
	var sent requests
	client.AddHook(&sent)
	node := newNode(t, client, WithTTL(3*time.Second))
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
	sent.pipelines.Store(0)
	sent.commands.Store(0)
	require.Eventually(t, func() bool { return sent.commands.Load() >= 3*locks }, soon, tick)
	require.LessOrEqual(t, sent.pipelines.Load(), int64(6))
	for _, lock := range held {
		open(t, lock.Lost())
		all.Go(func() { assert.NoError(t, lock.Unlock(background)) })
	}
	all.Wait()
	require.Empty(t, keysOf(t, client))
}

// That others keep all connections busy is no failure of Redis.
func TestClientThatIsBusy(t *testing.T) {
	client := newClient(t, shared(t).Options().Addr, func(o *goredis.Options) { o.PoolSize = 2 })
	node := newNode(t, client, WithRequestTimeout(50*time.Millisecond))
	at := serverTime(t, client)
	var busy sync.WaitGroup
	for range 2 {
		busy.Go(func() { client.BLPop(background, time.Second, t.Name()+"nothing") })
	}
	require.Eventually(t, func() bool { return isBusy(client) }, soon, tick)
	_, err := node.Claim(background, "report", at)
	require.NoError(t, err)
	busy.Wait()
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
	node := newNode(t, newClient(t, listener.Addr().String()), WithRequestTimeout(200*time.Millisecond))
	for _, err := range herd(node, 2000, time.Now()) {
		require.True(t, isDown(t, err))
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, ": no answer within ")
	}
	_, err = node.Lock(background, "report")
	require.ErrorContains(t, err, ": no answer within 200ms: ")
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "\n")
}
