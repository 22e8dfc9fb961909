package conformance

import (
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

func TestTally(t *testing.T) {
	w := window{noon, 4, time.Second}
	began := func(scheduled, attempt int, trigger string) event {
		return event{Kind: runBegan, Job: "job", Scheduled: at(scheduled), Attempt: attempt, Trigger: trigger}
	}
	events := []event{
		began(-1, 1, "schedule"), // too early
		began(0, 1, "schedule"), began(0, 1, "schedule"), began(0, 1, "schedule"),
		began(1, 1, "schedule"), began(1, 2, "retry"), began(1, 1, "run-now"),
		began(3, 1, "schedule"),
		began(4, 1, "schedule"), // too late
	}
	got := w.tally(events, "job")
	if want := (Figures{Occurrences: 4, Runs: 5, Duplicates: 2, Missed: 1}); got != want {
		t.Errorf("%+v", got)
	}
	if got.String() != "5 of 4, 2 twice, 1 missed" {
		t.Errorf("%q", got)
	}
}

func TestOverlap(t *testing.T) {
	lasting := func(from, until int) span { return span{from: at(from), until: at(until)} }
	for _, c := range []struct {
		name  string
		spans []span
		want  int
	}{
		{"none", nil, 0},
		{"one after the other", []span{lasting(2, 3), lasting(0, 2)}, 1},
		{"two", []span{lasting(0, 3), lasting(2, 4), lasting(5, 6)}, 2},
		{"one within another", []span{lasting(0, 9), lasting(1, 2), lasting(3, 4)}, 2},
		{"three", []span{lasting(0, 9), lasting(1, 5), lasting(4, 6)}, 3},
	} {
		if got, _, _ := overlap(c.spans); got != c.want {
			t.Errorf("%s: %d", c.name, got)
		}
	}
}

// Only the time between two answers of one term is sure.
func TestTerms(t *testing.T) {
	seen := func(node string, from, until int, token int64) event {
		return event{Kind: termSeen, Node: node, At: at(from), Until: at(until), Token: token}
	}
	got := terms([]event{
		seen("b", 5, 6, 2), seen("a", 0, 0, 1), seen("a", 0, 3, 1), seen("b", 5, 8, 2), seen("a", 9, 9, 3),
	})
	want := []span{{at(0), at(3), "a", 1}, {at(5), at(8), "b", 2}, {at(9), at(9), "a", 3}}
	if len(got) != len(want) {
		t.Fatalf("%v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%v, not %v", got[i], want[i])
		}
	}
}

func TestTable(t *testing.T) {
	table := Table([]Result{
		{Engine: "one", Case: SkewedCron, Status: Passed, Figures: Figures{Occurrences: 2, Runs: 2}},
		{Engine: "two", Case: SkewedCron, Status: Failed, Figures: Figures{Occurrences: 2, Runs: 4, Duplicates: 2}},
		{Engine: "two", Case: LongTask, Status: NotRun},
	})
	for _, line := range []string{
		"| case | one | two |\n|---|---|---|\n",
		"| " + SkewedCron + " | 2 of 2 | **4 of 2, 2 twice** |\n",
		"| " + LongTask + " | – | – |\n",
	} {
		if !strings.Contains(table, line) {
			t.Errorf("no line %q in\n%s", line, table)
		}
	}
}
