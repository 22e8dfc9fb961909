package etcd

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
)

func TestAServerThatIsKilledAndStartedAgain(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client := connect(t, server.at)
	ttl := WithTTL(time.Hour)
	l := newLocker(t, client, ttl)
	at := time.Now()
	_, err := l.Claim(context.Background(), "job", at)
	require.NoError(t, err)
	run, err := l.Lock(context.Background(), "job")
	require.NoError(t, err)
	e := newElector(t, client, "name", ttl)
	soon(t, "it leads", func() bool { return leads(e) })
	_, token, err := e.Term(context.Background())
	require.NoError(t, err)

	server.kill()
	impatient := newLocker(t, client, WithRequestTimeout(100*time.Millisecond))
	_, err = impatient.Claim(context.Background(), "job", at.Add(1))
	require.True(t, engineDown(err), "%v", err)
	server.start()

	soon(t, "the client is back", func() bool {
		_, err = l.Claim(context.Background(), "job", at)
		return !engineDown(err)
	})
	require.ErrorIs(t, err, ErrTaken, "a claim outlives the server's process")
	_, err = l.Claim(context.Background(), "job", at.Add(2))
	require.NoError(t, err, "so does its lease")
	_, err = l.Lock(context.Background(), "job")
	require.ErrorIs(t, err, ErrTaken)
	require.False(t, isClosed(run.Lost()), "the server was back in time")
	require.NoError(t, run.Unlock(context.Background()))
	_, same, err := e.Term(context.Background())
	require.NoError(t, err)
	require.Equal(t, token, same)
}

func TestAServerThatStaysAway(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	client := connect(t, server.at)
	options := []Option{WithTTL(testTTL), WithRequestTimeout(time.Second)}
	l := newLocker(t, client, options...)
	run := obtain(t, l, "job")
	e := newElector(t, client, "name", options...)
	ended, token := term(t, e)

	server.kill()
	await(t, "the run lock is lost", run.Lost())
	await(t, "the term ends", ended)
	soon(t, "it knows why", func() bool { return engineDown(e.IsLeader(context.Background())) })
	require.True(t, engineDown(run.Unlock(context.Background())))

	server.start()
	_, again := term(t, e) // it leads again
	require.Greater(t, again, token)
	run = obtain(t, l, "job") // it can be taken again
	soon(t, "it is released", func() bool { return run.Unlock(context.Background()) == nil })
}

func TestAUserWithoutRights(t *testing.T) {
	t.Parallel()
	server := startServer(t)
	root := connect(t, server.at)
	ctx := context.Background()
	_, err := root.UserAdd(ctx, "root", "toor")
	require.NoError(t, err)
	_, err = root.UserGrantRole(ctx, "root", "root")
	require.NoError(t, err)
	const user, password = "the-user", "the-password"
	_, err = root.UserAdd(ctx, user, password)
	require.NoError(t, err)
	_, err = root.AuthEnable(ctx)
	require.NoError(t, err)

	client, err := clientv3.New(clientv3.Config{Endpoints: []string{server.at}, Username: user, Password: password, Logger: zap.NewNop()})
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	log := &recorder{}
	e := newElector(t, client, "name", WithTTL(testTTL), WithLogger(log))
	_, claimed := newLocker(t, client).Claim(ctx, "job", time.Now())
	_, locked := newLocker(t, client).Lock(ctx, "job")
	soon(t, "the elector is refused", func() bool { return engineDown(e.IsLeader(ctx)) })
	for _, err := range []error{claimed, locked, e.IsLeader(ctx)} {
		require.True(t, engineDown(err), "%v", err)
		require.ErrorContains(t, err, "etcdserver: permission denied")
		require.NotContains(t, err.Error(), user)
		require.NotContains(t, err.Error(), password)
	}
	require.NotEmpty(t, log.all())
	require.NotContains(t, log.all(), user)
	require.NotContains(t, log.all(), password)
}
