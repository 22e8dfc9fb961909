package gocron

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// When the context ends, the job stays listed but is done.
func ExampleWithContext() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	ctx, cancel := context.WithCancel(context.Background())
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithContext(ctx))
	s.Start()
	cancel()
	next, _ := j.NextRun()
	fmt.Println(next.IsZero())
	fmt.Println(j.RunNow() == ErrJobRunNowFailed)
	// Output:
	// true
	// true
}

// On March 29 the clocks of Berlin go from 02:00 to 03:00: there is no 02:30.
func ExampleWithDaylightSavingsTimePolicy() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 28, 12, 0, 0, 0, berlin))
	s, _ := NewScheduler(WithClock(clock), WithLocation(berlin))
	defer s.Shutdown()
	s.Start()
	daily, nothing := DailyJob(1, NewAtTimes(NewAtTime(2, 30, 0))), NewTask(func() {})
	shifted, _ := s.NewJob(daily, nothing) // the default for daily jobs
	skipping, _ := s.NewJob(daily, nothing, WithDaylightSavingsTimePolicy(DaylightSavingsTimeSkip))
	fmt.Println(shifted.NextRun())
	fmt.Println(skipping.NextRun())
	// Output:
	// 2026-03-29 03:30:00 +0200 CEST <nil>
	// 2026-03-30 02:30:00 +0200 CEST <nil>
}

// Nine in the morning of each office.
func ExampleWithJobLocation() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 10, 12, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	s.Start()
	for _, name := range []string{"Asia/Tokyo", "America/New_York"} {
		office, err := time.LoadLocation(name)
		if err != nil {
			fmt.Println(err)
			return
		}
		j, _ := s.NewJob(CronJob("0 9 * * *", false), NewTask(func() {}), WithJobLocation(office))
		fmt.Println(j.NextRun())
	}
	// Output:
	// 2026-03-11 09:00:00 +0900 JST <nil>
	// 2026-03-10 09:00:00 -0400 EDT <nil>
}

// For cron jobs the default is to skip.
func ExampleWithDaylightSavingsTimePolicy_runAfterTransition() {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		fmt.Println(err)
		return
	}
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 28, 12, 0, 0, 0, berlin))
	s, _ := NewScheduler(WithClock(clock), WithLocation(berlin))
	defer s.Shutdown()
	s.Start()
	j, _ := s.NewJob(
		CronJob("30 2 * * *", false),
		NewTask(func() {}),
		WithDaylightSavingsTimePolicy(DaylightSavingsTimeRunAfterTransition),
	)
	fmt.Println(j.NextRun())
	// Output: 2026-03-29 03:30:00 +0200 CEST <nil>
}

// The scheduler's locker refuses every lock. A job that may run on all nodes
// does not ask it.
func ExampleWithDisabledDistributedJobLocker() {
	locker := LockerFrom(func(context.Context, string) (Lock, error) {
		return nil, errors.New("taken by another node")
	})
	s, _ := NewScheduler(WithDistributedLocker(locker))
	defer s.Shutdown()
	ran := make(chan string)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { ran <- "ran without a lock" }),
		WithDisabledDistributedJobLocker(true),
	)
	s.Start()
	fmt.Println(<-ran)
	// Output: ran without a lock
}

// The job's own locker takes the place of the scheduler's.
func ExampleWithDistributedJobLocker() {
	asked := make(chan string)
	locker := LockerFrom(func(_ context.Context, key string) (Lock, error) {
		asked <- key
		return nil, errors.New("taken by another node")
	})
	s, _ := NewScheduler()
	defer s.Shutdown()
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() {}),
		WithName("report"),
		WithDistributedJobLocker(locker),
	)
	s.Start()
	fmt.Println("asked for the lock of", <-asked)
	// Output: asked for the lock of report
}

func ExampleWithEventListeners() {
	s, _ := NewScheduler()
	started := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { fmt.Println("the task"); close(started) }),
		WithName("report"),
		WithEventListeners(
			BeforeJobRuns(func(_ uuid.UUID, name string) { fmt.Println(name, "is about to start") }),
			AfterJobRuns(func(_ uuid.UUID, name string) { fmt.Println(name, "has returned") }),
		),
	)
	s.Start()
	<-started
	s.Shutdown() // waits for the listeners, too
	// Output:
	// report is about to start
	// the task
	// report has returned
}

