package enginetest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// versionBefore is the last commit whose adapters ask for one claim at a time.
const versionBefore = "8e5ce0c7cdf9d175144134c15e572ce6911597bb"

// buildBefore builds these tests as they were in the version before, to serve as its
// nodes, and returns the path of the program. Where git does not have that version, as in
// a copy of the files alone, it returns "".
func buildBefore(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	dir := t.TempDir()
	source, program := filepath.Join(dir, "source"), filepath.Join(dir, "before.test")
	if err := os.Mkdir(source, 0o755); err != nil {
		t.Fatal(err)
	}
	archive := filepath.Join(dir, "source.tar")
	for _, command := range [][]string{
		{"git", "-C", "../..", "cat-file", "-e", versionBefore},
		{"git", "-C", "../..", "archive", "-o", archive, versionBefore},
		{"tar", "-C", source, "-xf", archive},
		{"go", "test", "-C", filepath.Join(source, "distributed", "enginetest"), "-c", "-o", program, "."},
	} {
		if said, err := run(ctx, command); err != nil {
			if strings.Contains(command[3], "cat-file") {
				t.Logf("no version before: %v: %s", err, said)
				return ""
			}
			t.Fatalf("%v: %v: %s", command, err, said)
		}
	}
	return program
}

func run(ctx context.Context, command []string) (string, error) {
	said, err := exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
	return string(said), err
}
