//go:build go1.25

package policy_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A retry that is cut off ends its run, and the interval counts from there.
func TestSynctestPolicyRetryFromCompletionWhenCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Answering(rig.ErrTest).Task, gocron.WithIntervalFromCompletion(), rig.Retries(3, time.Hour))
		time.Sleep(2 * time.Minute)
		rig.NoNextRun(t, j)
		require.NoError(t, gocron.NewController(s).Cancel(j.ID()))
		require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Minute)))
		require.Equal(t, []string{"failed"}, b.Results())
		time.Sleep(90 * time.Second)
		rig.RequireRetrying(t, s, 1)
		rig.NoNextRun(t, j)
		require.NoError(t, s.StopJobs())
		s.Start()
		require.True(t, rig.NextOf(t, j).After(time.Now()), "a stop ends it as well")
	})
}

func TestSynctestPolicyRetryEndsWithItsJob(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				last := errors.New("the second")
				p := rig.Answering(rig.ErrTest, last)
				j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(5, time.Minute), gocron.WithContext(user), gocron.WithTags("tag"), gocron.WithLimitedRuns(9))
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				time.Sleep(90 * time.Second)
				rig.RequireRetrying(t, s, 2)
				ended := time.Now()
				end(s, j, cancel)
				require.Equal(t, []string{"failed", "failed"}, b.Results())
				for _, info := range b.Runs() {
					require.True(t, info.Err == last)
					require.True(t, info.FinishedAt.Equal(ended))
				}
				time.Sleep(time.Hour)
				require.Len(t, p.Calls(), 4)
				rig.RequireRetrying(t, s, 0)
			})
		})
	}
}

// A task that fails after the end of its job is not tried again.
func TestSynctestPolicyRetryOfAnAttemptThatEndsTooLate(t *testing.T) {
	for name, end := range rig.JobEnds() {
		for _, wait := range []time.Duration{0, time.Second} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := rig.NewStarted(t)
					user, cancel := context.WithCancel(context.Background())
					defer cancel()
					p := rig.Answering(rig.ErrTest)
					j := rig.MustJob(t, s, rig.Ages(), func() error { defer time.Sleep(time.Second); return p.Task() },
						rig.Retries(5, wait), gocron.WithContext(user), gocron.WithTags("tag"))
					require.NoError(t, j.RunNow())
					synctest.Wait()
					end(s, j, cancel)
					time.Sleep(time.Minute)
					require.Len(t, p.Calls(), 1)
					require.Equal(t, []string{"failed 1"}, b.Outcomes())
				})
			})
		}
	}
}

// A retry whose time has come, and which waits for a slot then, ends no less.
func TestSynctestPolicyRetryEndsWithItsJobWhileItWaitsForASlot(t *testing.T) {
	for name, end := range rig.JobEnds() {
		for _, mode := range []gocron.LimitMode{gocron.LimitModeWait, gocron.LimitModeReschedule} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, mode))
					user, cancel := context.WithCancel(context.Background())
					defer cancel()
					p := rig.Answering(rig.ErrTest)
					j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(5, time.Minute), gocron.WithContext(user), gocron.WithTags("tag"))
					require.NoError(t, j.RunNow())
					synctest.Wait()
					blocker := rig.NewHoldup(t)
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
					time.Sleep(time.Minute)
					require.Equal(t, 1, rig.StatsAtRest(t, s).Waiting)
					end(s, j, cancel)
					require.Equal(t, []string{"failed"}, b.Results())
					blocker.Open()
					synctest.Wait()
					require.Len(t, p.Calls(), 1)
					rig.RequireRetrying(t, s, 0)
				})
			})
		}
	}
}

// The retry of a one-time job that a stop cuts off was a run: none is owed.
func TestSynctestPolicyRetryIsOverAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		p := rig.Answering(rig.ErrTest)
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), p.Task, rig.Retries(5, time.Minute))
		time.Sleep(time.Second)
		rig.RequireRetrying(t, s, 1)
		require.NoError(t, s.StopJobs())
		require.Equal(t, []string{"failed"}, b.Results())
		s.Start()
		time.Sleep(time.Hour)
		require.Len(t, p.Calls(), 1)
		require.NotContains(t, s.Jobs(), j, "Start found it exhausted")
	})
}

// A stop that ends the last limited runs of some jobs sees to all others.
func TestSynctestPolicyRetryOfLastLimitedRunsEndsWithAStop(t *testing.T) {
	for name, stop := range map[string]func(gocron.Scheduler) error{"stop": gocron.Scheduler.StopJobs, "shutdown": gocron.Scheduler.Shutdown} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &rig.Monitor{}
				s, b := rig.NewStarted(t, gocron.WithSchedulerMonitor(m), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
				var mu sync.Mutex
				var contexts []context.Context
				var stay []gocron.Job
				for i := 0; i < 4; i++ {
					limited := rig.MustJob(t, s, rig.Ages(), rig.Answering(rig.ErrTest).Task, gocron.WithLimitedRuns(1), rig.Retries(5, time.Minute), gocron.WithName("limited"))
					require.NoError(t, limited.RunNow())
					other := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
						mu.Lock()
						defer mu.Unlock()
						contexts = append(contexts, ctx)
					}, gocron.WithName("other"))
					require.NoError(t, other.RunNow())
					stay = append(stay, other)
					synctest.Wait()
				}
				require.NoError(t, stop(s))
				require.Len(t, contexts, 4)
				for _, ctx := range contexts {
					require.ErrorIs(t, ctx.Err(), context.Canceled)
				}
				require.Len(t, b.Runs(), 8)
				if name == "shutdown" {
					require.Empty(t, s.Jobs())
					return
				}
				require.ElementsMatch(t, stay, s.Jobs(), "the limited ones have had their run")
				require.Equal(t, 4, m.Count("unregistered limited"))
				s.Start()
				for _, j := range stay {
					require.NoError(t, j.RunNow())
				}
				require.Len(t, b.Runs(), 12)
			})
		})
	}
}

