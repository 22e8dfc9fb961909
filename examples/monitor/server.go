package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"

	"github.com/gocron-fixed/gocron/v2"
)

// server is the HTTP interface of a monitor.
type server struct {
	http.Server
	url    string
	failed chan error // gets one error when no more requests are taken
}

func listen(address string, handler http.Handler) (*server, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, err
	}
	s := &server{
		Server: http.Server{
			Handler:        handler,
			ReadTimeout:    5 * time.Second,
			WriteTimeout:   10 * time.Second,
			IdleTimeout:    time.Minute,
			MaxHeaderBytes: 16 << 10,
		},
		url:    "http://" + listener.Addr().String(),
		failed: make(chan error, 1),
	}
	go func() { s.failed <- s.Serve(listener) }()
	return s, nil
}

// stop lets the requests in progress finish within the time of grace.
func (s *server) stop(grace time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	return errors.Join(s.Shutdown(ctx), s.Close())
}

// handler answers in plain text. No request has a body that is read.
func (m *monitor) handler() http.Handler {
	mux := http.NewServeMux()
	handle := func(method, path string, serve http.HandlerFunc) {
		mux.HandleFunc(path, only(method, serve))
	}
	handle(http.MethodPost, "/test", m.serveTest)
	handle(http.MethodGet, "/tests", m.serveTests)
	handle(http.MethodGet, "/jobs", m.serveJobs)
	handle(http.MethodGet, "/job", m.serveJob)
	handle(http.MethodGet, "/stats", m.serveStats)
	handle(http.MethodPost, "/pause", m.steer(m.controller.PauseByTags))
	handle(http.MethodPost, "/resume", m.steer(m.controller.ResumeByTags))
	return mux
}

func only(method string, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method != method {
			w.Header().Set("Allow", method)
			http.Error(w, "use "+method, http.StatusMethodNotAllowed)
			return
		}
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		serve(w, r)
	}
}

func (m *monitor) serveTest(w http.ResponseWriter, r *http.Request) {
	job, err := m.test(r.URL.Query().Get("target"))
	switch {
	case errors.Is(err, errUnknownTarget):
		http.Error(w, err.Error(), http.StatusNotFound)
	case err != nil:
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
	default:
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprintln(w, job.ID())
	}
}

func (m *monitor) serveTests(w http.ResponseWriter, _ *http.Request) {
	printRuns(w, m.ledger.finishedTests())
}

func (m *monitor) serveJobs(w http.ResponseWriter, _ *http.Request) {
	m.explain(w, m.scheduler.Jobs())
}

// explain prints a line for each job that is still there.
func (m *monitor) explain(w io.Writer, jobs []gocron.Job) {
	for _, job := range jobs {
		if why, err := m.controller.Explain(job.ID()); err == nil {
			fmt.Fprintln(w, why.JobID, why)
		}
	}
}

func (m *monitor) serveJob(w http.ResponseWriter, r *http.Request) {
	id, err := uuid.Parse(r.URL.Query().Get("id"))
	if err != nil {
		http.Error(w, "no id of a job", http.StatusBadRequest)
		return
	}
	why, err := m.controller.Explain(id)
	if err != nil {
		http.Error(w, err.Error(), http.StatusNotFound)
		return
	}
	history, _ := m.controller.History(id) // none if the job has left meanwhile
	fmt.Fprintln(w, why)
	printRuns(w, history)
}

func printRuns(w io.Writer, runs []gocron.RunInfo) {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "job\tid\tdue\tdone after\tattempts\toutcome\terror")
	for _, run := range runs {
		fmt.Fprintf(table, "%s\t%v\t%s\t%v\t%d\t%v\t", run.JobName, run.JobID,
			run.ScheduledAt.Format(time.RFC3339), run.FinishedAt.Sub(run.ScheduledAt).Round(time.Microsecond),
			run.Attempt, run.Outcome)
		if run.Err != nil {
			fmt.Fprintf(table, "%q", run.Err.Error())
		}
		fmt.Fprintln(table)
	}
	_ = table.Flush() // an error is the client's having gone away
}

func (m *monitor) serveStats(w http.ResponseWriter, _ *http.Request) {
	stats, err := m.controller.Stats()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, equation := balance(stats)
	fmt.Fprintln(w, equation)
	fmt.Fprintln(w, "longest wait now:", stats.OldestWaiting.Round(time.Millisecond))
	m.ledger.print(w)
}

// steer serves what do does to the jobs with a tag, and shows how they are then.
func (m *monitor) steer(do func(...string) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		tag := r.URL.Query().Get("tag")
		jobs := slices.DeleteFunc(m.scheduler.Jobs(), func(job gocron.Job) bool {
			return !slices.Contains(job.Tags(), tag)
		})
		if len(jobs) == 0 {
			http.Error(w, "no job has this tag", http.StatusNotFound)
			return
		}
		if err := do(tag); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		m.explain(w, jobs)
	}
}
