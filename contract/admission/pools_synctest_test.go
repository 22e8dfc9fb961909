//go:build go1.25

package admission_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// This is what a monitoring system needs: its one-time tests are not held up by
// long periodic jobs, nor these by the tests.
func TestSynctestContractPoolsDoNotHoldEachOtherUp(t *testing.T) {
	for name, mode := range rig.LimitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(2, mode), gocron.WithPool("tests", 2, mode))
				periodic, tests := rig.NewHoldup(t), rig.NewHoldup(t)
				for i := 0; i < 5; i++ {
					rig.MustJob(t, s, gocron.DurationJob(time.Minute), periodic.Task)
				}
				s.Start()
				time.Sleep(10 * time.Minute)
				for i := 0; i < 6; i++ {
					when := gocron.OneTimeJobStartDateTime(time.Now().Add(time.Duration(i) * time.Second))
					if i == 0 {
						when = gocron.OneTimeJobStartImmediately()
					}
					rig.MustJob(t, s, gocron.OneTimeJob(when), tests.Task, gocron.InPool("tests"))
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				require.Equal(t, 2, periodic.Running())
				require.Equal(t, 2, tests.Running(), "as if there were no periodic jobs")
				waiting := map[gocron.LimitMode]int{gocron.LimitModeWait: 48 + 4}
				require.Equal(t, waiting[mode], s.JobsWaitingInQueue())
				periodic.LetGo()
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, 2, periodic.Running(), "as if there were no tests")
				require.EqualValues(t, 3, periodic.Started.Load())
				require.EqualValues(t, 2, tests.Started.Load())
				tests.Open()
				periodic.Open()
				synctest.Wait()
				want := map[gocron.LimitMode][]int64{gocron.LimitModeWait: {55, 6}, gocron.LimitModeReschedule: {3, 2}}
				require.Equal(t, want[mode], []int64{periodic.Ended.Load(), tests.Ended.Load()})
				require.Zero(t, balance(t, s).Running)
			})
		})
	}
}

func TestSynctestContractEveryPoolHasItsOwnLimit(t *testing.T) {
	for name, mode := range rig.LimitModes {
		for _, own := range []int{0, 4} {
			t.Run(fmt.Sprint(name, own), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					limits := map[string]int{"one": 1, "two": 2, "three": 3}
					options := []gocron.SchedulerOption{}
					for pool, limit := range limits {
						options = append(options, gocron.WithPool(pool, uint(limit), mode))
					}
					limits[""] = 40 // all there are
					if own > 0 {
						options, limits[""] = append(options, gocron.WithLimitConcurrentJobs(uint(own), mode)), own
					}
					s := rig.NewScheduler(t, options...)
					s.Start()
					holdups, waiting := map[string]*rig.Holdup{}, 0
					for pool, limit := range limits {
						holdups[pool] = rig.NewHoldup(t)
						waiting += 40 - limit
						for i := 0; i < 4; i++ {
							j := rig.MustJob(t, s, rig.Ages(), holdups[pool].Task, gocron.InPool(pool), gocron.WithName(pool+"."))
							for i := 0; i < 10; i++ {
								require.NoError(t, j.RunNow())
							}
						}
					}
					synctest.Wait()
					for pool, limit := range limits {
						require.Equal(t, limit, holdups[pool].Running(), pool)
					}
					if mode == gocron.LimitModeWait {
						require.Equal(t, waiting, s.JobsWaitingInQueue())
					} else {
						require.Zero(t, s.JobsWaitingInQueue())
						require.EqualValues(t, waiting, balance(t, s).Outcomes[gocron.OutcomeSkippedLimit])
					}
					holdups["two"].Open()
					synctest.Wait()
					require.Equal(t, 1, holdups["one"].Running(), "what becomes free in a pool stays there")
					require.Equal(t, 3, holdups["three"].Running())
					for pool, limit := range limits {
						holdups[pool].Open()
						synctest.Wait()
						require.EqualValues(t, limit, holdups[pool].Most.Load(), pool)
						if mode == gocron.LimitModeWait {
							require.EqualValues(t, 40, holdups[pool].Ended.Load(), pool)
						}
					}
					require.Zero(t, s.JobsWaitingInQueue())
				})
			})
		}
	}
}

