//go:debug asynctimerchan=0

//go:build go1.25

// Package store_test holds what users may rely on about jobs that outlive the process, and about
// occurrences that were missed.
package store_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
