package gocron

import (
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
)

// Preview returns the first n times at which a job of the definition would be due, without a
// scheduler: what NextRuns(n) would say of it if it were added at from to a scheduler that runs, in
// from's location unless WithJobLocation names another. It returns as many times as there are, nil
// for an n below one. Like NextRuns it does not name the immediate run of WithStartImmediately or
// OneTimeJobStartImmediately, is not bounded by WithLimitedRuns, and counts
// WithIntervalFromCompletion as if runs took no time.
//
// The error is that of NewJob for a definition or an option that it refuses. The pool of InPool and
// the context of WithContext are not looked at, and functions of WithMiddleware are not called. A
// DurationRandomJob, whose times are not known before they are drawn, is refused with an error that
// Is errors.ErrUnsupported. A Cron or a Schedule of yours is called, on this goroutine; calls that
// a scheduler makes of the same value may be under way at the same time.
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

// ShortestGap returns the shortest time between one of the first n times that Preview would return
// and the next of them, such as to refuse a definition of a user's that is due too often. It is 0
// if there are fewer than two. A crontab may be denser later on: 1,500 times are a day of one that
// is due every minute, or some years of a daily job. The error is that of Preview.
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

// Validate returns the error with which a running scheduler in time.Local would refuse a job of the
// definition with the options now, nil if it would take it. It looks at as much as Preview does,
// and not whether a name or an id is in use. A Cron or a Schedule of yours is called, as by
// Preview.
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

// NextRunsAfter returns the job's next n times after t, as NextRuns does those from now on: for a t
// before NextRun the two are the same. It costs the same however far t is ahead. Like NextRuns it
// is nil for an n below one, while the scheduler is not running, and when there is no such time. A
// DurationRandomJob is refused with an error that Is errors.ErrUnsupported; a Cron or a Schedule of
// yours is asked for the first time after t, on this goroutine.
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
