//go:build go1.25

package claims_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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
		"plain":                   {rig.ErrTest, false},
		"taken":                   {&engineError{false, errTaken}, false},
		"wrapped taken":           {fmt.Errorf("x: %w", &engineError{false, errTaken}), false},
		"own context ended":       {context.Canceled, false},
		"by method":               {&engineError{true, refused}, true},
		"by method, wrapped":      {fmt.Errorf("x: %w", &engineError{true, refused}), true},
		"by method, joined":       {errors.Join(rig.ErrTest, &engineError{true, refused}), true},
		"ErrEngineDown":           {gocron.ErrEngineDown, true},
		"ErrEngineDown, wrapped":  {fmt.Errorf("%w: %w", gocron.ErrEngineDown, refused), true},
		"ErrEngineDown, joined":   {errors.Join(&engineError{false, errTaken}, gocron.ErrEngineDown), true},
		"twice":                   {&engineError{true, gocron.ErrEngineDown}, true},
		"taken, of an engine":     {&engineError{false, &engineError{true, refused}}, false},
		"down, of a taken claim":  {&engineError{true, &engineError{false, errTaken}}, true},
		"deadline of the request": {&engineError{true, context.DeadlineExceeded}, true},
	}
}

// engineAskers are all that can be asked before a run, each answering with an error.
func engineAskers(err error) map[string]struct {
	option gocron.SchedulerOption
	other  gocron.Outcome
} {
	type asker = struct {
		option gocron.SchedulerOption
		other  gocron.Outcome
	}
	claim := gocron.ClaimerFrom(func(context.Context, string, time.Time) (*claimLock, error) { return nil, err })
	lock := gocron.LockerFrom(func(context.Context, string) (*claimLock, error) { return nil, err })
	return map[string]asker{
		"claimer":      {gocron.WithDistributedLocker(claim), gocron.OutcomeLockedElsewhere},
		"locker":       {gocron.WithDistributedLocker(lock), gocron.OutcomeLockedElsewhere},
		"job's locker": {gocron.WithGlobalJobOptions(gocron.WithDistributedJobLocker(claim)), gocron.OutcomeLockedElsewhere},
		"elector":      {gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return err })), gocron.OutcomeNotLeader},
		"term elector": {gocron.WithDistributedElector(&termElector{err: err}), gocron.OutcomeNotLeader},
	}
}

func TestSynctestEngineDownIsToldFromARefusal(t *testing.T) {
	for kind, answer := range engineErrors() {
		for who, asker := range engineAskers(answer.err) {
			t.Run(kind+" "+who, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					log := &claimLog{}
					var told []error
					s, b := rig.NewStarted(t, asker.option, gocron.WithLogger(log), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
					listen := gocron.WithEventListeners(gocron.AfterLockError(func(_ uuid.UUID, _ string, err error) { told = append(told, err) }))
					p := rig.Answering(nil)
					everyMinute(t, s, p.Task, gocron.WithLimitedRuns(1), listen, gocron.WithEngineDown(gocron.EngineDownSkip))
					time.Sleep(time.Minute)
					synctest.Wait()
					require.Empty(t, p.Calls())
					require.Len(t, b.Runs(), 1)
					info := b.Runs()[0]
					require.ErrorIs(t, info.Err, answer.err)
					require.Equal(t, answer.down, errors.Is(info.Err, gocron.ErrEngineDown))
					if answer.down {
						require.Equal(t, gocron.OutcomeEngineDown, info.Outcome)
						require.Len(t, log.all(), 1, "it is said loudly")
						require.Contains(t, log.all()[0], answer.err.Error())
						require.Contains(t, log.all()[0], "j")
					} else {
						require.Equal(t, asker.other, info.Outcome)
						require.True(t, info.Err == answer.err)
						require.Empty(t, log.all(), "this is as it should be")
					}
					if asker.other == gocron.OutcomeLockedElsewhere {
						require.Equal(t, []error{answer.err}, told)
					} else {
						require.Empty(t, told)
					}
					require.Len(t, s.Jobs(), 1, "no limited run was used up")
					require.Equal(t, 0, rig.StatsAtRest(t, s).Running)
					b.RequireAtRest(t)
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
					s, b := rig.NewStarted(t, asker.option, gocron.WithLogger(log))
					everyMinute(t, s, func(ctx context.Context) error { return ctx.Err() }, gocron.WithEngineDown(gocron.EngineDownRun))
					time.Sleep(time.Minute)
					info := b.Runs()[0]
					if !answer.down {
						require.Equal(t, asker.other, info.Outcome, "only for an engine that is down")
						require.Empty(t, log.all())
						return
					}
					require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
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
		claim := gocron.ClaimerFrom(func(context.Context, string, time.Time) (*claimLock, error) { return nil, gocron.ErrEngineDown })
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(claim), gocron.WithGlobalJobOptions(gocron.WithEngineDown(gocron.EngineDownRun)))
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop, gocron.WithName("runs"))
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop, gocron.WithName("skips"), gocron.WithEngineDown(gocron.EngineDownSkip))
		time.Sleep(time.Minute)
		outcomes := map[string]gocron.Outcome{}
		for _, info := range b.Runs() {
			outcomes[info.JobName] = info.Outcome
		}
		require.Equal(t, map[string]gocron.Outcome{"runs": gocron.OutcomeSucceeded, "skips": gocron.OutcomeEngineDown}, outcomes)
	})
}