// A listener of the job's own replaces the global ones of its kind.
func ExampleWithEventListeners_override() {
	say := func(what string) EventListener {
		return BeforeJobRuns(func(uuid.UUID, string) { fmt.Println(what) })
	}
	s, _ := NewScheduler(WithGlobalJobOptions(WithEventListeners(say("global"))))
	defer s.Shutdown()
	ran := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { close(ran) }),
		WithEventListeners(say("first"), say("second")),
	)
	s.Start()
	<-ran
	// Output:
	// first
	// second
}

func ExampleWithIdentifier() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	id := uuid.MustParse("4b5c0d2e-8a3f-4f6e-9d43-5d1a9e0c7b21")
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithIdentifier(id))
	fmt.Println(j.ID())
	// Output: 4b5c0d2e-8a3f-4f6e-9d43-5d1a9e0c7b21
}

// The interval is a pause here: it begins when the task has returned.
func ExampleWithIntervalFromCompletion() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(10*time.Minute),
		NewTask(func() { clock.Advance(4 * time.Minute) }), // what the task takes
		WithStartAt(WithStartImmediately()),
		WithIntervalFromCompletion(),
	)
	s.Start()
	clock.BlockUntilContext(context.Background(), 1) // until the next run is booked
	fmt.Println(j.NextRun())
	// Output: 2026-03-02 08:14:00 +0000 UTC <nil>
}

func ExampleWithLimitedRuns() {
	clock := clockwork.NewFakeClock()
	s, _ := NewScheduler(WithClock(clock))
	defer s.Shutdown()
	ran := make(chan int)
	runs := 0
	s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { runs++; ran <- runs }),
		WithLimitedRuns(2),
	)
	s.Start()
	for i := 0; i < 2; i++ {
		clock.Advance(time.Hour)
		fmt.Println("run", <-ran)
	}
	s.StopJobs() // waits until the run has finished
	fmt.Println("jobs left:", len(s.Jobs()))
	// Output:
	// run 1
	// run 2
	// jobs left: 0
}

func ExampleWithName() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("nightly report"))
	fmt.Println(j.Name())
	// Output: nightly report
}

// Runs wait their turn: they never overlap, and none is lost.
func ExampleWithSingletonMode() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	done := make(chan struct{})
	runs := 0
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() {
			runs++
			fmt.Println("run", runs, "begins")
			fmt.Println("run", runs, "ends")
			done <- struct{}{}
		}),
		WithSingletonMode(LimitModeWait),
	)
	s.Start()
	j.RunNow()
	j.RunNow()
	<-done
	<-done
	// Output:
	// run 1 begins
	// run 1 ends
	// run 2 begins
	// run 2 ends
}

// A run that would overlap another is skipped.
func ExampleWithSingletonMode_reschedule() {
	s, _ := NewScheduler()
	started, finish := make(chan struct{}), make(chan struct{})
	runs := 0
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { runs++; close(started); <-finish }),
		WithSingletonMode(LimitModeReschedule),
	)
	s.Start()
	j.RunNow()
	<-started
	fmt.Println(j.RunNow())
	close(finish)
	s.Shutdown()
	fmt.Println("runs:", runs)
	// Output:
	// <nil>
	// runs: 1
}

func ExampleWithTags() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithTags("mail"))
	s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithTags("mail", "urgent"))
	s.RemoveByTags("urgent")
	fmt.Println("jobs left:", len(s.Jobs()))
	// Output: jobs left: 1
}

// The context ends in time. The run is finished when the task returns.
func ExampleWithTimeout() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func(ctx context.Context) error {
			<-ctx.Done() // a call that takes too long
			return ctx.Err()
		}),
		WithTimeout(10*time.Millisecond),
	)
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, errors.Is(run.Err, ErrRunTimeout))
	fmt.Println(run.Err)
	// Output:
	// timed-out true
	// gocron: run exceeded its timeout of 10ms: context deadline exceeded
}

// All attempts are one run, which has the outcome of the last one.
func ExampleWithRetry() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	attempts := 0
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() error {
			if attempts++; attempts < 3 {
				return errors.New("no connection")
			}
			return nil
		}),
		WithRetry(RetryPolicy{
			Attempts: 5,
			Backoff:  ExponentialBackoff(time.Millisecond, 5*time.Millisecond),
		}),
	)
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, "at attempt", run.Attempt)
	// Output: succeeded at attempt 3
}

