package lifecycle_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// earlyLeaves are ways to leave a method early from inside a hook.
func earlyLeaves() map[string]func() {
	return map[string]func(){
		"panic":  func() { panic("oops") },
		"Goexit": runtime.Goexit,
	}
}

// leftEarly calls f and reports whether it was left before its end.
func leftEarly(f func()) bool {
	left := make(chan bool)
	go func() {
		early := true
		defer func() {
			_ = recover()
			left <- early
		}()
		f()
		early = false
	}()
	return <-left
}

func TestStartThatAHookLeavesEarlyStartsAllTheSame(t *testing.T) {
	for how, leave := range earlyLeaves() {
		t.Run(how, func(t *testing.T) {
			starts := 0
			r := rig.New(t, gocron.WithSchedulerMonitor(rig.MonitorFuncs{Started: func() { starts++; leave() }}))
			_, interval := r.Logged(gocron.DurationJob(time.Hour))
			_, ownCron := r.Logged(gocron.CronJob("x", false), gocron.WithCronImplementation(rig.HourlyCron(rig.Noop)))

			require.True(t, leftEarly(r.Scheduler.Start))
			r.Settle()
			r.Scheduler.Start()
			require.Equal(t, 1, starts, "it runs already")
			r.Walk(2 * time.Hour)
			for _, log := range []*rig.Log{interval, ownCron} {
				require.Equal(t, rig.At(time.Hour, 2*time.Hour), log.All())
			}
		})
	}
}

// A Cron that leaves NewJob early is asked before anything has changed.
func TestNewJobThatACronLeavesEarlyChangesNothing(t *testing.T) {
	for how, leave := range earlyLeaves() {
		t.Run(how, func(t *testing.T) {
			r := rig.New(t)
			id := uuid.New()
			_, log := r.Logged(gocron.DurationJob(time.Hour), gocron.WithIdentifier(id))
			r.Start()
			require.True(t, leftEarly(func() {
				_, _ = r.Scheduler.NewJob(gocron.CronJob("x", false), gocron.NewTask(func() { t.Error("it was not added") }),
					gocron.WithIdentifier(id), gocron.WithCronImplementation(rig.HourlyCron(leave)))
			}))
			r.Walk(2 * time.Hour)
			require.Equal(t, rig.At(time.Hour, 2*time.Hour), log.All())
		})
	}
}

func TestNewJobThatAHookLeavesEarlyAddsTheJobAllTheSame(t *testing.T) {
	for how, leave := range earlyLeaves() {
		for hook, started := range map[string]bool{
			"JobRegistered": true, "JobUnregistered": true,
			"JobRegistered before Start": false, "JobUnregistered before Start": false,
		} {
			t.Run(hook+" "+how, func(t *testing.T) {
				var monitor rig.MonitorFuncs
				id := uuid.New()
				r := rig.New(t, gocron.WithSchedulerMonitor(&monitor))
				if started {
					r.Start()
				}
				r.Job(gocron.DurationJob(time.Minute), func() { t.Error("the old job ran") }, gocron.WithIdentifier(id))
				switch hook[:5] {
				case "JobRe":
					monitor.Registered = func(gocron.Job) { leave() }
				case "JobUn":
					monitor.Unregistered = func(gocron.Job) { leave() }
				}
				var log rig.Log
				require.True(t, leftEarly(func() {
					_, _ = r.Scheduler.NewJob(gocron.DurationJob(time.Hour), gocron.NewTask(func() { log.Add(r.Clock.Now()) }), gocron.WithIdentifier(id))
				}))
				monitor = rig.MonitorFuncs{}
				if !started {
					r.Start()
				}
				r.Settle()
				require.Len(t, r.Scheduler.Jobs(), 1)
				r.Walk(2 * time.Hour)
				require.Equal(t, rig.At(time.Hour, 2*time.Hour), log.All())
			})
		}
	}
}

func TestRemoveByTagsThatAHookLeavesEarlyEndsAllContexts(t *testing.T) {
	for how, leave := range earlyLeaves() {
		t.Run(how, func(t *testing.T) {
			s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(rig.MonitorFuncs{Unregistered: func(gocron.Job) { leave() }}))
			s.Start()
			const jobs = 3
			running, ended := make(chan struct{}, jobs), make(chan struct{}, jobs)
			for i := 0; i < jobs; i++ {
				rig.MustJob(t, s, gocron.OneTimeJob(gocron.OneTimeJobStartImmediately()), func(ctx context.Context) {
					running <- struct{}{}
					<-ctx.Done()
					ended <- struct{}{}
				}, gocron.WithTags("tag"))
				rig.Receive(t, running)
			}
			require.True(t, leftEarly(func() { s.RemoveByTags("tag") }))
			require.Empty(t, s.Jobs())
			for i := 0; i < jobs; i++ {
				rig.Receive(t, ended)
			}
		})
	}
}

func TestSchedulerShutdownIsNotAnnouncedOfOneThatWasNeverStarted(t *testing.T) {
	m := &rig.Monitor{}
	s := rig.NewScheduler(t, gocron.WithSchedulerMonitor(m))
	rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
	m.Forget()
	require.NoError(t, s.StopJobs())
	require.NoError(t, s.Shutdown())
	require.NoError(t, s.ShutdownWithContext(context.Background()))
	s.Start()
	require.Empty(t, m.Events())
}
