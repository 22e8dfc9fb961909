//go:debug asynctimerchan=0

//go:build go1.25

// Package policy_test holds what users may rely on about policies of jobs: retries, timeouts,
// recovery of panics, middleware, and jobs that leave when they have finished.
package policy_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
