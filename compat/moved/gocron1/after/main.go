package main

import (
	"fmt"
	"log"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
)

func main() {
	checks := make(chan string, 100)
	check := func(host string) { checks <- "checked " + host }
	report := func(kind string) { log.Print(kind, " report") }

	s, err := gocron.NewScheduler(
		gocron.WithLocation(time.UTC),
		gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait),
		gocron.WithGlobalJobOptions(gocron.WithSingletonMode(gocron.LimitModeWait)),
	)
	if err != nil {
		log.Fatal(err)
	}
	hourly, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(check, "db"),
		gocron.WithStartAt(gocron.WithStartImmediately()), // there this is the default
		gocron.WithTags("db"), gocron.WithLimitedRuns(3),
		gocron.WithEventListeners(gocron.AfterJobRuns(func(uuid.UUID, string) { checks <- "well" })))
	if err != nil {
		log.Fatal(err)
	}
	twice := gocron.NewAtTimes(gocron.NewAtTime(10, 30, 0), gocron.NewAtTime(16, 0, 0))
	if _, err := s.NewJob(gocron.DailyJob(1, twice), gocron.NewTask(report, "daily"), gocron.WithTags("report")); err != nil {
		log.Fatal(err)
	}
	monday := gocron.WeeklyJob(2, gocron.NewWeekdays(time.Monday), gocron.NewAtTimes(gocron.NewAtTime(8, 0, 0)))
	if _, err := s.NewJob(monday, gocron.NewTask(report, "weekly")); err != nil {
		log.Fatal(err)
	}
	s.Start()
	fmt.Println(<-checks)
	fmt.Println(<-checks)
	fmt.Println("tags:", hourly.Tags(), "jobs:", len(s.Jobs()))
	s.RemoveByTags("report")
	fmt.Println("jobs:", len(s.Jobs()))
	if err := s.Shutdown(); err != nil {
		log.Fatal(err)
	}
}
