//go:debug asynctimerchan=0

//go:build go1.25

// Package runs_test holds what users may rely on about runs: their outcomes, their history, and
// what hooks and contexts tell of them.
package runs_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
