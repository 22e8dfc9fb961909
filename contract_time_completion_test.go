package gocron

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// everyMode tries all combinations of a scheduler's limit and a job's singleton mode.
func everyMode(t *testing.T, test func(t *testing.T, scheduler []SchedulerOption, job []JobOption)) {
	for _, limit := range []LimitMode{0, LimitModeReschedule, LimitModeWait} {
		for _, singleton := range []LimitMode{0, LimitModeReschedule, LimitModeWait} {
			t.Run(fmt.Sprintf("limit %d, singleton %d", limit, singleton), func(t *testing.T) {
				var scheduler []SchedulerOption
				job := []JobOption{WithIntervalFromCompletion()}
				if limit != 0 {
					scheduler = append(scheduler, WithLimitConcurrentJobs(1, limit))
				}
				if singleton != 0 {
					job = append(job, WithSingletonMode(singleton))
				}
				test(t, scheduler, job)
			})
		}
	}
}

func TestTimeIntervalFromCompletionCountsFromTheEndOfTheTask(t *testing.T) {
	everyMode(t, func(t *testing.T, scheduler []SchedulerOption, job []JobOption) {
		r := newRig(t, scheduler...)
		var log rigLog
		j := r.job(DurationJob(time.Hour), func() { log.add(r.clock.Now()); r.hold() }, job...)
		r.start()
		require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
		r.advance(time.Hour)
		noNextRun(t, j)
		r.waiters(0)
		r.advance(150 * time.Minute)
		noNextRun(t, j)
		r.letGo(1)
		requireInstants(t, rigAt(270*time.Minute, 330*time.Minute), nextsOf(t, j, 2))
		r.advance(time.Hour)
		noNextRun(t, j)
		r.advance(7 * time.Minute)
		r.letGo(1)
		requireInstants(t, rigAt(337*time.Minute), nextsOf(t, j, 1))
		requireInstants(t, rigAt(time.Hour, 270*time.Minute), log.all())
	})
}

func TestTimeIntervalFromCompletionHasNoNextRunWhileTheRunWaits(t *testing.T) {
	r := newRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold)
	j, log := r.logged(DurationJob(time.Hour), WithIntervalFromCompletion())
	r.start()
	r.advance(time.Hour)
	require.Equal(t, 1, r.s.JobsWaitingInQueue())
	noNextRun(t, j)
	r.advance(10 * time.Hour)
	require.Equal(t, 1, r.s.JobsWaitingInQueue(), "it does not pile up")
	noNextRun(t, j)
	r.letGo(1)
	requireInstants(t, rigAt(11*time.Hour), log.all())
	requireInstants(t, rigAt(12*time.Hour), nextsOf(t, j, 1))
}

func TestTimeIntervalFromCompletionCountsFromTheTaskNotFromItsListeners(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), func() {}, WithIntervalFromCompletion(),
		WithEventListeners(AfterJobRuns(func(uuid.UUID, string) { r.hold() })))
	r.start()
	r.advance(time.Hour)
	noNextRun(t, j)
	r.advance(20 * time.Minute)
	r.letGo(1)
	requireInstants(t, rigAt(2*time.Hour), nextsOf(t, j, 1))
}

func TestTimeIntervalFromCompletionOfAFailedTask(t *testing.T) {
	for name, task := range map[string]any{
		"error":  func() error { return errHook },
		"panic":  func() { panic(errHook) },
		"goexit": runtime.Goexit,
	} {
		r := newRig(t)
		j := r.job(DurationJob(time.Hour), task, WithIntervalFromCompletion(),
			WithEventListeners(AfterJobRunsWithPanic(func(uuid.UUID, string, any) {})))
		r.start()
		r.advance(90 * time.Minute)
		requireInstants(t, rigAt(150*time.Minute), nextsOf(t, j, 1), name)
	}
}

func TestTimeIntervalFromCompletionIsBookedAtASkipsMoment(t *testing.T) {
	refuse := BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errHook })
	notLeader := electorFunc(func(context.Context) error { return errHook })
	for name, tt := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
		runNow    bool
	}{
		"refused":   {nil, []JobOption{WithEventListeners(refuse)}, false},
		"follower":  {[]SchedulerOption{WithDistributedElector(notLeader)}, nil, false},
		"limit":     {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeReschedule)}, nil, true},
		"singleton": {nil, []JobOption{WithSingletonMode(LimitModeReschedule)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, tt.scheduler...)
			j := r.job(DurationJob(time.Hour), r.hold, append(tt.job, WithIntervalFromCompletion())...)
			r.start()
			if tt.runNow {
				require.NoError(t, j.RunNow())
				r.settle()
			}
			r.advance(90 * time.Minute)
			requireInstants(t, rigAt(150*time.Minute), nextsOf(t, j, 1))
			if tt.runNow {
				r.letGo(1)
			}
			requireInstants(t, rigAt(150*time.Minute), nextsOf(t, j, 1))
		})
	}
}

