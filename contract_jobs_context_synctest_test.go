//go:build go1.25

package gocron

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractAJobsContextIsCancelledBy(t *testing.T) {
	for name, end := range map[string]func(Scheduler, Job){
		"removal":         func(s Scheduler, j Job) { _ = s.RemoveJob(j.ID()) },
		"removal by tags": func(s Scheduler, j Job) { s.RemoveByTags("tag") },
		"update":          func(s Scheduler, j Job) { _, _ = s.Update(j.ID(), DurationJob(time.Hour), NewTask(noop)) },
		"replacement": func(s Scheduler, j Job) {
			_, _ = s.NewJob(DurationJob(time.Hour), NewTask(noop), WithIdentifier(j.ID()))
		},
		"stop":     func(s Scheduler, j Job) { go s.StopJobs() },
		"shutdown": func(s Scheduler, j Job) { go s.Shutdown() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t)
				contexts, goOn := make(chan context.Context, 2), make(chan struct{})
				task := func(ctx context.Context) { contexts <- ctx; <-goOn }
				j := mustJob(t, s, DurationJob(time.Hour), task, WithTags("tag"))
				other := mustJob(t, s, DurationJob(time.Hour), task)
				s.Start()
				require.NoError(t, j.RunNow())
				ctx := <-contexts
				require.NoError(t, other.RunNow())
				others := <-contexts
				require.NoError(t, ctx.Err())
				_, bounded := ctx.Deadline()
				require.False(t, bounded)
				end(s, j)
				synctest.Wait()
				require.True(t, ctx.Err() == context.Canceled)
				require.Equal(t, name == "stop" || name == "shutdown", others.Err() != nil, "the contexts of other jobs")
				close(goOn)
				synctest.Wait()
			})
		})
	}
}

func TestSynctestContractAJobsContextOutlivesItsLastRunsBeginning(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		var alive atomic.Int64
		task := func(ctx context.Context) {
			time.Sleep(time.Hour) // past the stop time, and the last of the limited runs
			if ctx.Err() == nil {
				alive.Add(1)
			}
		}
		stop := WithStopAt(WithStopDateTime(time.Now().Add(90 * time.Second)))
		mustJob(t, s, DurationJob(time.Minute), task, WithLimitedRuns(1))
		mustJob(t, s, DurationJob(time.Minute), task, WithLimitedRuns(2))
		mustJob(t, s, DurationJob(time.Minute), task, stop)
		mustJob(t, s, DurationJob(time.Minute), task, stop, WithLimitedRuns(1), WithSingletonMode(LimitModeWait))
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), task, WithLimitedRuns(1))
		s.Start()
		time.Sleep(3 * time.Hour)
		synctest.Wait()
		require.EqualValues(t, 6, alive.Load())
		require.Empty(t, s.Jobs())
	})
}

// A job that leaves between the begin of a run, of which JobRunning tells, and its task: the
// context that the task then gets has ended.
func TestSynctestContractATaskThatStartsTooLateGetsAContextThatEnded(t *testing.T) {
	for name, leave := range map[string]func(Scheduler, uuid.UUID){
		"removal":  func(s Scheduler, id uuid.UUID) { _ = s.RemoveJob(id) },
		"update":   func(s Scheduler, id uuid.UUID) { _, _ = s.Update(id, ages(), NewTask(noop)) },
		"stop":     func(s Scheduler, _ uuid.UUID) { go s.StopJobs() },
		"shutdown": func(s Scheduler, _ uuid.UUID) { go s.Shutdown() },
		"restart": func(s Scheduler, _ uuid.UUID) {
			_ = s.StopJobs()
			s.Start()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s Scheduler
				var got []error
				var left atomic.Bool
				s = newScheduler(t, WithSchedulerMonitor(monitorFuncs{running: func(j Job) {
					if !left.Swap(true) {
						leave(s, j.ID())
						time.Sleep(time.Second)
					}
				}}))
				j := mustJob(t, s, ages(), func(ctx context.Context) { got = append(got, ctx.Err()) })
				s.Start()
				require.NoError(t, j.RunNow())
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, []error{context.Canceled}, got)
				if name == "restart" {
					require.NoError(t, j.RunNow())
					synctest.Wait()
					require.Equal(t, []error{context.Canceled, nil}, got)
				}
			})
		})
	}
}

// requireBarred checks a job whose user's context has ended.
func requireBarred(t *testing.T, s Scheduler, j Job) {
	t.Helper()
	synctest.Wait()
	require.Equal(t, []Job{j}, s.Jobs(), "it stays listed")
	requireNoNextRun(t, j)
	require.True(t, j.RunNow() == ErrJobRunNowFailed)
}

