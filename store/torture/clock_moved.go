//go:build walltime && go1.25

package main

import (
	"time"
	_ "unsafe" // for go:linkname
)

// clockMoves reports whether the wall clock of this program can be moved.
const clockMoves = true

// setWallOffset is in the package time of scripts/walltime only.
//
//go:linkname setWallOffset time.setWallOffset
func setWallOffset(time.Duration)
