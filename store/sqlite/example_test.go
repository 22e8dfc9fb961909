package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gocron-fixed/gocron/store/sqlite"
)

// A scheduler is given the store with gocron.WithStore(store). Nobody else can open the file until
// it is closed.
func ExampleOpen() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	ctx, path := context.Background(), filepath.Join(folder, "jobs.db")

	store, err := sqlite.Open(ctx, path, sqlite.WithKeep(1000, 90*24*time.Hour))
	if err != nil {
		panic(err)
	}
	_, err = sqlite.Open(ctx, path)
	var other *sqlite.InUseError
	if errors.As(err, &other) {
		fmt.Println("in use by this process:", other.PID == os.Getpid())
	}
	fmt.Println("closed:", store.Close())
	// Output:
	// in use by this process: true
	// closed: <nil>
}

// History reads what happened to a job. A store can be read without a scheduler.
func ExampleStore_History() {
	folder, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	ctx := context.Background()
	store, err := sqlite.Open(ctx, filepath.Join(folder, "jobs.db"))
	if err != nil {
		panic(err)
	}
	defer store.Close()

	night := time.Date(2026, 3, 14, 3, 0, 0, 0, time.UTC)
	runs := []sqlite.Run{ // as a scheduler writes them
		{Run: "1-1", Attempt: 1, Job: "backup", ScheduledAt: night, Occurrence: true, BegunAt: night, EndedAt: night.Add(time.Minute), Outcome: "succeeded", Count: 1},
		{Run: "2-1", Job: "backup", ScheduledAt: night.AddDate(0, 0, 1), Occurrence: true, Until: night.AddDate(0, 0, 3), Outcome: "missed", Count: 3},
	}
	if _, err := store.Write(ctx, runs, nil); err != nil {
		panic(err)
	}
	rows, err := store.History(ctx, "backup", night, time.Time{}, 10)
	if err != nil {
		panic(err)
	}
	for _, row := range rows {
		fmt.Println(row.ScheduledAt.Format(time.DateOnly), row.Outcome, row.Count)
	}
	// Output:
	// 2026-03-15 missed 3
	// 2026-03-14 succeeded 1
}
