//go:build go1.25

package model_test

import (
	"fmt"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

type modelTrigger int

const (
	bySchedule modelTrigger = iota
	byStart
	byRunNow
)

type modelRun struct {
	number  int // order of hand-over
	job     *modelJob
	due     modelInstant
	nominal modelInstant // due without the delay
	dueThen modelInstant // by the wall clock as it is set now, if it is due by the monotonic one
	trigger modelTrigger
	session int

	place    int  // in the queue, a number: its own, or that of the run it has replaced
	atGate   bool // while it waits: its turn has not come
	waited   bool
	waits    bool // has waited in this attempt
	queuedAt modelInstant
	retryAt  modelInstant

	attempt   int            // how many were begun
	latest    gocron.Outcome // of the attempt before this one
	performed bool           // its task has started, in some attempt
	inTask    bool           // it has in this attempt, hooks after it included
	over      bool           // that is said to have completed
	locked    bool

	cancelled   bool // its context has ended
	cancelledAt modelInstant
	doomed      bool   // by Cancel, or a newer run
	doom        string // the reason

	station string
	arrived modelInstant // at the station
	alone   bool         // no other run ends its stay there together with it
	then    func()       // what follows stationUnlock
	fate    modelFate

	startedAt    modelInstant
	timesOut     modelInstant // if there is a timeout
	returnedAt   modelInstant
	returnedThen modelInstant  // by the wall clock as it is set now
	ahead        time.Duration // what that had gained by then, since a look
	slept        time.Duration // what the machine has slept since then
	began        modelInstant  // startedAt likewise
	took         time.Duration
	ending       modelEnding // of the task
	finishedAt   modelInstant
	outcome      gocron.Outcome
	err          string
	awaitedBy    int // the number of a RunAndWait, 0 for none

	missedFrom, missedTo modelInstant // of a record of what was missed
}

// pausable reports whether a pause keeps the run from starting.
func (r *modelRun) pausable() bool { return r.trigger != byRunNow && !r.performed }

// A modelVisit is a stay of a run at a station. Those that are equal cannot be
// told apart, and end together.
type modelVisit struct {
	label   int
	station string
	arrived modelInstant
	run     int // its number, where runs end their stays one by one, else 0
}

func (v modelVisit) String() string {
	text := fmt.Sprintf("%d: %s since %v", v.label, v.station, v.arrived)
	if v.run > 0 {
		text += fmt.Sprintf(" of run %d", v.run)
	}
	return text
}

func (r *modelRun) visit() modelVisit {
	v := modelVisit{label: r.job.spec.label, station: r.station, arrived: r.arrived}
	if r.alone {
		v.run = r.number
	}
	return v
}

// endsAlone reports whether runs end their stays at the station one by one. An unlock may last until
// the next attempt is due: then each run frees its slot and at once wants one again, and who of
// several gets it would be a matter of chance.
func (p *modelProgram) endsAlone(station string) bool {
	return p.setup.extended && station == stationUnlock
}

// contextSeen reports whether the run's context is given to whom it visits.
func (r *modelRun) contextSeen() bool {
	return r.station == stationClaim || r.station == stationTask && r.job.spec.takesContext()
}
