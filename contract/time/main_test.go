//go:debug asynctimerchan=0

//go:build go1.25

// Package time_test holds what users may rely on about when jobs are due: start and stop times,
// time zones, missed occurrences, and clocks that are set or that sleep.
package time_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
