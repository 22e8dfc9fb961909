package gocron

import (
	"context"
	"time"

	"github.com/jonboulle/clockwork"
)

func (s *scheduler) StopJobs() error { return s.StopJobsWithContext(context.Background()) }

func (s *scheduler) StopJobsWithContext(ctx context.Context) error {
	return s.stop(ctx, false)
}

func (s *scheduler) Shutdown() error { return s.ShutdownWithContext(context.Background()) }

func (s *scheduler) ShutdownWithContext(ctx context.Context) error {
	return s.stop(ctx, true)
}

// stop ends the session, if there is one, and waits for every run in progress,
// also of earlier sessions.
func (s *scheduler) stop(ctx context.Context, forGood bool) error {
	if ctx == nil {
		ctx = context.Background()
	}
	deadline := s.newStopDeadline(ctx)
	defer deadline.end()
	stop := s.endSession(deadline, forGood)
	for _, sess := range stop.unsettled {
		if stop.err == nil {
			stop.err = deadline.wait(sess.idle)
		}
	}
	if m := s.monitors.scheduler; m != nil && stop.started {
		m.SchedulerStopped()
	}
	if m := s.monitors.scheduler; m != nil && stop.announceShutdown {
		m.SchedulerShutdown()
	}
	if forGood {
		stop.err = s.closeStore(deadline, stop.unsettled, stop.err)
	}
	return s.stopError(stop)
}

// A stop is what one StopJobs or Shutdown has to do with nothing locked once the
// session has ended.
type stop struct {
	started          bool       // it has ended the session of a started scheduler
	announceShutdown bool       // it is the first Shutdown of one that was ever started
	unsettled        []*session // to be waited for
	dropped          []*run     // with WithDrain
	err              error
}

// endSession ends the session, if there is one. With WithDrain it does so when all
// runs have finished, or at the deadline.
func (s *scheduler) endSession(deadline stopDeadline, forGood bool) (stop stop) {
	s.lock()
	defer s.unlock()
	sess := s.session
	stop.started = sess != nil
	stop.announceShutdown = forGood && !s.closed && s.everStarted
	s.closed = s.closed || forGood
	if s.drain && sess != nil {
		s.beginDrainLocked()
	}
	if sess = s.draining; sess != nil {
		s.unlocked(func() { stop.err = deadline.wait(sess.drained) })
	} else {
		sess = s.session
	}
	if sess != nil && !sess.stopped || s.closed && s.draining == nil { // else the Shutdown that drains does it
		s.dropEverythingLocked(sess, &stop)
	}
	stop.unsettled = append([]*session(nil), s.unsettled...)
	return stop
}

// beginDrainLocked has no job due any more, and the session's drained closed when its last
// run has finished.
func (s *scheduler) beginDrainLocked() {
	s.stoppedAt = s.lookAtClockLocked()
	s.draining, s.session = s.session, nil
	s.timetable.clear()
	for _, j := range s.list {
		j.leaveTimetable()
	}
	s.draining.drains = true
	s.draining.closeIfDrained()
}

// leaveTimetable is j's part of clearing the timetable. The next time is remembered: it was not
// dispatched.
func (j *internalJob) leaveTimetable() {
	j.place, j.entered = 0, false
	j.s.stopWaiterLocked(j)
}

// dropEverythingLocked ends a session, unless that is nil or has ended: no job is due any
// more, no run starts, what waits is dropped. After Shutdown it forgets all jobs as
// well. First the contexts of runs end: what waits may be a great many, and is dropped in batches.
func (s *scheduler) dropEverythingLocked(sess *session, stop *stop) {
	if sess != nil && !sess.stopped {
		if s.session != nil {
			s.stoppedAt = s.lookAtClockLocked()
		}
		s.session, s.draining = nil, nil
		sess.stopped = true
		close(sess.stopping)
		sess.busy++ // until everything is dropped
		s.unsettled = append(s.unsettled, sess)
		defer s.lessBusyLocked(sess)
	}
	waited, ends := s.stopListLocked()
	if s.drain {
		stop.dropped = s.notStartedLocked(waited)
	}
	s.dropping++
	defer func() { s.dropping-- }()
	if !ends.empty() {
		s.unlocked(ends.run)
	}
	s.dropWaitingOfLocked(waited)
}

