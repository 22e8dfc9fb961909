package gocron

import (
	"math"
	"runtime"
)

// The executor decides what follows from a change, and has it carried out.
//
// Jobs and runs change under the scheduler's lock, between lock and unlock. What changes one of
// them notes what that may mean for others, and goes no further:
//
//	freed    runs that have their outcome,     others get their slot, their job gets its next
//	         or wait for another attempt       time
//	changed  jobs that may have nothing left   they leave, or wake those who wait for them
//
// settleLocked handles the notes, in any order, before the lock is let go of. What has to
// happen with nothing locked is put before the workers: calls, and the ready queue of runs that are
// to be told of or may start.

// A jobChange says that a job may have nothing left to do. The stop of the session waits for what
// follows. Without a session the job stays: the next Start removes it.
type jobChange struct {
	job     *internalJob
	session *session
}

// workerCalls are calls for a worker to make, for which the stop of the session waits.
type workerCalls struct {
	session *session
	calls   deferredCalls
}

// lock takes the scheduler's lock. Helpers of the scheduler that expect it have names that end in
// Locked; the unexported methods of the records, such as a job and a run, expect it as well.
func (s *scheduler) lock() { s.mu.Lock() }

// unlock is the only way to let go of the lock: it sees to everything that follows first.
func (s *scheduler) unlock() {
	s.settleLocked()
	if !s.workerComes && s.hasWorkLocked() {
		s.workerComes = true
		go s.workFunc() // s.work
	}
	s.mu.Unlock()
}

// unlocked calls f with nothing locked. It has the lock again however f ends.
func (s *scheduler) unlocked(f func()) {
	s.unlock()
	defer s.lock()
	f()
}

// yieldLocked gives others a chance at the lock.
func (s *scheduler) yieldLocked() {
	s.unlock()
	runtime.Gosched()
	s.lock()
}

// settleLocked handles what follows from the changes that were made, until nothing does.
func (s *scheduler) settleLocked() {
	for {
		if last := len(s.freed) - 1; last >= 0 {
			r := s.freed[last]
			s.freed[last], s.freed = nil, s.freed[:last]
			s.runFreedLocked(r)
		} else if last := len(s.changed) - 1; last >= 0 {
			c := s.changed[last]
			s.changed[last], s.changed = jobChange{}, s.changed[:last]
			s.jobChangedLocked(c)
		} else {
			return
		}
	}
}

// runFreedLocked handles a run that has its outcome, or waits for another attempt: those that wait
// for their turn may have room, and its job may get its next time only now.
func (s *scheduler) runFreedLocked(r *run) {
	cur := r.job.current()
	s.startWaitingLocked(r.job.limiter(), cur)
	s.rebookLocked(r)
	s.changedLocked(cur, r.session)
}

// changedLocked notes that j may have nothing left to do.
func (s *scheduler) changedLocked(j *internalJob, sess *session) {
	s.changed = append(s.changed, jobChange{j, sess})
}

// jobChangedLocked wakes those who wait until nothing of a job runs or waits, and lets the job
// leave if it has nothing left to do. If it has left, its task is not needed any more.
func (s *scheduler) jobChangedLocked(c jobChange) {
	j := c.job
	if !j.isIdle() {
		return
	}
	j.wakeWaits()
	if !j.listed {
		j.letGoOfTask()
	}
	if c.session != nil && s.exhaustedLocked(j) {
		s.callLaterLocked(c.session, s.removeLocked(j))
	}
}

// callLaterLocked has a worker make the calls.
func (s *scheduler) callLaterLocked(sess *session, calls deferredCalls) {
	if !calls.empty() {
		sess.busy++
		s.calls = append(s.calls, workerCalls{sess, calls})
	}
}

// jobHasLeft in run.cancels marks a run that got its slot after its definition was removed or replaced.
// It equals no count of cancels, so isStaleLocked drops the run.
const jobHasLeft = math.MaxUint32

