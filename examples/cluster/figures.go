package main

import (
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// A window is the time that is looked at: what was due from its begin until before its
// end.
type window struct{ from, until time.Time }

func (w window) has(o occurrence) bool {
	return o.at >= w.from.UnixNano() && o.at < w.until.UnixNano()
}

// occurrences are the times of the job in the window: the multiples of its interval since
// the Unix epoch. They are computed here, and not asked of any node, so that one that no
// node has noticed is found to be missed.
func (w window) occurrences(j job) []occurrence {
	var list []occurrence
	every, first := j.every.Nanoseconds(), w.from.UnixNano()
	if rest := first % every; rest != 0 {
		first += every - rest
	}
	for at := first; at < w.until.UnixNano(); at += every {
		list = append(list, occurrence{j.name, at})
	}
	return list
}

// figures are what was counted.
type figures struct {
	occurrences, runs int
	// duplicates are the runs that were one too many: of an occurrence that was run
	// already, or at a time that is none.
	duplicates int
	// missed are the occurrences that were not run, whatever the reason.
	missed int
}

func (f figures) plus(g figures) figures {
	return figures{f.occurrences + g.occurrences, f.runs + g.runs, f.duplicates + g.duplicates, f.missed + g.missed}
}

// count counts the runs of a job in the window. A run counts when its task is called,
// however it ends.
func (l *ledger) count(w window, j job) figures {
	var f figures
	for _, o := range w.occurrences(j) {
		f.occurrences++
		if r := l.records[o]; r == nil || len(r.began) == 0 {
			f.missed++
		}
	}
	for o, r := range l.records {
		if o.job == j.name && w.has(o) {
			f.runs += len(r.began)
		}
	}
	f.duplicates = f.runs - (f.occurrences - f.missed)
	return f
}

// total is that of all jobs.
func (l *ledger) total(w window) figures {
	var f figures
	for _, j := range l.jobs {
		f = f.plus(l.count(w, j))
	}
	return f
}

// runsOf is how many runs of the job a node has begun in the window.
func (l *ledger) runsOf(w window, node string, j job) int {
	n := 0
	for o, r := range l.records {
		if o.job != j.name || !w.has(o) {
			continue
		}
		for _, name := range r.began {
			if name == node {
				n++
			}
		}
	}
	return n
}

// outcomes counts how the occurrences in the window ended on each of the nodes.
func (l *ledger) outcomes(w window) map[gocron.Outcome]int {
	counts := make(map[gocron.Outcome]int)
	for o, r := range l.records {
		if !w.has(o) {
			continue
		}
		for _, outcome := range r.outcomes {
			counts[outcome]++
		}
	}
	return counts
}

// cutShort reports whether a run has begun whose end was not told of: its node was
// killed.
func (r *record) cutShort() bool {
	for _, node := range r.began {
		if r.outcomes[node] == gocron.OutcomePending {
			return true
		}
	}
	return false
}
