package gocron

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"
	"slices"
	"strings"
	"time"
)

const (
	// storeTimeout bounds one call of a store.
	storeTimeout = 30 * time.Second
	// storeTolerance is how far ahead of the clock a stored time may be and still be waited for: the
	// clock was set back. What is further ahead is an error of the clock that stored it.
	storeTolerance = 3 * time.Hour
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
	names    map[string]*knownJob
	batch    storeBatch    // to be written next
	underWay []StoredRun   // being written
	writing  chan struct{} // closed when the goroutine that writes has ended, nil for none
	// Runs that a stop has cut off between two attempts, by their id in the store: they go on after the
	// next Start, as the runs that they are.
	suspended map[string]uint64
	toRead    []*internalJob // whose history is to be read
	reading   bool           // a goroutine reads
	released  chan struct{}  // closed when it was given back, nil until that begins
	gone      chan struct{}  // closed when nobody waits for what could not be written
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
	st.names, st.gone, st.suspended = make(map[string]*knownJob), make(chan struct{}), make(map[string]uint64)
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

// A knownJob is what the store has of one job, whatever names and schedules that has in turn.
type knownJob struct {
	name      string
	rows      map[string]*StoredJob // by fingerprint
	runs      []StoredRun           // of processes before, that somebody has to see to, or after the mark
	begun     uint32                // runs, counted for WithLimitedRuns
	job       *internalJob          // the latest record of it, nil for none in this process
	forgotten bool                  // by Forget: nothing of its jobs is written any more
	asides    int                   // that are to rename or forget it, or to give it another name: no job gets the name meanwhile
	begins    int                   // of its runs, that are being recorded
	noBegins  chan struct{}         // closed when none is, nil if nobody waits for that
}

// ofName is what the store has of the job.
func (st *storage) ofName(name string) *knownJob {
	n := st.names[name]
	if n == nil {
		n = &knownJob{name: name, rows: make(map[string]*StoredJob)}
		st.names[name] = n
	}
	return n
}

func (st *storage) addJob(row StoredJob) error {
	n := st.ofName(row.Job)
	n.rows[row.Fingerprint] = &row
	n.begun = max(n.begun, stateOf(&row).Begun)
	return nil
}

func (st *storage) addRun(row StoredRun) error {
	if row.Run == "" || row.Attempt < 0 { // the scheduler writes none, and could not end it
		return nil
	}
	n := st.ofName(row.Job)
	n.runs = append(n.runs, row)
	n.begun = max(n.begun, extraOf(row).Begun) // the process may have ended before a row of the job said so
	return nil
}

// latestRow is the row of the schedule that the job had last, which has the newest mark of all; nil if
// it has none. What is ahead of the given time a wrong clock has written: it counts if there is nothing
// else.
func (n *knownJob) latestRow(sane time.Time) (latest *StoredJob) {
	isAhead := func(row *StoredJob) bool { return row.Mark.After(sane) }
	for _, row := range n.rows {
		switch {
		case latest == nil, isAhead(latest) && !isAhead(row), isAhead(latest) == isAhead(row) && row.Mark.After(latest.Mark):
			latest = row
		}
	}
	return latest
}

// renameStored gives what the store has under the former name of j to j. It is called with nothing
// locked.
func (s *scheduler) renameStored(j *internalJob) error {
	x := j.settings()
	if x.formerName == "" || s.previews || x.formerName == x.name {
		return nil
	}
	s.lock()
	former, store, err := s.formerLocked(x.formerName, x.name)
	if former == nil {
		s.unlock()
		return err
	}
	own := s.store.ofName(x.name)
	former.asides++
	own.asides++
	s.unlock()
	defer s.endAside(former, own)
	ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
	defer cancel()
	err = s.doAside(ctx, former, func() error {
		s.lock()
		now, _, err := s.formerLocked(x.formerName, x.name)
		s.unlock()
		if now != former { // others were first
			return err
		}
		if err := store.Rename(ctx, x.formerName, x.name); err != nil {
			return err
		}
		s.lock()
		defer s.unlock()
		s.renamedLocked(former, x.name)
		return nil
	})
	if err != nil && err != ErrSchedulerShutdown { // which is said when the job is listed
		return fmt.Errorf("gocron: WithFormerName(%q): could not rename it: %w", x.formerName, err)
	}
	return nil
}

// endAside lets jobs have the names again.
func (s *scheduler) endAside(names ...*knownJob) {
	s.lock()
	defer s.unlock()
	for _, n := range names {
		n.asides--
	}
}

// renamedLocked is called when the store has another name for n. What is still to be written gets it too.
func (s *scheduler) renamedLocked(n *knownJob, name string) {
	st := s.store
	for i := range st.batch.runs {
		if row := &st.batch.runs[i]; row.Job == n.name {
			row.Job = name
		}
	}
	for _, row := range n.rows {
		row.Job = name
	}
	delete(st.names, n.name)
	st.names[name], n.name = n, name
}

// formerLocked is what the store has under a former name, to be renamed. It is nil with no error if that
// is nothing.
func (s *scheduler) formerLocked(formerName, name string) (*knownJob, renamingStore, error) {
	former, own := s.store.names[formerName], s.store.names[name]
	store, can := s.store.Store.(renamingStore)
	allowed := ""
	switch {
	case former == nil || len(former.rows) == 0:
		return nil, nil, nil
	case own != nil && len(own.rows) > 0:
		allowed = fmt.Sprintf("a name that the store has nothing of, or none for %q", name)
	case s.claiming[formerName] != nil:
		allowed = "a name that no job has"
	case !can:
		allowed = fmt.Sprintf("with a store that has the method Rename, which %T has not", s.store.Store)
	default:
		return former, store, nil
	}
	return nil, nil, optionValueError("WithFormerName", formerName, allowed)
}

// OrphanedJobs returns the names of the jobs that the store of WithStore has and the scheduler does
// not have, sorted: jobs that were renamed without WithFormerName, or that the program no longer
// makes. It returns nil without a store, and ErrSchedulerShutdown after Shutdown.
func (c *Controller) OrphanedJobs() ([]string, error) {
	if err := c.lock(); err != nil {
		return nil, err
	}
	defer c.s.unlock()
	switch {
	case c.s.store == nil:
		return nil, nil
	case c.s.closed: // it has no job any more
		return nil, ErrSchedulerShutdown
	}
	var names []string
	for name, n := range c.s.store.names {
		if len(n.rows)+len(n.runs) > 0 && c.s.claiming[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Forget deletes what the store of WithStore has of a job that the scheduler no longer has. A job
// that gets the name later starts as a new one. While Forget is at it NewJob refuses the name with
// ErrClaimNameTaken. Forget returns an error that Is ErrOptionValue while a job has the name, and an
// error that Is errors.ErrUnsupported without a store or with a store that has no method Forget, and
// one that Is ErrSchedulerShutdown after Shutdown. An unknown name is no error.
func (c *Controller) Forget(ctx context.Context, name string) error {
	if err := c.lock(); err != nil {
		return err
	}
	store, n, err := c.s.beginForgettingLocked(name)
	c.s.unlock()
	if err != nil {
		return err
	}
	defer c.s.endAside(n)
	ctx, cancel := context.WithTimeout(orBackground(ctx), storeTimeout)
	defer cancel()
	err = c.s.doAside(ctx, n, func() error { return c.s.forget(ctx, store, name, n) })
	if err != nil {
		return fmt.Errorf("gocron: Forget(%q): %w", name, err)
	}
	return nil
}

// beginForgettingLocked has no job get the name, and returns what the store has of that and the store,
// which is to forget it.
func (s *scheduler) beginForgettingLocked(name string) (forgettingStore, *knownJob, error) {
	st := s.store
	if st == nil {
		return nil, nil, fmt.Errorf("gocron: Forget: the scheduler has no store: %w", errors.ErrUnsupported)
	}
	store, can := st.Store.(forgettingStore)
	switch {
	case !can:
		return nil, nil, fmt.Errorf("gocron: Forget: %T has no method Forget: %w", st.Store, errors.ErrUnsupported)
	case s.claiming[name] != nil:
		return nil, nil, optionValueError("Forget", name, "a name that no job has: remove the job first")
	}
	n := st.ofName(name)
	n.asides++
	return store, n, nil
}

// forget has the store forget n, unless n was forgotten or renamed meanwhile. What runs of its jobs
// still have to say is not written any more.
func (s *scheduler) forget(ctx context.Context, store forgettingStore, name string, n *knownJob) error {
	s.lock()
	isStill := s.store.names[name] == n
	s.unlock()
	if !isStill {
		return nil
	}
	if err := store.Forget(ctx, name); err != nil {
		return err
	}
	s.lock()
	defer s.unlock()
	n.forgotten = true
	delete(s.store.names, name)
	s.dropRowsLocked(name)
	return nil
}

// orBackground is ctx, or a context that does not end if that is nil.
func orBackground(ctx context.Context) context.Context {
	if ctx == nil {
		return context.Background()
	}
	return ctx
}

// isForgotten reports whether j has left, and the store was told to forget it.
func (j *internalJob) isForgotten() bool {
	l := j.ledger()
	return l != nil && l.known.isForgotten()
}

// isForgotten reports whether the store was told to forget the name.
func (n *knownJob) isForgotten() bool { return n != nil && n.forgotten }

// isBusy reports whether the name is being given away, given to another job, or forgotten.
func (n *knownJob) isBusy() bool { return n != nil && n.asides > 0 }

// fingerprintOf tells the schedule of j from others: its kind and values, its location and its start
// time, and no other options.
func (j *internalJob) fingerprintOf() string {
	var text strings.Builder
	writeSchedule(&text, j.plan.public())
	fmt.Fprintf(&text, "|%s", j.location())
	for _, month := range [...]time.Month{time.January, time.July} { // time.Local is another zone on another machine
		_, offset := time.Date(2000, month, 1, 0, 0, 0, 0, j.location()).Zone()
		fmt.Fprintf(&text, " %d", offset)
	}
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
	Next          time.Time `json:"next,omitzero"` // the first that is not settled, of a job whose times are not told by its schedule alone
	StartPassed   bool      `json:"start_passed,omitempty"`
	Begun         uint32    `json:"begun,omitempty"` // runs
	LastStarted   time.Time `json:"last_started,omitzero"`
	LastCompleted time.Time `json:"last_completed,omitzero"`
	PausedAt      time.Time `json:"paused_at,omitzero"` // zero: not paused
	PausedBy      string    `json:"paused_by,omitempty"`
	PauseNote     string    `json:"pause_note,omitempty"`
}

const jobStateVersion = 1

// refreshRowLocked has the row of l say what is so now.
func (s *scheduler) refreshRowLocked(l *ledger) {
	l.row.Mark, l.row.State = l.mark().UTC(), s.rowStateLocked(l.job)
}

// rowStateLocked is the State of j's row.
func (s *scheduler) rowStateLocked(j *internalJob) []byte {
	l := j.ledger()
	state := jobState{Version: jobStateVersion, Anchor: j.anchor.UTC().Round(0), StartPassed: j.startPassed, Begun: l.known.begun}
	if j.countsOneByOne() || asksUserCode(j.plan) {
		state.Next = j.nominalTime(j.next).UTC().Round(0)
		switch first := l.mark().UTC().Add(1); {
		case l.seeks && !l.gap.After(first):
			state.Next = time.Time{} // it is still to be found
		case !first.After(l.reached):
			state.Next = first // the first that is not settled
		}
	}
	if j.last != nil {
		state.LastStarted, state.LastCompleted = j.last.startedAt.UTC().Round(0), j.last.completedAt.UTC().Round(0)
	}
	if x := j.rareState(); x.paused {
		state.PausedAt, state.PausedBy, state.PauseNote = x.pause.since.UTC().Round(0), x.pause.who, x.pause.note
	}
	text, _ := json.Marshal(state) // of times in UTC before the year 10000, which cannot fail
	return text
}
