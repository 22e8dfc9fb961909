//go:debug asynctimerchan=0
//go:debug randseednop=0

//go:build go1.25

// Package model_test runs random programs against a scheduler and against a plain model of what it
// should do. The first directive is for testing/synctest, the second for seedRandomJobs.
package model_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
