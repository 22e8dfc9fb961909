package gocron

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/jonboulle/clockwork"
)

// Attached to a scheduler that runs, until ctx ends.
func ExampleController_Watch() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() error { return errors.New("disk is full") }), WithName("backup"))
	s.Start()

	ctx, cancel := context.WithCancel(context.Background())
	control := NewController(s)
	told := make(chan string, 10)
	control.Watch(ctx, func(stage string, run RunInfo) {
		told <- fmt.Sprint(run.JobName, " ", stage, " ", run.Outcome, " ", run.Err)
	})
	j.RunNow()
	for i := 0; i < 3; i++ {
		fmt.Println(<-told)
	}
	cancel()
	control.RunAndWait(context.Background(), j.ID())
	fmt.Println("told after that:", len(told))
	// Output:
	// backup due pending <nil>
	// backup started pending <nil>
	// backup finished failed disk is full
	// told after that: 0
}

// Code that must not import this package spells the struct itself.
func ExampleRunInfo_Facts() {
	s, _ := NewScheduler(WithPool("probes", 1, LimitModeWait))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("ping"), InPool("probes"))
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	var facts RunFacts = run.Facts()
	fmt.Println(facts.JobName, facts.Pool, facts.Trigger, facts.Outcome, facts.Attempt)
	// Output: ping probes run-now succeeded 1
}

func ExampleController_EachJob() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.NewJob(CronJob("30 3 * * *", false), NewTask(func() {}), WithName("backup"))
	s.Start()
	NewController(s).EachJob(context.Background(), func(job JobFacts) bool {
		fmt.Println(job.Name, job.Kind, job.State)
		fmt.Println(job.Schedule, job.Next)
		return true
	})
	// Output:
	// backup cron scheduled
	// every day at 03:30 2026-03-03 03:30:00 +0000 UTC
}

// The jobs with a tag that are paused, and why they are.
func ExampleController_Snapshot() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("invoices"), WithTags("mail"))
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("newsletter"), WithTags("mail"))
	s.Start()
	control := NewController(s)
	control.PauseWith(j.ID(), "alice", "the printer is out of paper")

	document, next, err := control.Snapshot(context.Background(), "parts=jobs&tag=mail&state=paused", "", 10)
	var page struct {
		Jobs struct {
			Matched int
			Rows    []struct {
				Name string
				Why  string
			}
		}
	}
	json.Unmarshal(document, &page)
	for _, job := range page.Jobs.Rows {
		fmt.Println(job.Name, "is", job.Why)
	}
	fmt.Printf("%d of %d, next page: %q, error: %v\n", len(page.Jobs.Rows), page.Jobs.Matched, next, err)
	// Output:
	// invoices is paused (by "alice" since 2026-03-02T08:00:00Z: "the printer is out of paper"); would be due next at 2026-03-02T09:00:00Z
	// 1 of 1, next page: "", error: <nil>
}

func ExampleController_PauseWith() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("invoices"))
	s.Start()
	control := NewController(s)
	control.PauseWith(j.ID(), "alice", "deploy")
	explained, _ := control.Explain(j.ID())
	fmt.Println(explained.PausedBy, "paused it for:", explained.PauseNote)
	control.Resume(j.ID())
	explained, _ = control.Explain(j.ID())
	fmt.Println(explained)
	// Output:
	// alice paused it for: deploy
	// invoices: not due yet; due next at 2026-03-02T09:00:00Z
}

func ExampleController_PauseByTagsWith() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithTags("mail"))
	s.Start()
	control := NewController(s)
	control.PauseByTagsWith("alice", "the mail server moves", "mail")
	explained, _ := control.Explain(j.ID())
	fmt.Println(explained.Paused, explained.PauseNote)
	// Output: true the mail server moves
}

// A line for each run, at a level that says how much it matters.
func ExampleLogRuns() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			switch a.Key {
			case "time", "job_id", "scheduled_at", "delay", "duration": // they are others each time
				return slog.Attr{}
			}
			return a
		},
	}))
	s, _ := NewScheduler(WithHooks(LogRuns(logger)))
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() error { return errors.New("disk is full") }), WithName("backup"))
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	s.Shutdown()
	// Output: level=ERROR msg="gocron: run" job=backup run_id=1 trigger=run-now attempt=1 outcome=failed err="disk is full"
}
