package gocron

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"
	"time"

	"github.com/google/uuid"
)

// enlistLocked makes j one of the scheduler's jobs.
func (s *scheduler) enlistLocked(j *internalJob) {
	j.listed = true
	j.index = int32(len(s.list))
	s.jobs[idKey{j.id}] = j
	s.list = append(s.list, j)
	if j.needsName() {
		s.claiming[j.Name()] = j
	}
	if !s.quiet && j.asksPlainLocker() && s.locking[j.Name()] == nil {
		s.locking[j.Name()] = j
	}
}

// removeLocked removes j. The calls that it returns are to be made when nothing is locked.
func (s *scheduler) removeLocked(j *internalJob) deferredCalls {
	s.closeLedgerLocked(j)
	s.keepRowLocked(j)
	all := s.delistLocked(j)
	return s.farewellLocked(j, j.rareState().ctx, all)
}

// delistLocked takes j out of the lists and the timetable, and drops a batch of its waiting runs. It
// reports whether that was all of them. None of the others starts any more.
func (s *scheduler) delistLocked(j *internalJob) (all bool) {
	s.leaveWhileStoppedLocked(j)
	last := len(s.list) - 1
	moved := s.list[last]
	s.list[j.index], moved.index = moved, j.index
	s.list[last] = nil
	s.list = s.list[:last]
	delete(s.jobs, idKey{j.id})
	if j.needsName() {
		delete(s.claiming, j.Name())
	}
	if !s.quiet && j.asksPlainLocker() && s.locking[j.Name()] == j {
		delete(s.locking, j.Name())
	}

	j.listed = false
	all = s.dropSomeLocked(j)
	s.cancelUndeliveredLocked(j)
	s.setNextLocked(j, time.Time{}, time.Time{})
	if s.monitors.scheduler != nil {
		s.queueAnnouncementLocked(j, true, time.Time{})
	}
	return all
}

// farewellLocked returns the calls to make when j has left: end the contexts of its runs, drop the
// waiting runs that delistLocked has left, unless it has dropped all, and tell the monitor.
func (s *scheduler) farewellLocked(j *internalJob, ctx *jobContext, allDropped bool) (calls deferredCalls) {
	if ctx != nil {
		calls.addFirst(ctx.end)
	}
	if j.settings().unwatch != nil {
		calls.addFirst(j.unwatchContext)
	}
	if !allDropped {
		sess := j.waitingSession()
		sess.busy++ // until they are: a stop waits for that
		calls.addFirst(func() {
			s.lock()
			defer s.unlock()
			s.dropAllLocked(j)
			s.lessBusyLocked(sess)
		})
	}
	if s.monitors.scheduler != nil {
		calls.addThen(func() { s.announce(j.id) })
	}
	return calls
}

// replaceLocked lists j in the place of old, and hands it what outlives a definition:
// the times of the last run, the gate, which runs of the old one may hold, and the
// contexts of those that have not begun.
func (s *scheduler) replaceLocked(old, j *internalJob) deferredCalls {
	if !s.keepLedgerLocked(old, j) {
		s.closeLedgerLocked(old)
		s.keepRowLocked(old)
	}
	all := s.delistLocked(old)
	ctx := old.rareState().ctx
	s.enlistLocked(j)
	j.last, j.gate.running, j.gate.passed = old.last, old.gate.running, old.gate.passed-old.gate.forSlot()
	if x := old.rare; x != nil && (x.paused || x.history != nil || x.stats != nil || x.idle != nil || x.ctx != nil || x.cancels > 0) {
		y := j.makeRareState()
		y.paused, y.pause, y.history, y.stats, y.idle = x.paused, x.pause, x.history, x.stats, x.idle
		y.cancels, y.cancelCause = x.cancels, x.cancelCause
		if j.gate.passed > j.gate.running { // runs that have not begun go on
			ctx, y.ctx = x.ctx.split()
		}
		x.idle, x.ctx = nil, nil
	}
	if asked := old.rareState().runNows; asked > 0 {
		x, y := old.rare, j.makeRareState()
		y.runNows, y.askedIn = asked, x.askedIn
		x.runNows, x.askedIn = 0, nil
	}
	old.succeededBy(j)
	if j.isIdle() { // until its first run, which may come at once
		j.wakeWaits()
	}
	return s.farewellLocked(old, ctx, all)
}

// keepLedgerLocked hands the ledger of old, which is being replaced, to j if both are under the store
// with equal schedules: j goes on where old is. It reports whether it does.
func (s *scheduler) keepLedgerLocked(old, j *internalJob) bool {
	l, x, y := old.ledger(), old.settings(), j.settings()
	if l == nil || l.row == nil || !y.stored || x.name != y.name || x.fingerprint != y.fingerprint {
		return false
	}
	j.takeLedger(l)
	j.anchor, j.next, j.startPassed, j.reserved = old.anchor, old.next, old.startPassed, l.known.begun
	j.rare.cronLast, j.rare.cronAnswer = old.rare.cronLast, time.Time{} // which counts from Update
	s.noteDirtyLocked(j)
	return true
}

// exhaustedLocked reports whether a job is to leave, as it has nothing left to do: all its limited runs
// have finished, no run comes before its stop time, or it is a one-time job without a further run and
// was made to leave then, or had its last occurrence skipped while limited runs are left. (If that was
// run, it stays for RunNow.)
func (s *scheduler) exhaustedLocked(j *internalJob) bool {
	if !j.listed || !j.isIdle() || j == s.replacing {
		return false
	}
	if j.allReserved() { // and as it is idle, all of them are done
		return true
	}
	x := j.settings()
	over := s.hasNothingLeftLocked(j)
	if j.oneTime() && x.removeWhenFinished {
		return over
	}
	return over && !j.ended && (x.window.hasStop() || j.oneTime() && j.limitedRuns > 0 && !j.rareState().ranLast)
}

