package otel

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// RunFacts is what a run of the scheduler's tells of itself. It is an unnamed struct, so that the
// method of a package that this one does not import returns it.
type RunFacts = struct {
	RunID        uint64
	JobID        [16]byte
	JobName      string
	Pool         string
	Trigger      string
	Outcome      string
	Attempt      int
	FencingToken int64
	ScheduledAt  time.Time
	QueuedAt     time.Time
	StartedAt    time.Time
	FinishedAt   time.Time
	MissedFrom   time.Time
	MissedTo     time.Time
	MissedLast   time.Time
	MissedCount  int
	Err          error
	Tags         []string
	Transient    bool
}

// JobFacts is what the scheduler tells of a job, an unnamed struct as well.
type JobFacts = struct {
	ID           [16]byte
	Name         string
	Key          string
	Kind         string
	Schedule     string
	Location     string
	Pool         string
	State        string
	Tags         []string
	Next         time.Time
	DueSince     time.Time
	LastStarted  time.Time
	LastFinished time.Time
	LastSuccess  time.Time
	LastOutcome  string
	Running      int
	Waiting      int
	Retrying     int
	Paused       bool
	PausedBy     string
	PauseNote    string
	PausedSince  time.Time
	Overdue      bool
	Transient    bool
}

// A Run is the RunInfo of the scheduler's package, whatever path that is imported by.
type Run interface {
	Facts() RunFacts
}

// A Controller is the *Controller of the scheduler's package, as NewController returns it.
type Controller[R Run] interface {
	Watch(ctx context.Context, f func(stage string, run R)) error
	EachJob(ctx context.Context, f func(JobFacts) bool) error
	Snapshot(ctx context.Context, filter, cursor string, limit int) (document []byte, next string, err error)
}

// OneTimeJobs is the name under which one-time jobs are counted together that have no name of their
// own or leave when they have finished: there may be one for each request.
const OneTimeJobs = "one-time jobs"

// shownName is the name under which a job is counted, unless the user has another func.
func shownName(name string, transient bool) string {
	if transient {
		return OneTimeJobs
	}
	return name
}

// firstOutcomes are counted from 0 on for every job, so that the first of them is an increase.
var firstOutcomes = [...]string{"failed", "interrupted", "missed", "panicked", "succeeded", "timed-out"}

// keepGone is for how long the counts of a job stay that has left, so that the last ones are read.
const keepGone = 5 * time.Minute

// A tally counts the runs of a scheduler by the names of jobs.
type tally struct {
	name      func(name string, transient bool) string
	eachJob   func(context.Context, func(JobFacts) bool) error
	snapshot  func(ctx context.Context, filter, cursor string, limit int) ([]byte, string, error)
	started   func(name, pool string, delay float64) // a first attempt, so many seconds after it was due
	finished  func(name, pool string, took float64)  // a task, after so many seconds
	forgotten func(name string)                      // the counts of a job that has left

	counts sync.Map     // a *counts by the name of the job
	fresh  atomic.Bool  // counts have come or gone since the order was made
	leads  atomic.Int32 // what the latest run has shown

	turn  sync.Mutex // one gathering at a time; it guards the order
	order []*counts  // in the order of their names
}

const (
	leadsUnknown = iota
	leadsNot
	leadsIs
)

// counts belong to one name.
type counts struct {
	name        string
	first       [len(firstOutcomes)]atomic.Uint64
	others      sync.Map // an *atomic.Uint64 by outcome
	lastSuccess atomic.Int64
	lastSeen    atomic.Int64 // when there was a job of the name, in nanoseconds
	shown       atomic.Value // how they were shown last: of what type is up to who shows them
	place       int          // in the tally's order, from 1 on; 0 if it has none yet
}

// tellStarted is called for every attempt that starts.
func (t *tally) tellStarted(run *RunFacts) {
	t.setLeads(leadsIs)
	if run.Attempt != 1 {
		return
	}
	if name := t.nameOf(run.JobName, run.Transient); name != "" {
		t.started(name, run.Pool, seconds(run.ScheduledAt, run.StartedAt))
	}
}

