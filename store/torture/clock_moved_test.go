//go:build walltime && go1.25

package main

import (
	"strings"
	"testing"
	"time"
)

// TestTortureMovesTheClock kills programs whose clock sleeps, and others whose clock is set.
func TestTortureMovesTheClock(t *testing.T) {
	for _, clock := range []string{sleeps, steps} {
		t.Run(clock, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			torture := torture{out: &out, kills: 10, life: 400 * time.Millisecond, seed: time.Now().UnixNano(), folder: t.TempDir(), clock: clock}
			ok, err := torture.run()
			t.Log("\n" + out.String())
			if err != nil || !ok {
				t.Errorf("the account is wrong: %v", err)
			}
		})
	}
}
