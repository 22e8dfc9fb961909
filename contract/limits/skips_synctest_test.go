//go:build go1.25

package limits_test

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

// A skipper makes all runs of a job be skipped until it is told to let them.
type skipper struct {
	on        atomic.Bool
	scheduler []gocron.SchedulerOption
	job       []gocron.JobOption
	prepare   func(t *testing.T, s gocron.Scheduler, j gocron.Job)
	let       func()
}

func (k *skipper) verdict() error {
	if k.on.Load() {
		return rig.ErrTest
	}
	return nil
}

// skippers are all reasons to skip a run. They are made inside a bubble.
func skippers(t *testing.T) map[string]*skipper {
	all := map[string]*skipper{}
	add := func(name string, k *skipper) *skipper {
		k.on.Store(true)
		k.let = func() { k.on.Store(false) }
		all[name] = k
		return k
	}
	k := add("elector", &skipper{})
	elector := k.verdict
	k.scheduler = []gocron.SchedulerOption{gocron.WithDistributedElector(rig.ElectorFunc(func(context.Context) error { return elector() }))}
	k = add("locker", &skipper{})
	locker := k.verdict
	lock := rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
		return rig.UnlockFunc(func(context.Context) error { return nil }), locker()
	})
	k.scheduler = []gocron.SchedulerOption{gocron.WithDistributedLocker(lock)}
	k = add("job locker", &skipper{})
	jobLocker := k.verdict
	k.job = []gocron.JobOption{gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) {
		return rig.UnlockFunc(func(context.Context) error { return nil }), jobLocker()
	}))}
	k = add("before function", &skipper{})
	before := k.verdict
	k.job = []gocron.JobOption{gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return before() }))}

	k = add("limit", &skipper{scheduler: []gocron.SchedulerOption{gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule)}})
	taken := make(chan struct{})
	k.prepare = func(t *testing.T, s gocron.Scheduler, _ gocron.Job) {
		require.NoError(t, rig.MustJob(t, s, rig.Ages(), func() { <-taken }).RunNow())
	}
	k.let = func() { close(taken) }
	return all
}

func skipperNames() []string {
	return []string{"elector", "locker", "job locker", "before function", "limit"}
}

// eachSkip runs a test in a bubble for each reason to skip.
func eachSkip(t *testing.T, f func(t *testing.T, k *skipper)) {
	for _, name := range skipperNames() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, skippers(t)[name]) })
		})
	}
}

func (k *skipper) start(t *testing.T, definition gocron.JobDefinition, task any, options ...gocron.JobOption) (gocron.Scheduler, gocron.Job) {
	s := rig.NewScheduler(t, k.scheduler...)
	t.Cleanup(func() {
		if k.on.Load() {
			k.let()
		}
	})
	j := rig.MustJob(t, s, definition, task, append(k.job, options...)...)
	s.Start()
	if k.prepare != nil {
		k.prepare(t, s, j)
		synctest.Wait()
	}
	return s, j
}

func (k *skipper) stop() { k.on.Store(false); k.let() }

func TestSynctestContractASkippedJobWaitsForItsNextTime(t *testing.T) {
	eachSkip(t, func(t *testing.T, k *skipper) {
		began := time.Now()
		var ran []time.Duration
		s, j := k.start(t, gocron.DurationJob(time.Hour), func() { ran = append(ran, time.Since(began)/time.Hour) }, gocron.WithLimitedRuns(2))
		for hour := 1; hour <= 3; hour++ {
			time.Sleep(time.Hour)
			synctest.Wait()
			require.True(t, rig.NextOf(t, j).Equal(began.Add(time.Duration(hour+1)*time.Hour)))
			for _, last := range []func() (time.Time, error){j.LastRun, j.LastRunStartedAt, j.LastRunCompletedAt} {
				at, err := last()
				require.NoError(t, err)
				require.True(t, at.IsZero(), "a skip is no last run")
			}
			running, err := j.IsRunning()
			require.NoError(t, err)
			require.False(t, running)
			require.NoError(t, j.RunNow(), "a skipped RunNow is no error")
			synctest.Wait()
		}
		k.stop()
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		require.Equal(t, []time.Duration{4, 5}, ran, "skips use up no limited run")
		require.NotContains(t, s.Jobs(), j)
	})
}

