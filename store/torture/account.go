package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sort"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
	gocron "github.com/gocron-fixed/gocron/v2"
)

// An account says what happened to every occurrence.
type account struct {
	policies []policy
	counts   map[string]*counts  // by the policy's name
	faults   map[string][]string // by what is wrong
}

// counts belong to the jobs under one policy.
type counts struct {
	due, calls, unaccounted, twice, open int
	outcomes                             map[string]int
}

// makeAccount reads all files and puts them side by side.
func makeAccount(p plan) (*account, error) {
	f, err := p.readFiles()
	if err != nil {
		return nil, err
	}
	a := &account{policies: policies, counts: map[string]*counts{}, faults: map[string][]string{}}
	if f.open > 0 {
		a.fault("runs without an end, though the last process ended in order", "%d", f.open)
	}
	for _, policy := range policies {
		a.counts[policy.name] = &counts{outcomes: map[string]int{}}
	}
	for _, j := range jobs() {
		a.add(p, j, f)
	}
	return a, nil
}

// files are what is in the files of a torture.
type files struct {
	*ledger
	rows      map[string][]sqlite.Job // by the job's title
	runs      map[string][]sqlite.Run
	open      int // runs without an end
	processes processes
	end       time.Time // everything due before has been seen to
}

func (p plan) readFiles() (*files, error) {
	ctx := context.Background()
	store, err := sqlite.Open(ctx, p.database(), sqlite.WithKeep(0, 0))
	if err != nil {
		return nil, err
	}
	defer store.Close()
	f := &files{rows: map[string][]sqlite.Job{}, runs: map[string][]sqlite.Run{}}
	if f.ledger, err = readLedger(p.ledger()); err != nil {
		return nil, err
	}
	f.end = f.lastCall()
	if f.processes.byEpoch, err = f.epochs(ctx, p.database()); err != nil {
		return nil, err
	}
	err = store.Load(ctx, func(j sqlite.Job) error {
		f.rows[j.Job] = append(f.rows[j.Job], j)
		return nil
	}, func(r sqlite.Run) error {
		if r.EndedAt.IsZero() {
			f.open++
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, j := range jobs() {
		if f.runs[j.title()], err = store.History(ctx, j.title(), time.Time{}, time.Time{}, 0); err != nil {
			return nil, err
		}
	}
	f.processes.noteWrites(f.runs)
	return f, nil
}

// epochs are the processes by the number of their use of the store. A process is known by its pid,
// and both are in order.
func (l *ledger) epochs(ctx context.Context, database string) (map[int64]int, error) {
	db, err := sql.Open("sqlite", "file:"+database+"?mode=ro")
	if err != nil {
		return nil, err
	}
	defer db.Close()
	uses, err := db.QueryContext(ctx, "SELECT epoch, pid FROM uses ORDER BY epoch")
	if err != nil {
		return nil, err
	}
	defer uses.Close()
	all, i := map[int64]int{}, 0
	for uses.Next() {
		var epoch int64
		var pid int
		if err := uses.Scan(&epoch, &pid); err != nil {
			return nil, err
		}
		for i < len(l.opened) && l.opened[i].Pid != pid {
			i++
		}
		if i == len(l.opened) {
			return nil, fmt.Errorf("no process has the pid %d", pid)
		}
		all[epoch] = l.opened[i].Child
		i++
	}
	return all, uses.Err()
}

// fault notes that something is wrong, where, and how it can be seen.
func (a *account) fault(what, where string, values ...any) {
	a.faults[what] = append(a.faults[what], fmt.Sprintf(where, values...))
}

// A sheet is what the store has of one job.
type sheet struct {
	job
	runs   map[int64]map[string][]sqlite.Run // of single occurrences, by time and run id
	ranges []sqlite.Run                      // which stand for several, in order
	every  map[string]time.Duration          // of a job whose schedule changes, by fingerprint

	latest  []time.Time // the end of each range or one before it
	covered []int       // how many occurrences without another row each range has
}

// add accounts for one job.
func (a *account) add(p plan, j job, f *files) {
	rows, runs := f.rows[j.title()], f.runs[j.title()]
	if len(rows) == 0 {
		a.fault("jobs that the store does not have", "%s", j.title())
		return
	}
	c := a.counts[j.policy.name]
	s := newSheet(j, runs)
	a.compareCalls(c, s, p, f.calls)
	if j.isUnknown(p) {
		return
	}
	if !j.changes {
		a.compareDue(c, s, p, rows[0], f.end)
		return
	}
	s.every = intervals(rows)
	schedules := map[time.Duration]sqlite.Job{}
	for _, row := range rows {
		schedules[s.every[row.Fingerprint]] = row
	}
	a.compareChanging(c, history{s, p, f.reigns(j.title()), runs, schedules, f.processes, f.end})
}

// lastCall is when the last task was called: everything due before has been seen to.
func (l *ledger) lastCall() (last time.Time) {
	process := 0
	for _, all := range l.calls {
		for _, c := range all {
			if t := c.time(); c.Child > process || c.Child == process && t.After(last) {
				process, last = c.Child, t
			}
		}
	}
	return last
}

func newSheet(j job, runs []sqlite.Run) *sheet {
	s := &sheet{job: j, runs: map[int64]map[string][]sqlite.Run{}}
	for _, r := range runs {
		switch due := r.ScheduledAt.UnixNano(); {
		case !r.Occurrence:
		case r.Count > 1:
			s.ranges = append(s.ranges, r)
		default:
			if s.runs[due] == nil {
				s.runs[due] = map[string][]sqlite.Run{}
			}
			s.runs[due][r.Run] = append(s.runs[due][r.Run], r)
		}
	}
	slices.SortStableFunc(s.ranges, func(a, b sqlite.Run) int { return a.ScheduledAt.Compare(b.ScheduledAt) })
	s.latest, s.covered = make([]time.Time, len(s.ranges)), make([]int, len(s.ranges))
	for i, r := range s.ranges {
		if s.latest[i] = r.Until; i > 0 && s.latest[i-1].After(r.Until) {
			s.latest[i] = s.latest[i-1]
		}
	}
	return s
}

// checkRanges compares how many occurrences rows say that they stand for with how many have no other
// row.
func (a *account) checkRanges(s *sheet, p plan) {
	for i, r := range s.ranges {
		if p.Clock == steps { // others may have come again
			if all := len(s.dueBetween(p, r.ScheduledAt, r.Until)); r.Count < s.covered[i] || r.Count > all {
				a.fault("rows that stand for another number than was due", "%s from %s to %s, run %s: %d %s, and it should be %d to %d",
					s.title(), stamp(r.ScheduledAt), stamp(r.Until), r.Run, r.Count, r.Outcome, s.covered[i], all)
			}
		} else if s.covered[i] != r.Count {
			a.fault("rows that stand for another number than was due and has no row", "%s from %s to %s, run %s: %d %s, and it should be %d",
				s.title(), stamp(r.ScheduledAt), stamp(r.Until), r.Run, r.Count, r.Outcome, s.covered[i])
		}
	}
}

// count counts an occurrence that was due.
func (a *account) count(c *counts, s *sheet, t time.Time, outcome string) {
	c.due++
	if outcome == "" {
		c.unaccounted++
		a.fault("unaccounted", "%s at %s", s.title(), stamp(t))
		return
	}
	c.outcomes[outcome]++
}

// mostOpen is how many occurrences of a job may wait to be settled when the last process ends. Under
// MissedRunAll there may be any number, as they run one after another.
const mostOpen = 5

// compareDue looks for every occurrence that was due since the job was first seen. A clock that is set
// back shows times again, and what it had shown may come again; so where it stands at the end counts.
func (a *account) compareDue(c *counts, s *sheet, p plan, row sqlite.Job, end time.Time) {
	open, last := 0, s.lastOfLimit(row)
	for _, t := range s.dueBetween(p, row.FirstSeen, end) {
		if !last.IsZero() && (t.After(last) || p.Clock == steps) {
			continue
		}
		outcome := s.outcomeOf(t)
		if outcome == "" && t.After(row.Mark) {
			open++
			continue
		}
		a.count(c, s, t, outcome)
	}
	a.countOpen(c, s, open, row.Mark)
	for due := range s.runs {
		t := time.Unix(0, due).UTC()
		isLate := t.After(end) // a stop has cancelled it, or the clock was set back
		if isLate && p.Clock != steps || s.isDue(p, t) {
			continue
		}
		a.fault("rows of what was not due", "%s at %s", s.title(), stamp(t))
	}
	if last.IsZero() || p.Clock != steps {
		a.checkRanges(s, p)
	}
}

// countOpen counts occurrences behind the mark.
func (a *account) countOpen(c *counts, s *sheet, open int, mark time.Time) {
	if c.open += open; open > mostOpen && s.missed != gocron.MissedRunAll {
		a.fault("marks that stand still", "%s: %d occurrences are behind %s", s.title(), open, stamp(mark))
	}
}

// lastOfLimit is when the last run of a limited job was due, zero if it has more to come. Nothing is
// due afterwards. A run is counted before its begin is recorded: if the process is killed in between,
// the job has one run less.
func (s *sheet) lastOfLimit(row sqlite.Job) (last time.Time) {
	var state struct{ Begun int }
	if s.kind.limit == 0 || json.Unmarshal(row.State, &state) != nil || state.Begun < s.kind.limit {
		return time.Time{}
	}
	for due, byRun := range s.runs {
		if t := time.Unix(0, due); begunOf(byRun) > 0 && t.After(last) {
			last = t
		}
	}
	return last
}

// begunOf is how many of some runs have begun.
func begunOf(byRun map[string][]sqlite.Run) (n int) {
	for _, rows := range byRun {
		if slices.ContainsFunc(rows, func(r sqlite.Run) bool { return !r.BegunAt.IsZero() }) {
			n++
		}
	}
	return n
}

// outcomeOf is what the store says of the occurrence at t, "" for nothing.
func (s *sheet) outcomeOf(t time.Time) (outcome string) {
	for _, rows := range s.runs[t.UnixNano()] {
		latest := slices.MaxFunc(rows, func(a, b sqlite.Run) int { return a.Attempt - b.Attempt })
		outcome = latest.Outcome
	}
	if outcome != "" {
		return outcome
	}
	for i := s.rangesUpTo(t) - 1; i >= 0 && !t.After(s.latest[i]); i-- {
		if r := s.ranges[i]; !t.After(r.Until) && s.isOf(r, t) {
			s.covered[i]++
			return r.Outcome
		}
	}
	return ""
}

// rangesUpTo is how many ranges begin at t or before.
func (s *sheet) rangesUpTo(t time.Time) int {
	return sort.Search(len(s.ranges), func(i int) bool { return s.ranges[i].ScheduledAt.After(t) })
}

// isOf reports whether the schedule of r has the time t, which one of the job's has.
func (s *sheet) isOf(r sqlite.Run, t time.Time) bool {
	every := s.every[r.Fingerprint]
	return every == 0 || t.Sub(r.ScheduledAt)%every == 0
}

// compareCalls puts what was called beside what was recorded.
func (a *account) compareCalls(c *counts, s *sheet, p plan, calls map[occurrence][]*call) {
	begun := 0
	for due, byRun := range s.runs {
		begun += begunOf(byRun)
		at := occurrence{s.title(), due}
		if len(byRun) > 1 && !(p.Clock == steps && begunOf(byRun) <= 1) {
			c.twice++
			a.fault("several runs of one occurrence", "%s at %s: %d", s.title(), stamp(time.Unix(0, due)), len(byRun))
		}
		for _, rows := range byRun {
			for _, r := range rows {
				if r.Outcome == "succeeded" && !slices.ContainsFunc(calls[at], func(c *call) bool { return c.Attempt == r.Attempt && c.ended == returned }) {
					a.fault("attempts that succeeded and never returned", "%s at %s, attempt %d", s.title(), stamp(time.Unix(0, due)), r.Attempt)
				}
			}
		}
	}
	if s.kind.limit > 0 && begun > s.kind.limit {
		a.fault("more runs than the limit", "%s: %d of %d", s.title(), begun, s.kind.limit)
	}
	for at, all := range calls {
		if at.job != s.title() {
			continue
		}
		c.calls += len(all)
		if err := s.checkCalls(at, all); err != nil {
			if errors.Is(err, errTwice) {
				c.twice++
			}
			a.fault("calls", "%s at %s: %v: %s", at.job, stamp(time.Unix(0, at.due)), err, tell(all))
		}
	}
}

var errTwice = errors.New("called twice")

// checkCalls says what is wrong with the calls for one occurrence.
func (s *sheet) checkCalls(at occurrence, all []*call) error {
	var rows []sqlite.Run
	for _, of := range s.runs[at.due] {
		rows = append(rows, of...)
	}
	interrupted := 0
	for i, c := range all {
		row := slices.IndexFunc(rows, func(r sqlite.Run) bool { return r.Attempt == c.Attempt })
		switch {
		case row < 0 || rows[row].BegunAt.IsZero():
			return fmt.Errorf("the call of attempt %d is not recorded", c.Attempt)
		case i == 0:
			continue
		}
		before := all[i-1]
		if c.Attempt <= before.Attempt {
			return fmt.Errorf("%w: attempt %d after %d", errTwice, c.Attempt, before.Attempt)
		}
		recorded := slices.IndexFunc(rows, func(r sqlite.Run) bool { return r.Attempt == before.Attempt })
		switch {
		case s.fails && before.ended == failed && (c.Child == before.Child || recorded < 0 || rows[recorded].Outcome != "interrupted"):
			continue // a retry; of one by the same process the end before may not have been written
		case s.reruns == 0:
			return errTwice
		case before.ended == returned && recorded >= 0 && rows[recorded].Outcome == "succeeded":
			return errTwice
		}
		if interrupted++; interrupted > int(s.reruns) {
			return fmt.Errorf("%w: it was interrupted more than %d times", errTwice, s.reruns)
		}
	}
	if most := attempts + int(s.reruns); s.fails && len(all) > most || !s.fails && len(all) > 1+int(s.reruns) {
		return fmt.Errorf("%w: %d calls", errTwice, len(all))
	}
	return nil
}

func tell(all []*call) string {
	var b strings.Builder
	for _, c := range all {
		fmt.Fprintf(&b, " [process %d, attempt %d, %s, %s, %s]", c.Child, c.Attempt, c.Trigger, stamp(time.Unix(0, c.At)), c.ended)
	}
	return b.String()
}

func stamp(t time.Time) string { return t.UTC().Format("15:04:05.000000000") }

// print writes the account, and reports whether it is right.
func (a *account) print(out io.Writer) bool {
	var outcomes []string
	for _, c := range a.counts {
		for outcome := range c.outcomes {
			if !slices.Contains(outcomes, outcome) {
				outcomes = append(outcomes, outcome)
			}
		}
	}
	sort.Strings(outcomes)
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(table, "policy\tdue\t%s\tunaccounted\ttwice\tcalls\topen\n", strings.Join(outcomes, "\t"))
	for _, p := range a.policies {
		c := a.counts[p.name]
		fmt.Fprintf(table, "%s\t%d", p.name, c.due)
		for _, outcome := range outcomes {
			fmt.Fprintf(table, "\t%d", c.outcomes[outcome])
		}
		fmt.Fprintf(table, "\t%d\t%d\t%d\t%d\n", c.unaccounted, c.twice, c.calls, c.open)
	}
	_ = table.Flush()
	for what, where := range a.faults {
		fmt.Fprintf(out, "%d %s:\n", len(where), what)
		for i, where := range where {
			if i == mostShown {
				fmt.Fprintln(out, "  …")
				break
			}
			fmt.Fprintln(out, "  "+where)
		}
	}
	return len(a.faults) == 0
}

// mostShown is how many examples of one fault are printed.
const mostShown = 12
