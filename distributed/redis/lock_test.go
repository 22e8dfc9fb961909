package redis

import (
	"context"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func TestLock(t *testing.T) {
	client := shared(t)
	a, b := newNode(t, client), newNode(t, client)
	lock, err := a.Lock(background, "report")
	require.NoError(t, err)
	open(t, lock.Lost())
	require.Zero(t, lock.FencingToken())
	_, err = b.Lock(background, "report")
	taken(t, err)
	_, err = a.Lock(background, "report")
	taken(t, err)
	other, err := b.Lock(background, "other")
	require.NoError(t, err)
	require.NoError(t, other.Unlock(background))

	ttl, err := client.PTTL(background, a.lockKey("report")).Result()
	require.NoError(t, err)
	require.Positive(t, ttl)
	require.LessOrEqual(t, ttl, defaultTTL)

	require.NoError(t, lock.Unlock(background))
	waitFor(t, lock.Lost())
	require.NoError(t, lock.Unlock(background))
	require.Empty(t, keysOf(t, client))
	lock, err = b.Lock(background, "report")
	require.NoError(t, err)
	require.NoError(t, lock.Unlock(background))
}

// A run may take longer than the TTL.
func TestLockIsRenewed(t *testing.T) {
	client := shared(t)
	b := newNode(t, client)
	atAnySpeed(t, time.Second, func(ttl time.Duration) bool {
		lock := obtain(t, newNode(t, client, WithTTL(ttl)), "report")
		start := serverTime(t, client)
		require.Eventually(t, func() bool { return serverTime(t, client).Sub(start) > 3*ttl }, 3*ttl+soon, tick)
		other, err := b.Lock(background, "report")
		held := lock.lease.held()
		if held {
			taken(t, err)
		}
		if err == nil { // the machine was too slow for this TTL
			require.NoError(t, other.Unlock(background))
		}
		require.NoError(t, lock.Unlock(background))
		return held
	})
}

// slow is a hook that holds back every answer.
type slow time.Duration

func (s slow) DialHook(next goredis.DialHook) goredis.DialHook { return next }
func (s slow) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return next
}
func (s slow) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, command goredis.Cmder) error {
		err := next(ctx, command)
		time.Sleep(time.Duration(s))
		return err
	}
}

// What comes too late is no lock.
func TestLockThatHasExpiredWhenTheAnswerComes(t *testing.T) {
	client := newClient(t, shared(t).Options().Addr)
	client.AddHook(slow(60 * time.Millisecond))
	node := newNode(t, client)
	node.ttl = 50 * time.Millisecond
	_, err := node.Lock(background, "late")
	require.ErrorContains(t, err, "already expired")
	require.True(t, isDown(t, err))
}

// The lock of a node that has died is free after the TTL.
func TestLockThatIsNotRenewed(t *testing.T) {
	client := shared(t)
	a, b := newNode(t, client, WithTTL(time.Second)), newNode(t, client, WithTTL(time.Hour))
	lock := obtain(t, a, "report")
	lock.lease.end()
	next := obtain(t, b, "report")
	require.NoError(t, lock.Unlock(background))
	_, err := b.Lock(background, "report")
	taken(t, err) // the late Unlock has left it alone
	require.NoError(t, next.Unlock(background))
}

func TestLockIsLostWhenRedisHasLostIt(t *testing.T) {
	for name, change := range map[string]func(client *goredis.Client, key string) error{
		"deleted": func(client *goredis.Client, key string) error { return client.Del(background, key).Err() },
		"another's": func(client *goredis.Client, key string) error {
			return client.Set(background, key, "another", time.Minute).Err()
		},
	} {
		t.Run(name, func(t *testing.T) {
			client := shared(t)
			atAnySpeed(t, time.Second, func(ttl time.Duration) bool { // it may expire before it is renewed
				var log logs
				node := newNode(t, client, WithTTL(ttl), WithLogger(&log))
				lock, key := obtain(t, node, "report"), node.lockKey("report")
				require.NoError(t, change(client, key))
				waitFor(t, lock.Lost())
				<-lock.lease.kept
				require.NoError(t, lock.Unlock(background))
				if name == "another's" {
					require.Equal(t, "another", client.GetDel(background, key).Val())
				}
				return strings.Contains(log.text(), `error gocron/redis: a run lock is lost key report error `+
					`gocron/redis: renew "report": it is no longer held`)
			})
		})
	}
}

// The lease goes on after the context of the run, until Unlock.
func TestUnlockWhenTheRunWasCancelled(t *testing.T) {
	client := shared(t)
	node := newNode(t, client)
	ctx, cancel := context.WithCancel(background)
	lock, err := node.Lock(ctx, "report")
	require.NoError(t, err)
	cancel()
	err = lock.Unlock(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, isDown(t, err))
	require.ErrorContains(t, err, `gocron/redis: unlock "report": `)
	require.NoError(t, lock.Unlock(background))
	require.Empty(t, keysOf(t, client))
}

func TestClaimWithRunLock(t *testing.T) {
	client := shared(t)
	a, b := newNode(t, client, WithRunLock()), newNode(t, client, WithRunLock())
	at := serverTime(t, client)
	lock, err := a.Claim(background, "report", at)
	require.NoError(t, err)
	open(t, lock.Lost())

	_, err = b.Claim(background, "report", at.Add(time.Second))
	taken(t, err) // the run of a goes on
	require.EqualError(t, err, `gocron/redis: claim "report" at `+at.Add(time.Second).UTC().Format(time.RFC3339Nano)+
		": another run of the job is in progress")
	_, err = b.Lock(background, "report")
	taken(t, err)
	require.NoError(t, lock.Unlock(background))

	_, err = b.Claim(background, "report", at.Add(time.Second))
	taken(t, err) // the occurrence was skipped
	lock, err = b.Claim(background, "report", at.Add(2*time.Second))
	require.NoError(t, err)
	require.NoError(t, lock.Unlock(background))

	keys := keysOf(t, client)
	require.Len(t, keys, 3)
	require.NotContains(t, keys, a.lockKey("report"))
}

// Nothing stays for ever.
func TestEveryKeyExpires(t *testing.T) {
	client := shared(t)
	node := newNode(t, client, WithRunLock())
	at := serverTime(t, client)
	for i := range 10 {
		lock, err := node.Claim(background, "report", at.Add(time.Duration(i)*time.Second))
		require.NoError(t, err)
		for _, key := range keysOf(t, client) {
			ttl, err := client.PTTL(background, key).Result()
			require.NoError(t, err)
			require.Positive(t, ttl, key)
		}
		require.NoError(t, lock.Unlock(background))
	}
	require.Len(t, keysOf(t, client), 10)
}
