package gocron

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func stopAfter(d time.Duration) JobOption { return WithStopAt(WithStopDateTime(rigNow.Add(d))) }

// waitingOf is how many runs wait, with a limit or without.
func waitingOf(t testing.TB, r *rig) int {
	t.Helper()
	stats, err := NewController(r.s).Stats()
	require.NoError(t, err)
	return stats.Waiting
}

func TestTimeStopLastRunMayBeDueAtThatVeryTime(t *testing.T) {
	for _, stop := range []time.Duration{3 * time.Hour, 3*time.Hour + 1} {
		r := newRig(t)
		j, log := r.logged(DurationJob(time.Hour), stopAfter(stop))
		r.start()
		requireInstants(t, rigAt(time.Hour, 2*time.Hour, 3*time.Hour), nextsOf(t, j, 9))
		r.walk(9 * time.Hour)
		requireInstants(t, rigAt(time.Hour, 2*time.Hour, 3*time.Hour), log.all())
		require.Empty(t, r.s.Jobs())
	}
}

func TestTimeStopNoneStartsAfterIt(t *testing.T) {
	r := newRig(t)
	j, log := r.logged(DurationJob(time.Hour), stopAfter(3*time.Hour-1))
	r.start()
	requireInstants(t, rigAt(time.Hour, 2*time.Hour), nextsOf(t, j, 9))
	r.walk(9 * time.Hour)
	requireInstants(t, rigAt(time.Hour, 2*time.Hour), log.all())
}

func TestTimeStopEndsEveryKind(t *testing.T) {
	for name, definition := range everyKind() {
		r := newRig(t)
		_, log := r.logged(definition, WithStartAt(WithStartDateTime(rigNow.Add(time.Minute))), stopAfter(time.Minute))
		r.start()
		r.walk(1001 * time.Hour)
		requireInstants(t, rigAt(time.Minute), log.all(), name)
		require.Empty(t, r.s.Jobs(), name)
		r.waiters(0)
	}
}

func TestTimeStopDropsARunThatStillWaitsThen(t *testing.T) {
	for name, tt := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
	}{
		"for a slot":             {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}, nil},
		"at its gate":            {nil, []JobOption{WithSingletonMode(LimitModeWait)}},
		"at its gate, with both": {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}, []JobOption{WithSingletonMode(LimitModeWait)}},
	} {
		for _, after := range []time.Duration{time.Second + 1, time.Hour} {
			t.Run(name+" until "+after.String(), func(t *testing.T) {
				r := newRig(t, tt.scheduler...)
				var log rigLog
				j := r.job(DurationJob(time.Hour), func() { log.add(r.clock.Now()); r.hold() }, append(tt.job, stopAfter(2*time.Hour))...)
				r.start()
				r.walk(2 * time.Hour)
				require.Equal(t, 1, log.len())
				noNextRun(t, j)
				r.advance(time.Second)
				require.Equal(t, 1, waitingOf(t, r), "its turn may come within a second")
				r.advance(after - time.Second)
				require.Zero(t, r.s.JobsWaitingInQueue())
				r.letGo(1)
				requireInstants(t, rigAt(time.Hour), log.all())
				require.Empty(t, r.s.Jobs())
				r.waiters(0)
			})
		}
	}
}

func TestTimeStopLetsARunThatWaitsStartWithinASecond(t *testing.T) {
	for _, late := range []time.Duration{0, 1, time.Second} {
		r := newRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
		r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold)
		_, log := r.logged(DurationJob(time.Hour), stopAfter(time.Hour))
		r.start()
		r.advance(time.Hour + late)
		require.Equal(t, 1, r.s.JobsWaitingInQueue())
		r.letGo(1)
		requireInstants(t, rigAt(time.Hour+late), log.all())
	}
}

// Whatever a run waits for before its task, more than a second after the stop time it does
// not start.
func TestTimeStopDropsARunWhoseLockComesTooLate(t *testing.T) {
	for name, late := range map[string]time.Duration{"in time": 0, "just in time": time.Second, "too late": time.Second + 1} {
		t.Run(name, func(t *testing.T) {
			var r *rig
			unlocked := 0
			r = newRig(t, WithDistributedLocker(lockFunc(func(context.Context, string) (Lock, error) {
				r.hold()
				return unlockFunc(func(context.Context) error { unlocked++; return nil }), nil
			})))
			_, log := r.logged(DurationJob(time.Hour), stopAfter(2*time.Hour))
			r.start()
			r.walk(2 * time.Hour)
			r.advance(late)
			r.letGo(1) // the run of one o'clock, or the other: no limit says which
			r.letGo(1)
			want := 2
			if late > time.Second {
				want = 0
			}
			require.Equal(t, want, log.len())
			require.Equal(t, 2, unlocked)
			require.Empty(t, r.s.Jobs())
		})
	}
}

