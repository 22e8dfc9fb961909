package jobs_test

import (
	"runtime"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/gocron-fixed/gocron/v2/contract/internal/rig"
	"github.com/stretchr/testify/require"
)

// replacedTwice replaces j by a job that it replaces in turn, and returns what is
// closed when the record in between was collected.
func replacedTwice(t *testing.T, s gocron.Scheduler, j gocron.Job) <-chan struct{} {
	update := func(name string) gocron.Job {
		updated, err := s.Update(j.ID(), gocron.DurationJob(time.Hour), gocron.NewTask(rig.Noop), gocron.WithName(name))
		require.NoError(t, err)
		return updated
	}
	collected := make(chan struct{})
	runtime.SetFinalizer(update("between"), func(gocron.Job) { close(collected) })
	update("newest")
	return collected
}

// requireCollected collects garbage until c is closed.
func requireCollected(t *testing.T, c <-chan struct{}) {
	t.Helper()
	for tooLong := time.After(10 * time.Second); ; {
		runtime.GC()
		select {
		case <-c:
			return
		case <-tooLong:
			t.Fatal("something keeps the replaced job")
		default:
			runtime.Gosched()
		}
	}
}

func TestReplacedJobsAreCollectedWhileAHandleIsKept(t *testing.T) {
	s := rig.NewScheduler(t)
	s.Start()
	first := rig.MustJob(t, s, gocron.DurationJob(time.Hour), rig.Noop)
	requireCollected(t, replacedTwice(t, s, first))
	next, err := first.NextRun()
	require.NoError(t, err, "the handle is of use")
	require.NotZero(t, next)
}

func TestReplacedJobsAreCollectedWhileARunGoesOn(t *testing.T) {
	s := rig.NewScheduler(t)
	s.Start()
	running, end := make(chan struct{}), make(chan struct{})
	defer close(end)
	first := rig.MustJob(t, s, gocron.DurationJob(time.Hour), func() {
		close(running)
		<-end
	})
	require.NoError(t, first.RunNow())
	rig.Receive(t, running)
	collected := replacedTwice(t, s, first)
	first = s.Jobs()[0] // the run alone keeps the first
	requireCollected(t, collected)
	busy, err := first.IsRunning()
	require.NoError(t, err)
	require.True(t, busy)
}
