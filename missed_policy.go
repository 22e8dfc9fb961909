package gocron

import (
	"fmt"
	"math"
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

// leap is for a great many occurrences, of which t is the first that was not looked at: only the
// newest are, and how many lie in between is estimated.
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
