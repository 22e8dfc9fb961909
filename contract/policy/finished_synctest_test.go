//go:build go1.25

package policy_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
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
func oneTimeAt(minutes ...int) gocron.JobDefinition {
	return gocron.OneTimeJob(gocron.OneTimeJobStartDateTimes(inMinutes(minutes...)...))
}

// A finishing is a job with WithRemoveWhenFinished named "it", and what becomes of
// it.
type finishing struct {
	*testing.T
	s gocron.Scheduler
	m *rig.Monitor
	b *rig.Finished
	j gocron.Job
}

func newFinishing(t *testing.T, definition gocron.JobDefinition, task any, options ...gocron.JobOption) finishing {
	t.Helper()
	m := &rig.Monitor{}
	s, b := rig.NewStarted(t, gocron.WithSchedulerMonitor(m), gocron.WithLimitConcurrentJobs(2, gocron.LimitModeWait))
	j := rig.MustJob(t, s, definition, task, append(options, gocron.WithRemoveWhenFinished(), gocron.WithName("it"))...)
	return finishing{t, s, m, b, j}
}

// stays asserts that the job is listed.
func (f finishing) stays() {
	f.Helper()
	synctest.Wait()
	require.Equal(f, []gocron.Job{f.j}, f.s.Jobs())
	require.Zero(f, f.m.Count("unregistered it"))
}

// left asserts that the job has left, which was told once.
func (f finishing) left(outcomes ...string) {
	f.Helper()
	require.Equal(f, append([]string{}, outcomes...), f.b.Results())
	require.Empty(f, f.s.Jobs())
	require.Equal(f, 1, f.m.Count("unregistered it"))
	_, err := f.j.NextRun()
	require.True(f, err == gocron.ErrJobNotFound)
	require.True(f, f.j.RunNow() == gocron.ErrJobNotFound)
	require.True(f, f.s.RemoveJob(f.j.ID()) == gocron.ErrJobNotFound)
	rig.RequireRetrying(f.T, f.s, 0)
}

func TestSynctestPolicyFinishedAfterOneTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var ctx context.Context
		f := newFinishing(t, oneTimeAt(1), func(c context.Context) { ctx = c; time.Sleep(time.Minute) })
		f.stays()
		time.Sleep(90 * time.Second)
		f.stays()
		require.NoError(t, ctx.Err(), "not before its run has finished")
		rig.NoNextRun(t, f.j)
		time.Sleep(time.Minute)
		f.left("succeeded")
		require.ErrorIs(t, ctx.Err(), context.Canceled)
	})
}

func TestSynctestPolicyFinishedAfterTheLastOfSeveralTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2, 3), rig.Noop)
		for i := 1; i < 3; i++ {
			time.Sleep(time.Minute)
			synctest.Wait()
			require.Len(t, f.b.Runs(), i)
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
			info, _ := gocron.RunFromContext(ctx)
			time.Sleep(took[info.ID-1])
		})
		time.Sleep(5 * time.Minute)
		require.Len(t, f.b.Runs(), 1)
		f.stays()
		time.Sleep(6 * time.Minute)
		f.left("succeeded", "succeeded")
	})
}

func TestSynctestPolicyFinishedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		newFinishing(t, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), rig.Noop).left("succeeded")
		f := newFinishing(t, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func() { time.Sleep(time.Second) })
		f.stays()
		time.Sleep(2 * time.Second)
		f.left("succeeded")
	})
}

func TestSynctestPolicyFinishedByWhateverItsLastRunCameTo(t *testing.T) {
	refuse := gocron.WithEventListeners(gocron.BeforeJobRunsSkipIfBeforeFuncErrors(func(uuid.UUID, string) error { return rig.ErrTest }))
	locker := gocron.WithDistributedJobLocker(rig.LockFunc(func(context.Context, string) (gocron.Lock, error) { return nil, rig.ErrTest }))
	for name, c := range map[string]struct {
		task   any
		option gocron.JobOption
		want   string
	}{
		"failed":    {func() error { return rig.ErrTest }, gocron.WithTags(), "failed"},
		"panicked":  {func() { panic("ouch") }, gocron.WithRecover(), "panicked"},
		"timed out": {func() { time.Sleep(time.Second) }, gocron.WithTimeout(1), "timed-out"},
		"refused":   {rig.Noop, refuse, "refused"},
		"locked":    {rig.Noop, locker, "locked-elsewhere"},
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
		f := newFinishing(t, oneTimeAt(1, 2), func() { time.Sleep(5 * time.Minute) }, gocron.WithSingletonMode(gocron.LimitModeReschedule))
		time.Sleep(3 * time.Minute)
		require.Equal(t, []string{"skipped-singleton"}, f.b.Results())
		f.stays()
		time.Sleep(5 * time.Minute)
		f.left("succeeded", "skipped-singleton")
	})
	synctest.Test(t, func(t *testing.T) {
		b := &rig.Finished{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeReschedule), b.Option())
		s.Start()
		h := rig.NewHoldup(t)
		blocker := rig.MustJob(t, s, rig.Ages(), h.Task)
		require.NoError(t, blocker.RunNow())
		rig.MustJob(t, s, oneTimeAt(1), rig.Noop, gocron.WithRemoveWhenFinished())
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"skipped-limit"}, b.Results())
		require.Equal(t, []gocron.Job{blocker}, s.Jobs())
	})
}

