package gocron

import (
	"context"
	"errors"
	"fmt"
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
