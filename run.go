package gocron

import "time"

// A run is one occurrence of one job, from the moment it fell due, or was asked
// for, to its outcome. Who made it and what for never changes.
// The scheduler's mu guards the other fields, and seq.
type run struct {
	job         *internalJob // the definition it was made from
	session     *session     // the Start it belongs to
	seq         uint64       // whose turn it is: hand-over order, or that of the run in whose place it waits
	scheduledAt time.Time
	trigger     Trigger

	stage      runStage
	notices    notice  // to be told by a worker before anything else happens
	outcome    Outcome // of the latest attempt; the run's own once it has finished
	attended   bool    // in the ready queue, or with a worker
	waited     bool    // it did not start at once
	started    bool    // the task was started, in some attempt
	performing bool    // the task was started and the attempt has not ended
	running    bool    // the task was started and has not ended

	cancels       uint32     // of its job, when it was granted: it is cancelled if there are more by now
	place         int32      // in the waitQueue's heap, or among the retries
	record        *runRecord // nil when nobody wants to know
	prev, next    *run       // in a runList
	ahead, behind *run       // in a runChain
	before, after *run       // in a sinceList
	nextReady     *run       // in the readyQueue
}

func (r *run) heapPlace() int         { return int(r.place) }
func (r *run) setHeapPlace(place int) { r.place = int32(place) }

// takeTurn gives r the turn of an older run, in whose place it waits. Its own number,
// which is its id, is kept in the record.
func (r *run) takeTurn(older *run) {
	if r.record == nil {
		r.record = &runRecord{run: r}
	}
	r.record.id, r.seq = r.seq, older.seq
}

// waitsSince is when r, which waits for its turn, began to.
func (r *run) waitsSince() time.Time {
	if r.record != nil {
		return r.record.queuedAt
	}
	return r.scheduledAt // it was handed over at once
}

// runStage is how far a run has come.
type runStage uint8

const (
	stageNew      runStage = iota
	stageAtGate            // waits for its job's gate
	stageForSlot           // waits for a slot
	stageGranted           // holds slot and gate
	stageRetrying          // waits for the time of its next attempt
	stageFinished
)

func (s runStage) waiting() bool  { return s == stageAtGate || s == stageForSlot }
func (s runStage) retrying() bool { return s == stageRetrying }

// A notice is what hooks and monitors are to be told of a run by a worker. They
// are a set: those that a run has are told in this order.
type notice uint8

const (
	noticeErrands notice = 1 << iota // its record has things to be done with nothing locked
	noticeDue
	noticeSingletonWait
	noticeSingletonSkip
	noticeLimit // it waits for a slot, or is skipped because there is none
	noticeQueued
	noticeFinished
	noticeJobLeft // the run only stands for its job, which has left
)

// first is the one of the notices to tell first. There must be one.
func (n notice) first() notice { return n & -n }

// A runList is a doubly linked ring of runs: of those of one job that wait, of
// those that wait to be tried again, or of those in progress.
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
	for at != r && (at.stage != stageAtGate || at.seq < r.seq) {
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

// A sinceList holds runs that wait in the order in which they began to, which is not that
// of their turns: one that is to be tried again, or that has replaced an older one, waits in
// an old place for a short time.
type sinceList struct {
	first, last *run // linked by before and after
}

func (l *sinceList) append(r *run) {
	if l.last == nil {
		l.first = r
	} else {
		r.before, l.last.after = l.last, r
	}
	l.last = r
}

// remove takes r out. A run that is not in it is left alone.
func (l *sinceList) remove(r *run) {
	switch {
	case r.before != nil:
		r.before.after = r.after
	case l.first == r:
		l.first = r.after
	default:
		return
	}
	if r.after != nil {
		r.after.before = r.before
	} else {
		l.last = r.before
	}
	r.before, r.after = nil, nil
}

// A waitQueue holds the runs that wait for a slot, in order of seq. Nearly all
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
	if q.chain.tail == nil || q.chain.tail.seq < r.seq {
		q.chain.append(r)
	} else {
		q.late.push(r, 0, r.seq)
	}
}

// first is the run to go next. The queue must not be empty.
func (q *waitQueue) first() *run {
	if q.chain.head == nil || q.late.len() > 0 && q.late.first().seq < q.chain.head.seq {
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
