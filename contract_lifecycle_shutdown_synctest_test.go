//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractStopsOfASchedulerThatNeverRanReturnNilAtOnce(t *testing.T) {
	stops := []func(Scheduler) error{Scheduler.StopJobs, Scheduler.Shutdown}
	for _, stop := range stops {
		synctest.Test(t, func(t *testing.T) {
			before := bubbleGoroutines()
			s := newScheduler(t)
			mustJob(t, s, DurationJob(time.Second), noop)
			require.Equal(t, before, bubbleGoroutines(), "no goroutine before Start")
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
			m := &contractMonitor{}
			s := newScheduler(t, WithSchedulerMonitor(m))
			var ran atomic.Int64
			mustJob(t, s, DurationJob(time.Minute), func() { ran.Add(1) })
			mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))), func() { ran.Add(1) })
			if everStarted {
				s.Start()
			}
			require.NoError(t, s.Shutdown())
			m.forget()
			before := bubbleGoroutines()
			s.Start()
			synctest.Wait()
			require.Equal(t, before, bubbleGoroutines())
			time.Sleep(time.Hour)
			synctest.Wait()
			require.Zero(t, ran.Load())
			require.Empty(t, m.events())
			require.NoError(t, s.StopJobs())
		})
	}
}

func TestSynctestContractNewJobAndUpdateAfterShutdownAreRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithSchedulerMonitor(m))
		j := mustJob(t, s, DurationJob(time.Minute), noop)
		s.Start()
		require.NoError(t, s.Shutdown())
		m.forget()
		before := bubbleGoroutines()
		user, cancel := context.WithCancel(context.Background())
		defer cancel()
		for _, e := range entrances() {
			for _, id := range []uuid.UUID{j.ID(), uuid.New()} {
				for _, d := range kinds() {
					made, err := e.add(s, id, d, NewTask(noop), WithContext(foreignContext{user}))
					require.True(t, err == ErrSchedulerShutdown, "%v", err)
					require.Nil(t, made)
				}
				_, err := e.add(s, id, DurationJob(0), NewTask(noop))
				require.Error(t, err)
			}
		}
		_, err := s.NewJob(DurationJob(time.Hour), NewTask(noop))
		require.True(t, err == ErrSchedulerShutdown)
		synctest.Wait()
		require.Equal(t, before, bubbleGoroutines())
		require.Empty(t, m.events())
		require.Nil(t, s.Jobs())
	})
}

// saysShutdown reports whether err is what getters return after Shutdown.
func saysShutdown(err error) bool {
	return errors.Is(err, ErrJobNotFound) && errors.Is(err, ErrSchedulerBusy) && errors.Is(err, ErrSchedulerShutdown)
}

// requireForgotten checks what handles and scheduler say of a job that is not there.
func requireForgotten(t *testing.T, s Scheduler, j Job, id uuid.UUID, says func(error) bool) {
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
	require.True(t, s.RemoveJob(id) == ErrJobNotFound)
	s.RemoveByTags("tag")
	require.Zero(t, s.JobsWaitingInQueue())
	require.Equal(t, id, j.ID())
	require.Equal(t, "name", j.Name())
	require.Equal(t, []string{"tag"}, j.Tags())
	require.Equal(t, DurationJobSchedule{Duration: time.Hour}, j.Schedule())
	require.Zero(t, time.Since(before), "at once")
}

func TestSynctestContractAfterShutdownAllIsForgottenAtOnce(t *testing.T) {
	for _, startIt := range []bool{true, false} {
		for _, timesOut := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t)
				h := newHoldup(t)
				id := uuid.New()
				j := mustJob(t, s, DurationJob(time.Hour), h.task, WithIdentifier(id), WithName("name"), WithTags("tag"),
					WithStartAt(WithStartImmediately()))
				if startIt {
					s.Start()
				}
				synctest.Wait()
				done := make(chan error, 1)
				go func() { done <- s.Shutdown() }()
				synctest.Wait()
				requireForgotten(t, s, j, id, saysShutdown)
				require.True(t, j.RunNow() == ErrJobRunNowFailed)
				require.Nil(t, s.Jobs())
				if timesOut {
					time.Sleep(time.Minute)
				}
				h.open()
				synctest.Wait()
				want := error(nil)
				if startIt && timesOut {
					want = ErrStopJobsTimedOut
				}
				require.True(t, <-done == want)
				requireForgotten(t, s, j, id, saysShutdown)
				require.True(t, j.RunNow() == ErrJobRunNowFailed)
			})
		}
	}
}

func TestSynctestContractARemovedJobIsForgottenLikewise(t *testing.T) {
	for _, started := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			s := newScheduler(t)
			id := uuid.New()
			j := mustJob(t, s, DurationJob(time.Hour), noop, WithIdentifier(id), WithName("name"), WithTags("tag"))
			if started {
				s.Start()
			}
			s.RemoveByTags("other", "tag")
			requireForgotten(t, s, j, id, func(err error) bool { return err == ErrJobNotFound })
			require.True(t, j.RunNow() == ErrJobNotFound)
			require.Empty(t, s.Jobs())
			require.NotNil(t, s.Jobs())
		})
	}
}

func TestSynctestContractAShutdownInATaskTimesOutOnItsOwnRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, err := NewScheduler(WithStopTimeout(3 * time.Second))
		require.NoError(t, err)
		got, took := make(chan error, 1), time.Duration(0)
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func() {
			began := time.Now()
			err := s.Shutdown()
			took = time.Since(began)
			got <- err
		})
		s.Start()
		require.True(t, <-got == ErrStopJobsTimedOut)
		require.Equal(t, 3*time.Second, took)
		synctest.Wait()
		require.NoError(t, s.Shutdown())
	})
}

func TestSynctestContractNoGoroutineIsLeftAfterShutdown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		user, cancel := context.WithCancel(context.Background())
		defer cancel()
		before := bubbleGoroutines()
		s := newScheduler(t, WithLimitConcurrentJobs(2, LimitModeWait))
		h := newHoldup(t)
		for i := 0; i < 100; i++ {
			mustJob(t, s, DurationJob(time.Minute), h.task, WithStartAt(WithStartImmediately()),
				WithContext(foreignContext{user}), WithSingletonMode(LimitModeWait))
		}
		s.Start()
		time.Sleep(5 * time.Minute)
		time.AfterFunc(time.Second, h.open)
		require.NoError(t, s.Shutdown())
		synctest.Wait()
		require.Equal(t, before, bubbleGoroutines())
		require.EqualValues(t, 2, h.started.Load())
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
		s := newScheduler(t, WithClock(clock), WithLocation(time.UTC))
		for name, d := range kinds() {
			mustJob(t, s, d, noop, WithName(name), WithTags(name))
		}
		mustJob(t, s, DurationJob(time.Hour), noop, WithStopAt(WithStopDateTime(farFuture)), WithIntervalFromCompletion())
		require.True(t, waiters(clock, 0))
		for i := 0; i < 2; i++ {
			s.Start()
			require.True(t, waiters(clock, 8))
			require.NoError(t, s.StopJobs())
			require.True(t, waiters(clock, 0))
		}
		s.Start()
		s.RemoveByTags("daily")
		require.True(t, waiters(clock, 7))
		_, err := s.Update(s.Jobs()[0].ID(), DurationJob(time.Minute), NewTask(noop))
		require.NoError(t, err)
		require.True(t, waiters(clock, 7))
		require.NoError(t, s.Shutdown())
		require.True(t, waiters(clock, 0))
	})
}
