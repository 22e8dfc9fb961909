//go:build go1.25

package admission_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// overlapLimits are limits under which one job with the mode behaves alike.
var overlapLimits = map[string][]gocron.SchedulerOption{
	"no limit": nil,
	"wait":     {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)},
	"skip":     {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)},
	"pool":     {gocron.WithPool("p", 1, gocron.LimitModeWait), gocron.WithGlobalJobOptions(gocron.InPool("p"))},
}

func TestSynctestContractQueueOneLetsASingleRunWait(t *testing.T) {
	for name, options := range overlapLimits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, l := &rig.Monitor{}, &ledger{}
				s := rig.NewScheduler(t, append(options, gocron.WithMonitor(m), gocron.WithSchedulerMonitor(m), l.option())...)
				h := rig.NewHoldup(t)
				rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithSingletonMode(gocron.LimitModeQueueOne), gocron.WithName("it"))
				s.Start()
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				require.Equal(t, gocron.Stats{Made: 10, Running: 1, Waiting: 1, OldestWaiting: 8 * time.Minute,
					Outcomes: map[gocron.Outcome]uint64{gocron.OutcomeSkippedSingleton: 8}}, balance(t, s))
				require.Equal(t, 8, m.Count("singleton_rescheduled it"))
				require.Equal(t, 9, m.Count("singleton-reached it"))
				require.Zero(t, m.Count("limit-reached it"))
				h.LetGo()
				synctest.Wait()
				require.Equal(t, 1, h.Running())
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				h.Open()
				synctest.Wait()
				require.EqualValues(t, 1, h.Most.Load())
				skip, done := gocron.OutcomeSkippedSingleton, gocron.OutcomeSucceeded
				require.Equal(t, []gocron.Outcome{done, done, skip, skip, skip, skip, skip, skip, skip, skip, done, skip}, l.outcomes("it"))
			})
		})
	}
}

// A run that waits for a slot is the one that waits.
func TestSynctestContractQueueOneWhileItsRunWaitsForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
		j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeQueueOne))
		require.Zero(t, runNowTimes(t, j, 3))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		blocker.Open()
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 3))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 2, h.Ended.Load())
		require.EqualValues(t, 4, balance(t, s).Outcomes[gocron.OutcomeSkippedSingleton])
	})
}

// What a run that is tried again finds in its way is no reason to skip it.
func TestSynctestContractQueueOneSkipsNoRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := rig.NewScheduler(t, l.option())
		h := rig.NewHoldup(t)
		failed := false
		j := rig.MustJob(t, s, rig.Ages(), func() error {
			if !failed {
				failed = true
				return rig.ErrTest
			}
			h.Task()
			return nil
		}, gocron.WithSingletonMode(gocron.LimitModeQueueOne), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Minute)}), gocron.WithName("it"))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 3), "one starts, one waits, one is skipped")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, balance(t, s).Waiting)
		h.LetGo()
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 1))
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 1, h.Most.Load())
		skip, done := gocron.OutcomeSkippedSingleton, gocron.OutcomeSucceeded
		require.Equal(t, []gocron.Outcome{done, done, done, skip, skip}, l.outcomes("it"))
	})
}

// A relay is a task whose runs last until they are told to go: by their context,
// or, if they ignore that, by the test.
type relay struct {
	*rig.Holdup
	obeys bool
	ctxs  []context.Context // of the runs, as they start
}

func newRelay(t testing.TB, obeys bool) *relay { return &relay{Holdup: rig.NewHoldup(t), obeys: obeys} }

func (r *relay) run(ctx context.Context) error {
	r.ctxs = append(r.ctxs, ctx)
	r.Started.Add(1)
	defer r.Ended.Add(1)
	if !r.obeys {
		<-r.Gate
		return nil
	}
	select {
	case <-r.Gate:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func TestSynctestContractReplaceEndsTheRunInProgress(t *testing.T) {
	for name, options := range overlapLimits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				s := rig.NewScheduler(t, append(options, l.option())...)
				r := newRelay(t, true)
				j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
				s.Start()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.Len(t, r.ctxs, 3)
				for _, ctx := range r.ctxs[:2] {
					require.Equal(t, context.Canceled, ctx.Err())
					require.True(t, context.Cause(ctx) == gocron.ErrRunReplaced)
				}
				require.NoError(t, r.ctxs[2].Err())
				require.Equal(t, 1, r.Running())
				r.Open()
				synctest.Wait()
				require.Equal(t, []gocron.Outcome{gocron.OutcomeCancelled, gocron.OutcomeCancelled, gocron.OutcomeSucceeded}, l.outcomes("it"))
				for _, info := range l.of("it")[:2] {
					require.True(t, info.Err == gocron.ErrRunReplaced, "what the task returned")
					require.False(t, info.StartedAt.IsZero())
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Len(t, r.ctxs, 4, "the schedule goes on")
			})
		})
	}
}

