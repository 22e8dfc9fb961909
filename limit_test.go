package gocron

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
)

func newLimiter(mode LimitMode, slots uint) *limiter { return &limiter{mode: mode, slots: slots} }

func gatedJob(mode LimitMode) *internalJob { return &internalJob{gate: gate{mode: uint8(mode)}} }

// replaceGated is what Update does to a gate.
func replaceGated(old *internalJob, mode LimitMode) *internalJob {
	replacement := gatedJob(mode)
	replacement.gate.passed = old.gate.passed
	old.succeededBy(replacement)
	return replacement
}

// admitter gives runs their hand-over order.
type admitter struct {
	l   *limiter
	seq uint64
}

func (a *admitter) admit(j *internalJob) (*run, verdict) {
	a.seq++
	r := &run{job: j, seq: a.seq}
	return r, a.l.admit(r)
}

func TestLimiterAdmission(t *testing.T) {
	const none, resched, wait = 0, LimitModeReschedule, LimitModeWait
	cases := []struct {
		limit, gate   LimitMode
		otherRuns     bool // the only slot is taken by another job
		ownRuns       bool // a run of the job has started before
		want          verdict
		waitingInList int // what JobsWaitingInQueue reports
	}{
		{none, none, false, false, verdictStart, 0},
		{none, none, true, true, verdictStart, 0},
		{none, resched, true, false, verdictStart, 0},
		{none, resched, false, true, verdictSkipSingleton, 0},
		{none, wait, true, false, verdictStart, 0},
		{none, wait, false, true, verdictWaitAtGate, 0},
		{resched, none, false, false, verdictStart, 0},
		{resched, none, true, false, verdictSkipLimit, 0},
		{resched, none, false, true, verdictSkipLimit, 0},
		{resched, resched, false, true, verdictSkipSingleton, 0},
		{resched, resched, true, false, verdictSkipLimit, 0},
		{resched, wait, true, false, verdictSkipLimit, 0},
		{resched, wait, false, true, verdictWaitAtGate, 0},
		{wait, none, false, false, verdictStart, 0},
		{wait, none, true, false, verdictWaitForSlot, 1},
		{wait, none, false, true, verdictWaitForSlot, 1},
		{wait, resched, true, false, verdictWaitForSlot, 1},
		{wait, resched, false, true, verdictSkipSingleton, 0},
		{wait, wait, true, false, verdictWaitForSlot, 1},
		{wait, wait, false, true, verdictWaitAtGate, 1},
	}
	for _, tc := range cases {
		t.Run(fmt.Sprintf("limit %d gate %d other %t own %t", tc.limit, tc.gate, tc.otherRuns, tc.ownRuns), func(t *testing.T) {
			a := admitter{l: newLimiter(tc.limit, 1)}
			j := gatedJob(tc.gate)
			if tc.otherRuns {
				_, v := a.admit(gatedJob(0))
				require.Equal(t, verdictStart, v)
			}
			if tc.ownRuns {
				_, v := a.admit(j)
				require.Equal(t, verdictStart, v)
			}
			taken, passed := a.l.taken, j.gate.passed
			r, v := a.admit(j)
			require.Equal(t, tc.want, v)
			require.Equal(t, tc.waitingInList, a.l.waitingInQueue())
			switch v {
			case verdictStart:
				require.Equal(t, stageGranted, r.stage)
				require.Equal(t, []any{taken + 1, passed + 1}, []any{a.l.taken, j.gate.passed})
			case verdictWaitForSlot:
				require.Equal(t, stageForSlot, r.stage)
				require.Equal(t, []any{taken, passed + 1}, []any{a.l.taken, j.gate.passed}, "it holds the gate, not a slot")
			case verdictWaitAtGate:
				require.Equal(t, stageAtGate, r.stage)
				require.Equal(t, []any{taken, passed}, []any{a.l.taken, j.gate.passed})
			default:
				require.Equal(t, stageNew, r.stage)
				require.Equal(t, []any{taken, passed}, []any{a.l.taken, j.gate.passed})
			}
		})
	}
}

// A run may not slip past those that wait for the slot which has just become
// free, and be it of another job.
func TestLimiterNobodyJumpsTheQueue(t *testing.T) {
	a := admitter{l: newLimiter(LimitModeWait, 1)}
	first, _ := a.admit(gatedJob(0))
	second, _ := a.admit(gatedJob(0))
	a.l.release(first)
	third, v := a.admit(gatedJob(0))
	require.Equal(t, verdictWaitForSlot, v)
	require.Same(t, second, a.l.next())
	require.Nil(t, a.l.next())
	a.l.release(second)
	require.Same(t, third, a.l.next())
}

