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
	return j.random() || j.oneTime()
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

// random reports whether j's intervals are drawn.
func (j *internalJob) random() bool {
	_, is := j.plan.(*durationRandomSchedule)
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

// setNextLocked sets the job's next time to at, the zero time for none, and enters it in the
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

// scheduleLocked schedules a job when the scheduler starts, or when it is added to one that runs.
// Moment is when the method that does so was called: what has fallen due since is due now.
func (s *scheduler) scheduleLocked(j *internalJob, moment, now time.Time) {
	moment = s.watch.sinceSleep(moment)
	if wallBefore(now, moment) { // the clock was set back meanwhile
		if moment = s.watch.sinceStep(moment); !j.countsElapsed() || wallBefore(now, moment) {
			moment = now
		}
	}
	first := j.anchor.IsZero()
	j.entered = true
	if first && s.openLedgerLocked(j, moment, now) {
		first = false
	}
	next := j.next // from before the stop
	if j.ledger() == nil {
		s.passWhileStoppedLocked(j, first, moment, moment)
	} else {
		s.findGapLocked(j, next, moment)
	}
	j.next = time.Time{}
	j.beginPhase(first, moment, now)
	if j.userCron() && j.startImmediately {
		j.makeRareState().cronLast = time.Time{} // a new phase
	}
	s.fireUndeliveredLocked(now, j)
	s.resumeStoredLocked(j, now)
	switch {
	case j.startImmediately && !(j.oneTime() && j.immediacy):
		j.immediacy = true
		s.fireLocked(j, moment, TriggerStartImmediately, now)
	case j.completing > 0: // booked when the run from before the stop has finished
	case j.userCron() && j.ledger() != nil && next.Equal(moment): // it was named, and comes right now
		s.setNextLocked(j, next, now)
	case j.userCron() && !j.awaitsStart():
		s.askCronLocked(j, moment, now)
	default:
		s.setNextLocked(j, j.timeAtEntry(first, next, moment), now)
	}
	s.decideLocked(j)
	if l := j.ledger(); l != nil {
		l.entering = l.deciding
	}
	s.fireAskedLocked(j, now)
}

// beginPhase sets what j's definition counts from when it is entered: it keeps the phase that it
// had before a stop, if it had one and can.
func (j *internalJob) beginPhase(first bool, moment, now time.Time) {
	begins := first || j.startImmediately && !j.oneTime() || j.drawsAnew()
	if begins {
		j.anchor = j.anchorAt(moment, now)
	}
	if j.countsElapsed() && (begins || j.settings().fromCompletion) { // which was read before the look
		j.anchor = j.s.watch.sinceStep(j.anchor)
	}
	j.startPassed = j.startPassed || j.startsPast(moment)
}

// timeAtEntry is j's next time when it is entered; kept is that from before a stop.
func (j *internalJob) timeAtEntry(first bool, kept, moment time.Time) time.Time {
	from := moment.Add(-1) // it may be due right now
	if j.ledger() != nil {
		from = later(from, j.dueOfReached()) // unless it was dispatched
	}
	switch {
	case first, kept.IsZero() && j.ledger() == nil, j.drawsAnew() && !j.keepsDraw(kept, from), j.startImmediately && !j.oneTime():
		return j.nextTime(time.Time{}, moment)
	case j.isBefore(kept, moment), kept.IsZero():
		return j.nextTime(time.Time{}, from)
	case j.ended || j.allReserved(): // since the time was booked, as an Update has lowered the limit
		return time.Time{}
	default:
		return j.clip(kept) // the clock may have been set since
	}
}

// anchorAt is what j's definition counts from if it is entered first, or anew, at the moment.
func (j *internalJob) anchorAt(moment, now time.Time) time.Time {
	w := j.window()
	switch {
	case j.oneTime():
		return j.instantsAnchor(moment)
	case w.hasStart() && !j.drawsAnew() && j.countsElapsed():
		return pinToWall(w.start, now)
	case w.hasStart() && !j.drawsAnew():
		return w.start.In(j.location())
	case j.settings().claims:
		return claimEpoch.In(j.location())
	case j.intervals:
		return moment
	default:
		return moment.Add(-j.delayedSince()).In(j.location())
	}
}

// drawsAnew reports whether j has no phase that it could keep over a stop.
func (j *internalJob) drawsAnew() bool {
	return j.random() && !j.awaitsStart()
}

// keepsDraw reports whether kept, a random time from before a stop, is one still: with a store it is.
func (j *internalJob) keepsDraw(kept, from time.Time) bool {
	return j.settings().stored && kept.After(from)
}

// fireAskedLocked makes the runs that RunNow asked for before j was announced.
func (s *scheduler) fireAskedLocked(j *internalJob, now time.Time) {
	if j.rareState().runNows == 0 {
		return
	}
	for ; j.rare.runNows > 0; j.rare.runNows-- {
		_ = s.fireNowLocked(j, nil, now) // who asked was told nil
	}
	s.changedLocked(j, s.session)
}

// rebookLocked books the next time of a job that has waited for r to end, or has one more
// limited run because r was not performed.
func (s *scheduler) rebookLocked(r *run) {
	j := r.job
	if s.session == nil || !j.listed || !j.entered {
		return
	}
	if len(j.rareState().undelivered) > 0 {
		s.fireUndeliveredLocked(s.now(), j) // of a stop that has been followed by a Start
	}
	if !j.next.IsZero() || j.completing > 0 {
		return
	}
	fromEnd, refunded := j.settings().fromCompletion, !r.hasBegun() && j.limitedRuns > 0
	switch {
	case j.countsFromEnd(r):
		now := s.now()
		if !r.hasBegun() {
			j.anchor = now
		}
		s.setNextLocked(j, j.afterCompletion(), now)
	case refunded && fromEnd && !j.awaitsStart() && j.afterCompletion().After(s.now()):
		s.setNextLocked(j, j.afterCompletion(), s.now())
	case refunded:
		now := s.now()
		if j.oneTime() && wallBefore(j.anchor, now) {
			j.anchor = now // what came while all runs were taken is over
		}
		s.bookLocked(j, time.Time{}, now, now)
	}
}

// countsFromEnd reports whether j's next time counts from the end of r.
func (j *internalJob) countsFromEnd(r *run) bool {
	return j.settings().fromCompletion && r.trigger != TriggerRunNow
}
