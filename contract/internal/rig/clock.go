package rig

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// Now is where the clock of a rig stands at first: a Tuesday.
var Now = time.Date(2026, 3, 10, 12, 0, 0, 0, time.UTC)

// A Rig is a scheduler on a fake clock. The test drives the clock, and knows
// after each step that everything which follows from it has happened.
type Rig struct {
	T         testing.TB
	Scheduler gocron.Scheduler
	Clock     *clockwork.FakeClock
	Gate      chan struct{} // what is received from it frees one call of Hold
	held      atomic.Int64  // calls of Hold so far
}

// New makes a Rig whose clock stands at Now.
func New(t testing.TB, options ...gocron.SchedulerOption) *Rig {
	t.Helper()
	return NewAt(t, Now, options...)
}

// NewAt makes a rig whose scheduler lives in now's location, unless the
// options say otherwise.
func NewAt(t testing.TB, now time.Time, options ...gocron.SchedulerOption) *Rig {
	t.Helper()
	clock := clockwork.NewFakeClockAt(now)
	all := []gocron.SchedulerOption{gocron.WithClock(clock), gocron.WithLocation(now.Location())}
	r := &Rig{T: t, Clock: clock, Gate: make(chan struct{})}
	r.Scheduler = NewScheduler(t, append(all, options...)...)
	t.Cleanup(func() { close(r.Gate) })
	return r
}

// Job adds a job that must not be refused.
func (r *Rig) Job(definition gocron.JobDefinition, task any, options ...gocron.JobOption) gocron.Job {
	r.T.Helper()
	j := MustJob(r.T, r.Scheduler, definition, task, options...)
	r.Settle()
	return j
}

// Logged adds a job whose task notes the time on the clock.
func (r *Rig) Logged(definition gocron.JobDefinition, options ...gocron.JobOption) (gocron.Job, *Log) {
	r.T.Helper()
	var log Log
	return r.Job(definition, func() { log.Add(r.Clock.Now()) }, options...), &log
}

// Start starts the scheduler, and returns when everything that is due has come to rest.
func (r *Rig) Start() {
	r.T.Helper()
	r.Scheduler.Start()
	r.Settle()
}

// Stop stops the jobs, none of which may be running.
func (r *Rig) Stop() {
	r.T.Helper()
	require.NoError(r.T, r.Scheduler.StopJobs())
}

// Advance moves the clock, and returns when everything that is due has come to rest.
func (r *Rig) Advance(d time.Duration) {
	r.T.Helper()
	r.Clock.Advance(d)
	r.Settle()
}

// Walk advances the clock by d, pausing at every time at which a job is due.
func (r *Rig) Walk(d time.Duration) {
	r.T.Helper()
	for end := r.Clock.Now().Add(d); r.Clock.Now().Before(end); {
		step := end.Sub(r.Clock.Now())
		for _, j := range r.Scheduler.Jobs() {
			next, err := j.NextRun()
			require.NoError(r.T, err)
			if left := next.Sub(r.Clock.Now()); !next.IsZero() && left > 0 && left < step {
				step = left
			}
		}
		r.Advance(step)
	}
}

// Hold blocks a task, or any other user code of a run, until LetGo.
func (r *Rig) Hold() {
	r.held.Add(1)
	<-r.Gate
}

// LetGo frees n calls of Hold.
func (r *Rig) LetGo(n int) {
	r.T.Helper()
	for i := 0; i < n; i++ {
		select {
		case r.Gate <- struct{}{}:
		case <-time.After(Patience):
			r.T.Fatal("nothing is held")
		}
	}
	r.Settle()
}

// Waiters asserts how many waiters the clock has.
func (r *Rig) Waiters(n int) {
	r.T.Helper()
	require.NoError(r.T, r.Clock.BlockUntilContext(EndedContext(), n), "fewer waiters than %d", n)
	require.Error(r.T, r.Clock.BlockUntilContext(EndedContext(), n+1), "more waiters than %d", n)
}

// Rearmed waits until the clock has n waiters again. It is for clocks that were
// set back: then Settle does not know of those that rang in vain.
func (r *Rig) Rearmed(n int) {
	r.T.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), Patience)
	defer cancel()
	require.NoError(r.T, r.Clock.BlockUntilContext(ctx, n), "fewer waiters than %d", n)
}

// SetBack sets the injected clock back: its waiters stay where they are. The scheduler
// notices when something is booked.
func (r *Rig) SetBack(d time.Duration) {
	r.T.Helper()
	r.notices()
	r.Advance(-d)
	r.notices()
}

// notices has the scheduler look at the clock.
func (r *Rig) notices() {
	r.T.Helper()
	j := r.Job(gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(r.Clock.Now().Add(1000000*time.Hour))), Noop)
	require.NoError(r.T, r.Scheduler.RemoveJob(j.ID()))
	r.Settle()
}

// RestartBehind sets the injected clock back while the scheduler is stopped.
func (r *Rig) RestartBehind(d time.Duration) {
	r.T.Helper()
	r.notices()
	r.Stop()
	r.Clock.Advance(-d)
	r.Start()
}
