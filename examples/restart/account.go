package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"text/tabwriter"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
)

// A tally counts the occurrences of a job. Each that was due is in exactly one of succeeded, failed,
// interrupted, missed, paused, other and unaccounted.
type tally struct {
	due, succeeded, failed, interrupted, missed, paused, other int

	runAgain    int // ended after an attempt that was interrupted
	caughtUp    int // run because they were missed
	twice       int // the task was called again, though nothing allows it
	unaccounted int // nobody knows

	unknown []time.Time // when what is unaccounted for was due
}

// An occurrence is one time of one job.
type occurrence struct {
	job string
	due int64
}

// accountFor compares what was due before end, by the definitions of the jobs, with what the store
// says and with the calls that tasks have noted.
func accountFor(p plan, end time.Time) (map[string]*tally, error) {
	calls, err := readCalls(p.calls())
	if err != nil {
		return nil, err
	}
	store, err := sqlite.Open(context.Background(), p.database(), sqlite.WithKeep(0, 0))
	if err != nil {
		return nil, err
	}
	defer store.Close()
	seen := make(map[string]time.Time) // when a job was first seen: nothing was due before
	err = store.Load(context.Background(), func(j sqlite.Job) error {
		seen[j.Job] = j.FirstSeen
		return nil
	}, func(sqlite.Run) error { return nil })
	if err != nil {
		return nil, err
	}
	tallies := make(map[string]*tally)
	for _, j := range jobs {
		rows, err := store.History(context.Background(), j.name, time.Time{}, time.Time{}, 0)
		if err != nil {
			return nil, err
		}
		t := &tally{}
		tallies[j.name] = t
		for _, due := range j.dueUntil(p.Base, end) {
			if !due.Before(seen[j.name]) {
				t.add(due, rowsOf(rows, due))
			}
		}
		for of, each := range calls {
			if of.job == j.name && calledTwice(j, each, rowsOf(rows, time.Unix(0, of.due))) {
				t.twice++
			}
		}
	}
	return tallies, nil
}

// rowsOf are the rows of the occurrence at due: one for each attempt; or else that of a range of
// occurrences that were not run.
func rowsOf(rows []sqlite.Run, due time.Time) (exact []sqlite.Run) {
	var ranges []sqlite.Run
	for _, row := range rows {
		switch {
		case !row.Occurrence:
		case row.Count > 1 && !due.Before(row.ScheduledAt) && !due.After(row.Until):
			ranges = append(ranges, row)
		case row.Count == 1 && row.ScheduledAt.Equal(due):
			exact = append(exact, row)
		}
	}
	if len(exact) > 0 {
		return exact
	}
	return ranges
}

// add counts an occurrence by its rows.
func (t *tally) add(due time.Time, rows []sqlite.Run) {
	t.due++
	var latest sqlite.Run
	again := false
	for _, row := range rows {
		if row.Attempt >= latest.Attempt {
			latest = row
		}
	}
	for _, row := range rows {
		again = again || row.Outcome == "interrupted" && row.Attempt < latest.Attempt
	}
	if again {
		t.runAgain++
	}
	if latest.Trigger == "catch-up" {
		t.caughtUp++
	}
	switch latest.Outcome {
	case "":
		t.unaccounted++
		t.unknown = append(t.unknown, due)
	case "succeeded":
		t.succeeded++
	case "failed":
		t.failed++
	case "interrupted":
		t.interrupted++
	case "missed":
		t.missed++
	case "paused":
		t.paused++
	default:
		t.other++
	}
}

// calledTwice reports whether the task was called more often for one occurrence than the job allows:
// after an attempt that has failed if the job tries again, and after one that was interrupted if it
// runs again.
func calledTwice(j job, calls []call, rows []sqlite.Run) bool {
	outcome := make(map[int]string)
	for _, row := range rows {
		outcome[row.Attempt] = row.Outcome
	}
	for i := 1; i < len(calls); i++ {
		before := outcome[calls[i-1].Attempt]
		allowed := j.fails && before == "failed" || j.reruns && before == "interrupted"
		if !allowed || calls[i].Attempt <= calls[i-1].Attempt {
			return true
		}
	}
	return false
}

// readCalls returns the calls of tasks by occurrence, in their order.
func readCalls(path string) (map[occurrence][]call, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	calls := make(map[occurrence][]call)
	for lines := bufio.NewScanner(bytes.NewReader(text)); lines.Scan(); {
		var c call
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s: %q: %w", path, lines.Text(), err)
		}
		if c.End == "" {
			of := occurrence{c.Job, c.Due.UnixNano()}
			calls[of] = append(calls[of], c)
		}
	}
	return calls, nil
}

// printAccount prints the account, and reports whether it is right.
func printAccount(out io.Writer, tallies map[string]*tally) bool {
	ok := true
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "job\tdue\tsucceeded\tfailed\tinterrupted\tmissed\tpaused\tother\t|\trun again\tcaught up\ttwice\tunaccounted")
	for _, j := range jobs {
		t := tallies[j.name]
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%d\t|\t%d\t%d\t%d\t%d\n", j.name, t.due, t.succeeded, t.failed, t.interrupted,
			t.missed, t.paused, t.other, t.runAgain, t.caughtUp, t.twice, t.unaccounted)
		ok = ok && t.twice == 0 && t.unaccounted == 0
	}
	table.Flush()
	for _, j := range jobs {
		for _, due := range tallies[j.name].unknown {
			fmt.Fprintf(out, "unaccounted: %s at %s\n", j.name, due.UTC().Format("15:04:05.000"))
		}
	}
	return ok
}
