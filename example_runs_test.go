package gocron

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// The error for a crontab that cannot be read also says why.
func Example_errCronJobParse() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(CronJob("99 * * * *", false), NewTask(func() {}), WithName("hourly"))
	fmt.Println(errors.Is(err, ErrCronJobParse))
	fmt.Println(err)
	// Output:
	// true
	// gocron: CronJob: crontab parse failure: crontab "99 * * * *": minute "99": "99" is out of range, allowed are 0 to 59 (job "hourly")
}

func Example_errSchedulerShutdown() {
	s, _ := NewScheduler()
	s.Shutdown()
	_, err := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	fmt.Println(err == ErrSchedulerShutdown)
	// Output: true
}

// Every 12 months from April it is April, which has no 31st.
func Example_errJobNeverRuns() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	yearly := MonthlyJob(12, NewDaysOfTheMonth(31), NewAtTimes(NewAtTime(9, 0, 0)))
	_, err := s.NewJob(yearly, NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrJobNeverRuns))
	// Output: true
}

// A task that ends its goroutine has failed, and frees what it held.
func Example_errTaskGoexit() {
	s, _ := NewScheduler()
	failed := make(chan error)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { runtime.Goexit() }),
		WithEventListeners(AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { failed <- err })),
	)
	s.Start()
	fmt.Println(<-failed == ErrTaskGoexit)
	fmt.Println(s.Shutdown())
	// Output:
	// true
	// <nil>
}

func Example_errJobDefinitionNil() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(nil, NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrJobDefinitionNil))
	// Output: true
}

func Example_errOneTimeJobStartAtNil() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(OneTimeJob(nil), NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrOneTimeJobStartAtNil))
	// Output: true
}

func Example_errOptionNil() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("hourly"), nil)
	fmt.Println(errors.Is(err, ErrOptionNil))
	fmt.Println(err)
	// Output:
	// true
	// gocron: option must not be nil: job options: option 2 (job "hourly")
}

func Example_errOptionValue() {
	_, err := NewScheduler(WithLimitConcurrentJobs(10, LimitMode(7)))
	fmt.Println(errors.Is(err, ErrOptionValue))
	fmt.Println(err)
	// Output:
	// true
	// gocron: option value out of range: WithLimitConcurrentJobs mode(7), allowed: LimitModeReschedule or LimitModeWait
}

// textLogger writes without the time of day.
func textLogger() *slog.Logger {
	return slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey && len(groups) == 0 {
			return slog.Attr{}
		}
		return a
	}}))
}

func ExampleRunInfo_MarshalJSON() {
	text, err := json.Marshal(RunInfo{ID: 7, JobName: "report", Outcome: OutcomeFailed, Err: errors.New("disk full")})
	fmt.Println(string(text[:11]), string(text[len(text)-18:]), err)
	// Output: {"ID":7,"Jo "Err":"disk full"} <nil>
}

func ExampleRunInfo_UnmarshalJSON() {
	var info RunInfo
	err := json.Unmarshal([]byte(`{"ID":7,"Outcome":"dropped-queue-full","Err":"gocron: the queue is full"}`), &info)
	fmt.Println(info.ID, info.Outcome, info.Err == ErrQueueFull, err)
	// Output: 7 dropped-queue-full true <nil>
}

func ExampleRunInfo_LogValue() {
	textLogger().Info("run", "run", RunInfo{ID: 7, JobName: "report", Outcome: OutcomeFailed, Attempt: 1, Err: errors.New("disk full")})
	// Output: level=INFO msg=run run.id=7 run.job=report run.jobID=00000000-0000-0000-0000-000000000000 run.trigger=schedule run.outcome=failed run.attempt=1 run.error="disk full"
}

func ExampleStats_LogValue() {
	textLogger().Info("now", "stats", Stats{Made: 3, Running: 1, Outcomes: map[Outcome]uint64{OutcomeSucceeded: 2}, OldestWaiting: time.Second})
	// Output: level=INFO msg=now stats.made=3 stats.outcomes.succeeded=2 stats.running=1 stats.waiting=0 stats.retrying=0 stats.oldestWaiting=1s
}

