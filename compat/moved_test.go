package compat

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// moved are programs for other schedulers, each with what it prints, and in moved/NAME/after the
// same program for this one.
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

// docs/MIGRATING.md has these programs word by word. Those of other schedulers stand in blocks
// marked golang, as blocks marked go are built within the module of this one.
func TestMigratingShowsTheMovedPrograms(t *testing.T) {
	page, err := os.ReadFile("../docs/MIGRATING.md")
	if err != nil {
		t.Fatal(err)
	}
	programs, err := filepath.Glob("moved/*/*/main.go")
	if err != nil || len(programs) != 2*len(moved) {
		t.Fatalf("%d programs, %v", len(programs), err)
	}
	for _, file := range programs {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		mark := "```golang\n"
		if filepath.Base(filepath.Dir(file)) == "after" {
			mark = "```go\n"
		}
		if !strings.Contains(string(page), mark+string(text)+"```\n") {
			t.Errorf("the page has not the text of %s, after a line %q", file, strings.TrimSpace(mark))
		}
	}
}
