//go:build go1.25

package gocron

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// eachEntrance runs a test for every way to replace a job.
func eachEntrance(t *testing.T, f func(t *testing.T, replace func(Scheduler, Job, JobDefinition, any, ...JobOption) Job)) {
	for _, e := range entrances() {
		t.Run(e.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f(t, func(s Scheduler, old Job, d JobDefinition, task any, options ...JobOption) Job {
					j, err := e.add(s, old.ID(), d, NewTask(task), options...)
					require.NoError(t, err)
					require.Equal(t, old.ID(), j.ID())
					return j
				})
			})
		})
	}
}

type replaceFunc = func(Scheduler, Job, JobDefinition, any, ...JobOption) Job

func TestSynctestContractReplacingCancelsTheOldContextAndDropsWhatWaits(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
		contexts, goOn := make(chan context.Context, 100), make(chan struct{})
		old := mustJob(t, s, DurationJob(time.Hour), func(ctx context.Context) { contexts <- ctx; <-goOn })
		s.Start()
		for i := 0; i < 5; i++ {
			require.NoError(t, old.RunNow())
		}
		synctest.Wait()
		require.Equal(t, 4, s.JobsWaitingInQueue())
		running := <-contexts
		require.NoError(t, running.Err())
		var fresh atomic.Int64
		replace(s, old, DurationJob(time.Hour), func(ctx context.Context) {
			if ctx.Err() == nil {
				fresh.Add(1)
			}
		})
		require.ErrorIs(t, running.Err(), context.Canceled)
		require.Zero(t, s.JobsWaitingInQueue())
		require.NoError(t, old.RunNow())
		synctest.Wait()
		require.Equal(t, 1, s.JobsWaitingInQueue(), "the old run keeps its slot")
		require.Zero(t, fresh.Load())
		close(goOn)
		synctest.Wait()
		require.EqualValues(t, 1, fresh.Load(), "and then the new definition runs, with a live context")
		require.Empty(t, contexts)
	})
}

// Whatever modes old and new have, a singleton never overlaps, nor does it hang.
func TestSynctestContractAReplacedSingletonsNewRunsWaitForOldOnesOrSkip(t *testing.T) {
	modes := map[string][]JobOption{
		"none": nil, "wait": {WithSingletonMode(LimitModeWait)}, "skip": {WithSingletonMode(LimitModeReschedule)},
	}
	for oldName, oldMode := range modes {
		for newName, newMode := range modes {
			t.Run(oldName+" to "+newName, func(t *testing.T) {
				eachEntrance(t, func(t *testing.T, replace replaceFunc) {
					m := &contractMonitor{}
					s := newScheduler(t, WithMonitor(m), WithMonitorStatus(m))
					oldHold, newHold := newHoldup(t), newHoldup(t)
					old := mustJob(t, s, DurationJob(time.Hour), oldHold.task, oldMode...)
					s.Start()
					require.NoError(t, old.RunNow())
					synctest.Wait()
					replace(s, old, DurationJob(time.Hour), newHold.task, append(newMode, WithName("new"))...)
					for i := 0; i < 3; i++ {
						require.NoError(t, old.RunNow())
					}
					synctest.Wait()
					want := map[string][4]int{ // running at first, then, skipped, run in all
						"none": {3, 3, 0, 3}, "wait": {0, 1, 0, 3}, "skip": {0, 0, 3, 0}}[newName]
					require.Equal(t, want[0], newHold.running())
					require.Equal(t, want[2], m.count("singleton_rescheduled new"))
					running, err := old.IsRunning()
					require.NoError(t, err)
					require.True(t, running)
					oldHold.open()
					synctest.Wait()
					require.Equal(t, want[1], newHold.running())
					newHold.open()
					synctest.Wait()
					require.EqualValues(t, want[3], newHold.ended.Load())
					require.NoError(t, old.RunNow())
					synctest.Wait()
					require.EqualValues(t, want[3]+1, newHold.ended.Load(), "the gate is open again")
				})
			})
		}
	}
}

// A singleton that is replaced again and again, while the first run goes on,
// and then has an end.
func TestSynctestContractGatesOutliveManyReplacements(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s := newScheduler(t)
		h := newHoldup(t)
		wait := WithSingletonMode(LimitModeWait)
		j := mustJob(t, s, DurationJob(time.Hour), h.task, wait)
		s.Start()
		require.NoError(t, j.RunNow())
		for i := 0; i < 10; i++ {
			synctest.Wait()
			replace(s, j, DurationJob(time.Hour), h.task, wait)
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.EqualValues(t, 1, h.started.Load())
		h.letGo()
		synctest.Wait()
		require.EqualValues(t, 2, h.started.Load(), "the nine others were dropped")
		h.open()
		synctest.Wait()
		require.EqualValues(t, 2, h.ended.Load())
		require.EqualValues(t, 1, h.most.Load())
	})
}

