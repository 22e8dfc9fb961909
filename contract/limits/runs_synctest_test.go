//go:build go1.25

package limits_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// A setting is one combination of limits.
type setting struct {
	scheduler []gocron.SchedulerOption
	job       []gocron.JobOption
}

// settings are all combinations of a scheduler's limit, a singleton mode, the
// way the job starts, and how it counts.
func settings() map[string]setting {
	limits := map[string][]gocron.SchedulerOption{
		"": nil, "limit 1 wait, ": {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, "limit 2 wait, ": {gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait)},
		"limit 1 skip, ": {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)}, "limit 2 skip, ": {gocron.WithLimitConcurrentJobs(2, gocron.LimitModeReschedule)},
	}
	singletons := map[string][]gocron.JobOption{
		"": nil, "singleton wait, ": {gocron.WithSingletonMode(gocron.LimitModeWait)}, "singleton skip, ": {gocron.WithSingletonMode(gocron.LimitModeReschedule)},
	}
	starts := map[string][]gocron.JobOption{
		"": nil, "immediately, ": {gocron.WithStartAt(gocron.WithStartImmediately())}, "completion, ": {gocron.WithIntervalFromCompletion()},
		"start time, ": {gocron.WithStartAt(gocron.WithStartDateTimePast(rig.LongPast))},
	}
	all := map[string]setting{}
	for limit, l := range limits {
		for singleton, g := range singletons {
			for start, o := range starts {
				all[limit+singleton+start] = setting{l, append(append([]gocron.JobOption{}, g...), o...)}
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
					s := rig.NewScheduler(t, c.scheduler...)
					var started, ended atomic.Int64
					j := rig.MustJob(t, s, gocron.DurationJob(time.Second), func() {
						started.Add(1)
						time.Sleep(3500 * time.Millisecond)
						ended.Add(1)
					}, append(c.job, gocron.WithLimitedRuns(n))...)
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
						if next := rig.NextOf(t, j); started.Load() == int64(n) {
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
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
		j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithLimitedRuns(3))
		require.False(t, rig.NextOf(t, j).IsZero())
		require.NoError(t, j.RunNow())
		require.NoError(t, j.RunNow())
		require.False(t, rig.NextOf(t, j).IsZero(), "one is left")
		time.Sleep(time.Minute)
		synctest.Wait()
		rig.NoNextRun(t, j)
		require.Equal(t, 3, s.JobsWaitingInQueue())
		for i := 0; i < 5; i++ {
			require.NoError(t, j.RunNow(), "none is left: nothing starts, and that is no error")
		}
		time.Sleep(time.Hour)
		require.Equal(t, 3, s.JobsWaitingInQueue())
		blocker.Open()
		synctest.Wait()
		rig.NoNextRun(t, j)
		require.Equal(t, 2, s.JobsWaitingInQueue())
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 3, h.Ended.Load())
		require.True(t, j.RunNow() == gocron.ErrJobNotFound)
	})
}

func TestSynctestContractAReservationGivenBackBooksTheNextFutureTime(t *testing.T) {
	for name, completion := range map[string]gocron.JobOption{"from start": gocron.WithTags(), "from completion": gocron.WithIntervalFromCompletion()} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
				blocker := rig.NewHoldup(t)
				s.Start()
				require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
				var ran atomic.Int64
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { ran.Add(1) }, gocron.WithLimitedRuns(1), completion)
				time.Sleep(90 * time.Minute)
				synctest.Wait()
				rig.NoNextRun(t, j)
				require.Equal(t, 1, s.JobsWaitingInQueue())
				require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
				s.Start()
				next := rig.NextOf(t, j)
				require.True(t, next.After(time.Now()), "%v", next)
				require.LessOrEqual(t, time.Until(next), time.Hour)
				blocker.Open()
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
	for name, mode := range map[string]gocron.JobOption{"limit": gocron.WithTags(), "completion": gocron.WithIntervalFromCompletion(), "singleton": gocron.WithSingletonMode(gocron.LimitModeReschedule)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
				h := rig.NewHoldup(t)
				s.Start()
				if name != "singleton" {
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), h.Task).RunNow())
				}
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithLimitedRuns(2), mode)
				booked := rig.NextOf(t, j)
				if name == "singleton" {
					require.NoError(t, j.RunNow())
				}
				for i := 0; i < 10; i++ {
					require.NoError(t, j.RunNow())
					synctest.Wait()
					require.True(t, rig.NextOf(t, j).Equal(booked), "the schedule is as before")
				}
				h.Open()
				synctest.Wait()
				before := h.Ended.Load()
				time.Sleep(time.Hour)
				synctest.Wait()
				require.Equal(t, before+1, h.Ended.Load())
			})
		})
	}
}

