package gocron

import (
	"context"
	"slices"
	"time"
)

// writeLocked has a row of a run of j written, under the name that the job has by now. The session's stop
// waits for it.
func (s *scheduler) writeLocked(j *internalJob, row StoredRun, sess *session) {
	if l := j.ledger(); l != nil { // else it was never entered
		row.Job = l.known.name
	}
	if j.isForgotten() {
		return
	}
	sess.busy++
	b := &s.store.batch
	b.runs, b.sessions = append(b.runs, row), append(b.sessions, sess)
	s.startWritingLocked()
}

// noteDirtyLocked has j's row written with the next runs.
func (s *scheduler) noteDirtyLocked(j *internalJob) {
	if l := j.ledger(); l != nil && l.row != nil && !l.dirty {
		l.dirty = true
		s.store.batch.ledgers = append(s.store.batch.ledgers, l)
	}
}

// storeJobLocked has j's row written soon.
func (s *scheduler) storeJobLocked(j *internalJob) {
	if s.store == nil || !j.settings().stored {
		return
	}
	s.noteDirtyLocked(j)
	s.startWritingLocked()
}

func (s *scheduler) startWritingLocked() {
	if st := s.store; st.writing == nil && st.released == nil {
		st.writing = make(chan struct{})
		go s.writeBehind()
	}
}

// A storeBatch is what one transaction writes.
type storeBatch struct {
	runs     []StoredRun
	sessions []*session  // of the runs, in the same order: their stop waits for that
	ledgers  []*ledger   // whose rows have changed
	jobs     []StoredJob // these rows, as they are when the batch is taken
	asides   []aside     // to be done in the store when it is written
}

// takeBatchLocked takes all that is to be written, in one transaction: a mark is not to be safe before
// the rows of what it has passed, nor a run's end before what is counted of it. It reports whether
// there is anything.
func (s *scheduler) takeBatchLocked() (b storeBatch, some bool) {
	b, s.store.batch = s.store.batch, storeBatch{}
	b.ledgers = slices.DeleteFunc(b.ledgers, func(l *ledger) bool { return l.known.forgotten })
	for _, l := range b.ledgers {
		l.dirty = false
		s.refreshRowLocked(l)
		l.row.Version++
		b.jobs = append(b.jobs, *l.row)
	}
	return b, len(b.runs)+len(b.jobs)+len(b.asides) > 0
}

// writeBehind writes what there is to write, until there is nothing.
func (s *scheduler) writeBehind() {
	for {
		s.lock()
		b, some := s.takeBatchLocked()
		if !some {
			close(s.store.writing)
			s.store.writing = nil
			s.unlock()
			return
		}
		s.store.underWay = b.runs
		s.unlock()
		written := s.store.write(s.logger, b)
		s.lock()
		s.store.underWay = nil
		for _, l := range b.ledgers {
			if written && l.safe != nil && !isClosed(l.safe) {
				close(l.safe)
			}
		}
		for _, sess := range b.sessions {
			s.lessBusyLocked(sess)
		}
		s.unlock()
		for _, a := range b.asides {
			close(a.turn)
			<-a.over
		}
	}
}

// dropRowsLocked has the rows of runs of the job not written.
func (s *scheduler) dropRowsLocked(job string) {
	b := &s.store.batch
	runs, sessions := b.runs, b.sessions
	b.runs, b.sessions = nil, nil
	for i, row := range runs {
		if row.Job == job {
			s.noteLessBusyLocked(sessions[i])
		} else {
			b.runs, b.sessions = append(b.runs, row), append(b.sessions, sessions[i])
		}
	}
}

// unwritten are the rows of runs of the job that are still to be written, or are being written.
func (st *storage) unwritten(job string) (rows []StoredRun) {
	for _, row := range slices.Concat(st.underWay, st.batch.runs) {
		if row.Job == job {
			rows = append(rows, row)
		}
	}
	return rows
}

// An aside is something that is done in the store while no rows are written.
type aside struct {
	turn chan struct{} // closed when it may be done
	over chan struct{} // closed when it is done, or given up
}

// doAside calls do, with nothing locked, when everything is written that is to be written now and no
// begin of a run of n is being recorded. No other rows are written until do returns. If ctx ends first,
// or the scheduler was shut down, doAside returns an error and does not call do.
func (s *scheduler) doAside(ctx context.Context, n *knownJob, do func() error) error {
	if err := s.awaitBegins(ctx, n); err != nil {
		return err
	}
	a := aside{make(chan struct{}), make(chan struct{})}
	defer close(a.over)
	s.lock()
	closed := s.closed
	if !closed {
		s.store.batch.asides = append(s.store.batch.asides, a)
		s.startWritingLocked()
	}
	s.unlock()
	if closed {
		return ErrSchedulerShutdown
	}
	select {
	case <-a.turn:
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// write writes a batch. While that fails it tries again, until nobody waits for it any more. It
// reports whether it was written.
func (st *storage) write(logger Logger, b storeBatch) (written bool) {
	if len(b.runs)+len(b.jobs) == 0 {
		return true
	}
	failing := false
	for wait := 50 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		refused, err := st.Write(ctx, b.runs, b.jobs)
		cancel()
		if err == nil {
			if failing {
				logger.Info("gocron: the store can be written to again")
			}
			for _, name := range refused {
				logger.Error("gocron: the store has a newer row of a job: somebody else has written it", "job", name)
			}
			return true
		}
		if !failing {
			failing = true
			logger.Error("gocron: could not write to the store, which is tried again", "runs", len(b.runs), "jobs", len(b.jobs), "error", err)
		}
		timer := newRealTimer(wait)
		select {
		case <-timer.C:
		case <-st.gone:
			logger.Error("gocron: outcomes of runs were not written to the store", "runs", len(b.runs), "error", err)
			timer.Stop()
			return false
		}
		timer.Stop()
	}
}

// closeStore gives the store back after a Shutdown, for which it waits until the deadline. If err has
// ended the Shutdown early, it does so once the runs in progress have ended, and nobody waits any more
// for what cannot be written. It returns the error of the Shutdown.
func (s *scheduler) closeStore(deadline stopDeadline, unsettled []*session, err error) error {
	st := s.store
	if st == nil {
		return err
	}
	if err == nil {
		given := s.releaseStore()
		if isClosed(given) { // before this Shutdown: all is done, whatever its context
			return nil
		}
		return deadline.wait(given)
	}
	s.lock()
	st.giveUp()
	s.unlock()
	go func() {
		for _, sess := range unsettled {
			<-sess.idle
		}
		s.releaseStore()
	}()
	return err
}

// giveUp has what cannot be written tried once more only.
func (st *storage) giveUp() {
	if !isClosed(st.gone) {
		close(st.gone)
	}
}

// releaseStore gives the store back, once and on a goroutine of its own. What it returns is closed when
// that is done.
func (s *scheduler) releaseStore() <-chan struct{} {
	s.lock()
	defer s.unlock()
	st := s.store
	if st.released == nil {
		st.released = make(chan struct{})
		go func() {
			defer close(st.released)
			s.writeAndRelease()
		}()
	}
	return st.released
}

// writeAndRelease writes the rows of jobs that have changed, and gives the store back.
func (s *scheduler) writeAndRelease() {
	st := s.store
	s.lock()
	st.giveUp()
	if writing := st.writing; writing != nil {
		s.unlocked(func() { <-writing })
	}
	b, some := s.takeBatchLocked()
	s.unlock()
	if some {
		st.write(s.logger, b)
	}
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	if err := st.Release(ctx); err != nil {
		s.logger.Error("gocron: could not give the store back", "error", err)
	}
}
