package gocron

import (
	"sort"
	"time"
)

func (s *scheduler) Start() {
	moment := s.now()
	s.noteEndedContexts()
	sess := s.openSession(moment)
	if sess == nil {
		s.logger.Warn("gocron: scheduler already started or shut down")
		return
	}
	s.beginSession(sess)
	sess.awaitAnswers()
	s.logger.Info("gocron: scheduler started")
}

// openSession makes the scheduler a started one, unless it is.
func (s *scheduler) openSession(moment time.Time) *session {
	s.lock()
	defer s.unlock()
	for s.dropping > 0 { // soon over: what a stop drops is not to be in the way of new runs
		s.yieldLocked()
	}
	if s.closed || s.session != nil || s.draining != nil {
		return nil
	}
	s.session = newSession()
	s.session.startedAt = moment
	s.everStarted = true
	s.lookAtClockLocked()
	intervals := 0
	for _, j := range s.list {
		if j.intervals {
			intervals++
		}
	}
	s.timetable.reserve(intervals, len(s.list)-intervals)
	return s.session
}

// beginSession tells the monitor, starts the scheduler goroutine and enters all
// jobs. It does so however the monitor's call ends.
func (s *scheduler) beginSession(sess *session) {
	defer s.enterAll(sess)
	if m := s.monitors.scheduler; m != nil {
		m.SchedulerStarted()
	}
}

// enterAll enters all jobs when a session begins, and says of those that leave
// why they do.
func (s *scheduler) enterAll(sess *session) {
	s.lock()
	var calls deferredCalls
	if !sess.stopped {
		s.startDispatchingLocked(sess)
	}
	sess.starting, sess.questions = true, 1 // so that an answer does not end the wait before all are asked
	if s.session == sess {
		calls = s.enterListLocked()
	}
	sess.starting = false
	sess.questionAnswered()
	s.unlock()
	calls.run()
}

// startDispatchingLocked starts the session's scheduler goroutine.
func (s *scheduler) startDispatchingLocked(sess *session) {
	if !sess.dispatching {
		sess.dispatching, sess.looking = true, true
		sess.busy++
		go s.dispatch(sess)
	}
}

// enterListLocked is enterAll's part under the lock. Jobs that have nothing left to do leave.
func (s *scheduler) enterListLocked() (calls deferredCalls) {
	now, moment := s.lookAtClockLocked(), s.session.startedAt
	var atOnce, idle []*internalJob
	enter := func(j *internalJob) {
		missed := s.outcomes[OutcomeMissed]
		s.scheduleLocked(j, moment, now)
		if j.oneTime() && s.outcomes[OutcomeMissed] > missed {
			calls.addThen(func() {
				s.logger.Warn("gocron: times of a one-time job have passed while the scheduler was not running",
					"job", j.Name(), "id", j.id)
			})
		}
	}
	for _, j := range s.list {
		switch {
		case !j.announced || j.entered:
			continue
		case j.runsAtStart():
			atOnce = append(atOnce, j)
			continue
		}
		enter(j)
		if j.next.IsZero() {
			idle = append(idle, j)
		}
	}
	s.fireUndeliveredLocked(now, atOnce...)
	sort.Slice(atOnce, func(a, b int) bool { return atOnce[a].seq < atOnce[b].seq })
	for _, j := range atOnce {
		enter(j)
	}
	s.settleLocked()
	for _, j := range append(idle, atOnce...) {
		calls.add(s.removeIfExhaustedLocked(j))
	}
	return calls
}

// removeIfExhaustedLocked lets a job leave that Start finds with nothing left to do.
func (s *scheduler) removeIfExhaustedLocked(j *internalJob) (calls deferredCalls) {
	if !j.listed { // its run has ended already
		return calls
	}
	if s.exhaustedLocked(j) || s.isUselessLocked(j, s.session.startedAt) {
		log := s.logger.Debug
		if j.last == nil {
			log = s.logger.Warn
		}
		calls = s.removeLocked(j)
		calls.addThen(func() { log("gocron: job has nothing left to do and leaves", "job", j.Name(), "id", j.id) })
	}
	return calls
}

// isUselessLocked reports whether j, which was entered for the moment, has nothing left to do. A job
// whose context has ended stays until its stop time has passed.
func (s *scheduler) isUselessLocked(j *internalJob, moment time.Time) bool {
	return s.hasNothingLeftLocked(j) && j.isIdle() && (!j.ended || j.window().isOver(moment))
}

// runsAtStart reports whether entering j makes a run.
func (j *internalJob) runsAtStart() bool {
	return j.startImmediately || j.rareState().runNows > 0 || len(j.rareState().undelivered) > 0
}

// A session is the time from one Start to the stop that ends it. Every run
// belongs to one.
type session struct {
	startedAt time.Time     // when Start was called
	nudges    chan struct{} // capacity 1: nudges coalesce
	stopping  chan struct{} // closed by the stop
	idle      chan struct{} // closed when stopped and not busy
	answered  chan struct{} // closed when the Crons that Start has asked have answered

	drained chan struct{} // closed when stopping and no run is left; with WithDrain

	// The scheduler's mu guards the rest.
	inProgress  runList // all with WithDrain, else those that began while they were watched
	drains      bool    // only waits for the runs it has
	stopped     bool
	dispatching bool // there is a scheduler goroutine
	looking     bool // it is at the timetable now
	busy        int  // goroutines at work, or about to be, that a stop waits for
	live        int  // runs without an outcome
	starting    bool // Start is entering the jobs
	questions   int  // to Crons, which Start waits for
}

func newSession() *session {
	return &session{
		drained:  make(chan struct{}),
		nudges:   make(chan struct{}, 1),
		stopping: make(chan struct{}),
		idle:     make(chan struct{}),
		answered: make(chan struct{}),
	}
}

// nudge makes the scheduler goroutine look at the timetable. It never blocks
// and takes no lock.
func (s *session) nudge() {
	select {
	case s.nudges <- struct{}{}:
	default:
	}
}

// closeIfDrained closes drained when the last run of a session that drains has finished: no more
// are made.
func (s *session) closeIfDrained() {
	if s.drains && s.live == 0 {
		close(s.drained)
	}
}

// lessBusyLocked is called when one of the goroutines counted in busy is done, and what follows
// from what it did, which may keep the session busy.
func (s *scheduler) lessBusyLocked(sess *session) {
	s.settleLocked()
	s.noteLessBusyLocked(sess)
}

func (s *scheduler) noteLessBusyLocked(sess *session) {
	sess.busy--
	if sess.busy > 0 || !sess.stopped {
		return
	}
	close(sess.idle)
	for i, other := range s.unsettled {
		if other == sess {
			s.unsettled = append(s.unsettled[:i], s.unsettled[i+1:]...)
			return
		}
	}
}
