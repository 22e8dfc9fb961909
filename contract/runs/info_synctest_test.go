//go:build go1.25

package runs_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// runMoments are the times of a RunInfo since a test's program began, maxDuration
// for the zero time.
type runMoments struct{ scheduled, queued, started, finished time.Duration }

// runMomentsOf are the times of info, which have to be in the location.
func runMomentsOf(t *testing.T, info gocron.RunInfo, began time.Time, location *time.Location) runMoments {
	t.Helper()
	since := func(at time.Time) time.Duration {
		if at.IsZero() {
			require.Equal(t, time.Time{}, at)
			return rig.MaxDuration
		}
		require.Same(t, location, at.Location())
		return at.Sub(began)
	}
	return runMoments{since(info.ScheduledAt), since(info.QueuedAt), since(info.StartedAt), since(info.FinishedAt)}
}

var runZone = time.FixedZone("test", 5*3600+1800)

func TestSynctestContractRunInfoOfEveryTrigger(t *testing.T) {
	const m, h = time.Minute, time.Hour
	atOne := time.Date(2000, 1, 1, 1, 0, 0, 0, time.UTC) // an hour after a bubble's clock begins
	runNow := func(t *testing.T, s gocron.Scheduler, j gocron.Job) {
		time.Sleep(10 * m)
		require.NoError(t, j.RunNow())
	}
	runAndWait := func(t *testing.T, s gocron.Scheduler, j gocron.Job) {
		time.Sleep(10 * m)
		info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, gocron.TriggerRunNow, info.Trigger)
		require.Equal(t, gocron.OutcomeSucceeded, info.Outcome)
	}
	immediately := gocron.WithStartAt(gocron.WithStartImmediately())
	retry := gocron.WithRetry(gocron.RetryPolicy{Attempts: 3, Backoff: gocron.ConstantBackoff(5 * m)})
	for name, c := range map[string]struct {
		definition gocron.JobDefinition
		option     gocron.JobOption
		ask        func(*testing.T, gocron.Scheduler, gocron.Job)
		trigger    gocron.Trigger
		attempt    int
		at         runMoments
	}{
		"interval":          {gocron.DurationJob(h), nil, nil, gocron.TriggerSchedule, 1, runMoments{h, rig.MaxDuration, h, h + m}},
		"crontab":           {gocron.CronJob("0 6 * * *", false), nil, nil, gocron.TriggerSchedule, 1, runMoments{h / 2, rig.MaxDuration, h / 2, h/2 + m}},
		"instant":           {gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(atOne)), nil, nil, gocron.TriggerSchedule, 1, runMoments{h, rig.MaxDuration, h, h + m}},
		"start time":        {gocron.DurationJob(9 * h), gocron.WithStartAt(gocron.WithStartDateTime(atOne)), nil, gocron.TriggerSchedule, 1, runMoments{h, rig.MaxDuration, h, h + m}},
		"start immediately": {gocron.DurationJob(h), immediately, nil, gocron.TriggerStartImmediately, 1, runMoments{0, rig.MaxDuration, 0, m}},
		"once immediately":  {gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), nil, nil, gocron.TriggerStartImmediately, 1, runMoments{0, rig.MaxDuration, 0, m}},
		"RunNow":            {gocron.DurationJob(h), nil, runNow, gocron.TriggerRunNow, 1, runMoments{10 * m, rig.MaxDuration, 10 * m, 11 * m}},
		"RunAndWait":        {gocron.DurationJob(h), nil, runAndWait, gocron.TriggerRunNow, 1, runMoments{10 * m, rig.MaxDuration, 10 * m, 11 * m}},
		"retry":             {gocron.DurationJob(h), retry, nil, gocron.TriggerRetry, 2, runMoments{h, h + m, h + 6*m, h + 7*m}},
		"retry of a RunNow": {gocron.DurationJob(h), retry, runNow, gocron.TriggerRetry, 2, runMoments{10 * m, 11 * m, 16 * m, 17 * m}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book rig.RunBook
				s := rig.NewScheduler(t, gocron.WithLocation(runZone), gocron.WithHooks(book.Hooks()))
				calls := 0
				task := func() error {
					time.Sleep(m)
					if calls++; calls < c.attempt {
						return rig.ErrTest
					}
					return nil
				}
				options := []gocron.JobOption{gocron.WithName("j"), gocron.WithTags("a", "b")}
				if c.option != nil {
					options = append(options, c.option)
				}
				j, began := rig.MustJob(t, s, c.definition, task, options...), time.Now()
				s.Start()
				if c.ask != nil {
					c.ask(t, s, j)
				}
				time.Sleep(h + 30*m)
				synctest.Wait()

				info := book.Told("finished")[0]
				require.Equal(t, c.at, runMomentsOf(t, info, began, runZone))
				info.ScheduledAt, info.QueuedAt, info.StartedAt, info.FinishedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
				require.Equal(t, gocron.RunInfo{ID: 1, JobID: j.ID(), JobName: "j", Tags: []string{"a", "b"},
					Trigger: c.trigger, Attempt: c.attempt, Outcome: gocron.OutcomeSucceeded}, info)
			})
		})
	}
}

