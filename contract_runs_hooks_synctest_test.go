//go:build go1.25

package gocron

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func runHooks() []string { return []string{"due", "queued", "started", "finished"} }

func TestSynctestContractHooksAreToldOfEachStepOnce(t *testing.T) {
	wait := WithLimitConcurrentJobs(1, LimitModeWait)
	minute := func() { time.Sleep(time.Minute) }
	fails := func() error { time.Sleep(time.Second); return errContract }
	retry := func(d time.Duration) JobOption {
		return WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(d)})
	}
	for name, c := range map[string]struct {
		option SchedulerOption
		task   any
		job    []JobOption
		runs   int
		want   string // of the last run
	}{
		"starts at once":      {WithHistory(1), noop, nil, 1, "due started finished"},
		"starts beside":       {WithHistory(1), minute, nil, 2, "due started finished"},
		"waits for its turn":  {WithHistory(1), minute, []JobOption{WithSingletonMode(LimitModeWait)}, 2, "due queued started finished"},
		"waits for a slot":    {wait, minute, nil, 3, "due queued started finished"},
		"is skipped":          {WithHistory(1), minute, []JobOption{WithSingletonMode(LimitModeReschedule)}, 2, "due finished"},
		"replaces":            {WithHistory(1), minute, []JobOption{WithSingletonMode(LimitModeReplace)}, 2, "due queued started finished"},
		"tries again":         {wait, fails, []JobOption{retry(time.Hour)}, 1, "due started queued started finished"},
		"tries again at once": {wait, fails, []JobOption{retry(0)}, 1, "due started queued started finished"},
		"waits to try and then for a slot": {wait, fails, []JobOption{retry(1500 * time.Millisecond)}, 3,
			"due queued started queued queued started finished"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book runBook
				s := newScheduler(t, WithHooks(book.hooks()), c.option)
				j := mustJob(t, s, ages(), c.task, c.job...)
				s.Start()
				for i := 0; i < c.runs; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
				}
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				require.Equal(t, c.want, book.story(uint64(c.runs)))
			})
		})
	}
}

// A run that waits for another one and then for a slot waits once, in each attempt.
func TestSynctestContractAFurtherAttemptIsQueuedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book runBook
		s := newScheduler(t, WithHooks(book.hooks()), WithLimitConcurrentJobs(2, LimitModeWait))
		calls := 0
		j := mustJob(t, s, ages(), func() error {
			if calls++; calls == 1 {
				return errContract
			}
			time.Sleep(time.Minute)
			return nil
		}, WithSingletonMode(LimitModeWait), WithRetry(RetryPolicy{Attempts: 2, Backoff: ConstantBackoff(time.Second)}))
		other := mustJob(t, s, ages(), func() { time.Sleep(time.Hour) })
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow()) // runs before the next attempt, which is due soon
		require.NoError(t, other.RunNow())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.NoError(t, NewController(s).SetLimit(1))
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		require.Equal(t, "due started queued queued started finished", book.story(1))
		require.Equal(t, 3, calls)
	})
}

