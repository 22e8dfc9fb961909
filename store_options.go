package gocron

import (
	"context"
	"fmt"
	"reflect"
	"time"
)

// WithStore makes the jobs outlive the process. Before a run begins, that is written to the store,
// and after it has ended, its outcome. So the scheduler of the next process knows what has run, what
// was due meanwhile, and which runs the process did not end:
//
//   - Intervals keep their phase, and a job whose schedule is as it was goes on where it was; one with
//     another schedule counts from now.
//   - Occurrences that were missed are recorded with their number, or run: see WithMissed.
//   - A run that was in progress when the process ended has OutcomeInterrupted, or is run again: see
//     WithRerunInterrupted. A run that waited for its next attempt goes on with that.
//   - WithLimitedRuns counts the runs of all processes. A pause stays until Resume. Instants of a
//     OneTimeJob that have run do not run again, and those that were missed are no error of NewJob.
//
// A task begins at most once for each occurrence, unless WithRerunInterrupted or StoreDownRun says
// otherwise. RunNow changes none of this: its runs are recorded, and never run again.
//
// Every job needs a name, by WithName, which no other has: else NewJob returns ErrClaimNoName or
// ErrClaimNameTaken. WithoutStore leaves a job out. Parameters of tasks are never stored; for error
// texts see WithStoredErrors.
//
// NewScheduler opens the store and loads from it, and returns the error if that fails, such as
// because another scheduler has it; Shutdown gives it back, when all that has ended is written. A
// store that is not to be reached meanwhile holds up the runs: see WithStoreDown. A nil store, and
// one with a method of a name that Store lists and another signature, is refused with
// ErrOptionValue.
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

// WithStoreDown says what happens to a run whose begin cannot be written to the store of WithStore.
// It waits for at most patience, while the store is tried again, and uses no slot meanwhile; then
// policy says what happens. The default is StoreDownSkip after a minute. A patience of 0 does not
// wait. A negative one, and a policy that is none of the constants, are refused with ErrOptionValue.
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

// WithStoredErrors says which text of a task's error the store of WithStore keeps: what text returns.
// It may leave secrets out, or return "". By default it is the error's own, cut to 1,024 bytes, as
// that of text is. It is called with nothing locked. Nil is refused with ErrOptionValue.
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

// WithRerunInterrupted makes a run begin again that was in progress when the process ended, when the
// scheduler of the next process starts: so the task runs to its end at least once, unless it is
// interrupted more than n times. Each time is an attempt of the same run. A run of RunNow or of an
// immediate start is not run again. It needs a store: without WithStore NewJob returns
// ErrOptionValue, as it does for an n of 0.
func WithRerunInterrupted(n uint) JobOption {
	return func(j *internalJob, _ time.Time) error {
		if n == 0 || n > 1_000_000 {
			return optionValueError("WithRerunInterrupted", n, "1 to 1,000,000")
		}
		j.makeSettings().rerun = int(n)
		return nil
	}
}

// WithFormerName says which name the job had before, so that what the store of WithStore has under
// that name becomes the job's. It may stay in the program: where the store has nothing under the
// former name it changes nothing. It is refused with ErrOptionValue if the store has rows under both
// names, if it cannot rename, and without a store; an empty name is ErrWithNameEmpty.
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
	for name, is := range map[string]reflect.Type{
		"History": reflect.TypeFor[historyStore](),
		"Rename":  reflect.TypeFor[renamingStore](),
		"Forget":  reflect.TypeFor[forgettingStore](),
		"Shared":  reflect.TypeFor[sharedStore](),
	} {
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

// renameStored gives what the store has under the former name of j to j. It is called with nothing
// locked.
func (s *scheduler) renameStored(j *internalJob) error {
	x := j.settings()
	if x.formerName == "" || s.previews || x.formerName == x.name {
		return nil
	}
	st := s.store
	s.lock()
	former, has := st.names[x.formerName]
	own := st.names[x.name]
	s.unlock()
	switch renamer, can := st.Store.(renamingStore); {
	case !has || len(former.rows) == 0:
		return nil
	case own != nil && len(own.rows) > 0:
		return optionValueError("WithFormerName", x.formerName, fmt.Sprintf("a name that the store has nothing of, or none for %q", x.name))
	case s.isNamed(x.formerName):
		return optionValueError("WithFormerName", x.formerName, "a name that no job has")
	case !can:
		return optionValueError("WithFormerName", x.formerName, fmt.Sprintf("with a store that has the method Rename, which %T has not", st.Store))
	default:
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		defer cancel()
		if err := renamer.Rename(ctx, x.formerName, x.name); err != nil {
			return fmt.Errorf("gocron: WithFormerName(%q): could not rename it: %w", x.formerName, err)
		}
	}
	s.lock()
	defer s.unlock()
	delete(st.names, x.formerName)
	st.names[x.name] = former.renamed(x.name)
	return nil
}

// renamed is what the store has of a job that got another name.
func (n *storedName) renamed(name string) *storedName {
	for _, row := range n.rows {
		row.Job = name
	}
	for i := range n.runs {
		n.runs[i].Job = name
	}
	return n
}

// isNamed reports whether a job under the store has the name.
func (s *scheduler) isNamed(name string) bool {
	s.lock()
	defer s.unlock()
	return s.claiming[name] != nil
}
