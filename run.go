package gocron

import "time"

// A run is one occurrence of one job, from the moment it fell due, or was asked
// for, to its outcome. The first six fields never change. The scheduler's mu guards the others.
type run struct {
	job         *internalJob // the definition it was made from
	session     *session     // the Start it belongs to
	id          uint64
	scheduledAt time.Time
	trigger     Trigger
	delayed     bool // by WithJitter

	stage    runStage
	notices  notice  // to be told by a worker before anything else happens
	outcome  Outcome // of the latest attempt; the run's own once it has finished
	enqueued bool    // in the ready queue, or with a worker
	waited   bool    // it did not start at once
	attempts uint32  // how often the task was started
	cancels  uint32  // of its job, when it was granted: it is cancelled if there are more by now
	place    int32   // in the waitQueue's heap, or among the retries
	turn     uint64  // its place in the order of waiting: its id, or that of the run whose place it took
	record   *runRecord

	prev, next    *run // in a runList
	ahead, behind *run // in a runChain
	nextReady     *run // in the readyQueue
}

func (r *run) heapPlace() int         { return int(r.place) }
func (r *run) setHeapPlace(place int) { r.place = int32(place) }

// hasBegun reports whether the task was started, in some attempt.
func (r *run) hasBegun() bool { return r.attempts > 0 }

// waitsSince is when r, which waits for its turn, began to.
func (r *run) waitsSince() time.Time {
	if r.record != nil {
		return r.record.queuedAt
	}
	return r.scheduledAt // it was dispatched at once
}

// runStage is how far a run has come. docs/DESIGN.md shows which stage follows which.
type runStage uint8

const (
	stageNew      runStage = iota
	stageAtGate            // waits for its job's gate
	stageForSlot           // waits for a slot
	stageGranted           // holds slot and gate; the task of this attempt has not started
	stageRunning           // the task is being performed
	stageEnding            // the task has ended, and its end is being told
	stageRetrying          // waits for the time of its next attempt
	stageFinished          // has its outcome
)

func (s runStage) isWaiting() bool  { return s == stageAtGate || s == stageForSlot }
func (s runStage) isRetrying() bool { return s == stageRetrying }

// hasSlot reports whether the run holds slot and gate.
func (s runStage) hasSlot() bool { return s >= stageGranted && s <= stageEnding }

// isInAttempt reports whether the task of this attempt was started.
func (s runStage) isInAttempt() bool { return s == stageRunning || s == stageEnding }

// A notice is what hooks and monitors are to be told of a run by a worker. They
// are a set: those that a run has are told in this order.
type notice uint8

const (
	noticeCalls notice = 1 << iota // its record has calls to make
	noticeDue
	noticeSingletonWait
	noticeSingletonSkip
	noticeLimit // it waits for a slot, or is skipped because there is none
	noticeQueued
	noticeFinished
)

// first is the one of the notices to tell first. There must be one.
func (n notice) first() notice { return n & -n }
