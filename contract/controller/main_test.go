//go:debug asynctimerchan=0

//go:build go1.25

// Package controller_test holds what users may rely on about the Controller: pause and resume,
// cancel, run and wait, stats and explanations.
package controller_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
