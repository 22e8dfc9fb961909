package storetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var cases = []testCase{
	{"epochs rise", epochsRise},
	{"one use at a time", oneUse},
	{"rows come back as they were", rowsComeBack},
	{"rows are copies", rowsAreCopies},
	{"Begin takes an occurrence once", beginOnce},
	{"Begin of what is no occurrence", beginOther},
	{"Begin again", beginAgain},
	{"Begin of a later attempt", beginAttempt},
	{"Load hands out what somebody has to see to", loadHandsOut},
	{"Load goes by the newest mark of a job", loadNewestMark},
	{"Load ends with an error", loadEnds},
	{"Write replaces", writeReplaces},
	{"Write compares versions", writeVersions},
	{"a row that cannot be written", writeBad},
	{"a context that has ended", endedContext},
	{"History", history},
	{"Rename", rename},
	{"Forget", forget},
	{"the optional methods", optionalMethods},
	{"many Begin at once", manyBegin},
	{"many Begin the same", manySame},
	{"all at once", allAtOnce},
	{"a crash loses nothing", crashLosesNothing},
	{"random programs", randomPrograms},
}

func epochsRise(w *world) {
	for range 3 {
		w.must(w.store.Release(w.ctx()))
		w.open() // which compares
		w.reopen()
		w.crash()
	}
}

func oneUse(w *world) {
	_, err := w.store.Open(w.ctx(), "node-2")
	if err == nil {
		w.Fatal("a second Open was not refused")
	}
	if !strings.Contains(err.Error(), "node-1") {
		w.Errorf("Open: %q does not say that node-1 uses the store", err)
	}
	w.must(w.store.Release(w.ctx()))
	w.open()
}

func rowsComeBack(w *world) {
	full := Row{
		Run: "run-ü", Attempt: 3, Job: "job 'one'; \"two\" 日本", Fingerprint: "cron:0 3 * * *|Europe/Berlin",
		ScheduledAt: time.Date(2026, 10, 25, 2, 30, 0, 123456789, time.UTC), Zone: "Europe/Berlin", Trigger: "catch-up",
		Occurrence: true, Node: "node\t1", Epoch: 1 << 40, BegunAt: time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC),
		Outcome: "", Error: "line one\nline two: " + strings.Repeat("é", 500), RetryAt: time.Date(2200, 1, 1, 0, 0, 0, 1, time.UTC),
		Until: time.Date(1969, 12, 31, 23, 59, 59, 999999999, time.UTC), Count: 1 << 30, Extra: []byte("{\"v\":1,\"x\":\"\u0001\"}"),
	}
	least := Row{Run: "r", Job: "j", ScheduledAt: at(1), Occurrence: true}
	one := Job{
		Job: full.Job, Fingerprint: full.Fingerprint, Schedule: "at 03:00", FirstSeen: time.Date(1815, 12, 10, 1, 2, 3, 4, time.UTC),
		Mark: at(0).Add(1), Version: 1, State: []byte(`{"v":1}`),
	}
	bare := Job{Job: "j", Version: 1}
	w.write(full, least, one, bare)
	for range 2 {
		w.wants([]Job{one, bare}, []Row{full, least})
		_, runs := w.load()
		for _, r := range runs {
			if _, offset := r.ScheduledAt.Zone(); offset != 0 {
				w.Errorf("ScheduledAt %v: must be in UTC", r.ScheduledAt)
			}
		}
		w.crash()
	}
}

func rowsAreCopies(w *world) {
	r, j := occurrence("a", 1), job("a", 0)
	r.Extra = []byte(`{"v":1}`)
	want, wantJob := r, j
	want.Extra, wantJob.State = slices.Clone(r.Extra), slices.Clone(j.State)
	w.begin(r)
	w.write(j)
	clear(r.Extra)
	clear(j.State)
	jobs, runs := w.load()
	clear(runs[0].Extra)
	clear(jobs[0].State)
	w.wants([]Job{wantJob}, []Row{want})
}

