package gocron

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

func TestTimeNextRunIsNotInThePastAfterASkip(t *testing.T) {
	refuse := BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errHook })
	notLeader := electorFunc(func(context.Context) error { return errHook })
	noLock := lockFunc(func(context.Context, string) (Lock, error) { return nil, errHook })
	for name, tt := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
	}{
		"refused":  {nil, []JobOption{WithEventListeners(refuse)}},
		"follower": {[]SchedulerOption{WithDistributedElector(notLeader)}, nil},
		"unlocked": {[]SchedulerOption{WithDistributedLocker(noLock)}, nil},
	} {
		for kind, definition := range everyKind() {
			t.Run(name+"/"+kind, func(t *testing.T) {
				r := newRig(t, tt.scheduler...)
				j, log := r.logged(definition, tt.job...)
				r.start()
				for i := 0; i < 3 && !nextOf(t, j).IsZero(); i++ {
					r.advance(nextOf(t, j).Sub(r.clock.Now()))
					next := nextOf(t, j)
					require.Equal(t, kind == "one-time", next.IsZero())
					require.True(t, next.IsZero() || next.After(r.clock.Now()))
				}
				require.Zero(t, log.len())
				require.Len(t, r.s.Jobs(), 1)
				last, err := j.LastRun()
				require.NoError(t, err)
				require.True(t, last.IsZero())
			})
		}
	}
}

func TestTimeNextRunIsNotInThePastWhileARunGoesOnOrWaits(t *testing.T) {
	for name, tt := range map[string]struct {
		scheduler []SchedulerOption
		job       []JobOption
		held      int
	}{
		"overlapping":      {nil, nil, 4},
		"singleton skips":  {nil, []JobOption{WithSingletonMode(LimitModeReschedule)}, 1},
		"singleton queues": {nil, []JobOption{WithSingletonMode(LimitModeWait)}, 4},
		"limit skips":      {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeReschedule)}, nil, 1},
		"limit queues":     {[]SchedulerOption{WithLimitConcurrentJobs(1, LimitModeWait)}, nil, 4},
	} {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, tt.scheduler...)
			j := r.job(DurationJob(time.Hour), r.hold, tt.job...)
			r.start()
			for i := 1; i <= 4; i++ {
				r.advance(time.Hour)
				requireInstants(t, rigAt(time.Duration(i+1)*time.Hour, time.Duration(i+2)*time.Hour), nextsOf(t, j, 2))
			}
			for i := 0; i < tt.held; i++ {
				r.letGo(1)
				requireInstants(t, rigAt(5*time.Hour), nextsOf(t, j, 1))
			}
		})
	}
}

func TestTimeNextRunsGivesAtMostNAscending(t *testing.T) {
	for name, definition := range everyKind() {
		t.Run(name, func(t *testing.T) {
			r := newRig(t)
			j := r.job(definition, func() {})
			require.Empty(t, nextsOf(t, j, 5))
			r.start()
			for _, n := range []int{math.MinInt, -1, 0} {
				times, err := j.NextRuns(n)
				require.NoError(t, err)
				require.Empty(t, times)
			}
			want := 100
			if name == "one-time" {
				want = 1
			}
			times := nextsOf(t, j, 100)
			require.Len(t, times, want)
			require.Equal(t, nextOf(t, j), times[0])
			for i := 1; i < len(times); i++ {
				require.True(t, times[i].After(times[i-1]))
			}
			require.Equal(t, times[:1], nextsOf(t, j, 1))
			times[0] = time.Time{}
			require.NotEqual(t, times[0], nextOf(t, j), "the slice is a copy")
			require.False(t, nextsOf(t, j, 1)[0].IsZero())
		})
	}
}

func TestTimeNextRunsEndsEarly(t *testing.T) {
	r := newRig(t)
	stopped := r.job(DurationJob(time.Hour), func() {}, stopAfter(150*time.Minute))
	inclusive := r.job(CronJob("0 * * * *", false), func() {}, WithStartAt(WithStartDateTime(rigNow.Add(time.Hour))), stopAfter(2*time.Hour))
	exhausted := r.job(OneTimeJob(OneTimeJobStartDateTimes(rigAt(time.Hour, 2*time.Hour)...)), func() {})
	limited := r.job(DurationJob(time.Hour), func() {}, WithLimitedRuns(1))
	r.start()
	for _, n := range []int{3, 1000, math.MaxInt} {
		requireInstants(t, rigAt(time.Hour, 2*time.Hour), nextsOf(t, stopped, n))
		requireInstants(t, rigAt(time.Hour, 2*time.Hour), nextsOf(t, inclusive, n))
		requireInstants(t, rigAt(time.Hour, 2*time.Hour), nextsOf(t, exhausted, n))
	}
	require.Len(t, nextsOf(t, limited, 7), 7, "limited runs do not bound it")
}

