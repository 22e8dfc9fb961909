//go:build go1.25

package lifecycle_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractNoRunStartsAfterStopJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLocation(time.UTC))
		var ran atomic.Int64
		for name, d := range rig.DueEachDay() {
			rig.MustJob(t, s, d, func() { ran.Add(1) }, gocron.WithName(name))
		}
		s.Start()
		require.NoError(t, s.StopJobs())
		time.Sleep(40 * 24 * time.Hour)
		synctest.Wait()
		require.Zero(t, ran.Load())
	})
}

// What a stop waits for is a run as a whole, so a slow part of any kind holds
// it up.
func TestSynctestContractAStopWaitsForWholeRuns(t *testing.T) {
	slow := func() { time.Sleep(3 * time.Second) }
	slowID := func(uuid.UUID, string) { slow() }
	fail, crash := func() error { return rig.ErrTest }, func() { panic("x") }
	locker := gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { slow(); return nil, rig.ErrTest }))
	unlock := gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
		return rig.UnlockFunc(func(context.Context) error { slow(); return nil }), nil
	}))
	listen := func(l gocron.EventListener) gocron.JobOption { return gocron.WithEventListeners(l) }
	parts := map[string]struct {
		scheduler gocron.SchedulerOption
		job       gocron.JobOption
		task      any
	}{
		"task":        {nil, nil, slow},
		"before":      {nil, listen(gocron.BeforeJobRuns(slowID)), rig.Noop},
		"refusal":     {nil, listen(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { slow(); return rig.ErrTest })), rig.Noop},
		"after":       {nil, listen(gocron.AfterJobRuns(slowID)), rig.Noop},
		"after error": {nil, listen(gocron.AfterJobRunsWithError(func(uuid.UUID, string, error) { slow() })), fail},
		"after panic": {nil, listen(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) { slow() })), crash},
		"lock":        {locker, nil, rig.Noop},
		"lock error": {gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, rig.ErrTest })),
			listen(gocron.AfterLockError(func(uuid.UUID, string, error) { slow() })), rig.Noop},
		"unlock":            {unlock, nil, rig.Noop},
		"elector":           {gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { slow(); return nil })), nil, rig.Noop},
		"monitor":           {gocron.WithMonitor(&slowMonitor{on: "timing"}), nil, rig.Noop},
		"monitor count":     {gocron.WithMonitor(&slowMonitor{on: "success"}), nil, rig.Noop},
		"monitor status":    {gocron.WithMonitorStatus(&slowMonitor{on: "status"}), nil, rig.Noop},
		"scheduler monitor": {gocron.WithSchedulerMonitor(&slowMonitor{on: "execution"}), nil, rig.Noop},
	}
	for name, part := range parts {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var options []gocron.SchedulerOption
				if part.scheduler != nil {
					options = append(options, part.scheduler)
				}
				s := rig.NewScheduler(t, options...)
				job := []gocron.JobOption{gocron.WithName("it")}
				if part.job != nil {
					job = append(job, part.job)
				}
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), part.task, job...)
				s.Start()
				synctest.Wait()
				time.Sleep(time.Second)
				began := time.Now()
				require.NoError(t, s.StopJobs())
				require.Equal(t, 2*time.Second, time.Since(began))
			})
		})
	}
}

// slowMonitor takes three seconds for one of its calls.
type slowMonitor struct {
	rig.Monitor
	on string
}

func (m *slowMonitor) at(what string) {
	if m.on == what {
		time.Sleep(3 * time.Second)
	}
}

func (m *slowMonitor) IncrementJob(uuid.UUID, string, []string, gocron.JobStatus) { m.at("success") }
func (m *slowMonitor) RecordJobTiming(_, _ time.Time, _ uuid.UUID, _ string, _ []string) {
	m.at("timing")
}
func (m *slowMonitor) RecordJobTimingWithStatus(_, _ time.Time, _ uuid.UUID, _ string, _ []string, _ gocron.JobStatus, _ error) {
	m.at("status")
}
func (m *slowMonitor) JobExecutionTime(gocron.Job, time.Duration) { m.at("execution") }

