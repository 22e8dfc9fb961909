//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// An engineError is one of an adapter that knows nothing of this package.
type engineError struct {
	down bool
	err  error
}

func (e *engineError) Error() string    { return "engine: " + e.err.Error() }
func (e *engineError) Unwrap() error    { return e.err }
func (e *engineError) EngineDown() bool { return e.down }

// engineErrors are errors of lockers and electors, and whether they say that the engine is down.
func engineErrors() map[string]struct {
	err  error
	down bool
} {
	type answer = struct {
		err  error
		down bool
	}
	refused := errors.New("connection refused")
	return map[string]answer{
		"plain":                   {errContract, false},
		"taken":                   {&engineError{false, errTaken}, false},
		"wrapped taken":           {fmt.Errorf("x: %w", &engineError{false, errTaken}), false},
		"own context ended":       {context.Canceled, false},
		"by method":               {&engineError{true, refused}, true},
		"by method, wrapped":      {fmt.Errorf("x: %w", &engineError{true, refused}), true},
		"by method, joined":       {errors.Join(errContract, &engineError{true, refused}), true},
		"ErrEngineDown":           {ErrEngineDown, true},
		"ErrEngineDown, wrapped":  {fmt.Errorf("%w: %w", ErrEngineDown, refused), true},
		"ErrEngineDown, joined":   {errors.Join(&engineError{false, errTaken}, ErrEngineDown), true},
		"twice":                   {&engineError{true, ErrEngineDown}, true},
		"taken, of an engine":     {&engineError{false, &engineError{true, refused}}, false},
		"down, of a taken claim":  {&engineError{true, &engineError{false, errTaken}}, true},
		"deadline of the request": {&engineError{true, context.DeadlineExceeded}, true},
	}
}

// engineAskers are all that can be asked before a run, each answering with an error.
func engineAskers(err error) map[string]struct {
	option SchedulerOption
	other  Outcome
} {
	type asker = struct {
		option SchedulerOption
		other  Outcome
	}
	claim := ClaimerFrom(func(context.Context, string, time.Time) (*claimLock, error) { return nil, err })
	lock := LockerFrom(func(context.Context, string) (*claimLock, error) { return nil, err })
	return map[string]asker{
		"claimer":      {WithDistributedLocker(claim), OutcomeLockedElsewhere},
		"locker":       {WithDistributedLocker(lock), OutcomeLockedElsewhere},
		"job's locker": {WithGlobalJobOptions(WithDistributedJobLocker(claim)), OutcomeLockedElsewhere},
		"elector":      {WithDistributedElector(electorFunc(func(context.Context) error { return err })), OutcomeNotLeader},
		"term elector": {WithDistributedElector(&termElector{err: err}), OutcomeNotLeader},
	}
}

func TestSynctestEngineDownIsToldFromARefusal(t *testing.T) {
	for kind, answer := range engineErrors() {
		for who, asker := range engineAskers(answer.err) {
			t.Run(kind+" "+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					log := &claimLog{}
					var told []error
					s, b := newPolicyScheduler(t, asker.option, WithLogger(log), WithLimitConcurrentJobs(1, LimitModeWait))
					listen := WithEventListeners(AfterLockError(func(_ uuid.UUID, _ string, err error) { told = append(told, err) }))
					p := answering(nil)
					everyMinute(t, s, p.task, WithLimitedRuns(1), listen, WithEngineDown(EngineDownSkip))
					time.Sleep(time.Minute)
					synctest.Wait()
					require.Empty(t, p.calls())
					require.Len(t, b.runs(), 1)
					info := b.runs()[0]
					require.ErrorIs(t, info.Err, answer.err)
					require.Equal(t, answer.down, errors.Is(info.Err, ErrEngineDown))
					if answer.down {
						require.Equal(t, OutcomeEngineDown, info.Outcome)
						require.Len(t, log.all(), 1, "it is said loudly")
						require.Contains(t, log.all()[0], answer.err.Error())
						require.Contains(t, log.all()[0], "j")
					} else {
						require.Equal(t, asker.other, info.Outcome)
						require.True(t, info.Err == answer.err)
						require.Empty(t, log.all(), "this is as it should be")
					}
					if asker.other == OutcomeLockedElsewhere {
						require.Equal(t, []error{answer.err}, told)
					} else {
						require.Empty(t, told)
					}
					require.Len(t, s.Jobs(), 1, "no limited run was used up")
					require.Equal(t, 0, policyStats(t, s).Running)
					b.requireAtRest(t)
				})
			})
		}
	}
}

