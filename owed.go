package gocron

import (
	"sort"
	"time"
)

// An owedTime is an occurrence of a one-time job that has come and could not run: a stop dropped
// its run from the queue, or the job was paused. It runs after the next Start, or Resume.
type owedTime struct {
	at      time.Time
	trigger Trigger
	kept    bool // because of a pause: nothing has been said of it
}

// keepsOccurrences reports whether what comes of j while it is paused is kept for Resume.
func (j *internalJob) keepsOccurrences() bool {
	return j.oneTime() && !j.ext().claims
}

// keep keeps an occurrence for Resume. The caller holds mu.
func (j *internalJob) keep(due time.Time, by Trigger) {
	x := j.setState()
	x.owed = append(x.owed, owedTime{at: due, trigger: by, kept: true})
}

// handOverOwed hands over what is owed to the jobs, unless they are paused, in order of due time. The
// caller holds mu.
func (s *scheduler) handOverOwed(now time.Time, jobs ...*internalJob) {
	type debt struct {
		job *internalJob
		owedTime
	}
	var debts []debt
	for _, j := range jobs {
		x := j.state()
		if len(x.owed) == 0 || j.ended || x.paused {
			continue
		}
		for _, owed := range x.owed {
			debts = append(debts, debt{j, owed})
		}
		x.owed = nil
	}
	sort.SliceStable(debts, func(a, b int) bool {
		x, y := debts[a], debts[b]
		return x.at.Before(y.at) || x.at.Equal(y.at) && x.job.seq < y.job.seq
	})
	for _, d := range debts {
		if !d.job.allReserved() {
			s.admitLocked(s.newRunLocked(d.job, d.at, d.trigger), now)
		} else if d.kept {
			s.cancelUnmade(d.job, d.owedTime, now)
		}
	}
}

// cancelOwed gives up what is owed to j. What was kept for Resume is cancelled; what a stop dropped
// was so then. The caller holds mu.
func (s *scheduler) cancelOwed(j *internalJob) {
	if len(j.state().owed) > 0 {
		s.cancelKept(j)
		j.rare.owed = nil
	}
}

// cancelKept cancels what was kept for Resume. What a stop dropped still runs after Start. The caller
// holds mu.
func (s *scheduler) cancelKept(j *internalJob) {
	x := j.state()
	if len(x.owed) == 0 {
		return
	}
	owed := x.owed
	x.owed = nil
	for _, o := range owed {
		if o.kept {
			s.cancelUnmade(j, o, s.now())
		} else {
			x.owed = append(x.owed, o)
		}
	}
}
