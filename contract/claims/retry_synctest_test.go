//go:build go1.25

package claims_test

import (
	"context"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// One claim is for all attempts, and so is its lock.
func TestSynctestClaimsAreAskedOnceForAllAttempts(t *testing.T) {
	for name, tt := range map[string]struct {
		answers []error
		outcome string
	}{
		"success in the end": {[]error{rig.ErrTest, rig.ErrTest, nil}, "succeeded 3"},
		"failure":            {[]error{rig.ErrTest}, "failed 4"},
		"no need":            {[]error{nil}, "succeeded 1"},
		"permanent":          {[]error{rig.ErrTest, gocron.Permanent(rig.ErrTest)}, "failed 2"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				p := rig.Answering(tt.answers...)
				everyMinute(t, s, p.Task, rig.Retries(4, 10*time.Second))
				time.Sleep(time.Minute)
				if len(tt.answers) > 1 || tt.answers[0] != nil {
					rig.RequireRetrying(t, s, 1)
					c.requireReleased(1, 0)
					b.RequireAtRest(t)
				}
				time.Sleep(50 * time.Second)
				synctest.Wait()
				require.Equal(t, []string{tt.outcome}, b.Outcomes())
				require.Equal(t, minutes(1), c.questions())
				c.requireReleased(1, 1)
				b.RequireAtRest(t)
			})
		})
	}
}

// The lock of a run that waits for another attempt is released once, when there will be none.
func TestSynctestClaimsKeptForAnAttemptAreReleasedWithTheRun(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				exempt := gocron.WithGlobalJobOptions(gocron.WithName("j"))
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), exempt)
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := everyMinute(t, s, func() error { return rig.ErrTest }, rig.Retries(5, time.Hour), gocron.WithContext(user), gocron.WithTags("tag"))
				time.Sleep(150 * time.Second)
				rig.RequireRetrying(t, s, 2)
				c.requireReleased(2, 0)
				end(s, j, cancel)
				require.Equal(t, []string{"failed 1", "failed 1"}, b.Outcomes())
				c.requireReleased(2, 1)
				time.Sleep(10 * time.Hour)
				synctest.Wait()
				c.mu.Lock()
				defer c.mu.Unlock()
				for _, l := range c.locks[:2] { // the job may have gone on
					require.Equal(t, 1, l.released)
				}
			})
		})
	}
}

func TestSynctestClaimsKeptForAnAttemptOverAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		p := rig.Answering(rig.ErrTest, nil)
		j := everyMinute(t, s, p.Task, rig.Retries(5, 90*time.Second))
		time.Sleep(time.Minute)
		rig.RequireRetrying(t, s, 1)
		require.NoError(t, gocron.NewController(s).Pause(j.ID()))
		c.requireReleased(1, 0)
		time.Sleep(90 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 2", "paused 0"}, b.Outcomes(), "a run under way goes on")
		require.Equal(t, minutes(1), c.questions())
		c.requireReleased(1, 1)
	})
}

func TestSynctestClaimsKeptForAnAttemptAfterTheStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		everyMinute(t, s, func() error { return rig.ErrTest }, rig.Retries(50, 20*time.Second),
			gocron.WithStopAt(gocron.WithStopDateTime(bubbleStart.Add(90*time.Second))))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []string{"failed 2"}, b.Outcomes())
		c.requireReleased(1, 1)
		require.Empty(t, s.Jobs())
	})
}

// The time of the next attempt comes, but it has to wait, and is dropped there.
func TestSynctestClaimsKeptInTheQueue(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
					gocron.WithGlobalJobOptions(gocron.WithName("j")))
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := everyMinute(t, s, func() error { return rig.ErrTest }, rig.Retries(5, 10*time.Second), gocron.WithContext(user), gocron.WithTags("tag"))
				long := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(30 * time.Second) }, gocron.WithDisabledDistributedJobLocker(true))
				time.Sleep(65 * time.Second)
				synctest.Wait()
				require.NoError(t, long.RunNow())
				time.Sleep(10 * time.Second)
				stats := rig.StatsAtRest(t, s)
				require.Equal(t, []int{1, 1, 0}, []int{stats.Running, stats.Waiting, stats.Retrying})
				end(s, j, cancel)
				synctest.Wait()
				c.requireReleased(1, 1)
				time.Sleep(20 * time.Second)
				synctest.Wait()
				require.Contains(t, b.Outcomes(), "failed 1")
				c.requireReleased(1, 1)
			})
		})
	}
}

