//go:build go1.25

package claims_test

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

func TestSynctestTermIsAskedInPlaceOfIsLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain := 0
		e := &termElector{ended: make(chan struct{}), token: 41}
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(e), gocron.WithDistributedLocker(rig.LockFunc(
			func(context.Context, string) (gocron.Lock, error) { plain++; return nil, rig.ErrTest })))
		everyMinute(t, s, func(ctx context.Context) error {
			info, _ := gocron.RunFromContext(ctx)
			require.EqualValues(t, 41, info.FencingToken)
			return ctx.Err()
		})
		time.Sleep(70 * time.Second)
		e.mu.Lock()
		e.err = rig.ErrTest
		e.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "not-leader 0"}, b.Outcomes())
		require.EqualValues(t, 41, b.Runs()[0].FencingToken)
		require.Zero(t, b.Runs()[1].FencingToken)
		require.True(t, b.Runs()[1].Err == rig.ErrTest)
		require.Equal(t, []string{"Term", "Term"}, e.asked)
		require.Zero(t, plain, "beside an elector a plain locker is not asked")
		b.RequireAtRest(t)
	})
}

func TestSynctestTermThatEndsEndsItsRuns(t *testing.T) {
	for name, tt := range map[string]struct {
		returns func(ctx context.Context) error
		outcome gocron.Outcome
		options []gocron.JobOption
	}{
		"its error":    {func(ctx context.Context) error { return ctx.Err() }, gocron.OutcomeCancelled, nil},
		"its cause":    {context.Cause, gocron.OutcomeCancelled, nil},
		"nil":          {func(context.Context) error { return nil }, gocron.OutcomeSucceeded, nil},
		"own error":    {func(context.Context) error { return rig.ErrTest }, gocron.OutcomeFailed, nil},
		"with timeout": {func(ctx context.Context) error { return ctx.Err() }, gocron.OutcomeCancelled, []gocron.JobOption{gocron.WithTimeout(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &claimLog{}
				e := &termElector{ended: make(chan struct{}), token: 1}
				s, b := rig.NewStarted(t, gocron.WithDistributedElector(e), gocron.WithLogger(log))
				var causes []error
				j := everyMinute(t, s, func(ctx context.Context) error {
					<-ctx.Done()
					e.mu.Lock()
					causes = append(causes, context.Cause(ctx))
					e.mu.Unlock()
					return tt.returns(ctx)
				}, tt.options...)
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				time.Sleep(time.Second)
				close(e.ended)
				synctest.Wait()
				require.Equal(t, []error{gocron.ErrTermEnded, gocron.ErrTermEnded}, causes)
				for _, info := range b.Runs() {
					require.Equal(t, tt.outcome, info.Outcome)
					if tt.outcome == gocron.OutcomeCancelled {
						require.ErrorIs(t, info.Err, gocron.ErrTermEnded)
					}
				}
				require.Len(t, b.Runs(), 2)
				require.Len(t, log.all(), 2)
				b.RequireAtRest(t)
			})
		})
	}
}

// A term of which nobody says when it ends is no less a term.
func TestSynctestTermWithoutAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(&termElector{}))
		j := everyMinute(t, s, func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() })
		require.NoError(t, j.RunNow())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
		require.Zero(t, b.Runs()[0].FencingToken)
	})
}

// What comes with an error is not looked at.
func TestSynctestTermOfAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &termElector{ended: make(chan struct{}), token: 3, err: gocron.ErrEngineDown}
		close(e.ended)
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(e))
		runs := everyMinute(t, s, func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() }, gocron.WithEngineDown(gocron.EngineDownRun))
		skips := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithName("skips"))
		require.NoError(t, runs.RunNow())
		require.NoError(t, skips.RunNow())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.ElementsMatch(t, []string{"succeeded 1", "engine-down 0"}, b.Outcomes())
		for _, info := range b.Runs() {
			require.Zero(t, info.FencingToken)
		}
	})
}

