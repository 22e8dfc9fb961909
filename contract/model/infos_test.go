//go:build go1.25

package model_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/gocron-fixed/gocron/v2"
)

// A modelPast is a run that has finished, as its job's history has it. Those that
// finished before the same look stand in no order.
type modelPast struct {
	look int
	text string
}

var errModelNo = errors.New("no")

const contextText = "its context"

// errorText tells the errors of runs apart.
func errorText(err error) string {
	for _, known := range []error{gocron.ErrRunTimeout, gocron.ErrPanicRecovered, gocron.ErrTaskGoexit, errModelTask, errModelNo,
		gocron.ErrQueueFull, gocron.ErrRunReplaced, gocron.ErrRunCancelled, gocron.ErrJobNotFound, gocron.ErrJobRunNowFailed} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	switch {
	case err == nil:
		return ""
	case errors.Is(err, context.Canceled):
		return contextText
	default:
		return "unknown: " + err.Error()
	}
}

// notCalledText is the error of a run that has begun and did not get to its task, if there is no
// other.
func notCalledText(outcome gocron.Outcome) string {
	if outcome == gocron.OutcomePaused {
		return "unknown: gocron: run paused before its task was called"
	}
	return gocron.ErrRunCancelled.Error()
}

func awaitedText(err error) string { return "run and wait: " + errorText(err) + " " }
func idleText(err error) string    { return "wait: " + errorText(err) }

func runText(number, attempt int) string { return fmt.Sprintf("run %d, attempt %d", number, attempt) }

// A modelInfo is a RunInfo in words and instants.
type modelInfo struct {
	number, attempt                        int
	name, trigger, outcome, err            string
	scheduled, queued, started, finishedAt modelInstant
	missedFrom, missedTo                   modelInstant
}

func (i modelInfo) String() string {
	text := fmt.Sprintf("%s, of %s by %s: due %s, queued %s, started %s, finished %s: %s %q", runText(i.number, i.attempt), i.name,
		i.trigger, instantText(i.scheduled), instantText(i.queued), instantText(i.started), instantText(i.finishedAt), i.outcome, i.err)
	if i.missedFrom != noInstant || i.missedTo != noInstant {
		text += fmt.Sprintf(" from %s to %s", instantText(i.missedFrom), instantText(i.missedTo))
	}
	return text
}

// infoText is infoOf for the real side.
func (w *modelWorld) infoText(info gocron.RunInfo) string {
	number := int(info.ID)
	if info.Outcome == gocron.OutcomeMissed {
		number = 0 // those of one Start are made in any order
	}
	return modelInfo{number, info.Attempt, info.JobName, info.Trigger.String(), info.Outcome.String(), errorText(info.Err),
		w.instant(info.ScheduledAt), w.instant(info.QueuedAt), w.instant(info.StartedAt), w.instant(info.FinishedAt),
		w.instant(info.MissedFrom), w.instant(info.MissedTo)}.String()
}

var modelTriggers = [...]gocron.Trigger{bySchedule: gocron.TriggerSchedule, byStart: gocron.TriggerStartImmediately, byRunNow: gocron.TriggerRunNow}

func (m *modelScheduler) infoOf(r *modelRun) string {
	trigger := modelTriggers[r.trigger]
	if r.attempt > 1 {
		trigger = gocron.TriggerRetry
	}
	number := r.number
	if r.outcome == gocron.OutcomeMissed {
		number = 0
	}
	return modelInfo{number, r.attempt, fmt.Sprint(r.job.spec.label), trigger.String(), r.outcome.String(), r.err,
		r.nominal, r.queuedAt, r.startedAt, r.finishedAt, r.missedFrom, r.missedTo}.String()
}

// tellHook tells of a run that goes on. What is told with it does not change until
// it is heard.
func (m *modelScheduler) tellHook(r *modelRun, what string, at modelInstant) {
	if m.program.setup.hooks {
		m.tell(r.job.spec.label, "hook "+what+": "+runText(r.number, r.attempt), at, 0)
	}
}
