//go:build go1.25

package runs_test

import (
	"context"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractHooksAreToldOfEachStepOnce(t *testing.T) {
	wait := gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)
	minute := func() { time.Sleep(time.Minute) }
	fails := func() error { time.Sleep(time.Second); return rig.ErrTest }
	retry := func(d time.Duration) gocron.JobOption {
		return gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(d)})
	}
	for name, c := range map[string]struct {
		option gocron.SchedulerOption
		task   any
		job    []gocron.JobOption
		runs   int
		want   string // of the last run
	}{
		"starts at once":      {gocron.WithHistory(1), rig.Noop, nil, 1, "due started finished"},
		"starts beside":       {gocron.WithHistory(1), minute, nil, 2, "due started finished"},
		"waits for its turn":  {gocron.WithHistory(1), minute, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}, 2, "due queued started finished"},
		"waits for a slot":    {wait, minute, nil, 3, "due queued started finished"},
		"is skipped":          {gocron.WithHistory(1), minute, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReschedule)}, 2, "due finished"},
		"replaces":            {gocron.WithHistory(1), minute, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReplace)}, 2, "due queued started finished"},
		"tries again":         {wait, fails, []gocron.JobOption{retry(time.Hour)}, 1, "due started queued started finished"},
		"tries again at once": {wait, fails, []gocron.JobOption{retry(0)}, 1, "due started queued started finished"},
		"waits to try and then for a slot": {wait, fails, []gocron.JobOption{retry(1500 * time.Millisecond)}, 3,
			"due queued started queued queued started finished"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book rig.RunBook
				s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()), c.option)
				j := rig.MustJob(t, s, rig.Ages(), c.task, c.job...)
				s.Start()
				for i := 0; i < c.runs; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
				}
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				require.Equal(t, c.want, book.Story(uint64(c.runs)))
			})
		})
	}
}

// A run that waits for another one and then for a slot waits once, in each attempt.
func TestSynctestContractAFurtherAttemptIsQueuedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book rig.RunBook
		s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
		calls := 0
		j := rig.MustJob(t, s, rig.Ages(), func() error {
			if calls++; calls == 1 {
				return rig.ErrTest
			}
			time.Sleep(time.Minute)
			return nil
		}, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithRetry(gocron.RetryPolicy{Attempts: 2, Backoff: gocron.ConstantBackoff(time.Second)}))
		other := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Hour) })
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, j.RunNow()) // runs before the next attempt, which is due soon
		require.NoError(t, other.RunNow())
		time.Sleep(2 * time.Second)
		synctest.Wait()
		require.NoError(t, gocron.NewController(s).SetLimit(1))
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		require.Equal(t, "due started queued queued started finished", book.Story(1))
		require.Equal(t, 3, calls)
	})
}

// Hooks are one part of what is called for a run.
func TestSynctestContractHooksHaveTheirPlaceAmongMonitorsAndListeners(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &rig.Recorder{T: t}
		note := func(hook string) func(gocron.RunInfo) {
			return func(info gocron.RunInfo) { h.Note("%s %s", hook, info.JobName) }
		}
		s := rig.NewScheduler(t, gocron.WithMonitor(h), gocron.WithMonitorStatus(rig.StatusRecorder{Recorder: h}), gocron.WithSchedulerMonitor(h), gocron.WithDistributedLocker(h),
			gocron.WithHooks(gocron.Hooks{RunDue: note("RunDue"), RunQueued: note("RunQueued"), RunStarted: note("RunStarted"), RunFinished: note("RunFinished")}),
			gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithClock(clockwork.NewFakeClockAt(rig.Now)))
		var err error
		j := rig.MustJob(t, s, rig.Ages(), func() error { h.Note("task"); return err }, gocron.WithName("j"), h.Listeners(), gocron.WithSingletonMode(gocron.LimitModeReschedule))
		goOn := make(chan struct{})
		other := rig.MustJob(t, s, rig.Ages(), func() { <-goOn }, gocron.WithName("other"))
		s.Start()
		run := func() {
			t.Helper()
			require.NoError(t, j.RunNow())
			synctest.Wait()
		}
		h.Take()

		run()
		h.Expect(`RunDue j, Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j, RunStarted j, task, Timing j, After j,
			Increment j success, TimingStatus j success <nil>, JobCompleted j, ExecutionTime j 0s, Unlock <nil>, RunFinished j`)
		err = rig.ErrHook
		run()
		h.Expect(`RunDue j, Lock j, Before j, JobStarted j, BeforeSkip j, JobRunning j, RunStarted j, task, Timing j, AfterError j hook,
			Increment j fail, TimingStatus j fail hook, JobFailed j hook, ExecutionTime j 0s, Unlock <nil>, RunFinished j`)
		h.RefuseErr = rig.ErrHook
		run()
		h.Expect(`RunDue j, Lock j, Before j, JobStarted j, BeforeSkip j, JobFailed j hook, Unlock <nil>, RunFinished j`)
		h.LockErr = rig.ErrHook
		run()
		h.Expect(`RunDue j, Lock j, AfterLockError j hook, Increment j skip, RunFinished j`)
		h.LockErr, h.RefuseErr, err = nil, nil, nil

		require.NoError(t, other.RunNow())
		synctest.Wait()
		h.Take()
		run()
		h.Expect(`RunDue j, LimitReached j limit, RunQueued j`)
		run()
		h.Expect(`RunDue j, Increment j singleton_rescheduled, LimitReached j singleton, RunFinished j`)
		require.NoError(t, s.RemoveJob(j.ID()))
		synctest.Wait()
		require.ElementsMatch(t, []string{"Unregistered j", "RunFinished j"}, h.Take())
		close(goOn)
		synctest.Wait()
	})
}