func ExampleExplanation_LogValue() {
	textLogger().Info("job", "why", Explanation{JobName: "report", State: StatePaused, Paused: true, RunsLeft: -1})
	// Output: level=INFO msg=job why.job=report why.jobID=00000000-0000-0000-0000-000000000000 why.state=paused why.paused=true
}

// One line for every run, whatever became of it.
func ExampleWithHooks() {
	s, _ := NewScheduler(WithHooks(Hooks{
		RunFinished: func(run RunInfo) { fmt.Println(run.JobName, run.Outcome, run.Err) },
	}))
	defer s.Shutdown() // waits for the hooks, too
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() error { return errors.New("disk is full") }),
		WithName("backup"),
	)
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	// Output: backup failed disk is full
}

// All hooks for one run, which succeeds at the second attempt.
func ExampleHooks() {
	s, _ := NewScheduler(WithHooks(Hooks{
		RunDue:      func(run RunInfo) { fmt.Println("due:", run.Trigger) },
		RunQueued:   func(run RunInfo) { fmt.Println("waits after attempt", run.Attempt, "with:", run.Err) },
		RunStarted:  func(run RunInfo) { fmt.Println("starts attempt", run.Attempt) },
		RunFinished: func(run RunInfo) { fmt.Println("finished:", run.Outcome) },
	}))
	defer s.Shutdown()
	attempts := 0
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() error {
			if attempts++; attempts == 1 {
				return errors.New("no connection")
			}
			return nil
		}),
		WithRetry(RetryPolicy{Attempts: 3}),
	)
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	// Output:
	// due: run-now
	// starts attempt 1
	// waits after attempt 1 with: no connection
	// starts attempt 2
	// finished: succeeded
}

func ExampleRunInfo() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	finished := make(chan RunInfo)
	s, _ := NewScheduler(
		WithClock(clock),
		WithLocation(time.UTC),
		WithHooks(Hooks{RunFinished: func(run RunInfo) { finished <- run }}),
	)
	defer s.Shutdown()
	s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { clock.Advance(4 * time.Minute) }), // what the task takes
		WithName("report"),
	)
	s.Start()
	clock.Advance(time.Hour)
	run := <-finished
	fmt.Println("run", run.ID, "of", run.JobName)
	fmt.Println("due at", run.ScheduledAt.Format("15:04"), "by its", run.Trigger)
	fmt.Println("waited for", run.StartedAt.Sub(run.ScheduledAt), "and took", run.FinishedAt.Sub(run.StartedAt))
	fmt.Println(run.Outcome, run.Err)
	// Output:
	// run 1 of report
	// due at 09:00 by its schedule
	// waited for 0s and took 4m0s
	// succeeded <nil>
}

// Whatever gets the context of the task knows which run it works for.
func ExampleRunFromContext() {
	say := func(ctx context.Context, text string) {
		if run, ok := RunFromContext(ctx); ok {
			text = fmt.Sprintf("[%s, run %d, attempt %d] %s", run.JobName, run.ID, run.Attempt, text)
		}
		fmt.Println(text)
	}
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func(ctx context.Context) { say(ctx, "copying files") }),
		WithName("backup"),
	)
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	say(context.Background(), "no run")
	// Output:
	// [backup, run 1, attempt 1] copying files
	// no run
}

// A task can read its own job, and so one function serves many jobs.
func ExampleJobFromContext() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	check := func(ctx context.Context) {
		if j, ok := JobFromContext(ctx); ok {
			next, _ := j.NextRun()
			fmt.Println("checking", j.Name(), "and again at", next.Format("15:04"))
		}
	}
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(check), WithName("mail server"))
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	// Output: checking mail server and again at 09:00
}

// The name of an outcome is short and never changes: it may be the label of a
// metric.
func ExampleOutcome_String() {
	runs := map[string]int{}
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() error { return nil }))
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	runs[run.Outcome.String()]++
	runs[OutcomeSkippedSingleton.String()] += 2
	fmt.Println(runs)
	// Output: map[skipped-singleton:2 succeeded:1]
}

