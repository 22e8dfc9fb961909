package time_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// everyMode tries all combinations of a scheduler's limit and a job's singleton mode.
func everyMode(t *testing.T, test func(t *testing.T, scheduler []gocron.SchedulerOption, job []gocron.JobOption)) {
	for _, limit := range []gocron.LimitMode{0, gocron.LimitModeReschedule, gocron.LimitModeWait} {
		for _, singleton := range []gocron.LimitMode{0, gocron.LimitModeReschedule, gocron.LimitModeWait} {
			t.Run(fmt.Sprintf("limit %d, singleton %d", limit, singleton), func(t *testing.T) {
				var scheduler []gocron.SchedulerOption
				job := []gocron.JobOption{gocron.WithIntervalFromCompletion()}
				if limit != 0 {
					scheduler = append(scheduler, gocron.WithLimitConcurrentJobs(1, limit))
				}
				if singleton != 0 {
					job = append(job, gocron.WithSingletonMode(singleton))
				}
				test(t, scheduler, job)
			})
		}
	}
}

func TestTimeIntervalFromCompletionCountsFromTheEndOfTheTask(t *testing.T) {
	everyMode(t, func(t *testing.T, scheduler []gocron.SchedulerOption, job []gocron.JobOption) {
		r := rig.New(t, scheduler...)
		var log rig.Log
		j := r.Job(gocron.DurationJob(time.Hour), func() { log.Add(r.Clock.Now()); r.Hold() }, job...)
		r.Start()
		require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
		r.Advance(time.Hour)
		rig.NoNextRun(t, j)
		r.Waiters(0)
		r.Advance(150 * time.Minute)
		rig.NoNextRun(t, j)
		r.LetGo(1)
		rig.RequireInstants(t, rig.At(270*time.Minute, 330*time.Minute), rig.NextsOf(t, j, 2))
		r.Advance(time.Hour)
		rig.NoNextRun(t, j)
		r.Advance(7 * time.Minute)
		r.LetGo(1)
		rig.RequireInstants(t, rig.At(337*time.Minute), rig.NextsOf(t, j, 1))
		rig.RequireInstants(t, rig.At(time.Hour, 270*time.Minute), log.All())
	})
}

func TestTimeIntervalFromCompletionHasNoNextRunWhileTheRunWaits(t *testing.T) {
	r := rig.New(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
	r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithIntervalFromCompletion())
	r.Start()
	r.Advance(time.Hour)
	require.Equal(t, 1, r.Scheduler.JobsWaitingInQueue())
	rig.NoNextRun(t, j)
	r.Advance(10 * time.Hour)
	require.Equal(t, 1, r.Scheduler.JobsWaitingInQueue(), "it does not pile up")
	rig.NoNextRun(t, j)
	r.LetGo(1)
	rig.RequireInstants(t, rig.At(11*time.Hour), log.All())
	rig.RequireInstants(t, rig.At(12*time.Hour), rig.NextsOf(t, j, 1))
}

func TestTimeIntervalFromCompletionCountsFromTheTaskNotFromItsListeners(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithIntervalFromCompletion(),
		gocron.WithEventListeners(gocron.AfterJobRuns(func(uuid.UUID, string) { r.Hold() })))
	r.Start()
	r.Advance(time.Hour)
	rig.NoNextRun(t, j)
	r.Advance(20 * time.Minute)
	r.LetGo(1)
	rig.RequireInstants(t, rig.At(2*time.Hour), rig.NextsOf(t, j, 1))
}

func TestTimeIntervalFromCompletionOfAFailedTask(t *testing.T) {
	for name, task := range map[string]any{
		"error":  func() error { return rig.ErrHook },
		"panic":  func() { panic(rig.ErrHook) },
		"goexit": runtime.Goexit,
	} {
		r := rig.New(t)
		j := r.Job(gocron.DurationJob(time.Hour), task, gocron.WithIntervalFromCompletion(),
			gocron.WithEventListeners(gocron.AfterJobRunsWithPanic(func(uuid.UUID, string, any) {})))
		r.Start()
		r.Advance(90 * time.Minute)
		rig.RequireInstants(t, rig.At(150*time.Minute), rig.NextsOf(t, j, 1), name)
	}
}

func TestTimeIntervalFromCompletionIsBookedAtASkipsMoment(t *testing.T) {
	refuse := gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrHook })
	notLeader := rig.ElectorFunc(func(context.Context) error { return rig.ErrHook })
	for name, tt := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
		runNow    bool
	}{
		"refused":   {nil, []gocron.JobOption{gocron.WithEventListeners(refuse)}, false},
		"follower":  {[]gocron.SchedulerOption{gocron.WithDistributedElector(notLeader)}, nil, false},
		"limit":     {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)}, nil, true},
		"singleton": {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReschedule)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t, tt.scheduler...)
			j := r.Job(gocron.DurationJob(time.Hour), r.Hold, append(tt.job, gocron.WithIntervalFromCompletion())...)
			r.Start()
			if tt.runNow {
				require.NoError(t, j.RunNow())
				r.Settle()
			}
			r.Advance(90 * time.Minute)
			rig.RequireInstants(t, rig.At(150*time.Minute), rig.NextsOf(t, j, 1))
			if tt.runNow {
				r.LetGo(1)
			}
			rig.RequireInstants(t, rig.At(150*time.Minute), rig.NextsOf(t, j, 1))
		})
	}
}

