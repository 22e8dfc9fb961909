package gocron

import (
	"sort"
	"time"
)

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
	sort.SliceStable(all, func(a, b int) bool {
		x, y := all[a], all[b]
		return x.at.Before(y.at) || x.at.Equal(y.at) && x.job.seq < y.job.seq
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
	u := x.undelivered
	x.undelivered = nil
	for _, o := range u {
		if o.kept {
			s.cancelUnmadeLocked(j, o, s.now())
		} else {
			x.undelivered = append(x.undelivered, o)
		}
	}
}
