package enginetest

import (
	"context"
	"errors"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gocron-fixed/gocron/distributed/conformance"
	"github.com/gocron-fixed/gocron/v2"
)

// nameLockEngine is the usual way: a lock in Redis that is named after the job and
// deleted at the end of the run.
func nameLockEngine(addr string) conformance.Engine {
	return conformance.Engine{
		Name: "name lock", Addr: addr,
		NewNode: func(_ context.Context, c conformance.NodeConfig) (*conformance.Node, error) {
			client := goredis.NewClient(&goredis.Options{Addr: c.Addr})
			return &conformance.Node{
				Locker: nameLocker{client, c.Namespace, c.TTL},
				Close:  func(context.Context) error { return client.Close() },
			}, nil
		},
	}
}

type nameLocker struct {
	client    *goredis.Client
	namespace string
	ttl       time.Duration
}

func (l nameLocker) Lock(ctx context.Context, job string) (gocron.Lock, error) {
	key := l.namespace + ":" + job
	err := l.client.SetArgs(ctx, key, "taken", goredis.SetArgs{Mode: "NX", TTL: l.ttl}).Err()
	if errors.Is(err, goredis.Nil) {
		return nil, errors.New("taken")
	}
	return nameLock{l.client, key}, err
}

type nameLock struct {
	client *goredis.Client
	key    string
}

func (l nameLock) Unlock(ctx context.Context) error { return l.client.Del(ctx, l.key).Err() }
