package gocron

import "time"

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

// limiter is the one that j's runs take slots of: the pool's that j is in, or the scheduler's.
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

// admitLocked has a new run started, queued, skipped, paused or cancelled.
func (s *scheduler) admitLocked(r *run, now time.Time) verdict {
	s.tellLocked(r, noticeDue)
	j := r.job
	if r.isTooLate(now) || r.trigger == TriggerStartImmediately && j.window().isOver(r.scheduledAt) {
		s.actLocked(r, verdictTooLate, now)
		return verdictTooLate
	}
	if j.rareState().paused && r.pausable() {
		s.actLocked(r, verdictPaused, now)
		return verdictPaused
	}
	older := j.gate.waiting.head // whose place r may take
	v := j.limiter().admit(r)
	s.actLocked(r, v, now)
	if j.gate.mode == uint8(LimitModeReplace) && r.stage != stageFinished {
		s.replaceRunsLocked(r, older, now)
	}
	return v
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
	return l.admitToSlot(r, full, l.mode == LimitModeReschedule)
}

func (l *limiter) waitAtGate(r *run, full bool) verdict {
	if full {
		return verdictQueueFull
	}
	l.enqueue(r, stageAtGate)
	return verdictWaitAtGate
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

// admitToSlot decides about a run whose gate is open. If full is set there is no room for it to wait, if
// skip is set it may not wait.
func (l *limiter) admitToSlot(r *run, full, skip bool) verdict {
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

// grant lets r start. It passes the gate of the record that its job has now.
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

// actLocked carries out what admission says of a run.
func (s *scheduler) actLocked(r *run, v verdict, now time.Time) {
	switch v {
	case verdictStart:
		s.markReadyLocked(r)
	case verdictWaitAtGate:
		s.tellLocked(r, noticeSingletonWait)
		s.markQueuedLocked(r, now)
	case verdictWaitForSlot:
		s.tellLocked(r, noticeLimit)
		s.markQueuedLocked(r, now)
	case verdictSkipSingleton:
		s.tellLocked(r, noticeSingletonSkip)
		s.finishLocked(r, OutcomeSkippedSingleton, now)
	case verdictSkipLimit:
		s.tellLocked(r, noticeLimit)
		s.finishLocked(r, OutcomeSkippedLimit, now)
	case verdictQueueFull:
		r.setError(ErrQueueFull)
		s.tellLocked(r, noticeLimit)
		s.finishLocked(r, OutcomeDroppedQueueFull, now)
	case verdictPaused:
		s.finishLocked(r, OutcomePaused, now)
	case verdictTooLate:
		s.finishLocked(r, OutcomeCancelled, now)
	}
}

// markQueuedLocked notes that r does not start at once.
func (s *scheduler) markQueuedLocked(r *run, now time.Time) {
	if r.waited { // at its gate, until just now
		return
	}
	if r.record == nil && now.Sub(r.scheduledAt) >= time.Second { // else waitsSince goes by scheduledAt
		r.record = &runRecord{run: r}
	}
	if r.record != nil {
		r.keepUntoldWait()
		r.record.queuedAt = now
		s.tellLocked(r, noticeQueued)
	}
	r.waited = true
	if j := r.job; j.next.IsZero() && j.window().hasStop() {
		s.setNextLocked(j, time.Time{}, now) // for when the wait has to end
	}
}

// replaceRunsLocked is called when r, the newest run of a job with LimitModeReplace, was
// admitted. It has taken the place of older, the run that waited, if there was one.
// Runs that wait for another attempt are dropped as well, and the context of the one
// in progress is ended by the worker that makes r's calls.
func (s *scheduler) replaceRunsLocked(r, older *run, now time.Time) {
	j := r.job
	if older != nil {
		older.setError(ErrRunReplaced)
		s.finishLocked(older, OutcomeCancelled, now)
	}
	j.rareState().retrying.each(func(dropped *run) { // their locks are released first, as r may ask for the same
		lease := dropped.record.lease
		if lock := lease.take(); lock != nil {
			s.callsBeforeLocked(r).addThen(func() { j.release(lock, lease.ctx) })
		}
	})
	s.dropRetryingLocked(j)
	if older != nil || r.stage != stageAtGate {
		return // what is in progress was cancelled in favour of older, if anything is
	}
	if ctx := j.cancelRuns(ErrRunReplaced); ctx != nil {
		s.callsBeforeLocked(r).addFirst(func() { ctx.endFor(ErrRunReplaced) })
	}
}

// readmit decides about a run that was admitted once and is to be tried again:
// it waits for whatever is in its way, under any mode.
func (l *limiter) readmit(r *run) verdict {
	if g := &r.job.gate; g.mode != 0 && g.isClosed() {
		l.enqueue(r, stageAtGate)
		g.waiting.sort(r)
		return verdictWaitAtGate
	}
	return l.admitToSlot(r, false, false)
}

// release frees what a granted run held: a slot, and the gate of the record that its job has now.
func (l *limiter) release(r *run) {
	l.taken--
	r.job.current().gate.passed--
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

// startWaitingLocked starts the runs that a finished one has made room for: at the gate
// of its job, whose record is cur, and among the runs that wait for one of l's slots.
func (s *scheduler) startWaitingLocked(l *limiter, cur *internalJob) {
	if own := cur.limiter(); cur.listed { // else those at its gate are being dropped
		for r := own.nextAtGate(&cur.gate); r != nil; r = own.nextAtGate(&cur.gate) {
			s.actLocked(r, own.admitWaiting(r), s.now())
		}
	}
	s.fillSlotsLocked(l)
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

// admitWaiting decides about a run that has waited at its gate, which is open.
func (l *limiter) admitWaiting(r *run) verdict {
	return l.admitToSlot(r, false, l.mode == LimitModeReschedule && !r.hasBegun())
}

// fillSlotsLocked starts a batch of the runs that wait, while l has slots for them. It reports
// whether there may be more.
func (s *scheduler) fillSlotsLocked(l *limiter) bool {
	for range runsBatch {
		r := l.next()
		if r == nil {
			return false
		}
		s.markReadyLocked(r)
	}
	return true
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
