package gocron

// runsBatch bounds how many waiting runs are ended before others get a chance at the lock: a job
// may have a million.
const runsBatch = 256

// dropSomeLocked drops a batch of j's runs that wait, for their turn or for another attempt. It
// reports whether none is left.
func (s *scheduler) dropSomeLocked(j *internalJob) bool {
	if !j.hasWaiting() {
		return true
	}
	now := s.now()
	for range runsBatch {
		switch {
		case !j.gate.waiting.empty():
			s.finishLocked(j.gate.waiting.tail(), OutcomeCancelled, now)
		case !j.rareState().retrying.empty():
			s.finishLocked(j.rare.retrying.tail(), OutcomeCancelled, now)
		default:
			return true
		}
	}
	return !j.hasWaiting()
}

// dropAllLocked drops all runs of j that wait, of which none may start any more. It lets go of the
// lock in between.
func (s *scheduler) dropAllLocked(j *internalJob) {
	for !s.dropSomeLocked(j) {
		s.yieldLocked()
	}
}

// dropRetryingLocked drops all runs of j that wait for another attempt.
func (s *scheduler) dropRetryingLocked(j *internalJob) {
	for !j.rareState().retrying.empty() {
		s.finishLocked(j.rare.retrying.tail(), OutcomeCancelled, s.now())
	}
}

// hasWaiting reports whether runs of j wait, for their turn or for another attempt.
func (j *internalJob) hasWaiting() bool {
	return !j.gate.waiting.empty() || !j.rareState().retrying.empty()
}

// waitingSession is the session of j's runs that wait, of which there must be one: Start waits
// until a stop has dropped those of the session before.
func (j *internalJob) waitingSession() *session {
	if r := j.gate.waiting.head; r != nil {
		return r.session
	}
	return j.rareState().retrying.head.session
}

// endWaitingLocked ends those of j's runs that wait, for their turn or for another attempt,
// and that are meant. It lets go of the lock in between: those that get their slot then must not
// pass the check.
func (s *scheduler) endWaitingLocked(j *internalJob, o Outcome, meant func(*run) bool) {
	s.endListedLocked(&j.gate.waiting, runStage.isWaiting, o, meant)
	s.endListedLocked(&j.makeRareState().retrying, runStage.isRetrying, o, meant)
}

// endListedLocked is endWaitingLocked for one list of runs, whose stage is in it. The last come
// first, so that none gets through its gate.
func (s *scheduler) endListedLocked(list *runList, in func(runStage) bool, o Outcome, meant func(*run) bool) {
	looked := 0
	for r := list.last(); r != nil; {
		next := r.prev
		if r == list.head {
			next = nil
		}
		if meant(r) {
			s.finishLocked(r, o, s.now())
		}
		if looked++; looked%runsBatch == 0 {
			s.yieldLocked()
		}
		if next != nil && !in(next.stage) { // it has got its turn meanwhile
			next = list.last()
		}
		r = next
	}
}
