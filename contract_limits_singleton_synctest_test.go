//go:build go1.25

package gocron

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSynctestContractARescheduledSingletonNeverPilesUp(t *testing.T) {
	for name, options := range map[string][]SchedulerOption{
		"no limit": nil,
		"wait":     {WithLimitConcurrentJobs(1, LimitModeWait)},
		"skip":     {WithLimitConcurrentJobs(1, LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &contractMonitor{}
				s := newScheduler(t, append(options, WithMonitor(m), WithSchedulerMonitor(m))...)
				h := newHoldup(t)
				j := mustJob(t, s, DurationJob(time.Minute), h.task, WithSingletonMode(LimitModeReschedule), WithName("it"))
				s.Start()
				time.Sleep(10 * time.Minute)
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.EqualValues(t, 1, h.started.Load())
				require.Equal(t, 10, m.count("singleton_rescheduled it"))
				require.Equal(t, 10, m.count("singleton-reached it"))
				require.Zero(t, m.count("limit-reached it"))
				require.True(t, nextOf(t, j).Equal(time.Now().Add(time.Minute)))
				h.open()
				synctest.Wait()
				require.EqualValues(t, 1, h.ended.Load(), "none was kept")
				time.Sleep(time.Minute)
				synctest.Wait()
				require.EqualValues(t, 2, h.ended.Load())
			})
		})
	}
}

// A run that waits for a slot has passed the gate, so it keeps others of its
// job from piling up behind it.
func TestSynctestContractARescheduledSingletonIsSkippedWhileOneOfItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithMonitor(m))
		blocker, h := newHoldup(t), newHoldup(t)
		s.Start()
		require.NoError(t, mustJob(t, s, ages(), blocker.task).RunNow())
		mustJob(t, s, DurationJob(time.Minute), h.task, WithSingletonMode(LimitModeReschedule), WithName("it"))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Equal(t, 1, s.JobsWaitingInQueue())
		require.Equal(t, 9, m.count("singleton_rescheduled it"))
		blocker.open()
		h.open()
		synctest.Wait()
		require.EqualValues(t, 1, h.ended.Load())
	})
}

func TestSynctestContractAWaitingSingletonLosesNoRun(t *testing.T) {
	for name, options := range map[string][]SchedulerOption{
		"no limit": nil,
		"limit 1":  {WithLimitConcurrentJobs(1, LimitModeWait)},
		"limit 3":  {WithLimitConcurrentJobs(3, LimitModeWait)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &contractMonitor{}
				s := newScheduler(t, append(options, WithMonitor(m), WithSchedulerMonitor(m))...)
				h := newHoldup(t)
				j := mustJob(t, s, DurationJob(time.Minute), h.task, WithSingletonMode(LimitModeWait), WithName("it"))
				s.Start()
				for i := 0; i < 5; i++ {
					require.NoError(t, j.RunNow())
				}
				time.Sleep(20 * time.Minute)
				for i := 0; i < 20; i++ {
					synctest.Wait()
					require.Equal(t, 1, h.running())
					h.letGo()
				}
				h.open()
				synctest.Wait()
				require.EqualValues(t, 25, h.ended.Load())
				require.EqualValues(t, 1, h.most.Load())
				require.Equal(t, 24, m.count("singleton-reached it"))
				require.Zero(t, m.count("singleton_rescheduled it"))
			})
		})
	}
}

// Singleton jobs with their own and the scheduler's mode, in every combination.
func TestSynctestContractSingletonAndLimitBothHold(t *testing.T) {
	for singleton, singletonMode := range limitModes {
		for limit, limitMode := range limitModes {
			t.Run(singleton+" and "+limit, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScheduler(t, WithLimitConcurrentJobs(2, limitMode))
					all := newHoldup(t)
					var own []*holdup
					var jobs []Job
					for i := 0; i < 4; i++ {
						h := newHoldup(t)
						own = append(own, h)
						jobs = append(jobs, mustJob(t, s, ages(), func() { h.task(); all.task() }, WithSingletonMode(singletonMode)))
					}
					s.Start()
					all.open()
					for round := 0; round < 3; round++ {
						for _, j := range jobs {
							require.NoError(t, j.RunNow())
						}
					}
					synctest.Wait()
					waiting := map[string]int{"wait and wait": 10, "skip and wait": 2}[singleton+" and "+limit]
					require.Equal(t, waiting, s.JobsWaitingInQueue())
					running := 0
					for _, h := range own {
						running += h.running()
					}
					require.Equal(t, 2, running)
					for _, h := range own {
						h.open()
					}
					synctest.Wait()
					want := map[string]int64{
						"wait and wait": 12, // all of them
						"skip and wait": 4,  // one of each job
						"wait and skip": 6,  // those of the two jobs that got a slot
						"skip and skip": 2,  // those that found a slot
					}[singleton+" and "+limit]
					require.Equal(t, want, all.ended.Load())
					for _, h := range own {
						require.LessOrEqual(t, h.most.Load(), int64(1))
					}
					require.LessOrEqual(t, all.most.Load(), int64(2))
				})
			})
		}
	}
}

func TestSynctestContractARunAtItsGateOccupiesNoSlot(t *testing.T) {
	for name, mode := range limitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(2, mode))
				h, other := newHoldup(t), newHoldup(t)
				j := mustJob(t, s, ages(), h.task, WithSingletonMode(LimitModeWait))
				s.Start()
				for i := 0; i < 10; i++ {
					require.NoError(t, j.RunNow())
				}
				require.NoError(t, mustJob(t, s, ages(), other.task).RunNow())
				synctest.Wait()
				require.Equal(t, 1, h.running())
				require.Equal(t, 1, other.running(), "the second slot is free for others")
				h.open()
				synctest.Wait()
				require.EqualValues(t, 10, h.ended.Load())
			})
		})
	}
}

// With the slots all taken a removed job's run keeps its slot, not its gate: a
// job added under the id later has a gate of its own.
func TestSynctestContractARemovedJobsRunKeepsItsSlotAndNoGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule), WithSchedulerMonitor(m))
		first, second := newHoldup(t), newHoldup(t)
		s.Start()
		wait := WithSingletonMode(LimitModeWait)
		j := mustJob(t, s, ages(), first.task, wait, WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, s.RemoveJob(j.ID()))
		j, err := s.Update(j.ID(), ages(), NewTask(second.task), wait, WithName("it"))
		require.NoError(t, err)
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, m.count("limit-reached it"))
		first.open()
		synctest.Wait()
		require.Zero(t, second.started.Load(), "skipped for good")
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, second.running())
	})
}

// Gate and slot of a run become free together, so a run at the gate gets the
// slot of the one before it, though others are refused all the time.
func TestSynctestContractARunAtItsGateGetsTheSlotOfTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule), WithSchedulerMonitor(m))
		first, taker := newHoldup(t), newHoldup(t)
		s.Start()
		j := mustJob(t, s, ages(), first.task, WithSingletonMode(LimitModeWait), WithName("it"))
		other := mustJob(t, s, ages(), taker.task, WithName("other"))
		for i := 0; i < 4; i++ {
			require.NoError(t, j.RunNow())
		}
		for round := 1; round <= 4; round++ {
			synctest.Wait()
			require.NoError(t, other.RunNow())
			synctest.Wait()
			require.Equal(t, round, m.count("limit-reached other"))
			require.Equal(t, 1, first.running())
			first.letGo()
		}
		synctest.Wait()
		require.EqualValues(t, 4, first.ended.Load())
		require.Zero(t, m.count("limit-reached it"))
		require.Zero(t, taker.started.Load())
	})
}
