package gocron

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Snapshot returns, as JSON, what a page about the scheduler shows: its state and pools, a page of
// its jobs, and the runs in progress, waiting and retrying. The document has a version, 1; fields
// may be added to it. docs/RUNS.md lists them.
//
// The filter is a URL query, "" for all jobs by name. A key that may be there several times is
// marked with a *.
//
//	q=TEXT      a part of the name, the key, a tag or the id, in any case
//	name=TEXT   a part of the name, in any case
//	id=ID *     one of these jobs
//	tag=TAG *   with all of these tags
//	pool=NAME * in one of these pools; an empty name stands for the jobs in no pool
//	kind=WORD * of one of these kinds, as JobFacts has them
//	state=WORD *     in one of these states, as JobFacts has them. running, waiting, retrying, paused,
//	            and overdue match also when the job is doing something else
//	outcome=WORD *   whose last finished run had one of these; needs WithHistory or WithJobStats
//	failing=1   whose last performed run failed; needs the same
//	sort=ORDER  name, next or last, which is when it was started last; with a - before it the other
//	            way round. Jobs without such a time come last
//	next=N      up to N next times of each job, by default 1. Of one with a Cron, a Schedule or a
//	            calendar of yours, or with random times, never more than one
//	history=N   up to N last finished runs of each job, by default 0; needs WithHistory
//	since=TIME, until=TIME   in RFC 3339: no history before, no next times after
//	runs=N      how many runs of each stage, by default 100. Of the runs in progress those are listed
//	            that began while somebody was watching by Watch, or with WithDrain; all are counted
//	parts=LIST  which parts, of scheduler, jobs and runs; by default all
//
// N is at most 1000. The filters state, outcome and failing do not apply to runs.
// Limit is how many jobs a page has at most: 1 to 1000, 0 for 100.
//
// The cursor is "" for the first page, and for each further page what Snapshot returned as next,
// with the same filter; next is "" after the last page. It is a place in the order: jobs that come
// and go move nothing, but a job whose sort time changes between two pages may appear twice or not
// at all.
//
// A job is shown as it is at one moment, and different jobs perhaps at different moments. The
// scheduler's lock is never held for long: the jobs are looked at in batches. Of more than 1000 jobs,
// what the filter and the order go by is up to a second old and shared by all calls; what is shown of
// a job is not, and one that does not match any more is left out then.
//
// A bad filter, cursor or limit is an error that Is ErrOptionValue. Snapshot returns the error of
// ctx when it ends first. A nil ctx never ends.
func (c *Controller) Snapshot(ctx context.Context, filter, cursor string, limit int) (document []byte, next string, err error) {
	f, err := parseFilter(filter)
	if err != nil {
		return nil, "", err
	}
	from, err := parseCursor(cursor, f.sort)
	if err != nil {
		return nil, "", err
	}
	if limit < 0 || limit > maxSnapshotRows {
		return nil, "", optionValueError("Snapshot limit", limit, "0 to 1000")
	}
	if limit == 0 {
		limit = defaultSnapshotRows
	}
	ctx = orBackground(ctx)
	if err := ctx.Err(); err != nil {
		return nil, "", err
	}
	if err := c.check(); err != nil {
		return nil, "", err
	}
	p := &snapshot{s: c.s, ctx: ctx, filter: f}
	p.doc.Version, p.doc.At = 1, c.s.inZone(c.s.now())
	if err := p.makeParts(from, limit); err != nil {
		return nil, "", err
	}
	document, err = json.Marshal(p.doc)
	return document, p.next, err
}

// A snapshot is one call of Snapshot.
type snapshot struct {
	s      *scheduler
	ctx    context.Context
	filter *snapshotFilter
	doc    jsonSnapshot
	next   string
}

func (p *snapshot) makeParts(from *orderKey, limit int) error {
	var err error
	parts := p.filter.parts
	if parts["scheduler"] {
		err = p.addScheduler()
	}
	if err == nil && parts["jobs"] {
		err = p.addJobs(from, limit)
	}
	if err == nil && parts["runs"] {
		err = p.addRuns()
	}
	return err
}

