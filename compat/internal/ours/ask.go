package ours

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"

	"github.com/gocron-fixed/gocron/v2/compat/internal/spec"
)

// askStart is where the clock of a scene stands at first.
var askStart = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// Ask plays a scene, and in every hook asks the job's handle for all it has to tell. The
// pause gives a scheduler time to bring its books up to date.
func Ask(scene spec.Scene, pause time.Duration) ([]spec.Answer, error) {
	a := &asker{scene: scene, pause: pause, more: make(chan struct{})}
	err := a.play()
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.answers, err
}

type asker struct {
	scene spec.Scene
	pause time.Duration
	clock *clockwork.FakeClock
	s     gocron.Scheduler
	job   atomic.Pointer[gocron.Job]
	step  atomic.Int32 // of the scene
	over  atomic.Bool  // no hook of the last Shutdown is asked

	mu      sync.Mutex
	answers []spec.Answer
	more    chan struct{} // closed by the next answer
}

func (a *asker) play() error {
	a.clock = clockwork.NewFakeClockAt(askStart)
	s, err := gocron.NewScheduler(a.schedulerOptions()...)
	if err != nil {
		return err
	}
	a.s = s
	defer func() { a.over.Store(true); _ = s.Shutdown() }()
	j, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(a.task), a.jobOptions()...)
	if err != nil {
		return err
	}
	a.job.Store(&j)
	a.step.Store(1)
	s.Start()
	for i, step := range a.scene.Steps {
		a.step.Store(int32(i + 1))
		if err := a.take(step, j); err != nil {
			return fmt.Errorf("step %d, %s: %w", i+1, step.Do, err)
		}
	}
	return nil
}

// take does one step and waits for the hooks that end it.
func (a *asker) take(step spec.Step, j gocron.Job) error {
	var err error
	switch step.Do {
	case spec.Wait:
	case spec.Due:
		err = a.advance(time.Hour)
	case spec.RunNow:
		err = j.RunNow()
	case spec.Remove:
		err = a.s.RemoveJob(j.ID())
	case spec.StopJobs:
		err = a.s.StopJobs()
	case spec.Shutdown:
		err = a.s.Shutdown()
	}
	if err != nil {
		return err
	}
	return a.await(step.Until)
}

// advance puts the clock forward once the job waits for it.
func (a *asker) advance(d time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := a.clock.BlockUntilContext(ctx, 1); err != nil {
		return err
	}
	a.clock.Advance(d)
	return nil
}

// await waits until all these hooks were called in this step.
func (a *asker) await(hooks []string) error {
	limit := time.After(10 * time.Second)
	for {
		missing, more := a.missing(hooks)
		if missing == "" {
			return nil
		}
		select {
		case <-more:
		case <-limit:
			return errors.New("never called: " + missing)
		}
	}
}

// missing names a hook that was not called yet, and gives a channel that tells of the next.
func (a *asker) missing(hooks []string) (string, <-chan struct{}) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, hook := range hooks {
		seen := false
		for _, answer := range a.answers {
			seen = seen || answer.Step == int(a.step.Load()) && answer.Hook == hook
		}
		if !seen {
			return hook, a.more
		}
	}
	return "", nil
}

// in is called by each hook. A monitor is given a handle, others use the one that NewJob
// returned, if it has.
func (a *asker) in(hook string, given gocron.Job) {
	if a.over.Load() {
		return
	}
	j := given
	if p := a.job.Load(); j == nil && p != nil {
		j = *p
	}
	answer := spec.Answer{Step: int(a.step.Load()), Hook: hook}
	if j != nil {
		askAll(j)
		time.Sleep(a.pause) // the other scheduler books by messages
		answer.Said = askAll(j)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers = append(a.answers, answer)
	close(a.more)
	a.more = make(chan struct{})
}

// askAll asks for everything at once, as a scheduler that is busy may take a second for
// each answer.
func askAll(j gocron.Job) map[string]string {
	questions := map[string]func() string{
		"NextRun":  func() string { return shownTime(j.NextRun()) },
		"NextRuns": func() string { return shownTimes(j.NextRuns(3)) },
		//lint:ignore SA1019 all means all
		"LastRun":            func() string { return shownTime(j.LastRun()) },
		"LastRunStartedAt":   func() string { return shownTime(j.LastRunStartedAt()) },
		"LastRunCompletedAt": func() string { return shownTime(j.LastRunCompletedAt()) },
		"IsRunning":          func() string { return shown(j.IsRunning()) },
		"Name":               func() string { return j.Name() },
		"Tags":               func() string { return fmt.Sprint(j.Tags()) },
		"Schedule":           func() string { return fmt.Sprintf("%d %+v", j.Schedule().JobType(), j.Schedule()) },
		"ID":                 func() string { return j.ID().String() },
	}
	var mu sync.Mutex
	var all sync.WaitGroup
	said := map[string]string{}
	for question, ask := range questions {
		all.Add(1)
		go func() {
			defer all.Done()
			answer := ask()
			mu.Lock()
			said[question] = answer
			mu.Unlock()
		}()
	}
	all.Wait()
	return said
}

func shown(v any, err error) string {
	if err != nil {
		return "error: " + err.Error()
	}
	return fmt.Sprint(v)
}

func shownTime(t time.Time, err error) string { return shown(sinceStart(t), err) }

func shownTimes(all []time.Time, err error) string {
	var out []string
	for _, t := range all {
		out = append(out, sinceStart(t))
	}
	return shown(out, err)
}

// sinceStart shows a time of the scene's clock, and knows one of the real clock.
func sinceStart(t time.Time) string {
	switch d := t.Sub(askStart); {
	case t == (time.Time{}):
		return "zero"
	case d < 0 || d > 100*time.Hour:
		return "by the real clock"
	default:
		return d.String()
	}
}

func (a *asker) schedulerOptions() []gocron.SchedulerOption {
	monitor := askingMonitor{a}
	all := []gocron.SchedulerOption{
		gocron.WithClock(a.clock),
		gocron.WithLocation(time.UTC),
		gocron.WithMonitor(askingStatus{a, "Monitor."}),
		gocron.WithMonitorStatus(askingStatus{a, "MonitorStatus."}),
		gocron.WithSchedulerMonitor(monitor),
	}
	if a.scene.Limit {
		all = append(all, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
	}
	if a.scene.Elector {
		all = append(all, gocron.WithDistributedElector(askingElector{a}))
	} else {
		all = append(all, gocron.WithDistributedLocker(askingLocker{a}))
	}
	return all
}

func (a *asker) jobOptions() []gocron.JobOption {
	all := []gocron.JobOption{
		gocron.WithIdentifier(uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")),
		gocron.WithName("asked"),
		gocron.WithTags("one", "two"),
		gocron.WithEventListeners(a.listeners()...),
	}
	if a.scene.Immediately {
		all = append(all, gocron.WithStartAt(gocron.WithStartImmediately()))
	}
	if a.scene.Singleton {
		all = append(all, gocron.WithSingletonMode(gocron.LimitModeReschedule))
	}
	return all
}

func (a *asker) listeners() []gocron.EventListener {
	all := []gocron.EventListener{
		gocron.AfterJobRuns(func(uuid.UUID, string) { a.in("AfterJobRuns", nil) }),
		gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { a.in("AfterJobRunsWithError", nil) }),
		gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) { a.in("AfterJobRunsWithPanic", nil) }),
		gocron.AfterLockError(func(uuid.UUID, string, error) { a.in("AfterLockError", nil) }),
	}
	if !a.scene.NoBefore {
		all = append(all, gocron.BeforeJobRuns(func(uuid.UUID, string) { a.in("BeforeJobRuns", nil) }))
	}
	if !a.scene.NoRefusing {
		all = append(all, gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error {
			a.in("BeforeJobRunsSkipIfBeforeFuncErrors", nil)
			return a.fails(spec.Refused)
		}))
	}
	return all
}

