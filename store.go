package gocron

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// Store keeps what is known of the jobs of one scheduler and of their runs beyond the life of the
// process: see WithStore. A type of another module can be a Store without importing this package:
// the methods use types of the standard library, and StoredJob and StoredRun are aliases of unnamed
// struct types.
//
// The scheduler calls a store with no lock held, and never on the goroutine that dispatches jobs: a
// slow store delays only the runs that it stores. All methods but Open and Release may be called at
// the same time. If the store cannot be reached a method returns an error, and the scheduler asks
// again. A panic in a method ends the program.
//
// A store may have more methods. WithStore refuses a store that has a method with one of these
// names and another signature:
//
//	History(ctx context.Context, job string, from, to time.Time, limit int) ([]StoredRun, error)
//	Rename(ctx context.Context, from, to string) error
//	Forget(ctx context.Context, job string) error
//	Shared() bool
//
// History returns the rows of a job that were due between from and to, both included, the newest
// first, at most limit. A zero time is no bound, and a limit of 0 is no limit. Rename gives all
// rows of a job another name. Forget deletes the rows of a job. Shared reports whether all nodes
// that run the jobs use this store.
type Store interface {
	// Open begins the use of the store by one scheduler, on the node of the given name, and returns
	// the number of this use, the epoch: it is higher than the number of every use before. A store that
	// is in use already refuses, and says by whom.
	Open(ctx context.Context, node string) (epoch int64, err error)

	// Load calls job for every row of a job, then run for the rows of runs that somebody has to see
	// to: those without an end, those that wait for another attempt, and those that were due after
	// the mark of their job. It is called once, after Open. An error of job or run ends it, and is
	// returned.
	Load(ctx context.Context, job func(StoredJob) error, run func(StoredRun) error) error

	// Begin writes the row of an attempt that is about to start. When it returns, the row is as
	// safe as the store makes rows. It returns false, without an error, if another row has the
	// occurrence: a row of another run with the same job and ScheduledAt, if both are occurrences.
	Begin(ctx context.Context, run StoredRun) (bool, error)

	// Write writes rows, each replaces the row with the same key: Run and Attempt for runs,
	// Job and Fingerprint for jobs. All are written in one transaction, but a row that cannot be
	// written does not keep the others from it. A job's row is left as it is if it has another
	// Version than one less than the given one; the names of such jobs are returned.
	Write(ctx context.Context, runs []StoredRun, jobs []StoredJob) (refused []string, err error)

	// Release ends the use that Open has begun.
	Release(ctx context.Context) error
}

// StoredJob is the row of a job with one schedule. A job whose schedule was changed has several.
type StoredJob = struct {
	// Job is the job's name, and Fingerprint what its schedule is told by. They are the key.
	Job, Fingerprint string
	// Schedule is the schedule in words, for people.
	Schedule string
	// FirstSeen is when the job was first entered with this schedule.
	FirstSeen time.Time
	// Mark is the watermark: every occurrence at or before it is settled, which means that it has
	// an outcome, or that a run of it has begun.
	Mark time.Time
	// Version is 1 for a new row, and grows by one with every change.
	Version int64
	// State is versioned JSON that only the scheduler reads.
	State []byte
}

// StoredRun is the row of one attempt of a run, or of occurrences that no run was made of.
type StoredRun = struct {
	// Run is the run's id, unique in the store. With Attempt, which is 0 for a run of which no begin
	// was asked for, it is the key.
	Run     string
	Attempt int
	// Job and Fingerprint are the key of the StoredJob that the run began with.
	Job, Fingerprint string
	// ScheduledAt is when the run was due, in UTC, and Zone the name of the job's location.
	ScheduledAt time.Time
	Zone        string
	// Trigger is the name of a Trigger. Occurrence is set for runs of the job's schedule: no two
	// runs of a job have the same one.
	Trigger    string
	Occurrence bool
	// Node and Epoch are who began the run.
	Node  string
	Epoch int64
	// BegunAt is zero for a run whose task was not called, and EndedAt until it has an outcome.
	BegunAt, EndedAt time.Time
	// Outcome is the name of an Outcome, "" until there is one.
	Outcome string
	// Error is the text of the attempt's error, at most 1,024 bytes; or what the option
	// WithStoredErrors has made of it.
	Error string
	// RetryAt is when the next attempt is due, zero for none. It is cleared when that has begun.
	RetryAt time.Time
	// A row may stand for several occurrences: the first was due at ScheduledAt, the last at Until,
	// and there are Count. Count is 1 for all other rows.
	Until time.Time
	Count int
	// Extra is versioned JSON, or nil.
	Extra []byte
}

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

