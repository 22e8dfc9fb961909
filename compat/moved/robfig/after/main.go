package main

import (
	"fmt"
	"log"

	"github.com/gocron-fixed/gocron/v2"
)

func main() {
	reports := make(chan string, 100)
	s, err := gocron.NewScheduler(gocron.WithGlobalJobOptions(
		gocron.WithRecover(),
		gocron.WithSingletonMode(gocron.LimitModeReschedule),
	))
	if err != nil {
		log.Fatal(err)
	}
	report, err := s.NewJob(gocron.CronJob("*/1 * * * * *", true), gocron.NewTask(func() { reports <- "report" }))
	if err != nil {
		log.Fatal(err)
	}
	tokyo := gocron.CronJob("CRON_TZ=Asia/Tokyo 0 30 9 * * mon-fri", true)
	if _, err := s.NewJob(tokyo, gocron.NewTask(func() { log.Print("Tokyo") })); err != nil {
		log.Fatal(err)
	}
	s.Start()
	fmt.Println("entries:", len(s.Jobs()))
	fmt.Println(<-reports)
	fmt.Println(<-reports)
	if err := s.RemoveJob(report.ID()); err != nil {
		log.Fatal(err)
	}
	_, err = gocron.NewController(s).Job(report.ID())
	fmt.Println("still there:", err == nil)
	if err := s.Shutdown(); err != nil {
		log.Fatal(err)
	}
	fmt.Println("stopped")
}
