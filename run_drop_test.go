package gocron

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// manyRuns is far more than are ended in one go.
const manyRuns = 20*runsBatch + 7

// manyEnds are the ways to end a great many runs of a job that wait.
func manyEnds() map[string]struct {
	end     func(r *rig, j Job, endUser func())
	outcome Outcome
} {
	return map[string]struct {
		end     func(r *rig, j Job, endUser func())
		outcome Outcome
	}{
		"RemoveJob":    {func(r *rig, j Job, _ func()) { _ = r.s.RemoveJob(j.ID()) }, OutcomeCancelled},
		"RemoveByTags": {func(r *rig, _ Job, _ func()) { r.s.RemoveByTags("tag") }, OutcomeCancelled},
		"Update":       {func(r *rig, j Job, _ func()) { _, _ = r.s.Update(j.ID(), ages(), NewTask(noop)) }, OutcomeCancelled},
		"Pause":        {func(r *rig, j Job, _ func()) { _ = NewController(r.s).Pause(j.ID()) }, OutcomePaused},
		"PauseByTags":  {func(r *rig, _ Job, _ func()) { _ = NewController(r.s).PauseByTags("tag") }, OutcomePaused},
		"user context": {func(_ *rig, _ Job, endUser func()) { endUser() }, OutcomeCancelled},
		"stop time":    {func(r *rig, _ Job, _ func()) { r.clock.Advance(1000 * time.Hour) }, OutcomeCancelled},
		"stop":         {func(r *rig, _ Job, _ func()) { _ = r.s.StopJobsWithContext(endedContext()) }, OutcomeCancelled},
	}
}

// manyOptions are the ways for runs to wait.
func manyOptions() map[string][]JobOption {
	return map[string][]JobOption{"for a slot": nil, "at the gate": {WithSingletonMode(LimitModeWait)}}
}

// newManyRig has a great many runs of a job wait for one that is held.
func newManyRig(t *testing.T, options ...JobOption) (r *rig, j Job, endUser func()) {
	r = newRig(t, WithLimitConcurrentJobs(1, LimitModeWait))
	j, endUser = r.many(r.hold, options...)
	return r, j, endUser
}

// many has a great many runs of a job wait for one that is held by the task.
func (r *rig) many(task func(), options ...JobOption) (j Job, endUser func()) {
	t := r.t
	user, endUser := context.WithCancel(context.Background())
	t.Cleanup(endUser)
	r.start()
	options = append(options, WithContext(user), WithTags("tag"), WithStopAt(WithStopDateTime(rigNow.Add(999*time.Hour))))
	j = r.job(DurationJob(2000*time.Hour), task, append(options, WithStartAt(WithStartImmediately()))...)
	s := r.s.(*scheduler)
	s.mu.Lock()
	for i := 0; i < manyRuns; i++ { // as if they had fallen due
		s.admitLocked(s.newRunLocked(s.jobs[j.ID()], rigNow, TriggerSchedule), rigNow)
	}
	s.mu.Unlock()
	require.Equal(t, manyRuns, r.s.JobsWaitingInQueue())
	return j, endUser
}

func TestControllerEndsAGreatManyRunsThatWait(t *testing.T) {
	for name, e := range manyEnds() {
		for how, options := range manyOptions() {
			t.Run(name+" "+how, func(t *testing.T) {
				r, j, endUser := newManyRig(t, options...)
				e.end(r, j, endUser)
				if name == "user context" || name == "stop time" {
					for r.s.JobsWaitingInQueue() > 0 { // by a goroutine of the scheduler's
						runtime.Gosched()
					}
				}
				require.Zero(t, r.s.JobsWaitingInQueue())
				r.letGo(1)
				stats, err := NewController(r.s).Stats()
				require.NoError(t, err)
				require.EqualValues(t, manyRuns, stats.Outcomes[e.outcome])
				require.EqualValues(t, 1, stats.Outcomes[OutcomeSucceeded])
				require.Zero(t, stats.Running+stats.Waiting+stats.Retrying)
				require.Zero(t, stats.OldestWaiting)
				if now := r.s.(*scheduler).jobs[j.ID()]; now != nil {
					waiting, granted := now.gate.count()
					require.Equal(t, []int{0, 0}, []int{waiting, granted})
				}
			})
		}
	}
}

// Others get a chance meanwhile, also those whose turn comes then. With one processor it is not
// up to the machine who runs when.
func TestControllerLetsOthersInWhileItEndsAGreatManyRuns(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, e := range manyEnds() {
		if name == "stop" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			r, j, endUser := newManyRig(t)
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
			receive(t, ready)
			r.gate <- struct{}{} // the slot is free from now on
			e.end(r, j, endUser)
			require.True(t, receive(t, seen))
			r.settle()
			stats, err := NewController(r.s).Stats()
			require.NoError(t, err)
			for stats.Running > 0 { // those that began before
				r.letGo(1)
				stats, err = NewController(r.s).Stats()
				require.NoError(t, err)
			}
			require.EqualValues(t, manyRuns+1, stats.Outcomes[e.outcome]+stats.Outcomes[OutcomeSucceeded])
			require.Zero(t, stats.Running+stats.Waiting+stats.Retrying)
		})
	}
}

// A run whose turn comes while the others are being ended does not start.
func TestControllerStartsNoneOfAGreatManyRunsThatAreBeingEnded(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for name, e := range manyEnds() {
		t.Run(name, func(t *testing.T) {
			var r *rig
			free := make(chan struct{})
			var once sync.Once
			r = newRig(t, WithLimitConcurrentJobs(1, LimitModeWait), WithHooks(Hooks{RunFinished: func(RunInfo) {
				once.Do(func() { close(free) }) // the slot, while most still wait
			}}))
			var started atomic.Int64
			j, endUser := r.many(func() { started.Add(1); <-free })
			e.end(r, j, endUser)
			for r.s.JobsWaitingInQueue() > 0 {
				runtime.Gosched()
			}
			r.settle()
			require.EqualValues(t, 1, started.Load())
			stats, err := NewController(r.s).Stats()
			require.NoError(t, err)
			require.EqualValues(t, manyRuns, stats.Outcomes[e.outcome])
		})
	}
}
