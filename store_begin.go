package gocron

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// storedRun is what the store has of a run beyond its record.
type storedRun struct {
	id          string     // as it was first stored; "" for the run's own
	fingerprint string     // that the run began with; "" for its job's
	begins      int        // attempts that were recorded, or may have been
	begunAt     time.Time  // of the latest attempt
	before      *StoredRun // the row of the latest attempt that was to be followed by another, which its RetryAt is for
	interrupted int        // how often the process ended meanwhile
	number      uint32     // of the run among the runs of the job that have begun, 0 if it has not
	downSince   time.Time  // since when it waits for the store
	error       string     // of the latest attempt
}

// runExtra is the Extra of a StoredRun.
type runExtra struct {
	Version     int `json:"v"`
	Interrupted int `json:"interrupted,omitempty"`
	// Begun is how many runs of the job have begun with this one, under WithLimitedRuns.
	Begun uint32 `json:"begun,omitempty"`
}

// makeStored is what is known of r beyond its record.
func (r *run) makeStored() *storedRun {
	if r.record == nil {
		r.record = &runRecord{run: r}
	}
	if r.record.stored == nil {
		r.record.stored = &storedRun{}
	}
	return r.record.stored
}

// runRowLocked is the row of r's latest attempt.
func (s *scheduler) runRowLocked(r *run) StoredRun {
	j, x := r.job, r.makeStored()
	row := StoredRun{
		Run: x.id, Attempt: int(r.attempts), Job: j.settings().name, Fingerprint: j.settings().fingerprint,
		ScheduledAt: r.scheduledAt.UTC().Round(0), Zone: j.location().String(),
		Trigger: r.trigger.String(), Occurrence: r.isOccurrence(),
		Node: s.store.node, Epoch: s.store.epoch,
		BegunAt: x.begunAt, Error: x.error, Count: 1,
	}
	if x.fingerprint != "" {
		row.Fingerprint = x.fingerprint
	}
	if row.Run == "" {
		row.Run = fmt.Sprintf("%d-%d", s.store.epoch, r.id)
	}
	if gap := r.record.missed; gap != nil && gap.count > 0 {
		row.Until, row.Count = gap.last.UTC().Round(0), gap.count
	}
	if extra := (runExtra{1, x.interrupted, x.number}); x.interrupted > 0 || x.number > 0 && j.limitedRuns > 0 {
		row.Extra, _ = json.Marshal(extra)
	}
	return row
}

// mostErrorText is how many bytes of an error's text are stored.
const mostErrorText = 1024

// storedText is what the store keeps of err. It is called with nothing locked.
func (st *storage) storedText(err error) string {
	if err == nil {
		return ""
	}
	text := st.errorText(err)
	for len(text) > mostErrorText {
		_, size := utf8.DecodeLastRuneInString(text[:mostErrorText+1])
		text = strings.ToValidUTF8(text[:mostErrorText+1-max(size, 1)], "")
	}
	return text
}

// recordBegin has the store record that the run begins, before its task. It reports whether it may;
// if not, it has set the outcome.
func (a *attempt) recordBegin() bool {
	if !a.job.settings().stored {
		return true
	}
	s, st, r := a.s, a.s.store, a.run
	s.lock()
	n := r.job.ledger().known
	switch {
	case n.isBusy(), n.forgotten: // a name that is going, of a job that has left
		a.outcome, a.err = OutcomeCancelled, r.cancelCause()
		s.unlock()
		return false
	case !s.countBeginLocked(r):
		a.outcome, a.err = OutcomeCancelled, errNoRunLeft
		s.unlock()
		return false
	}
	n.begins++
	row := s.runRowLocked(r)
	row.Attempt++
	row.BegunAt, row.Error = s.now().UTC().Round(0), ""
	released, safe := st.released != nil, r.job.ledger().safe
	s.unlock()
	began, err := false, errors.New("the store was given back by Shutdown")
	if !released {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(a.context()), storeTimeout)
		defer cancel()
		began, err = st.beginAfter(ctx, safe, row)
	}
	s.lock()
	defer s.unlock()
	n.endBegin()
	switch {
	case err == nil && began:
		s.noteBegunLocked(r, row)
		return true
	case err == nil:
		a.outcome, a.err = OutcomeLockedElsewhere, errAnotherRun
		return false
	case s.decideStoreDownLocked(a, err):
		s.noteBegunLocked(r, row)
		return true
	}
	r.makeStored().begins = row.Attempt // a store that does not answer may have it all the same
	s.uncountBeginLocked(r)             // if the process ends while it waits, it has not begun
	return false
}