func TestTimeIntervalFromCompletionRunNowDoesNotRebook(t *testing.T) {
	everyMode(t, func(t *testing.T, scheduler []SchedulerOption, job []JobOption) {
		r := newRig(t, scheduler...)
		j := r.job(DurationJob(time.Hour), r.hold, job...)
		r.start()
		r.advance(10 * time.Minute)
		require.NoError(t, j.RunNow())
		r.settle()
		requireInstants(t, rigAt(time.Hour), nextsOf(t, j, 1))
		r.advance(10 * time.Minute)
		r.letGo(1)
		requireInstants(t, rigAt(time.Hour), nextsOf(t, j, 1))
	})
}

func TestTimeIntervalFromCompletionRunNowDoesNotBookForTheRunThatGoesOn(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), r.hold, WithIntervalFromCompletion())
	r.start()
	r.advance(50 * time.Minute)
	require.NoError(t, j.RunNow())
	r.settle()
	r.advance(10 * time.Minute)
	noNextRun(t, j)
	r.letGo(1) // the RunNow: held calls are freed in the order in which they came
	noNextRun(t, j)
	r.waiters(0)
	r.advance(time.Minute)
	r.letGo(1)
	requireInstants(t, rigAt(121*time.Minute), nextsOf(t, j, 1))
}

func TestTimeIntervalFromCompletionIsBookedAtStartAfterAStop(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationJob(time.Hour), WithIntervalFromCompletion())
	r.start()
	r.advance(70 * time.Minute)
	r.stop()
	noNextRun(t, j)
	r.advance(100 * time.Minute)
	r.start()
	require.Equal(t, 1, log.len())
	requireInstants(t, rigAt(190*time.Minute), nextsOf(t, j, 1))
	r.walk(time.Hour)
	require.Equal(t, 2, log.len())
}

func TestTimeIntervalFromCompletionOfARunThatOutlivesAStop(t *testing.T) {
	for name, endsStopped := range map[string]bool{"ends while stopped": true, "ends after Start": false} {
		for start, options := range map[string][]JobOption{"": nil, ", start time": {WithStartAt(WithStartDateTime(rigNow.Add(time.Hour)))}} {
			t.Run(name+start, func(t *testing.T) {
				r := newRig(t)
				j := r.job(DurationJob(time.Hour), r.hold, append(options, WithIntervalFromCompletion())...)
				r.start()
				r.advance(time.Hour)
				require.Equal(t, context.Canceled, r.s.StopJobsWithContext(endedContext()))
				noNextRun(t, j)
				r.advance(5 * time.Minute)
				if endsStopped {
					r.letGo(1)
					r.advance(5 * time.Minute)
					r.start()
				} else {
					r.start()
					noNextRun(t, j)
					r.letGo(1)
				}
				requireInstants(t, rigAt(125*time.Minute), nextsOf(t, j, 1))
			})
		}
	}
}

func TestTimeIntervalFromCompletionRandomStaysWithinItsBounds(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationRandomJob(time.Hour, 2*time.Hour), r.hold, WithIntervalFromCompletion())
	r.start()
	r.advance(3 * time.Hour)
	noNextRun(t, j)
	r.advance(4 * time.Hour)
	r.letGo(1)
	rest := nextOf(t, j).Sub(r.clock.Now())
	require.True(t, time.Hour <= rest && rest < 2*time.Hour, rest)
}

func TestTimeIntervalFromCompletionIsIgnoredByOtherKinds(t *testing.T) {
	for name, definition := range everyKind() {
		if name == "duration" || name == "random" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			j := r.job(definition, r.hold, WithIntervalFromCompletion())
			r.start()
			want := nextsOf(t, j, 2)
			r.advance(want[0].Sub(rigNow))
			requireInstants(t, want[1:], nextsOf(t, j, 1), "while the run goes on")
			r.advance(time.Minute)
			r.letGo(1)
			requireInstants(t, want[1:], nextsOf(t, j, 1))
		})
	}
}
