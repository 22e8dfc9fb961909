package gocron

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// The error for a crontab that cannot be read also says why.
func Example_errCronJobParse() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(CronJob("99 * * * *", false), NewTask(func() {}), WithName("hourly"))
	fmt.Println(errors.Is(err, ErrCronJobParse))
	fmt.Println(err)
	// Output:
	// true
	// gocron: CronJob: crontab parse failure: crontab "99 * * * *": minute "99": "99" is out of range, allowed are 0 to 59 (job "hourly")
}

func Example_errSchedulerShutdown() {
	s, _ := NewScheduler()
	s.Shutdown()
	_, err := s.NewJob(DurationJob(time.Hour), NewTask(func() {}))
	fmt.Println(err == ErrSchedulerShutdown)
	// Output: true
}

// Every 12 months from April it is April, which has no 31st.
func Example_errJobNeverRuns() {
	clock := clockwork.NewFakeClockAt(time.Date(2026, time.April, 1, 0, 0, 0, 0, time.UTC))
	s, _ := NewScheduler(WithClock(clock), WithLocation(time.UTC))
	defer s.Shutdown()
	yearly := MonthlyJob(12, NewDaysOfTheMonth(31), NewAtTimes(NewAtTime(9, 0, 0)))
	_, err := s.NewJob(yearly, NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrJobNeverRuns))
	// Output: true
}

// A task that ends its goroutine has failed, and frees what it held.
func Example_errTaskGoexit() {
	s, _ := NewScheduler()
	failed := make(chan error)
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() { runtime.Goexit() }),
		WithEventListeners(AfterJobRunsWithError(func(_ uuid.UUID, _ string, err error) { failed <- err })),
	)
	s.Start()
	fmt.Println(<-failed == ErrTaskGoexit)
	fmt.Println(s.Shutdown())
	// Output:
	// true
	// <nil>
}

func Example_errJobDefinitionNil() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(nil, NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrJobDefinitionNil))
	// Output: true
}

func Example_errOneTimeJobStartAtNil() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(OneTimeJob(nil), NewTask(func() {}))
	fmt.Println(errors.Is(err, ErrOneTimeJobStartAtNil))
	// Output: true
}

func Example_errOptionNil() {
	s, _ := NewScheduler()
	defer s.Shutdown()
	_, err := s.NewJob(DurationJob(time.Hour), NewTask(func() {}), WithName("hourly"), nil)
	fmt.Println(errors.Is(err, ErrOptionNil))
	fmt.Println(err)
	// Output:
	// true
	// gocron: option must not be nil: job options: option 2 (job "hourly")
}

func Example_errOptionValue() {
	_, err := NewScheduler(WithLimitConcurrentJobs(10, LimitMode(7)))
	fmt.Println(errors.Is(err, ErrOptionValue))
	fmt.Println(err)
	// Output:
	// true
	// gocron: option value out of range: WithLimitConcurrentJobs mode(7), allowed: LimitModeReschedule or LimitModeWait
}
