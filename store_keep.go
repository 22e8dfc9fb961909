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
	runs     []StoredRun     // to be written
	sessions []*session      // of those, in the same order: their stop waits for that
	dirty    []*internalJob  // whose rows are to be written with the next runs
	writing  chan struct{}   // closed when the goroutine that writes has ended, nil for none
	awaiting []chan struct{} // closed when what is to be written now has been written
	// Names that Forget has deleted, until a job has them again.
	forgotten map[string]bool
	// Runs that a stop has cut off between two attempts, by their id in the store: they go on after the
	// next Start, as the runs that they are.
	suspended map[string]uint64
	toRead    []*internalJob // whose history is to be read
	reading   bool           // a goroutine reads
	released  chan struct{}  // closed when it was given back, nil until that begins
	gone      chan struct{}  // closed when nobody waits for what could not be written
}

// A storedName is what the store has of one job.
type storedName struct {
	rows map[string]*StoredJob // by fingerprint
	runs []StoredRun           // of processes before, that somebody has to see to, or after the mark
	left *ledger               // of the job that had the name last, nil if none did in this process
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
	st.names, st.gone, st.suspended = make(map[string]*storedName), make(chan struct{}), make(map[string]uint64)
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
	if row.Run == "" || row.Attempt < 0 { // the scheduler writes none, and could not end it
		return nil
	}
	n := st.ofName(row.Job)
	n.runs = append(n.runs, row)
	return nil
}

// latestRow is the row of the schedule that the job had last, which has the newest mark of all; nil if
// it has none. What is ahead of the given time a wrong clock has written: it counts if there is nothing
// else.
func (n *storedName) latestRow(sane time.Time) (latest *StoredJob) {
	for _, row := range n.rows {
		better := latest == nil || row.Mark.After(latest.Mark)
		if latest != nil && row.Mark.After(sane) != latest.Mark.After(sane) {
			better = latest.Mark.After(sane)
		}
		if better {
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
	state := jobState{Version: jobStateVersion, Anchor: j.anchor.UTC().Round(0), StartPassed: j.startPassed, Begun: l.begun}
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

// isForgotten reports whether j has left, and the store was told to forget it.
func (j *internalJob) isForgotten() bool {
	l := j.ledger()
	return !j.listed && l != nil && l.row == nil
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
	number      uint32    // of the run among the runs of the job that have begun, 0 if it has not
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
