package gocron

import (
	"slices"
	"time"
)

// nextRunView is what NextRun and NextRuns say of a job.
type nextRunView struct {
	job       *internalJob
	now       time.Time
	beginning []time.Time // when the runs are due that begin right now
	next      time.Time
	anchor    time.Time
}

func (s *scheduler) nextRunView(handle *internalJob) (nextRunView, error) {
	s.lock()
	defer s.unlock()
	j, ended, err := s.jobAndContextLocked(handle)
	if err != nil || ended {
		return nextRunView{}, err
	}
	return j.nextRunView(s.readClockLocked()), nil
}

// nextRunView is what there is to say of j, whose given context has not ended.
func (j *internalJob) nextRunView(now time.Time) nextRunView {
	if j.s.session != nil && j.announced && !j.entered {
		return j.beforeEntry(now)
	}
	return nextRunView{job: j, now: now, beginning: j.timesBeginning(), next: j.nextSeen(now), anchor: j.anchor}
}

// beforeEntry is the nextRunView of a job that Start is going to enter, for those whom the monitor
// lets ask before: as if it had been entered.
func (j *internalJob) beforeEntry(now time.Time) nextRunView {
	entered, first, moment := *j, j.anchor.IsZero(), j.s.session.startedAt
	entered.beginPhase(first, moment, now)
	entered.passInstants(moment)
	o := nextRunView{job: j, now: now, anchor: entered.anchor}
	if entered.completing == 0 && !entered.userCron() {
		o.next = entered.timeAtEntry(first, j.next, moment)
	}
	return o
}

// timesBeginning are the times of the runs whose listeners are being called before the task, in
// order and each once. Those listeners take NextRun for the time of their run. A run that will not
// start is none of them.
func (j *internalJob) timesBeginning() (times []time.Time) {
	for _, r := range j.rareState().beginning {
		if !r.session.stopped && r.cancels == j.rare.cancels && !j.ended {
			times = append(times, r.dueTime())
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

// jobAndContextLocked finds the job that has the handle's id now, and whether the context given by
// WithContext has ended, which is asked with nothing locked.
func (s *scheduler) jobAndContextLocked(handle *internalJob) (j *internalJob, ended bool, err error) {
	for {
		j, err = s.jobOfLocked(handle)
		if err != nil || j.settings().ctx == nil {
			return j, false, err
		}
		s.unlocked(func() { ended = j.custom.ctx.Err() != nil })
		if j.listed {
			return j, ended, nil
		}
	}
}

// nextSeen is j.next, or, if that is past because the scheduler goroutine has not got to it yet,
// what it will be once it has.
func (j *internalJob) nextSeen(now time.Time) time.Time {
	if j.s.session == nil || !j.entered {
		return time.Time{}
	}
	if j.next.IsZero() || !j.isBefore(j.next, now) {
		return j.next
	}
	if j.oneTime() {
		return j.nextInstantSeen(now)
	}
	lastRun := j.limitedRuns > 0 && j.reserved+1 >= j.limitedRuns
	if lastRun || j.settings().fromCompletion || j.userCron() {
		return time.Time{}
	}
	return j.nextTime(j.plainTime(j.next, now), now)
}

// nextInstantSeen is nextSeen for a one-time job. Each instant that has passed takes one of its
// limited runs, unless it is kept for Resume.
func (j *internalJob) nextInstantSeen(now time.Time) time.Time {
	limited := j.limitedRuns > 0 && !(j.rareState().paused && j.keepsOccurrences())
	next := j.next
	for taken := j.reserved; j.isBefore(next, now); taken++ {
		if limited && taken+1 >= j.limitedRuns {
			return time.Time{}
		}
		if next = j.plan.next(time.Time{}, next); next.IsZero() {
			return next
		}
	}
	return j.clip(next)
}

// nextRun is what NextRun returns.
func (o nextRunView) nextRun() time.Time {
	next := o.next
	if len(o.beginning) > 0 {
		next = o.beginning[0]
	}
	if next.IsZero() {
		return time.Time{}
	}
	return o.job.displayTime(next, o.now)
}

// nextRuns is what NextRuns returns.
func (o nextRunView) nextRuns(n int) []time.Time {
	if n < 1 {
		return nil
	}
	times := o.beginning[:min(n, len(o.beginning))]
	if !o.next.IsZero() {
		later := occurrences(o.job.plan, o.anchor, o.job.plainTime(o.next, o.now), n-len(times), o.job.lastDueFrom(o.anchor))
		if len(later) > 0 {
			later[0] = o.next
		}
		if len(times) == 0 {
			times = later
		} else {
			times = append(times, later...)
		}
	}
	for i, t := range times {
		times[i] = o.job.displayTime(t, o.now)
	}
	return times
}

// displayTime is how a time of the job's is reported. A start time, and calendar times, which are
// in the job's location already, are left as they are. Intervals are put there; those that count
// from a start time keep its monotonic reading. No reading that says otherwise is handed out.
func (j *internalJob) displayTime(t, now time.Time) time.Time {
	start := j.window().start
	given := t == start || !j.intervals
	switch differ := readingsDiffer(t, now); {
	case given && differ:
		return t.Round(0)
	case given:
		return t
	case differ:
		t = pinToElapsed(t, now)
	}
	if hasMonotonic(start) && t.Location() == j.location() {
		return t
	}
	return t.In(j.location())
}