// A run that has waited at its gate takes its place in the queue by when it was
// handed over, before others that were so later.
func TestLimiterGateKeepsPlaceInQueue(t *testing.T) {
	a := admitter{l: newLimiter(LimitModeWait, 1)}
	single := gatedJob(LimitModeWait)
	first, _ := a.admit(single)
	second, v := a.admit(single)
	require.Equal(t, verdictWaitAtGate, v)
	later, _ := a.admit(gatedJob(0))
	a.l.release(first)
	require.Same(t, second, a.l.nextAtGate(&single.gate))
	started := a.l.admitWaiting(second) == verdictStart || a.l.next() == second
	require.True(t, started, "it was handed over before the other")
	require.Equal(t, stageForSlot, later.stage)
	require.Nil(t, a.l.nextAtGate(&single.gate), "the gate is closed")
	require.Nil(t, a.l.next(), "no slot is free")
	a.l.release(second)
	require.Same(t, later, a.l.next())
}

func TestLimiterReplacedJobKeepsGate(t *testing.T) {
	a := admitter{l: newLimiter(0, 0)}
	old := gatedJob(LimitModeWait)
	r, _ := a.admit(old)
	replacement := replaceGated(old, LimitModeWait)
	waiting, v := a.admit(replacement)
	require.Equal(t, verdictWaitAtGate, v, "behind the run of the old definition")
	require.Nil(t, a.l.nextAtGate(&replacement.gate))
	a.l.release(r)
	require.Same(t, waiting, a.l.nextAtGate(&replacement.gate))
}

// naiveLimiter is the limiter said plainly: a list of all runs in hand-over
// order, gone through from the start each time.
type naiveLimiter struct {
	mode  LimitMode
	slots int
	gates map[int]LimitMode // by job
	runs  []*naiveRun
}

type naiveRun struct {
	job   int
	seq   uint64
	stage runStage
}

func (n *naiveLimiter) count(is func(*naiveRun) bool) (c int) {
	for _, r := range n.runs {
		if is(r) {
			c++
		}
	}
	return c
}

func (n *naiveLimiter) slotFree() bool {
	granted := n.count(func(r *naiveRun) bool { return r.stage == stageGranted })
	return n.mode == 0 || granted < n.slots
}

func (n *naiveLimiter) admit(r *naiveRun) {
	ofJob := n.count(func(other *naiveRun) bool { return other.job == r.job })
	switch {
	case ofJob > 0 && n.gates[r.job] == LimitModeReschedule:
		return
	case ofJob > 0 && n.gates[r.job] == LimitModeWait:
		r.stage = stageAtGate
	default:
		queued := n.count(func(other *naiveRun) bool { return other.stage == stageForSlot })
		if n.slotFree() && queued == 0 {
			r.stage = stageGranted
		} else if n.mode == LimitModeReschedule {
			return
		} else {
			r.stage = stageForSlot
		}
	}
	n.runs = append(n.runs, r)
}

func (n *naiveLimiter) remove(gone func(*naiveRun) bool) {
	var kept []*naiveRun
	for _, r := range n.runs {
		if !gone(r) {
			kept = append(kept, r)
		}
	}
	n.runs = kept
}

// settle lets everything start that may.
func (n *naiveLimiter) settle() {
	for _, r := range append([]*naiveRun(nil), n.runs...) {
		passed := n.count(func(other *naiveRun) bool { return other.job == r.job && other.stage != stageAtGate })
		if r.stage != stageAtGate || passed > 0 {
			continue
		}
		if n.mode == LimitModeReschedule && !n.slotFree() {
			r := r
			n.remove(func(other *naiveRun) bool { return other == r })
			continue
		}
		r.stage = stageForSlot
	}
	for _, r := range n.runs {
		if r.stage == stageForSlot && n.slotFree() {
			r.stage = stageGranted
		}
	}
}

// limiterPair takes both limiters through the same life.
type limiterPair struct {
	t     *testing.T
	rand  *rand.Rand
	real  *limiter
	naive *naiveLimiter
	jobs  []*internalJob // by number; the current record of each
	runs  []*run         // those that have not ended, of the real limiter
	seq   uint64
}

func (p *limiterPair) act(r *run, v verdict) {
	if v == verdictSkipLimit || v == verdictSkipSingleton {
		p.forget(r)
	}
}

func (p *limiterPair) forget(r *run) {
	for i, other := range p.runs {
		if other == r {
			p.runs = append(p.runs[:i], p.runs[i+1:]...)
			return
		}
	}
}

