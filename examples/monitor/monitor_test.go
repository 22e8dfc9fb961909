package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/gocron-fixed/gocron/v2"
)

// patience bounds a wait for something that happens at once unless the test
// has failed.
const patience = 10 * time.Second

func receive[T any](t *testing.T, from <-chan T) T {
	t.Helper()
	select {
	case v := <-from:
		return v
	case <-time.After(patience):
		t.Fatal("waited in vain")
		panic("unreachable")
	}
}

// configFor has one target, "site", served by handler and checked when the monitor
// starts and then no more.
func configFor(t *testing.T, handler http.HandlerFunc) config {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return config{
		Limit:     1,
		TestLimit: 1,
		TestQueue: 100,
		Timeout:   duration(patience),
		Attempts:  3,
		Backoff:   1,
		Targets:   []target{{Name: "site", URL: server.URL, Every: duration(time.Hour), Tags: []string{"web"}}},
	}
}

func monitorOf(t *testing.T, cfg config) *monitor {
	t.Helper()
	m, err := newMonitor(cfg, patience)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = m.shutdown() })
	return m
}

func ok(http.ResponseWriter, *http.Request) {}

// answers is a handler that gives one status after the other, the last for ever.
func answers(status ...int) http.HandlerFunc {
	var requests atomic.Int64
	return func(w http.ResponseWriter, _ *http.Request) {
		n := int(requests.Add(1))
		w.WriteHeader(status[min(n, len(status))-1])
	}
}

// tap is a handler whose requests wait until it is opened.
type tap struct{ asked, open chan struct{} }

func newTap() *tap { return &tap{make(chan struct{}, 100), make(chan struct{})} }

func (p *tap) serve(_ http.ResponseWriter, r *http.Request) {
	p.asked <- struct{}{}
	select {
	case <-p.open:
	case <-r.Context().Done():
	}
}

// call sends one request to the monitor's HTTP interface.
func call(m *monitor, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func reported(t *testing.T, m *monitor) string {
	t.Helper()
	var out strings.Builder
	if err := m.report(&out); err != nil {
		t.Error(err)
	}
	return out.String()
}

// firstCheck starts the monitor and returns what became of the check that this makes.
func firstCheck(t *testing.T, m *monitor) gocron.RunInfo {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	id := m.scheduler.Jobs()[0].ID()
	m.scheduler.Start()
	if err := m.controller.Wait(ctx, id); err != nil {
		t.Fatal(err)
	}
	history, err := m.controller.History(id)
	if err != nil || len(history) != 1 {
		t.Fatalf("got %v, %v", history, err)
	}
	return history[0]
}

func TestOutcomeOfACheck(t *testing.T) {
	for name, c := range map[string]struct {
		handler  http.HandlerFunc
		attempts int
		want     gocron.Outcome
		err      string
	}{
		"at once":         {ok, 1, gocron.OutcomeSucceeded, ""},
		"at last":         {answers(503, 500, 200), 3, gocron.OutcomeSucceeded, ""},
		"never":           {answers(503), 3, gocron.OutcomeFailed, "503 Service Unavailable"},
		"permanently not": {answers(404), 1, gocron.OutcomeFailed, "404 Not Found"},
		"no answer": {
			func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			3, gocron.OutcomeFailed, "EOF",
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := firstCheck(t, monitorOf(t, configFor(t, c.handler)))
			if got.Outcome != c.want || got.Attempt != c.attempts {
				t.Errorf("%v after %d attempts", got.Outcome, got.Attempt)
			}
			if (got.Err == nil) != (c.err == "") || got.Err != nil && !strings.Contains(got.Err.Error(), c.err) {
				t.Errorf("got error %v", got.Err)
			}
		})
	}
}

func TestBadURLIsNotTriedAgain(t *testing.T) {
	cfg := configFor(t, ok)
	cfg.Targets[0].URL = ":"
	if got := firstCheck(t, monitorOf(t, cfg)); got.Outcome != gocron.OutcomeFailed || got.Attempt != 1 {
		t.Errorf("%v after %d attempts", got.Outcome, got.Attempt)
	}
}

func TestCheckThatTakesTooLong(t *testing.T) {
	cfg := configFor(t, newTap().serve)
	cfg.Timeout = 1
	got := firstCheck(t, monitorOf(t, cfg))
	if got.Outcome != gocron.OutcomeTimedOut || !errors.Is(got.Err, gocron.ErrRunTimeout) || got.Attempt != 3 {
		t.Errorf("%v after %d attempts: %v", got.Outcome, got.Attempt, got.Err)
	}
}

