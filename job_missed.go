package gocron

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"
)

// MissedPolicy says which runs a job makes for occurrences that it missed: see WithMissed.
type MissedPolicy int

const (
	// MissedSkip makes none: they are recorded with OutcomeMissed.
	MissedSkip MissedPolicy = iota
	// MissedRunOnce makes one run, for the newest of them.
	MissedRunOnce
	// MissedRunAll makes a run for each of them, the oldest first, one after another, and before
	// anything newer of the job.
	MissedRunAll
)

// mostCaughtUp is how many occurrences MissedRunAll runs if WithMissed does not say.
const mostCaughtUp = 100

// WithMissed says what the job does about missed occurrences: occurrences that were due and could
// not run. The machine slept, the clock was set forward, the scheduler was stopped, the process was
// down (this needs WithStore or WithLastRun), or the engine of the job's Elector or Locker could
// not be asked. Without the option, what a sleep or a clock step passed over is one run, late, and
// nothing runs for the other causes.
//
// MissedSkip runs none of them, MissedRunOnce the latest, MissedRunAll all, or the newest most of
// them, by default 100. An occurrence that is later than within does not run; a within of 0 is no
// limit. What does not run is one record with OutcomeMissed, with the first and last time and how
// many there were. Take MissedRunOnce where one run does all the work, such as a nightly backup,
// MissedRunAll where each occurrence counts, such as the invoices of an hour, and MissedSkip where a
// late run is of no use.
//
// Such a run has TriggerCatchUp and its own ScheduledAt. A job has at most one such run at a time.
// An occurrence that is due before it has finished waits for it, and then counts as missed. Limits,
// pools, singleton modes, the stop time and a pause apply as to any run; WithJitter does not delay
// it. What was due while the job was paused has OutcomePaused, and does not run. What was missed
// before the pause waits for Resume. With WithStartImmediately the run that Start makes stands for
// what was missed while the scheduler was stopped or the process was down: there is no other.
//
// A DurationRandomJob, and a job with WithIntervalFromCompletion, misses at most one occurrence at
// a time, since the next one counts from its run.
//
// Refused with ErrOptionValue are a negative within, an unknown policy, a most of 0, and a most for
// another policy than MissedRunAll. With an Elector the option is refused if the store is not
// shared by all nodes: another leader may have run what was due.
func WithMissed(policy MissedPolicy, within time.Duration, most ...uint) JobOption {
	most = append([]uint(nil), most...)
	return func(j *internalJob, _ time.Time) error {
		p := missedPolicy{kind: policy, within: within, most: 1}
		switch {
		case policy < MissedSkip || policy > MissedRunAll:
			return optionValueError("WithMissed policy", int(policy), "MissedSkip, MissedRunOnce or MissedRunAll")
		case within < 0:
			return optionValueError("WithMissed within", within, "0, for no bound, or more")
		case len(most) > 1 || len(most) == 1 && policy != MissedRunAll:
			return optionValueError("WithMissed most", fmt.Sprint(most), "one number, with MissedRunAll")
		case len(most) == 1 && (most[0] == 0 || most[0] > math.MaxInt32):
			return optionValueError("WithMissed most", most[0], fmt.Sprintf("1 to %d", math.MaxInt32))
		case len(most) == 1:
			p.most = int(most[0])
		case policy == MissedRunAll:
			p.most = mostCaughtUp
		}
		j.makeSettings().missed = &p
		return nil
	}
}

// WithLastRun says when the job ran last, before it was added, for programs that keep that time
// themselves. Everything due by then counts as run, and intervals count from there, unless the job
// has a start time. With WithMissed, what was due since then is missed when the scheduler starts.
// The zero time is ignored, so a job that never ran needs no special case. If a store knows the
// job, the store counts. A time that is not past is refused.
func WithLastRun(t time.Time) JobOption {
	return func(j *internalJob, now time.Time) error {
		if t.IsZero() {
			return nil
		}
		if wallBefore(now, t) {
			return optionValueError("WithLastRun", timeText(t), "a time that is not after now, "+timeText(now))
		}
		j.makeSettings().lastRun = t.Round(0)
		return nil
	}
}

