//go:build go1.25

package runs_test

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A runEnding is a way to end what waits or runs of a job.
type runEnding struct {
	name   string
	option func(w *outcomeWorld) gocron.JobOption // of the job that is to be ended so; nil for none
	end    func(w *outcomeWorld)
	cause  error // of the context
}

func runEndings() []runEnding {
	withUser := func(w *outcomeWorld) gocron.JobOption { return gocron.WithContext(w.user) }
	withForeign := func(w *outcomeWorld) gocron.JobOption { return gocron.WithContext(rig.ForeignContext{Context: w.user}) }
	return []runEnding{
		{"removal", nil, func(w *outcomeWorld) { require.NoError(w.t, w.s.RemoveJob(w.it.ID())) }, context.Canceled},
		{"removal by tags", nil, func(w *outcomeWorld) { w.s.RemoveByTags("it") }, context.Canceled},
		{"update", nil, func(w *outcomeWorld) { _, _ = w.s.Update(w.it.ID(), rig.Ages(), gocron.NewTask(rig.Noop)) }, context.Canceled},
		{"replacement", nil, func(w *outcomeWorld) {
			_ = rig.MustJob(w.t, w.s, rig.Ages(), rig.Noop, gocron.WithIdentifier(w.it.ID()))
		}, context.Canceled},
		{"stop", nil, func(w *outcomeWorld) { go w.s.StopJobs() }, context.Canceled},
		{"shutdown", nil, func(w *outcomeWorld) { go w.s.Shutdown() }, context.Canceled},
		{"user's context", withUser, func(w *outcomeWorld) { w.endUser() }, context.Canceled},
		{"user's foreign context", withForeign, func(w *outcomeWorld) { w.endUser() }, context.Canceled},
	}
}

// waitingRunEndings are the endings of a run that waits for its turn.
func waitingRunEndings() []runEnding {
	stopAt := func(w *outcomeWorld) gocron.JobOption {
		w.every = gocron.DurationJob(80 * time.Second) // one that has no time before it leaves
		return gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(90 * time.Second)))
	}
	return append(runEndings(), runEnding{"stop time", stopAt, func(*outcomeWorld) { time.Sleep(time.Hour) }, nil})
}

func (e runEnding) options(w *outcomeWorld, others ...gocron.JobOption) []gocron.JobOption {
	if e.option != nil {
		others = append(others, e.option(w))
	}
	return others
}

func waitingCases() (cases []outcomeCase) {
	limit := []gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}
	for _, e := range waitingRunEndings() {
		cases = append(cases,
			outcomeCase{"no slot until " + e.name, gocron.OutcomeCancelled, nil, limit, func(w *outcomeWorld) {
				w.hold()
				w.run(rig.Noop, e.options(w)...)
				w.nth = 1
				e.end(w)
			}},
			outcomeCase{"not its turn until " + e.name, gocron.OutcomeCancelled, nil, limit, func(w *outcomeWorld) {
				w.run(w.held.Task, e.options(w, gocron.WithSingletonMode(gocron.LimitModeWait))...)
				w.now()
				w.nth = 2
				e.end(w)
			}},
			outcomeCase{"no further attempt after " + e.name, gocron.OutcomeFailed, rig.ErrTest, nil, func(w *outcomeWorld) {
				policy := gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(10 * time.Minute)}
				w.run(func() error { return rig.ErrTest }, e.options(w, gocron.WithRetry(policy))...)
				w.nth = 1
				e.end(w)
			}})
	}
	return cases
}

// beginningCases end runs that have a slot and have not begun: when they are due,
// and while they wait for their lock. A replacement does not end them.
func beginningCases() (cases []outcomeCase) {
	for _, e := range runEndings() {
		slow := gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
			time.Sleep(time.Minute)
			return rig.UnlockFunc(func(context.Context) error { return nil }), nil
		}))
		outcome := gocron.OutcomeCancelled
		if e.name == "update" || e.name == "replacement" {
			outcome = gocron.OutcomeSucceeded
		}
		cases = append(cases,
			outcomeCase{"due at " + e.name, outcome, nil, nil, func(w *outcomeWorld) {
				w.book.During("due", func(gocron.RunInfo) { e.end(w); time.Sleep(time.Second) })
				w.run(rig.Noop, e.options(w)...)
				w.nth = 1
			}},
			outcomeCase{"asks for its lock at " + e.name, outcome, nil, nil, func(w *outcomeWorld) {
				w.run(rig.Noop, e.options(w, slow)...)
				w.nth = 1
				e.end(w)
			}})
	}
	return cases
}

// runningCases end the context of a run in progress.
func runningCases() (cases []outcomeCase) {
	all := append(runEndings(),
		runEnding{"Cancel", nil, func(w *outcomeWorld) { require.NoError(w.t, w.c.Cancel(w.it.ID())) }, gocron.ErrRunCancelled},
		runEnding{"a newer run", func(*outcomeWorld) gocron.JobOption { return gocron.WithSingletonMode(gocron.LimitModeReplace) },
			func(w *outcomeWorld) { w.now() }, gocron.ErrRunReplaced},
		runEnding{"user's deadline", func(w *outcomeWorld) gocron.JobOption {
			ctx, cancel := context.WithTimeout(w.user, time.Minute)
			w.t.Cleanup(cancel)
			return gocron.WithContext(ctx)
		}, func(*outcomeWorld) { time.Sleep(time.Hour) }, context.DeadlineExceeded})
	for _, e := range all {
		for name, task := range map[string]struct {
			answer func(context.Context) error
			want   gocron.Outcome
			err    error
		}{
			"its error":       {context.Context.Err, gocron.OutcomeCancelled, nil},
			"its cause":       {context.Cause, gocron.OutcomeCancelled, e.cause},
			"a wrapped error": {func(ctx context.Context) error { return fmt.Errorf("late: %w", ctx.Err()) }, gocron.OutcomeCancelled, nil},
			"another error":   {func(context.Context) error { return rig.ErrTest }, gocron.OutcomeFailed, rig.ErrTest},
			"nil":             {func(context.Context) error { return nil }, gocron.OutcomeSucceeded, nil},
		} {
			if task.want == gocron.OutcomeCancelled && task.err == nil {
				if task.err = context.Canceled; e.name == "user's deadline" {
					task.err = context.DeadlineExceeded
				}
			}
			cases = append(cases, outcomeCase{"ended by " + e.name + ", returns " + name, task.want, task.err, nil, func(w *outcomeWorld) {
				w.run(func(ctx context.Context) error { <-ctx.Done(); return task.answer(ctx) }, e.options(w)...)
				w.nth = 1
				e.end(w)
				w.s.RemoveByTags("it") // for the newer one
			}})
		}
	}
	return cases
}

func TestSynctestContractOutcomesOfRunsThatAreEnded(t *testing.T) {
	for name, cases := range map[string][]outcomeCase{
		"waiting": waitingCases(), "beginning": beginningCases(), "running": runningCases(),
	} {
		for _, k := range cases {
			t.Run(name+"/"+k.name, func(t *testing.T) { synctest.Test(t, k.test) })
		}
	}
}
