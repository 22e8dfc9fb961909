package dashboard

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

const (
	nextInJob    = 20
	historyInJob = 100
)

// runRow is one run in a table.
type runRow struct {
	runFacts
	now    time.Time
	Marked bool // the one that was asked for
}

func rowsOf(runs []runFacts, now time.Time) []runRow {
	rows := make([]runRow, len(runs))
	for i, run := range runs {
		rows[i] = runRow{runFacts: run, now: now}
	}
	return rows
}

func (r runRow) Look() look       { return lookOf(r.word()) }
func (r runRow) What() string     { return r.what() }
func (r runRow) Due() moment      { return moment{r.ScheduledAt, r.now} }
func (r runRow) Queued() moment   { return moment{r.QueuedAt, r.now} }
func (r runRow) Started() moment  { return moment{r.StartedAt, r.now} }
func (r runRow) Finished() moment { return moment{r.FinishedAt, r.now} }
func (r runRow) Again() moment    { return moment{r.NextAttempt, r.now} }
func (r runRow) From() moment     { return moment{r.MissedFrom, r.now} }
func (r runRow) To() moment       { return moment{r.MissedTo, r.now} }
func (r runRow) JobLink() string  { return jobLink(r.JobID) }
func (r runRow) Performed() bool  { return !r.StartedAt.IsZero() }
func (r runRow) Took() string     { return duration(r.took()) }
func (r runRow) Late() string     { return duration(r.StartedAt.Sub(r.ScheduledAt)) }

// Waits is what a run waits for.
func (r runRow) Waits() string { return strings.TrimPrefix(r.what(), "waiting for ") }

// Since is from when on it waits.
func (r runRow) Since() moment {
	if r.QueuedAt.IsZero() {
		return r.Due()
	}
	return r.Queued()
}

// jobData is what the page of a job shows.
type jobData struct {
	jobRow
	Scheduler schedulerFacts
	Due       []moment
	Runs      []runRow // the newest first
	Current   []runRow // without an outcome
	Plot      plot
	Window    *windowData
}

// windowData is what happened, or will, in a cell of the grid.
type windowData struct {
	From, To moment
	Runs     []runRow
	Due      []moment
}

// PausedSince is when the pause began.
func (d jobData) PausedSince() moment { return moment{d.Paused.Since, d.now} }

func (d jobData) Attempt() moment { return moment{d.NextAttempt, d.now} }

func (d jobData) OverSince() moment { return moment{d.DueSince, d.now} }

// Where is the job's location, if it does not go without saying.
func (d jobData) Where() string {
	if d.Location == d.Scheduler.Location || strings.Contains(d.Schedule, d.Location) {
		return ""
	}
	return d.Location
}

// LastFailureRow is the last run that failed, nil if none is known.
func (d jobData) LastFailureRow() *runRow {
	if d.LastFailure != nil {
		return &runRow{runFacts: *d.LastFailure, now: d.now}
	}
	for i := len(d.History) - 1; i >= 0; i-- {
		if lookOf(d.History[i].Outcome).Class == "bad" {
			return &runRow{runFacts: d.History[i], now: d.now}
		}
	}
	return nil
}

// Counts are the job's outcomes, those that failed first, if they are counted.
func (d jobData) Counts() (counts []count) { return countsOf(d.Outcomes) }

// count is how many runs have an outcome.
type count struct {
	Look look
	N    uint64
}

func countsOf(outcomes map[string]uint64) (counts []count) {
	for word, n := range outcomes {
		counts = append(counts, count{lookOf(word), n})
	}
	slices.SortFunc(counts, func(a, b count) int {
		if a.Look.worth != b.Look.worth {
			return b.Look.worth - a.Look.worth
		}
		return strings.Compare(a.Look.Word, b.Look.Word)
	})
	return counts
}

func (d *dashboard) jobPage(ctx context.Context, v *visit) (*content, error) {
	id := v.get("id")
	if _, err := uuid.Parse(id); err != nil {
		return nil, noJob(id, nil)
	}
	q := asking("scheduler,jobs,runs").withNumber("next", nextInJob).withNumber("history", historyInJob).withNumber("runs", 100)
	s, job, err := d.oneJob(ctx, id, q)
	if err != nil || job == nil {
		return nil, noJob(id, err)
	}
	now := v.now(s)
	data := jobData{jobRow: rowOf(s, *job, v), Scheduler: s.Scheduler}
	for _, t := range job.Next {
		data.Due = append(data.Due, moment{t, now})
	}
	data.Current = slices.Concat(rowsOf(s.Runs.Running.Rows, now), rowsOf(s.Runs.Retrying.Rows, now), rowsOf(s.Runs.Waiting.Rows, now))
	data.Runs = rowsOf(job.History, now)
	data.Plot = plotOf(job.History)
	slices.Reverse(data.Runs)
	for i := range data.Runs {
		data.Runs[i].Marked = strconv.FormatUint(data.Runs[i].ID, 10) == v.get("run")
	}
	if data.Window, err = d.window(ctx, v, id, now); err != nil {
		return nil, err
	}
	c := &content{title: job.Name, template: "job", data: data, now: s.At}
	for _, name := range []string{"state", "current", "due", "history"} {
		c.add(name, "job-"+name, data)
	}
	c.add("window", "job-window", data)
	return c, nil
}

// window is what a link from the grid asks for.
func (d *dashboard) window(ctx context.Context, v *visit, id string, now time.Time) (*windowData, error) {
	from, fromErr := time.Parse(time.RFC3339, v.get("from"))
	to, toErr := time.Parse(time.RFC3339, v.get("to"))
	if fromErr != nil || toErr != nil || !from.Before(to) {
		return nil, nil
	}
	_, job, err := d.oneJob(ctx, id, gridQuery(from, to))
	if err != nil || job == nil {
		return nil, noJob(id, err)
	}
	w := &windowData{From: moment{from, now}, To: moment{to, now}}
	for _, run := range job.History {
		if !run.lastDue().Before(from) && run.ScheduledAt.Before(to) {
			w.Runs = append(w.Runs, runRow{runFacts: run, now: now})
		}
	}
	for _, t := range job.Next {
		if !t.Before(from) && t.Before(to) {
			w.Due = append(w.Due, moment{t, now})
		}
	}
	return w, nil
}

// noJob is the error of a page of a job that is not there, if it is not another.
func noJob(id string, err error) error {
	if err != nil {
		return err
	}
	return failure(http.StatusNotFound, "The scheduler has no job with the id %q. It may have left.", id)
}