func beginOnce(w *world) {
	first, second := occurrence("a", 1), occurrence("a", 1)
	second.Run = "another"
	if !w.begin(first) {
		w.Fatal("the first Begin was refused")
	}
	if w.begin(second) {
		w.Error("an occurrence that has a row was begun again")
	}
	w.write(ended(first, "succeeded"))
	if w.begin(second) {
		w.Error("an occurrence that has run was begun again")
	}
	if !w.begin(occurrence("a", 2)) || !w.begin(occurrence("b", 1)) {
		w.Error("another time or another job was refused")
	}
	skipped, late := uncalled(occurrence("a", 3), "skipped"), occurrence("a", 3)
	late.Run = "late"
	w.write(skipped)
	w.crash()
	if w.begin(late) {
		w.Error("an occurrence that was skipped was begun")
	}
	w.wantsRuns(ended(first, "succeeded"), occurrence("a", 2), occurrence("b", 1), skipped)
}

func beginOther(w *world) {
	now := occurrence("a", 1)
	now.Run, now.Occurrence, now.Trigger = "now-1", false, "run-now"
	again := now
	again.Run = "now-2"
	scheduled := occurrence("a", 1)
	for _, r := range []Row{now, again, scheduled} {
		if !w.begin(r) {
			w.Errorf("Begin of %s was refused: only two occurrences exclude each other", name(r))
		}
	}
	again.Run = "now-3"
	if !w.begin(again) {
		w.Error("Begin of what is no occurrence was refused, as an occurrence has that time")
	}
}

func beginAgain(w *world) {
	r := occurrence("a", 1)
	w.begin(r)
	r.BegunAt, r.Node = r.BegunAt.Add(time.Second), "node-9"
	if !w.begin(r) {
		w.Error("Begin of the same attempt was refused: its answer may have been lost")
	}
	w.wantsRuns(r)
}

func beginAttempt(w *world) {
	first := ended(occurrence("a", 1), "failed")
	first.RetryAt = at(5)
	second := occurrence("a", 1)
	second.Attempt = 2
	w.write(job("a", 1))
	w.begin(occurrence("a", 1))
	w.write(first)
	w.wantsRuns(first)
	if !w.begin(second) {
		w.Fatal("the second attempt was refused: it is of the same run")
	}
	first.RetryAt = time.Time{}
	w.write(first)
	w.wantsRuns(second)
	other := occurrence("a", 1)
	other.Run, other.Attempt = "other", 2
	if w.begin(other) {
		w.Error("an attempt of another run was begun")
	}
	w.wantsRuns(second)
}

func loadHandsOut(w *world) {
	w.write(job("a", 10), job("b", 20))
	settledOpen := occurrence("a", 1)
	retry := ended(occurrence("a", 2), "failed")
	retry.RetryAt = at(30)
	later := ended(occurrence("a", 11), "succeeded")
	skipped := uncalled(occurrence("a", 12), "skipped")
	openNow := occurrence("a", 13)
	openNow.Occurrence = false
	laterB := occurrence("b", 21)
	missed := uncalled(occurrence("a", 8), "missed")
	missed.Until, missed.Count = at(14), 7 // the last of them is not settled
	want := []Row{settledOpen, retry, later, skipped, openNow, laterB, missed}
	endedNow := ended(openNow, "succeeded")
	endedNow.Run = "ended-now"
	never := uncalled(occurrence("a", 9), "cancelled")
	missedB := uncalled(occurrence("b", 3), "missed")
	missedB.Until, missedB.Count = at(20), 5
	others := []Row{
		ended(occurrence("a", 3), "succeeded"), ended(occurrence("a", 10), "failed"),
		uncalled(occurrence("a", 4), "missed"), ended(occurrence("b", 15), "succeeded"), endedNow, never, missedB,
	}
	for _, r := range slices.Concat(want, others) {
		w.write(r)
	}
	w.wants([]Job{job("a", 10), job("b", 20)}, want)
	w.reopen()
	w.wants([]Job{job("a", 10), job("b", 20)}, want)
}