// fails gives an error if the scene wants one at this point.
func (a *asker) fails(at string) error {
	if a.scene.Fails == at {
		return errors.New(at)
	}
	return nil
}

func (a *asker) task() error {
	a.in("task", nil)
	if a.scene.Again {
		a.scene.Again = false // one run at a time, the only one to come here
		j := *a.job.Load()
		if err := j.RunNow(); err != nil {
			return err
		}
		if err := a.await([]string{"ConcurrencyLimitReached"}); err != nil {
			return err
		}
	}
	if a.scene.Fails == spec.Panics {
		panic(spec.Panics)
	}
	return a.fails(spec.Failed)
}

type askingElector struct{ a *asker }

func (e askingElector) IsLeader(context.Context) error {
	e.a.in("IsLeader", nil)
	return e.a.fails(spec.NotLeader)
}

type askingLocker struct{ a *asker }

func (l askingLocker) Lock(context.Context, string) (gocron.Lock, error) {
	l.a.in("Lock", nil)
	return l, l.a.fails(spec.NoLock)
}

func (l askingLocker) Unlock(context.Context) error {
	l.a.in("Unlock", nil)
	return nil
}

type askingStatus struct {
	a    *asker
	name string
}

func (m askingStatus) IncrementJob(_ uuid.UUID, _ string, _ []string, status gocron.JobStatus) {
	m.a.in(m.name+"IncrementJob "+string(status), nil)
}

func (m askingStatus) RecordJobTiming(time.Time, time.Time, uuid.UUID, string, []string) {
	m.a.in(m.name+"RecordJobTiming", nil)
}

func (m askingStatus) RecordJobTimingWithStatus(time.Time, time.Time, uuid.UUID, string, []string, gocron.JobStatus, error) {
	m.a.in(m.name+"RecordJobTimingWithStatus", nil)
}

type askingMonitor struct{ a *asker }

func (m askingMonitor) SchedulerStarted()                              { m.a.in("SchedulerStarted", nil) }
func (m askingMonitor) SchedulerStopped()                              { m.a.in("SchedulerStopped", nil) }
func (m askingMonitor) SchedulerShutdown()                             { m.a.in("SchedulerShutdown", nil) }
func (m askingMonitor) JobRegistered(j gocron.Job)                     { m.a.in("JobRegistered", j) }
func (m askingMonitor) JobUnregistered(j gocron.Job)                   { m.a.in("JobUnregistered", j) }
func (m askingMonitor) JobStarted(j gocron.Job)                        { m.a.in("JobStarted", j) }
func (m askingMonitor) JobRunning(j gocron.Job)                        { m.a.in("JobRunning", j) }
func (m askingMonitor) JobFailed(j gocron.Job, _ error)                { m.a.in("JobFailed", j) }
func (m askingMonitor) JobCompleted(j gocron.Job)                      { m.a.in("JobCompleted", j) }
func (m askingMonitor) JobExecutionTime(j gocron.Job, _ time.Duration) { m.a.in("JobExecutionTime", j) }
func (m askingMonitor) JobSchedulingDelay(j gocron.Job, _, _ time.Time) {
	m.a.in("JobSchedulingDelay", j)
}
func (m askingMonitor) ConcurrencyLimitReached(_ string, j gocron.Job) {
	m.a.in("ConcurrencyLimitReached", j)
}
