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

	ofEach = "job_names CROSS JOIN run_rows %s ON run_rows.job = job_names.id"

	// isLiveRow says of a row of live_rows what isLive says; markOf is the newest mark of its job.
	isLiveRow = "(ended IS NULL AND begun IS NOT NULL OR retry IS NOT NULL OR occurrence AND" +
		" CASE WHEN count > 1 THEN max(scheduled, coalesce(until, scheduled)) ELSE scheduled END > " + markOf + ")"
	markOf = "coalesce((SELECT max(mark) FROM job_rows WHERE job_rows.job = live_rows.job), -9223372036854775808)"

	loadRuns = selectRuns + "live_rows JOIN job_names ON job_names.id = live_rows.job WHERE " + isLiveRow + " ORDER BY 3, 5, 1, 2"
)

// The history of a job has settled and live rows. The index of rows that stand for several
// occurrences must be named: without knowing how many rows there are SQLite would go through all.
var (
	historyRuns = selectRuns + strings.Replace(ofEach, "%s ", "", 1) + " WHERE name = ?1 AND scheduled BETWEEN ?2 AND ?3" +
		" UNION ALL " + selectRuns + "job_names CROSS JOIN live_rows ON live_rows.job = job_names.id" +
		" WHERE name = ?1 AND scheduled <= ?3 AND (scheduled >= ?2 OR until >= ?2)"
	historyRanges = " UNION ALL " + selectRuns + strings.Replace(ofEach, "%s", "INDEXED BY run_rows_until", 1) +
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
	if err := s.inPlace(); err != nil {
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