// WithStore makes the jobs outlive the process. The scheduler writes to the store before a task
// begins and after it has ended. So the scheduler of the next process knows what has run, what was
// due meanwhile, and which runs were in progress when the process ended:
//
//   - Intervals keep their phase. A job goes on where it was, unless its schedule has changed: it then
//     counts from now.
//   - Missed occurrences are recorded with their number, or run: see WithMissed.
//   - A run that was in progress when the process ended has OutcomeInterrupted, or runs again: see
//     WithRerunInterrupted. A run that waited for its next attempt gets that attempt.
//   - WithLimitedRuns counts the runs of all processes. A pause stays until Resume. Instants of a
//     OneTimeJob that have run do not run again. Instants that were missed are no error of NewJob.
//
// A task begins at most once for each occurrence, unless WithRerunInterrupted or StoreDownRun says
// otherwise. Runs of RunNow are recorded, and never run again.
//
// Every job needs a name of its own by WithName, else NewJob returns ErrClaimNoName or
// ErrClaimNameTaken. WithoutStore leaves a job out. The store never keeps the parameters of tasks.
// WithStoredErrors says what it keeps of their errors.
//
// NewScheduler opens and reads the store, and returns the error if that fails, for instance because
// another scheduler has the store. Shutdown releases the store when everything is written, and waits
// for that up to the stop timeout. If the store cannot be reached in between, WithStoreDown says what
// happens to runs. A nil store is refused with ErrOptionValue, and so is a store that has a method
// with a name that Store lists and another signature.
func WithStore(store Store) SchedulerOption {
	return func(s *scheduler) error {
		if isNil(store) {
			return optionValueError("WithStore", "nil", "a Store, such as NewMemoryStore()")
		}
		if err := checkOptionalMethods(store); err != nil {
			return err
		}
		s.makeStorage().Store = store
		return nil
	}
}

// StoreDownPolicy says what happens to a run whose begin cannot be written to the store.
type StoreDownPolicy int

const (
	// StoreDownSkip skips it: it has OutcomeStoreDown. This is the default.
	StoreDownSkip StoreDownPolicy = iota
	// StoreDownRun runs it, which is logged. If the process ends before the store is back, nobody
	// knows of the run, and the occurrence may run again.
	StoreDownRun
)

// defaultStorePatience is how long a run waits for the store if WithStoreDown does not say.
const defaultStorePatience = time.Minute

// WithStoreDown says what happens to a run when the scheduler cannot write to the store of
// WithStore that the run begins. The run waits for at most patience, without a slot, while the
// scheduler tries again. Then it is skipped (StoreDownSkip) or runs (StoreDownRun). The default is
// StoreDownSkip after a minute. With a patience of 0 it does not wait. A negative patience and an
// unknown policy are refused with ErrOptionValue.
func WithStoreDown(policy StoreDownPolicy, patience time.Duration) SchedulerOption {
	return func(s *scheduler) error {
		if policy != StoreDownSkip && policy != StoreDownRun {
			return optionValueError("WithStoreDown policy", int(policy), "StoreDownSkip or StoreDownRun")
		}
		if patience < 0 {
			return optionValueError("WithStoreDown patience", patience, "0 or more")
		}
		st := s.makeStorage()
		st.runsWhenDown, st.patience = policy == StoreDownRun, patience
		return nil
	}
}

