package gocron

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

func Example() {
	s, err := NewScheduler()
	if err != nil {
		fmt.Println(err)
		return
	}
	greeted := make(chan struct{})
	_, err = s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func(name string) {
			fmt.Println("hello,", name)
			close(greeted)
		}, "world"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Start()
	<-greeted
	fmt.Println("shutdown:", s.Shutdown())
	// Output:
	// hello, world
	// shutdown: <nil>
}

// A fake clock makes a program with jobs testable without waiting.
func Example_testing() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	ran := make(chan time.Time)
	s.NewJob(DailyJob(1, NewAtTimes(NewAtTime(9, 0, 0))), NewTask(func() { ran <- clock.Now() }))
	s.Start()
	clock.BlockUntilContext(context.Background(), 1) // one waiter for the one job
	clock.Advance(time.Hour)
	fmt.Println(<-ran)
	// Output: 2026-03-02 09:00:00 +0000 UTC
}

func ExampleNewScheduler() {
	s, err := NewScheduler(
		WithLocation(time.UTC),
		WithLimitConcurrentJobs(10, LimitModeWait),
		WithStopTimeout(time.Minute),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	s.Start()
	fmt.Println(s.Shutdown())
	// Output: <nil>
}

func ExampleScheduler_newJob() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, err := s.NewJob(
		DurationJob(10*time.Minute),
		NewTask(func(path string) { fmt.Println("cleaning", path) }, "/tmp"),
		WithName("clean up"),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(j.Name())
	// Output: clean up
}

// Start does not wait for runs. Jobs may be added before and after it.
func ExampleScheduler_start() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	ran := make(chan string)
	once := OneTimeJob(OneTimeJobStartImmediately())
	s.NewJob(once, NewTask(func() { ran <- "added before Start" }))
	s.Start()
	fmt.Println(<-ran)
	s.NewJob(once, NewTask(func() { ran <- "added after Start" }))
	fmt.Println(<-ran)
	// Output:
	// added before Start
	// added after Start
}

// Jobs are sorted by id.
func ExampleScheduler_jobs() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	for i, name := range []string{"mail", "backup", "report"} {
		id := uuid.UUID{15: byte(i + 1)}
		s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName(name), WithIdentifier(id))
	}
	for _, j := range s.Jobs() {
		fmt.Println(j.ID(), j.Name())
	}
	// Output:
	// 00000000-0000-0000-0000-000000000001 mail
	// 00000000-0000-0000-0000-000000000002 backup
	// 00000000-0000-0000-0000-000000000003 report
}

func ExampleScheduler_removeJob() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	fmt.Println(s.RemoveJob(j.ID()))
	fmt.Println(s.RemoveJob(j.ID()))
	// Output:
	// <nil>
	// gocron: job not found
}

// One of the tags is enough.
func ExampleScheduler_removeByTags() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	hourly, nothing := DurationJob(time.Hour), NewTask(func() {})
	s.NewJob(hourly, nothing, WithName("invoices"), WithTags("mail", "billing"))
	s.NewJob(hourly, nothing, WithName("newsletter"), WithTags("mail"))
	s.NewJob(hourly, nothing, WithName("backup"), WithTags("disk"))
	s.RemoveByTags("billing", "disk")
	for _, j := range s.Jobs() {
		fmt.Println(j.Name())
	}
	// Output: newsletter
}

// The job keeps its id, and every handle of it reads the new definition.
func ExampleScheduler_update() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	s.Start()
	fmt.Println(j.NextRun())
	updated, err := s.Update(j.ID(), DurationJob(time.Minute), NewTask(func() {}))
	fmt.Println(updated.ID() == j.ID(), err)
	fmt.Println(j.NextRun())
	// Output:
	// 2026-03-02 09:00:00 +0000 UTC <nil>
	// true <nil>
	// 2026-03-02 08:01:00 +0000 UTC <nil>
}

// If anything is refused, the old job goes on untouched.
func ExampleScheduler_update_refused() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	_, err := s.Update(j.ID(), DurationJob(-time.Hour), NewTask(func() {}), WithName("hourly"))
	fmt.Println(err)
	fmt.Println(s.Jobs()[0].Schedule().(DurationJobSchedule).Duration)
	// Output:
	// gocron: DurationJob: time interval must be greater than 0: it is -1h0m0s (job "hourly")
	// 1h0m0s
}

// StopJobs waits for the runs in progress, their listeners included. Start
// resumes.
func ExampleScheduler_stopJobs() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	s.Start()
	fmt.Println(s.StopJobs())
	next, _ := j.NextRun()
	fmt.Println("stopped, next run:", next.Format("15:04"), next.IsZero())
	clock.Advance(90 * time.Minute)
	s.Start()
	next, _ = j.NextRun()
	fmt.Println("started, next run:", next.Format("15:04"))
	// Output:
	// <nil>
	// stopped, next run: 00:00 true
	// started, next run: 10:00
}

// The context bounds the wait. The jobs are stopped all the same.
func ExampleScheduler_stopJobsWithContext() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() { close(started); <-finish }))
	s.Start()
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // nobody has time to wait
	fmt.Println(s.StopJobsWithContext(ctx))
	close(finish)
	fmt.Println(s.StopJobsWithContext(context.Background()))
	// Output:
	// context canceled
	// <nil>
}

// Shutdown waits for the runs in progress, as StopJobs does, and may be called
// more than once.
func ExampleScheduler_shutdown() {
	s, _ := NewScheduler()
	started := make(chan struct{})
	s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func(ctx context.Context) {
		close(started)
		<-ctx.Done() // tells the task that it is time to go
		fmt.Println("task has cleaned up")
	}))
	s.Start()
	<-started
	fmt.Println(s.Shutdown())
	fmt.Println(s.Shutdown())
	// Output:
	// task has cleaned up
	// <nil>
	// <nil>
}

// The context bounds the wait. The scheduler is shut down all the same.
func ExampleScheduler_shutdownWithContext() {
	s, _ := NewScheduler()
	started, finish := make(chan struct{}), make(chan struct{})
	s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() { close(started); <-finish }))
	s.Start()
	<-started
	ctx, cancel := context.WithCancel(context.Background())
	cancel() // nobody has time to wait
	fmt.Println(s.ShutdownWithContext(ctx))
	close(finish)
	fmt.Println(s.ShutdownWithContext(context.Background()))
	// Output:
	// context canceled
	// <nil>
}

func ExampleScheduler_jobsWaitingInQueue() {
	s, _ := NewScheduler(WithLimitConcurrentJobs(1, LimitModeWait))
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	var runs sync.WaitGroup
	runs.Add(3)
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {
		started <- struct{}{}
		<-finish
		runs.Done()
	}))
	s.Start()
	j.RunNow()
	<-started
	j.RunNow()
	j.RunNow()
	fmt.Println("waiting:", s.JobsWaitingInQueue())
	close(finish)
	<-started
	<-started
	runs.Wait()
	fmt.Println("waiting:", s.JobsWaitingInQueue())
	// Output:
	// waiting: 2
	// waiting: 0
}
