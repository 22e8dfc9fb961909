package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"
)

func TestJobsAndTheirHistory(t *testing.T) {
	m := monitorOf(t, configFor(t, answers(404)))
	run := firstCheck(t, m)
	id := run.JobID.String()
	if got := call(m, http.MethodGet, "/jobs").Body.String(); !strings.HasPrefix(got, id+" check site: not due yet; due next at ") ||
		strings.Count(got, "\n") != 1 {
		t.Errorf("got %q", got)
	}
	got := call(m, http.MethodGet, "/job?id="+id).Body.String()
	for _, want := range []string{"check site: not due yet;", "failed", `"404 Not Found"`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %q in\n%s", want, got)
		}
	}
}

func TestPauseAndResume(t *testing.T) {
	m := monitorOf(t, configFor(t, ok))
	firstCheck(t, m)
	for _, c := range []struct{ path, want string }{
		{"/pause?tag=web", " check site: paused; would be due next at "},
		{"/resume?tag=web", " check site: not due yet; due next at "},
	} {
		if w := call(m, http.MethodPost, c.path); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s: got %d %q", c.path, w.Code, w.Body)
		}
	}
}

func TestPausedChecksAreOutcomes(t *testing.T) {
	m := monitorOf(t, configFor(t, ok))
	call(m, http.MethodPost, "/pause?tag=web")
	firstCheck(t, m)
	if err := m.shutdown(); err != nil {
		t.Error(err)
	}
	if got := reported(t, m); !strings.HasSuffix(got, "\nmade 1 = 1 paused\n") {
		t.Errorf("got\n%s", got)
	}
}

func TestRefusedRequests(t *testing.T) {
	m := monitorOf(t, configFor(t, ok))
	for _, c := range []struct {
		method, path string
		want         int
	}{
		{http.MethodGet, "/test?target=site", http.StatusMethodNotAllowed},
		{http.MethodPost, "/jobs", http.StatusMethodNotAllowed},
		{http.MethodGet, "/pause?tag=web", http.StatusMethodNotAllowed},
		{http.MethodPost, "/test?target=other", http.StatusNotFound},
		{http.MethodPost, "/test", http.StatusNotFound},
		{http.MethodPost, "/pause?tag=other", http.StatusNotFound},
		{http.MethodPost, "/resume", http.StatusNotFound},
		{http.MethodGet, "/job?id=x", http.StatusBadRequest},
		{http.MethodGet, "/job?id=" + uuid.NewString(), http.StatusNotFound},
		{http.MethodGet, "/", http.StatusNotFound},
	} {
		if got := call(m, c.method, c.path).Code; got != c.want {
			t.Errorf("%s %s: got %d, want %d", c.method, c.path, got, c.want)
		}
	}
	if got := len(m.scheduler.Jobs()); got != 1 {
		t.Errorf("%d jobs", got)
	}
}

func TestNoTestIsAcceptedAfterShutdown(t *testing.T) {
	m := monitorOf(t, configFor(t, ok))
	m.scheduler.Start()
	if err := m.shutdown(); err != nil {
		t.Error(err)
	}
	if got := call(m, http.MethodPost, "/test?target=site").Code; got != http.StatusServiceUnavailable {
		t.Errorf("got %d", got)
	}
}
