package sqlite

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// submit has do carried out in a transaction. If it makes one statement alone, that is one.
func (s *Store) submit(ctx context.Context, rows int, do func(*batch) error) error {
	if err := s.usable(); err != nil {
		return err
	}
	return s.writer.submit(ctx, &request{rows: rows, do: do})
}

// write carries out a batch of requests.
func (s *Store) write(requests []*request) {
	b := &batch{conn: s.conn, names: &s.names}
	if broken := s.broken.Load(); broken != nil {
		b.err = *broken
	}
	if len(requests) > 1 {
		_ = b.begin() // which b remembers, if it fails
	}
	for _, r := range requests {
		if b.err == nil {
			r.err = r.do(b)
		}
	}
	if err := b.end(); err != nil {
		err = explained(err)
		if errors.Is(err, ErrCorrupt) {
			s.broken.CompareAndSwap(nil, &err)
		}
		for _, r := range requests {
			r.err = err
		}
	}
}

const (
	// addRun is for the row of an attempt that begins, and that cannot be there. Of the three this is
	// done in the shortest time.
	addRun = "INSERT INTO run_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '', NULL, NULL, 1, ?)"
	putRun = "INSERT OR REPLACE INTO run_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	// claimRun is putRun for an occurrence. It changes nothing if another run has it.
	claimRun = "INSERT OR REPLACE INTO run_rows" +
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18" +
		" WHERE NOT EXISTS (SELECT 1 FROM run_rows WHERE job = ?3 AND scheduled = ?5 AND run <> ?1 AND occurrence)"
	// endRetry is for the earlier attempts of a run whose next has begun.
	endRetry = "UPDATE run_rows SET retry = NULL" +
		" WHERE job = ? AND scheduled = ? AND run = ? AND attempt < ? AND retry IS NOT NULL"
	putJob = "INSERT INTO job_rows VALUES (?, ?, ?, ?, ?, ?, ?)"
	// changeJob changes the row of the version before.
	changeJob = "UPDATE job_rows SET schedule = ?3, first_seen = ?4, mark = ?5, version = ?6, state = ?7" +
		" WHERE job = ?1 AND fingerprint = ?2 AND version = ?6 - 1"
)

// Begin writes the row of an attempt that is about to start. Calls at the same time share a
// transaction. If the row was there already, it is replaced. RetryAt of the attempts before it is
// cleared. If ctx ends before the row is being written, it is not written, and Begin returns the
// error of ctx.
func (s *Store) Begin(ctx context.Context, run Run) (bool, error) {
	if err := checkRun(&run); err != nil {
		return false, s.failed("begin", rowError(&run, err))
	}
	if err := s.usable(); err != nil {
		return false, s.failed("begin", err)
	}
	var begun bool
	var id int64
	err := s.writer.submit(ctx, s.beginRequest(&run, &id, &begun))
	if err != nil {
		return false, s.failed("begin", rowError(&run, err))
	}
	s.clean.grew(id, 1, run.ScheduledAt)
	return begun, nil
}

// beginRequest is what Begin has written. It sets the id of the job, and whether the run has begun.
func (s *Store) beginRequest(run *Run, id *int64, begun *bool) *request {
	return &request{rows: 1, do: func(b *batch) error {
		job, err := b.names.job(b, run.Job)
		if err != nil {
			return err
		}
		*id = job.id
		if run.Attempt <= 1 {
			*begun, err = b.claim(run, job)
			return err
		}
		return b.aside(func() (err error) {
			if *begun, err = b.claim(run, job); err == nil && *begun {
				err = b.endRetry(run, job.id)
			}
			return err
		})
	}}
}

// claim puts the row of r, unless another run has its occurrence. None has if it is newer than all
// of the job, which is the rule.
func (b *batch) claim(r *Run, job *named) (bool, error) {
	values := runValues(r, job.id)
	text := putRun
	if r.Occurrence {
		text = claimRun
		due := keyNanos(r.ScheduledAt)
		newer := due > job.newest
		job.newest = max(job.newest, due)
		if newer && isPlain(r) {
			changed, err := b.exec(addRun, append(values[:11:11], values[17])...)
			if codeOf(err) != codeConstraint {
				return changed > 0, err
			} // the row was there as one of no occurrence
		}
	}
	changed, err := b.exec(text, values...)
	return changed > 0, err
}

// isPlain reports whether r has only what an attempt has that begins.
func isPlain(r *Run) bool {
	return r.EndedAt.IsZero() && r.Outcome == "" && r.Error == "" && r.RetryAt.IsZero() && r.Until.IsZero() && r.Count == 1
}

func (b *batch) endRetry(r *Run, job int64) error {
	_, err := b.exec(endRetry, job, keyNanos(r.ScheduledAt), r.Run, r.Attempt)
	return err
}

// rowError says which row an error is of.
func rowError(r *Run, err error) error {
	if errors.Is(err, ErrClosed) || errors.Is(err, ErrCorrupt) {
		return err
	}
	return fmt.Errorf("job %q, run %q, attempt %d: %w", r.Job, r.Run, r.Attempt, err)
}

// Write writes rows in one transaction, each in the place of the row with the same key. The error
// names the rows that could not be written; all others were, unless it Is one of the errors that
// concern the file. A job's row that is not there has version 0.
func (s *Store) Write(ctx context.Context, runs []Run, jobs []Job) (refused []string, err error) {
	if len(runs)+len(jobs) == 0 {
		return nil, s.failed("write", s.usable())
	}
	var grown map[int64]int
	var newest time.Time
	err = s.submit(ctx, len(runs)+len(jobs), func(b *batch) error {
		refused, grown = nil, map[int64]int{}
		if err := b.begin(); err != nil {
			return err
		}
		var bad []error
		for i := range runs {
			job, err := b.putRun(&runs[i])
			if err != nil {
				bad = append(bad, rowError(&runs[i], err))
				continue
			}
			grown[job]++
			if due := runs[i].ScheduledAt; due.After(newest) {
				newest = due
			}
		}
		for i := range jobs {
			switch changed, err := b.putJob(&jobs[i]); {
			case err != nil:
				bad = append(bad, fmt.Errorf("job %q: %w", jobs[i].Job, err))
			case !changed:
				refused = append(refused, jobs[i].Job)
			}
		}
		return errors.Join(bad...)
	})
	for job, rows := range grown {
		s.clean.grew(job, rows, newest)
	}
	s.cleanSome()
	return refused, s.failed("write", err)
}

func (b *batch) putRun(r *Run) (id int64, err error) {
	if err := checkRun(r); err != nil {
		return 0, err
	}
	job, err := b.names.job(b, r.Job)
	if err != nil {
		return 0, err
	}
	if r.Occurrence {
		job.newest = max(job.newest, keyNanos(r.ScheduledAt))
	}
	_, err = b.exec(putRun, runValues(r, job.id)...)
	return job.id, err
}

// putJob reports whether the row was written: it is not if another version is there.
func (b *batch) putJob(j *Job) (bool, error) {
	if j.Job == "" {
		return false, errors.New("the row has no Job")
	}
	job, err := b.names.job(b, j.Job)
	if err != nil {
		return false, err
	}
	text := changeJob
	if j.Version == 1 {
		text = putJob + " ON CONFLICT DO NOTHING"
	}
	changed, err := b.exec(text, jobValues(j, job.id)...)
	return changed > 0, err
}
