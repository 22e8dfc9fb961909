package gocron

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	// storeTimeout bounds one call of a store.
	storeTimeout = 30 * time.Second
	// mostErrorText is how many bytes of an error's text are stored.
	mostErrorText = 1024
	// storeTolerance is how far ahead of the clock a stored time may be and still be waited for: the
	// clock was set back. What is further ahead is an error of the clock that stored it.
	storeTolerance = 3 * time.Hour
)

// The optional methods of a Store.
type (
	historyStore interface {
		History(ctx context.Context, job string, from, to time.Time, limit int) ([]StoredRun, error)
	}
	renamingStore interface {
		Rename(ctx context.Context, from, to string) error
	}
	forgettingStore interface {
		Forget(ctx context.Context, job string) error
	}
	sharedStore interface {
		Shared() bool
	}
)

// A storage is the scheduler's side of its store.
type storage struct {
	// Set by options, immutable after NewScheduler.
	Store
	runsWhenDown bool
	patience     time.Duration
	errorText    func(error) string
	epoch        int64
	node         string

	// The scheduler's mu guards the rest.
	names    map[string]*storedName
	runs     []StoredRun    // to be written
	sessions []*session     // of those, in the same order: their stop waits for that
	dirty    []*internalJob // whose rows are to be written with the next runs
	writing  chan struct{}  // closed when the goroutine that writes has ended, nil for none
	// Names that Forget has deleted what was stored of, until a job has them again.
	forgotten map[string]bool
	toRead    []*internalJob // whose history is to be read
	reading   bool           // a goroutine reads
	released  bool
	gone      chan struct{} // closed when nobody waits for what could not be written
}

// A storedName is what the store has of one job.
type storedName struct {
	rows map[string]*StoredJob // by fingerprint
	runs []StoredRun           // of processes before, that somebody has to see to, or after the mark
}

// makeStorage is the scheduler's storage for the options, which may come in any order.
func (s *scheduler) makeStorage() *storage {
	if s.store == nil {
		s.store = &storage{patience: defaultStorePatience, errorText: error.Error}
	}
	return s.store
}

// openStore opens the store, if there is one, and loads what it knows.
func (s *scheduler) openStore() error {
	st := s.store
	if st == nil {
		return nil
	}
	if st.Store == nil {
		return fmt.Errorf("%w: WithStoreDown and WithStoredErrors, allowed: with WithStore", ErrOptionValue)
	}
	st.names, st.gone = make(map[string]*storedName), make(chan struct{})
	host, _ := os.Hostname()
	st.node = fmt.Sprintf("%s/%d", host, os.Getpid())
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	epoch, err := st.Open(ctx, st.node)
	if err != nil {
		return fmt.Errorf("gocron: WithStore: could not open the store: %w", err)
	}
	st.epoch = epoch
	if err := st.Load(ctx, st.addJob, st.addRun); err != nil {
		return errors.Join(fmt.Errorf("gocron: WithStore: could not load from the store: %w", err), st.Release(ctx))
	}
	return nil
}

// ofName is what the store has of the job.
func (st *storage) ofName(name string) *storedName {
	n := st.names[name]
	if n == nil {
		n = &storedName{rows: make(map[string]*StoredJob)}
		st.names[name] = n
	}
	return n
}

func (st *storage) addJob(row StoredJob) error {
	st.ofName(row.Job).rows[row.Fingerprint] = &row
	return nil
}

func (st *storage) addRun(row StoredRun) error {
	n := st.ofName(row.Job)
	n.runs = append(n.runs, row)
	return nil
}

// latestRow is the row of the schedule that the job had last, which has the newest mark of all; nil if
// it has none. What is ahead of the given time a wrong clock has written.
func (n *storedName) latestRow(sane time.Time) (latest *StoredJob) {
	for _, row := range n.rows {
		if row.Mark.After(sane) {
			continue
		}
		if latest == nil || row.Mark.After(latest.Mark) {
			latest = row
		}
	}
	return latest
}

// fingerprintOf tells the schedule of j from others: its kind and values, its location and its start
// time, and no other options.
func (j *internalJob) fingerprintOf() string {
	var text strings.Builder
	writeSchedule(&text, j.plan.public())
	fmt.Fprintf(&text, "|%s", j.location())
	if w := j.window(); w.hasStart() {
		fmt.Fprintf(&text, "|start %d", w.start.UnixNano())
	}
	if x := j.settings(); x.fromCompletion {
		text.WriteString("|from completion")
	} else if x.weeksFromMonday {
		text.WriteString("|weeks from monday")
	}
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(text.String())) // it cannot fail
	return fmt.Sprintf("%s-%016x", strings.SplitN(text.String(), " ", 2)[0], hash.Sum64())
}

// writeSchedule writes a schedule's kind and values.
func writeSchedule(text *strings.Builder, public JobSchedule) {
	kind := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%T", public), "gocron."), "JobSchedule")
	fmt.Fprintf(text, "%s ", strings.ToLower(kind))
	switch public := public.(type) {
	case OneTimeJobSchedule:
		for _, t := range public.StartAt {
			fmt.Fprintf(text, "%d ", t.UnixNano())
		}
	case AnyOfJobSchedule:
		for _, part := range public.Schedules {
			writeSchedule(text, part)
		}
	case ScheduleJobSchedule: // what it says is its own affair
		fmt.Fprintf(text, "%T", public.Schedule)
	default:
		fmt.Fprintf(text, "%v", public)
	}
}

