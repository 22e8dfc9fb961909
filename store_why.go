package gocron

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// OccurrenceInfo is what Controller.Why says of one time of a job.
type OccurrenceInfo struct {
	JobID   uuid.UUID
	JobName string
	// At is the time that was asked about, in the job's location.
	At time.Time
	// IsOccurrence reports whether the job's present schedule has that time.
	IsOccurrence bool
	// Outcome is how the run ended, or why there was none. It is OutcomePending if there is no
	// outcome yet, and if nothing is known.
	Outcome Outcome
	// Attempts are the rows that the store, or the history, has of it, the oldest first.
	Attempts []StoredRun
	// Nearest are the occurrences before and after At, where At is none.
	Nearest []time.Time
	// Why says it in words, in one line.
	Why string
}

// String is Why.
func (o OccurrenceInfo) String() string { return o.Why }

// Why says what happened to the occurrence of the job at the given time, and why: how its run
// ended, that it was missed, that the job was paused and since when, that it is still to come, or
// that the job is not due then. It reads the store of WithStore if that has a method History, also
// for earlier processes. For a job without a store it reads the history of WithHistory, and returns
// ErrNoHistory if there is none. It calls a Cron, a Schedule or a calendar of yours on this
// goroutine. It returns an error of the store.
func (c *Controller) Why(ctx context.Context, id uuid.UUID, at time.Time) (OccurrenceInfo, error) {
	j, err := c.lockJob(id)
	if err != nil {
		return OccurrenceInfo{}, err
	}
	q := c.s.questionLocked(j, at)
	c.s.unlock()
	if !q.stored {
		if c.s.historySize == 0 {
			return OccurrenceInfo{}, ErrNoHistory
		}
		return q.answer(), nil
	}
	if reader, can := c.s.store.Store.(historyStore); can {
		rows, err := reader.History(orBackground(ctx), j.Name(), q.at, q.at, 0)
		if err != nil {
			return OccurrenceInfo{}, fmt.Errorf("gocron: Why: the store could not be read: %w", err)
		}
		q.rows = append(rows, q.rows...)
	}
	return q.answer(), nil
}

// A question is one of Why, with what is needed to answer it.
type question struct {
	info      OccurrenceInfo
	at        time.Time
	now       time.Time
	after     func(time.Time) time.Time // the first occurrence after one
	rows      []StoredRun               // of one with the same key the last counts
	paused    pause                     // since when is zero: it is not paused
	running   bool
	firstSeen time.Time // zero: not known
	stored    bool
	mark      time.Time
	toCatchUp bool // it was due, and it is not decided whether it is run
	singles   bool // each occurrence counts from the run before
}

func (s *scheduler) questionLocked(j *internalJob, at time.Time) question {
	x := j.rareState()
	at = at.In(j.location()).Round(0)
	q := question{
		info: OccurrenceInfo{JobID: j.id, JobName: j.Name(), At: at}, at: at, now: s.now().Round(0),
		after: j.occurrencesFrom(time.Date(lastYear, time.December, 31, 0, 0, 0, 0, time.UTC)), paused: x.pause,
		running: s.session != nil, stored: j.settings().stored, singles: j.countsOneByOne(),
	}
	if j.anchor.IsZero() { // it was never entered
		q.after = func(time.Time) time.Time { return time.Time{} }
	}
	if l := x.ledger; l != nil {
		q.mark = l.mark()
		q.toCatchUp = !l.gap.IsZero() && !at.Before(l.gap) && !l.has(at)
		if l.row != nil {
			q.firstSeen = l.row.FirstSeen.In(j.location())
		}
	}
	if q.stored {
		q.rows = s.store.unwritten(j.settings().name)
	} else {
		q.rows = historyRows(x.history.list())
	}
	return q
}

// historyRows are the finished runs of a history as a store has them.
func historyRows(infos []RunInfo) (rows []StoredRun) {
	for _, i := range infos {
		row := StoredRun{Run: fmt.Sprint(i.ID), Attempt: i.Attempt, Job: i.JobName, ScheduledAt: i.ScheduledAt, Trigger: i.Trigger.String(),
			Occurrence: i.Trigger != TriggerRunNow && i.Trigger != TriggerStartImmediately, BegunAt: i.StartedAt, EndedAt: i.FinishedAt,
			Outcome: i.Outcome.String(), Until: i.MissedLast, Count: max(i.MissedCount, 1)}
		if i.Err != nil {
			row.Error = i.Err.Error()
		}
		rows = append(rows, row)
	}
	return rows
}

