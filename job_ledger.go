package gocron

import (
	"slices"
	"time"
)

// A ledger is what the scheduler knows of the occurrences of one job beyond the next one: which are
// settled, because they have an outcome or their run has begun. Jobs under a store have one, and
// jobs with WithMissed. It goes by the wall clock alone. The records that have one id in turn share
// it if their schedules are equal.
type ledger struct {
	// What is settled.
	reached time.Time   // what is due up to then was dispatched, passed over, or is in open
	open    []time.Time // dispatched, and neither begun nor ended, in order
	settled []time.Time // after the mark, in order
	passed  []span      // with everything in them settled that is not in open, and after the mark

	// The gap: what was due and not dispatched.
	gap     time.Time // its first occurrence, zero for no gap
	seeks   bool      // gap is no occurrence: user code has to name the first one after it
	until   time.Time // what is in the gap up to then was due, zero for nothing
	waits   bool      // it is looked at when an engine answers again, or on Resume
	catchUp *run      // the run of one of its occurrences, nil for none

	// The decision about the gap.
	deciding bool      // a worker is at it
	entering bool      // it is the first since the job was entered
	round    int       // tells one that came too late from the latest
	seen     time.Time // it is, or was, about what was due up to then
	held     time.Time // the first occurrence that is left to the next decision, zero for none

	job *internalJob // whose it is now, or was last

	// Under a store.
	known *knownJob     // what the store has of the job
	row   *StoredJob    // as it was last loaded or written
	safe  chan struct{} // closed when a new row was written, nil for one that was loaded
	dirty bool          // the row does not say what is here
}

// A span is from the first to the last of some occurrences.
type span struct{ first, last time.Time }

// mark is the watermark: every occurrence at or before it is settled.
func (l *ledger) mark() time.Time {
	mark := l.reached
	if len(l.open) > 0 && !l.open[0].After(mark) {
		mark = l.open[0].Add(-1)
	}
	for _, t := range [...]time.Time{l.gap, l.held} {
		if !t.IsZero() && !t.After(mark) {
			mark = t.Add(-1)
		}
	}
	return mark
}

// dispatched notes that a run was made of the occurrence at t.
func (l *ledger) dispatched(t time.Time) {
	t = t.Round(0)
	l.open = withTime(l.open, t)
	l.reach(t)
}

// withTime is the times, which are in order, and t.
func withTime(times []time.Time, t time.Time) []time.Time {
	if i, found := slices.BinarySearchFunc(times, t, time.Time.Compare); !found {
		return slices.Insert(times, i, t)
	}
	return times
}

// reach notes that everything due up to t was dispatched, or is in the gap.
func (l *ledger) reach(t time.Time) {
	l.reached = later(l.reached, t.Round(0))
}

// settle notes that the occurrence at t has an outcome, or its run has begun.
func (l *ledger) settle(t time.Time) {
	t = t.Round(0)
	l.close(t)
	if t.After(l.mark()) {
		l.settled = withTime(l.settled, t)
	}
	l.trim()
}

// lose notes that the occurrence at t, which was dispatched, is to be run later.
func (l *ledger) lose(t time.Time) {
	t = t.Round(0)
	l.close(t)
	l.widen(t)
	l.owe(t)
	l.reach(t)
}

// miss notes that the occurrence at t, which was due at the given time, was not dispatched.
func (l *ledger) miss(t, due time.Time) {
	t = t.Round(0)
	isDecided := l.deciding && !due.Round(0).After(l.seen)
	comesAgain := t.Before(l.gap) // the clock was set back
	if !isDecided && !comesAgain {
		l.widen(t)
		l.owe(t)
	}
	l.reach(t)
}

// owe notes that what is in the gap up to t was due.
func (l *ledger) owe(t time.Time) { l.until = later(l.until, t) }

// latestDue is up to when what is in the gap may have been due: now, or later, if the clock was set back
// since it was.
func (l *ledger) latestDue(now time.Time) time.Time { return later(now.Round(0), l.until) }

