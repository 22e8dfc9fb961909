package main

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
	gocron "github.com/gocron-fixed/gocron/v2"
)

const herd = 10_000

// scheduler makes one with a store and a herd of jobs, which call task.
func scheduler(b *testing.B, store *sqlite.Store, definition gocron.JobDefinition, task func()) gocron.Scheduler {
	b.Helper()
	s, err := gocron.NewScheduler(gocron.WithStore(store), gocron.WithStopTimeout(time.Minute))
	if err != nil {
		b.Fatal(err)
	}
	for i := range herd {
		if _, err := s.NewJob(definition, gocron.NewTask(task), gocron.WithName(fmt.Sprint("job-", i))); err != nil {
			b.Fatal(err)
		}
	}
	return s
}

func shutDown(b *testing.B, s gocron.Scheduler, store *sqlite.Store) {
	b.Helper()
	if err := s.Shutdown(); err != nil {
		b.Fatal(err)
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
}

func openStore(b *testing.B, path string) *sqlite.Store {
	b.Helper()
	store, err := sqlite.Open(context.Background(), path)
	if err != nil {
		b.Fatal(err)
	}
	return store
}

// BenchmarkHerd has 10,000 jobs due at one instant: how long until the last task was called.
func BenchmarkHerd(b *testing.B) {
	for range b.N {
		store := openStore(b, filepath.Join(b.TempDir(), "jobs.db"))
		var left atomic.Int32
		left.Store(herd)
		last := make(chan time.Time, 1)
		due := time.Now().Add(3 * time.Second)
		s := scheduler(b, store, gocron.OneTimeJob(gocron.OneTimeJobStartDateTime(due)), func() {
			if left.Add(-1) == 0 {
				last <- time.Now()
			}
		})
		s.Start()
		b.ReportMetric(float64((<-last).Sub(due).Milliseconds()), "ms/herd")
		shutDown(b, s, store)
	}
}

// BenchmarkStart starts with 10,000 jobs that are stored: open and load, make the jobs, start.
func BenchmarkStart(b *testing.B) {
	path := filepath.Join(b.TempDir(), "jobs.db")
	hourly := gocron.DurationJob(time.Hour)
	store := openStore(b, path)
	s := scheduler(b, store, hourly, func() {})
	s.Start()
	shutDown(b, s, store)
	b.ResetTimer()
	for range b.N {
		store := openStore(b, path)
		s := scheduler(b, store, hourly, func() {})
		s.Start()
		b.StopTimer()
		shutDown(b, s, store)
		b.StartTimer()
	}
}
