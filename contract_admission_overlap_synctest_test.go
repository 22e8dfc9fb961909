//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// overlapLimits are limits under which one job with the mode behaves alike.
var overlapLimits = map[string][]SchedulerOption{
	"no limit": nil,
	"wait":     {WithLimitConcurrentJobs(1, LimitModeWait)},
	"skip":     {WithLimitConcurrentJobs(1, LimitModeReschedule)},
	"pool":     {WithPool("p", 1, LimitModeWait), WithGlobalJobOptions(InPool("p"))},
}

func TestSynctestContractQueueOneLetsASingleRunWait(t *testing.T) {
	for name, options := range overlapLimits {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, l := &contractMonitor{}, &ledger{}
				s := newScheduler(t, append(options, WithMonitor(m), WithSchedulerMonitor(m), l.option())...)
				h := newHoldup(t)
				mustJob(t, s, DurationJob(time.Minute), h.task, WithSingletonMode(LimitModeQueueOne), WithName("it"))
				s.Start()
				time.Sleep(10 * time.Minute)
				synctest.Wait()
				require.Equal(t, Stats{Made: 10, Running: 1, Waiting: 1, OldestWaiting: 8 * time.Minute,
					Outcomes: map[Outcome]uint64{OutcomeSkippedSingleton: 8}}, balance(t, s))
				require.Equal(t, 8, m.count("singleton_rescheduled it"))
				require.Equal(t, 9, m.count("singleton-reached it"))
				require.Zero(t, m.count("limit-reached it"))
				h.letGo()
				synctest.Wait()
				require.Equal(t, 1, h.running())
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				h.open()
				synctest.Wait()
				require.EqualValues(t, 1, h.most.Load())
				skip, done := OutcomeSkippedSingleton, OutcomeSucceeded
				require.Equal(t, []Outcome{done, done, skip, skip, skip, skip, skip, skip, skip, skip, done, skip}, l.outcomes("it"))
			})
		})
	}
}

// A run that waits for a slot is the one that waits.
func TestSynctestContractQueueOneWhileItsRunWaitsForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
		j := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeQueueOne))
		require.Zero(t, runNowTimes(t, j, 3))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		blocker.open()
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 3))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		h.open()
		synctest.Wait()
		require.EqualValues(t, 2, h.ended.Load())
		require.EqualValues(t, 4, balance(t, s).Outcomes[OutcomeSkippedSingleton])
	})
}

// What a run that is tried again finds in its way is no reason to skip it.
func TestSynctestContractQueueOneSkipsNoRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &ledger{}
		s := newScheduler(t, l.option())
		h := newHoldup(t)
		failed := false
		j := mustJob(t, s, ages(), func() error {
			if !failed {
				failed = true
				return errContract
			}
			h.task()
			return nil
		}, WithSingletonMode(LimitModeQueueOne), WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Minute)}), WithName("it"))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 3), "one starts, one waits, one is skipped")
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, balance(t, s).Waiting)
		h.letGo()
		synctest.Wait()
		require.Zero(t, runNowTimes(t, j, 1))
		h.open()
		synctest.Wait()
		require.EqualValues(t, 1, h.most.Load())
		skip, done := OutcomeSkippedSingleton, OutcomeSucceeded
		require.Equal(t, []Outcome{done, done, done, skip, skip}, l.outcomes("it"))
	})
}

// A relay is a task whose runs last until they are told to go: by their context,
// or, if they ignore that, by the test.
type relay struct {
	*holdup
	obeys bool
	ctxs  []context.Context // of the runs, as they start
}

func newRelay(t testing.TB, obeys bool) *relay { return &relay{holdup: newHoldup(t), obeys: obeys} }