// Only errors of the list are tried again.
func ExampleRetryPolicy() {
	errBusy := errors.New("the server is busy")
	errPassword := errors.New("wrong password")
	s, _ := NewScheduler()
	defer s.Shutdown()
	failures := []error{errBusy, errBusy, errPassword}
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() error {
			err := failures[0]
			failures = failures[1:]
			return err
		}),
		WithRetry(RetryPolicy{Attempts: 10, On: []error{errBusy, context.DeadlineExceeded}}),
	)
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, "at attempt", run.Attempt, "with:", run.Err)
	// Output: failed at attempt 3 with: wrong password
}

// A run that waits for its next attempt is not running.
func ExampleConstantBackoff() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() error {
			fmt.Println("attempt at", clock.Now().Format("15:04:05"))
			return errors.New("no connection")
		}),
		WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(20 * time.Second)}),
	)
	s.Start()
	j.RunNow()
	for i := 0; i < 2; i++ {
		clock.BlockUntilContext(context.Background(), 2) // the job, and the run that is to be tried again
		fmt.Println(j.IsRunning())
		clock.Advance(20 * time.Second)
	}
	NewController(s).Wait(context.Background(), j.ID())
	// Output:
	// attempt at 08:00:00
	// false <nil>
	// attempt at 08:00:20
	// false <nil>
	// attempt at 08:00:40
}

// Each wait is a random time between zero and a bound that doubles.
func ExampleExponentialBackoff() {
	backoff := ExponentialBackoff(time.Second, 5*time.Second)
	for i, bound := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 5 * time.Second} {
		failed := i + 1
		wait := backoff(failed)
		fmt.Printf("after attempt %d: up to %v: %v\n", failed, bound, wait >= 0 && wait <= bound)
	}
	// Output:
	// after attempt 1: up to 1s: true
	// after attempt 2: up to 2s: true
	// after attempt 3: up to 4s: true
	// after attempt 4: up to 5s: true
}

// The task knows best when it makes no sense to try again.
func ExamplePermanent() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() error { return Permanent(fmt.Errorf("config: %w", fs.ErrNotExist)) }),
		WithRetry(RetryPolicy{Attempts: 5}),
	)
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, "at attempt", run.Attempt)
	fmt.Println(run.Err, errors.Is(run.Err, fs.ErrNotExist))
	// Output:
	// failed at attempt 1
	// config: file does not exist true
}

// Given to all jobs, no panic in a task ends the program.
func ExampleWithRecover() {
	s, _ := NewScheduler(WithGlobalJobOptions(WithRecover()))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { panic("out of cheese") }))
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome)
	var panicked *PanicError
	if errors.As(run.Err, &panicked) {
		fmt.Println("with", panicked.Value, "and its stack:", len(panicked.Stack) > 0)
	}
	// Output:
	// panicked
	// with out of cheese and its stack: true
}

func ExamplePanicError_Error() {
	err := &PanicError{Value: "out of cheese"}
	fmt.Println(err.Error())
	// Output: gocron: panic recovered from out of cheese
}

// The error of any panic Is ErrPanicRecovered.
func ExamplePanicError_Unwrap() {
	var err error = &PanicError{Value: "out of range"}
	fmt.Println(errors.Unwrap(err) == ErrPanicRecovered)
	// Output: true
}

// A task may panic with an error, whose type is found as that of any other.
func ExamplePanicError_As() {
	var err error = &PanicError{Value: &fs.PathError{Op: "open", Path: "report.csv", Err: fs.ErrNotExist}}
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		fmt.Println(pathError.Path)
	}
	// Output: report.csv
}

// A task may panic with an error, which is found as any other.
func ExamplePanicError_Is() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { panic(fs.ErrNotExist) }),
		WithRecover(),
	)
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(errors.Is(run.Err, ErrPanicRecovered))
	fmt.Println(errors.Is(run.Err, fs.ErrNotExist))
	// Output:
	// true
	// true
}

