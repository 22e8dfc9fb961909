package enginetest

import (
	"context"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gocron-fixed/gocron/distributed/conformance"
	"github.com/gocron-fixed/gocron/distributed/redis"
	"github.com/gocron-fixed/gocron/v2"
)

func redisEngine(addr string) conformance.Engine {
	return conformance.Engine{
		Name: "Redis", Addr: addr, RunLock: true, Herds: true, OwnClock: true, NewNode: newRedisNode,
		Leftovers: func(ctx context.Context, namespace string) (n int, err error) {
			client := goredis.NewClient(&goredis.Options{Addr: addr})
			defer client.Close()
			keys := client.Scan(ctx, 0, namespace+":*", 1000).Iterator()
			for keys.Next(ctx) {
				n++
			}
			return n, keys.Err()
		},
	}
}

func newRedisNode(_ context.Context, c conformance.NodeConfig) (*conformance.Node, error) {
	client := goredis.NewClient(&goredis.Options{Addr: c.Addr})
	options := []redis.Option{
		redis.WithNamespace(c.Namespace), redis.WithKeep(c.Keep), redis.WithTTL(c.TTL), redis.WithRequestTimeout(c.Timeout),
	}
	if c.RunLock {
		options = append(options, redis.WithRunLock())
	}
	locker, err := redis.NewLocker(client, options...)
	if err != nil {
		return nil, err
	}
	return &conformance.Node{
		Locker: gocron.ClaimerFrom(locker.Claim),
		Close:  func(context.Context) error { return client.Close() },
	}, nil
}
