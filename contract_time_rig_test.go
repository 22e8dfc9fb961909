package gocron

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// rigNow is where the clock of a rig stands at first: a Tuesday.
var rigNow = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// A rig is a scheduler on a fake clock. The test drives the clock, and knows
// after each step that everything which follows from it has happened.
type rig struct {
	t     testing.TB
	s     Scheduler
	clock *clockwork.FakeClock
	gate  chan struct{}
}

func newRig(t testing.TB, options ...SchedulerOption) *rig {
	t.Helper()
	return newRigAt(t, rigNow, options...)
}

// newRigAt makes a rig whose scheduler lives in now's location, unless the
// options say otherwise.
func newRigAt(t testing.TB, now time.Time, options ...SchedulerOption) *rig {
	t.Helper()
	clock := clockwork.NewFakeClockAt(now)
	all := []SchedulerOption{WithClock(clock), WithLocation(now.Location())}
	r := &rig{t: t, clock: clock, gate: make(chan struct{})}
	r.s = newScheduler(t, append(all, options...)...)
	t.Cleanup(func() { close(r.gate) })
	return r
}

// job adds a job that must not be refused.
func (r *rig) job(definition JobDefinition, task any, options ...JobOption) Job {
	r.t.Helper()
	j := mustJob(r.t, r.s, definition, task, options...)
	r.settle()
	return j
}

// logged adds a job whose task notes the time on the clock.
func (r *rig) logged(definition JobDefinition, options ...JobOption) (Job, *rigLog) {
	r.t.Helper()
	var log rigLog
	return r.job(definition, func() { log.add(r.clock.Now()) }, options...), &log
}

func (r *rig) start() {
	r.t.Helper()
	r.s.Start()
	r.settle()
}

// stop stops the jobs, none of which may be running.
func (r *rig) stop() {
	r.t.Helper()
	require.NoError(r.t, r.s.StopJobs())
}

func (r *rig) advance(d time.Duration) {
	r.t.Helper()
	r.clock.Advance(d)
	r.settle()
}

// walk advances the clock by d, pausing at every time at which a job is due.
func (r *rig) walk(d time.Duration) {
	r.t.Helper()
	for end := r.clock.Now().Add(d); r.clock.Now().Before(end); {
		step := end.Sub(r.clock.Now())
		for _, j := range r.s.Jobs() {
			next, err := j.NextRun()
			require.NoError(r.t, err)
			if left := next.Sub(r.clock.Now()); !next.IsZero() && left > 0 && left < step {
				step = left
			}
		}
		r.advance(step)
	}
}

// hold blocks a task, or any other user code of a run, until letGo.
func (r *rig) hold() { <-r.gate }

// letGo frees n calls of hold.
func (r *rig) letGo(n int) {
	r.t.Helper()
	for i := 0; i < n; i++ {
		select {
		case r.gate <- struct{}{}:
		case <-time.After(rigPatience):
			r.t.Fatal("nothing is held")
		}
	}
	r.settle()
}

// settle returns when nothing happens any more of itself: all goroutines but this one wait, as
// synctest.Wait has it in a bubble. They wait for the clock, for the test, or for one another.
func (r *rig) settle() {
	r.t.Helper()
	for began := time.Now(); !othersWait(); runtime.Gosched() {
		if time.Since(began) > rigPatience {
			r.t.Fatal("the scheduler does not come to rest")
		}
	}
}

// waiters asserts how many waiters the clock has.
func (r *rig) waiters(n int) {
	r.t.Helper()
	require.NoError(r.t, r.clock.BlockUntilContext(endedContext(), n), "fewer waiters than %d", n)
	require.Error(r.t, r.clock.BlockUntilContext(endedContext(), n+1), "more waiters than %d", n)
}

// rearmed waits until the clock has n waiters again. It is for clocks that were
// set back: then settle does not know of those that rang in vain.
func (r *rig) rearmed(n int) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), rigPatience)
	defer cancel()
	require.NoError(r.t, r.clock.BlockUntilContext(ctx, n), "fewer waiters than %d", n)
}

// nextOf is the job's next time, which must not be an error.
func nextOf(t testing.TB, j Job) time.Time {
	t.Helper()
	next, err := j.NextRun()
	require.NoError(t, err)
	return next
}

func nextsOf(t testing.TB, j Job, n int) []time.Time {
	t.Helper()
	times, err := j.NextRuns(n)
	require.NoError(t, err)
	return times
}

// noNextRun asserts that the job is listed and has no next run.
func noNextRun(t testing.TB, j Job) {
	t.Helper()
	require.Equal(t, time.Time{}, nextOf(t, j))
	require.Empty(t, nextsOf(t, j, 3))
}

// requireInstants compares instants.
func requireInstants(t testing.TB, want, got []time.Time, msg ...any) {
	t.Helper()
	require.Equal(t, rigStamps(want), rigStamps(got), msg...)
}

func rigStamps(times []time.Time) []string {
	s := []string{}
	for _, t := range times {
		s = append(s, t.UTC().Format("2006-01-02 15:04:05.999999999"))
	}
	return s
}

// rigAt is rigNow plus each of ds.
func rigAt(ds ...time.Duration) []time.Time {
	var times []time.Time
	for _, d := range ds {
		times = append(times, rigNow.Add(d))
	}
	return times
}

// A rigLog is what happened when.
type rigLog struct {
	mu    sync.Mutex
	times []time.Time
}

func (l *rigLog) add(t time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.times = append(l.times, t)
}

func (l *rigLog) all() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]time.Time(nil), l.times...)
}

func (l *rigLog) len() int { return len(l.all()) }

// rigPatience only keeps a broken program from hanging the tests.
const rigPatience = 10 * time.Second
