//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A retry that is cut off ends its run, and the interval counts from there.
func TestSynctestPolicyRetryFromCompletionWhenCutOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		j := mustJob(t, s, DurationJob(time.Minute), answering(errContract).task, WithIntervalFromCompletion(), retries(3, time.Hour))
		time.Sleep(2 * time.Minute)
		requireNoNextRun(t, j)
		require.NoError(t, NewController(s).Cancel(j.ID()))
		require.True(t, nextOf(t, j).Equal(time.Now().Add(time.Minute)))
		require.Equal(t, []string{"failed"}, b.results())
		time.Sleep(90 * time.Second)
		requireRetrying(t, s, 1)
		requireNoNextRun(t, j)
		require.NoError(t, s.StopJobs())
		s.Start()
		require.True(t, nextOf(t, j).After(time.Now()), "a stop ends it as well")
	})
}

// policyEnds are all ways to end the runs of a job.
func policyEnds() map[string]func(s Scheduler, j Job, cancel context.CancelFunc) {
	barred := WithContext(endedContext()) // has no next run, and no waiter
	return map[string]func(Scheduler, Job, context.CancelFunc){
		"stop":     func(s Scheduler, j Job, _ context.CancelFunc) { go s.StopJobs() },
		"shutdown": func(s Scheduler, j Job, _ context.CancelFunc) { go s.Shutdown() },
		"removal":  func(s Scheduler, j Job, _ context.CancelFunc) { _ = s.RemoveJob(j.ID()) },
		"tags":     func(s Scheduler, j Job, _ context.CancelFunc) { s.RemoveByTags("tag") },
		"update":   func(s Scheduler, j Job, _ context.CancelFunc) { _, _ = s.Update(j.ID(), ages(), NewTask(noop), barred) },
		"replacement": func(s Scheduler, j Job, _ context.CancelFunc) {
			_, _ = s.NewJob(ages(), NewTask(noop), WithIdentifier(j.ID()), barred)
		},
		"user context": func(s Scheduler, j Job, cancel context.CancelFunc) { cancel() },
		"cancel":       func(s Scheduler, j Job, _ context.CancelFunc) { _ = NewController(s).Cancel(j.ID()) },
	}
}

func TestSynctestPolicyRetryEndsWithItsJob(t *testing.T) {
	for name, end := range policyEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, b := newPolicyScheduler(t)
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				last := errors.New("the second")
				p := answering(errContract, last)
				j := mustJob(t, s, ages(), p.task, retries(5, time.Minute), WithContext(user), WithTags("tag"), WithLimitedRuns(9))
				require.NoError(t, j.RunNow())
				require.NoError(t, j.RunNow())
				time.Sleep(90 * time.Second)
				requireRetrying(t, s, 2)
				ended := time.Now()
				end(s, j, cancel)
				require.Equal(t, []string{"failed", "failed"}, b.results())
				for _, info := range b.runs() {
					require.True(t, info.Err == last)
					require.True(t, info.FinishedAt.Equal(ended))
				}
				time.Sleep(time.Hour)
				require.Len(t, p.calls(), 4)
				requireRetrying(t, s, 0)
			})
		})
	}
}

// A task that fails after the end of its job is not tried again.
func TestSynctestPolicyRetryOfAnAttemptThatEndsTooLate(t *testing.T) {
	for name, end := range policyEnds() {
		for _, wait := range []time.Duration{0, time.Second} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := newPolicyScheduler(t)
					user, cancel := context.WithCancel(context.Background())
					defer cancel()
					p := answering(errContract)
					j := mustJob(t, s, ages(), func() error { defer time.Sleep(time.Second); return p.task() },
						retries(5, wait), WithContext(user), WithTags("tag"))
					require.NoError(t, j.RunNow())
					synctest.Wait()
					end(s, j, cancel)
					time.Sleep(time.Minute)
					require.Len(t, p.calls(), 1)
					require.Equal(t, []string{"failed 1"}, b.outcomes())
				})
			})
		}
	}
}

