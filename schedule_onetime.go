package gocron

import (
	"fmt"
	"sort"
	"time"
)

// OneTimeJob defines a job that runs once at each of the times that startAt gives, or once at once.
// You may give times in any order. The same instant given twice is one run. Times that are past, or
// now, are left out, which is logged; OneTimeJobStartDateTimesOrNow runs them late instead.
//
// A time that passes while the scheduler is not running does not run: its outcome is OutcomeMissed.
// A time that passes while the job is paused runs on Resume, unless the job is claimed.
//
// After its last run the job stays in the scheduler without a next run, until it is removed or the
// next Start finds nothing left for it to do. WithRemoveWhenFinished and a stop time make it leave
// earlier. With WithLimitedRuns it leaves when all of them are used up, or when its last time was
// skipped; while some are left it stays for RunNow.
//
// It is refused with ErrOneTimeJobStartDateTimePast if no time is left, and with
// ErrOneTimeJobStartAtNil if startAt is nil.
func OneTimeJob(startAt OneTimeJobStartAtOption) JobDefinition {
	return &oneTimeDefinition{startAt: startAt}
}

// OneTimeJobStartAtOption says when a one-time job runs. It is made by
// OneTimeJobStartImmediately, OneTimeJobStartDateTime, OneTimeJobStartDateTimes or
// OneTimeJobStartDateTimesOrNow.
type OneTimeJobStartAtOption func(*internalJob) []time.Time

// OneTimeJobStartImmediately runs the job once, as soon as the scheduler and the
// job are both there: when the scheduler starts, or at once if it is running.
func OneTimeJobStartImmediately() OneTimeJobStartAtOption {
	return func(j *internalJob) []time.Time {
		j.startImmediately = true
		return nil
	}
}

// OneTimeJobStartDateTime runs the job at start.
func OneTimeJobStartDateTime(start time.Time) OneTimeJobStartAtOption {
	return func(*internalJob) []time.Time {
		return []time.Time{start}
	}
}

// OneTimeJobStartDateTimes runs the job at each of times.
func OneTimeJobStartDateTimes(times ...time.Time) OneTimeJobStartAtOption {
	all := append([]time.Time(nil), times...)
	return func(*internalJob) []time.Time {
		return append([]time.Time(nil), all...)
	}
}

// OneTimeJobStartDateTimesOrNow runs the job once at each of times. A time that is past, or that
// passes while the scheduler is not running, runs as soon as the job is in a scheduler that runs.
// Past times run one after the other, the earliest first, and RunInfo.ScheduledAt is the time that
// you gave. Use it for stored reminders: a reminder whose time came while the program was down runs
// late, not never.
//
// The job does not know which times have run in an earlier process, or before an Update: forget
// those that have. A time before the start time does not run. The zero time is
// refused. A job under a Claimer is refused with ErrClaimSchedule, since what is past differs from
// node to node.
func OneTimeJobStartDateTimesOrNow(times ...time.Time) OneTimeJobStartAtOption {
	all := append([]time.Time(nil), times...)
	return func(j *internalJob) []time.Time {
		j.makeSettings().runsPast = true
		return append([]time.Time(nil), all...)
	}
}

type oneTimeDefinition struct {
	startAt OneTimeJobStartAtOption
}

func (o *oneTimeDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if o.startAt == nil {
		return nil, ErrOneTimeJobStartAtNil
	}
	answer := o.ask(cfg.job)
	if answer.immediately && len(answer.times) == 0 && !answer.runsPast {
		return onlyImmediately, nil
	}
	for i, t := range answer.times {
		switch {
		case pastYears(t):
			return nil, optionValueError("OneTimeJob start time", timeText(t), "a time before the year 10000")
		case t.IsZero() && answer.runsPast:
			return nil, fmt.Errorf("%w: OneTimeJobStartDateTimesOrNow: time %d is the zero time", ErrOptionValue, i+1)
		}
	}
	plan := &oneTimeSchedule{immediately: answer.immediately, runsPast: answer.runsPast}
	stored := cfg.job != nil && cfg.job.settings().stored
	if plan.runsPast || stored {
		plan.times = distinctInstants(answer.times)
	} else {
		future := instantsAfter(cfg.now, answer.times)
		plan.times, plan.past = distinctInstants(future), uint32(len(answer.times)-len(future))
	}
	if len(plan.times) == 0 && !plan.immediately {
		return nil, ErrOneTimeJobStartDateTimePast // under a store Start decides about times that are past
	}
	return plan, nil
}