func TestSynctestContractLastRunTimesStayAndTheRunCountStartsAnew(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s := newScheduler(t)
		var ran atomic.Int64
		task := func() { ran.Add(1); time.Sleep(time.Second) }
		j := mustJob(t, s, DurationJob(time.Hour), task, WithLimitedRuns(3))
		s.Start()
		for i := 0; i < 2; i++ {
			require.NoError(t, j.RunNow())
			time.Sleep(time.Minute)
		}
		started, _ := j.LastRunStartedAt()
		completed, _ := j.LastRunCompletedAt()
		require.Equal(t, time.Second, completed.Sub(started))
		fresh := replace(s, j, DurationJob(time.Hour), task, WithLimitedRuns(3))
		for _, handle := range []Job{j, fresh} {
			again, err := handle.LastRunStartedAt()
			require.NoError(t, err)
			require.Equal(t, started, again)
			again, err = handle.LastRun()
			require.NoError(t, err)
			require.Equal(t, started, again)
			again, err = handle.LastRunCompletedAt()
			require.NoError(t, err)
			require.Equal(t, completed, again)
		}
		for i := 0; i < 10; i++ {
			_ = j.RunNow()
			time.Sleep(time.Minute)
		}
		require.EqualValues(t, 5, ran.Load())
		require.Empty(t, s.Jobs())
	})
}

// A run of the old definition that ends after the replacement is the last run,
// yet none of the new one's count.
func TestSynctestContractARunThatOutlivesItsDefinitionIsTheLastRunButNotCounted(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s := newScheduler(t)
		h := newHoldup(t)
		j := mustJob(t, s, DurationJob(time.Hour), h.task, WithLimitedRuns(1))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		var ran atomic.Int64
		replace(s, j, DurationJob(time.Hour), func() { ran.Add(1) }, WithLimitedRuns(1))
		time.Sleep(time.Minute)
		h.open()
		synctest.Wait()
		completed, err := j.LastRunCompletedAt()
		require.NoError(t, err)
		require.True(t, completed.Equal(time.Now()))
		require.Len(t, s.Jobs(), 1)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
		require.Empty(t, s.Jobs())
	})
}

func TestSynctestContractEveryHandleReadsAndRunsTheNewDefinition(t *testing.T) {
	for _, startFirst := range []bool{true, false} {
		eachEntrance(t, func(t *testing.T, replace replaceFunc) {
			s := newScheduler(t)
			var oldRan, newRan atomic.Int64
			first := mustJob(t, s, DurationJob(time.Hour), func() { oldRan.Add(1) }, WithName("a"), WithTags("a"))
			if startFirst {
				s.Start()
			}
			second := replace(s, first, DurationJob(time.Minute), func() { oldRan.Add(1) }, WithName("b"), WithTags("b"))
			third := replace(s, first, DurationJob(10*time.Minute), func() { newRan.Add(1) }, WithName("c"), WithTags("c"))
			s.Start()
			handles := []Job{first, second, third, s.Jobs()[0]}
			names, intervals := []string{"a", "b", "c", "c"}, []time.Duration{time.Hour, time.Minute, 10 * time.Minute, 10 * time.Minute}
			for i, j := range handles {
				require.Equal(t, names[i], j.Name())
				require.Equal(t, []string{names[i]}, j.Tags())
				require.Equal(t, DurationJobSchedule{intervals[i]}, j.Schedule())
				require.True(t, nextOf(t, j).Equal(time.Now().Add(10*time.Minute)))
				require.NoError(t, j.RunNow())
			}
			synctest.Wait()
			require.EqualValues(t, 4, newRan.Load())
			time.Sleep(time.Hour)
			synctest.Wait()
			require.EqualValues(t, 10, newRan.Load(), "no timer of an old definition is left")
			require.Zero(t, oldRan.Load())
			require.Len(t, s.Jobs(), 1)
			s.RemoveByTags("a", "b")
			require.Len(t, s.Jobs(), 1, "the tags of old definitions find nothing")
			require.NoError(t, s.RemoveJob(first.ID()))
			for _, j := range handles {
				_, err := j.NextRun()
				require.True(t, err == ErrJobNotFound)
			}
		})
	}
}

// A handle of a removed job is one of the job that has the id later.
func TestSynctestContractAHandleFollowsTheID(t *testing.T) {
	eachEntrance(t, func(t *testing.T, replace replaceFunc) {
		s := newScheduler(t)
		s.Start()
		old := mustJob(t, s, DurationJob(time.Hour), noop)
		require.NoError(t, s.RemoveJob(old.ID()))
		require.True(t, old.RunNow() == ErrJobNotFound)
		var ran atomic.Int64
		replace(s, old, DurationJob(time.Minute), func() { ran.Add(1) })
		require.NoError(t, old.RunNow())
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
		started, err := old.LastRunStartedAt()
		require.NoError(t, err)
		require.True(t, started.Equal(time.Now()))
	})
}

func TestSynctestContractConcurrentReplacementsLeaveOneJob(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s := newScheduler(t, WithSchedulerMonitor(m))
		id := uuid.New()
		var ran atomic.Int64
		s.Start()
		for i := 0; i < 40; i++ {
			e := entrances()[i%2]
			go func() {
				_, err := e.add(s, id, DurationJob(time.Minute), NewTask(func() { ran.Add(1) }), WithName("it"))
				if err != nil {
					panic(err)
				}
			}()
		}
		synctest.Wait()
		require.Equal(t, []uuid.UUID{id}, ids(s))
		require.Equal(t, 1, m.count("registered it")-m.count("unregistered it"))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
	})
}
