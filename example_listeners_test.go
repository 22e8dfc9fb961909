package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

func ExampleBeforeJobRuns() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	done := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { fmt.Println("the task"); close(done) }),
		WithName("report"),
		WithEventListeners(
			BeforeJobRuns(func(_ uuid.UUID, name string) { fmt.Println("starting:", name) }),
		),
	)
	s.Start()
	<-done
	// Output:
	// starting: report
	// the task
}

func ExampleBeforeJobRunsSkipIfBeforeFuncErrors() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	done := make(chan struct{})
	full := true
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { fmt.Println("ran"); close(done) }),
		WithSingletonMode(LimitModeWait),
		WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error {
			if full {
				full = false
				fmt.Println("skipped")
				return errors.New("disk is full")
			}
			return nil
		})),
	)
	s.Start()
	j.RunNow()
	j.RunNow()
	<-done
	// Output:
	// skipped
	// ran
}

func ExampleAfterJobRuns() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	done := make(chan string)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() error { return nil }),
		WithName("report"),
		WithEventListeners(
			AfterJobRuns(func(_ uuid.UUID, name string) { done <- name }),
		),
	)
	s.Start()
	fmt.Println("done:", <-done)
	// Output: done: report
}

// The error is the very one that the task returned.
func ExampleAfterJobRunsWithError() {
	errDiskFull := errors.New("disk is full")
	s, _ := NewScheduler()
	defer s.Shutdown()
	failed := make(chan error)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() error { return errDiskFull }),
		WithEventListeners(
			AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { failed <- err }),
		),
	)
	s.Start()
	fmt.Println(<-failed == errDiskFull)
	// Output: true
}

// Without this listener the panic would end the program.
func ExampleAfterJobRunsWithPanic() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	failed := make(chan error)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { panic("out of cheese") }),
		WithEventListeners(
			AfterJobRunsWithPanic(func(_ uuid.UUID, _ string, value any) {
				fmt.Println("panic:", value)
			}),
			AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { failed <- err }),
		),
	)
	s.Start()
	err := <-failed
	fmt.Println(errors.Is(err, ErrPanicRecovered))
	fmt.Println(err)
	// Output:
	// panic: out of cheese
	// true
	// gocron: panic recovered from out of cheese
}

func ExampleAfterLockError() {
	locker := LockerFrom(func(context.Context, string) (Lock, error) {
		return nil, errors.New("taken by another node")
	})
	s, _ := NewScheduler(WithDistributedLocker(locker))
	defer s.Shutdown()
	skipped := make(chan error)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { fmt.Println("does not run") }),
		WithEventListeners(
			AfterLockError(func(_ uuid.UUID, _ string, err error) { skipped <- err }),
		),
	)
	s.Start()
	fmt.Println("skipped:", <-skipped)
	// Output: skipped: taken by another node
}
