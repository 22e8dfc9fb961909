package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// keepTests is how many finished tests the ledger keeps.
const keepTests = 100

// ledger keeps the books of all runs, by the names of their jobs, and outlives the
// jobs. Hooks make the entries.
type ledger struct {
	mu    sync.Mutex
	rows  map[string]*row
	tests []gocron.RunInfo // the latest that have finished, the oldest first
}

// row counts the outcomes of the runs of the jobs of one name.
type row struct {
	runs, attempts uint64
	outcomes       map[gocron.Outcome]uint64
	longestWait    time.Duration // from when a run was due until its first attempt
}

func newLedger() *ledger { return &ledger{rows: map[string]*row{}} }

func newRow() *row { return &row{outcomes: map[gocron.Outcome]uint64{}} }

func (l *ledger) hooks() gocron.Hooks {
	return gocron.Hooks{RunDue: l.due, RunStarted: l.started, RunFinished: l.finished}
}

// of is the row of the run's job. The caller holds mu.
func (l *ledger) of(run gocron.RunInfo) *row {
	r := l.rows[run.JobName]
	if r == nil {
		r = newRow()
		l.rows[run.JobName] = r
	}
	return r
}

func (l *ledger) due(run gocron.RunInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of(run).runs++
}

func (l *ledger) started(run gocron.RunInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.of(run)
	r.attempts++
	if run.Attempt == 1 {
		r.longestWait = max(r.longestWait, run.StartedAt.Sub(run.ScheduledAt))
	}
}

func (l *ledger) finished(run gocron.RunInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.of(run).outcomes[run.Outcome]++
	if !slices.Contains(run.Tags, testTag) {
		return
	}
	if len(l.tests) == keepTests {
		l.tests = slices.Delete(l.tests, 0, 1)
	}
	l.tests = append(l.tests, run)
}

func (l *ledger) finishedTests() []gocron.RunInfo {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.tests)
}

// print writes a line for each name and one for all, with a column for each outcome
// that has occurred, and returns the number of all runs.
func (l *ledger) print(w io.Writer) uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	var names []string
	total, width := newRow(), len("total")
	for name, r := range l.rows {
		names = append(names, name)
		total.add(r)
		width = max(width, len(name))
	}
	slices.Sort(names)
	columns := sortedKeys(total.outcomes)

	fmt.Fprintf(w, "%-*s  %5s", width, "job", "runs")
	for _, o := range columns {
		fmt.Fprintf(w, "  %v", o)
	}
	fmt.Fprintln(w, "  attempts  longest wait")
	for _, name := range names {
		l.rows[name].print(w, width, name, columns)
	}
	total.print(w, width, "total", columns)
	return total.runs
}

func (r *row) print(w io.Writer, width int, name string, columns []gocron.Outcome) {
	fmt.Fprintf(w, "%-*s  %5d", width, name, r.runs)
	for _, o := range columns {
		count := "-"
		if n := r.outcomes[o]; n > 0 {
			count = fmt.Sprint(n)
		}
		fmt.Fprintf(w, "  %*s", len(o.String()), count)
	}
	fmt.Fprintf(w, "  %8d  %12v\n", r.attempts, r.longestWait.Round(time.Millisecond))
}

func (r *row) add(other *row) {
	r.runs += other.runs
	r.attempts += other.attempts
	r.longestWait = max(r.longestWait, other.longestWait)
	for o, n := range other.outcomes {
		r.outcomes[o] += n
	}
}

// balance sets the runs that were made against how they ended, such as
// "made 7 = 5 succeeded + 1 failed + 1 waiting", and returns the sum of these.
func balance(s gocron.Stats) (sum uint64, equation string) {
	var parts []string
	add := func(n uint64, what string) {
		if n > 0 {
			sum += n
			parts = append(parts, fmt.Sprintf("%d %s", n, what))
		}
	}
	for _, o := range sortedKeys(s.Outcomes) {
		add(s.Outcomes[o], o.String())
	}
	add(uint64(s.Running), "running")
	add(uint64(s.Waiting), "waiting")
	add(uint64(s.Retrying), "to be tried again")
	sign := "="
	if sum != s.Made {
		sign = "!="
	}
	if parts == nil {
		parts = []string{"0"}
	}
	return sum, fmt.Sprintf("made %d %s %s", s.Made, sign, strings.Join(parts, " + "))
}

func sortedKeys(counts map[gocron.Outcome]uint64) []gocron.Outcome {
	var keys []gocron.Outcome
	for o := range counts {
		keys = append(keys, o)
	}
	slices.Sort(keys)
	return keys
}
