package gocron

import (
	"reflect"
	"time"
)

// An outage is the time in which an engine, behind an Elector or a Locker, cannot be asked, as far as
// jobs are concerned that catch up with what they miss. One run asks it again and again; the gaps of
// other jobs are looked at when it has answered. The scheduler's mu guards it.
type outage struct {
	prober   *run // nil if it has ended: the next run that asks takes its place
	failures int
	waiting  []*internalJob
}

const (
	firstProbe   = time.Second // after the engine was down
	slowestProbe = time.Minute
)

// engineKey tells the engine of j, an Elector or a Locker, from others.
func engineKey(engine any, j *internalJob) any {
	x := j.settings()
	switch _, elects := engine.(Elector); {
	case elects && x.elector == nil:
		return &j.s.elector
	case !elects && x.locker == nil:
		return &j.s.locker
	case reflect.ValueOf(engine).Comparable():
		return engine
	}
	return j.current()
}

// engineIsDown decides what a run does whose engine could not be asked: it asks again later, if no
// other does so already. It reports whether it is the first that finds the engine down.
func (a *attempt) engineIsDown(engine any) (first bool) {
	if !a.job.catchesUp() || !a.run.isOccurrence() {
		return true
	}
	s := a.s
	s.lock()
	defer s.unlock()
	key := engineKey(engine, a.job)
	out := s.outages[key]
	if out == nil {
		if s.outages == nil {
			s.outages = make(map[any]*outage)
		}
		out = &outage{}
		s.outages[key] = out
		s.outagesNow.Add(1)
	}
	if out.prober != nil && out.prober != a.run {
		j := a.job.current()
		if l := j.ledger(); l != nil && !l.waits {
			l.waits = true
			out.waiting = append(out.waiting, j)
		}
		return true
	}
	out.prober = a.run
	a.retryIn = min(firstProbe<<min(out.failures, 10), slowestProbe)
	out.failures++
	return out.failures == 1
}

// engineAnswered is called when an engine could be asked. Jobs that waited for that look at their
// gaps. It reports whether the run goes on: not if it was asking for a while and another one, of a
// newer occurrence, is to be made in its place, or its occurrence is of no use any more.
func (a *attempt) engineAnswered(engine any) (goesOn bool) {
	s := a.s
	if s.outagesNow.Load() == 0 {
		return true
	}
	s.lock()
	defer s.unlock()
	key := engineKey(engine, a.job)
	out := s.outages[key]
	if out == nil {
		return true
	}
	if out.prober == a.run && s.isSupersededLocked(a) { // its end ends the outage
		a.outcome, a.err, a.retryIn = OutcomeEngineDown, ErrEngineDown, noRetry
		return false
	}
	s.endOutageLocked(key, out)
	return true
}

// isSupersededLocked reports whether a run that was asking an engine for a while is of no use any
// more, or of an older occurrence than the one to be run.
func (s *scheduler) isSupersededLocked(a *attempt) bool {
	l, p := a.job.ledger(), a.job.missedPolicy()
	old := p.within > 0 && s.now().Sub(a.run.scheduledAt) > p.within
	return l != nil && (old || p.kind == MissedRunOnce && !l.gap.IsZero())
}

func (s *scheduler) endOutageLocked(key any, out *outage) {
	delete(s.outages, key)
	s.outagesNow.Add(-1)
	for _, j := range out.waiting {
		j = j.current()
		if l := j.ledger(); l != nil {
			l.waits = false
			s.decideLocked(j)
		}
	}
}

// proberEndedLocked is called when r has ended: if it was to ask an engine again, another one does.
func (s *scheduler) proberEndedLocked(r *run) {
	for key, out := range s.outages {
		if out.prober == r {
			s.endOutageLocked(key, out)
		}
	}
}
