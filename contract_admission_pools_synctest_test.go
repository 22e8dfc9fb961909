//go:build go1.25

package gocron

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// This is what a monitoring system needs: its one-time tests are not held up by
// long periodic jobs, nor these by the tests.
func TestSynctestContractPoolsDoNotHoldEachOtherUp(t *testing.T) {
	for name, mode := range limitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(2, mode), WithPool("tests", 2, mode))
				periodic, tests := newHoldup(t), newHoldup(t)
				for i := 0; i < 5; i++ {
					mustJob(t, s, DurationJob(time.Minute), periodic.task)
				}
				s.Start()
				time.Sleep(10 * time.Minute)
				for i := 0; i < 6; i++ {
					when := OneTimeJobStartDateTime(time.Now().Add(time.Duration(i) * time.Second))
					if i == 0 {
						when = OneTimeJobStartImmediately()
					}
					mustJob(t, s, OneTimeJob(when), tests.task, InPool("tests"))
				}
				time.Sleep(5 * time.Second)
				synctest.Wait()
				require.Equal(t, 2, periodic.running())
				require.Equal(t, 2, tests.running(), "as if there were no periodic jobs")
				waiting := map[LimitMode]int{LimitModeWait: 48 + 4}
				require.Equal(t, waiting[mode], s.JobsWaitingInQueue())
				periodic.letGo()
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, 2, periodic.running(), "as if there were no tests")
				require.EqualValues(t, 3, periodic.started.Load())
				require.EqualValues(t, 2, tests.started.Load())
				tests.open()
				periodic.open()
				synctest.Wait()
				want := map[LimitMode][]int64{LimitModeWait: {55, 6}, LimitModeReschedule: {3, 2}}
				require.Equal(t, want[mode], []int64{periodic.ended.Load(), tests.ended.Load()})
				require.Zero(t, balance(t, s).Running)
			})
		})
	}
}

func TestSynctestContractEveryPoolHasItsOwnLimit(t *testing.T) {
	for name, mode := range limitModes {
		for _, own := range []int{0, 4} {
			t.Run(fmt.Sprint(name, own), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					limits := map[string]int{"one": 1, "two": 2, "three": 3}
					options := []SchedulerOption{}
					for pool, limit := range limits {
						options = append(options, WithPool(pool, uint(limit), mode))
					}
					limits[""] = 40 // all there are
					if own > 0 {
						options, limits[""] = append(options, WithLimitConcurrentJobs(uint(own), mode)), own
					}
					s := newScheduler(t, options...)
					s.Start()
					holdups, waiting := map[string]*holdup{}, 0
					for pool, limit := range limits {
						holdups[pool] = newHoldup(t)
						waiting += 40 - limit
						for i := 0; i < 4; i++ {
							j := mustJob(t, s, ages(), holdups[pool].task, InPool(pool), WithName(pool+"."))
							for i := 0; i < 10; i++ {
								require.NoError(t, j.RunNow())
							}
						}
					}
					synctest.Wait()
					for pool, limit := range limits {
						require.Equal(t, limit, holdups[pool].running(), pool)
					}
					if mode == LimitModeWait {
						require.Equal(t, waiting, s.JobsWaitingInQueue())
					} else {
						require.Zero(t, s.JobsWaitingInQueue())
						require.EqualValues(t, waiting, balance(t, s).Outcomes[OutcomeSkippedLimit])
					}
					holdups["two"].open()
					synctest.Wait()
					require.Equal(t, 1, holdups["one"].running(), "what becomes free in a pool stays there")
					require.Equal(t, 3, holdups["three"].running())
					for pool, limit := range limits {
						holdups[pool].open()
						synctest.Wait()
						require.EqualValues(t, limit, holdups[pool].most.Load(), pool)
						if mode == LimitModeWait {
							require.EqualValues(t, 40, holdups[pool].ended.Load(), pool)
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
		s := newScheduler(t, WithPool("wait", 1, LimitModeWait), WithPool("skip", 1, LimitModeReschedule))
		h := newHoldup(t)
		s.Start()
		run := func(runs int, options ...JobOption) {
			j := mustJob(t, s, ages(), h.task, options...)
			for i := 0; i < runs; i++ {
				require.NoError(t, j.RunNow())
			}
			synctest.Wait()
		}
		run(5)
		run(5, WithSingletonMode(LimitModeWait))
		require.Zero(t, s.JobsWaitingInQueue(), "the scheduler has no limit")
		run(5, InPool("wait"))
		require.Equal(t, 4, s.JobsWaitingInQueue())
		run(5, InPool("wait"), WithSingletonMode(LimitModeWait))
		require.Equal(t, 9, s.JobsWaitingInQueue())
		run(5, InPool("skip"), WithSingletonMode(LimitModeWait))
		require.Equal(t, 9, s.JobsWaitingInQueue(), "no queue is said to be where runs are skipped")
	})
}

func TestSynctestContractAPoolIsFirstInFirstOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithPool("p", 1, LimitModeWait))
		r := newRoll(t)
		s.Start()
		job := func(name string, options ...JobOption) Job {
			return mustJob(t, s, ages(), r.taskOf(name), append(options, InPool("p"))...)
		}
		a, b := job("a", WithSingletonMode(LimitModeWait)), job("b")
		other := mustJob(t, s, ages(), noop)
		for _, j := range []Job{a, b, other, a, b, b, other, a} {
			require.NoError(t, j.RunNow())
		}
		r.open()
		synctest.Wait()
		require.Equal(t, []string{"a", "b", "a", "b", "b", "a"}, r.signed())
	})
}

