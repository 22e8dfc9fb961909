package dashboard

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Rows of one page.
const (
	jobsPerPage     = 50
	jobsPerGrid     = 25
	outcomesInStrip = 12
)

// jobStates are what a filter of the jobs may ask for. What a state has as a word in a snapshot is
// its name here.
var jobStates = []string{"running", "waiting", "retrying", "scheduled", "paused", "overdue", "manual",
	"no-next-time", "context-ended", "stopped"}

// stateMarks tell states apart without their colour.
var stateMarks = map[string]look{
	"running":       {Mark: "►", Class: "busy"},
	"waiting":       {Mark: "W", Class: "busy"},
	"retrying":      {Mark: "↻", Class: "busy"},
	"paused":        {Mark: "P", Class: "calm"},
	"overdue":       {Mark: "!", Class: "warn"},
	"context-ended": {Mark: "–", Class: "warn"},
	"no-next-time":  {Mark: "–", Class: "warn"},
	"stopped":       {Mark: "–", Class: "calm"},
}

// filter is what the form above the jobs, or the grid, asks for.
type filter struct {
	query          url.Values
	Search, Tag    string
	Pool, Kind     string
	HasPool        bool // also for "", the scheduler's own
	State, Outcome string
	Failing        bool
	Sort           string
	Span           string // how long the grid is
}

// filterOf reads the address of a page. What is not known is left out.
func filterOf(query url.Values) filter {
	f := filter{query: query, Search: query.Get("q"), Tag: query.Get("tag"), Pool: query.Get("pool"),
		HasPool: query.Has("pool"), Kind: query.Get("kind"), Failing: query.Get("failing") == "1"}
	if slices.Contains(jobStates, query.Get("state")) {
		f.State = query.Get("state")
	}
	if outcome := query.Get("outcome"); lookOf(outcome).Means != "" {
		f.Outcome = outcome
	}
	if slices.Contains([]string{"name", "next", "last"}, strings.TrimPrefix(query.Get("sort"), "-")) {
		f.Sort = query.Get("sort")
	}
	if slices.ContainsFunc(scales, func(s scale) bool { return s.Name == query.Get("span") }) {
		f.Span = query.Get("span")
	}
	return f
}

// ask asks for what the filter lets pass.
func (f filter) ask(parts string) query {
	q := asking(parts).with("q", f.Search).with("tag", f.Tag).with("kind", f.Kind).with("state", f.State).
		with("outcome", f.Outcome).with("sort", f.Sort)
	if f.HasPool {
		q.values.Set("pool", f.Pool)
	}
	if f.Failing {
		q = q.with("failing", "1")
	}
	return q
}

// Any reports whether the filter hides jobs.
func (f filter) Any() bool {
	return f.Search+f.Tag+f.Kind+f.State+f.Outcome != "" || f.HasPool || f.Failing
}

func (f filter) States() []string { return jobStates }

// Outcomes are those that a finished run may have.
func (f filter) Outcomes() (words []string) {
	for _, l := range looks {
		if l.Class != "busy" && l.Class != "due" {
			words = append(words, l.Word)
		}
	}
	return words
}

// Without is the address of the page without some keys.
func (f filter) Without(keys ...string) string { return f.link(keys) }

// With is the address of the first page with a key set.
func (f filter) With(key, value string) string {
	return f.link([]string{"cursor", "done"}, key, value)
}

// SortedBy is the address of the page in another order: the other way round if it is that already.
func (f filter) SortedBy(key string) string {
	if f.Sort == key || f.Sort == "" && key == "name" {
		key = "-" + key
	}
	return f.With("sort", key)
}

// Order is the value of aria-sort for a column.
func (f filter) Order(key string) string {
	switch {
	case f.Sort == key || f.Sort == "" && key == "name":
		return "ascending"
	case f.Sort == "-"+key:
		return "descending"
	}
	return "none"
}

// link is the address of the page without some keys, and with a key set.
func (f filter) link(without []string, pair ...string) string {
	query := url.Values{}
	for key, values := range f.query {
		if !slices.Contains(without, key) {
			query[key] = values
		}
	}
	if len(pair) == 2 {
		query.Set(pair[0], pair[1])
	}
	return "?" + query.Encode()
}

func pair(key, value string) string { return "&" + url.Values{key: {value}}.Encode() }

// jobRow is one job in the table.
type jobRow struct {
	jobFacts
	may   permissions
	now   time.Time
	Strip []stripMark
	Kept  bool // the scheduler remembers outcomes
}

// stripMark is one of the last outcomes.
type stripMark struct {
	Look look
	Text string
	Late bool // it was missed when it was due
}

func rowOf(s *snapshot, job jobFacts, v *visit) jobRow {
	row := jobRow{jobFacts: job, may: v.may, now: v.now(s), Kept: s.Scheduler.History > 0 || s.Scheduler.JobStats}
	for _, run := range job.History {
		row.Strip = append(row.Strip, stripMark{lookOf(run.word()), run.dated(), run.caughtUp()})
	}
	return row
}

