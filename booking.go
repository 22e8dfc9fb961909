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
	case !j.startPassed && !startAt.IsZero() && !startAt.Before(now):
		return j.untilStop(startAt)
	case j.userCron():
		return j.untilStop(j.state().cronNext)
	}
	return j.untilStop(nextAfter(j.plan, j.anchor, last, now))
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

// book books the job's next time. The caller holds mu.
func (s *scheduler) book(j *internalJob, last, now time.Time) {
	next := j.following(last, now)
	if j.awaitsCron(next, now) {
		s.callCron(j, last)
		return
	}
	s.setNext(j, next, now)
}

// awaitsCron reports whether next, the job's next time as far as its Cron has
// answered, is no answer: the Cron was not asked since Start, or long ago. The
// caller holds mu.
func (j *internalJob) awaitsCron(next, now time.Time) bool {
	if !j.userCron() || j.ended || j.allReserved() {
		return false
	}
	return !j.state().cronAsked || next.Before(now) && !next.IsZero()
}

// bookFrom books the next time of an interval that counts from done. The caller
// holds mu.
func (s *scheduler) bookFrom(j *internalJob, done, now time.Time) {
	j.anchor = done
	next := time.Time{}
	if !j.ended && !j.allReserved() {
		next = j.untilStop(j.plan.(interval).fromCompletion(j.anchor))
	}
	s.setNext(j, next, now)
}

// setNext makes at the job's next time, the zero time for none, and enters it
// in the timetable. A job that has no next time but runs that wait is entered
// for the moment when it is too late for them to start. The caller holds mu.
func (s *scheduler) setNext(j *internalJob, at, now time.Time) {
	s.timetable.remove(j)
	j.next = at
	byWall := !j.intervals || at.Equal(j.ext().startAt)
	if stopAt := j.ext().stopAt; at.IsZero() && !stopAt.IsZero() && !j.gate.waiting.empty() {
		at, byWall = stopAt.Add(stopGrace+1), true
	}
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

// callCron asks the job's own Cron for the time after last and after now, in a
// goroutine of its own and with nothing locked, and books the answer. Until then
// the job has no next time. If it leaves or the scheduler stops meanwhile, nothing
// more happens. The caller holds mu.
func (s *scheduler) callCron(j *internalJob, last time.Time) {
	sess, anchor, x := s.session, j.anchor, j.setState()
	if x.asked == sess {
		return // the answer will be booked
	}
	from := s.now()
	if last.After(from) {
		from = last
	}
	sess.busy++
	x.asked = sess
	go func() {
		var next time.Time
		defer func() { // runtime.Goexit in the Cron comes here, too: no next time
			s.mu.Lock()
			defer s.mu.Unlock()
			current := x.asked == sess
			if current {
				x.asked = nil
			}
			if current && s.session == sess && j.listed {
				x.cronNext, x.cronAsked = next, true
				now := s.now()
				s.setNext(j, j.following(last, now), now) // due at once if the Cron was slow
				s.retireIfSpent(j, sess)
			}
			s.lessBusy(sess)
		}()
		next = j.plan.next(anchor, from)
	}()
}

// enter schedules a job when the scheduler starts, or when it is added to one
// that runs. The caller holds mu.
func (s *scheduler) enter(j *internalJob, now time.Time) {
	j.entered = true
	startAt := j.ext().startAt
	startsPast := j.anchor.IsZero() && startAt.Before(now) && !startAt.IsZero()
	switch {
	case !startAt.IsZero():
		if j.anchor.IsZero() {
			j.anchor = startAt
		}
	case j.ext().claims:
		j.anchor = claimEpoch.In(j.location())
	case j.anchor.IsZero(), j.startImmediately && !j.oneTime():
		j.anchor = now
		if !j.intervals {
			j.anchor = now.In(j.location())
		}
	}
	s.handOverOwed(now, j)
	switch {
	case j.startImmediately && !(j.oneTime() && j.immediacy):
		j.immediacy = true
		s.handOver(j, now.In(j.location()), TriggerStartImmediately, now)
	case j.completing > 0: // booked when the run from before the stop has finished
	case startsPast && !j.userCron():
		j.startPassed = true
		s.setNext(j, j.following(time.Time{}, now.Add(-1)), now) // may be due right now
	default:
		s.book(j, time.Time{}, now)
	}
	for ; j.state().runNows > 0; j.rare.runNows-- {
		_ = s.handOverNow(j, nil, now) // who asked was told nil
	}
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
	return j.outlook(s.now()), nil
}

// outlook is what there is to say of j, whose given context has not ended. The caller holds
// mu.
func (j *internalJob) outlook(now time.Time) outlook {
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
	if j.next.IsZero() || !j.next.Before(now) {
		return j.next
	}
	lastRun := j.limitedRuns > 0 && j.reserved+1 >= j.limitedRuns
	if lastRun || j.ext().fromCompletion || j.userCron() {
		return time.Time{}
	}
	return j.following(j.next, now)
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
		later := occurrences(o.job.plan, o.anchor, o.next, n-len(times), o.job.ext().stopAt)
		times = append(times, later...)
	}
	for i, t := range times {
		times[i] = o.job.shown(t, o.now)
	}
	return times
}

// shown is how a time of the job's is reported. Calendar times are in the job's
// location already, and those that the user gave are left as they are. Intervals
// keep the monotonic reading, which a time in a location cannot: they are put
// there now, and moved along if the wall clock was set since they were counted.
func (j *internalJob) shown(t, now time.Time) time.Time {
	startAt := j.ext().startAt
	if !j.intervals || t == startAt {
		return t
	}
	if set := now.Round(0).Sub(t.Round(0)) - now.Sub(t); set >= time.Second || set <= -time.Second {
		t = t.Add(set)
	}
	if !startAt.IsZero() {
		return t // the start plus intervals, as Add makes it
	}
	return t.In(j.location())
}
