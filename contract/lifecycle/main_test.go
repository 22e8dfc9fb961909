//go:debug asynctimerchan=0

//go:build go1.25

// Package lifecycle_test holds what users may rely on about construction, Start, StopJobs, Shutdown
// and restarts, and calls of the scheduler from inside the scheduler's own callbacks.
package lifecycle_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
