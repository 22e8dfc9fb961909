package dashboard

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
)

// noon is when the fake scheduler's clock stands.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// fake is a Control that has what a test puts into it, and notes what it is asked and told.
type fake struct {
	mu       sync.Mutex
	snap     snapshot
	err      error // of Snapshot
	refusal  error // of actions
	result   ranRun
	run      func(ctx context.Context) error // of RunAndWait
	asked    []asked
	told     []string
	watchers []func(string, ranRun)
}

// asked is one call of Snapshot.
type asked struct {
	filter url.Values
	cursor string
	limit  int
}

func (f *fake) Snapshot(ctx context.Context, filter, cursor string, limit int) ([]byte, string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	values, err := url.ParseQuery(filter)
	f.asked = append(f.asked, asked{values, cursor, limit})
	if err = errors.Join(err, ctx.Err(), f.err); err != nil {
		return nil, "", err
	}
	out := f.snap
	out.Jobs.Rows = slices.DeleteFunc(slices.Clone(f.snap.Jobs.Rows), func(j jobFacts) bool { return !passes(j, values) })
	out.Jobs.Matched = len(out.Jobs.Rows)
	first, _ := strconv.Atoi(cursor)
	last := min(first+limit, len(out.Jobs.Rows))
	next := ""
	if last < len(out.Jobs.Rows) {
		next = strconv.Itoa(last)
	}
	out.Jobs.Rows = out.Jobs.Rows[first:last]
	for i := range out.Jobs.Rows {
		n, _ := strconv.Atoi(values.Get("history"))
		history := out.Jobs.Rows[i].History
		out.Jobs.Rows[i].History = history[max(0, len(history)-n):]
	}
	text, err := json.Marshal(out)
	return text, next, err
}

func passes(j jobFacts, values url.Values) bool {
	if id := values.Get("id"); id != "" && id != j.ID {
		return false
	}
	if tag := values.Get("tag"); tag != "" && !slices.Contains(j.Tags, tag) {
		return false
	}
	return strings.Contains(j.Name, values.Get("q"))
}

func (f *fake) Watch(_ context.Context, watcher func(string, ranRun)) error {
	f.watchers = append(f.watchers, watcher)
	return nil
}

// change changes what the scheduler has, and tells the watchers.
func (f *fake) change(do func(*snapshot)) {
	f.mu.Lock()
	do(&f.snap)
	f.mu.Unlock()
	for _, watcher := range f.watchers {
		watcher("finished", ranRun{})
	}
}

func (f *fake) tell(format string, args ...any) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.told = append(f.told, fmt.Sprintf(format, args...))
	return f.refusal
}

func (f *fake) RunAndWait(ctx context.Context, id uuid.UUID) (ranRun, error) {
	if err := f.tell("run %s", id); err != nil {
		return ranRun{}, err
	}
	if f.run != nil {
		return f.result, f.run(ctx)
	}
	return f.result, nil
}

func (f *fake) PauseWith(id uuid.UUID, who, note string) error {
	return f.tell("pause %s by %q: %q", id, who, note)
}

func (f *fake) PauseByTagsWith(who, note string, tags ...string) error {
	return f.tell("pause %q by %q: %q", tags, who, note)
}
func (f *fake) Resume(id uuid.UUID) error             { return f.tell("resume %s", id) }
func (f *fake) ResumeByTags(tags ...string) error     { return f.tell("resume %q", tags) }
func (f *fake) Cancel(id uuid.UUID) error             { return f.tell("cancel %s", id) }
func (f *fake) SetLimit(n uint, pool ...string) error { return f.tell("limit %d of %q", n, pool) }

// idOf is the id of the fake's nth job.
func idOf(n int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }

