//go:build go1.25

package claims_test

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// A claim that is granted to a run which is not wanted any more is released, and the run does
// not start. Whoever asks for it can see that by the context. A run whose job is replaced
// goes on.
func TestSynctestClaimsThatCameTooLate(t *testing.T) {
	for name, end := range rig.JobEnds() {
		for _, heeds := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newClaimStore(t)
					c.claiming = func(ctx context.Context, _ occurrence) error {
						time.Sleep(20 * time.Second)
						if heeds {
							return context.Cause(ctx)
						}
						return nil
					}
					s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithGlobalJobOptions(gocron.WithName("j")),
						gocron.WithStopTimeout(time.Minute))
					user, cancel := context.WithCancel(context.Background())
					defer cancel()
					p := rig.Answering(nil)
					j := everyMinute(t, s, p.Task, gocron.WithContext(user), gocron.WithTags("tag"))
					time.Sleep(70 * time.Second)
					end(s, j, cancel)
					time.Sleep(20 * time.Second)
					synctest.Wait()
					if name == "update" || name == "replacement" {
						require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
						c.requireReleased(1, 1)
						return
					}
					require.Equal(t, []string{"cancelled 0"}, b.Outcomes())
					require.Empty(t, p.Calls())
					if heeds {
						c.requireReleased(0, 0)
					} else {
						c.requireReleased(1, 1)
					}
				})
			})
		}
	}
}

func TestSynctestClaimsAreReleasedOnceInEveryEnding(t *testing.T) {
	listen := func(l gocron.EventListener) gocron.JobOption { return gocron.WithEventListeners(l) }
	exit := func() { runtime.Goexit() }
	for name, tt := range map[string]struct {
		task    any
		option  gocron.JobOption
		outcome string
	}{
		"success":     {rig.Noop, gocron.WithTags(), "succeeded 1"},
		"failure":     {func() error { return rig.ErrTest }, gocron.WithTags(), "failed 1"},
		"panic":       {func() { panic("x") }, gocron.WithRecover(), "panicked 1"},
		"Goexit":      {exit, gocron.WithTags(), "failed 1"},
		"timeout":     {func(ctx context.Context) { <-ctx.Done() }, gocron.WithTimeout(time.Second), "timed-out 1"},
		"last run":    {rig.Noop, gocron.WithLimitedRuns(1), "succeeded 1"},
		"replacement": {func(ctx context.Context) error { time.Sleep(5 * time.Second); return ctx.Err() }, gocron.WithSingletonMode(gocron.LimitModeReplace), "succeeded 1"},
		"refusal":     {rig.Noop, listen(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrTest })), "refused 0"},
		"Goexit in a refusal": {rig.Noop, listen(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { exit(); return nil })),
			"cancelled 0"},
		"Goexit before": {rig.Noop, listen(gocron.BeforeJobRuns(func(uuid.UUID, string) { exit() })), "cancelled 0"},
		"Goexit after":  {rig.Noop, listen(gocron.AfterJobRuns(func(uuid.UUID, string) { exit() })), "succeeded 1"},
		"Goexit after an error": {func() error { return rig.ErrTest },
			listen(gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { exit() })), "failed 1"},
		"Goexit around": {rig.Noop, gocron.WithMiddleware(func(gocron.RunFunc) gocron.RunFunc { return func(context.Context) error { exit(); return nil } }), "failed 1"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				everyMinute(t, s, tt.task, tt.option)
				time.Sleep(70 * time.Second)
				synctest.Wait()
				require.Equal(t, []string{tt.outcome}, b.Outcomes())
				c.requireReleased(1, 1)
				require.Zero(t, rig.StatsAtRest(t, s).Running, "the slot is free")
				b.RequireAtRest(t)
			})
		})
	}
}

// The run's own context may have ended: that of its release has not.
func TestSynctestClaimsAreReleasedAfterTheRunsContextHasEnded(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := newClaimStore(t)
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()), gocron.WithGlobalJobOptions(gocron.WithName("j")))
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				j := everyMinute(t, s, func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, gocron.WithContext(user), gocron.WithTags("tag"))
				time.Sleep(70 * time.Second)
				c.requireReleased(1, 0)
				end(s, j, cancel)
				require.Equal(t, []string{"cancelled 1"}, b.Outcomes())
				c.requireReleased(1, 1) // with a context that is alive: see there
			})
		})
	}
}

// A claimTrap is a lock with a trap in one of its methods.
type claimTrap struct {
	*claimLock
	trap string
}

func (l *claimTrap) spring(method string) {
	if l.trap == method {
		runtime.Goexit()
	}
}

