package redis

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// With its data on disk a server that restarts knows every claim, and run locks outlive
// a stop that is shorter than the TTL.
func TestServerRestarts(t *testing.T) {
	server := startServer(t, "--appendonly", "yes", "--appendfsync", "always")
	client := newClient(t, server.address)
	node, impatient := newNode(t, client, WithTTL(time.Hour)), newNode(t, client, WithRequestTimeout(500*time.Millisecond))
	at := serverTime(t, client)
	_, err := node.Claim(background, "report", at)
	require.NoError(t, err)
	lock, err := node.Lock(background, "report")
	require.NoError(t, err)

	server.stop()
	_, err = impatient.Claim(background, "other", at)
	require.True(t, isDown(t, err))
	_, err = impatient.Lock(background, "other")
	require.True(t, isDown(t, err))
	require.True(t, isDown(t, impatient.Check(background)))

	server.start()
	require.Eventually(t, func() bool { return client.Ping(background).Err() == nil }, soon, tick)
	_, err = node.Claim(background, "report", at)
	taken(t, err)
	_, err = node.Lock(background, "report")
	taken(t, err)
	require.NoError(t, lock.renew(background))
	open(t, lock.Lost())
	require.NoError(t, lock.Unlock(background))
	_, err = node.Claim(background, "other", at)
	require.NoError(t, err)
}

// While the server is stopped a run lock is lost in time, whatever the server would say.
func TestServerStops(t *testing.T) {
	server := startServer(t)
	node := newNode(t, newClient(t, server.address), WithTTL(time.Second), WithRequestTimeout(500*time.Millisecond))
	lock := obtain(t, node, "report")
	server.stop()
	waitFor(t, lock.Lost())
	err := lock.Unlock(background)
	require.True(t, isDown(t, err))
}

func TestNoCredentialsInErrors(t *testing.T) {
	server := startServer(t)
	admin := newClient(t, server.address)
	require.NoError(t, admin.Do(background, "ACL", "SETUSER", "alice", "on", ">sesame", "~*", "+@connection").Err())
	require.NoError(t, admin.Do(background, "ACL", "SETUSER", "default", "off").Err())
	for name, credentials := range map[string]struct{ user, password, want string }{
		"wrong password":  {"alice", "wrongsesame", "WRONGPASS"},
		"wrong user":      {"malice", "sesame", "WRONGPASS"},
		"no password":     {"", "", "NOAUTH"},
		"no right to run": {"alice", "sesame", "NOPERM"},
	} {
		t.Run(name, func(t *testing.T) {
			client := newClient(t, server.address, func(o *goredis.Options) {
				o.Username, o.Password = credentials.user, credentials.password
			})
			node := newNode(t, client)
			_, claim := node.Claim(background, "report", time.Now())
			_, lock := node.Lock(background, "report")
			for _, err := range []error{claim, lock, node.Check(background)} {
				require.ErrorContains(t, err, credentials.want)
				require.NotContains(t, err.Error(), "alice")
				require.NotContains(t, err.Error(), "sesame")
				require.True(t, isDown(t, err))
			}
		})
	}
}

func TestCheck(t *testing.T) {
	server := startServer(t)
	client := newClient(t, server.address)
	node := newNode(t, client)
	require.NoError(t, node.Check(background))
	require.NoError(t, client.ConfigSet(background, "maxmemory-policy", "volatile-lru").Err())
	err := node.Check(background)
	require.EqualError(t, err, "gocron/redis: check: maxmemory-policy is volatile-lru, not noeviction: "+
		"the server drops claims and locks when its memory is full")
	require.False(t, isDown(t, err))
}

// A server whose memory is full, and which keeps what it has, grants nothing.
func TestMemoryFull(t *testing.T) {
	server := startServer(t)
	client := newClient(t, server.address)
	node := newNode(t, client)
	at := serverTime(t, client)
	_, err := node.Claim(background, "report", at)
	require.NoError(t, err)
	require.NoError(t, client.ConfigSet(background, "maxmemory", "1").Err())
	_, err = node.Claim(background, "other", at)
	require.ErrorContains(t, err, "OOM")
	require.True(t, isDown(t, err))
	require.Len(t, keysOf(t, client), 1)
}

func TestCluster(t *testing.T) {
	server := startServer(t, "--cluster-enabled", "yes")
	require.NoError(t, newClient(t, server.address).ClusterAddSlotsRange(background, 0, 16383).Err())
	client := goredis.NewClusterClient(&goredis.ClusterOptions{Addrs: []string{server.address}})
	defer client.Close()
	node := newNode(t, client, WithRunLock())
	require.Eventually(t, func() bool { return node.Check(background) == nil }, soon, tick)
	at := serverTime(t, client)
	for _, name := range []string{"report", "{report}", "a{b}c{", "отчёт"} {
		var lock *Lock
		require.Eventually(t, func() bool { // until the cluster says that it is up
			var err error
			lock, err = node.Claim(background, name, at)
			return err == nil
		}, soon, tick)
		_, err := node.Claim(background, name, at)
		taken(t, err)
		_, err = node.Lock(background, name)
		taken(t, err)
		require.NoError(t, lock.renew(background))
		require.NoError(t, lock.Unlock(background))
	}
	require.NoError(t, client.ForEachMaster(background, func(_ context.Context, master *goredis.Client) error {
		return master.ConfigSet(background, "maxmemory-policy", "allkeys-lfu").Err()
	}))
	require.ErrorIs(t, node.Check(background), errEvicts)
}

// A claim that has reached the replica outlives a failover.
func TestFailover(t *testing.T) {
	first := startServer(t)
	host, port, err := net.SplitHostPort(first.address)
	require.NoError(t, err)
	second := startServer(t, "--replicaof", host+" "+port)
	config := filepath.Join(t.TempDir(), "sentinel.conf")
	require.NoError(t, os.WriteFile(config, []byte(strings.Join([]string{
		"sentinel monitor main " + host + " " + port + " 1",
		"sentinel down-after-milliseconds main 2000",
		"sentinel failover-timeout main 3000",
	}, "\n")), 0o600))
	sentinel := startServer(t, config, "--sentinel")

	client := goredis.NewFailoverClient(&goredis.FailoverOptions{
		MasterName: "main", SentinelAddrs: []string{sentinel.address}, ReadTimeout: time.Second,
	})
	defer client.Close()
	node := newNode(t, client)
	at := serverTime(t, client)
	_, err = node.Claim(background, "report", at)
	require.NoError(t, err)
	replica := newClient(t, second.address)
	require.Eventually(t, func() bool {
		asSentinel := goredis.NewSentinelClient(&goredis.Options{Addr: sentinel.address})
		defer asSentinel.Close()
		known, err := asSentinel.Replicas(background, "main").Result()
		return err == nil && len(known) == 1 && known[0]["flags"] == "slave" && len(keysOf(t, replica)) == 1
	}, soon, tick)

	first.stop()
	require.Eventually(t, func() bool {
		_, err = node.Claim(background, "other", at)
		return err == nil
	}, 2*soon, tick)
	_, err = node.Claim(background, "report", at)
	taken(t, err)
}
