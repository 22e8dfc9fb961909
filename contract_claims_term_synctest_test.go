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

func TestSynctestTermIsAskedInPlaceOfIsLeader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		plain := 0
		e := &termElector{ended: make(chan struct{}), token: 41}
		s, b := newPolicyScheduler(t, WithDistributedElector(e), WithDistributedLocker(lockFunc(
			func(context.Context, string) (Lock, error) { plain++; return nil, errContract })))
		everyMinute(t, s, func(ctx context.Context) error {
			info, _ := RunFromContext(ctx)
			require.EqualValues(t, 41, info.FencingToken)
			return ctx.Err()
		})
		time.Sleep(70 * time.Second)
		e.mu.Lock()
		e.err = errContract
		e.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "not-leader 0"}, b.outcomes())
		require.EqualValues(t, 41, b.runs()[0].FencingToken)
		require.Zero(t, b.runs()[1].FencingToken)
		require.True(t, b.runs()[1].Err == errContract)
		require.Equal(t, []string{"Term", "Term"}, e.asked)
		require.Zero(t, plain, "beside an elector a plain locker is not asked")
		b.requireAtRest(t)
	})
}

func TestSynctestTermThatEndsEndsItsRuns(t *testing.T) {
	for name, tt := range map[string]struct {
		returns func(ctx context.Context) error
		outcome Outcome
		options []JobOption
	}{
		"its error":    {func(ctx context.Context) error { return ctx.Err() }, OutcomeCancelled, nil},
		"its cause":    {context.Cause, OutcomeCancelled, nil},
		"nil":          {func(context.Context) error { return nil }, OutcomeSucceeded, nil},
		"own error":    {func(context.Context) error { return errContract }, OutcomeFailed, nil},
		"with timeout": {func(ctx context.Context) error { return ctx.Err() }, OutcomeCancelled, []JobOption{WithTimeout(time.Hour)}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				log := &claimLog{}
				e := &termElector{ended: make(chan struct{}), token: 1}
				s, b := newPolicyScheduler(t, WithDistributedElector(e), WithLogger(log))
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
				require.Equal(t, []error{ErrTermEnded, ErrTermEnded}, causes)
				for _, info := range b.runs() {
					require.Equal(t, tt.outcome, info.Outcome)
					if tt.outcome == OutcomeCancelled {
						require.ErrorIs(t, info.Err, ErrTermEnded)
					}
				}
				require.Len(t, b.runs(), 2)
				require.Len(t, log.all(), 2)
				b.requireAtRest(t)
			})
		})
	}
}

// A term of which nobody says when it ends is no less a term.
func TestSynctestTermWithoutAnEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithDistributedElector(&termElector{}))
		j := everyMinute(t, s, func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() })
		require.NoError(t, j.RunNow())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1"}, b.outcomes())
		require.Zero(t, b.runs()[0].FencingToken)
	})
}

// What comes with an error is not looked at.
func TestSynctestTermOfAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := &termElector{ended: make(chan struct{}), token: 3, err: ErrEngineDown}
		close(e.ended)
		s, b := newPolicyScheduler(t, WithDistributedElector(e))
		runs := everyMinute(t, s, func(ctx context.Context) error { time.Sleep(time.Second); return ctx.Err() }, WithEngineDown(EngineDownRun))
		skips := mustJob(t, s, ages(), noop, WithName("skips"))
		require.NoError(t, runs.RunNow())
		require.NoError(t, skips.RunNow())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.ElementsMatch(t, []string{"succeeded 1", "engine-down 0"}, b.outcomes())
		for _, info := range b.runs() {
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
		s, b := newPolicyScheduler(t, WithDistributedElector(e), WithDistributedLocker(c.locker()))
		everyMinute(t, s, noop)
		time.Sleep(3*time.Minute + time.Second)
		synctest.Wait()
		require.Equal(t, minutes(1, 2, 3), c.questions())
		require.Equal(t, []string{"succeeded 1", "locked-elsewhere 0", "succeeded 1"}, b.outcomes())
		require.EqualValues(t, 100, b.runs()[0].FencingToken)
		require.EqualValues(t, 200, b.runs()[2].FencingToken)
		c.mu.Lock()
		c.locking = func(l *claimLock) { l.token = 0 }
		c.mu.Unlock()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 7, b.runs()[3].FencingToken, "that of the term, if the claim has none")
	})
}

// Who does not lead claims nothing.
func TestSynctestTermComesBeforeTheClaim(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, err := range []error{errContract, ErrEngineDown} {
			c := newClaimStore(t)
			s, b := newPolicyScheduler(t, WithDistributedElector(&termElector{err: err}), WithDistributedLocker(c.locker()))
			everyMinute(t, s, noop)
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Len(t, b.runs(), 1)
			require.Empty(t, c.questions())
		}
	})
}

// Of lock and term, either ends the run.
func TestSynctestTermAndLockAreBothWatched(t *testing.T) {
	for _, cause := range []error{ErrTermEnded, ErrLockLost} {
		synctest.Test(t, func(t *testing.T) {
			c := newClaimStore(t)
			e := &termElector{ended: make(chan struct{})}
			s, b := newPolicyScheduler(t, WithDistributedElector(e), WithDistributedLocker(c.locker()))
			everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
			time.Sleep(time.Minute + time.Second)
			if cause == ErrTermEnded {
				close(e.ended)
			} else {
				close(c.latest().lost)
			}
			require.Equal(t, []string{"cancelled 1"}, b.outcomes())
			require.ErrorIs(t, b.runs()[0].Err, cause)
			c.requireReleased(1, 1)
			b.requireAtRest(t)
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
		s, b := newPolicyScheduler(t, WithDistributedElector(e), WithDistributedLocker(c.locker()))
		var causes []error
		var tokens []int64
		everyMinute(t, s, func(ctx context.Context) error {
			info, _ := RunFromContext(ctx)
			tokens = append(tokens, info.FencingToken)
			<-ctx.Done()
			causes = append(causes, context.Cause(ctx))
			return ctx.Err()
		}, retries(3, time.Second))
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
		require.Equal(t, []error{ErrTermEnded, ErrTermEnded}, causes)
		require.Equal(t, []int64{70, 70}, tokens)
		require.Equal(t, []string{"cancelled 2"}, b.outcomes(), "what the last attempt came to")
		require.Len(t, e.asked, 3)
		c.requireReleased(1, 1)
		b.requireAtRest(t)
	})
}

// An elector that only knows IsLeader is asked that, as ever.
func TestSynctestTermIsNotNeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := newPolicyScheduler(t, WithDistributedElector(electorFunc(func(context.Context) error { return nil })),
			WithDistributedLocker(c.locker()))
		everyMinute(t, s, func(ctx context.Context) error { return ctx.Err() })
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1"}, b.outcomes())
		require.Equal(t, minutes(1), c.questions())
	})
}