// markReadyLocked has a worker perform a run that got slot and gate.
func (s *scheduler) markReadyLocked(r *run) {
	switch {
	case !r.job.listed: // it waited, and will be dropped
		r.cancels = jobHasLeft
	case !r.hasBegun(): // else Cancel ends it also between two attempts
		r.cancels = r.job.rareState().cancels
	}
	if s.drain || s.watchers.any() {
		r.session.inProgress.append(r)
	}
	s.enqueueLocked(r)
}

// enqueueLocked puts r before a worker, unless it is there: a worker that has it looks again
// before it is done.
func (s *scheduler) enqueueLocked(r *run) {
	if !r.enqueued {
		r.enqueued = true
		r.session.busy++
		s.ready.push(r)
	}
}

func (s *scheduler) hasWorkLocked() bool { return s.ready.head != nil || len(s.calls) > 0 }

// work is a worker: it sees to what is ready, in order, until there is nothing. Whenever it lets go
// of the lock, the next worker is started if there is more. So runs start in order, a task that
// blocks holds up nobody, and there is at most one worker more than runs in progress.
func (s *scheduler) work() {
	growStack(0)
	s.lock()
	defer s.unlock() // also when user code ends the goroutine
	s.workerComes = false
	for n := 1; ; n++ {
		s.settleLocked()
		switch {
		case len(s.calls) > 0:
			s.makeCallsLocked()
		case s.ready.head != nil:
			s.processLocked(s.ready.pop())
		default:
			return
		}
		if n%runsBatch == 0 { // runs that may not start end with the lock held, and may be a great many
			s.workerComes = true // this one
			s.yieldLocked()
			s.workerComes = false
		}
	}
}

// growStack makes room on the stack of a worker. A run takes more than the 2 KB that a goroutine
// begins with, and to grow a stack while little is on it costs least.
//
//go:noinline
func growStack(at int) byte {
	var room [1536]byte
	return room[at]
}

// makeCallsLocked makes the calls that have been due for longest.
func (s *scheduler) makeCallsLocked() {
	next := s.calls[0]
	s.calls[0], s.calls = workerCalls{}, s.calls[1:]
	defer s.lessBusyLocked(next.session)
	s.unlocked(next.calls.run)
}

// processLocked sees to one run: what hooks and monitors are to be told of it, then, if
// it may start, the run itself.
func (s *scheduler) processLocked(r *run) {
	defer s.processedLocked(r)
	s.tellNoticesLocked(r)
	if r.stage == stageGranted {
		s.attemptLocked(r)
		s.tellNoticesLocked(r)
	}
}

// processedLocked is called when a worker is done with r.
func (s *scheduler) processedLocked(r *run) {
	r.enqueued = false
	if r.stage == stageGranted || r.hasNotices() { // user code ended the worker, or r is to be tried again already
		s.enqueueLocked(r)
	}
	s.lessBusyLocked(r.session)
}

// deferredCalls are calls that a change under the lock has to be followed by, made with nothing
// locked.
type deferredCalls struct {
	first []func() // that end contexts: nothing holds them up
	then  []func() // of lockers, monitors and loggers, which may take their time
}

func (d *deferredCalls) empty() bool { return len(d.first)+len(d.then) == 0 }

func (d *deferredCalls) addFirst(call func()) { d.first = append(d.first, call) }
func (d *deferredCalls) addThen(call func())  { d.then = append(d.then, call) }

func (d *deferredCalls) add(more deferredCalls) {
	d.first, d.then = append(d.first, more.first...), append(d.then, more.then...)
}

// run makes all calls, also when one of them ends the goroutine.
func (d deferredCalls) run() {
	for _, call := range d.first {
		call()
	}
	made := 0
	defer func() {
		if made < len(d.then) {
			deferredCalls{then: d.then[made:]}.run()
		}
	}()
	for _, call := range d.then {
		made++
		call()
	}
}
