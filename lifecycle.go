package gocron

import (
	"context"
	"sort"
	"time"
)

// A session is the time from one Start to the stop that ends it. Every run
// belongs to one.
type session struct {
	startedAt time.Time     // when Start was called
	nudges    chan struct{} // capacity 1: nudges coalesce
	stopping  chan struct{} // closed by the stop
	idle      chan struct{} // closed when stopped and not busy
	answered  chan struct{} // closed when the Crons that Start has asked have answered

	// With WithDrain.
	drained    chan struct{} // closed when stopping and no run is left
	inProgress runList

	// The scheduler's mu guards the rest, and inProgress.
	drains      bool // only waits for the runs it has
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

// lessBusy is called when one of the goroutines counted in busy is done. The
// caller holds mu.
func (s *scheduler) lessBusy(sess *session) {
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
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.session != nil || s.draining != nil {
		return nil
	}
	s.session = newSession()
	s.session.startedAt = moment
	s.everStarted = true
	s.lookAtClock()
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
	s.mu.Lock()
	var found startFindings
	if !sess.stopped {
		s.startDispatching(sess)
	}
	sess.starting, sess.questions = true, 1 // so that an answer does not end the wait before all are asked
	if s.session == sess {
		found = s.enterList()
	}
	sess.starting = false
	sess.questionAnswered()
	s.mu.Unlock()
	s.tellFindings(found)
}

func (s *scheduler) tellFindings(found startFindings) {
	s.farewell(found.gone...)
	for _, note := range found.notes {
		note.log(s.logger)
	}
}

// startFindings are what Start has to tell of the jobs that it has entered.
type startFindings struct {
	gone  []departure
	notes []startNote
}

// A startNote is a line of the log about a job.
type startNote struct {
	job  *internalJob
	text string
	warn bool
}

func (n startNote) log(logger Logger) {
	write := logger.Debug
	if n.warn {
		write = logger.Warn
	}
	write(n.text, "job", n.job.Name(), "id", n.job.id)
}

// startDispatching starts the session's scheduler goroutine. The caller holds mu.
func (s *scheduler) startDispatching(sess *session) {
	if !sess.dispatching {
		sess.dispatching, sess.looking = true, true
		sess.busy++
		go s.dispatch(sess)
	}
}

// enterList is enterAll's part under the lock. Those that have nothing left to do leave. The caller
// holds mu.
func (s *scheduler) enterList() (found startFindings) {
	now, moment := s.lookAtClock(), s.session.startedAt
	var atOnce, idle []*internalJob
	enter := func(j *internalJob) {
		missed := s.outcomes[OutcomeMissed]
		s.enter(j, moment, now)
		if j.oneTime() && s.outcomes[OutcomeMissed] > missed {
			found.notes = append(found.notes, startNote{j, "gocron: times of a one-time job have passed while the scheduler was not running", true})
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
	s.handOverOwed(now, atOnce...)
	sort.Slice(atOnce, func(a, b int) bool { return atOnce[a].seq < atOnce[b].seq })
	for _, j := range atOnce {
		enter(j)
	}
	for _, j := range append(idle, atOnce...) {
		s.removeIfExhausted(j, &found)
	}
	return found
}

// removeIfExhausted lets a job leave that Start finds with nothing left to do. The caller holds mu.
func (s *scheduler) removeIfExhausted(j *internalJob, found *startFindings) {
	if !j.listed { // its run has ended already
		return
	}
	if s.spent(j) || s.hasNothingLeft(j) && j.isIdle() && (!j.ended || j.overAt(s.session.startedAt)) {
		note := startNote{j, "gocron: job has nothing left to do and leaves", j.last == nil}
		found.gone, found.notes = append(found.gone, s.delist(j)), append(found.notes, note)
	}
}

// runsAtStart reports whether entering j hands over a run. The caller holds mu.
func (j *internalJob) runsAtStart() bool {
	return j.startImmediately || j.state().runNows > 0 || len(j.state().owed) > 0
}

func (s *scheduler) StopJobs() error { return s.StopJobsWithContext(context.Background()) }

func (s *scheduler) StopJobsWithContext(ctx context.Context) error {
	return s.stop(ctx, false)
}

func (s *scheduler) Shutdown() error { return s.ShutdownWithContext(context.Background()) }

func (s *scheduler) ShutdownWithContext(ctx context.Context) error {
	return s.stop(ctx, true)
}

// stop ends the session, if there is one, and waits for every run in progress,
// also those of earlier sessions.
func (s *scheduler) stop(ctx context.Context, forGood bool) error {
	if ctx == nil {
		ctx = context.Background()
	}
	patience := s.newPatience(ctx)
	defer patience.end()
	stop := s.endSession(patience, forGood)
	for _, end := range stop.endings {
		end()
	}
	for _, sess := range stop.unsettled {
		if stop.err == nil {
			stop.err = patience.wait(sess.idle)
		}
	}
	if m := s.monitors.scheduler; m != nil && stop.started {
		m.SchedulerStopped()
	}
	if m := s.monitors.scheduler; m != nil && stop.announceShutdown {
		m.SchedulerShutdown()
	}
	return s.stopError(stop)
}

// A stop is what one StopJobs or Shutdown has to do with nothing locked once the
// session has ended.
type stop struct {
	started          bool       // it has ended the session of a started scheduler
	announceShutdown bool       // it is the first Shutdown of one that was ever started
	endings          []func()   // of the jobs' contexts, and of the watches on users'
	unsettled        []*session // to be waited for
	dropped          []*run     // with WithDrain
	err              error
}

// endSession ends the session, if there is one. With WithDrain it does so when all
// runs have finished, or when there is no patience left.
func (s *scheduler) endSession(patience patience, forGood bool) (stop stop) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sess := s.session
	stop.started = sess != nil
	stop.announceShutdown = forGood && !s.closed && s.everStarted
	s.closed = s.closed || forGood
	if s.drain && sess != nil {
		s.beginDrain()
	}
	if sess = s.draining; sess != nil {
		s.unlocked(func() { stop.err = patience.wait(sess.drained) })
	} else {
		sess = s.session
	}
	if sess != nil && !sess.stopped || s.closed && s.draining == nil { // else the Shutdown that drains does it
		s.dropEverything(sess, &stop)
	}
	stop.unsettled = append([]*session(nil), s.unsettled...)
	return stop
}

// beginDrain has no job due any more, and the session's drained closed when its last
// run has finished. The caller holds mu.
func (s *scheduler) beginDrain() {
	s.stoppedAt = s.lookAtClock()
	s.draining, s.session = s.session, nil
	s.timetable.clear()
	for _, j := range s.list {
		j.leaveTimetable()
	}
	s.draining.drains = true
	s.draining.closeIfDrained()
}

// closeIfDrained closes drained when the last run of a session that drains has
// finished: no more are made. The caller holds mu.
func (s *session) closeIfDrained() {
	if s.drains && s.live == 0 {
		close(s.drained)
	}
}

// leaveTimetable is j's part of clearing the timetable. The next time is remembered: it was not
// handed over. The caller holds mu.
func (j *internalJob) leaveTimetable() {
	j.place, j.entered = 0, false
	j.s.stopWaiter(j)
}

// dropEverything ends a session, unless that is nil or has ended: no job is due any
// more, no run starts, what waits is dropped. After Shutdown it forgets all jobs as
// well. All jobs are looked at in one pass: there may be a million. The caller holds
// mu.
func (s *scheduler) dropEverything(sess *session, stop *stop) {
	if sess != nil && !sess.stopped {
		if s.session != nil {
			s.stoppedAt = s.lookAtClock()
		}
		s.session, s.draining = nil, nil
		sess.stopped = true
		close(sess.stopping)
		sess.busy++ // until everything is dropped
		s.unsettled = append(s.unsettled, sess)
		defer s.lessBusy(sess)
	}
	s.timetable.clear()
	for i := len(s.list) - 1; i >= 0; i-- { // from the end: a job whose last limited run ends so may leave
		j := s.list[i]
		j.leaveTimetable()
		j.listed = !s.closed
		if s.drain {
			stop.dropped = append(stop.dropped, j.waitingRuns()...)
		}
		s.dropWaiting(j)
		if s.closed {
			s.cancelOwed(j)
		}
		if x := j.rare; x != nil {
			x.asked = nil
			if x.ctx != nil {
				stop.endings = append(stop.endings, x.ctx.end)
				x.ctx = nil
			}
		}
		if s.closed && j.ext().unwatch != nil {
			stop.endings = append(stop.endings, j.unwatchContext)
		}
	}
	if s.closed {
		s.list, s.jobs, s.claiming = nil, nil, nil
	}
	now := s.now()
	for r := s.ready.head; r != nil; r = r.nextReady {
		if r.stage == stageGranted {
			s.finish(r, OutcomeCancelled, now)
			if s.drain {
				stop.dropped = append(stop.dropped, r)
			}
		}
	}
}
