//go:build go1.25

package claims_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// whenLost runs a task whose lock is lost after ten seconds, and returns its outcome and
// what was logged.
func whenLost(t *testing.T, task any, options ...gocron.JobOption) (gocron.RunInfo, []string) {
	t.Helper()
	c, log := newClaimStore(t), &claimLog{}
	s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLogger(log))
	everyMinute(t, s, task, options...)
	time.Sleep(70 * time.Second)
	close(c.latest().lost)
	time.Sleep(20 * time.Second)
	runs := b.Runs()
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
			if time.Since(began) != 10*time.Second || context.Cause(ctx) != gocron.ErrLockLost || ctx.Err() != context.Canceled {
				return fmt.Errorf("ended by %w after %v", context.Cause(ctx), time.Since(began))
			}
			return answer(ctx)
		}
	}
	recovers := gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {}))
	passing := gocron.WithMiddleware(func(next gocron.RunFunc) gocron.RunFunc {
		return func(ctx context.Context) error { return next(context.WithValue(ctx, rig.ContextKey{}, "v")) }
	})
	for name, tt := range map[string]struct {
		task    any
		options []gocron.JobOption
		outcome gocron.Outcome
		errs    []error
	}{
		"its error":      {ends(func(ctx context.Context) error { return ctx.Err() }), nil, gocron.OutcomeCancelled, []error{context.Canceled, gocron.ErrLockLost}},
		"wrapped":        {ends(func(ctx context.Context) error { return fmt.Errorf("x: %w", ctx.Err()) }), nil, gocron.OutcomeCancelled, []error{context.Canceled, gocron.ErrLockLost}},
		"its cause":      {ends(func(ctx context.Context) error { return context.Cause(ctx) }), nil, gocron.OutcomeCancelled, []error{gocron.ErrLockLost}},
		"no error":       {ends(func(context.Context) error { return nil }), nil, gocron.OutcomeSucceeded, nil},
		"own error":      {ends(func(context.Context) error { return own }), nil, gocron.OutcomeFailed, []error{own}},
		"panic":          {ends(func(context.Context) error { panic(own) }), []gocron.JobOption{gocron.WithRecover()}, gocron.OutcomePanicked, []error{own, gocron.ErrPanicRecovered}},
		"panic listener": {ends(func(context.Context) error { panic(own) }), []gocron.JobOption{recovers}, gocron.OutcomePanicked, []error{own}},
		"Goexit":         {ends(func(context.Context) error { runtime.Goexit(); return nil }), nil, gocron.OutcomeFailed, []error{gocron.ErrTaskGoexit}},
		"timeout ahead":  {ends(func(ctx context.Context) error { return ctx.Err() }), []gocron.JobOption{gocron.WithTimeout(time.Hour)}, gocron.OutcomeCancelled, []error{context.Canceled, gocron.ErrLockLost}},
		"timed out before": {func(ctx context.Context) error { <-ctx.Done(); time.Sleep(10 * time.Second); return ctx.Err() },
			[]gocron.JobOption{gocron.WithTimeout(5 * time.Second)}, gocron.OutcomeTimedOut, []error{gocron.ErrRunTimeout, context.DeadlineExceeded}},
		"timeout after": {func(ctx context.Context) error { <-ctx.Done(); time.Sleep(5 * time.Second); return ctx.Err() },
			[]gocron.JobOption{gocron.WithTimeout(12 * time.Second)}, gocron.OutcomeCancelled, []error{gocron.ErrLockLost}},
		"middleware":           {ends(func(ctx context.Context) error { return ctx.Err() }), []gocron.JobOption{passing}, gocron.OutcomeCancelled, []error{gocron.ErrLockLost}},
		"no context":           {func() { time.Sleep(15 * time.Second) }, nil, gocron.OutcomeSucceeded, nil},
		"no context, error":    {func() error { time.Sleep(15 * time.Second); return own }, nil, gocron.OutcomeFailed, []error{own}},
		"no context, timeout":  {func() { time.Sleep(15 * time.Second) }, []gocron.JobOption{gocron.WithTimeout(time.Hour)}, gocron.OutcomeSucceeded, nil},
		"a context of another": {func() error { time.Sleep(15 * time.Second); return context.DeadlineExceeded }, nil, gocron.OutcomeFailed, []error{context.DeadlineExceeded}},
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
				if tt.outcome == gocron.OutcomeFailed {
					require.NotErrorIs(t, info.Err, gocron.ErrLockLost, "it has failed for a reason of its own")
				}
				require.Len(t, logged, 1, "it is said, and once")
				require.Contains(t, logged[0], gocron.ErrLockLost.Error())
			})
		})
	}
}

// Middleware sees the context end, too, and may do something about it.
func TestSynctestClaimsLostAreSeenByMiddleware(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var cause error
		info, _ := whenLost(t, func() { time.Sleep(15 * time.Second) }, gocron.WithMiddleware(func(next gocron.RunFunc) gocron.RunFunc {
			return func(ctx context.Context) error {
				err := next(ctx)
				cause = context.Cause(ctx)
				return errors.Join(err, cause)
			}
		}))
		require.Equal(t, gocron.ErrLockLost, cause)
		require.Equal(t, gocron.OutcomeCancelled, info.Outcome)
	})
}

