package gocron

import (
	"math/rand"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

// naiveLimiter is the limiters said plainly: a list of all runs in the order of
// their turns, gone through from the start each time.
type naiveLimiter struct {
	pools  []naivePool
	gates  map[int]LimitMode // by job
	poolOf map[int]int
	runs   []*naiveRun
}

type naivePool struct {
	mode              LimitMode
	slots, queueLimit int
}

type naiveRun struct {
	job, pool int
	seq       uint64
	turn      uint64 // seq, or that of the run in whose place it waits
	again     bool   // it is not its first attempt
	stage     runStage
}

func (n *naiveLimiter) count(is func(*naiveRun) bool) (c int) {
	for _, r := range n.runs {
		if is(r) {
			c++
		}
	}
	return c
}

// mayStart reports whether there is a slot for r and no older run that waits for it.
func (n *naiveLimiter) mayStart(r *naiveRun) bool {
	granted := n.count(func(other *naiveRun) bool { return other.pool == r.pool && other.stage == stageGranted })
	older := n.count(func(other *naiveRun) bool {
		return other.pool == r.pool && other.stage == stageForSlot && other.turn < r.turn
	})
	p := n.pools[r.pool]
	return older == 0 && (p.mode == 0 || granted < p.slots)
}

func (n *naiveLimiter) admit(r *naiveRun) {
	p, gate := n.pools[r.pool], n.gates[r.job]
	ofJob := n.count(func(other *naiveRun) bool { return other.job == r.job })
	ofJobWaiting := n.count(func(other *naiveRun) bool { return other.job == r.job && other.stage.isWaiting() })
	inPool := n.count(func(other *naiveRun) bool { return other.pool == r.pool && other.stage.isWaiting() })
	full := p.queueLimit > 0 && inPool >= p.queueLimit && !r.again
	r.turn = r.seq
	switch {
	case ofJobWaiting > 0 && gate == LimitModeReplace && !r.again:
		n.replace(r)
	case ofJob > 0 && gate != 0:
		skips := gate == LimitModeReschedule || gate == LimitModeQueueOne && ofJobWaiting > 0
		if skips && !r.again || full {
			return
		}
		r.stage = stageAtGate
	case n.mayStart(r):
		r.stage = stageGranted
	case p.mode == LimitModeReschedule && !r.again, full:
		return
	default:
		r.stage = stageForSlot
	}
	n.runs = append(n.runs, r)
	sort.Slice(n.runs, func(a, b int) bool { return n.runs[a].turn < n.runs[b].turn })
}

// replace has r wait in the place of the run of its job that does.
func (n *naiveLimiter) replace(r *naiveRun) {
	n.remove(func(other *naiveRun) bool {
		if other.job != r.job || !other.stage.isWaiting() {
			return false
		}
		r.turn, r.stage = other.turn, other.stage
		return true
	})
}

func (n *naiveLimiter) remove(gone func(*naiveRun) bool) {
	n.runs = slices.DeleteFunc(n.runs, gone)
}

// settle lets everything start that may.
func (n *naiveLimiter) settle() {
	for _, r := range slices.Clone(n.runs) {
		passed := n.count(func(other *naiveRun) bool { return other.job == r.job && other.stage != stageAtGate })
		if r.stage != stageAtGate || passed > 0 {
			continue
		}
		if n.pools[r.pool].mode == LimitModeReschedule && !r.again && !n.mayStart(r) {
			n.remove(func(other *naiveRun) bool { return other == r })
			continue
		}
		r.stage = stageForSlot
	}
	for _, r := range n.runs {
		if r.stage == stageForSlot && n.mayStart(r) {
			r.stage = stageGranted
		}
	}
}

// limiterPair takes the limiters of two pools and the naive one through the same
// life.
type limiterPair struct {
	t        *testing.T
	rand     *rand.Rand
	real     []*limiter
	naive    *naiveLimiter
	jobs     []*internalJob // by number; the current record of each
	numbers  map[*internalJob]int
	runs     []*run // those that have not ended, of the real limiters
	retrying []*run // of those, that hold and wait for nothing
	seq      uint64
}

func newLimiterPair(t *testing.T, seed int64) *limiterPair {
	r := rand.New(rand.NewSource(seed))
	p := &limiterPair{
		t: t, rand: r, numbers: map[*internalJob]int{},
		naive: &naiveLimiter{gates: map[int]LimitMode{}, poolOf: map[int]int{}},
	}
	for mode := seed; len(p.real) < 2; mode /= 3 {
		pool := naivePool{LimitMode(mode % 3), 1 + r.Intn(4), r.Intn(2) * (1 + r.Intn(6))}
		l := newLimiter(pool.mode, uint(pool.slots))
		l.queueLimit = pool.queueLimit
		p.real, p.naive.pools = append(p.real, l), append(p.naive.pools, pool)
	}
	p.jobs = make([]*internalJob, 1+r.Intn(6))
	for number := range p.jobs {
		p.install(number, gatedJob(0))
	}
	return p
}

// install replaces a job by one of any mode in any pool.
func (p *limiterPair) install(number int, old *internalJob) {
	mode, pool := LimitMode(p.rand.Intn(5)), p.rand.Intn(2)
	j := replaceGated(old, mode)
	j.custom = &jobSettings{pool: p.real[pool]}
	p.jobs[number], p.numbers[j] = j, number
	p.naive.gates[number], p.naive.poolOf[number] = mode, pool
}

func (p *limiterPair) act(r *run, v verdict) {
	switch v {
	case verdictSkipLimit, verdictSkipSingleton, verdictQueueFull:
		p.runs = withoutRun(p.runs, r)
	}
}

func withoutRun(runs []*run, gone *run) []*run {
	return slices.DeleteFunc(runs, func(r *run) bool { return r == gone })
}

func (p *limiterPair) admit() {
	number := p.rand.Intn(len(p.jobs))
	p.seq++
	r := &run{job: p.jobs[number], id: p.seq, turn: p.seq}
	p.runs = append(p.runs, r)
	older := r.job.gate.waiting.head
	p.act(r, r.job.limiter().admit(r))
	if r.job.gate.mode == uint8(LimitModeReplace) && r.stage != stageNew {
		p.runs = withoutRun(p.runs, older)
		p.dropRetrying(r.job)
	}
	p.naive.admit(&naiveRun{job: number, pool: p.naive.poolOf[number], seq: p.seq})
}

// readmit is the next attempt of a run.
func (p *limiterPair) readmit() {
	if len(p.retrying) == 0 {
		return
	}
	r := p.retrying[p.rand.Intn(len(p.retrying))]
	p.retrying = withoutRun(p.retrying, r)
	number := p.numbers[r.job]
	p.act(r, r.job.limiter().readmit(r))
	p.naive.admit(&naiveRun{job: number, pool: p.naive.poolOf[number], seq: r.id, again: true})
}

// finish ends a run, or at times an attempt of one whose job is still there.
func (p *limiterPair) finish(forGood bool) {
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
	l, cur, number := done.job.limiter(), done.job.current(), done.id
	l.release(done)
	if forGood || cur != done.job || p.rand.Intn(4) > 0 {
		p.runs = withoutRun(p.runs, done)
	} else {
		done.stage, done.attempts, done.turn = stageRetrying, 1, done.id
		p.retrying = append(p.retrying, done)
	}
	own := cur.limiter()
	for r := own.nextAtGate(&cur.gate); r != nil; r = own.nextAtGate(&cur.gate) {
		p.act(r, own.admitWaiting(r))
	}
	for r := l.next(); r != nil; r = l.next() {
		require.Equal(p.t, stageGranted, r.stage)
	}
	p.naive.remove(func(r *naiveRun) bool { return r.seq == number })
	p.naive.settle()
}

// drop takes all runs of a job out that are not in progress, and at times
// replaces the job.
func (p *limiterPair) drop() {
	number := p.rand.Intn(len(p.jobs))
	j := p.jobs[number]
	for !j.gate.waiting.empty() {
		r := j.gate.waiting.tail()
		j.limiter().leave(r)
		p.runs = withoutRun(p.runs, r)
	}
	p.dropRetrying(j)
	p.naive.remove(func(r *naiveRun) bool { return r.job == number && r.stage != stageGranted })
	if p.rand.Intn(2) == 0 {
		p.install(number, j)
	}
}

func (p *limiterPair) dropRetrying(j *internalJob) {
	for _, r := range slices.Clone(p.retrying) {
		if r.job == j {
			p.retrying, p.runs = withoutRun(p.retrying, r), withoutRun(p.runs, r)
		}
	}
}

// waitingRuns goes around the ring of a job's waiting runs.
func waitingRuns(j *internalJob) (runs []*run) {
	j.gate.waiting.each(func(r *run) { runs = append(runs, r) })
	return runs
}

// check compares what both say of every run.
func (p *limiterPair) check() {
	stages, want := map[uint64]runStage{}, map[uint64]runStage{}
	granted, waiting := map[*limiter]uint{}, map[*limiter]int{}
	queued := p.queued()
	for _, r := range p.runs {
		l := r.job.limiter()
		switch {
		case r.stage == stageRetrying:
			continue
		case r.stage == stageGranted:
			granted[l]++
		default:
			waiting[l]++
		}
		stages[r.id] = r.stage
		require.Equal(p.t, r.stage == stageForSlot, queued[r])
	}
	for _, r := range p.naive.runs {
		want[r.seq] = r.stage
	}
	require.Equal(p.t, want, stages)
	atJobs := 0
	for _, j := range p.jobs {
		last := uint64(0)
		for _, r := range waitingRuns(j) {
			atJobs++
			if r.stage == stageAtGate {
				require.Greater(p.t, r.turn, last, "in the order of turns at the gate")
				last = r.turn
			} else {
				require.Zero(p.t, last, "those at the gate come last")
			}
		}
	}
	require.Equal(p.t, waiting[p.real[0]]+waiting[p.real[1]], atJobs)
	for _, l := range p.real {
		require.Equal(p.t, granted[l], l.taken)
		require.Equal(p.t, waiting[l], l.waiting)
		if l.mode == LimitModeWait {
			require.Equal(p.t, waiting[l], l.waitingInQueue())
		} else {
			require.Zero(p.t, l.waitingInQueue())
		}
	}
}

// queued are the runs in the limiters' queues.
func (p *limiterPair) queued() map[*run]bool {
	queued, count := map[*run]bool{}, 0
	for _, l := range p.real {
		count += l.queue.len()
		for r := l.queue.chain.head; r != nil; r = r.behind {
			queued[r] = true
		}
		for _, e := range l.queue.late.entries {
			queued[e.item] = true
		}
	}
	require.Len(p.t, queued, count)
	return queued
}

func TestLimiterAgainstNaiveModel(t *testing.T) {
	for seed := int64(0); seed < 63; seed++ {
		p := newLimiterPair(t, seed)
		for step := 0; step < 300; step++ {
			switch op := p.rand.Intn(24); {
			case op < 10:
				p.admit()
			case op < 19:
				p.finish(false)
			case op < 22:
				p.readmit()
			default:
				p.drop()
			}
			p.check()
		}
		for len(p.runs) > 0 {
			p.readmit()
			p.finish(true)
			p.check()
		}
	}
}
