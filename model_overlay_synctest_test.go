//go:build walltime && go1.25

package gocron

import "testing"

// The wall clock is set both ways, and the machine sleeps.
func TestClockOverlaySynctestModel(t *testing.T) {
	testModel(t, func(p *modelProgram) string {
		defer setWallOffset(0)
		return runModelProgram(p, false, &modelWall{move: setWallOffset})
	})
}
