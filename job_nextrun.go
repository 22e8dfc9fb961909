package gocron

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
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

// Preview returns the first n times at which the job would be due if you added it, at the time
// from, to a scheduler that runs. It needs no scheduler. Times are in from's location, or in the
// location of WithJobLocation. Preview returns fewer than n times if the job has no more, and nil
// for an n below one.
//
// As with NextRuns, the times do not include the immediate run of WithStartImmediately or
// OneTimeJobStartImmediately, WithLimitedRuns does not limit their number, and with
// WithIntervalFromCompletion runs are taken to last no time.
//
// Preview returns the error with which NewJob would refuse the definition or an option. It does not
// look at the pool of InPool or the context of WithContext, and does not call the functions of
// WithMiddleware. It refuses a DurationRandomJob, whose times are not known before they are drawn,
// with an error that Is errors.ErrUnsupported. It calls a Cron or a Schedule of yours on this
// goroutine, maybe at the same time as a scheduler that uses the same value.
func Preview(definition JobDefinition, from time.Time, n int, options ...JobOption) ([]time.Time, error) {
	o, err := previewed(definition, from, options)
	if err != nil {
		return nil, err
	}
	if err := o.job.foreseen("Preview"); err != nil {
		return nil, err
	}
	return o.nextRuns(n), nil
}

// ShortestGap returns the shortest time between two successive times among the first n+1 that
// Preview would return. Use it to refuse a schedule of a user that is due too often. It is 0 if
// there are fewer than two times. A schedule may be denser later on, so choose n large enough:
// 1,500 times are a day of a crontab that is due every minute, or four years of a daily job. The
// errors are those that Preview returns.
func ShortestGap(definition JobDefinition, from time.Time, n int, options ...JobOption) (time.Duration, error) {
	o, err := previewed(definition, from, options)
	if err == nil {
		err = o.job.foreseen("ShortestGap")
	}
	if err != nil {
		return 0, err
	}
	var shortest time.Duration
	times := o.nextRuns(n)
	for i := 1; i < len(times); i++ {
		if gap := times[i].Sub(times[i-1]); i == 1 || gap < shortest {
			shortest = gap
		}
	}
	return shortest, nil
}

// Validate returns the error with which a running scheduler in time.Local would refuse the job now,
// and nil if the scheduler would take it. It does not know which names and ids are in use, and does
// not look at the pool of InPool or the context of WithContext. It calls a Cron or a Schedule of
// yours, as Preview does.
func Validate(definition JobDefinition, options ...JobOption) error {
	_, err := previewed(definition, realNow(), options)
	return err
}

// previewed is the nextRunView of a job that is in no scheduler.
func previewed(definition JobDefinition, from time.Time, options []JobOption) (nextRunView, error) {
	from = from.Round(0)
	s := &scheduler{location: from.Location(), logger: noOpLogger{}, quiet: true, previews: true}
	s.session = &session{startedAt: from}
	j, err := s.makeJob(definition, NewTask(func() {}), options, from)
	if err == nil {
		err = s.askFirst(j, from)
	}
	if err == nil && !j.hasRunAt(from) {
		err = j.neverBeforeStop()
	}
	if err != nil {
		return nextRunView{}, s.refused(err, definition, nil, options, from)
	}
	j.entered = true
	j.beginPhase(true, from, from)
	j.passInstants(from)
	o := nextRunView{job: j, now: from, anchor: j.anchor}
	if j.userCron() && !j.awaitsStart() {
		o.next = j.rareState().cronAnswer
	} else {
		o.next = j.timeAtEntry(true, time.Time{}, from)
	}
	return o, nil
}

// foreseen returns an error if the times of j cannot be told from any moment on. Method is who is
// asked.
func (j *internalJob) foreseen(method string) error {
	if _, random := plainSchedule(j.plan).(*durationRandomSchedule); random {
		return fmt.Errorf("gocron: %s: not of a DurationRandomJob, whose times are not known before they are drawn: %w",
			method, errors.ErrUnsupported)
	}
	return nil
}

// NextRunsAfter returns the job's next n times after t. For a t before NextRun it returns what
// NextRuns returns. It takes no longer when t is far ahead. Like NextRuns, it returns nil for an n
// below one, while the scheduler is not running, and when there is no such time. It refuses a
// DurationRandomJob with an error that Is errors.ErrUnsupported. It calls a Cron or a Schedule of
// yours on this goroutine.
func (c *Controller) NextRunsAfter(id uuid.UUID, t time.Time, n int) ([]time.Time, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return nil, err
	}
	c.s.unlock()
	o, err := c.s.nextRunView(j)
	if err != nil || o.job == nil {
		return nil, err
	}
	if err := o.job.foreseen("NextRunsAfter"); err != nil {
		return nil, err
	}
	return o.after(t.Round(0)).nextRuns(n), nil
}

// after is the nextRunView from t on, which is told by the wall clock.
func (o nextRunView) after(t time.Time) nextRunView {
	for len(o.beginning) > 0 && !o.beginning[0].After(t) {
		o.beginning = o.beginning[1:]
	}
	if !o.next.IsZero() && !o.next.After(t) {
		o.next = o.job.plan.next(o.anchor, t)
	}
	return o
}

// beginning has NextRun name this run's time until the function that it returns is called,
// if the job has listeners for that and the run is not one of RunNow.
func (a *attempt) beginning() (over func()) {
	j, r := a.job, a.run
	if r.trigger == TriggerRunNow || !j.settings().listeners.hooks() {
		return func() {}
	}
	j.s.lock()
	defer j.s.unlock()
	x := j.makeRareState()
	x.beginning = append(x.beginning, r)
	return func() {
		j.s.lock()
		defer j.s.unlock()
		if i := slices.Index(x.beginning, r); i >= 0 {
			x.beginning = slices.Delete(x.beginning, i, i+1)
		}
	}
}