func TestSynctestContractRunNowDoesNotChangeTheSchedule(t *testing.T) {
	for name, c := range settings() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, c.scheduler...)
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, c.job...)
				h.Open()
				s.Start()
				synctest.Wait()
				time.Sleep(10 * time.Minute)
				before, err := j.NextRuns(3)
				require.NoError(t, err)
				require.Len(t, before, 3)
				already := h.Ended.Load()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.Equal(t, already+1, h.Ended.Load())
				after, err := j.NextRuns(3)
				require.NoError(t, err)
				require.Equal(t, before, after)
			})
		})
	}
}

// A program tries its one-time job again after a while, as often as WithLimitedRuns lets it.
func TestSynctestContractAOneTimeJobThatHasRunStaysWhileLimitedRunsAreLeft(t *testing.T) {
	for name, start := range map[string]func() gocron.OneTimeJobStartAtOption{
		"immediately": gocron.OneTimeJobStartImmediately,
		"in a minute": func() gocron.OneTimeJobStartAtOption {
			return gocron.OneTimeJobStartDateTime(time.Now().Add(time.Minute))
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				var ran atomic.Int64
				j := rig.MustJob(t, s, gocron.OneTimeJob(start()), func() { ran.Add(1) }, gocron.WithLimitedRuns(3))
				s.Start()
				for n := int64(1); n <= 3; n++ {
					time.Sleep(time.Hour)
					require.Equal(t, n, ran.Load())
					if n < 3 {
						require.Contains(t, s.Jobs(), j)
						rig.NoNextRun(t, j)
						require.NoError(t, j.RunNow())
					}
				}
				require.Empty(t, s.Jobs())
			})
		})
	}
}

// It does not matter which of its occurrences takes longest.
func TestSynctestContractAOneTimeJobWhoseLastOccurrenceWasSkippedLeaves(t *testing.T) {
	for name, c := range map[string]struct {
		mode  gocron.LimitMode
		stays bool
	}{"skipped": {gocron.LimitModeReschedule, false}, "run": {gocron.LimitModeWait, true}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t)
				h := rig.NewHoldup(t)
				now := time.Now()
				times := gocron.OneTimeJobStartDateTimes(now.Add(time.Minute), now.Add(2*time.Minute))
				rig.MustJob(t, s, gocron.OneTimeJob(times), h.Task, gocron.WithSingletonMode(c.mode), gocron.WithLimitedRuns(3))
				s.Start()
				time.Sleep(3 * time.Minute) // the first is still in progress
				require.Len(t, s.Jobs(), 1)
				h.Open()
				synctest.Wait()
				require.Equal(t, c.stays, len(s.Jobs()) == 1)
			})
		})
	}
}

// What stays for RunNow leaves when the scheduler starts again.
func TestSynctestContractAOneTimeJobWithLimitedRunsLeftLeavesAtTheNextStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.Noop, gocron.WithLimitedRuns(2))
		s.Start()
		synctest.Wait()
		require.Contains(t, s.Jobs(), j)
		require.NoError(t, s.StopJobs())
		s.Start()
		require.Empty(t, s.Jobs())
	})
}
