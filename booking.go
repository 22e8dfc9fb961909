package gocron

import "time"

// following is when j is due next, after its occurrence at last and after now;
// the zero time for never. The caller holds mu.
func (j *internalJob) following(last, now time.Time) time.Time {
	if j.ended || j.allReserved() {
		return time.Time{}
	}
	startAt := j.ext().startAt
	switch {
	case j.awaitsStart() && !wallBefore(startAt, now):
		return j.untilStop(startAt)
	case j.oneTime():
		return j.untilStop(j.plan.next(time.Time{}, j.anchor))
	}
	if last.IsZero() && j.countsFromLast() {
		last = j.anchor
	}
	return j.untilStop(nextAfter(j.plan, j.anchor, last, now))
}

// countsFromLast reports whether j's next time counts from the one that was handed over last, which
// then is its anchor.
func (j *internalJob) countsFromLast() bool {
	_, random := j.plan.(*durationRandomSchedule)
	return random || j.oneTime()
}

// untilStop is t, or the zero time if that is after the job's stop time.
func (j *internalJob) untilStop(t time.Time) time.Time {
	if stopAt := j.ext().stopAt; !stopAt.IsZero() && t.After(stopAt) {
		return time.Time{}
	}
	return t
}

// allReserved reports whether all of the job's limited runs are taken.
func (j *internalJob) allReserved() bool {
	return j.limitedRuns > 0 && j.reserved >= j.limitedRuns
}

// userCron reports whether user code names times of j.
func (j *internalJob) userCron() bool {
	switch plan := j.plan.(type) {
	case *userCron:
		return true
	case *anyOfSchedule:
		return plan.asks
	}
	return false
}

func (j *internalJob) oneTime() bool {
	_, is := j.plan.(*oneTimeSchedule)
	return is
}

// book books the job's next time after from. The caller holds mu.
func (s *scheduler) book(j *internalJob, last, from, now time.Time) {
	if j.userCron() && !j.awaitsStart() {
		s.askCron(j, from, now)
		return
	}
	s.setNext(j, j.following(last, from), now)
}

// bookFrom books the next time of an interval that counts from done. The caller
// holds mu.
func (s *scheduler) bookFrom(j *internalJob, done, now time.Time) {
	j.anchor = done
	s.setNext(j, j.afterCompletion(), now)
}

// afterCompletion is when an interval is due that counts from j's anchor, the zero time for never.
// The caller holds mu.
func (j *internalJob) afterCompletion() time.Time {
	if j.ended || j.allReserved() {
		return time.Time{}
	}
	return j.untilStop(j.plan.(interval).fromCompletion(j.anchor))
}

// setNext makes at the job's next time, the zero time for none, and enters it
// in the timetable. The caller holds mu.
func (s *scheduler) setNext(j *internalJob, at, now time.Time) {
	s.timetable.remove(j)
	j.next = at
	at, byWall := j.lookNext()
	if at.IsZero() || s.session == nil {
		s.stopWaiter(j)
		return
	}
	first := s.timetable.put(j, at, byWall)
	switch {
	case !s.onRealClock:
		s.setWaiter(j, at, now)
	case first && !s.session.looking:
		s.session.nudge()
	}
}

// lookNext is when the scheduler has to look at j next, and whether that is by the wall clock. A
// job that has no next time, but runs that wait or occurrences that are owed, is looked at when its
// stop time has passed: they have to go then. The caller holds mu.
func (j *internalJob) lookNext() (at time.Time, byWall bool) {
	x := j.ext()
	switch {
	case !j.next.IsZero():
		return j.next, !j.intervals || j.next == x.startAt
	case !x.stopAt.IsZero() && (!j.gate.waiting.empty() || len(j.state().owed) > 0):
		return x.stopAt.Add(stopGrace + 1), true
	default:
		return time.Time{}, false
	}
}

// rebaseTimetable counts all keys anew, from now. The caller holds mu.
func (s *scheduler) rebaseTimetable(now time.Time) {
	moved := now.Round(0)
	s.timetable.wallBase = moved
	s.timetable.rekey(&s.timetable.wall)
	if s.onRealClock {
		return // the monotonic clock never gets that far
	}
	by := int64(moved.Sub(s.timetable.elapsedBase))
	s.timetable.elapsedBase = moved
	s.timetable.rekey(&s.timetable.elapsed)
	for i := range s.retries.entries {
		s.retries.entries[i].at -= by
	}
}
