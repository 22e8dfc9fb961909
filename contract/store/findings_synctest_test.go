//go:build go1.25

package store_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// These are what random programs have found.

// A stop keeps a run that makes up for a missed time from beginning. What came after that time and
// has an outcome does not get another one after the next Start.
func TestSynctestACatchUpThatAStopDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
		other := p.job(gocron.DurationJob(1000*time.Hour), func() { time.Sleep(time.Minute) }, gocron.WithName("b"))
		p.s.Start()
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.StopJobs())
		time.Sleep(time.Minute)
		require.NoError(t, p.c.Pause(j.ID()))
		p.s.Start()
		require.NoError(t, other.RunNow())
		time.Sleep(2 * time.Minute)
		require.NoError(t, other.RunNow())
		require.NoError(t, p.c.Resume(j.ID())) // 2m0s waits for the slot
		require.Equal(t, []string{"succeeded schedule 1m0s", "paused schedule 3m0s", "succeeded run-now 2m30s", "paused schedule 4m0s"}, p.told())
		_ = p.s.StopJobs() // the other job does not end
		time.Sleep(time.Minute)
		p.told()
		p.s.Start()
		require.Equal(t, []string{"succeeded catch-up 2m0s", "succeeded catch-up 5m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A slowSchedule takes a second to answer.
type slowSchedule struct{ grid }

func (s slowSchedule) Next(t time.Time) time.Time {
	time.Sleep(time.Second)
	return s.grid.Next(t)
}

// The process is killed before a Schedule of the user's has said when the job is due next, so the
// store does not know it.
func TestSynctestAScheduleThatHasNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func() {
			p.job(gocron.ScheduleJob(slowSchedule{60}), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunOnce, 0))
			p.s.Start()
		}
		add()
		time.Sleep(time.Minute + 500*time.Millisecond)
		p, _ = p.restart(store, true)
		p.told()
		time.Sleep(150 * time.Second)
		add()
		time.Sleep(20 * time.Second) // it asks for each time that has passed
		require.Equal(t, []string{"missed 1 2m0s..2m0s", "succeeded catch-up 3m0s"}, p.told())
		time.Sleep(40 * time.Second)
		require.Equal(t, []string{"succeeded schedule 4m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// The same while runs of the job wait for a slot: they have no outcome, and the Schedule is asked
// about a later time alone.
func TestSynctestRunsOfAScheduleThatWait(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		busy := p.job(gocron.DurationJob(1000*time.Hour), func(ctx context.Context) { <-ctx.Done() }, gocron.WithoutStore())
		add := func() {
			p.job(gocron.ScheduleJob(grid(60)), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
			p.s.Start()
		}
		add()
		require.NoError(t, busy.RunNow())
		time.Sleep(150 * time.Second)
		p, _ = p.restart(store, kill)
		time.Sleep(time.Minute)
		p.told()
		add()
		require.Equal(t, []string{"succeeded catch-up 1m0s", "succeeded catch-up 2m0s", "succeeded catch-up 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A job is removed and made again while one of its runs waits and a later one was skipped. Both have
// an outcome, and do not run.
func TestSynctestAJobMadeAgainWhileItsRunWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		busy := p.job(gocron.DurationJob(1000*time.Hour), func() { time.Sleep(165 * time.Second) }, gocron.WithoutStore())
		add := func() gocron.Job {
			return p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0),
				gocron.WithSingletonMode(gocron.LimitModeReschedule))
		}
		j := add()
		p.s.Start()
		require.NoError(t, busy.RunNow())
		time.Sleep(130 * time.Second)
		require.Equal(t, []string{"skipped-singleton schedule 2m0s"}, p.told())
		require.NoError(t, p.s.RemoveJob(j.ID()))
		add()
		require.Equal(t, []string{"cancelled schedule 1m0s"}, p.told())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded run-now 0s", "succeeded schedule 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A job leaves while it catches up. What is left is missed, once, also if it is made again.
func TestSynctestAJobMadeAgainWhileItCatchesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		busy := p.job(gocron.DurationJob(1000*time.Hour), func() { time.Sleep(5 * time.Minute) }, gocron.WithoutStore())
		add := func() gocron.Job {
			return p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0))
		}
		j := add()
		p.s.Start()
		time.Sleep(80 * time.Second)
		require.NoError(t, busy.RunNow())
		synctest.Wait()
		_ = p.s.StopJobs() // that run goes on, and keeps the slot
		time.Sleep(150 * time.Second)
		p.told()
		p.s.Start()
		time.Sleep(10 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		add()
		require.ElementsMatch(t, []string{"cancelled catch-up 2m0s", "missed 2 3m0s..4m0s"}, p.told())
		time.Sleep(3 * time.Minute)
		require.Equal(t, []string{"succeeded run-now 1m20s", "succeeded schedule 5m0s", "succeeded schedule 6m0s", "succeeded schedule 7m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// The process is back when an occurrence should have been due, and its delay has not passed.
func TestSynctestADelayThatHasNotPassed(t *testing.T) {
	t.Run("up", func(t *testing.T) { delayThatHasNotPassed(t, false) })
	t.Run("down again", func(t *testing.T) { delayThatHasNotPassed(t, true) })
}

func delayThatHasNotPassed(t *testing.T, down bool) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		add := func() gocron.Job {
			j := p.job(gocron.CronJob("* * * * *", false), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedSkip, 0), gocron.WithJitter(40*time.Second))
			p.s.Start()
			return j
		}
		times, err := add().NextRuns(20)
		require.NoError(t, err)
		late := slices.IndexFunc(times, func(t time.Time) bool { return t.Second() > 20 && t.Sub(began) > 3*time.Minute })
		due := times[late].Truncate(time.Minute)
		time.Sleep(time.Until(due.Add(-90 * time.Second)))
		p, store = p.restart(store, kill)
		p.told()
		time.Sleep(time.Until(due.Add(10 * time.Second)))
		add()
		missed := p.since(due.Add(-time.Minute))
		require.Equal(t, []string{"missed 1 " + missed + ".." + missed}, p.told())
		if down { // until the delay has passed
			p, _ = p.restart(store, kill)
		}
		time.Sleep(time.Until(due.Add(45 * time.Second)))
		if !down {
			require.Equal(t, []string{"succeeded schedule " + p.since(due)}, p.told())
		} else {
			add()
			require.Equal(t, []string{"missed 1 " + p.since(due) + ".." + p.since(due)}, p.told())
		}
		require.NoError(t, p.s.Shutdown())
	})
}

// Intervals with a calendar keep their phase, too.
func TestSynctestAnIntervalWithACalendarKeepsItsPhase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now(), gocron.WithStore(gocron.NewMemoryStore()))
		task, always := gocron.NewTask(nothing), gocron.WithCalendar(func(time.Time) bool { return true })
		j := p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), always)
		p.s.Start()
		time.Sleep(50 * time.Second)
		_, err := p.s.Update(j.ID(), gocron.DurationJob(time.Minute), task, gocron.WithName("a"), always)
		require.NoError(t, err)
		time.Sleep(50 * time.Second)
		require.Equal(t, []string{"succeeded schedule 1m0s"}, p.told())
		require.NoError(t, p.s.RemoveJob(j.ID()))
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), always)
		time.Sleep(50 * time.Second)
		require.Equal(t, []string{"succeeded schedule 2m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A start time that a calendar excludes is not missed, as it is no run.
func TestSynctestAnExcludedStartTimeIsNotMissed(t *testing.T) {
	eachEnd(t, func(t *testing.T, kill bool) {
		store, began := gocron.NewMemoryStore(), time.Now()
		p := newProcess(t, began, gocron.WithStore(store))
		add := func() {
			p.job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(began.Add(time.Minute), began.Add(2*time.Minute))), nothing, gocron.WithName("a"),
				gocron.WithStartAt(gocron.WithStartDateTimePast(began.Add(30*time.Second))), gocron.WithCalendar(func(t time.Time) bool { return t.Second() != 30 }))
			p.s.Start()
		}
		add()
		time.Sleep(10 * time.Second)
		p, _ = p.restart(store, kill)
		time.Sleep(80 * time.Second)
		add()
		require.Equal(t, []string{"missed 1 1m0s..1m0s"}, p.told())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded schedule 2m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A job that the store knows is not refused because its Schedule names no more times: it has missed
// some.
func TestSynctestAScheduleThatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := newProcess(t, began, gocron.WithStore(gocron.NewMemoryStore()))
		add := func() gocron.Job {
			return p.job(gocron.ScheduleJob(grid(60)), nothing, gocron.WithName("a"), gocron.WithStopAt(gocron.WithStopDateTime(began.Add(200*time.Second))))
		}
		j := add()
		p.s.Start()
		time.Sleep(150 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		p.told()
		time.Sleep(time.Minute)
		add()
		require.Equal(t, []string{"missed 1 3m0s..3m0s"}, p.told())
		require.Empty(t, p.s.Jobs())
		require.NoError(t, p.s.Shutdown())
	})
}

// What a Schedule names for the very moment of a Start is due, also if it has missed something
// since its last run.
func TestSynctestAScheduleThatIsDueAtStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newProcess(t, time.Now())
		p.job(gocron.ScheduleJob(grid(60)), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedSkip, 0))
		p.s.Start()
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.StopJobs())
		time.Sleep(time.Minute)
		p.s.Start()
		require.Equal(t, []string{"succeeded schedule 1m0s", "missed 1 2m0s..2m0s"}, p.told())
		require.NoError(t, p.s.StopJobs())
		time.Sleep(30 * time.Second)
		p.s.Start()
		require.Equal(t, []string{"succeeded schedule 3m0s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// The last of a job's limited runs was interrupted. The job leaves as soon as it is added to a
// scheduler that runs, once.
func TestSynctestAJobThatLeavesWithItsInterruptedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func() {
			p.job(gocron.DurationJob(time.Minute), func(ctx context.Context) { <-ctx.Done() }, gocron.WithName("a"), gocron.WithLimitedRuns(1))
		}
		add()
		p.s.Start()
		time.Sleep(90 * time.Second)
		p, _ = p.restart(store, true)
		p.told()
		p.s.Start()
		add()
		require.Equal(t, []string{"interrupted schedule 1m0s"}, p.told())
		require.Empty(t, p.s.Jobs())
		require.NoError(t, p.s.Shutdown())
	})
}