// A oneTimeAnswer is what a OneTimeJobStartAtOption says.
type oneTimeAnswer struct {
	times       []time.Time // a list of its own
	immediately bool
	runsPast    bool
}

// ask calls the option, which answers by its result or by a mark on a job: j, if
// there is one, to spare an allocation.
func (o *oneTimeDefinition) ask(j *internalJob) (answer oneTimeAnswer) {
	if j == nil {
		j = &internalJob{}
	}
	before := j.startImmediately
	j.startImmediately = false
	answer.times = o.startAt(j)
	answer.runsPast = j.settings().runsPast
	answer.immediately, j.startImmediately = j.startImmediately, before
	return answer
}

// instantsAfter returns the times after now.
func instantsAfter(now time.Time, times []time.Time) (future []time.Time) {
	for _, t := range times {
		if wallBefore(now, t) {
			future = append(future, t)
		}
	}
	return future
}

// distinctInstants sorts the times, in place, and keeps one for each instant.
func distinctInstants(times []time.Time) []time.Time {
	sort.SliceStable(times, func(i, j int) bool { return wallBefore(times[i], times[j]) })
	distinct := times[:0]
	for i, t := range times {
		if i == 0 || wallBefore(times[i-1], t) {
			distinct = append(distinct, t)
		}
	}
	return distinct
}

// wallBefore compares by the wall clock alone: in a list of times of which some
// have a monotonic reading, others order would depend on which are compared.
func wallBefore(a, b time.Time) bool {
	return a.Round(0).Before(b.Round(0))
}

type oneTimeSchedule struct {
	times       []time.Time // sorted, distinct instants, each as given
	immediately bool        // it runs once more, when it is started
	runsPast    bool        // times that are past run when the job is entered
	past        uint32      // how many of the times that were given were left out
}

// onlyImmediately is the schedule of all jobs that have no times: nothing changes it.
var onlyImmediately = &oneTimeSchedule{immediately: true}

func (o *oneTimeSchedule) next(_, t time.Time) time.Time {
	i := sort.Search(len(o.times), func(i int) bool { return wallBefore(t, o.times[i]) })
	if i == len(o.times) {
		return time.Time{}
	}
	return withinYears(o.times[i])
}

func (o *oneTimeSchedule) public() JobSchedule {
	return OneTimeJobSchedule{StartAt: append([]time.Time{}, o.times...)}
}

// runsPastTimes reports whether j is a one-time job whose times run also when they have passed
// before it was entered.
func (j *internalJob) runsPastTimes() bool {
	plan, is := j.plan.(*oneTimeSchedule)
	return is && plan.runsPast
}

// passStart is called when the scheduler starts again, if the past times of j run. A start time that
// passed meanwhile is returned, unless it is one of them. None before it runs.
func (j *internalJob) passStart(first bool, moment time.Time) time.Time {
	if first || !j.startsPast(moment) {
		return time.Time{}
	}
	start := j.window().start
	j.anchor = start.Add(-1)
	if j.plan.next(time.Time{}, j.anchor).Equal(start) {
		return time.Time{}
	}
	return start
}

// passedInstant is the first time of a one-time job that may have passed while the scheduler was
// stopped: its start time, or an instant. No instant before the start time is one.
func (j *internalJob) passedInstant(first bool, moment time.Time) time.Time {
	after := j.anchor
	if j.startsPast(moment) {
		start := j.window().start
		if !first {
			return start
		}
		after = start.Add(-1)
	}
	return j.clip(j.plan.next(time.Time{}, after))
}

// instantsAnchor is what a one-time job counts from if it is entered first at the moment. An
// instant equal to that is due. None before the start time runs.
func (j *internalJob) instantsAnchor(moment time.Time) time.Time {
	anchor := moment
	if plan := j.plan.(*oneTimeSchedule); plan.runsPast && len(plan.times) > 0 && wallBefore(plan.times[0], moment) {
		anchor = plan.times[0]
	}
	if start := j.window().start; wallBefore(anchor, start) {
		anchor = start
	}
	return anchor.Add(-1)
}

// passInstants is for those who only ask for the times of j from the moment on: what has passed of
// a one-time job is missed, or runs at once.
func (j *internalJob) passInstants(moment time.Time) {
	if j.oneTime() && wallBefore(j.anchor, moment) {
		j.anchor = moment.Add(-1)
	}
}
