package sqlite

import (
	"fmt"
	"testing"
	"time"
)

// places counts the rows that are live, and the others.
func places(t testing.TB, s *Store) (live, old int) {
	t.Helper()
	err := s.conn.QueryRowContext(ctx(t), "SELECT (SELECT count(*) FROM live_rows), (SELECT count(*) FROM run_rows)").Scan(&live, &old)
	if err != nil {
		t.Fatal(err)
	}
	return live, old
}

func wantPlaces(t testing.TB, s *Store, when string, wantLive, wantOld int) {
	t.Helper()
	if live, old := places(t, s); live != wantLive || old != wantOld {
		t.Errorf("%s: %d rows are live and %d are not, want %d and %d", when, live, old, wantLive, wantOld)
	}
}

// put writes rows and the marks of the job a: its version n settles all until that second.
func put(t testing.TB, s *Store, version, second int, runs ...Run) {
	t.Helper()
	var jobs []Job
	if version > 0 {
		jobs = []Job{{Job: "a", Version: int64(version), Mark: noon.Add(time.Duration(second) * time.Second)}}
	}
	if refused, err := s.Write(ctx(t), runs, jobs); err != nil || len(refused) > 0 {
		t.Fatal(refused, err)
	}
}

// TestLiveRows has a row go to the settled ones with its end, if the mark has passed it, and else
// when it does.
func TestLiveRows(t *testing.T) {
	for _, keep := range []Option{WithKeep(0, 0), WithKeep(1000, 0)} {
		path := tempFile(t)
		s := open(t, path, keep)
		put(t, s, 1, 0)
		for second := 1; second <= 3; second++ {
			begin(t, s, occurrence("a", second))
		}
		wantPlaces(t, s, "begun", 3, 0)
		put(t, s, 2, 2, ended(occurrence("a", 1)), ended(occurrence("a", 3)))
		wantPlaces(t, s, "two ended, one of them after the mark", 2, 1)
		put(t, s, 3, 3)
		wantPlaces(t, s, "the mark has gone on", 1, 2)
		now := ended(occurrence("a", 9))
		now.Occurrence = false
		put(t, s, 0, 0, now)
		wantPlaces(t, s, "a run that is no occurrence has ended", 1, 3)

		retry := ended(occurrence("a", 2))
		retry.RetryAt = noon.Add(time.Hour)
		put(t, s, 0, 0, retry)
		wantPlaces(t, s, "an attempt has ended, of a run that waits for the next", 1, 3)
		again := occurrence("a", 2)
		again.Attempt = 2
		begin(t, s, again)
		put(t, s, 0, 0, ended(again))
		put(t, s, 4, 4)
		wantPlaces(t, s, "the next has ended, too", 0, 5)

		open := ended(occurrence("a", 3))
		open.EndedAt = time.Time{}
		put(t, s, 0, 0, open)
		wantPlaces(t, s, "an end is taken back", 1, 4)
		begin(t, s, occurrence("a", 1)) // the same run
		wantPlaces(t, s, "a run begins again", 2, 3)
		put(t, s, 0, 0, ended(occurrence("a", 1)), ended(occurrence("a", 3)))

		put(t, s, 0, 0, ended(occurrence("a", 7)))
		wantPlaces(t, s, "one after the mark", 1, 5)
		s = open2(t, s, path)
		put(t, s, 5, 7)
		wantPlaces(t, s, "the mark has gone on after a restart", 0, 6)
		begin(t, s, ended(occurrence("a", 8)))
		put(t, s, 6, 8)
		wantPlaces(t, s, "what has begun had ended before", 0, 7)
	}
}

// TestMarkSetBack has the mark of a job set back, as after a clock that was wrong: Load hands out what
// is after it, and the occurrences are still taken.
func TestMarkSetBack(t *testing.T) {
	s := open(t, tempFile(t))
	put(t, s, 1, 100)
	span := ended(occurrence("a", 10))
	span.Run, span.Count, span.Until = "span", 50, noon.Add(60*time.Second)
	span.ScheduledAt = span.ScheduledAt.Add(time.Millisecond)
	runs := []Run{span}
	for second := range 100 {
		runs = append(runs, ended(occurrence("a", second)))
	}
	put(t, s, 0, 0, runs...)
	wantPlaces(t, s, "settled", 0, 101)
	put(t, s, 2, 50)
	wantPlaces(t, s, "the mark was set back", 50, 51)
	if got := loaded(t, s); len(got) != 50 || got["span"].Run == "" || got["a-50"].Run != "" {
		t.Errorf("Load hands out %d rows: %v", len(got), got)
	}
	for _, second := range []int{20, 70} {
		r := occurrence("a", second)
		r.Run = fmt.Sprint("another-", second)
		if begun, err := s.Begin(ctx(t), r); begun || err != nil {
			t.Errorf("Begin of an occurrence that is taken: %v, %v", begun, err)
		}
	}
	put(t, s, 3, 100)
	wantPlaces(t, s, "the mark is where it was", 0, 101)
	other := []Job{{Job: "a", Fingerprint: "f2", Version: 1, Mark: noon}}
	if _, err := s.Write(ctx(t), nil, other); err != nil {
		t.Fatal(err)
	}
	wantPlaces(t, s, "another schedule has an earlier mark", 0, 101)
}

// TestNamesAreKnown has all jobs remembered when the file is opened, with what is needed to begin a run
// without a look at settled rows.
func TestNamesAreKnown(t *testing.T) {
	path := tempFile(t)
	s := open(t, path)
	put(t, s, 1, 5, ended(occurrence("a", 3)), ended(occurrence("b", 8)), ended(occurrence("b", 7)))
	s = open2(t, s, path)
	for name, want := range map[string]named{
		"a": {mark: keyNanos(noon.Add(5 * time.Second)), newest: keyNanos(noon.Add(5 * time.Second))},
		"b": {mark: noTime, newest: keyNanos(noon.Add(8 * time.Second))},
	} {
		if got := s.names.known[name]; got == nil || got.mark != want.mark || got.newest != want.newest {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

// TestLiveHistory has live rows in the history, and among them what lasts into the time that is asked
// for.
func TestLiveHistory(t *testing.T) {
	s := open(t, tempFile(t))
	span := ended(occurrence("a", 10))
	span.Count, span.Until = 50, noon.Add(60*time.Second)
	put(t, s, 1, 0, span, ended(occurrence("a", 5)), ended(occurrence("a", 50)), ended(occurrence("a", 90)))
	wantPlaces(t, s, "unsettled", 4, 0)
	for want, from := range map[int]int{4: 5, 3: 10, 2: 60, 1: 61} {
		runs, err := s.History(ctx(t), "a", noon.Add(time.Duration(from)*time.Second), time.Time{}, 0)
		if err != nil || len(runs) != want {
			t.Errorf("from %d: %d rows, %v; want %d", from, len(runs), err, want)
		}
	}
}

// TestForgetLive deletes live and settled rows.
func TestForgetLive(t *testing.T) {
	s := open(t, tempFile(t))
	put(t, s, 1, 500)
	var runs []Run
	for second := range 1000 {
		runs = append(runs, ended(occurrence("a", second)))
	}
	put(t, s, 0, 0, runs...)
	wantPlaces(t, s, "half is settled", 499, 501)
	if err := s.Forget(ctx(t), "a"); err != nil {
		t.Fatal(err)
	}
	wantPlaces(t, s, "forgotten", 0, 0)
}
