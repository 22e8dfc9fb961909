package gocron

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
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
	left *ledger               // of the job that had the name last and has left, nil for none
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
