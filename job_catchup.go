package gocron

import (
	"math"
	"slices"
	"time"
)

// Catching up: occurrences that were due and could not be dispatched are in the gap of their job's
// ledger. A worker decides about them with nothing locked, as there may be a great many, and a Cron,
// a Schedule or a calendar of the user's may have to be asked. There is one run of them at a time.
// When that has finished, a worker decides again, about what has fallen due meanwhile as well.

// isCatchingUp reports whether there is something left to do about missed occurrences of j.
func (j *internalJob) isCatchingUp() bool {
	l := j.ledger()
	return l != nil && (l.deciding || l.catchUp != nil || !l.gap.IsZero())
}

// findGapLocked notes the first occurrence of j, which is being entered, that is not settled and
// was due before the moment. Kept is j's next time from before a stop.
func (s *scheduler) findGapLocked(j *internalJob, kept, moment time.Time) {
	l := j.ledger()
	l.waits = false
	nothingWasDue, runsAtOnce := j.ended || j.allReserved(), j.startImmediately && !j.oneTime()
	switch {
	case nothingWasDue, runsAtOnce: // that run stands for what was missed
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
	}
	j.passInstants(moment)
}

// countsOneByOne reports whether each occurrence of j counts from the run before.
func (j *internalJob) countsOneByOne() bool {
	return j.random() || j.settings().fromCompletion
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
	l, from := j.ledger(), now
	switch isDecided := l != nil && !due.Round(0).After(l.seen); {
	case isDecided: // or being so; nobody has seen what is due since
		from = now.Add(min(0, l.seen.Sub(now.Round(0))))
	case l != nil && s.isLateLocked(j, due, now):
		l.miss(j.nominalTime(due), due)
		l.owe(now.Round(0)) // whatever the clock shows when it is decided about
	default:
		return false
	}
	if j.countsFromLast() {
		j.anchor = due
	}
	s.bookLocked(j, due, from, now)
	s.decideLocked(j)
	return true
}

// isLateLocked reports whether WithMissed says what happens to an occurrence of j that is due: it is
// late, or was due before another run that catches up has finished.
func (s *scheduler) isLateLocked(j *internalJob, due, now time.Time) bool {
	x := j.settings()
	if x.missed == nil || x.fromCompletion || j.rareState().paused || j.ended || j.allReserved() {
		return false
	}
	late := now.Sub(due)
	return late >= missedAfter || late > 0 && !s.onRealClock || j.isCatchingUp() || !j.firstPassedOver(due, now).IsZero()
}

// decideLocked has a worker decide about the gap of j, unless that has to wait.
func (s *scheduler) decideLocked(j *internalJob) {
	l := j.ledger()
	if l == nil || l.gap.IsZero() || l.deciding || l.catchUp != nil || l.waits || s.session == nil {
		return
	}
	l.deciding, l.seen = true, l.until
	if j.catchesUp() { // what falls due meanwhile is run with it
		l.seen = l.latestDue(s.now())
	}
	round := l.round
	var calls deferredCalls
	calls.addThen(func() { s.decide(l, round) })
	s.callLaterLocked(s.session, calls)
}

// decide decides about the gap of l.
func (s *scheduler) decide(l *ledger, round int) {
	var v missedView
	var d missedDecision
	defer func() { s.applyDecision(l, round, v, d) }() // also if user code ends the goroutine
	s.lock()
	v = l.viewLocked()
	s.unlock()
	d = decideMissed(v)
}

// viewLocked is what the decision about the gap goes by.
func (l *ledger) viewLocked() missedView {
	settled, j := l.copied(), l.job
	v := missedView{first: l.gap, seeks: l.seeks, after: j.occurrencesFrom(l.seen), now: l.seen,
		has: settled.has, passed: settled.passed, policy: j.missedPolicy()}
	if x := j.rareState(); x.paused {
		v.paused = x.pause.since
	}
	return v
}

