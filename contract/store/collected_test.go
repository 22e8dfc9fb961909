package store_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// addAndRemove adds a job and removes it, while it runs if runs is set. What it returns is closed when
// nothing refers any more to what the task refers to. A task that runs ends with end.
func addAndRemove(t *testing.T, s gocron.Scheduler, runs bool, end <-chan struct{}) <-chan struct{} {
	used, began, collected := new([1024]byte), make(chan struct{}), make(chan struct{})
	runtime.SetFinalizer(used, func(*[1024]byte) { close(collected) })
	j := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() {
		close(began)
		<-end
		used[0]++
	}, gocron.WithName("a"))
	if runs {
		require.NoError(t, j.RunNow())
		<-began
	}
	require.NoError(t, s.RemoveJob(j.ID()))
	return collected
}

// A program adds and removes jobs for years. The store keeps the jobs, and the scheduler no more of them than
// that takes.
func TestTheTaskOfARemovedJobIsCollected(t *testing.T) {
	for name, runs := range map[string]bool{"has not run": false, "runs": true} {
		t.Run(name, func(t *testing.T) {
			s := rig.NewScheduler(t, gocron.WithStore(gocron.NewMemoryStore()))
			s.Start()
			end := make(chan struct{})
			collected := addAndRemove(t, s, runs, end)
			close(end)
			for tooLong := time.After(10 * time.Second); ; runtime.Gosched() {
				runtime.GC()
				select {
				case <-collected:
					require.NoError(t, s.Shutdown())
					return
				case <-tooLong:
					t.Fatal("something keeps the task of the removed job")
				default:
				}
			}
		})
	}
}
