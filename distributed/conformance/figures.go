package conformance

import (
	"fmt"
	"sort"
	"time"
)

// Figures are what was counted in a case.
type Figures struct {
	// Occurrences is how many fell due, and Runs how many runs were made of them.
	Occurrences, Runs int
	// Duplicates is how many runs were one too many, Missed how many occurrences had
	// none.
	Duplicates, Missed int
	// Note says what else there is to say.
	Note string
}

// String is short enough for a table.
func (f Figures) String() string {
	s := ""
	if f.Occurrences > 0 {
		s = fmt.Sprintf("%d of %d", f.Runs, f.Occurrences)
		if f.Duplicates > 0 {
			s += fmt.Sprintf(", %d twice", f.Duplicates)
		}
		if f.Missed > 0 {
			s += fmt.Sprintf(", %d missed", f.Missed)
		}
	}
	if f.Note != "" {
		if s != "" {
			s += "; "
		}
		s += f.Note
	}
	return s
}

func (f Figures) plus(g Figures) Figures {
	return Figures{
		Occurrences: f.Occurrences + g.Occurrences, Runs: f.Runs + g.Runs,
		Duplicates: f.Duplicates + g.Duplicates, Missed: f.Missed + g.Missed, Note: f.Note + g.Note,
	}
}

// A window is a time with n occurrences of a job, the first at from.
type window struct {
	from  time.Time
	n     int
	every time.Duration
}

// slot is which occurrence a time belongs to. Lockers that cannot claim have times of
// their own on each node.
func (w window) slot(scheduled time.Time) (int, bool) {
	d := scheduled.Sub(w.from)
	return int(d / w.every), d >= 0 && d < time.Duration(w.n)*w.every
}

func (w window) has(e event) bool {
	_, ok := w.slot(e.Scheduled)
	return ok
}

// tally counts the runs of a job in the window. All attempts are one run.
func (w window) tally(events []event, job string) Figures {
	runs := make([]int, w.n)
	f := Figures{Occurrences: w.n}
	for _, e := range events {
		i, ok := w.slot(e.Scheduled)
		if !ok || !e.is(runBegan, job, "") || e.Attempt > 1 || e.Trigger == "run-now" {
			continue
		}
		runs[i]++
		f.Runs++
	}
	for _, n := range runs {
		f.Duplicates += max(0, n-1)
		if n == 0 {
			f.Missed++
		}
	}
	return f
}

// finished reports whether the node is done with every occurrence in the window.
func (w window) finished(events []event, job, node string) bool {
	done := make(map[int]bool)
	for _, e := range events {
		if i, ok := w.slot(e.Scheduled); ok && e.is(runFinished, job, node) {
			done[i] = true
		}
	}
	return len(done) == w.n
}

// A span is a time in which something was so at least.
type span struct {
	from, until time.Time
	node        string
	token       int64
}

// overlap is how many of the spans were under way at once at the most, and an example of
// two.
func overlap(spans []span) (most int, a, b span) {
	sort.Slice(spans, func(i, j int) bool { return spans[i].from.Before(spans[j].from) })
	for i, s := range spans {
		n := 1
		for _, earlier := range spans[:i] {
			if earlier.until.After(s.from) {
				n++
				if n > most {
					a, b = earlier, s
				}
			}
		}
		most = max(most, n)
	}
	return most, a, b
}

// runSpans are the times in which tasks of the job were under way.
func runSpans(events []event, job string) []span {
	var spans []span
	for i, began := range events {
		if !began.is(runBegan, job, "") {
			continue
		}
		ended, ok := find(events[i:], func(e event) bool {
			return e.is(runEnded, job, began.Node) && e.Scheduled.Equal(began.Scheduled) && e.Attempt == began.Attempt
		})
		if ok {
			spans = append(spans, span{began.At, ended.At, began.Node, began.Token})
		}
	}
	return spans
}

// terms are the times in which nodes led for sure, the earliest first.
func terms(events []event) []span {
	var spans []span
	latest := make(map[string]int)
	for _, e := range events {
		if e.Kind != termSeen {
			continue
		}
		i, ok := latest[e.Node]
		if ok && spans[i].from.Equal(e.At) {
			spans[i].until = e.Until
			continue
		}
		latest[e.Node] = len(spans)
		spans = append(spans, span{e.At, e.Until, e.Node, e.Token})
	}
	sort.Slice(spans, func(i, j int) bool { return spans[i].from.Before(spans[j].from) })
	return spans
}
