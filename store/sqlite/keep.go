package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// cleanedAtOnce is how many rows are deleted in one transaction: others wait for it.
	cleanedAtOnce = 200
	// cleanedEvery is how often all jobs are looked at, for rows that have become too old.
	cleanedEvery = time.Hour
)

const (
	deleteOld = "DELETE FROM run_rows WHERE (job, scheduled, run, attempt) IN" +
		" (SELECT job, scheduled, run, attempt FROM run_rows WHERE job = ? AND scheduled < ? ORDER BY scheduled LIMIT ?)"
	deleteAny  = "DELETE FROM run_rows WHERE (job, scheduled, run, attempt) IN" + firstOf + "run_rows WHERE job = ?" + inOrder
	deleteLive = "DELETE FROM live_rows WHERE (job, scheduled, run, attempt) IN" + firstOf + "live_rows WHERE job = ?" + inOrder
	keptRow    = "SELECT scheduled FROM run_rows WHERE job = ? ORDER BY scheduled DESC LIMIT 1 OFFSET ?"

	firstOf = " (SELECT job, scheduled, run, attempt FROM "
	inOrder = " ORDER BY scheduled, run, attempt LIMIT ?)"
	settled = "live_rows WHERE job = ? AND NOT " + isLiveRow

	// copySettled and dropSettled move rows that are settled, the same ones.
	copySettled = "INSERT OR REPLACE INTO run_rows SELECT * FROM " + settled + " ORDER BY scheduled, run, attempt LIMIT ?"
	dropSettled = "DELETE FROM live_rows WHERE (job, scheduled, run, attempt) IN" + firstOf + settled + inOrder
	// stillWaits is whether a job has a live row that is settled once the mark has passed it.
	stillWaits = "SELECT EXISTS (SELECT 1 FROM live_rows WHERE job = ? AND (ended IS NOT NULL OR begun IS NULL))"
	allWaiting = "SELECT DISTINCT job FROM live_rows WHERE ended IS NOT NULL OR begun IS NULL"

	newestMark = "SELECT coalesce(max(mark), -9223372036854775808) FROM job_rows WHERE job = ?"

	// copyUnsettled, copyUnsettledRanges and dropUnsettled move the rows after a mark back.
	copyUnsettled       = "INSERT OR REPLACE INTO live_rows SELECT * FROM run_rows WHERE job = ?1 AND scheduled > ?2 AND occurrence"
	copyUnsettledRanges = "INSERT OR REPLACE INTO live_rows SELECT * FROM run_rows INDEXED BY run_rows_until" +
		" WHERE job = ?1 AND until IS NOT NULL AND until > ?2 AND scheduled <= ?2 AND count > 1 AND occurrence"
	dropUnsettled = "DELETE FROM run_rows WHERE (job, scheduled, run, attempt) IN" + firstOf + "live_rows WHERE job = ?)"
)

// A cleaner knows which jobs may have more rows than are kept, or settled ones among the live.
type cleaner struct {
	mu      sync.Mutex     // protects the following
	every   int            // how many rows a job gets before it is looked at, 0 if all are kept
	grown   map[int64]int  // since it was looked at
	waiting map[int64]bool // jobs that have a live row which is settled once the mark has passed it
	due     []int64        // jobs that are to be looked at
	queued  map[int64]bool
	round   time.Time // when all jobs were put there
	newest  time.Time // no run that has got a row was due later
	busy    bool
}

// grew notes that a job has got rows, the last of them at due.
func (c *cleaner) grew(job int64, rows int, due time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.grewLocked(job, rows, due)
}

func (c *cleaner) grewLocked(job int64, rows int, due time.Time) {
	if c.every == 0 {
		return
	}
	if due.After(c.newest) {
		c.newest = due
	}
	if c.grown[job] += rows; c.grown[job] >= c.every {
		delete(c.grown, job)
		c.add(job)
	}
}

// waits notes that a job has a live row that is not open.
func (c *cleaner) waits(job int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting[job] = true
}

