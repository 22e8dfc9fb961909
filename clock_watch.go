package gocron

import "time"

const (
	// clockTolerance is how far the wall clock may be moved without anybody being the worse for it.
	clockTolerance = 10 * time.Second
	// longestSleep is the most that the wall clock gains on the monotonic one while the machine
	// sleeps. A clock that gains more was set.
	longestSleep = 7 * 24 * time.Hour
	// clockCorrection is how far the wall clock must be set back for the old time to be taken for
	// an error.
	clockCorrection = 3 * time.Hour
	// clockDrift is how far a time's two readings may be apart and still be the same moment.
	clockDrift = time.Second
)

// A clockWatch notices that the wall clock was set, and that the machine has slept. It is pure.
type clockWatch struct {
	seen      time.Time // at the latest look
	latest    time.Time // the latest wall time ever seen
	mark      time.Time // the latest wall time seen since the clock was last found set back
	corrected bool      // it was found to be a correction, and the clock has not caught up since
	woke      time.Time // when it was last found that the machine had slept
}

// A clockChange is what has happened to the clock between two looks.
type clockChange struct {
	slept   bool          // the time that the wall clock gained has passed for intervals too
	gained  time.Duration // by the wall clock on the monotonic one, if it slept; else 0
	stepped bool          // the wall clock moved against the monotonic one, and intervals did not
	setBack time.Duration // how far it lies behind the latest time seen, if it was set back; else 0
	fallen  time.Duration // how far it was set back this time
	elapsed time.Duration // since the look before, by the monotonic clock
}

// look compares now with what was seen before. A clock without a monotonic reading cannot sleep.
func (w *clockWatch) look(now time.Time) (change clockChange) {
	wall := now.Round(0)
	if w.seen.IsZero() {
		w.seen, w.latest, w.mark = now, wall, wall
		return change
	}
	elapsed := now.Sub(w.seen)
	gained := wall.Sub(w.seen.Round(0)) - elapsed
	w.seen = now
	if gained >= clockTolerance && gained <= longestSleep {
		change.slept, change.gained, w.woke = true, gained, now
	}
	change.stepped = !change.slept && (gained >= clockDrift || gained <= -clockDrift)
	if !wall.Before(w.latest) {
		w.latest, w.mark, w.corrected = wall, wall, false
		return change
	}
	behind, fallen := w.latest.Sub(wall), w.mark.Sub(wall)
	if fallen > clockTolerance || fallen > 0 && behind >= clockCorrection && !w.corrected {
		change.setBack, change.fallen = behind, fallen
		change.elapsed = max(elapsed, 0) // an injected clock may take both readings back
		w.mark, w.corrected = wall, w.corrected || change.isCorrection()
	} else if fallen < 0 {
		w.mark = wall
	}
	return change
}

// sinceSleep is t, a time that was read on the clock, as it was told at the latest look: what the
// machine has slept since has passed.
func (w *clockWatch) sinceSleep(t time.Time) time.Time {
	if hasMonotonic(t) && !t.After(w.woke) {
		return pinToWall(t, w.seen)
	}
	return t
}

// sinceStep is sinceSleep for an interval that counts from t: a step of the clock since then moves
// the wall time of t.
func (w *clockWatch) sinceStep(t time.Time) time.Time {
	t = w.sinceSleep(t)
	if hasMonotonic(t) && !t.After(w.seen) && readingsDiffer(t, w.seen) {
		return pinToElapsed(t, w.seen)
	}
	return t
}

// isCorrection reports whether the clock was set back so far that everything goes by the new time.
func (c clockChange) isCorrection() bool { return c.setBack >= clockCorrection }

// pinToWall gives t the monotonic reading that goes with its wall time at now, unless it has one
// that does. One that is too far away for that has none.
func pinToWall(t, now time.Time) time.Time {
	if hasMonotonic(t) && !readingsDiffer(t, now) {
		return t
	}
	ahead := t.Round(0).Sub(now.Round(0))
	if pinned := now.Add(ahead); pinned.Equal(t) || pinned.Round(0).Equal(t.Round(0)) {
		return pinned
	}
	return t.Round(0)
}

// readingsDiffer reports whether the two readings of t tell times apart when the clock shows now.
func readingsDiffer(t, now time.Time) bool {
	apart := t.Round(0).Sub(now.Round(0)) - t.Sub(now)
	return apart >= clockDrift || apart <= -clockDrift
}

// pinToElapsed gives t the wall time that goes with its monotonic reading at now.
func pinToElapsed(t, now time.Time) time.Time { return now.Add(t.Sub(now)) }

// lookAtClockLocked is the time on the clock. What has happened to the clock since the last look is
// carried out first. While the scheduler is not running nobody looks, but for the retries that it
// waits for when it drains: on the real clock, on which the machine may sleep.
func (s *scheduler) lookAtClockLocked() time.Time {
	now := s.now()
	if s.session == nil && (s.draining == nil || !s.onRealClock) {
		return now
	}
	change := s.watch.look(now)
	if s.timetable.isFar(now) {
		s.rebaseTimetableLocked(now)
	}
	if change == (clockChange{}) {
		return now
	}
	s.moveElapsedBaseLocked(change, now)
	for _, j := range s.list {
		s.followClockLocked(j, change, now)
	}
	if change.slept { // those that were pinned to the wall clock are due by it now
		s.timetable.rekey(&s.timetable.elapsed)
	}
	if change.setBack > 0 {
		s.warnSetBackLocked(change.setBack)
	}
	return now
}

