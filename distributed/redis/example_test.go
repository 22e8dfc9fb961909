package redis_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/gocron-fixed/gocron/distributed/redis"
)

// With gocron a locker is given to the scheduler of every node:
//
//	gocron.WithDistributedLocker(gocron.ClaimerFrom(locker.Claim))
//
// Here two nodes claim the same occurrence by hand.
func ExampleLocker_Claim() {
	client := goredis.NewClient(&goredis.Options{Addr: os.Getenv("REDIS_ADDRESS")})
	defer client.Close()
	one, _ := redis.NewLocker(client)
	two, _ := redis.NewLocker(client)

	ctx, midnight := context.Background(), time.Now().UTC().Truncate(24*time.Hour)
	_, err := one.Claim(ctx, "report", midnight)
	fmt.Println(err)
	_, err = two.Claim(ctx, "report", midnight)
	fmt.Println(errors.Is(err, redis.ErrTaken))
}

// A run lock keeps a job from running twice at once, and tells when it is lost.
func ExampleLocker_Lock() {
	client := goredis.NewClient(&goredis.Options{Addr: os.Getenv("REDIS_ADDRESS")})
	defer client.Close()
	locker, _ := redis.NewLocker(client, redis.WithTTL(10*time.Second))

	ctx := context.Background()
	lock, err := locker.Lock(ctx, "report")
	if err != nil {
		return
	}
	defer lock.Unlock(ctx)
	select {
	case <-lock.Lost():
		fmt.Println("another node may run it now")
	case <-time.After(time.Minute): // the work
	}
}

func ExampleLocker_Check() {
	client := goredis.NewClient(&goredis.Options{Addr: os.Getenv("REDIS_ADDRESS")})
	defer client.Close()
	locker, _ := redis.NewLocker(client)
	if err := locker.Check(context.Background()); err != nil {
		fmt.Println("claims are not safe there:", err)
	}
}

func ExampleNewLocker() {
	client := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:6379"})
	defer client.Close()
	_, err := redis.NewLocker(client, redis.WithNamespace("billing"), redis.WithKeep(time.Hour))
	fmt.Println(err)
	_, err = redis.NewLocker(client, redis.WithKeep(0))
	fmt.Println(err)
	// Output:
	// <nil>
	// gocron/redis: WithKeep: keep must be between 1s and 87600h0m0s, not 0s
}

func ExampleError_EngineDown() {
	client := goredis.NewClient(&goredis.Options{Addr: "127.0.0.1:1", DialerRetries: 1, MaxRetries: -1})
	defer client.Close()
	locker, _ := redis.NewLocker(client, redis.WithRequestTimeout(time.Second))
	_, err := locker.Claim(context.Background(), "report", time.Now())
	var e *redis.Error
	if errors.As(err, &e) {
		fmt.Println(e.Op, e.Key, e.EngineDown())
	}
	// Output: claim report true
}
