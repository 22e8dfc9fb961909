package gocron

import (
	"context"
	"fmt"
	"log/slog"
	"os"
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

// Any handler for log/slog will do: that of the program, of zap, of logrus.
func ExampleLogger() {
	handler := slog.NewJSONHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelWarn,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey || a.Key == "id" {
				return slog.Attr{}
			}
			return a
		},
	})
	s, _ := NewScheduler(WithLogger(slog.New(handler)))
	defer s.Shutdown()
	times := OneTimeJobStartDateTimes(time.Now().Add(-time.Hour), time.Now().Add(time.Hour))
	s.NewJob(OneTimeJob(times), NewTask(func() {}), WithName("report"))
	// Output: {"level":"WARN","msg":"gocron: times of a one-time job are past and left out","job":"report","left out":1}
}
