package dashboard

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// clock is a time of the day of the fakes, and day the same in the words of a page.
func clock(hour, minute int) time.Time { return time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC) }

func day(clock string) string { return "Mon 2026-03-02 " + clock + ":00 +00:00" }

// TestWhatHappened: the sentence that stands in the histories, the grid, the strips and the plot.
func TestWhatHappened(t *testing.T) {
	for _, tc := range []struct {
		run  runFacts
		want string
	}{
		{runFacts{Outcome: "succeeded", Trigger: "schedule", StartedAt: clock(3, 0)}, "succeeded"},
		{runFacts{Outcome: "succeeded", Trigger: "catch-up", StartedAt: clock(3, 20)},
			"succeeded; it was missed when it was due, and caught up at " + day("03:20")},
		{runFacts{Outcome: "failed", Trigger: "catch-up", StartedAt: clock(3, 20), Err: "the disk is full"},
			"failed: the disk is full; it was missed when it was due, and caught up at " + day("03:20")},
		{runFacts{Stage: "running", Outcome: "pending", Trigger: "catch-up", StartedAt: clock(3, 20)},
			"running; it was missed when it was due, and caught up at " + day("03:20")},
		{runFacts{Stage: "waiting", WaitsFor: "slot", Trigger: "catch-up"}, "waiting for a slot"},
		{runFacts{Outcome: "paused", Trigger: "catch-up"}, "paused: the job was paused"},
		{runFacts{Outcome: "missed", MissedFrom: clock(2, 50), MissedTo: clock(3, 20)},
			"missed: the scheduler could not run it from " + day("02:50") + " to " + day("03:20")},
		{runFacts{Outcome: "missed", MissedCount: 1, MissedFrom: clock(3, 0), MissedLast: clock(3, 0), MissedTo: clock(3, 20)},
			"missed: the scheduler could not run it then, and went on at " + day("03:20")},
		{runFacts{Outcome: "missed", MissedCount: 1234, ScheduledAt: clock(1, 0), MissedLast: clock(3, 0), MissedTo: clock(3, 20)},
			"missed, 1,234 times from " + day("01:00") + " to " + day("03:00") + ": the scheduler could not run it then, and went on at " + day("03:20")},
		{runFacts{Outcome: "missed"}, "missed: the scheduler could not run it then: it was stopped, the program was down or the machine slept"},
		{runFacts{Outcome: "missed", MissedTo: clock(3, 20), MissedCount: 1, Err: "the policy could not be asked"},
			"missed: the scheduler could not run it then, and went on at " + day("03:20") + ": the policy could not be asked"},
		{runFacts{Outcome: "paused", MissedCount: 3, ScheduledAt: clock(1, 0), MissedLast: clock(3, 0)},
			"paused, 3 times from " + day("01:00") + " to " + day("03:00") + ": the job was paused"},
		{runFacts{Outcome: "interrupted", Attempt: 1, StartedAt: clock(3, 0)}, "interrupted: the program ended before the run did"},
		{runFacts{Outcome: "interrupted", Attempt: 2, StartedAt: clock(3, 0)}, "interrupted, attempt 2: the program ended before the run did"},
		{runFacts{Outcome: "store-down"}, "store-down: its begin could not be written to the store, so it was not run"},
		{runFacts{Outcome: "store-down", Err: "gocron: the store is down: disk full"}, "store-down: gocron: the store is down: disk full"},
		{runFacts{Outcome: "engine-down"}, "engine-down: the elector or the locker could not be asked, so it was not run"},
	} {
		if got := tc.run.what(); got != tc.want {
			t.Errorf("%+v:\n  %q, want\n  %q", tc.run, got, tc.want)
		}
	}
}

// TestCaughtUp: a run that was made late says so on every page that shows it.
func TestCaughtUp(t *testing.T) {
	const why = "it was missed when it was due, and caught up at Mon 2026-03-02 10:15:00 &#43;00:00"
	for _, tc := range []struct {
		trigger string
		outcome string
		told    bool
	}{
		{"catch-up", "succeeded", true},
		{"catch-up", "failed", true},
		{"schedule", "succeeded", false},
		{"run-now", "succeeded", false},
	} {
		f := newFake()
		job := &f.snap.Jobs.Rows[0]
		job.History = []runFacts{{ID: 7, JobID: job.ID, Trigger: tc.trigger, ScheduledAt: clock(10, 0), StartedAt: clock(10, 15), FinishedAt: clock(10, 27), Attempt: 1, Outcome: tc.outcome}}
		job.LastOutcome = tc.outcome
		h := New[ranRun](f, allow, WithLogger(quiet))
		cell := "/job?id=" + job.ID + "&from=2026-03-02T10:00:00Z&to=2026-03-02T10:30:00Z"
		for path, want := range map[string][]string{
			"/":                  {`missed when it was due, caught up <span class="nowrap"><time`, `>1 h 45 min ago</time></span></span>`, ` late" title="Mon 2026-03-02`, ", caught up</span></li>", `title="Mon 2026-03-02 10:00:00 &#43;00:00: ` + tc.outcome},
			"/job?id=" + job.ID:  {`class="mark `, why, "15m0s", "12m0s"},
			cell:                 {"Runs due in this time", why},
			"/grid":              {` late"><a href=`, `aria-label="backup, Mon 2026-03-02 10:00:00 &#43;00:00: ` + tc.outcome, why},
			"/live?page=&once=1": {"missed when it was due, caught up"},
		} {
			page := get(t, h, path)
			for _, text := range want {
				missing := !strings.Contains(page, text)
				if always := !strings.Contains(text, "caught up") && !strings.Contains(text, " ago") && !strings.Contains(text, " late"); missing && (tc.told || always) || !missing && !tc.told && !always {
					t.Errorf("%s %s: %s: %q: in the page: %v", tc.trigger, tc.outcome, path, text, !missing)
				}
			}
		}
	}
}

