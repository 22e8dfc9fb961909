package sqlite

import (
	"database/sql"
	"errors"
	"math"
	"time"
)

// Job is the row of a job with one schedule: gocron.StoredJob. Job and Fingerprint are the key.
type Job = struct {
	Job, Fingerprint string
	Schedule         string
	FirstSeen        time.Time
	Mark             time.Time
	Version          int64
	State            []byte
}

// Run is the row of one attempt of a run, or of occurrences that no run was made of:
// gocron.StoredRun. Run and Attempt are the key; Job and ScheduledAt of a row do not change.
type Run = struct {
	Run              string
	Attempt          int
	Job, Fingerprint string
	ScheduledAt      time.Time
	Zone             string
	Trigger          string
	Occurrence       bool
	Node             string
	Epoch            int64
	BegunAt, EndedAt time.Time
	Outcome          string
	Error            string
	RetryAt          time.Time
	Until            time.Time
	Count            int
	Extra            []byte
}

const (
	// noTime stands for the zero time in the column scheduled, which is part of the key. In all
	// others it is NULL.
	noTime = math.MinInt64
)

// The earliest and the latest time that a row can have: 1677 and 2262. What lies beyond is kept as
// the nearest of them.
var (
	earliest = time.Unix(0, math.MinInt64+1).UTC()
	latest   = time.Unix(0, math.MaxInt64).UTC()
)

// nanos is what a column has for t.
func nanos(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return keyNanos(t)
}

// keyNanos is what the column scheduled has for t.
func keyNanos(t time.Time) int64 {
	switch {
	case t.IsZero():
		return noTime
	case t.Before(earliest):
		return earliest.UnixNano()
	case t.After(latest):
		return latest.UnixNano()
	}
	return t.UnixNano()
}

func fromNanos(n sql.NullInt64) time.Time {
	if !n.Valid || n.Int64 == noTime {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}

// runValues are the columns of r, whose job has the id job, in the order of the table.
func runValues(r *Run, job int64) []any {
	return []any{
		r.Run, r.Attempt, job, r.Fingerprint, keyNanos(r.ScheduledAt), r.Zone, r.Trigger,
		r.Occurrence, r.Node, r.Epoch, nanos(r.BegunAt), nanos(r.EndedAt),
		r.Outcome, r.Error, nanos(r.RetryAt), nanos(r.Until), r.Count, orNull(r.Extra),
	}
}

// runKey is the key of r, whose job has the id job, in the order of the statements that take one.
func runKey(r *Run, job int64) []any {
	return []any{job, keyNanos(r.ScheduledAt), r.Run, r.Attempt}
}

// isOpen reports whether r has begun and not ended.
func isOpen(r *Run) bool { return !r.BegunAt.IsZero() && r.EndedAt.IsZero() }

// isLive reports whether Load hands r out while the newest mark of its job is mark. If not, it is
// settled.
func isLive(r *Run, mark int64) bool {
	last := keyNanos(r.ScheduledAt)
	if r.Count > 1 && !r.Until.IsZero() {
		last = max(last, keyNanos(r.Until))
	}
	return isOpen(r) || !r.RetryAt.IsZero() || r.Occurrence && last > mark
}

// jobValues are the columns of j, whose id is job.
func jobValues(j *Job, job int64) []any {
	return []any{job, j.Fingerprint, j.Schedule, nanos(j.FirstSeen), nanos(j.Mark), j.Version, orNull(j.State)}
}

// orNull is NULL for nothing, so that nil and an empty slice are one.
func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

// checkRun refuses what could not be found again.
func checkRun(r *Run) error {
	switch {
	case r.Job == "":
		return errors.New("the row has no Job")
	case r.Run == "":
		return errors.New("the row has no Run")
	}
	return nil
}

// A scanner is a *sql.Rows or a *sql.Row.
type scanner interface{ Scan(...any) error }

// scanRun reads a row that was selected with selectRuns.
func scanRun(from scanner) (r Run, err error) {
	var scheduled, begun, ended, retry, until sql.NullInt64
	err = from.Scan(&r.Run, &r.Attempt, &r.Job, &r.Fingerprint, &scheduled, &r.Zone, &r.Trigger, &r.Occurrence,
		&r.Node, &r.Epoch, &begun, &ended, &r.Outcome, &r.Error, &retry, &until, &r.Count, &r.Extra)
	r.ScheduledAt, r.BegunAt, r.EndedAt = fromNanos(scheduled), fromNanos(begun), fromNanos(ended)
	r.RetryAt, r.Until = fromNanos(retry), fromNanos(until)
	return r, err
}

func scanJob(from scanner) (j Job, err error) {
	var first, mark sql.NullInt64
	err = from.Scan(&j.Job, &j.Fingerprint, &j.Schedule, &first, &mark, &j.Version, &j.State)
	j.FirstSeen, j.Mark = fromNanos(first), fromNanos(mark)
	return j, err
}
