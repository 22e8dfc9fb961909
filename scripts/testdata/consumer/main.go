// A program that uses every kind of schedule and a locker, and checks that a
// one-time job that has to wait for a slot runs.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "consumer:", err)
		os.Exit(1)
	}
	fmt.Println("consumer: all good")
}

func run() error {
	s, err := gocron.NewScheduler(
		gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
		gocron.WithDistributedLocker(locker{}),
		gocron.WithLocation(time.UTC),
	)
	if err != nil {
		return err
	}
	if err := addAll(s); err != nil {
		return err
	}
	s.Start()
	if err := checkListed(s.Jobs()); err != nil {
		return err
	}
	if err := runOneTimeJobs(s); err != nil {
		return err
	}
	return s.Shutdown()
}

// addAll adds a job of every kind that is not due while the program runs.
func addAll(s gocron.Scheduler) error {
	noon := gocron.NewAtTimes(gocron.NewAtTime(12, 0, 0))
	inAnHour := time.Now().Add(time.Hour)
	for name, definition := range map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(time.Hour),
		"random":   gocron.DurationRandomJob(time.Hour, 2*time.Hour),
		"cron":     gocron.CronJob("0 12 * * *", false),
		"seconds":  gocron.CronJob("0 0 12 * * *", true),
		"daily":    gocron.DailyJob(1, noon),
		"weekly":   gocron.WeeklyJob(1, gocron.NewWeekdays(time.Monday), noon),
		"monthly":  gocron.MonthlyJob(1, gocron.NewDaysOfTheMonth(1, -1), noon),
		"once":     gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(inAnHour)),
	} {
		_, err := s.NewJob(definition, gocron.NewTask(func() {}), gocron.WithName(name), gocron.WithTags("idle"))
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func checkListed(jobs []gocron.Job) error {
	if len(jobs) != 8 {
		return fmt.Errorf("%d jobs are listed, want 8", len(jobs))
	}
	for _, job := range jobs {
		next, err := job.NextRun()
		if err != nil || !next.After(time.Now()) {
			return fmt.Errorf("%s: next run %v, error %v", job.Name(), next, err)
		}
	}
	return nil
}

// runOneTimeJobs takes the only slot, adds jobs that have to wait for it, and
// lets go.
func runOneTimeJobs(s gocron.Scheduler) error {
	const waiting = 10
	began, goOn := make(chan struct{}), make(chan struct{})
	if err := once(s, func() { close(began); <-goOn }); err != nil {
		return err
	}
	if err := wait(began); err != nil {
		return fmt.Errorf("the first job: %w", err)
	}
	ran := make(chan struct{})
	for i := 0; i < waiting; i++ {
		if err := once(s, func() { ran <- struct{}{} }); err != nil {
			return err
		}
	}
	close(goOn)
	for i := 0; i < waiting; i++ {
		if err := wait(ran); err != nil {
			return fmt.Errorf("waiting job %d of %d: %w", i+1, waiting, err)
		}
	}
	return nil
}

func once(s gocron.Scheduler, task func()) error {
	_, err := s.NewJob(
		gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()),
		gocron.NewTask(task),
		gocron.WithLimitedRuns(1),
	)
	return err
}

func wait(c <-chan struct{}) error {
	select {
	case <-c:
		return nil
	case <-time.After(30 * time.Second):
		return fmt.Errorf("did not run")
	}
}

// locker grants every lock.
type locker struct{}

func (l locker) Lock(context.Context, string) (gocron.Lock, error) { return l, nil }

func (locker) Unlock(context.Context) error { return nil }
