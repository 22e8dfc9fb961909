package enginetest

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
)

var goBlock = regexp.MustCompile("(?ms)^```go\n(package .*?)^```")

// TestProgramsOfThePagesBuild builds the programs that the pages about several nodes show.
func TestProgramsOfThePagesBuild(t *testing.T) {
	pages, err := filepath.Glob("../*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	programs := 0
	for _, page := range append(pages, "../../docs/DISTRIBUTED.md", "../../README.md") {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range goBlock.FindAllSubmatch(text, -1) {
			programs++
			file := filepath.Join(t.TempDir(), "main.go")
			if err := os.WriteFile(file, block[1], 0o600); err != nil {
				t.Fatal(err)
			}
			for _, command := range [][]string{{"go", "vet"}, {"gofmt", "-d"}} {
				said, err := exec.CommandContext(t.Context(), command[0], append(command[1:], file)...).CombinedOutput()
				if err != nil || len(said) > 0 {
					t.Errorf("%s: %v: %v\n%s", page, command, err, said)
				}
			}
		}
	}
	if programs < 5 {
		t.Errorf("only %d programs were found: each page about them shows one", programs)
	}
}
