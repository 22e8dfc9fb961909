package gocron

import (
	"slices"
	"time"
)

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

func (j *internalJob) userCron() bool {
	_, is := j.plan.(*userCron)
	return is
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

// beforeEntry is the outlook of a job that Start is going to enter, for those whom the monitor lets ask
// before: as if it had been entered. The caller holds mu.
func (j *internalJob) beforeEntry(now time.Time) outlook {
	entered, first, moment := *j, j.anchor.IsZero(), j.s.session.startedAt
	if j.oneTime() && !first && wallBefore(j.anchor, moment) {
		entered.anchor = moment.Add(-1)
	}
	entered.beginPhase(first, moment, now)
	o := outlook{job: j, now: now, anchor: entered.anchor}
	if entered.completing == 0 && !entered.userCron() {
		o.next = entered.timeAtEntry(first, j.next, moment)
	}
	return o
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

// outlook is what NextRun and NextRuns say of a job.
type outlook struct {
	job       *internalJob
	now       time.Time
	beginning []time.Time // when the runs are due that begin right now
	next      time.Time
	anchor    time.Time
}

func (s *scheduler) outlook(handle *internalJob) (outlook, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j, ended, err := s.consult(handle)
	if err != nil || ended {
		return outlook{}, err
	}
	return j.outlook(s.readClock()), nil
}

// outlook is what there is to say of j, whose given context has not ended. The caller holds
// mu.
func (j *internalJob) outlook(now time.Time) outlook {
	if j.s.session != nil && j.announced && !j.entered {
		return j.beforeEntry(now)
	}
	return outlook{job: j, now: now, beginning: j.timesBeginning(), next: j.nextSeen(now), anchor: j.anchor}
}

// timesBeginning are the times of the runs whose listeners are being called before the task,
// in order and each once. Those listeners take NextRun for the time of their run. A run that
// will not start is none of them. The caller holds mu.
func (j *internalJob) timesBeginning() (times []time.Time) {
	for _, r := range j.state().beginning {
		if !r.session.stopped && r.cancels == j.rare.cancels && !j.ended {
			times = append(times, r.scheduledAt)
		}
	}
	slices.SortFunc(times, time.Time.Compare)
	return slices.CompactFunc(times, time.Time.Equal)
}

// consult finds the job that has the handle's id now, and whether the context
// given by WithContext has ended, which is asked with mu let go. The caller holds
// mu.
func (s *scheduler) consult(handle *internalJob) (j *internalJob, ended bool, err error) {
	for {
		j, err = s.find(handle)
		if err != nil || j.ext().ctx == nil {
			return j, false, err
		}
		s.unlocked(func() { ended = j.extras.ctx.Err() != nil })
		if j.listed {
			return j, ended, nil
		}
	}
}

// nextSeen is j.next, or, if that is past because the scheduler goroutine has
// not got to it yet, what it will be once it has. The caller holds mu.
func (j *internalJob) nextSeen(now time.Time) time.Time {
	if j.s.session == nil || !j.entered {
		return time.Time{}
	}
	if j.next.IsZero() || !j.isBefore(j.next, now) {
		return j.next
	}
	if j.oneTime() {
		return j.nextInstantSeen(now)
	}
	lastRun := j.limitedRuns > 0 && j.reserved+1 >= j.limitedRuns
	if lastRun || j.ext().fromCompletion || j.userCron() {
		return time.Time{}
	}
	return j.following(j.plainTime(j.next, now), now)
}

// nextInstantSeen is nextSeen for a one-time job. Each instant that has passed takes one of its limited
// runs, unless it is kept for Resume. The caller holds mu.
func (j *internalJob) nextInstantSeen(now time.Time) time.Time {
	limited := j.limitedRuns > 0 && !(j.state().paused && j.keepsOccurrences())
	next := j.next
	for taken := j.reserved; j.isBefore(next, now); taken++ {
		if limited && taken+1 >= j.limitedRuns {
			return time.Time{}
		}
		if next = j.plan.next(time.Time{}, next); next.IsZero() {
			return next
		}
	}
	return j.untilStop(next)
}

// nextRun is what NextRun returns.
func (o outlook) nextRun() time.Time {
	next := o.next
	if len(o.beginning) > 0 {
		next = o.beginning[0]
	}
	if next.IsZero() {
		return time.Time{}
	}
	return o.job.shown(next, o.now)
}

// nextRuns is what NextRuns returns.
func (o outlook) nextRuns(n int) []time.Time {
	if n < 1 {
		return nil
	}
	times := o.beginning[:min(n, len(o.beginning))]
	if !o.next.IsZero() {
		later := occurrences(o.job.plan, o.anchor, o.job.plainTime(o.next, o.now), n-len(times), o.job.ext().stopAt)
		if len(later) > 0 {
			later[0] = o.next
		}
		if len(times) == 0 {
			times = later
		} else {
			times = append(times, later...)
		}
	}
	for i, t := range times {
		times[i] = o.job.shown(t, o.now)
	}
	return times
}

// shown is how a time of the job's is reported. A start time, and calendar times, which are in the
// job's location already, are left as they are. Intervals are put there; those that count from a start
// time keep its monotonic reading. No reading that says otherwise is handed out.
func (j *internalJob) shown(t, now time.Time) time.Time {
	startAt := j.ext().startAt
	given := t == startAt || !j.intervals
	switch differ := readingsDiffer(t, now); {
	case given && differ:
		return t.Round(0)
	case given:
		return t
	case differ:
		t = pinToElapsed(t, now)
	}
	if hasMonotonic(startAt) && t.Location() == j.location() {
		return t
	}
	return t.In(j.location())
}
