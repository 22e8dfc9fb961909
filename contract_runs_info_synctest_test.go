//go:build go1.25

package gocron

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// runMoments are the times of a RunInfo since a test's program began, maxDuration
// for the zero time.
type runMoments struct{ scheduled, queued, started, finished time.Duration }

// runMomentsOf are the times of info, which have to be in the location.
func runMomentsOf(t *testing.T, info RunInfo, began time.Time, location *time.Location) runMoments {
	t.Helper()
	since := func(at time.Time) time.Duration {
		if at.IsZero() {
			require.Equal(t, time.Time{}, at)
			return maxDuration
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
	runNow := func(t *testing.T, s Scheduler, j Job) {
		time.Sleep(10 * m)
		require.NoError(t, j.RunNow())
	}
	runAndWait := func(t *testing.T, s Scheduler, j Job) {
		time.Sleep(10 * m)
		info, err := NewController(s).RunAndWait(context.Background(), j.ID())
		require.NoError(t, err)
		require.Equal(t, TriggerRunNow, info.Trigger)
		require.Equal(t, OutcomeSucceeded, info.Outcome)
	}
	immediately := WithStartAt(WithStartImmediately())
	retry := WithRetry(RetryPolicy{Attempts: 3, Backoff: ConstantBackoff(5 * m)})
	for name, c := range map[string]struct {
		definition JobDefinition
		option     JobOption
		ask        func(*testing.T, Scheduler, Job)
		trigger    Trigger
		attempt    int
		at         runMoments
	}{
		"interval":          {DurationJob(h), nil, nil, TriggerSchedule, 1, runMoments{h, maxDuration, h, h + m}},
		"crontab":           {CronJob("0 6 * * *", false), nil, nil, TriggerSchedule, 1, runMoments{h / 2, maxDuration, h / 2, h/2 + m}},
		"instant":           {OneTimeJob(OneTimeJobStartDateTime(atOne)), nil, nil, TriggerSchedule, 1, runMoments{h, maxDuration, h, h + m}},
		"start time":        {DurationJob(9 * h), WithStartAt(WithStartDateTime(atOne)), nil, TriggerSchedule, 1, runMoments{h, maxDuration, h, h + m}},
		"start immediately": {DurationJob(h), immediately, nil, TriggerStartImmediately, 1, runMoments{0, maxDuration, 0, m}},
		"once immediately":  {OneTimeJob(OneTimeJobStartImmediately()), nil, nil, TriggerStartImmediately, 1, runMoments{0, maxDuration, 0, m}},
		"RunNow":            {DurationJob(h), nil, runNow, TriggerRunNow, 1, runMoments{10 * m, maxDuration, 10 * m, 11 * m}},
		"RunAndWait":        {DurationJob(h), nil, runAndWait, TriggerRunNow, 1, runMoments{10 * m, maxDuration, 10 * m, 11 * m}},
		"retry":             {DurationJob(h), retry, nil, TriggerRetry, 2, runMoments{h, h + m, h + 6*m, h + 7*m}},
		"retry of a RunNow": {DurationJob(h), retry, runNow, TriggerRetry, 2, runMoments{10 * m, 11 * m, 16 * m, 17 * m}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var book runBook
				s := newScheduler(t, WithLocation(runZone), WithHooks(book.hooks()))
				calls := 0
				task := func() error {
					time.Sleep(m)
					if calls++; calls < c.attempt {
						return errContract
					}
					return nil
				}
				options := []JobOption{WithName("j"), WithTags("a", "b")}
				if c.option != nil {
					options = append(options, c.option)
				}
				j, began := mustJob(t, s, c.definition, task, options...), time.Now()
				s.Start()
				if c.ask != nil {
					c.ask(t, s, j)
				}
				time.Sleep(h + 30*m)
				synctest.Wait()

				info := book.told("finished")[0]
				require.Equal(t, c.at, runMomentsOf(t, info, began, runZone))
				info.ScheduledAt, info.QueuedAt, info.StartedAt, info.FinishedAt = time.Time{}, time.Time{}, time.Time{}, time.Time{}
				require.Equal(t, RunInfo{ID: 1, JobID: j.ID(), JobName: "j", Tags: []string{"a", "b"},
					Trigger: c.trigger, Attempt: c.attempt, Outcome: OutcomeSucceeded}, info)
			})
		})
	}
}