// changed notes what a Write has changed.
func (c *cleaner) changed(done *changes) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for job, rows := range done.grown {
		c.grewLocked(job, rows, done.newest)
	}
	for _, job := range done.settled {
		if c.waiting[job] {
			c.add(job)
		}
	}
	for _, job := range done.waiting {
		c.waiting[job] = true
	}
}

// takeWaiting reports whether a job waits, and forgets it.
func (c *cleaner) takeWaiting(job int64) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	waits := c.waiting[job]
	delete(c.waiting, job)
	return waits
}

// add expects the lock.
func (c *cleaner) add(job int64) {
	if !c.queued[job] {
		c.queued[job] = true
		c.due = append(c.due, job)
	}
}

// next takes a job that is to be looked at. It reports false if there is none, or if somebody
// cleans already.
func (c *cleaner) next() (job int64, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy || len(c.due) == 0 {
		return 0, false
	}
	job, c.due, c.busy = c.due[0], c.due[1:], true
	delete(c.queued, job)
	return job, true
}

// done ends what next has begun. The job is looked at again if more is left.
func (c *cleaner) done(job int64, more bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy = false
	if more {
		c.add(job)
	}
}

// now is the time that ages are counted from: by the machine's clock, but not later than the last run
// was due, whose scheduler may have another clock.
func (c *cleaner) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := time.Now(); now.Before(c.newest) {
		return now
	}
	return c.newest
}

// dueRound reports whether it is time to look at all jobs, and counts from now if it is.
func (c *cleaner) dueRound(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.round) < cleanedEvery {
		return false
	}
	c.round = now
	return true
}

// startCleaning has all jobs looked at that may need it.
func (s *Store) startCleaning(ctx context.Context) error {
	s.clean.grown, s.clean.queued, s.clean.waiting = map[int64]int{}, map[int64]bool{}, map[int64]bool{}
	s.clean.round = time.Now()
	err := s.eachJob(ctx, allWaiting, func(job int64) {
		s.clean.waiting[job] = true
		s.clean.add(job)
	})
	if err != nil || s.keepRows == 0 && s.keepFor == 0 {
		return err
	}
	s.clean.every = max(cleanedAtOnce/2, s.keepRows/10)
	return s.cleanAll(ctx)
}

// cleanAll has all jobs looked at.
func (s *Store) cleanAll(ctx context.Context) error {
	return s.eachJob(ctx, "SELECT id FROM job_names", s.clean.add)
}

// eachJob calls do with each id that a query yields, with the cleaner's lock.
func (s *Store) eachJob(ctx context.Context, query string, do func(job int64)) error {
	rows, err := s.read.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var job int64
		if err := rows.Scan(&job); err != nil {
			return err
		}
		s.clean.mu.Lock()
		do(job)
		s.clean.mu.Unlock()
	}
	return rows.Err()
}

// cleanSome moves and deletes a few rows of one job, if any job has too many. What goes wrong is found
// again by the next.
func (s *Store) cleanSome() {
	if s.usable() != nil {
		return
	}
	if s.clean.every > 0 && s.clean.dueRound(time.Now()) {
		_ = s.cleanAll(context.Background())
	}
	job, ok := s.clean.next()
	if !ok {
		return
	}
	more := false
	if s.clean.takeWaiting(job) {
		more = s.settle(job)
	}
	more = s.deleteSome(job) || more
	s.clean.done(job, more)
}

// settle moves some live rows of a job to the others, if they are settled. It reports whether more of
// them may be left.
func (s *Store) settle(job int64) (more bool) {
	waits := true
	_ = s.submit(context.Background(), cleanedAtOnce, func(b *batch) error {
		return b.aside(func() error {
			moved, err := b.exec(copySettled, job, cleanedAtOnce)
			if err == nil && moved > 0 {
				_, err = b.exec(dropSettled, job, cleanedAtOnce)
			}
			if err == nil {
				err = b.ask(stillWaits, &waits, job)
			}
			more = moved == cleanedAtOnce
			return err
		})
	})
	if waits {
		s.clean.waits(job)
	}
	return more
}

// unsettle moves the rows back that are not settled any more, as the mark of a job may have been set
// back. If only one of its marks was, there are none. An error fails all of the transaction.
func (b *batch) unsettle(job *named) error {
	var mark int64
	if err := b.ask(newestMark, &mark, job.id); err != nil || mark == job.mark {
		return err
	}
	job.mark = mark
	for _, text := range []string{copyUnsettled, copyUnsettledRanges} {
		if _, err := b.exec(text, job.id, mark); err != nil {
			b.err = err
			return err
		}
	}
	_, err := b.exec(dropUnsettled, job.id)
	if err != nil {
		b.err = err
	}
	return err
}

// deleteSome deletes a few rows of a job that are not kept. It reports whether more may be left.
func (s *Store) deleteSome(job int64) (more bool) {
	if s.clean.every == 0 {
		return false
	}
	before, err := s.keptFrom(job)
	if err != nil || before == noTime {
		return false
	}
	_ = s.submit(context.Background(), cleanedAtOnce, func(b *batch) error {
		deleted, err := b.exec(deleteOld, job, before, cleanedAtOnce)
		more = deleted == cleanedAtOnce
		return err
	})
	return more
}

// keptFrom is the time from which the rows of a job are kept.
func (s *Store) keptFrom(job int64) (from int64, err error) {
	from = noTime
	if now := s.clean.now(); s.keepFor > 0 && !now.IsZero() {
		from = keyNanos(now.Add(-s.keepFor))
	}
	if s.keepRows == 0 {
		return from, nil
	}
	var oldest int64
	err = s.read.QueryRowContext(context.Background(), keptRow, job, s.keepRows-1).Scan(&oldest)
	if errors.Is(err, sql.ErrNoRows) {
		return from, nil
	}
	return max(from, oldest), err
}

// Forget deletes the rows of a job. Of many, some at a time, so that others can write meanwhile. A
// job that is not known is no error.
func (s *Store) Forget(ctx context.Context, job string) error {
	for {
		var deleted int64
		err := s.submit(ctx, cleanedAtOnce, func(b *batch) error {
			return b.aside(func() (err error) {
				deleted, err = b.forget(job)
				return err
			})
		})
		if err != nil || deleted < cleanedAtOnce {
			return s.failed("forget", jobError(job, err))
		}
	}
}

// forget deletes some rows of runs of a job, and all else when no more are left: what has no mark
// would be handed out by Load.
func (b *batch) forget(job string) (deleted int64, err error) {
	known, err := b.names.find(b, job)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	for _, text := range []string{deleteLive, deleteAny} {
		deleted, err = b.exec(text, known.id, cleanedAtOnce)
		if err != nil || deleted == cleanedAtOnce {
			return deleted, err
		}
	}
	if _, err = b.exec("DELETE FROM job_rows WHERE job = ?", known.id); err == nil {
		_, err = b.exec("DELETE FROM job_names WHERE id = ?", known.id)
	}
	b.names.clear()
	return deleted, err
}

// Rename gives all rows of a job another name. It is refused if that has rows. A job that is not
// known is no error.
func (s *Store) Rename(ctx context.Context, from, to string) error {
	if to == "" {
		return s.failed("rename", jobError(from, errors.New("the new name is empty")))
	}
	if from == to {
		return nil
	}
	err := s.submit(ctx, 1, func(b *batch) error {
		return b.aside(func() error { return b.rename(from, to) })
	})
	return s.failed("rename", jobError(from, err))
}

func (b *batch) rename(from, to string) error {
	defer b.names.clear()
	// A name may be without rows: of a row that could not be written.
	_, err := b.exec("DELETE FROM job_names WHERE name = ? AND NOT EXISTS (SELECT 1 FROM job_rows WHERE job = id)"+
		" AND NOT EXISTS (SELECT 1 FROM run_rows WHERE job = id) AND NOT EXISTS (SELECT 1 FROM live_rows WHERE job = id)", to)
	if err != nil {
		return err
	}
	_, err = b.exec("UPDATE job_names SET name = ? WHERE name = ?", to, from)
	if codeOf(err) == codeConstraint {
		return fmt.Errorf("there are rows of a job %q already", to)
	}
	return err
}

// jobError says which job an error is of.
func jobError(job string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("job %q: %w", job, err)
}
