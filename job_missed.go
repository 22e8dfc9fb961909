package gocron

import "time"

// missedAfter is how late, on the real clock, an occurrence has to be dispatched for those that
// were passed over with it to be missed: less is the machine being busy.
const missedAfter = time.Second

// A gap is a time in which occurrences were not dispatched.
type gap struct {
	from, to time.Time
}

// recordsMissed reports whether a record is made of the occurrences of j that pass between from and
// now. It is not where nobody can name them, nor if the job was paused all the while.
func (j *internalJob) recordsMissed(from time.Time) bool {
	x := j.rareState()
	if _, random := j.plan.(*durationRandomSchedule); random || j.settings().fromCompletion || j.userCron() {
		return false
	}
	return !x.paused || x.pause.since.After(from)
}

// firstPassedOver is the first time of j after due, which is dispatched at now, that is not after
// now: the job goes on with a later one. It is zero when there is none.
func (j *internalJob) firstPassedOver(due, now time.Time) time.Time {
	late := now.Sub(due)
	if late <= 0 || late < missedAfter && j.s.onRealClock || j.oneTime() || !j.recordsMissed(due) {
		return time.Time{}
	}
	passed := j.clip(j.plan.next(j.anchor, due))
	if passed.After(now) {
		return time.Time{}
	}
	return passed
}

// passWhileStoppedLocked records that occurrences of j have passed while the scheduler was stopped,
// or instants of a one-time job before it was entered first.
func (s *scheduler) passWhileStoppedLocked(j *internalJob, first bool, moment, now time.Time) {
	from, passed := s.stoppedAt, j.next
	if j.runsPastTimes() || j.oneTime() && j.awaitsStart() && !j.startsPast(moment) {
		return // they run now; or no instant before the start time runs
	}
	if j.oneTime() {
		passed = j.clip(j.plan.next(time.Time{}, j.anchor))
	}
	if passed.IsZero() || !j.isBefore(passed, moment) || first && !j.oneTime() {
		return
	}
	if first || from.After(passed) { // it was never entered, or the clock was set back since the stop
		from = passed
	}
	if j.oneTime() {
		j.anchor = moment.Add(-1)
	}
	if j.oneTime() || j.recordsMissed(from) {
		s.recordMissedLocked(j, from, moment, passed)
	}
}

// recordMissedLocked records that occurrences of j between from and to, passed being the first of
// them, were not dispatched. The zero time is none.
func (s *scheduler) recordMissedLocked(j *internalJob, from, to, passed time.Time) {
	if passed.IsZero() || j.ended {
		return
	}
	r := &run{job: j, scheduledAt: j.nominalTime(passed), outcome: OutcomeMissed}
	if s.recordsRuns || s.watchers.any() {
		r.record = &runRecord{run: r, missed: &gap{from, to}}
	}
	s.recordUnmadeLocked(r, to)
}

// cancelUnmadeLocked gives an occurrence that was kept for Resume its outcome.
func (s *scheduler) cancelUnmadeLocked(j *internalJob, u undeliveredTime, now time.Time) {
	r := &run{job: j, scheduledAt: u.at, trigger: u.trigger, outcome: OutcomeCancelled}
	if s.recordsRuns {
		r.record = &runRecord{run: r}
	}
	s.recordUnmadeLocked(r, now)
}

// recordUnmadeLocked enters in the books an occurrence that no run was made of.
func (s *scheduler) recordUnmadeLocked(r *run, now time.Time) {
	sess := s.session
	if sess == nil { // somebody has to wait until the hooks were told
		sess = newSession()
		sess.stopped = true
		s.unsettled = append(s.unsettled, sess)
	}
	sess.busy++
	s.runSeq++
	sess.live++
	r.session, r.id, r.stage = sess, s.runSeq, stageFinished
	if r.outcome != OutcomeMissed {
		s.tellLocked(r, noticeDue)
	}
	s.recordLocked(r, now)
	s.noteLessBusyLocked(sess)
}