// Hooks are one part of what is called for a run.
func TestSynctestContractHooksHaveTheirPlaceAmongMonitorsAndListeners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hookRecorder{t: t}
		note := func(hook string) func(RunInfo) { return func(info RunInfo) { h.note("%s %s", hook, info.JobName) } }
		s := newScheduler(t, WithMonitor(h), WithMonitorStatus(hookStatus{h}), WithSchedulerMonitor(h), WithDistributedLocker(h),
			WithHooks(Hooks{note("RunDue"), note("RunQueued"), note("RunStarted"), note("RunFinished")}),
			WithLimitConcurrentJobs(1, LimitModeWait), WithClock(clockwork.NewFakeClockAt(rigNow)))
		var err error
		j := mustJob(t, s, ages(), func() error { h.note("task"); return err }, WithName("j"), h.listeners(), WithSingletonMode(LimitModeReschedule))
		goOn := make(chan struct{})
		other := mustJob(t, s, ages(), func() { <-goOn }, WithName("other"))
		s.Start()
		run := func() {
			t.Helper()
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		h.take()

		run()
		h.expect(`RunDue j, Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j, RunStarted j, task, Timing j, After j,
			Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Unlock <nil>, RunFinished j`)
		err = errHook
		run()
		h.expect(`RunDue j, Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j, RunStarted j, task, Timing j, AfterError j hook,
			Increment j fail, TimingStatus j fail hook, JobFailed j hook, ExecutionTime j 0s, Unlock <nil>, RunFinished j`)
		h.refuse = errHook
		run()
		h.expect(`RunDue j, Lock j, Before j, JobStarted j, BeforeSkip j, JobFailed j hook, Unlock <nil>, RunFinished j`)
		h.lock = errHook
		run()
		h.expect(`RunDue j, Lock j, AfterLockError j hook, Increment j skip, RunFinished j`)
		h.lock, h.refuse, err = nil, nil, nil

		require.NoError(t, other.RunNow())
		synctest.Wait()
		h.take()
		run()
		h.expect(`RunDue j, LimitReached j limit, RunQueued j`)
		run()
		h.expect(`RunDue j, Increment j singleton_rescheduled, LimitReached j singleton, RunFinished j`)
		require.NoError(t, s.RemoveJob(j.ID()))
		synctest.Wait()
		require.ElementsMatch(t, []string{"Unregistered j", "RunFinished j"}, h.take())
		close(goOn)
		synctest.Wait()
	})
}

// Each of the hooks may be given alone, and the last ones given count.
func TestSynctestContractAnyHookMayBeMissing(t *testing.T) {
	for i := range runHooks() {
		synctest.Test(t, func(t *testing.T) {
			var replaced, book runBook
			all, one := book.hooks(), Hooks{}
			switch i {
			case 0:
				one.RunDue = all.RunDue
			case 1:
				one.RunQueued = all.RunQueued
			case 2:
				one.RunStarted = all.RunStarted
			case 3:
				one.RunFinished = all.RunFinished
			}
			s := newScheduler(t, WithHooks(replaced.hooks()), WithHooks(one), WithLimitConcurrentJobs(1, LimitModeWait))
			j := mustJob(t, s, ages(), func() { time.Sleep(time.Minute) })
			s.Start()
			require.NoError(t, j.RunNow())
			require.NoError(t, j.RunNow())
			time.Sleep(time.Hour)
			synctest.Wait()
			require.Equal(t, runHooks()[i], book.story(2))
			require.Empty(t, replaced.story(2))
		})
	}
}

func TestSynctestContractABlockingHookDelaysItsOwnRunOnly(t *testing.T) {
	for _, hook := range runHooks() {
		t.Run(hook, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book runBook
				var once atomic.Bool
				goOn := make(chan struct{})
				book.during(hook, func(info RunInfo) {
					if info.JobName == "slow" && !once.Swap(true) {
						<-goOn
					}
				})
				s := newScheduler(t, WithHooks(book.hooks()), WithPool("p", 1, LimitModeWait))
				began := time.Now()
				var slow atomic.Int64
				var other []time.Duration
				pool := ""
				if hook != "due" && hook != "started" { // in these the run has a slot
					pool = "p"
				}
				j := mustJob(t, s, DurationJob(time.Minute), func() { slow.Add(1); time.Sleep(61 * time.Second) }, WithName("slow"), InPool(pool))
				mustJob(t, s, DurationJob(time.Minute), func() { other = append(other, time.Since(began)/time.Minute) })
				s.Start()
				time.Sleep(10*time.Minute + time.Second)
				synctest.Wait()
				require.Equal(t, []time.Duration{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, other)
				require.Equal(t, map[string]int64{"due": 9, "queued": 1, "started": 9, "finished": 9}[hook], slow.Load())
				close(goOn)
				synctest.Wait()
				require.NoError(t, s.RemoveJob(j.ID()))
				time.Sleep(20 * time.Minute)
				synctest.Wait()
				for _, info := range book.told("due") {
					require.Regexp(t, "^due( queued)?( started)? finished$", book.story(info.ID))
				}
			})
		})
	}
}