func TestTimeStopLastRunHasALiveContext(t *testing.T) {
	for name, own := range map[string][]JobOption{"job's": nil, "user's": {WithContext(context.Background())}} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			var errs []error
			var seen context.Context
			r.job(DurationJob(time.Hour), func(ctx context.Context) {
				errs = append(errs, ctx.Err())
				r.hold()
				errs = append(errs, ctx.Err())
				seen = ctx
			}, append(own, stopAfter(time.Hour))...)
			r.start()
			r.advance(time.Hour)
			r.advance(time.Hour)
			r.letGo(1)
			require.Equal(t, []error{nil, nil}, errs)
			require.Error(t, seen.Err(), "it ends when the job has left")
			require.Empty(t, r.s.Jobs())
		})
	}
}

func TestTimeStopJobIsListedUntilItsLastRunHasEnded(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), r.hold, stopAfter(time.Hour))
	r.start()
	r.walk(2 * time.Hour)
	require.Len(t, r.s.Jobs(), 1)
	noNextRun(t, j)
	require.Equal(t, ErrJobRunNowFailed, j.RunNow())
	r.letGo(1)
	require.Empty(t, r.s.Jobs())
	_, err := j.NextRun()
	require.Equal(t, ErrJobNotFound, err)
}

func TestTimeStopJobWithNoRunLeftIsRemoved(t *testing.T) {
	noon := NewAtTimes(NewAtTime(11, 0, 0))
	for name, definition := range map[string]JobDefinition{
		"duration": DurationJob(time.Hour),
		"daily":    DailyJob(1, noon),
		"cron":     CronJob("0 11 * * *", false),
		"one-time": OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))),
	} {
		t.Run(name+" is refused when it is added", func(t *testing.T) {
			r := newRig(t)
			r.start()
			_, err := r.s.NewJob(definition, NewTask(func() {}), stopAfter(time.Minute))
			require.ErrorIs(t, err, ErrJobNeverRuns)
			require.Empty(t, r.s.Jobs())
		})
		t.Run(name+" when the scheduler starts", func(t *testing.T) {
			r := newRig(t)
			_, log := r.logged(definition, stopAfter(time.Minute))
			require.Len(t, r.s.Jobs(), 1)
			r.s.Start()
			require.Empty(t, r.s.Jobs(), "Start has returned")
			r.settle()
			require.Zero(t, log.len())
			r.waiters(0)
		})
		t.Run(name+" when the scheduler starts again", func(t *testing.T) {
			r := newRig(t)
			_, log := r.logged(definition, stopAfter(30*24*time.Hour))
			r.start()
			require.Len(t, r.s.Jobs(), 1)
			r.stop()
			r.advance(60 * 24 * time.Hour)
			r.start()
			require.Empty(t, r.s.Jobs())
			require.Zero(t, log.len())
		})
	}
}

func TestTimeStopJobIsRemovedAfterASkippedLastRun(t *testing.T) {
	t.Run("singleton", func(t *testing.T) {
		r := newRig(t)
		r.job(DurationJob(time.Hour), r.hold, WithSingletonMode(LimitModeReschedule), stopAfter(2*time.Hour))
		r.start()
		r.walk(2 * time.Hour)
		r.letGo(1)
		require.Empty(t, r.s.Jobs())
	})
	t.Run("limit", func(t *testing.T) {
		r := newRig(t, WithLimitConcurrentJobs(1, LimitModeReschedule))
		r.job(OneTimeJob(OneTimeJobStartImmediately()), r.hold)
		r.start()
		r.job(DurationJob(time.Hour), func() {}, stopAfter(time.Hour))
		r.advance(time.Hour)
		require.Len(t, r.s.Jobs(), 1)
		r.letGo(1)
	})
	t.Run("refused", func(t *testing.T) {
		r := newRig(t)
		r.job(DurationJob(time.Hour), func() {}, stopAfter(time.Hour),
			WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errHook })))
		r.start()
		r.advance(time.Hour)
		require.Empty(t, r.s.Jobs())
	})
}

func TestTimeStopLongPassedWhenTheClockJumpsIsNoRun(t *testing.T) {
	r := newRig(t)
	_, log := r.logged(DurationJob(time.Hour), stopAfter(2*time.Hour))
	r.start()
	r.advance(1000 * time.Hour)
	require.Zero(t, log.len(), "none starts after the stop time")
	require.Empty(t, r.s.Jobs())
}

func TestTimeStopAndImmediateOneTimeJob(t *testing.T) {
	r := newRig(t)
	_, log := r.logged(OneTimeJob(OneTimeJobStartImmediately()), stopAfter(time.Hour))
	r.start()
	requireInstants(t, rigAt(0), log.all())
	require.Empty(t, r.s.Jobs(), "no run is left")
}