func TestSynctestEngineDownOfAnUnknownPolicyIsRefused(t *testing.T) {
	s := rig.NewScheduler(t)
	for _, policy := range []gocron.EngineDownPolicy{-1, 2, math.MaxInt32} {
		_, err := s.NewJob(rig.Ages(), gocron.NewTask(rig.Noop), gocron.WithEngineDown(policy))
		require.ErrorIs(t, err, gocron.ErrOptionValue)
		require.ErrorContains(t, err, fmt.Sprintf("WithEngineDown(%d)", policy))
	}
	require.Empty(t, s.Jobs())
}

// A run that goes on without an answer has no lock, and asks no more: an occurrence is claimed
// before its first attempt or not at all.
func TestSynctestEngineDownRunsWithoutALock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.claiming = func(context.Context, occurrence) error { return gocron.ErrEngineDown }
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		p := rig.Answering(rig.ErrTest)
		everyMinute(t, s, p.Task, gocron.WithEngineDown(gocron.EngineDownRun), rig.Retries(3, time.Second))
		time.Sleep(70 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"failed 3"}, b.Outcomes())
		require.Equal(t, minutes(1), c.questions())
		c.requireReleased(0, 0)
	})
}

// The token is that of the attempt's lock: one that was released is no longer of use.
func TestSynctestEngineDownLeavesNoToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		asked := 0
		s, _ := rig.NewStarted(t, gocron.WithDistributedLocker(gocron.LockerFrom(func(context.Context, string) (*claimLock, error) {
			if asked++; asked == 2 {
				return nil, gocron.ErrEngineDown
			}
			return &claimLock{store: c, token: int64(asked)}, nil
		})))
		var tokens []int64
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) error {
			info, _ := gocron.RunFromContext(ctx)
			tokens = append(tokens, info.FencingToken)
			return rig.ErrTest
		}, rig.Retries(3, time.Second), gocron.WithEngineDown(gocron.EngineDownRun))
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
				return gocron.ErrEngineDown
			}
			return nil
		}
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		everyMinute(t, s, rig.Noop, gocron.WithLimitedRuns(1))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, minutes(1, 2, 3), c.questions())
		require.Equal(t, []string{"engine-down 0", "engine-down 0", "succeeded 1"}, b.Outcomes())
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestEngineDownIsAWord(t *testing.T) {
	require.Equal(t, "engine-down", gocron.OutcomeEngineDown.String())
	var o gocron.Outcome
	require.NoError(t, o.UnmarshalText([]byte("engine-down")))
	require.Equal(t, gocron.OutcomeEngineDown, o)
	require.ErrorIs(t, fmt.Errorf("x: %w", gocron.ErrEngineDown), gocron.ErrEngineDown)
	require.NotEmpty(t, gocron.ErrEngineDown.Error())
}
