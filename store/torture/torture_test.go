package main

import (
	"strings"
	"testing"
	"time"
)

// TestTorture kills a program 30 times. `go run . -kills 1000` does so for longer.
func TestTorture(t *testing.T) {
	var out strings.Builder
	torture := torture{out: &out, kills: 30, life: 400 * time.Millisecond, seed: time.Now().UnixNano(), folder: t.TempDir()}
	ok, err := torture.run()
	t.Log("\n" + out.String())
	if err != nil || !ok {
		t.Errorf("the account is wrong: %v", err)
	}
}