// What a hook is told is what has happened until then. A wait for another run and
// then for a slot is one wait.
func TestSynctestContractRunInfoAtEachStepOfAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book runBook
		s := newScheduler(t, WithLocation(runZone), WithHooks(book.hooks()), WithLimitConcurrentJobs(1, LimitModeWait))
		began := time.Now()
		j := mustJob(t, s, ages(), func() { time.Sleep(time.Minute) }, WithSingletonMode(LimitModeWait))
		other := mustJob(t, s, ages(), func() { time.Sleep(time.Hour) })
		s.Start()
		for _, each := range []Job{j, other, j} {
			require.NoError(t, each.RunNow())
			time.Sleep(time.Second)
		}
		time.Sleep(2 * time.Hour)
		synctest.Wait()

		const third = 3 // the id of the second run of j
		require.Equal(t, "due queued started finished", book.story(third))
		queuedAt, startedAt := 2*time.Second, time.Minute+time.Hour
		for hook, want := range map[string]runMoments{
			"queued":   {queuedAt, queuedAt, maxDuration, maxDuration},
			"started":  {queuedAt, queuedAt, startedAt, maxDuration},
			"finished": {queuedAt, queuedAt, startedAt, startedAt + time.Minute},
		} {
			info := book.toldOf(third, hook)
			require.Equal(t, want, runMomentsOf(t, info, began, runZone), hook)
			require.Equal(t, hook == "finished", info.Outcome != OutcomePending, hook)
		}
		due := runMomentsOf(t, book.toldOf(third, "due"), began, runZone)
		require.Equal(t, [3]time.Duration{queuedAt, maxDuration, maxDuration}, [3]time.Duration{due.scheduled, due.started, due.finished})
	})
}

// A task is told when its run began to wait, also when nobody else wants to know.
func TestSynctestContractATaskKnowsHowLongItsRunHasWaited(t *testing.T) {
	for _, hooked := range []bool{false, true} {
		for name, gate := range map[string]JobOption{"slot": WithTags(), "turn": WithSingletonMode(LimitModeWait)} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					options := []SchedulerOption{WithLocation(runZone)}
					if name == "slot" {
						options = append(options, WithLimitConcurrentJobs(1, LimitModeWait))
					}
					if hooked {
						options = append(options, WithHooks(new(runBook).hooks()))
					}
					s := newScheduler(t, options...)
					began := time.Now()
					var infos []RunInfo
					j := mustJob(t, s, ages(), func(ctx context.Context) {
						info, _ := RunFromContext(ctx)
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
					require.Equal(t, runMoments{0, maxDuration, 0, maxDuration}, runMomentsOf(t, infos[0], began, runZone))
					require.Equal(t, runMoments{time.Minute, time.Minute, time.Hour, maxDuration}, runMomentsOf(t, infos[1], began, runZone))
				})
			})
		}
	}
}

// What a stop has dropped of a one-time job waits anew after the next Start. It is as
// late as ever, but has not waited all the time.
func TestSynctestContractAnOccurrenceThatAStopDroppedIsQueuedAnew(t *testing.T) {
	for name, option := range map[string]SchedulerOption{"plain": WithLocation(runZone), "history": WithHistory(1)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithLocation(runZone), option)
				began := time.Now()
				var infos []RunInfo
				mustJob(t, s, OneTimeJob(OneTimeJobStartDateTime(began.Add(time.Minute))), func(ctx context.Context) {
					info, _ := RunFromContext(ctx)
					infos = append(infos, info)
				})
				other := mustJob(t, s, ages(), func() { time.Sleep(3 * time.Hour) })
				s.Start()
				require.NoError(t, other.RunNow())
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				require.Equal(t, ErrStopJobsTimedOut, s.StopJobs())
				time.Sleep(time.Until(began.Add(time.Hour)))
				s.Start()
				time.Sleep(time.Hour)
				stats, err := NewController(s).Stats()
				require.NoError(t, err)
				require.Equal(t, time.Hour, stats.OldestWaiting)
				time.Sleep(9 * time.Hour)
				synctest.Wait()
				require.Len(t, infos, 1)
				want := runMoments{time.Minute, time.Hour, 3 * time.Hour, maxDuration}
				require.Equal(t, want, runMomentsOf(t, infos[0], began, runZone))
			})
		})
	}
}

// slowJobRunning is a monitor that takes its time right before the task.
type slowJobRunning struct{ hookNop }

func (slowJobRunning) JobRunning(Job) { time.Sleep(time.Hour) }

