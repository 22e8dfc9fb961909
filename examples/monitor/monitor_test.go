package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/gocron-fixed/gocron/v2"
)

// patience bounds a wait for something that happens at once unless the test
// has failed.
const patience = 10 * time.Second

func withPatience(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

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

// configFor has one target, served by handler and checked when the monitor
// starts and then no more.
func configFor(t *testing.T, handler http.HandlerFunc) config {
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return config{
		Limit:   1,
		Timeout: duration(patience),
		Targets: []target{{Name: "site", URL: server.URL, Every: duration(time.Hour)}},
	}
}

func ok(http.ResponseWriter, *http.Request) {}

// call sends one request to the monitor's HTTP interface.
func call(m *monitor, method, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	m.handler().ServeHTTP(w, httptest.NewRequest(method, path, nil))
	return w
}

func results(t *testing.T, m *monitor) answer {
	t.Helper()
	w := call(m, http.MethodGet, "/results")
	var body answer
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	return body
}

// Tests asked for while the only slot is taken wait, and each runs once.
func TestEveryAcceptedTestRuns(t *testing.T) {
	const tests = 20
	asked := make(chan struct{})
	goOn := make(chan struct{})
	m, err := newMonitor(configFor(t, func(w http.ResponseWriter, r *http.Request) {
		asked <- struct{}{}
		<-goOn
	}))
	if err != nil {
		t.Fatal(err)
	}
	m.start()
	receive(t, asked) // the first periodic check has the slot

	ids := map[uuid.UUID]bool{}
	for i := 0; i < tests; i++ {
		w := call(m, http.MethodPost, "/test?target=site")
		var body accepted
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || w.Code != http.StatusAccepted {
			t.Fatalf("got %d %q, %v", w.Code, w.Body, err)
		}
		ids[body.ID] = true
	}
	for _, test := range results(t, m).Tests {
		if test.State != stateWaiting {
			t.Errorf("test %v is %s while the slot is taken", test.ID, test.State)
		}
	}

	close(goOn)
	for i := 0; i < tests; i++ {
		receive(t, asked)
	}
	if err := m.shutdown(withPatience(t)); err != nil {
		t.Error(err)
	}
	for _, test := range results(t, m).Tests {
		if !ids[test.ID] || test.State != stateDone {
			t.Errorf("after all: %+v", test)
		}
		delete(ids, test.ID)
	}
	if len(ids) > 0 {
		t.Errorf("%d tests are not in the results", len(ids))
	}
}

func TestPeriodicCheckCountsFailures(t *testing.T) {
	ran := make(chan string, 10)
	tell := func(_ uuid.UUID, name string) { ran <- name }
	tellError := func(_ uuid.UUID, name string, _ error) { ran <- name + " failed" }
	m, err := newMonitor(configFor(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTeapot)
	}), gocron.WithGlobalJobOptions(gocron.WithEventListeners(
		gocron.AfterJobRuns(tell), gocron.AfterJobRunsWithError(tellError),
	)))
	if err != nil {
		t.Fatal(err)
	}
	m.start()
	if got := receive(t, ran); got != "check site failed" {
		t.Errorf("got %q", got)
	}
	if err := m.shutdown(withPatience(t)); err != nil {
		t.Error(err)
	}
	state := results(t, m).Targets[0]
	if state.Status != "418 I'm a teapot" || state.Checks != 1 || state.Failures != 1 {
		t.Errorf("got %+v", state)
	}
}

func TestTestThatNeverRanIsAnError(t *testing.T) {
	m, err := newMonitor(configFor(t, ok)) // and not started
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.requestTest("site"); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.shutdown(ctx); !errors.Is(err, errNeverRan) {
		t.Errorf("got error %v, want %v", err, errNeverRan)
	}
}

func TestNoAnswerIsAFailure(t *testing.T) {
	cfg := configFor(t, ok)
	m, err := newMonitor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	closed := httptest.NewServer(http.HandlerFunc(ok))
	closed.Close()
	if err := m.check(context.Background(), target{Name: "site", URL: closed.URL}); err == nil {
		t.Error("want an error")
	}
	if got := m.board.targetStates()[0]; got.Status != "no answer" || got.Failures != 1 {
		t.Errorf("got %+v", got)
	}
}

func TestCancelledCheckIsNoFailure(t *testing.T) {
	m, err := newMonitor(configFor(t, ok))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.check(ctx, m.cfg.Targets[0]); !errors.Is(err, context.Canceled) {
		t.Errorf("got error %v", err)
	}
	if got := m.board.targetStates()[0]; got.Checks != 0 {
		t.Errorf("got %+v", got)
	}
}

func TestRefusedRequests(t *testing.T) {
	m, err := newMonitor(configFor(t, ok))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/test?target=site", http.StatusMethodNotAllowed},
		{http.MethodPost, "/results", http.StatusMethodNotAllowed},
		{http.MethodPost, "/test?target=other", http.StatusNotFound},
		{http.MethodPost, "/test", http.StatusNotFound},
		{http.MethodGet, "/", http.StatusNotFound},
	} {
		if got := call(m, c.method, c.path).Code; got != c.want {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, got, c.want)
		}
	}
	if asked, _ := m.board.counts(); asked != 0 {
		t.Errorf("%d tests were accepted", asked)
	}
}

func TestNoTestIsAcceptedAfterShutdown(t *testing.T) {
	m, err := newMonitor(configFor(t, ok))
	if err != nil {
		t.Fatal(err)
	}
	m.start()
	if err := m.shutdown(withPatience(t)); err != nil {
		t.Error(err)
	}
	if got := call(m, http.MethodPost, "/test?target=site").Code; got != http.StatusServiceUnavailable {
		t.Errorf("got %d", got)
	}
	if asked, _ := m.board.counts(); asked != 0 {
		t.Errorf("%d tests were accepted", asked)
	}
}