// The contexts of a job's other runs do not end.
func TestSynctestClaimsLostAreOfOneRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		j := everyMinute(t, s, func(ctx context.Context) error {
			select {
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-time.After(150 * time.Second):
				return nil
			}
		}, gocron.WithLimitedRuns(3))
		require.NoError(t, j.RunNow())
		time.Sleep(2*time.Minute + time.Second)
		close(c.latest().lost)
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1", "cancelled 1"}, b.Outcomes())
		require.Equal(t, gocron.ErrLockLost, b.Runs()[2].Err)
		c.requireReleased(2, 1)
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestClaimsThatCannotBeLost(t *testing.T) {
	for name, locker := range map[string]func(c *claimStore) gocron.Locker{
		"nil channel": func(c *claimStore) gocron.Locker {
			c.locking = func(l *claimLock) { l.lost = nil }
			return c.locker()
		},
		"no such lock": func(c *claimStore) gocron.Locker {
			return gocron.ClaimerFrom(func(ctx context.Context, key string, at time.Time) (rig.UnlockFunc, error) {
				l, err := c.Claim(ctx, key, at)
				return func(ctx context.Context) error { return l.Unlock(ctx) }, err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(locker(c)))
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
				require.Equal(t, b.AtRest+1, rig.Goroutines(), "that of the run")
				time.Sleep(10 * time.Second)
				synctest.Wait()
				require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
				time.Sleep(50 * time.Second)
				synctest.Wait()
				require.NoError(t, s.RemoveJob(j.ID()))
				require.Equal(t, []string{"succeeded 1", "cancelled 1"}, b.Outcomes(), "it ends with its job as ever")
				require.Equal(t, context.Canceled, b.Runs()[1].Err)
				c.requireReleased(2, 1)
				b.RequireAtRest(t)
			})
		})
	}
}

// A task never sees a living context when its lock is gone already.
func TestSynctestClaimsLostBeforeTheTaskStarts(t *testing.T) {
	for name, lose := range map[string]func(c *claimStore) gocron.JobOption{
		"when claimed": func(c *claimStore) gocron.JobOption {
			c.locking = func(l *claimLock) { close(l.lost) }
			return gocron.WithTags()
		},
		"in a listener": func(c *claimStore) gocron.JobOption {
			return gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) {
				c.mu.Lock()
				defer c.mu.Unlock()
				close(c.locks[0].lost)
			}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, log := newClaimStore(t), &claimLog{}
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLogger(log))
				var causes []error
				everyMinute(t, s, func(ctx context.Context) error {
					causes = append(causes, context.Cause(ctx))
					return ctx.Err()
				}, lose(c))
				time.Sleep(70 * time.Second)
				synctest.Wait()
				require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
				require.Equal(t, []error{gocron.ErrLockLost}, causes)
				require.ErrorIs(t, b.Runs()[0].Err, gocron.ErrLockLost)
				require.Len(t, log.all(), 1)
				c.requireReleased(1, 1)
				b.RequireAtRest(t)
			})
		})
	}
}

// After the run it is no matter.
func TestSynctestClaimsLostAfterTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := newClaimStore(t), &claimLog{}
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLogger(log))
		everyMinute(t, s, rig.Noop)
		time.Sleep(time.Minute)
		b.RequireAtRest(t)
		close(c.latest().lost)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.Outcomes())
		require.Empty(t, log.all())
	})
}

// What ended the context first is its cause.
func TestSynctestClaimsLostAfterTheJobHasGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := newClaimStore(t), &claimLog{}
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLogger(log))
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
		require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
		require.Equal(t, context.Canceled, b.Runs()[0].Err)
		require.Empty(t, log.all())
		c.requireReleased(1, 1)
	})
}

// A lock of a plain Locker may be lost as well, and that of a RunNow.
func TestSynctestLocksOfPlainLockersMayBeLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		lost := make(chan struct{})
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(gocron.LockerFrom(func(ctx context.Context, key string) (*claimLock, error) {
			l, err := c.Claim(ctx, key, time.Time{})
			l.lost = lost
			return l, err
		})))
		j := everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		require.NoError(t, j.RunNow())
		time.Sleep(time.Second)
		close(lost)
		require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
		require.ErrorIs(t, b.Runs()[0].Err, gocron.ErrLockLost)
		c.requireReleased(1, 1)
		b.RequireAtRest(t)
	})
}

// What is said of a loss is said before the scheduler is gone.
func TestSynctestClaimsLostAreLoggedInTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, err := gocron.NewScheduler(gocron.WithDistributedLocker(c.locker()), gocron.WithLogger(slowLogger{}))
		require.NoError(t, err)
		before := rig.Goroutines()
		s.Start()
		everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() })
		time.Sleep(70 * time.Second)
		close(c.latest().lost)
		synctest.Wait()
		require.NoError(t, s.Shutdown())
		require.Equal(t, before, rig.Goroutines())
		c.requireReleased(1, 1)
	})
}

type slowLogger struct{ rig.QuietLogger }

func (slowLogger) Error(string, ...any) { time.Sleep(5 * time.Second) }
