package etcd_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/distributed/etcd"
	clientv3 "go.etcd.io/etcd/client/v3"
)

func ExampleLocker_Claim() {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{"127.0.0.1:2379"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	locker, err := etcd.NewLocker(client, etcd.WithNamespace("shop"))
	if err != nil {
		fmt.Println(err)
		return
	}
	// A scheduler does the rest: it is given gocron.ClaimerFrom(locker.Claim).
	lock, err := locker.Claim(context.Background(), "report", time.Now().Truncate(time.Hour))
	if errors.Is(err, etcd.ErrTaken) {
		fmt.Println("another node makes the report")
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lock.Unlock(context.Background())
	fmt.Println("this node makes the report; token", lock.FencingToken())
}

func ExampleNewElector() {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{"127.0.0.1:2379"}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	elector, err := etcd.NewElector(client, "scheduler", etcd.WithTTL(10*time.Second))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer elector.Close(context.Background())
	// A scheduler is given it by gocron.WithDistributedElector(elector).
	fmt.Println("leader:", elector.IsLeader(context.Background()) == nil)
}

func ExampleNewLocker_badOption() {
	client := clientv3.NewCtxClient(context.Background())
	_, err := etcd.NewLocker(client, etcd.WithTTL(time.Second))
	fmt.Println(err)
	// Output: gocron/etcd: WithTTL: ttl must be between 2s and 87600h0m0s, not 1s
}
