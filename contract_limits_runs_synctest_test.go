//go:build go1.25

package gocron

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// A setting is one combination of limits.
type setting struct {
	scheduler []SchedulerOption
	job       []JobOption
}

// settings are all combinations of a scheduler's limit, a singleton mode, the
// way the job starts, and how it counts.
func settings() map[string]setting {
	limits := map[string][]SchedulerOption{
		"": nil, "limit 1 wait, ": {WithLimitConcurrentJobs(1, LimitModeWait)}, "limit 2 wait, ": {WithLimitConcurrentJobs(2, LimitModeWait)},
		"limit 1 skip, ": {WithLimitConcurrentJobs(1, LimitModeReschedule)}, "limit 2 skip, ": {WithLimitConcurrentJobs(2, LimitModeReschedule)},
	}
	singletons := map[string][]JobOption{
		"": nil, "singleton wait, ": {WithSingletonMode(LimitModeWait)}, "singleton skip, ": {WithSingletonMode(LimitModeReschedule)},
	}
	starts := map[string][]JobOption{
		"": nil, "immediately, ": {WithStartAt(WithStartImmediately())}, "completion, ": {WithIntervalFromCompletion()},
		"start time, ": {WithStartAt(WithStartDateTimePast(longPast))},
	}
	all := map[string]setting{}
	for limit, l := range limits {
		for singleton, g := range singletons {
			for start, o := range starts {
				all[limit+singleton+start] = setting{l, append(append([]JobOption{}, g...), o...)}
			}
		}
	}
	return all
}

// Tasks take longer than the interval, RunNow is called all the time, and the
// scheduler is stopped and started in between.
func TestSynctestContractAtMostNTasksOfALimitedJobStart(t *testing.T) {
	for name, c := range settings() {
		for _, n := range []uint{1, 2, 5} {
			t.Run(fmt.Sprint(name, n), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScheduler(t, c.scheduler...)
					var started, ended atomic.Int64
					j := mustJob(t, s, DurationJob(time.Second), func() {
						started.Add(1)
						time.Sleep(3500 * time.Millisecond)
						ended.Add(1)
					}, append(c.job, WithLimitedRuns(n))...)
					s.Start()
					for i := 0; i < 100 && len(s.Jobs()) > 0; i++ {
						_ = j.RunNow()
						_ = j.RunNow()
						time.Sleep(700 * time.Millisecond)
						synctest.Wait()
						require.LessOrEqual(t, started.Load(), int64(n))
						if len(s.Jobs()) == 0 {
							break
						}
						if next := nextOf(t, j); started.Load() == int64(n) {
							require.True(t, next.IsZero(), "all runs are taken")
						}
						if i == 3 {
							require.NoError(t, s.StopJobs())
							s.Start()
						}
					}
					synctest.Wait()
					require.EqualValues(t, n, ended.Load(), "it left when the last had finished, and not before")
					require.Empty(t, s.Jobs())
				})
			})
		}
	}
}

func TestSynctestContractALimitedJobHasNoNextRunWhileAllAreTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
		j := mustJob(t, s, DurationJob(time.Minute), h.task, WithLimitedRuns(3))
		require.False(t, nextOf(t, j).IsZero())
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		require.False(t, nextOf(t, j).IsZero(), "one is left")
		time.Sleep(time.Minute)
		synctest.Wait()
		requireNoNextRun(t, j)
		require.Equal(t, 3, s.JobsWaitingInQueue())
		for i := 0; i < 5; i++ {
			require.NoError(t, j.RunNow(), "none is left: nothing starts, and that is no error")
		}
		time.Sleep(time.Hour)
		require.Equal(t, 3, s.JobsWaitingInQueue())
		blocker.open()
		synctest.Wait()
		requireNoNextRun(t, j)
		require.Equal(t, 2, s.JobsWaitingInQueue())
		h.open()
		synctest.Wait()
		require.EqualValues(t, 3, h.ended.Load())
		require.True(t, j.RunNow() == ErrJobNotFound)
	})
}

func TestSynctestContractAReservationGivenBackBooksTheNextFutureTime(t *testing.T) {
	for name, completion := range map[string]JobOption{"from start": WithTags(), "from completion": WithIntervalFromCompletion()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
				blocker := newHoldup(t)
				s.Start()
				require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
				var ran atomic.Int64
				j := mustJob(t, s, DurationJob(time.Hour), func() { ran.Add(1) }, WithLimitedRuns(1), completion)
				time.Sleep(90 * time.Minute)
				synctest.Wait()
				requireNoNextRun(t, j)
				require.Equal(t, 1, s.JobsWaitingInQueue())
				require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
				s.Start()
				next := nextOf(t, j)
				require.True(t, next.After(time.Now()), "%v", next)
				require.LessOrEqual(t, time.Until(next), time.Hour)
				blocker.open()
				synctest.Wait()
				require.Zero(t, ran.Load(), "what was dropped does not run")
				time.Sleep(time.Until(next))
				synctest.Wait()
				require.EqualValues(t, 1, ran.Load())
			})
		})
	}
}

// RunNow takes the last run and is skipped: the run is given back.
func TestSynctestContractASkippedRunNowGivesItsReservationBack(t *testing.T) {
	for name, mode := range map[string]JobOption{"limit": WithTags(), "completion": WithIntervalFromCompletion(), "singleton": WithSingletonMode(LimitModeReschedule)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule))
				h := newHoldup(t)
				s.Start()
				if name != "singleton" {
					require.NoError(t, mustJob(t, s, ages(), h.task).RunNow())
				}
				j := mustJob(t, s, DurationJob(time.Hour), h.task, WithLimitedRuns(2), mode)
				booked := nextOf(t, j)
				if name == "singleton" {
					require.NoError(t, j.RunNow())
				}
				for i := 0; i < 10; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
					require.True(t, nextOf(t, j).Equal(booked), "the schedule is as before")
				}
				h.open()
				synctest.Wait()
				before := h.ended.Load()
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Equal(t, before+1, h.ended.Load())
			})
		})
	}
}

func TestSynctestContractRunNowDoesNotChangeTheSchedule(t *testing.T) {
	for name, c := range settings() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, c.scheduler...)
				h := newHoldup(t)
				j := mustJob(t, s, DurationJob(time.Hour), h.task, c.job...)
				h.open()
				s.Start()
				synctest.Wait()
				time.Sleep(10 * time.Minute)
				before, err := j.NextRuns(3)
				require.NoError(t, err)
				require.Len(t, before, 3)
				already := h.ended.Load()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.Equal(t, already+1, h.ended.Load())
				after, err := j.NextRuns(3)
				require.NoError(t, err)
				require.Equal(t, before, after)
			})
		})
	}
}
