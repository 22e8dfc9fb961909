//go:build go1.25

package gocron

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// inMinutes are times from now.
func inMinutes(minutes ...int) []time.Time {
	var times []time.Time
	for _, n := range minutes {
		times = append(times, time.Now().Add(time.Duration(n)*time.Minute))
	}
	return times
}

// oneTimeAt is a one-time job for times from now.
func oneTimeAt(minutes ...int) JobDefinition {
	return OneTimeJob(OneTimeJobStartDateTimes(inMinutes(minutes...)...))
}

// A finishing is a job with WithRemoveWhenFinished named "it", and what becomes of
// it.
type finishing struct {
	*testing.T
	s Scheduler
	m *contractMonitor
	b *policyBook
	j Job
}

func newFinishing(t *testing.T, definition JobDefinition, task any, options ...JobOption) finishing {
	t.Helper()
	m := &contractMonitor{}
	s, b := newPolicyScheduler(t, WithSchedulerMonitor(m), WithLimitConcurrentJobs(2, LimitModeWait))
	j := mustJob(t, s, definition, task, append(options, WithRemoveWhenFinished(), WithName("it"))...)
	return finishing{t, s, m, b, j}
}

// stays asserts that the job is listed.
func (f finishing) stays() {
	f.Helper()
	synctest.Wait()
	require.Equal(f, []Job{f.j}, f.s.Jobs())
	require.Zero(f, f.m.count("unregistered it"))
}

// left asserts that the job has left, which was told once.
func (f finishing) left(outcomes ...string) {
	f.Helper()
	require.Equal(f, append([]string{}, outcomes...), f.b.results())
	require.Empty(f, f.s.Jobs())
	require.Equal(f, 1, f.m.count("unregistered it"))
	_, err := f.j.NextRun()
	require.True(f, err == ErrJobNotFound)
	require.True(f, f.j.RunNow() == ErrJobNotFound)
	require.True(f, f.s.RemoveJob(f.j.ID()) == ErrJobNotFound)
	requireRetrying(f.T, f.s, 0)
}

func TestSynctestPolicyFinishedAfterOneTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ctx context.Context
		f := newFinishing(t, oneTimeAt(1), func(c context.Context) { ctx = c; time.Sleep(time.Minute) })
		f.stays()
		time.Sleep(90 * time.Second)
		f.stays()
		require.NoError(t, ctx.Err(), "not before its run has finished")
		requireNoNextRun(t, f.j)
		time.Sleep(time.Minute)
		f.left("succeeded")
		require.ErrorIs(t, ctx.Err(), context.Canceled)
	})
}

func TestSynctestPolicyFinishedAfterTheLastOfSeveralTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2, 3), noop)
		for i := 1; i < 3; i++ {
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Len(t, f.b.runs(), i)
			f.stays()
		}
		time.Sleep(time.Minute)
		f.left("succeeded", "succeeded", "succeeded")
	})
}

// The last run to end need not be the last to start.
func TestSynctestPolicyFinishedWhenTheLastRunHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		took := []time.Duration{10 * time.Minute, 0}
		f := newFinishing(t, oneTimeAt(1, 2), func(ctx context.Context) {
			info, _ := RunFromContext(ctx)
			time.Sleep(took[info.ID-1])
		})
		time.Sleep(5 * time.Minute)
		require.Len(t, f.b.runs(), 1)
		f.stays()
		time.Sleep(6 * time.Minute)
		f.left("succeeded", "succeeded")
	})
}

func TestSynctestPolicyFinishedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		newFinishing(t, OneTimeJob(OneTimeJobStartImmediately()), noop).left("succeeded")
		f := newFinishing(t, OneTimeJob(OneTimeJobStartImmediately()), func() { time.Sleep(time.Second) })
		f.stays()
		time.Sleep(2 * time.Second)
		f.left("succeeded")
	})
}

