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

// Invariants 3 and 4 of the design: as many run as may, the others start in the
// order in which they were handed over, and none is lost.
func TestSynctestContractWaitingRunsStartFirstInFirstOut(t *testing.T) {
	for _, limit := range []uint{1, 2, 7} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(limit, gocron.LimitModeWait))
				r := rig.NewRoll(t)
				s.Start()
				var want []string
				for i := 0; i < 50; i++ {
					name := fmt.Sprint(i)
					want = append(want, name)
					require.NoError(t, rig.MustJob(t, s, rig.Ages(), r.TaskOf(name)).RunNow())
				}
				for left := 50; left > 0; left-- {
					synctest.Wait()
					running := min(left, int(limit))
					require.Equal(t, running, r.Running())
					require.Equal(t, left-running, s.JobsWaitingInQueue())
					require.ElementsMatch(t, want[:50-left+running], r.Signed())
					r.LetGo()
				}
				synctest.Wait()
				require.EqualValues(t, 50, r.Ended.Load())
				if limit == 1 {
					require.Equal(t, want, r.Signed())
				}
			})
		})
	}
}

// Runs that fall due, immediate ones and RunNow stand in one queue.
func TestSynctestContractTheQueueIsOneForAllTriggers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		r := rig.NewRoll(t)
		s.Start()
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.TaskOf("immediate"))
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(2*time.Second))), r.TaskOf("later"))
		rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(time.Now().Add(time.Second))), r.TaskOf("sooner"))
		time.Sleep(1500 * time.Millisecond)
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), r.TaskOf("now")).RunNow())
		time.Sleep(time.Second)
		rig.MustJob(t, s, gocron.DurationJob(time.Hour), r.TaskOf("at once"), gocron.WithStartAt(gocron.WithStartImmediately()))
		synctest.Wait()
		require.Equal(t, 4, s.JobsWaitingInQueue())
		r.Open()
		synctest.Wait()
		require.Equal(t, []string{"immediate", "sooner", "now", "later", "at once"}, r.Signed())
	})
}

// A run that waited at its gate has the place in the queue that it was handed
// over in.
func TestSynctestContractTheQueueIsInOrderOfHandingOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		r := rig.NewRoll(t)
		s.Start()
		job := func(name string, options ...gocron.JobOption) gocron.Job {
			return rig.MustJob(t, s, rig.Ages(), r.TaskOf(name), options...)
		}
		a, b := job("a", gocron.WithSingletonMode(gocron.LimitModeWait)), job("b", gocron.WithSingletonMode(gocron.LimitModeWait))
		c, d := job("c"), job("d", gocron.WithSingletonMode(gocron.LimitModeReschedule))
		for _, j := range []gocron.Job{a, a, c, b, b, a, d, d, c, b} {
			require.NoError(t, j.RunNow())
		}
		r.Open()
		synctest.Wait()
		require.Equal(t, []string{"a", "a", "c", "b", "b", "a", "d", "c", "b"}, r.Signed())
	})
}

func TestSynctestContractARunThatFindsNoSlotIsSkippedWhenRescheduling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(2, gocron.LimitModeReschedule), gocron.WithMonitor(m), gocron.WithSchedulerMonitor(m))
		r := rig.NewRoll(t)
		var jobs []gocron.Job
		for i := 0; i < 5; i++ {
			jobs = append(jobs, rig.MustJob(t, s, gocron.DurationJob(time.Minute), r.TaskOf("x"), gocron.WithName("it")))
		}
		s.Start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, r.Running())
		require.Zero(t, s.JobsWaitingInQueue())
		require.Equal(t, 3, m.Count("limit-reached it"))
		for _, j := range jobs {
			require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Minute)), "it waits for its next time")
			require.NoError(t, j.RunNow(), "a skipped RunNow is no error")
		}
		r.LetGo()
		r.LetGo()
		synctest.Wait()
		require.EqualValues(t, 2, r.Started.Load(), "what was skipped does not come back")
		skipped := 0
		for _, j := range jobs {
			if last, err := j.LastRunStartedAt(); err == nil && last.IsZero() {
				skipped++
			}
		}
		require.Equal(t, 3, skipped, "a skip is no last run")
		require.Zero(t, m.Count("skip it"))
		require.Zero(t, m.Count("singleton_rescheduled it"))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 4, r.Started.Load())
	})
}

