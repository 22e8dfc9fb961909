//go:build walltime && go1.25

package gocron

import (
	"time"
	_ "unsafe"
)

// setWallOffset is in the package time of scripts/walltime only.
//
//go:linkname setWallOffset time.setWallOffset
func setWallOffset(time.Duration)
