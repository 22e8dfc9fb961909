//go:build walltime && go1.25

package model_test

import (
	"testing"
	"time"
	_ "unsafe" // for go:linkname
)

// setWallOffset is in the package time of scripts/walltime only.
//
//go:linkname setWallOffset time.setWallOffset
func setWallOffset(time.Duration)

// The wall clock is set both ways, and the machine sleeps.
func TestClockOverlaySynctestModel(t *testing.T) {
	testModel(t, func(p *modelProgram) string {
		defer setWallOffset(0)
		return runModelProgram(p, false, &modelWall{move: setWallOffset})
	})
}
