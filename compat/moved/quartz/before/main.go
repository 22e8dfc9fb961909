package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/reugn/go-quartz/job"
	"github.com/reugn/go-quartz/quartz"
)

func main() {
	attempts, attempt := make(chan int, 100), 0
	backup := job.NewFunctionJob(func(context.Context) (string, error) {
		attempt++
		attempts <- attempt
		if attempt == 1 {
			return "", errors.New("the disk is busy")
		}
		return "saved", nil
	})
	scheduler, err := quartz.NewStdScheduler(quartz.WithWorkerLimit(4))
	if err != nil {
		log.Fatal(err)
	}
	weekdays, err := quartz.NewCronTrigger("0 0 3 ? * 2-6") // 1 is Sunday
	if err != nil {
		log.Fatal(err)
	}
	nightly := quartz.NewJobKeyWithGroup("nightly", "backups")
	if err := scheduler.ScheduleJob(quartz.NewJobDetail(backup, nightly), weekdays); err != nil {
		log.Fatal(err)
	}
	now := quartz.NewJobDetailWithOptions(job.NewIsolatedJob(backup), quartz.NewJobKey("now"),
		&quartz.JobDetailOptions{MaxRetries: 2, RetryInterval: 10 * time.Millisecond})
	if err := scheduler.ScheduleJob(now, quartz.NewRunOnceTrigger(time.Millisecond)); err != nil {
		log.Fatal(err)
	}
	if err := scheduler.PauseJob(nightly); err != nil {
		log.Fatal(err)
	}
	scheduler.Start(context.Background())
	fmt.Println("attempt", <-attempts)
	fmt.Println("attempt", <-attempts)
	if err := scheduler.ResumeJob(nightly); err != nil {
		log.Fatal(err)
	}
	if err := scheduler.DeleteJob(nightly); err != nil {
		log.Fatal(err)
	}
	scheduler.Stop()
	scheduler.Wait(context.Background())
	fmt.Println("stopped")
}
