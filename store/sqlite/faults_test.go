package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"
)

func tempFile(t testing.TB) string { return filepath.Join(t.TempDir(), "jobs.db") }

// raw opens the file as another program does.
func raw(t testing.TB, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func say(t testing.TB, db interface {
	ExecContext(context.Context, string, ...any) (sql.Result, error)
}, text string) {
	t.Helper()
	if _, err := db.ExecContext(ctx(t), text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// TestDiskFull fills the file up to a page count. What was begun is there, nothing else is, and all
// goes on when there is room.
func TestDiskFull(t *testing.T) {
	s := open(t, tempFile(t), with("max_page_count = 40"))
	var mu sync.Mutex
	begun := map[string]bool{}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for second := range 1000 {
				r := occurrence(fmt.Sprint("job-", i), second)
				r.Error = strings.Repeat("x", 500)
				ok, err := s.Begin(ctx(t), r)
				if err != nil {
					if ok || !errors.Is(err, ErrFull) {
						t.Errorf("Begin: %v, %v", ok, err)
					}
					return
				}
				mu.Lock()
				begun[r.Run] = true
				mu.Unlock()
			}
			t.Error("the file is never full")
		}()
	}
	wait.Wait()
	runs := loaded(t, s)
	for run := range begun {
		if _, there := runs[run]; !there {
			t.Errorf("the run %s was begun, and is not there", run)
		}
	}
	if len(runs) != len(begun) {
		t.Errorf("there are %d runs, %d were begun", len(runs), len(begun))
	}
	long := occurrence("another", 1)
	long.Error = strings.Repeat("x", 900_000)
	_, err := s.Begin(ctx(t), long)
	wantError(t, err, ErrFull, "make room", "another-1")
	_, err = s.Write(ctx(t), []Run{long}, nil)
	wantError(t, err, ErrFull, "make room")

	say(t, s.conn, "PRAGMA max_page_count = 100000")
	begin(t, s, long)
	if got := loaded(t, s); len(got) != len(begun)+1 {
		t.Errorf("there are %d runs, not %d", len(got), len(begun)+1)
	}
}

// TestFullWhileMade fills the disk while the tables are made: a file is made whole or not at all.
func TestFullWhileMade(t *testing.T) {
	path := tempFile(t)
	for pages := 1; ; pages++ {
		s, err := Open(ctx(t), path, with(fmt.Sprint("max_page_count = ", pages)))
		if err == nil {
			if pages < 3 {
				t.Errorf("all tables are on %d pages", pages)
			}
			begin(t, open2(t, s, path), occurrence("a", 1))
			return
		}
		wantError(t, err, ErrFull)
	}
}

// open2 opens the file of a store again.
func open2(t testing.TB, s *Store, path string) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

// filled makes a file with many rows, and damages a page in the middle. Closed says whether the
// program ended as it should.
func filled(t *testing.T, closed bool) (path string) {
	t.Helper()
	path = tempFile(t)
	s := open(t, path)
	var runs []Run
	for second := range 3000 {
		runs = append(runs, ended(occurrence("a", second)))
	}
	if _, err := s.Write(ctx(t), runs, []Job{{Job: "a", Fingerprint: "f1", Version: 1, Mark: noon.Add(time.Hour)}}); err != nil {
		t.Fatal(err)
	}
	say(t, s.conn, "PRAGMA wal_checkpoint(TRUNCATE)")
	if !closed {
		copied := tempFile(t)
		copyFiles(t, path, copied)
		path = copied
	} else if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	middle := len(text) / 2 / 4096 * 4096
	for i := middle; i < middle+4096; i++ {
		text[i] = 0xa5
	}
	write(t, path, text)
	return path
}

// TestDamagedUnclean looks for damage when the program before has died.
func TestDamagedUnclean(t *testing.T) {
	path := filled(t, false)
	before, _ := os.ReadFile(path)
	_, err := Open(ctx(t), path)
	wantError(t, err, ErrCorrupt, path, "backup", ".recover")
	if after, _ := os.ReadFile(path); !bytes.Equal(before, after) {
		t.Error("the damaged file was written to")
	}
}

// TestDamagedLater finds the damage when it meets it, and writes nothing more.
func TestDamagedLater(t *testing.T) {
	path := filled(t, true)
	s := open(t, path)
	begin(t, s, occurrence("b", 1))
	_, err := s.History(ctx(t), "a", time.Time{}, time.Time{}, 0)
	wantError(t, err, ErrCorrupt)
	before, _ := os.ReadFile(path + "-wal")
	_, err = s.Begin(ctx(t), occurrence("b", 2))
	wantError(t, err, ErrCorrupt, path, "nothing more is written")
	_, err = s.Write(ctx(t), []Run{ended(occurrence("b", 1))}, nil)
	wantError(t, err, ErrCorrupt)
	wantError(t, s.Load(ctx(t), nil, nil), ErrCorrupt)
	_, err = s.Open(ctx(t), "node-1")
	wantError(t, err, ErrCorrupt)
	if after, _ := os.ReadFile(path + "-wal"); !bytes.Equal(before, after) {
		t.Error("the damaged file was written to")
	}
}

// TestLocked has another program write for long. Nothing is lost, and it goes on afterwards.
func TestLocked(t *testing.T) {
	path := tempFile(t)
	s := open(t, path, with("busy_timeout = 5"))
	begin(t, s, occurrence("a", 1))
	other := raw(t, path)
	say(t, other, "BEGIN IMMEDIATE")
	_, err := s.Begin(ctx(t), occurrence("a", 2))
	wantError(t, err, ErrLocked, path, "another program")
	refused, err := s.Write(ctx(t), []Run{ended(occurrence("a", 1))}, nil)
	wantError(t, err, ErrLocked)
	if len(refused) > 0 {
		t.Errorf("Write refused %q", refused)
	}
	if got := loaded(t, s); len(got) != 1 || !got["a-1"].EndedAt.IsZero() {
		t.Errorf("there is %v", got)
	}
	say(t, other, "ROLLBACK")
	begin(t, s, occurrence("a", 2))
	if got := loaded(t, s); len(got) != 2 {
		t.Errorf("there is %v", got)
	}
}

// TestSchemas refuses files of others and of a later version, and leaves them as they are.
func TestSchemas(t *testing.T) {
	newer := tempFile(t)
	s := open(t, newer)
	say(t, s.conn, "PRAGMA user_version = 99")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	foreign := tempFile(t)
	db := raw(t, foreign)
	say(t, db, "CREATE TABLE runs (a)")
	_ = db.Close()
	text := tempFile(t)
	write(t, text, bytes.Repeat([]byte("This is no database at all.\n"), 100))
	for _, c := range []struct {
		path  string
		want  error
		words []string
	}{
		{newer, ErrNewer, []string{"99", fmt.Sprint("knows ", schemaVersion)}},
		{foreign, ErrForeign, nil},
		{text, ErrForeign, nil},
	} {
		before, _ := os.ReadFile(c.path)
		_, err := Open(ctx(t), c.path)
		wantError(t, err, c.want, append(c.words, c.path)...)
		if after, _ := os.ReadFile(c.path); !bytes.Equal(before, after) {
			t.Errorf("%s was written to", c.path)
		}
	}
}

func TestBadInput(t *testing.T) {
	folder := t.TempDir()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx    context.Context
		path   string
		option Option
		want   string
	}{
		{ctx(t), "", nil, `path ""`},
		{ctx(t), ":memory:", nil, "NewMemoryStore"},
		{ctx(t), "file:jobs.db", nil, "must be the name of a file"},
		{ctx(t), filepath.Join(folder, "none", "jobs.db"), nil, "the folder must exist"},
		{ctx(t), folder, WithFullSync(), "is a folder"},
		{ctx(t), filepath.Join(folder, "a"), WithKeep(-1, 0), "WithKeep: rows -1: must be 0"},
		{ctx(t), filepath.Join(folder, "a"), WithKeep(0, -1), "WithKeep: age -1ns: must be 0"},
		{ended, filepath.Join(folder, "a"), WithKeep(0, 0), "canceled"},
	} {
		options := []Option{c.option}
		if c.option == nil {
			options = nil
		}
		store, err := Open(c.ctx, c.path, options...)
		if err == nil || store != nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Open of %q: %v, want one that says %q", c.path, err, c.want)
		}
	}
	if _, err := Open(ctx(t), filepath.Join(folder, "a"), nil); err == nil {
		t.Error("a nil option was taken")
	}
	s := open(t, filepath.Join(folder, "b?c#d%20 ü.db"))
	if _, err := os.Stat(filepath.Join(folder, "b?c#d%20 ü.db")); err != nil {
		t.Errorf("the file has another name than it was given: %v", err)
	}
	for want, r := range map[string]Run{"has no Run": {Job: "a"}, "has no Job": {Run: "a"}} {
		if _, err := s.Begin(ctx(t), r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Begin: %v, want one that says %q", err, want)
		}
		if _, err := s.Write(ctx(t), []Run{r}, nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Write: %v, want one that says %q", err, want)
		}
	}
	if _, err := s.Write(ctx(t), nil, []Job{{}}); err == nil {
		t.Error("a job without a name was taken")
	}
	if err := s.Rename(ctx(t), "a", ""); err == nil {
		t.Error("an empty name was taken")
	}
	if _, err := s.History(ctx(t), "a", noon, noon, -1); err == nil {
		t.Error("a negative limit was taken")
	}
}

