package gocron

import (
	"time"

	"github.com/google/uuid"
)

// The document. Times that are zero are left out.
type jsonSnapshot struct {
	Version   int            `json:"version"`
	At        time.Time      `json:"at"`
	Scheduler *jsonScheduler `json:"scheduler,omitempty"`
	Jobs      *jsonJobs      `json:"jobs,omitempty"`
	Runs      *jsonRuns      `json:"runs,omitempty"`
}

type jsonScheduler struct {
	State         string             `json:"state"`
	Running       bool               `json:"running"`
	MadeAt        *time.Time         `json:"made_at,omitempty"`
	StartedAt     *time.Time         `json:"started_at,omitempty"`
	Location      string             `json:"location"`
	Jobs          int                `json:"jobs"`
	States        map[string]int     `json:"states"`
	Paused        int                `json:"paused"`
	Overdue       int                `json:"overdue"`
	Failing       int                `json:"failing"`
	Made          uint64             `json:"made"`
	Outcomes      map[Outcome]uint64 `json:"outcomes"`
	RunsRunning   int                `json:"runs_running"`
	RunsWaiting   int                `json:"runs_waiting"`
	RunsRetrying  int                `json:"runs_retrying"`
	OldestWaiting float64            `json:"oldest_waiting_seconds"`
	HistorySize   int                `json:"history_size"`
	JobStats      bool               `json:"job_stats"`
	Elector       bool               `json:"elector"`
	Store         string             `json:"store,omitempty"`
	Pools         []jsonPool         `json:"pools"`
}

type jsonPool struct {
	Name          string  `json:"name"`
	Limit         uint    `json:"limit"`
	Mode          string  `json:"mode"`
	QueueLimit    int     `json:"queue_limit"`
	Taken         uint    `json:"taken"`
	Waiting       int     `json:"waiting"`
	Retrying      int     `json:"retrying"`
	OldestWaiting float64 `json:"oldest_waiting_seconds"`
}

type jsonJobs struct {
	Matched int       `json:"matched"`
	Rows    []jsonJob `json:"rows"`
}

type jsonJob struct {
	ID           uuid.UUID          `json:"id"`
	Name         string             `json:"name"`
	Key          string             `json:"key,omitempty"`
	Tags         []string           `json:"tags,omitempty"`
	Kind         string             `json:"kind"`
	Schedule     string             `json:"schedule"`
	Location     string             `json:"location"`
	Pool         string             `json:"pool,omitempty"`
	State        string             `json:"state"`
	Why          string             `json:"why"`
	Paused       *jsonPause         `json:"paused,omitempty"`
	Next         []time.Time        `json:"next,omitempty"`
	NextAttempt  *time.Time         `json:"next_attempt,omitempty"`
	DueSince     *time.Time         `json:"due_since,omitempty"`
	Overdue      bool               `json:"overdue,omitempty"`
	Running      int                `json:"running"`
	Waiting      int                `json:"waiting"`
	Retrying     int                `json:"retrying"`
	RunsLeft     *int               `json:"runs_left,omitempty"`
	RunNowFails  string             `json:"run_now_fails,omitempty"`
	Transient    bool               `json:"transient,omitempty"`
	StoredSince  *time.Time         `json:"stored_since,omitempty"`
	LastStarted  *time.Time         `json:"last_started,omitempty"`
	LastFinished *time.Time         `json:"last_finished,omitempty"`
	LastOutcome  string             `json:"last_outcome,omitempty"`
	Outcomes     map[Outcome]uint64 `json:"outcomes,omitempty"`
	Last         *jsonRun           `json:"last,omitempty"`
	LastSuccess  *jsonRun           `json:"last_success,omitempty"`
	LastFailure  *jsonRun           `json:"last_failure,omitempty"`
	History      []*jsonRun         `json:"history,omitempty"`
}

type jsonPause struct {
	By    string     `json:"by,omitempty"`
	Note  string     `json:"note,omitempty"`
	Since *time.Time `json:"since,omitempty"`
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}