// answer is the answer of Why.
func (q *question) answer() OccurrenceInfo {
	o := &q.info
	o.IsOccurrence = q.after(q.at.Add(-1)).Equal(q.at)
	for _, row := range q.rows {
		exact := row.ScheduledAt.Equal(q.at)
		within := row.Count > 1 && !q.at.Before(row.ScheduledAt) && !q.at.After(row.Until)
		if row.Occurrence && (exact || within && o.IsOccurrence) {
			same := func(other StoredRun) bool { return other.Run == row.Run && other.Attempt == row.Attempt }
			o.Attempts = append(slices.DeleteFunc(o.Attempts, same), row)
		}
	}
	slices.SortStableFunc(o.Attempts, func(a, b StoredRun) int {
		return cmp.Or(cmp.Compare(a.Run, b.Run), cmp.Compare(a.Attempt, b.Attempt))
	})
	switch last := len(o.Attempts) - 1; {
	case last >= 0:
		o.Why = q.ofRow(o.Attempts[last])
	case q.at.Before(q.firstSeen):
		o.Why = "not known: before " + q.firstSeen.Format(time.DateTime) + ", when this schedule was first seen"
	case o.IsOccurrence:
		o.Why = q.ofOccurrence()
	default:
		o.Why = q.ofNone()
	}
	return *o
}

// clockTime is t as Why shows it: without the date if that is the one of At.
func (q *question) clockTime(t time.Time) string {
	t = t.In(q.at.Location())
	if t.Format(time.DateOnly) == q.at.Format(time.DateOnly) {
		return t.Format(time.TimeOnly)
	}
	return t.Format(time.DateTime)
}

// ofRow says what happened, by the latest row.
func (q *question) ofRow(row StoredRun) string {
	o := &q.info
	_ = o.Outcome.UnmarshalText([]byte(row.Outcome)) // "" is pending
	took := ""
	if !row.BegunAt.IsZero() && !row.EndedAt.IsZero() {
		took = fmt.Sprintf(" at %s, after %v", q.clockTime(row.BegunAt), row.EndedAt.Sub(row.BegunAt).Round(time.Millisecond))
	}
	if row.Attempt > 1 {
		took += fmt.Sprintf(", attempt %d", row.Attempt)
	}
	if row.Trigger == TriggerCatchUp.String() {
		took += ", caught up"
	}
	text := row.Outcome + took
	switch o.Outcome {
	case OutcomePending:
		if row.Outcome == "" { // else it is a word of a later version
			text = fmt.Sprintf("in progress since %s", q.clockTime(row.BegunAt))
		}
	case OutcomeMissed:
		text = "missed: it could not be run in time"
		if row.Count > 1 {
			text = fmt.Sprintf("missed, one of %d from %s to %s", row.Count, q.clockTime(row.ScheduledAt), q.clockTime(row.Until))
		}
		text += fmt.Sprintf("; the scheduler went on at %s", q.clockTime(row.EndedAt))
	case OutcomePaused:
		text = "paused"
		if q.isPaused() && !q.at.Before(q.paused.since) {
			text += q.pauseWords()
		}
	case OutcomeInterrupted:
		text = fmt.Sprintf("interrupted: begun at %s, and the process ended before the task did", q.clockTime(row.BegunAt))
	}
	if !row.RetryAt.IsZero() {
		text += fmt.Sprintf("; the next attempt is due at %s", q.clockTime(row.RetryAt))
	}
	if row.Error != "" && o.Outcome != OutcomeInterrupted && o.Outcome != OutcomeMissed {
		text += ": " + row.Error
	}
	return text
}

func (q *question) isPaused() bool { return !q.paused.since.IsZero() }

func (q *question) pauseWords() string {
	words := " since " + q.clockTime(q.paused.since)
	if q.paused.who != "" {
		words += " by " + q.paused.who
	}
	if q.paused.note != "" {
		words += ": " + q.paused.note
	}
	return words
}

// ofOccurrence says what is known of an occurrence that there is no row of.
func (q *question) ofOccurrence() string {
	switch {
	case q.at.After(q.now) && q.isPaused():
		return "still to come, but the job is paused" + q.pauseWords()
	case q.at.After(q.now) && !q.running:
		return "still to come, but the scheduler is not running"
	case q.at.After(q.now):
		return "still to come"
	case q.toCatchUp:
		return "missed so far: whether it is still run is being decided, or waits for another run of the job"
	case q.stored && !q.at.After(q.mark):
		return "settled: it has run, or was skipped, and its record is not kept any more"
	case !q.running:
		return "not run: the scheduler is not running"
	case !q.stored:
		return "not known: the history does not reach back so far, or the run has not ended"
	default:
		return "due, and its run has not begun"
	}
}

// ofNone says why there is nothing at a time at which the job is not due.
func (q *question) ofNone() string {
	if q.singles {
		return "not known: each time of the job counts from the run before"
	}
	var nearest []string
	for _, t := range [...]time.Time{q.before(), q.after(q.at)} {
		if !t.IsZero() {
			q.info.Nearest = append(q.info.Nearest, t)
			nearest = append(nearest, t.Format(time.DateTime))
		}
	}
	text := "not an occurrence" + skippedWall(q.at)
	switch len(nearest) {
	case 0:
		return text + "; the job has no other times"
	case 1:
		return text + "; the nearest is " + nearest[0]
	}
	return text + "; the nearest are " + strings.Join(nearest, " and ")
}

