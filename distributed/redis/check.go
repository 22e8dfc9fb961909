package redis

import (
	"context"
	"fmt"
	"strings"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// Check asks every master server whether it answers and keeps what it is told to keep:
// with a maxmemory-policy other than noeviction it drops claims and locks when its memory
// is full, and they are granted again. The error is an *Error. A program may call it when
// it starts; nothing else does.
func (l *Locker) Check(ctx context.Context) error {
	if ctx == nil {
		return l.failure(context.Background(), opCheck, "", time.Time{}, errNoContext)
	}
	limited, cancel := context.WithTimeoutCause(ctx, l.timeout, noAnswer(l.timeout))
	defer cancel()
	_, err := bounded(limited, func(ctx context.Context) (struct{}, error) {
		if cluster, ok := l.client.(*goredis.ClusterClient); ok {
			return struct{}{}, cluster.ForEachMaster(ctx, func(ctx context.Context, master *goredis.Client) error {
				return checkPolicy(ctx, master)
			})
		}
		return struct{}{}, checkPolicy(ctx, l.client)
	})
	if err != nil {
		return l.failure(ctx, opCheck, "", time.Time{}, answered(limited, err))
	}
	return nil
}

// checkPolicy refuses a server that evicts. INFO is also allowed where CONFIG is not.
func checkPolicy(ctx context.Context, server goredis.Cmdable) error {
	info, err := server.Info(ctx, "memory").Result()
	if err != nil {
		return err
	}
	for line := range strings.Lines(info) {
		policy, found := strings.CutPrefix(strings.TrimSpace(line), "maxmemory_policy:")
		if found && policy != "noeviction" {
			return fmt.Errorf("maxmemory-policy is %s, not noeviction: %w", policy, errEvicts)
		}
	}
	return nil
}
