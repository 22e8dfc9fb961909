//go:build go1.25

package model_test

import (
	"fmt"
	"math/rand"
	"strings"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// A modelInstant is a time, counted from the begin of a program, which is a
// midnight in UTC.
type modelInstant = time.Duration

// A modelProgram is what one random test does to one scheduler. It is made of
// plain values, so it can be printed, replayed and cut down.
type modelProgram struct {
	seed  int64
	setup modelSetup
	steps []modelStep
}

// modelSetup is the scheduler's options.
type modelSetup struct {
	slots       int // 0: no limit
	slotMode    gocron.LimitMode
	stopTimeout time.Duration
	elector     bool
	locker      bool
	plain       bool // WithMonitor
	status      bool // WithMonitorStatus
	monitor     bool // WithSchedulerMonitor
	modelSetupExtras
}

type modelAction int

const (
	actAdd modelAction = iota
	actUpdate
	actRemove
	actRemoveByTag
	actRunNow
	actAdvance
	actJump    // the clock shows nothing in between; on the real clock as actAdvance
	actSetBack // nothing on the real clock
	actCancelContext
	actStart
	actStop
	actShutdown
	actPause
	actResume
	actCancelRuns
	actSetLimit
	actRunAndWait
	actAwaitIdle
	actPauseAll
	actResumeAll
	actRemoveByKey
)

// A modelStep is one operation of a program.
type modelStep struct {
	action modelAction
	spec   modelSpec     // actAdd, actUpdate
	label  int           // the definition whose job is meant
	tag    string        // actRemoveByTag; actPause and actResume, if not of the label's job
	by     time.Duration // actAdvance, actJump, actSetBack; of actStop and actShutdown the context's time, 0 without
	times  int           // actRunNow
	limit  int           // actSetLimit
	pool   int           // actSetLimit
	key    int           // actRemoveByKey
	inside bool          // from inside a run, if there is one
}

type modelKind int

const (
	kindDuration modelKind = iota
	kindRandom
	kindCron
	kindOwnCron // a Cron of the user's
	kindDaily
	kindOnce
	kindNthWeekday
	kindAnyOf
	kindManual
)

// A modelSpec is everything about one definition of a job. Times are counted
// from the moment it is given to the scheduler.
type modelSpec struct {
	label    int // a name that no other definition of the program has
	slot     int // a chosen identifier, 0 for a random one
	kind     modelKind
	every    time.Duration // duration, also of the user's Cron; the least of a random one
	most     time.Duration // what a random one is less than
	cron     modelCron
	interval int             // days
	atTimes  []time.Duration // of the day
	instants []time.Duration

	immediately    bool
	startIn        *time.Duration
	startPast      bool
	stopIn         *time.Duration
	limitedRuns    int
	singleton      gocron.LimitMode
	fromCompletion bool
	withContext    bool // the user's, which actCancelContext ends
	contextEnded   bool // from the begin
	tags           []string
	listeners      bool
	takesPanics    bool
	refuses        bool // has a listener that may refuse a run
	ownLocker      bool
	lockerDisabled bool
	badName        bool // which refuses the definition
	modelSpecExtras
	modelSpecSchedule
	modelSpecByHand
}

// A modelFate is how long a run stays at a station, and how it leaves it.
type modelFate struct {
	stay   time.Duration
	ending modelEnding
}

type modelEnding int

const (
	endsWell modelEnding = iota
	endsWithError
	endsWithPanic
	endsWithGoexit
)

// The stations of a run: where it calls user code that may take its time.
const (
	stationClaim  = "claim" // elector or locker
	stationRefuse = "ask before-func"
	stationTask   = "task"
	stationAfter  = "after"
	stationError  = "after error"
	stationUnlock = "unlock"
)

// fate depends on nothing but the program and its arguments: runs of one
// definition that come to one station at one time do not differ.
func (p *modelProgram) fate(spec *modelSpec, station string, at modelInstant) modelFate {
	rnd := rand.New(rand.NewSource(p.seed ^ int64(spec.label)<<40 ^ int64(len(station))<<48 ^ int64(at)*31))
	chance := rnd.Intn(100)
	if station != stationTask {
		stay := time.Duration(0)
		if rnd.Intn(6) == 0 {
			stay = time.Duration(rnd.Intn(5)) * time.Second
		}
		if chance < 25 {
			return modelFate{stay, endsWithError}
		}
		return modelFate{stay, endsWell}
	}
	stays := []time.Duration{0, 0, 1, time.Second, 4 * time.Second, 5 * time.Second, 11 * time.Second, 40 * time.Second}
	f := modelFate{stay: stays[rnd.Intn(len(stays))]}
	switch {
	case chance < 60:
	case chance < 80:
		f.ending = endsWithError
	case chance < 90:
		f.ending = endsWithGoexit
	case spec.takesPanics || spec.recovers:
		f.ending = endsWithPanic
	}
	return f
}

// takesContext reports whether the task has a parameter for the job's context.
func (s *modelSpec) takesContext() bool { return s.label%2 == 0 }

// givesContext reports whether the definition has a context of the user's, which
// is also how the elector knows whom it is asked about.
func (p *modelProgram) givesContext(spec *modelSpec) bool {
	return spec.withContext || spec.contextEnded || p.setup.elector
}

func (p *modelProgram) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "program %d: %s\n", p.seed, p.setup)
	for i := range p.steps {
		fmt.Fprintf(&b, "  %2d  %s\n", i+1, &p.steps[i])
	}
	return b.String()
}

