//go:build go1.25

package lifecycle_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// controllerCalls call each method of a Controller for all jobs.
func controllerCalls() map[string]func(gocron.Scheduler) error {
	each := func(f func(*gocron.Controller, uuid.UUID)) func(gocron.Scheduler) error {
		return func(s gocron.Scheduler) error {
			for _, j := range s.Jobs() {
				f(gocron.NewController(s), j.ID())
			}
			return nil
		}
	}
	within := func(f func(context.Context)) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		f(ctx)
	}
	return map[string]func(gocron.Scheduler) error{
		"Pause":        each(func(c *gocron.Controller, id uuid.UUID) { _ = c.Pause(id) }),
		"Resume":       each(func(c *gocron.Controller, id uuid.UUID) { _ = c.Resume(id) }),
		"PauseByTags":  each(func(c *gocron.Controller, _ uuid.UUID) { _ = c.PauseByTags("tag") }),
		"ResumeByTags": each(func(c *gocron.Controller, _ uuid.UUID) { _ = c.ResumeByTags("tag") }),
		"Cancel":       each(func(c *gocron.Controller, id uuid.UUID) { _ = c.Cancel(id) }),
		"History":      each(func(c *gocron.Controller, id uuid.UUID) { _, _ = c.History(id) }),
		"Stats":        each(func(c *gocron.Controller, _ uuid.UUID) { _, _ = c.Stats() }),
		"SetLimit":     each(func(c *gocron.Controller, _ uuid.UUID) { _ = c.SetLimit(1) }),
		"Explain":      each(func(c *gocron.Controller, id uuid.UUID) { _, _ = c.Explain(id) }),
		"Wait": each(func(c *gocron.Controller, id uuid.UUID) {
			within(func(ctx context.Context) { _ = c.Wait(ctx, id) })
		}),
		"RunAndWait": each(func(c *gocron.Controller, id uuid.UUID) {
			within(func(ctx context.Context) { _, _ = c.RunAndWait(ctx, id) })
		}),
	}
}

// hooked makes a scheduler whose hooks are places of the reentry.
func (r *reentry) hooked(t *testing.T) *rig.RunBook {
	book := &rig.RunBook{}
	hooks := book.Hooks()
	at := func(place string, note func(gocron.RunInfo)) func(gocron.RunInfo) {
		return func(info gocron.RunInfo) { note(info); r.at(place) }
	}
	s, err := gocron.NewScheduler(gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait), gocron.WithHistory(2), gocron.WithHooks(gocron.Hooks{
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
	retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Second)})
	rig.MustJob(t, r.s, gocron.DurationJob(time.Second), slow, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithTags("tag"))
	rig.MustJob(t, r.s, gocron.DurationJob(time.Second), slow, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithTags("tag"))
	rig.MustJob(t, r.s, gocron.DurationJob(time.Second), func() error { return rig.ErrTest }, retry, gocron.WithLimitedRuns(3), gocron.WithTags("tag"))
	r.s.Start()
	time.Sleep(4200 * time.Millisecond)
	_ = r.s.StopJobs()
	r.s.Start()
	time.Sleep(2 * time.Second)
	_ = r.s.Shutdown()
}

// callFromHook has one method called from inside one hook.
func callFromHook(t *testing.T, hook, name string, method func(gocron.Scheduler) error) {
	hung := time.AfterFunc(time.Minute, func() { panic(fmt.Sprintf("%s from inside %s hangs", name, hook)) })
	defer hung.Stop()
	synctest.Test(t, func(t *testing.T) {
		var err error
		r := &reentry{place: hook, call: func(s gocron.Scheduler) { err = method(s) }}
		book := r.hooked(t)
		r.perform(t)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, r.s.Shutdown(), "nothing is left of it")
		require.True(t, r.called.Load(), "the hook is not called")
		require.True(t, r.ended.Load(), "the call does not come back")
		if name == "StopJobs" || name == "Shutdown" {
			require.True(t, err == gocron.ErrStopJobsTimedOut, "it times out on its own run, not: %v", err)
		}
		stats, err := gocron.NewController(r.s).Stats()
		require.NoError(t, err)
		require.Equal(t, stats.Outcomes, book.Outcomes())
		require.EqualValues(t, stats.Made, len(book.Told("finished")))
		for id := uint64(1); id <= stats.Made; id++ {
			require.Regexp(t, rig.RunStory, book.Story(id))
		}
	})
}

func TestSynctestContractAnyMethodMayBeCalledFromInsideAHook(t *testing.T) {
	for _, hook := range rig.RunHooks() {
		for _, methods := range []map[string]func(gocron.Scheduler) error{reentryMethods(), controllerCalls()} {
			for name, method := range methods {
				t.Run(hook+"/"+name, func(t *testing.T) { callFromHook(t, hook, name, method) })
			}
		}
	}
}