func TestSynctestPolicyFinishedByWhateverItsLastRunCameTo(t *testing.T) {
	refuse := WithEventListeners(BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return errContract }))
	locker := WithDistributedJobLocker(lockFunc(func(context.Context, string) (Lock, error) { return nil, errContract }))
	for name, c := range map[string]struct {
		task   any
		option JobOption
		want   string
	}{
		"failed":    {func() error { return errContract }, WithTags(), "failed"},
		"panicked":  {func() { panic("ouch") }, WithRecover(), "panicked"},
		"timed out": {func() { time.Sleep(time.Second) }, WithTimeout(1), "timed-out"},
		"refused":   {noop, refuse, "refused"},
		"locked":    {noop, locker, "locked-elsewhere"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFinishing(t, oneTimeAt(1, 2), c.task, c.option)
				time.Sleep(90 * time.Second)
				f.stays()
				time.Sleep(time.Minute)
				f.left(c.want, c.want)
			})
		})
	}
}

// A last time that is skipped leaves nothing to wait for, once what was in its way
// has ended.
func TestSynctestPolicyFinishedWhenTheLastTimeIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2), func() { time.Sleep(5 * time.Minute) }, WithSingletonMode(LimitModeReschedule))
		time.Sleep(3 * time.Minute)
		require.Equal(t, []string{"skipped-singleton"}, f.b.results())
		f.stays()
		time.Sleep(5 * time.Minute)
		f.left("succeeded", "skipped-singleton")
	})
	synctest.Test(t, func(t *testing.T) {
		b := &policyBook{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeReschedule), b.option())
		s.Start()
		h := newHoldup(t)
		blocker := mustJob(t, s, ages(), h.task)
		require.NoError(t, blocker.RunNow())
		mustJob(t, s, oneTimeAt(1), noop, WithRemoveWhenFinished())
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"skipped-limit"}, b.results())
		require.Equal(t, []Job{blocker}, s.Jobs())
	})
}

func TestSynctestPolicyFinishedWhenTheLastTimeIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &policyBook{}
		s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait), WithQueueLimit(1), b.option())
		s.Start()
		h := newHoldup(t)
		blocker := mustJob(t, s, ages(), h.task)
		require.NoError(t, blocker.RunNow())
		require.NoError(t, blocker.RunNow())
		mustJob(t, s, oneTimeAt(1), noop, WithRemoveWhenFinished())
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"dropped-queue-full"}, b.results())
		require.Equal(t, []Job{blocker}, s.Jobs())
	})
}

func TestSynctestPolicyFinishedWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2), noop)
		require.NoError(t, NewController(f.s).Pause(f.j.ID()))
		time.Sleep(90 * time.Second)
		f.stays()
		time.Sleep(time.Minute)
		f.stays()
		require.NoError(t, NewController(f.s).Resume(f.j.ID()))
		f.left("succeeded", "succeeded")
	})
}

// Runs that wait are ended by a pause, and with them the job.
func TestSynctestPolicyFinishedByAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2), noop)
		h := newHoldup(t)
		blocker := mustJob(t, f.s, ages(), h.task)
		require.NoError(t, blocker.RunNow())
		require.NoError(t, blocker.RunNow())
		time.Sleep(3 * time.Minute)
		require.Equal(t, 2, policyStats(t, f.s).Waiting)
		require.NoError(t, NewController(f.s).Pause(f.j.ID()))
		require.Equal(t, []string{"paused", "paused"}, f.b.results())
		require.Equal(t, []Job{blocker}, f.s.Jobs())
		require.Equal(t, 1, f.m.count("unregistered it"))
	})
}

func TestSynctestPolicyFinishedAfterTheLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(errContract, errContract, nil)
		f := newFinishing(t, oneTimeAt(1), p.task, retries(5, time.Minute))
		for i := 1; i < 3; i++ {
			time.Sleep(time.Minute)
			require.Len(t, p.calls(), i)
			f.stays()
		}
		time.Sleep(time.Minute)
		f.left("succeeded")
	})
	for name, end := range map[string]func(*Controller, uuid.UUID) error{"cancel": (*Controller).Cancel, "pause": (*Controller).Pause} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFinishing(t, oneTimeAt(1), answering(errContract).task, retries(2, time.Minute))
				time.Sleep(time.Minute)
				f.stays()
				require.NoError(t, end(NewController(f.s), f.j.ID()))
				if name == "pause" {
					f.stays()
					time.Sleep(time.Minute)
				}
				f.left("failed")
			})
		})
	}
}

