package gocron

import (
	"sort"
	"time"
)

// OneTimeJob defines a job that runs once at each of the times that startAt
// gives, or once, immediately. Times are instants: they need not be sorted, the
// same instant named twice is one run, and those in the past, or now, are left
// out, which is logged. One that passes while the scheduler is not running does not
// run: its outcome is OutcomeMissed. One that comes while the job is paused is kept
// until Resume, unless the job is claimed. The job stays in the scheduler after its last
// run, with no next one, until it is removed or Start finds nothing left of it, unless
// WithLimitedRuns or a stop time ends it.
//
// It is refused with ErrOneTimeJobStartDateTimePast if no time is left, with
// ErrOneTimeJobStartAtNil if startAt is nil.
func OneTimeJob(startAt OneTimeJobStartAtOption) JobDefinition {
	return &oneTimeDefinition{startAt: startAt}
}

// OneTimeJobStartAtOption says when a one-time job runs. It is made by
// OneTimeJobStartImmediately, OneTimeJobStartDateTime or
// OneTimeJobStartDateTimes.
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

type oneTimeDefinition struct {
	startAt OneTimeJobStartAtOption
}

func (o *oneTimeDefinition) schedule(cfg scheduleConfig) (schedule, error) {
	if o.startAt == nil {
		return nil, ErrOneTimeJobStartAtNil
	}
	given, immediately := o.ask(cfg.job)
	for _, t := range given {
		if pastYears(t) {
			return nil, optionValueError("OneTimeJob start time", timeText(t), "a time before the year 10000")
		}
	}
	times := futureInstants(given, cfg.now)
	if len(times) == 0 && !immediately {
		return nil, ErrOneTimeJobStartDateTimePast
	}
	return &oneTimeSchedule{times: times, immediately: immediately, past: countPast(given, cfg.now)}, nil
}

// ask calls the option, which answers by its result or by a mark on a job: j, if
// there is one, to spare an allocation.
func (o *oneTimeDefinition) ask(j *internalJob) (times []time.Time, immediately bool) {
	if j == nil {
		j = &internalJob{}
	}
	before := j.startImmediately
	j.startImmediately = false
	times = o.startAt(j)
	immediately, j.startImmediately = j.startImmediately, before
	return times, immediately
}

// countPast returns how many of the times are not after now.
func countPast(times []time.Time, now time.Time) (past uint32) {
	for _, t := range times {
		if !wallBefore(now, t) {
			past++
		}
	}
	return past
}

// futureInstants returns the times after now, sorted, one for each instant.
func futureInstants(times []time.Time, now time.Time) []time.Time {
	var future []time.Time
	for _, t := range times {
		if wallBefore(now, t) {
			future = append(future, t)
		}
	}
	sort.SliceStable(future, func(i, j int) bool { return wallBefore(future[i], future[j]) })
	distinct := future[:0]
	for i, t := range future {
		if i == 0 || wallBefore(future[i-1], t) {
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
	past        uint32      // how many of the times that were given were left out
}

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