// A pool of one job bounds how many runs of it overlap.
func TestSynctestContractAPoolOfOneJobLetsSoManyRunsOfItOverlap(t *testing.T) {
	for name, mode := range limitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithPool("it", 3, mode))
				h := newHoldup(t)
				mustJob(t, s, DurationJob(time.Second), h.task, InPool("it"))
				s.Start()
				time.Sleep(10 * time.Second)
				synctest.Wait()
				require.Equal(t, 3, h.running())
				h.open()
				synctest.Wait()
				require.Equal(t, map[LimitMode]int64{LimitModeWait: 10, LimitModeReschedule: 3}[mode], h.ended.Load())
				require.EqualValues(t, 3, h.most.Load())
			})
		})
	}
}

func TestSynctestContractAJobsOwnPoolOverridesTheGlobalOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithGlobalJobOptions(InPool("global")), WithLimitConcurrentJobs(1, LimitModeWait),
			WithPool("global", 2, LimitModeWait), WithPool("own", 3, LimitModeWait))
		s.Start()
		for want, options := range [][]JobOption{1: {InPool("")}, 2: nil, 3: {InPool(""), InPool("own")}} {
			if want == 0 {
				continue
			}
			h := newHoldup(t)
			j := mustJob(t, s, ages(), h.task, options...)
			for i := 0; i < 9; i++ {
				require.NoError(t, j.RunNow())
			}
			synctest.Wait()
			require.Equal(t, want, h.running())
		}
	})
}

