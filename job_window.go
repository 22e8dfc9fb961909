package gocron

import (
	"fmt"
	"time"
)

// stopGrace is how long after its job's stop time a run may start that was due in time. Dispatching
// takes microseconds; later than this means that it had to wait, or that the machine slept.
const stopGrace = time.Second

// A window is the time in which a job has occurrences: from its start time to its stop time, both
// included. A zero time is none. The rules about them are here and nowhere else: both are compared
// by the wall clock alone.
type window struct {
	start         time.Time // as the user gave it
	stop          time.Time // without a reading of the monotonic clock
	stopGivenLast bool      // after start
	startExcluded bool      // by a calendar: it is no run, and the job still counts from it
}

// check returns an error if the window ends before it starts.
func (w *window) check() error {
	switch {
	case w.stop.IsZero(), w.start.IsZero(), !wallBefore(w.stop, w.start):
		return nil
	case w.stopGivenLast:
		return fmt.Errorf("%w: end is %s, start is %s", ErrStopTimeEarlierThanStartTime, timeText(w.stop), timeText(w.start))
	default:
		return fmt.Errorf("%w: start is %s, end is %s", ErrStartTimeLaterThanEndTime, timeText(w.start), timeText(w.stop))
	}
}

func (w *window) hasStart() bool { return !w.start.IsZero() }
func (w *window) hasStop() bool  { return !w.stop.IsZero() }

// isOver reports whether no occurrence is due at t any more.
func (w *window) isOver(t time.Time) bool { return w.hasStop() && wallBefore(w.stop, t) }

// isTooLate reports whether no run may start at now any more.
func (w *window) isTooLate(now time.Time) bool { return w.isOver(now.Add(-stopGrace)) }

// tooLateAt is the first moment at which isTooLate for runs that are due up to the given time.
func tooLateAt(lastDue time.Time) time.Time { return lastDue.Add(stopGrace + 1) }

// clip is t, a time of j's, or the zero time if j's window was over before that occurrence.
func (j *internalJob) clip(t time.Time) time.Time { return j.clipFrom(j.anchor, t) }

func (j *internalJob) clipFrom(anchor, t time.Time) time.Time {
	if w := j.window(); w.isOver(t) && w.isOver(j.nominalTimeFrom(anchor, t)) {
		return time.Time{}
	}
	return t
}

func (j *internalJob) window() *window { return &j.settings().window }

// awaitsStart reports whether j has a start time that has not come.
func (j *internalJob) awaitsStart() bool {
	return !j.startPassed && j.window().hasStart()
}

// startsPast reports whether j has a start time that is before the moment and was not dispatched.
func (j *internalJob) startsPast(moment time.Time) bool {
	return j.awaitsStart() && wallBefore(j.window().start, moment)
}

// reachStartLocked is called when j's time due is dispatched: if that is its start time, intervals
// count from now on by the monotonic clock.
func (s *scheduler) reachStartLocked(j *internalJob, due, now time.Time) {
	if j.awaitsStart() && j.countsElapsed() {
		j.anchor = pinToWall(j.window().start, now)
	}
	j.startPassed = true
}

// plainTime is t, or, if that is j's start time, the same with the reading of the monotonic clock
// that j counts by: that which the user gave it may say otherwise.
func (j *internalJob) plainTime(t, now time.Time) time.Time {
	switch {
	case t != j.window().start || t.IsZero():
		return t
	case j.countsElapsed():
		return pinToWall(t, now)
	default:
		return t.Round(0)
	}
}

// isBefore reports whether t, a time of j's, is before now.
func (j *internalJob) isBefore(t, now time.Time) bool { return j.plainTime(t, now).Before(now) }

// hasRunAt reports whether j, entered at the moment for the first time, has a run before its stop
// time. A Cron of the user's is not asked, and a manual job is run by RunNow until then.
func (j *internalJob) hasRunAt(moment time.Time) bool {
	switch {
	case !j.window().hasStop(), j.startImmediately, j.userCron(), j.manual():
		return true
	case j.awaitsStart() && !j.startsPast(moment):
		return true
	case j.oneTime():
		return !j.clip(j.plan.next(time.Time{}, j.instantsAnchor(moment))).IsZero()
	}
	anchor := j.anchorAt(moment, moment)
	return !j.clipFrom(anchor, nextAfter(j.plan, anchor, time.Time{}, moment)).IsZero()
}

