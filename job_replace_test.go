package gocron

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// update replaces j by an hourly job.
func update(t testing.TB, j Job, task any, options ...JobOption) Job {
	t.Helper()
	updated, err := j.(*internalJob).s.Update(j.ID(), DurationJob(time.Hour), NewTask(task), options...)
	require.NoError(t, err)
	return updated
}

// The settings of a listed job are read with no lock, by its handles and by its
// runs. Each case calls read when the job is about to get state of its own.
func TestReplaceAndOtherChangesLeaveSettingsAlone(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, read func(Job)){
		"Update": func(t *testing.T, read func(Job)) {
			j := mustJob(t, newScheduler(t), DurationJob(time.Hour), noop)
			read(j)
			update(t, j, noop)
		},
		"NewJob with the id": func(t *testing.T, read func(Job)) {
			s := newScheduler(t)
			j := mustJob(t, s, DurationJob(time.Hour), noop)
			read(j)
			mustJob(t, s, DurationJob(time.Hour), noop, WithIdentifier(j.ID()))
		},
		"Update during a run": func(t *testing.T, read func(Job)) {
			s := newScheduler(t, WithSchedulerMonitor(hookNop{}))
			s.Start()
			running := make(chan struct{})
			j := mustJob(t, s, DurationJob(time.Hour), func() { close(running) })
			read(j)
			require.NoError(t, j.RunNow())
			receive(t, running)
			update(t, j, noop)
		},
		"RunNow before it is announced": func(t *testing.T, read func(Job)) {
			ran := make(chan struct{})
			s := newScheduler(t, WithSchedulerMonitor(monitorFuncs{registered: func(j Job) {
				read(j)
				require.NoError(t, j.RunNow())
			}}))
			s.Start()
			mustJob(t, s, DurationJob(time.Hour), func() { close(ran) })
			receive(t, ran)
		},
		"a waiter on the clock": func(t *testing.T, read func(Job)) {
			s := newScheduler(t, WithClock(clockwork.NewFakeClock()))
			read(mustJob(t, s, DurationJob(time.Hour), noop))
			s.Start()
		},
		"a stop that owes it a run": func(t *testing.T, read func(Job)) {
			s := newScheduler(t, WithLimitConcurrentJobs(1, LimitModeWait))
			s.Start()
			running := make(chan struct{})
			mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func(ctx context.Context) {
				close(running)
				<-ctx.Done()
			})
			receive(t, running)
			read(mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), noop))
			require.NoError(t, s.StopJobs())
		},
	} {
		t.Run(name, func(t *testing.T) {
			var job *internalJob
			var settings *jobSettings
			done := make(chan struct{})
			change(t, func(j Job) {
				job, settings = j.(*internalJob), j.(*internalJob).custom
				go func() {
					defer close(done)
					for i := 0; i < 100; i++ {
						j.Name()
						j.Tags()
						j.Schedule()
						runtime.Gosched()
					}
				}()
			})
			receive(t, done)
			require.True(t, settings == job.custom)
		})
	}
}

// replacedTwice replaces j by a job that it replaces in turn, and returns what is
// closed when the record in between was collected.
func replacedTwice(t *testing.T, j Job) <-chan struct{} {
	collected := make(chan struct{})
	between := update(t, j, noop, WithName("between")).(*internalJob)
	runtime.SetFinalizer(between, func(*internalJob) { close(collected) })
	update(t, between, noop, WithName("newest"))
	return collected
}

// requireCollected collects garbage until c is closed.
func requireCollected(t *testing.T, c <-chan struct{}) {
	t.Helper()
	for tooLong := time.After(10 * time.Second); ; {
		runtime.GC()
		select {
		case <-c:
			return
		case <-tooLong:
			t.Fatal("something keeps the replaced job")
		default:
			runtime.Gosched()
		}
	}
}

func TestReplacedJobsAreCollectedWhileAHandleIsKept(t *testing.T) {
	s := newScheduler(t)
	s.Start()
	first := mustJob(t, s, DurationJob(time.Hour), noop)
	requireCollected(t, replacedTwice(t, first))
	next, err := first.NextRun()
	require.NoError(t, err, "the handle is of use")
	require.NotZero(t, next)
}

func TestReplacedJobsAreCollectedWhileARunGoesOn(t *testing.T) {
	s := newScheduler(t)
	s.Start()
	running, end := make(chan struct{}), make(chan struct{})
	defer close(end)
	first := mustJob(t, s, DurationJob(time.Hour), func() {
		close(running)
		<-end
	})
	require.NoError(t, first.RunNow())
	receive(t, running)
	collected := replacedTwice(t, first)
	first = s.Jobs()[0] // the run alone keeps the first
	requireCollected(t, collected)
	busy, err := first.IsRunning()
	require.NoError(t, err)
	require.True(t, busy)
}