// Runs that wait for a slot or at their gate count, in all pools that wait.
func TestSynctestContractJobsWaitingInQueueCountsAllPools(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithPool("wait", 1, gocron.LimitModeWait), gocron.WithPool("skip", 1, gocron.LimitModeReschedule))
		h := rig.NewHoldup(t)
		s.Start()
		run := func(runs int, options ...gocron.JobOption) {
			j := rig.MustJob(t, s, rig.Ages(), h.Task, options...)
			for i := 0; i < runs; i++ {
				require.NoError(t, j.RunNow())
			}
			synctest.Wait()
		}
		run(5)
		run(5, gocron.WithSingletonMode(gocron.LimitModeWait))
		require.Zero(t, s.JobsWaitingInQueue(), "the scheduler has no limit")
		run(5, gocron.InPool("wait"))
		require.Equal(t, 4, s.JobsWaitingInQueue())
		run(5, gocron.InPool("wait"), gocron.WithSingletonMode(gocron.LimitModeWait))
		require.Equal(t, 9, s.JobsWaitingInQueue())
		run(5, gocron.InPool("skip"), gocron.WithSingletonMode(gocron.LimitModeWait))
		require.Equal(t, 9, s.JobsWaitingInQueue(), "no queue is said to be where runs are skipped")
	})
}

func TestSynctestContractAPoolIsFirstInFirstOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithPool("p", 1, gocron.LimitModeWait))
		r := rig.NewRoll(t)
		s.Start()
		job := func(name string, options ...gocron.JobOption) gocron.Job {
			return rig.MustJob(t, s, rig.Ages(), r.TaskOf(name), append(options, gocron.InPool("p"))...)
		}
		a, b := job("a", gocron.WithSingletonMode(gocron.LimitModeWait)), job("b")
		other := rig.MustJob(t, s, rig.Ages(), rig.Noop)
		for _, j := range []gocron.Job{a, b, other, a, b, b, other, a} {
			require.NoError(t, j.RunNow())
		}
		r.Open()
		synctest.Wait()
		require.Equal(t, []string{"a", "b", "a", "b", "b", "a"}, r.Signed())
	})
}

// A pool of one job bounds how many runs of it overlap.
func TestSynctestContractAPoolOfOneJobLetsSoManyRunsOfItOverlap(t *testing.T) {
	for name, mode := range rig.LimitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithPool("it", 3, mode))
				h := rig.NewHoldup(t)
				rig.MustJob(t, s, gocron.DurationJob(time.Second), h.Task, gocron.InPool("it"))
				s.Start()
				time.Sleep(10 * time.Second)
				synctest.Wait()
				require.Equal(t, 3, h.Running())
				h.Open()
				synctest.Wait()
				require.Equal(t, map[gocron.LimitMode]int64{gocron.LimitModeWait: 10, gocron.LimitModeReschedule: 3}[mode], h.Ended.Load())
				require.EqualValues(t, 3, h.Most.Load())
			})
		})
	}
}

func TestSynctestContractAJobsOwnPoolOverridesTheGlobalOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithGlobalJobOptions(gocron.InPool("global")), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait),
			gocron.WithPool("global", 2, gocron.LimitModeWait), gocron.WithPool("own", 3, gocron.LimitModeWait))
		s.Start()
		for want, options := range [][]gocron.JobOption{1: {gocron.InPool("")}, 2: nil, 3: {gocron.InPool(""), gocron.InPool("own")}} {
			if want == 0 {
				continue
			}
			h := rig.NewHoldup(t)
			j := rig.MustJob(t, s, rig.Ages(), h.Task, options...)
			for i := 0; i < 9; i++ {
				require.NoError(t, j.RunNow())
			}
			synctest.Wait()
			require.Equal(t, want, h.Running())
		}
	})
}

