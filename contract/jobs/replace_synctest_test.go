//go:build go1.25

package jobs_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestSynctestContractReplacingCancelsTheOldContextAndDropsWhatWaits(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		contexts, goOn := make(chan context.Context, 100), make(chan struct{})
		old := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func(ctx context.Context) { contexts <- ctx; <-goOn })
		s.Start()
		for i := 0; i < 5; i++ {
			require.NoError(t, old.RunNow())
		}
		synctest.Wait()
		require.Equal(t, 4, s.JobsWaitingInQueue())
		running := <-contexts
		require.NoError(t, running.Err())
		var fresh atomic.Int64
		replace(s, old, gocron.DurationJob(time.Hour), func(ctx context.Context) {
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
	modes := map[string][]gocron.JobOption{
		"none": nil, "wait": {gocron.WithSingletonMode(gocron.LimitModeWait)}, "skip": {gocron.WithSingletonMode(gocron.LimitModeReschedule)},
	}
	for oldName, oldMode := range modes {
		for newName, newMode := range modes {
			t.Run(oldName+" to "+newName, func(t *testing.T) {
				rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
					m := &rig.Monitor{}
					s := rig.NewScheduler(t, gocron.WithMonitor(m), gocron.WithMonitorStatus(m))
					oldHold, newHold := rig.NewHoldup(t), rig.NewHoldup(t)
					old := rig.MustJob(t, s, gocron.DurationJob(time.Hour), oldHold.Task, oldMode...)
					s.Start()
					require.NoError(t, old.RunNow())
					synctest.Wait()
					replace(s, old, gocron.DurationJob(time.Hour), newHold.Task, append(newMode, gocron.WithName("new"))...)
					for i := 0; i < 3; i++ {
						require.NoError(t, old.RunNow())
					}
					synctest.Wait()
					want := map[string][4]int{ // running at first, then, skipped, run in all
						"none": {3, 3, 0, 3}, "wait": {0, 1, 0, 3}, "skip": {0, 0, 3, 0}}[newName]
					require.Equal(t, want[0], newHold.Running())
					require.Equal(t, want[2], m.Count("singleton_rescheduled new"))
					running, err := old.IsRunning()
					require.NoError(t, err)
					require.True(t, running)
					oldHold.Open()
					synctest.Wait()
					require.Equal(t, want[1], newHold.Running())
					newHold.Open()
					synctest.Wait()
					require.EqualValues(t, want[3], newHold.Ended.Load())
					require.NoError(t, old.RunNow())
					synctest.Wait()
					require.EqualValues(t, want[3]+1, newHold.Ended.Load(), "the gate is open again")
				})
			})
		}
	}
}

// A singleton that is replaced again and again, while the first run goes on,
// and then has an end.
func TestSynctestContractGatesOutliveManyReplacements(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s := rig.NewScheduler(t)
		h := rig.NewHoldup(t)
		wait := gocron.WithSingletonMode(gocron.LimitModeWait)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, wait)
		s.Start()
		require.NoError(t, j.RunNow())
		for i := 0; i < 10; i++ {
			synctest.Wait()
			replace(s, j, gocron.DurationJob(time.Hour), h.Task, wait)
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.EqualValues(t, 1, h.Started.Load())
		h.LetGo()
		synctest.Wait()
		require.EqualValues(t, 2, h.Started.Load(), "the nine others were dropped")
		h.Open()
		synctest.Wait()
		require.EqualValues(t, 2, h.Ended.Load())
		require.EqualValues(t, 1, h.Most.Load())
	})
}

func TestSynctestContractLastRunTimesStayAndTheRunCountStartsAnew(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s := rig.NewScheduler(t)
		var ran atomic.Int64
		task := func() { ran.Add(1); time.Sleep(time.Second) }
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), task, gocron.WithLimitedRuns(3))
		s.Start()
		for i := 0; i < 2; i++ {
			require.NoError(t, j.RunNow())
			time.Sleep(time.Minute)
		}
		started, _ := j.LastRunStartedAt()
		completed, _ := j.LastRunCompletedAt()
		require.Equal(t, time.Second, completed.Sub(started))
		fresh := replace(s, j, gocron.DurationJob(time.Hour), task, gocron.WithLimitedRuns(3))
		for _, handle := range []gocron.Job{j, fresh} {
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
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s := rig.NewScheduler(t)
		h := rig.NewHoldup(t)
		j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), h.Task, gocron.WithLimitedRuns(1))
		s.Start()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		var ran atomic.Int64
		replace(s, j, gocron.DurationJob(time.Hour), func() { ran.Add(1) }, gocron.WithLimitedRuns(1))
		time.Sleep(time.Minute)
		h.Open()
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
		rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
			s := rig.NewScheduler(t)
			var oldRan, newRan atomic.Int64
			first := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() { oldRan.Add(1) }, gocron.WithName("a"), gocron.WithTags("a"))
			if startFirst {
				s.Start()
			}
			second := replace(s, first, gocron.DurationJob(time.Minute), func() { oldRan.Add(1) }, gocron.WithName("b"), gocron.WithTags("b"))
			third := replace(s, first, gocron.DurationJob(10*time.Minute), func() { newRan.Add(1) }, gocron.WithName("c"), gocron.WithTags("c"))
			s.Start()
			handles := []gocron.Job{first, second, third, s.Jobs()[0]}
			names, intervals := []string{"a", "b", "c", "c"}, []time.Duration{time.Hour, time.Minute, 10 * time.Minute, 10 * time.Minute}
			for i, j := range handles {
				require.Equal(t, names[i], j.Name())
				require.Equal(t, []string{names[i]}, j.Tags())
				require.Equal(t, gocron.DurationJobSchedule{Duration: intervals[i]}, j.Schedule())
				require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(10*time.Minute)))
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
				require.True(t, err == gocron.ErrJobNotFound)
			}
		})
	}
}

// A handle of a removed job is one of the job that has the id later.
func TestSynctestContractAHandleFollowsTheID(t *testing.T) {
	rig.EachEntrance(t, func(t *testing.T, replace rig.ReplaceFunc) {
		s := rig.NewScheduler(t)
		s.Start()
		old := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
		require.NoError(t, s.RemoveJob(old.ID()))
		require.True(t, old.RunNow() == gocron.ErrJobNotFound)
		var ran atomic.Int64
		replace(s, old, gocron.DurationJob(time.Minute), func() { ran.Add(1) })
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
		m := &rig.Monitor{}
		s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
		id := uuid.New()
		var ran atomic.Int64
		s.Start()
		for i := 0; i < 40; i++ {
			e := rig.Entrances()[i%2]
			go func() {
				_, err := e.Add(s, id, gocron.DurationJob(time.Minute), gocron.NewTask(func() { ran.Add(1) }), gocron.WithName("it"))
				if err != nil {
					panic(err)
				}
			}()
		}
		synctest.Wait()
		require.Equal(t, []uuid.UUID{id}, rig.IDs(s))
		require.Equal(t, 1, m.Count("registered it")-m.Count("unregistered it"))
		time.Sleep(time.Minute)
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
	})
}