func TestTimeIntervalFromCompletionRunNowDoesNotRebook(t *testing.T) {
	everyMode(t, func(t *testing.T, scheduler []gocron.SchedulerOption, job []gocron.JobOption) {
		r := rig.New(t, scheduler...)
		j := r.Job(gocron.DurationJob(time.Hour), r.Hold, job...)
		r.Start()
		r.Advance(10 * time.Minute)
		require.NoError(t, j.RunNow())
		r.Settle()
		rig.RequireInstants(t, rig.At(time.Hour), rig.NextsOf(t, j, 1))
		r.Advance(10 * time.Minute)
		r.LetGo(1)
		rig.RequireInstants(t, rig.At(time.Hour), rig.NextsOf(t, j, 1))
	})
}

func TestTimeIntervalFromCompletionRunNowDoesNotBookForTheRunThatGoesOn(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), r.Hold, gocron.WithIntervalFromCompletion())
	r.Start()
	r.Advance(50 * time.Minute)
	require.NoError(t, j.RunNow())
	r.Settle()
	r.Advance(10 * time.Minute)
	rig.NoNextRun(t, j)
	r.LetGo(1) // the RunNow: held calls are freed in the order in which they came
	rig.NoNextRun(t, j)
	r.Waiters(0)
	r.Advance(time.Minute)
	r.LetGo(1)
	rig.RequireInstants(t, rig.At(121*time.Minute), rig.NextsOf(t, j, 1))
}

func TestTimeIntervalFromCompletionIsBookedAtStartAfterAStop(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithIntervalFromCompletion())
	r.Start()
	r.Advance(70 * time.Minute)
	r.Stop()
	rig.NoNextRun(t, j)
	r.Advance(100 * time.Minute)
	r.Start()
	require.Equal(t, 1, log.Len())
	rig.RequireInstants(t, rig.At(190*time.Minute), rig.NextsOf(t, j, 1))
	r.Walk(time.Hour)
	require.Equal(t, 2, log.Len())
}

func TestTimeIntervalFromCompletionOfARunThatOutlivesAStop(t *testing.T) {
	for name, endsStopped := range map[string]bool{"ends while stopped": true, "ends after Start": false} {
		for start, options := range map[string][]gocron.JobOption{"": nil, ", start time": {gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Hour)))}} {
			t.Run(name+start, func(t *testing.T) {
				r := rig.New(t)
				j := r.Job(gocron.DurationJob(time.Hour), r.Hold, append(options, gocron.WithIntervalFromCompletion())...)
				r.Start()
				r.Advance(time.Hour)
				require.Equal(t, context.Canceled, r.Scheduler.StopJobsWithContext(rig.EndedContext()))
				rig.NoNextRun(t, j)
				r.Advance(5 * time.Minute)
				if endsStopped {
					r.LetGo(1)
					r.Advance(5 * time.Minute)
					r.Start()
				} else {
					r.Start()
					rig.NoNextRun(t, j)
					r.LetGo(1)
				}
				rig.RequireInstants(t, rig.At(125*time.Minute), rig.NextsOf(t, j, 1))
			})
		}
	}
}

func TestTimeIntervalFromCompletionRandomStaysWithinItsBounds(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationRandomJob(time.Hour, 2*time.Hour), r.Hold, gocron.WithIntervalFromCompletion())
	r.Start()
	r.Advance(3 * time.Hour)
	rig.NoNextRun(t, j)
	r.Advance(4 * time.Hour)
	r.LetGo(1)
	rest := rig.NextOf(t, j).Sub(r.Clock.Now())
	require.True(t, time.Hour <= rest && rest < 2*time.Hour, rest)
}

func TestTimeIntervalFromCompletionIsIgnoredByOtherKinds(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		if name == "duration" || name == "random" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			j := r.Job(definition, r.Hold, gocron.WithIntervalFromCompletion())
			r.Start()
			want := rig.NextsOf(t, j, 2)
			r.Advance(want[0].Sub(rig.Now))
			rig.RequireInstants(t, want[1:], rig.NextsOf(t, j, 1), "while the run goes on")
			r.Advance(time.Minute)
			r.LetGo(1)
			rig.RequireInstants(t, want[1:], rig.NextsOf(t, j, 1))
		})
	}
}

// A RunNow that takes the only limited run and gives it back leaves the start time as it was.
func TestTimeARunThatIsGivenBackBeforeTheStartTime(t *testing.T) {
	r := rig.New(t)
	start := rig.Now.Add(time.Hour)
	refuses := gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrHook })
	j, _ := r.Logged(gocron.DurationJob(20*time.Minute), startAt(start), gocron.WithIntervalFromCompletion(),
		gocron.WithLimitedRuns(1), gocron.WithEventListeners(refuses))
	r.Start()
	require.NoError(t, j.RunNow())
	r.Settle()
	rig.RequireInstants(t, []time.Time{start}, rig.NextsOf(t, j, 1))
}
