package gocron

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A reentry calls something from inside one callback, the first time that is
// reached, and knows which others were.
type reentry struct {
	s      Scheduler
	place  string
	call   func(Scheduler)
	called atomic.Bool
	ended  atomic.Bool
	seen   sync.Map
}

func (r *reentry) at(place string) {
	if r.s == nil { // NewScheduler is not through
		return
	}
	r.seen.Store(place, true)
	if r.place == place && !r.called.Swap(true) {
		r.call(r.s)
		r.ended.Store(true)
	}
}

// reentryMonitor reaches a place at every call of a monitor.
type reentryMonitor struct{ r *reentry }

func (m reentryMonitor) IncrementJob(uuid.UUID, string, []string, JobStatus) { m.r.at("IncrementJob") }
func (m reentryMonitor) RecordJobTiming(_, _ time.Time, _ uuid.UUID, _ string, _ []string) {
	m.r.at("RecordJobTiming")
}
func (m reentryMonitor) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, _ string, _ []string, _ JobStatus, _ error) {
	m.r.at("RecordJobTimingWithStatus")
}
func (m reentryMonitor) SchedulerStarted()                            { m.r.at("SchedulerStarted") }
func (m reentryMonitor) SchedulerStopped()                            { m.r.at("SchedulerStopped") }
func (m reentryMonitor) SchedulerShutdown()                           { m.r.at("SchedulerShutdown") }
func (m reentryMonitor) JobRegistered(Job)                            { m.r.at("JobRegistered") }
func (m reentryMonitor) JobUnregistered(Job)                          { m.r.at("JobUnregistered") }
func (m reentryMonitor) JobStarted(Job)                               { m.r.at("JobStarted") }
func (m reentryMonitor) JobRunning(Job)                               { m.r.at("JobRunning") }
func (m reentryMonitor) JobFailed(Job, error)                         { m.r.at("JobFailed") }
func (m reentryMonitor) JobCompleted(Job)                             { m.r.at("JobCompleted") }
func (m reentryMonitor) JobExecutionTime(Job, time.Duration)          { m.r.at("JobExecutionTime") }
func (m reentryMonitor) JobSchedulingDelay(Job, time.Time, time.Time) { m.r.at("JobSchedulingDelay") }
func (m reentryMonitor) ConcurrencyLimitReached(limitType string, _ Job) {
	m.r.at("Reached-" + limitType)
}

// reentryLogger reaches a place at every call of the logger.
type reentryLogger struct{ r *reentry }

func (l reentryLogger) Debug(string, ...any) { l.r.at("Debug") }
func (l reentryLogger) Error(string, ...any) { l.r.at("Error") }
func (l reentryLogger) Info(string, ...any)  { l.r.at("Info") }
func (l reentryLogger) Warn(string, ...any)  { l.r.at("Warn") }

// reentryContext reaches a place at every call of a context's methods.
type reentryContext struct {
	context.Context
	r *reentry
}

func (c reentryContext) Done() <-chan struct{} { c.r.at("Context.Done"); return c.Context.Done() }
func (c reentryContext) Err() error            { c.r.at("Context.Err"); return c.Context.Err() }
func (c reentryContext) Value(key any) any     { c.r.at("Context.Value"); return c.Context.Value(key) }
func (c reentryContext) Deadline() (time.Time, bool) {
	c.r.at("Context.Deadline")
	return c.Context.Deadline()
}

// stage makes a scheduler that is told about by every kind of hook: with an
// elector, or with a locker.
func (r *reentry) stage(t *testing.T, elector bool) {
	options := []SchedulerOption{
		WithMonitor(reentryMonitor{r}), WithMonitorStatus(reentryMonitor{r}), WithSchedulerMonitor(reentryMonitor{r}),
		WithLogger(reentryLogger{r}), WithLimitConcurrentJobs(2, LimitModeWait), WithLocation(time.UTC),
		WithDistributedLocker(lockFunc(func(_ context.Context, key string) (Lock, error) {
			r.at("Lock")
			if key == "locked" {
				return nil, errContract
			}
			return unlockFunc(func(context.Context) error { r.at("Unlock"); return errContract }), nil
		})),
	}
	if elector {
		options = append(options, WithDistributedElector(electorFunc(func(context.Context) error { r.at("IsLeader"); return nil })))
	}
	s, err := NewScheduler(options...)
	require.NoError(t, err)
	r.s = s
}

// live adds jobs that end in every way, starts, lets them run, stops, starts
// again and shuts down. It returns the jobs.
func (r *reentry) live(s Scheduler) (jobs []Job) {
	user, cancel := context.WithCancel(context.Background())
	defer cancel()
	add := func(d JobDefinition, task any, options ...JobOption) {
		options = append([]JobOption{r.listeners(), WithContext(reentryContext{user, r}), WithTags("tag")}, options...)
		if j, err := s.NewJob(d, NewTask(task), options...); err == nil {
			jobs = append(jobs, j)
		}
	}
	noon := func() []AtTime { r.at("AtTimes"); return []AtTime{NewAtTime(12, 0, 0)} }
	monday := func() []time.Weekday { r.at("Weekdays"); return []time.Weekday{time.Monday} }
	cron := &contractCron{
		isValid: func(string) error { r.at("Cron.IsValid"); return nil },
		next:    func(t time.Time) time.Time { r.at("Cron.Next"); return t.Truncate(time.Second).Add(time.Second) },
	}
	slow := func(ctx context.Context) { r.at("task"); time.Sleep(1500 * time.Millisecond); ctx.Value(r) }
	add(WeeklyJob(1, monday, noon), noop)
	add(CronJob("x", false), slow, WithCronImplementation(cron), WithSingletonMode(LimitModeWait))
	add(DurationJob(time.Second), func() error { return errContract }, WithLimitedRuns(2))
	add(DurationJob(time.Second), func() { panic("ouch") })
	add(DurationJob(time.Second), slow, WithName("locked"), WithSingletonMode(LimitModeReschedule))
	s.Start()
	s.Start()
	time.Sleep(4200 * time.Millisecond)
	_ = s.StopJobs()
	s.Start()
	time.Sleep(2 * time.Second)
	_ = s.Shutdown()
	return jobs
}

func (r *reentry) listeners() JobOption {
	id := func(place string) func(uuid.UUID, string) { return func(uuid.UUID, string) { r.at(place) } }
	return WithEventListeners(
		BeforeJobRuns(id("BeforeJobRuns")),
		AfterJobRuns(id("AfterJobRuns")),
		AfterJobRunsWithError(func(uuid.UUID, string, error) { r.at("AfterError") }),
		AfterJobRunsWithPanic(func(uuid.UUID, string, any) { r.at("AfterPanic") }),
		AfterLockError(func(uuid.UUID, string, error) { r.at("AfterLockError") }),
		BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { r.at("BeforeRefusal"); return nil }),
	)
}