// addJobs adds a page of the jobs that match.
func (p *snapshot) addJobs(from *orderKey, limit int) error {
	f := p.filter
	index, err := p.s.jobIndex(p.ctx, f.asksMarks() || f.sortsByTime())
	if err != nil {
		return err
	}
	page, matched, next := index.page(f, from, limit)
	rows, err := p.rows(page)
	p.doc.Jobs, p.next = &jsonJobs{matched, rows}, next
	return err
}

// rows are the jobs of a page that are still there and match.
func (p *snapshot) rows(page []*internalJob) ([]jsonJob, error) {
	rows := make([]jsonJob, 0, len(page))
	most := lookBatch
	if p.filter.history > 0 {
		most = 1 // each has a history to copy
	}
	err := inBatches(p.ctx, page, most, func(batch []*internalJob) {
		for _, look := range p.lookAtRows(batch) {
			rows = append(rows, p.row(look))
		}
	})
	return rows, err
}

// A rowLook is all that a row shows of a job, at one moment.
type rowLook struct {
	jobLook
	times       nextRunView
	storedSince time.Time // when the store first knew the job with this schedule; zero if it does not
	history     []RunInfo
	stats       *jobStats // a copy; nil if none are kept
}

func (p *snapshot) lookAtRows(batch []*internalJob) (rows []rowLook) {
	s := p.s
	ended := s.endedContexts(batch)
	s.lock()
	defer s.unlock()
	for _, j := range batch {
		j = j.current()
		if !j.listed {
			continue
		}
		l := rowLook{jobLook: s.lookLocked(j, ended[j])}
		if !p.filter.matchesMarks(l.marks()) {
			continue
		}
		if !ended[j] {
			l.times = j.nextRunView(s.readClockLocked())
		}
		x := j.rareState()
		if x.ledger != nil && x.ledger.row != nil {
			l.storedSince = s.inZone(x.ledger.row.FirstSeen)
		}
		l.history = x.history.latest(p.filter.history)
		if s.keepsJobStats {
			l.stats = &jobStats{}
			if x.stats != nil {
				*l.stats = *x.stats
			}
		}
		rows = append(rows, l)
	}
	return rows
}

// row is a job as the document has it. Nothing is locked.
func (p *snapshot) row(l rowLook) jsonJob {
	f, e := l.facts(), &l.explained
	row := jsonJob{
		ID: l.job.id, Name: f.Name, Key: f.Key, Tags: f.Tags, Kind: f.Kind, Schedule: f.Schedule,
		Location: f.Location, Pool: f.Pool, State: f.State, Why: e.why(), Next: p.nextTimes(l.times),
		NextAttempt: timeOrNil(e.NextAttempt), DueSince: timeOrNil(f.DueSince), Overdue: f.Overdue,
		Running: f.Running, Waiting: f.Waiting, Retrying: f.Retrying, RunNowFails: e.RunNowFails, Transient: f.Transient,
		StoredSince: timeOrNil(l.storedSince),
		LastStarted: timeOrNil(f.LastStarted), LastFinished: timeOrNil(f.LastFinished), LastOutcome: f.LastOutcome,
	}
	if e.RunsLeft >= 0 {
		row.RunsLeft = &e.RunsLeft
	}
	if e.Paused {
		row.Paused = &jsonPause{By: e.PausedBy, Note: e.PauseNote, Since: timeOrNil(e.PausedSince)}
	}
	if l.stats != nil {
		row.Outcomes = outcomeCounts(&l.stats.outcomes)
		row.Last, row.LastSuccess, row.LastFailure = runOrNil(l.stats.last), runOrNil(l.stats.lastSuccess), runOrNil(l.stats.lastFailure)
	}
	for i := range l.history {
		if info := &l.history[i]; !info.ScheduledAt.Before(p.filter.since) || !info.MissedLast.Before(p.filter.since) {
			row.History = append(row.History, newJSONRun(info))
		}
	}
	return row
}

// nextTimes are the times that the filter asks for. No user code is called.
func (p *snapshot) nextTimes(o nextRunView) (times []time.Time) {
	if o.job == nil || p.filter.next == 0 {
		return nil
	}
	if n := p.filter.next; n > 1 && !o.job.userCron() && o.job.foreseen("") == nil {
		times = o.nextRuns(n)
	} else if next := o.nextRun(); !next.IsZero() {
		times = []time.Time{next}
	}
	if !p.filter.until.IsZero() {
		times = slices.DeleteFunc(times, func(t time.Time) bool { return t.After(p.filter.until) })
	}
	return times
}