func (p *limiterPair) admit() {
	number := p.rand.Intn(len(p.jobs))
	p.seq++
	r := &run{job: p.jobs[number], seq: p.seq}
	p.runs = append(p.runs, r)
	p.act(r, p.real.admit(r))
	p.naive.admit(&naiveRun{job: number, seq: p.seq})
}

func (p *limiterPair) finish() {
	var granted []*run
	for _, r := range p.runs {
		if r.stage == stageGranted {
			granted = append(granted, r)
		}
	}
	if len(granted) == 0 {
		return
	}
	done := granted[p.rand.Intn(len(granted))]
	p.forget(done)
	p.real.release(done)
	g := &done.job.current().gate
	for r := p.real.nextAtGate(g); r != nil; r = p.real.nextAtGate(g) {
		p.act(r, p.real.admitWaiting(r))
	}
	for r := p.real.next(); r != nil; r = p.real.next() {
		require.Equal(p.t, stageGranted, r.stage)
	}
	p.naive.remove(func(r *naiveRun) bool { return r.seq == done.seq })
	p.naive.settle()
}

// drop takes all waiting runs of a job out, and at times replaces the job.
func (p *limiterPair) drop() {
	number := p.rand.Intn(len(p.jobs))
	j := p.jobs[number]
	for !j.gate.waiting.empty() {
		r := j.gate.waiting.tail()
		p.real.leave(r)
		p.forget(r)
	}
	p.naive.remove(func(r *naiveRun) bool { return r.job == number && r.stage != stageGranted })
	if p.rand.Intn(2) == 0 {
		mode := LimitMode(p.rand.Intn(3))
		p.jobs[number], p.naive.gates[number] = replaceGated(j, mode), mode
	}
}

// waitingRuns goes around the ring of a job's waiting runs.
func waitingRuns(j *internalJob) (runs []*run) {
	if j.gate.waiting.empty() {
		return nil
	}
	for r := j.gate.waiting.head; ; r = r.next {
		runs = append(runs, r)
		if r == j.gate.waiting.tail() {
			return runs
		}
	}
}

// check compares what both say of every run.
func (p *limiterPair) check() {
	stages, want := map[uint64]runStage{}, map[uint64]runStage{}
	granted, waiting, atJobs := uint(0), 0, 0
	queued := map[*run]bool{}
	for r := p.real.queue.chain.head; r != nil; r = r.behind {
		queued[r] = true
	}
	for _, e := range p.real.queue.late.entries {
		queued[e.item] = true
	}
	require.Len(p.t, queued, p.real.queue.len())
	for _, r := range p.runs {
		stages[r.seq] = r.stage
		if r.stage == stageGranted {
			granted++
		} else {
			waiting++
		}
		require.Equal(p.t, r.stage == stageForSlot, queued[r])
	}
	for _, r := range p.naive.runs {
		want[r.seq] = r.stage
	}
	require.Equal(p.t, want, stages)
	require.Equal(p.t, granted, p.real.taken)
	require.Equal(p.t, waiting, p.real.waiting)
	for _, j := range p.jobs {
		last := uint64(0)
		for _, r := range waitingRuns(j) {
			atJobs++
			if r.stage == stageAtGate {
				require.Greater(p.t, r.seq, last, "in hand-over order at the gate")
				last = r.seq
			}
		}
	}
	require.Equal(p.t, waiting, atJobs)
	if p.real.mode == LimitModeWait {
		require.Equal(p.t, waiting, p.real.waitingInQueue())
	} else {
		require.Zero(p.t, p.real.waitingInQueue())
	}
}

func TestLimiterAgainstNaiveModel(t *testing.T) {
	for seed := int64(0); seed < 60; seed++ {
		r := rand.New(rand.NewSource(seed))
		mode, slots := LimitMode(seed%3), 1+r.Intn(4)
		p := &limiterPair{
			t: t, rand: r,
			real:  newLimiter(mode, uint(slots)),
			naive: &naiveLimiter{mode: mode, slots: slots, gates: map[int]LimitMode{}},
		}
		for number, jobs := 0, 1+r.Intn(6); number < jobs; number++ {
			gate := LimitMode(r.Intn(3))
			p.jobs = append(p.jobs, gatedJob(gate))
			p.naive.gates[number] = gate
		}
		for step := 0; step < 300; step++ {
			switch op := r.Intn(20); {
			case op < 10:
				p.admit()
			case op < 19:
				p.finish()
			default:
				p.drop()
			}
			p.check()
		}
		for len(p.runs) > 0 {
			p.finish()
			p.check()
		}
	}
}
