package gocron

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
)

// contractMonitor is all kinds of monitor at once. It notes every call as a
// word, or two: what, and the name of the job.
type contractMonitor struct {
	mu       sync.Mutex
	noted    []string
	failures []error
}

func (m *contractMonitor) note(event string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noted = append(m.noted, event)
}

// events returns what was noted since the last call of forget.
func (m *contractMonitor) events() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string{}, m.noted...)
}

func (m *contractMonitor) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.noted, m.failures = nil, nil
}

func (m *contractMonitor) failed() []error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]error{}, m.failures...)
}

func (m *contractMonitor) count(event string) int {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := 0
	for _, e := range m.noted {
		if e == event {
			n++
		}
	}
	return n
}

func (m *contractMonitor) IncrementJob(_ uuid.UUID, name string, _ []string, status JobStatus) {
	m.note(string(status) + " " + name)
}

func (m *contractMonitor) RecordJobTiming(_, _ time.Time, _ uuid.UUID, name string, _ []string) {
	m.note("timing " + name)
}

func (m *contractMonitor) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, name string, _ []string, status JobStatus, err error) {
	m.note("timing-" + string(status) + " " + name)
	if err != nil {
		m.mu.Lock()
		defer m.mu.Unlock()
		m.failures = append(m.failures, err)
	}
}

func (m *contractMonitor) SchedulerStarted()        { m.note("scheduler-started") }
func (m *contractMonitor) SchedulerStopped()        { m.note("scheduler-stopped") }
func (m *contractMonitor) SchedulerShutdown()       { m.note("scheduler-shutdown") }
func (m *contractMonitor) JobRegistered(job Job)    { m.note("registered " + job.Name()) }
func (m *contractMonitor) JobUnregistered(job Job)  { m.note("unregistered " + job.Name()) }
func (m *contractMonitor) JobStarted(job Job)       { m.note("started " + job.Name()) }
func (m *contractMonitor) JobRunning(job Job)       { m.note("running " + job.Name()) }
func (m *contractMonitor) JobCompleted(job Job)     { m.note("completed " + job.Name()) }
func (m *contractMonitor) JobFailed(j Job, e error) { m.note("failed " + j.Name()); m.fail(e) }
func (m *contractMonitor) JobExecutionTime(job Job, _ time.Duration) {
	m.note("execution " + job.Name())
}
func (m *contractMonitor) JobSchedulingDelay(job Job, _, _ time.Time) {
	m.note("delay " + job.Name())
}
func (m *contractMonitor) ConcurrencyLimitReached(limitType string, job Job) {
	m.note(limitType + "-reached " + job.Name())
}

func (m *contractMonitor) fail(err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.failures = append(m.failures, err)
}

// A holdup is a task whose runs wait until they are let go.
type holdup struct {
	started, ended, most atomic.Int64
	gate                 chan struct{}
	once                 sync.Once
}

// newHoldup makes a holdup that opens when the test ends. The scheduler is made
// before it, so that its shutdown finds the runs let go.
func newHoldup(t testing.TB) *holdup {
	h := &holdup{gate: make(chan struct{})}
	t.Cleanup(h.open)
	return h
}

func (h *holdup) task() {
	running := h.started.Add(1) - h.ended.Load()
	for most := h.most.Load(); running > most && !h.most.CompareAndSwap(most, running); {
		most = h.most.Load()
	}
	<-h.gate
	h.ended.Add(1)
}

// letGo lets one run go.
func (h *holdup) letGo() { h.gate <- struct{}{} }

// open lets all runs go, present and future.
func (h *holdup) open() { h.once.Do(func() { close(h.gate) }) }

func (h *holdup) running() int { return int(h.started.Load() - h.ended.Load()) }

var errContract = errors.New("the test's own error")

// electorFunc, lockFunc and unlockFunc make hooks of functions.
type electorFunc func(context.Context) error

func (f electorFunc) IsLeader(ctx context.Context) error { return f(ctx) }

type lockFunc func(ctx context.Context, key string) (Lock, error)