// endedContexts are the ways a user's context may end, and be one.
func endedContexts() map[string]func() (context.Context, context.CancelFunc) {
	return map[string]func() (context.Context, context.CancelFunc){
		"cancelled": func() (context.Context, context.CancelFunc) { return context.WithCancel(context.Background()) },
		"foreign": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			return foreignContext{ctx}, cancel
		},
	}
}

func TestSynctestContractAContextThatEnded(t *testing.T) {
	for name, make := range endedContexts() {
		for _, when := range []string{"before NewJob", "before Start", "while idle", "while stopped"} {
			for _, mode := range []JobOption{WithTags(), WithStartAt(WithStartImmediately()), WithIntervalFromCompletion(), WithLimitedRuns(1),
				WithStopAt(WithStopDateTime(farFuture)), WithStartAt(WithStartDateTime(farFuture))} {
				t.Run(name+" "+when, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s := newScheduler(t)
						user, cancel := make()
						var ran atomic.Int64
						if when == "before NewJob" {
							cancel()
						}
						if when == "while idle" {
							s.Start()
						}
						j := mustJob(t, s, DurationJob(time.Minute), func() { ran.Add(1) }, WithContext(user), mode)
						synctest.Wait()
						if when == "while stopped" {
							s.Start()
							synctest.Wait()
							require.NoError(t, s.StopJobs())
						}
						cancel()
						already := ran.Load()
						if len(s.Jobs()) == 0 {
							return // a limited run is done
						}
						requireBarred(t, s, j)
						s.Start()
						requireBarred(t, s, j)
						time.Sleep(time.Hour)
						requireBarred(t, s, j)
						require.Equal(t, already, ran.Load())
						require.NoError(t, s.RemoveJob(j.ID()))
					})
				})
			}
		}
	}
}

func TestSynctestContractAContextThatEndsWhileRunsWaitAndRun(t *testing.T) {
	for name, make := range endedContexts() {
		for _, gate := range []JobOption{WithTags(), WithSingletonMode(LimitModeWait)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
					h := newHoldup(t)
					user, cancel := make()
					var running context.Context
					j := mustJob(t, s, DurationJob(time.Minute), func(ctx context.Context) { running = ctx; h.task() }, WithContext(user), gate)
					s.Start()
					for i := 0; i < 3; i++ {
						require.NoError(t, j.RunNow())
					}
					synctest.Wait()
					require.Equal(t, 2, s.JobsWaitingInQueue())
					cancel()
					require.True(t, running.Err() == context.Canceled, "the run's context derives from it")
					requireBarred(t, s, j)
					require.Zero(t, s.JobsWaitingInQueue())
					isRunning, err := j.IsRunning()
					require.NoError(t, err)
					require.True(t, isRunning)
					h.open()
					time.Sleep(time.Hour)
					requireBarred(t, s, j)
					require.EqualValues(t, 1, h.ended.Load())
					fresh, err := s.Update(j.ID(), DurationJob(time.Minute), NewTask(h.task))
					require.NoError(t, err)
					require.NoError(t, fresh.RunNow(), "Update gives it a life without that context")
					synctest.Wait()
					require.EqualValues(t, 2, h.ended.Load())
				})
			})
		}
	}
}

func TestSynctestContractAContextWithADeadlineEndsTheJobThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		user, cancel := context.WithTimeout(context.WithValue(context.Background(), contextKey{}, "v"), 150*time.Second)
		defer cancel()
		var ran atomic.Int64
		j := mustJob(t, s, DurationJob(time.Minute), func(ctx context.Context) {
			if ctx.Value(contextKey{}) == "v" {
				ran.Add(1)
			}
		}, WithContext(user))
		s.Start()
		time.Sleep(10 * time.Minute)
		requireBarred(t, s, j)
		require.EqualValues(t, 2, ran.Load())
	})
}

func TestSynctestContractAJobWhoseContextEndedCostsNoWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(time.Now())
		s := newScheduler(t, WithClock(clock))
		ended, cancel := context.WithCancel(context.Background())
		j := mustJob(t, s, DurationJob(time.Minute), noop, WithContext(ended))
		s.Start()
		cancel()
		for i := 0; i < 3; i++ {
			requireBarred(t, s, j)
			require.Error(t, clock.BlockUntilContext(ended, 1))
			require.NoError(t, s.StopJobs())
			s.Start()
			clock.Advance(time.Hour)
		}
	})
}
