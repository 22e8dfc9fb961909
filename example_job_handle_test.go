package gocron

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

func ExampleJob_id() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	fmt.Println(j.ID() != uuid.Nil)
	fmt.Println(s.RemoveJob(j.ID()))
	// Output:
	// true
	// <nil>
}

func ExampleJob_isRunning() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(started); <-finish }))
	s.Start()
	fmt.Println(j.IsRunning())
	j.RunNow()
	<-started
	fmt.Println(j.IsRunning())
	close(finish)
	// Output:
	// false <nil>
	// true <nil>
}

func ExampleJob_lastRun() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	ran := make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(ran) }))
	s.Start()
	last, _ := j.LastRun()
	fmt.Println("never:", last.IsZero())
	clock.Advance(time.Hour)
	<-ran
	last, _ = j.LastRun() // the same as LastRunStartedAt
	fmt.Println(last.Format("15:04"))
	// Output:
	// never: true
	// 09:00
}

// The start counts from the moment the task is called, also the first time.
func ExampleJob_lastRunStartedAt() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	started, finish := make(chan struct{}), make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(started); <-finish }))
	s.Start()
	clock.Advance(time.Hour)
	<-started
	at, _ := j.LastRunStartedAt()
	fmt.Println("going on since", at.Format("15:04"))
	close(finish)
	// Output: going on since 09:00
}

func ExampleJob_lastRunCompletedAt() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	started := make(chan struct{})
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {
		clock.Advance(10 * time.Minute) // what the task takes
		close(started)
	}))
	s.Start()
	j.RunNow()
	<-started
	s.StopJobs() // waits until the run has finished
	at, _ := j.LastRunCompletedAt()
	fmt.Println(at.Format("15:04"))
	// Output: 08:10
}

func ExampleJob_name() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	named, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("report"))
	unnamed, _ := s.NewJob(DurationJob(time.Hour), NewTask(fmt.Println, "a task"))
	fmt.Println(named.Name())
	fmt.Println(unnamed.Name())
	// Output:
	// report
	// fmt.Println
}

func ExampleJob_nextRun() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	next, _ := j.NextRun()
	fmt.Println("before Start:", next.IsZero())
	s.Start()
	fmt.Println(j.NextRun())
	// Output:
	// before Start: true
	// 2026-03-02 09:00:00 +0000 UTC <nil>
}

func ExampleJob_nextRuns() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	j, _ := s.NewJob(CronJob("0 */8 * * *", false), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("Mon 15:04"))
	}
	// Output:
	// Mon 16:00
	// Tue 00:00
	// Tue 08:00
}

// RunNow does not change the schedule, and needs a scheduler that runs.
func ExampleJob_runNow() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	ran := make(chan string)
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { ran <- "ran" }))
	fmt.Println(j.RunNow() == ErrJobRunNowFailed)
	s.Start()
	fmt.Println(j.RunNow())
	fmt.Println(<-ran)
	fmt.Println(j.NextRun())
	// Output:
	// true
	// <nil>
	// ran
	// 2026-03-02 09:00:00 +0000 UTC <nil>
}

func ExampleJob_schedule() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	if schedule, ok := j.Schedule().(DurationJobSchedule); ok {
		fmt.Println("every", schedule.Duration)
	}
	// Output: every 1h0m0s
}

func ExampleJob_tags() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithTags("mail", "billing"))
	fmt.Println(j.Tags())
	// Output: [mail billing]
}