func loadNewestMark(w *world) {
	old, new := job("a", 5), job("a", 10)
	new.Fingerprint = "f2"
	ninth, eleventh := ended(occurrence("a", 9), "succeeded"), ended(occurrence("a", 11), "succeeded")
	other := ended(occurrence("b", 9), "succeeded")
	w.write(ninth, eleventh, other)
	w.wantsRuns(ninth, eleventh, other) // no mark: nothing is settled
	w.write(old, new)
	w.wants([]Job{old, new}, []Row{eleventh, other})
}

func loadEnds(w *world) {
	w.write(job("a", 0), job("b", 0), occurrence("a", 1), occurrence("a", 2))
	enough := errors.New("enough")
	calls := 0
	err := w.store.Load(w.ctx(), func(Job) error { calls++; return enough }, func(Row) error { calls++; return nil })
	if !errors.Is(err, enough) || calls != 1 {
		w.Errorf("Load went on after an error of job: %d calls, error %v", calls, err)
	}
	calls = 0
	err = w.store.Load(w.ctx(), func(Job) error { return nil }, func(Row) error { calls++; return enough })
	if !errors.Is(err, enough) || calls != 1 {
		w.Errorf("Load went on after an error of run: %d calls, error %v", calls, err)
	}
	if _, runs := w.load(); len(runs) != 2 {
		w.Errorf("Load hands out %d rows after one that was ended, not 2", len(runs))
	}
}

func writeReplaces(w *world) {
	r := occurrence("a", 1)
	w.begin(r)
	r = ended(r, "failed")
	r.Error, r.Extra = "it went wrong", []byte("{}")
	second := occurrence("a", 1)
	second.Attempt = 2
	w.write(r, second)
	w.wantsRuns(r, second)
	r.Error, r.Extra, r.Outcome = "", nil, "interrupted"
	w.write(r)
	w.wantsRuns(r, second)
	missed := uncalled(occurrence("a", 5), "missed")
	missed.Until, missed.Count = at(8), 4
	w.write(missed)
	missed.Until, missed.Count = at(9), 5
	w.write(missed)
	w.wantsRuns(r, second, missed)
	w.write() // nothing is nothing
}

func writeVersions(w *world) {
	version := func(name, fingerprint string, version int64) Job {
		j := job(name, int(version))
		j.Fingerprint, j.Version = fingerprint, version
		return j
	}
	refuses := func(want []string, rows ...any) {
		w.Helper()
		if got := w.tryWrite(rows...); !slices.Equal(got, want) {
			w.Errorf("Write refused %q, want %q", got, want)
		}
	}
	refuses(nil, version("a", "f1", 1), version("b", "f1", 1))
	refuses(nil, version("a", "f1", 2), version("a", "f2", 1))
	refuses([]string{"a"}, version("a", "f1", 2), version("b", "f1", 2))
	refuses([]string{"a"}, version("a", "f1", 1), occurrence("a", 30))
	refuses([]string{"a"}, version("a", "f1", 4))
	refuses([]string{"new"}, version("new", "f1", 2))
	refuses(nil, version("a", "f1", 3))
	w.crash()
	jobs, runs := w.load()
	compare(w, "jobs", jobs, []Job{version("a", "f1", 3), version("a", "f2", 1), version("b", "f1", 2)}, equalJobs,
		func(j Job) string { return j.Job })
	if len(runs) != 1 || !equalRows(runs[0], occurrence("a", 30)) {
		w.Error("a row beside a refused one was not written")
	}
}