func TestSynctestContractJobsWaitingInQueueIsExactAtAnyNumber(t *testing.T) {
	const jobs, runs = 100, 1000
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		s.Start()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), h.Task).RunNow())
		synctest.Wait()
		goroutines := rig.Goroutines()
		var all []gocron.Job
		var ran atomic.Int64
		for i := 0; i < jobs; i++ {
			options := []gocron.JobOption{gocron.WithTags("even")}
			if i%2 == 1 {
				options = []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}
			}
			all = append(all, rig.MustJob(t, s, rig.Ages(), func() { ran.Add(1) }, options...))
		}
		for n := 0; n < runs; n++ {
			for _, j := range all {
				if err := j.RunNow(); err != nil {
					t.Fatal(err)
				}
			}
			if waiting := s.JobsWaitingInQueue(); waiting != (n+1)*jobs {
				t.Fatalf("%d instead of %d", waiting, (n+1)*jobs)
			}
		}
		require.Equal(t, 100000, s.JobsWaitingInQueue())
		require.Equal(t, goroutines, rig.Goroutines(), "a waiting run is no goroutine")
		require.NoError(t, s.RemoveJob(all[1].ID()))
		require.Equal(t, 99000, s.JobsWaitingInQueue())
		s.RemoveByTags("even")
		require.Equal(t, 49000, s.JobsWaitingInQueue())
		h.Open()
		synctest.Wait()
		require.Zero(t, s.JobsWaitingInQueue())
		require.EqualValues(t, 49000, ran.Load())
	})
}

func TestSynctestContractJobsWaitingInQueueIsZeroWithoutAWaitingLimit(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{
		"no limit": nil, "rescheduling": {gocron.WithLimitConcurrentJobs(10, gocron.LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, options...)
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
				require.Zero(t, s.JobsWaitingInQueue())
				s.Start()
				for i := 0; i < 5; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Equal(t, 1, h.Running())
				require.Zero(t, s.JobsWaitingInQueue())
				h.Open()
				synctest.Wait()
				require.EqualValues(t, 5, h.Ended.Load())
			})
		})
	}
}

func TestSynctestContractRemovingAJobRemovesItsWaitingRunsAndFreesWhatTheyHeld(t *testing.T) {
	for name, remove := range map[string]func(gocron.Scheduler, gocron.Job){
		"RemoveJob":    func(s gocron.Scheduler, j gocron.Job) { _ = s.RemoveJob(j.ID()) },
		"RemoveByTags": func(s gocron.Scheduler, j gocron.Job) { s.RemoveByTags("tag") },
		"Update":       func(s gocron.Scheduler, j gocron.Job) { _, _ = s.Update(j.ID(), rig.Ages(), gocron.NewTask(rig.Noop)) },
	} {
		for _, gate := range []gocron.JobOption{gocron.WithName("open"), gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithLimitedRuns(10)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
					r := rig.NewRoll(t)
					s.Start()
					blocker := rig.MustJob(t, s, rig.Ages(), r.TaskOf("blocker"))
					removed := rig.MustJob(t, s, rig.Ages(), r.TaskOf("removed"), gocron.WithTags("tag"), gate)
					last := rig.MustJob(t, s, rig.Ages(), r.TaskOf("last"), gocron.WithSingletonMode(gocron.LimitModeWait))
					for _, j := range []gocron.Job{blocker, removed, last, removed, removed, last} {
						require.NoError(t, j.RunNow())
					}
					synctest.Wait()
					require.Equal(t, 5, s.JobsWaitingInQueue())
					remove(s, removed)
					require.Equal(t, 2, s.JobsWaitingInQueue())
					r.Open()
					synctest.Wait()
					require.Equal(t, []string{"blocker", "last", "last"}, r.Signed())
					require.Zero(t, s.JobsWaitingInQueue())
				})
			})
		}
	}
}