func TestSynctestContractAStopWaitsForTheStopTimeoutAndNoLonger(t *testing.T) {
	for name, stop := range map[string]func(gocron.Scheduler) error{
		"StopJobs": gocron.Scheduler.StopJobs,
		"Shutdown": gocron.Scheduler.Shutdown,
		"StopJobsWithContext": func(s gocron.Scheduler) error {
			return s.StopJobsWithContext(context.Background())
		},
		"ShutdownWithContext": func(s gocron.Scheduler) error {
			return s.ShutdownWithContext(context.Background())
		},
	} {
		for _, timeout := range []time.Duration{0, time.Nanosecond, time.Minute, 100 * time.Hour} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var options []gocron.SchedulerOption
					want := 10 * time.Second
					if timeout > 0 {
						options, want = append(options, gocron.WithStopTimeout(timeout)), timeout
					}
					s := rig.NewScheduler(t, options...)
					h := rig.NewHoldup(t)
					rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task)
					s.Start()
					synctest.Wait()
					began := time.Now()
					require.True(t, stop(s) == gocron.ErrStopJobsTimedOut)
					require.Equal(t, want, time.Since(began))
					h.Open()
					synctest.Wait()
					require.NoError(t, stop(s))
					require.Equal(t, want, time.Since(began))
				})
			})
		}
	}
}

func TestSynctestContractAStopCancelsContextsAndDropsWhatWaits(t *testing.T) {
	for _, mode := range []gocron.JobOption{gocron.WithTags(), gocron.WithSingletonMode(gocron.LimitModeWait)} {
		for _, stop := range []func(gocron.Scheduler) error{gocron.Scheduler.StopJobs, gocron.Scheduler.Shutdown} {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				started, ended := make(chan context.Context, 100), make(chan struct{})
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func(ctx context.Context) {
					started <- ctx
					<-ctx.Done()
					<-ended
				}, mode)
				s.Start()
				for i := 0; i < 50; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Equal(t, 49, s.JobsWaitingInQueue())
				done := make(chan error)
				go func() { done <- stop(s) }()
				synctest.Wait()
				require.Zero(t, s.JobsWaitingInQueue())
				require.ErrorIs(t, (<-started).Err(), context.Canceled)
				close(ended)
				require.NoError(t, <-done)
				synctest.Wait()
				require.Empty(t, started, "none of the waiting runs started")
			})
		}
	}
}

// A stop that comes while a run asks for leave to start: the task does not.
func TestSynctestContractNoTaskStartsWhenAStopOvertakesItsRun(t *testing.T) {
	for name, option := range map[string]func(func()) gocron.SchedulerOption{
		"elector": func(ask func()) gocron.SchedulerOption {
			return gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { ask(); return nil }))
		},
		"locker": func(ask func()) gocron.SchedulerOption {
			return gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
				ask()
				return rig.UnlockFunc(func(context.Context) error { return nil }), nil
			}))
		},
	} {
		for _, restart := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					asking := make(chan struct{})
					s := rig.NewScheduler(t, option(func() { <-asking }), gocron.WithStopTimeout(time.Second))
					var ran atomic.Int64
					rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { ran.Add(1) })
					s.Start()
					time.Sleep(time.Minute)
					synctest.Wait()
					require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
					if restart {
						s.Start()
					}
					close(asking)
					synctest.Wait()
					require.Zero(t, ran.Load())
					require.NoError(t, s.StopJobs())
				})
			})
		}
	}
}

