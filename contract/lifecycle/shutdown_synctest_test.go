//go:build go1.25

package lifecycle_test

import (
	"context"
	"errors"
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

func TestSynctestContractStopsOfASchedulerThatNeverRanReturnNilAtOnce(t *testing.T) {
	stops := []func(gocron.Scheduler) error{gocron.Scheduler.StopJobs, gocron.Scheduler.Shutdown}
	for _, stop := range stops {
		synctest.Test(t, func(t *testing.T) {
			before := rig.Goroutines()
			s := rig.NewScheduler(t)
			rig.MustJob(t, s, gocron.DurationJob(time.Second), rig.Noop)
			require.Equal(t, before, rig.Goroutines(), "no goroutine before Start")
			began := time.Now()
			for i := 0; i < 3; i++ {
				require.NoError(t, stop(s))
				require.NoError(t, s.StopJobs())
			}
			require.Zero(t, time.Since(began))
		})
	}
}

func TestSynctestContractStartAfterShutdownDoesNothing(t *testing.T) {
	for _, everStarted := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			m := &rig.Monitor{}
			s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
			var ran atomic.Int64
			rig.MustJob(t, s, gocron.DurationJob(time.Minute), func() { ran.Add(1) })
			rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), func() { ran.Add(1) })
			if everStarted {
				s.Start()
			}
			require.NoError(t, s.Shutdown())
			m.Forget()
			before := rig.Goroutines()
			s.Start()
			synctest.Wait()
			require.Equal(t, before, rig.Goroutines())
			time.Sleep(time.Hour)
			synctest.Wait()
			require.Zero(t, ran.Load())
			require.Empty(t, m.Events())
			require.NoError(t, s.StopJobs())
		})
	}
}

func TestSynctestContractNewJobAndUpdateAfterShutdownAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop)
		s.Start()
		require.NoError(t, s.Shutdown())
		m.Forget()
		before := rig.Goroutines()
		user, cancel := context.WithCancel(context.Background())
		defer cancel()
		for _, e := range rig.Entrances() {
			for _, id := range []uuid.UUID{j.ID(), uuid.New()} {
				for _, d := range rig.DueEachDay() {
					made, err := e.Add(s, id, d, gocron.NewTask(rig.Noop), gocron.WithContext(rig.ForeignContext{Context: user}))
					require.True(t, err == gocron.ErrSchedulerShutdown, "%v", err)
					require.Nil(t, made)
				}
				_, err := e.Add(s, id, gocron.DurationJob(0), gocron.NewTask(rig.Noop))
				require.Error(t, err)
			}
		}
		_, err := s.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop))
		require.True(t, err == gocron.ErrSchedulerShutdown)
		synctest.Wait()
		require.Equal(t, before, rig.Goroutines())
		require.Empty(t, m.Events())
		require.Nil(t, s.Jobs())
	})
}

// saysShutdown reports whether err is what getters return after Shutdown.
func saysShutdown(err error) bool {
	return errors.Is(err, gocron.ErrJobNotFound) && errors.Is(err, gocron.ErrSchedulerBusy) && errors.Is(err, gocron.ErrSchedulerShutdown)
}

// requireForgotten checks what handles and scheduler say of a job that is not there.
func requireForgotten(t *testing.T, s gocron.Scheduler, j gocron.Job, id uuid.UUID, says func(error) bool) {
	t.Helper()
	before := time.Now()
	next, err := j.NextRun()
	require.True(t, says(err) && next.IsZero(), "NextRun %v", err)
	runs, err := j.NextRuns(2)
	require.True(t, says(err) && runs == nil, "NextRuns %v", err)
	for name, get := range map[string]func() (time.Time, error){
		"LastRun": j.LastRun, "LastRunStartedAt": j.LastRunStartedAt, "LastRunCompletedAt": j.LastRunCompletedAt,
	} {
		last, err := get()
		require.True(t, says(err) && last.IsZero(), "%s: %v", name, err)
	}
	running, err := j.IsRunning()
	require.True(t, says(err) && !running, "IsRunning %v", err)
	require.True(t, s.RemoveJob(id) == gocron.ErrJobNotFound)
	s.RemoveByTags("tag")
	require.Zero(t, s.JobsWaitingInQueue())
	require.Equal(t, id, j.ID())
	require.Equal(t, "name", j.Name())
	require.Equal(t, []string{"tag"}, j.Tags())
	require.Equal(t, gocron.DurationJobSchedule{Duration: time.Hour}, j.Schedule())
	require.Zero(t, time.Since(before), "at once")
}

