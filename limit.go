package gocron

// LimitMode says what becomes of a run that a limit does not let start:
// LimitModeReschedule or LimitModeWait.
type LimitMode int

const (
	// LimitModeReschedule skips a run that the limit of
	// WithLimitConcurrentJobs or WithSingletonMode does not let start. The job
	// waits for its next time.
	LimitModeReschedule = 1

	// LimitModeWait lets such a run wait for its turn, first in, first out.
	// Nothing is lost: a job that falls due faster than it can run has ever
	// more runs waiting. A waiting run costs about a hundred bytes and no
	// goroutine.
	LimitModeWait = 2
)

func (m LimitMode) valid() bool { return m == LimitModeReschedule || m == LimitModeWait }

// A verdict is what admission says of a run.
type verdict uint8

const (
	verdictStart verdict = iota
	verdictWaitAtGate
	verdictWaitForSlot
	verdictSkipSingleton
	verdictSkipLimit
)

// A gate keeps the runs of one job apart. With mode 0 it is always open.
//
// A run has passed the gate from the moment it is let through until it has
// finished or was dropped; in between it may wait for a slot.
type gate struct {
	mode    uint8   // a LimitMode
	passed  int32   // runs of the job that have passed and not finished
	waiting runList // runs of the job that wait; those at the gate are in order of seq
}

// A limiter hands out the scheduler's slots. With mode 0 there is no limit.
// It is pure: no lock, no goroutine, no clock.
type limiter struct {
	mode    LimitMode
	slots   uint
	taken   uint      // slots of runs that were admitted and have not finished
	queue   waitQueue // runs that have passed their gate and wait for a slot
	waiting int       // runs that wait, at a gate or for a slot
}

// admit decides about a new run: first the gate of its job, then the slots.
func (l *limiter) admit(r *run) verdict {
	g := &r.job.gate
	if g.passed > 0 || !g.waiting.empty() {
		switch g.mode {
		case LimitModeReschedule:
			return verdictSkipSingleton
		case LimitModeWait:
			l.enqueue(r, stageAtGate)
			return verdictWaitAtGate
		}
	}
	return l.admitPassed(r)
}

// admitPassed decides about a run whose gate is open.
func (l *limiter) admitPassed(r *run) verdict {
	free := l.mode == 0 || l.taken < l.slots
	first := l.queue.len() == 0 || r.seq < l.queue.first().seq
	switch {
	case free && first:
		l.grant(r)
		return verdictStart
	case l.mode == LimitModeReschedule:
		return verdictSkipLimit
	default:
		r.job.gate.passed++
		l.enqueue(r, stageForSlot)
		return verdictWaitForSlot
	}
}

func (l *limiter) grant(r *run) {
	r.job.gate.passed++
	l.taken++
	r.stage = stageGranted
}

func (l *limiter) enqueue(r *run, stage runStage) {
	r.stage = stage
	r.job.gate.waiting.append(r)
	l.waiting++
	if stage == stageForSlot {
		l.queue.push(r)
	}
}

// leave takes a waiting run out of wherever it waits.
func (l *limiter) leave(r *run) {
	g := &r.job.gate
	g.waiting.remove(r)
	l.waiting--
	if r.stage == stageForSlot {
		l.queue.remove(r)
		g.passed--
	}
	r.stage = stageNew
}

// release frees what a granted run held. The slot is the limiter's; the gate
// is that of the job which has the run's id now.
func (l *limiter) release(r *run) {
	l.taken--
	r.job.current().gate.passed--
}

// next takes out the run to start next, nil when there is none or no slot.
func (l *limiter) next() *run {
	if l.queue.len() == 0 || l.taken >= l.slots {
		return nil
	}
	r := l.queue.first()
	l.leave(r)
	l.grant(r)
	return r
}

// nextAtGate takes out the run of g's job that may pass the gate now, nil when
// there is none or the gate is closed. The caller asks admitPassed about it.
func (l *limiter) nextAtGate(g *gate) *run {
	r := g.waiting.head
	if r == nil || g.passed > 0 || r.stage != stageAtGate {
		return nil
	}
	l.leave(r)
	return r
}

// waitingInQueue is what JobsWaitingInQueue reports.
func (l *limiter) waitingInQueue() int {
	if l.mode != LimitModeWait {
		return 0
	}
	return l.waiting
}