// A task that ignores its context is waited for, and only the newest of those that
// came meanwhile runs.
func TestSynctestContractReplaceWaitsForTheRunInProgress(t *testing.T) {
	for name, options := range overlapLimits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := &ledger{}
				s := rig.NewScheduler(t, append(options, l.option())...)
				r := newRelay(t, false)
				j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
				s.Start()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				for i := 0; i < 5; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Equal(t, 1, r.Running())
				require.True(t, context.Cause(r.ctxs[0]) == gocron.ErrRunReplaced)
				require.Equal(t, 1, balance(t, s).Waiting)
				r.Open()
				synctest.Wait()
				require.Len(t, r.ctxs, 2)
				done, gone := gocron.OutcomeSucceeded, gocron.OutcomeCancelled
				require.Equal(t, []gocron.Outcome{done, gone, gone, gone, gone, done}, l.outcomes("it"))
				for _, info := range l.of("it")[1:5] {
					require.True(t, info.Err == gocron.ErrRunReplaced)
					require.True(t, info.StartedAt.IsZero())
				}
				require.NoError(t, l.of("it")[5].Err)
			})
		})
	}
}

// The outcome of a run that was told to end is by what its task made of that.
func TestSynctestContractOutcomesOfReplacedRuns(t *testing.T) {
	for _, c := range []struct {
		returns func(context.Context) error
		want    gocron.Outcome
	}{
		{func(context.Context) error { return nil }, gocron.OutcomeSucceeded},
		{func(ctx context.Context) error { return ctx.Err() }, gocron.OutcomeCancelled},
		{func(ctx context.Context) error { return context.Cause(ctx) }, gocron.OutcomeCancelled},
		{func(ctx context.Context) error { return errors.Join(rig.ErrTest, ctx.Err()) }, gocron.OutcomeCancelled},
		{func(context.Context) error { return rig.ErrTest }, gocron.OutcomeFailed},
		{func(context.Context) error { panic(rig.ErrTest) }, gocron.OutcomePanicked},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{}
			s := rig.NewScheduler(t, l.option())
			first := true
			j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
				if !first {
					return nil
				}
				first = false
				<-ctx.Done()
				return c.returns(ctx)
			}, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithRecover(), gocron.WithName("it"),
				gocron.WithRetry(gocron.RetryPolicy{Attempts: 3}))
			s.Start()
			require.NoError(t, j.RunNow())
			synctest.Wait()
			require.NoError(t, j.RunNow())
			synctest.Wait()
			require.Equal(t, []gocron.Outcome{c.want, gocron.OutcomeSucceeded}, l.outcomes("it"))
			require.Equal(t, 1, l.of("it")[0].Attempt, "it is not tried again")
		})
	}
}

// A pause ends the run that waits for a slot, so that those at the gate may go.
func TestSynctestContractAPauseOpensTheGateToRunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, j.RunNow())
		require.NoError(t, gocron.NewController(s).Pause(j.ID()))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		blocker.Open()
		synctest.Wait()
		require.Equal(t, 1, h.Running(), "RunNow on a paused job runs it")
	})
}

func TestSynctestContractARunIsReplacedWhileItWaitsForASlot(t *testing.T) {
	for _, hooks := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{}
			options := []gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}
			if hooks {
				options = append(options, l.option())
			}
			s := rig.NewScheduler(t, options...)
			blocker, other := rig.NewHoldup(t), rig.NewHoldup(t)
			r := newRelay(t, true)
			s.Start()
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
			j := rig.MustJob(t, s, rig.Ages(), r.run, gocron.WithSingletonMode(gocron.LimitModeReplace), gocron.WithName("it"))
			require.NoError(t, j.RunNow())
			require.NoError(t, rig.MustJob(t, s, rig.Ages(), other.Task).RunNow())
			require.NoError(t, j.RunNow())
			require.Equal(t, 2, s.JobsWaitingInQueue())
			synctest.Wait()
			blocker.Open()
			synctest.Wait()
			require.Equal(t, 1, r.Running(), "the newer run has the place of the older one")
			require.NoError(t, r.ctxs[0].Err())
			r.Open()
			synctest.Wait()
			require.Equal(t, 1, other.Running())
			require.EqualValues(t, 1, balance(t, s).Outcomes[gocron.OutcomeCancelled])
			if hooks {
				require.True(t, l.of("it")[0].Err == gocron.ErrRunReplaced)
			}
		})
	}
}

// The place that a newer run takes in the queue is that of the older one for those
// behind it, too.
func TestSynctestContractAReplacedRunLetsNobodyJumpTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		r := rig.NewRoll(t)
		s.Start()
		job := func(name string, options ...gocron.JobOption) gocron.Job {
			return rig.MustJob(t, s, rig.Ages(), r.TaskOf(name), options...)
		}
		first := job("first", gocron.WithSingletonMode(gocron.LimitModeWait))
		newest := job("newest", gocron.WithSingletonMode(gocron.LimitModeReplace))
		second, last := job("second"), job("last")
		for _, j := range []gocron.Job{first, newest, second, first, newest, last} {
			require.NoError(t, j.RunNow())
		}
		r.Open()
		synctest.Wait()
		require.Equal(t, []string{"first", "newest", "second", "first", "last"}, r.Signed())
	})
}
