package gocron

// LimitMode says what happens to a run that a limit does not let start. WithLimitConcurrentJobs and
// WithPool take LimitModeReschedule and LimitModeWait, WithSingletonMode takes all modes.
type LimitMode int

const (
	// LimitModeReschedule skips the run. The job waits for its next time.
	LimitModeReschedule LimitMode = 1

	// LimitModeWait lets the run wait, first in, first out. No run is lost: if a job is due more
	// often than it can run, more and more of its runs wait. A waiting run costs about 130 bytes and no
	// goroutine.
	LimitModeWait LimitMode = 2

	// LimitModeQueueOne, for WithSingletonMode, lets one run of the job wait while another is in
	// progress, and skips all others. After a run that took too long there is one more run, however
	// many were due.
	LimitModeQueueOne LimitMode = 3

	// LimitModeReplace, for WithSingletonMode, ends the context of the run in progress, with the
	// cause ErrRunReplaced, and starts the new run when that one has returned. It also ends runs of
	// the job that wait: only the newest is left.
	LimitModeReplace LimitMode = 4
)

// validForPool reports whether m is a mode of a limit for runs of several jobs.
func (m LimitMode) validForPool() bool { return m == LimitModeReschedule || m == LimitModeWait }

// validForSingleton reports whether m is a mode of WithSingletonMode.
func (m LimitMode) validForSingleton() bool { return m >= LimitModeReschedule && m <= LimitModeReplace }

// A verdict is what admission says of a run.
type verdict uint8

const (
	verdictStart verdict = iota
	verdictWaitAtGate
	verdictWaitForSlot
	verdictSkipSingleton
	verdictSkipLimit
	verdictQueueFull // to listeners a limit, as verdictSkipLimit
	verdictPaused
	verdictTooLate // its job's stop time has passed
)

// A gate keeps the runs of one job apart. With mode 0 it is always open.
//
// A run has passed the gate from the moment it is let through until it has
// finished or was dropped; in between it may wait for a slot.
type gate struct {
	mode    uint8   // a LimitMode
	passed  int32   // runs of the job that have passed and not finished
	running int32   // of these, the runs whose task is running
	waits   int32   // how many runs are in waiting
	waiting runList // runs of the job that wait: for a slot, then at the gate in order of turn
}

// count is how many runs of the job wait, at the gate or for a slot, and how many are
// in progress.
func (g *gate) count() (waiting, granted int) {
	return int(g.waits), int(g.passed - g.forSlot())
}

// forSlot is how many of the waiting runs have passed the gate. One at a time does, unless it is
// always open.
func (g *gate) forSlot() int32 {
	switch {
	case g.mode == 0:
		return g.waits
	case !g.waiting.empty() && g.waiting.head.stage == stageForSlot:
		return 1
	default:
		return 0
	}
}

// oldest is the run that has waited for longest, nil if none waits. Runs wait in the order of their
// turns, in which one that is to be tried again has its old place.
func (g *gate) oldest() (oldest *run) {
	for r := g.waiting.head; r != nil; r = r.next {
		if oldest == nil || r.waitsSince().Before(oldest.waitsSince()) {
			oldest = r
		}
		if r.next == g.waiting.head || g.mode == 0 || r.stage == stageAtGate && !r.hasBegun() {
			break
		}
	}
	return oldest
}

// isClosed reports whether a run of the job has to be kept from starting.
func (g *gate) isClosed() bool { return g.passed > 0 || !g.waiting.empty() }

// A limiter hands out the slots of one pool of jobs. With mode 0 there is no
// limit. It is pure: no lock, no goroutine, no clock.
type limiter struct {
	pool       string // "" for the scheduler's own, of the jobs in no pool
	mode       LimitMode
	slots      uint
	queueLimit int       // how many runs may wait; 0: any number
	taken      uint      // slots of runs that were admitted and have not finished
	queue      waitQueue // runs that have passed their gate and wait for a slot
	waiting    int       // runs that wait, at a gate or for a slot
	retrying   int       // runs that wait for their next attempt, and hold nothing
}