// WithStoredErrors sets a func that returns the text which the store of WithStore keeps of a task's
// error. It may leave out secrets, or return "". By default the text is the error's. The
// store keeps at most 1,024 bytes. No lock is held during the call, and a panic in it ends the
// program. Nil is refused with ErrOptionValue.
func WithStoredErrors(text func(error) string) SchedulerOption {
	return func(s *scheduler) error {
		if text == nil {
			return optionValueError("WithStoredErrors", "nil", "a func that is not nil")
		}
		s.makeStorage().errorText = text
		return nil
	}
}

// WithoutStore leaves the job out of the store of WithStore: nothing of it outlives the process, and
// it needs no name. Without a store it changes nothing.
func WithoutStore() JobOption {
	return func(j *internalJob, _ time.Time) error {
		j.makeSettings().withoutStore = true
		return nil
	}
}

// WithRerunInterrupted makes a run that was in progress when the process ended run again when the
// scheduler of the next process starts. So its task ends at least once, unless it is interrupted
// more than n times. Each time is an attempt of the same run. Runs of RunNow and of an immediate
// start do not run again. The option needs WithStore; without it, and for an n of 0 or more than
// 1,000,000, it is refused with ErrOptionValue.
func WithRerunInterrupted(n uint) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if n == 0 || n > 1_000_000 {
			return optionValueError("WithRerunInterrupted", n, "1 to 1,000,000")
		}
		j.makeSettings().rerun = int(n)
		return nil
	}
}

// WithFormerName says which name the job had before. What the store of WithStore has under that
// name then belongs to the job. You may leave the option in the program: if the store has nothing
// under the former name, it changes nothing. It is refused with ErrOptionValue without a store, if
// the store cannot rename, and if the store has rows under both names. An empty name is refused
// with ErrWithNameEmpty.
func WithFormerName(name string) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if name == "" {
			return ErrWithNameEmpty
		}
		j.makeSettings().formerName = name
		return nil
	}
}

// checkOptionalMethods returns an error if the store has a method of a name that means something,
// and that method cannot be what the name says.
func checkOptionalMethods(store Store) error {
	value := reflect.ValueOf(store)
	for _, is := range [...]reflect.Type{
		reflect.TypeFor[historyStore](), reflect.TypeFor[renamingStore](),
		reflect.TypeFor[forgettingStore](), reflect.TypeFor[sharedStore](),
	} {
		name := is.Method(0).Name
		method := value.MethodByName(name)
		if method.IsValid() && !value.Type().Implements(is) {
			return fmt.Errorf("%w: WithStore(%T): its method %s is %v, allowed: %v", ErrOptionValue, store, name, method.Type(), is.Method(0).Type)
		}
	}
	return nil
}

// checkStored checks what the options of j say of the store, and notes whether j is under it.
func (j *internalJob) checkStored(now time.Time) error {
	x, st := j.settings(), j.s.store
	if j.s.previews {
		return nil
	}
	if st == nil || x.withoutStore {
		switch {
		case x.rerun > 0:
			return optionValueError("WithRerunInterrupted", x.rerun, "with WithStore, for a job without WithoutStore")
		case x.formerName != "":
			return optionValueError("WithFormerName", x.formerName, "with WithStore, for a job without WithoutStore")
		}
		if w := j.window(); st != nil && w.isOver(now) {
			return fmt.Errorf("%w: end is %s, now is %s", ErrWithStopDateTimePast, timeText(w.stop), timeText(now))
		}
		return nil
	}
	x = j.makeSettings()
	x.stored, x.recorded = true, true
	if x.name == "" {
		return ErrClaimNoName
	}
	if shared, is := st.Store.(sharedStore); j.s.electorFor(j) != nil && x.missed != nil && !(is && shared.Shared()) {
		return fmt.Errorf("%w: WithMissed: with an Elector, allowed: a store that all nodes share, or WithoutStore", ErrOptionValue)
	}
	return nil
}
