package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"strings"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gocron-fixed/gocron/distributed/redis"
	"github.com/gocron-fixed/gocron/v2"
)

var redisEngine = &engine{
	title:   "Redis",
	install: "Install it with `apt-get install redis-server`, `dnf install redis` or `brew install redis`, or have redis-server in the PATH",
	find: func() error {
		if _, err := exec.LookPath("redis-server"); err != nil {
			return errors.New("the program redis-server was not found")
		}
		return nil
	},
	start: startRedis,
	join:  joinRedis,
}

// startRedis starts a server that only those who know its password can use.
func startRedis(ctx context.Context, dir string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	password := rand.Text()
	// Arguments could be read by everybody on this machine; the input cannot.
	cmd := exec.Command("redis-server", "-")
	cmd.Stdin = strings.NewReader(fmt.Sprintf("bind 127.0.0.1\nport %s\nrequirepass %s\nsave \"\"\n", port, password))
	address := "redis://:" + password + "@" + net.JoinHostPort("127.0.0.1", port)
	options, err := goredis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	client := goredis.NewClient(options)
	defer client.Close()
	return startServer(ctx, cmd, dir, address, func(ctx context.Context) error { return client.Ping(ctx).Err() })
}

func joinRedis(ctx context.Context, address string) (_ *member, err error) {
	options, err := goredis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	client := goredis.NewClient(options)
	defer func() {
		if err != nil {
			_ = client.Close()
		}
	}()
	claims, err := redis.NewLocker(client, redis.WithNamespace(namespace))
	if err != nil {
		return nil, err
	}
	runLock, err := redis.NewLocker(client, redis.WithNamespace(namespace), redis.WithRunLock(), redis.WithTTL(ttl))
	if err != nil {
		return nil, err
	}
	return &member{
		claims:  gocron.ClaimerFrom(claims.Claim),
		runLock: gocron.ClaimerFrom(runLock.Claim),
		close:   func(context.Context) error { return client.Close() },
	}, claims.Check(ctx)
}
