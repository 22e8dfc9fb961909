package gocron

import (
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/jonboulle/clockwork"
)

func ExampleWithClock() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock))
	defer s.Shutdown()
	ran := make(chan string)
	s.NewJob(DurationJob(time.Hour), NewTask(func() { ran <- clock.Now().Format("15:04") }))
	s.Start()
	clock.Advance(time.Hour)
	fmt.Println(<-ran)
	clock.Advance(time.Hour)
	fmt.Println(<-ran)
	// Output:
	// 09:00
	// 10:00
}

// A job's own options come after the global ones, and win.
func ExampleWithGlobalJobOptions() {
	s, _ := NewScheduler(WithGlobalJobOptions(
		WithTags("night shift"),
		WithSingletonMode(LimitModeReschedule),
	))
	defer s.Shutdown()
	plain, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	tagged, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithTags("day shift"))
	fmt.Println(plain.Tags())
	fmt.Println(tagged.Tags())
	// Output:
	// [night shift]
	// [day shift]
}

// Runs wait for a slot, first in, first out. None is lost.
func ExampleWithLimitConcurrentJobs() {
	s, _ := NewScheduler(WithLimitConcurrentJobs(1, LimitModeWait))
	defer s.Shutdown()
	var runs sync.WaitGroup
	for _, name := range []string{"mail", "backup", "report"} {
		runs.Add(1)
		s.NewJob(
			OneTimeJob(OneTimeJobStartImmediately()),
			NewTask(func(name string) { fmt.Println(name); runs.Done() }, name),
		)
	}
	s.Start()
	runs.Wait()
	// Output:
	// mail
	// backup
	// report
}

// A run that finds no slot is skipped.
func ExampleWithLimitConcurrentJobs_reschedule() {
	s, _ := NewScheduler(WithLimitConcurrentJobs(1, LimitModeReschedule))
	started, finish := make(chan struct{}), make(chan struct{})
	long, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { close(started); <-finish }))
	other, _ := s.NewJob(DurationJob(time.Hour), NewTask(func() { fmt.Println("does not run") }))
	s.Start()
	long.RunNow()
	<-started
	fmt.Println(other.RunNow())
	close(finish)
	fmt.Println(s.Shutdown())
	// Output:
	// <nil>
	// <nil>
}

func ExampleWithLocation() {
	tokyo := time.FixedZone("Tokyo", 9*60*60)
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.March, 2, 8, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(tokyo))
	defer s.Shutdown()
	j, _ := s.NewJob(DailyJob(1, NewAtTimes(NewAtTime(9, 0, 0))), NewTask(func() {}))
	s.Start()
	next, _ := j.NextRun()
	fmt.Println(next.Format("Mon 15:04 MST"))
	// Output: Tue 09:00 Tokyo
}

// A *slog.Logger is a Logger.
func ExampleWithLogger() {
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey {
				return slog.Attr{} // so that the example has a fixed output
			}
			return a
		},
	}))
	s, _ := NewScheduler(WithLogger(logger))
	defer s.Shutdown()
	s.Start()
	s.Start()
	// Output: level=WARN msg="gocron: scheduler already started or shut down"
}

// A warning would read
//
//	2026/03/02 08:00:00 WARN: backup is late, by=90s
//
// and what is less grave than the level is not written.
func ExampleNewLogger() {
	logger := NewLogger(LogLevelWarn)
	logger.Info("backup is done")
	s, _ := NewScheduler(WithLogger(logger))
	s.Start()
	fmt.Println(s.Shutdown())
	// Output: <nil>
}

// A run that takes longer goes on.
func ExampleWithStopTimeout() {
	s, _ := NewScheduler(WithStopTimeout(time.Millisecond))
	started, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() { close(started); <-finish }))
	s.Start()
	<-started
	fmt.Println(s.Shutdown() == ErrStopJobsTimedOut)
	// Output: true
}