// readClockLocked is the time on the clock for those who only ask. An injected clock is looked at
// when it rings, or when something is booked: who sets it decides when that is noticed.
func (s *scheduler) readClockLocked() time.Time {
	if s.onRealClock {
		return s.lookAtClockLocked()
	}
	return s.now()
}

// moveElapsedBaseLocked makes what is counted by the monotonic clock agree with the change:
// intervals by way of their job, retries by this alone.
func (s *scheduler) moveElapsedBaseLocked(change clockChange, now time.Time) {
	base := &s.timetable.elapsedBase
	switch {
	case change.slept:
		*base = pinToElapsed(base.Add(-change.gained), now)
	case change.stepped:
		*base = pinToElapsed(*base, now)
	case change.isCorrection():
		*base = base.Add(-change.fallen) // an injected clock: what was left of a delay is left now
		s.retimeRetriesLocked(now)
	}
}

// followClockLocked books j anew if the change of the clock says so.
func (s *scheduler) followClockLocked(j *internalJob, change clockChange, now time.Time) {
	shown := now.Add(-change.elapsed) // the earliest time that the clock can have shown since
	if l := j.ledger(); l != nil && change.setBack > 0 {
		l.seen = time.Time{} // occurrences may come again
		if change.isCorrection() {
			l.setBack(shown)
			if j.entered {
				s.decideLocked(j)
			}
		}
	}
	if change.setBack > 0 && j.rareState().paused && wallBefore(shown, j.rare.pause.since) {
		j.rare.pause.since = shown
	}
	switch {
	case j.awaitsStart():
		if j.countsElapsed() && !j.anchor.IsZero() {
			j.anchor = pinToWall(j.anchor, now)
		}
	case j.next.IsZero() && j.anchor.IsZero(), j.oneTime():
		// It stays as it is.
	case j.userCron():
		if change.isCorrection() && !wallBefore(s.watch.latest, j.window().start) {
			j.anchor = rewound(j.plan, j.anchor, shown)
			j.countBack(change, now)
			s.askCronAgainLocked(j, shown, now)
		}
	case j.countsElapsed() && s.onRealClock:
		s.pinIntervalLocked(j, change, now)
	case change.isCorrection() && j.countsElapsed():
		j.anchor = now
		s.bookAgainLocked(j, now, now)
	case change.isCorrection(), change.setBack > 0 && j.keepsRealTime():
		j.anchor = rewound(j.plan, j.anchor, shown)
		j.countBack(change, now)
		s.bookAgainLocked(j, shown, now)
	}
}

// pinIntervalLocked gives the times of j, which counts by the monotonic clock, the readings that
// they have now.
func (s *scheduler) pinIntervalLocked(j *internalJob, change clockChange, now time.Time) {
	pin := pinToElapsed
	if change.slept {
		pin = pinToWall
	}
	nominal := j.nominalTime(j.next)
	if hasMonotonic(j.anchor) {
		j.anchor = pin(j.anchor, now)
	}
	if hasMonotonic(j.next) {
		j.next = pin(j.next, now)
	}
	jitter := jitterOf(j.plan)
	if jitter == nil || change.slept || !hasMonotonic(j.next) {
		return
	}
	// The wall time of the occurrence is another one now, and so is its delay.
	s.moveNextLocked(j, jitter.delayed(j.anchor, pin(nominal, now)), now)
}

// countBack tells an AnyOf that everything goes by the new time now.
func (j *internalJob) countBack(change clockChange, now time.Time) {
	if plan, is := plainSchedule(j.plan).(*anyOfSchedule); is {
		plan.countBack(now.Round(0).Add(change.setBack), j.next)
	}
}

// countsElapsed reports whether j's times are counted by the monotonic clock, where there is one.
func (j *internalJob) countsElapsed() bool { return j.intervals && !j.settings().claims }

// keepsRealTime reports whether the occurrences of j come again when the wall clock repeats an
// hour.
func (j *internalJob) keepsRealTime() bool {
	cron, is := plainSchedule(j.plan).(*cronSchedule)
	return is && cron.keepsRealTime()
}

// bookAgainLocked books the first time of j after from, if it had a next time.
func (s *scheduler) bookAgainLocked(j *internalJob, from, now time.Time) {
	if !j.next.IsZero() {
		s.moveNextLocked(j, j.nextTime(time.Time{}, from), now)
	}
}

// moveNextLocked gives j another next time.
func (s *scheduler) moveNextLocked(j *internalJob, next, now time.Time) {
	if j.entered {
		s.setNextLocked(j, next, now)
	} else {
		j.next = next // Start will enter it
	}
}

// warnSetBackLocked has a worker log that the clock was set back.
func (s *scheduler) warnSetBackLocked(by time.Duration) {
	sess := s.session
	if sess == nil {
		sess = s.draining
	}
	var calls deferredCalls
	calls.addThen(func() { s.logger.Warn("gocron: the clock was set back", "by", by) })
	s.callLaterLocked(sess, calls)
}

// firstRepeat reports, once for each job whose occurrences are claimed, that the clock shows times
// again that it has shown before.
func (s *scheduler) firstRepeat(j *internalJob) bool {
	if !j.settings().claims {
		return false
	}
	s.lock()
	defer s.unlock()
	if j.rareState().repeatKnown || !wallBefore(s.now(), s.watch.latest) {
		return false
	}
	j.makeRareState().repeatKnown = true
	return true
}