// Each of the hooks may be given alone, and the last ones given count.
func TestSynctestContractAnyHookMayBeMissing(t *testing.T) {
	for i := range rig.RunHooks() {
		synctest.Test(t, func(t *testing.T) {
			var replaced, book rig.RunBook
			all, one := book.Hooks(), gocron.Hooks{}
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
			s := rig.NewScheduler(t, gocron.WithHooks(replaced.Hooks()), gocron.WithHooks(one), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
			j := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Minute) })
			s.Start()
			require.NoError(t, j.RunNow())
			require.NoError(t, j.RunNow())
			time.Sleep(time.Hour)
			synctest.Wait()
			require.Equal(t, rig.RunHooks()[i], book.Story(2))
			require.Empty(t, replaced.Story(2))
		})
	}
}

func TestSynctestContractABlockingHookDelaysItsOwnRunOnly(t *testing.T) {
	for _, hook := range rig.RunHooks() {
		t.Run(hook, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book rig.RunBook
				var once atomic.Bool
				goOn := make(chan struct{})
				book.During(hook, func(info gocron.RunInfo) {
					if info.JobName == "slow" && !once.Swap(true) {
						<-goOn
					}
				})
				s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()), gocron.WithPool("p", 1, gocron.LimitModeWait))
				began := time.Now()
				var slow atomic.Int64
				var other []time.Duration
				pool := ""
				if hook != "due" && hook != "started" { // in these the run has a slot
					pool = "p"
				}
				j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { slow.Add(1); time.Sleep(61 * time.Second) }, gocron.WithName("slow"), gocron.InPool(pool))
				rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { other = append(other, time.Since(began)/time.Minute) })
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
				for _, info := range book.Told("due") {
					require.Regexp(t, "^due( queued)?( started)? finished$", book.Story(info.ID))
				}
			})
		})
	}
}

func TestSynctestContractAStopWaitsForHooks(t *testing.T) {
	for _, hook := range rig.RunHooks() {
		for _, timeout := range []time.Duration{time.Second, time.Hour} {
			t.Run(hook, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var book rig.RunBook
					book.During(hook, func(gocron.RunInfo) { time.Sleep(time.Minute) })
					s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithStopTimeout(timeout))
					j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) { <-ctx.Done() })
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
						require.True(t, err == gocron.ErrStopJobsTimedOut)
						time.Sleep(time.Hour)
					}
					require.NoError(t, s.StopJobs())
					require.Len(t, book.Told("finished"), 2)
				})
			})
		}
	}
}

func TestSynctestContractAHookThatEndsItsGoroutineChangesNoCount(t *testing.T) {
	for _, hook := range append(rig.RunHooks(), "") {
		t.Run(hook, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book rig.RunBook
				var calls, locks atomic.Int64
				book.During(hook, func(gocron.RunInfo) { runtime.Goexit() })
				s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait),
					gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
						locks.Add(1)
						return rig.UnlockFunc(func(context.Context) error { locks.Add(-1); return nil }), nil
					})))
				var jobs []gocron.Job
				for i := 0; i < 3; i++ {
					jobs = append(jobs, rig.MustJob(t, s, rig.Ages(), func() { calls.Add(1); time.Sleep(time.Second) }))
				}
				jobs = append(jobs, rig.MustJob(t, s, rig.Ages(), func() { calls.Add(1); time.Sleep(time.Second) }, gocron.WithSingletonMode(gocron.LimitModeWait)))
				s.Start()
				for i := 0; i < 12; i++ {
					require.NoError(t, jobs[i%4].RunNow())
				}
				time.Sleep(time.Minute)
				synctest.Wait()
				c := gocron.NewController(s)
				stats, err := c.Stats()
				require.NoError(t, err)
				require.Equal(t, book.Outcomes(), stats.Outcomes)
				require.Len(t, book.Told("finished"), 12)
				if hook == "started" || hook == "" { // the task is never called
					require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeFailed: 12}, stats.Outcomes)
					require.Zero(t, calls.Load())
				} else {
					require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 12}, stats.Outcomes)
					require.EqualValues(t, 12, calls.Load())
				}
				for _, info := range book.Told("finished") {
					require.Regexp(t, "^due( queued)? started finished$", book.Story(info.ID))
					require.Equal(t, info.Outcome == gocron.OutcomeFailed, info.Err != nil, "a failure has a reason")
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
		var book rig.RunBook
		var c *gocron.Controller
		s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
		c = gocron.NewController(s)
		j := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithEventListeners(gocron.BeforeJobRuns(func(uuid.UUID, string) {})))
		book.During("finished", func(info gocron.RunInfo) {
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
		require.Equal(t, map[gocron.Outcome]uint64{gocron.OutcomeSucceeded: 10}, book.Outcomes())
	})
}
