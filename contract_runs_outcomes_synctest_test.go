//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// An outcomeCase is a small program, and what becomes of one run of its job "it".
type outcomeCase struct {
	name    string
	want    Outcome
	err     error // what RunInfo.Err Is; nil for none
	options []SchedulerOption
	play    func(w *outcomeWorld)
}

// An outcomeWorld is what a case plays in.
type outcomeWorld struct {
	t       *testing.T
	s       Scheduler
	c       *Controller
	book    runBook
	held    *holdup
	user    context.Context
	endUser context.CancelFunc
	every   JobDefinition // of the job
	it      Job
	nth     int // which run of the job counts; 0 is the last
}

func (k outcomeCase) test(t *testing.T) {
	w := &outcomeWorld{t: t, every: ages()}
	w.s = newScheduler(t, append([]SchedulerOption{WithHooks(w.book.hooks())}, k.options...)...)
	w.c = NewController(w.s)
	w.held = newHoldup(t)
	w.user, w.endUser = context.WithCancel(context.Background())
	defer w.endUser()
	w.s.Start()
	k.play(w)
	time.Sleep(time.Hour)
	synctest.Wait()
	w.require(k)
}

// add adds the job.
func (w *outcomeWorld) add(task any, options ...JobOption) {
	w.t.Helper()
	w.it = mustJob(w.t, w.s, w.every, task, append([]JobOption{WithName("it"), WithTags("it")}, options...)...)
}

// now makes a run of the job.
func (w *outcomeWorld) now() {
	w.t.Helper()
	require.NoError(w.t, w.it.RunNow())
	synctest.Wait()
}

// due makes an occurrence of the job fall due.
func (w *outcomeWorld) due() {
	time.Sleep(time.Until(nextOf(w.t, w.it)))
	synctest.Wait()
}

func (w *outcomeWorld) run(task any, options ...JobOption) {
	w.t.Helper()
	w.add(task, options...)
	w.now()
}

// hold has another job take a slot.
func (w *outcomeWorld) hold(options ...JobOption) {
	w.t.Helper()
	require.NoError(w.t, mustJob(w.t, w.s, ages(), w.held.task, options...).RunNow())
	synctest.Wait()
}

// require checks what became of the run, and that all who are told agree.
func (w *outcomeWorld) require(k outcomeCase) {
	t := w.t
	t.Helper()
	var runs []RunInfo
	for _, info := range w.book.told("due") {
		if info.JobName == "it" {
			runs = append(runs, info)
		}
	}
	if w.nth == 0 {
		w.nth = len(runs)
	}
	info := w.book.toldOf(runs[w.nth-1].ID, "finished")
	require.Equal(t, k.want, info.Outcome)
	if k.err == nil {
		require.NoError(t, info.Err)
	} else {
		require.ErrorIs(t, info.Err, k.err)
	}
	switch started := strings.Contains(w.book.story(info.ID), "started"); k.want {
	case OutcomeCancelled:
		require.Equal(t, !info.StartedAt.IsZero(), started)
		require.Equal(t, started, info.Attempt > 0)
	default:
		performed := k.want <= OutcomeTimedOut
		require.Equal(t, performed, started)
		require.Equal(t, performed, !info.StartedAt.IsZero())
		require.Equal(t, performed, info.Attempt > 0)
	}
	stats, err := w.c.Stats()
	require.NoError(t, err)
	require.Equal(t, w.book.outcomes(), stats.Outcomes)
	require.EqualValues(t, len(w.book.told("due")), stats.Made)
}

func performedCases() []outcomeCase {
	takePanics := WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	wait := func(ctx context.Context) error { <-ctx.Done(); return nil }
	retry := WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(time.Second)})
	return []outcomeCase{
		{"returns nothing", OutcomeSucceeded, nil, nil, func(w *outcomeWorld) { w.run(noop) }},
		{"returns nil", OutcomeSucceeded, nil, nil, func(w *outcomeWorld) { w.run(func() error { return nil }) }},
		{"returns an error", OutcomeFailed, errContract, nil, func(w *outcomeWorld) { w.run(func() error { return errContract }) }},
		{"returns a context's error", OutcomeFailed, context.Canceled, nil, func(w *outcomeWorld) {
			w.run(func(context.Context) error { return context.Canceled })
		}},
		{"Goexit", OutcomeFailed, ErrTaskGoexit, nil, func(w *outcomeWorld) { w.run(runtime.Goexit) }},
		{"panic, recovered", OutcomePanicked, ErrPanicRecovered, nil, func(w *outcomeWorld) {
			w.run(func() { panic("ouch") }, WithRecover())
		}},
		{"panic, listened to", OutcomePanicked, ErrPanicRecovered, nil, func(w *outcomeWorld) {
			w.run(func() { panic("ouch") }, takePanics)
		}},
		{"panic with an error", OutcomePanicked, errContract, nil, func(w *outcomeWorld) {
			w.run(func() { panic(errContract) }, WithRecover())
		}},
		{"Goexit, recovering", OutcomeFailed, ErrTaskGoexit, nil, func(w *outcomeWorld) { w.run(runtime.Goexit, WithRecover()) }},
		{"timeout", OutcomeTimedOut, ErrRunTimeout, nil, func(w *outcomeWorld) { w.run(wait, WithTimeout(time.Minute)) }},
		{"timeout of a task without a context", OutcomeTimedOut, ErrRunTimeout, nil, func(w *outcomeWorld) {
			w.run(func() { time.Sleep(10 * time.Minute) }, WithTimeout(time.Minute))
		}},
		{"timeout with an error", OutcomeTimedOut, errContract, nil, func(w *outcomeWorld) {
			w.run(func(ctx context.Context) error { <-ctx.Done(); return errContract }, WithTimeout(time.Minute))
		}},
		{"every attempt fails", OutcomeFailed, errContract, nil, func(w *outcomeWorld) { w.run(func() error { return errContract }, retry) }},
		{"the last attempt succeeds", OutcomeSucceeded, nil, nil, func(w *outcomeWorld) {
			calls := 0
			w.run(func() error {
				if calls++; calls == 3 {
					return nil
				}
				return errContract
			}, retry)
		}},
	}
}