// before is the last occurrence before the time asked about, zero if it is not soon found.
func (q *question) before() (latest time.Time) {
	const longest, steps = 2 * 366 * 24 * time.Hour, 10_000
	for back := time.Second; back < longest; back *= 2 {
		t := q.after(q.at.Add(-back))
		for n := 0; n < steps && !t.IsZero() && t.Before(q.at); n++ {
			latest, t = t, q.after(t)
		}
		if !latest.IsZero() {
			return latest
		}
	}
	return latest
}

// skippedWall says that clocks went forward, if t is near the wall times that did not exist then: a
// time.Time cannot name one of those, and names one before or after them instead. It is "" otherwise.
func skippedWall(t time.Time) string {
	from, to := t.ZoneBounds()
	for _, change := range [...]time.Time{from, to} {
		if change.IsZero() {
			continue
		}
		last := change.Add(-1).In(t.Location())
		_, before := last.Zone()
		_, after := change.Zone()
		gap := time.Duration(after-before) * time.Second
		if gap > 0 && t.Sub(change) < gap && change.Sub(t) <= gap {
			return fmt.Sprintf("; on %s clocks went forward from %s to %s, and the times in between did not exist",
				change.Format("2 January 2006"), change.In(time.FixedZone("", before)).Format("15:04"), change.Format("15:04"))
		}
	}
	return ""
}

// With WithHistory and a store that has a method History, the history of a job begins with the runs
// of the processes before. They are read behind Start, one job after another.

// readHistoryLocked has the history of j, which the store knows, read soon.
func (s *scheduler) readHistoryLocked(j *internalJob) {
	st := s.store
	if _, can := st.Store.(historyStore); !can || s.historySize == 0 || j.rareState().history.len() > 0 {
		return
	}
	st.toRead = append(st.toRead, j)
	if sess := s.session; !st.reading {
		st.reading = true
		sess.busy++
		go s.readHistories(sess)
	}
}

// readHistories reads what there is to read, until the session ends.
func (s *scheduler) readHistories(sess *session) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-sess.stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	for j := s.nextToRead(sess); j != nil; j = s.nextToRead(sess) {
		s.readHistory(ctx, j, sess.startedAt)
	}
	cancel()
	<-ended
	s.lock()
	defer s.unlock()
	s.lessBusyLocked(sess)
}

// nextToRead is the next job whose history is to be read, nil for none.
func (s *scheduler) nextToRead(sess *session) *internalJob {
	s.lock()
	defer s.unlock()
	st := s.store
	if len(st.toRead) == 0 || sess.stopped {
		st.reading, st.toRead = false, nil
		return nil
	}
	j := st.toRead[0]
	st.toRead = st.toRead[1:]
	return j.current()
}

// readHistory puts what the store has of one job before what this process has done.
func (s *scheduler) readHistory(ctx context.Context, j *internalJob, before time.Time) {
	rows, err := s.store.Store.(historyStore).History(ctx, j.Name(), time.Time{}, before, 2*s.historySize)
	if err != nil {
		s.logger.Warn("gocron: the history of a job could not be read from the store", "job", j.Name(), "error", err)
		return
	}
	slices.Reverse(rows) // the oldest first
	s.lock()
	defer s.unlock()
	own := j.rareState().history.list()
	known := make(map[time.Time]bool, len(own))
	for _, info := range own {
		known[info.ScheduledAt.Round(0).UTC()] = true
	}
	x := j.makeRareState()
	x.history = nil
	for i, row := range rows {
		final := row.Outcome != "" && row.RetryAt.IsZero() && (i+1 == len(rows) || rows[i+1].Run != row.Run)
		if final && row.Epoch != s.store.epoch && !known[row.ScheduledAt.UTC()] {
			info := j.infoOfRow(row)
			x.keepInHistory(&info, s.historySize)
		}
	}
	for i := range own {
		x.keepInHistory(&own[i], s.historySize)
	}
}

// infoOfRow is what is known of a run of a process before.
func (j *internalJob) infoOfRow(row StoredRun) RunInfo {
	s := j.s
	info := RunInfo{
		JobID: j.id, JobName: j.Name(), Tags: j.Tags(), Pool: j.limiter().pool, Transient: j.transient(),
		ScheduledAt: s.inZone(row.ScheduledAt), StartedAt: s.inZone(row.BegunAt), FinishedAt: s.inZone(row.EndedAt),
		Attempt: row.Attempt,
	}
	_ = info.Trigger.UnmarshalText([]byte(row.Trigger)) // what cannot be read is of the schedule
	_ = info.Outcome.UnmarshalText([]byte(row.Outcome)) // and pending
	if row.Attempt > 1 {
		info.Trigger = TriggerRetry
	}
	if row.Error != "" {
		info.Err = errorOfText(row.Error)
	}
	if row.Count > 1 || info.Outcome == OutcomeMissed {
		info.MissedFrom, info.MissedTo = info.ScheduledAt, info.FinishedAt
		info.MissedLast, info.MissedCount = s.inZone(row.Until), row.Count
	}
	return info
}
