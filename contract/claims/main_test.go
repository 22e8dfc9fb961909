//go:debug asynctimerchan=0

//go:build go1.25

// Package claims_test holds what users may rely on about several nodes: lockers, claimers and
// electors, and what they lose.
package claims_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
