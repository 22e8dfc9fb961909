package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/distributed/postgres"
	"github.com/jackc/pgx/v5/pgxpool"
)

func ExampleLocker_Claim() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://127.0.0.1/jobs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	locker, err := postgres.NewLocker(ctx, pool, postgres.WithNamespace("shop"))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer locker.Close(ctx)
	// A scheduler does the rest: it is given gocron.ClaimerFrom(locker.Claim).
	lock, err := locker.Claim(ctx, "report", time.Now().Truncate(time.Hour))
	if errors.Is(err, postgres.ErrTaken) {
		fmt.Println("another node makes the report")
		return
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	defer lock.Unlock(ctx)
	fmt.Println("this node makes the report; token", lock.FencingToken())
}

func ExampleNewElector() {
	ctx := context.Background()
	pool, err := pgxpool.New(ctx, "postgres://127.0.0.1/jobs")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer pool.Close()
	elector, err := postgres.NewElector(ctx, pool, "scheduler", postgres.WithTTL(10*time.Second))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer elector.Close(ctx)
	// A scheduler is given it by gocron.WithDistributedElector(elector).
	fmt.Println("leader:", elector.IsLeader(ctx) == nil)
}

func ExampleWithTTL() {
	_, err := postgres.NewLocker(context.Background(), &pgxpool.Pool{}, postgres.WithTTL(time.Millisecond))
	fmt.Println(err)
	// Output: gocron/postgres: WithTTL: ttl must be between 1s and 87600h0m0s, not 1ms
}

func ExampleSchema() {
	_, err := postgres.Schema("too.many.dots")
	fmt.Println(err)
	sql, _ := postgres.Schema("jobs.gocron")
	fmt.Println(strings.SplitAfter(sql, " (")[0])
	// Output:
	// gocron/postgres: schema: WithTable: "too.many.dots" is not of the form "prefix" or "schema.prefix"
	// CREATE TABLE IF NOT EXISTS "jobs"."gocron_version" (
}
