package gocron

import (
	"fmt"
	"time"

	"github.com/jonboulle/clockwork"
)

func ExampleWithStartAt() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() {}),
		WithStartAt(WithStartDateTime(noon)),
	)
	s.Start()
	fmt.Println(j.NextRun())
	// Output: 2026-03-02 12:00:00 +0000 UTC <nil>
}

// The start is the first run. Intervals count from it.
func ExampleWithStartDateTime() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	start := time.Date(2026, time.March, 2, 9, 7, 0, 0, time.UTC)
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() {}),
		WithStartAt(WithStartDateTime(start)),
	)
	s.Start()
	next, _ := j.NextRuns(3)
	for _, t := range next {
		fmt.Println(t.Format("15:04"))
	}
	// Output:
	// 09:07
	// 10:07
	// 11:07
}

// A program that is started again keeps to the times it had before.
func ExampleWithStartDateTimePast() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	lastYear := time.Date(2025, time.March, 2, 0, 20, 0, 0, time.UTC)
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() {}),
		WithStartAt(WithStartDateTimePast(lastYear)),
	)
	s.Start()
	fmt.Println(j.NextRun())
	// Output: 2026-03-02 08:20:00 +0000 UTC <nil>
}

func ExampleWithStartImmediately() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	ran := make(chan string)
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() { ran <- clock.Now().Format("15:04") }),
		WithStartAt(WithStartImmediately()),
	)
	s.Start()
	fmt.Println("first run:", <-ran)
	fmt.Println(j.NextRun())
	// Output:
	// first run: 08:00
	// 2026-03-02 09:00:00 +0000 UTC <nil>
}

func ExampleWithStopAt() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	noon := time.Date(2026, time.March, 2, 12, 0, 0, 0, time.UTC)
	j, _ := s.NewJob(
		DurationJob(40*time.Minute),
		NewTask(func() {}),
		WithStartAt(WithStartDateTime(noon)),
		WithStopAt(WithStopDateTime(noon.Add(time.Hour))),
	)
	s.Start()
	next, _ := j.NextRuns(100)
	for _, t := range next {
		fmt.Println(t.Format("15:04"))
	}
	// Output:
	// 12:00
	// 12:40
}

// A run may be due at the stop time itself, none after it. When no run is left,
// the job leaves the scheduler.
func ExampleWithStopDateTime() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	ten := time.Date(2026, time.March, 2, 10, 0, 0, 0, time.UTC)
	j, _ := s.NewJob(
		DurationJob(time.Hour),
		NewTask(func() {}),
		WithStopAt(WithStopDateTime(ten)),
	)
	s.Start()
	next, _ := j.NextRuns(100)
	for _, t := range next {
		fmt.Println(t.Format("15:04"))
	}
	// Output:
	// 09:00
	// 10:00
}