// stopListLocked takes all jobs out of the timetable, and after Shutdown out of the list, in one pass:
// there may be a million. It returns the jobs with runs that wait, and the calls that end contexts.
func (s *scheduler) stopListLocked() (waited []*internalJob, ends deferredCalls) {
	s.timetable.clear()
	for _, j := range s.list {
		j.leaveTimetable()
		j.listed = !s.closed
		if j.hasWaiting() {
			waited = append(waited, j)
		}
		if s.closed {
			s.cancelUndeliveredLocked(j)
		}
		j.endForStop(&ends)
	}
	if s.closed {
		s.list, s.jobs, s.claiming = nil, nil, nil
	}
	return waited, ends
}

// notStartedLocked are the runs of the jobs that wait, and those that a worker has yet to start.
func (s *scheduler) notStartedLocked(jobs []*internalJob) (runs []*run) {
	for _, j := range jobs {
		runs = append(runs, j.waitingRuns()...)
	}
	for r := s.ready.head; r != nil; r = r.nextReady {
		if r.stage == stageGranted {
			runs = append(runs, r)
		}
	}
	return runs
}

// endForStop ends the contexts of j's runs when the scheduler stops, and the watch on the
// user's when it does so for good.
func (j *internalJob) endForStop(calls *deferredCalls) {
	if x := j.rare; x != nil {
		x.asked = nil
		if x.ctx != nil {
			calls.addFirst(x.ctx.end)
			x.ctx = nil
		}
	}
	if j.s.closed && j.settings().unwatch != nil {
		calls.addFirst(j.unwatchContext)
	}
}

// dropWaitingOfLocked drops the waiting runs of jobs whose session has ended, and those that were
// to start right now. It lets go of the lock in between, if they are many.
func (s *scheduler) dropWaitingOfLocked(jobs []*internalJob) {
	dropped := 0
	for _, j := range jobs {
		waiting, _ := j.gate.count()
		if dropped += 1 + min(waiting, runsBatch); dropped > runsBatch {
			s.yieldLocked()
			dropped = 0
		}
		s.dropAllLocked(j)
	}
	now, n := s.now(), 0
	for r := s.ready.head; r != nil && (s.drain || n < runsBatch); r = r.nextReady { // workers see to the rest
		if r.stage == stageGranted {
			s.finishLocked(r, OutcomeCancelled, now)
			n++
		}
	}
}

// A stopDeadline is how long a stop waits: for the stop timeout, on real time or on an injected
// clock, whichever ends it first, or until the context of its caller ends.
type stopDeadline struct {
	ctx    context.Context
	real   *time.Timer
	clock  clockwork.Clock // nil for the real one
	ending time.Time       // on the clock
}

func (s *scheduler) newStopDeadline(ctx context.Context) stopDeadline {
	d := stopDeadline{ctx: ctx, real: newRealTimer(s.stopTimeout)}
	if !s.onRealClock {
		d.clock, d.ending = s.clock, s.now().Add(s.stopTimeout)
	}
	return d
}

func (d stopDeadline) end() { d.real.Stop() }

// wait waits until done is closed, unless that is nil. It returns nil then, else what has ended the
// wait. If the context has ended already it does not wait. An injected clock has a waiter only
// meanwhile.
func (d stopDeadline) wait(done <-chan struct{}) error {
	if done == nil {
		return nil
	}
	if err := d.ctx.Err(); err != nil { // it has ended first, however soon the rest is done
		return err
	}
	if isClosed(done) {
		return nil
	}
	var injected <-chan time.Time
	if d.clock != nil {
		timer := d.clock.NewTimer(d.ending.Sub(d.clock.Now()))
		defer timer.Stop()
		injected = timer.Chan()
	}
	err := ErrStopJobsTimedOut
	select {
	case <-done:
	case <-d.ctx.Done():
		err = d.ctx.Err()
	case <-d.real.C:
		d.real.Reset(0) // done may be closed as well: the next wait is to find that no time is left
	case <-injected:
	}
	if isClosed(done) {
		return nil
	}
	return err
}

// stopError is the error of a stop, which with WithDrain says what was cut off.
func (s *scheduler) stopError(stop stop) error {
	if stop.err == nil || !s.drain {
		return stop.err
	}
	var unfinished []*run
	s.lock()
	for _, sess := range stop.unsettled {
		sess.inProgress.each(func(r *run) { unfinished = append(unfinished, r) })
	}
	s.unlock()
	return &StopError{Err: stop.err, Unfinished: s.infos(unfinished), Dropped: s.infos(stop.dropped)}
}

// infos is what is known of the runs, which may be a great many.
func (s *scheduler) infos(runs []*run) (infos []RunInfo) {
	for len(runs) > 0 {
		s.lock()
		for n := 0; n < lookBatch && len(runs) > 0; n++ {
			infos = append(infos, runs[0].info())
			runs = runs[1:]
		}
		s.unlock()
	}
	return infos
}