// TestMissedRangeInTheGrid: a record of several occurrences is in each of their cells.
func TestMissedRangeInTheGrid(t *testing.T) {
	for _, tc := range []struct {
		name        string
		first, last time.Time
		count       int
		want        string // the half hours from 06:00 on that have it
	}{
		{"every ten minutes", clock(7, 50), clock(9, 0), 8, "07:30 08:00 08:30 09:00"},
		{"hourly", clock(7, 10), clock(10, 10), 4, "07:00 08:00 09:00 10:00"},
		{"two", clock(6, 0), clock(11, 29), 2, "06:00 11:00"},
		{"begun before the grid", clock(0, 0).AddDate(0, 0, -30), clock(6, 59), 31*1440 + 420, "06:00 06:30"},
		{"not at even distances", clock(6, 0), clock(8, 1), 3, "06:00 07:00 08:00"},
		{"whose distance is no whole number", clock(6, 0), clock(8, 0), 8, "06:00 06:30 07:00 07:30 08:00"},
		{"all at once, as a bad store may say", clock(8, 0), clock(8, 0), 5, "08:00"},
	} {
		run := runFacts{Outcome: "missed", ScheduledAt: tc.first, MissedLast: tc.last, MissedCount: tc.count, MissedFrom: tc.first, MissedTo: clock(11, 45)}
		var got []string
		for _, c := range cellsOf(t, gridSnapshot(10), jobFacts{ID: idOf(1), Name: "mail", History: []runFacts{run}}) {
			if c.Look.Mark != "M" || c.from.Before(clock(6, 0)) {
				continue
			}
			got = append(got, c.from.Format("15:04"))
			if want := fmt.Sprintf("mail, missed, %s times from ", number(tc.count)); c.Many || !strings.HasPrefix(c.Text, want) {
				t.Errorf("%s: %v %q", tc.name, c.Many, c.Text)
			}
		}
		if strings.Join(got, " ") != tc.want {
			t.Errorf("%s: in %q, want %q", tc.name, got, tc.want)
		}
	}
	// A cell in the middle leads to the record.
	f := newFake()
	f.snap.Jobs.Rows[0].History = []runFacts{{ID: 7, Outcome: "missed", ScheduledAt: clock(6, 0), MissedLast: clock(11, 0), MissedCount: 6, MissedTo: clock(11, 45)}}
	page := get(t, New[ranRun](f, allow, WithLogger(quiet)), "/job?id="+idOf(1)+"&from=2026-03-02T08:00:00Z&to=2026-03-02T08:30:00Z")
	if strings.Contains(page, "Nothing is known of this time.") || !strings.Contains(page, "Runs due in this time") {
		t.Errorf("a cell within the record:\n%s", page)
	}
}

// TestWhatAStoreRemembers: with a store the grid knows of more than this process has seen.
func TestWhatAStoreRemembers(t *testing.T) {
	for _, tc := range []struct {
		since time.Time
		known bool
	}{{time.Time{}, false}, {noon.Add(-10 * time.Hour), true}, {noon.Add(-8 * time.Hour), false}, {noon.Add(-time.Hour), false}} {
		c := cellAt(cellsOf(t, gridSnapshot(10), jobFacts{StoredSince: tc.since}), noon.Add(-9*time.Hour))
		if (c.Class == "none") != tc.known {
			t.Errorf("stored since %v: class %q", tc.since, c.Class)
		}
	}
	f := newFake()
	f.snap.Scheduler.Store = "sqlite.Store"
	if page := get(t, New[ranRun](f, allow, WithLogger(quiet)), "/scheduler"); !strings.Contains(page, "<dt>Store</dt><dd>sqlite.Store: histories and pauses outlive the program</dd>") {
		t.Errorf("the page does not name the store:\n%s", page)
	}
}

// TestRunsOfProcessesBefore have no number: each process counts its own.
func TestRunsOfProcessesBefore(t *testing.T) {
	f := newFake()
	f.snap.Jobs.Rows[0].History[0].ID = 0
	page := get(t, New[ranRun](f, allow, WithLogger(quiet)), "/job?id="+idOf(1))
	if strings.Contains(page, "<td>0</td>") || strings.Count(page, `title="of a process before"`) != 1 {
		t.Errorf("%s", page)
	}
}
