package gocron

import (
	"fmt"
	"time"
)

// stopGrace is how long after its job's stop time a run may start that was due in time. Handing over
// takes microseconds; later than this means that it had to wait, or that the machine slept.
const stopGrace = time.Second

// checkWindow returns an error if j's stop time is before its start time. They are judged by the wall
// clock, and once all options are known.
func (j *internalJob) checkWindow() error {
	x := j.ext()
	switch {
	case x.stopAt.IsZero(), x.startAt.IsZero(), !wallBefore(x.stopAt, x.startAt):
		return nil
	case x.stopGivenLast:
		return fmt.Errorf("%w: end is %s, start is %s", ErrStopTimeEarlierThanStartTime, timeText(x.stopAt), timeText(x.startAt))
	default:
		return fmt.Errorf("%w: start is %s, end is %s", ErrStartTimeLaterThanEndTime, timeText(x.startAt), timeText(x.stopAt))
	}
}

// overAt reports whether t is past j's stop time.
func (j *internalJob) overAt(t time.Time) bool {
	stopAt := j.ext().stopAt
	return !stopAt.IsZero() && wallBefore(stopAt, t)
}

// stopPassed reports whether it is too late for a run of j to start.
func (j *internalJob) stopPassed(now time.Time) bool {
	return j.overAt(now.Add(-stopGrace))
}

// hasRunAt reports whether j, entered at the moment for the first time, has a run before its stop
// time. A Cron of the user's is not asked.
func (j *internalJob) hasRunAt(moment time.Time) bool {
	switch {
	case j.ext().stopAt.IsZero(), j.startImmediately, j.userCron():
		return true
	case j.awaitsStart() && !j.startsPast(moment):
		return true
	case j.oneTime():
		return !j.untilStop(j.plan.next(time.Time{}, moment)).IsZero()
	}
	anchor := j.anchorAt(moment, moment)
	return !j.untilStop(nextAfter(j.plan, anchor, time.Time{}, moment)).IsZero()
}

// neverBeforeStop is the error for a job of which hasRunAt is false.
func (j *internalJob) neverBeforeStop() error {
	return fmt.Errorf("%w: its first time is after its stop time, %s", ErrJobNeverRuns, timeText(j.ext().stopAt))
}
