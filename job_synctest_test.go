//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// A job with more waiting runs than are dropped in one go leaves, and the scheduler stops before
// the rest of them are dropped: the stop waits for that, and every run has its outcome by then.
func TestSynctestStopWaitsForTheRunsOfAJobThatHasLeft(t *testing.T) {
	for name, leave := range map[string]func(*testing.T, *scheduler, *internalJob) deferredCalls{
		"removed": func(t *testing.T, s *scheduler, j *internalJob) deferredCalls {
			return s.removeLocked(j)
		},
		"replaced": func(t *testing.T, s *scheduler, j *internalJob) deferredCalls {
			next, err := s.makeJob(DurationJob(time.Hour), NewTask(noop), nil, s.now())
			require.NoError(t, err)
			next.id = j.id
			calls, err := s.listJobLocked(next, false, s.now())
			require.NoError(t, err)
			return calls
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var finished atomic.Int64
				s := newScheduler(t, WithHooks(Hooks{RunFinished: func(RunInfo) { finished.Add(1) }})).(*scheduler)
				goOn := make(chan struct{})
				job := mustJob(t, s, DurationJob(time.Hour), func() { <-goOn }, WithSingletonMode(LimitModeWait))
				s.Start()
				const runs = 3 * runsBatch
				for range runs {
					require.NoError(t, job.RunNow())
				}
				synctest.Wait()

				s.lock()
				calls := leave(t, s, job.(*internalJob))
				s.unlock()
				close(goOn)
				stopped := make(chan error, 1)
				go func() { stopped <- s.StopJobs() }()
				synctest.Wait()
				require.Empty(t, stopped)
				calls.run()
				require.NoError(t, <-stopped)
				require.EqualValues(t, runs, finished.Load())
			})
		})
	}
}

// A job that has left is not looked at again, also when it had a stop time and more waiting runs than
// are dropped in one go.
func TestSynctestAJobThatHasLeftIsNotInTheTimetable(t *testing.T) {
	for name, leave := range map[string]func(*scheduler, Job) error{
		"removed": func(s *scheduler, j Job) error { return s.RemoveJob(j.ID()) },
		"replaced": func(s *scheduler, j Job) error {
			_, err := s.Update(j.ID(), OneTimeJob(OneTimeJobStartImmediately()), NewTask(noop))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClock()
				s := newScheduler(t, WithClock(clock)).(*scheduler)
				goOn := make(chan struct{})
				job := mustJob(t, s, DurationJob(time.Hour), func() { <-goOn },
					WithSingletonMode(LimitModeWait), WithStopAt(WithStopDateTime(clock.Now().Add(time.Minute))), WithStartAt(WithStartImmediately()))
				s.Start()
				for range 3 * runsBatch {
					require.NoError(t, job.RunNow())
				}
				require.NoError(t, leave(s, job))
				synctest.Wait()
				s.lock()
				entries, waiter := s.timetable.wall.len()+s.timetable.elapsed.len(), job.(*internalJob).rareState().waiter
				s.unlock()
				close(goOn)
				require.Zero(t, entries)
				require.Nil(t, waiter)
			})
		})
	}
}

// Monotonic clocks of different machines have nothing in common, so no start keeps its
// reading. Times in a bubble have none, so this is on the real clock.
func TestSynctestClaimsAreDueByTheWallClock(t *testing.T) {
	taken := ClaimerFrom(func(context.Context, string, time.Time) (Lock, error) { return nil, errors.New("taken") })
	s := newScheduler(t, WithDistributedLocker(taken))
	s.Start()
	start := WithStartAt(WithStartDateTimePast(time.Now().Add(-90 * time.Second)))
	for _, j := range []Job{mustJob(t, s, DurationJob(time.Minute), func() {}, WithName("j")), mustJob(t, s, DurationJob(time.Minute), func() {}, WithName("k"), start)} {
		j := j.(*internalJob)
		j.s.mu.Lock()
		byWall, next := j.dueByWall, j.next
		j.s.mu.Unlock()
		require.True(t, byWall)
		require.False(t, hasMonotonic(next))
	}
}

// The instants that have come, and that the scheduler has not got to, take the limited runs.
func TestSynctestTimeNextRunOfALimitedOneTimeJobBeforeTheSchedulerGotToIt(t *testing.T) {
	for _, tt := range []struct {
		limit  uint
		passed time.Duration
		want   int // which instant is next, from 1; 0 for none
	}{
		{1, time.Hour + 1, 0},
		{2, time.Hour + 1, 2},
		{2, 2*time.Hour + 1, 0},
		{3, 2*time.Hour + 1, 3},
	} {
		for _, paused := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				clock := clockwork.NewFakeClock()
				s := newScheduler(t, WithClock(clock)).(*scheduler)
				now := clock.Now()
				instants := []time.Time{now.Add(time.Hour), now.Add(2 * time.Hour), now.Add(3 * time.Hour)}
				j := mustJob(t, s, OneTimeJob(OneTimeJobStartDateTimes(instants...)), noop, WithLimitedRuns(tt.limit))
				s.Start()
				if paused {
					require.NoError(t, NewController(s).Pause(j.ID()))
				}
				synctest.Wait()
				s.mu.Lock()
				clock.Advance(tt.passed)
				seen := s.jobs[idKey{j.ID()}].nextSeen(clock.Now())
				s.mu.Unlock()
				synctest.Wait()
				next := time.Time{}
				if s.jobs[idKey{j.ID()}] != nil {
					var err error
					next, err = j.NextRun()
					require.NoError(t, err)
				}
				require.Equal(t, next, seen, "limit %d, paused %v", tt.limit, paused)
				if !paused {
					require.Equal(t, append([]time.Time{{}}, instants...)[tt.want], seen)
				}
			})
		}
	}
}

// Who gives a Wait up leaves nothing behind, also when the job is never idle, and when it was
// replaced in the meantime.
func TestSynctestWaitsThatAreGivenUpAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t)
		c := NewController(s)
		end := make(chan struct{})
		j := mustJob(t, s, DurationJob(1000*time.Hour), func() { <-end })
		s.Start()
		require.NoError(t, j.RunNow())
		patient := make(chan error, 1)
		go func() { patient <- c.Wait(context.Background(), j.ID()) }()
		synctest.Wait()
		for range 10 {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			require.ErrorIs(t, c.Wait(ctx, j.ID()), context.DeadlineExceeded)
			cancel()
		}
		require.Len(t, j.(*internalJob).rare.idle, 1)

		ctx, cancel := context.WithCancel(context.Background())
		impatient := make(chan error, 1)
		go func() { impatient <- c.Wait(ctx, j.ID()) }()
		synctest.Wait()
		newer, err := s.Update(j.ID(), DurationJob(1000*time.Hour), NewTask(noop))
		require.NoError(t, err)
		cancel()
		require.ErrorIs(t, <-impatient, context.Canceled)
		require.Len(t, newer.(*internalJob).rare.idle, 1)
		close(end)
		require.NoError(t, <-patient)
	})
}
