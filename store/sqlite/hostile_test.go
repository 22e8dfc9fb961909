package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestOddTexts has names and errors that no one should give: they come back as they were, and views
// show them.
func TestOddTexts(t *testing.T) {
	names := []string{
		"nul\x00inside", "'; drop table live_rows; --", `"quoted" [name]`, "\U0001F600 ünï", "\xff\xfe", "\n\t ", strings.Repeat("long ", 1<<18), "?1", "null",
	}
	texts := []string{"\xc3\x28 \x00 \xff", strings.Repeat("\xf0\x28", 5<<20)}
	path := tempFile(t)
	s := open(t, path)
	want := map[string]Run{}
	for i, name := range names {
		r := occurrence("a", i)
		r.Job, r.Error, r.Zone, r.Node, r.Fingerprint = name, texts[0], name, name, name
		if i == 0 {
			r.Error = texts[1]
		}
		begin(t, s, r)
		want[r.Run] = r
		job := Job{Job: name, Fingerprint: name, Schedule: name, Version: 1, State: []byte(name)}
		if refused, err := s.Write(ctx(t), nil, []Job{job}); err != nil || len(refused) > 0 {
			t.Fatal(refused, err)
		}
	}
	s = open2(t, s, path)
	if got := loaded(t, s); !reflect.DeepEqual(got, want) {
		t.Error("Load hands out other rows than were written")
	}
	for i, name := range names {
		got, err := s.History(ctx(t), name, time.Time{}, time.Time{}, 0)
		if err != nil || len(got) != 1 || got[0].Run != fmt.Sprint("a-", i) {
			t.Errorf("the history of %.20q has %d rows, %v", name, len(got), err)
		}
	}
	var seen int
	if err := s.conn.QueryRowContext(ctx(t), "SELECT count(*) FROM runs JOIN jobs ON runs.job = jobs.job").Scan(&seen); err != nil || seen != len(names) {
		t.Errorf("the views show %d jobs, %v", seen, err)
	}
	for _, name := range names {
		if err := s.Rename(ctx(t), name, name+" renamed"); err != nil {
			t.Errorf("Rename of %.20q: %v", name, err)
		}
		if err := s.Forget(ctx(t), name+" renamed"); err != nil {
			t.Errorf("Forget of %.20q: %v", name, err)
		}
	}
	wantPlaces(t, s, "all forgotten", 0, 0)
}

// TestOddTimes has times that no clock shows: those from 1677 to 2262 come back as they were, others
// as the nearest of these, and the views show all of them.
func TestOddTimes(t *testing.T) {
	s := open(t, tempFile(t))
	for i, c := range []struct {
		at, want time.Time
		text     string
	}{
		{time.Time{}, time.Time{}, ""},
		{time.Time{}.Add(1), earliest, "1677-09-21T00:12:43.145224193Z"},
		{time.Date(1, 6, 1, 0, 0, 0, 0, time.UTC), earliest, "1677-09-21T00:12:43.145224193Z"},
		{time.Date(-292, 1, 1, 0, 0, 0, 0, time.UTC), earliest, "1677-09-21T00:12:43.145224193Z"},
		{time.Unix(-1<<62, 0), earliest, "1677-09-21T00:12:43.145224193Z"},
		{time.Date(1677, 9, 22, 0, 0, 0, 1, time.UTC), time.Date(1677, 9, 22, 0, 0, 0, 1, time.UTC), "1677-09-22T00:00:00.000000001Z"},
		{time.Unix(0, -1), time.Unix(0, -1).UTC(), "1969-12-31T23:59:59.999999999Z"},
		{time.Unix(0, 0), time.Unix(0, 0).UTC(), "1970-01-01T00:00:00.000000000Z"},
		{time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), latest, "2262-04-11T23:47:16.854775807Z"},
		{time.Unix(1<<62, 0), latest, "2262-04-11T23:47:16.854775807Z"},
	} {
		r := ended(occurrence(fmt.Sprint("job-", i), 0))
		r.ScheduledAt, r.BegunAt, r.EndedAt, r.RetryAt = c.at, c.at, c.at, c.at
		r.Until, r.Count = c.at, 2
		begin(t, s, r)
		if _, err := s.Write(ctx(t), []Run{r}, []Job{{Job: r.Job, Version: 1, FirstSeen: c.at, Mark: c.at}}); err != nil {
			t.Errorf("%v: %v", c.at, err)
		}
		runs, err := s.History(ctx(t), r.Job, time.Time{}, time.Time{}, 0)
		if err != nil || len(runs) != 1 {
			t.Fatalf("%v: there are %d rows, %v", c.at, len(runs), err)
		}
		for _, got := range []time.Time{runs[0].ScheduledAt, runs[0].BegunAt, runs[0].EndedAt, runs[0].RetryAt, runs[0].Until} {
			if !got.Equal(c.want) || got.IsZero() != c.want.IsZero() {
				t.Errorf("%v comes back as %v, want %v", c.at, got, c.want)
			}
		}
		var scheduled, begun, mark sql.NullString
		err = s.conn.QueryRowContext(ctx(t), "SELECT scheduled_at, begun_at, settled_until FROM runs JOIN jobs ON jobs.job = runs.job WHERE runs.job = ?",
			r.Job).Scan(&scheduled, &begun, &mark)
		if err != nil || scheduled.String != c.text || begun.String != c.text || mark.String != c.text {
			t.Errorf("the views show %v as %q, %q and %q, %v; want %q", c.at, scheduled.String, begun.String, mark.String, err, c.text)
		}
	}
}