func (r *relay) run(ctx context.Context) error {
	r.ctxs = append(r.ctxs, ctx)
	r.started.Add(1)
	defer r.ended.Add(1)
	if !r.obeys {
		<-r.gate
		return nil
	}
	select {
	case <-r.gate:
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
				s := newScheduler(t, append(options, l.option())...)
				r := newRelay(t, true)
				j := mustJob(t, s, DurationJob(time.Minute), r.run, WithSingletonMode(LimitModeReplace), WithName("it"))
				s.Start()
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.Len(t, r.ctxs, 3)
				for _, ctx := range r.ctxs[:2] {
					require.Equal(t, context.Canceled, ctx.Err())
					require.True(t, context.Cause(ctx) == ErrRunReplaced)
				}
				require.NoError(t, r.ctxs[2].Err())
				require.Equal(t, 1, r.running())
				r.open()
				synctest.Wait()
				require.Equal(t, []Outcome{OutcomeCancelled, OutcomeCancelled, OutcomeSucceeded}, l.outcomes("it"))
				for _, info := range l.of("it")[:2] {
					require.True(t, info.Err == ErrRunReplaced, "what the task returned")
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
				s := newScheduler(t, append(options, l.option())...)
				r := newRelay(t, false)
				j := mustJob(t, s, ages(), r.run, WithSingletonMode(LimitModeReplace), WithName("it"))
				s.Start()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				for i := 0; i < 5; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Equal(t, 1, r.running())
				require.True(t, context.Cause(r.ctxs[0]) == ErrRunReplaced)
				require.Equal(t, 1, balance(t, s).Waiting)
				r.open()
				synctest.Wait()
				require.Len(t, r.ctxs, 2)
				done, gone := OutcomeSucceeded, OutcomeCancelled
				require.Equal(t, []Outcome{done, gone, gone, gone, gone, done}, l.outcomes("it"))
				for _, info := range l.of("it")[1:5] {
					require.True(t, info.Err == ErrRunReplaced)
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
		want    Outcome
	}{
		{func(context.Context) error { return nil }, OutcomeSucceeded},
		{func(ctx context.Context) error { return ctx.Err() }, OutcomeCancelled},
		{func(ctx context.Context) error { return context.Cause(ctx) }, OutcomeCancelled},
		{func(ctx context.Context) error { return errors.Join(errContract, ctx.Err()) }, OutcomeCancelled},
		{func(context.Context) error { return errContract }, OutcomeFailed},
		{func(context.Context) error { panic(errContract) }, OutcomePanicked},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{}
			s := newScheduler(t, l.option())
			first := true
			j := mustJob(t, s, ages(), func(ctx context.Context) error {
				if !first {
					return nil
				}
				first = false
				<-ctx.Done()
				return c.returns(ctx)
			}, WithSingletonMode(LimitModeReplace), WithRecover(), WithName("it"),
				WithRetry(RetryPolicy{Attempts: 3}))
			s.Start()
			require.NoError(t, j.RunNow())
			synctest.Wait()
			require.NoError(t, j.RunNow())
			synctest.Wait()
			require.Equal(t, []Outcome{c.want, OutcomeSucceeded}, l.outcomes("it"))
			require.Equal(t, 1, l.of("it")[0].Attempt, "it is not tried again")
		})
	}
}

// A pause ends the run that waits for a slot, so that those at the gate may go.
func TestSynctestContractAPauseOpensTheGateToRunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
		j := mustJob(t, s, DurationJob(time.Minute), h.task, WithSingletonMode(LimitModeWait))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.NoError(t, j.RunNow())
		require.NoError(t, NewController(s).Pause(j.ID()))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		blocker.open()
		synctest.Wait()
		require.Equal(t, 1, h.running(), "RunNow on a paused job runs it")
	})
}

func TestSynctestContractARunIsReplacedWhileItWaitsForASlot(t *testing.T) {
	for _, hooks := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			l := &ledger{}
			options := []SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}
			if hooks {
				options = append(options, l.option())
			}
			s := newScheduler(t, options...)
			blocker, other := newHoldup(t), newHoldup(t)
			r := newRelay(t, true)
			s.Start()
			require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
			j := mustJob(t, s, ages(), r.run, WithSingletonMode(LimitModeReplace), WithName("it"))
			require.NoError(t, j.RunNow())
			require.NoError(t, mustJob(t, s, ages(), other.task).RunNow())
			require.NoError(t, j.RunNow())
			require.Equal(t, 2, s.JobsWaitingInQueue())
			synctest.Wait()
			blocker.open()
			synctest.Wait()
			require.Equal(t, 1, r.running(), "the newer run has the place of the older one")
			require.NoError(t, r.ctxs[0].Err())
			r.open()
			synctest.Wait()
			require.Equal(t, 1, other.running())
			require.EqualValues(t, 1, balance(t, s).Outcomes[OutcomeCancelled])
			if hooks {
				require.True(t, l.of("it")[0].Err == ErrRunReplaced)
			}
		})
	}
}

// The place that a newer run takes in the queue is that of the older one for those
// behind it, too.
func TestSynctestContractAReplacedRunLetsNobodyJumpTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		r := newRoll(t)
		s.Start()
		job := func(name string, options ...JobOption) Job { return mustJob(t, s, ages(), r.taskOf(name), options...) }
		first := job("first", WithSingletonMode(LimitModeWait))
		newest := job("newest", WithSingletonMode(LimitModeReplace))
		second, last := job("second"), job("last")
		for _, j := range []Job{first, newest, second, first, newest, last} {
			require.NoError(t, j.RunNow())
		}
		r.open()
		synctest.Wait()
		require.Equal(t, []string{"first", "newest", "second", "first", "last"}, r.signed())
	})
}
