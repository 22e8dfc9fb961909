package gocron

import "time"

// Catching up: occurrences that were due and could not be dispatched are in the gap of their job's
// ledger. A worker decides about them with nothing locked, as there may be a great many, and a Cron,
// a Schedule or a calendar of the user's may have to be asked. There is one run of them at a time.
// When that has finished, a worker decides again, about what has fallen due meanwhile as well.

// keepsLedger reports whether somebody wants to know which occurrences of j are settled.
func (j *internalJob) keepsLedger() bool {
	x := j.settings()
	return x.missed != nil || x.stored || !x.lastRun.IsZero()
}

// missedPolicy is what WithMissed says.
func (j *internalJob) missedPolicy() missedPolicy {
	if p := j.settings().missed; p != nil {
		return *p
	}
	return recordOnly
}

// catchesUp reports whether missed occurrences of j are run.
func (j *internalJob) catchesUp() bool {
	p := j.settings().missed
	return p != nil && p.kind != MissedSkip
}

// isCatchingUp reports whether there is something left to do about missed occurrences of j.
func (j *internalJob) isCatchingUp() bool {
	l := j.ledger()
	return l != nil && (l.deciding || l.catchUp != nil || !l.gap.IsZero())
}

// openLedgerLocked gives j, which is entered for the first time, its ledger. It reports whether
// somebody knows when the job ran before.
func (s *scheduler) openLedgerLocked(j *internalJob, moment, now time.Time) (known bool) {
	if !j.keepsLedger() {
		return false
	}
	if j.settings().stored {
		if known = s.restoreLocked(j, moment, now); known {
			return true
		}
	}
	x := j.makeRareState()
	if x.ledger == nil {
		x.ledger = &ledger{}
	}
	x.ledger.reached = moment.Add(-1).Round(0)
	if !j.oneTime() && !j.window().hasStart() { // the moment itself is no time of the job
		x.ledger.reached = moment.Round(0)
	}
	isKnown := j.settings().stored && len(s.store.ofName(j.settings().name).rows) > 1 // with other schedules
	if last := j.settings().lastRun; !isKnown && !last.IsZero() && last.Before(x.ledger.reached) {
		x.ledger.reached = last
		j.countFrom(last, now)
		known = true
	}
	return known
}

// countFrom makes t, when j ran last, what j counts from, unless it has something better.
func (j *internalJob) countFrom(t, now time.Time) {
	switch {
	case j.window().hasStart(), j.settings().claims:
		j.anchor = j.anchorAt(now, now)
	case j.countsElapsed():
		j.anchor = pinToWall(t, now)
	default:
		j.anchor = t.In(j.location())
	}
	if j.userCron() {
		j.makeRareState().cronLast = t.In(j.location())
	}
}

// findGapLocked notes the first occurrence of j, which is being entered, that is not settled and
// was due before the moment. Kept is j's next time from before a stop.
func (s *scheduler) findGapLocked(j *internalJob, kept, moment time.Time) {
	l := j.ledger()
	l.waits = false
	if j.ended || j.allReserved() { // nothing is due
		l.gap, l.seeks = time.Time{}, false
		l.reach(moment.Add(-1))
		return
	}
	switch {
	case j.startImmediately && !j.oneTime(): // that run stands for what was missed
		l.gap, l.seeks = time.Time{}, false
		l.reach(moment.Add(-1))
		return
	case j.runsPastTimes(): // now
		return
	}
	missed, upTo := j.nominalTime(kept), moment.Add(-1).Round(0) // what is due at the moment runs
	end, seeks := moment, false
	switch {
	case j.countsOneByOne():
	case !asksUserCode(j.plan):
		missed = j.occurrencesFrom(moment)(l.reached)
	default:
		seeks = !missed.After(l.reached) && l.reached.Before(upTo) // user code had not answered yet
		upTo = moment.Round(0)                                     // it is asked for a time after that
		if s.session != nil && !s.session.starting {
			end = moment.Add(1) // NewJob does not ask about the moment itself
		}
	}
	passed := !missed.IsZero() && missed.After(l.reached) && j.isBefore(j.delayedTime(missed), end)
	switch {
	case passed:
		l.miss(missed, missed)
	case seeks:
		l.seek()
	}
	if passed || seeks {
		l.owe(upTo) // whatever the clock shows when it is decided about
		if !j.catchesUp() {
			l.upTo = upTo
		}
	}
	j.passInstants(moment)
}

