package lifecycle_test

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A reentry calls something from inside one callback, the first time that is
// reached, and knows which others were.
type reentry struct {
	s      gocron.Scheduler
	place  string
	call   func(gocron.Scheduler)
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

func (m reentryMonitor) IncrementJob(uuid.UUID, string, []string, gocron.JobStatus) {
	m.r.at("IncrementJob")
}
func (m reentryMonitor) RecordJobTiming(_, _ time.Time, _ uuid.UUID, _ string, _ []string) {
	m.r.at("RecordJobTiming")
}
func (m reentryMonitor) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, _ string, _ []string, _ gocron.JobStatus, _ error) {
	m.r.at("RecordJobTimingWithStatus")
}
func (m reentryMonitor) SchedulerStarted()                          { m.r.at("SchedulerStarted") }
func (m reentryMonitor) SchedulerStopped()                          { m.r.at("SchedulerStopped") }
func (m reentryMonitor) SchedulerShutdown()                         { m.r.at("SchedulerShutdown") }
func (m reentryMonitor) JobRegistered(gocron.Job)                   { m.r.at("JobRegistered") }
func (m reentryMonitor) JobUnregistered(gocron.Job)                 { m.r.at("JobUnregistered") }
func (m reentryMonitor) JobStarted(gocron.Job)                      { m.r.at("JobStarted") }
func (m reentryMonitor) JobRunning(gocron.Job)                      { m.r.at("JobRunning") }
func (m reentryMonitor) JobFailed(gocron.Job, error)                { m.r.at("JobFailed") }
func (m reentryMonitor) JobCompleted(gocron.Job)                    { m.r.at("JobCompleted") }
func (m reentryMonitor) JobExecutionTime(gocron.Job, time.Duration) { m.r.at("JobExecutionTime") }
func (m reentryMonitor) JobSchedulingDelay(gocron.Job, time.Time, time.Time) {
	m.r.at("JobSchedulingDelay")
}
func (m reentryMonitor) ConcurrencyLimitReached(limitType string, _ gocron.Job) {
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
	options := []gocron.SchedulerOption{
		gocron.WithMonitor(reentryMonitor{r}), gocron.WithMonitorStatus(reentryMonitor{r}), gocron.WithSchedulerMonitor(reentryMonitor{r}),
		gocron.WithLogger(reentryLogger{r}), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait), gocron.WithLocation(time.UTC),
		gocron.WithDistributedLocker(rig.LockFunc(func(_ context.Context, key string) (gocron.Lock, error) {
			r.at("Lock")
			if key == "locked" {
				return nil, rig.ErrTest
			}
			return rig.UnlockFunc(func(context.Context) error { r.at("Unlock"); return rig.ErrTest }), nil
		})),
	}
	if elector {
		options = append(options, gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { r.at("IsLeader"); return nil })))
	}
	s, err := gocron.NewScheduler(options...)
	require.NoError(t, err)
	r.s = s
}

// live adds jobs that end in every way, starts, lets them run, stops, starts
// again and shuts down. It returns the jobs.
func (r *reentry) live(s gocron.Scheduler) (jobs []gocron.Job) {
	user, cancel := context.WithCancel(context.Background())
	defer cancel()
	add := func(d gocron.JobDefinition, task any, options ...gocron.JobOption) {
		options = append([]gocron.JobOption{r.listeners(), gocron.WithContext(reentryContext{user, r}), gocron.WithTags("tag")}, options...)
		if j, err := s.NewJob(d, gocron.NewTask(task), options...); err == nil {
			jobs = append(jobs, j)
		}
	}
	noon := func() []gocron.AtTime { r.at("AtTimes"); return []gocron.AtTime{gocron.NewAtTime(12, 0, 0)} }
	monday := func() []time.Weekday { r.at("Weekdays"); return []time.Weekday{time.Monday} }
	cron := &rig.Cron{
		Valid: func(string) error { r.at("Cron.IsValid"); return nil },
		After: func(t time.Time) time.Time { r.at("Cron.Next"); return t.Truncate(time.Second).Add(time.Second) },
	}
	slow := func(ctx context.Context) { r.at("task"); time.Sleep(1500 * time.Millisecond); ctx.Value(r) }
	add(gocron.WeeklyJob(1, monday, noon), rig.Noop)
	add(gocron.CronJob("x", false), slow, gocron.WithCronImplementation(cron), gocron.WithSingletonMode(gocron.LimitModeWait))
	add(gocron.DurationJob(time.Second), func() error { return rig.ErrTest }, gocron.WithLimitedRuns(2))
	add(gocron.DurationJob(time.Second), func() { panic("ouch") })
	add(gocron.DurationJob(time.Second), slow, gocron.WithName("locked"), gocron.WithSingletonMode(gocron.LimitModeReschedule))
	s.Start()
	s.Start()
	time.Sleep(4200 * time.Millisecond)
	_ = s.StopJobs()
	s.Start()
	time.Sleep(2 * time.Second)
	_ = s.Shutdown()
	return jobs
}

func (r *reentry) listeners() gocron.JobOption {
	id := func(place string) func(uuid.UUID, string) { return func(uuid.UUID, string) { r.at(place) } }
	return gocron.WithEventListeners(
		gocron.BeforeJobRuns(id("BeforeJobRuns")),
		gocron.AfterJobRuns(id("AfterJobRuns")),
		gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { r.at("AfterError") }),
		gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) { r.at("AfterPanic") }),
		gocron.AfterLockError(func(uuid.UUID, string, error) { r.at("AfterLockError") }),
		gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { r.at("BeforeRefusal"); return nil }),
	)
}