func (s modelSetup) String() string {
	text := fmt.Sprintf("stop timeout %v", s.stopTimeout)
	if s.slots > 0 {
		text += fmt.Sprintf(", limit %d %s", s.slots, modeText(s.slotMode))
	}
	return text + flagText(s.elector, "elector") + flagText(s.locker, "locker") +
		flagText(s.plain, "monitor") + flagText(s.status, "status monitor") + flagText(s.monitor, "scheduler monitor") +
		s.modelSetupExtras.String()
}

func (s *modelStep) String() string {
	where := ""
	if s.inside {
		where = " (inside a run)"
	}
	return s.what() + where
}

func (s *modelStep) what() string {
	switch s.action {
	case actAdd:
		return "add " + s.spec.String()
	case actUpdate:
		return fmt.Sprintf("update job of %d to %s", s.label, s.spec.String())
	case actRemove:
		return fmt.Sprintf("remove job of %d", s.label)
	case actRemoveByTag:
		return "remove by tag " + s.tag
	case actRunNow:
		return fmt.Sprintf("run job of %d now, %d times", s.label, s.times)
	case actAdvance:
		return fmt.Sprintf("advance %v", s.by)
	case actJump:
		return fmt.Sprintf("jump %v", s.by)
	case actSetBack:
		return fmt.Sprintf("set the clock back by %v", s.by)
	case actCancelContext:
		return fmt.Sprintf("cancel the user's context of %d", s.label)
	case actStart:
		return "start"
	case actStop:
		return "stop" + withinText(s.by)
	case actShutdown:
		return "shut down" + withinText(s.by)
	default:
		return s.steering()
	}
}

func (s *modelSpec) String() string {
	text := fmt.Sprintf("%d: ", s.label)
	switch s.kind {
	case kindDuration:
		text += fmt.Sprintf("every %v", s.every)
	case kindRandom:
		text += fmt.Sprintf("every %v to %v", s.every, s.most)
	case kindCron:
		text += fmt.Sprintf("cron %q", s.cron)
	case kindOwnCron:
		text += fmt.Sprintf("own cron, every %v of the day", s.every)
	case kindDaily:
		text += fmt.Sprintf("every %d days at %v", s.interval, s.atTimes)
	case kindNthWeekday:
		text += fmt.Sprintf("every %d months on %v at %v", s.interval, s.nth, s.atTimes)
	case kindAnyOf:
		text += s.partsText()
	case kindManual:
		text += "by hand"
	case kindOnce:
		text += fmt.Sprintf("once in %v", s.instants)
	}
	if s.slot > 0 {
		text += fmt.Sprintf(", id %d", s.slot)
	}
	if s.startIn != nil {
		text += fmt.Sprintf(", start in %v%s", *s.startIn, flagText(s.startPast, "may be past"))
	}
	if s.stopIn != nil {
		text += fmt.Sprintf(", stop in %v", *s.stopIn)
	}
	if s.limitedRuns > 0 {
		text += fmt.Sprintf(", %d runs", s.limitedRuns)
	}
	if s.singleton > 0 {
		text += ", singleton " + modeText(s.singleton)
	}
	if len(s.tags) > 0 {
		text += fmt.Sprintf(", tags %v", s.tags)
	}
	return text + flagText(s.immediately, "immediately") + flagText(s.fromCompletion, "from completion") +
		flagText(s.withContext, "with context") + flagText(s.contextEnded, "ended context") + flagText(s.listeners, "listeners") +
		flagText(s.takesPanics, "takes panics") + flagText(s.refuses, "may refuse") +
		flagText(s.ownLocker, "own locker") + flagText(s.lockerDisabled, "locker disabled") +
		flagText(s.badName, "empty name") + s.modelSpecExtras.String() + s.modelSpecSchedule.String() +
		s.modelSpecByHand.String()
}

func withinText(by time.Duration) string {
	if by == 0 {
		return ""
	}
	return fmt.Sprintf(" within %v", by)
}

func modeText(mode gocron.LimitMode) string {
	return [...]string{gocron.LimitModeReschedule: "reschedule", gocron.LimitModeWait: "wait", gocron.LimitModeQueueOne: "queue one", gocron.LimitModeReplace: "replace"}[mode]
}

func flagText(set bool, text string) string {
	if set {
		return ", " + text
	}
	return ""
}
