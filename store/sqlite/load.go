package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
)

const (
	selectRuns = "SELECT run, attempt, job_names.name, fingerprint, scheduled, zone, trigger, occurrence, node, epoch," +
		" begun, ended, outcome, error, retry, until, count, extra FROM "
	selectJobs = "SELECT job_names.name, fingerprint, schedule, first_seen, mark, version, state" +
		" FROM job_rows JOIN job_names ON job_names.id = job_rows.job"

	ofAnyJob = " JOIN job_names ON job_names.id = run_rows.job"
	ofEach   = "job_names CROSS JOIN run_rows %s ON run_rows.job = job_names.id"

	// newestMark is that of a job. What it was given before that is settled.
	newestMark = "coalesce((SELECT max(mark) FROM job_rows WHERE job_rows.job = job_names.id), -9223372036854775808)"

	isOpen   = "(ended IS NULL AND begun IS NOT NULL)"
	isRetry  = "retry IS NOT NULL"
	isBeyond = "occurrence AND NOT " + isRetry + " AND NOT " + isOpen
)

// Each of these has an index of its own, which must be named: without knowing how many rows there
// are SQLite would go through all of a job. Together they name a row once. A row that stands for
// several occurrences is given out if the last of them is not settled.
var (
	fromEach      = strings.Replace(ofEach, "%s ", "", 1)
	fromEachUntil = strings.Replace(ofEach, "%s", "INDEXED BY run_rows_until", 1)

	openRuns  = selectRuns + "run_rows INDEXED BY run_rows_open" + ofAnyJob + " WHERE " + isOpen
	retryRuns = selectRuns + "run_rows INDEXED BY run_rows_retry" + ofAnyJob + " WHERE " + isRetry + " AND NOT " + isOpen
	laterRuns = selectRuns + fromEach + " WHERE scheduled > " + newestMark + " AND " + isBeyond
	untilRuns = selectRuns + fromEachUntil + " WHERE until > " + newestMark + " AND until IS NOT NULL AND count > 1" +
		" AND scheduled <= " + newestMark + " AND " + isBeyond
	loadRuns = strings.Join([]string{openRuns, retryRuns, laterRuns, untilRuns}, " UNION ALL ") + " ORDER BY 3, 5, 1, 2"

	historyRuns   = selectRuns + fromEach + " WHERE name = ?1 AND scheduled BETWEEN ?2 AND ?3"
	historyRanges = " UNION ALL " + selectRuns + fromEachUntil +
		" WHERE name = ?1 AND until IS NOT NULL AND until >= ?2 AND scheduled < ?2 AND scheduled <= ?3"
	historyOrder = " ORDER BY 5 DESC, 1 DESC, 2 DESC LIMIT ?4"
)

// Load calls job for every row of a job, then run for the rows of runs that somebody has to see to,
// job by job and in the order of their times. It sees the file as it is when Load begins.
func (s *Store) Load(ctx context.Context, job func(Job) error, run func(Run) error) error {
	return s.failed("load", s.reading(ctx, func(tx *sql.Tx) error {
		if err := each(ctx, tx, selectJobs+" ORDER BY name, first_seen, fingerprint", scanJob, job); err != nil {
			return err
		}
		return each(ctx, tx, loadRuns, scanRun, run)
	}))
}

// reading calls do with a view of the file that does not change.
func (s *Store) reading(ctx context.Context, do func(*sql.Tx) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	return do(tx)
}

// each calls do for every row of a query. An error of do ends it, and is returned.
func each[T any](ctx context.Context, tx *sql.Tx, query string, scan func(scanner) (T, error), do func(T) error, values ...any) error {
	rows, err := tx.QueryContext(ctx, query, values...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return err
		}
		if err := do(row); err != nil {
			return err
		}
	}
	return rows.Err()
}

// History returns the rows of a job that were due from from to to, both included, the newest first,
// at most limit. A zero time is no bound, and a limit of 0 none. A row that stands for several
// occurrences is returned if any of its time lies between them. A job that is not known has none.
func (s *Store) History(ctx context.Context, job string, from, to time.Time, limit int) ([]Run, error) {
	if limit < 0 {
		return nil, s.failed("history", fmt.Errorf("limit %d: must be 0, for no limit, or more", limit))
	}
	if limit == 0 {
		limit = -1 // as SQLite says it
	}
	var runs []Run
	err := s.reading(ctx, func(tx *sql.Tx) error {
		query := historyRuns
		if !from.IsZero() {
			query += historyRanges
		}
		keep := func(r Run) error {
			runs = append(runs, r)
			return nil
		}
		return each(ctx, tx, query+historyOrder, scanRun, keep,
			job, keyNanos(from), keyNanos(orLatest(to)), limit)
	})
	return runs, s.failed("history", err)
}

// orLatest is t, and the latest time for the zero time.
func orLatest(t time.Time) time.Time {
	if t.IsZero() {
		return latest
	}
	return t
}
