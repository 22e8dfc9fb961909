//go:debug asynctimerchan=0

//go:build go1.25

// Package hooks_test holds what users may rely on about listeners, monitors, loggers, lockers and
// electors: when each is called, and what they may do.
package hooks_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
