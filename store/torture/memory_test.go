package main

import (
	"os"
	"testing"

	"github.com/gocron-fixed/gocron/store/storetest"
	gocron "github.com/gocron-fixed/gocron/v2"
)

func TestMain(m *testing.M) {
	if !serveChild() {
		os.Exit(m.Run())
	}
}

// TestMemoryStore puts the root's store in memory through what any store must do.
func TestMemoryStore(t *testing.T) {
	storetest.Run(t, storetest.Kind{New: func(testing.TB) storetest.Storage {
		store := gocron.NewMemoryStore()
		return storetest.Storage{
			Open:  func(testing.TB) storetest.Store { return store },
			Crash: func(testing.TB, storetest.Store) { store = store.Crash() },
		}
	}})
}
