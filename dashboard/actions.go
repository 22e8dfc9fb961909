package dashboard

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

const (
	mostNote = 500     // characters
	mostForm = 8 << 10 // bytes
	mostWait = 10 * time.Second
)

// order is what somebody asks for: an action, and a job, a tag or a pool.
type order struct {
	Action  string
	Job     string // an id
	Tag     string
	Pool    string
	HasPool bool // also for "", the scheduler's own limit
	Note    string
	Limit   uint
}

// orderOf reads an order. It is refused if the action does not fit what it is for.
func orderOf(values url.Values) (o order, err error) {
	o = order{Action: values.Get("action"), Job: values.Get("id"), Tag: values.Get("tag"), Pool: values.Get("pool"),
		HasPool: values.Has("pool"), Note: strings.TrimSpace(values.Get("note"))}
	ofJob, ofTag := o.Job != "" && o.Tag == "" && !o.HasPool, o.Tag != "" && o.Job == "" && !o.HasPool
	fits := false
	switch o.Action {
	case ActionRun, ActionCancel:
		fits = ofJob
	case ActionPause, ActionResume:
		fits = ofJob || ofTag
	case ActionLimit:
		fits = o.HasPool && o.Job == "" && o.Tag == ""
	}
	if _, idErr := uuid.Parse(o.Job); !fits || ofJob && idErr != nil {
		return o, failure(http.StatusBadRequest, "This is not an action of the page, or not one for that.")
	}
	if utf8.RuneCountInString(o.Note) > mostNote {
		return o, failure(http.StatusBadRequest, "The note has more than %d characters.", mostNote)
	}
	return o, nil
}

// confirmData is what the page that asks before an action shows.
type confirmData struct {
	order
	Name    string // of the job
	State   string
	Why     string
	Jobs    []jobRow // that have the tag, the first of them
	Matched int
	Current poolFacts
	Wait    string
	MaxNote int
}

func (c confirmData) More() int { return c.Matched - len(c.Jobs) }

// Back is where one who does not confirm goes.
func (o order) Back() string {
	switch {
	case o.Job != "":
		return jobLink(o.Job)
	case o.Tag != "":
		return "./?" + url.Values{"tag": {o.Tag}}.Encode()
	default:
		return "scheduler"
	}
}

// Button names the action.
func (o order) Button() string {
	return map[string]string{ActionRun: "Run now", ActionCancel: "Cancel runs", ActionPause: "Pause",
		ActionResume: "Resume", ActionLimit: "Change limit"}[o.Action]
}

// done are the sentences that tell of an action, by what stands in the address after it.
var done = map[string]string{
	ActionPause:  "Paused.",
	ActionResume: "Resumed.",
	ActionCancel: "The runs in progress have been told to end.",
	ActionLimit:  "The limit has been changed.",
	"running":    "The run goes on. This page shows its result when it has one.",
}

func (d *dashboard) confirmPage(ctx context.Context, v *visit) (*content, error) {
	o, err := orderOf(v.query)
	if err != nil {
		return nil, err
	}
	data := confirmData{order: o, Wait: span(d.runWait), MaxNote: mostNote}
	switch {
	case o.Job != "":
		_, job, err := d.oneJob(ctx, o.Job, asking("jobs"))
		if err != nil || job == nil {
			return nil, noJob(o.Job, err)
		}
		data.Name, data.Why, data.State = job.Name, job.Why, job.State
	case o.Tag != "":
		q := asking("jobs").with("tag", o.Tag)
		q.limit = 10
		s, err := d.snapshot(ctx, q)
		if err != nil {
			return nil, err
		}
		if data.Matched = s.Jobs.Matched; data.Matched == 0 {
			return nil, failure(http.StatusNotFound, "No job has the tag %q.", o.Tag)
		}
		for _, job := range s.Jobs.Rows {
			data.Jobs = append(data.Jobs, rowOf(s, job, v))
		}
	default:
		if data.Current, err = d.pool(ctx, o.Pool); err != nil {
			return nil, err
		}
	}
	return &content{title: o.Button(), template: "confirm", data: data}, nil
}

// pool finds a limit that can be changed.
func (d *dashboard) pool(ctx context.Context, name string) (poolFacts, error) {
	s, err := d.snapshot(ctx, asking("scheduler"))
	if err != nil {
		return poolFacts{}, err
	}
	for _, pool := range s.Scheduler.Pools {
		if pool.Name == name && pool.Limit > 0 {
			return pool, nil
		}
	}
	return poolFacts{}, failure(http.StatusNotFound, "The scheduler has no limit of that name.")
}

// serveAction carries out what was confirmed. Nothing of its address counts, only the form.
func (d *dashboard) serveAction(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", "POST")
		d.showError(w, r, "", failure(http.StatusMethodNotAllowed, "An action needs to be confirmed on its page."))
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		d.showError(w, r, "", failure(http.StatusBadRequest, "The form cannot be read."))
		return
	}
	o, err := orderOf(r.PostForm)
	if err == nil && o.Action == ActionLimit {
		o.Limit, err = limitOf(r.PostForm.Get("limit"))
	}
	if err != nil {
		d.showError(w, r, "", err)
		return
	}
	who, err := d.ask(r, o.Action)
	if err != nil {
		d.showError(w, r, "", failure(http.StatusForbidden, "Refused: %v.", err))
		return
	}
	if o.Action == ActionRun {
		d.runNow(w, r, who, o)
		return
	}
	err = d.carryOut(o, who)
	d.note(r, o, who, err)
	d.live.changes.Add(1)
	if err != nil {
		d.showError(w, r, who, refusedBy(err))
		return
	}
	goTo(w, o.Back(), "done", o.Action)
}