// admit decides about a new run: first the gate of its job, then the slots.
func (l *limiter) admit(r *run) verdict {
	full := l.queueLimit > 0 && l.waiting >= l.queueLimit
	if g := &r.job.gate; g.isClosed() {
		switch LimitMode(g.mode) {
		case LimitModeReschedule:
			return verdictSkipSingleton
		case LimitModeQueueOne:
			if !g.waiting.empty() {
				return verdictSkipSingleton
			}
			return l.waitAtGate(r, full)
		case LimitModeWait:
			return l.waitAtGate(r, full)
		case LimitModeReplace:
			if older := g.waiting.head; older != nil {
				return l.takePlace(r, older)
			}
			return l.waitAtGate(r, full)
		}
	}
	return l.admitPassed(r, full, l.mode == LimitModeReschedule)
}

// readmit decides about a run that was admitted once and is to be tried again:
// it waits for whatever is in its way, under any mode.
func (l *limiter) readmit(r *run) verdict {
	if g := &r.job.gate; g.mode != 0 && g.isClosed() {
		l.enqueue(r, stageAtGate)
		g.waiting.sort(r)
		return verdictWaitAtGate
	}
	return l.admitPassed(r, false, false)
}

// admitWaiting decides about a run that has waited at its gate, which is open.
func (l *limiter) admitWaiting(r *run) verdict {
	return l.admitPassed(r, false, l.mode == LimitModeReschedule && !r.hasBegun())
}

func (l *limiter) waitAtGate(r *run, full bool) verdict {
	if full {
		return verdictQueueFull
	}
	l.enqueue(r, stageAtGate)
	return verdictWaitAtGate
}

// admitPassed decides about a run whose gate is open.
func (l *limiter) admitPassed(r *run, full, skip bool) verdict {
	free := l.mode == 0 || l.taken < l.slots
	first := l.queue.len() == 0 || r.turn < l.queue.first().turn
	switch {
	case free && first:
		l.grant(r)
		return verdictStart
	case skip:
		return verdictSkipLimit
	case full:
		return verdictQueueFull
	default:
		r.job.gate.passed++
		l.enqueue(r, stageForSlot)
		return verdictWaitForSlot
	}
}

// grant lets r start. The gate is that of the job which has the run's id now.
func (l *limiter) grant(r *run) {
	r.job.current().gate.passed++
	l.taken++
	r.stage = stageGranted
}

func (l *limiter) enqueue(r *run, stage runStage) {
	r.stage = stage
	r.job.gate.waits++
	waiting := &r.job.gate.waiting
	waiting.append(r)
	l.waiting++
	if stage == stageAtGate {
		return
	}
	l.queue.push(r)
	if waiting.head.stage == stageAtGate {
		waiting.head = r
	}
}

// takePlace has r wait in the place of an older run of its job, which does not wait
// any more.
func (l *limiter) takePlace(r, older *run) verdict {
	g := &r.job.gate
	r.stage, older.stage = older.stage, stageNew
	r.turn = older.turn
	g.waiting.remove(older)
	g.waiting.append(r)
	if r.stage == stageForSlot {
		l.queue.substitute(r, older)
		return verdictWaitForSlot
	}
	return verdictWaitAtGate
}

// leave takes a waiting run out of wherever it waits.
func (l *limiter) leave(r *run) {
	g := &r.job.gate
	g.waiting.remove(r)
	g.waits--
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
// there is none or the gate is closed. The caller asks admitWaiting about it.
func (l *limiter) nextAtGate(g *gate) *run {
	r := g.waiting.head
	if r == nil || g.passed > 0 || r.stage != stageAtGate {
		return nil
	}
	l.leave(r)
	return r
}

// limiter is that of the pool that j is in.
func (j *internalJob) limiter() *limiter {
	if pool := j.settings().pool; pool != nil {
		return pool
	}
	return &j.s.limiter
}

// waitingInQueue is what JobsWaitingInQueue counts.
func (l *limiter) waitingInQueue() int {
	if l.mode != LimitModeWait {
		return 0
	}
	return l.waiting
}
