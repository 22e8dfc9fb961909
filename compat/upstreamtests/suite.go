package main

import (
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

const upstream = "github.com/go-co-op/gocron/v2"

//go:embed standins.txt
var standIns string

// A suite is the tests of one release in a folder of their own. Its examples are a
// package of their own, as some have the names of helpers of the tests.
type suite struct {
	dir      string
	packages []string // with tests in them
	tests    []string
	leftOut  []string
}

// newSuite makes the folder, with the tests as they are.
func newSuite(version, root string, itself bool) (*suite, error) {
	source, err := download(version)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "upstreamtests")
	if err != nil {
		return nil, err
	}
	s := &suite{dir: dir}
	mod := fmt.Sprintf("module upstreamtests\n\ngo 1.22\n\nrequire %s %s\n", upstream, version)
	if !itself {
		mod += fmt.Sprintf("\nreplace %s => %s\n", upstream, absolute(root))
	}
	if err := s.write("go.mod", mod); err != nil {
		return s, err
	}
	files, err := filepath.Glob(filepath.Join(source, "*_test.go"))
	if err != nil {
		return s, err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return s, err
		}
		if err := s.add(filepath.Base(file), string(text)); err != nil {
			return s, err
		}
	}
	if err := s.write("suite/standins_test.go", standIns); err != nil {
		return s, err
	}
	return s, s.goCommand("mod", "tidy")
}

// download gives the folder of a release in the module cache. A listing of gocron's
// releases ends before v2.22.0, so it is asked for by name.
func download(version string) (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", upstream+"@"+version).Output()
	if err != nil {
		return "", fmt.Errorf("gocron %s: %w", version, err)
	}
	var module struct{ Dir string }
	return module.Dir, errors.Join(json.Unmarshal(out, &module))
}

// add puts a file in its package. A test inside the package becomes one outside it that
// imports all exported names.
func (s *suite) add(name, text string) error {
	if strings.Contains(text, "\npackage gocron_test\n") || strings.HasPrefix(text, "package gocron_test\n") {
		return s.write("examples/"+name, text)
	}
	text = regexp.MustCompile(`(?m)^package gocron$`).ReplaceAllString(text, "package gocron_test\n\nimport . \""+upstream+"\"\n")
	return s.write("suite/"+name, text)
}

func (s *suite) write(name, text string) error {
	name = filepath.Join(s.dir, name)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(text), 0o644)
}

func (s *suite) goCommand(args ...string) error {
	cmd := exec.Command("go", args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}
