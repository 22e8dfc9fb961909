package time_test

import (
	"context"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// waitingOf is how many runs wait, with a limit or without.
func waitingOf(t testing.TB, r *rig.Rig) int {
	t.Helper()
	stats, err := gocron.NewController(r.Scheduler).Stats()
	require.NoError(t, err)
	return stats.Waiting
}

func TestTimeStopLastRunMayBeDueAtThatVeryTime(t *testing.T) {
	for _, stop := range []time.Duration{3 * time.Hour, 3*time.Hour + 1} {
		r := rig.New(t)
		j, log := r.Logged(gocron.DurationJob(time.Hour), rig.StopAfter(stop))
		r.Start()
		rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour, 3*time.Hour), rig.NextsOf(t, j, 9))
		r.Walk(9 * time.Hour)
		rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour, 3*time.Hour), log.All())
		require.Empty(t, r.Scheduler.Jobs())
	}
}

func TestTimeStopNoneStartsAfterIt(t *testing.T) {
	r := rig.New(t)
	j, log := r.Logged(gocron.DurationJob(time.Hour), rig.StopAfter(3*time.Hour-1))
	r.Start()
	rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour), rig.NextsOf(t, j, 9))
	r.Walk(9 * time.Hour)
	rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour), log.All())
}

func TestTimeStopEndsEveryKind(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		r := rig.New(t)
		_, log := r.Logged(definition, gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Minute))), rig.StopAfter(time.Minute))
		r.Start()
		r.Walk(1001 * time.Hour)
		rig.RequireInstants(t, rig.At(time.Minute), log.All(), name)
		require.Empty(t, r.Scheduler.Jobs(), name)
		r.Waiters(0)
	}
}

func TestTimeStopDropsARunThatStillWaitsThen(t *testing.T) {
	for name, tt := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
	}{
		"for a slot":             {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, nil},
		"at its gate":            {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}},
		"at its gate, with both": {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}},
	} {
		for _, after := range []time.Duration{time.Second + 1, time.Hour} {
			t.Run(name+" until "+after.String(), func(t *testing.T) {
				r := rig.New(t, tt.scheduler...)
				var log rig.Log
				j := r.Job(gocron.DurationJob(time.Hour), func() { log.Add(r.Clock.Now()); r.Hold() }, append(tt.job, rig.StopAfter(2*time.Hour))...)
				r.Start()
				r.Walk(2 * time.Hour)
				require.Equal(t, 1, log.Len())
				rig.NoNextRun(t, j)
				r.Advance(time.Second)
				require.Equal(t, 1, waitingOf(t, r), "its turn may come within a second")
				r.Advance(after - time.Second)
				require.Zero(t, r.Scheduler.JobsWaitingInQueue())
				r.LetGo(1)
				rig.RequireInstants(t, rig.At(time.Hour), log.All())
				require.Empty(t, r.Scheduler.Jobs())
				r.Waiters(0)
			})
		}
	}
}

func TestTimeStopLetsARunThatWaitsStartWithinASecond(t *testing.T) {
	for _, late := range []time.Duration{0, 1, time.Second} {
		r := rig.New(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold)
		_, log := r.Logged(gocron.DurationJob(time.Hour), rig.StopAfter(time.Hour))
		r.Start()
		r.Advance(time.Hour + late)
		require.Equal(t, 1, r.Scheduler.JobsWaitingInQueue())
		r.LetGo(1)
		rig.RequireInstants(t, rig.At(time.Hour+late), log.All())
	}
}

// Whatever a run waits for before its task, more than a second after the stop time it does
// not start.
func TestTimeStopDropsARunWhoseLockComesTooLate(t *testing.T) {
	for name, late := range map[string]time.Duration{"in time": 0, "just in time": time.Second, "too late": time.Second + 1} {
		t.Run(name, func(t *testing.T) {
			var r *rig.Rig
			unlocked := 0
			r = rig.New(t, gocron.WithDistributedLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
				r.Hold()
				return rig.UnlockFunc(func(context.Context) error { unlocked++; return nil }), nil
			})))
			_, log := r.Logged(gocron.DurationJob(time.Hour), rig.StopAfter(2*time.Hour))
			r.Start()
			r.Walk(2 * time.Hour)
			r.Advance(late)
			r.LetGo(1) // the run of one o'clock, or the other: no limit says which
			r.LetGo(1)
			want := 2
			if late > time.Second {
				want = 0
			}
			require.Equal(t, want, log.Len())
			require.Equal(t, 2, unlocked)
			require.Empty(t, r.Scheduler.Jobs())
		})
	}
}