func TestSynctestContractAStopWaitsForHooks(t *testing.T) {
	for _, hook := range runHooks() {
		for _, timeout := range []time.Duration{time.Second, time.Hour} {
			t.Run(hook, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var book runBook
					book.during(hook, func(RunInfo) { time.Sleep(time.Minute) })
					s := newScheduler(t, WithHooks(book.hooks()), WithLimitConcurrentJobs(1, LimitModeWait), WithStopTimeout(timeout))
					j := mustJob(t, s, ages(), func(ctx context.Context) { <-ctx.Done() })
					s.Start()
					require.NoError(t, j.RunNow())
					require.NoError(t, j.RunNow())
					synctest.Wait()
					began := time.Now()
					err := s.StopJobs()
					if timeout == time.Hour {
						require.NoError(t, err)
						require.Equal(t, time.Minute, time.Since(began))
					} else {
						require.True(t, err == ErrStopJobsTimedOut)
						time.Sleep(time.Hour)
					}
					require.NoError(t, s.StopJobs())
					require.Len(t, book.told("finished"), 2)
				})
			})
		}
	}
}

func TestSynctestContractAHookThatEndsItsGoroutineChangesNoCount(t *testing.T) {
	for _, hook := range append(runHooks(), "") {
		t.Run(hook, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book runBook
				var calls, locks atomic.Int64
				book.during(hook, func(RunInfo) { runtime.Goexit() })
				s := newScheduler(t, WithHooks(book.hooks()), WithLimitConcurrentJobs(2, LimitModeWait),
					WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
						locks.Add(1)
						return unlockFunc(func(context.Context) error { locks.Add(-1); return nil }), nil
					})))
				var jobs []Job
				for i := 0; i < 3; i++ {
					jobs = append(jobs, mustJob(t, s, ages(), func() { calls.Add(1); time.Sleep(time.Second) }))
				}
				jobs = append(jobs, mustJob(t, s, ages(), func() { calls.Add(1); time.Sleep(time.Second) }, WithSingletonMode(LimitModeWait)))
				s.Start()
				for i := 0; i < 12; i++ {
					require.NoError(t, jobs[i%4].RunNow())
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				c := NewController(s)
				stats, err := c.Stats()
				require.NoError(t, err)
				require.Equal(t, book.outcomes(), stats.Outcomes)
				require.Len(t, book.told("finished"), 12)
				if hook == "started" || hook == "" { // the task is never called
					require.Equal(t, map[Outcome]uint64{OutcomeFailed: 12}, stats.Outcomes)
					require.Zero(t, calls.Load())
				} else {
					require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 12}, stats.Outcomes)
					require.EqualValues(t, 12, calls.Load())
				}
				for _, info := range book.told("finished") {
					require.Regexp(t, "^due( queued)? started finished$", book.story(info.ID))
					require.Equal(t, info.Outcome == OutcomeFailed, info.Err != nil, "a failure has a reason")
				}
				require.Zero(t, locks.Load())
				began := time.Now()
				require.NoError(t, s.StopJobs())
				require.Zero(t, time.Since(began))
			})
		})
	}
}

// When a run has finished, what it held is free.
func TestSynctestContractRunFinishedMayRunTheJobAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book runBook
		var c *Controller
		s := newScheduler(t, WithHooks(book.hooks()), WithLimitConcurrentJobs(1, LimitModeReschedule))
		c = NewController(s)
		j := mustJob(t, s, ages(), noop, WithSingletonMode(LimitModeReschedule), WithEventListeners(BeforeJobRuns(func(uuid.UUID, string) {})))
		book.during("finished", func(info RunInfo) {
			running, err := j.IsRunning()
			require.NoError(t, err)
			require.False(t, running)
			require.NoError(t, c.Wait(context.Background(), j.ID()))
			if info.ID < 10 {
				require.NoError(t, j.RunNow())
			}
		})
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, map[Outcome]uint64{OutcomeSucceeded: 10}, book.outcomes())
	})
}
