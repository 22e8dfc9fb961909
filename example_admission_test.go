package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// One-time tests in a pool of their own do not wait for long periodic jobs.
func ExampleWithPool() {
	s, _ := NewScheduler(
		WithLimitConcurrentJobs(1, LimitModeWait),
		WithPool("tests", 2, LimitModeWait),
	)
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	long, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(started); <-finish }))
	s.Start()
	long.RunNow()
	<-started // and all slots of the scheduler's own limit are taken
	ran := make(chan string)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { ran <- "the test ran" }),
		InPool("tests"),
	)
	fmt.Println(<-ran)
	// Output: the test ran
}

// A pool with one job in it bounds how many runs of that are in progress.
func ExampleInPool() {
	s, _ := NewScheduler(WithPool("uploads", 2, LimitModeWait))
	defer s.Shutdown()
	finish := make(chan struct{})
	defer close(finish)
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { <-finish }), InPool("uploads"))
	s.Start()
	for i := 0; i < 5; i++ {
		j.RunNow()
	}
	stats, _ := NewController(s).Stats()
	fmt.Println("running:", stats.Running)
	fmt.Println("waiting:", stats.Waiting)
	// Output:
	// running: 2
	// waiting: 3
}

// A run that finds the queue full is dropped. The caller of RunNow is told.
func ExampleWithQueueLimit() {
	s, _ := NewScheduler(
		WithLimitConcurrentJobs(1, LimitModeWait),
		WithQueueLimit(1),
	)
	defer s.Shutdown()
	finish := make(chan struct{})
	defer close(finish)
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { <-finish }))
	s.Start()
	fmt.Println(j.RunNow()) // is in progress
	fmt.Println(j.RunNow()) // waits
	fmt.Println(j.RunNow() == ErrQueueFull)
	stats, _ := NewController(s).Stats()
	fmt.Println(stats.Outcomes)
	// Output:
	// <nil>
	// <nil>
	// true
	// map[dropped-queue-full:1]
}

// After a run that took too long there is one more, whatever was due meanwhile.
func ExampleWithSingletonMode_queueOne() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	finish := make(chan struct{})
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { <-finish }),
		WithSingletonMode(LimitModeQueueOne),
	)
	s.Start()
	for i := 0; i < 5; i++ {
		j.RunNow()
	}
	close(finish)
	control := NewController(s)
	control.Wait(context.Background(), j.ID())
	stats, _ := control.Stats()
	fmt.Println(stats.Outcomes)
	// Output: map[succeeded:2 skipped-singleton:3]
}

// Only the newest run counts. The one before is asked to end, and the new one
// starts when it has.
func ExampleWithSingletonMode_replace() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	started := make(chan struct{}, 2)
	runs := 0
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func(ctx context.Context) error {
			started <- struct{}{}
			if runs++; runs > 1 {
				return nil
			}
			<-ctx.Done()
			return context.Cause(ctx)
		}),
		WithSingletonMode(LimitModeReplace),
	)
	s.Start()
	j.RunNow()
	<-started
	control := NewController(s)
	newest, _ := control.RunAndWait(context.Background(), j.ID())
	fmt.Println("run", newest.ID, newest.Outcome)
	stats, _ := control.Stats()
	fmt.Println(stats.Outcomes)
	// Output:
	// run 2 succeeded
	// map[succeeded:1 cancelled:1]
}

// What waits for its turn is not dropped by Shutdown.
func ExampleWithDrain() {
	s, _ := NewScheduler(
		WithLimitConcurrentJobs(1, LimitModeWait),
		WithDrain(),
		WithStopTimeout(time.Minute),
	)
	for _, name := range []string{"mail", "backup", "report"} {
		s.NewJob(
			OneTimeJob(OneTimeJobStartImmediately()),
			NewTask(func(name string) { fmt.Println(name) }, name),
		)
	}
	s.Start()
	fmt.Println(s.Shutdown())
	// Output:
	// mail
	// backup
	// report
	// <nil>
}

// What a stop had to cut off is in its error.
func ExampleStopError_Error() {
	s, _ := NewScheduler(
		WithLimitConcurrentJobs(1, LimitModeWait),
		WithDrain(),
		WithStopTimeout(time.Millisecond),
	)
	started, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	backup, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { close(started); <-finish }),
		WithName("backup"),
	)
	report, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"))
	s.Start()
	backup.RunNow()
	<-started
	report.RunNow()
	err := s.Shutdown()
	fmt.Println(err)
	var cutOff *StopError
	if errors.As(err, &cutOff) {
		fmt.Println("goes on:", cutOff.Unfinished[0].JobName)
		fmt.Println("dropped:", cutOff.Dropped[0].JobName)
	}
	// Output:
	// gocron: timed out waiting for jobs to finish: 1 in progress, 1 dropped
	// goes on: backup
	// dropped: report
}

// A stop that its caller had no more patience for reads differently.
func ExampleStopError_Unwrap() {
	s, _ := NewScheduler(WithDrain())
	started, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(started); <-finish }))
	s.Start()
	j.RunNow()
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.ShutdownWithContext(ctx)
	fmt.Println(errors.Is(err, context.Canceled))
	fmt.Println(errors.Is(err, ErrStopJobsTimedOut))
	// Output:
	// true
	// false
}
