// Testing shows how to test your own jobs, with their real schedules and
// without waiting for them. The program is small: a backup each night at 03:00,
// and a heartbeat each minute. Its tests are what to read:
//
//	clock_test.go               a fake clock that the test moves; any Go version
//	schedule_synctest_test.go   testing/synctest, where sleeping for a day takes
//	                            no time; Go 1.25 and later
//
//	go test -v ./examples/testing
//
// The program itself prints when the jobs would run next, and ends:
//
//	go run ./examples/testing
package main

import (
	"context"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/gocron-fixed/gocron/v2"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "testing:", err)
		os.Exit(1)
	}
}

func run() error {
	s, err := newScheduler(program{
		backup:  func(context.Context) error { return nil },
		beat:    func() {},
		onError: func(string, error) {},
	})
	if err != nil {
		return err
	}
	s.Start()
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	for _, job := range s.Jobs() {
		next, err := job.NextRuns(2)
		if err != nil {
			return err
		}
		fmt.Fprint(table, job.Name())
		for _, at := range next {
			fmt.Fprint(table, "\t", at.Format(time.RFC1123))
		}
		fmt.Fprintln(table)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return s.Shutdown()
}

// program is what the jobs do. The tests put their own functions here.
type program struct {
	backup  func(ctx context.Context) error
	beat    func()
	onError func(job string, err error)
}

// newScheduler makes a scheduler with the program's jobs. It takes scheduler
// options, and that is all a test needs: it hands in a clock and a location.
func newScheduler(p program, options ...gocron.SchedulerOption) (gocron.Scheduler, error) {
	s, err := gocron.NewScheduler(options...)
	if err != nil {
		return nil, err
	}
	_, err = s.NewJob(
		gocron.DailyJob(1, gocron.NewAtTimes(gocron.NewAtTime(3, 0, 0))),
		gocron.NewTask(p.backup),
		gocron.WithName("backup"),
		gocron.WithEventListeners(gocron.AfterJobRunsWithError(
			func(_ uuid.UUID, name string, err error) { p.onError(name, err) },
		)),
	)
	if err != nil {
		return nil, err
	}
	_, err = s.NewJob(
		gocron.DurationJob(time.Minute),
		gocron.NewTask(p.beat),
		gocron.WithName("heartbeat"),
	)
	return s, err
}