// TestOddRows has rows that no scheduler should make. They are taken: an error would have them
// written again and again.
func TestOddRows(t *testing.T) {
	s := open(t, tempFile(t))
	odd := occurrence("\xff\x00'\n", 1)
	odd.Run, odd.Error, odd.Attempt, odd.Count = "a\x00b", "\xfe\x00", -3, -1
	begin(t, s, odd)
	if got := loaded(t, s)[odd.Run]; !reflect.DeepEqual(got, odd) {
		t.Errorf("there is %#v, want %#v", got, odd)
	}
	far := occurrence("a", 1)
	far.ScheduledAt, far.BegunAt = time.Date(2300, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1000, 1, 1, 0, 0, 0, 0, time.UTC)
	begin(t, s, far)
	if got := loaded(t, s)[far.Run]; !got.ScheduledAt.Equal(latest) || !got.BegunAt.Equal(earliest) {
		t.Errorf("there is %v and %v, want the latest and the earliest time", got.ScheduledAt, got.BegunAt)
	}
}

// TestClosed refuses all that comes after Close.
func TestClosed(t *testing.T) {
	s := open(t, tempFile(t))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("the second Close: %v", err)
	}
	_, err := s.Begin(ctx(t), occurrence("a", 1))
	wantError(t, err, ErrClosed)
	_, err = s.Write(ctx(t), nil, []Job{{Job: "a", Version: 1}})
	wantError(t, err, ErrClosed)
	_, err = s.Open(ctx(t), "node-1")
	wantError(t, err, ErrClosed)
	_, err = s.History(ctx(t), "a", noon, noon, 0)
	wantError(t, err, ErrClosed)
	wantError(t, s.Load(ctx(t), nil, nil), ErrClosed)
	wantError(t, s.Forget(ctx(t), "a"), ErrClosed)
	wantError(t, s.Rename(ctx(t), "a", "b"), ErrClosed)
}