func TestSynctestPolicyFinishedWhenTheLastTimeIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &rig.Finished{}
		s := rig.NewScheduler(t, gocron.WithLimitConcurrentJobs(1, gocron.LimitModeWait), gocron.WithQueueLimit(1), b.Option())
		s.Start()
		h := rig.NewHoldup(t)
		blocker := rig.MustJob(t, s, rig.Ages(), h.Task)
		require.NoError(t, blocker.RunNow())
		require.NoError(t, blocker.RunNow())
		rig.MustJob(t, s, oneTimeAt(1), rig.Noop, gocron.WithRemoveWhenFinished())
		time.Sleep(2 * time.Minute)
		require.Equal(t, []string{"dropped-queue-full"}, b.Results())
		require.Equal(t, []gocron.Job{blocker}, s.Jobs())
	})
}

func TestSynctestPolicyFinishedWhilePaused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2), rig.Noop)
		require.NoError(t, gocron.NewController(f.s).Pause(f.j.ID()))
		time.Sleep(90 * time.Second)
		f.stays()
		time.Sleep(time.Minute)
		f.stays()
		require.NoError(t, gocron.NewController(f.s).Resume(f.j.ID()))
		f.left("succeeded", "succeeded")
	})
}

// Runs that wait are ended by a pause, and with them the job.
func TestSynctestPolicyFinishedByAPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFinishing(t, oneTimeAt(1, 2), rig.Noop)
		h := rig.NewHoldup(t)
		blocker := rig.MustJob(t, f.s, rig.Ages(), h.Task)
		require.NoError(t, blocker.RunNow())
		require.NoError(t, blocker.RunNow())
		time.Sleep(3 * time.Minute)
		require.Equal(t, 2, rig.StatsAtRest(t, f.s).Waiting)
		require.NoError(t, gocron.NewController(f.s).Pause(f.j.ID()))
		require.Equal(t, []string{"paused", "paused"}, f.b.Results())
		require.Equal(t, []gocron.Job{blocker}, f.s.Jobs())
		require.Equal(t, 1, f.m.Count("unregistered it"))
	})
}

func TestSynctestPolicyFinishedAfterTheLastAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := rig.Answering(rig.ErrTest, rig.ErrTest, nil)
		f := newFinishing(t, oneTimeAt(1), p.Task, rig.Retries(5, time.Minute))
		for i := 1; i < 3; i++ {
			time.Sleep(time.Minute)
			require.Len(t, p.Calls(), i)
			f.stays()
		}
		time.Sleep(time.Minute)
		f.left("succeeded")
	})
	for name, end := range map[string]func(*gocron.Controller, uuid.UUID) error{"cancel": (*gocron.Controller).Cancel, "pause": (*gocron.Controller).Pause} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFinishing(t, oneTimeAt(1), rig.Answering(rig.ErrTest).Task, rig.Retries(2, time.Minute))
				time.Sleep(time.Minute)
				f.stays()
				require.NoError(t, end(gocron.NewController(f.s), f.j.ID()))
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
		p := rig.Answering(rig.ErrTest, nil)
		f := newFinishing(t, oneTimeAt(1), p.Task, rig.Retries(2, time.Minute))
		time.Sleep(time.Minute)
		rig.RequireRetrying(t, f.s, 1)
		require.NoError(t, f.j.RunNow())
		require.Equal(t, []string{"succeeded"}, f.b.Results())
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
		require.Len(t, f.b.Runs(), 1)
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
		s, _ := rig.NewStarted(t, gocron.WithGlobalJobOptions(gocron.WithRemoveWhenFinished()))
		user, cancel := context.WithCancel(context.Background())
		for _, definition := range rig.EveryKind() {
			if _, err := s.NewJob(definition, gocron.NewTask(rig.Noop)); err != nil {
				require.ErrorIs(t, err, gocron.ErrOneTimeJobStartDateTimePast)
			}
		}
		n := len(s.Jobs())
		first := time.Now().Add(time.Second)
		once := &rig.Cron{After: func(now time.Time) time.Time {
			if now.Before(first) {
				return first
			}
			return time.Time{}
		}}
		rig.MustJob(t, s, gocron.CronJob("x", false), rig.Noop, gocron.WithCronImplementation(once))
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop, gocron.WithContext(user))
		rig.MustJob(t, s, gocron.DurationJob(time.Minute), rig.Noop, gocron.WithIntervalFromCompletion())
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
		s, b := rig.NewStarted(t)
		j := rig.MustJob(t, s, oneTimeAt(1, 2), rig.Noop)
		time.Sleep(time.Hour)
		require.Len(t, b.Runs(), 2)
		require.Equal(t, []gocron.Job{j}, s.Jobs())
		rig.NoNextRun(t, j)
	})
}

// Hundreds that finish at once all leave, each telling so once.
func TestSynctestPolicyFinishedManyAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &rig.Monitor{}
		s, b := rig.NewStarted(t, gocron.WithSchedulerMonitor(m), gocron.WithLimitConcurrentJobs(7, gocron.LimitModeWait))
		const n = 500
		for i := 0; i < n; i++ {
			rig.MustJob(t, s, oneTimeAt(1), func() { time.Sleep(time.Millisecond) }, gocron.WithRemoveWhenFinished(), gocron.WithName("it"))
		}
		time.Sleep(time.Hour)
		require.Len(t, b.Runs(), n)
		require.Empty(t, s.Jobs())
		require.Equal(t, n, m.Count("unregistered it"))
		b.RequireAtRest(t)
	})
}
