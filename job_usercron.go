package gocron

import (
	"fmt"
	"time"
)

// cronPatience is how long Start waits, in real time, for the answers of Crons.
const cronPatience = 100 * time.Millisecond

// A cronQuestion is a call of a job's own Cron that is under way. The answer is booked if the job
// still has the question then.
type cronQuestion struct {
	session *session
	atStart bool // Start waits for the answer
}

// askFirst asks the Cron of a job that is about to be added to a running scheduler, and refuses the
// job if it has no run. Under a store it does not: the job may go on where it was. It is called with
// nothing locked.
func (s *scheduler) askFirst(j *internalJob, moment time.Time) error {
	if !j.userCron() || !s.isRunning() || j.awaitsStart() && !j.startsPast(moment) {
		return nil
	}
	anchor := j.anchorAt(moment, moment)
	next := j.plan.next(anchor, moment)
	answer := j.clipFrom(anchor, next)
	switch runs := !answer.IsZero() || j.startImmediately || j.settings().stored; {
	case next.IsZero() && !runs:
		return fmt.Errorf("%w: its %s names no time after %s", ErrJobNeverRuns, whoNames(j.plan), timeText(moment))
	case !runs:
		return fmt.Errorf("%w: its %s's first time, %s, is after its stop time, %s", ErrJobNeverRuns, whoNames(j.plan), timeText(next), timeText(j.window().stop))
	}
	j.makeRareState().cronAnswer = answer
	return nil
}

// whoNames is what errors call the user code that names the times of plan.
func whoNames(plan schedule) string {
	switch plan := plan.(type) {
	case *userCron:
		return plan.kind
	case *calendarSchedule:
		return "WithCalendar"
	}
	return "AnyOf"
}

func (s *scheduler) isRunning() bool {
	s.lock()
	defer s.unlock()
	return s.session != nil
}

// askCronLocked asks j's own Cron for the time after its last one that has not passed at from, on a
// goroutine of its own and with nothing locked, and books the answer: due at once if it is past by
// then. Until then the job has no next time.
func (s *scheduler) askCronLocked(j *internalJob, from, now time.Time) {
	x := j.makeRareState()
	last := x.cronLast
	if last.IsZero() {
		x.cronLast = from // a later Start asks the same: a time at its very moment is due, and the phase is kept
	}
	if answer := x.cronAnswer; !answer.IsZero() { // it was asked before the job was added
		x.cronAnswer = time.Time{}
		if !answer.Before(s.session.startedAt) && !j.ended && !j.allReserved() {
			s.setNextLocked(j, answer, now)
			return
		}
	}
	s.setNextLocked(j, time.Time{}, now)
	if j.ended || j.allReserved() || x.asked != nil {
		return
	}
	q := &cronQuestion{session: s.session, atStart: s.session.starting}
	x.asked = q
	q.session.busy++
	if q.atStart {
		q.session.questions++
	}
	anchor := j.anchor
	go func() {
		var next time.Time
		defer func() { s.cronAnswered(j, q, next) }() // also after runtime.Goexit in the Cron: no next time
		next = nextFrom(j.plan, anchor, last, from, q.atStart)
	}()
}

// askCronAgainLocked asks j's own Cron for the time after from, whatever it has said before.
func (s *scheduler) askCronAgainLocked(j *internalJob, from, now time.Time) {
	x := j.makeRareState()
	x.cronLast, x.asked = time.Time{}, nil
	if j.entered {
		s.askCronLocked(j, from, now)
	}
}

// cronAnswered books the answer to a question, unless the job has left or the scheduler was stopped
// meanwhile. A job that Start finds with nothing left to do leaves.
func (s *scheduler) cronAnswered(j *internalJob, q *cronQuestion, next time.Time) {
	var calls deferredCalls
	s.lock()
	if j.rareState().asked == q {
		j.rare.asked = nil
		if s.session == q.session && j.listed {
			if j.ended || j.allReserved() {
				next = time.Time{}
			}
			s.setNextLocked(j, j.clip(next), s.now())
			if q.atStart {
				calls = s.removeIfExhaustedLocked(j)
			} else {
				s.changedLocked(j, q.session)
			}
		}
	}
	s.unlock()
	calls.run()
	s.lock()
	defer s.unlock()
	if q.atStart {
		q.session.questionAnswered()
	}
	s.lessBusyLocked(q.session)
}

// questionAnswered counts the answers that Start waits for.
func (s *session) questionAnswered() {
	if s.questions--; s.questions == 0 {
		close(s.answered)
	}
}

// awaitAnswers waits until the Crons that Start has asked have answered, or for as long as it has
// patience.
func (s *session) awaitAnswers() {
	timer := newRealTimer(cronPatience)
	defer timer.Stop()
	select {
	case <-s.answered:
	case <-s.stopping:
	case <-timer.C:
	}
}