func TestSynctestEngineDownMayRun(t *testing.T) {
	for kind, answer := range engineErrors() {
		for who, asker := range engineAskers(answer.err) {
			t.Run(kind+" "+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					log := &claimLog{}
					s, b := newPolicyScheduler(t, asker.option, WithLogger(log))
					everyMinute(t, s, func(ctx context.Context) error { return ctx.Err() }, WithEngineDown(EngineDownRun))
					time.Sleep(time.Minute)
					info := b.runs()[0]
					if !answer.down {
						require.Equal(t, asker.other, info.Outcome, "only for an engine that is down")
						require.Empty(t, log.all())
						return
					}
					require.Equal(t, OutcomeSucceeded, info.Outcome)
					require.NoError(t, info.Err)
					require.Zero(t, info.FencingToken)
					require.Len(t, log.all(), 1, "it is said all the same")
				})
			})
		}
	}
}

// The policy is the job's, by default to skip, and the last that was given counts.
func TestSynctestEngineDownIsThePolicyOfTheJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		claim := ClaimerFrom(func(context.Context, string, time.Time) (*claimLock, error) { return nil, ErrEngineDown })
		s, b := newPolicyScheduler(t, WithDistributedLocker(claim), WithGlobalJobOptions(WithEngineDown(EngineDownRun)))
		mustJob(t, s, DurationJob(time.Minute), noop, WithName("runs"))
		mustJob(t, s, DurationJob(time.Minute), noop, WithName("skips"), WithEngineDown(EngineDownSkip))
		time.Sleep(time.Minute)
		outcomes := map[string]Outcome{}
		for _, info := range b.runs() {
			outcomes[info.JobName] = info.Outcome
		}
		require.Equal(t, map[string]Outcome{"runs": OutcomeSucceeded, "skips": OutcomeEngineDown}, outcomes)
	})
}

func TestSynctestEngineDownOfAnUnknownPolicyIsRefused(t *testing.T) {
	s := newScheduler(t)
	for _, policy := range []EngineDownPolicy{-1, 2, math.MaxInt32} {
		_, err := s.NewJob(ages(), NewTask(noop), WithEngineDown(policy))
		require.ErrorIs(t, err, ErrOptionValue)
		require.ErrorContains(t, err, fmt.Sprintf("WithEngineDown(%d)", policy))
	}
	require.Empty(t, s.Jobs())
}

// A run that goes on without an answer has no lock, and asks no more: an occurrence is claimed
// before its first attempt or not at all.
func TestSynctestEngineDownRunsWithoutALock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.claiming = func(context.Context, occurrence) error { return ErrEngineDown }
		s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()))
		p := answering(errContract)
		everyMinute(t, s, p.task, WithEngineDown(EngineDownRun), retries(3, time.Second))
		time.Sleep(70 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"failed 3"}, b.outcomes())
		require.Equal(t, minutes(1), c.questions())
		c.requireReleased(0, 0)
	})
}

// The token is that of the attempt's lock: one that was released is no longer of use.
func TestSynctestEngineDownLeavesNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		asked := 0
		s, _ := newPolicyScheduler(t, WithDistributedLocker(LockerFrom(func(context.Context, string) (*claimLock, error) {
			if asked++; asked == 2 {
				return nil, ErrEngineDown
			}
			return &claimLock{store: c, token: int64(asked)}, nil
		})))
		var tokens []int64
		j := mustJob(t, s, ages(), func(ctx context.Context) error {
			info, _ := RunFromContext(ctx)
			tokens = append(tokens, info.FencingToken)
			return errContract
		}, retries(3, time.Second), WithEngineDown(EngineDownRun))
		require.NoError(t, j.RunNow())
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.Equal(t, []int64{1, 0, 3}, tokens)
	})
}

// An engine that comes back is asked for the next occurrence.
func TestSynctestEngineDownForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.claiming = func(_ context.Context, o occurrence) error {
			if o.at.Before(bubbleStart.Add(3 * time.Minute)) {
				return ErrEngineDown
			}
			return nil
		}
		s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()))
		everyMinute(t, s, noop, WithLimitedRuns(1))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, minutes(1, 2, 3), c.questions())
		require.Equal(t, []string{"engine-down 0", "engine-down 0", "succeeded 1"}, b.outcomes())
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestEngineDownIsAWord(t *testing.T) {
	require.Equal(t, "engine-down", OutcomeEngineDown.String())
	var o Outcome
	require.NoError(t, o.UnmarshalText([]byte("engine-down")))
	require.Equal(t, OutcomeEngineDown, o)
	require.ErrorIs(t, fmt.Errorf("x: %w", ErrEngineDown), ErrEngineDown)
	require.NotEmpty(t, ErrEngineDown.Error())
}
