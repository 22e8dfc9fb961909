package etcd

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
)

func TestBadOptionsAreRefused(t *testing.T) {
	client := clientv3.NewCtxClient(context.Background())
	for _, c := range []struct {
		option Option
		want   string
	}{
		{nil, "option 0 must not be nil"},
		{WithNamespace(""), "WithNamespace: namespace must not be empty"},
		{WithKeep(0), "WithKeep: keep must be between 1s and 87600h0m0s, not 0s"},
		{WithKeep(-time.Hour), "WithKeep: keep must be between 1s and 87600h0m0s, not -1h0m0s"},
		{WithKeep(longest + 1), "WithKeep: keep must be between"},
		{WithTTL(2*time.Second - 1), "WithTTL: ttl must be between 2s and 87600h0m0s, not 1.999999999s"},
		{WithTTL(longest + 1), "WithTTL: ttl must be between"},
		{WithRequestTimeout(0), "WithRequestTimeout: timeout must be between 1ms and 87600h0m0s, not 0s"},
		{WithLogger(nil), "WithLogger: logger must not be nil"},
		{WithLogger((*slog.Logger)(nil)), "WithLogger: logger must not be nil"},
	} {
		l, err := NewLocker(client, c.option)
		require.ErrorContains(t, err, "gocron/etcd: ")
		require.ErrorContains(t, err, c.want)
		require.Nil(t, l)
		require.False(t, engineDown(err))
		e, err := NewElector(client, "name", c.option)
		require.ErrorContains(t, err, c.want)
		require.Nil(t, e)
	}
}

func TestBadArgumentsAreRefused(t *testing.T) {
	_, err := NewLocker(nil)
	require.EqualError(t, err, "gocron/etcd: NewLocker: client must not be nil")
	_, err = NewElector(nil, "name")
	require.EqualError(t, err, "gocron/etcd: NewElector: client must not be nil")
	client := clientv3.NewCtxClient(context.Background())
	_, err = NewElector(client, "")
	require.EqualError(t, err, "gocron/etcd: NewElector: name must not be empty")

	l := newLocker(t, client)
	ctx := context.Background()
	_, err = l.Claim(ctx, "", time.Now())
	require.ErrorContains(t, err, `gocron/etcd: claim "" at `)
	require.ErrorContains(t, err, "the key must not be empty")
	_, err = l.Claim(ctx, "job", time.Time{})
	require.EqualError(t, err, `gocron/etcd: claim "job": the scheduled time must not be zero`)
	_, err = l.Lock(ctx, "")
	require.EqualError(t, err, `gocron/etcd: lock "": the key must not be empty`)
	var none context.Context
	_, err = l.Claim(none, "job", time.Now())
	require.ErrorContains(t, err, "the context must not be nil")
	_, err = l.Lock(none, "job")
	require.EqualError(t, err, `gocron/etcd: lock "job": the context must not be nil`)
}

func TestTheDefaults(t *testing.T) {
	client := clientv3.NewCtxClient(context.Background())
	l, err := NewLocker(client)
	require.NoError(t, err)
	c := l.server.config
	require.Equal(t, "gocron", c.namespace)
	require.Equal(t, 2*time.Hour, c.keep)
	require.Equal(t, 15*time.Second, c.ttl)
	require.Equal(t, 5*time.Second, c.requestTimeout)
	require.False(t, c.runLock)

	logger := slog.Default()
	c = newLocker(t, client, WithNamespace("a"), WithKeep(time.Minute), WithTTL(time.Hour),
		WithRequestTimeout(time.Second), WithRunLock(), WithLogger(logger)).server.config
	require.Equal(t, config{namespace: "a", keep: time.Minute, ttl: time.Hour,
		requestTimeout: time.Second, runLock: true, logger: logger}, c)
}

func TestALeaseOfTheServerIsNotShorter(t *testing.T) {
	for d, want := range map[time.Duration]int64{
		2 * time.Second:       2,
		2*time.Second + 1:     3,
		3*time.Second - 1:     3,
		longest:               int64(longest / time.Second),
		3*longest + longest/8: int64((3*longest + longest/8) / time.Second),
	} {
		require.Equal(t, want, wholeSeconds(d), d)
	}
}
