//go:build go1.25

package runs_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// everyOutcome are all outcomes that a run can end in, and OutcomeMissed.
func everyOutcome() (all []gocron.Outcome) {
	for o := gocron.OutcomeSucceeded; o.String() != "unknown"; o++ {
		if o != gocron.OutcomeInterrupted && o != gocron.OutcomeStoreDown { // chapter store has these
			all = append(all, o)
		}
	}
	return all
}

// An outcomeCase is a small program, and what becomes of one run of its job "it".
type outcomeCase struct {
	name    string
	want    gocron.Outcome
	err     error // what RunInfo.Err Is; nil for none
	options []gocron.SchedulerOption
	play    func(w *outcomeWorld)
}

// An outcomeWorld is what a case plays in.
type outcomeWorld struct {
	t       *testing.T
	s       gocron.Scheduler
	c       *gocron.Controller
	book    rig.RunBook
	held    *rig.Holdup
	user    context.Context
	endUser context.CancelFunc
	every   gocron.JobDefinition // of the job
	it      gocron.Job
	nth     int // which run of the job counts; 0 is the last
}

// A reasonsLogger checks that the line about a run which did not succeed has a reason.
type reasonsLogger struct {
	rig.QuietLogger
	t *testing.T
}

func (l reasonsLogger) Debug(text string, args ...any) {
	if text == "gocron: a run did not succeed" && args[len(args)-1] == "" {
		l.t.Errorf("no reason: %v", args)
	}
}

func (k outcomeCase) test(t *testing.T) {
	w := &outcomeWorld{t: t, every: rig.Ages()}
	options := []gocron.SchedulerOption{gocron.WithHooks(w.book.Hooks()), gocron.WithLogger(reasonsLogger{t: t})}
	w.s = rig.NewScheduler(t, append(options, k.options...)...)
	w.c = gocron.NewController(w.s)
	w.held = rig.NewHoldup(t)
	w.user, w.endUser = context.WithCancel(context.Background())
	defer w.endUser()
	w.s.Start()
	k.play(w)
	time.Sleep(time.Hour)
	synctest.Wait()
	w.require(k)
}

// add adds the job.
func (w *outcomeWorld) add(task any, options ...gocron.JobOption) {
	w.t.Helper()
	w.it = rig.MustJob(w.t, w.s, w.every, task, append([]gocron.JobOption{gocron.WithName("it"), gocron.WithTags("it")}, options...)...)
}

// now makes a run of the job.
func (w *outcomeWorld) now() {
	w.t.Helper()
	require.NoError(w.t, w.it.RunNow())
	synctest.Wait()
}

// due makes an occurrence of the job fall due.
func (w *outcomeWorld) due() {
	time.Sleep(time.Until(rig.NextOf(w.t, w.it)))
	synctest.Wait()
}

func (w *outcomeWorld) run(task any, options ...gocron.JobOption) {
	w.t.Helper()
	w.add(task, options...)
	w.now()
}

// hold has another job take a slot.
func (w *outcomeWorld) hold(options ...gocron.JobOption) {
	w.t.Helper()
	require.NoError(w.t, rig.MustJob(w.t, w.s, rig.Ages(), w.held.Task, options...).RunNow())
	synctest.Wait()
}

// require checks the outcome of the run, and that all who are told agree.
func (w *outcomeWorld) require(k outcomeCase) {
	t := w.t
	t.Helper()
	var runs []gocron.RunInfo
	for _, info := range w.book.Told("due") {
		if info.JobName == "it" {
			runs = append(runs, info)
		}
	}
	if w.nth == 0 {
		w.nth = len(runs)
	}
	info := w.book.ToldOf(runs[w.nth-1].ID, "finished")
	require.Equal(t, k.want, info.Outcome)
	if k.err == nil {
		require.NoError(t, info.Err)
	} else {
		require.ErrorIs(t, info.Err, k.err)
	}
	switch started := strings.Contains(w.book.Story(info.ID), "started"); k.want {
	case gocron.OutcomeCancelled:
		require.Equal(t, !info.StartedAt.IsZero(), started)
		require.Equal(t, started, info.Attempt > 0)
	default:
		performed := k.want <= gocron.OutcomeTimedOut
		require.Equal(t, performed, started)
		require.Equal(t, performed, !info.StartedAt.IsZero())
		require.Equal(t, performed, info.Attempt > 0)
	}
	stats, err := w.c.Stats()
	require.NoError(t, err)
	require.Equal(t, w.book.Outcomes(), stats.Outcomes)
	require.EqualValues(t, len(w.book.Told("due")), stats.Made)
}