// An attempt in progress is the last when its run is not wanted any more. The lock is
// released before the next run of the job can want it.
func TestSynctestClaimsAreReleasedBeforeTheNextRun(t *testing.T) {
	for _, retry := range []gocron.JobOption{gocron.WithTags(), rig.Retries(3, 0), rig.Retries(3, time.Second), rig.Retries(3, time.Hour)} {
		for name, task := range map[string]func(ctx context.Context) error{
			"in progress": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"waits":       func(context.Context) error { return rig.ErrTest },
		} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					held := false
					claim := func(context.Context, string, time.Time) (rig.UnlockFunc, error) {
						if held {
							return nil, errTaken
						}
						held = true
						return func(context.Context) error { time.Sleep(time.Millisecond); held = false; return nil }, nil
					}
					s, b := rig.NewStarted(t, gocron.WithDistributedLocker(gocron.ClaimerFrom(claim)))
					everyMinute(t, s, task, gocron.WithSingletonMode(gocron.LimitModeReplace), retry)
					time.Sleep(6*time.Minute + 30*time.Second)
					synctest.Wait()
					require.NotContains(t, b.Results(), "locked-elsewhere")
					require.GreaterOrEqual(t, len(b.Results()), 5)
				})
			})
		}
	}
}

// A lock that is lost between two attempts is not used for another.
func TestSynctestClaimsLostBetweenTwoAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		p := rig.Answering(rig.ErrTest)
		everyMinute(t, s, p.Task, rig.Retries(5, 20*time.Second), gocron.WithLimitedRuns(1))
		time.Sleep(90 * time.Second)
		close(c.latest().lost)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []time.Duration{time.Minute, 80 * time.Second}, p.Calls())
		require.Equal(t, []string{"failed 2"}, b.Outcomes(), "what the last attempt came to")
		require.True(t, b.Runs()[0].Err == rig.ErrTest)
		require.Equal(t, minutes(1), c.questions())
		c.requireReleased(1, 1)
		require.Empty(t, s.Jobs())
		b.RequireAtRest(t)
	})
}

// One that is lost during an attempt ends that, and there is none after it.
func TestSynctestClaimsLostDuringAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		calls := 0
		everyMinute(t, s, func(ctx context.Context) error {
			if calls++; calls == 1 {
				return rig.ErrTest
			}
			<-ctx.Done()
			return ctx.Err()
		}, rig.Retries(5, 10*time.Second), gocron.WithLimitedRuns(1))
		time.Sleep(75 * time.Second)
		close(c.latest().lost)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, []string{"cancelled 2"}, b.Outcomes())
		require.ErrorIs(t, b.Runs()[0].Err, gocron.ErrLockLost)
		require.Equal(t, 2, calls)
		c.requireReleased(1, 1)
	})
}

// However an attempt ends, the lock is kept for the next, and released with the last.
func TestSynctestClaimsKeptWhateverEndsAnAttempt(t *testing.T) {
	for name, tt := range map[string]struct {
		task   func(ctx context.Context) error
		option gocron.JobOption
	}{
		"panic":   {func(context.Context) error { panic("x") }, gocron.WithRecover()},
		"Goexit":  {func(context.Context) error { runtime.Goexit(); return nil }, gocron.WithTags()},
		"timeout": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, gocron.WithTimeout(time.Second)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
				everyMinute(t, s, tt.task, rig.Retries(3, 10*time.Second), tt.option)
				time.Sleep(65 * time.Second)
				rig.RequireRetrying(t, s, 1)
				c.requireReleased(1, 0)
				time.Sleep(30 * time.Second)
				synctest.Wait()
				require.Len(t, b.Runs(), 1)
				require.Equal(t, 3, b.Runs()[0].Attempt)
				require.Equal(t, minutes(1), c.questions())
				c.requireReleased(1, 1)
			})
		})
	}
}

// A policy that ends the goroutine wants no other attempt.
func TestSynctestClaimsWhenThePolicyEndsTheGoroutine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		policy := gocron.RetryPolicy{Attempts: 3, Backoff: func(int) time.Duration { runtime.Goexit(); return 0 }}
		everyMinute(t, s, func() error { return rig.ErrTest }, gocron.WithRetry(policy))
		time.Sleep(90 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"failed 1"}, b.Outcomes())
		c.requireReleased(1, 1)
	})
}
