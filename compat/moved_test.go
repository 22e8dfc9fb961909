package compat

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// moved are programs for other schedulers, each with what it prints, and in moved/NAME/after the
// same program for this one. docs/MIGRATING.md shows them, which a test in docs/ checks.
var moved = map[string]string{
	"gocron1": "checked db\nwell\ntags: [db] jobs: 3\njobs: 2\n",
	"quartz":  "attempt 1\nattempt 2\nstopped\n",
	"robfig":  "entries: 2\nreport\nreport\nstill there: false\nstopped\n",
}

// A program that was moved prints what it printed before.
func TestMovedPrograms(t *testing.T) {
	for name, want := range moved {
		for _, side := range []string{"before", "after"} {
			name, side, want := name, side, want
			t.Run(name+"/"+side, func(t *testing.T) {
				t.Parallel()
				program := exec.Command("go", "run", "./"+filepath.ToSlash(filepath.Join("moved", name, side)))
				var log strings.Builder
				program.Stderr = &log
				printed, err := program.Output()
				if err != nil || string(printed) != want {
					t.Errorf("%v\n%s\nwant\n%s\nlog\n%s", err, printed, want, log.String())
				}
			})
		}
	}
}
