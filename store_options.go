package gocron

import (
	"context"
	"fmt"
	"reflect"
	"time"
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
// error. It may leave out secrets, or return "". By default the text is that of the error. The
// store keeps at most 1,024 bytes. No lock is held during the call, and a panic in it ends the
// program. Nil is refused with
// ErrOptionValue.
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
		err := s.awaitWritten(ctx) // under the former name
		if err == nil {
			err = renamer.Rename(ctx, x.formerName, x.name)
		}
		if err != nil {
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