// countsOneByOne reports whether each occurrence of j counts from the run before.
func (j *internalJob) countsOneByOne() bool {
	_, random := j.plan.(*durationRandomSchedule)
	return random || j.settings().fromCompletion
}

// occurrencesFrom returns a function that returns the first occurrence of j after a time, by the wall
// clock and without the delay of WithJitter; the zero time if there is none that is due by now. The
// function calls user code if the job does, and may be called with nothing locked.
func (j *internalJob) occurrencesFrom(now time.Time) func(time.Time) time.Time {
	plan, anchor, w := j.plan, j.anchor.Round(0), j.window()
	now = now.Round(0)
	if j.countsOneByOne() {
		return func(time.Time) time.Time { return time.Time{} }
	}
	return func(t time.Time) time.Time {
		if w.hasStart() && wallBefore(t, w.start) {
			if t = w.start.Round(0); !w.startExcluded {
				return j.clipFrom(anchor, t)
			}
		}
		for due := t; ; {
			due = plan.next(anchor, due).Round(0)
			if due.IsZero() || due.After(now) {
				return time.Time{}
			}
			if at := j.nominalTimeFrom(anchor, due).Round(0); at.After(t) {
				return j.clipFrom(anchor, at)
			}
		}
	}
}

// leaveToCatchUpLocked leaves an occurrence of j, which is due, to a later decision: it is late, or
// others have to run first. It reports whether it does.
func (s *scheduler) leaveToCatchUpLocked(j *internalJob, due, now time.Time) bool {
	l := j.ledger()
	if l != nil && !due.Round(0).After(l.seen) { // it was, or is being, decided about
		if j.countsFromLast() {
			j.anchor = due
		}
		s.bookLocked(j, due, now.Add(min(0, l.seen.Sub(now.Round(0)))), now) // nobody has seen what is due since
		return true
	}
	if l == nil || j.settings().missed == nil || j.settings().fromCompletion || j.rareState().paused || j.ended || j.allReserved() {
		return false
	}
	late := now.Sub(due)
	isLate := late >= missedAfter || late > 0 && !s.onRealClock || !j.firstPassedOver(due, now).IsZero()
	if !isLate && !j.isCatchingUp() {
		return false
	}
	l.miss(j.nominalTime(due), due)
	l.owe(now.Round(0)) // whatever the clock shows when it is decided about
	if j.countsFromLast() {
		j.anchor = due
	}
	s.bookLocked(j, due, now, now)
	s.decideLocked(j)
	return true
}

// passOverLocked records that occurrences of j have passed, passed being the first of them, while
// the one that was due ran late. The zero time is none.
func (s *scheduler) passOverLocked(j *internalJob, due, now, passed time.Time) {
	l := j.ledger()
	if l == nil || passed.IsZero() {
		s.recordMissedLocked(j, due, now, passed)
		return
	}
	l.miss(j.nominalTime(passed), passed)
	l.upTo = now.Round(0)
	s.decideLocked(j)
}

// decideLocked has a worker decide about the gap of j, unless that has to wait.
func (s *scheduler) decideLocked(j *internalJob) {
	l := j.ledger()
	if l == nil || l.gap.IsZero() || l.deciding || l.catchUp != nil || l.waits || s.session == nil {
		return
	}
	l.deciding, l.seen = true, l.upTo
	if l.upTo.IsZero() {
		l.seen = l.latestDue(s.now())
	}
	round := l.round
	var calls deferredCalls
	calls.addThen(func() { s.decide(j, l, round) })
	s.callLaterLocked(s.session, calls)
}

// decide decides about the gap of j, whose ledger is l.
func (s *scheduler) decide(j *internalJob, l *ledger, round int) {
	var v missedView
	var d missedDecision
	defer func() { s.applyDecision(j, l, round, v, d) }() // also if user code ends the goroutine
	s.lock()
	j = j.current()
	v = s.missedViewLocked(j, l)
	s.unlock()
	d = decideMissed(v)
}

func (s *scheduler) missedViewLocked(j *internalJob, l *ledger) missedView {
	settled := l.copied()
	v := missedView{first: l.gap, seeks: l.seeks, after: j.occurrencesFrom(l.seen), now: l.seen,
		has: settled.has, passed: settled.passed, policy: j.missedPolicy()}
	if x := j.rareState(); x.paused {
		v.paused = x.pause.since
	}
	return v
}

