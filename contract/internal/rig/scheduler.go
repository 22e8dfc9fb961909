package rig

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
)

// IDs are the ids of the scheduler's jobs.
func IDs(s gocron.Scheduler) []uuid.UUID {
	var all []uuid.UUID
	for _, j := range s.Jobs() {
		all = append(all, j.ID())
	}
	return all
}

// Noop is a task that does nothing.
func Noop() {}

// MaxDuration is the longest wait there is.
const MaxDuration time.Duration = math.MaxInt64

// Ages is a definition that is due in ages: its job runs by RunNow alone.
func Ages() gocron.JobDefinition { return gocron.DurationJob(1000 * time.Hour) }

// EndedContext is a context that was cancelled.
func EndedContext() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// NewScheduler makes a scheduler that is shut down when the test ends.
func NewScheduler(t testing.TB, options ...gocron.SchedulerOption) gocron.Scheduler {
	t.Helper()
	s, err := gocron.NewScheduler(options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown()) })
	return s
}

// MustJob adds a job that must not be refused.
func MustJob(t testing.TB, s gocron.Scheduler, definition gocron.JobDefinition, task any, options ...gocron.JobOption) gocron.Job {
	t.Helper()
	j, err := s.NewJob(definition, gocron.NewTask(task), options...)
	require.NoError(t, err)
	return j
}

// Receive waits for something that must come. The time limit only keeps a
// broken program from hanging the tests.
func Receive[T any](t testing.TB, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
		panic("unreachable")
	}
}