func TestTimeStopLastRunHasALiveContext(t *testing.T) {
	for name, own := range map[string][]gocron.JobOption{"job's": nil, "user's": {gocron.WithContext(context.Background())}} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			var errs []error
			var seen context.Context
			r.Job(gocron.DurationJob(time.Hour), func(ctx context.Context) {
				errs = append(errs, ctx.Err())
				r.Hold()
				errs = append(errs, ctx.Err())
				seen = ctx
			}, append(own, rig.StopAfter(time.Hour))...)
			r.Start()
			r.Advance(time.Hour)
			r.Advance(time.Hour)
			r.LetGo(1)
			require.Equal(t, []error{nil, nil}, errs)
			require.Error(t, seen.Err(), "it ends when the job has left")
			require.Empty(t, r.Scheduler.Jobs())
		})
	}
}

func TestTimeStopJobIsListedUntilItsLastRunHasEnded(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), r.Hold, rig.StopAfter(time.Hour))
	r.Start()
	r.Walk(2 * time.Hour)
	require.Len(t, r.Scheduler.Jobs(), 1)
	rig.NoNextRun(t, j)
	require.Equal(t, gocron.ErrJobRunNowFailed, j.RunNow())
	r.LetGo(1)
	require.Empty(t, r.Scheduler.Jobs())
	_, err := j.NextRun()
	require.Equal(t, gocron.ErrJobNotFound, err)
}

func TestTimeStopJobWithNoRunLeftIsRemoved(t *testing.T) {
	noon := gocron.NewAtTimes(gocron.NewAtTime(11, 0, 0))
	for name, definition := range map[string]gocron.JobDefinition{
		"duration": gocron.DurationJob(time.Hour),
		"daily":    gocron.DailyJob(1, noon),
		"cron":     gocron.CronJob("0 11 * * *", false),
		"one-time": gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))),
	} {
		t.Run(name+" is refused when it is added", func(t *testing.T) {
			r := rig.New(t)
			r.Start()
			_, err := r.Scheduler.NewJob(definition, gocron.NewTask(func() {}), rig.StopAfter(time.Minute))
			require.ErrorIs(t, err, gocron.ErrJobNeverRuns)
			require.Empty(t, r.Scheduler.Jobs())
		})
		t.Run(name+" when the scheduler starts", func(t *testing.T) {
			r := rig.New(t)
			_, log := r.Logged(definition, rig.StopAfter(time.Minute))
			require.Len(t, r.Scheduler.Jobs(), 1)
			r.Scheduler.Start()
			require.Empty(t, r.Scheduler.Jobs(), "Start has returned")
			r.Settle()
			require.Zero(t, log.Len())
			r.Waiters(0)
		})
		t.Run(name+" when the scheduler starts again", func(t *testing.T) {
			r := rig.New(t)
			_, log := r.Logged(definition, rig.StopAfter(30*24*time.Hour))
			r.Start()
			require.Len(t, r.Scheduler.Jobs(), 1)
			r.Stop()
			r.Advance(60 * 24 * time.Hour)
			r.Start()
			require.Empty(t, r.Scheduler.Jobs())
			require.Zero(t, log.Len())
		})
	}
}

func TestTimeStopJobIsRemovedAfterASkippedLastRun(t *testing.T) {
	t.Run("singleton", func(t *testing.T) {
		r := rig.New(t)
		r.Job(gocron.DurationJob(time.Hour), r.Hold, gocron.WithSingletonMode(gocron.LimitModeReschedule), rig.StopAfter(2*time.Hour))
		r.Start()
		r.Walk(2 * time.Hour)
		r.LetGo(1)
		require.Empty(t, r.Scheduler.Jobs())
	})
	t.Run("limit", func(t *testing.T) {
		r := rig.New(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule))
		r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), r.Hold)
		r.Start()
		r.Job(gocron.DurationJob(time.Hour), func() {}, rig.StopAfter(time.Hour))
		r.Advance(time.Hour)
		require.Len(t, r.Scheduler.Jobs(), 1)
		r.LetGo(1)
	})
	t.Run("refused", func(t *testing.T) {
		r := rig.New(t)
		r.Job(gocron.DurationJob(time.Hour), func() {}, rig.StopAfter(time.Hour),
			gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrHook })))
		r.Start()
		r.Advance(time.Hour)
		require.Empty(t, r.Scheduler.Jobs())
	})
}

func TestTimeStopLongPassedWhenTheClockJumpsIsNoRun(t *testing.T) {
	r := rig.New(t)
	_, log := r.Logged(gocron.DurationJob(time.Hour), rig.StopAfter(2*time.Hour))
	r.Start()
	r.Advance(1000 * time.Hour)
	require.Zero(t, log.Len(), "none starts after the stop time")
	require.Empty(t, r.Scheduler.Jobs())
}

func TestTimeStopAndImmediateOneTimeJob(t *testing.T) {
	r := rig.New(t)
	_, log := r.Logged(gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.StopAfter(time.Hour))
	r.Start()
	rig.RequireInstants(t, rig.At(0), log.All())
	require.Empty(t, r.Scheduler.Jobs(), "no run is left")
}
