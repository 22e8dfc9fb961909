package dashboard

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"
)

// snapshot is what Control.Snapshot returns, as far as the pages show it.
type snapshot struct {
	At        time.Time      `json:"at"`
	Scheduler schedulerFacts `json:"scheduler"`
	Jobs      struct {
		Matched int        `json:"matched"`
		Rows    []jobFacts `json:"rows"`
	} `json:"jobs"`
	Runs struct {
		Running  stageFacts `json:"running"`
		Waiting  stageFacts `json:"waiting"`
		Retrying stageFacts `json:"retrying"`
	} `json:"runs"`

	next string // the cursor of the next page, "" on the last
}

type schedulerFacts struct {
	State     string            `json:"state"`
	Running   bool              `json:"running"`
	StartedAt time.Time         `json:"started_at"` // the last time
	MadeAt    time.Time         `json:"made_at"`
	Location  string            `json:"location"`
	Jobs      int               `json:"jobs"`
	Paused    int               `json:"paused"`
	Overdue   int               `json:"overdue"`
	Failing   int               `json:"failing"`
	States    map[string]int    `json:"states"`
	Made      uint64            `json:"made"`
	Outcomes  map[string]uint64 `json:"outcomes"`
	InFlight  int               `json:"runs_running"`
	Waiting   int               `json:"runs_waiting"`
	Retrying  int               `json:"runs_retrying"`
	Oldest    float64           `json:"oldest_waiting_seconds"`
	History   int               `json:"history_size"`
	JobStats  bool              `json:"job_stats"`
	Elector   bool              `json:"elector"`
	Store     string            `json:"store"`
	Pools     []poolFacts       `json:"pools"`
}

type poolFacts struct {
	Name       string  `json:"name"`
	Limit      uint    `json:"limit"`
	Mode       string  `json:"mode"`
	Taken      uint    `json:"taken"`
	Waiting    int     `json:"waiting"`
	Retrying   int     `json:"retrying"`
	QueueLimit int     `json:"queue_limit"`
	Oldest     float64 `json:"oldest_waiting_seconds"`
}

// stageFacts are the runs of one stage. Rows may be fewer than Count.
type stageFacts struct {
	Count int        `json:"count"`
	Rows  []runFacts `json:"rows"`
}

type pauseFacts struct {
	By    string    `json:"by"`
	Note  string    `json:"note"`
	Since time.Time `json:"since"`
}

type jobFacts struct {
	ID           string            `json:"id"`
	Name         string            `json:"name"`
	Key          string            `json:"key"`
	Tags         []string          `json:"tags"`
	Kind         string            `json:"kind"`
	Schedule     string            `json:"schedule"`
	Location     string            `json:"location"`
	Pool         string            `json:"pool"`
	State        string            `json:"state"`
	Why          string            `json:"why"`
	Paused       *pauseFacts       `json:"paused"`
	Next         []time.Time       `json:"next"`
	NextAttempt  time.Time         `json:"next_attempt"`
	DueSince     time.Time         `json:"due_since"`
	Overdue      bool              `json:"overdue"`
	Running      int               `json:"running"`
	Waiting      int               `json:"waiting"`
	Retrying     int               `json:"retrying"`
	RunsLeft     *int              `json:"runs_left"`
	RunNowFails  string            `json:"run_now_fails"`
	StoredSince  time.Time         `json:"stored_since"`
	LastStarted  time.Time         `json:"last_started"`
	LastFinished time.Time         `json:"last_finished"`
	LastOutcome  string            `json:"last_outcome"`
	Outcomes     map[string]uint64 `json:"outcomes"`
	Last         *runFacts         `json:"last"`
	LastSuccess  *runFacts         `json:"last_success"`
	LastFailure  *runFacts         `json:"last_failure"`
	History      []runFacts        `json:"history"`
}

type runFacts struct {
	ID          uint64    `json:"id"`
	JobID       string    `json:"job_id"`
	JobName     string    `json:"job_name"`
	Trigger     string    `json:"trigger"`
	Stage       string    `json:"stage"` // of a run that has no outcome: running, waiting, retrying
	Pool        string    `json:"pool"`
	WaitsFor    string    `json:"waits_for"`
	ScheduledAt time.Time `json:"scheduled_at"`
	QueuedAt    time.Time `json:"queued_at"`
	StartedAt   time.Time `json:"started_at"`
	FinishedAt  time.Time `json:"finished_at"`
	NextAttempt time.Time `json:"next_attempt"`
	MissedFrom  time.Time `json:"missed_from"`
	MissedTo    time.Time `json:"missed_to"`
	MissedLast  time.Time `json:"missed_last"`
	MissedCount int       `json:"missed_count"`
	Attempt     int       `json:"attempt"`
	Outcome     string    `json:"outcome"`
	Err         string    `json:"err"`
}

// query is what a page asks of Snapshot.
type query struct {
	values url.Values
	cursor string
	limit  int
}

// asking makes a query for parts of the snapshot.
func asking(parts string) query { return query{values: url.Values{"parts": {parts}}} }

func (q query) with(key, value string) query {
	if value != "" {
		q.values.Add(key, value)
	}
	return q
}

func (q query) withNumber(key string, n int) query { return q.with(key, strconv.Itoa(n)) }

func (q query) withTime(key string, t time.Time) query { return q.with(key, t.Format(time.RFC3339)) }

// snapshot asks the scheduler.
func (d *dashboard) snapshot(ctx context.Context, q query) (*snapshot, error) {
	text, next, err := d.control.Snapshot(ctx, q.values.Encode(), q.cursor, q.limit)
	if err != nil {
		return nil, err
	}
	s := &snapshot{next: next}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("dashboard: the scheduler's snapshot: %w", err)
	}
	return s, nil
}

// oneJob asks for one job. It returns nil if there is none with the id.
func (d *dashboard) oneJob(ctx context.Context, id string, q query) (*snapshot, *jobFacts, error) {
	q.limit = 1
	s, err := d.snapshot(ctx, q.with("id", id))
	if err != nil || len(s.Jobs.Rows) == 0 {
		return s, nil, err
	}
	return s, &s.Jobs.Rows[0], nil
}
