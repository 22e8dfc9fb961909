//go:build go1.25

package rig

import (
	"testing"
	"testing/synctest"

	"github.com/gocron-fixed/gocron/v2"
	"github.com/stretchr/testify/require"
)

// EachEntrance runs a test for every way to replace a job.
func EachEntrance(t *testing.T, f func(t *testing.T, replace func(gocron.Scheduler, gocron.Job, gocron.JobDefinition, any, ...gocron.JobOption) gocron.Job)) {
	for _, e := range Entrances() {
		t.Run(e.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f(t, func(s gocron.Scheduler, old gocron.Job, d gocron.JobDefinition, task any, options ...gocron.JobOption) gocron.Job {
					j, err := e.Add(s, old.ID(), d, gocron.NewTask(task), options...)
					require.NoError(t, err)
					require.Equal(t, old.ID(), j.ID())
					return j
				})
			})
		})
	}
}

// A ReplaceFunc puts a job into the place of another.
type ReplaceFunc = func(gocron.Scheduler, gocron.Job, gocron.JobDefinition, any, ...gocron.JobOption) gocron.Job
