package sqlite

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"
)

// firstVersion makes a file as version 1 of the tables had it, and returns the runs in it: those that
// Load hands out have names that begin with "live".
func firstVersion(t *testing.T, path string) (runs []Run) {
	t.Helper()
	text, err := migration(1)
	if err != nil {
		t.Fatal(err)
	}
	db := raw(t, path)
	say(t, db, text)
	say(t, db, fmt.Sprintf("PRAGMA application_id = %d", applicationID))
	say(t, db, "PRAGMA user_version = 1")
	add := func(id string, second int, change func(*Run)) {
		r := occurrence("a", second)
		change(&r)
		r.Run = id
		runs = append(runs, r)
	}
	asIs := func(*Run) {}
	end := func(r *Run) { *r = ended(*r) }
	for second := range 300 {
		add(fmt.Sprint("old-", second), second, end)
	}
	add("live-open", 10, asIs)
	add("live-retry", 11, func(r *Run) { end(r); r.RetryAt = noon.Add(time.Hour) })
	add("live-open-and-retry", 12, func(r *Run) { r.RetryAt = noon.Add(time.Hour) })
	add("live-later", 301, end)
	add("live-range", 299, func(r *Run) { r.BegunAt, r.Until, r.Count = time.Time{}, noon.Add(301*time.Second), 3 })
	add("old-range", 299, func(r *Run) { r.BegunAt, r.Until, r.Count = time.Time{}, noon.Add(300*time.Second), 2 })
	add("old-now", 301, func(r *Run) { end(r); r.Occurrence = false })
	say(t, db, "INSERT INTO job_names VALUES (1, 'a')")
	say(t, db, fmt.Sprintf("INSERT INTO job_rows VALUES (1, 'f0', 'old', NULL, NULL, 1, NULL), (1, 'f1', 'every second', %d, %d, 5, '{}')",
		noon.UnixNano(), noon.Add(300*time.Second).UnixNano()))
	for i := range runs {
		values := runValues(&runs[i], 1)
		if _, err := db.ExecContext(ctx(t), putOld, values...); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return runs
}

// wantMigrated looks at a file that firstVersion has made, after it was opened.
func wantMigrated(t *testing.T, s *Store, runs []Run) {
	t.Helper()
	var want, got []string
	for _, r := range runs {
		if r.Run[:4] == "live" {
			want = append(want, r.Run)
		}
	}
	for id := range loaded(t, s) {
		got = append(got, id)
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("Load hands out %q, want %q", got, want)
	}
	if n := rowsOf(t, s, "a"); n != len(runs) {
		t.Errorf("the history has %d rows, want %d", n, len(runs))
	}
	var version, seen int
	if err := s.conn.QueryRowContext(ctx(t), "SELECT user_version, (SELECT count(*) FROM runs) FROM pragma_user_version").Scan(&version, &seen); err != nil {
		t.Fatal(err)
	}
	if version != schemaVersion || seen != len(runs) {
		t.Errorf("version %d with %d rows in the view, want %d with %d", version, seen, schemaVersion, len(runs))
	}
}

// TestOldFile opens a file of the first version: it has all that was there, and can be used.
func TestOldFile(t *testing.T) {
	path := tempFile(t)
	runs := firstVersion(t, path)
	s := open(t, path)
	wantMigrated(t, s, runs)
	twice := occurrence("a", 301)
	twice.Run = "another"
	if begun, err := s.Begin(ctx(t), twice); begun || err != nil {
		t.Errorf("Begin of an occurrence that is there: %v, %v", begun, err)
	}
	next := occurrence("a", 302)
	next.Run = "live-next"
	begin(t, s, next)
	wantMigrated(t, open2(t, s, path), append(runs, next))
}

// TestOldFileOnAFullDisk has too little room for the new tables: the file stays as it is, and is
// brought up to date when there is room.
func TestOldFileOnAFullDisk(t *testing.T) {
	path := tempFile(t)
	runs := firstVersion(t, path)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pages, full := len(before)/4096, 0
	for ; ; pages++ {
		s, err := Open(ctx(t), path, with(fmt.Sprint("max_page_count = ", pages)))
		if err == nil {
			wantMigrated(t, s, runs)
			break
		}
		wantError(t, err, ErrFull)
		full++
		if after, _ := os.ReadFile(path); !bytes.Equal(before[100:], after[100:]) { // the journal mode is in the first 100
			t.Fatal("the file was changed")
		}
	}
	if full == 0 {
		t.Error("the disk was never full")
	}
}
