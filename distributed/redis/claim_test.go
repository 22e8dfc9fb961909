package redis

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

func TestClaimIsGrantedOnce(t *testing.T) {
	client := shared(t)
	a, b := newNode(t, client), newNode(t, client)
	at := serverTime(t, client).Truncate(time.Second)

	lock, err := a.Claim(background, "report", at)
	require.NoError(t, err)
	require.Nil(t, lock.Lost())
	require.Zero(t, lock.FencingToken())
	_, err = b.Claim(background, "report", at.In(time.FixedZone("", 3600)))
	taken(t, err)
	_, err = a.Claim(background, "report", at)
	taken(t, err)

	require.NoError(t, lock.Unlock(background))
	_, err = b.Claim(background, "report", at)
	taken(t, err)

	for _, other := range []time.Time{at.Add(1), at.Add(-1), at.Add(time.Second)} {
		_, err = b.Claim(background, "report", other)
		require.NoError(t, err)
	}
	_, err = b.Claim(background, "other", at)
	require.NoError(t, err)
}

func TestHundredNodes(t *testing.T) {
	const nodes, occurrences = 100, 200
	client := shared(t)
	start := serverTime(t, client)
	var winners [occurrences]atomic.Int32
	var wait sync.WaitGroup
	for range nodes {
		node := newNode(t, client)
		wait.Go(func() {
			for i := range occurrences {
				_, err := node.Claim(background, "job", start.Add(time.Duration(i)*time.Second))
				switch {
				case err == nil:
					winners[i].Add(1)
				case !errors.Is(err, ErrTaken):
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for i := range winners {
		require.EqualValues(t, 1, winners[i].Load(), "occurrence %d", i)
	}
	require.Len(t, keysOf(t, client), occurrences)
}

// The entry of a claim goes when the claim can no longer be made, to the millisecond,
// and says who has it.
func TestClaimIsKept(t *testing.T) {
	client := shared(t)
	node := newNode(t, client, WithKeep(time.Hour))
	at := serverTime(t, client).Add(-time.Minute)
	_, err := node.Claim(background, "report", at)
	require.NoError(t, err)
	key := node.claimKey("report", at)
	expires, err := client.PExpireTime(background, key).Result()
	require.NoError(t, err)
	require.Equal(t, at.Add(time.Hour).UnixMilli(), expires.Milliseconds())
	holder, err := client.Get(background, key).Result()
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(holder, nodeName()+"/"), holder)
}

func TestClaimWindow(t *testing.T) {
	client := shared(t)
	node := newNode(t, client, WithKeep(time.Hour))
	now := serverTime(t, client)
	for _, c := range []struct {
		from time.Duration
		want error
	}{
		{-time.Hour - time.Minute, ErrTooLate},
		{-time.Hour, ErrTooLate},
		{-time.Hour + 10*time.Minute, nil},
		{time.Hour - 10*time.Minute, nil},
		{time.Hour + 10*time.Minute, ErrTooEarly},
	} {
		_, err := node.Claim(background, "report", now.Add(c.from))
		if c.want == nil {
			require.NoError(t, err, c.from)
			continue
		}
		require.ErrorIs(t, err, c.want, c.from)
		require.False(t, isDown(t, err))
	}
	for _, far := range []time.Time{time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 1, time.UTC)} {
		_, err := node.Claim(background, "report", far)
		require.Error(t, err)
		require.False(t, isDown(t, err))
	}
	require.Len(t, keysOf(t, client), 2)
}

// A claim that is gone is not made again: until then the entry is there, and from then on
// it is too late.
func TestClaimThatIsGone(t *testing.T) {
	client := shared(t)
	node := newNode(t, client, WithKeep(time.Second))
	var at time.Time
	require.Eventually(t, func() bool { // a slow machine may take longer than a second to ask
		at = serverTime(t, client)
		_, err := node.Claim(background, "report", at)
		return err == nil
	}, soon, tick)
	require.Eventually(t, func() bool {
		_, err := node.Claim(background, "report", at)
		if err == nil {
			t.Error("it was granted twice")
		}
		return !errors.Is(err, ErrTaken)
	}, soon, tick)
	_, err := node.Claim(background, "report", at)
	require.ErrorIs(t, err, ErrTooLate)
	require.Eventually(t, func() bool { return len(keysOf(t, client)) == 0 }, soon, tick)
}

// In the bubble it is the year 2000.
func TestClaimGoesByTheServersClock(t *testing.T) {
	now := serverTime(t, shared(t))
	address, namespace := serverAddress(t), t.Name()
	synctest.Test(t, func(t *testing.T) {
		client := goredis.NewClient(&goredis.Options{Addr: address})
		defer client.Close()
		node, err := NewLocker(client, WithNamespace(namespace))
		require.NoError(t, err)
		_, err = node.Claim(background, "report", time.Now())
		require.ErrorIs(t, err, ErrTooLate)
		_, err = node.Claim(background, "report", now)
		require.NoError(t, err)
		_, err = node.Claim(background, "report", now)
		taken(t, err)
	})
}

func TestNames(t *testing.T) {
	client := shared(t)
	a, b := newNode(t, client), newNode(t, client)
	at := serverTime(t, client)
	for _, name := range []string{
		"a:b", "a:", ":a", "{a}", "}{", "a{b}c", "отчёт ☂", "a b\n\x00", "\xff\xfe", "*", "a:20261122T200000.000000000Z",
		strings.Repeat("long", 2560),
	} {
		_, err := a.Claim(background, name, at)
		require.NoError(t, err, name)
		_, err = b.Claim(background, name, at)
		taken(t, err)
		lock, err := a.Lock(background, name)
		require.NoError(t, err, name)
		_, err = b.Lock(background, name)
		taken(t, err)
		require.NoError(t, lock.Unlock(background))
	}
}

func TestNamespacesAreSeparate(t *testing.T) {
	client := shared(t)
	at := serverTime(t, client)
	for _, namespace := range []string{t.Name(), t.Name() + ":claim", t.Name() + "%3Aclaim", t.Name() + "{x}"} {
		node := newNode(t, client, WithNamespace(namespace))
		_, err := node.Claim(background, "report", at)
		require.NoError(t, err, namespace)
		lock, err := node.Lock(background, "report")
		require.NoError(t, err, namespace)
		defer func() { require.NoError(t, lock.Unlock(background)) }()
	}
}

func TestClaimAfterScriptFlush(t *testing.T) {
	client := shared(t)
	node := newNode(t, client)
	at := serverTime(t, client)
	for i := range 3 {
		require.NoError(t, client.ScriptFlush(background).Err())
		_, err := node.Claim(background, "report", at.Add(time.Duration(i)))
		require.NoError(t, err)
	}
	_, err := node.Claim(background, "report", at)
	taken(t, err)
}

func TestClaimWithAContextThatHasEnded(t *testing.T) {
	client := shared(t)
	node := newNode(t, client, WithRunLock())
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err := node.Claim(ctx, "report", serverTime(t, client))
	require.ErrorIs(t, err, context.Canceled)
	require.False(t, isDown(t, err))
}

// A clock that is off has all claims refused, which nobody else would tell of.
func TestClockThatIsOffIsReported(t *testing.T) {
	client := shared(t)
	var log logs
	node := newNode(t, client, WithLogger(&log))
	now := serverTime(t, client)
	for range 2 {
		for range 2 {
			_, err := node.Claim(background, "report", now.Add(3*time.Hour))
			require.ErrorIs(t, err, ErrTooEarly)
			_, err = node.Claim(background, "report", now.Add(-3*time.Hour))
			require.ErrorIs(t, err, ErrTooLate)
		}
		_, _ = node.Claim(background, "report", now) // made, then taken
	}
	const warning = "warn gocron/redis: a claim was asked at the wrong time: compare the clocks key report error "
	require.Equal(t, 2, strings.Count(log.text(), warning), log.text())
}