// Another run that ends meanwhile is no reason to leave.
func TestSynctestPolicyFinishedNotBetweenTwoAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := answering(errContract, nil)
		f := newFinishing(t, oneTimeAt(1), p.task, retries(2, time.Minute))
		time.Sleep(time.Minute)
		requireRetrying(t, f.s, 1)
		require.NoError(t, f.j.RunNow())
		require.Equal(t, []string{"succeeded"}, f.b.results())
		f.stays()
		time.Sleep(time.Minute)
		f.left("succeeded", "succeeded")
	})
}

// A RunNow is a run to wait for, and no reason to leave.
func TestSynctestPolicyFinishedNotByARunNow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(5), func() { time.Sleep(time.Minute) })
		require.NoError(t, f.j.RunNow())
		time.Sleep(2 * time.Minute)
		require.Len(t, f.b.runs(), 1)
		f.stays()
		time.Sleep(150 * time.Second)
		require.NoError(t, f.j.RunNow())
		time.Sleep(time.Minute) // that of its time has 30 seconds left, the other none
		f.stays()
		time.Sleep(time.Minute)
		f.left("succeeded", "succeeded", "succeeded")
	})
}

// Other kinds of job ignore the option, also when they have no next time.
func TestSynctestPolicyFinishedIsForOneTimeJobs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newPolicyScheduler(t, WithGlobalJobOptions(WithRemoveWhenFinished()))
		user, cancel := context.WithCancel(context.Background())
		for _, definition := range everyKind() {
			if _, err := s.NewJob(definition, NewTask(noop)); err != nil {
				require.ErrorIs(t, err, ErrOneTimeJobStartDateTimePast)
			}
		}
		n := len(s.Jobs())
		first := time.Now().Add(time.Second)
		once := &contractCron{next: func(now time.Time) time.Time {
			if now.Before(first) {
				return first
			}
			return time.Time{}
		}}
		mustJob(t, s, CronJob("x", false), noop, WithCronImplementation(once))
		mustJob(t, s, DurationJob(time.Minute), noop, WithContext(user))
		mustJob(t, s, DurationJob(time.Minute), noop, WithIntervalFromCompletion())
		time.Sleep(time.Hour)
		cancel()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Len(t, s.Jobs(), n+3)
		require.NoError(t, s.StopJobs())
		s.Start()
		require.Len(t, s.Jobs(), n+2, "Start finds the Cron that names no time exhausted")
	})
}

func TestSynctestPolicyFinishedIsNotTheDefault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, b := newPolicyScheduler(t)
		j := mustJob(t, s, oneTimeAt(1, 2), noop)
		time.Sleep(time.Hour)
		require.Len(t, b.runs(), 2)
		require.Equal(t, []Job{j}, s.Jobs())
		requireNoNextRun(t, j)
	})
}

// Hundreds that finish at once all leave, each telling so once.
func TestSynctestPolicyFinishedManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &contractMonitor{}
		s, b := newPolicyScheduler(t, WithSchedulerMonitor(m), WithLimitConcurrentJobs(7, LimitModeWait))
		const n = 500
		for i := 0; i < n; i++ {
			mustJob(t, s, oneTimeAt(1), func() { time.Sleep(time.Millisecond) }, WithRemoveWhenFinished(), WithName("it"))
		}
		time.Sleep(time.Hour)
		require.Len(t, b.runs(), n)
		require.Empty(t, s.Jobs())
		require.Equal(t, n, m.count("unregistered it"))
		b.requireAtRest(t)
	})
}
