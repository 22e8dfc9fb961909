package sqlite

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
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
	runColumns = "run, attempt, job, fingerprint, scheduled, zone, trigger, occurrence, node, epoch," +
		" begun, ended, outcome, error, retry, until, count, extra"
	jobColumns = "job, fingerprint, schedule, first_seen, mark, version, state"

	// noTime stands for the zero time in the column scheduled, which is part of the key. In all
	// others it is NULL.
	noTime = math.MinInt64
)

// The earliest and the latest time that a row can have. They are 1677 and 2262.
var (
	earliest = time.Unix(0, math.MinInt64+1).UTC()
	latest   = time.Unix(0, math.MaxInt64).UTC()
)

// nanos is what a column has for t. Its error says that t is out of range.
func nanos(name string, t time.Time) (any, error) {
	switch {
	case t.IsZero():
		return nil, nil
	case t.Before(earliest) || t.After(latest):
		return nil, fmt.Errorf("%s %s: must be from %s to %s", name,
			t.UTC().Format(time.RFC3339), earliest.Format(time.RFC3339), latest.Format(time.RFC3339))
	default:
		return t.UnixNano(), nil
	}
}

func fromNanos(n sql.NullInt64) time.Time {
	if !n.Valid || n.Int64 == noTime {
		return time.Time{}
	}
	return time.Unix(0, n.Int64).UTC()
}

// instants turns times into columns, and gathers what is wrong with them.
type instants struct{ err error }

func (i *instants) column(name string, t time.Time) any {
	n, err := nanos(name, t)
	i.err = errors.Join(i.err, err)
	return n
}

func (i *instants) key(name string, t time.Time) any {
	if n := i.column(name, t); n != nil {
		return n
	}
	return int64(noTime)
}

// runValues are the columns of r, whose job has the id job.
func runValues(r *Run, job int64) ([]any, error) {
	var in instants
	values := []any{
		r.Run, r.Attempt, job, r.Fingerprint, in.key("ScheduledAt", r.ScheduledAt), r.Zone, r.Trigger,
		r.Occurrence, r.Node, r.Epoch, in.column("BegunAt", r.BegunAt), in.column("EndedAt", r.EndedAt),
		r.Outcome, r.Error, in.column("RetryAt", r.RetryAt), in.column("Until", r.Until), r.Count, orNull(r.Extra),
	}
	return values, in.err
}

// jobValues are the columns of j, whose id is job.
func jobValues(j *Job, job int64) ([]any, error) {
	var in instants
	values := []any{
		job, j.Fingerprint, j.Schedule, in.column("FirstSeen", j.FirstSeen), in.column("Mark", j.Mark),
		j.Version, orNull(j.State),
	}
	return values, in.err
}

// orNull is NULL for nothing, so that nil and an empty slice are one.
func orNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

func checkRun(r *Run) error {
	if err := checkKeys("Run", r.Run, r.Job, r.Fingerprint); err != nil {
		return err
	}
	if r.Attempt < 0 {
		return fmt.Errorf("Attempt %d: must not be negative", r.Attempt)
	}
	return nil
}

// checkKeys refuses what could not be found again. An empty fingerprint can.
func checkKeys(name, value, job, fingerprint string) error {
	switch {
	case job == "":
		return errors.New("Job is empty")
	case value == "":
		return fmt.Errorf("%s is empty", name)
	}
	for _, text := range []string{job, value, fingerprint} {
		if !utf8.ValidString(text) || strings.ContainsRune(text, 0) {
			return fmt.Errorf("%q: must be UTF-8 without zero bytes", text)
		}
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