func performedCases() []outcomeCase {
	takePanics := gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	wait := func(ctx context.Context) error { <-ctx.Done(); return nil }
	retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(time.Second)})
	return []outcomeCase{
		{"returns nothing", gocron.OutcomeSucceeded, nil, nil, func(w *outcomeWorld) { w.run(rig.Noop) }},
		{"returns nil", gocron.OutcomeSucceeded, nil, nil, func(w *outcomeWorld) { w.run(func() error { return nil }) }},
		{"returns an error", gocron.OutcomeFailed, rig.ErrTest, nil, func(w *outcomeWorld) { w.run(func() error { return rig.ErrTest }) }},
		{"returns a context's error", gocron.OutcomeFailed, context.Canceled, nil, func(w *outcomeWorld) {
			w.run(func(context.Context) error { return context.Canceled })
		}},
		{"Goexit", gocron.OutcomeFailed, gocron.ErrTaskGoexit, nil, func(w *outcomeWorld) { w.run(runtime.Goexit) }},
		{"panic, recovered", gocron.OutcomePanicked, gocron.ErrPanicRecovered, nil, func(w *outcomeWorld) {
			w.run(func() { panic("ouch") }, gocron.WithRecover())
		}},
		{"panic, listened to", gocron.OutcomePanicked, gocron.ErrPanicRecovered, nil, func(w *outcomeWorld) {
			w.run(func() { panic("ouch") }, takePanics)
		}},
		{"panic with an error", gocron.OutcomePanicked, rig.ErrTest, nil, func(w *outcomeWorld) {
			w.run(func() { panic(rig.ErrTest) }, gocron.WithRecover())
		}},
		{"Goexit, recovering", gocron.OutcomeFailed, gocron.ErrTaskGoexit, nil, func(w *outcomeWorld) { w.run(runtime.Goexit, gocron.WithRecover()) }},
		{"timeout", gocron.OutcomeTimedOut, gocron.ErrRunTimeout, nil, func(w *outcomeWorld) { w.run(wait, gocron.WithTimeout(time.Minute)) }},
		{"timeout of a task without a context", gocron.OutcomeTimedOut, gocron.ErrRunTimeout, nil, func(w *outcomeWorld) {
			w.run(func() { time.Sleep(10 * time.Minute) }, gocron.WithTimeout(time.Minute))
		}},
		{"timeout with an error", gocron.OutcomeTimedOut, rig.ErrTest, nil, func(w *outcomeWorld) {
			w.run(func(ctx context.Context) error { <-ctx.Done(); return rig.ErrTest }, gocron.WithTimeout(time.Minute))
		}},
		{"every attempt fails", gocron.OutcomeFailed, rig.ErrTest, nil, func(w *outcomeWorld) { w.run(func() error { return rig.ErrTest }, retry) }},
		{"the last attempt succeeds", gocron.OutcomeSucceeded, nil, nil, func(w *outcomeWorld) {
			calls := 0
			w.run(func() error {
				if calls++; calls == 3 {
					return nil
				}
				return rig.ErrTest
			}, retry)
		}},
	}
}