// What a hook is told is what has happened until then. A wait for another run and
// then for a slot is one wait.
func TestSynctestContractRunInfoAtEachStepOfAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book rig.RunBook
		s := rig.NewScheduler(t, gocron.WithLocation(runZone), gocron.WithHooks(book.Hooks()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		began := time.Now()
		j := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Minute) }, gocron.WithSingletonMode(gocron.LimitModeWait))
		other := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Hour) })
		s.Start()
		for _, each := range []gocron.Job{j, other, j} {
			require.NoError(t, each.RunNow())
			time.Sleep(time.Second)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()

		const third = 3 // the id of the second run of j
		require.Equal(t, "due queued started finished", book.Story(third))
		queuedAt, startedAt := 2*time.Second, time.Minute+time.Hour
		for hook, want := range map[string]runMoments{
			"queued":   {queuedAt, queuedAt, rig.MaxDuration, rig.MaxDuration},
			"started":  {queuedAt, queuedAt, startedAt, rig.MaxDuration},
			"finished": {queuedAt, queuedAt, startedAt, startedAt + time.Minute},
		} {
			info := book.ToldOf(third, hook)
			require.Equal(t, want, runMomentsOf(t, info, began, runZone), hook)
			require.Equal(t, hook == "finished", info.Outcome != gocron.OutcomePending, hook)
		}
		due := runMomentsOf(t, book.ToldOf(third, "due"), began, runZone)
		require.Equal(t, [3]time.Duration{queuedAt, rig.MaxDuration, rig.MaxDuration}, [3]time.Duration{due.scheduled, due.started, due.finished})
	})
}

// A task is told when its run began to wait, also when nobody else wants to know.
func TestSynctestContractATaskKnowsHowLongItsRunHasWaited(t *testing.T) {
	for _, hooked := range []bool{false, true} {
		for name, gate := range map[string]gocron.JobOption{"slot": gocron.WithTags(), "turn": gocron.WithSingletonMode(gocron.LimitModeWait)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					options := []gocron.SchedulerOption{gocron.WithLocation(runZone)}
					if name == "slot" {
						options = append(options, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
					}
					if hooked {
						options = append(options, gocron.WithHooks(new(rig.RunBook).Hooks()))
					}
					s := rig.NewScheduler(t, options...)
					began := time.Now()
					var infos []gocron.RunInfo
					j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
						info, _ := gocron.RunFromContext(ctx)
						infos = append(infos, info)
						time.Sleep(time.Hour)
					}, gate)
					s.Start()
					require.NoError(t, j.RunNow())
					time.Sleep(time.Minute)
					synctest.Wait()
					require.NoError(t, j.RunNow())
					time.Sleep(3 * time.Hour)
					synctest.Wait()
					require.Len(t, infos, 2)
					require.Equal(t, runMoments{0, rig.MaxDuration, 0, rig.MaxDuration}, runMomentsOf(t, infos[0], began, runZone))
					require.Equal(t, runMoments{time.Minute, time.Minute, time.Hour, rig.MaxDuration}, runMomentsOf(t, infos[1], began, runZone))
				})
			})
		}
	}
}

