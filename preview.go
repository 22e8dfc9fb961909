package gocron

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

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