func TestSynctestContractASkippedJobThatCountsFromCompletionIsBookedAtTheSkip(t *testing.T) {
	eachSkip(t, func(t *testing.T, k *skipper) {
		var ran atomic.Int64
		_, j := k.start(t, gocron.DurationJob(time.Hour), func() { ran.Add(1); time.Sleep(time.Minute) },
			gocron.WithIntervalFromCompletion(), gocron.WithLimitedRuns(2))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Hour)))
		k.stop()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
		rig.NoNextRun(t, j)
		time.Sleep(time.Minute)
		synctest.Wait()
		require.True(t, rig.NextOf(t, j).Equal(time.Now().Add(time.Hour)))
	})
}

func TestSynctestContractASkippedOneTimeJobOnlyRunsAtItsNextInstant(t *testing.T) {
	eachSkip(t, func(t *testing.T, k *skipper) {
		began := time.Now()
		var ran []time.Duration
		times := gocron.OneTimeJobStartDateTimes(began.Add(time.Hour), began.Add(2*time.Hour))
		s, j := k.start(t, gocron.OneTimeJob(times), func() { ran = append(ran, time.Since(began)/time.Hour) }, gocron.WithLimitedRuns(1))
		time.Sleep(time.Hour)
		synctest.Wait()
		require.True(t, rig.NextOf(t, j).Equal(began.Add(2*time.Hour)))
		k.stop()
		time.Sleep(5 * time.Hour)
		synctest.Wait()
		require.Equal(t, []time.Duration{2}, ran)
		require.NotContains(t, s.Jobs(), j)
	})
}

// A limited one-time job leaves when its last occurrence was skipped.
func TestSynctestContractASkippedLastInstantIsLost(t *testing.T) {
	for _, immediately := range []bool{false, true} {
		eachSkip(t, func(t *testing.T, k *skipper) {
			var ran atomic.Int64
			start := gocron.OneTimeJobStartDateTime(time.Now().Add(time.Minute))
			if immediately {
				if k.prepare != nil {
					return // nothing can take the slot before it
				}
				start = gocron.OneTimeJobStartImmediately()
			}
			s, j := k.start(t, gocron.OneTimeJob(start), func() { ran.Add(1) }, gocron.WithLimitedRuns(1))
			time.Sleep(2 * time.Minute)
			k.stop()
			synctest.Wait()
			require.Zero(t, ran.Load())
			require.NotContains(t, s.Jobs(), j)
		})
	}
}

func TestSynctestContractASkipFreesGateAndSlot(t *testing.T) {
	eachSkip(t, func(t *testing.T, k *skipper) {
		if k.prepare == nil {
			k.scheduler = append(k.scheduler, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait))
		}
		var ran atomic.Int64
		s, j := k.start(t, rig.Ages(), func() { ran.Add(1) }, gocron.WithSingletonMode(gocron.LimitModeWait))
		for i := 0; i < 5; i++ {
			require.NoError(t, j.RunNow())
		}
		synctest.Wait()
		require.Zero(t, s.JobsWaitingInQueue())
		require.Zero(t, ran.Load())
		k.stop()
		synctest.Wait()
		require.NoError(t, j.RunNow())
		synctest.Wait()
		require.EqualValues(t, 1, ran.Load())
	})
}

func TestSynctestContractAOneTimeInstantSkippedByItsSingletonIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := rig.NewScheduler(t)
		h := rig.NewHoldup(t)
		in := func(d time.Duration) time.Time { return time.Now().Add(d) }
		j := rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(in(time.Minute), in(2*time.Minute), in(time.Hour))), h.Task,
			gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithLimitedRuns(2))
		s.Start()
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		require.True(t, rig.NextOf(t, j).Equal(in(57*time.Minute)))
		h.Open()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		require.EqualValues(t, 2, h.Ended.Load())
		require.Empty(t, s.Jobs())
	})
}
