package main

import (
	"fmt"
	"log"
	"time"

	"github.com/go-co-op/gocron"
)

func main() {
	checks := make(chan string, 100)
	check := func(host string) { checks <- "checked " + host }
	report := func(kind string) { log.Print(kind, " report") }

	s := gocron.NewScheduler(time.UTC)
	s.SetMaxConcurrentJobs(2, gocron.WaitMode)
	s.SingletonModeAll()
	hourly, err := s.Every(1).Hour().Tag("db").LimitRunsTo(3).Do(check, "db")
	if err != nil {
		log.Fatal(err)
	}
	hourly.RegisterEventListeners(gocron.WhenJobReturnsNoError(func(string) { checks <- "well" }))
	if _, err := s.Every(1).Day().At("10:30;16:00").Tag("report").Do(report, "daily"); err != nil {
		log.Fatal(err)
	}
	if _, err := s.Every(2).Weeks().Monday().At("08:00").Do(report, "weekly"); err != nil {
		log.Fatal(err)
	}
	s.StartAsync()
	fmt.Println(<-checks)
	fmt.Println(<-checks)
	fmt.Println("tags:", hourly.Tags(), "jobs:", s.Len())
	if err := s.RemoveByTag("report"); err != nil {
		log.Fatal(err)
	}
	fmt.Println("jobs:", s.Len())
	s.Stop()
}