func limitOf(text string) (uint, error) {
	limit, err := strconv.ParseUint(text, 10, 31)
	if err != nil || limit == 0 {
		return 0, failure(http.StatusBadRequest, "The limit %q must be a whole number of 1 or more.", text)
	}
	return uint(limit), nil
}

func (d *dashboard) carryOut(o order, who string) error {
	id, _ := uuid.Parse(o.Job) // orderOf has checked it
	switch {
	case o.Action == ActionPause && o.Tag != "":
		return d.control.PauseByTagsWith(who, o.Note, o.Tag)
	case o.Action == ActionPause:
		return d.control.PauseWith(id, who, o.Note)
	case o.Action == ActionResume && o.Tag != "":
		return d.control.ResumeByTags(o.Tag)
	case o.Action == ActionResume:
		return d.control.Resume(id)
	case o.Action == ActionCancel:
		return d.control.Cancel(id)
	default:
		return d.control.SetLimit(o.Limit, o.Pool)
	}
}

// refusedBy is an error of the scheduler that it returns for an action.
func refusedBy(err error) error {
	return failure(http.StatusConflict, "The scheduler says: %v", err)
}

// goTo leads on to a page that may be loaded again, after an action, which may not be done again.
// A relative address is one that a proxy needs not rewrite.
func goTo(w http.ResponseWriter, link, key, value string) {
	mark := "?"
	if strings.Contains(link, "?") {
		mark = "&"
	}
	w.Header().Set("Location", link+mark+pair(key, value)[1:])
	w.WriteHeader(http.StatusSeeOther)
}

// ranRun is what the page needs of a run's JSON, as gocron.RunInfo writes it.
type ranRun struct {
	ID                                           uint64
	JobName                                      string
	Trigger                                      string
	ScheduledAt, QueuedAt, StartedAt, FinishedAt time.Time
	Attempt                                      int
	Outcome                                      string
	Err                                          *string
}

func (r ranRun) facts(job string) runFacts {
	facts := runFacts{ID: r.ID, JobID: job, JobName: r.JobName, Trigger: r.Trigger, ScheduledAt: r.ScheduledAt,
		QueuedAt: r.QueuedAt, StartedAt: r.StartedAt, FinishedAt: r.FinishedAt, Attempt: r.Attempt, Outcome: r.Outcome}
	if r.Err != nil {
		facts.Err = *r.Err
	}
	return facts
}

// runNow makes a run and waits for it: as long as the browser does, and not for ever. The run goes
// on without it.
func (d *dashboard) runNow(w http.ResponseWriter, r *http.Request, who string, o order) {
	ctx, cancel := context.WithTimeout(r.Context(), d.runWait)
	defer cancel()
	// A server's WriteTimeout may be shorter. Without deadlines the server has none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(d.runWait + mostWait))
	id, _ := uuid.Parse(o.Job) // orderOf has checked it
	d.note(r, o, who, nil)     // first: the run may take long
	text, err := d.control.runAndWait(ctx, id)
	var run ranRun
	if jsonErr := json.Unmarshal(text, &run); jsonErr != nil && err == nil {
		err = jsonErr
	}
	d.live.changes.Add(1)
	d.log().InfoContext(r.Context(), "dashboard: run has ended, or is not waited for", "who", who, "job_id", o.Job, "run_id", run.ID,
		"outcome", run.Outcome, "err", err)
	switch {
	case run.ID != 0 && (errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled)):
		goTo(w, o.Back(), "done", "running")
	case err != nil:
		d.showError(w, r, who, refusedBy(err))
	default:
		d.showResult(w, r, who, run.facts(o.Job))
	}
}

func (d *dashboard) showResult(w http.ResponseWriter, r *http.Request, who string, run runFacts) {
	row := runRow{runFacts: run}
	d.show(w, r, http.StatusOK, page{Who: who, Here: "result"},
		&content{title: run.JobName + ": " + row.Look().Word, template: "result", data: row})
}

// note logs an action, and who asked for it.
func (d *dashboard) note(r *http.Request, o order, who string, err error) {
	attrs := []slog.Attr{slog.String("action", o.Action), slog.String("who", who), slog.String("remote", r.RemoteAddr)}
	add := func(key, value string) {
		if value != "" {
			attrs = append(attrs, slog.String(key, value))
		}
	}
	add("job_id", o.Job)
	add("tag", o.Tag)
	add("note", o.Note)
	if o.Action == ActionLimit {
		attrs = append(attrs, slog.String("pool", o.Pool), slog.Uint64("limit", uint64(o.Limit)))
	}
	if err != nil {
		attrs = append(attrs, slog.Any("err", err))
	}
	d.log().LogAttrs(r.Context(), slog.LevelInfo, "dashboard: "+o.Action, attrs...)
}
