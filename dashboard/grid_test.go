package dashboard

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// cellsOf are the cells of a job over 24 hours, of which the last quarter is in the future.
func cellsOf(t *testing.T, s *snapshot, job jobFacts, current ...runFacts) []cell {
	t.Helper()
	sc := scaleOf("24h")
	from, _, _ := sc.window(s, "")
	return sc.cells(from, s, job, current)
}

// cellAt is the cell of a time.
func cellAt(cells []cell, at time.Time) cell {
	for _, c := range cells {
		if !at.Before(c.from) && at.Before(c.to) {
			return c
		}
	}
	return cell{}
}

func gridSnapshot(history int) *snapshot {
	s := &snapshot{At: noon}
	s.Scheduler.History = history
	s.Scheduler.MadeAt = noon.Add(-6 * time.Hour)
	return s
}

func ran(at time.Time, outcome, err string) runFacts {
	return runFacts{ScheduledAt: at, Outcome: outcome, Err: err, Attempt: 1}
}

func TestCellSaysWhatHappened(t *testing.T) {
	at := func(h, m int) time.Time { return time.Date(2026, 3, 2, h, m, 0, 0, time.UTC) }
	job := jobFacts{ID: idOf(1), Name: "mail", History: []runFacts{
		ran(at(7, 0), "succeeded", ""),
		ran(at(8, 0), "succeeded", ""), ran(at(8, 10), "failed", "the disk is full"), ran(at(8, 20), "skipped-limit", ""),
		ran(at(9, 0), "not-leader", ""), ran(at(9, 10), "succeeded", ""),
		{ScheduledAt: at(10, 0), Outcome: "missed", MissedFrom: at(9, 50), MissedTo: at(10, 40)},
	}, Next: []time.Time{at(13, 0), at(13, 10), at(13, 20), at(14, 0)}}
	current := []runFacts{{ScheduledAt: at(11, 45), Stage: "waiting", Outcome: "pending", WaitsFor: "slot", Pool: "probes"}}
	cells := cellsOf(t, gridSnapshot(50), job, current...)
	for _, tc := range []struct {
		at   time.Time
		mark string
		many bool
		text string
	}{
		{at(7, 0), "✓", false, "mail, Mon 2026-03-02 07:00:00 +00:00: succeeded"},
		{at(8, 0), "✗", true, "mail, 3 runs from 08:00:00 on: 1 failed, 1 skipped-limit, 1 succeeded. Mon 2026-03-02 08:10:00 +00:00: failed: the disk is full"},
		{at(9, 0), "✓", true, "mail, 2 runs from 09:00:00 on: 1 succeeded, 1 not-leader. Mon 2026-03-02 09:10:00 +00:00: succeeded"},
		{at(10, 0), "M", false, "mail, Mon 2026-03-02 10:00:00 +00:00: missed: the scheduler could not run it from Mon 2026-03-02 09:50:00 +00:00 to Mon 2026-03-02 10:40:00 +00:00"},
		{at(11, 30), "W", false, `mail, Mon 2026-03-02 11:45:00 +00:00: waiting for a slot of pool "probes"`},
		{at(13, 0), "○", true, "mail, Mon 2026-03-02 13:00:00 +00:00: it is due in the future, and 2 times more by 13:30:00"},
		{at(14, 0), "○", false, "mail, Mon 2026-03-02 14:00:00 +00:00: it is due in the future"},
		{at(9, 30), "", false, ""},
		{at(15, 0), "", false, ""},
		{at(5, 30), "", false, "not known: before what the scheduler remembers"},
	} {
		c := cellAt(cells, tc.at)
		if c.Look.Mark != tc.mark || c.Many != tc.many || c.Text != tc.text || (c.Link != "") != (tc.mark != "") {
			t.Errorf("%v: %q many %v\n  %q, want\n  %q", tc.at, c.Look.Mark, c.Many, c.Text, tc.text)
		}
		if tc.mark == "" && c.Class != map[bool]string{true: "none", false: "unknown"}[tc.text == ""] {
			t.Errorf("%v: class %q", tc.at, c.Class)
		}
	}
	now := 0
	for _, c := range cells {
		if c.Now {
			now++
			if noon.Before(c.from) || !noon.Before(c.to) {
				t.Errorf("now is in the cell of %v", c.from)
			}
		}
	}
	if now != 1 {
		t.Errorf("%d cells are now", now)
	}
}

func TestCellOfAPausedJob(t *testing.T) {
	job := jobFacts{Name: "mail", Paused: &pauseFacts{}, Next: []time.Time{noon.Add(time.Hour)}}
	if c := cellAt(cellsOf(t, gridSnapshot(1), job), noon.Add(time.Hour)); !strings.HasSuffix(c.Text, "the job is paused") {
		t.Errorf("%q", c.Text)
	}
}