// A run holds the slot of the pool that its definition was in, and nothing else.
func TestSynctestContractAJobMovesToAnotherPool(t *testing.T) {
	for name, mode := range rig.LimitModes {
		for _, gate := range []gocron.LimitMode{0, gocron.LimitModeReschedule, gocron.LimitModeWait, gocron.LimitModeQueueOne, gocron.LimitModeReplace} {
			t.Run(fmt.Sprint(name, gate), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := rig.NewScheduler(t, gocron.WithPool("old", 1, mode), gocron.WithPool("new", 1, mode))
					options := []gocron.JobOption{gocron.InPool("old"), gocron.WithName("it")}
					if gate != 0 {
						options = append(options, gocron.WithSingletonMode(gate))
					}
					before, after, others := rig.NewHoldup(t), rig.NewHoldup(t), rig.NewHoldup(t)
					s.Start()
					j := rig.MustJob(t, s, rig.Ages(), before.Task, options...)
					require.NoError(t, j.RunNow())
					synctest.Wait()
					_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(after.Task), append(options, gocron.InPool("new"))...)
					require.NoError(t, err)
					require.NoError(t, j.RunNow())
					inOld := rig.MustJob(t, s, rig.Ages(), others.Task, gocron.InPool("old"))
					require.NoError(t, inOld.RunNow())
					synctest.Wait()
					require.Zero(t, others.Running(), "the old run has its slot still")
					require.Equal(t, gate == 0, after.Running() == 1)
					before.Open()
					synctest.Wait()
					if mode == gocron.LimitModeReschedule {
						require.NoError(t, inOld.RunNow())
					}
					if gate == gocron.LimitModeReschedule {
						require.NoError(t, j.RunNow())
					}
					synctest.Wait()
					require.Equal(t, 1, others.Running(), "it gave back that of the old pool")
					require.Equal(t, 1, after.Running(), "and the gate")
					after.Open()
					others.Open()
					synctest.Wait()
					require.Zero(t, balance(t, s).Running)
					requireAllSlotsFree(t, s, map[string]int{"old": 1, "new": 1})
				})
			})
		}
	}
}

func TestSynctestContractAJobMovesBackAndForthWithoutLosingSlots(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithPool("a", 3, gocron.LimitModeWait), gocron.WithPool("b", 2, gocron.LimitModeWait))
		h := rig.NewHoldup(t)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), h.Task)
		var ran []int
		for i := 0; i < 12; i++ {
			_, err := s.Update(j.ID(), rig.Ages(), gocron.NewTask(h.Task), gocron.InPool([]string{"a", "b", ""}[i%3]))
			require.NoError(t, err)
			require.NoError(t, j.RunNow())
			synctest.Wait()
			ran = append(ran, h.Running())
		}
		require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 8, 9}, ran,
			"the fourth in a and the third in b wait, until the next Update drops them")
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 9, h.Ended.Load())
		requireAllSlotsFree(t, s, map[string]int{"a": 3, "b": 2})
	})
}

func TestSynctestContractRemovingAJobLeavesItsPoolToTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t, gocron.WithPool("p", 1, gocron.LimitModeWait))
		first, gone, last := rig.NewHoldup(t), rig.NewHoldup(t), rig.NewHoldup(t)
		s.Start()
		j := rig.MustJob(t, s, rig.Ages(), first.Task, gocron.InPool("p"))
		removed := rig.MustJob(t, s, rig.Ages(), gone.Task, gocron.InPool("p"), gocron.WithSingletonMode(gocron.LimitModeWait))
		other := rig.MustJob(t, s, rig.Ages(), last.Task, gocron.InPool("p"))
		for _, j := range []gocron.Job{j, j, removed, removed, other} {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.NoError(t, s.RemoveJob(removed.ID()))
		require.NoError(t, s.RemoveJob(j.ID()))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		synctest.Wait()
		require.Zero(t, last.Running(), "the run of a removed job keeps its slot until it ends")
		first.Open()
		synctest.Wait()
		require.Equal(t, 1, last.Running())
		require.Zero(t, gone.Started.Load())
		require.EqualValues(t, 1, first.Started.Load())
	})
}

func TestSynctestContractATaskThatOutlivesAStopKeepsItsSlotInItsPool(t *testing.T) {
	for name, mode := range rig.LimitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithPool("p", 2, mode), gocron.WithPool("q", 1, mode), gocron.WithStopTimeout(time.Second))
				h, other := rig.NewHoldup(t), rig.NewHoldup(t)
				j := rig.MustJob(t, s, rig.Ages(), h.Task, gocron.InPool("p"))
				k := rig.MustJob(t, s, rig.Ages(), other.Task, gocron.InPool("q"))
				s.Start()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.True(t, s.StopJobs() == gocron.ErrStopJobsTimedOut)
				s.Start()
				for i := 0; i < 3; i++ {
					require.NoError(t, j.RunNow())
				}
				require.NoError(t, k.RunNow())
				synctest.Wait()
				require.Equal(t, 2, h.Running())
				require.Equal(t, 1, other.Running())
				h.Open()
				synctest.Wait()
				require.Equal(t, map[gocron.LimitMode]int64{gocron.LimitModeWait: 4, gocron.LimitModeReschedule: 2}[mode], h.Ended.Load())
				requireAllSlotsFree(t, s, map[string]int{"p": 2})
			})
		})
	}
}
