package sqlite

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/gocron-fixed/gocron/store/storetest"
)

// TestStore puts the store through what any store must do. A crash is a copy of the files as they
// are, without a word to the Store.
func TestStore(t *testing.T) {
	storetest.Run(t, storetest.Kind{
		New: newStorage,
		Bad: &storetest.Row{Job: "a", ScheduledAt: noon}, // it has no id
	})
}

func newStorage(t testing.TB) storetest.Storage {
	path := filepath.Join(t.TempDir(), "jobs.db")
	return storetest.Storage{
		Open: func(t testing.TB) storetest.Store {
			store, err := Open(ctx(t), path)
			if err != nil {
				t.Fatal(err)
			}
			return store
		},
		Close: func(t testing.TB, store storetest.Store) {
			if err := store.(*Store).Close(); err != nil {
				t.Fatal(err)
			}
		},
		Crash: func(t testing.TB, store storetest.Store) {
			copied := filepath.Join(t.TempDir(), "jobs.db")
			copyFiles(t, path, copied)
			if err := store.(*Store).Close(); err != nil {
				t.Fatal(err)
			}
			path = copied
		},
	}
}

// open opens a file and fails the test if that fails. The test closes it at its end at the latest.
func open(t testing.TB, path string, options ...Option) *Store {
	t.Helper()
	store, err := Open(ctx(t), path, options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

// copyFiles copies a database as it is, with its write-ahead log.
func copyFiles(t testing.TB, from, to string) {
	t.Helper()
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(from + suffix)
		if err != nil && suffix == "" {
			t.Fatal(err)
		}
		if err == nil {
			write(t, to+suffix, text)
		}
	}
}

func write(t testing.TB, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}