func (f lockFunc) Lock(ctx context.Context, key string) (Lock, error) { return f(ctx, key) }

type unlockFunc func(context.Context) error

func (f unlockFunc) Unlock(ctx context.Context) error { return f(ctx) }

// contractCron is a user's Cron.
type contractCron struct {
	isValid func(string) error
	next    func(time.Time) time.Time
}

func (c *contractCron) IsValid(crontab string, _ *time.Location, _ time.Time) error {
	if c.isValid == nil {
		return nil
	}
	return c.isValid(crontab)
}

func (c *contractCron) Next(t time.Time) time.Time { return c.next(t) }

// foreignContext is a context that the context package does not know: to watch
// it costs a goroutine.
type foreignContext struct{ context.Context }

func (c foreignContext) Done() <-chan struct{} { return c.Context.Done() }

// ids are the ids of the scheduler's jobs.
func ids(s Scheduler) []uuid.UUID {
	var all []uuid.UUID
	for _, j := range s.Jobs() {
		all = append(all, j.ID())
	}
	return all
}

// An entrance is a way to put a job in the place of another.
type entrance struct {
	name string
	add  func(Scheduler, uuid.UUID, JobDefinition, Task, ...JobOption) (Job, error)
}

func entrances() []entrance {
	return []entrance{
		{"NewJob", func(s Scheduler, id uuid.UUID, d JobDefinition, task Task, options ...JobOption) (Job, error) {
			return s.NewJob(d, task, append([]JobOption{WithIdentifier(id)}, options...)...)
		}},
		{"Update", func(s Scheduler, id uuid.UUID, d JobDefinition, task Task, options ...JobOption) (Job, error) {
			return s.Update(id, d, task, options...)
		}},
	}
}

func noop() {}

// A refusal is a job that no scheduler takes.
type refusal struct {
	name       string
	definition JobDefinition
	task       Task
	options    []JobOption
	err        error
}

var (
	longPast  = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)
	farFuture = time.Date(2100, 4, 2, 0, 0, 0, 0, time.UTC)
)

// refusals are all reasons to refuse a job.
func refusals() []refusal {
	all := append(taskRefusals(), definitionRefusals()...)
	for _, o := range optionRefusals() {
		o.definition, o.task = DurationJob(time.Hour), NewTask(noop)
		all = append(all, o)
	}
	return all
}

func taskRefusals() []refusal {
	var nilFunc func()
	hourly := DurationJob(time.Hour)
	return []refusal{
		{"nil task", hourly, nil, nil, ErrNewJobTaskNil},
		{"nil function", hourly, NewTask(nil), nil, ErrNewJobTaskNotFunc},
		{"typed nil function", hourly, NewTask(nilFunc), nil, ErrNewJobTaskNotFunc},
		{"pointer to nil function", hourly, NewTask(&nilFunc), nil, ErrNewJobTaskNotFunc},
		{"nil pointer to function", hourly, NewTask((*func())(nil)), nil, ErrNewJobTaskNotFunc},
		{"no function", hourly, NewTask(5), nil, ErrNewJobTaskNotFunc},
		{"too many parameters", hourly, NewTask(noop, 1), nil, ErrNewJobWrongNumberOfParameters},
		{"too few parameters", hourly, NewTask(func(int) {}), nil, ErrNewJobWrongNumberOfParameters},
		{"too few variadic", hourly, NewTask(func(int, ...int) {}), nil, ErrNewJobWrongNumberOfParameters},
		{"wrong type", hourly, NewTask(func(int) {}, "1"), nil, ErrNewJobWrongTypeOfParameters},
		{"wrong nil", hourly, NewTask(func(int) {}, nil), nil, ErrNewJobWrongTypeOfParameters},
		{"wrong variadic type", hourly, NewTask(func(...int) {}, 1, "2"), nil, ErrNewJobWrongTypeOfParameters},
		{"spread slice", hourly, NewTask(func(...int) {}, []int{1}), nil, ErrNewJobWrongTypeOfParameters},
		{"int64 for Duration", hourly, NewTask(func(time.Duration) {}, int64(1)), nil, ErrNewJobWrongTypeOfParameters},
	}
}

