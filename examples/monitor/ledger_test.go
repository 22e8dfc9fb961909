package main

import (
	"strings"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
)

// enter makes the entries of one run, which waited for its first attempt.
func enter(l *ledger, run gocron.RunInfo, wait time.Duration) {
	l.due(run)
	last := run.Attempt
	for run.Attempt = 1; run.Attempt <= last; run.Attempt++ {
		run.StartedAt = run.ScheduledAt.Add(wait)
		l.started(run)
		wait += time.Hour // is no wait for the first attempt
	}
	l.finished(run)
}

func TestTable(t *testing.T) {
	l := newLedger()
	enter(l, gocron.RunInfo{JobName: "check b", Attempt: 1, Outcome: gocron.OutcomeSucceeded}, 1234*time.Microsecond)
	enter(l, gocron.RunInfo{JobName: "check b", Attempt: 3, Outcome: gocron.OutcomeFailed}, 0)
	enter(l, gocron.RunInfo{JobName: "check b", Attempt: 0, Outcome: gocron.OutcomePaused}, 0)
	enter(l, gocron.RunInfo{JobName: "check a", Attempt: 2, Outcome: gocron.OutcomeSucceeded}, 2*time.Second)
	l.due(gocron.RunInfo{JobName: "test a"}) // and waits

	const want = `job       runs  succeeded  failed  paused  attempts  longest wait
check a      1          1       -       -         2            2s
check b      3          1       1       1         4           1ms
test a       1          -       -       -         0            0s
total        5          2       1       1         6            2s
`
	var out strings.Builder
	if runs := l.print(&out); runs != 5 || out.String() != want {
		t.Errorf("%d runs, and got\n%s\nwant\n%s", runs, &out, want)
	}
}

func TestEmptyTable(t *testing.T) {
	const want = `job     runs  attempts  longest wait
total      0         0            0s
`
	var out strings.Builder
	if runs := newLedger().print(&out); runs != 0 || out.String() != want {
		t.Errorf("%d runs, and got\n%s\nwant\n%s", runs, &out, want)
	}
}

func TestBalance(t *testing.T) {
	counts := map[gocron.Outcome]uint64{gocron.OutcomePaused: 1, gocron.OutcomeSucceeded: 2}
	for _, c := range []struct {
		stats gocron.Stats
		sum   uint64
		want  string
	}{
		{gocron.Stats{}, 0, "made 0 = 0"},
		{gocron.Stats{Made: 3, Outcomes: counts}, 3, "made 3 = 2 succeeded + 1 paused"},
		{gocron.Stats{Made: 4, Outcomes: counts}, 3, "made 4 != 2 succeeded + 1 paused"},
		{
			gocron.Stats{Made: 12, Outcomes: counts, Running: 4, Waiting: 3, Retrying: 2}, 12,
			"made 12 = 2 succeeded + 1 paused + 4 running + 3 waiting + 2 to be tried again",
		},
	} {
		if sum, equation := balance(c.stats); sum != c.sum || equation != c.want {
			t.Errorf("got %d and %q, want %d and %q", sum, equation, c.sum, c.want)
		}
	}
}

func TestLedgerKeepsTheLatestTests(t *testing.T) {
	l := newLedger()
	for i := uint64(1); i <= keepTests+5; i++ {
		l.finished(gocron.RunInfo{ID: i, JobName: "test site", Tags: []string{testTag}})
		l.finished(gocron.RunInfo{ID: i, JobName: "check site"})
	}
	tests := l.finishedTests()
	if len(tests) != keepTests || tests[0].ID != 6 || tests[keepTests-1].ID != keepTests+5 {
		t.Errorf("%d tests, from %d on", len(tests), tests[0].ID)
	}
}