func TestSynctestContractAfterShutdownAllIsForgottenAtOnce(t *testing.T) {
	for _, startIt := range []bool{true, false} {
		for _, timesOut := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				h := rig.NewHoldup(t)
				id := uuid.New()
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithIdentifier(id), gocron.WithName("name"), gocron.WithTags("tag"),
					gocron.WithStartAt(gocron.WithStartImmediately()))
				if startIt {
					s.Start()
				}
				synctest.Wait()
				done := make(chan error, 1)
				go func() { done <- s.Shutdown() }()
				synctest.Wait()
				requireForgotten(t, s, j, id, saysShutdown)
				require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
				require.Nil(t, s.Jobs())
				if timesOut {
					time.Sleep(time.Minute)
				}
				h.Open()
				synctest.Wait()
				want := error(nil)
				if startIt && timesOut {
					want = gocron.ErrStopJobsTimedOut
				}
				require.True(t, <-done == want)
				requireForgotten(t, s, j, id, saysShutdown)
				require.True(t, j.RunNow() == gocron.ErrJobRunNowFailed)
			})
		}
	}
}

func TestSynctestContractARemovedJobIsForgottenLikewise(t *testing.T) {
	for _, started := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := rig.NewScheduler(t)
			id := uuid.New()
			j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithIdentifier(id), gocron.WithName("name"), gocron.WithTags("tag"))
			if started {
				s.Start()
			}
			s.RemoveByTags("other", "tag")
			requireForgotten(t, s, j, id, func(err error) bool { return err == gocron.ErrJobNotFound })
			require.True(t, j.RunNow() == gocron.ErrJobNotFound)
			require.Empty(t, s.Jobs())
			require.NotNil(t, s.Jobs())
		})
	}
}

func TestSynctestContractAShutdownInATaskTimesOutOnItsOwnRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := gocron.NewScheduler(gocron.WithStopTimeout(3 * time.Second))
		require.NoError(t, err)
		got, took := make(chan error, 1), time.Duration(0)
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() {
			began := time.Now()
			err := s.Shutdown()
			took = time.Since(began)
			got <- err
		})
		s.Start()
		require.True(t, <-got == gocron.ErrStopJobsTimedOut)
		require.Equal(t, 3*time.Second, took)
		synctest.Wait()
		require.NoError(t, s.Shutdown())
	})
}

func TestSynctestContractNoGoroutineIsLeftAfterShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user, cancel := context.WithCancel(context.Background())
		defer cancel()
		before := rig.Goroutines()
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		for i := 0; i < 100; i++ {
			rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithStartAt(gocron.WithStartImmediately()),
				gocron.WithContext(rig.ForeignContext{Context: user}), gocron.WithSingletonMode(gocron.LimitModeWait))
		}
		s.Start()
		time.Sleep(5 * time.Minute)
		time.AfterFunc(time.Second, h.Open)
		require.NoError(t, s.Shutdown())
		synctest.Wait()
		require.Equal(t, before, rig.Goroutines())
		require.EqualValues(t, 2, h.Started.Load())
	})
}

func TestSynctestContractNoWaiterIsLeftOnTheClock(t *testing.T) {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	waiters := func(clock *clockwork.FakeClock, n int) bool {
		return clock.BlockUntilContext(ended, n) == nil && clock.BlockUntilContext(ended, n+1) != nil
	}
	synctest.Test(t, func(t *testing.T) {
		clock := clockwork.NewFakeClockAt(time.Now())
		s := rig.NewScheduler(t, gocron.WithClock(clock), gocron.WithLocation(time.UTC))
		jobs := rig.DueEachDay()
		for name, d := range jobs {
			rig.MustJob(t, s, d, rig.Noop, gocron.WithName(name), gocron.WithTags(name))
		}
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop, gocron.WithStopAt(gocron.WithStopDateTime(rig.FarFuture)), gocron.WithIntervalFromCompletion())
		require.True(t, waiters(clock, 0))
		for i := 0; i < 2; i++ {
			s.Start()
			require.True(t, waiters(clock, len(jobs)+1))
			require.NoError(t, s.StopJobs())
			require.True(t, waiters(clock, 0))
		}
		s.Start()
		s.RemoveByTags("daily")
		require.True(t, waiters(clock, len(jobs)))
		_, err := s.Update(s.Jobs()[0].ID(), gocron.DurationJob(time.Minute), gocron.NewTask(rig.Noop))
		require.NoError(t, err)
		require.True(t, waiters(clock, len(jobs)))
		require.NoError(t, s.Shutdown())
		require.True(t, waiters(clock, 0))
	})
}
