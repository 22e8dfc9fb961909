package time_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTimeNextRunIsNotInThePastAfterASkip(t *testing.T) {
	refuse := gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrHook })
	notLeader := rig.ElectorFunc(func(context.Context) error { return rig.ErrHook })
	noLock := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, rig.ErrHook })
	for name, tt := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
	}{
		"refused":  {nil, []gocron.JobOption{gocron.WithEventListeners(refuse)}},
		"follower": {[]gocron.SchedulerOption{gocron.WithDistributedElector(notLeader)}, nil},
		"unlocked": {[]gocron.SchedulerOption{gocron.WithDistributedLocker(noLock)}, nil},
	} {
		for kind, definition := range rig.EveryKind() {
			t.Run(name+"/"+kind, func(t *testing.T) {
				r := rig.New(t, tt.scheduler...)
				j, log := r.Logged(definition, tt.job...)
				r.Start()
				for i := 0; i < 3 && !rig.NextOf(t, j).IsZero(); i++ {
					r.Advance(rig.NextOf(t, j).Sub(r.Clock.Now()))
					next := rig.NextOf(t, j)
					require.Equal(t, kind == "one-time", next.IsZero())
					require.True(t, next.IsZero() || next.After(r.Clock.Now()))
				}
				require.Zero(t, log.Len())
				require.Len(t, r.Scheduler.Jobs(), 1)
				last, err := j.LastRun()
				require.NoError(t, err)
				require.True(t, last.IsZero())
			})
		}
	}
}

func TestTimeNextRunIsNotInThePastWhileARunGoesOnOrWaits(t *testing.T) {
	for name, tt := range map[string]struct {
		scheduler []gocron.SchedulerOption
		job       []gocron.JobOption
		held      int
	}{
		"overlapping":      {nil, nil, 4},
		"singleton skips":  {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeReschedule)}, 1},
		"singleton queues": {nil, []gocron.JobOption{gocron.WithSingletonMode(gocron.LimitModeWait)}, 4},
		"limit skips":      {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)}, nil, 1},
		"limit queues":     {[]gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait)}, nil, 4},
	} {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t, tt.scheduler...)
			j := r.Job(gocron.DurationJob(time.Hour), r.Hold, tt.job...)
			r.Start()
			for i := 1; i <= 4; i++ {
				r.Advance(time.Hour)
				rig.RequireInstants(t, rig.At(time.Duration(i+1)*time.Hour, time.Duration(i+2)*time.Hour), rig.NextsOf(t, j, 2))
			}
			for i := 0; i < tt.held; i++ {
				r.LetGo(1)
				rig.RequireInstants(t, rig.At(5*time.Hour), rig.NextsOf(t, j, 1))
			}
		})
	}
}

func TestTimeNextRunsGivesAtMostNAscending(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		t.Run(name, func(t *testing.T) {
			r := rig.New(t)
			j := r.Job(definition, func() {})
			require.Empty(t, rig.NextsOf(t, j, 5))
			r.Start()
			for _, n := range []int{math.MinInt, -1, 0} {
				times, err := j.NextRuns(n)
				require.NoError(t, err)
				require.Empty(t, times)
			}
			want := 100
			if name == "one-time" {
				want = 1
			}
			times := rig.NextsOf(t, j, 100)
			require.Len(t, times, want)
			require.Equal(t, rig.NextOf(t, j), times[0])
			for i := 1; i < len(times); i++ {
				require.True(t, times[i].After(times[i-1]))
			}
			require.Equal(t, times[:1], rig.NextsOf(t, j, 1))
			times[0] = time.Time{}
			require.NotEqual(t, times[0], rig.NextOf(t, j), "the slice is a copy")
			require.False(t, rig.NextsOf(t, j, 1)[0].IsZero())
		})
	}
}

func TestTimeNextRunsEndsEarly(t *testing.T) {
	r := rig.New(t)
	stopped := r.Job(gocron.DurationJob(time.Hour), func() {}, rig.StopAfter(150*time.Minute))
	inclusive := r.Job(gocron.CronJob("0 * * * *", false), func() {}, gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Hour))), rig.StopAfter(2*time.Hour))
	exhausted := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(rig.At(time.Hour, 2*time.Hour)...)), func() {})
	limited := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithLimitedRuns(1))
	r.Start()
	for _, n := range []int{3, 1000, math.MaxInt} {
		rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour), rig.NextsOf(t, stopped, n))
		rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour), rig.NextsOf(t, inclusive, n))
		rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour), rig.NextsOf(t, exhausted, n))
	}
	require.Len(t, rig.NextsOf(t, limited, 7), 7, "limited runs do not bound it")
}