func TestSynctestPolicyRetryIsNotMadeAfterTheStopTime(t *testing.T) {
	for name, c := range map[string]struct {
		wait, takes time.Duration
		calls       int
		leaves      time.Duration // when the run has ended
	}{
		"one too many":       {30 * time.Second, 0, 3, 120 * time.Second},
		"at the stop time":   {time.Minute, 0, 2, 120 * time.Second},
		"after it":           {time.Minute + 1, 0, 1, 120 * time.Second},
		"much later":         {time.Hour, 0, 1, 120 * time.Second},
		"fails too late":     {10 * time.Second, 70 * time.Second, 1, 130 * time.Second},
		"fails, at once":     {0, 70 * time.Second, 1, 130 * time.Second},
		"fails at that time": {0, 60 * time.Second, 2, 180 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := rig.NewStarted(t)
				p := rig.Answering(rig.ErrTest)
				task := func() error { defer time.Sleep(c.takes); return p.Task() }
				stop := gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(2 * time.Minute)))
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Minute))), task, rig.Retries(9, c.wait), stop)
				time.Sleep(c.leaves - 2)
				require.LessOrEqual(t, len(p.Calls()), c.calls)
				time.Sleep(3 * time.Nanosecond)
				require.Len(t, p.Calls(), c.calls)
				require.Len(t, b.Runs(), 1)
				require.Equal(t, gocron.OutcomeFailed, b.Runs()[0].Outcome)
				require.Empty(t, s.Jobs(), "no run is left")
				time.Sleep(24 * time.Hour)
				require.Len(t, p.Calls(), c.calls)
			})
		})
	}
}

// An Update does not bring back what it has ended, and its own runs are tried
// again as the new definition says.
func TestSynctestPolicyRetryIsThatOfTheDefinition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t)
		old, p := rig.Answering(rig.ErrTest), rig.Answering(rig.ErrTest, nil)
		j := rig.MustJob(t, s, rig.Ages(), old.Task, rig.Retries(5, time.Minute))
		require.NoError(t, j.RunNow())
		rig.RequireRetrying(t, s, 1)
		_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(p.Task), rig.Retries(2, time.Hour))
		require.NoError(t, err)
		require.NoError(t, j.RunNow())
		time.Sleep(30 * time.Minute)
		rig.RequireRetrying(t, s, 1)
		time.Sleep(time.Hour)
		require.Len(t, old.Calls(), 1)
		require.Equal(t, []time.Duration{0, time.Hour}, p.Calls())
		require.Equal(t, []string{"failed", "succeeded"}, b.Results())
	})
}

// With WithDrain a stop lets all attempts be made.
func TestSynctestPolicyRetryIsDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithDrain(), gocron.WithStopTimeout(time.Hour))
		p, began := rig.Answering(rig.ErrTest, rig.ErrTest, nil), time.Now()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(3, time.Minute)).RunNow())
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		require.Equal(t, 2*time.Minute, time.Since(began))
		require.Equal(t, []string{"succeeded 3"}, b.Outcomes())
	})
}

// A retry that waits for a slot a second after the stop time has waited for too long.
func TestSynctestPolicyRetryIsDroppedAtTheStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := rig.NewStarted(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		p := rig.Answering(rig.ErrTest)
		stopped := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), p.Task, rig.Retries(5, time.Minute),
			gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(5*time.Minute))))
		rig.RequireRetrying(t, s, 1)
		h := rig.NewHoldup(t)
		blocker := rig.MustJob(t, s, rig.Ages(), h.Task)
		require.NoError(t, blocker.RunNow())
		time.Sleep(5 * time.Minute)
		require.Equal(t, 1, rig.StatsAtRest(t, s).Waiting)
		require.ElementsMatch(t, []gocron.Job{stopped, blocker}, s.Jobs())
		time.Sleep(time.Second)
		require.Equal(t, 1, rig.StatsAtRest(t, s).Waiting, "its turn may come within a second")
		time.Sleep(time.Nanosecond)
		require.Equal(t, []string{"failed 1"}, b.Outcomes())
		require.Equal(t, []gocron.Job{blocker}, s.Jobs())
		h.Open()
		require.Len(t, p.Calls(), 1)
	})
}

// A job that leaves while the lock for a later attempt is obtained is not called
// again, and the lock is released.
func TestSynctestPolicyRetryEndsWithItsJobWhileItIsClaimed(t *testing.T) {
	for name, end := range rig.JobEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var obtained, released atomic.Int64
				s, b := rig.NewStarted(t, gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
					if obtained.Add(1) > 1 {
						time.Sleep(time.Second)
					}
					return rig.UnlockFunc(func(context.Context) error { released.Add(1); return nil }), nil
				})))
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				p := rig.Answering(rig.ErrTest)
				j := rig.MustJob(t, s, rig.Ages(), p.Task, rig.Retries(5, 0), gocron.WithContext(user), gocron.WithTags("tag"))
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.EqualValues(t, 2, obtained.Load())
				end(s, j, cancel)
				time.Sleep(time.Minute)
				require.Equal(t, []string{"failed 1"}, b.Outcomes())
				require.True(t, b.Runs()[0].Err == rig.ErrTest)
				require.Len(t, p.Calls(), 1)
				require.EqualValues(t, 2, released.Load())
				require.LessOrEqual(t, rig.Goroutines(), b.AtRest)
			})
		})
	}
}
