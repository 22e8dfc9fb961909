package gocron

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jonboulle/clockwork"
)

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