func (r jobRow) May(action string) bool { return r.may.May(action) }
func (r jobRow) Link() string           { return jobLink(r.ID) }
func (r jobRow) LastRun() moment        { return moment{r.LastStarted, r.now} }

// NextRun is the first of the next times, if there is one.
func (r jobRow) NextRun() moment {
	if len(r.Next) == 0 {
		return moment{}
	}
	return moment{r.Next[0], r.now}
}

// StateLook is how the state is shown.
func (r jobRow) StateLook() look {
	l := stateMarks[r.State]
	l.Word = strings.ReplaceAll(r.State, "-", " ")
	return l
}

// LastFailed reports whether the run that finished last is a failure.
func (r jobRow) LastFailed() bool { return lookOf(r.LastOutcome).Class == "bad" }

// LastError is why the job's last run failed.
func (r jobRow) LastError() string {
	if len(r.History) > 0 {
		if last := r.History[len(r.History)-1]; last.Outcome == r.LastOutcome {
			return last.Err
		}
	}
	if r.LastFailure != nil {
		return r.LastFailure.Err
	}
	return ""
}

// CaughtUp is when the last run was made, if that was late, for an occurrence that was missed.
func (r jobRow) CaughtUp() moment {
	if len(r.History) == 0 || !r.History[len(r.History)-1].caughtUp() {
		return moment{}
	}
	return moment{r.History[len(r.History)-1].StartedAt, r.now}
}

// GridLink is the address of the grid of the job alone.
func (r jobRow) GridLink() string { return "grid?" + url.Values{"q": {r.ID}}.Encode() }

func jobLink(id string) string { return "job?" + url.Values{"id": {id}}.Encode() }

// Confirm is the address of the page that asks before an action.
func (r jobRow) Confirm(action string) string { return confirmLink(action, "id", r.ID) }

func confirmLink(action, key, value string) string {
	return "confirm?" + url.Values{"action": {action}}.Encode() + pair(key, value)
}

// jobsData is what the page of the jobs shows apart from its rows.
type jobsData struct {
	Filter    filter
	Scheduler schedulerFacts
	Matched   int
	may       permissions
	Next      string
	Cursor    string
	Rows      int
}

func (d jobsData) May(action string) bool            { return d.may.May(action) }
func (d jobsData) NextPage() string                  { return d.Filter.With("cursor", d.Next) }
func (d jobsData) Confirm(action, tag string) string { return confirmLink(action, "tag", tag) }

// stateCount is how many jobs are in a state.
type stateCount struct {
	Word string
	N    int
}

// States are the counts above the table.
func (d jobsData) States() []stateCount {
	states := d.Scheduler.States
	return []stateCount{{"running", states["running"]}, {"waiting", states["waiting"]}, {"retrying", states["retrying"]},
		{"paused", d.Scheduler.Paused}, {"overdue", d.Scheduler.Overdue}}
}

func (d *dashboard) jobsPage(ctx context.Context, v *visit) (*content, error) {
	f := filterOf(v.query)
	q := f.ask("scheduler,jobs").withNumber("next", 1).withNumber("history", outcomesInStrip)
	q.cursor, q.limit = v.get("cursor"), jobsPerPage
	s, err := d.snapshot(ctx, q)
	if err != nil {
		return nil, badCursor(q, err)
	}
	data := jobsData{Filter: f, Scheduler: s.Scheduler, Matched: s.Jobs.Matched, may: v.may, Next: s.next,
		Cursor: q.cursor, Rows: len(s.Jobs.Rows)}
	c := &content{title: "Jobs", template: "jobs", data: data, now: s.At, lists: []string{"jobs"}}
	c.add("summary", "summary", data)
	c.add("pager", "pager", data)
	for _, job := range s.Jobs.Rows {
		c.addTo("jobs", "job-"+job.ID, "job-row", rowOf(s, job, v))
	}
	return c, nil
}

// badCursor blames an address for an error, if it can be to blame.
func badCursor(q query, err error) error {
	if q.cursor == "" || ctxError(err) {
		return err
	}
	return failure(400, "The scheduler says: %v", err)
}

func ctxError(err error) bool {
	return err == context.Canceled || err == context.DeadlineExceeded
}

// describe says in words which jobs a filter lets pass.
func (f filter) Describe() string {
	var words []string
	say := func(format string, value string) {
		if value != "" {
			words = append(words, fmt.Sprintf(format, value))
		}
	}
	say("with %q in the name, a tag or the id", f.Search)
	say("tagged %q", f.Tag)
	say("of kind %q", f.Kind)
	say("in state %q", f.State)
	say("whose last run is %q", f.Outcome)
	if f.HasPool && f.Pool == "" {
		words = append(words, "in no pool")
	}
	say("in pool %q", f.Pool)
	if f.Failing {
		words = append(words, "that fail")
	}
	return strings.Join(words, ", ")
}
