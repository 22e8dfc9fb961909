package gocron

import "time"

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