// tellFinished is called for every run that has an outcome.
func (t *tally) tellFinished(run *RunFacts) {
	if run.Outcome == "not-leader" {
		t.setLeads(leadsNot)
	}
	name := t.nameOf(run.JobName, run.Transient)
	if name == "" {
		return
	}
	c := t.of(name)
	c.add(run.Outcome, uint64(max(1, run.MissedCount))) // a record may stand for several occurrences
	if run.Outcome == "succeeded" {
		c.lastSuccess.Store(run.FinishedAt.UnixNano())
	}
	if run.Attempt > 0 && run.Outcome != "interrupted" { // nobody knows when that ended
		t.finished(name, run.Pool, seconds(run.StartedAt, run.FinishedAt))
	}
}

// setLeads writes only what is new, as all runs share it.
func (t *tally) setLeads(leads int32) {
	if t.leads.Load() != leads {
		t.leads.Store(leads)
	}
}

// nameOf is under which name a job is counted, "" for none.
func (t *tally) nameOf(name string, transient bool) string { return valid(t.name(name, transient)) }

// valid is text that may be a label.
func valid(text string) string { return strings.ToValidUTF8(text, "\uFFFD") }

// of are the counts of a name.
func (t *tally) of(name string) *counts {
	if c, has := t.counts.Load(name); has {
		return c.(*counts)
	}
	c := &counts{name: strings.Clone(name)}
	c.lastSeen.Store(time.Now().UnixNano())
	own, known := t.counts.LoadOrStore(c.name, c)
	if !known {
		t.fresh.Store(true)
	}
	return own.(*counts)
}

func (c *counts) add(outcome string, n uint64) {
	for i, first := range firstOutcomes {
		if first == outcome {
			c.first[i].Add(n)
			return
		}
	}
	count, has := c.others.Load(outcome)
	if !has {
		count, _ = c.others.LoadOrStore(outcome, &atomic.Uint64{})
	}
	count.(*atomic.Uint64).Add(n)
}

// each calls f for every outcome that is counted, in order.
func (c *counts) each(f func(outcome string, n uint64)) {
	var others []string
	c.others.Range(func(outcome, _ any) bool {
		others = append(others, outcome.(string))
		return true
	})
	slices.Sort(others)
	for i, first := range firstOutcomes {
		for len(others) > 0 && others[0] < first {
			n, _ := c.others.Load(others[0])
			f(others[0], n.(*atomic.Uint64).Load())
			others = others[1:]
		}
		f(first, c.first[i].Load())
	}
	for _, outcome := range others {
		n, _ := c.others.Load(outcome)
		f(outcome, n.(*atomic.Uint64).Load())
	}
}

// A gathering is what there is to show at one moment.
type gathering struct {
	running bool
	leads   bool
	elector bool // leads is known
	pools   []poolFacts
	jobs    []jobsOfName
}

type poolFacts struct {
	Name          string
	Limit         uint
	Taken         uint
	Waiting       int
	Retrying      int
	OldestWaiting float64 `json:"oldest_waiting_seconds"`
}

// jobsOfName is what is known of all jobs that are counted under one name.
type jobsOfName struct {
	*counts
	there       bool      // there is one
	next        time.Time // the earliest
	lastRun     time.Time // the latest
	lastSuccess time.Time // the latest
	paused      bool      // at least one of them
	overdue     bool      // at least one of them
	infos       []jobInfo
}

// A jobInfo is what does not change of a job.
type jobInfo struct {
	kind, schedule, location, pool string
}

// gather looks at the scheduler and all jobs, and forgets the counts of jobs that have left long
// ago.
func (t *tally) gather(ctx context.Context) (*gathering, error) {
	g := &gathering{}
	if err := t.gatherScheduler(ctx, g); err != nil {
		return nil, err
	}
	t.turn.Lock()
	defer t.turn.Unlock()
	g.jobs = t.ofEachName()
	ordered := true
	err := t.eachJob(ctx, func(job JobFacts) bool {
		name := t.nameOf(job.Name, job.Transient)
		if name == "" {
			return true
		}
		c := t.of(name)
		if c.place == 0 {
			ordered = false
			g.jobs, t.order = append(g.jobs, jobsOfName{counts: c}), append(t.order, c)
			c.place = len(t.order)
		}
		g.jobs[c.place-1].add(&job)
		return true
	})
	if err != nil {
		return nil, err
	}
	now := time.Now().UnixNano()
	g.jobs = slices.DeleteFunc(g.jobs, func(j jobsOfName) bool { return !j.there && t.forget(j.counts, now) })
	for i := range g.jobs {
		g.jobs[i].complete(now)
	}
	if !ordered {
		slices.SortFunc(g.jobs, func(a, b jobsOfName) int { return strings.Compare(a.name, b.name) })
	}
	return g, nil
}

