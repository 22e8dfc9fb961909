//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// whenLost runs a task whose lock is lost after ten seconds, and returns what became of it and
// what was logged.
func whenLost(t *testing.T, task any, options ...JobOption) (RunInfo, []string) {
	t.Helper()
	c, log := newClaimStore(t), &claimLog{}
	s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()), WithLogger(log))
	everyMinute(t, s, task, options...)
	time.Sleep(70 * time.Second)
	close(c.latest().lost)
	time.Sleep(20 * time.Second)
	runs := b.runs()
	require.Len(t, runs, 1)
	c.requireReleased(1, 1)
	require.NoError(t, s.StopJobs())
	return runs[0], log.all()
}

func TestSynctestClaimsLostEndTheContext(t *testing.T) {
	own := errors.New("the task's own error")
	ends := func(answer func(ctx context.Context) error) any {
		return func(ctx context.Context) error {
			began := time.Now()
			<-ctx.Done()
			if time.Since(began) != 10*time.Second || context.Cause(ctx) != ErrLockLost || ctx.Err() != context.Canceled {
				return fmt.Errorf("ended by %w after %v", context.Cause(ctx), time.Since(began))
			}
			return answer(ctx)
		}
	}
	recovers := WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	passing := WithMiddleware(func(next RunFunc) RunFunc {
		return func(ctx context.Context) error { return next(context.WithValue(ctx, contextKey{}, "v")) }
	})
	for name, tt := range map[string]struct {
		task    any
		options []JobOption
		outcome Outcome
		errs    []error
	}{
		"its error":      {ends(func(ctx context.Context) error { return ctx.Err() }), nil, OutcomeCancelled, []error{context.Canceled, ErrLockLost}},
		"wrapped":        {ends(func(ctx context.Context) error { return fmt.Errorf("x: %w", ctx.Err()) }), nil, OutcomeCancelled, []error{context.Canceled, ErrLockLost}},
		"its cause":      {ends(func(ctx context.Context) error { return context.Cause(ctx) }), nil, OutcomeCancelled, []error{ErrLockLost}},
		"no error":       {ends(func(context.Context) error { return nil }), nil, OutcomeSucceeded, nil},
		"own error":      {ends(func(context.Context) error { return own }), nil, OutcomeFailed, []error{own}},
		"panic":          {ends(func(context.Context) error { panic(own) }), []JobOption{WithRecover()}, OutcomePanicked, []error{own, ErrPanicRecovered}},
		"panic listener": {ends(func(context.Context) error { panic(own) }), []JobOption{recovers}, OutcomePanicked, []error{own}},
		"Goexit":         {ends(func(context.Context) error { runtime.Goexit(); return nil }), nil, OutcomeFailed, []error{ErrTaskGoexit}},
		"timeout ahead":  {ends(func(ctx context.Context) error { return ctx.Err() }), []JobOption{WithTimeout(time.Hour)}, OutcomeCancelled, []error{context.Canceled, ErrLockLost}},
		"timed out before": {func(ctx context.Context) error { <-ctx.Done(); time.Sleep(10 * time.Second); return ctx.Err() },
			[]JobOption{WithTimeout(5 * time.Second)}, OutcomeTimedOut, []error{ErrRunTimeout, context.DeadlineExceeded}},
		"timeout after": {func(ctx context.Context) error { <-ctx.Done(); time.Sleep(5 * time.Second); return ctx.Err() },
			[]JobOption{WithTimeout(12 * time.Second)}, OutcomeCancelled, []error{ErrLockLost}},
		"middleware":           {ends(func(ctx context.Context) error { return ctx.Err() }), []JobOption{passing}, OutcomeCancelled, []error{ErrLockLost}},
		"no context":           {func() { time.Sleep(15 * time.Second) }, nil, OutcomeSucceeded, nil},
		"no context, error":    {func() error { time.Sleep(15 * time.Second); return own }, nil, OutcomeFailed, []error{own}},
		"no context, timeout":  {func() { time.Sleep(15 * time.Second) }, []JobOption{WithTimeout(time.Hour)}, OutcomeSucceeded, nil},
		"a context of another": {func() error { time.Sleep(15 * time.Second); return context.DeadlineExceeded }, nil, OutcomeFailed, []error{context.DeadlineExceeded}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				info, logged := whenLost(t, tt.task, tt.options...)
				require.Equal(t, tt.outcome, info.Outcome)
				require.Equal(t, 1, info.Attempt)
				if tt.errs == nil {
					require.NoError(t, info.Err)
				}
				for _, err := range tt.errs {
					require.ErrorIs(t, info.Err, err)
				}
				if tt.outcome == OutcomeFailed {
					require.NotErrorIs(t, info.Err, ErrLockLost, "it has failed for a reason of its own")
				}
				require.Len(t, logged, 1, "it is said, and once")
				require.Contains(t, logged[0], ErrLockLost.Error())
			})
		})
	}
}

// Middleware sees the context end, too, and may do something about it.
func TestSynctestClaimsLostAreSeenByMiddleware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		info, _ := whenLost(t, func() { time.Sleep(15 * time.Second) }, WithMiddleware(func(next RunFunc) RunFunc {
			return func(ctx context.Context) error {
				err := next(ctx)
				cause = context.Cause(ctx)
				return errors.Join(err, cause)
			}
		}))
		require.Equal(t, ErrLockLost, cause)
		require.Equal(t, OutcomeCancelled, info.Outcome)
	})
}

