package storetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// A world is a storage, the store that is open on it, and the use that has begun.
type world struct {
	testing.TB
	kind    Kind
	storage Storage
	store   Store
	epoch   int64
}

func newWorld(t testing.TB, kind Kind) *world {
	t.Helper()
	w := &world{TB: t, kind: kind, storage: kind.New(t)}
	w.open()
	t.Cleanup(func() {
		if w.store != nil {
			w.close()
		}
	})
	return w
}

// ctx is one that ends only if something hangs.
func (w *world) ctx() context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	w.Cleanup(cancel)
	return ctx
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// open opens the storage, and begins a use. Its epoch must be higher than all before.
func (w *world) open() {
	w.Helper()
	if w.store == nil {
		w.store = w.storage.Open(w)
	}
	epoch, err := w.store.Open(w.ctx(), "node-1")
	w.must(err)
	if epoch <= w.epoch {
		w.Fatalf("Open: epoch %d after %d: it must rise", epoch, w.epoch)
	}
	w.epoch = epoch
}

func (w *world) close() {
	w.Helper()
	w.must(w.store.Release(w.ctx()))
	if w.storage.Close != nil {
		w.storage.Close(w, w.store)
	}
	w.store = nil
}

// reopen ends the program and starts it again.
func (w *world) reopen() {
	w.Helper()
	w.close()
	w.open()
}

// crash has the program die and starts it again. What cannot outlive it is released instead.
func (w *world) crash() {
	w.Helper()
	if w.storage.Crash == nil {
		w.must(w.store.Release(w.ctx()))
	} else {
		w.storage.Crash(w, w.store)
		w.store = nil
	}
	w.open()
}

func (w *world) begin(r Row) bool {
	w.Helper()
	begun, err := w.store.Begin(w.ctx(), r)
	if err != nil {
		w.Fatalf("Begin of %s: %v", name(r), err)
	}
	return begun
}

// write writes rows, none of which may be refused.
func (w *world) write(rows ...any) {
	w.Helper()
	if refused := w.tryWrite(rows...); len(refused) > 0 {
		w.Fatalf("Write refused the rows of %q", refused)
	}
}

// tryWrite writes rows and returns the names that were refused.
func (w *world) tryWrite(rows ...any) []string {
	w.Helper()
	var runs []Row
	var jobs []Job
	for _, row := range rows {
		switch row := row.(type) {
		case Row:
			runs = append(runs, row)
		case Job:
			jobs = append(jobs, row)
		}
	}
	refused, err := w.store.Write(w.ctx(), runs, jobs)
	w.must(err)
	return refused
}

// load returns what Load hands out, in an order that does not depend on the store.
func (w *world) load() ([]Job, []Row) {
	w.Helper()
	var jobs []Job
	var runs []Row
	w.must(w.store.Load(w.ctx(), func(j Job) error {
		if len(runs) > 0 {
			return errors.New("a job was handed out after a run")
		}
		jobs = append(jobs, j)
		return nil
	}, func(r Row) error {
		runs = append(runs, r)
		return nil
	}))
	sortJobs(jobs)
	sortRows(runs)
	return jobs, runs
}

// wants compares what Load hands out.
func (w *world) wants(jobs []Job, runs []Row) {
	w.Helper()
	gotJobs, gotRuns := w.load()
	jobs, runs = slices.Clone(jobs), slices.Clone(runs)
	sortJobs(jobs)
	sortRows(runs)
	compare(w, "jobs", gotJobs, jobs, equalJobs, func(j Job) string { return j.Job + "/" + j.Fingerprint })
	compare(w, "runs", gotRuns, runs, equalRows, name)
}

// wantsRuns compares the runs that Load hands out.
func (w *world) wantsRuns(runs ...Row) {
	w.Helper()
	_, got := w.load()
	sortRows(runs)
	compare(w, "runs", got, runs, equalRows, name)
}

