package gocron

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// recordBegin has the store record that the run begins, before its task. It reports whether it may;
// if not, it has set the outcome.
func (a *attempt) recordBegin() bool {
	if !a.job.settings().stored {
		return true
	}
	s, st, r := a.s, a.s.store, a.run
	s.lock()
	s.countBeginLocked(r)
	row := s.runRowLocked(r)
	row.Attempt++
	row.BegunAt, row.Error, row.RetryAt = s.now().UTC().Round(0), "", time.Time{}
	released, safe := st.released, r.job.ledger().safe
	s.unlock()
	began, err := false, errors.New("the store was given back by Shutdown")
	if !released {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(a.context()), storeTimeout)
		defer cancel()
		began, err = st.beginAfter(ctx, safe, row)
	}
	s.lock()
	defer s.unlock()
	x := r.makeStored()
	switch {
	case err == nil && began:
		s.noteBegunLocked(r, row)
		return true
	case err == nil:
		a.outcome, a.err = OutcomeLockedElsewhere, errAnotherRun
		return false
	case s.storeIsDownLocked(a, x, err):
		s.noteBegunLocked(r, row)
		return true
	}
	return false
}

// beginAfter is Begin once the row of the job is safe: what is found without it would be of a job
// that was never seen. Safe is nil if it is.
func (st *storage) beginAfter(ctx context.Context, safe <-chan struct{}, row StoredRun) (bool, error) {
	if safe != nil {
		select {
		case <-safe:
		case <-st.gone:
			return false, errors.New("the row of the job could not be written")
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	return st.Begin(ctx, row)
}

// noteBegunLocked notes that r begins the attempt of the row. The one before waits no longer for it.
func (s *scheduler) noteBegunLocked(r *run, row StoredRun) {
	x := r.makeStored()
	x.begunAt, x.begins, x.downSince = row.BegunAt, row.Attempt, time.Time{}
	if !x.retryAt.IsZero() {
		x.waiting.RetryAt, x.retryAt = time.Time{}, time.Time{}
		s.writeLocked(x.waiting, r.session)
	}
}

var errAnotherRun = errors.New("gocron: the store has another run of the occurrence")

// storeIsDownLocked decides what becomes of a run whose begin could not be written.
func (s *scheduler) storeIsDownLocked(a *attempt, x *storedRun, err error) (runs bool) {
	st, now := s.store, s.now()
	first := x.downSince.IsZero()
	if first {
		x.downSince = now
	}
	waited := now.Sub(x.downSince)
	if left := st.patience - waited; left > 0 {
		a.outcome, a.err = OutcomeStoreDown, fmt.Errorf("%w: %w", ErrStoreDown, err)
		a.retryIn = min(max(waited, 100*time.Millisecond), 15*time.Second, left)
	} else if st.runsWhenDown {
		runs = true
	} else {
		a.outcome, a.err = OutcomeStoreDown, fmt.Errorf("%w: %w", ErrStoreDown, err)
	}
	if first || runs || a.retryIn == noRetry {
		s.unlocked(func() {
			s.logger.Error("gocron: could not record that a run begins", "job", a.job.Name(), "runs", runs, "error", err)
		})
	}
	return runs
}

// storeRetryLocked has the end of an attempt written after which there is another one.
func (s *scheduler) storeRetryLocked(r *run, at time.Time) {
	if !r.job.settings().stored || !r.hasBegun() {
		return
	}
	r.makeStored().retryAt = at.UTC().Round(0)
	s.storeRunLocked(r, r.outcome, s.now())
}

// countBeginLocked counts r among the runs of its job that have begun, before that is recorded: if
// the process ends, what was recorded counts.
func (s *scheduler) countBeginLocked(r *run) {
	x, l := r.makeStored(), r.job.ledger()
	if l != nil && x.number == 0 && !r.hasBegun() {
		l.begun++
		x.number = l.begun
	}
	s.noteDirtyLocked(r.job.current())
}

// storeEndLocked has the outcome of r written. What a stop cuts off between two attempts goes on
// with the next one after the next Start.
func (s *scheduler) storeEndLocked(r *run, now time.Time) {
	if !r.job.settings().stored || s.store.released || r.job.isForgotten() {
		return
	}
	s.noteDirtyLocked(r.job.current())
	if r.record == nil {
		r.record = &runRecord{run: r}
	}
	x := r.makeStored()
	if l := r.job.ledger(); !r.hasBegun() && x.number > 0 && l != nil {
		l.begun--
		x.number = 0
		if heir := s.heirLocked(r.job); heir != nil && heir.limitedRuns > 0 {
			s.giveBackLocked(heir)
		}
	}
	if r.hasBegun() && !x.retryAt.IsZero() && r.session.stopped && r.job.current().mayGoOn() {
		n := s.store.ofName(r.job.settings().name)
		n.runs = append(n.runs, x.waiting)
		return
	}
	if r.hasBegun() && x.begins > int(r.attempts) {
		s.storeNoAttemptLocked(r, now)
		return
	}
	x.retryAt = time.Time{}
	o := r.outcome
	switch {
	case !r.hasBegun() && (o == OutcomeNotLeader || o == OutcomeLockedElsewhere):
		return // others settle it
	case !r.hasBegun() && (r.isLost() || r.isKept()) && x.begins == 0:
		return // it is still to be run
	}
	s.storeRunLocked(r, o, now)
}

// giveBackLocked gives j back one of its limited runs, which a run of a job before had taken.
func (s *scheduler) giveBackLocked(j *internalJob) {
	j.ledger().begun--
	j.reserved--
	s.changedLocked(j, s.anySessionLocked())
}

// storeNoAttemptLocked has it written that an attempt after the first came to nothing after its begin
// was recorded. After a stop another one is made when the scheduler is started again.
func (s *scheduler) storeNoAttemptLocked(r *run, now time.Time) {
	x := r.record.stored
	row := s.runRowLocked(r)
	row.Attempt, row.BegunAt, row.RetryAt, row.Error = x.begins, time.Time{}, time.Time{}, ""
	row.Outcome, row.EndedAt = OutcomeCancelled.String(), now.UTC().Round(0)
	s.writeLocked(row, r.session)
	if r.session.stopped && r.job.current().mayGoOn() && x.waiting.Run != "" {
		x.waiting.RetryAt = row.EndedAt
		s.writeLocked(x.waiting, r.session)
		n := s.store.ofName(r.job.settings().name)
		n.runs = append(n.runs, x.waiting)
	}
}

// mayGoOn reports whether runs of j that wait for an attempt go on after the next Start.
func (j *internalJob) mayGoOn() bool { return (j.listed || j.s.closed) && !j.ended }

// storeRunLocked has the row of r's latest attempt written.
func (s *scheduler) storeRunLocked(r *run, o Outcome, now time.Time) {
	row := s.runRowLocked(r)
	row.Outcome, row.EndedAt = o.String(), now.UTC().Round(0)
	if !r.hasBegun() {
		row.Occurrence = row.Occurrence && !r.isLost() && !r.isKept()
		row.Attempt = r.record.stored.begins // the begin that came to nothing is overwritten
	}
	if !row.RetryAt.IsZero() {
		r.record.stored.waiting = row
	}
	s.writeLocked(row, r.session)
}