// The only slot of the checks is taken, and yet a test runs.
func TestTestsHaveSlotsOfTheirOwn(t *testing.T) {
	stuck := newTap()
	m := monitorOf(t, configFor(t, stuck.serve))
	m.scheduler.Start()
	receive(t, stuck.asked)
	if w := call(m, http.MethodPost, "/test?target=site"); w.Code != http.StatusAccepted {
		t.Fatalf("got %d %q", w.Code, w.Body)
	}
	receive(t, stuck.asked)
	close(stuck.open)
	if err := m.shutdown(); err != nil {
		t.Error(err)
	}
	if got := reported(t, m); !strings.HasSuffix(got, "\nmade 2 = 2 succeeded\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestFinishedTestLeaves(t *testing.T) {
	m := monitorOf(t, configFor(t, ok))
	m.scheduler.Start()
	job, err := m.test("site")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := m.controller.Wait(ctx, job.ID()); err != nil && !errors.Is(err, gocron.ErrJobNotFound) {
		t.Error(err)
	}
	if n := len(m.scheduler.Jobs()); n != 1 {
		t.Errorf("%d jobs", n)
	}
}

func TestChecksOfATargetDoNotPileUp(t *testing.T) {
	stuck := newTap()
	m := monitorOf(t, configFor(t, stuck.serve))
	m.scheduler.Start()
	receive(t, stuck.asked)
	if err := m.scheduler.Jobs()[0].RunNow(); err != nil {
		t.Error(err)
	}
	close(stuck.open)
	if err := m.shutdown(); err != nil {
		t.Error(err)
	}
	if got := reported(t, m); !strings.HasSuffix(got, "\nmade 2 = 1 succeeded + 1 skipped-singleton\n") {
		t.Errorf("got\n%s", got)
	}
}

// What waits at the end still runs, and what did not fit into the queue is accounted
// for as well.
func TestEveryTestIsAccountedFor(t *testing.T) {
	const queue, more = 20, 3
	stuck := newTap()
	cfg := configFor(t, stuck.serve)
	cfg.TestQueue = queue
	m := monitorOf(t, cfg)
	m.scheduler.Start()
	receive(t, stuck.asked)
	ids := map[string]bool{}
	for i := 0; i < 1+queue+more; i++ {
		w := call(m, http.MethodPost, "/test?target=site")
		if _, err := uuid.Parse(strings.TrimSpace(w.Body.String())); err != nil || w.Code != http.StatusAccepted {
			t.Fatalf("got %d %q, %v", w.Code, w.Body, err)
		}
		ids[w.Body.String()] = true
	}
	if got := call(m, http.MethodGet, "/stats").Body.String(); !strings.HasPrefix(got,
		"made 25 = 3 dropped-queue-full + 2 running + 20 waiting\n") {
		t.Errorf("got\n%s", got)
	}

	close(stuck.open)
	if err := m.shutdown(); err != nil {
		t.Error(err)
	}
	if got := reported(t, m); !strings.HasSuffix(got, "\nmade 25 = 22 succeeded + 3 dropped-queue-full\n") {
		t.Errorf("got\n%s", got)
	}
	if n := len(m.ledger.finishedTests()); n != len(ids) || n != 1+queue+more {
		t.Errorf("%d ids, %d tests have finished", len(ids), n)
	}
	if got := call(m, http.MethodGet, "/tests").Body.String(); strings.Count(got, "succeeded") != 1+queue ||
		strings.Count(got, gocron.ErrQueueFull.Error()) != more {
		t.Errorf("got\n%s", got)
	}
}

func TestWhatIsCutOffIsAccountedFor(t *testing.T) {
	stuck := newTap()
	m, err := newMonitor(configFor(t, stuck.serve), 1)
	if err != nil {
		t.Fatal(err)
	}
	m.scheduler.Start()
	receive(t, stuck.asked)
	for i := 0; i < 3; i++ {
		if _, err := m.test("site"); err != nil {
			t.Fatal(err)
		}
	}
	receive(t, stuck.asked)
	var stop *gocron.StopError
	if err := m.shutdown(); !errors.As(err, &stop) || len(stop.Dropped) != 2 {
		t.Errorf("got error %v", err)
	}
	if got := reported(t, m); !strings.HasSuffix(got, "\nmade 4 = 4 cancelled\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestReportSaysWhatIsMissing(t *testing.T) {
	m := monitorOf(t, configFor(t, ok))
	firstCheck(t, m)
	if err := m.shutdown(); err != nil {
		t.Error(err)
	}
	m.ledger = newLedger()
	var out strings.Builder
	if err := m.report(&out); !errors.Is(err, errNotAccounted) {
		t.Errorf("got error %v", err)
	}
}