// neverBeforeStop is the error for a job of which hasRunAt is false.
func (j *internalJob) neverBeforeStop() error {
	return fmt.Errorf("%w: its first time is after its stop time, %s", ErrJobNeverRuns, timeText(j.window().stop))
}

// WithStartAt sets when the job starts, see WithStartDateTime, WithStartDateTimePast and
// WithStartImmediately. If you give the option twice, the later one counts. Nil is refused.
func WithStartAt(option StartAtOption) JobOption {
	return func(j *internalJob, now time.Time) error {
		if option == nil {
			return nilOptionError("WithStartAt", 0)
		}
		return option(j, now)
	}
}

// StartAtOption is what WithStartAt takes.
type StartAtOption func(*internalJob, time.Time) error

// WithStartImmediately makes the job run at once when the scheduler starts, or when you add the job
// to a scheduler that runs. Intervals count from that moment.
func WithStartImmediately() StartAtOption {
	return func(j *internalJob, _ time.Time) error {
		j.startImmediately = true
		return nil
	}
}

// WithStartDateTime makes start the first run. Intervals count from start and are shown in its time
// zone. A daily, weekly or monthly job uses the zone of start, unless WithJobLocation names
// another. A start before now is refused with ErrWithStartDateTimePast, and a start after the stop
// time with ErrStartTimeLaterThanEndTime.
func WithStartDateTime(start time.Time) StartAtOption {
	return func(j *internalJob, now time.Time) error {
		if start.IsZero() || wallBefore(start, now) {
			return fmt.Errorf("%w: start is %s, now is %s", ErrWithStartDateTimePast, timeText(start), timeText(now))
		}
		return setStart(j, start)
	}
}

// WithStartDateTimePast is WithStartDateTime for a start that may be past. Days, weeks, months and
// intervals count from start, and the first run is the first of these times that is not past. The
// zero time is refused with ErrWithStartDateTimePastZero.
func WithStartDateTimePast(start time.Time) StartAtOption {
	return func(j *internalJob, _ time.Time) error {
		if start.IsZero() {
			return ErrWithStartDateTimePastZero
		}
		return setStart(j, start)
	}
}

func setStart(j *internalJob, start time.Time) error {
	if pastYears(start) {
		return optionValueError("WithStartDateTime", timeText(start), "a time before the year 10000")
	}
	x := j.makeSettings()
	x.window.start, x.window.stopGivenLast, j.startImmediately = start, false, false
	return nil
}

// WithStopAt sets when the job stops, see WithStopDateTime. Nil is refused.
func WithStopAt(option StopAtOption) JobOption {
	return func(j *internalJob, now time.Time) error {
		if option == nil {
			return nilOptionError("WithStopAt", 0)
		}
		return option(j, now)
	}
}

// StopAtOption is what WithStopAt takes.
type StopAtOption func(*internalJob, time.Time) error

// WithStopDateTime makes end the last time at which the job may be due. A run that has to wait
// starts only if its turn comes less than a second after end; otherwise it is dropped with
// OutcomeCancelled. A run in progress goes on. When no run is left the job leaves the scheduler. An
// end before now is refused with ErrWithStopDateTimePast, and an end before the start time with
// ErrStopTimeEarlierThanStartTime.
func WithStopDateTime(end time.Time) StopAtOption {
	return func(j *internalJob, now time.Time) error {
		if end.IsZero() || wallBefore(end, now) && j.s.store == nil { // with a store, checkStored decides
			return fmt.Errorf("%w: end is %s, now is %s", ErrWithStopDateTimePast, timeText(end), timeText(now))
		}
		x := j.makeSettings()
		x.window.stop, x.window.stopGivenLast = end.Round(0), true // it is compared by the wall clock
		return nil
	}
}