func optionRefusals() []refusal {
	var noContext context.Context
	start := func(o StartAtOption) JobOption { return WithStartAt(o) }
	stop := func(o StopAtOption) JobOption { return WithStopAt(o) }
	one := func(o ...JobOption) []JobOption { return o }
	return []refusal{
		{name: "nil option", options: one(nil), err: ErrOptionNil},
		{name: "nil context", options: one(WithContext(noContext)), err: ErrWithContextNil},
		{name: "nil locker", options: one(WithDistributedJobLocker(nil)), err: ErrWithDistributedJobLockerNil},
		{name: "nil listener", options: one(WithEventListeners(nil)), err: ErrEventListenerFuncNil},
		{name: "nil BeforeJobRuns", options: one(WithEventListeners(BeforeJobRuns(nil))), err: ErrEventListenerFuncNil},
		{name: "nil refuser", options: one(WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(nil))), err: ErrEventListenerFuncNil},
		{name: "nil AfterJobRuns", options: one(WithEventListeners(AfterJobRuns(nil))), err: ErrEventListenerFuncNil},
		{name: "nil after error", options: one(WithEventListeners(AfterJobRunsWithError(nil))), err: ErrEventListenerFuncNil},
		{name: "nil after panic", options: one(WithEventListeners(AfterJobRunsWithPanic(nil))), err: ErrEventListenerFuncNil},
		{name: "nil after lock error", options: one(WithEventListeners(AfterLockError(nil))), err: ErrEventListenerFuncNil},
		{name: "nil id", options: one(WithIdentifier(uuid.Nil)), err: ErrWithIdentifierNil},
		{name: "no limited runs", options: one(WithLimitedRuns(0)), err: ErrWithLimitedRunsZero},
		{name: "empty name", options: one(WithName("")), err: ErrWithNameEmpty},
		{name: "nil start", options: one(start(nil)), err: ErrOptionNil},
		{name: "nil stop", options: one(stop(nil)), err: ErrOptionNil},
		{name: "past start", options: one(start(WithStartDateTime(longPast))), err: ErrWithStartDateTimePast},
		{name: "zero start", options: one(start(WithStartDateTime(time.Time{}))), err: ErrWithStartDateTimePast},
		{name: "zero past start", options: one(start(WithStartDateTimePast(time.Time{}))), err: ErrWithStartDateTimePastZero},
		{name: "past stop", options: one(stop(WithStopDateTime(longPast))), err: ErrWithStopDateTimePast},
		{name: "zero stop", options: one(stop(WithStopDateTime(time.Time{}))), err: ErrWithStopDateTimePast},
		{name: "start after stop", err: ErrStartTimeLaterThanEndTime, options: one(
			stop(WithStopDateTime(farFuture)), start(WithStartDateTime(farFuture.Add(1))))},
		{name: "stop before start", err: ErrStopTimeEarlierThanStartTime, options: one(
			start(WithStartDateTime(farFuture)), stop(WithStopDateTime(farFuture.Add(-1))))},
	}
}

// badUnlock gives a lock that cannot be released.
func badUnlock(context.Context, string) (Lock, error) {
	return unlockFunc(func(context.Context) error { return errContract }), nil
}

// maxDuration is the longest wait there is.
const maxDuration time.Duration = math.MaxInt64

// quietLogger is a Logger that drops everything: one to embed.
type quietLogger struct{}

func (quietLogger) Debug(string, ...any) {}
func (quietLogger) Error(string, ...any) {}
func (quietLogger) Info(string, ...any)  {}
func (quietLogger) Warn(string, ...any)  {}

// everyOutcome are all outcomes that a run can end in, and OutcomeMissed.
func everyOutcome() (all []Outcome) {
	for o := OutcomeSucceeded; o.String() != "unknown"; o++ {
		all = append(all, o)
	}
	return all
}