// A retry whose time has come, and which waits for a slot then, ends no less.
func TestSynctestPolicyRetryEndsWithItsJobWhileItWaitsForASlot(t *testing.T) {
	for name, end := range policyEnds() {
		for _, mode := range []LimitMode{LimitModeWait, LimitModeReschedule} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, mode))
					user, cancel := context.WithCancel(context.Background())
					defer cancel()
					p := answering(errContract)
					j := mustJob(t, s, ages(), p.task, retries(5, time.Minute), WithContext(user), WithTags("tag"))
					require.NoError(t, j.RunNow())
					synctest.Wait()
					blocker := newHoldup(t)
					require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
					time.Sleep(time.Minute)
					require.Equal(t, 1, policyStats(t, s).Waiting)
					end(s, j, cancel)
					require.Equal(t, []string{"failed"}, b.results())
					blocker.open()
					synctest.Wait()
					require.Len(t, p.calls(), 1)
					requireRetrying(t, s, 0)
				})
			})
		}
	}
}

// The retry of a one-time job that a stop cuts off was a run: none is owed.
func TestSynctestPolicyRetryIsOverAfterAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		p := answering(errContract)
		j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))), p.task, retries(5, time.Minute))
		time.Sleep(time.Second)
		requireRetrying(t, s, 1)
		require.NoError(t, s.StopJobs())
		require.Equal(t, []string{"failed"}, b.results())
		s.Start()
		time.Sleep(time.Hour)
		require.Len(t, p.calls(), 1)
		require.NotContains(t, s.Jobs(), j, "Start found it exhausted")
	})
}

// A stop that ends the last limited runs of some jobs sees to all others.
func TestSynctestPolicyRetryOfLastLimitedRunsEndsWithAStop(t *testing.T) {
	for name, stop := range map[string]func(Scheduler) error{"stop": Scheduler.StopJobs, "shutdown": Scheduler.Shutdown} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &contractMonitor{}
				s, b := newPolicyScheduler(t, WithSchedulerMonitor(m), WithLimitConcurrentJobs(2, LimitModeWait))
				var mu sync.Mutex
				var contexts []context.Context
				var stay []Job
				for i := 0; i < 4; i++ {
					limited := mustJob(t, s, ages(), answering(errContract).task, WithLimitedRuns(1), retries(5, time.Minute), WithName("limited"))
					require.NoError(t, limited.RunNow())
					other := mustJob(t, s, ages(), func(ctx context.Context) {
						mu.Lock()
						defer mu.Unlock()
						contexts = append(contexts, ctx)
					}, WithName("other"))
					require.NoError(t, other.RunNow())
					stay = append(stay, other)
					synctest.Wait()
				}
				require.NoError(t, stop(s))
				require.Len(t, contexts, 4)
				for _, ctx := range contexts {
					require.ErrorIs(t, ctx.Err(), context.Canceled)
				}
				require.Len(t, b.runs(), 8)
				if name == "shutdown" {
					require.Empty(t, s.Jobs())
					return
				}
				require.ElementsMatch(t, stay, s.Jobs(), "the limited ones have had their run")
				require.Equal(t, 4, m.count("unregistered limited"))
				s.Start()
				for _, j := range stay {
					require.NoError(t, j.RunNow())
				}
				require.Len(t, b.runs(), 12)
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
				s, b := newPolicyScheduler(t)
				p := answering(errContract)
				task := func() error { defer time.Sleep(c.takes); return p.task() }
				stop := WithStopAt(WithStopDateTime(time.Now().Add(2 * time.Minute)))
				mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Minute))), task, retries(9, c.wait), stop)
				time.Sleep(c.leaves - 2)
				require.LessOrEqual(t, len(p.calls()), c.calls)
				time.Sleep(3 * time.Nanosecond)
				require.Len(t, p.calls(), c.calls)
				require.Len(t, b.runs(), 1)
				require.Equal(t, OutcomeFailed, b.runs()[0].Outcome)
				require.Empty(t, s.Jobs(), "no run is left")
				time.Sleep(24 * time.Hour)
				require.Len(t, p.calls(), c.calls)
			})
		})
	}
}