// A missedPolicy is what WithMissed says.
type missedPolicy struct {
	kind   MissedPolicy
	within time.Duration // 0: no bound
	most   int           // how many occurrences run
}

// recordOnly is the policy of a job without WithMissed: what is missed is recorded.
var recordOnly = missedPolicy{kind: MissedSkip}

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

// A gap is a time in which occurrences were not dispatched.
type gap struct {
	from, to time.Time
	last     time.Time // the last of them, zero if that is not known
	count    int       // how many they are, 0 if that is not known
}

// missedAfter is how late, on the real clock, an occurrence has to be dispatched for those that
// were passed over with it to be missed: less is the machine being busy.
const missedAfter = time.Second

// recordsMissed reports whether a record is made of the occurrences of j that pass between from and
// now. It is not where nobody can name them, nor, without a ledger, if the job was paused all the
// while.
func (j *internalJob) recordsMissed(from time.Time) bool {
	x := j.rareState()
	if j.countsOneByOne() || j.userCron() {
		return false
	}
	return !x.paused || x.pause.since.After(from) || x.ledger != nil // which accounts for every one
}

// firstPassedOver is the first time of j after due, which is dispatched at now, that is not after
// now: the job goes on with a later one. It is zero when there is none.
func (j *internalJob) firstPassedOver(due, now time.Time) time.Time {
	late := now.Sub(due)
	busy := late < missedAfter && j.s.onRealClock && j.ledger() == nil // which accounts for every one
	if late <= 0 || busy || j.oneTime() || !j.recordsMissed(due) {
		return time.Time{}
	}
	passed := j.clip(j.plan.next(j.anchor, due))
	if passed.After(now) {
		return time.Time{}
	}
	return passed
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
	l.owe(now.Round(0))
	s.decideLocked(j)
}

// leaveWhileStoppedLocked records what has passed of j, which is removed or replaced now, while the
// scheduler was not running. What is due at this very moment has passed as well: no Start hands it
// over.
func (s *scheduler) leaveWhileStoppedLocked(j *internalJob) {
	if s.session != nil || j.ledger() != nil {
		return
	}
	now, watch := s.now(), s.watch
	if change := s.watch.look(now); change != (clockChange{}) {
		s.followClockLocked(j, change, now)
	}
	s.passWhileStoppedLocked(j, j.anchor.IsZero(), now.Add(1), now)
	s.watch = watch // the other jobs follow the clock at Start
}

// passWhileStoppedLocked records that occurrences of j before the moment have passed while the
// scheduler was stopped, or instants of a one-time job before it was entered first. The gap ends at
// the given time.
func (s *scheduler) passWhileStoppedLocked(j *internalJob, first bool, moment, to time.Time) {
	from, passed := s.stoppedAt, j.next
	if j.oneTime() && j.awaitsStart() && !j.startsPast(moment) {
		return // no instant before the start time runs
	}
	runLate := j.runsPastTimes()
	switch {
	case runLate:
		passed = j.passStart(first, moment)
	case j.oneTime():
		passed = j.passedInstant(first, moment)
	}
	if passed.IsZero() || !j.isBefore(passed, moment) || first && !j.oneTime() {
		return
	}
	if first || s.watch.sinceSleep(from).After(passed) { // it was never entered, or the clock was set back since the stop
		from = passed
	}
	if j.oneTime() && !runLate {
		j.anchor = moment.Add(-1)
	}
	if j.oneTime() || j.recordsMissed(from) {
		s.recordMissedLocked(j, from, to, passed)
	}
}

// recordMissedLocked records that occurrences of j between from and to, passed being the first of
// them, were not dispatched. The zero time is none.
func (s *scheduler) recordMissedLocked(j *internalJob, from, to, passed time.Time) {
	if passed.IsZero() || j.ended {
		return
	}
	s.recordUnmadeLocked(&run{job: j, scheduledAt: j.nominalTime(passed), outcome: OutcomeMissed}, &gap{from: from, to: to}, to)
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
	s.recordUnmadeLocked(&run{job: j, scheduledAt: m.first.In(j.location()), outcome: o}, &gap{from: m.first, to: now, last: m.last, count: m.count}, now)
}

