package gocron

import "time"

// A run is one occurrence of one job, from the moment it fell due, or was asked
// for, to its outcome. Who made it and what for never changes.
// The scheduler's mu guards the other fields, except where noted.
type run struct {
	job         *internalJob // the definition it was made from
	session     *session     // the Start it belongs to
	seq         uint64       // hand-over order
	scheduledAt time.Time
	trigger     trigger

	stage    runStage
	notice   verdict // to be told to the monitors before anything else happens
	attended bool    // in the ready queue, or with a worker
	waited   bool    // it did not start at once
	started  bool    // the task was started

	// completedAt is when the task returned. It belongs to the worker until
	// the run finishes.
	completedAt time.Time

	place     int32 // in the limiter's queue
	prev      *run  // in the job's runList, as is next
	next      *run
	nextReady *run // in the readyQueue
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

// A runList is the waiting runs of one job, in order of seq.
type runList struct {
	head, tail *run
	count      int32
}

func (l *runList) len() int { return int(l.count) }

func (l *runList) append(r *run) {
	r.prev = l.tail
	if l.tail == nil {
		l.head = r
	} else {
		l.tail.next = r
	}
	l.tail = r
	l.count++
}

func (l *runList) remove(r *run) {
	if r.prev == nil {
		l.head = r.next
	} else {
		r.prev.next = r.next
	}
	if r.next == nil {
		l.tail = r.prev
	} else {
		r.next.prev = r.prev
	}
	r.prev, r.next = nil, nil
	l.count--
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
