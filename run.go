package gocron

import "time"

// A run is one occurrence of one job, from the moment it fell due, or was asked
// for, to its outcome. Who made it and what for never changes.
// The scheduler's mu guards the other fields.
type run struct {
	job         *internalJob // the definition it was made from
	session     *session     // the Start it belongs to
	seq         uint64       // hand-over order
	scheduledAt time.Time
	trigger     trigger

	stage    runStage
	notice   notice // to be told to the monitors before anything else happens
	attended bool   // in the ready queue, or with a worker
	waited   bool   // it did not start at once
	started  bool   // the task was started

	place         int32 // in the waitQueue's heap
	prev, next    *run  // in the job's runList
	ahead, behind *run  // in the waitQueue
	nextReady     *run  // in the readyQueue
}

func (r *run) heapPlace() int         { return int(r.place) }
func (r *run) setHeapPlace(place int) { r.place = int32(place) }

// A trigger is what made a run.
type trigger uint8

const (
	triggerSchedule trigger = iota
	triggerImmediately
	triggerRunNow
)

// runStage is how far a run has come.
type runStage uint8

const (
	stageNew     runStage = iota
	stageAtGate           // waits for its job's gate
	stageForSlot          // waits for a slot
	stageGranted          // holds slot and gate
	stageFinished
)

func (s runStage) waiting() bool { return s == stageAtGate || s == stageForSlot }

// A notice is what the monitors are to be told of a run by a worker.
type notice uint8

const (
	noticeNone notice = iota
	noticeSingletonWait
	noticeSingletonSkip
	noticeLimit   // it waits for a slot, or is skipped because there is none
	noticeJobLeft // the run only stands for its job, which has left
)

// An outcome is what became of a run. Every run has exactly one.
type outcome uint8

const (
	outcomeSucceeded outcome = iota
	outcomeFailed            // an error, a recovered panic, or runtime.Goexit
	outcomeSkippedSingleton
	outcomeSkippedLimit
	outcomeNotLeader
	outcomeNotLocked
	outcomeRefused   // by BeforeJobRunsSkipIfBeforeFuncErrors
	outcomeCancelled // removed, replaced, stopped, or the job's context ended
)

// A runList is a doubly linked ring of the waiting runs of one job.
type runList struct {
	head *run // nil when empty
}

func (l *runList) empty() bool { return l.head == nil }

// tail is the last run of a list that is not empty.
func (l *runList) tail() *run { return l.head.prev }

func (l *runList) append(r *run) {
	if l.head == nil {
		l.head, r.prev, r.next = r, r, r
		return
	}
	r.prev, r.next = l.head.prev, l.head
	r.prev.next, r.next.prev = r, r
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

// A waitQueue holds the runs that wait for a slot, in order of seq. Nearly all
// come in that order and stand in a list. One that waited at its gate first is
// older than others in the list, so those that come late stand in a heap.
type waitQueue struct {
	head, tail *run // linked by ahead and behind
	late       heap[*run]
	count      int
}

func (q *waitQueue) len() int { return q.count }

func (q *waitQueue) push(r *run) {
	q.count++
	switch {
	case q.tail == nil:
		q.head, q.tail = r, r
	case q.tail.seq < r.seq:
		r.ahead, q.tail.behind = q.tail, r
		q.tail = r
	default:
		q.late.push(r, 0, r.seq)
	}
}

// first is the run to go next. The queue must not be empty.
func (q *waitQueue) first() *run {
	if q.head == nil || q.late.len() > 0 && q.late.first().seq < q.head.seq {
		return q.late.first().item
	}
	return q.head
}

func (q *waitQueue) remove(r *run) {
	q.count--
	if r.place > 0 {
		q.late.remove(r)
		return
	}
	if r.ahead == nil {
		q.head = r.behind
	} else {
		r.ahead.behind = r.behind
	}
	if r.behind == nil {
		q.tail = r.ahead
	} else {
		r.behind.ahead = r.ahead
	}
	r.ahead, r.behind = nil, nil
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
