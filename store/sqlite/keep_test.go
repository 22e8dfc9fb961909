package sqlite

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// rowsOf counts the rows of a job.
func rowsOf(t testing.TB, s *Store, job string) (n int) {
	t.Helper()
	runs, err := s.History(ctx(t), job, time.Time{}, time.Time{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	return len(runs)
}

// TestKeepRows keeps the newest rows of each job, and those that Load hands out.
func TestKeepRows(t *testing.T) {
	s := open(t, tempFile(t), WithKeep(300, 0))
	mark := occurrence("a", 5000).ScheduledAt
	stillOpen, retry := occurrence("a", 1), ended(occurrence("a", 2))
	retry.RetryAt = noon
	if _, err := s.Write(ctx(t), []Run{stillOpen, retry, ended(occurrence("b", 1))}, []Job{{Job: "a", Version: 1, Mark: mark}}); err != nil {
		t.Fatal(err)
	}
	for second := 10; second < 3000; second++ {
		r := occurrence("a", second)
		begin(t, s, r)
		if _, err := s.Write(ctx(t), []Run{ended(r)}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := rowsOf(t, s, "a"); n < 300 || n > 300+2+100 {
		t.Errorf("there are %d rows, want about 300", n)
	}
	if n := rowsOf(t, s, "b"); n != 1 {
		t.Errorf("the other job has %d rows, want 1", n)
	}
	if got := loaded(t, s); len(got) != 3 || got["a-1"].Run == "" || got["a-2"].Run == "" {
		t.Errorf("Load hands out %v", got)
	}
	kept, err := s.History(ctx(t), "a", time.Time{}, time.Time{}, 1)
	if err != nil || kept[0].Run != "a-2999" {
		t.Errorf("the newest row is gone: there is %v, %v", kept, err)
	}
}

// TestKeepUnsettled keeps what is not settled, however much that is.
func TestKeepUnsettled(t *testing.T) {
	s := open(t, tempFile(t), WithKeep(10, 0))
	for second := range 1000 {
		if _, err := s.Write(ctx(t), []Run{ended(occurrence("a", second))}, nil); err != nil {
			t.Fatal(err)
		}
	}
	if n := rowsOf(t, s, "a"); n != 1000 {
		t.Errorf("there are %d rows, want all 1000", n)
	}
}

// TestKeepFor deletes what was there for longer than it is kept, after the file was opened.
func TestKeepFor(t *testing.T) {
	path := tempFile(t)
	s := open(t, path)
	now := time.Now()
	for i := range 3000 {
		r := ended(occurrence(fmt.Sprint("job-", i%3), i))
		r.ScheduledAt = now.Add(-time.Duration(i) * time.Minute)
		begin(t, s, r)
	}
	for i := range 3 {
		if _, err := s.Write(ctx(t), nil, []Job{{Job: fmt.Sprint("job-", i), Version: 1, Mark: now.Add(time.Hour)}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, path, WithKeep(0, 10*time.Hour))
	write := func(due time.Time) {
		for second := range 30 {
			r := ended(occurrence("b", second))
			r.ScheduledAt = due
			if _, err := s.Write(ctx(t), []Run{r}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	write(now.AddDate(-40, 0, 0)) // a scheduler with a clock of its own
	if n := rowsOf(t, s, "job-0"); n != 1000 {
		t.Errorf("job-0 has %d rows, want all 1000, as it is 40 years ago", n)
	}
	if err := s.cleanAll(ctx(t)); err != nil {
		t.Fatal(err)
	}
	write(now)
	for i := range 3 {
		if n := rowsOf(t, s, fmt.Sprint("job-", i)); n < 195 || n > 201 {
			t.Errorf("job-%d has %d rows, want 200", i, n)
		}
	}
}

// TestQueryPlans has no statement look at all rows of runs, as there may be millions.
func TestQueryPlans(t *testing.T) {
	s := open(t, tempFile(t))
	arguments := []any{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18}
	for name, text := range map[string]string{
		"claim": claimRun, "drop": dropOld, "clean": deleteOld, "kept": keptRow, "forget": deleteAny,
		"unsettle": copyUnsettled, "unsettle ranges": copyUnsettledRanges, "drop unsettled": dropUnsettled,
		"history": historyRuns + historyRanges + historyOrder,
	} {
		n := strings.Count(text, "?")
		if strings.Contains(text, "?1") {
			for n = 18; !strings.Contains(text, fmt.Sprint("?", n)); n-- {
			}
		}
		rows, err := s.conn.QueryContext(ctx(t), "EXPLAIN QUERY PLAN "+text, arguments[:n]...)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var plan strings.Builder
		for rows.Next() {
			var id, parent, unused int
			var detail string
			if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
				t.Fatal(err)
			}
			plan.WriteString(detail + "\n")
		}
		limited := strings.Contains(text, "LIMIT") && name != "history"
		for _, line := range strings.Split(plan.String(), "\n") {
			all := strings.HasSuffix(line, "(job=?)") || strings.HasSuffix(line, "(job=? AND scheduled<?)")
			scan := strings.Contains(line, "SCAN run_rows") && !strings.Contains(line, "INDEX run_rows_")
			if strings.Contains(line, "run_rows") && (scan || all && !limited) {
				t.Errorf("%s: %s: looks at all rows of a job", name, line)
			}
		}
	}
}

// TestBesideSettledRows has no statement that comes before a task, and none of a start, look at the
// settled rows.
func TestBesideSettledRows(t *testing.T) {
	for name, text := range map[string]string{
		"add": addRun, "put": putLive, "retry": endRetry, "load jobs": selectJobs, "load": loadRuns, "names": selectNames, "waiting": allWaiting,
	} {
		if strings.Contains(text, "run_rows") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestViews reads the file as people do, while it is in use.
func TestViews(t *testing.T) {
	path := tempFile(t)
	s := open(t, path)
	if _, err := s.Open(ctx(t), "node-1"); err != nil {
		t.Fatal(err)
	}
	begin(t, s, occurrence("backup", 1))
	done := ended(occurrence("backup", 0))
	old := ended(occurrence("old", 0))
	old.ScheduledAt = time.Date(1969, 12, 31, 23, 59, 59, 500_000_001, time.UTC)
	if _, err := s.Write(ctx(t), []Run{done, old}, []Job{{
		Job: "backup", Schedule: "every second", FirstSeen: noon, Mark: noon, Version: 1, State: []byte(`{"v":1}`),
	}}); err != nil {
		t.Fatal(err)
	}
	other := raw(t, path)
	for query, want := range map[string]string{
		"select group_concat(outcome || count, ' ') from (select ifnull(outcome, 'none') as outcome, count(*) as count from runs group by 1 order by 1)": "none1 succeeded2",
		"select scheduled_at || ' ' || begun_at || ' ' || ended_at || ' ' || seconds from runs where outcome = 'succeeded' and job = 'backup'":           "2026-03-14T12:00:00.000000000Z 2026-03-14T12:00:00.001000000Z 2026-03-14T12:00:01.001000000Z 1.0",
		"select scheduled_at from runs where job = 'old'":                                         "1969-12-31T23:59:59.500000001Z",
		"select job || ', ' || schedule || ', ' || settled_until || ', ' || state from jobs":      `backup, every second, 2026-03-14T12:00:00.000000000Z, {"v":1}`,
		"select node || (ended_at is null) || (begun_at > '2026') from uses":                      "node-111",
		"select count(*) from runs where ended_at is null and retry_at is null and until is null": "1",
		"select julianday(ended_at) > julianday(begun_at) from runs where job = 'backup' limit 1": "1",
	} {
		var got string
		if err := other.QueryRow(query).Scan(&got); err != nil || got != want {
			t.Errorf("%s: %q, %v; want %q", query, got, err, want)
		}
	}
}
