//go:debug asynctimerchan=0

//go:build go1.25

// Package messages_test holds what users may rely on about texts: errors, and what is logged.
package messages_test

import (
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }
