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
	if b.err == nil {
		b.err = s.stillOurs()
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
	addRun  = "INSERT INTO live_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, '', '', NULL, NULL, 1, ?)"
	putLive = "INSERT OR REPLACE INTO live_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	putOld  = "INSERT OR REPLACE INTO run_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	// claimRun is putLive for an occurrence. It changes nothing if another run has it.
	claimRun = "INSERT OR REPLACE INTO live_rows" +
		" SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18" +
		" WHERE NOT EXISTS (SELECT 1 FROM live_rows WHERE job = ?3 AND scheduled = ?5 AND run <> ?1 AND occurrence)" +
		" AND NOT EXISTS (SELECT 1 FROM run_rows WHERE job = ?3 AND scheduled = ?5 AND run <> ?1 AND occurrence)"
	dropLive = "DELETE FROM live_rows WHERE job = ? AND scheduled = ? AND run = ? AND attempt = ?"
	dropOld  = "DELETE FROM run_rows WHERE job = ? AND scheduled = ? AND run = ? AND attempt = ?"
	// endRetry is for the earlier attempts of a run whose next has begun.
	endRetry = "UPDATE live_rows SET retry = NULL" +
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
	if !isOpen(&run) {
		s.clean.waits(id)
	}
	return begun, nil
}

// beginRequest is what Begin has written. It sets the id of the job, and whether the run has begun.
func (s *Store) beginRequest(run *Run, id *int64, begun *bool) *request {
	// A later attempt stays behind the end of the one before it.
	return &request{rows: 1, urgent: run.Attempt <= 1, do: func(b *batch) error {
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
// that is known of the job, which is the rule; then nobody looks for one, nor for a row with the same
// key.
func (b *batch) claim(r *Run, job *named) (bool, error) {
	values := runValues(r, job.id)
	due := keyNanos(r.ScheduledAt)
	newer := due > job.newest
	job.newest = max(job.newest, due)
	if newer && isPlain(r) {
		changed, err := b.exec(addRun, append(values[:11:11], values[17])...)
		return changed > 0, err
	}
	text := putLive
	if r.Occurrence {
		text = claimRun
	}
	if err := b.begin(); err != nil {
		return false, err
	}
	changed, err := b.exec(text, values...)
	if changed > 0 {
		_, err = b.exec(dropOld, runKey(r, job.id)...)
	}
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
	var done changes
	err = s.submit(ctx, len(runs)+len(jobs), func(b *batch) error {
		refused, done = nil, changes{grown: map[int64]int{}}
		if err := b.begin(); err != nil {
			return err
		}
		var bad []error
		for i := range jobs { // first: what they settle need not be among the live rows
			switch changed, err := b.putJob(&jobs[i], &done); {
			case err != nil:
				bad = append(bad, fmt.Errorf("job %q: %w", jobs[i].Job, err))
			case !changed:
				refused = append(refused, jobs[i].Job)
			}
		}
		for i := range runs {
			if err := b.putRun(&runs[i], &done); err != nil {
				bad = append(bad, rowError(&runs[i], err))
			}
		}
		return errors.Join(bad...)
	})
	s.clean.changed(&done)
	s.cleanSome()
	return refused, s.failed("write", err)
}

// changes are what a Write has changed, for who cleans up behind it.
type changes struct {
	grown   map[int64]int // rows of each job
	newest  time.Time     // none of them was due later
	waiting []int64       // jobs that have a live row which is settled once the mark has passed it
	settled []int64       // jobs whose mark has gone on
}

// putRun puts a row where it belongs.
func (b *batch) putRun(r *Run, done *changes) error {
	if err := checkRun(r); err != nil {
		return err
	}
	job, err := b.names.job(b, r.Job)
	if err != nil {
		return err
	}
	put, drop := putOld, dropLive
	if isLive(r, job.mark) {
		put, drop = putLive, dropOld
	}
	if _, err := b.exec(put, runValues(r, job.id)...); err != nil {
		return err
	}
	if _, err := b.exec(drop, runKey(r, job.id)...); err != nil {
		return err
	}
	job.newest = max(job.newest, keyNanos(r.ScheduledAt))
	done.grown[job.id]++
	if r.ScheduledAt.After(done.newest) {
		done.newest = r.ScheduledAt
	}
	if put == putLive && !isOpen(r) {
		done.waiting = append(done.waiting, job.id)
	}
	return nil
}

// putJob reports whether the row was written: it is not if another version is there.
func (b *batch) putJob(j *Job, done *changes) (bool, error) {
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
	if err != nil || changed == 0 {
		return false, err
	}
	switch mark := keyNanos(j.Mark); {
	case mark > job.mark:
		job.mark, job.newest = mark, max(job.newest, mark)
		done.settled = append(done.settled, job.id)
	case mark < job.mark:
		done.waiting = append(done.waiting, job.id)
		return true, b.unsettle(job)
	}
	return true, nil
}