func writeBad(w *world) {
	if w.kind.Bad == nil {
		w.Skip("the store takes every row")
	}
	if _, err := w.store.Begin(w.ctx(), *w.kind.Bad); err == nil {
		w.Error("Begin took the bad row")
	}
	good, last := occurrence("a", 1), occurrence("a", 2)
	refused, err := w.store.Write(w.ctx(), []Row{good, *w.kind.Bad, last}, []Job{job("a", 0)})
	if err == nil || len(refused) > 0 {
		w.Errorf("Write of a bad row: refused %q, error %v", refused, err)
	}
	w.wants([]Job{job("a", 0)}, []Row{good, last})
}

func endedContext(w *world) {
	ctx, cancel := context.WithCancel(w.ctx())
	cancel()
	if begun, err := w.store.Begin(ctx, occurrence("a", 1)); err == nil || begun {
		w.Errorf("Begin: %v, %v", begun, err)
	}
	if _, err := w.store.Write(ctx, []Row{occurrence("a", 2)}, []Job{job("a", 0)}); err == nil {
		w.Error("Write returns no error")
	}
	w.wants(nil, nil)
}

func history(w *world) {
	h, ok := w.store.(historian)
	if !ok {
		w.Skip("the store has no History")
	}
	var rows []Row
	for minute := range 10 {
		rows = append(rows, ended(occurrence("a", minute), "succeeded"))
	}
	missed := uncalled(occurrence("a", 20), "missed")
	missed.Until, missed.Count = at(29), 10
	w.write(job("a", 60), ended(occurrence("b", 5), "failed"), missed)
	for _, r := range rows {
		w.write(r)
	}
	check := func(from, to time.Time, limit int, want ...Row) {
		w.Helper()
		got, err := h.History(w.ctx(), "a", from, to, limit)
		w.must(err)
		compare(w, "History", got, want, equalRows, name)
	}
	newest := append([]Row{missed}, rows...)
	slices.Reverse(newest[1:])
	check(time.Time{}, time.Time{}, 0, newest...)
	check(time.Time{}, time.Time{}, 3, newest[:3]...)
	check(at(3), at(5), 0, rows[5], rows[4], rows[3])
	check(at(3), at(5).Add(-1), 0, rows[4], rows[3])
	check(at(3).Add(1), at(5), 1, rows[5])
	check(time.Time{}, at(1), 0, rows[1], rows[0])
	check(at(9), time.Time{}, 0, missed, rows[9])
	check(at(25), at(26), 0, missed) // some of it lies there
	check(at(29), at(40), 0, missed)
	check(at(30), at(40), 0)
	if got, err := h.History(w.ctx(), "nobody", time.Time{}, time.Time{}, 0); err != nil || len(got) > 0 {
		w.Errorf("History of an unknown job: %v, %v", got, err)
	}
}

func rename(w *world) {
	s, ok := w.store.(renamer)
	if !ok {
		w.Skip("the store has no Rename")
	}
	r, j, other := occurrence("a", 1), job("a", 0), occurrence("b", 1)
	w.begin(r)
	w.begin(other)
	w.write(j)
	w.must(s.Rename(w.ctx(), "a", "new"))
	r.Job, j.Job = "new", "new"
	w.wants([]Job{j}, []Row{r, other})
	again := occurrence("new", 1)
	if w.begin(again) {
		w.Error("an occurrence that has run under the old name was begun")
	}
	j.Version = 2
	w.write(j)

	// Two jobs do not become one.
	old := job("a", 30)
	w.write(old)
	if err := s.Rename(w.ctx(), "a", "new"); err == nil {
		w.Error("a job was given the name of another one")
	}
	w.wants([]Job{old, j}, []Row{r, other})
}

func forget(w *world) {
	s, ok := w.store.(forgetter)
	if !ok {
		w.Skip("the store has no Forget")
	}
	other, second := occurrence("b", 1), job("a", 3)
	second.Fingerprint = "f2"
	w.write(job("a", 5), second, job("b", 0))
	w.begin(other)
	var rows []Row
	for minute := range 1000 {
		rows = append(rows, ended(occurrence("a", minute), "succeeded"))
	}
	_, err := w.store.Write(w.ctx(), rows, nil)
	w.must(err)
	w.must(s.Forget(w.ctx(), "a"))
	w.wants([]Job{job("b", 0)}, []Row{other})
	w.must(s.Forget(w.ctx(), "a"))
	if !w.begin(occurrence("a", 1)) {
		w.Error("an occurrence of a job that was forgotten was refused")
	}
	w.write(job("a", 0))
}

