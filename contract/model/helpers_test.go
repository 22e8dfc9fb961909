//go:build go1.25

package model_test

import (
	"testing"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// newScheduler makes a scheduler that is shut down when the test ends.
func newScheduler(t testing.TB, options ...gocron.SchedulerOption) gocron.Scheduler {
	t.Helper()
	s, err := gocron.NewScheduler(options...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Shutdown()) })
	return s
}

// mustJob adds a job that must not be refused.
func mustJob(t testing.TB, s gocron.Scheduler, definition gocron.JobDefinition, task any, options ...gocron.JobOption) gocron.Job {
	t.Helper()
	j, err := s.NewJob(definition, gocron.NewTask(task), options...)
	require.NoError(t, err)
	return j
}