func TestSynctestContractEachStopHasItsOwnTimeoutAndResult(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		h := rig.NewHoldup(t)
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), h.Task)
		s.Start()
		synctest.Wait()
		type result struct {
			err  error
			took time.Duration
		}
		stop := func(f func() error) chan result {
			c := make(chan result, 1)
			go func() {
				began := time.Now()
				err := f()
				c <- result{err, time.Since(began)}
			}()
			return c
		}
		short, cancelShort := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancelShort()
		first := stop(s.StopJobs)
		withContext := stop(func() error { return s.StopJobsWithContext(short) })
		time.Sleep(6 * time.Second)
		second, third := stop(s.StopJobs), stop(s.Shutdown)
		time.Sleep(5 * time.Second)
		require.Equal(t, result{gocron.ErrStopJobsTimedOut, 10 * time.Second}, <-first)
		require.Equal(t, result{context.DeadlineExceeded, 2 * time.Second}, <-withContext)
		fourth := stop(s.StopJobs)
		time.Sleep(2 * time.Second)
		h.Open()
		synctest.Wait()
		require.Equal(t, result{nil, 7 * time.Second}, <-second)
		require.Equal(t, result{nil, 7 * time.Second}, <-third)
		require.Equal(t, result{nil, 2 * time.Second}, <-fourth)
		require.NoError(t, s.StopJobs())
		require.NoError(t, s.Shutdown())
	})
}

func TestSynctestContractContextFormsEndWithTheContextsError(t *testing.T) {
	forms := map[string]func(gocron.Scheduler, context.Context) error{
		"StopJobs": gocron.Scheduler.StopJobsWithContext, "Shutdown": gocron.Scheduler.ShutdownWithContext,
	}
	for name, form := range forms {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithStartAt(gocron.WithStartImmediately()))
				s.Start()
				synctest.Wait()
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				require.True(t, form(s, ctx) == context.Canceled, "ended before the call")
				require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed, "stopped all the same")
				ctx, cancel = context.WithTimeout(context.Background(), 3*time.Second)
				defer cancel()
				began := time.Now()
				require.True(t, form(s, ctx) == context.DeadlineExceeded, "ended during the call")
				require.Equal(t, 3*time.Second, time.Since(began))
				ctx, cancel = context.WithTimeout(context.Background(), time.Hour)
				defer cancel()
				require.True(t, form(s, ctx) == gocron.ErrStopJobsTimedOut, "the stop timeout holds as well")
				time.Sleep(10 * time.Minute)
				require.EqualValues(t, 1, h.Started.Load())
				h.Open()
				synctest.Wait()
				require.NoError(t, form(s, ctx))
				ctx, cancel = context.WithCancel(context.Background())
				cancel()
				require.NoError(t, form(s, ctx), "all is done, whatever the context")
				require.NoError(t, form(s, nil), "a nil context never ends")
			})
		})
	}
}

// Whatever else a stop may find, the context that has ended comes first.
func TestSynctestContractAContextThatEndedBeforeTheStopIsReported(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		s := rig.NewScheduler(t)
		for i := 0; i < 20; i++ {
			s.Start()
			synctest.Wait()
			require.True(t, s.StopJobsWithContext(ended) == context.Canceled)
			synctest.Wait()
			require.NoError(t, s.StopJobsWithContext(ended), "all is done")
		}
		s.Start()
		require.True(t, s.ShutdownWithContext(ended) == context.Canceled)
		synctest.Wait()
		require.NoError(t, s.ShutdownWithContext(ended))
	})
}

// However many runs a stop has to drop, tasks see their contexts end first.
func TestSynctestContractAStopEndsContextsBeforeItDropsRuns(t *testing.T) {
	for name, stop := range map[string]func(gocron.Scheduler) error{
		"StopJobs": gocron.Scheduler.StopJobs,
		"Shutdown": gocron.Scheduler.Shutdown,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				contexts := make(chan context.Context, 1)
				var dropped, early atomic.Int64
				var ofTask context.Context
				hooks := gocron.Hooks{RunFinished: func(info gocron.RunInfo) {
					if info.Attempt == 0 {
						dropped.Add(1)
						if ofTask.Err() == nil {
							early.Add(1)
						}
					}
				}}
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithHooks(hooks))
				job := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
					contexts <- ctx
					<-ctx.Done()
				})
				s.Start()
				require.NoError(t, job.RunNow())
				ofTask = <-contexts
				const runs = 5000
				for range runs {
					require.NoError(t, job.RunNow())
				}
				require.NoError(t, stop(s))
				require.EqualValues(t, runs, dropped.Load())
				require.Zero(t, early.Load())
			})
		})
	}
}
