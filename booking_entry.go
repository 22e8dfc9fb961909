package gocron

import "time"

// enter schedules a job when the scheduler starts, or when it is added to one
// that runs. Moment is when the method that does so was called: what has fallen due since is due
// now. The caller holds mu.
func (s *scheduler) enter(j *internalJob, moment, now time.Time) {
	moment = s.watch.sinceSleep(moment, now)
	if wallBefore(now, moment) {
		moment = now // the clock was set back meanwhile
	}
	first := j.anchor.IsZero()
	j.entered = true
	s.passWhileStopped(j, first, moment, now)
	next := j.next // from before the stop
	j.next = time.Time{}
	j.beginPhase(first, moment, now)
	if j.userCron() && j.startImmediately {
		j.setState().cronLast = time.Time{} // a new phase
	}
	s.handOverOwed(now, j)
	switch {
	case j.startImmediately && !(j.oneTime() && j.immediacy):
		j.immediacy = true
		s.handOver(j, moment, TriggerStartImmediately, now)
	case j.completing > 0: // booked when the run from before the stop has finished
	case j.userCron() && !j.awaitsStart():
		s.askCron(j, moment, now)
	default:
		s.setNext(j, j.timeAtEntry(first, next, moment), now)
	}
	s.handOverAsked(j, now)
}

// beginPhase sets what j's definition counts from when it is entered: it keeps the phase that it had
// before a stop, if it had one and can.
func (j *internalJob) beginPhase(first bool, moment, now time.Time) {
	if first || j.startImmediately && !j.oneTime() || j.drawsAnew() {
		j.anchor = j.anchorAt(moment, now)
	}
	j.startPassed = j.startPassed || j.startsPast(moment)
}

// timeAtEntry is j's next time when it is entered; kept is that from before a stop.
func (j *internalJob) timeAtEntry(first bool, kept, moment time.Time) time.Time {
	switch {
	case first, kept.IsZero(), j.drawsAnew(), j.startImmediately && !j.oneTime():
		return j.following(time.Time{}, moment)
	case j.isBefore(kept, moment):
		return j.following(time.Time{}, moment.Add(-1)) // may be due right now
	default:
		return kept
	}
}

// anchorAt is what j's definition counts from if it is entered first, or anew, at the moment.
func (j *internalJob) anchorAt(moment, now time.Time) time.Time {
	startAt := j.ext().startAt
	switch {
	case j.oneTime():
		return moment.Add(-1) // an instant equal to the moment is due
	case !startAt.IsZero() && !j.drawsAnew() && j.countsElapsed():
		return pinToWall(startAt, now)
	case !startAt.IsZero() && !j.drawsAnew():
		return startAt.In(j.location())
	case j.ext().claims:
		return claimEpoch.In(j.location())
	case j.intervals:
		return moment
	default:
		return moment.In(j.location())
	}
}

// plainTime is t, or, if that is j's start time, the same with the reading of the monotonic clock
// that j counts by: that which the user gave it may say otherwise.
func (j *internalJob) plainTime(t, now time.Time) time.Time {
	switch {
	case t != j.ext().startAt || t.IsZero():
		return t
	case j.countsElapsed():
		return pinToWall(t, now)
	default:
		return t.Round(0)
	}
}

// isBefore reports whether t, a time of j's, is before now.
func (j *internalJob) isBefore(t, now time.Time) bool { return j.plainTime(t, now).Before(now) }

// drawsAnew reports whether j has no phase that it could keep over a stop.
func (j *internalJob) drawsAnew() bool {
	_, is := j.plan.(*durationRandomSchedule)
	return is && !j.awaitsStart()
}

// startsPast reports whether j has a start time that is before the moment and was not handed over.
func (j *internalJob) startsPast(moment time.Time) bool {
	return j.awaitsStart() && wallBefore(j.ext().startAt, moment)
}

// reachStart is called when j's time due is handed over: if that is its start time, intervals count
// from now on by the monotonic clock. The caller holds mu.
func (s *scheduler) reachStart(j *internalJob, due, now time.Time) {
	if j.awaitsStart() && j.countsElapsed() {
		j.anchor = pinToWall(j.ext().startAt, now)
	}
	j.startPassed = true
}

// handOverAsked makes the runs that RunNow asked for before j was announced. The caller holds mu.
func (s *scheduler) handOverAsked(j *internalJob, now time.Time) {
	if j.state().runNows == 0 {
		return
	}
	for ; j.rare.runNows > 0; j.rare.runNows-- {
		_ = s.handOverNow(j, nil, now) // who asked was told nil
	}
	s.announceIdle(j)
}