// newFake has a few jobs, of which each is in another state.
func newFake() *fake {
	f := &fake{result: ranRun{ID: 99, JobName: "mail", Outcome: "succeeded", Attempt: 1, ScheduledAt: noon, StartedAt: noon, FinishedAt: noon.Add(time.Second)}}
	f.snap.At = noon
	f.snap.Scheduler = schedulerFacts{State: "running", Running: true, Failing: 1, StartedAt: noon.Add(-time.Hour), MadeAt: noon.Add(-48 * time.Hour), Location: "UTC",
		Jobs: 3, Paused: 1, Made: 1234567, Outcomes: map[string]uint64{"succeeded": 1234000, "failed": 560}, InFlight: 1, Waiting: 1,
		History: 10, JobStats: true, States: map[string]int{"running": 1, "scheduled": 1, "paused": 1}, Oldest: 75,
		Pools: []poolFacts{{Name: "", Limit: 4, Mode: "wait", Taken: 1}, {Name: "probes", Limit: 1, Mode: "wait", Taken: 1, Waiting: 1, Oldest: 75}}}
	history := func(job int, outcomes ...string) (runs []runFacts) {
		for i, outcome := range outcomes {
			at := noon.Add(time.Duration(i-len(outcomes)) * time.Hour)
			run := runFacts{ID: uint64(100*job + i), JobID: idOf(job), ScheduledAt: at, StartedAt: at.Add(time.Second), FinishedAt: at.Add(11 * time.Second), Attempt: 1, Outcome: outcome}
			if outcome == "failed" {
				run.Err = "the disk is full"
			}
			runs = append(runs, run)
		}
		return runs
	}
	f.snap.Jobs.Rows = []jobFacts{
		{ID: idOf(1), Name: "backup", Tags: []string{"nightly"}, Kind: "cron", Schedule: "every day at 03:00", Location: "UTC", State: "running",
			Running: 1, Next: []time.Time{noon.Add(15 * time.Hour), noon.Add(39 * time.Hour)}, LastStarted: noon.Add(-time.Minute), LastOutcome: "failed",
			Why: "running", History: history(1, "succeeded", "failed", "failed")},
		{ID: idOf(2), Name: "mail", Tags: []string{"mail", "nightly"}, Kind: "duration", Schedule: "every 10 minutes", State: "paused",
			Paused: &pauseFacts{By: "alice", Note: "deploy", Since: noon.Add(-time.Hour)}, Next: []time.Time{noon.Add(5 * time.Minute)},
			Why: "paused", History: history(2, "succeeded", "paused", "paused")},
		{ID: idOf(3), Name: "probe", Kind: "duration", Schedule: "every minute", Pool: "probes", State: "waiting", Waiting: 1, Overdue: true,
			DueSince: noon.Add(-75 * time.Second), Next: []time.Time{noon.Add(time.Minute)}, Why: "waiting for a slot (1 of 1 taken in pool \"probes\")"},
	}
	f.snap.Runs.Running = stageFacts{1, []runFacts{{ID: 500, JobID: idOf(1), JobName: "backup", Stage: "running", Outcome: "pending", ScheduledAt: noon.Add(-time.Minute), StartedAt: noon.Add(-time.Minute), Attempt: 1}}}
	f.snap.Runs.Waiting = stageFacts{1, []runFacts{{ID: 501, JobID: idOf(3), JobName: "probe", Pool: "probes", Stage: "waiting", WaitsFor: "slot", Outcome: "pending", ScheduledAt: noon.Add(-75 * time.Second), QueuedAt: noon.Add(-75 * time.Second)}}}
	return f
}

// allow is an Access for everything.
func allow(*http.Request, string) (string, error) { return "alice", nil }

// quiet is a logger that writes nothing.
var quiet = slog.New(slog.NewTextHandler(io.Discard, nil))

// logged is a logger, and what it has written.
func logged() (*slog.Logger, *bytes.Buffer) {
	var b bytes.Buffer
	return slog.New(slog.NewTextHandler(&b, nil)), &b
}

// request is one as the browser of somebody on this machine sends it.
func request(method, path string) *http.Request {
	r := httptest.NewRequest(method, path, nil)
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:54321"
	return r
}

// post is a form that the page itself has sent.
func post(form url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/do", strings.NewReader(form.Encode()))
	r.Host, r.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:54321"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Origin", "null")
	return r
}

func serve(h http.Handler, r *http.Request) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// get wants a page, and returns its HTML.
func get(t *testing.T, h http.Handler, path string) string {
	t.Helper()
	w := serve(h, request(http.MethodGet, path))
	if w.Code != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

// everyPage are the addresses of all pages of the fake.
func everyPage() []string {
	return []string{"/", "/?q=mail&state=paused&outcome=failed&failing=1&tag=nightly&sort=-next", "/grid", "/grid?span=7d&end=2026-03-02T12:00:00Z", "/runs", "/scheduler",
		"/job?id=" + idOf(1), "/job?id=" + idOf(2) + "&from=2026-03-02T09:00:00Z&to=2026-03-02T13:00:00Z", "/job?id=" + idOf(3) + "&done=pause",
		"/confirm?action=run&id=" + idOf(1), "/confirm?action=pause&tag=nightly", "/confirm?action=resume&id=" + idOf(2),
		"/confirm?action=cancel&id=" + idOf(1), "/confirm?action=limit&pool=probes", "/confirm?action=limit&pool="}
}