// TestBackupWhileRunning makes copies as the documentation says, while runs begin and end. Each is a
// file of its own, which opens, with all that was answered before.
func TestBackupWhileRunning(t *testing.T) {
	path := tempFile(t)
	s := open(t, path)
	put(t, s, 1, 0)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	answered := make(chan int, 1)
	answered <- 0
	go func() {
		for second := 1; ; second++ {
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
			r := occurrence("a", second)
			if begun, err := s.Begin(ctx(t), r); err != nil || !begun {
				stopped <- fmt.Errorf("Begin: %v, %v", begun, err)
				return
			}
			mark := Job{Job: "a", Version: int64(second) + 1, Mark: r.ScheduledAt}
			if refused, err := s.Write(ctx(t), []Run{ended(r)}, []Job{mark}); err != nil || len(refused) > 0 {
				stopped <- fmt.Errorf("Write: %v, %v", refused, err)
				return
			}
			<-answered
			answered <- second
		}
	}()
	other := raw(t, path+"?mode=ro")
	for range 10 {
		backup := filepath.Join(t.TempDir(), "backup.db")
		least := <-answered
		answered <- least
		say(t, other, "VACUUM INTO '"+backup+"'")
		copy := open(t, backup)
		if n := rowsOf(t, copy, "a"); n < least {
			t.Errorf("the copy has %d rows, %d were answered before", n, least)
		}
		begin(t, copy, occurrence("b", 1))
		if err := copy.Close(); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if err := <-stopped; err != nil {
		t.Fatal(err)
	}
}

// everything calls all methods once. It returns the errors by the name of the method.
func everything(t *testing.T, s *Store) map[string]error {
	t.Helper()
	errs := map[string]error{}
	_, errs["open"] = s.Open(ctx(t), "node-1")
	errs["load"] = s.Load(ctx(t), func(Job) error { return nil }, func(Run) error { return nil })
	_, errs["history"] = s.History(ctx(t), "a", time.Time{}, time.Time{}, 0)
	_, errs["begin"] = s.Begin(ctx(t), occurrence("a", 5000))
	_, errs["begin an old one"] = s.Begin(ctx(t), occurrence("a", 700))
	again := occurrence("a", 7)
	again.Attempt = 2
	_, errs["begin again"] = s.Begin(ctx(t), again)
	_, errs["write"] = s.Write(ctx(t), []Run{ended(occurrence("a", 5000)), ended(occurrence("b", 1))}, []Job{
		{Job: "a", Fingerprint: "f1", Version: 2, Mark: noon.Add(2 * time.Hour)}, {Job: "b", Version: 1},
	})
	errs["rename"] = s.Rename(ctx(t), "b", "c")
	errs["forget"] = s.Forget(ctx(t), "a")
	errs["release"] = s.Release(ctx(t))
	return errs
}

// settledFile makes a file with rows in all tables, and copies it as it is while it is open.
func settledFile(t *testing.T) (path string) {
	t.Helper()
	path = tempFile(t)
	s := open(t, path)
	if _, err := s.Open(ctx(t), "node-1"); err != nil {
		t.Fatal(err)
	}
	var runs []Run
	for second := range 400 {
		r := ended(occurrence("a", second))
		switch {
		case second%40 == 7:
			r.RetryAt = noon.Add(time.Hour)
		case second%40 == 8:
			r.Until, r.Count = r.ScheduledAt.Add(time.Second), 2
		case second%40 == 9:
			r = occurrence("a", second)
		}
		runs = append(runs, r)
	}
	jobs := []Job{{Job: "a", Fingerprint: "f1", Version: 1, Mark: noon.Add(time.Hour)}}
	for i := range 100 {
		jobs = append(jobs, Job{Job: fmt.Sprint("job-", i), Version: 1, Mark: noon, State: []byte(`{"v":1}`)})
	}
	if _, err := s.Write(ctx(t), runs, jobs); err != nil {
		t.Fatal(err)
	}
	say(t, s.conn, "PRAGMA wal_checkpoint(TRUNCATE)")
	copied := tempFile(t)
	copyFiles(t, path, copied)
	return copied
}

// TestEachPageDamaged damages every page of a file in turn, in several ways. Nothing panics or hangs,
// and all errors are ErrCorrupt, or ErrForeign for the first page. If the program before had not closed
// the file, it is not opened.
func TestEachPageDamaged(t *testing.T) {
	const page = 4096
	path := settledFile(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damages := map[string]func(page []byte){
		"noise":       func(p []byte) { fillWith(p, 0xa5) },
		"zeros":       func(p []byte) { fillWith(p, 0) },
		"half a page": func(p []byte) { fillWith(p[len(p)/2:], 0xff) },
		"its header":  func(p []byte) { fillWith(p[:8], 0xff) },
	}
	found := 0
	for start := 0; start < len(text); start += page {
		for name, damage := range damages {
			for _, closed := range []bool{false, true} {
				what := fmt.Sprintf("page %d, %s, closed %v", start/page+1, name, closed)
				damaged := append([]byte(nil), text...)
				if closed {
					damaged = closedFile(t, text)
				}
				damage(damaged[start : start+page])
				copied := tempFile(t)
				write(t, copied, damaged)
				s, err := Open(ctx(t), copied)
				if err != nil {
					found++
					if !errors.Is(err, ErrCorrupt) && !(start == 0 && (errors.Is(err, ErrForeign) || errors.Is(err, ErrNewer))) {
						t.Errorf("%s: Open: %v", what, err)
					}
					continue
				}
				for method, err := range everything(t, s) {
					if err != nil {
						found++
						if !errors.Is(err, ErrCorrupt) {
							t.Errorf("%s: %s: %v", what, method, err)
						}
					}
				}
				_ = s.Close()
			}
		}
	}
	if found == 0 {
		t.Error("no damage was found")
	}
}

// TestNoise damages a few bytes of a file that was closed, so that nobody looks for damage. All errors
// are ErrCorrupt.
func TestNoise(t *testing.T) {
	text, err := os.ReadFile(settledFile(t))
	if err != nil {
		t.Fatal(err)
	}
	text = closedFile(t, text)
	random := rand.New(rand.NewSource(1))
	found := 0
	for round := range 100 {
		damaged := append([]byte(nil), text...)
		for range 30 {
			damaged[4096+random.Intn(len(text)-4096)] = byte(random.Intn(256))
		}
		copied := tempFile(t)
		write(t, copied, damaged)
		s, err := Open(ctx(t), copied)
		errs := map[string]error{"Open": err}
		if err == nil {
			errs = everything(t, s)
			_ = s.Close()
		}
		for method, err := range errs {
			if err == nil {
				continue
			}
			if found++; !errors.Is(err, ErrCorrupt) {
				t.Errorf("round %d: %s: %v", round, method, err)
			}
		}
	}
	if found == 0 {
		t.Error("no damage was found")
	}
}

func fillWith(page []byte, with byte) {
	for i := range page {
		page[i] = with
	}
}

// closedFile is the file as it is after it was opened and closed.
func closedFile(t *testing.T, text []byte) []byte {
	t.Helper()
	path := tempFile(t)
	write(t, path, text)
	if err := open(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestFullAtEachStatement has the disk full at every size that the file passes through while all methods
// are called. They fail with ErrFull or do what they should, and when there is room all is well.
func TestFullAtEachStatement(t *testing.T) {
	path := settledFile(t)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	long := occurrence("long", 1)
	long.Error = strings.Repeat("x", 30_000)
	for room := 0; room < 24; room++ {
		copied := tempFile(t)
		write(t, copied, text)
		s, err := Open(ctx(t), copied, with(fmt.Sprint("max_page_count = ", len(text)/4096+room)))
		if err != nil {
			t.Fatal(err)
		}
		begun, err := s.Begin(ctx(t), long)
		if err != nil && !errors.Is(err, ErrFull) || begun != (err == nil) {
			t.Errorf("room for %d pages: Begin of a long row: %v, %v", room, begun, err)
		}
		done := long
		done.EndedAt, done.Outcome = noon, "failed"
		refused, ended := s.Write(ctx(t), []Run{done}, []Job{{Job: "long", Version: 1, Mark: long.ScheduledAt}})
		if ended != nil && !errors.Is(ended, ErrFull) || len(refused) > 0 {
			t.Errorf("room for %d pages: Write of a long row: %v, %v", room, refused, ended)
		}
		for method, err := range everything(t, s) {
			if err != nil && !errors.Is(err, ErrFull) {
				t.Errorf("room for %d pages: %s: %v", room, method, err)
			}
		}
		want := 0
		if begun || ended == nil {
			want = 1
		}
		if n := rowsOf(t, s, "long"); n != want {
			t.Errorf("room for %d pages: the long row is there %d times, want %d (%v, %v)", room, n, want, begun, ended)
		}
		say(t, s.conn, "PRAGMA max_page_count = 100000")
		for method, err := range everything(t, s) {
			if err != nil && method != "rename" {
				t.Errorf("room for %d pages, and then more: %s: %v", room, method, err)
			}
		}
		var found string
		if err := s.conn.QueryRowContext(ctx(t), "PRAGMA integrity_check").Scan(&found); err != nil || found != "ok" {
			t.Errorf("room for %d pages: %q, %v", room, found, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