// cancelUnmadeLocked gives an occurrence that was kept for Resume its outcome.
func (s *scheduler) cancelUnmadeLocked(j *internalJob, u undeliveredTime, now time.Time) {
	s.recordUnmadeLocked(&run{job: j, scheduledAt: u.at, trigger: u.trigger, outcome: OutcomeCancelled}, nil, now)
}

// recordUnmadeLocked enters r in the books: an occurrence, or the occurrences that missed says, that no
// run was made of.
func (s *scheduler) recordUnmadeLocked(r *run, missed *gap, now time.Time) {
	if s.recordsRuns || s.watchers.any() || r.job.ledger() != nil {
		r.record = &runRecord{run: r, missed: missed}
	}
	sess := s.anySessionLocked()
	sess.busy++
	s.runSeq++
	sess.live++
	r.session, r.id, r.stage = sess, s.runSeq, stageFinished
	if r.outcome != OutcomeMissed && r.outcome != OutcomePaused {
		s.tellLocked(r, noticeDue)
	}
	s.recordLocked(r, now)
	s.noteLessBusyLocked(sess)
}

// anySessionLocked is a session for what is done while there may be none: somebody has to wait
// until it is done.
func (s *scheduler) anySessionLocked() *session {
	if s.session != nil {
		return s.session
	}
	sess := newSession()
	sess.stopped = true
	s.unsettled = append(s.unsettled, sess)
	return sess
}

// An undeliveredTime is an occurrence of a one-time job that has come and could not run: a stop
// dropped its run from the queue, or the job was paused. It runs after the next Start, or Resume.
type undeliveredTime struct {
	at      time.Time
	trigger Trigger
	kept    bool // because of a pause: nothing has been said of it
}

// keepsOccurrences reports whether what comes of j while it is paused is kept for Resume.
func (j *internalJob) keepsOccurrences() bool {
	return j.oneTime() && !j.settings().claims
}

// keep keeps an occurrence for Resume.
func (j *internalJob) keep(due time.Time, by Trigger) {
	x := j.makeRareState()
	x.undelivered = append(x.undelivered, undeliveredTime{at: due, trigger: by, kept: true})
	if x.ledger != nil {
		x.ledger.dispatched(due)
	}
}

// fireUndeliveredLocked dispatches the undelivered occurrences of the jobs, unless they are paused,
// in order of due time.
func (s *scheduler) fireUndeliveredLocked(now time.Time, jobs ...*internalJob) {
	type occurrence struct {
		job *internalJob
		undeliveredTime
	}
	var all []occurrence
	for _, j := range jobs {
		x := j.rareState()
		if len(x.undelivered) == 0 || j.ended || x.paused {
			continue
		}
		for _, u := range x.undelivered {
			all = append(all, occurrence{j, u})
		}
		x.undelivered = nil
	}
	slices.SortStableFunc(all, func(a, b occurrence) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.job.seq, b.job.seq))
	})
	for _, d := range all {
		if !d.job.allReserved() {
			s.admitLocked(s.newRunLocked(d.job, d.at, d.trigger), now)
		} else if d.kept {
			s.cancelUnmadeLocked(d.job, d.undeliveredTime, now)
		}
	}
}

// cancelUndeliveredLocked gives up the undelivered occurrences of j. What was kept for Resume is
// cancelled; what a stop dropped was so then.
func (s *scheduler) cancelUndeliveredLocked(j *internalJob) {
	if len(j.rareState().undelivered) > 0 {
		s.cancelKeptLocked(j)
		j.rare.undelivered = nil
	}
}

// cancelKeptLocked cancels what was kept for Resume. What a stop dropped still runs after Start.
func (s *scheduler) cancelKeptLocked(j *internalJob) {
	x := j.rareState()
	if len(x.undelivered) == 0 {
		return
	}
	for _, u := range x.undelivered {
		if u.kept {
			s.cancelUnmadeLocked(j, u, s.now())
		}
	}
	x.undelivered = slices.DeleteFunc(x.undelivered, func(u undeliveredTime) bool { return u.kept })
}