func (l *claimTrap) Unlock(ctx context.Context) error {
	err := l.claimLock.Unlock(ctx)
	l.spring("Unlock")
	return err
}

func (l *claimTrap) Lost() <-chan struct{} {
	l.spring("Lost")
	return l.lost
}

func (l *claimTrap) FencingToken() int64 {
	l.spring("FencingToken")
	return l.token
}

// Whatever ends the goroutine in a Claimer or its lock ends that run alone.
func TestSynctestClaimsWhoseCodeEndsTheGoroutine(t *testing.T) {
	for trap, outcome := range map[string]string{
		"Claim": "cancelled", "FencingToken": "cancelled", "Lost": "failed", "Unlock": "succeeded",
	} {
		for _, retry := range []gocron.JobOption{gocron.WithTags(), rig.Retries(2, 5*time.Second)} {
			t.Run(trap, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					c := newClaimStore(t)
					c.claiming = func(context.Context, occurrence) error {
						if trap == "Claim" {
							runtime.Goexit()
						}
						return nil
					}
					locker := gocron.ClaimerFrom(func(ctx context.Context, key string, at time.Time) (*claimTrap, error) {
						l, err := c.Claim(ctx, key, at)
						return &claimTrap{l, trap}, err
					})
					s, b := rig.NewStarted(t, gocron.WithDistributedLocker(locker), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
					everyMinute(t, s, rig.Noop, retry, gocron.WithSingletonMode(gocron.LimitModeWait))
					time.Sleep(3*time.Minute + 30*time.Second)
					synctest.Wait()
					require.Equal(t, []string{outcome, outcome, outcome}, b.Results())
					if trap == "Claim" {
						c.requireReleased(0, 0)
					} else {
						c.requireReleased(3, 1)
					}
					rig.RequireRetrying(t, s, 0)
					b.RequireAtRest(t)
				})
			})
		}
	}
}

func TestSynctestClaimsWhoseReleaseFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &claimLog{}
		locker := gocron.ClaimerFrom(func(context.Context, string, time.Time) (rig.UnlockFunc, error) {
			return func(context.Context) error { return errors.New("no connection") }, nil
		})
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(locker), gocron.WithLogger(log))
		everyMinute(t, s, rig.Noop)
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 1", "succeeded 1"}, b.Outcomes(), "the run did what it had to")
		require.Len(t, log.all(), 2)
		require.Contains(t, log.all()[0], "no connection")
	})
}

// A release that takes long is part of the run: it has its slot, and a stop waits for it.
func TestSynctestClaimsWhoseReleaseTakesLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		released := false
		locker := gocron.ClaimerFrom(func(context.Context, string, time.Time) (rig.UnlockFunc, error) {
			return func(ctx context.Context) error {
				info, ok := gocron.RunFromContext(ctx)
				require.True(t, ok)
				require.Equal(t, "j", info.JobName)
				time.Sleep(5 * time.Second)
				released = true
				return ctx.Err()
			}, nil
		})
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(locker))
		everyMinute(t, s, rig.Noop)
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		require.Equal(t, 1, rig.StatsAtRest(t, s).Running)
		require.NoError(t, s.Shutdown())
		require.True(t, released)
		require.Equal(t, []string{"succeeded 1"}, b.Outcomes())
	})
}

func TestSynctestClaimsWithoutALock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		locker := gocron.ClaimerFrom(func(context.Context, string, time.Time) (gocron.Lock, error) { return nil, nil })
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(locker), gocron.WithDistributedElector(&termElector{token: 9}))
		p := rig.Answering(rig.ErrTest, nil)
		everyMinute(t, s, p.Task, rig.Retries(2, time.Second))
		time.Sleep(70 * time.Second)
		synctest.Wait()
		require.Equal(t, []string{"succeeded 2"}, b.Outcomes())
		require.EqualValues(t, 9, b.Runs()[0].FencingToken)
	})
}

// What was claimed is claimed: a one-time job that is stopped before it starts is another's.
func TestSynctestClaimsForfeitedByAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newClaimStore(t)
		c.claiming = func(context.Context, occurrence) error { time.Sleep(time.Second); return nil }
		s, b := rig.NewStarted(t, gocron.WithDistributedLocker(c.locker()))
		p := rig.Answering(nil)
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(bubbleStart.Add(time.Minute))), p.Task, gocron.WithName("j"))
		time.Sleep(time.Minute + time.Second/2)
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		s.Start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, []string{"cancelled 0", "locked-elsewhere 0"}, b.Outcomes())
		require.Empty(t, p.Calls())
		c.requireReleased(1, 1)
	})
}
