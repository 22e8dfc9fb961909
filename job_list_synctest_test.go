//go:build go1.25

package gocron

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
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
			next, err := s.makeJob(DurationJob(time.Hour), NewTask(func() {}), nil, s.now())
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
				made, err := NewScheduler(WithHooks(Hooks{RunFinished: func(RunInfo) { finished.Add(1) }}))
				require.NoError(t, err)
				s := made.(*scheduler)
				goOn := make(chan struct{})
				job, err := s.NewJob(DurationJob(time.Hour), NewTask(func() { <-goOn }),
					WithSingletonMode(LimitModeWait), WithIdentifier(uuid.New()))
				require.NoError(t, err)
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
				require.NoError(t, s.Shutdown())
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
			_, err := s.Update(j.ID(), OneTimeJob(OneTimeJobStartImmediately()), NewTask(func() {}))
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
