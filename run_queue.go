package gocron

// A runList is a doubly linked ring of runs. One has the runs of a job that wait for their turn,
// one the runs that wait for their next attempt, one the runs in progress.
type runList struct {
	head *run // nil when empty
}

func (l *runList) empty() bool { return l.head == nil }

// each calls f for every run, the first first.
func (l *runList) each(f func(*run)) {
	for r := l.head; r != nil; r = r.next {
		f(r)
		if r.next == l.head {
			return
		}
	}
}

// tail is the last run of a list that is not empty.
func (l *runList) tail() *run { return l.head.prev }

// last is the last run, nil if there is none.
func (l *runList) last() *run {
	if l.empty() {
		return nil
	}
	return l.tail()
}

func (l *runList) append(r *run) {
	if l.head == nil {
		l.head, r.prev, r.next = r, r, r
		return
	}
	r.prev, r.next = l.head.prev, l.head
	r.prev.next, r.next.prev = r, r
}

// sort moves r, which was just appended, before the runs at the gate that are newer.
func (l *runList) sort(r *run) {
	at := l.head
	for at != r && (at.stage != stageAtGate || at.turn < r.turn) {
		at = at.next
	}
	if at == r {
		return
	}
	l.remove(r)
	r.prev, r.next = at.prev, at
	r.prev.next, r.next.prev = r, r
	if l.head == at {
		l.head = r
	}
}

func (l *runList) remove(r *run) {
	if r.next == r {
		l.head = nil
	} else {
		r.prev.next, r.next.prev = r.next, r.prev
		if l.head == r {
			l.head = r.next
		}
	}
	r.prev, r.next = nil, nil
}

// A runChain is a queue of waiting runs, from which any can be removed.
type runChain struct {
	head, tail *run // linked by ahead and behind
}

func (c *runChain) append(r *run) {
	if c.tail == nil {
		c.head = r
	} else {
		r.ahead, c.tail.behind = c.tail, r
	}
	c.tail = r
}

func (c *runChain) remove(r *run) {
	if r.ahead == nil {
		c.head = r.behind
	} else {
		r.ahead.behind = r.behind
	}
	if r.behind == nil {
		c.tail = r.ahead
	} else {
		r.behind.ahead = r.ahead
	}
	r.ahead, r.behind = nil, nil
}

// substitute puts r in the place of older.
func (c *runChain) substitute(r, older *run) {
	r.ahead, r.behind = older.ahead, older.behind
	older.ahead, older.behind = nil, nil
	if r.ahead == nil {
		c.head = r
	} else {
		r.ahead.behind = r
	}
	if r.behind == nil {
		c.tail = r
	} else {
		r.behind.ahead = r
	}
}

// A waitQueue holds the runs that wait for a slot, in order of turn. Nearly all
// come in that order and stand in a chain. One that waited at its gate first is
// older than others in the chain, so those that come late stand in a heap.
type waitQueue struct {
	chain runChain
	late  heap[*run]
	count int
}

func (q *waitQueue) len() int { return q.count }

func (q *waitQueue) push(r *run) {
	q.count++
	if q.chain.tail == nil || q.chain.tail.turn < r.turn {
		q.chain.append(r)
	} else {
		q.late.push(r, 0, r.turn)
	}
}

// first is the run to go next. The queue must not be empty.
func (q *waitQueue) first() *run {
	if q.chain.head == nil || q.late.len() > 0 && q.late.first().seq < q.chain.head.turn {
		return q.late.first().item
	}
	return q.chain.head
}

// substitute puts r in the place of older.
func (q *waitQueue) substitute(r, older *run) {
	if older.place == 0 {
		q.chain.substitute(r, older)
		return
	}
	q.late.entries[older.place-1].item = r
	r.place, older.place = older.place, 0
}

func (q *waitQueue) remove(r *run) {
	q.count--
	if r.place > 0 {
		q.late.remove(r)
	} else {
		q.chain.remove(r)
	}
}