// A job with limited runs is removed and made again while some of them wait: these have not begun,
// and are left to the new one.
func TestSynctestLimitedRunsOfAJobMadeAgain(t *testing.T) {
	for name, changed := range map[string]bool{"equal schedule": false, "new schedule": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				store := &faultyStore{MemoryStore: gocron.NewMemoryStore()}
				p := newProcess(t, time.Now(), gocron.WithStore(store))
				add := func(d time.Duration) gocron.Job {
					return p.job(gocron.DurationJob(d), nothing, gocron.WithName("a"), gocron.WithLimitedRuns(2))
				}
				j := add(10 * time.Second)
				p.s.Start()
				synctest.Wait()
				store.down.Store(true)
				time.Sleep(25 * time.Second)
				require.NoError(t, p.s.RemoveJob(j.ID()))
				if changed {
					add(20 * time.Second)
				} else {
					add(10 * time.Second)
				}
				require.ElementsMatch(t, []string{"cancelled schedule 10s", "cancelled schedule 20s"}, p.told())
				store.down.Store(false)
				time.Sleep(time.Hour)
				require.Len(t, p.told(), 2)
				require.NoError(t, p.s.Shutdown())
			})
		})
	}
}

// WithLastRun counts until the store knows the job, whatever schedule it had.
func TestSynctestALastRunOfAJobThatTheStoreKnows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := newProcess(t, began, gocron.WithStore(gocron.NewMemoryStore()))
		options := []gocron.JobOption{gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunAll, 0), gocron.WithLastRun(began.Add(-90 * time.Second))}
		j := p.job(gocron.DurationJob(time.Minute), nothing, options...)
		p.s.Start()
		require.Equal(t, []string{"succeeded catch-up -30s"}, p.told())
		time.Sleep(100 * time.Second)
		require.Equal(t, []string{"succeeded schedule 30s", "succeeded schedule 1m30s"}, p.told())
		_, err := p.s.Update(j.ID(), gocron.DurationJob(40*time.Second), gocron.NewTask(nothing), options...)
		require.NoError(t, err)
		require.Empty(t, p.told())
		time.Sleep(time.Minute)
		require.Equal(t, []string{"succeeded schedule 2m20s"}, p.told())
		require.NoError(t, p.s.Shutdown())
	})
}

