//go:build go1.25

package gocron

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// controllerCalls call each method of a Controller for all jobs.
func controllerCalls() map[string]func(Scheduler) error {
	each := func(f func(*Controller, uuid.UUID)) func(Scheduler) error {
		return func(s Scheduler) error {
			for _, j := range s.Jobs() {
				f(NewController(s), j.ID())
			}
			return nil
		}
	}
	within := func(f func(context.Context)) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		f(ctx)
	}
	return map[string]func(Scheduler) error{
		"Pause":        each(func(c *Controller, id uuid.UUID) { _ = c.Pause(id) }),
		"Resume":       each(func(c *Controller, id uuid.UUID) { _ = c.Resume(id) }),
		"PauseByTags":  each(func(c *Controller, _ uuid.UUID) { _ = c.PauseByTags("tag") }),
		"ResumeByTags": each(func(c *Controller, _ uuid.UUID) { _ = c.ResumeByTags("tag") }),
		"Cancel":       each(func(c *Controller, id uuid.UUID) { _ = c.Cancel(id) }),
		"History":      each(func(c *Controller, id uuid.UUID) { _, _ = c.History(id) }),
		"Stats":        each(func(c *Controller, _ uuid.UUID) { _, _ = c.Stats() }),
		"SetLimit":     each(func(c *Controller, _ uuid.UUID) { _ = c.SetLimit(1) }),
		"Explain":      each(func(c *Controller, id uuid.UUID) { _, _ = c.Explain(id) }),
		"Wait": each(func(c *Controller, id uuid.UUID) {
			within(func(ctx context.Context) { _ = c.Wait(ctx, id) })
		}),
		"RunAndWait": each(func(c *Controller, id uuid.UUID) {
			within(func(ctx context.Context) { _, _ = c.RunAndWait(ctx, id) })
		}),
	}
}

// hooked makes a scheduler whose hooks are places of the reentry.
func (r *reentry) hooked(t *testing.T) *runBook {
	book := &runBook{}
	hooks := book.hooks()
	at := func(place string, note func(RunInfo)) func(RunInfo) {
		return func(info RunInfo) { note(info); r.at(place) }
	}
	s, err := NewScheduler(WithLimitConcurrentJobs(2, LimitModeWait), WithHistory(2), WithHooks(Hooks{
		RunDue:      at("due", hooks.RunDue),
		RunQueued:   at("queued", hooks.RunQueued),
		RunStarted:  at("started", hooks.RunStarted),
		RunFinished: at("finished", hooks.RunFinished),
	}))
	require.NoError(t, err)
	r.s = s
	return book
}

// perform lets jobs run for a while, stops, starts again and shuts down.
func (r *reentry) perform(t *testing.T) {
	slow := func(ctx context.Context) { time.Sleep(1500 * time.Millisecond) }
	retry := WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Second)})
	mustJob(t, r.s, DurationJob(time.Second), slow, WithSingletonMode(LimitModeWait), WithTags("tag"))
	mustJob(t, r.s, DurationJob(time.Second), slow, WithSingletonMode(LimitModeReplace), WithTags("tag"))
	mustJob(t, r.s, DurationJob(time.Second), func() error { return errContract }, retry, WithLimitedRuns(3), WithTags("tag"))
	r.s.Start()
	time.Sleep(4200 * time.Millisecond)
	_ = r.s.StopJobs()
	r.s.Start()
	time.Sleep(2 * time.Second)
	_ = r.s.Shutdown()
}

// callFromHook has one method called from inside one hook.
func callFromHook(t *testing.T, hook, name string, method func(Scheduler) error) {
	hung := time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("%s from inside %s hangs", name, hook)) })
	defer hung.Stop()
	synctest.Test(t, func(t *testing.T) {
		var err error
		r := &reentry{place: hook, call: func(s Scheduler) { err = method(s) }}
		book := r.hooked(t)
		r.perform(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, r.s.Shutdown(), "nothing is left of it")
		require.True(t, r.called.Load(), "the hook is not called")
		require.True(t, r.ended.Load(), "the call does not come back")
		if name == "StopJobs" || name == "Shutdown" {
			require.True(t, err == ErrStopJobsTimedOut, "it times out on its own run, not: %v", err)
		}
		stats, err := NewController(r.s).Stats()
		require.NoError(t, err)
		require.Equal(t, stats.Outcomes, book.outcomes())
		require.EqualValues(t, stats.Made, len(book.told("finished")))
		for id := uint64(1); id <= stats.Made; id++ {
			require.Regexp(t, runStory, book.story(id))
		}
	})
}

func TestSynctestContractAnyMethodMayBeCalledFromInsideAHook(t *testing.T) {
	for _, hook := range runHooks() {
		for _, methods := range []map[string]func(Scheduler) error{reentryMethods(), controllerCalls()} {
			for name, method := range methods {
				t.Run(hook+"/"+name, func(t *testing.T) { callFromHook(t, hook, name, method) })
			}
		}
	}
}