// What a stop has dropped of a one-time job waits anew after the next Start. It is as
// late as ever, but has not waited all the time.
func TestSynctestContractAnOccurrenceThatAStopDroppedIsQueuedAnew(t *testing.T) {
	for name, option := range map[string]gocron.SchedulerOption{"plain": gocron.WithLocation(runZone), "history": gocron.WithHistory(1)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithLocation(runZone), option)
				began := time.Now()
				var infos []gocron.RunInfo
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(began.Add(time.Minute))), func(ctx context.Context) {
					info, _ := gocron.RunFromContext(ctx)
					infos = append(infos, info)
				})
				other := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(3 * time.Hour) })
				s.Start()
				require.NoError(t, other.RunNow())
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				require.Equal(t, gocron.ErrStopJobsTimedOut, s.StopJobs())
				time.Sleep(time.Until(began.Add(time.Hour)))
				s.Start()
				time.Sleep(time.Hour)
				stats, err := gocron.NewController(s).Stats()
				require.NoError(t, err)
				require.Equal(t, time.Hour, stats.OldestWaiting)
				time.Sleep(9 * time.Hour)
				synctest.Wait()
				require.Len(t, infos, 1)
				want := runMoments{time.Minute, time.Hour, 3 * time.Hour, rig.MaxDuration}
				require.Equal(t, want, runMomentsOf(t, infos[0], began, runZone))
			})
		})
	}
}

// slowJobRunning is a monitor that takes its time right before the task.
type slowJobRunning struct{ rig.NoMonitor }

func (slowJobRunning) JobRunning(gocron.Job) { time.Sleep(time.Hour) }

// StartedAt is when the task is called, and FinishedAt when it has returned,
// however long monitors, hooks and listeners take around it.
func TestSynctestContractARunsTimesAreThoseOfItsTask(t *testing.T) {
	slowHook := gocron.WithHooks(gocron.Hooks{RunStarted: func(gocron.RunInfo) { time.Sleep(time.Hour) }})
	for name, options := range map[string][]gocron.SchedulerOption{
		"nothing":             {},
		"history":             {gocron.WithHistory(1)},
		"monitor":             {gocron.WithSchedulerMonitor(slowJobRunning{})},
		"monitor and history": {gocron.WithSchedulerMonitor(slowJobRunning{}), gocron.WithHistory(1)},
		"hook":                {slowHook},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := rig.NewScheduler(t, options...)
				var task context.Context
				var began, ended time.Time
				slow := func(uuid.UUID, string) { time.Sleep(time.Hour) }
				j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
					task, began = ctx, time.Now()
					time.Sleep(time.Minute)
					ended = time.Now()
				}, gocron.WithEventListeners(gocron.BeforeJobRuns(slow), gocron.AfterJobRuns(slow)))
				s.Start()
				require.NoError(t, j.RunNow())
				time.Sleep(10 * time.Hour)
				synctest.Wait()
				info, ok := gocron.RunFromContext(task)
				require.True(t, ok)
				require.True(t, info.StartedAt.Equal(began), "off by %v", began.Sub(info.StartedAt))
				require.True(t, info.FinishedAt.Equal(ended), "off by %v", ended.Sub(info.FinishedAt))
			})
		})
	}
}

