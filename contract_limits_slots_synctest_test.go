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

// Invariants 3 and 4 of the design: as many run as may, the others start in the
// order in which they were handed over, and none is lost.
func TestSynctestContractWaitingRunsStartFirstInFirstOut(t *testing.T) {
	for _, limit := range []uint{1, 2, 7} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(limit, LimitModeWait))
				r := newRoll(t)
				s.Start()
				var want []string
				for i := 0; i < 50; i++ {
					name := fmt.Sprint(i)
					want = append(want, name)
					require.NoError(t, mustJob(t, s, ages(), r.taskOf(name)).RunNow())
				}
				for left := 50; left > 0; left-- {
					synctest.Wait()
					running := min(left, int(limit))
					require.Equal(t, running, r.running())
					require.Equal(t, left-running, s.JobsWaitingInQueue())
					require.ElementsMatch(t, want[:50-left+running], r.signed())
					r.letGo()
				}
				synctest.Wait()
				require.EqualValues(t, 50, r.ended.Load())
				if limit == 1 {
					require.Equal(t, want, r.signed())
				}
			})
		})
	}
}

// Runs that fall due, immediate ones and RunNow stand in one queue.
func TestSynctestContractTheQueueIsOneForAllTriggers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		r := newRoll(t)
		s.Start()
		mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), r.taskOf("immediate"))
		mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(2*time.Second))), r.taskOf("later"))
		mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(time.Now().Add(time.Second))), r.taskOf("sooner"))
		time.Sleep(1500 * time.Millisecond)
		require.NoError(t, mustJob(t, s, ages(), r.taskOf("now")).RunNow())
		time.Sleep(time.Second)
		mustJob(t, s, DurationJob(time.Hour), r.taskOf("at once"), WithStartAt(WithStartImmediately()))
		synctest.Wait()
		require.Equal(t, 4, s.JobsWaitingInQueue())
		r.open()
		synctest.Wait()
		require.Equal(t, []string{"immediate", "sooner", "now", "later", "at once"}, r.signed())
	})
}

// A run that waited at its gate has the place in the queue that it was handed
// over in.
func TestSynctestContractTheQueueIsInOrderOfHandingOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		r := newRoll(t)
		s.Start()
		job := func(name string, options ...JobOption) Job { return mustJob(t, s, ages(), r.taskOf(name), options...) }
		a, b := job("a", WithSingletonMode(LimitModeWait)), job("b", WithSingletonMode(LimitModeWait))
		c, d := job("c"), job("d", WithSingletonMode(LimitModeReschedule))
		for _, j := range []Job{a, a, c, b, b, a, d, d, c, b} {
			require.NoError(t, j.RunNow())
		}
		r.open()
		synctest.Wait()
		require.Equal(t, []string{"a", "a", "c", "b", "b", "a", "d", "c", "b"}, r.signed())
	})
}

func TestSynctestContractARunThatFindsNoSlotIsSkippedWhenRescheduling(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithLimitConcurrentJobs(2, LimitModeReschedule), WithMonitor(m), WithSchedulerMonitor(m))
		r := newRoll(t)
		var jobs []Job
		for i := 0; i < 5; i++ {
			jobs = append(jobs, mustJob(t, s, DurationJob(time.Minute), r.taskOf("x"), WithName("it")))
		}
		s.Start()
		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, 2, r.running())
		require.Zero(t, s.JobsWaitingInQueue())
		require.Equal(t, 3, m.count("limit-reached it"))
		for _, j := range jobs {
			require.True(t, nextOf(t, j).Equal(time.Now().Add(time.Minute)), "it waits for its next time")
			require.NoError(t, j.RunNow(), "a skipped RunNow is no error")
		}
		r.letGo()
		r.letGo()
		synctest.Wait()
		require.EqualValues(t, 2, r.started.Load(), "what was skipped does not come back")
		skipped := 0
		for _, j := range jobs {
			if last, err := j.LastRunStartedAt(); err == nil && last.IsZero() {
				skipped++
			}
		}
		require.Equal(t, 3, skipped, "a skip is no last run")
		require.Zero(t, m.count("skip it"))
		require.Zero(t, m.count("singleton_rescheduled it"))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 4, r.started.Load())
	})
}

func TestSynctestContractJobsWaitingInQueueIsExactAtAnyNumber(t *testing.T) {
	const jobs, runs = 100, 1000
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		h := newHoldup(t)
		s.Start()
		require.NoError(t, mustJob(t, s, ages(), h.task).RunNow())
		synctest.Wait()
		goroutines := bubbleGoroutines()
		var all []Job
		var ran atomic.Int64
		for i := 0; i < jobs; i++ {
			options := []JobOption{WithTags("even")}
			if i%2 == 1 {
				options = []JobOption{WithSingletonMode(LimitModeWait)}
			}
			all = append(all, mustJob(t, s, ages(), func() { ran.Add(1) }, options...))
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
		require.Equal(t, goroutines, bubbleGoroutines(), "a waiting run is no goroutine")
		require.NoError(t, s.RemoveJob(all[1].ID()))
		require.Equal(t, 99000, s.JobsWaitingInQueue())
		s.RemoveByTags("even")
		require.Equal(t, 49000, s.JobsWaitingInQueue())
		h.open()
		synctest.Wait()
		require.Zero(t, s.JobsWaitingInQueue())
		require.EqualValues(t, 49000, ran.Load())
	})
}

func TestSynctestContractJobsWaitingInQueueIsZeroWithoutAWaitingLimit(t *testing.T) {
	for name, options := range map[string][]SchedulerOption{
		"no limit": nil, "rescheduling": {WithLimitConcurrentJobs(10, LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, options...)
				h := newHoldup(t)
				j := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait))
				require.Zero(t, s.JobsWaitingInQueue())
				s.Start()
				for i := 0; i < 5; i++ {
					require.NoError(t, j.RunNow())
				}
				synctest.Wait()
				require.Equal(t, 1, h.running())
				require.Zero(t, s.JobsWaitingInQueue())
				h.open()
				synctest.Wait()
				require.EqualValues(t, 5, h.ended.Load())
			})
		})
	}
}

func TestSynctestContractRemovingAJobRemovesItsWaitingRunsAndFreesWhatTheyHeld(t *testing.T) {
	for name, remove := range map[string]func(Scheduler, Job){
		"RemoveJob":    func(s Scheduler, j Job) { _ = s.RemoveJob(j.ID()) },
		"RemoveByTags": func(s Scheduler, j Job) { s.RemoveByTags("tag") },
		"Update":       func(s Scheduler, j Job) { _, _ = s.Update(j.ID(), ages(), NewTask(noop)) },
	} {
		for _, gate := range []JobOption{WithName("open"), WithSingletonMode(LimitModeWait), WithLimitedRuns(10)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
					r := newRoll(t)
					s.Start()
					blocker := mustJob(t, s, ages(), r.taskOf("blocker"))
					removed := mustJob(t, s, ages(), r.taskOf("removed"), WithTags("tag"), gate)
					last := mustJob(t, s, ages(), r.taskOf("last"), WithSingletonMode(LimitModeWait))
					for _, j := range []Job{blocker, removed, last, removed, removed, last} {
						require.NoError(t, j.RunNow())
					}
					synctest.Wait()
					require.Equal(t, 5, s.JobsWaitingInQueue())
					remove(s, removed)
					require.Equal(t, 2, s.JobsWaitingInQueue())
					r.open()
					synctest.Wait()
					require.Equal(t, []string{"blocker", "last", "last"}, r.signed())
					require.Zero(t, s.JobsWaitingInQueue())
				})
			})
		}
	}
}