func TestTimeNoNextRunWhileTheSchedulerDoesNotRun(t *testing.T) {
	for name, definition := range rig.EveryKind() {
		r := rig.New(t)
		j := r.Job(definition, func() {}, gocron.WithStartAt(gocron.WithStartDateTime(rig.Now.Add(time.Hour))))
		check := func() {
			require.Equal(t, time.Time{}, rig.NextOf(t, j), name)
			times, err := j.NextRuns(3)
			require.NoError(t, err)
			require.Nil(t, times, name)
		}
		check()
		r.Start()
		require.Equal(t, rig.Now.Add(time.Hour), rig.NextOf(t, j))
		r.Stop()
		check()
	}
}

func TestTimeNextRunInsideTheRunIsTheOneAfterItOnceItHasBegun(t *testing.T) {
	r := rig.New(t)
	var seen []time.Time
	var j gocron.Job
	see := func() { seen = append(seen, rig.NextOf(t, j)) }
	j = r.Job(gocron.DurationJob(time.Hour), see, gocron.WithEventListeners(
		gocron.BeforeJobRuns(func(uuid.UUID, string) { see() }),
		gocron.AfterJobRuns(func(uuid.UUID, string) { see() }),
	))
	r.Start()
	r.Advance(time.Hour)
	rig.RequireInstants(t, rig.At(time.Hour, 2*time.Hour, 2*time.Hour), seen)
}

func TestTimeNextRunIsReadBeforeTheSchedulerGotToADueJob(t *testing.T) {
	r := rig.New(t)
	j := r.Job(gocron.DurationJob(time.Hour), func() {})
	random := r.Job(gocron.DurationRandomJob(time.Hour, 2*time.Hour), func() {})
	completion := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithIntervalFromCompletion())
	last := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithLimitedRuns(1))
	stop := r.Job(gocron.DurationJob(time.Hour), func() {}, rig.StopAfter(time.Hour))
	r.Start()
	for i := 0; i < 50; i++ {
		r.Clock.Advance(90 * time.Minute)
		now := r.Clock.Now()
		for _, j := range []gocron.Job{j, random, completion, last, stop} {
			if next, err := j.NextRun(); err == nil {
				require.True(t, next.IsZero() || !next.Before(now), "%v at %v", next, now)
			}
		}
	}
	r.Settle()
}

// The clock is set forward, which the scheduler does not notice by itself, but
// it may be looking right then: it has run the jobs or it has not.
func TestTimeNextRunOfAJobWhoseLastRunIsDueIsNone(t *testing.T) {
	r, clock := rig.NewSteppedRig(t)
	limited := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithLimitedRuns(1))
	completion := r.Job(gocron.DurationJob(time.Hour), func() {}, gocron.WithIntervalFromCompletion())
	stop := r.Job(gocron.DurationJob(time.Hour), func() {}, rig.StopAfter(90*time.Minute))
	once := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(rig.Now.Add(time.Hour))), func() {})
	r.Start()
	r.Advance(time.Minute)
	clock.Offset.Store(int64(time.Hour))
	for name, j := range map[string]gocron.Job{"limited": limited, "stop time": stop, "one-time": once} {
		if next, err := j.NextRun(); err != gocron.ErrJobNotFound {
			require.NoError(t, err)
			require.Equal(t, time.Time{}, next, name)
		}
	}
	if next := rig.NextOf(t, completion); !next.IsZero() {
		rig.RequireInstants(t, rig.At(121*time.Minute), []time.Time{next})
	}
	r.Advance(time.Hour)
}

// In SchedulerStarted a job's times are what Start will book. A Schedule of the user's has not been
// asked yet.
func TestTimeNextRunInSchedulerStarted(t *testing.T) {
	kinds := rig.EveryKind()
	delete(kinds, "schedule")
	for name, definition := range kinds {
		t.Run(name, func(t *testing.T) {
			var ask func()
			r := rig.New(t, gocron.WithSchedulerMonitor(rig.MonitorFuncs{Started: func() { ask() }}))
			j := r.Job(definition, func() {})
			var next time.Time
			var all []time.Time
			ask = func() { next, all = rig.NextOf(t, j), rig.NextsOf(t, j, 3) }
			for range 2 {
				r.Start()
				require.False(t, next.IsZero())
				require.Equal(t, rig.NextOf(t, j), next)
				require.Equal(t, rig.NextsOf(t, j, 3), all)
				r.Stop()
				r.Advance(30 * time.Second)
			}
		})
	}
}
