package gocron

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
)

// A tally is a Monitor that counts runs and adds up the time they take. Its
// methods are called concurrently.
type tally struct {
	mu    sync.Mutex
	runs  map[JobStatus]int
	spent time.Duration
}

var _ Monitor = (*tally)(nil)

func (t *tally) IncrementJob(_ uuid.UUID, _ string, _ []string, status JobStatus) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.runs[status]++
}

func (t *tally) RecordJobTiming(startTime, endTime time.Time, _ uuid.UUID, _ string, _ []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.spent += endTime.Sub(startTime)
}

func ExampleWithMonitor() {
	clock := clockwork.NewFakeClock()
	monitor := &tally{runs: map[JobStatus]int{}}
	s, _ := NewScheduler(WithMonitor(monitor), WithClock(clock), WithLimitConcurrentJobs(1, LimitModeWait))
	ran := make(chan struct{})
	for _, result := range []error{nil, errors.New("disk is full"), nil} {
		s.NewJob(OneTimeJob(OneTimeJobStartImmediately()), NewTask(func(result error) error {
			clock.Advance(time.Minute) // what the task takes
			ran <- struct{}{}
			return result
		}, result))
	}
	s.Start()
	for i := 0; i < 3; i++ {
		<-ran
	}
	s.Shutdown() // waits for the monitor, too
	fmt.Println(monitor.runs[Success], "done,", monitor.runs[Fail], "failed,", monitor.spent)
	// Output: 2 done, 1 failed, 3m0s
}

// A protocol is a MonitorStatus that prints how each task ended. Its other two methods are
// for WithMonitor.
type protocol struct{}

var _ MonitorStatus = protocol{}

func (protocol) IncrementJob(uuid.UUID, string, []string, JobStatus) {}

func (protocol) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {}

func (protocol) RecordJobTimingWithStatus(startTime, endTime time.Time, _ uuid.UUID, name string, _ []string, status JobStatus, err error) {
	fmt.Printf("%s: %s after %v: %v\n", name, status, endTime.Sub(startTime), err)
}

func ExampleWithMonitorStatus() {
	clock := clockwork.NewFakeClock()
	s, _ := NewScheduler(WithMonitorStatus(protocol{}), WithClock(clock))
	ran := make(chan struct{})
	s.NewJob(
		OneTimeJob(OneTimeJobStartImmediately()),
		NewTask(func() error {
			clock.Advance(90 * time.Second) // what the task takes
			close(ran)
			return errors.New("disk is full")
		}),
		WithName("backup"),
	)
	s.Start()
	<-ran
	s.Shutdown() // waits for the monitor, too
	// Output: backup: fail after 1m30s: disk is full
}

// A journal is a SchedulerMonitor that prints what happens.
type journal struct{}

var _ SchedulerMonitor = journal{}

func (journal) SchedulerStarted()  { fmt.Println("scheduler started") }
func (journal) SchedulerStopped()  { fmt.Println("scheduler stopped") }
func (journal) SchedulerShutdown() { fmt.Println("scheduler shut down") }

func (journal) JobRegistered(job Job)        { fmt.Println(job.Name(), "registered") }
func (journal) JobUnregistered(job Job)      { fmt.Println(job.Name(), "unregistered") }
func (journal) JobStarted(job Job)           { fmt.Println(job.Name(), "started") }
func (journal) JobRunning(job Job)           { fmt.Println(job.Name(), "running") }
func (journal) JobCompleted(job Job)         { fmt.Println(job.Name(), "completed") }
func (journal) JobFailed(job Job, err error) { fmt.Println(job.Name(), "failed:", err) }

func (journal) JobExecutionTime(job Job, duration time.Duration) {
	fmt.Println(job.Name(), "took", duration)
}

func (journal) JobSchedulingDelay(job Job, scheduledTime, actualStartTime time.Time) {
	fmt.Println(job.Name(), "is late by", actualStartTime.Sub(scheduledTime))
}

func (journal) ConcurrencyLimitReached(limitType string, job Job) {
	fmt.Println(job.Name(), "was held up by the", limitType)
}

func ExampleWithSchedulerMonitor() {
	clock := clockwork.NewFakeClock()
	s, _ := NewScheduler(WithSchedulerMonitor(journal{}), WithClock(clock))
	done := make(chan struct{})
	s.NewJob(DurationJob(time.Hour), NewTask(func() {
		clock.Advance(time.Second) // what the task takes
		close(done)
	}), WithName("report"))
	s.Start()
	clock.Advance(time.Hour)
	<-done
	s.Shutdown()
	// Output:
	// report registered
	// scheduler started
	// report started
	// report is late by 0s
	// report running
	// report completed
	// report took 1s
	// scheduler stopped
	// scheduler shut down
}

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

// What to make of an outcome is up to the program. This one wants to be woken for some of them.
func ExampleOutcome() {
	wakeUp := func(run RunInfo) bool {
		switch run.Outcome {
		case OutcomeFailed, OutcomePanicked, OutcomeTimedOut, OutcomeEngineDown, OutcomeDroppedQueueFull:
			return true
		case OutcomeMissed: // times passed while the scheduler was stopped or the machine slept
			return run.MissedTo.Sub(run.MissedFrom) > time.Hour
		case OutcomeSkippedSingleton, OutcomeSkippedLimit: // the job takes longer than its interval
			return false
		case OutcomeNotLeader, OutcomeLockedElsewhere: // another node runs it
			return false
		case OutcomePaused, OutcomeRefused, OutcomeCancelled: // somebody wanted it so
			return false
		case OutcomeSucceeded, OutcomePending:
			return false
		}
		return true // an outcome of a later version
	}
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(ManualJob(), NewTask(func() error { return errors.New("disk full") }))
	s.Start()
	var control *Controller = NewController(s)
	run, _ := control.RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Outcome, wakeUp(run))
	// Output: failed true
}

// A list of jobs may show a sign for what each is doing.
func ExampleState() {
	sign := map[State]string{
		StateRunning:        "▶",
		StateWaitingForSlot: "…",
		StateRetrying:       "↻",
		StatePaused:         "‖",
		StateStopped:        "■",
		StateScheduled:      "◷",
		StateManual:         "☞",
		StateContextEnded:   "✗",
		StateNoNextTime:     "–",
	}
	s, _ := NewScheduler()
	defer s.Shutdown()
	j, _ := s.NewJob(ManualJob(), NewTask(func() {}), WithName("rebuild"))
	control := NewController(s)
	before, _ := control.Explain(j.ID())
	s.Start()
	after, _ := control.Explain(j.ID())
	fmt.Println(j.Name(), sign[before.State], sign[after.State])
	// Output: rebuild ■ ☞
}

func ExampleTrigger() {
	for _, trigger := range []Trigger{TriggerSchedule, TriggerStartImmediately, TriggerRunNow, TriggerRetry} {
		fmt.Println(trigger)
	}
	// Output:
	// schedule
	// start-immediately
	// run-now
	// retry
}

// A Monitor may count by status; these are all there are.
func ExampleJobStatus() {
	for _, status := range []JobStatus{Success, Fail, Skip, SingletonRescheduled} {
		fmt.Println(status)
	}
	// Output:
	// success
	// fail
	// skip
	// singleton_rescheduled
}

// The level may come from a flag or a file.
func ExampleLogLevel() {
	levels := map[string]LogLevel{
		"error": LogLevelError,
		"warn":  LogLevelWarn,
		"info":  LogLevelInfo,
		"debug": LogLevelDebug,
	}
	s, err := NewScheduler(WithLogger(NewLogger(levels["error"])))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(s.Shutdown())
	// Output: <nil>
}