// addScheduler adds what holds for the scheduler as a whole.
func (p *snapshot) addScheduler() error {
	d := &jsonScheduler{}
	p.doc.Scheduler = d
	index, err := p.s.jobIndex(p.ctx, true)
	if err != nil {
		return err
	}
	d.States = make(map[string]int)
	for i := range index.looked {
		m := &index.looked[i].marks
		if m.state == "" { // it has left
			continue
		}
		d.Jobs++
		d.States[m.state.word()]++
		d.Paused += oneIf(m.paused)
		d.Overdue += oneIf(m.overdue)
		d.Failing += oneIf(m.failing)
	}
	oldest, err := p.oldestWaiting(index.list)
	if err != nil {
		return err
	}
	p.s.lock()
	defer p.s.unlock()
	p.s.describeSchedulerLocked(d, oldest)
	return nil
}

func oneIf(is bool) int {
	if is {
		return 1
	}
	return 0
}

// oldestWaiting is since when the run has waited that has waited for longest, by limiter.
func (p *snapshot) oldestWaiting(list []*internalJob) (map[*limiter]time.Time, error) {
	oldest := make(map[*limiter]time.Time)
	p.s.lock()
	waiting := p.s.statsLocked().Waiting
	p.s.unlock()
	if waiting == 0 {
		return oldest, nil
	}
	err := p.s.eachOf(p.ctx, list, func(j *internalJob) {
		r := j.gate.oldest()
		if r == nil {
			return
		}
		l := j.limiter()
		if since, has := oldest[l]; !has || r.waitsSince().Before(since) {
			oldest[l] = r.waitsSince()
		}
	})
	return oldest, err
}

// describeSchedulerLocked fills in all but what the jobs are doing.
func (s *scheduler) describeSchedulerLocked(d *jsonScheduler, oldest map[*limiter]time.Time) {
	d.State, d.Location = s.stateLocked(), s.location.String()
	d.Running, d.MadeAt = d.State == "running", timeOrNil(s.inZone(s.madeAt))
	if s.session != nil {
		d.StartedAt = timeOrNil(s.inZone(s.session.startedAt))
	}
	stats := s.statsLocked()
	d.Made, d.Outcomes = stats.Made, stats.Outcomes
	d.RunsRunning, d.RunsWaiting, d.RunsRetrying = stats.Running, stats.Waiting, stats.Retrying
	d.HistorySize, d.JobStats, d.Elector = s.historySize, s.keepsJobStats, s.elector != nil
	if s.store != nil {
		d.Store = strings.TrimPrefix(fmt.Sprintf("%T", s.store.Store), "*")
	}
	now := s.now()
	s.eachLimiterLocked(func(l *limiter) {
		pool := jsonPool{Name: l.pool, QueueLimit: l.queueLimit, Taken: l.taken, Waiting: l.waiting, Retrying: l.retrying}
		if l.mode != 0 {
			pool.Limit, pool.Mode = l.slots, modeWords[l.mode]
		}
		if since, has := oldest[l]; has && l.waiting > 0 {
			pool.OldestWaiting = positive(now.Sub(since)).Seconds()
		}
		d.OldestWaiting = max(d.OldestWaiting, pool.OldestWaiting)
		d.Pools = append(d.Pools, pool)
	})
	slices.SortFunc(d.Pools, func(a, b jsonPool) int { return strings.Compare(a.Name, b.Name) })
}

var modeWords = map[LimitMode]string{LimitModeReschedule: "reschedule", LimitModeWait: "wait"}

// stateLocked is what the scheduler is doing, in a word or two.
func (s *scheduler) stateLocked() string {
	switch {
	case s.session != nil:
		return "running"
	case s.draining != nil:
		return "draining"
	case len(s.unsettled) > 0:
		return "stopping"
	case s.closed:
		return "shut down"
	case s.everStarted:
		return "stopped"
	default:
		return "not started"
	}
}
