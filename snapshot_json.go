package gocron

import (
	"slices"
	"time"
	"unicode/utf8"

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

type jsonRuns struct {
	Running  jsonStage `json:"running"`
	Waiting  jsonStage `json:"waiting"`
	Retrying jsonStage `json:"retrying"`
}

type jsonStage struct {
	Count int        `json:"count"`
	Rows  []*jsonRun `json:"rows"`
}

type jsonRun struct {
	ID           uint64     `json:"id"`
	JobID        uuid.UUID  `json:"job_id"`
	JobName      string     `json:"job_name"`
	Pool         string     `json:"pool,omitempty"`
	Tags         []string   `json:"tags,omitempty"`
	Trigger      string     `json:"trigger"`
	Attempt      int        `json:"attempt"`
	FencingToken int64      `json:"fencing_token,omitempty"`
	ScheduledAt  *time.Time `json:"scheduled_at,omitempty"`
	QueuedAt     *time.Time `json:"queued_at,omitempty"`
	StartedAt    *time.Time `json:"started_at,omitempty"`
	FinishedAt   *time.Time `json:"finished_at,omitempty"`
	MissedFrom   *time.Time `json:"missed_from,omitempty"`
	MissedTo     *time.Time `json:"missed_to,omitempty"`
	MissedLast   *time.Time `json:"missed_last,omitempty"`
	MissedCount  int        `json:"missed_count,omitempty"`
	Outcome      string     `json:"outcome"`
	Err          string     `json:"err,omitempty"`

	// Of runs that have no outcome.
	Stage       string     `json:"stage,omitempty"`
	WaitsFor    string     `json:"waits_for,omitempty"`
	NextAttempt *time.Time `json:"next_attempt,omitempty"`
}

// newJSONRun is a run as the document has it. Nothing is locked: the error's method is the user's.
func newJSONRun(i *RunInfo) *jsonRun {
	run := &jsonRun{
		ID: i.ID, JobID: i.JobID, JobName: i.JobName, Pool: i.Pool, Tags: i.Tags, Trigger: i.Trigger.String(),
		Attempt: i.Attempt, FencingToken: i.FencingToken, ScheduledAt: timeOrNil(i.ScheduledAt), QueuedAt: timeOrNil(i.QueuedAt),
		StartedAt: timeOrNil(i.StartedAt), FinishedAt: timeOrNil(i.FinishedAt),
		MissedFrom: timeOrNil(i.MissedFrom), MissedTo: timeOrNil(i.MissedTo),
		MissedLast: timeOrNil(i.MissedLast), MissedCount: i.MissedCount, Outcome: i.Outcome.String(),
	}
	if i.Err != nil {
		run.Err = shortened(i.Err.Error())
	}
	return run
}

func runOrNil(i *RunInfo) *jsonRun {
	if i == nil {
		return nil
	}
	return newJSONRun(i)
}

func timeOrNil(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

// shortened is at most 1 KiB of text, in whole characters.
func shortened(text string) string {
	const most = 1024
	if len(text) <= most {
		return text
	}
	end := most - len("…")
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "…"
}

// mostNoted bounds how many runs are taken note of at once: that is done under the lock.
const mostNoted = 10_000

// addRuns adds the runs that have no outcome.
func (p *snapshot) addRuns() error {
	running, retrying, counts := p.s.looseRuns()
	var waiting []runAt
	var err error
	switch {
	case p.filter.asksDefinition():
		waiting, counts, err = p.waitingRuns()
	case counts.Waiting > 0:
		waiting, _, err = p.waitingRuns()
	}
	if err != nil {
		return err
	}
	p.doc.Runs = &jsonRuns{
		Running:  p.stage(running, counts.Running, runStage.hasSlot),
		Waiting:  p.stage(waiting, counts.Waiting, runStage.isWaiting),
		Retrying: p.stage(retrying, counts.Retrying, runStage.isRetrying),
	}
	return nil
}

// A runAt is a run and the time by which it is sorted.
type runAt struct {
	run *run
	at  time.Time
}

// looseRuns are the runs in progress, as far as they are listed, in the order in which they began,
// the runs that wait for their next attempt, in no order, and how many runs there are of each stage.
func (s *scheduler) looseRuns() (running, retrying []runAt, counts Stats) {
	s.lock()
	defer s.unlock()
	for _, sess := range append(slices.Clone(s.unsettled), s.draining, s.session) {
		if sess == nil {
			continue
		}
		for r := sess.inProgress.head; r != nil && len(running) < mostNoted; r = r.next {
			running = append(running, runAt{run: r})
			if r.next == sess.inProgress.head {
				break
			}
		}
	}
	for _, entry := range s.retries.entries[:min(s.retries.len(), mostNoted)] {
		retrying = append(retrying, runAt{entry.item, s.retryTimeLocked(entry.item)})
	}
	return running, retrying, s.statsLocked()
}

// waitingRuns are those that have waited for longest of the runs that wait, in no order and more
// than are asked for, and how many runs the jobs that match have of each stage.
func (p *snapshot) waitingRuns() (waiting []runAt, counts Stats, err error) {
	err = inBatches(p.ctx, p.s.jobList(), lookBatch, func(batch []*internalJob) {
		if p.filter.asksDefinition() {
			batch = slices.DeleteFunc(batch, func(j *internalJob) bool { return !p.filter.matches(j, j.Name()) })
		}
		waiting = p.s.waitingOf(batch, p.filter.runs, waiting, &counts)
		if len(waiting) > mostNoted {
			waiting = firstRuns(waiting, p.filter.runs)
		}
	})
	return waiting, counts, err
}

// waitingOf appends the first n runs of each of a batch of jobs that wait, and counts all runs.
func (s *scheduler) waitingOf(batch []*internalJob, n int, waiting []runAt, counts *Stats) []runAt {
	s.lock()
	defer s.unlock()
	taken := 0
	for _, j := range batch {
		j = j.current()
		waits, granted := j.gate.count()
		counts.Running += granted
		counts.Waiting += waits
		counts.Retrying += j.rareState().attempts.len()
		left := min(n, waits)
		taken += left
		for r := j.gate.waiting.head; left > 0; r = r.next {
			waiting = append(waiting, runAt{r, r.waitsSince()})
			left--
		}
		if taken >= runsBatch { // others get a chance at the lock
			taken = 0
			s.yieldLocked()
		}
	}
	return waiting
}

// firstRuns are the first n of the runs.
func firstRuns(runs []runAt, n int) []runAt {
	slices.SortStableFunc(runs, func(a, b runAt) int { return a.at.Compare(b.at) })
	return runs[:min(n, len(runs))]
}

// stage is the runs as the document has them that are wanted and still in the stage.
func (p *snapshot) stage(runs []runAt, count int, in func(runStage) bool) jsonStage {
	d := jsonStage{Count: count, Rows: []*jsonRun{}}
	if p.filter.asksDefinition() {
		runs = slices.DeleteFunc(runs, func(r runAt) bool { return !p.filter.matches(r.run.job, r.run.job.Name()) })
	}
	for first := firstRuns(runs, p.filter.runs); len(first) > 0; {
		n := min(len(first), lookBatch)
		for _, look := range p.s.lookAtRuns(first[:n], in) {
			row := newJSONRun(&look.info)
			row.Stage, row.WaitsFor, row.NextAttempt = look.stage, look.waitsFor, timeOrNil(look.nextAttempt)
			d.Rows = append(d.Rows, row)
		}
		first = first[n:]
	}
	return d
}

// A runLook is what a run that has no outcome is doing at one moment.
type runLook struct {
	info        RunInfo
	stage       string
	waitsFor    string
	nextAttempt time.Time
}

func (s *scheduler) lookAtRuns(batch []runAt, in func(runStage) bool) (looks []runLook) {
	s.lock()
	defer s.unlock()
	for _, at := range batch {
		r := at.run
		if !in(r.stage) {
			continue
		}
		look := runLook{info: r.info(), stage: "running"}
		if r.stage.isWaiting() {
			look.info.QueuedAt = s.inZone(r.waitsSince())
		}
		switch r.stage {
		case stageAtGate:
			look.stage, look.waitsFor = "waiting", "job"
		case stageForSlot:
			look.stage, look.waitsFor = "waiting", "slot"
		case stageRetrying:
			look.stage, look.nextAttempt = "retrying", s.inZone(s.retryTimeLocked(r))
		}
		looks = append(looks, look)
	}
	return looks
}
