package gocron

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"
)

// AnyOf defines a job that is due whenever one of the definitions is: for instance a crontab for
// working days and another for weekends, or a daily job and a few more instants. If several of them
// name the same time, it is one run. A definition may be a CronJob, DailyJob, WeeklyJob,
// MonthlyJob, MonthlyWeekdayJob, ScheduleJob, or a OneTimeJob with times.
//
// All times go by the wall clock and by one time zone: the zone of WithJobLocation, else the
// scheduler's. A CRON_TZ counts for its own crontab. Intervals of days, weeks and months count from
// the start of the job. WithDaylightSavingsTimePolicy applies to all definitions; without it each
// has its own default. A OneTimeJob's instant never runs twice when the clock is set back, and is
// not kept for Resume when it comes while the job is paused. With a ScheduleJob among the
// definitions, the scheduler asks for the job's times as it asks a Schedule.
//
// AnyOf is refused with an error that says which definition is at fault. It Is ErrOptionValue for a
// definition of another kind: a DurationJob, a ManualJob, an AnyOf, a CronJob with "@every" or a
// Cron of yours, or a OneTimeJob that runs at once or runs past times. It Is ErrJobDefinitionNil
// for a nil definition, and ErrJobNeverRuns if there is no definition or a definition has no
// occurrence. Otherwise it is the error with which NewJob would refuse the definition alone.
func AnyOf(definitions ...JobDefinition) JobDefinition {
	return &anyOfDefinition{members: append([]JobDefinition(nil), definitions...)}
}

type anyOfDefinition struct {
	members []JobDefinition
}

const anyOfTakes = "CronJob without @every, DailyJob, WeeklyJob, MonthlyJob, MonthlyWeekdayJob, OneTimeJob with times, ScheduleJob"

func (a *anyOfDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if len(a.members) == 0 {
		return nil, neverRuns("AnyOf: names no definition")
	}
	plan := &anyOfSchedule{}
	for i, member := range a.members {
		part, err := partOf(member, cfg)
		if err != nil {
			return nil, fmt.Errorf("%w (AnyOf: definition %d)", err, i+1)
		}
		plan.asks = plan.asks || asksUserCode(part)
		plan.parts = append(plan.parts, part)
	}
	return plan, nil
}

// partOf is the schedule of a definition in an AnyOf. A Cron of the user's is not called.
func partOf(member JobDefinition, cfg scheduleConfig) (schedule, error) {
	refuse := func(what string) (schedule, error) { return nil, optionValueError("AnyOf", what, anyOfTakes) }
	switch member.(type) {
	case nil:
		return nil, ErrJobDefinitionNil
	case *durationSchedule:
		return refuse("DurationJob")
	case *durationRandomDefinition:
		return refuse("DurationRandomJob")
	case *anyOfDefinition:
		return refuse("AnyOf")
	case manualSchedule:
		return refuse("ManualJob")
	case *cronDefinition:
		if _, ours := cfg.cron.(*defaultCron); cfg.cron != nil && !ours {
			return refuse("CronJob with a Cron of WithCronImplementation")
		}
	}
	part, err := member.schedule(cfg)
	if err != nil {
		return nil, err
	}
	switch part := part.(type) {
	case *cronSchedule:
		if part.every > 0 {
			return refuse("CronJob with @every")
		}
	case *oneTimeSchedule:
		switch {
		case part.immediately:
			return refuse("OneTimeJobStartImmediately")
		case part.runsPast:
			return refuse("OneTimeJobStartDateTimesOrNow")
		}
	}
	return part, nil
}

// anyOfSchedule is a union. Its next calls user code if one of the parts does.
type anyOfSchedule struct {
	parts []schedule
	asks  bool // one of the parts asks user code for its times

	// over is set when the clock was set back so far that everything goes by the new time: up to
	// then, one-time instants have passed and do not come again. The other parts then count
	// backwards from the anchor as well.
	over atomic.Pointer[time.Time]
}

func (a *anyOfSchedule) next(anchor, t time.Time) (first time.Time) {
	t = t.Round(0)
	over := a.over.Load()
	for _, part := range a.parts {
		from, start := t, anchor
		if over != nil {
			start = rewound(part, anchor, t)
			if _, once := part.(*oneTimeSchedule); once && t.Before(*over) {
				from = *over
			}
		}
		if next := part.next(start, from).Round(0); !next.IsZero() && (first.IsZero() || next.Before(first)) {
			first = next
		}
	}
	if first.IsZero() {
		return time.Time{}
	}
	return first.In(anchor.Location())
}

// An anyOfWalk is the walker of s while no part of s asks user code and the clock was not set back.
type anyOfWalk struct {
	s      *anyOfSchedule
	coming []time.Time // the first of each part after what was returned last
}

func (w *anyOfWalk) next(anchor, t time.Time) (first time.Time) {
	begun := w.coming != nil
	if !begun {
		w.coming, t = make([]time.Time, len(w.s.parts)), t.Round(0)
	}
	for i, part := range w.s.parts {
		coming := &w.coming[i]
		if !begun || coming.Equal(t) {
			*coming = part.next(anchor, t).Round(0)
		}
		if !coming.IsZero() && (first.IsZero() || coming.Before(first)) {
			first = *coming
		}
	}
	if first.IsZero() {
		return first
	}
	return first.In(anchor.Location())
}

// hasInstant reports whether t is an instant of a one-time part.
func (a *anyOfSchedule) hasInstant(t time.Time) bool {
	for _, part := range a.parts {
		if once, is := part.(*oneTimeSchedule); is && once.next(time.Time{}, t.Add(-1)).Equal(t) {
			return true
		}
	}
	return false
}

func (a *anyOfSchedule) public() JobSchedule {
	shown := AnyOfJobSchedule{Schedules: make([]JobSchedule, len(a.parts))}
	for i, part := range a.parts {
		shown.Schedules[i] = part.public()
	}
	return shown
}

// countBack is called when everything is to go by the new time of a clock that has shown latest.
// The job's next time was not handed over, if there is one.
func (a *anyOfSchedule) countBack(latest, next time.Time) {
	if !next.IsZero() && !latest.Before(next) {
		latest = next.Add(-1)
	}
	if over := a.over.Load(); over == nil || over.Before(latest) {
		a.over.Store(&latest)
	}
}

// neverFires says why plan, or a part of it, has no time after from, "" if all have. A Schedule of
// the user's is not asked.
func neverFires(plan schedule, anchor, from time.Time) string {
	switch plan := plan.(type) {
	case *userCron:
		return ""
	case *anyOfSchedule:
		for i, part := range plan.parts {
			if why := neverFires(part, anchor, from); why != "" {
				return fmt.Sprintf("%s (AnyOf: definition %d)", why, i+1)
			}
		}
		return ""
	}
	if plan.next(anchor, from).IsZero() {
		return whyNever(plan, anchor)
	}
	return ""
}

// leftOut is how many of the instants that were given for plan are past.
func leftOut(plan schedule) (past uint32) {
	switch plan := plan.(type) {
	case *oneTimeSchedule:
		return plan.past
	case *anyOfSchedule:
		for _, part := range plan.parts {
			past += leftOut(part)
		}
	}
	return past
}

// readsCrontabs reports whether the definition is a CronJob, or has one in it.
func readsCrontabs(definition JobDefinition) bool {
	switch definition := definition.(type) {
	case *cronDefinition:
		return true
	case *anyOfDefinition:
		return slices.ContainsFunc(definition.members, readsCrontabs)
	}
	return false
}