// The contexts of a job's other runs do not end.
func TestSynctestClaimsLostAreOfOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()))
		j := everyMinute(t, s, func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(150 * time.Second):
				return nil
			}
		}, WithLimitedRuns(3))
		require.NoError(t, j.RunNow())
		time.Sleep(2*time.Minute + time.Second)
		close(c.latest().lost)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1", "cancelled 1"}, b.outcomes())
		require.Equal(t, ErrLockLost, b.runs()[2].Err)
		c.requireReleased(2, 1)
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestClaimsThatCannotBeLost(t *testing.T) {
	for name, locker := range map[string]func(c *claimStore) Locker{
		"nil channel": func(c *claimStore) Locker {
			c.locking = func(l *claimLock) { l.lost = nil }
			return c.locker()
		},
		"no such lock": func(c *claimStore) Locker {
			return ClaimerFrom(func(ctx context.Context, key string, at time.Time) (unlockFunc, error) {
				l, err := c.Claim(ctx, key, at)
				return func(ctx context.Context) error { return l.Unlock(ctx) }, err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, b := newPolicyScheduler(t, WithDistributedLocker(locker(c)))
				j := everyMinute(t, s, func(ctx context.Context) error {
					select {
					case <-ctx.Done():
						return context.Cause(ctx)
					case <-time.After(10 * time.Second):
						return nil
					}
				})
				time.Sleep(65 * time.Second)
				synctest.Wait()
				require.Equal(t, b.atRest+1, bubbleGoroutines(), "that of the run")
				time.Sleep(10 * time.Second)
				synctest.Wait()
				require.Equal(t, []string{"succeeded 1"}, b.outcomes())
				time.Sleep(50 * time.Second)
				synctest.Wait()
				require.NoError(t, s.RemoveJob(j.ID()))
				require.Equal(t, []string{"succeeded 1", "cancelled 1"}, b.outcomes(), "it ends with its job as ever")
				require.Equal(t, context.Canceled, b.runs()[1].Err)
				c.requireReleased(2, 1)
				b.requireAtRest(t)
			})
		})
	}
}

// A task never sees a living context when its lock is gone already.
func TestSynctestClaimsLostBeforeTheTaskStarts(t *testing.T) {
	for name, lose := range map[string]func(c *claimStore) JobOption{
		"when claimed": func(c *claimStore) JobOption {
			c.locking = func(l *claimLock) { close(l.lost) }
			return WithTags()
		},
		"in a listener": func(c *claimStore) JobOption {
			return WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) {
				c.mu.Lock()
				defer c.mu.Unlock()
				close(c.locks[0].lost)
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, log := newClaimStore(t), &claimLog{}
				s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()), WithLogger(log))
				var causes []error
				everyMinute(t, s, func(ctx context.Context) error {
					causes = append(causes, context.Cause(ctx))
					return ctx.Err()
				}, lose(c))
				time.Sleep(70 * time.Second)
				synctest.Wait()
				require.Equal(t, []string{"cancelled 1"}, b.outcomes())
				require.Equal(t, []error{ErrLockLost}, causes)
				require.ErrorIs(t, b.runs()[0].Err, ErrLockLost)
				require.Len(t, log.all(), 1)
				c.requireReleased(1, 1)
				b.requireAtRest(t)
			})
		})
	}
}

// After the run it is no matter.
func TestSynctestClaimsLostAfterTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := newClaimStore(t), &claimLog{}
		s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()), WithLogger(log))
		everyMinute(t, s, noop)
		time.Sleep(time.Minute)
		b.requireAtRest(t)
		close(c.latest().lost)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.outcomes())
		require.Empty(t, log.all())
	})
}

// What ended the context first is its cause.
func TestSynctestClaimsLostAfterTheJobHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := newClaimStore(t), &claimLog{}
		s, b := newPolicyScheduler(t, WithDistributedLocker(c.locker()), WithLogger(log))
		j := everyMinute(t, s, func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(10 * time.Second)
			return context.Cause(ctx)
		})
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		require.NoError(t, s.RemoveJob(j.ID()))
		time.Sleep(time.Second)
		close(c.latest().lost)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"cancelled 1"}, b.outcomes())
		require.Equal(t, context.Canceled, b.runs()[0].Err)
		require.Empty(t, log.all())
		c.requireReleased(1, 1)
	})
}

// A lock of a plain Locker may be lost as well, and that of a RunNow.
func TestSynctestLocksOfPlainLockersMayBeLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		lost := make(chan struct{})
		s, b := newPolicyScheduler(t, WithDistributedLocker(LockerFrom(func(ctx context.Context, key string) (*claimLock, error) {
			l, err := c.Claim(ctx, key, time.Time{})
			l.lost = lost
			return l, err
		})))
		j := everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		require.NoError(t, j.RunNow())
		time.Sleep(time.Second)
		close(lost)
		require.Equal(t, []string{"cancelled 1"}, b.outcomes())
		require.ErrorIs(t, b.runs()[0].Err, ErrLockLost)
		c.requireReleased(1, 1)
		b.requireAtRest(t)
	})
}

// What is said of a loss is said before the scheduler is gone.
func TestSynctestClaimsLostAreLoggedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, err := NewScheduler(WithDistributedLocker(c.locker()), WithLogger(slowLogger{}))
		require.NoError(t, err)
		before := bubbleGoroutines()
		s.Start()
		everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		time.Sleep(70 * time.Second)
		close(c.latest().lost)
		synctest.Wait()
		require.NoError(t, s.Shutdown())
		require.Equal(t, before, bubbleGoroutines())
		c.requireReleased(1, 1)
	})
}

type slowLogger struct{ quietLogger }

func (slowLogger) Error(string, ...any) { time.Sleep(5 * time.Second) }