// endBegin notes that a begin of a run of n is not being recorded any more.
func (n *knownJob) endBegin() {
	if n.begins--; n.begins == 0 && n.noBegins != nil {
		close(n.noBegins)
		n.noBegins = nil
	}
}

// awaitBegins returns when no begin of a run of n, which is busy, is being recorded: none is asked for any
// more.
func (s *scheduler) awaitBegins(ctx context.Context, n *knownJob) error {
	s.lock()
	if n.begins == 0 {
		s.unlock()
		return nil
	}
	if n.noBegins == nil {
		n.noBegins = make(chan struct{})
	}
	none := n.noBegins
	s.unlock()
	select {
	case <-none:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// beginAfter is Begin once the row of the job is written, else a crash could leave a run of a job
// without a row. A nil safe means that it is written.
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

// noteBegunLocked notes that r begins the attempt of the row. The row of the attempt before has no
// retry time any more.
func (s *scheduler) noteBegunLocked(r *run, row StoredRun) {
	x := r.makeStored()
	x.begunAt, x.begins, x.downSince = row.BegunAt, row.Attempt, time.Time{}
	if x.before != nil {
		s.storeRetryAtLocked(r, time.Time{})
	}
}

// storeRetryAtLocked has it written when the attempt after the latest one is due, zero for none.
func (s *scheduler) storeRetryAtLocked(r *run, at time.Time) {
	before := r.record.stored.before
	before.RetryAt = at
	s.writeLocked(r.job, *before, r.session)
}

var errAnotherRun = errors.New("gocron: the store has another run of the occurrence")

// decideStoreDownLocked decides what happens to a run whose begin could not be written. It lets go of
// the lock to log.
func (s *scheduler) decideStoreDownLocked(a *attempt, err error) (runs bool) {
	st, now, x := s.store, s.now(), a.run.makeStored()
	first := x.downSince.IsZero()
	if first {
		x.downSince = now
	}
	waited := now.Sub(x.downSince)
	left := st.patience - waited
	if left > 0 {
		a.retryIn = min(max(waited, 100*time.Millisecond), 15*time.Second, left)
	}
	if runs = left <= 0 && st.runsWhenDown; !runs {
		a.outcome, a.err = OutcomeStoreDown, fmt.Errorf("%w: %w", ErrStoreDown, err)
	}
	if first || runs || a.retryIn == noRetry {
		s.unlocked(func() {
			s.logger.Error("gocron: could not record that a run begins", "job", a.job.Name(), "runs", runs, "error", err)
		})
	}
	return runs
}

// storeRetryLocked has the end of an attempt written after which there is another one. If the attempt
// was not made, only its time has changed.
func (s *scheduler) storeRetryLocked(r *run, at time.Time, notMade bool) {
	if !r.job.settings().stored || !r.hasBegun() {
		return
	}
	at = at.UTC().Round(0)
	if notMade && r.makeStored().before != nil {
		s.storeRetryAtLocked(r, at)
		return
	}
	s.storeAttemptLocked(r, r.outcome, at, s.now())
}

// errNoRunLeft is for a run that outlives its definition: runs of the next one have used up the limit.
var errNoRunLeft = errors.New("gocron: no run is left of WithLimitedRuns")

// countBeginLocked counts r among the runs of its job that have begun, before that is recorded: if
// the process ends, what was recorded counts. It reports whether r may begin: not if no run is left.
func (s *scheduler) countBeginLocked(r *run) bool {
	x, n := r.makeStored(), r.job.ledger().known
	if x.number == 0 && !r.hasBegun() {
		if limit := n.job.limitedRuns; limit > 0 && n.begun >= limit {
			return false
		}
		n.begun++
		x.number = n.begun
		if n.job != r.job {
			n.job.reserved++
			s.limitChangedLocked(n.job, r.session)
		}
	}
	s.noteDirtyLocked(n.job)
	return true
}

// uncountBeginLocked is for a run that has not begun after all. With a store a limit belongs to the
// name: it does not end with the job, and another job of the name goes on with it.
func (s *scheduler) uncountBeginLocked(r *run) {
	x := r.makeStored()
	if x.number == 0 || r.hasBegun() {
		return
	}
	n := r.job.ledger().known
	n.begun--
	x.number = 0
	if n.job != r.job {
		n.job.reserved--
		s.limitChangedLocked(n.job, r.session)
	}
	s.storeJobLocked(n.job) // what was counted may be written already
}

// limitChangedLocked books the next time of j anew, after a run of an earlier definition has taken or
// given back one of the limited runs.
func (s *scheduler) limitChangedLocked(j *internalJob, sess *session) {
	now := s.now()
	switch {
	case j.limitedRuns == 0 || s.session == nil || !j.listed || !j.entered:
	case j.allReserved():
		s.setNextLocked(j, time.Time{}, now)
	case j.next.IsZero() && j.completing == 0:
		s.bookLocked(j, time.Time{}, now, now)
	}
	s.changedLocked(j, sess)
}

// storeEndLocked has the outcome of r written. What a stop cuts off between two attempts goes on
// with the next one after the next Start: then it reports that.
func (s *scheduler) storeEndLocked(r *run, now time.Time) (goesOn bool) {
	if !r.job.settings().stored || s.store.released != nil || r.job.isForgotten() {
		return false
	}
	s.noteDirtyLocked(r.job.current())
	s.uncountBeginLocked(r)
	x := r.makeStored()
	switch {
	case !r.hasBegun():
		s.storeNotBegunLocked(r, now)
	case x.begins > int(r.attempts):
		return s.storeNoAttemptLocked(r, now)
	case x.before == nil || x.before.Attempt < int(r.attempts):
		s.storeAttemptLocked(r, r.outcome, time.Time{}, now)
	case !x.before.RetryAt.IsZero() && r.isCutOff():
		s.suspendLocked(r)
		return true
	default: // the next attempt is not made
		s.storeRetryAtLocked(r, time.Time{})
	}
	return false
}

// storeNotBegunLocked has the outcome of a run written whose task was not called. A begin that came to
// nothing, or that failed, is overwritten.
func (s *scheduler) storeNotBegunLocked(r *run, now time.Time) {
	begins, isStillToRun := r.makeStored().begins, r.isLost() || r.isKept()
	settledByOthers := r.outcome == OutcomeNotLeader || r.outcome == OutcomeLockedElsewhere
	if begins == 0 && (isStillToRun || settledByOthers) {
		return
	}
	row := s.runRowLocked(r)
	row.Attempt, row.BegunAt, row.Occurrence = begins, time.Time{}, row.Occurrence && !isStillToRun && !settledByOthers
	row.Outcome, row.EndedAt = r.outcome.String(), now.UTC().Round(0)
	s.writeLocked(r.job, row, r.session)
}

// storeAttemptLocked has the end of an attempt written, and when the next one is due, zero for none.
func (s *scheduler) storeAttemptLocked(r *run, o Outcome, retryAt, now time.Time) {
	row := s.runRowLocked(r)
	row.Outcome, row.EndedAt, row.RetryAt = o.String(), now.UTC().Round(0), retryAt
	if !retryAt.IsZero() {
		r.record.stored.before = &row
	}
	s.writeLocked(r.job, row, r.session)
}

// storeNoAttemptLocked has it written that an attempt after the first came to nothing after its begin
// was recorded, or may have been. After a stop another one is made when the scheduler is started again.
func (s *scheduler) storeNoAttemptLocked(r *run, now time.Time) (goesOn bool) {
	x, row := r.record.stored, s.runRowLocked(r)
	row.Attempt, row.BegunAt, row.Error = x.begins, time.Time{}, ""
	row.Outcome, row.EndedAt = OutcomeCancelled.String(), now.UTC().Round(0)
	s.writeLocked(r.job, row, r.session)
	switch goesOn = x.before != nil && r.isCutOff(); {
	case goesOn:
		s.storeRetryAtLocked(r, row.EndedAt)
		s.suspendLocked(r)
	case x.before != nil:
		s.storeRetryAtLocked(r, time.Time{})
	}
	return goesOn
}

// suspendLocked keeps r, which waits for its next attempt, for the next Start.
func (s *scheduler) suspendLocked(r *run) {
	row, n := *r.record.stored.before, r.job.ledger().known
	n.runs = append(n.runs, row)
	s.store.suspended[row.Run] = r.id
}