func TestWhatTheGridCannotKnow(t *testing.T) {
	if c := cellAt(cellsOf(t, gridSnapshot(0), jobFacts{}), noon.Add(-time.Hour)); c.Text != "the scheduler keeps no history" {
		t.Errorf("without history: %q", c.Text)
	}
	// A history that is full has forgotten what was before.
	full := jobFacts{History: []runFacts{ran(noon.Add(-2*time.Hour), "succeeded", ""), ran(noon.Add(-time.Hour), "succeeded", "")}}
	for history, known := range map[int]bool{2: false, 3: true} {
		if c := cellAt(cellsOf(t, gridSnapshot(history), full), noon.Add(-3*time.Hour)); (c.Class == "none") != known {
			t.Errorf("2 runs of %d: class %q", history, c.Class)
		}
	}
	// More times than are asked for.
	var dense jobFacts
	for i := range nextInGrid {
		dense.Next = append(dense.Next, noon.Add(time.Duration(i+1)*time.Minute))
	}
	if c := cellAt(cellsOf(t, gridSnapshot(5), dense), noon.Add(5*time.Hour)); c.Class != "unknown" || !strings.Contains(c.Text, fmt.Sprint(nextInGrid)) {
		t.Errorf("after the last time that is listed: %q %q", c.Class, c.Text)
	}
}

func TestHeadingsAreEven(t *testing.T) {
	s := &snapshot{At: time.Date(2026, 7, 2, 10, 40, 0, 0, time.UTC)}
	s.Scheduler.Location = "Asia/Kolkata" // half an hour off
	for _, sc := range scales {
		from, to, fixed := sc.window(s, "")
		if fixed || to.Sub(from) != time.Duration(sc.columns)*sc.cell || !s.At.Before(to) || s.At.Before(from) {
			t.Errorf("%s: %v to %v", sc.Name, from, to)
		}
		columns := 0
		for i, h := range sc.headings(from) {
			at := from.Add(time.Duration(columns) * sc.cell)
			_, offset := at.Zone()
			if even := at.Add(time.Duration(offset) * time.Second).Truncate(time.Duration(sc.group) * sc.cell); h.Text != "" && !even.Equal(at.Add(time.Duration(offset)*time.Second)) {
				t.Errorf("%s: heading %d at %v", sc.Name, i, at)
			}
			columns += h.Columns
		}
		if columns != sc.columns {
			t.Errorf("%s: headings over %d columns", sc.Name, columns)
		}
	}
	end := time.Date(2026, 7, 1, 0, 0, 0, 0, time.UTC)
	if from, to, fixed := scaleOf("1h").window(s, end.Format(time.RFC3339)); !fixed || !to.Equal(end) || !from.Equal(end.Add(-time.Hour)) {
		t.Errorf("until a time: %v to %v", from, to)
	}
}

func TestPlot(t *testing.T) {
	var runs []runFacts
	for i := range 80 {
		runs = append(runs, runFacts{ScheduledAt: noon, StartedAt: noon, FinishedAt: noon.Add(time.Duration(i) * time.Second), Outcome: "succeeded"})
	}
	runs = append(runs, runFacts{ScheduledAt: noon, Outcome: "paused"})
	p := plotOf(runs)
	if len(p.Bars) != plotRuns || p.Longest != "1m19s" {
		t.Fatalf("%d bars, the longest %s", len(p.Bars), p.Longest)
	}
	if tall, flat := p.Bars[plotRuns-2], p.Bars[plotRuns-1]; tall.Height != "120.0" || tall.Y != "0.0" || flat.Height != "2.0" || flat.Look.Mark != "P" {
		t.Errorf("%+v, %+v", tall, flat)
	}
	if p := plotOf([]runFacts{{Outcome: "paused"}}); len(p.Bars) > 0 {
		t.Error("a plot of runs that were not performed")
	}
}

// TestJobShowsItsRuns: the newest first, and of a cell of the grid its own alone.
func TestJobShowsItsRuns(t *testing.T) {
	h := New[ranRun](newFake(), allow, WithLogger(quiet))
	page := get(t, h, "/job?id="+idOf(1))
	if first, second := strings.Index(page, "<td>102</td>"), strings.Index(page, "<td>100</td>"); first < 0 || second < first {
		t.Errorf("run 102 at %d, run 100 at %d", first, second)
	}
	page = get(t, h, "/job?id="+idOf(1)+"&from=2026-03-02T10:00:00Z&to=2026-03-02T11:00:00Z")
	_, window, _ := strings.Cut(page, `id="window"`)
	window, _, _ = strings.Cut(window, "</section>")
	if !strings.Contains(window, "<td>101</td>") || strings.Contains(window, "<td>100</td>") || strings.Contains(window, "<td>102</td>") {
		t.Errorf("a cell of the grid: %s", window)
	}
}