func TestSynctestContractRunIDsAscendAndNeverComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book rig.RunBook
		s := rig.NewScheduler(t, gocron.WithHooks(book.Hooks()), gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		a := rig.MustJob(t, s, rig.Ages(), func() { time.Sleep(time.Minute) }, gocron.WithName("old"), gocron.WithTags("old"))
		b := rig.MustJob(t, s, rig.Ages(), rig.Noop, gocron.WithSingletonMode(gocron.LimitModeReschedule))
		for session := 0; session < 3; session++ {
			s.Start()
			for i := 0; i < 3; i++ {
				require.NoError(t, a.RunNow())
				require.NoError(t, b.RunNow())
			}
			synctest.Wait()
			_, err := s.Update(a.ID(), rig.Ages(), gocron.NewTask(func() { time.Sleep(time.Minute) }), gocron.WithName("new"))
			require.NoError(t, err)
			go s.StopJobs()
			time.Sleep(time.Hour)
		}
		for i, info := range book.Told("due") {
			require.EqualValues(t, i+1, info.ID)
			require.Equal(t, i%2 == 0, info.JobID == a.ID(), "in the order of hand-over")
		}
		require.Len(t, book.Told("due"), 18)
		first := book.ToldOf(1, "finished")
		require.Equal(t, "old", first.JobName, "it was made from the old definition")
		require.Equal(t, []string{"old"}, first.Tags)
	})
}

func TestSynctestContractTagsOfARunAreCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var seen [][]string
		spoil := func(info gocron.RunInfo) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, append([]string(nil), info.Tags...))
			info.Tags[0] = "spoilt"
		}
		s := rig.NewScheduler(t, gocron.WithHooks(gocron.Hooks{RunDue: spoil, RunQueued: spoil, RunStarted: spoil, RunFinished: spoil}), gocron.WithHistory(2))
		given := []string{"a", "b"}
		j := rig.MustJob(t, s, rig.Ages(), func(ctx context.Context) {
			for i := 0; i < 2; i++ {
				info, _ := gocron.RunFromContext(ctx)
				spoil(info)
			}
		}, gocron.WithTags(given...))
		given[0] = "spoilt"
		s.Start()
		info, err := gocron.NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		synctest.Wait()
		spoil(info)
		require.Len(t, seen, 6)
		for _, tags := range seen {
			require.Equal(t, []string{"a", "b"}, tags)
		}
		require.Equal(t, []string{"a", "b"}, j.Tags())
	})
}

func TestSynctestContractTheNamesOfTriggersAndOutcomes(t *testing.T) {
	for trigger, name := range map[gocron.Trigger]string{gocron.TriggerSchedule: "schedule", gocron.TriggerStartImmediately: "start-immediately",
		gocron.TriggerRunNow: "run-now", gocron.TriggerRetry: "retry",
		gocron.TriggerCatchUp: "catch-up", 5: "unknown", 255: "unknown"} {
		require.Equal(t, name, trigger.String())
	}
	for outcome, name := range map[gocron.Outcome]string{gocron.OutcomePending: "pending", gocron.OutcomeSucceeded: "succeeded", gocron.OutcomeFailed: "failed",
		gocron.OutcomePanicked: "panicked", gocron.OutcomeTimedOut: "timed-out", gocron.OutcomeSkippedSingleton: "skipped-singleton",
		gocron.OutcomeSkippedLimit: "skipped-limit", gocron.OutcomeDroppedQueueFull: "dropped-queue-full", gocron.OutcomeNotLeader: "not-leader",
		gocron.OutcomeLockedElsewhere: "locked-elsewhere", gocron.OutcomeRefused: "refused", gocron.OutcomeCancelled: "cancelled",
		gocron.OutcomePaused: "paused", gocron.OutcomeEngineDown: "engine-down", gocron.OutcomeMissed: "missed",
		gocron.OutcomeInterrupted: "interrupted", gocron.OutcomeStoreDown: "store-down", 17: "unknown", 255: "unknown"} {
		require.Equal(t, name, outcome.String())
	}
}
