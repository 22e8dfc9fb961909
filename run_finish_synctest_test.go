//go:build go1.25

package gocron

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// manyRuns is far more than are ended in one go.
const manyRuns = 20*runsBatch + 7

// manyEnds are the ways to end a great many runs of a job that wait.
func manyEnds() map[string]struct {
	end     func(r *manyRig, j Job, endUser func())
	outcome Outcome
} {
	return map[string]struct {
		end     func(r *manyRig, j Job, endUser func())
		outcome Outcome
	}{
		"RemoveJob":    {func(r *manyRig, j Job, _ func()) { _ = r.s.RemoveJob(j.ID()) }, OutcomeCancelled},
		"RemoveByTags": {func(r *manyRig, _ Job, _ func()) { r.s.RemoveByTags("tag") }, OutcomeCancelled},
		"Update":       {func(r *manyRig, j Job, _ func()) { _, _ = r.s.Update(j.ID(), ages(), NewTask(noop)) }, OutcomeCancelled},
		"Pause":        {func(r *manyRig, j Job, _ func()) { _ = NewController(r.s).Pause(j.ID()) }, OutcomePaused},
		"PauseByTags":  {func(r *manyRig, _ Job, _ func()) { _ = NewController(r.s).PauseByTags("tag") }, OutcomePaused},
		"user context": {func(_ *manyRig, _ Job, endUser func()) { endUser() }, OutcomeCancelled},
		"stop time":    {func(r *manyRig, _ Job, _ func()) { r.clock.Advance(1000 * time.Hour) }, OutcomeCancelled},
		"stop":         {func(r *manyRig, _ Job, _ func()) { _ = r.s.StopJobsWithContext(endedContext()) }, OutcomeCancelled},
	}
}

// manyOptions are the ways for runs to wait.
func manyOptions() map[string][]JobOption {
	return map[string][]JobOption{"for a slot": nil, "at the gate": {WithSingletonMode(LimitModeWait)}}
}

// A manyRig is a scheduler on a fake clock, with a limit of one.
type manyRig struct {
	t     *testing.T
	s     *scheduler
	clock *clockwork.FakeClock
	gate  chan struct{} // what is received from it lets a task end
}

func newManyRig(t *testing.T, options ...SchedulerOption) *manyRig {
	r := &manyRig{t: t, clock: clockwork.NewFakeClock(), gate: make(chan struct{})}
	options = append(options, WithClock(r.clock), WithLimitConcurrentJobs(1, LimitModeWait))
	r.s = newScheduler(t, options...).(*scheduler)
	t.Cleanup(func() { close(r.gate) })
	r.s.Start()
	return r
}

// hold is a task that ends when it is let go.
func (r *manyRig) hold() { <-r.gate }

func (r *manyRig) letGo() {
	r.gate <- struct{}{}
	synctest.Wait()
}

// stats are the stats once all is quiet.
func (r *manyRig) stats() Stats {
	r.t.Helper()
	synctest.Wait()
	stats, err := NewController(r.s).Stats()
	require.NoError(r.t, err)
	return stats
}

// many has a great many runs of a job wait for one that is held by the task.
func (r *manyRig) many(task func(), options ...JobOption) (j Job, endUser func()) {
	now := r.clock.Now()
	user, endUser := context.WithCancel(context.Background())
	r.t.Cleanup(endUser)
	options = append(options, WithContext(user), WithTags("tag"), WithStopAt(WithStopDateTime(now.Add(999*time.Hour))))
	j = mustJob(r.t, r.s, DurationJob(2000*time.Hour), task, append(options, WithStartAt(WithStartImmediately()))...)
	synctest.Wait()
	r.s.mu.Lock()
	for range manyRuns { // as if they had fallen due
		r.s.admitLocked(r.s.newRunLocked(r.s.jobs[j.ID()], now, TriggerSchedule), now)
	}
	r.s.mu.Unlock()
	require.Equal(r.t, manyRuns, r.s.JobsWaitingInQueue())
	return j, endUser
}

func TestSynctestControllerEndsAGreatManyRunsThatWait(t *testing.T) {
	for name, e := range manyEnds() {
		for how, options := range manyOptions() {
			t.Run(name+" "+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newManyRig(t)
					j, endUser := r.many(r.hold, options...)
					e.end(r, j, endUser)
					if name == "user context" || name == "stop time" {
						synctest.Wait() // for a goroutine of the scheduler's
					}
					require.Zero(t, r.s.JobsWaitingInQueue())
					r.letGo()
					stats := r.stats()
					require.EqualValues(t, manyRuns, stats.Outcomes[e.outcome])
					require.EqualValues(t, 1, stats.Outcomes[OutcomeSucceeded])
					require.Zero(t, stats.Running+stats.Waiting+stats.Retrying)
					require.Zero(t, stats.OldestWaiting)
					if now := r.s.jobs[j.ID()]; now != nil {
						waiting, granted := now.gate.count()
						require.Equal(t, []int{0, 0}, []int{waiting, granted})
					}
				})
			})
		}
	}
}

// Others get a chance meanwhile, also those whose turn comes then. With one processor it is not
// up to the machine who runs when.
func TestSynctestControllerLetsOthersInWhileItEndsAGreatManyRuns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, e := range manyEnds() {
		if name == "stop" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newManyRig(t)
				j, endUser := r.many(r.hold)
				ready, seen := make(chan bool), make(chan bool)
				go func() {
					ready <- true
					between := false
					for n := manyRuns; n > 0; n = r.s.JobsWaitingInQueue() {
						between = between || n < manyRuns
						runtime.Gosched()
					}
					seen <- between
				}()
				<-ready
				r.gate <- struct{}{} // the slot is free from now on
				e.end(r, j, endUser)
				require.True(t, <-seen)
				for r.stats().Running > 0 { // those that began before
					r.letGo()
				}
				stats := r.stats()
				require.EqualValues(t, manyRuns+1, stats.Outcomes[e.outcome]+stats.Outcomes[OutcomeSucceeded])
				require.Zero(t, stats.Running+stats.Waiting+stats.Retrying)
			})
		})
	}
}

// A run whose turn comes while the others are being ended does not start.
func TestSynctestControllerStartsNoneOfAGreatManyRunsThatAreBeingEnded(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, e := range manyEnds() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				free := make(chan struct{})
				var once sync.Once
				r := newManyRig(t, WithHooks(Hooks{RunFinished: func(RunInfo) {
					once.Do(func() { close(free) }) // the slot, while most still wait
				}}))
				var started atomic.Int64
				j, endUser := r.many(func() { started.Add(1); <-free })
				e.end(r, j, endUser)
				stats := r.stats()
				require.EqualValues(t, 1, started.Load())
				require.Zero(t, stats.Waiting)
				require.EqualValues(t, manyRuns, stats.Outcomes[e.outcome])
			})
		})
	}
}