func TestTimeNoNextRunWhileTheSchedulerDoesNotRun(t *testing.T) {
	for name, definition := range everyKind() {
		r := newRig(t)
		j := r.job(definition, func() {}, WithStartAt(WithStartDateTime(rigNow.Add(time.Hour))))
		check := func() {
			require.Equal(t, time.Time{}, nextOf(t, j), name)
			times, err := j.NextRuns(3)
			require.NoError(t, err)
			require.Nil(t, times, name)
		}
		check()
		r.start()
		require.Equal(t, rigNow.Add(time.Hour), nextOf(t, j))
		r.stop()
		check()
	}
}

func TestTimeNextRunInsideTheRunIsTheOneAfterItOnceItHasBegun(t *testing.T) {
	r := newRig(t)
	var seen []time.Time
	var j Job
	see := func() { seen = append(seen, nextOf(t, j)) }
	j = r.job(DurationJob(time.Hour), see, WithEventListeners(
		BeforeJobRuns(func(uuid.UUID, string) { see() }),
		AfterJobRuns(func(uuid.UUID, string) { see() }),
	))
	r.start()
	r.advance(time.Hour)
	requireInstants(t, rigAt(time.Hour, 2*time.Hour, 2*time.Hour), seen)
}

func TestTimeNextRunIsReadBeforeTheSchedulerGotToADueJob(t *testing.T) {
	r := newRig(t)
	j := r.job(DurationJob(time.Hour), func() {})
	random := r.job(DurationRandomJob(time.Hour, 2*time.Hour), func() {})
	completion := r.job(DurationJob(time.Hour), func() {}, WithIntervalFromCompletion())
	last := r.job(DurationJob(time.Hour), func() {}, WithLimitedRuns(1))
	stop := r.job(DurationJob(time.Hour), func() {}, stopAfter(time.Hour))
	r.start()
	for i := 0; i < 50; i++ {
		r.clock.Advance(90 * time.Minute)
		now := r.clock.Now()
		for _, j := range []Job{j, random, completion, last, stop} {
			if next, err := j.NextRun(); err == nil {
				require.True(t, next.IsZero() || !next.Before(now), "%v at %v", next, now)
			}
		}
	}
	r.settle()
}

// The clock is set forward, which the scheduler does not notice by itself, but
// it may be looking right then: it has run the jobs or it has not.
func TestTimeNextRunOfAJobWhoseLastRunIsDueIsNone(t *testing.T) {
	r, clock := newSteppedRig(t)
	limited := r.job(DurationJob(time.Hour), func() {}, WithLimitedRuns(1))
	completion := r.job(DurationJob(time.Hour), func() {}, WithIntervalFromCompletion())
	stop := r.job(DurationJob(time.Hour), func() {}, stopAfter(90*time.Minute))
	once := r.job(OneTimeJob(OneTimeJobStartDateTime(rigNow.Add(time.Hour))), func() {})
	r.start()
	r.advance(time.Minute)
	clock.offset.Store(int64(time.Hour))
	for name, j := range map[string]Job{"limited": limited, "stop time": stop, "one-time": once} {
		if next, err := j.NextRun(); err != ErrJobNotFound {
			require.NoError(t, err)
			require.Equal(t, time.Time{}, next, name)
		}
	}
	if next := nextOf(t, completion); !next.IsZero() {
		requireInstants(t, rigAt(121*time.Minute), []time.Time{next})
	}
	r.advance(time.Hour)
}

// In SchedulerStarted a job's times are those that Start will book.
func TestTimeNextRunInSchedulerStarted(t *testing.T) {
	for name, definition := range everyKind() {
		t.Run(name, func(t *testing.T) {
			var ask func()
			r := newRig(t, WithSchedulerMonitor(monitorFuncs{started: func() { ask() }}))
			j := r.job(definition, func() {})
			var next time.Time
			var all []time.Time
			ask = func() { next, all = nextOf(t, j), nextsOf(t, j, 3) }
			for range 2 {
				r.start()
				require.False(t, next.IsZero())
				require.Equal(t, nextOf(t, j), next)
				require.Equal(t, nextsOf(t, j, 3), all)
				r.stop()
				r.advance(30 * time.Second)
			}
		})
	}
}
