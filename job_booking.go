package gocron

import "time"

// nextTime is when j is due next, after its occurrence at last and after now; the zero time for
// never.
func (j *internalJob) nextTime(last, now time.Time) time.Time {
	if j.ended || j.allReserved() {
		return time.Time{}
	}
	switch {
	case j.awaitsStart() && !j.startsPast(now):
		return j.clip(j.window().start)
	case j.oneTime():
		return j.clip(j.plan.next(time.Time{}, j.anchor))
	}
	if last.IsZero() && j.countsFromLast() {
		last = j.anchor
	}
	return j.clip(nextAfter(j.plan, j.anchor, last, now))
}

// countsFromLast reports whether j's next time counts from the one that was dispatched last, which
// then is its anchor.
func (j *internalJob) countsFromLast() bool {
	_, random := j.plan.(*durationRandomSchedule)
	return random || j.oneTime()
}

// allReserved reports whether all of the job's limited runs are taken.
func (j *internalJob) allReserved() bool {
	return j.limitedRuns > 0 && j.reserved >= j.limitedRuns
}

// userCron reports whether user code decides about the times of j.
func (j *internalJob) userCron() bool { return asksUserCode(j.plan) }

func asksUserCode(plan schedule) bool {
	switch plan := plan.(type) {
	case *userCron:
		return true
	case *anyOfSchedule:
		return plan.asks
	case *calendarSchedule:
		return true
	}
	return false
}

func (j *internalJob) oneTime() bool {
	_, is := j.plan.(*oneTimeSchedule)
	return is
}

// transient reports whether j is one of which there may be any number, each for a while.
func (j *internalJob) transient() bool {
	x := j.settings()
	return j.oneTime() && (x.removeWhenFinished || x.name == "")
}

// bookLocked books the job's next time after from.
func (s *scheduler) bookLocked(j *internalJob, last, from, now time.Time) {
	if j.userCron() && !j.awaitsStart() {
		s.askCronLocked(j, from, now)
		return
	}
	s.setNextLocked(j, j.nextTime(last, from), now)
}

// afterCompletion is when an interval is due that counts from j's anchor, the zero time for never.
func (j *internalJob) afterCompletion() time.Time {
	if j.ended || j.allReserved() {
		return time.Time{}
	}
	return j.clip(j.plan.(interval).fromCompletion(j.anchor))
}

// setNextLocked makes at the job's next time, the zero time for none, and enters it in the
// timetable.
func (s *scheduler) setNextLocked(j *internalJob, at, now time.Time) {
	s.timetable.remove(j)
	j.next = at
	at, byWall := j.lookNext()
	if at.IsZero() || s.session == nil {
		s.stopWaiterLocked(j)
		return
	}
	first := s.timetable.put(j, at, byWall)
	switch {
	case !s.onRealClock:
		s.setWaiterLocked(j, at, now)
	case first && !s.session.looking:
		s.session.nudge()
	}
}

// lookNext is when the scheduler has to look at j next, and whether that is by the wall clock. A
// job that has no next time, but runs that wait or undelivered occurrences, is looked at when its
// stop time has passed: they have to go then. So has a manual job.
func (j *internalJob) lookNext() (at time.Time, byWall bool) {
	x := j.settings()
	switch {
	case !j.next.IsZero():
		return j.next, !j.intervals || j.next == x.window.start
	case j.listed && x.window.hasStop() && (!j.gate.waiting.empty() || len(j.rareState().undelivered) > 0 || j.manual()):
		return tooLateAt(j.lastDueFrom(j.anchor)), true
	default:
		return time.Time{}, false
	}
}

// rebaseTimetableLocked counts all keys anew, from now.
func (s *scheduler) rebaseTimetableLocked(now time.Time) {
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