// An Update does not bring back what it has ended, and its own runs are tried
// again as the new definition says.
func TestSynctestPolicyRetryIsThatOfTheDefinition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		old, p := answering(errContract), answering(errContract, nil)
		j := mustJob(t, s, ages(), old.task, retries(5, time.Minute))
		require.NoError(t, j.RunNow())
		requireRetrying(t, s, 1)
		_, err := s.Update(j.ID(), ages(), NewTask(p.task), retries(2, time.Hour))
		require.NoError(t, err)
		require.NoError(t, j.RunNow())
		time.Sleep(30 * time.Minute)
		requireRetrying(t, s, 1)
		time.Sleep(time.Hour)
		require.Len(t, old.calls(), 1)
		require.Equal(t, []time.Duration{0, time.Hour}, p.calls())
		require.Equal(t, []string{"failed", "succeeded"}, b.results())
	})
}

// With WithDrain a stop lets all attempts be made.
func TestSynctestPolicyRetryIsDrained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithDrain(), WithStopTimeout(time.Hour))
		p, began := answering(errContract, errContract, nil), time.Now()
		require.NoError(t, mustJob(t, s, ages(), p.task, retries(3, time.Minute)).RunNow())
		synctest.Wait()
		require.NoError(t, s.StopJobs())
		require.Equal(t, 2*time.Minute, time.Since(began))
		require.Equal(t, []string{"succeeded 3"}, b.outcomes())
	})
}

// A retry that waits for a slot a second after the stop time has waited for too long.
func TestSynctestPolicyRetryIsDroppedAtTheStopTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		p := answering(errContract)
		stopped := mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), p.task, retries(5, time.Minute),
			WithStopAt(WithStopDateTime(time.Now().Add(5*time.Minute))))
		requireRetrying(t, s, 1)
		h := newHoldup(t)
		blocker := mustJob(t, s, ages(), h.task)
		require.NoError(t, blocker.RunNow())
		time.Sleep(5 * time.Minute)
		require.Equal(t, 1, policyStats(t, s).Waiting)
		require.ElementsMatch(t, []Job{stopped, blocker}, s.Jobs())
		time.Sleep(time.Second)
		require.Equal(t, 1, policyStats(t, s).Waiting, "its turn may come within a second")
		time.Sleep(time.Nanosecond)
		require.Equal(t, []string{"failed 1"}, b.outcomes())
		require.Equal(t, []Job{blocker}, s.Jobs())
		h.open()
		require.Len(t, p.calls(), 1)
	})
}

// A job that leaves while the lock for a later attempt is obtained is not called
// again, and the lock is released.
func TestSynctestPolicyRetryEndsWithItsJobWhileItIsClaimed(t *testing.T) {
	for name, end := range policyEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var obtained, released atomic.Int64
				s, b := newPolicyScheduler(t, WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
					if obtained.Add(1) > 1 {
						time.Sleep(time.Second)
					}
					return unlockFunc(func(context.Context) error { released.Add(1); return nil }), nil
				})))
				user, cancel := context.WithCancel(context.Background())
				defer cancel()
				p := answering(errContract)
				j := mustJob(t, s, ages(), p.task, retries(5, 0), WithContext(user), WithTags("tag"))
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.EqualValues(t, 2, obtained.Load())
				end(s, j, cancel)
				time.Sleep(time.Minute)
				require.Equal(t, []string{"failed 1"}, b.outcomes())
				require.True(t, b.runs()[0].Err == errContract)
				require.Len(t, p.calls(), 1)
				require.EqualValues(t, 2, released.Load())
				require.LessOrEqual(t, bubbleGoroutines(), b.atRest)
			})
		})
	}
}