// A run of a job that is forgotten ends when another job has the name, which has nothing to do with
// it.
func TestSynctestARunThatEndsAfterItsJobIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store))
		add := func() gocron.Job {
			return p.job(gocron.DurationJob(time.Minute), func() { time.Sleep(10 * time.Second) }, gocron.WithName("a"))
		}
		j := add()
		p.s.Start()
		time.Sleep(65 * time.Second)
		require.NoError(t, p.s.RemoveJob(j.ID()))
		require.NoError(t, p.c.Forget(context.Background(), "a"))
		add()
		time.Sleep(50 * time.Second)
		require.Empty(t, historyOf(t, store, "a"))
		require.NoError(t, p.s.Shutdown())
	})
}

// What a stop drops from the queue of a job that runs at once after the next Start is recorded: that
// run stands for what was missed in between.
func TestSynctestAnImmediateJobWhoseRunAStopDrops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := gocron.NewMemoryStore()
		p := newProcess(t, time.Now(), gocron.WithStore(store), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		busy := p.job(gocron.DurationJob(1000*time.Hour), func(ctx context.Context) { <-ctx.Done() }, gocron.WithoutStore())
		p.job(gocron.DurationJob(time.Minute), nothing, gocron.WithName("a"), gocron.WithMissed(gocron.MissedRunOnce, 0), gocron.WithStartAt(gocron.WithStartImmediately()))
		p.s.Start()
		synctest.Wait()
		require.NoError(t, busy.RunNow())
		time.Sleep(90 * time.Second)
		require.NoError(t, p.s.StopJobs())
		time.Sleep(time.Minute)
		p.s.Start()
		synctest.Wait()
		require.NoError(t, p.s.Shutdown())
		require.Equal(t, []string{"0s succeeded", "1m0s cancelled", "2m30s succeeded"}, p.outcomesOf(store, "a"))
	})
}
