//go:build go1.25

package limits_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractARescheduledSingletonNeverPilesUp(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{
		"no limit": nil,
		"wait":     {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)},
		"skip":     {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &rig.Monitor{}
				s := rig.NewScheduler(t, append(options, gocron.WithMonitor(m), gocron.WithSchedulerMonitor(m))...)
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithName("it"))
				s.Start()
				time.Sleep(10 * time.Minute)
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.EqualValues(t, 1, h.Started.Load())
				require.Equal(t, 10, m.Count("singleton_rescheduled it"))
				require.Equal(t, 10, m.Count("singleton-reached it"))
				require.Zero(t, m.Count("limit-reached it"))
				require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Minute)))
				h.Open()
				synctest.Wait()
				require.EqualValues(t, 1, h.Ended.Load(), "none was kept")
				time.Sleep(time.Minute)
				synctest.Wait()
				require.EqualValues(t, 2, h.Ended.Load())
			})
		})
	}
}

// A run that waits for a slot has passed the gate, so it keeps others of its
// job from piling up behind it.
func TestSynctestContractARescheduledSingletonIsSkippedWhileOneOfItWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithMonitor(m))
		blocker, h := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), blocker.Task).RunNow())
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithName("it"))
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		require.Equal(t, 1, s.JobsWaitingInQueue())
		require.Equal(t, 9, m.Count("singleton_rescheduled it"))
		blocker.Open()
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 1, h.Ended.Load())
	})
}

func TestSynctestContractAWaitingSingletonLosesNoRun(t *testing.T) {
	for name, options := range map[string][]gocron.SchedulerOption{
		"no limit": nil,
		"limit 1":  {gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)},
		"limit 3":  {gocron.WithLimitConcurrentJobs(3, gocron.LimitModeWait)},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := &rig.Monitor{}
				s := rig.NewScheduler(t, append(options, gocron.WithMonitor(m), gocron.WithSchedulerMonitor(m))...)
				h := rig.NewHoldup(t)
				j := rig.MustJob(t, s, gocron.DurationJob(time.Minute), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithName("it"))
				s.Start()
				for i := 0; i < 5; i++ {
					require.NoError(t, j.RunNow())
				}
				time.Sleep(20 * time.Minute)
				for i := 0; i < 20; i++ {
					synctest.Wait()
					require.Equal(t, 1, h.Running())
					h.LetGo()
				}
				h.Open()
				synctest.Wait()
				require.EqualValues(t, 25, h.Ended.Load())
				require.EqualValues(t, 1, h.Most.Load())
				require.Equal(t, 24, m.Count("singleton-reached it"))
				require.Zero(t, m.Count("singleton_rescheduled it"))
			})
		})
	}
}

// Singleton jobs with their own and the scheduler's mode, in every combination.
func TestSynctestContractSingletonAndLimitBothHold(t *testing.T) {
	for singleton, singletonMode := range rig.LimitModes {
		for limit, limitMode := range rig.LimitModes {
			t.Run(singleton+" and "+limit, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(2, limitMode))
					all := rig.NewHoldup(t)
					var own []*rig.Holdup
					var jobs []gocron.Job
					for i := 0; i < 4; i++ {
						h := rig.NewHoldup(t)
						own = append(own, h)
						jobs = append(jobs, rig.MustJob(t, s, rig.Ages(), func() { h.Task(); all.Task() }, gocron.WithSingletonMode(singletonMode)))
					}
					s.Start()
					all.Open()
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
						running += h.Running()
					}
					require.Equal(t, 2, running)
					for _, h := range own {
						h.Open()
					}
					synctest.Wait()
					want := map[string]int64{
						"wait and wait": 12, // all of them
						"skip and wait": 4,  // one of each job
						"wait and skip": 6,  // those of the two jobs that got a slot
						"skip and skip": 2,  // those that found a slot
					}[singleton+" and "+limit]
					require.Equal(t, want, all.Ended.Load())
					for _, h := range own {
						require.LessOrEqual(t, h.Most.Load(), int64(1))
					}
					require.LessOrEqual(t, all.Most.Load(), int64(2))
				})
			})
		}
	}
}

func TestSynctestContractARunAtItsGateOccupiesNoSlot(t *testing.T) {
	for name, mode := range rig.LimitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(2, mode))
				h, other := rig.NewHoldup(t), rig.NewHoldup(t)
				j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.WithSingletonMode(gocron.LimitModeWait))
				s.Start()
				for i := 0; i < 10; i++ {
					require.NoError(t, j.RunNow())
				}
				require.NoError(t, rig.MustJob(t, s, rig.Ages(), other.Task).RunNow())
				synctest.Wait()
				require.Equal(t, 1, h.Running())
				require.Equal(t, 1, other.Running(), "the second slot is free for others")
				h.Open()
				synctest.Wait()
				require.EqualValues(t, 10, h.Ended.Load())
			})
		})
	}
}

// With the slots all taken a removed job's run keeps its slot, not its gate: a
// job added under the id later has a gate of its own.
func TestSynctestContractARemovedJobsRunKeepsItsSlotAndNoGate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule), gocron.WithSchedulerMonitor(m))
		first, second := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		wait := gocron.WithSingletonMode(gocron.LimitModeWait)
		j := rig.MustJob(t, s, rig.Ages(), first.Task, wait, gocron.WithName("it"))
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.NoError(t, s.RemoveJob(j.ID()))
		j, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(second.Task), wait, gocron.WithName("it"))
		require.NoError(t, err)
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, m.Count("limit-reached it"))
		first.Open()
		synctest.Wait()
		require.Zero(t, second.Started.Load(), "skipped for good")
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.Equal(t, 1, second.Running())
	})
}

// Gate and slot of a run become free together, so a run at the gate gets the
// slot of the one before it, though others are refused all the time.
func TestSynctestContractARunAtItsGateGetsTheSlotOfTheOneBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule), gocron.WithSchedulerMonitor(m))
		first, taker := rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), first.Task, gocron.WithSingletonMode(gocron.LimitModeWait), gocron.WithName("it"))
		other := rig.MustJob(t, s, rig.Ages(), taker.Task, gocron.WithName("other"))
		for i := 0; i < 4; i++ {
			require.NoError(t, j.RunNow())
		}
		for round := 1; round <= 4; round++ {
			synctest.Wait()
			require.NoError(t, other.RunNow())
			synctest.Wait()
			require.Equal(t, round, m.Count("limit-reached other"))
			require.Equal(t, 1, first.Running())
			first.LetGo()
		}
		synctest.Wait()
		require.EqualValues(t, 4, first.Ended.Load())
		require.Zero(t, m.Count("limit-reached it"))
		require.Zero(t, taker.Started.Load())
	})
}