// A jobState is the State of a StoredJob.
type jobState struct {
	Version       int       `json:"v"`
	Anchor        time.Time `json:"anchor,omitzero"`
	Next          time.Time `json:"next,omitzero"` // of a job whose times are not told by its schedule alone
	StartPassed   bool      `json:"start_passed,omitempty"`
	Begun         uint32    `json:"begun,omitempty"` // runs
	LastStarted   time.Time `json:"last_started,omitzero"`
	LastCompleted time.Time `json:"last_completed,omitzero"`
	PausedAt      time.Time `json:"paused_at,omitzero"` // zero: not paused
	PausedBy      string    `json:"paused_by,omitempty"`
	PauseNote     string    `json:"pause_note,omitempty"`
}

const jobStateVersion = 1

// rowLocked is j's row as it is now, to be written.
func (s *scheduler) rowLocked(j *internalJob) StoredJob {
	l := j.ledger()
	l.dirty = false
	l.row.Version++
	l.row.Mark = l.mark().UTC()
	l.row.State = s.rowStateLocked(j)
	return *l.row
}

// rowStateLocked is the State of j's row.
func (s *scheduler) rowStateLocked(j *internalJob) []byte {
	l := j.ledger()
	state := jobState{Version: jobStateVersion, Anchor: j.anchor.Round(0), StartPassed: j.startPassed, Begun: l.begun}
	if j.countsOneByOne() || asksUserCode(j.plan) {
		state.Next = j.nominalTime(j.next).Round(0)
	}
	if j.last != nil {
		state.LastStarted, state.LastCompleted = j.last.startedAt.Round(0), j.last.completedAt.Round(0)
	}
	if x := j.rareState(); x.paused {
		state.PausedAt, state.PausedBy, state.PauseNote = x.pause.since.Round(0), x.pause.who, x.pause.note
	}
	text, _ := json.Marshal(state) // of times before the year 10000, which cannot fail
	return text
}

// storedRun is what the store has of a run beyond its record.
type storedRun struct {
	id          string    // as it was first stored; "" for the run's own
	fingerprint string    // that the run began with; "" for its job's
	begins      int       // attempts that were recorded
	begunAt     time.Time // of the latest attempt
	retryAt     time.Time // when the next attempt is due, zero for none
	waiting     StoredRun // the row that says so
	interrupted int       // how often the process ended meanwhile
	number      uint32    // of the run among those of the job that have begun, 0 if it has not
	downSince   time.Time // since when it waits for the store
	error       string    // of the latest attempt
}

// runExtra is the Extra of a StoredRun.
type runExtra struct {
	Version     int `json:"v"`
	Interrupted int `json:"interrupted,omitempty"`
	// Begun is how many runs of the job have begun with this one, under WithLimitedRuns.
	Begun uint32 `json:"begun,omitempty"`
}

// makeStored is what is known of r beyond its record. Runs of stored jobs have a record.
func (r *run) makeStored() *storedRun {
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
		BegunAt: x.begunAt, Error: x.error, RetryAt: x.retryAt, Count: 1,
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
	if !r.job.settings().stored || s.store.released {
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

// writeLocked has a row written. The session's stop waits for it.
func (s *scheduler) writeLocked(row StoredRun, sess *session) {
	st := s.store
	if st.forgotten[row.Job] {
		return
	}
	sess.busy++
	st.runs, st.sessions = append(st.runs, row), append(st.sessions, sess)
	s.startWritingLocked()
}

// noteDirtyLocked has j's row written with the next runs.
func (s *scheduler) noteDirtyLocked(j *internalJob) {
	if l := j.ledger(); l != nil && l.row != nil && !l.dirty {
		l.dirty = true
		s.store.dirty = append(s.store.dirty, j)
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
	if st := s.store; st.writing == nil && !st.released {
		st.writing = make(chan struct{})
		go s.writeBehind()
	}
}

// A storeBatch is what one transaction writes.
type storeBatch struct {
	runs     []StoredRun
	sessions []*session
	jobs     []StoredJob
	ledgers  []*ledger // of the jobs
}

// takeBatchLocked takes all that is to be written, in one transaction: a mark is not to be safe before
// the rows of what it has passed, nor a run's end before what is counted of it. It reports whether
// there is anything.
func (s *scheduler) takeBatchLocked() (b storeBatch, some bool) {
	st := s.store
	b.runs, st.runs = st.runs, nil
	b.sessions, st.sessions = st.sessions, nil
	for _, j := range st.dirty {
		if j = j.current(); j.ledger() != nil && j.ledger().row != nil && j.ledger().dirty {
			b.jobs = append(b.jobs, s.rowLocked(j))
			b.ledgers = append(b.ledgers, j.ledger())
		}
	}
	st.dirty = nil
	return b, len(b.runs)+len(b.jobs) > 0
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
		s.unlock()
		written := s.store.write(s.logger, b)
		s.lock()
		for _, l := range b.ledgers {
			if written && l.safe != nil && !isClosed(l.safe) {
				close(l.safe)
			}
		}
		for _, sess := range b.sessions {
			s.lessBusyLocked(sess)
		}
		s.unlock()
	}
}

// write writes a batch. While that fails it tries again, until nobody waits for it any more. It
// reports whether it was written.
func (st *storage) write(logger Logger, b storeBatch) (written bool) {
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

// closeStore gives the store back after a Shutdown, which err has ended early if it is not nil: then
// once the runs in progress have ended, and nobody waits any more for what cannot be written.
func (s *scheduler) closeStore(unsettled []*session, err error) {
	st := s.store
	if st == nil {
		return
	}
	if err == nil {
		s.releaseStore()
		return
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
}

// giveUp has what cannot be written tried once more only.
func (st *storage) giveUp() {
	if !isClosed(st.gone) {
		close(st.gone)
	}
}

// releaseStore writes the rows of jobs that have changed, and gives the store back, once.
func (s *scheduler) releaseStore() {
	st := s.store
	s.lock()
	if st.released {
		s.unlock()
		return
	}
	st.released = true
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
