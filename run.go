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
