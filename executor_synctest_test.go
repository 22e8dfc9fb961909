//go:build go1.25

package gocron

import (
	"context"
	"errors"
	"math/rand"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

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