// A readyQueue holds the runs that a worker has to see to, first in, first out.
type readyQueue struct {
	head, tail *run
}

func (q *readyQueue) push(r *run) {
	if q.tail == nil {
		q.head = r
	} else {
		q.tail.nextReady = r
	}
	q.tail = r
}

func (q *readyQueue) pop() *run {
	r := q.head
	if r == nil {
		return nil
	}
	q.head = r.nextReady
	if q.head == nil {
		q.tail = nil
	}
	r.nextReady = nil
	return r
}

// runsBatch bounds how many waiting runs are started or ended before others get a chance at the lock:
// a job may have a million.
const runsBatch = 256

// hasWaiting reports whether runs of j wait, for their turn or for another attempt.
func (j *internalJob) hasWaiting() bool {
	return !j.gate.waiting.empty() || !j.rareState().retrying.empty()
}

// waitingRuns are the runs of j that wait, for their turn or for another attempt.
func (j *internalJob) waitingRuns() (waiting []*run) {
	add := func(r *run) { waiting = append(waiting, r) }
	j.gate.waiting.each(add)
	j.rareState().retrying.each(add)
	return waiting
}

// waitingSession is the session of j's runs that wait, of which there must be one: Start waits
// until a stop has dropped the runs of the session before.
func (j *internalJob) waitingSession() *session {
	if r := j.gate.waiting.head; r != nil {
		return r.session
	}
	return j.rareState().retrying.head.session
}

// dropSomeLocked drops a batch of j's runs that wait, for their turn or for another attempt. It
// reports whether none is left.
func (s *scheduler) dropSomeLocked(j *internalJob) bool {
	if !j.hasWaiting() {
		return true
	}
	now := s.now()
	for range runsBatch {
		switch {
		case !j.gate.waiting.empty():
			s.finishLocked(j.gate.waiting.tail(), OutcomeCancelled, now)
		case !j.rareState().retrying.empty():
			s.finishLocked(j.rare.retrying.tail(), OutcomeCancelled, now)
		default:
			return true
		}
	}
	return !j.hasWaiting()
}

// dropAllLocked drops all runs of j that wait. None of them may start any more. It lets go of the lock
// in between.
func (s *scheduler) dropAllLocked(j *internalJob) {
	for !s.dropSomeLocked(j) {
		s.yieldLocked()
	}
}

// dropRetryingLocked drops all runs of j that wait for another attempt.
func (s *scheduler) dropRetryingLocked(j *internalJob) {
	for !j.rareState().retrying.empty() {
		s.finishLocked(j.rare.retrying.tail(), OutcomeCancelled, s.now())
	}
}

// endWaitingLocked ends the runs of j that wait, for their turn or for another attempt, and for
// which meant is true. It lets go of the lock in between: before the call mayStartLocked must have a
// reason to refuse a run that gets its slot then.
func (s *scheduler) endWaitingLocked(j *internalJob, o Outcome, meant func(*run) bool) {
	s.endListedLocked(&j.gate.waiting, runStage.isWaiting, o, meant)
	s.endListedLocked(&j.makeRareState().retrying, runStage.isRetrying, o, meant)
}

// endListedLocked is endWaitingLocked for one list of runs; in reports whether a stage belongs to
// it. The last come first, so that none gets through its gate.
func (s *scheduler) endListedLocked(list *runList, in func(runStage) bool, o Outcome, meant func(*run) bool) {
	looked := 0
	for r := list.last(); r != nil; {
		next := r.prev
		if r == list.head {
			next = nil
		}
		if meant(r) {
			s.finishLocked(r, o, s.now())
		}
		if looked++; looked%runsBatch == 0 {
			s.yieldLocked()
		}
		if next != nil && !in(next.stage) { // it has got its turn meanwhile
			next = list.last()
		}
		r = next
	}
}