// In JSON an outcome is its name, also as a key.
func ExampleOutcome_MarshalText() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() error { return nil }))
	s.Start()
	control := NewController(s)
	control.RunAndWait(context.Background(), j.ID())
	stats, _ := control.Stats()
	text, _ := json.Marshal(stats.Outcomes)
	fmt.Println(string(text))
	// Output: {"succeeded":1}
}

// In JSON a trigger is its name.
func ExampleTrigger_MarshalText() {
	text, _ := json.Marshal(map[string]any{"trigger": TriggerRunNow})
	fmt.Println(string(text))
	// Output: {"trigger":"run-now"}
}

func ExampleTrigger_UnmarshalText() {
	var trigger Trigger
	fmt.Println(json.Unmarshal([]byte(`"run-now"`), &trigger), trigger == TriggerRunNow)
	// Output: <nil> true
}

func ExampleOutcome_UnmarshalText() {
	var outcome Outcome
	fmt.Println(json.Unmarshal([]byte(`"timed-out"`), &outcome), outcome == OutcomeTimedOut)
	fmt.Println(json.Unmarshal([]byte(`"lost"`), &outcome))
	// Output:
	// <nil> true
	// gocron: option value out of range: Outcome(lost)
}

func ExampleTrigger_String() {
	started := make(chan string)
	s, _ := NewScheduler(WithHooks(Hooks{
		RunStarted: func(run RunInfo) { started <- run.Trigger.String() },
	}))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithStartAt(WithStartImmediately()))
	s.Start()
	fmt.Println(<-started)
	j.RunNow()
	fmt.Println(<-started)
	// Output:
	// start-immediately
	// run-now
}

// The last two runs of each job are kept.
func ExampleWithHistory() {
	s, _ := NewScheduler(WithHistory(2))
	defer s.Shutdown()
	runs := 0
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() error {
		if runs++; runs == 2 {
			return errors.New("disk is full")
		}
		return nil
	}))
	s.Start()
	control := NewController(s)
	for i := 0; i < 3; i++ {
		control.RunAndWait(context.Background(), j.ID())
	}
	history, _ := control.History(j.ID())
	for _, run := range history {
		fmt.Println(run.ID, run.Outcome)
	}
	// Output:
	// 2 failed
	// 3 succeeded
}

// Without the option the job stays in the list, without a next run.
func ExampleWithRemoveWhenFinished() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	started := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { close(started) }),
		WithRemoveWhenFinished(),
	)
	s.Start()
	<-started
	s.StopJobs() // waits until the run has finished
	fmt.Println("jobs left:", len(s.Jobs()))
	// Output: jobs left: 0
}

// Without the option nothing is kept.
func ExampleWithJobStats() {
	for _, options := range [][]SchedulerOption{{WithJobStats()}, {}} {
		s, _ := NewScheduler(options...)
		defer s.Shutdown()
		j, _ := s.NewJob(ManualJob(), NewTask(func() {}))
		stats, err := NewController(s).JobStats(j.ID())
		fmt.Println(stats.LastRun.ID == 0, err)
	}
	// Output:
	// true <nil>
	// true gocron: the scheduler keeps no stats of single jobs
}

func ExampleJobStats_LogValue() {
	textLogger().Info("now", "stats", JobStats{
		Outcomes:    map[Outcome]uint64{OutcomeSucceeded: 2, OutcomeFailed: 1},
		LastFailure: RunInfo{ID: 7, JobName: "report", Outcome: OutcomeFailed, Err: errors.New("disk full")},
	})
	// Output: level=INFO msg=now stats.outcomes.succeeded=2 stats.outcomes.failed=1 stats.lastFailure.id=7 stats.lastFailure.job=report stats.lastFailure.jobID=00000000-0000-0000-0000-000000000000 stats.lastFailure.trigger=schedule stats.lastFailure.outcome=failed stats.lastFailure.error="disk full"
}

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