func admissionCases() []outcomeCase {
	limited := func(mode gocron.LimitMode) gocron.SchedulerOption { return gocron.WithLimitConcurrentJobs(1, mode) }
	one := func(options ...gocron.SchedulerOption) []gocron.SchedulerOption { return options }
	queued := func(w *outcomeWorld) { require.ErrorIs(w.t, w.it.RunNow(), gocron.ErrQueueFull) }
	noLock := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, rig.ErrTest })
	return []outcomeCase{
		{"singleton", gocron.OutcomeSkippedSingleton, nil, nil, func(w *outcomeWorld) {
			w.run(w.held.Task, gocron.WithSingletonMode(gocron.LimitModeReschedule))
			w.now()
		}},
		{"singleton that has one waiting", gocron.OutcomeSkippedSingleton, nil, nil, func(w *outcomeWorld) {
			w.run(w.held.Task, gocron.WithSingletonMode(gocron.LimitModeQueueOne))
			w.now()
			w.now()
		}},
		{"no slot", gocron.OutcomeSkippedLimit, nil, one(limited(gocron.LimitModeReschedule)), func(w *outcomeWorld) { w.hold(); w.run(rig.Noop) }},
		{"no slot of the pool", gocron.OutcomeSkippedLimit, nil, one(gocron.WithPool("p", 1, gocron.LimitModeReschedule)), func(w *outcomeWorld) {
			w.hold(gocron.InPool("p"))
			w.run(rig.Noop, gocron.InPool("p"))
		}},
		{"no slot after its turn has come", gocron.OutcomeSkippedLimit, nil, one(gocron.WithLimitConcurrentJobs(2, gocron.LimitModeReschedule)), func(w *outcomeWorld) {
			goOn := make(chan struct{})
			w.run(func() { <-goOn }, gocron.WithSingletonMode(gocron.LimitModeWait))
			w.now()
			w.hold()
			require.NoError(w.t, w.c.SetLimit(1))
			close(goOn)
		}},
		{"queue full", gocron.OutcomeDroppedQueueFull, gocron.ErrQueueFull, one(limited(gocron.LimitModeWait), gocron.WithQueueLimit(1)), func(w *outcomeWorld) {
			w.hold()
			w.run(rig.Noop)
			queued(w)
		}},
		{"queue full of those that wait for their turn", gocron.OutcomeDroppedQueueFull, gocron.ErrQueueFull, one(gocron.WithQueueLimit(1)), func(w *outcomeWorld) {
			w.run(w.held.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
			w.now()
			queued(w)
		}},
		{"not leader", gocron.OutcomeNotLeader, rig.ErrTest,
			one(gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return rig.ErrTest }))),
			func(w *outcomeWorld) { w.run(rig.Noop) }},
		{"locked elsewhere", gocron.OutcomeLockedElsewhere, rig.ErrTest, one(gocron.WithDistributedLocker(noLock)), func(w *outcomeWorld) { w.run(rig.Noop) }},
		{"locked elsewhere, job's locker", gocron.OutcomeLockedElsewhere, rig.ErrTest, nil, func(w *outcomeWorld) {
			w.run(rig.Noop, gocron.WithDistributedJobLocker(noLock))
		}},
		{"engine down, locker", gocron.OutcomeEngineDown, gocron.ErrEngineDown, one(gocron.WithDistributedLocker(rig.LockFunc(
			func(context.Context, string) (gocron.Lock, error) {
				return nil, fmt.Errorf("no route: %w", gocron.ErrEngineDown)
			}))),
			func(w *outcomeWorld) { w.run(rig.Noop) }},
		{"engine down, elector", gocron.OutcomeEngineDown, rig.ErrTest,
			one(gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return errors.Join(rig.ErrTest, gocron.ErrEngineDown) }))),
			func(w *outcomeWorld) { w.run(rig.Noop) }},
		{"refused", gocron.OutcomeRefused, rig.ErrTest, nil, func(w *outcomeWorld) {
			w.run(rig.Noop, gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrTest })))
		}},
		{"Goexit in the elector", gocron.OutcomeCancelled, gocron.ErrTaskGoexit, one(gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error {
			runtime.Goexit()
			return nil
		}))), func(w *outcomeWorld) { w.run(rig.Noop) }},
		{"Goexit in a listener", gocron.OutcomeCancelled, gocron.ErrTaskGoexit, nil, func(w *outcomeWorld) {
			w.run(rig.Noop, gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) { runtime.Goexit() })))
		}},
		{"paused", gocron.OutcomePaused, nil, nil, func(w *outcomeWorld) {
			w.add(rig.Noop)
			require.NoError(w.t, w.c.Pause(w.it.ID()))
			w.due()
		}},
		{"paused while it waits", gocron.OutcomePaused, nil, one(limited(gocron.LimitModeWait)), func(w *outcomeWorld) {
			w.add(rig.Noop)
			w.hold()
			w.due()
			w.nth = 1
			require.NoError(w.t, w.c.Pause(w.it.ID()))
		}},
		{"paused before it has begun", gocron.OutcomePaused, nil, nil, func(w *outcomeWorld) {
			w.add(rig.Noop)
			w.book.During("due", func(gocron.RunInfo) { require.NoError(w.t, w.c.Pause(w.it.ID())) })
			w.due()
		}},
		{"replaced while it waits", gocron.OutcomeCancelled, gocron.ErrRunReplaced, nil, func(w *outcomeWorld) {
			w.run(w.held.Task, gocron.WithSingletonMode(gocron.LimitModeReplace))
			w.now()
			w.now()
			w.nth = 2
		}},
	}
}

func TestSynctestContractOutcomes(t *testing.T) {
	for _, k := range append(performedCases(), admissionCases()...) {
		t.Run(k.name, func(t *testing.T) { synctest.Test(t, k.test) })
	}
}

func TestSynctestContractAllOutcomesAreTested(t *testing.T) {
	wanted := map[gocron.Outcome]bool{gocron.OutcomeMissed: true} // no outcome of a run
	for _, k := range append(performedCases(), admissionCases()...) {
		wanted[k.want] = true
	}
	for _, o := range everyOutcome() {
		require.True(t, wanted[o], o)
	}
}