// applyDecision makes the next run of the gap, and records what is not to be run. If the scheduler
// was stopped meanwhile the gap is left to the next Start.
func (s *scheduler) applyDecision(l *ledger, round int, v missedView, d missedDecision) {
	s.lock()
	defer s.unlock()
	if l.round != round { // the job has left meanwhile
		return
	}
	j := l.job
	if s.session == nil || !j.entered || v.now.IsZero() {
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
	for _, m := range slices.Concat(d.missed, d.paused) {
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

// leaveAfterEntryLocked lets j leave if it was entered with nothing but a gap, and nothing of that is run.
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

// A missedView is what the decision about missed occurrences needs to know. Everything in it is a
// value, and the decision is pure, but for user code that names occurrences.
type missedView struct {
	first  time.Time                       // the first occurrence that was missed
	seeks  bool                            // that is not known, but it is not before first
	after  func(time.Time) time.Time       // the first occurrence after one, zero for none
	now    time.Time                       // nothing after it is missed
	has    func(occurrence time.Time) bool // it has an outcome, or a run that is on its way
	passed []span                          // in which it has all of them
	policy missedPolicy
	paused time.Time // since when the job is paused, zero if it is not
}

// A missedDecision says which missed occurrences run and which do not.
type missedDecision struct {
	run    []time.Time   // to be run, the oldest first
	missed []missedRange // not to be run, in order
	paused []missedRange // not to be run, as the job was paused
}

// A missedRange is a number of occurrences one after another, the first and the last of them.
type missedRange struct {
	first, last time.Time
	count       int
}

// A missedSorter makes a decision, one occurrence after another.
type missedSorter struct {
	missedDecision
	split  bool   // since the latest of them there was an occurrence that is none of them
	splits []bool // the same for each in run: there was one right before it
}

// add puts n occurrences from first to last after those that are in ranges, in a range of their own
// if split says that others lie in between.
func (d *missedSorter) add(ranges *[]missedRange, first, last time.Time, n int, split bool) {
	if end := len(*ranges) - 1; end >= 0 && !split {
		(*ranges)[end].last = last
		(*ranges)[end].count += n
	} else {
		*ranges = append(*ranges, missedRange{first, last, n})
	}
}

// next puts an occurrence that comes after all others into ranges.
func (d *missedSorter) next(ranges *[]missedRange, t time.Time) {
	d.add(ranges, t, t, 1, d.split)
	d.split = false
}

// nextRun has an occurrence run that comes after all others.
func (d *missedSorter) nextRun(t time.Time) {
	d.run, d.splits = append(d.run, t), append(d.splits, d.split)
	d.split = false
}

// dropOldest puts the oldest of those to be run into ranges.
func (d *missedSorter) dropOldest(ranges *[]missedRange) {
	d.add(ranges, d.run[0], d.run[0], 1, d.splits[0])
	d.run, d.splits = d.run[1:], d.splits[1:]
}

// mostCounted is how many missed occurrences are counted one by one. Of more the count is an
// estimate, from the time that they take.
const mostCounted = 1_000_000

// decideMissed decides which of the occurrences from v.first to v.now run.
func decideMissed(v missedView) missedDecision {
	var d missedSorter
	if v.seeks {
		v.first = v.after(v.first.Add(-1))
	}
	looked := 0
	for t := v.first; !t.IsZero() && !t.After(v.now); t = v.after(v.through(t)) {
		if looked++; looked > mostCounted {
			v.leap(&d, t)
			break
		}
		v.sort(&d, t)
	}
	return d.missedDecision
}

// through is the end of what is known to be settled from t on, t if nothing is: a great many may be.
func (v *missedView) through(t time.Time) time.Time {
	for _, s := range v.passed {
		if !t.Before(s.first) && t.Before(s.last) {
			return s.last
		}
	}
	return t
}

// sort puts one occurrence where it belongs.
func (v *missedView) sort(d *missedSorter, t time.Time) {
	switch {
	case v.has(t):
		d.split = true
	case !v.paused.IsZero() && !wallBefore(t, v.paused):
		d.next(&d.paused, t)
	case v.policy.kind == MissedSkip, v.policy.within > 0 && t.Before(v.now.Add(-v.policy.within)):
		d.next(&d.missed, t)
	default:
		d.nextRun(t)
		if len(d.run) > v.policy.most {
			d.dropOldest(&d.missed)
		}
	}
}

// leap is for a great many occurrences. t is the first that was not looked at. Only the newest are
// looked at as well, and how many lie in between is estimated.
func (v *missedView) leap(d *missedSorter, t time.Time) {
	newest := v.newest(max(t.Sub(v.first)/mostCounted, 1), t)
	into := &d.missed
	if len(d.paused) > 0 { // and so are all that follow; those to be run were due before
		into = &d.paused
	} else {
		for len(d.run) > 0 {
			d.dropOldest(into)
		}
	}
	between := secondsBetween(t, newest) / max(secondsBetween(v.first, t)/mostCounted, 1e-9)
	if between >= 1 {
		d.add(into, t, newest.Add(-1), int(min(between, math.MaxInt/2)), d.split)
		d.split = false
	}
	for t = newest; !t.IsZero() && !t.After(v.now); t = v.after(t) {
		v.sort(d, t)
	}
}

// secondsBetween is the time from a to b in seconds, also if it is too long for a time.Duration.
func secondsBetween(a, b time.Time) float64 {
	return float64(b.Unix()-a.Unix()) + float64(b.Nanosecond()-a.Nanosecond())/1e9
}

// newest is an occurrence, not before t, that as many occurrences follow as may be run, but not a
// great many. Gap is the time from one to the next on average.
func (v *missedView) newest(gap time.Duration, t time.Time) time.Time {
	for back := gap * time.Duration(v.policy.most+1); ; back *= 2 {
		from := v.now.Add(-back)
		if back <= 0 || !from.After(t) {
			return t
		}
		n, first := 0, v.after(from)
		for at := first; !at.IsZero() && !at.After(v.now) && n <= v.policy.most; at = v.after(at) {
			n++
		}
		if n > v.policy.most {
			return first
		}
	}
}
