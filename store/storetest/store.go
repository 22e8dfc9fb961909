package storetest

import (
	"context"
	"testing"
	"time"
)

// Job is gocron.StoredJob.
type Job = struct {
	Job, Fingerprint string
	Schedule         string
	FirstSeen        time.Time
	Mark             time.Time
	Version          int64
	State            []byte
}

// Row is gocron.StoredRun.
type Row = struct {
	Run              string
	Attempt          int
	Job, Fingerprint string
	ScheduledAt      time.Time
	Zone             string
	Trigger          string
	Occurrence       bool
	Node             string
	Epoch            int64
	BegunAt, EndedAt time.Time
	Outcome          string
	Error            string
	RetryAt          time.Time
	Until            time.Time
	Count            int
	Extra            []byte
}

// Store is gocron.Store.
type Store interface {
	Open(ctx context.Context, node string) (epoch int64, err error)
	Load(ctx context.Context, job func(Job) error, run func(Row) error) error
	Begin(ctx context.Context, run Row) (bool, error)
	Write(ctx context.Context, runs []Row, jobs []Job) (refused []string, err error)
	Release(ctx context.Context) error
}

// The methods that a store may have besides.
type (
	historian interface {
		History(ctx context.Context, job string, from, to time.Time, limit int) ([]Row, error)
	}
	renamer interface {
		Rename(ctx context.Context, from, to string) error
	}
	forgetter interface {
		Forget(ctx context.Context, job string) error
	}
)

// A Kind is a kind of store.
type Kind struct {
	// New makes an empty storage.
	New func(t testing.TB) Storage
	// Bad is a row that the store refuses, for a reason of its own; nil if it takes all.
	Bad *Row
}

// A Storage is one place where a store keeps things, such as a file. One Store of it is open at a
// time.
type Storage struct {
	// Open opens it as a program does that starts. A store that keeps things in memory may return
	// the same one each time.
	Open func(t testing.TB) Store
	// Close closes what Open has returned, as a program does that ends. The suite has called
	// Release. Nil if there is nothing to do.
	Close func(t testing.TB, store Store)
	// Crash has the program die that opened the store: what it had been told to be written is
	// there afterwards for Open, and nobody has called Release or Close. The suite calls it while
	// nothing is being written. Nil if nothing outlives the process.
	Crash func(t testing.TB, store Store)
}
