package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A program may keep what it needs for a job in values of its own, such as a row of a table.
func ExampleJobOption() {
	type settings struct {
		days    Weekdays
		of      DaysOfTheMonth
		at      AtTime
		options []JobOption
	}
	var (
		task    Task                       = NewTask(func() {})
		gap     DaylightSavingsTimePolicy  = DaylightSavingsTimeDefault
		overlap DaylightSavingsTimeOverlap = DaylightSavingsTimeOverlapFirst
		down    EngineDownPolicy           = EngineDownSkip
		from    StartAtOption              = WithStartDateTimePast(time.Date(2026, time.March, 2, 0, 0, 0, 0, time.UTC))
		until   StopAtOption               = WithStopDateTime(time.Date(2100, time.March, 1, 0, 0, 0, 0, time.UTC))
		once    OneTimeJobStartAtOption    = OneTimeJobStartImmediately()
	)
	report := settings{
		days: NewWeekdays(time.Monday),
		of:   NewDaysOfTheMonth(1, -1),
		at:   NewAtTime(8, 0, 0),
		options: []JobOption{
			WithDaylightSavingsTimePolicy(gap), WithDaylightSavingsTimeOverlap(overlap),
			WithEngineDown(down), WithStartAt(from), WithStopAt(until),
		},
	}
	s, _ := NewScheduler(WithLocation(time.UTC))
	defer s.Shutdown()
	s.NewJob(WeeklyJob(2, report.days, NewAtTimes(report.at)), task, report.options...)
	s.NewJob(MonthlyJob(1, report.of, NewAtTimes(report.at)), task, report.options...)
	s.NewJob(OneTimeJob(once), task)
	fmt.Println(len(s.Jobs()), "jobs")
	// Output: 3 jobs
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

// A seat is a lock that an engine may take away, and that has a number.
type seat struct {
	number int64
	taken  chan struct{} // closed by the engine
}

var (
	_ LeasedLock = (*seat)(nil)
	_ FencedLock = (*seat)(nil)
)

func (s *seat) Unlock(context.Context) error { return nil }

func (s *seat) Lost() <-chan struct{} { return s.taken }

func (s *seat) FencingToken() int64 { return s.number }

// When the lock is lost, the context of the run ends.
func ExampleLeasedLock() {
	lock := &seat{taken: make(chan struct{})}
	s, _ := NewScheduler(WithDistributedLocker(LockerFrom(func(context.Context, string) (*seat, error) { return lock, nil })))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func(ctx context.Context) error {
		close(lock.taken) // the engine takes the lock away
		<-ctx.Done()
		return context.Cause(ctx)
	}))
	s.Start()
	run, _ := NewController(s).RunAndWait(context.Background(), j.ID())
	fmt.Println(run.Err, errors.Is(run.Err, ErrLockLost))
	// Output: gocron: the lock was lost true
}

// The task hands the lock's number to what it writes to, which refuses lower ones than it has seen.
func ExampleFencedLock() {
	s, _ := NewScheduler(WithDistributedLocker(LockerFrom(func(context.Context, string) (*seat, error) {
		return &seat{number: 7}, nil
	})))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func(ctx context.Context) {
		run, _ := RunFromContext(ctx)
		fmt.Println("write with token", run.FencingToken)
	}))
	s.Start()
	NewController(s).RunAndWait(context.Background(), j.ID())
	// Output: write with token 7
}

// A reign is an Elector that leads until its term is over.
type reign struct{ over chan struct{} }

var _ TermElector = reign{}

func (r reign) IsLeader(ctx context.Context) error {
	_, _, err := r.Term(ctx)
	return err
}

func (r reign) Term(context.Context) (ended <-chan struct{}, token int64, err error) {
	select {
	case <-r.over:
		return nil, 0, errors.New("another node leads")
	default:
		return r.over, 3, nil
	}
}

// When the term ends, so do the contexts of the runs that it let start.
func ExampleTermElector() {
	term := reign{over: make(chan struct{})}
	s, _ := NewScheduler(WithDistributedElector(term))
	defer s.Shutdown()
	j, _ := s.NewJob(DurationJob(time.Hour), NewTask(func(ctx context.Context) error {
		close(term.over)
		<-ctx.Done()
		return context.Cause(ctx)
	}))
	s.Start()
	control := NewController(s)
	for i := 0; i < 2; i++ {
		run, _ := control.RunAndWait(context.Background(), j.ID())
		fmt.Println(run.Outcome, run.Err)
	}
	// Output:
	// cancelled gocron: the leader's term has ended
	// not-leader another node leads
}
