//go:debug asynctimerchan=0

//go:build go1.25

// Package jobs_test holds what users may rely on about jobs: names, ids and tags, tasks and
// contexts, what is refused, and how a job takes the place of another.
package jobs_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
