//go:debug asynctimerchan=0

//go:build go1.25

// Package schedules_test holds what users may rely on about the times that a definition names: tables
// of each kind, an oracle that walks through every minute, and what holds for any definition.
package schedules_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