// ofEachName is one jobsOfName for each of the counts, in order, with nothing known of jobs.
func (t *tally) ofEachName() []jobsOfName {
	if t.fresh.Swap(false) {
		t.order = t.order[:0]
		t.counts.Range(func(_, c any) bool {
			t.order = append(t.order, c.(*counts))
			return true
		})
		slices.SortFunc(t.order, func(a, b *counts) int { return strings.Compare(a.name, b.name) })
		for i, c := range t.order {
			c.place = i + 1
		}
	}
	all, infos := make([]jobsOfName, len(t.order)), make([]jobInfo, len(t.order))
	for i, c := range t.order {
		all[i] = jobsOfName{counts: c, infos: infos[i : i : i+1]} // few names have more than one
	}
	return all
}

// forget forgets the counts if no job has had the name for long. It reports whether it does.
func (t *tally) forget(c *counts, now int64) bool {
	if now-c.lastSeen.Load() <= int64(keepGone) {
		return false
	}
	t.counts.Delete(c.name)
	t.fresh.Store(true)
	t.forgotten(c.name)
	return true
}

// complete adds what the counts know of the jobs, when all have been added.
func (j *jobsOfName) complete(now int64) {
	if !j.there {
		return
	}
	j.lastSeen.Store(now)
	if at := j.counts.lastSuccess.Load(); at != 0 {
		j.lastSuccess = later(j.lastSuccess, time.Unix(0, at))
	}
	j.distinctInfos()
}

func (j *jobsOfName) add(job *JobFacts) {
	j.there = true
	if !job.Next.IsZero() && (j.next.IsZero() || job.Next.Before(j.next)) {
		j.next = job.Next
	}
	j.lastRun, j.lastSuccess = later(j.lastRun, job.LastStarted), later(j.lastSuccess, job.LastSuccess)
	j.paused, j.overdue = j.paused || job.Paused, j.overdue || job.Overdue
	info := jobInfo{job.Kind, valid(job.Schedule), valid(job.Location), valid(job.Pool)}
	if job.Kind == "one-time" {
		info.schedule = "" // it is a time
	}
	j.infos = append(j.infos, info)
}

// distinctInfos leaves each of infos once, in order.
func (j *jobsOfName) distinctInfos() {
	if len(j.infos) > 1 {
		slices.SortFunc(j.infos, func(a, b jobInfo) int {
			return cmp.Or(strings.Compare(a.kind, b.kind), strings.Compare(a.location, b.location),
				strings.Compare(a.pool, b.pool), strings.Compare(a.schedule, b.schedule))
		})
		j.infos = slices.Compact(j.infos)
	}
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func (t *tally) gatherScheduler(ctx context.Context, g *gathering) error {
	document, _, err := t.snapshot(ctx, "parts=scheduler", "", 0)
	if err != nil {
		return err
	}
	var read struct {
		Scheduler struct {
			Running bool
			Elector bool
			Pools   []poolFacts
		}
	}
	if err := json.Unmarshal(document, &read); err != nil {
		return err
	}
	leads := t.leads.Load()
	g.running, g.pools = read.Scheduler.Running, read.Scheduler.Pools
	g.elector, g.leads = read.Scheduler.Elector && leads != leadsUnknown, leads == leadsIs
	return nil
}

// newTally makes a tally of what c controls. It counts no runs before watch.
func newTally[R Run](ctx context.Context, c Controller[R], t *tally) error {
	if t.name == nil {
		t.name = shownName
	}
	t.eachJob, t.snapshot = c.EachJob, c.Snapshot
	_, err := t.gather(ctx)
	return err
}

// watch has the tally told of runs from now on until ctx ends.
func watch[R Run](ctx context.Context, c Controller[R], t *tally) error {
	return c.Watch(ctx, func(stage string, run R) {
		switch stage {
		case "started":
			facts := run.Facts()
			t.tellStarted(&facts)
		case "finished":
			facts := run.Facts()
			t.tellFinished(&facts)
		}
	})
}

// seconds is how long it is from one time to another, 0 if the clock was set back.
func seconds(from, to time.Time) float64 { return max(to.Sub(from), 0).Seconds() }

// unix is t in seconds since 1970.
func unix(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
