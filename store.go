package gocron

import (
	"context"
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
	// the number of this use, the epoch: it is higher than that of every use before. A store that
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
	// Run is the run's id, unique in the store. With Attempt, which is 0 for a run whose task was
	// not called, it is the key.
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