// StartedAt is when the task is called, and FinishedAt when it has returned,
// however long monitors, hooks and listeners take around it.
func TestSynctestContractARunsTimesAreThoseOfItsTask(t *testing.T) {
	slowHook := WithHooks(Hooks{RunStarted: func(RunInfo) { time.Sleep(time.Hour) }})
	for name, options := range map[string][]SchedulerOption{
		"nothing":             {},
		"history":             {WithHistory(1)},
		"monitor":             {WithSchedulerMonitor(slowJobRunning{})},
		"monitor and history": {WithSchedulerMonitor(slowJobRunning{}), WithHistory(1)},
		"hook":                {slowHook},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScheduler(t, options...)
				var task context.Context
				var began, ended time.Time
				slow := func(uuid.UUID, string) { time.Sleep(time.Hour) }
				j := mustJob(t, s, ages(), func(ctx context.Context) {
					task, began = ctx, time.Now()
					time.Sleep(time.Minute)
					ended = time.Now()
				}, WithEventListeners(BeforeJobRuns(slow), AfterJobRuns(slow)))
				s.Start()
				require.NoError(t, j.RunNow())
				time.Sleep(10 * time.Hour)
				synctest.Wait()
				info, ok := RunFromContext(task)
				require.True(t, ok)
				require.True(t, info.StartedAt.Equal(began), "off by %v", began.Sub(info.StartedAt))
				require.True(t, info.FinishedAt.Equal(ended), "off by %v", ended.Sub(info.FinishedAt))
			})
		})
	}
}

func TestSynctestContractRunIDsAscendAndNeverComeAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var book runBook
		s := newScheduler(t, WithHooks(book.hooks()), WithLimitConcurrentJobs(1, LimitModeWait))
		a := mustJob(t, s, ages(), func() { time.Sleep(time.Minute) }, WithName("old"), WithTags("old"))
		b := mustJob(t, s, ages(), noop, WithSingletonMode(LimitModeReschedule))
		for session := 0; session < 3; session++ {
			s.Start()
			for i := 0; i < 3; i++ {
				require.NoError(t, a.RunNow())
				require.NoError(t, b.RunNow())
			}
			synctest.Wait()
			_, err := s.Update(a.ID(), ages(), NewTask(func() { time.Sleep(time.Minute) }), WithName("new"))
			require.NoError(t, err)
			go s.StopJobs()
			time.Sleep(time.Hour)
		}
		for i, info := range book.told("due") {
			require.EqualValues(t, i+1, info.ID)
			require.Equal(t, i%2 == 0, info.JobID == a.ID(), "in the order of hand-over")
		}
		require.Len(t, book.told("due"), 18)
		first := book.toldOf(1, "finished")
		require.Equal(t, "old", first.JobName, "it was made from the old definition")
		require.Equal(t, []string{"old"}, first.Tags)
	})
}

func TestSynctestContractTagsOfARunAreCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var seen [][]string
		spoil := func(info RunInfo) {
			mu.Lock()
			defer mu.Unlock()
			seen = append(seen, append([]string(nil), info.Tags...))
			info.Tags[0] = "spoilt"
		}
		s := newScheduler(t, WithHooks(Hooks{spoil, spoil, spoil, spoil}), WithHistory(2))
		given := []string{"a", "b"}
		j := mustJob(t, s, ages(), func(ctx context.Context) {
			for i := 0; i < 2; i++ {
				info, _ := RunFromContext(ctx)
				spoil(info)
			}
		}, WithTags(given...))
		given[0] = "spoilt"
		s.Start()
		info, err := NewController(s).RunAndWait(context.Background(), j.ID())
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
	for trigger, name := range map[Trigger]string{TriggerSchedule: "schedule", TriggerStartImmediately: "start-immediately",
		TriggerRunNow: "run-now", TriggerRetry: "retry", 4: "unknown", 255: "unknown"} {
		require.Equal(t, name, trigger.String())
	}
	for outcome, name := range map[Outcome]string{OutcomePending: "pending", OutcomeSucceeded: "succeeded", OutcomeFailed: "failed",
		OutcomePanicked: "panicked", OutcomeTimedOut: "timed-out", OutcomeSkippedSingleton: "skipped-singleton",
		OutcomeSkippedLimit: "skipped-limit", OutcomeDroppedQueueFull: "dropped-queue-full", OutcomeNotLeader: "not-leader",
		OutcomeLockedElsewhere: "locked-elsewhere", OutcomeRefused: "refused", OutcomeCancelled: "cancelled",
		OutcomePaused: "paused", OutcomeEngineDown: "engine-down", OutcomeMissed: "missed", 15: "unknown", 255: "unknown"} {
		require.Equal(t, name, outcome.String())
	}
}
