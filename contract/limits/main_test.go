//go:debug asynctimerchan=0

//go:build go1.25

// Package limits_test holds what users may rely on about limits of concurrent runs, and singleton
// jobs.
package limits_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