// A Claimer is asked beside an elector: it covers the hand-over. Its token is that of the run.
func TestSynctestTermAndClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.granted[minutes(2)[0]] = true // by the leader before
		tokens := int64(100)
		c.locking = func(l *claimLock) { l.token, tokens = tokens, tokens*2%300 } // 100, 200, 100
		e := &termElector{ended: make(chan struct{}), token: 7}
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(e), gocron.WithDistributedLocker(c.locker()))
		everyMinute(t, s, rig.Noop)
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		require.Equal(t, minutes(1, 2, 3), c.questions())
		require.Equal(t, []string{"succeeded 1", "locked-elsewhere 0", "succeeded 1"}, b.Outcomes())
		require.EqualValues(t, 100, b.Runs()[0].FencingToken)
		require.EqualValues(t, 200, b.Runs()[2].FencingToken)
		c.mu.Lock()
		c.locking = func(l *claimLock) { l.token = 0 }
		c.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 7, b.Runs()[3].FencingToken, "that of the term, if the claim has none")
	})
}

// Who does not lead claims nothing.
func TestSynctestTermComesBeforeTheClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, err := range []error{rig.ErrTest, gocron.ErrEngineDown} {
			c := newClaimStore(t)
			s, b := rig.NewStarted(t, gocron.WithDistributedElector(&termElector{err: err}), gocron.WithDistributedLocker(c.locker()))
			everyMinute(t, s, rig.Noop)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Len(t, b.Runs(), 1)
			require.Empty(t, c.questions())
		}
	})
}

// Of lock and term, either ends the run.
func TestSynctestTermAndLockAreBothWatched(t *testing.T) {
	for _, cause := range []error{gocron.ErrTermEnded, gocron.ErrLockLost} {
		synctest.Test(t, func(t *testing.T) {
			c := newClaimStore(t)
			e := &termElector{ended: make(chan struct{})}
			s, b := rig.NewStarted(t, gocron.WithDistributedElector(e), gocron.WithDistributedLocker(c.locker()))
			everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
			time.Sleep(time.Minute + time.Second)
			if cause == gocron.ErrTermEnded {
				close(e.ended)
			} else {
				close(c.latest().lost)
			}
			require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
			require.ErrorIs(t, b.Runs()[0].Err, cause)
			c.requireReleased(1, 1)
			b.RequireAtRest(t)
		})
	}
}

// The elector is asked for every attempt. Each is of the term it was begun in, and the claim's
// token stays the run's.
func TestSynctestTermOfEachAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.locking = func(l *claimLock) { l.token = 70 }
		first, second := make(chan struct{}), make(chan struct{})
		e := &termElector{ended: first, token: 3}
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(e), gocron.WithDistributedLocker(c.locker()))
		var causes []error
		var tokens []int64
		everyMinute(t, s, func(ctx context.Context) error {
			info, _ := gocron.RunFromContext(ctx)
			tokens = append(tokens, info.FencingToken)
			<-ctx.Done()
			causes = append(causes, context.Cause(ctx))
			return ctx.Err()
		}, rig.Retries(3, time.Second))
		time.Sleep(time.Minute + time.Second)
		e.mu.Lock()
		e.ended, e.token = second, 4
		e.mu.Unlock()
		close(first)
		time.Sleep(2 * time.Second)
		e.mu.Lock()
		e.err = errors.New("no more")
		e.mu.Unlock()
		close(second)
		time.Sleep(10 * time.Second)
		synctest.Wait()
		require.Equal(t, []error{gocron.ErrTermEnded, gocron.ErrTermEnded}, causes)
		require.Equal(t, []int64{70, 70}, tokens)
		require.Equal(t, []string{"cancelled 2"}, b.Outcomes(), "what the last attempt came to")
		require.Len(t, e.asked, 3)
		c.requireReleased(1, 1)
		b.RequireAtRest(t)
	})
}

// An elector that only knows IsLeader is asked that, as ever.
func TestSynctestTermIsNotNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return nil })),
			gocron.WithDistributedLocker(c.locker()))
		everyMinute(t, s, func(ctx context.Context) error { return ctx.Err() })
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
		require.Equal(t, minutes(1), c.questions())
	})
}