func compare[T any](t testing.TB, what string, got, want []T, equal func(T, T) bool, name func(T) string) {
	t.Helper()
	names := func(all []T) string {
		var b strings.Builder
		for _, one := range all {
			b.WriteString(" " + name(one))
		}
		return b.String()
	}
	if len(got) != len(want) {
		t.Fatalf("%s: there are%s\nwant%s", what, names(got), names(want))
	}
	for i := range got {
		if !equal(got[i], want[i]) {
			t.Fatalf("%s: there is %+v\nwant %+v", what, got[i], want[i])
		}
	}
}

func name(r Row) string { return fmt.Sprintf("%s/%s/%d", r.Job, r.Run, r.Attempt) }

func sortJobs(jobs []Job) {
	slices.SortFunc(jobs, func(a, b Job) int {
		if c := strings.Compare(a.Job, b.Job); c != 0 {
			return c
		}
		return strings.Compare(a.Fingerprint, b.Fingerprint)
	})
}

func sortRows(rows []Row) {
	slices.SortFunc(rows, func(a, b Row) int {
		if c := strings.Compare(a.Run, b.Run); c != 0 {
			return c
		}
		return a.Attempt - b.Attempt
	})
}

// equalRows compares times as instants, but wants them in UTC, and zero ones as zero.
func equalRows(a, b Row) bool {
	if !sameTimes(a.ScheduledAt, b.ScheduledAt, a.BegunAt, b.BegunAt, a.EndedAt, b.EndedAt, a.RetryAt, b.RetryAt, a.Until, b.Until) ||
		!bytes.Equal(a.Extra, b.Extra) {
		return false
	}
	for _, r := range []*Row{&a, &b} {
		r.ScheduledAt, r.BegunAt, r.EndedAt, r.RetryAt, r.Until, r.Extra = time.Time{}, time.Time{}, time.Time{}, time.Time{}, time.Time{}, nil
	}
	return fmt.Sprintf("%#v", a) == fmt.Sprintf("%#v", b)
}

func equalJobs(a, b Job) bool {
	return a.Job == b.Job && a.Fingerprint == b.Fingerprint && a.Schedule == b.Schedule && a.Version == b.Version &&
		sameTimes(a.FirstSeen, b.FirstSeen, a.Mark, b.Mark) && bytes.Equal(a.State, b.State)
}

func sameTimes(pairs ...time.Time) bool {
	for i := 0; i < len(pairs); i += 2 {
		if !pairs[i].Equal(pairs[i+1]) || pairs[i].IsZero() != pairs[i+1].IsZero() {
			return false
		}
	}
	return true
}

// noon is when the stories of the cases begin.
var noon = time.Date(2026, 3, 14, 12, 0, 0, 0, time.UTC)

// at is so many minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// occurrence is the row of a run of the job's schedule, that has begun. Its id tells job and minute.
func occurrence(job string, minute int) Row {
	return Row{
		Run: fmt.Sprintf("%s-%d", job, minute), Attempt: 1, Job: job, Fingerprint: "f1",
		ScheduledAt: at(minute), Zone: "Europe/Berlin", Trigger: "schedule", Occurrence: true,
		Node: "node-1", Epoch: 7, BegunAt: at(minute).Add(time.Millisecond), Count: 1,
	}
}

// ended is r with an outcome.
func ended(r Row, outcome string) Row {
	r.EndedAt, r.Outcome = r.BegunAt.Add(time.Second), outcome
	return r
}

// uncalled is r as of a run whose task was not called.
func uncalled(r Row, outcome string) Row {
	r.Attempt, r.EndedAt, r.BegunAt, r.RetryAt, r.Outcome = 0, at(90), time.Time{}, time.Time{}, outcome
	return r
}

// job is the first row of a job, with everything due by a minute settled.
func job(name string, minute int) Job {
	return Job{
		Job: name, Fingerprint: "f1", Schedule: "every minute", FirstSeen: at(-60), Mark: at(minute),
		Version: 1, State: []byte(`{"v":1}`),
	}
}
