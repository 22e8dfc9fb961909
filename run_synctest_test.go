//go:debug asynctimerchan=0

//go:build go1.25

// The directive, which testing/synctest needs with the Go version that go.mod names, counts for all
// files of the package.

package gocron

import (
	"context"
	"errors"
	"math/rand"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jonboulle/clockwork"
	"github.com/stretchr/testify/require"
)

// crowd drives a scheduler at random and compares, whenever all is quiet, what
// it keeps account of with what its tasks have seen.
type crowd struct {
	t       *testing.T
	rand    *rand.Rand
	s       *scheduler
	limit   int
	running int // tasks; guarded by s.mu, as are the counts of members
	members []*member
}

// member is one definition of a job.
type member struct {
	job     Job
	limited int // 0: no limit
	single  bool
	started int
	running int
}

func (c *crowd) begin(m *member) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.running++
	m.started++
	m.running++
	if c.limit > 0 && c.running > c.limit {
		c.t.Errorf("%d tasks run, the limit is %d", c.running, c.limit)
	}
	if m.limited > 0 && m.started > m.limited {
		c.t.Errorf("task %d of %d starts", m.started, m.limited)
	}
	if m.single && m.running > 1 {
		c.t.Errorf("a singleton job overlaps")
	}
}

func (c *crowd) end(m *member) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.running--
	m.running--
}

// task takes up to five seconds and ends in one way or another.
func (c *crowd) task(m *member) Task {
	seed := c.rand.Int63()
	return NewTask(func(ctx context.Context) error {
		c.s.mu.Lock()
		seed++
		r := rand.New(rand.NewSource(seed))
		c.s.mu.Unlock()
		c.begin(m)
		defer c.end(m)
		select {
		case <-ctx.Done():
		case <-time.After(time.Duration(r.Intn(5000)) * time.Millisecond):
		}
		switch r.Intn(4) {
		case 0:
			return errors.New("failure")
		case 1:
			runtime.Goexit()
		}
		return nil
	})
}

func (c *crowd) add(replaced Job) {
	m := &member{limited: c.rand.Intn(4)}
	var options []JobOption
	if m.limited > 0 {
		options = append(options, WithLimitedRuns(uint(m.limited)))
	}
	if mode := LimitMode(c.rand.Intn(3)); mode != 0 {
		m.single = true
		options = append(options, WithSingletonMode(mode))
	}
	definition := OneTimeJob(OneTimeJobStartImmediately())
	if c.rand.Intn(2) == 0 {
		definition = DurationJob(time.Duration(1+c.rand.Intn(3)) * time.Second)
	}
	var err error
	if replaced == nil {
		m.job, err = c.s.NewJob(definition, c.task(m), options...)
	} else {
		m.job, err = c.s.Update(replaced.ID(), definition, c.task(m), options...)
	}
	require.NoError(c.t, err)
	c.members = append(c.members, m)
}

func (c *crowd) step() {
	var some Job
	if len(c.members) > 0 {
		some = c.members[c.rand.Intn(len(c.members))].job
	}
	switch op := c.rand.Intn(20); {
	case op < 4 || some == nil:
		c.add(nil)
	case op < 5:
		c.add(some)
	case op < 10:
		if err := some.RunNow(); err != nil {
			require.ErrorIs(c.t, err, ErrJobNotFound)
		}
	case op < 12:
		_ = c.s.RemoveJob(some.ID())
	case op < 13:
		require.NoError(c.t, c.s.StopJobs())
		c.check()
		require.Zero(c.t, c.s.JobsWaitingInQueue())
		c.s.Start()
	default:
		time.Sleep(time.Duration(c.rand.Intn(3000)) * time.Millisecond)
	}
}

// check is made when all is quiet.
func (c *crowd) check() {
	synctest.Wait()
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	l := &c.s.limiter
	require.Equal(c.t, c.running, int(l.taken), "a slot for each task that runs, and no other")
	waiting, forSlot := 0, 0
	for _, j := range c.s.list {
		atGate := 0
		for _, r := range waitingRuns(j) {
			waiting++
			if r.stage == stageForSlot {
				forSlot++
			} else {
				atGate++
			}
		}
		if atGate > 0 {
			require.Positive(c.t, j.gate.passed, "runs wait at an open gate")
		}
		if j.limitedRuns > 0 {
			require.LessOrEqual(c.t, j.reserved, j.limitedRuns)
			require.False(c.t, j.allReserved() && j.isIdle(), "it should have left")
		}
	}
	require.Equal(c.t, l.waiting, waiting, "what waits is the runs of listed jobs")
	require.Equal(c.t, l.queue.len(), forSlot)
	if forSlot > 0 {
		require.Equal(c.t, int(l.slots), int(l.taken), "runs wait though a slot is free")
	}
	require.Empty(c.t, c.s.freed)
	require.Empty(c.t, c.s.changed)
	require.Nil(c.t, c.s.ready.head)
	require.False(c.t, c.s.workerComes)
}

func TestSynctestExecutorAccounts(t *testing.T) {
	for seed := int64(0); seed < 30; seed++ {
		synctest.Test(t, func(t *testing.T) {
			c := &crowd{t: t, rand: rand.New(rand.NewSource(seed))}
			var options []SchedulerOption
			if mode := LimitMode(seed % 3); mode != 0 {
				c.limit = 1 + c.rand.Intn(4)
				options = append(options, WithLimitConcurrentJobs(uint(c.limit), mode))
			}
			s, err := NewScheduler(options...)
			require.NoError(t, err)
			c.s = s.(*scheduler)
			s.Start()
			for step := 0; step < 150 && !t.Failed(); step++ {
				c.step()
				c.check()
			}
			require.NoError(t, s.Shutdown())
			c.check()
			require.Zero(t, c.running)
			require.Zero(t, c.s.limiter.taken)
			require.Zero(t, c.s.limiter.waiting)
		})
	}
}

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
		r.s.admitLocked(r.s.newRunLocked(r.s.jobs[idKey{j.ID()}], now, TriggerSchedule), now)
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
					if now := r.s.jobs[idKey{j.ID()}]; now != nil {
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

func TestSynctestContractNothingIsKeptOfRunsThatNobodyAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScheduler(t, WithHooks(Hooks{}), WithSchedulerMonitor(monitorFuncs{}), WithLimitConcurrentJobs(1, LimitModeWait))
		j := mustJob(t, s, ages(), func() { time.Sleep(time.Minute) }, WithSingletonMode(LimitModeWait), WithTimeout(time.Hour), WithRecover())
		require.False(t, s.(*scheduler).recordsRuns || j.(*internalJob).settings().recorded)
	})
}