// The place for tracing: what surrounds the task sees its run, its context and its
// error.
func ExampleWithMiddleware() {
	trace := func(next RunFunc) RunFunc {
		return func(ctx context.Context) error {
			run, _ := RunFromContext(ctx)
			fmt.Println("begin", run.JobName, "run", run.ID)
			err := next(ctx)
			fmt.Println("end:", err)
			return err
		}
	}
	s, _ := NewScheduler(WithGlobalJobOptions(WithMiddleware(trace)))
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() error { return errors.New("disk is full") }),
		WithName("backup"),
	)
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	// Output:
	// begin backup run 1
	// end: disk is full
}

// A value for the context of all tasks of a job.
func ExampleWithMiddleware_value() {
	type tenant struct{}
	forTenant := func(name string) func(RunFunc) RunFunc {
		return func(next RunFunc) RunFunc {
			return func(ctx context.Context) error {
				return next(context.WithValue(ctx, tenant{}, name))
			}
		}
	}
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func(ctx context.Context) { fmt.Println("invoices of", ctx.Value(tenant{})) }),
		WithMiddleware(forTenant("the dairy")),
	)
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	// Output: invoices of the dairy
}

// The jobs of a table, one for each row: the same call adds a job and changes it.
func ExampleWithKey() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	save := func(row string, every time.Duration) {
		_, err := s.NewJob(DurationJob(every), NewTask(func() {}), WithKey(row), WithName("row "+row))
		if err != nil {
			fmt.Println(err)
		}
	}
	save("41", time.Hour)
	save("42", time.Hour)
	save("42", time.Minute)

	j, _ := NewController(s).JobByKey("42")
	fmt.Println(len(s.Jobs()), "jobs,", j.Name(), j.Schedule())
	// Output: 2 jobs, row 42 {1m0s}
}

// A server says how long to wait; any other failure is tried again soon.
func ExampleRetryPolicy_backoffFor() {
	busy := errors.New("too many requests")
	backoff := func(failed int, err error) time.Duration {
		if errors.Is(err, busy) {
			return 20 * time.Millisecond
		}
		return time.Duration(failed) * time.Millisecond
	}
	s, _ := NewScheduler()
	defer s.Shutdown()
	answers := []error{errors.New("connection lost"), busy, nil}
	j, _ := s.NewJob(ManualJob(), NewTask(func(ctx context.Context) error {
		run, _ := RunFromContext(ctx)
		err := answers[run.Attempt-1]
		fmt.Println("attempt", run.Attempt, err)
		return err
	}), WithRetry(RetryPolicy{Attempts: 5, BackoffFor: backoff}))
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome)
	// Output:
	// attempt 1 connection lost
	// attempt 2 too many requests
	// attempt 3 <nil>
	// succeeded
}

// A program may keep what it needs for a job in values of its own, such as a row of a table.
func ExampleJobOption() {
	type settings struct {
		days    Weekdays
		of      DaysOfTheMonth
		at      AtTime
		options []JobOption
	}
	var (
		task    Task                       = NewTask(func() {})
		gap     DaylightSavingsTimePolicy  = DaylightSavingsTimeDefault
		overlap DaylightSavingsTimeOverlap = DaylightSavingsTimeOverlapFirst
		down    EngineDownPolicy           = EngineDownSkip
		from    StartAtOption              = WithStartDateTimePast(time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC))
		until   StopAtOption               = WithStopDateTime(time.Date(2100, time.March, 1, 0, 0, 0, 0, time.UTC))
		once    OneTimeJobStartAtOption    = OneTimeJobStartImmediately()
	)
	report := settings{
		days: NewWeekdays(time.Monday),
		of:   NewDaysOfTheMonth(1, -1),
		at:   NewAtTime(8, 0, 0),
		options: []JobOption{
			WithDaylightSavingsTimePolicy(gap), WithDaylightSavingsTimeOverlap(overlap),
			WithEngineDown(down), WithStartAt(from), WithStopAt(until),
		},
	}
	s, _ := NewScheduler(WithLocation(time.UTC))
	defer s.Shutdown()
	s.NewJob(WeeklyJob(2, report.days, NewAtTimes(report.at)), task, report.options...)
	s.NewJob(MonthlyJob(1, report.of, NewAtTimes(report.at)), task, report.options...)
	s.NewJob(OneTimeJob(once), task)
	fmt.Println(len(s.Jobs()), "jobs")
	// Output: 3 jobs
}
