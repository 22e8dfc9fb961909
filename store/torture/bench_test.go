package main

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
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

// oldRows is how many rows a file has that has been in use for long.
func oldRows() int {
	if testing.Short() {
		return 10_000
	}
	return 1_000_000
}

// stored makes a file that has so many rows of the herd's jobs.
func stored(b *testing.B, rows int) (path string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "jobs.db")
	store := openStore(b, path)
	begun := time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC)
	var runs []gocron.StoredRun
	var jobs []gocron.StoredJob
	for i := range herd {
		jobs = append(jobs, gocron.StoredJob{Job: fmt.Sprint("job-", i), Fingerprint: "old", Schedule: "every hour",
			FirstSeen: begun, Mark: begun.AddDate(0, 1, 0), Version: 1})
	}
	write(b, store, nil, jobs)
	for i := range rows {
		due := begun.Add(time.Duration(i/herd) * time.Minute)
		runs = append(runs, gocron.StoredRun{Run: fmt.Sprintf("0190b5a0-%08d-%016d", i%herd, i), Attempt: 1, Job: fmt.Sprint("job-", i%herd),
			Fingerprint: "old", ScheduledAt: due, Zone: "UTC", Trigger: "schedule", Occurrence: true, Node: "web-1", Epoch: 1,
			BegunAt: due, EndedAt: due.Add(time.Second), Outcome: "succeeded", Count: 1})
		if len(runs) == herd {
			write(b, store, runs, nil)
			runs = runs[:0]
		}
	}
	if err := store.Close(); err != nil {
		b.Fatal(err)
	}
	return path
}

func write(b *testing.B, store *sqlite.Store, runs []gocron.StoredRun, jobs []gocron.StoredJob) {
	b.Helper()
	if refused, err := store.Write(context.Background(), runs, jobs); err != nil || len(refused) > 0 {
		b.Fatal(refused, err)
	}
}

// BenchmarkHerd has 10,000 jobs due at one instant: how long until the last task was called. "old" is
// with a file that has a million rows.
func BenchmarkHerd(b *testing.B) {
	paths := map[string]string{"ms/herd": stored(b, 0), "ms/herd-old": stored(b, oldRows())}
	took := map[string][]time.Duration{}
	for range b.N {
		for unit, path := range paths {
			took[unit] = append(took[unit], herdOnce(b, path))
		}
	}
	reportMedians(b, took)
}

// herdOnce returns how long after it was due the last task was called.
func herdOnce(b *testing.B, path string) time.Duration {
	b.Helper()
	store := openStore(b, path)
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
	took := (<-last).Sub(due)
	shutDown(b, s, store)
	return took
}

// BenchmarkStart starts with 10,000 jobs that are stored: open and load, make the jobs, start. "old" is
// with a file that has a million rows.
func BenchmarkStart(b *testing.B) {
	paths := map[string]string{"ms/start": stored(b, 0), "ms/start-old": stored(b, oldRows())}
	for _, path := range paths {
		startOnce(b, path) // the jobs are stored by that
	}
	took := map[string][]time.Duration{}
	for range b.N {
		for unit, path := range paths {
			took[unit] = append(took[unit], startOnce(b, path))
		}
	}
	reportMedians(b, took)
}

func startOnce(b *testing.B, path string) time.Duration {
	b.Helper()
	begun := time.Now()
	store := openStore(b, path)
	s := scheduler(b, store, gocron.DurationJob(time.Hour), func() {})
	s.Start()
	took := time.Since(begun)
	shutDown(b, s, store)
	return took
}

func reportMedians(b *testing.B, took map[string][]time.Duration) {
	b.Helper()
	for unit, all := range took {
		slices.Sort(all)
		b.ReportMetric(float64(all[len(all)/2].Microseconds())/1e3, unit)
	}
	b.ReportMetric(0, "ns/op")
}