// hasNothingLeftLocked reports whether no run of j is going to come by itself, or, if it is a
// manual job, whether none can be asked for any more.
func (s *scheduler) hasNothingLeftLocked(j *internalJob) bool {
	x := j.rareState()
	if j.manual() && !j.window().isOver(s.now()) {
		return false
	}
	return s.session != nil && j.entered && j.next.IsZero() && j.completing == 0 && x.asked == nil && len(x.undelivered) == 0 && !j.isCatchingUp()
}

// watchContext makes the job notice when the context given by WithContext ends.
func (j *internalJob) watchContext() {
	x := j.settings()
	if x.ctx == nil {
		return
	}
	j.ended = x.ctx.Err() != nil
	x.unwatch = context.AfterFunc(x.ctx, func() {
		j.s.lock()
		defer j.s.unlock()
		j.s.contextEndedLocked(j)
	})
}

// contextEndedLocked leaves j without a next run: the context given by WithContext has ended.
func (s *scheduler) contextEndedLocked(j *internalJob) {
	j.ended = true
	if !j.listed {
		return
	}
	s.dropAllLocked(j)
	s.cancelUndeliveredLocked(j)
	s.setNextLocked(j, time.Time{}, time.Time{})
	s.changedLocked(j, s.session)
}

// noteEndedContexts asks the contexts given by WithContext, whose own word may still be on its way.
func (s *scheduler) noteEndedContexts() {
	var watched []*internalJob
	s.lock()
	for _, j := range s.list {
		if j.settings().ctx != nil {
			watched = append(watched, j)
		}
	}
	s.unlock()
	for _, j := range watched {
		if j.settings().ctx.Err() != nil {
			s.lock()
			s.contextEndedLocked(j)
			s.unlock()
		}
	}
}

func (j *internalJob) unwatchContext() {
	if unwatch := j.settings().unwatch; unwatch != nil {
		unwatch()
	}
}

// jobOfLocked is the job that has j's id now, for the getters of its handle.
func (s *scheduler) jobOfLocked(j *internalJob) (*internalJob, error) {
	if j.listed && !s.closed {
		return j, nil
	}
	if s.closed {
		return nil, errJobAfterShutdown
	}
	return s.jobByIDLocked(j.id)
}

// jobByIDLocked is the job that has the id.
func (s *scheduler) jobByIDLocked(id uuid.UUID) (*internalJob, error) {
	if j := s.jobs[idKey{id}]; j != nil && !s.closed {
		return j, nil
	}
	return nil, ErrJobNotFound
}

func (s *scheduler) RemoveJob(id uuid.UUID) error {
	s.lock()
	j, err := s.jobByIDLocked(id)
	if err != nil {
		s.unlock()
		return err
	}
	calls := s.removeLocked(j)
	s.unlock()
	calls.run()
	return nil
}

// lookBatch bounds how many jobs are looked at before others get a chance at mu.
const lookBatch = 256

func (s *scheduler) RemoveByTags(tags ...string) {
	if len(tags) == 0 {
		return
	}
	var calls deferredCalls
	bits := tagBits(tags)
	// From the end: a job that leaves is replaced by one that was looked at.
	for end := -1; end != 0; {
		s.lock()
		if end < 0 || end > len(s.list) {
			end = len(s.list)
		}
		for n := 0; end > 0 && n < lookBatch; n++ {
			end--
			if j := s.list[end]; j.tagBits&bits != 0 && j.hasAnyTag(tags) {
				waiting, _ := j.gate.count()
				n += waiting
				calls.add(s.removeLocked(j))
			}
		}
		s.unlock()
	}
	calls.run()
}

func (j *internalJob) hasAnyTag(tags []string) bool {
	for _, own := range j.settings().tags {
		if slices.Contains(tags, own) {
			return true
		}
	}
	return false
}

func (s *scheduler) Jobs() []Job {
	s.lock()
	if s.closed {
		s.unlock()
		return nil
	}
	list := append([]*internalJob(nil), s.list...)
	s.unlock()
	return sortedByID(list)
}

// An idKey is an id as a map's key. (Programs that dump a job, as a failing test does, cannot sort keys
// that are arrays.)
type idKey struct{ id uuid.UUID }

// sortedByID makes handles of jobs. It sorts keys rather than jobs, which lie
// all over memory.
func sortedByID(list []*internalJob) []Job {
	type key struct {
		high, low uint64
		job       *internalJob
	}
	keys := make([]key, len(list))
	for i, j := range list {
		keys[i] = key{binary.BigEndian.Uint64(j.id[:8]), binary.BigEndian.Uint64(j.id[8:]), j}
	}
	slices.SortFunc(keys, func(a, b key) int {
		if c := cmp.Compare(a.high, b.high); c != 0 {
			return c
		}
		return cmp.Compare(a.low, b.low)
	})
	jobs := make([]Job, len(keys))
	for i := range keys {
		jobs[i] = keys[i].job
	}
	return jobs
}

func (s *scheduler) JobsWaitingInQueue() int {
	s.lock()
	defer s.unlock()
	waiting := 0
	s.eachLimiterLocked(func(l *limiter) { waiting += l.waitingInQueue() })
	return waiting
}
