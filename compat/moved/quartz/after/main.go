package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

func main() {
	attempts, attempt := make(chan int, 100), 0
	backup := gocron.NewTask(func(context.Context) (string, error) {
		attempt++
		attempts <- attempt
		if attempt == 1 {
			return "", errors.New("the disk is busy")
		}
		return "saved", nil
	})
	s, err := gocron.NewScheduler(
		gocron.WithLocation(time.UTC),
		gocron.WithLimitConcurrentJobs(4, gocron.LimitModeWait),
		gocron.WithGlobalJobOptions(gocron.WithRecover()),
	)
	if err != nil {
		log.Fatal(err)
	}
	weekdays := gocron.CronJob("0 0 3 ? * 1-5", true) // 0 is Sunday
	nightly, err := s.NewJob(weekdays, backup, gocron.WithKey("nightly"), gocron.WithTags("backups"))
	if err != nil {
		log.Fatal(err)
	}
	if _, err := s.NewJob(
		gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), backup,
		gocron.WithKey("now"), gocron.WithSingletonMode(gocron.LimitModeReschedule),
		gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(10 * time.Millisecond)}),
	); err != nil {
		log.Fatal(err)
	}
	control := gocron.NewController(s)
	if err := control.Pause(nightly.ID()); err != nil {
		log.Fatal(err)
	}
	s.Start()
	fmt.Println("attempt", <-attempts)
	fmt.Println("attempt", <-attempts)
	if err := control.Resume(nightly.ID()); err != nil {
		log.Fatal(err)
	}
	if err := control.RemoveByKey("nightly"); err != nil {
		log.Fatal(err)
	}
	if err := s.Shutdown(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("stopped")
}
