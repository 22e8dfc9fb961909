//go:debug asynctimerchan=0

//go:build go1.25

// Package admission_test holds what users may rely on about who runs when: pools, queue limits,
// queues of one, replaced runs, and draining.
package admission_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