// later is the later of two times.
func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// firstOf is the earlier of two times of which zero is none.
func firstOf(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

// widen has the occurrence at t in the gap or, while a worker decides about that, in the next one.
func (l *ledger) widen(t time.Time) {
	switch {
	case l.deciding:
		l.held = firstOf(l.held, t)
	case l.gap.IsZero(), t.Before(l.gap):
		l.gap, l.seeks = t, false
	}
}

// seek notes that user code has to be asked whether an occurrence after reached was missed.
func (l *ledger) seek() {
	if l.gap.IsZero() {
		l.gap, l.seeks = l.reached.Add(1), true
	}
}

// decided is called when it was decided about the gap, up to an occurrence at the time upTo: it goes
// on with next, zero for none.
func (l *ledger) decided(upTo, next time.Time) {
	l.deciding = false
	l.round++
	l.gap, l.held = firstOf(next, l.held), time.Time{}
	if l.gap.IsZero() {
		l.until = time.Time{}
	}
	l.reach(upTo)
	l.trim()
}

// pass notes that all occurrences from first to last are settled, but for those in open.
func (l *ledger) pass(first, last time.Time) {
	l.passed = append(l.passed, span{first.Round(0), last.Round(0)})
}

func (l *ledger) close(t time.Time) {
	if i, found := slices.BinarySearchFunc(l.open, t, time.Time.Compare); found {
		l.open = slices.Delete(l.open, i, i+1)
	}
}

// trim forgets what the mark has passed.
func (l *ledger) trim() {
	mark := l.mark()
	passed := 0
	for passed < len(l.settled) && !l.settled[passed].After(mark) {
		passed++
	}
	l.settled = slices.Delete(l.settled, 0, passed)
	l.passed = slices.DeleteFunc(l.passed, func(s span) bool { return !s.last.After(mark) })
}

// has reports whether the occurrence at t is settled, or has a run on its way.
func (l *ledger) has(t time.Time) bool {
	t = t.Round(0)
	if !t.After(l.mark()) {
		return true
	}
	_, open := slices.BinarySearchFunc(l.open, t, time.Time.Compare)
	_, settled := slices.BinarySearchFunc(l.settled, t, time.Time.Compare)
	return open || settled || slices.ContainsFunc(l.passed, func(s span) bool {
		return !t.Before(s.first) && !t.After(s.last)
	})
}

// follow has l go on after old, the ledger of the job that had the name before. Their schedules
// differ, but may have times in common.
func (l *ledger) follow(old *ledger) {
	l.reach(old.reached)
	for _, t := range old.open {
		l.settle(t)
	}
}

// copied is a ledger to ask has of with nothing locked.
func (l *ledger) copied() *ledger {
	return &ledger{reached: l.reached, open: slices.Clone(l.open), settled: slices.Clone(l.settled),
		passed: slices.Clone(l.passed), gap: l.gap, held: l.held}
}

// setBack is for a clock that was set back so far that everything goes by the new time.
func (l *ledger) setBack(now time.Time) {
	now, l.seen = now.Round(0), time.Time{}
	if l.deciding { // about what may be due again: that decision comes too late
		l.decided(l.reached, l.gap)
	}
	for _, t := range [...]*time.Time{&l.reached, &l.until} {
		if t.After(now) {
			*t = now
		}
	}
	if l.gap.After(now) {
		l.gap, l.seeks = time.Time{}, false
	}
	if l.held.After(now) {
		l.held = time.Time{}
	}
	l.settled = slices.DeleteFunc(l.settled, now.Before)
	l.passed = slices.DeleteFunc(l.passed, func(s span) bool { return now.Before(s.first) })
}

// ledger is j's, nil if it has none.
func (j *internalJob) ledger() *ledger { return j.rareState().ledger }

// takeLedger makes l the ledger of j, which goes on with it.
func (j *internalJob) takeLedger(l *ledger) {
	j.makeRareState().ledger, l.job = l, j
	if l.known != nil {
		l.known.job = j
	}
}

// keepsLedger reports whether somebody wants to know which occurrences of j are settled.
func (j *internalJob) keepsLedger() bool {
	x := j.settings()
	return x.missed != nil || x.stored || !x.lastRun.IsZero()
}

// openLedgerLocked gives j, which is entered for the first time, its ledger. It reports whether
// somebody knows when the job ran before.
func (s *scheduler) openLedgerLocked(j *internalJob, moment, now time.Time) (known bool) {
	switch {
	case !j.keepsLedger():
		return false
	case !j.settings().stored:
		j.takeLedger(&ledger{})
	case s.restoreLocked(j, moment, now):
		return true
	}
	l := j.ledger()
	l.reached = moment.Add(-1).Round(0)
	if !j.oneTime() && !j.window().hasStart() { // the moment itself is no time of the job
		l.reached = moment.Round(0)
	}
	isKnown := l.known != nil && len(l.known.rows) > 1 // with other schedules
	if last := j.settings().lastRun; !isKnown && !last.IsZero() && last.Before(l.reached) {
		l.reached = last
		j.countFrom(last, moment, now)
		return true
	}
	j.anchor = j.anchorAt(moment, now)
	l.reached = j.dueBy(l.reached) // what is delayed until later is still to come
	return false
}

// countFrom has j, which is entered at the moment, go on after what its ledger has reached. It counts
// from t, unless that is not known or it has something better.
func (j *internalJob) countFrom(t, moment, now time.Time) {
	switch {
	case j.oneTime():
		j.anchor = j.ledger().reached
	case t.IsZero(), j.window().hasStart(), j.settings().claims:
		j.anchor = j.anchorAt(moment, now)
	case j.countsElapsed():
		j.anchor = pinToWall(t, now)
	default:
		j.anchor = t.In(j.location())
	}
	if j.userCron() {
		x := j.makeRareState()
		x.cronLast, x.cronAnswer = j.dueOfReached().In(j.location()), time.Time{} // which counts from NewJob
	}
}

// dueOfReached is when the latest occurrence is due that the ledger of j has reached, by the delay that it
// has now: WithJitter, or the name, may be another one than when it was dispatched.
func (j *internalJob) dueOfReached() time.Time {
	reached := j.ledger().reached
	if s := jitterOf(j.plan); s != nil {
		if last := s.nominal(j.anchor, reached); !last.IsZero() {
			return later(reached, s.delayed(j.anchor, last))
		}
	}
	return reached
}

// endOccurrenceLocked notes in the ledger that r, an occurrence of its job, has its outcome.
func (s *scheduler) endOccurrenceLocked(r *run) {
	l := r.job.ledger()
	if l == nil {
		return
	}
	switch {
	case r.hasBegun(), r.record != nil && r.record.missed != nil: // settled already
	case r.isLost():
		l.lose(r.scheduledAt)
	case !r.isKept():
		l.settle(r.scheduledAt)
	}
	if l.catchUp == r {
		l.catchUp = nil
	}
	if s.outagesNow.Load() > 0 {
		s.proberEndedLocked(r)
	}
	s.decideLocked(l.job)
}

// closeLedgerLocked records what is left of the gap of a job that leaves.
func (s *scheduler) closeLedgerLocked(j *internalJob) {
	l := j.ledger()
	if l == nil {
		return
	}
	s.endWaitingStoredLocked(j)
	now := s.now()
	switch {
	case s.session == nil && s.draining == nil:
		s.findGapLocked(j, j.next, now.Add(1)) // what has passed since the stop
	case !j.next.IsZero() && !j.next.After(now) && j.next.Round(0).After(l.seen):
		l.miss(j.nominalTime(j.next), j.next) // it was about to be dispatched
	}
	if l.gap.IsZero() && l.held.IsZero() {
		return
	}
	if j.ended || j.allReserved() { // nothing was due
		l.seeks = false
		l.decided(l.reached, time.Time{})
		return
	}
	l.decided(l.reached, l.gap)
	l.seen = l.latestDue(now)
	v := l.viewLocked()
	v.policy = recordOnly
	first := l.gap
	l.pass(first, j.dueBy(l.seen))
	l.gap, l.seeks = time.Time{}, false
	l.dispatched(first) // so that the mark waits for the record
	l.reach(j.dueBy(l.seen))
	sess := s.anySessionLocked()
	var calls deferredCalls
	calls.addThen(func() {
		d := decideMissed(v)
		s.lock()
		defer s.unlock()
		s.recordDecisionLocked(j, d, v.now)
		l.settle(first)
	})
	s.callLaterLocked(sess, calls)
}