// applyDecision makes the next run of the gap, and records what is not to be run. If the scheduler
// was stopped meanwhile the gap is left to the next Start.
func (s *scheduler) applyDecision(j *internalJob, l *ledger, round int, v missedView, d missedDecision) {
	s.lock()
	defer s.unlock()
	if l.round != round { // the job has left meanwhile
		return
	}
	j = j.current()
	if s.session == nil || !j.entered || j.ledger() != l || v.now.IsZero() {
		l.decided(l.reached, l.gap)
		return
	}
	defer s.leaveAfterEntryLocked(j, l)
	run := d.run
	l.seeks = false
	if j.ended || j.allReserved() { // then nothing was due
		l.decided(j.dueBy(v.now), time.Time{})
		s.changedLocked(j, s.session)
		return
	}
	var next time.Time
	switch {
	case len(run) > 0 && !v.paused.IsZero(): // they wait for Resume
		next, run, l.waits = run[0], nil, true
	case len(run) > 1:
		next = run[1]
	}
	for _, m := range append(d.missed[:len(d.missed):len(d.missed)], d.paused...) {
		l.pass(m.first, m.last)
	}
	if len(run) > 0 {
		l.dispatched(run[0]) // first: it holds back the mark, and what is settled after it is still needed
	}
	l.decided(j.dueBy(v.now), next)
	if !next.IsZero() {
		l.owe(v.now)
	}
	s.recordDecisionLocked(j, d, s.now())
	if len(run) > 0 {
		s.fireCatchUpLocked(j, run[0], s.now())
	}
	s.decideLocked(j)
	s.changedLocked(j, s.session)
}

// leaveAfterEntryLocked lets j leave if it was entered with nothing but a gap, of which nothing is run.
func (s *scheduler) leaveAfterEntryLocked(j *internalJob, l *ledger) {
	if l.entering && !l.deciding {
		l.entering = false
		s.settleLocked()
		s.callLaterLocked(s.session, s.removeIfExhaustedLocked(j))
	}
}

// fireCatchUpLocked makes the run of a missed occurrence.
func (s *scheduler) fireCatchUpLocked(j *internalJob, at, now time.Time) {
	r := s.newRunLocked(j, at.In(j.location()), TriggerCatchUp)
	j.ledger().catchUp = r
	if j.settings().fromCompletion {
		j.completing++
	}
	if j.settings().fromCompletion || j.allReserved() {
		s.setNextLocked(j, time.Time{}, now)
	}
	s.admitLocked(r, now)
}

// recordDecisionLocked records what of a decision is not to be run.
func (s *scheduler) recordDecisionLocked(j *internalJob, d missedDecision, now time.Time) {
	for _, m := range d.missed {
		s.recordRangeLocked(j, m, OutcomeMissed, now)
	}
	for _, m := range d.paused {
		s.recordRangeLocked(j, m, OutcomePaused, now)
	}
}

// recordRangeLocked records that a number of occurrences were not dispatched.
func (s *scheduler) recordRangeLocked(j *internalJob, m missedRange, o Outcome, now time.Time) {
	r := &run{job: j, scheduledAt: m.first.In(j.location()), outcome: o}
	r.record = &runRecord{run: r, missed: &gap{from: m.first, to: now, last: m.last, count: m.count}}
	s.recordUnmadeLocked(r, now)
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
	s.decideLocked(s.holderLocked(r.job))
}

// isLost reports whether the occurrence of r, which has ended, is still to be run: a stop has
// dropped it, the engine could not be asked, or it was missed before the pause that has ended r.
func (r *run) isLost() bool {
	j := r.job.current()
	if !j.catchesUp() || j.ledger() != r.job.ledger() { // of a schedule that is not the job's any more
		return false
	}
	atOnce := j.startImmediately && !j.oneTime() // then the run of the next Start stands for it
	return r.outcome == OutcomeEngineDown || r.wasStopped() && !atOnce || r.outcome == OutcomePaused && r.trigger == TriggerCatchUp
}

// isKept reports whether r is of a one-time job and will run when the scheduler is started again.
func (r *run) isKept() bool {
	return r.job.oneTime() && !r.job.catchesUp() && r.wasStopped()
}

// wasStopped reports whether r was cancelled by a stop.
func (r *run) wasStopped() bool {
	j := r.job.current()
	return r.outcome == OutcomeCancelled && r.session.stopped && (j.listed || j.s.closed) && !j.ended
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
	v := s.missedViewLocked(j, l)
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
