package time_test

import (
	"runtime"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"

	"github.com/gocron-fixed/gocron/v2"
)

// patience only keeps a broken program from hanging the tests.
const patience = 10 * time.Second

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	location, err := time.LoadLocation(name)
	require.NoError(t, err)
	return location
}

func nothing() {}

// A stage is a scheduler on a fake clock, in the zone of the clock's first time, with what it has
// logged.
type stage struct {
	t     testing.TB
	s     gocron.Scheduler
	clock *clockwork.FakeClock
	log   *lines
}

func newStage(t testing.TB, now time.Time, options ...gocron.SchedulerOption) *stage {
	t.Helper()
	x := &stage{t: t, clock: clockwork.NewFakeClockAt(now), log: &lines{}}
	all := []gocron.SchedulerOption{gocron.WithClock(x.clock), gocron.WithLocation(now.Location()), gocron.WithLogger(x.log)}
	s, err := gocron.NewScheduler(append(all, options...)...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown()) })
	x.s = s
	return x
}

// logged adds a job whose task sends the time on the clock.
func (x *stage) logged(definition gocron.JobDefinition, options ...gocron.JobOption) (gocron.Job, chan time.Time) {
	x.t.Helper()
	ran := make(chan time.Time, 1000)
	j, err := x.s.NewJob(definition, gocron.NewTask(func() { ran <- x.clock.Now() }), options...)
	require.NoError(x.t, err)
	return j, ran
}

// nexts are the next n times of the job.
func (x *stage) nexts(j gocron.Job, n int) []time.Time {
	x.t.Helper()
	times, err := j.NextRuns(n)
	require.NoError(x.t, err)
	return times
}

// comes waits until the job has a next time that is not at the present time on the clock, and
// returns it.
func (x *stage) comes(j gocron.Job) time.Time {
	x.t.Helper()
	for since := time.Now(); time.Since(since) < patience; runtime.Gosched() {
		next, err := j.NextRun()
		require.NoError(x.t, err)
		if next.After(x.clock.Now()) {
			return next
		}
	}
	x.t.Fatal("the job has no next time")
	panic("unreachable")
}

// empty waits until the scheduler has no jobs.
func (x *stage) empty() {
	x.t.Helper()
	for since := time.Now(); len(x.s.Jobs()) > 0; runtime.Gosched() {
		require.Less(x.t, time.Since(since), patience, "a job does not leave")
	}
}

// walk advances the clock to the job's next time, n times, and returns when its task has run.
func (x *stage) walk(j gocron.Job, ran chan time.Time, n int) (times []time.Time) {
	x.t.Helper()
	for range n {
		x.clock.Advance(x.comes(j).Sub(x.clock.Now()))
		times = append(times, x.receive(ran))
	}
	return times
}

func (x *stage) receive(ran chan time.Time) time.Time {
	x.t.Helper()
	select {
	case at := <-ran:
		return at
	case <-time.After(patience):
		x.t.Fatal("the job does not run")
		panic("unreachable")
	}
}

// requireWalked requires that the job's next times are those that are wanted, and that it runs at
// each of them.
func (x *stage) requireWalked(j gocron.Job, ran chan time.Time, want []string) {
	x.t.Helper()
	announced := x.nexts(j, len(want))
	require.Equal(x.t, want, shown(announced))
	for i, at := range x.walk(j, ran, len(want)) {
		require.True(x.t, at.Equal(announced[i]), "ran at %v, announced for %v", at, announced[i])
	}
}

const layout = "Mon 2006-01-02 15:04:05 -0700"

func shown(times []time.Time) []string {
	list := []string{}
	for _, t := range times {
		list = append(list, t.Format(layout))
	}
	return list
}