func admissionCases() []outcomeCase {
	limited := func(mode LimitMode) SchedulerOption { return WithLimitConcurrentJobs(1, mode) }
	one := func(options ...SchedulerOption) []SchedulerOption { return options }
	queued := func(w *outcomeWorld) { require.ErrorIs(w.t, w.it.RunNow(), ErrQueueFull) }
	noLock := lockFunc(func(context.Context, string) (Lock, error) { return nil, errContract })
	return []outcomeCase{
		{"singleton", OutcomeSkippedSingleton, nil, nil, func(w *outcomeWorld) {
			w.run(w.held.task, WithSingletonMode(LimitModeReschedule))
			w.now()
		}},
		{"singleton that has one waiting", OutcomeSkippedSingleton, nil, nil, func(w *outcomeWorld) {
			w.run(w.held.task, WithSingletonMode(LimitModeQueueOne))
			w.now()
			w.now()
		}},
		{"no slot", OutcomeSkippedLimit, nil, one(limited(LimitModeReschedule)), func(w *outcomeWorld) { w.hold(); w.run(noop) }},
		{"no slot of the pool", OutcomeSkippedLimit, nil, one(WithPool("p", 1, LimitModeReschedule)), func(w *outcomeWorld) {
			w.hold(InPool("p"))
			w.run(noop, InPool("p"))
		}},
		{"no slot after its turn has come", OutcomeSkippedLimit, nil, one(WithLimitConcurrentJobs(2, LimitModeReschedule)), func(w *outcomeWorld) {
			goOn := make(chan struct{})
			w.run(func() { <-goOn }, WithSingletonMode(LimitModeWait))
			w.now()
			w.hold()
			require.NoError(w.t, w.c.SetLimit(1))
			close(goOn)
		}},
		{"queue full", OutcomeDroppedQueueFull, ErrQueueFull, one(limited(LimitModeWait), WithQueueLimit(1)), func(w *outcomeWorld) {
			w.hold()
			w.run(noop)
			queued(w)
		}},
		{"queue full of those that wait for their turn", OutcomeDroppedQueueFull, ErrQueueFull, one(WithQueueLimit(1)), func(w *outcomeWorld) {
			w.run(w.held.task, WithSingletonMode(LimitModeWait))
			w.now()
			queued(w)
		}},
		{"not leader", OutcomeNotLeader, errContract,
			one(WithDistributedElector(electorFunc(func(context.Context) error { return errContract }))),
			func(w *outcomeWorld) { w.run(noop) }},
		{"locked elsewhere", OutcomeLockedElsewhere, errContract, one(WithDistributedLocker(noLock)), func(w *outcomeWorld) { w.run(noop) }},
		{"locked elsewhere, job's locker", OutcomeLockedElsewhere, errContract, nil, func(w *outcomeWorld) {
			w.run(noop, WithDistributedJobLocker(noLock))
		}},
		{"engine down, locker", OutcomeEngineDown, ErrEngineDown, one(WithDistributedLocker(lockFunc(
			func(context.Context, string) (Lock, error) { return nil, fmt.Errorf("no route: %w", ErrEngineDown) }))),
			func(w *outcomeWorld) { w.run(noop) }},
		{"engine down, elector", OutcomeEngineDown, errContract,
			one(WithDistributedElector(electorFunc(func(context.Context) error { return errors.Join(errContract, ErrEngineDown) }))),
			func(w *outcomeWorld) { w.run(noop) }},
		{"refused", OutcomeRefused, errContract, nil, func(w *outcomeWorld) {
			w.run(noop, WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errContract })))
		}},
		{"Goexit in the elector", OutcomeCancelled, ErrTaskGoexit, one(WithDistributedElector(electorFunc(func(context.Context) error {
			runtime.Goexit()
			return nil
		}))), func(w *outcomeWorld) { w.run(noop) }},
		{"Goexit in a listener", OutcomeCancelled, ErrTaskGoexit, nil, func(w *outcomeWorld) {
			w.run(noop, WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) { runtime.Goexit() })))
		}},
		{"paused", OutcomePaused, nil, nil, func(w *outcomeWorld) {
			w.add(noop)
			require.NoError(w.t, w.c.Pause(w.it.ID()))
			w.due()
		}},
		{"paused while it waits", OutcomePaused, nil, one(limited(LimitModeWait)), func(w *outcomeWorld) {
			w.add(noop)
			w.hold()
			w.due()
			w.nth = 1
			require.NoError(w.t, w.c.Pause(w.it.ID()))
		}},
		{"paused before it has begun", OutcomePaused, nil, nil, func(w *outcomeWorld) {
			w.add(noop)
			w.book.during("due", func(RunInfo) { require.NoError(w.t, w.c.Pause(w.it.ID())) })
			w.due()
		}},
		{"replaced while it waits", OutcomeCancelled, ErrRunReplaced, nil, func(w *outcomeWorld) {
			w.run(w.held.task, WithSingletonMode(LimitModeReplace))
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
	wanted := map[Outcome]bool{OutcomeMissed: true} // no outcome of a run
	for _, k := range append(performedCases(), admissionCases()...) {
		wanted[k.want] = true
	}
	for _, o := range everyOutcome() {
		require.True(t, wanted[o], o)
	}
}
