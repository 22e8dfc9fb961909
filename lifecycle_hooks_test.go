package gocron

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// monitorFuncs is a SchedulerMonitor of some functions.
type monitorFuncs struct {
	hookNop
	started                           func()
	registered, unregistered, running func(Job)
}

func (m monitorFuncs) SchedulerStarted() {
	if m.started != nil {
		m.started()
	}
}

func (m monitorFuncs) JobRegistered(j Job) {
	if m.registered != nil {
		m.registered(j)
	}
}

func (m monitorFuncs) JobRunning(j Job) {
	if m.running != nil {
		m.running(j)
	}
}

func (m monitorFuncs) JobUnregistered(j Job) {
	if m.unregistered != nil {
		m.unregistered(j)
	}
}

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

// hourlyCron says that every hour is due, and does something before it answers.
func hourlyCron(before func()) Cron {
	return &contractCron{next: func(at time.Time) time.Time {
		before()
		return at.Add(time.Hour)
	}}
}

func TestStartThatAHookLeavesEarlyStartsAllTheSame(t *testing.T) {
	for how, leave := range earlyLeaves() {
		t.Run(how, func(t *testing.T) {
			starts := 0
			r := newRig(t, WithSchedulerMonitor(monitorFuncs{started: func() { starts++; leave() }}))
			_, interval := r.logged(DurationJob(time.Hour))
			_, ownCron := r.logged(CronJob("x", false), WithCronImplementation(hourlyCron(noop)))

			require.True(t, leftEarly(r.s.Start))
			r.settle()
			r.s.Start()
			require.Equal(t, 1, starts, "it runs already")
			r.walk(2 * time.Hour)
			for _, log := range []*rigLog{interval, ownCron} {
				require.Equal(t, rigAt(time.Hour, 2*time.Hour), log.all())
			}
		})
	}
}

// A Cron that leaves NewJob early is asked before anything has changed.
func TestNewJobThatACronLeavesEarlyChangesNothing(t *testing.T) {
	for how, leave := range earlyLeaves() {
		t.Run(how, func(t *testing.T) {
			r := newRig(t)
			id := uuid.New()
			_, log := r.logged(DurationJob(time.Hour), WithIdentifier(id))
			r.start()
			require.True(t, leftEarly(func() {
				_, _ = r.s.NewJob(CronJob("x", false), NewTask(func() { t.Error("it was not added") }),
					WithIdentifier(id), WithCronImplementation(hourlyCron(leave)))
			}))
			r.walk(2 * time.Hour)
			require.Equal(t, rigAt(time.Hour, 2*time.Hour), log.all())
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
				var monitor monitorFuncs
				id := uuid.New()
				r := newRig(t, WithSchedulerMonitor(&monitor))
				if started {
					r.start()
				}
				r.job(DurationJob(time.Minute), func() { t.Error("the old job ran") }, WithIdentifier(id))
				switch hook[:5] {
				case "JobRe":
					monitor.registered = func(Job) { leave() }
				case "JobUn":
					monitor.unregistered = func(Job) { leave() }
				}
				var log rigLog
				require.True(t, leftEarly(func() {
					_, _ = r.s.NewJob(DurationJob(time.Hour), NewTask(func() { log.add(r.clock.Now()) }), WithIdentifier(id))
				}))
				monitor = monitorFuncs{}
				if !started {
					r.start()
				}
				r.settle()
				require.Len(t, r.s.Jobs(), 1)
				r.walk(2 * time.Hour)
				require.Equal(t, rigAt(time.Hour, 2*time.Hour), log.all())
			})
		}
	}
}

func TestRemoveByTagsThatAHookLeavesEarlyEndsAllContexts(t *testing.T) {
	for how, leave := range earlyLeaves() {
		t.Run(how, func(t *testing.T) {
			s := newScheduler(t, WithSchedulerMonitor(monitorFuncs{unregistered: func(Job) { leave() }}))
			s.Start()
			const jobs = 3
			running, ended := make(chan struct{}, jobs), make(chan struct{}, jobs)
			for i := 0; i < jobs; i++ {
				mustJob(t, s, OneTimeJob(OneTimeJobStartImmediately()), func(ctx context.Context) {
					running <- struct{}{}
					<-ctx.Done()
					ended <- struct{}{}
				}, WithTags("tag"))
				receive(t, running)
			}
			require.True(t, leftEarly(func() { s.RemoveByTags("tag") }))
			require.Empty(t, s.Jobs())
			for i := 0; i < jobs; i++ {
				receive(t, ended)
			}
		})
	}
}

// A monitor that keeps a set by id ends right, however many replace the id at once. A record
// that has left before its announcement is not announced at all.
func TestAnnouncementsOfAnIDComeInTheOrderOfTheChanges(t *testing.T) {
	const replacements = 50
	var mu sync.Mutex
	var known, told []string
	s := newScheduler(t, WithSchedulerMonitor(monitorFuncs{
		registered: func(j Job) {
			mu.Lock()
			defer mu.Unlock()
			require.Empty(t, known, "the one before has left")
			known, told = append(known, j.Name()), append(told, j.Name())
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
		},
		unregistered: func(j Job) {
			mu.Lock()
			defer mu.Unlock()
			require.Equal(t, []string{j.Name()}, known)
			known = nil
		},
	}))
	s.Start()
	id := uuid.New()
	for round := 0; round < 20; round++ {
		var all sync.WaitGroup
		for i := 0; i < replacements; i++ {
			all.Add(1)
			go func() {
				defer all.Done()
				_, _ = s.Update(id, DurationJob(time.Hour), NewTask(noop), WithName(fmt.Sprint(round, i)))
				if i%5 == 0 {
					_ = s.RemoveJob(id)
				}
			}()
		}
		all.Wait()
		var listed []string
		for _, j := range s.Jobs() {
			listed = append(listed, j.Name())
		}
		require.Equal(t, listed, known)
	}
	_ = s.RemoveJob(id)
	require.Empty(t, known)
	slices.Sort(told)
	require.Equal(t, told, slices.Compact(slices.Clone(told)), "each is announced once")
	require.Empty(t, s.(*scheduler).announcers)
}

func TestSchedulerShutdownIsNotAnnouncedOfOneThatWasNeverStarted(t *testing.T) {
	m := &contractMonitor{}
	s := newScheduler(t, WithSchedulerMonitor(m))
	mustJob(t, s, DurationJob(time.Hour), noop)
	m.forget()
	require.NoError(t, s.StopJobs())
	require.NoError(t, s.Shutdown())
	require.NoError(t, s.ShutdownWithContext(context.Background()))
	s.Start()
	require.Empty(t, m.events())
}
