//go:build go1.25

package jobs_test

import (
	"context"
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

func TestSynctestContractAJobsContextIsCancelledBy(t *testing.T) {
	for name, end := range map[string]func(gocron.Scheduler, gocron.Job){
		"removal":         func(s gocron.Scheduler, j gocron.Job) { _ = s.RemoveJob(j.ID()) },
		"removal by tags": func(s gocron.Scheduler, j gocron.Job) { s.RemoveByTags("tag") },
		"update": func(s gocron.Scheduler, j gocron.Job) {
			_, _ = s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop))
		},
		"replacement": func(s gocron.Scheduler, j gocron.Job) {
			_, _ = s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithIdentifier(j.ID()))
		},
		"stop":     func(s gocron.Scheduler, j gocron.Job) { go s.StopJobs() },
		"shutdown": func(s gocron.Scheduler, j gocron.Job) { go s.Shutdown() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				contexts, goOn := make(chan context.Context, 2), make(chan struct{})
				task := func(ctx context.Context) { contexts <- ctx; <-goOn }
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), task, gocron.WithTags("tag"))
				other := rig.MustJob(t, s, gocron.DurationJob(time.Hour), task)
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
		s := rig.NewScheduler(t)
		var alive atomic.Int64
		task := func(ctx context.Context) {
			time.Sleep(time.Hour) // past the stop time, and the last of the limited runs
			if ctx.Err() == nil {
				alive.Add(1)
			}
		}
		stop := gocron.WithStopAt(gocron.WithStopDateTime(time.Now().Add(90 * time.Second)))
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, gocron.WithLimitedRuns(1))
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, gocron.WithLimitedRuns(2))
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, stop)
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), task, stop, gocron.WithLimitedRuns(1), gocron.WithSingletonMode(gocron.LimitModeWait))
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), task, gocron.WithLimitedRuns(1))
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
	for name, leave := range map[string]func(gocron.Scheduler, uuid.UUID){
		"removal":  func(s gocron.Scheduler, id uuid.UUID) { _ = s.RemoveJob(id) },
		"update":   func(s gocron.Scheduler, id uuid.UUID) { _, _ = s.Update(id, rig.Ages(), gocron.NewTask(rig.Noop)) },
		"stop":     func(s gocron.Scheduler, _ uuid.UUID) { go s.StopJobs() },
		"shutdown": func(s gocron.Scheduler, _ uuid.UUID) { go s.Shutdown() },
		"restart": func(s gocron.Scheduler, _ uuid.UUID) {
			_ = s.StopJobs()
			s.Start()
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var s gocron.Scheduler
				var got []error
				var left atomic.Bool
				s = rig.NewScheduler(t, gocron.WithSchedulerMonitor(rig.MonitorFuncs{Running: func(j gocron.Job) {
					if !left.Swap(true) {
						leave(s, j.ID())
						time.Sleep(time.Second)
					}
				}}))
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) { got = append(got, ctx.Err()) })
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
func requireBarred(t *testing.T, s gocron.Scheduler, j gocron.Job) {
	t.Helper()
	synctest.Wait()
	require.Equal(t, []gocron.Job{j}, s.Jobs(), "it stays listed")
	rig.NoNextRun(t, j)
	require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
}

func TestSynctestContractAContextThatEnded(t *testing.T) {
	for name, make := range rig.EndingContexts() {
		for _, when := range []string{"before NewJob", "before Start", "while idle", "while stopped"} {
			for _, mode := range []gocron.JobOption{gocron.WithTags(), gocron.WithStartAt(gocron.WithStartImmediately()), gocron.WithIntervalFromCompletion(), gocron.WithLimitedRuns(1),
				gocron.WithStopAt(gocron.WithStopDateTime(rig.FarFuture)), gocron.WithStartAt(gocron.WithStartDateTime(rig.FarFuture))} {
				t.Run(name+" "+when, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						s := rig.NewScheduler(t)
						user, cancel := make()
						var ran atomic.Int64
						if when == "before NewJob" {
							cancel()
						}
						if when == "while idle" {
							s.Start()
						}
						j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { ran.Add(1) }, gocron.WithContext(user), mode)
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
	for name, make := range rig.EndingContexts() {
		for _, gate := range []gocron.JobOption{gocron.WithTags(), gocron.WithSingletonMode(gocron.LimitModeWait)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
					h := rig.NewHoldup(t)
					user, cancel := make()
					var running context.Context
					j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func(ctx context.Context) { running = ctx; h.Task() }, gocron.WithContext(user), gate)
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
					h.Open()
					time.Sleep(time.Hour)
					requireBarred(t, s, j)
					require.EqualValues(t, 1, h.Ended.Load())
					fresh, err := s.Update(j.ID(), gocron.DurationJob(time.Minute), gocron.NewTask(h.Task))
					require.NoError(t, err)
					require.NoError(t, fresh.RunNow(), "Update gives it a life without that context")
					synctest.Wait()
					require.EqualValues(t, 2, h.Ended.Load())
				})
			})
		}
	}
}

func TestSynctestContractAContextWithADeadlineEndsTheJobThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		user, cancel := context.WithTimeout(context.WithValue(context.Background(), rig.ContextKey{}, "v"), 150*time.Second)
		defer cancel()
		var ran atomic.Int64
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), func(ctx context.Context) {
			if ctx.Value(rig.ContextKey{}) == "v" {
				ran.Add(1)
			}
		}, gocron.WithContext(user))
		s.Start()
		time.Sleep(10 * time.Minute)
		requireBarred(t, s, j)
		require.EqualValues(t, 2, ran.Load())
	})
}

func TestSynctestContractAJobWhoseContextEndedCostsNoWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(time.Now())
		s := rig.NewScheduler(t, gocron.WithClock(clock))
		ended, cancel := context.WithCancel(context.Background())
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop, gocron.WithContext(ended))
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