// A run holds the slot of the pool that its definition was in, and nothing else.
func TestSynctestContractAJobMovesToAnotherPool(t *testing.T) {
	for name, mode := range limitModes {
		for _, gate := range []LimitMode{0, LimitModeReschedule, LimitModeWait, LimitModeQueueOne, LimitModeReplace} {
			t.Run(fmt.Sprint(name, gate), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					s := newScheduler(t, WithPool("old", 1, mode), WithPool("new", 1, mode))
					options := []JobOption{InPool("old"), WithName("it")}
					if gate != 0 {
						options = append(options, WithSingletonMode(gate))
					}
					before, after, others := newHoldup(t), newHoldup(t), newHoldup(t)
					s.Start()
					j := mustJob(t, s, ages(), before.task, options...)
					require.NoError(t, j.RunNow())
					synctest.Wait()
					_, err := s.Update(j.ID(), ages(), NewTask(after.task), append(options, InPool("new"))...)
					require.NoError(t, err)
					require.NoError(t, j.RunNow())
					inOld := mustJob(t, s, ages(), others.task, InPool("old"))
					require.NoError(t, inOld.RunNow())
					synctest.Wait()
					require.Zero(t, others.running(), "the old run has its slot still")
					require.Equal(t, gate == 0, after.running() == 1)
					before.open()
					synctest.Wait()
					if mode == LimitModeReschedule {
						require.NoError(t, inOld.RunNow())
					}
					if gate == LimitModeReschedule {
						require.NoError(t, j.RunNow())
					}
					synctest.Wait()
					require.Equal(t, 1, others.running(), "it gave back that of the old pool")
					require.Equal(t, 1, after.running(), "and the gate")
					after.open()
					others.open()
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
		s := newScheduler(t, WithPool("a", 3, LimitModeWait), WithPool("b", 2, LimitModeWait))
		h := newHoldup(t)
		s.Start()
		j := mustJob(t, s, ages(), h.task)
		var ran []int
		for i := 0; i < 12; i++ {
			_, err := s.Update(j.ID(), ages(), NewTask(h.task), InPool([]string{"a", "b", ""}[i%3]))
			require.NoError(t, err)
			require.NoError(t, j.RunNow())
			synctest.Wait()
			ran = append(ran, h.running())
		}
		require.Equal(t, []int{1, 2, 3, 4, 5, 6, 7, 7, 8, 8, 8, 9}, ran,
			"the fourth in a and the third in b wait, until the next Update drops them")
		h.open()
		synctest.Wait()
		require.EqualValues(t, 9, h.ended.Load())
		requireAllSlotsFree(t, s, map[string]int{"a": 3, "b": 2})
	})
}

func TestSynctestContractRemovingAJobLeavesItsPoolToTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithPool("p", 1, LimitModeWait))
		first, gone, last := newHoldup(t), newHoldup(t), newHoldup(t)
		s.Start()
		j := mustJob(t, s, ages(), first.task, InPool("p"))
		removed := mustJob(t, s, ages(), gone.task, InPool("p"), WithSingletonMode(LimitModeWait))
		other := mustJob(t, s, ages(), last.task, InPool("p"))
		for _, j := range []Job{j, j, removed, removed, other} {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.NoError(t, s.RemoveJob(removed.ID()))
		require.NoError(t, s.RemoveJob(j.ID()))
		require.Equal(t, 1, s.JobsWaitingInQueue())
		synctest.Wait()
		require.Zero(t, last.running(), "the run of a removed job keeps its slot until it ends")
		first.open()
		synctest.Wait()
		require.Equal(t, 1, last.running())
		require.Zero(t, gone.started.Load())
		require.EqualValues(t, 1, first.started.Load())
	})
}

func TestSynctestContractATaskThatOutlivesAStopKeepsItsSlotInItsPool(t *testing.T) {
	for name, mode := range limitModes {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithPool("p", 2, mode), WithPool("q", 1, mode), WithStopTimeout(time.Second))
				h, other := newHoldup(t), newHoldup(t)
				j := mustJob(t, s, ages(), h.task, InPool("p"))
				k := mustJob(t, s, ages(), other.task, InPool("q"))
				s.Start()
				require.NoError(t, j.RunNow())
				synctest.Wait()
				require.True(t, s.StopJobs() == ErrStopJobsTimedOut)
				s.Start()
				for i := 0; i < 3; i++ {
					require.NoError(t, j.RunNow())
				}
				require.NoError(t, k.RunNow())
				synctest.Wait()
				require.Equal(t, 2, h.running())
				require.Equal(t, 1, other.running())
				h.open()
				synctest.Wait()
				require.Equal(t, map[LimitMode]int64{LimitModeWait: 4, LimitModeReschedule: 2}[mode], h.ended.Load())
				requireAllSlotsFree(t, s, map[string]int{"p": 2})
			})
		})
	}
}