func optionalMethods(w *world) {
	for method, has := range map[string]bool{
		"History": implements[historian](w.store), "Rename": implements[renamer](w.store),
		"Forget": implements[forgetter](w.store), "Shared": implements[interface{ Shared() bool }](w.store),
	} {
		if there := hasMethod(w.store, method); there != has {
			w.Errorf("the method %s has another signature than it must have", method)
		}
	}
}

const callers = 32

func manyBegin(w *world) {
	w.write(job("a", -1))
	var want []Row
	for minute := range callers * 20 {
		want = append(want, occurrence("a", minute))
	}
	together(callers, func(i int) {
		for _, r := range want[i*20 : (i+1)*20] {
			if begun, err := w.store.Begin(w.ctx(), r); err != nil || !begun {
				w.Errorf("Begin of %s: %v, %v", name(r), begun, err)
			}
		}
	})
	w.crash()
	w.wantsRuns(want...)
}

func manySame(w *world) {
	var begun [50]atomic.Int32
	together(callers, func(i int) {
		for minute := range begun {
			r := occurrence("a", minute)
			r.Run = fmt.Sprintf("%d-%d", i, minute)
			ok, err := w.store.Begin(w.ctx(), r)
			if err != nil {
				w.Error(err)
			}
			if ok {
				begun[minute].Add(1)
			}
		}
	})
	for minute := range begun {
		if n := begun[minute].Load(); n != 1 {
			w.Errorf("the occurrence of minute %d was begun %d times", minute, n)
		}
	}
	if _, runs := w.load(); len(runs) != len(begun) {
		w.Errorf("there are %d rows, not %d", len(runs), len(begun))
	}
}

// allAtOnce has jobs with a run each minute, begun, ended and marked, while others read.
func allAtOnce(w *world) {
	const minutes = 20
	together(callers, func(i int) {
		name := fmt.Sprintf("job-%d", i)
		for minute := range minutes {
			r := occurrence(name, minute)
			if begun, err := w.store.Begin(w.ctx(), r); err != nil || !begun {
				w.Errorf("Begin: %v, %v", begun, err)
			}
			j := job(name, minute)
			j.Version = int64(minute) + 1
			refused, err := w.store.Write(w.ctx(), []Row{ended(r, "succeeded")}, []Job{j})
			if err != nil || len(refused) > 0 {
				w.Errorf("Write: %q, %v", refused, err)
			}
			if i == 0 {
				_ = w.store.Load(w.ctx(), func(Job) error { return nil }, func(Row) error { return nil })
			}
		}
	})
	jobs, runs := w.load()
	if len(runs) > 0 || len(jobs) != callers {
		w.Errorf("Load hands out %d jobs and %d runs, not %d and 0", len(jobs), len(runs), callers)
	}
	for _, j := range jobs {
		if j.Version != minutes || !j.Mark.Equal(at(minutes-1)) {
			w.Errorf("%s has version %d, mark %v", j.Job, j.Version, j.Mark)
		}
	}
}

func crashLosesNothing(w *world) {
	if w.storage.Crash == nil {
		w.Skip("nothing outlives the process")
	}
	var want []Row
	for i := range 10 {
		for minute := range 7 {
			r := occurrence("a", i*10+minute)
			w.begin(r)
			if minute%2 == 0 {
				r = ended(r, "succeeded")
				w.write(r)
			}
			want = append(want, r)
		}
		w.crash()
		w.wantsRuns(slices.Clone(want)...)
	}
}

// together calls f n times at once.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Add(1)
		go func() {
			defer all.Done()
			f(i)
		}()
	}
	all.Wait()
}
