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
		s.fireLocked(j, moment, TriggerStartImmediately, now)
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
	w := j.window()
	switch {
	case j.oneTime():
		return moment.Add(-1) // an instant equal to the moment is due
	case w.hasStart() && !j.drawsAnew() && j.countsElapsed():
		return pinToWall(w.start, now)
	case w.hasStart() && !j.drawsAnew():
		return w.start.In(j.location())
	case j.ext().claims:
		return claimEpoch.In(j.location())
	case j.intervals:
		return moment
	default:
		return moment.In(j.location())
	}
}

// drawsAnew reports whether j has no phase that it could keep over a stop.
func (j *internalJob) drawsAnew() bool {
	_, is := j.plan.(*durationRandomSchedule)
	return is && !j.awaitsStart()
}

// handOverAsked makes the runs that RunNow asked for before j was announced. The caller holds mu.
func (s *scheduler) handOverAsked(j *internalJob, now time.Time) {
	if j.state().runNows == 0 {
		return
	}
	for ; j.rare.runNows > 0; j.rare.runNows-- {
		_ = s.fireNowLocked(j, nil, now) // who asked was told nil
	}
	s.changedLocked(j, s.session)
}
