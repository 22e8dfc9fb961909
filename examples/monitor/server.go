package main

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// server is the HTTP interface of a monitor.
type server struct {
	*http.Server
	url    string
	failed chan error // gets one error when no more requests are taken
}

func listen(address string, handler http.Handler) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &server{
		Server: &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second},
		url:    "http://" + listener.Addr().String(),
		failed: make(chan error, 1),
	}
	go func() { s.failed <- s.Serve(listener) }()
	return s, nil
}

// answer is the body of GET /results.
type answer struct {
	Queue   int           `json:"queue"`
	Targets []targetState `json:"targets"`
	Tests   []testState   `json:"tests"`
}

// accepted is the body of the answer to POST /test.
type accepted struct {
	ID uuid.UUID `json:"id"`
}

func (m *monitor) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/test", only(http.MethodPost, m.serveTest))
	mux.HandleFunc("/results", only(http.MethodGet, m.serveResults))
	return mux
}

func only(method string, next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			http.Error(w, "use "+method, http.StatusMethodNotAllowed)
			return
		}
		next(w, r)
	}
}

func (m *monitor) serveTest(w http.ResponseWriter, r *http.Request) {
	id, err := m.requestTest(r.URL.Query().Get("target"))
	switch {
	case errors.Is(err, errUnknownTarget):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		writeJSON(w, http.StatusAccepted, accepted{ID: id})
	}
}

func (m *monitor) serveResults(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, answer{
		Queue:   m.scheduler.JobsWaitingInQueue(),
		Targets: m.board.targetStates(),
		Tests:   m.board.testStates(),
	})
}

func writeJSON(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// The status line is out: an error now is the client's having gone away.
	_ = json.NewEncoder(w).Encode(body)
}
